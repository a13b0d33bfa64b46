"""What a loop says: its title, its notes, and the table that a reader sees."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from cxgap.gaps.loop_answers import OURS
from cxgap.gaps.loop_rows import DECIDED, DONE
from cxgap.result import Table
from cxgap.vocabulary import NOT_SHOWN, percent, plain

SLUG, TITLE = "loop_latency", "How fast the loop is closed"
OWN: Final = (
    "loop", "measure", "after", "n", "starts", "open", "estimate", "std_error", "conf_low", "conf_high", "unit", "flags",
)  # fmt: skip


def written(frame: pd.DataFrame, names: Sequence[str], notes: list[str], min_n: int, conf_level: float) -> Table:
    """Write what a reader sees."""
    rows = frame.to_dict("records")
    shown = frame.assign(
        _measure=[f"closed within {row['after']:g} days" if row["unit"] == "share" else "half closed within" for row in rows],
        _n=[NOT_SHOWN if "SUPPRESSED" in row["flags"] else f"{row['n']:,.0f}" for row in rows],
        _value=[_value(row["estimate"], row) for row in rows],
        _span=[_span(row) for row in rows],
    )
    columns: dict[str, tuple[str, Any]] = {name: (name.replace("_", " "), str) for name in names}
    columns |= {
        "loop": ("until", str), "_measure": ("measure", str), "_n": ("customers or actions", str),
        "starts": ("bad answers or actions", "{:,.0f}".format), "open": ("still open", "{:,.0f}".format),
        "_value": ("value", str), "_span": (f"{percent(conf_level)} interval", str),
    }  # fmt: skip
    notes = [
        *notes,
        "What is still open is watched until the end of the data (Kaplan-Meier); left out, the loop would look fast.",
        f"Intervals are of {percent(conf_level)} each; customers, and actions, are the independent units.",
    ]
    if min_n > 1:
        notes.append(f"Rows of fewer than {min_n} customers are not shown; actions are nobody's and are.")
    made = Table.of(shown, slug=SLUG, title=_title(frame, names), columns=columns, keys=len(names) + 2, notes=notes)
    return Table(frame, made.slug, made.title, made.heads, made.cells, made.keys, made.notes)


def _value(value: float, row: dict[Any, Any]) -> str:
    if not np.isfinite(value):
        return "" if "SUPPRESSED" in row["flags"] else "not reached" if row["measure"] == "median" else "cannot tell"
    return f"{plain(100 * value, 0 if 0.1 <= value <= 0.9 else 1)} %" if row["unit"] == "share" else f"{plain(value, 1)} days"


def _span(row: dict[Any, Any]) -> str:
    low, high = row["conf_low"], row["conf_high"]
    if row["unit"] == "share":
        return f"{plain(100 * low, 1)} to {plain(100 * high, 1)} %" if np.isfinite(low) and np.isfinite(high) else ""
    if not np.isfinite(low):
        return ""
    return f"{plain(low, 1)} to {plain(high, 1)} days" if np.isfinite(high) else f"{plain(low, 1)} days or more"


def _title(frame: pd.DataFrame, names: Sequence[str]) -> str:
    """State the finding in one line."""
    told = frame[(frame["measure"] == "closed within") & frame["estimate"].notna()]
    if told.empty:
        return f"{TITLE}: cannot tell yet"
    first = told.iloc[0]
    if first["loop"] in (DECIDED, DONE):
        verb = "decided" if first["loop"] == DECIDED else "done"
        return f"{plain(100 * first['estimate'], 0)} % of what was raised had been {verb} within {first['after']:g} days"
    whom = "we had contacted" if first["loop"] == OURS else "there had been contact with"
    alike = told[(told["loop"] == first["loop"]) & (told["after"] == first["after"])]
    if names and len(alike) > 1:
        low, high = alike["estimate"].min(), alike["estimate"].max()
        size = f"{plain(100 * low, 0)} to {plain(100 * high, 0)} %"
    else:
        size = f"{plain(100 * first['estimate'], 0 if first['estimate'] >= 0.1 else 1)} %"
    return f"Within {first['after']:g} days {whom} {size} of those who answered badly"
