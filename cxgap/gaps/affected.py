"""Who was hit by what, and who of them said so: events, incidents, contacts, answers and the company's steps together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap._check import as_names, check_positive, check_zone
from cxgap.errors import ArgumentError
from cxgap.gaps.called_on import AT, contacted_rows
from cxgap.gaps.clocks import end_of
from cxgap.gaps.happened import BATCH, INCIDENT, OF_INCIDENTS, TIMES, hits_of, incident_rows
from cxgap.gaps.moments import CUSTOMER, EVENT, FIRST, LAST, lead_times
from cxgap.gaps.promises import check_tolerance
from cxgap.gaps.spoken_of import contact_rows, how_linked, linked
from cxgap.tables.absent import absent
from cxgap.vocabulary import counted

WINDOW = 14.0  # days within which a contact counts as about what happened


class Affected(NamedTuple):
    """What happened to whom.

    Attributes
    ----------
    hits : one row an event and what happened to it: `customer_id`, `event_id`, `kind`, `from` (when it went wrong), `severity`
        (days late, or how bad the incident was), `vocal`, `recovery`, `watched` (for the whole window), and the columns of the
        event. Times are microseconds
    events : one row an event, those that went well, too: `wrong`, `due`, `customer_id`
    contacts : one row a contact or bad answer, as they were linked
    end : the last moment of the data
    window : days
    notes : how it was counted, and what was left out
    """

    hits: pd.DataFrame
    events: pd.DataFrame
    contacts: pd.DataFrame
    end: float
    window: float
    notes: list[str]


def nothing_happened(events: IntoFrame) -> str:
    """Return why events do not tell who was hit, "" where they do."""
    if why := absent(events):
        return why
    present = tally.columns_of(events, "events")
    if CUSTOMER not in present:
        return f"events do not say in a column {CUSTOMER!r} whose they are"
    if "delivered_at" not in present or not {FIRST, LAST} & set(present):
        return "events have no column 'delivered_at' beside a promise such as 'promised_first'"
    rows = nw.from_native(events).lazy().select(nw.len().alias("rows")).collect()["rows"][0]
    return "" if rows else "no events here; the table 'events' has none in this part of the study"


def read_affected(
    events: IntoFrame,
    contacts: IntoFrame | None,
    incidents: IntoFrame | None,
    outreach: IntoFrame | None,
    answers: IntoFrame | None,
    *,
    columns: Sequence[str] = (),
    about: str | Sequence[str] = "",
    outcome: str = "",
    negative: float | None = None,
    tolerance: Sequence[float] = (0, 0),
    window: float = WINDOW,
    as_of: str | None = None,
    zone: str = "UTC",
    min_n: int = 1,
) -> Affected:
    """Find what went wrong, and link what customers said of it.

    Parameters
    ----------
    events, contacts, incidents, outreach, answers : frames of any engine, as `incidents` takes them; None where absent
    columns : of events to keep
    about, outcome, negative, tolerance, window, as_of, zone, min_n : as in `incidents`

    Raises
    ------
    ColumnError : a table lacks a column.
    ArgumentError : an argument or a column is not what it must be.
    """
    check_zone(zone, "zone")
    late = check_tolerance(tolerance)[1]
    window = float(check_positive(window, "window") or WINDOW)
    schema = nw.from_native(events).collect_schema()
    log = incident_rows(incidents, list(schema), zone)
    shared = [name for name in log.columns if name in schema and name not in OF_INCIDENTS]
    flags = ["failed"] if "failed" in schema else []
    kept = [name for name in dict.fromkeys([*columns, INCIDENT, BATCH, *shared, *flags]) if name in schema]
    clash = sorted(set(columns) & {"wrong", "due", "from", "rows", *TIMES})
    if clash:
        raise ArgumentError(f"`by` must name columns of events that make groups, not {clash[0]!r}.")
    table, notes = _event_rows(events, kept, as_of, zone)
    spoken = contact_rows(contacts, answers, outcome, negative, zone)
    end = _end(as_of, zone, table, spoken)
    table = table[~(table["begun"] > end)].reset_index(drop=True)
    spoken = spoken[spoken[AT] <= end].reset_index(drop=True)
    hits = hits_of(table, log, shared, late, end)
    table["wrong"] = table[EVENT + "_"].isin(hits[EVENT + "_"])
    reached = contacted_rows(outreach, zone)
    hits, spoken = linked(hits, spoken, reached[reached[AT] <= end], as_names(about, "about"), window, end)
    notes += how_linked(hits, spoken, window, min_n)
    return Affected(hits, table, spoken, end, window, notes)


def _event_rows(events: IntoFrame, kept: Sequence[str], as_of: str | None, zone: str) -> tuple[pd.DataFrame, list[str]]:
    """Return one row an event: when it was due and when it ended, and its columns."""
    schema = nw.from_native(events).collect_schema()
    keys = [name for name in dict.fromkeys([CUSTOMER, EVENT, *kept]) if name in schema]
    rows, at = lead_times(events, schema, keys, None, as_of, "days", zone, single=True)
    recovery = "recovery_at" if "recovery_at" in schema else None
    if recovery:
        again = tally.tally_times(
            events, keys=[name for name in (CUSTOMER, EVENT) if name in schema], times=[recovery], zone=zone
        )
        again = again.drop_duplicates([name for name in (CUSTOMER, EVENT) if name in schema])
    table = rows[keys].astype(object)
    # The last promise stands where there was no first one.
    due = np.where(np.isfinite(at.high), at.high, at.last_high)
    table = table.assign(due=due, ended=at.end, begun=at.origin, state=at.state)
    told = rows[CUSTOMER].notna().to_numpy() & ~at.impossible
    untold = int(rows["rows"].to_numpy()[~told].sum())
    table = table[told]
    if recovery:
        names = [name for name in (CUSTOMER, EVENT) if name in schema]
        again = again.rename(columns={recovery: "recovery"}).drop(columns="rows").astype(dict.fromkeys(names, object))
        table = table.merge(again, on=names, how="left")
    else:
        table["recovery"] = np.nan
    twice = 0
    if EVENT in table:
        double = table[EVENT].notna() & table[EVENT].duplicated(keep=False)
        twice, table = int(table[EVENT][double].nunique()), table[~double]
    table = table.reset_index(drop=True)
    table[EVENT + "_"] = np.arange(len(table))
    notes = [f"{counted(untold, 'event')} without a customer, or that cannot be true, left out."] if untold else []
    notes += [f"{counted(twice, 'event')} told in two ways left out."] if twice else []
    return table, notes


def _end(as_of: str | None, zone: str, table: pd.DataFrame, spoken: pd.DataFrame) -> float:
    """Return the last moment of the data."""
    seen = [table["begun"], table["ended"], spoken[AT]]
    return end_of(as_of, zone, max((float(each.max()) for each in seen if each.notna().any()), default=0.0))
