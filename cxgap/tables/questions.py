"""What was asked: one row a question, whether an item, an outcome or a metric, with what the study and the file say of it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import pandas as pd

from cxgap.tables.codebook import ON_SCALE, UNRATED
from cxgap.tables.formats.raw import RawTable
from cxgap.tables.rounds import asked_in
from cxgap.tables.sections import Item, Outcome, Range
from cxgap.tables.silence import Codes
from cxgap.tables.spec import StudyFile

COLUMNS: Final = (
    "item role label wording dimension touchpoint expectation perception adequate importance expectation_type low high step "
    "anchors direction negative reversed retained missing first_wave last_wave changed"
).split()
_BY_KIND: Final = {"satisfaction": "higher", "recommend": "higher", "disconfirmation": "higher", "emotion": "higher"}
_BETTER: Final = {"high": "higher", "low": "lower"}


class Known(NamedTuple):
    """What a file says of its columns, by the names that they are known by: wording, words for codes, codes for no answer."""

    wording: Mapping[str, str] = {}
    labels: Mapping[str, Mapping[str, str]] = {}
    codes: Sequence[Codes] = ()

    @classmethod
    def of(cls, raw: RawTable, names: Mapping[str, str], codes: Sequence[Codes]) -> Known:
        """Take it from a file; `names` are its columns to the names that they are known by."""
        wording = {name: raw.wording[old] for old, name in names.items() if raw.wording.get(old)}
        return cls(wording, {name: raw.labels[old] for old, name in names.items() if old in raw.labels}, codes)

    def said(self, columns: Sequence[str], item: str = "") -> dict[str, str]:
        """Return wording and codes for no answer of a question whose answers stand in these columns."""
        missing: dict[str, str] = {}
        for name, meanings, own in self.codes:
            if name in columns and own in ("", item):
                missing |= meanings
        words = [code if meaning == code else f"{code} = {meaning}" for code, meaning in missing.items()]
        wording = next((self.wording[name] for name in columns if name in self.wording), "")
        return {"wording": wording, "missing": "; ".join(words)}

    def anchors(self, columns: Sequence[str], scale: Range) -> str:
        """Return the words of the lowest and highest answer: as the study file has them, else as the file does."""
        words = {number: label for label, number in reversed(scale.labels.items())}
        for name in [] if words else columns:
            numbers = {_number(code): label for code, label in self.labels.get(name, {}).items()}
            words = words or {number: label for number, label in numbers.items() if scale.low <= number <= scale.high}
        ends = sorted(words)
        return " ... ".join(f"{number:g} = {words[number]}" for number in dict.fromkeys([*ends[:1], *ends[-1:]]))


def codebook_table(
    spec: StudyFile,
    items: Mapping[str, Item],
    asked: pd.DataFrame | None = None,
    known: Known | None = None,
    found: Sequence[str] = (),
    waves: Sequence[str] = (),
) -> pd.DataFrame:
    """Return COLUMNS, and a column `wording_de` for each language in which a wording is known.

    Parameters
    ----------
    items : the codebook
    asked : where the ratings stand, of `rating_columns`
    known : what the survey's file says
    found : names of items in the survey, which stand for the codebook where there is none
    waves : of the survey, in the order in which they are read
    """
    known = known or Known()
    columns = {row["item"]: row for row in asked.to_dict("records")} if asked is not None else {}
    names = [*items] or [name for name in columns if name is not None] or [*found]
    if not any(row[rating] for row in columns.values() for rating in ON_SCALE):  # nothing was asked item by item
        names = [name for name in names if name != UNRATED or name in items]
    rows = [
        _item(name, items.get(name, Item()), columns.get(name) or columns.get(None) or {}, spec, known, waves) for name in names
    ]
    rows += [_outcome(name, outcome, known) for name, outcome in spec.outcomes.items()]
    for name, metric in spec.metrics.items():
        places = {"expectation": metric.expected or "", "perception": metric.perceived or ""}
        row = {"item": name, "role": "metric", "touchpoint": metric.touchpoint, "direction": metric.direction, **places}
        rows.append({**row, **known.said([place for place in places.values() if place])})
    languages = dict.fromkeys(key for row in rows for key in row if key not in COLUMNS)
    table = pd.DataFrame(rows, columns=[*COLUMNS[:4], *languages, *COLUMNS[4:]])
    texts = [name for name in table if name not in ("low", "high", "step", "negative", "reversed", "retained")]
    table[texts] = table[texts].astype(object).where(table[texts].notna(), "")
    table[["low", "high", "step"]] = table[["low", "high", "step"]].astype(float)
    for name, usual in (("negative", False), ("reversed", False), ("retained", True)):
        table[name] = [usual if value is None or value != value else bool(value) for value in table[name]]
    return table


def _item(
    name: str, item: Item, columns: Mapping[str, Any], spec: StudyFile, known: Known, waves: Sequence[str]
) -> dict[str, Any]:
    """Return the row of an item; what the file says of a long one is of all, and no wording."""
    places = {rating: columns.get(rating) or "" for rating in ("expectation", "perception", "adequate", "importance")}
    rated = [place for place in (places["perception"], places["expectation"], places["adequate"]) if place]
    low, high = item.low if item.low is not None else spec.scale.low, item.high if item.high is not None else spec.scale.high
    step = item.step if item.step is not None else spec.scale.step
    scale = Range.model_construct(low=low, high=high, step=step, labels=item.labels or spec.scale.labels)
    said = known.said(rated, name)
    if columns.get("item") is None:
        said["wording"] = ""
    wording = {f"wording_{language}" if language else "wording": text for language, text in item.wording.items()}
    return {
        "item": name,
        "role": "item",
        **{key: getattr(item, key) or "" for key in ("label", "dimension", "touchpoint", "first_wave", "last_wave")},
        **places,
        "expectation_type": (spec.study.expectation_type or "") if places["expectation"] else "",
        **{"low": low, "high": high, "step": step, "anchors": known.anchors(rated, scale)},
        "direction": "nearest" if spec.study.expectation_type == "ideal_point" else "higher",
        **{"negative": item.negative, "reversed": item.reversed, "retained": item.retained},
        **said,
        **wording,
        "changed": "; ".join(dict.fromkeys([*item.changed, *_rescaled(item, spec, waves)])),
    }


def _rescaled(item: Item, spec: StudyFile, found: Sequence[str]) -> list[str]:
    """Return the waves that asked an item on another scale than the wave before did; its own scale goes before a wave's."""
    if (item.low, item.high, item.step) != (None, None, None) or item.labels or not spec.scale.waves:
        return []
    waves = asked_in(item, tuple(dict.fromkeys([*spec.study.waves, *found])))
    scales = [spec.scale.waves.get(wave, spec.scale) for wave in waves]
    ranges = [(scale.low, scale.high) for scale in scales]
    return [wave for wave, before, now in zip(waves[1:], ranges, ranges[1:], strict=False) if before != now]


def _outcome(name: str, outcome: Outcome, known: Known) -> dict[str, Any]:
    column = outcome.column or name
    return {
        "item": name,
        "role": "outcome",
        "label": outcome.kind,
        "perception": column,
        **{"low": outcome.low, "high": outcome.high, "step": outcome.step, "anchors": known.anchors([column], outcome)},
        "direction": _BETTER[outcome.better] if outcome.better else _BY_KIND[outcome.kind],
        **known.said([column]),
    }


def _number(code: str) -> float:
    try:
        return float(code)
    except ValueError:
        return math.nan
