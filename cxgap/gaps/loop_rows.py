"""The inner loop, from a bad answer to a contact, and the outer one, from what was raised to what is done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from cxgap.gaps.contact_log import AT, CUSTOMER, DAY
from cxgap.gaps.judge import line_of, refuse_names
from cxgap.gaps.loop_answers import end_of
from cxgap.gaps.loop_curve import curve
from cxgap.stats.means import Codes
from cxgap.stats.privacy import hide_also, too_few
from cxgap.vocabulary import counted

DECIDED, DONE = "action decided", "action done"


def inner_loop(
    bad: pd.DataFrame, touches: pd.DataFrame, loop: str, cell: Codes, cells: pd.DataFrame, names: Sequence[str],
    within: Sequence[float], end: float, min_n: int, conf_level: float,
) -> pd.DataFrame:  # fmt: skip
    """Estimate the curve of each cell."""
    asked = bad[CUSTOMER].astype(object).astype(str)
    left = pd.DataFrame({"name": asked.to_numpy(), AT: bad[AT].to_numpy(), "place": np.arange(len(bad))}).sort_values(AT)
    right = touches.rename(columns={AT: "touched"}).sort_values("touched")
    joined = pd.merge_asof(
        left, right, left_on=AT, right_on="touched", by="name", direction="forward", allow_exact_matches=True
    ).sort_values("place")
    touched = joined["touched"].to_numpy(float)
    closed = np.isfinite(touched)
    days = (np.where(closed, touched, end) - bad[AT].to_numpy(float)) / DAY
    unit = pd.factorize(asked)[0].astype(np.int64)
    most = int(unit.max(initial=0)) + 1
    of_cell = np.unique(cell * most + unit) // most
    people = np.bincount(of_cell, minlength=len(cells)).astype(float)
    refuse_names(cells, names, people, min_n)
    few = too_few(people, min_n)
    lines = []
    for name in names:
        line = line_of(cells, [other for other in names if other != name])
        lines += [np.flatnonzero(line == number) for number in np.unique(line)]
    also = hide_also(few, people, lines, min_n) if names else np.zeros(len(cells), bool)
    rows: list[dict[str, Any]] = []
    for place in range(len(cells)):
        inside = cell == place
        keys = {name: "(blank)" if pd.isna(cells[name].iloc[place]) else str(cells[name].iloc[place]) for name in names}
        told = curve(days[inside], closed[inside], unit[inside], within, conf_level)
        for row in told:
            if few[place] or also[place]:
                row = {
                    **row,
                    **dict.fromkeys(("n", "starts", "open", "estimate", "std_error", "conf_low", "conf_high"), np.nan),
                }
                row["flags"] = "SUPPRESSED_PRIVACY" if few[place] else "SUPPRESSED_SECONDARY"
            rows.append({**keys, "loop": loop, **row})
    return pd.DataFrame(rows)


def outer_loop(
    register: pd.DataFrame,
    within: Sequence[float],
    as_of: str | None,
    zone: str,
    last: float,
    conf_level: float,
    names: Sequence[str],
) -> tuple[list[pd.DataFrame], list[str]]:
    """Estimate how long actions take from being raised; an action is a unit, and nobody's.

    What was done without a day of its decision had been decided by then at the latest.

    Returns
    -------
    The rows of each loop, and what a reader must know of how they were read.
    """
    happened = register[["raised_at", "decided_at", "done_at"]].to_numpy(float)
    end = end_of(as_of, zone, [last, float(np.nanmax(happened)) if np.isfinite(happened).any() else 0.0])
    known = register[register["raised_at"] <= end]
    undated = known["decided_at"].isna() & known["done_at"].notna()
    known = known.assign(decided_at=known["decided_at"].where(~undated, known["done_at"]))
    parts, strange = [], np.zeros(len(known), bool)
    for loop, column in ((DECIDED, "decided_at"), (DONE, "done_at")):
        raised, then = known["raised_at"].to_numpy(float), known[column].to_numpy(float)
        closed = then <= end
        days = (np.where(closed, then, end) - raised) / DAY
        sane = days >= 0
        strange |= ~sane
        if not sane.any():
            continue
        told = curve(days[sane], closed[sane], np.arange(int(sane.sum())), within, conf_level)
        keys = dict.fromkeys(names, "(all)")
        parts.append(pd.DataFrame([{**keys, "loop": loop, **row} for row in told]))
    notes = []
    if undated.any():
        notes.append(f"{counted(int(undated.sum()), 'action')} done without a day of decision: taken as decided when done.")
    if strange.any():
        notes.append(f"{counted(int(strange.sum()), 'action')} decided or done before being raised: left out there.")
    if lost := int(register["raised_at"].isna().sum()):
        notes.append(f"{counted(lost, 'action')} without a day on which it was raised: left out of the outer loop.")
    return parts, notes
