"""The table of promises that can be kept, as a reader sees it, and the finding in its title."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from cxgap.gaps.plan_rows import CURRENT, PLAN
from cxgap.gaps.response_table import unit_of
from cxgap.result import Table
from cxgap.vocabulary import NOT_SHOWN, NOTES, percent, plain

SLUG, TITLE = "promise_plan", "Which promise can be kept"
USUAL: Final = 0.95  # the reliability that a title speaks of, where it was asked for


def plan_table(
    frame: pd.DataFrame, names: Sequence[str], unit: str, step: float, notes: Sequence[str], conf_level: float
) -> Table:
    """Write the promises, one row for each reliability, and today's; the curve is for the picture."""
    shown = frame[frame["kind"].isin([PLAN, CURRENT])]
    priced, worth = frame["points"].notna().any(), frame["cost"].notna().any()
    heads = [
        *(name.replace("_", " ") for name in names), "kept at least", f"promise ({unit})", "shortest by the data",
        f"{percent(conf_level)} interval", "delivered orders alone", "kept by such a promise",
        f"{percent(conf_level)} interval", f"{unit} late, of all orders",
    ]  # fmt: skip
    heads += [*(["points"] if priced else []), *(["cost an order"] if worth else []), "orders", "note"]
    cells = []
    for row in shown.to_dict("records"):
        key = tuple(str(row[name]) for name in names)
        flags = "; ".join(NOTES[flag] for flag in str(row["flags"]).split("|") if flag in NOTES)
        if "SUPPRESSED" in str(row["flags"]):
            cells.append((*key, percent(row["reliability"]), NOT_SHOWN, *[""] * (len(heads) - len(key) - 3), flags))
            continue
        today = row["kind"] == CURRENT
        first = ("today", _between(row, step), "", "", "") if today else _lengths(row, step)
        kept = "" if not np.isfinite(row["kept"]) else _share(row["kept"])
        ends = f"{_share(row['kept_low'])} to {_share(row['kept_high'])}" if np.isfinite(row["kept_low"]) else ""
        late = plain(row["late_units"], 2) if np.isfinite(row["late_units"]) else ""
        further = [*([_told(row, "points")] if priced else []), *([_told(row, "cost")] if worth else [])]
        cells.append((*key, *first, kept, ends, late, *further, f"{row['n']:,.0f}", flags))
    kept = frame.assign(conf_level=conf_level).reset_index(drop=True)
    return Table(kept, SLUG, _title(frame, names, unit, step), tuple(heads), tuple(cells), len(names) + 1, tuple(notes))


def _lengths(row: Mapping[str, Any], step: float) -> tuple[str, ...]:
    """Write the promise and what it is made of."""
    promise = written(row["promise"], step) if np.isfinite(row["promise"]) else "cannot tell"
    shortest = written(row["shortest"], step) if np.isfinite(row["shortest"]) else "not reached"
    low, high = row["shortest_low"], row["shortest_high"]
    ends = f"{written(low, step)} {f'to {written(high, step)}' if np.isfinite(high) else 'or more'}" if np.isfinite(low) else ""
    closed = written(row["closed_only"], step) if np.isfinite(row["closed_only"]) else ""
    return percent(row["reliability"]), promise, shortest, ends, closed


def _between(row: Mapping[str, Any], step: float) -> str:
    """Write how long promises are made today."""
    low, high = written(row["length_low"], step), written(row["length_high"], step)
    return low if low == high else f"{written(row['length'], step)} (mostly {low} to {high})"


def written(length: float, step: float) -> str:
    """Write a length of time: whole where lengths are."""
    return f"{length:g}" if float(length).is_integer() else plain(length, 1 if step == 0 or length >= 1 else 2)


def _told(row: Mapping[str, Any], name: str) -> str:
    if not np.isfinite(row[name]):
        return ""
    return f"{plain(row[name], 2)} ({plain(row[f'{name}_low'], 2)} to {plain(row[f'{name}_high'], 2)})"


def _share(value: float) -> str:
    """Write a share; only all are 100 %."""
    return "over 99.9 %" if 0.9995 <= value < 1 else f"{plain(100 * value, 1 if value > 0.9 else 0)} %"


def _title(frame: pd.DataFrame, names: Sequence[str], unit: str, step: float) -> str:
    """State the finding in one line."""
    plans = frame[(frame["kind"] == PLAN)]
    asked = sorted(plans["reliability"].unique())
    level = min(asked, key=lambda each: (abs(each - USUAL), each))
    at = plans[plans["reliability"] == level]
    told = at[at["promise"].notna()]
    if told.empty:
        hidden = at["flags"].str.contains("SUPPRESSED").all()
        return f"{TITLE}: {'too few to show' if hidden else 'we cannot tell; orders were not followed long enough'}"
    whole = len(at) == 1
    if whole:
        row = told.iloc[0]
        length = f"{written(row['promise'], step)} {unit_of(unit, row['promise'])}"
        text = f"A promise of {length} is kept at least {percent(level)} of the time"
        today = frame[(frame["kind"] == CURRENT) & frame["kept"].notna()]
        if len(today):
            now = today.iloc[0]
            text += f"; today's, of {_between(now, step)}, is kept {plain(100 * now['kept'], 0)} %"
        return text
    low, high = told["promise"].min(), told["promise"].max()
    ends = written(low, step) if low == high else f"{written(low, step)} to {written(high, step)}"
    cut = ", ".join(names).replace("_", " ")
    text = f"To be kept at least {percent(level)} of the time a promise must be of {ends} {unit_of(unit, high)}, by {cut}"
    seen = int((~at["flags"].str.contains("SUPPRESSED")).sum())
    return text if len(told) == seen else f"{text}; for {seen - len(told)} of {seen} we cannot tell"
