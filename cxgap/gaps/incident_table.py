"""The table of incidents as a reader sees it: its finding, its columns and its notes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from cxgap.gaps.affected import Affected
from cxgap.gaps.happened import NAMES
from cxgap.gaps.incident_cells import ANY, PARTS, TITLE, name_of
from cxgap.gaps.incident_people import LATELY
from cxgap.vocabulary import NOT_SHOWN, counted, plain


def title_of(frame: pd.DataFrame, names: Sequence[str]) -> str:
    """State the finding."""
    row = frame.iloc[-1] if not names else None
    if row is None or not np.isfinite(row["n"]) or not np.isfinite(row["silent"]):
        return TITLE
    silent = int(row["silent"])
    kind = (
        "were hit"
        if row["event_type"] == ANY
        else f"had an event that {NAMES[row['event_type']]}"
        if row["event_type"] in NAMES
        else f"were hit ({row['event_type']})"
    )
    end = f"kept silent and {'was' if silent == 1 else 'were'} not helped"
    return f"{counted(silent, 'customer')} of {int(row['n']):,} who {kind} {end}"


def columns_of(frame: pd.DataFrame, names: Sequence[str]) -> dict[str, Any]:
    """Return the columns that a reader sees, and write the texts of some into the frame."""
    count = lambda value: f"{value:,.0f}"  # noqa: E731
    for name in PARTS:
        frame[f"shown_{name}"] = [
            count(row[name]) if np.isfinite(row[name]) else NOT_SHOWN if np.isfinite(row["n"]) else ""
            for row in frame.to_dict("records")
        ]
    lately = frame["flags"].str.contains(LATELY)
    frame.loc[lately & (frame["recent"] == 0), "shown_recent"] = "left out"
    frame["shown_rate"] = [
        NOT_SHOWN
        if "SUPPRESSED" in row["flags"] or "FEW_COMPLAINED" in row["flags"]
        else _rate(row["complaint_rate"], row["conf_low"], row["conf_high"])
        for row in frame.to_dict("records")
    ]
    frame["shown_multiplier"] = [
        ""
        if not np.isfinite(row["complaint_rate"])
        else _times(row["multiplier"], row["multiplier_low"], row["multiplier_high"])
        for row in frame.to_dict("records")
    ]
    columns: dict[str, Any] = {name: (name.replace("_", " "), str) for name in names}
    columns |= {
        "event_type": ("what happened", name_of),
        "n": ("customers hit", count),
        "shown_vocal": ("complained", str),
        "shown_recovery": ("helped", str),
        "shown_silent": ("silent", str),
        "shown_recent": ("too early to say", str),
        "shown_rate": ("complain", str),
        "shown_multiplier": ("hit for each who complains", str),
    }
    if frame["value_silent"].notna().any():
        columns["value_silent"] = ("value of the silent", count)
        columns["vip_silent"] = ("VIPs among them", count)
    return columns


def _rate(share: float, low: float, high: float) -> str:
    if not np.isfinite(share):
        return "too early to say"
    return f"{plain(share * 100, 1)} % ({plain(low * 100, 1)} to {plain(high * 100, 1)})"


def _times(value: float, low: float, high: float) -> str:
    if not np.isfinite(value):
        return f"{plain(low, 1)} or more"
    return f"{plain(value, 1)} ({plain(low, 1)} to {plain(high, 1)})"


def notes_of(
    found: Affected, frame: pd.DataFrame, people: pd.Series, vip: float, conf_level: float, negative: float | None
) -> list[str]:
    """Say how it was counted, and what was not measured."""
    notes = [
        f"Customers are counted, not events. The share who complain is of those who were watched for {found.window:g} days; "
        "whose window still runs is too early to say. Whom the company helped first may have had no need to complain."
    ]
    notes += found.notes
    if negative is not None:
        notes.append(f"An answer of {negative:g} or less counts as a complaint, like a contact.")
    if people.notna().any():
        notes.append(f"A VIP is worth as much as the best {plain((1 - vip) * 100, 0)} % of all customers.")
    else:
        notes.append("The value of the silent is not measured: the table of customers is absent, or has no column 'value'.")
    if "recovery_at" not in found.hits and not found.hits["recovery"].any():
        notes.append("Nobody is recorded as helped; whom the company helped unrecorded counts as silent.")
    notes.append(
        "How many are hit for each one who complains is measured here, for each type of event; it says nothing of other "
        "events, companies or channels."
    )
    return notes
