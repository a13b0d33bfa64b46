"""What a trend says: its title, its notes, and the table that a reader sees."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from cxgap._check import as_names
from cxgap.errors import ArgumentError
from cxgap.gaps.changes import LOWER, RISING
from cxgap.result import Table
from cxgap.stats.multiplicity import LARGEST_CONFIRMATORY, benjamini_hochberg, holm
from cxgap.vocabulary import NOT_SHOWN, counted, percent, plain, signed

SLUG, TITLE = "trend", "How the gap moved over time"
_LEVELS: Final = ("std_error", "conf_low", "conf_high")
_MOVES: Final = ("change", "change_low", "change_high", "since", "since_low", "since_high", "slope", "slope_low", "slope_high")
OWN: Final = (
    "period", "segment", "broken", "n",
    "gap", *_LEVELS, "expectation", *(f"expectation_{name}" for name in _LEVELS),
    "perception", *(f"perception_{name}" for name in _LEVELS),
    *_MOVES, *(f"{side}_{name}" for side in ("expectation", "perception") for name in _MOVES),
    "n_both", "mix", "mix_low", "mix_high", "p_value", "p_adjusted", "finding", "actions", "flags",
)  # fmt: skip


def written(
    frame: pd.DataFrame,
    names: Sequence[str],
    between: str,
    period: str,
    conf_level: float,
    min_n: int,
    confirmatory: str | Collection[str],
    kept: list[int] | None,
    after: int,
    mixed: bool,
    turned: tuple[str, str] | None,
) -> Table:
    """Write what a reader sees."""
    frame = frame.assign(**{name: np.nan for name in ("mix", "mix_low", "mix_high") if name not in frame})
    frame["p_adjusted"], how = _adjusted(frame["p_value"].to_numpy(float), (*names, between), confirmatory)
    shown = frame.assign(
        _n=[NOT_SHOWN if "SUPPRESSED" in row.flags else f"{row.n:,.0f}" for row in frame.itertuples()],
        _gap=_written(frame, "gap", "conf"),
        _perceived=_written(frame, "perception", "perception_conf", sign=False),
        _expected=_written(frame, "expectation", "expectation_conf", sign=False),
        _change=_written(frame, "change", "change"),
        _of_p=_written(frame, "perception_change", "perception_change"),
        _of_e=_written(frame, "expectation_change", "expectation_change"),
        _mix=_written(frame, "mix", "mix"),
        _said=[f"{row.finding} ({row.broken})" if row.broken else row.finding for row in frame.itertuples()],
    )
    columns: dict[str, tuple[str, Callable[[Any], str]]] = {name: (name.replace("_", " "), str) for name in names}
    columns |= {
        "period": (period or between.replace("_", " "), str),
        "_n": ("customers", str),
        "_perceived": ("perceived", str),
        "_expected": ("expected", str),
        "_gap": ("gap", str),
        "_change": ("change of the gap", str),
        "_of_p": ("of it, perception", str),
        "_of_e": ("less expectation", str),
        **({"_mix": ("of it, who answered", str)} if mixed else {}),
        "_said": ("finding", str),
        **({"actions": ("done", str)} if (frame["actions"] != "").any() else {}),
    }
    notes = _notes(frame, conf_level, min_n, how, kept, after, mixed)
    if turned:
        notes.insert(
            0,
            f"{turned[0]} stands after {turned[1]}, and was answered before it: put them in order, as `waves` under [study].",
        )
    made = Table.of(
        shown, slug=SLUG, title=_title(frame, names), columns=columns, keys=len(names) + 1, notes=notes
    )  # fmt: skip
    return Table(frame[[*names, *OWN]], made.slug, made.title, made.heads, made.cells, made.keys, made.notes)


def _written(frame: pd.DataFrame, value: str, ends: str, *, sign: bool = True) -> list[str]:
    rows = zip(frame[value], frame[f"{ends}_low"], frame[f"{ends}_high"], strict=True)
    return [interval(*row, sign=sign) for row in rows]


def interval(value: float, low: float, high: float, *, sign: bool = True) -> str:
    """Write a number with its interval; "" where it is not known."""
    if not np.isfinite(value):
        return ""
    write = signed if sign else plain
    return f"{write(value, 2)} ({write(low, 2)} to {write(high, 2)})" if np.isfinite(low) else write(value, 2)


def _title(frame: pd.DataFrame, names: Sequence[str]) -> str:
    ends = _ends(frame, names)
    if not ends:
        return "Nothing can be compared over time" if len(frame) else TITLE
    clear = [row for row, _ in ends if row.since_low > 0 or row.since_high < 0]
    if names:
        return f"The gap clearly moved since the first period in {len(clear)} of {len(ends):,} series"
    row, first = ends[0]
    value = interval(row.since, row.since_low, row.since_high)
    if clear:
        kind = (
            ("narrowed" if row.since > 0 else "widened")
            if row.gap < 0 or first.gap < 0
            else ("rose" if row.since > 0 else "fell")
        )
        cause = (
            ", because less was expected"
            if row.since > 0 and row.perception_since_low <= 0 and row.expectation_since_high < 0
            else ""
        )
        return f"The gap {kind} between {first.period} and {row.period}, by {value}{cause}"
    return f"No clear change of the gap between {first.period} and {row.period}: {value}"


def _ends(frame: pd.DataFrame, names: Sequence[str]) -> list[tuple[Any, Any]]:
    """Return of each series the last row that is compared with the first of its segment, and that one."""
    made = []
    for _, part in frame.groupby(list(names), sort=False) if names else [("", frame)]:
        told = part[part["since"].notna()]
        if len(told):
            last = next(told.iloc[[-1]].itertuples())
            segment = part[(part["segment"] == last.segment) & part["gap"].notna()]
            made.append((last, next(segment.iloc[[0]].itertuples())))
    return made


def _notes(
    frame: pd.DataFrame, conf_level: float, min_n: int, how: str, kept: list[int] | None, after: int, mixed: bool
) -> list[str]:
    notes = [
        "A gap below zero is a shortfall. Its change is that of perception less that of expectation, over the same answers.",
        f"Intervals are {percent(conf_level)} each, not all at once; p-values of changes are adjusted for the table ({how}).",
    ]
    looks = int(frame["change"].notna().sum())
    if looks >= 4:
        notes.append(
            "Each further period is a further look: of eight looks at a gap that never moved, one in six cries wolf at 5 %."
        )
    if kept is not None and kept[0] < kept[1]:
        notes.append(f"Only the {kept[0]} of {counted(kept[1], 'item')} that were asked alike in all periods count.")
    breaks = frame[frame["broken"] != ""]
    if len(breaks):
        said = "; ".join(dict.fromkeys(f"{row.period}: {row.broken}" for row in breaks.itertuples()))
        notes.append(f'The series is broken, and no change runs across: {said}. items="same" keeps to what was asked alike.')
    if frame["flags"].str.contains(LOWER).any():
        notes.append(
            "Where the gap closed because less was expected and perception did not clearly rise, that is no better service."
        )
    if frame["flags"].str.contains(RISING).any():
        notes.append("Where more was expected and perception did not clearly move, the bar rises.")
    if (frame["n_both"] > 0).any():
        notes.append("People who answered in both periods are compared with themselves.")
    if mixed:
        clear = frame[(frame["mix_low"] > 0) | (frame["mix_high"] < 0)]
        said = "; ".join(dict.fromkeys(clear["period"]))
        notes.append(
            f"Who answered moved the gap in {said}: read those changes with care." if len(clear)
            else "What of a change is who answered, and not what they say, stands beside it; nowhere is it more than chance."
        )  # fmt: skip
    if (frame["actions"] != "").any():
        notes.append("What was done stands at its period; that a change follows it does not show that it was its cause.")
    if after:
        notes.append(f"{counted(after, 'action')} {'was' if after == 1 else 'were'} done after the last period.")
    if frame["flags"].str.contains("SUPPRESSED").any():
        notes.append(
            f"Periods of fewer than {min_n} customers, and those that would give them away, are not shown or compared."
        )
    return notes


def _adjusted(p: np.ndarray, keys: Sequence[str], confirmatory: str | Collection[str]) -> tuple[np.ndarray, str]:
    cuts = [confirmatory] if isinstance(confirmatory, str) else confirmatory
    if not any(set(as_names(cut, "confirmatory")) == set(keys) for cut in cuts):
        return benjamini_hochberg(p), "Benjamini & Hochberg, exploratory"
    tests = int(np.isfinite(p).sum())
    if tests > LARGEST_CONFIRMATORY:
        raise ArgumentError(
            f"a cut in `confirmatory` must make at most {LARGEST_CONFIRMATORY} tests, and {','.join(keys)!r} makes {tests}; "
            "take it out, and its p-values are adjusted as exploratory ones."
        )
    return holm(p), "Holm, declared beforehand"
