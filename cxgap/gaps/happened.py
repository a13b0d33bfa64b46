"""What went wrong with an event: it came late, is overdue, failed, or an incident hit it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap.errors import ArgumentError
from cxgap.gaps.contact_log import DAY, known_flags
from cxgap.gaps.moments import EVENT, FIRST, LAST
from cxgap.stats.survival import FULFILLED, OPEN
from cxgap.tables.absent import absent

LATE, OVERDUE, FAILED = "late", "overdue", "failed"
NAMES = {LATE: "came late", OVERDUE: "still open and overdue", FAILED: "failed"}
INCIDENT, KIND, BATCH, TOUCHPOINT = "incident_id", "kind", "batch", "touchpoint"
OF_INCIDENTS = frozenset({INCIDENT, KIND, BATCH, TOUCHPOINT, "started_at", "ended_at", "severity"})
TIMES = ("ordered_at", "promised_from", FIRST, LAST, "delivered_at", "cancelled_at", "recovery_at")


def incident_rows(incidents: IntoFrame | None, of_events: Sequence[str], zone: str) -> pd.DataFrame:
    """Return one row an incident that has a kind."""
    empty = pd.DataFrame(columns=[INCIDENT, KIND])
    if incidents is None or absent(incidents):
        return empty
    tally.require(incidents, [KIND], "incidents")
    present = tally.columns_of(incidents, "incidents")
    shared = [name for name in present if name in of_events and name not in OF_INCIDENTS and name not in TIMES]
    keys = [name for name in dict.fromkeys([INCIDENT, KIND, BATCH, TOUCHPOINT, *shared]) if name in present]
    times = [name for name in ("started_at", "ended_at") if name in present]
    numbers = [name for name in ("severity",) if name in present]
    rows = tally.tally_times(incidents, keys=keys, times=times, numbers=numbers, zone=zone, table="incidents")
    rows = rows[rows[KIND].notna()].astype(dict.fromkeys(keys, object)).reset_index(drop=True)
    clash = set(rows[KIND].map(str)) & {LATE, OVERDUE, FAILED}
    if clash:
        raise ArgumentError(f"`incidents` must not have a kind {sorted(clash)[0]!r}, which events tell themselves; rename it.")
    return rows


def hits_of(table: pd.DataFrame, log: pd.DataFrame, shared: Sequence[str], late: float, end: float) -> pd.DataFrame:
    """Return one row an event and what went wrong with it."""
    limit = table["due"] + late * DAY
    over = table["ended"] - limit
    found = []
    for kind, state in ((LATE, FULFILLED), (OVERDUE, OPEN)):
        until = over if kind == LATE else end - limit
        here = table[(table["state"] == state) & (until > 1e-3 * DAY / 86_400)]
        found.append(here.assign(kind=kind, severity=until[here.index] / DAY, **{"from": limit[here.index]}))
    if "failed" in table:
        flag = known_flags(table["failed"], "failed", "events") == 1
        here = table[flag]
        when = here["ended"].where(here["state"] != OPEN, here["begun"]).clip(upper=end)
        found.append(here.assign(kind=FAILED, severity=0.0, **{"from": when}))
    found += _of_incidents(table, log, shared, end)
    hits = pd.concat([part for part in found if len(part)] or [found[0]], ignore_index=True)
    hits["from"] = hits["from"].astype(float).fillna(end)
    hits = hits[hits["from"] <= end]
    # An event that two incidents of one kind hit was hit once, by the first.
    hits = hits.sort_values([EVENT + "_", "kind", "from"], kind="stable").drop_duplicates([EVENT + "_", "kind"])
    return hits.reset_index(drop=True)


def _of_incidents(table: pd.DataFrame, log: pd.DataFrame, shared: Sequence[str], end: float) -> list[pd.DataFrame]:
    """Match incidents with events: by their id, else by batch, else by the columns that both have and the span of time."""
    found = []
    texts = {
        name: table[name].astype(object).map(str, na_action="ignore") for name in (INCIDENT, BATCH, *shared) if name in table
    }
    begun, ended = table["begun"].fillna(-np.inf), table["ended"].where(table["state"] != OPEN, end)
    for row in log.to_dict("records"):
        started, over = (float(row.get(name, np.nan)) for name in ("started_at", "ended_at"))
        own = str(row.get(INCIDENT)) if row.get(INCIDENT) == row.get(INCIDENT) and row.get(INCIDENT) is not None else ""
        named = texts[INCIDENT].eq(own) if INCIDENT in texts and own else pd.Series(False, table.index)
        batch = row.get(BATCH)
        of_batch = isinstance(batch, str) or (batch is not None and batch == batch)
        if of_batch and BATCH in texts:
            named |= texts[BATCH].eq(str(batch))
        elif not named.any() and not of_batch:
            told = {name: row[name] for name in shared if row[name] is not None and row[name] == row[name]}
            if np.isfinite(started):
                named = (ended >= started) & (begun <= (over if np.isfinite(over) else end))
                for name, value in told.items():
                    named &= texts[name].eq(str(value))
        here = table[named]
        # Whoever ordered later met it then; what was wrong with a batch shows when it comes.
        when = np.maximum(here["begun"].fillna(-np.inf), started if np.isfinite(started) else -np.inf)
        if of_batch:
            when = here["ended"].where(here["state"] == FULFILLED, when)
        severity = float(row.get("severity", np.nan))
        about = row.get(TOUCHPOINT)
        found.append(
            here.assign(
                kind=str(row[KIND]), severity=severity if np.isfinite(severity) else 0.0,
                about_=about if isinstance(about, str) else None,
                **{"from": pd.Series(when, here.index).replace(-np.inf, np.nan)},
            )
        )  # fmt: skip
    return found
