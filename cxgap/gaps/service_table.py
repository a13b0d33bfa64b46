"""Service metrics as a reader sees them: a row a cell and measure, and what to know beside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from cxgap.gaps.service_measures import MEASURES, OF_HOURS
from cxgap.result import Table
from cxgap.vocabulary import NOT_SHOWN, SHARE, SHORT, counted, percent, plain


def service_table(
    frame: pd.DataFrame,
    names: Sequence[str],
    *,
    slug: str,
    base: str,
    notes: Sequence[str],
    min_n: int,
    conf_level: float,
    people: str = "customers",
    several: bool = False,
) -> Table:
    """Write what a reader sees; the map of hours stands in the frame alone, and in its picture."""
    of_hours = frame["measure"].isin(OF_HOURS)
    shown = frame[~of_hours]
    said = [
        f"Intervals are of {percent(conf_level)} each, and nothing was adjusted for their number; {people} are the "
        "independent units, of staffing days, and of weekly counts weeks.",
        *notes,
    ]
    if shown["measure"].eq("backlog").any():
        said.append("What is open at the end was counted, not drawn: it has no interval.")
    if "NOT_IDENTIFIED" in "|".join(shown["flags"]):
        said.append("Blank values: not watched long enough to tell.")
    if min_n > 1:
        said.append(f"Rows of fewer than {min_n} {people} are not shown.")
    texts = pd.DataFrame(
        {
            "_measure": [MEASURES[measure].name for measure in shown["measure"]],
            "_value": [_value(row) for row in shown.to_dict("records")],
            "_span": [_span(row) for row in shown.to_dict("records")],
            "_standard": [_with_unit(row["standard"], row["unit"]) for row in shown.to_dict("records")],
            "_expected": [_expected(row) for row in shown.to_dict("records")],
        },
        index=shown.index,
    )
    columns: dict[str, tuple[str, Callable[[Any], str]]] = {name: (name.replace("_", " "), str) for name in names}
    columns |= {
        "_measure": ("measure", str), "n": (people, "{:,.0f}".format), "_value": ("value", str),
        "_span": (f"{percent(conf_level)} interval", str), "_standard": ("standard", str), "verdict": ("verdict", str),
    }  # fmt: skip
    if frame["expected"].notna().any():
        columns["_expected"] = ("customers expect", str)
    made = Table.of(
        pd.concat([shown, texts], axis=1),
        slug=slug,
        title=_title(shown, base, names, several=several),
        columns=columns,
        keys=len(names) + 1,
        notes=said,
    )
    return Table(frame, made.slug, made.title, made.heads, made.cells, made.keys, made.notes)


def _value(row: dict[str, Any]) -> str:
    return NOT_SHOWN if "SUPPRESSED" in row["flags"] else _with_unit(row["estimate"], row["unit"])


def _with_unit(value: float, unit: str) -> str:
    if not np.isfinite(value):
        return ""
    if unit == SHARE:
        return _percent(value)
    return f"{_number(value)} {unit.removesuffix('s') if value == 1 else unit}"


def _percent(value: float) -> str:
    return f"{plain(100 * value, 0 if value in (0, 1) or 0.1 <= value <= 0.9 else 1)} %"


def _number(value: float) -> str:
    return plain(value, 0 if abs(value) >= 100 or value == round(value) else 1 if abs(value) >= 10 else 2)


def _span(row: dict[str, Any]) -> str:
    low, high = row["conf_low"], row["conf_high"]
    if row["unit"] == SHARE and np.isfinite(low) and np.isfinite(high):
        digits = 0 if 0.1 <= row["estimate"] <= 0.9 or row["estimate"] in (0, 1) else 1
        return f"{plain(100 * low, digits)} to {plain(100 * high, digits)} %"
    write = _number
    if np.isfinite(low) and np.isfinite(high):
        return f"{write(low)} to {write(high)}"
    return f"{write(low)} or more" if np.isfinite(low) else ""


def _expected(row: dict[str, Any]) -> str:
    if not np.isfinite(row["expected"]):
        return ""
    return f"{_number(row['expected'])} ({_number(row['expected_low'])} to {_number(row['expected_high'])}) {row['unit']}"


def _title(frame: pd.DataFrame, base: str, names: Sequence[str], *, several: bool) -> str:
    """State the finding in one line; a standard that two measures speak of is one."""
    judged = frame[frame["verdict"] != ""]
    if judged.empty:
        if not frame["estimate"].notna().any():
            return f"{base}: too few to show" if len(frame) else f"{base}: nothing to measure it by"
        return f"{base}: {'each touchpoint has a standard of its own' if several else 'no standard to hold it against'}"
    short = judged[judged["verdict"] == SHORT]
    total, missed = _standards(judged, names), _standards(short, names)
    if short.empty:
        return (
            "The standard of service is not clearly missed"
            if total == 1
            else f"None of {total} standards of service is clearly missed"
        )
    worst = list(dict.fromkeys(MEASURES[measure].name for measure in short["measure"]))
    more = f", and {counted(len(worst) - 1, 'other')}" if len(worst) > 1 else ""
    if total == 1:
        return f"The standard of service is missed: {worst[0]}"
    return f"{missed} of {counted(total, 'standard')} of service {'is' if missed == 1 else 'are'} missed: {worst[0]}{more}"


def _standards(frame: pd.DataFrame, names: Sequence[str]) -> int:
    """Count the standards that rows are held against."""
    of = [MEASURES[measure].share_of or measure for measure in frame["measure"]]
    return len(frame[list(names)].assign(of_=of).drop_duplicates())
