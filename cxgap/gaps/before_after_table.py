"""What a reader sees of a comparison of before and after: its title, its table, and what limits it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from cxgap.gaps.before_after_rows import BETTER, CANNOT, DOWN, ENOUGH_GROUPS, FEWEST_GROUPS, UP, WORSE
from cxgap.gaps.before_rows import Rows
from cxgap.gaps.treatment import Treatment
from cxgap.result import Table
from cxgap.vocabulary import NOT_SHOWN, counted, percent, plain, signed

SLUG, TITLE = "before_after", "Before and after, against a comparison"
OWN: Final = (
    "measure", "part", "group", "period", "side", "n", "rows", "before", "after", "estimate", "std_error", "df", "conf_low",
    "conf_high", "p_value", "method", "groups", "pretrend_p", "grade", "finding", "unit", "flags",
)  # fmt: skip
GRADES: Final = {
    "B": "B: a comparison that moved alike before",
    "C": "C: a comparison, but that it moves alike is not shown",
    "D": "D: no comparison",
}
_SHOWN = ("change", "difference", "cohort")
_DIGITS = 2


def written(
    frame: pd.DataFrame, rows: Rows, treatment: Treatment, names: Sequence[str], unit: str, min_n: int, conf_level: float
) -> Table:
    """Write what a reader sees."""
    seen = frame[frame["part"].isin(_SHOWN)]
    shown = seen.assign(
        _what=[_what(row) for row in seen.to_dict("records")],
        _n=[
            NOT_SHOWN if "SUPPRESSED" in row.flags else "" if np.isnan(row.n) else f"{row.n:,.0f}" for row in seen.itertuples()
        ],
        _before=[_number(value, rows.unit_of) for value in seen["before"]],
        _after=[_number(value, rows.unit_of) for value in seen["after"]],
        _change=[_signed(value, rows.unit_of) for value in seen["estimate"]],
        _span=[_span(low, high, rows.unit_of) for low, high in zip(seen["conf_low"], seen["conf_high"], strict=True)],
    )
    people = f"{rows.people}s"
    columns: dict[str, tuple[str, Callable[[Any], str]]] = {name: (name.replace("_", " "), str) for name in names}
    columns |= {
        "measure": ("measure", str), "_what": ("", str), "_n": (people, str), "_before": ("before", str),
        "_after": ("after", str), "_change": (f"change ({_unit(rows.unit_of)})", str),
        "_span": (f"{percent(conf_level)} interval", str), "finding": ("finding", str), "grade": ("grade", str),
    }  # fmt: skip
    made = Table.of(
        shown, slug=SLUG, title=_title(frame, names, treatment, rows), columns=columns, keys=len(names) + 2,
        notes=_notes(frame, rows, treatment, unit, min_n, conf_level),
    )  # fmt: skip
    return Table(frame, made.slug, made.title, made.heads, made.cells, made.keys, made.notes)


def _unit(unit: str) -> str:
    return "percentage points" if unit == "share" else unit


def _number(value: float, unit: str) -> str:
    if not np.isfinite(value):
        return ""
    return f"{plain(100 * value, 0)} %" if unit == "share" else plain(value, _DIGITS)


def _signed(value: float, unit: str) -> str:
    if not np.isfinite(value):
        return ""
    return signed(100 * value, 1) if unit == "share" else signed(value, _DIGITS)


def _span(low: float, high: float, unit: str) -> str:
    if np.isnan(low) or np.isnan(high):
        return ""
    ends = [_signed(end, unit) if np.isfinite(end) else "no end" for end in (low, high)]
    return f"{ends[0]} to {ends[1]}"


def _what(row: dict[Any, Any]) -> str:
    if row["part"] == "difference":
        return "difference in differences"
    return f"{row['group']}, {row['period']}" if row["part"] == "cohort" else f"change of the {row['group']}"


def _title(frame: pd.DataFrame, names: Sequence[str], treatment: Treatment, rows: Rows) -> str:
    """State the finding in one line; no word of cause unless the comparison has shown that it may be said."""
    part = "difference" if treatment.column else "change"
    told = frame[(frame["part"] == part) & (frame["group"] != "comparison") & frame["estimate"].notna()]
    if told.empty:
        return f"{TITLE}: too few to show"
    first = told.iloc[0]
    if names:
        clear = int((told[told["measure"] == first["measure"]]["finding"] != CANNOT).sum())
        cells = int((told["measure"] == first["measure"]).sum())
        beyond = "beyond the comparison" if treatment.column else "from before to after"
        return f"{first['measure']}: {clear} of {counted(cells, 'cell')} changed {beyond}"
    size = _signed(abs(first["estimate"]), rows.unit_of).lstrip("+")
    unit = "percentage points" if rows.unit_of == "share" else rows.unit_of
    what = str(first["measure"]).capitalize()
    if first["finding"] == CANNOT:
        beyond = " differently from the comparison" if treatment.column else ""
        return (
            f"{what}: whether the treated changed{beyond} cannot be told"
            if treatment.column
            else (f"{what}: whether it changed cannot be told")
        )
    word = {BETTER: "better", WORSE: "worse", UP: "higher", DOWN: "lower"}[first["finding"]]
    if not treatment.column:
        return f"{what} is {word} by {size} {unit} than before; there is no comparison, so anything may have changed it"
    tail = " than the comparison's change" if first["grade"] == "B" else ", and may have drifted by itself"
    return (
        f"{what} of the treated changed by {size} {unit} for the {word}{tail}"
        if word in ("better", "worse")
        else (f"{what} of the treated went {size} {unit} {word}{tail}")
    )


def _notes(frame: pd.DataFrame, rows: Rows, treatment: Treatment, unit: str, min_n: int, conf_level: float) -> list[str]:
    """Say what a reader must know."""
    notes = []
    part = frame[frame["part"] == ("difference" if treatment.column else "change")]
    part = part[part["estimate"].notna()]
    told = part.iloc[0] if len(part) else None
    if not treatment.column:
        notes.append("Before and after only: grade D; it may be anything else that changed in that time.")
    else:
        notes.append(
            "Difference in differences: the change of the treated less that of the comparison in the same periods. It is an "
            "effect only if both would have moved alike without what was done."
        )
    if told is not None and treatment.column:
        groups = 0 if np.isnan(told["groups"]) else int(told["groups"])
        noun = (unit or treatment.column).replace("_", " ")
        if 0 < groups < FEWEST_GROUPS or (groups and told["method"] == "customers"):
            notes.append(
                f"Cannot tell how far groups drift by themselves: {counted(groups, noun)}. The interval takes {rows.people}s "
                f"as independent and holds only if no {noun} drifts on its own."
            )
        elif 0 < groups < ENOUGH_GROUPS:
            notes.append(
                f"Treatment was given by {noun}, and {counted(groups, noun)} are few: the interval is that of the wild cluster "
                "bootstrap, widened where few were on a side."
            )
        elif not groups:
            notes.append(
                f"{rows.people.capitalize()}s are taken to have been treated one by one; where groups were, such as regions, "
                "name their column in `unit`."
            )
        else:
            notes.append(f"Treatment was given by {noun}; {counted(groups, noun)} are the independent units.")
        p = told["pretrend_p"]
        if not np.isfinite(p):
            notes.append("Whether both moved alike before is not tested: that takes three periods before.")
        else:
            size = "below 0.001" if p < 0.001 else f"= {p:.3f}"
            if p < 1 - conf_level:
                notes.append(f"Both did not move alike before (p {size}): the difference cannot be put down to what was done.")
            else:
                notes.append(
                    f"That both moved alike before is not contradicted (p {size}); with few periods or people this test finds "
                    "little."
                )
    if treatment.column and len(treatment.starts) == 1 and (thin := _thin(rows)):
        notes.append(
            f"In {thin} of {counted(len(rows.labels), 'period')} fewer than two {rows.people}s of the comparison were seen; "
            f"{'it is' if thin == 1 else 'they are'} left out of the changes."
        )
    if len(treatment.starts) > 1:
        notes.append(
            "Groups began at different times: each is compared with those never treated, from its last period before on; the "
            "mean weighs cohorts and periods by rows."
        )
    if np.isfinite(rows.horizon):
        still = f"{counted(rows.open, 'row')} {'was' if rows.open == 1 else 'were'} not over at the end of the data. "
        limit = f"{plain(rows.horizon, 1)} {rows.unit_of}"
        notes.append(f"{still if rows.open else ''}Durations count up to {limit}, longer ones, and those not over, as that.")
    notes.append(f"Intervals are of {percent(conf_level)} each, not all at once; who is on both sides is counted once.")
    if set(frame["grade"]) & set(GRADES):
        notes.append("Grades: " + "; ".join(GRADES[grade] for grade in sorted(set(frame["grade"]) & set(GRADES))) + ".")
    notes += list(rows.notes)
    if min_n > 1 and frame["flags"].str.contains("SUPPRESSED").any():
        notes.append(f"Rows of fewer than {min_n} people on a side, and what would tell them, are not shown.")
    return notes


def _thin(rows: Rows) -> int:
    """Count the periods of the treated in which fewer than two units of the comparison were seen."""
    ours, theirs = (
        [len(np.unique(rows.unit[inside & (rows.period == place)])) for place in range(len(rows.labels))]
        for inside in (rows.arm == 1, rows.arm == 0)
    )
    return sum(1 for mine, other, side in zip(ours, theirs, rows.after, strict=True) if mine and other < 2 and side >= 0)
