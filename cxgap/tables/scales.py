"""The scale on which each answer was given, and its conversion to the study's where that is another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from pydantic import ValidationError

from cxgap.errors import StudyError, nearest
from cxgap.tables.issues import Issues
from cxgap.tables.schema import Reasons, off_scale, read_numbers
from cxgap.tables.sections import Item, Range
from cxgap.tables.source import Source
from cxgap.tables.spec import StudyFile


class Asked(NamedTuple):
    """A scale on which answers were given.

    Attributes
    ----------
    range : lowest and highest answer, step and labels
    section : of the study file that declares it
    what : the wave or item it is of, as issues name it; "" for the study's own
    """

    range: Range
    section: str
    what: str = ""

    @property
    def words(self) -> str:
        """The scale as messages name it."""
        return f"{self.range.low:g} to {self.range.high:g}"


class Scales(NamedTuple):
    """The scales of a table's answers: the distinct ones, the study's first, and which of them is that of each row."""

    kinds: Sequence[Asked]
    which: np.ndarray

    def read(self, text: pd.Series, source: Source, missing: Mapping[str, str]) -> tuple[pd.Series, Reasons]:
        """Read ratings, each as a number of its own scale.

        Returns
        -------
        Floats, NaN where there is none; and the reasons of `read_numbers` and `off_scale`.
        """
        values, reasons = np.full(len(text), np.nan), np.full(len(text), "", dtype=object)
        for place, (own, _, _) in enumerate(self.kinds):
            here = self._rows(place)
            found, wrong = read_numbers(text[here], decimal=source.decimal, missing=missing, labels=own.labels)
            values[here] = found
            reasons[here] = np.where(wrong.astype(bool), wrong, off_scale(found, own.low, own.high, own.step))
        return pd.Series(values, index=text.index), reasons

    def settle(self, values: pd.Series, turned: np.ndarray) -> pd.Series:
        """Turn the ratings of reversed items on their own scale, and convert all to the study's by range."""
        number = values.to_numpy(float, copy=True)
        study = self.kinds[0].range
        for place, (own, _, _) in enumerate(self.kinds):
            here = self._rows(place)
            back = here & turned
            number[back] = own.low + own.high - number[back]
            if (own.low, own.high) != (study.low, study.high):
                number[here] = converted(number[here], own, study)
        return pd.Series(number, index=values.index)

    def note(self, issues: Issues, table: str) -> None:
        """Say which waves and items were converted."""
        study = self.kinds[0]
        for place, asked in enumerate(self.kinds):
            rows = int(self._rows(place).sum())
            if rows and asked.words != study.words:
                fix = f"answers on {asked.words} were converted to {study.words} by range; compare with care"
                issues.add("rescaled", "warning", table=table, column=asked.what, rows=rows, value=asked.words, fix=fix)

    def of(self, place: int) -> Asked:
        """Return the scale of one row."""
        return self.kinds[self.which[place]]

    def _rows(self, place: int) -> np.ndarray:
        rows: np.ndarray = self.which == place
        return rows


def converted(number: np.ndarray, own: Range, study: Range) -> np.ndarray:
    """Return numbers of one scale as those of another that stand at the same share of its range; the ends are exact."""
    moved = study.low + (number - own.low) * (study.high - study.low) / (own.high - own.low)
    return np.where(number == own.high, study.high, moved)


def scales_of(answers: pd.DataFrame, spec: StudyFile, items: Mapping[str, Item]) -> Scales:
    """Find the scale of each row: that of its item where the item has its own, else of its wave, else the study's.

    Parameters
    ----------
    answers : columns of str, of which `item` and `wave` are looked at
    """
    kinds = [Asked(spec.scale, "scale")]
    which = np.zeros(len(answers), dtype=int)
    if spec.scale.waves and "wave" in answers:
        wave = answers["wave"].str.strip().to_numpy(object)
        for name, declared in spec.scale.waves.items():
            which[wave == name] = len(kinds)
            kinds.append(Asked(_with_labels(declared, spec.scale), f'scale.waves."{name}"', f"wave {name}"))
    own = {name: item for name, item in items.items() if _is_own(item)}
    if own and "item" in answers:
        text = answers["item"].str.strip().to_numpy(object)
        for name, item in own.items():
            which[text == name] = len(kinds)
            kinds.append(Asked(_own_range(name, item, spec.scale), f'items."{name}"', f"item {name}"))
    return Scales(kinds, which)


def check_scales(answers: pd.DataFrame, spec: StudyFile, items: Mapping[str, Item]) -> list[str]:
    """Say what [scale.waves] and [items] declare of scales and cannot be so; a line each."""
    lines = []
    found = sorted(set(answers["wave"].str.strip())) if spec.scale.waves and "wave" in answers else []
    for name in spec.scale.waves:
        known = spec.study.waves or found
        if "wave" not in answers:
            lines.append(
                f'[scale.waves."{name}"] must be a wave of {spec.responses.place}, which has no column `wave`; rename the one '
                "that has it, or drop the section."
            )
        elif name not in known:
            near = nearest(name, known)
            lines.append(f'[scale.waves."{name}"] must be one of the waves {[*known][:20]}; correct its name.{near}')
    for name, item in ((name, item) for name, item in items.items() if _is_own(item)):
        try:
            _own_range(name, item, spec.scale)
        except StudyError as error:
            lines.append(str(error))
    return lines


def _is_own(item: Item) -> bool:
    """Whether an item says anything of its scale."""
    return bool(item.labels) or (item.low, item.high, item.step) != (None, None, None)


def _with_labels(declared: Range, study: Range) -> Range:
    """Give a wave that was asked on the study's own range the study's labels, where it has none of its own."""
    alike = not declared.labels and (declared.low, declared.high) == (study.low, study.high)
    return declared.model_copy(update={"labels": study.labels}) if alike else declared


def _own_range(name: str, item: Item, study: Range) -> Range:
    """Return the scale of an item; what it does not say is the study's."""
    low = study.low if item.low is None else item.low
    high = study.high if item.high is None else item.high
    alike = (low, high) == (study.low, study.high)
    step = study.step if item.step is None else item.step
    try:
        return Range(low=low, high=high, step=step, labels=item.labels or (study.labels if alike else {}))
    except ValidationError as error:
        raise StudyError(f'[items."{name}"] {str(error.errors()[0]["msg"]).removeprefix("Value error, ")}.') from error
