"""The table of what early and late deliveries go with, as a reader sees it, and the finding in its title."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from cxgap.gaps.response_rows import CLASS, FITTED, MEASURES, PER_UNIT, POINTS, TIMES
from cxgap.result import Table
from cxgap.vocabulary import NOT_SHOWN, percent, plain, signed

RATIOS = ("loss_aversion", "first_ratio")
SLUG, TITLE = "promise_response", "What early and late deliveries go with"


def unit_of(unit: str, value: float) -> str:
    """Return the name of a unit beside a number."""
    return unit.removesuffix("s") if value == 1 else unit


def response_table(
    frame: pd.DataFrame, names: Sequence[str], unit: str, step: float, notes: Sequence[str], conf_level: float, outcome: str
) -> Table:
    """Write what a reader sees: measures first, then the classes; the points of the line are for the picture alone."""
    shown = frame[frame["measure"] != FITTED]
    heads = (
        *(name.replace("_", " ") for name in names), "what", "customers", "answers", "value", f"{percent(conf_level)} interval",
        "verdict",
    )  # fmt: skip
    cells = tuple(_written(row, names, unit, step) for row in shown.to_dict("records"))
    found = list(notes)
    found += _warned(frame, names)
    kept = frame.assign(delay_unit=unit, delay_step=step or 1.0).reset_index(drop=True)
    return Table(kept, SLUG, _title(frame, names, unit, step), heads, cells, len(names) + 1, tuple(found))


def named(measure: str, row: Mapping[str, Any], unit: str, step: float) -> str:
    """Say what a row is, in the unit of the delay."""
    one = one_step(unit, step)
    if measure == CLASS:
        return span(row["delay_low"], row["delay_high"], unit)
    words = {
        "on_promise": "as promised: mean",
        "first_late": f"{one} late, less as promised",
        "first_early": f"{one} early, less as promised",
        "late": "late, less not late",
        "early": "early, less as promised",
        "cliff": "line: step at the promise",
        "late_slope": f"line: each {unit_of(unit, 1)} late, beyond the step",
        "early_slope": f"line: each {unit_of(unit, 1)} early",
        "bend": "line: bend of the late side",
        "cliff_bent": "line that bends: step at the promise",
        "asymmetry": f"line: a {unit_of(unit, 1)} late and a {unit_of(unit, 1)} early together",
        "loss_aversion": "late slope over early slope",
        "first_ratio": f"{one} late over {one} early",
    }
    return words[measure]


def one_step(unit: str, step: float) -> str:
    """Name a step of the delay."""
    return f"{step or 1:g} {unit_of(unit, step or 1)}"


def span(low: float, high: float, unit: str) -> str:
    """Name a class of delays: "as promised", "1 day late", "8 to 10 days early", "0 to 1 day late" where not of whole ones."""
    if low == high == 0:
        return "as promised"
    side, ends = ("early", (-high, -low)) if low < 0 else ("late", (low, high))
    near, far = ends
    if float(near).is_integer() and float(far).is_integer():
        text = f"{far:g}" if far - near == 1 else f"{near + 1:g} to {far:g}"
    else:
        text = f"{plain(near, 1)} to {plain(far, 1)}"
    return f"{text} {unit_of(unit, 1 if text == '1' else 2)} {side}"


def _written(row: Mapping[str, Any], names: Sequence[str], unit: str, step: float) -> tuple[str, ...]:
    key = (*(str(row[name]) for name in names), named(row["measure"], row, unit, step))
    if "SUPPRESSED" in str(row["flags"]):
        return (*key, NOT_SHOWN, "", "", "", "")
    count = tuple("" if np.isnan(row[name]) else f"{row[name]:,.0f}" for name in ("n", "answers"))
    value, ends = values(row)
    if "ZERO_VAR" in str(row["flags"]):
        return (*key, *count, value, "", "all alike")
    if not value and not ends and row["measure"] in RATIOS:
        return (*key, *count, "", "", "no benefit of early was found")
    return (*key, *count, value, ends, row["verdict"])


def values(row: Mapping[str, Any]) -> tuple[str, str]:
    """Write an estimate and its interval, as exact as their size asks for."""
    if not np.isfinite(row["estimate"]):
        return "", ""
    if row["measure"] in RATIOS and np.isfinite(row["conf_low"]) and not np.isfinite(row["conf_high"]):
        return "", f"at least {plain(math.floor(100 * row['conf_low']) / 100, 2)}"
    digits = 2 if row["unit"] in (POINTS, TIMES) or abs(row["estimate"]) >= 0.095 else 3
    write = plain if row["measure"] in ("on_promise", CLASS) or row["unit"] == TIMES else signed
    ends = f"{write(row['conf_low'], digits)} to {write(row['conf_high'], digits)}" if np.isfinite(row["conf_low"]) else ""
    return write(row["estimate"], digits), ends


def _warned(frame: pd.DataFrame, names: Sequence[str]) -> list[str]:
    """Say where the step may be the work of a bend."""
    notes = []
    for key, rows in _cells(frame, names):
        bend, cliff, bent = (rows.get(name, {}) for name in ("bend", "cliff", "cliff_bent"))
        where = f"{key}: t" if key else "T"
        told = next((rows[name] for name in ("first_early", "early_slope") if rows[name]["verdict"] == "higher"), None)
        if told is not None and told["conf_low"] < told["estimate"] / 2:
            notes.append(
                f"{where}hat early is better is only just shown; what it brings then looks larger than it is, and what late "
                "weighs against it smaller: of that the lower end alone is told."
            )
        if bend.get("verdict") in ("lower", "higher") and cliff.get("verdict") == "lower" and bent.get("verdict") != "lower":
            notes.append(
                f"{where}he late side bends, and beside that bend no step at the promise is shown: what looks like one may be "
                "a steep curve."
            )
        elif bend.get("verdict") in ("lower", "higher"):
            notes.append(
                f"{where}he late side is no straight line: read the classes; its slope is an average over all late ones."
            )
    return notes


def _cells(frame: pd.DataFrame, names: Sequence[str]) -> list[tuple[str, dict[str, Any]]]:
    label = frame[list(names)].astype(str).agg(" · ".join, axis=1) if names else pd.Series("", frame.index)
    return [
        (str(key), {row["measure"]: row for row in frame[label == key].to_dict("records") if row["measure"] in MEASURES})
        for key in dict.fromkeys(label)
    ]


def _title(frame: pd.DataFrame, names: Sequence[str], unit: str, step: float) -> str:
    """State the finding in one line."""
    cells = _cells(frame, names)
    if len(cells) == 1:
        key, rows = cells[0]
        text = found(rows, unit, step)
        return f"{key}: {text[0].lower()}{text[1:]}" if key else text
    cut = ", ".join(names).replace("_", " ")
    told = [rows["first_late"]["estimate"] for _, rows in cells if rows["first_late"]["verdict"] == "lower"]
    if len(told) == len(cells):
        points = f"{plain(-max(told), 1)} to {plain(-min(told), 1)} points less"
        return f"{one_step(unit, step).capitalize()} late goes with {points}, by {cut}"
    late = [rows["late"]["estimate"] for _, rows in cells if rows["late"]["verdict"] == "lower"]
    shown = sum("SUPPRESSED" not in str(rows["late"]["flags"]) for _, rows in cells)
    if late:
        of = f"{len(cells)} cells" if shown == len(cells) else f"the {shown} cells that can be shown"
        return f"Late orders are judged lower in {len(late)} of {of}, by {cut}"
    return f"{TITLE}, by {cut}: we cannot tell"


def found(rows: Mapping[str, Mapping[str, Any]], unit: str, step: float) -> str:
    """State the finding of one cell."""
    if any("SUPPRESSED" in str(rows[name]["flags"]) for name in ("late",)):
        return f"{TITLE}: too few to show"
    one = {1.0: "One"}.get(step or 1.0, f"{step:g}") + f" {unit_of(unit, step or 1)}"
    first, late = rows["first_late"], rows["late"]
    if first["verdict"] == "lower":
        text = f"{one} late goes with {_points(first, 'less', turned=True)}"
    elif late["verdict"] == "lower":
        text = f"Late orders are judged {_points(late, 'lower', turned=True)} than others"
    elif first["verdict"] == "higher" or late["verdict"] == "higher":
        return "Late orders are judged higher than others, which asks for a look at the data"
    else:
        return "What a late order goes with cannot be told"
    return f"{text}; {gain(rows, unit, step)}"


def gain(rows: Mapping[str, Mapping[str, Any]], unit: str, step: float) -> str:
    """Say what early brings, where that is shown."""
    one = f"{'a' if (step or 1) == 1 else f'{step:g}'} {unit_of(unit, step or 1)}"
    if rows["first_early"]["verdict"] == "higher":
        return f"{one} early goes with {_points(rows['first_early'], 'more')}"
    if rows["early_slope"]["verdict"] == "higher":
        return f"each {unit_of(unit, 1)} early goes with {_points(rows['early_slope'], 'more')}"
    if rows["early"]["verdict"] == "higher":
        return f"early goes with {_points(rows['early'], 'more')}"
    return "no benefit of early was found"


def _points(row: Mapping[str, Any], side: str, *, turned: bool = False) -> str:
    sign = -1 if turned else 1
    ends = sorted((sign * row["conf_low"], sign * row["conf_high"]))
    value = sign * row["estimate"]
    digits = next((places for places in (1, 2, 3) if min(abs(value), *map(abs, ends)) >= 0.5 * 10.0**-places), 3)
    digits = digits if row["unit"] == PER_UNIT or digits < 3 else 2
    text = plain(value, digits)
    return f"{text} {'point' if float(text) == 1 else 'points'} {side} ({plain(ends[0], digits)} to {plain(ends[1], digits)})"
