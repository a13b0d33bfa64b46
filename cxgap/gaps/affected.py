"""Who was hit by what, and who of them said so: events, incidents, contacts, answers and the company's steps together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap._check import as_names, check_positive, check_zone
from cxgap.errors import ArgumentError, ColumnError
from cxgap.gaps.contact_log import known_flags
from cxgap.gaps.moments import CUSTOMER as CUSTOMER
from cxgap.gaps.moments import EVENT as EVENT
from cxgap.gaps.moments import FIRST, LAST, lead_times
from cxgap.gaps.promises import check_tolerance
from cxgap.stats.survival import FULFILLED, OPEN
from cxgap.tables.absent import absent
from cxgap.tables.restrict import Scope
from cxgap.vocabulary import counted

LATE, OVERDUE, FAILED = "late", "overdue", "failed"
NAMES = {LATE: "came late", OVERDUE: "still open and overdue", FAILED: "failed"}
DAY = 86_400e6  # microseconds
WINDOW = 14.0  # days within which a contact counts as about what happened
CONTACTED, HELD_OUT = "contacted", "held out"
INCIDENT, KIND, BATCH, AT, TOUCHPOINT = "incident_id", "kind", "batch", "at", "touchpoint"
_OF_INCIDENTS = frozenset({INCIDENT, KIND, BATCH, TOUCHPOINT, "started_at", "ended_at", "severity"})
_TIMES = ("ordered_at", "promised_from", FIRST, LAST, "delivered_at", "cancelled_at", "recovery_at")


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
    tally.require(events, [CUSTOMER], "events")
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
) -> Affected:
    """Find what went wrong, and link what customers said of it.

    Parameters
    ----------
    events, contacts, incidents, outreach, answers : frames of any engine, as `incidents` takes them; None where absent
    columns : of events to keep
    about, outcome, negative, tolerance, window, as_of, zone : as in `incidents`

    Raises
    ------
    ColumnError : a table lacks a column.
    ArgumentError : an argument or a column is not what it must be.
    """
    check_zone(zone, "zone")
    late = check_tolerance(tolerance)[1]
    window = float(check_positive(window, "window") or WINDOW)
    schema = nw.from_native(events).collect_schema()
    log = _incident_rows(incidents, list(schema), zone)
    shared = [name for name in log.columns if name in schema and name not in _OF_INCIDENTS]
    flags = ["failed"] if "failed" in schema else []
    kept = [name for name in dict.fromkeys([*columns, INCIDENT, BATCH, *shared, *flags]) if name in schema]
    clash = sorted(set(columns) & {"wrong", "due", "from", "rows", *_TIMES})
    if clash:
        raise ArgumentError(f"`by` must name columns of events that make groups, not {clash[0]!r}.")
    table, notes = _event_rows(events, kept, as_of, zone)
    spoken = _contact_rows(contacts, answers, outcome, negative, zone)
    end = _end(as_of, zone, table, spoken)
    table = table[~(table["begun"] > end)].reset_index(drop=True)
    spoken = spoken[spoken[AT] <= end].reset_index(drop=True)
    hits = _hits(table, log, shared, late, end)
    table["wrong"] = table[EVENT + "_"].isin(hits[EVENT + "_"])
    reached = _reached(outreach, zone)
    hits, spoken = _linked(hits, spoken, reached[reached[AT] <= end], as_names(about, "about"), window, end)
    notes += _counts(hits, spoken, window)
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


def _incident_rows(incidents: IntoFrame | None, of_events: Sequence[str], zone: str) -> pd.DataFrame:
    """Return one row an incident that has a kind."""
    empty = pd.DataFrame(columns=[INCIDENT, KIND])
    if incidents is None or absent(incidents):
        return empty
    tally.require(incidents, [KIND], "incidents")
    present = tally.columns_of(incidents, "incidents")
    shared = [name for name in present if name in of_events and name not in _OF_INCIDENTS and name not in _TIMES]
    keys = [name for name in dict.fromkeys([INCIDENT, KIND, BATCH, TOUCHPOINT, *shared]) if name in present]
    times = [name for name in ("started_at", "ended_at") if name in present]
    numbers = [name for name in ("severity",) if name in present]
    rows = tally.tally_times(incidents, keys=keys, times=times, numbers=numbers, zone=zone, table="incidents")
    rows = rows[rows[KIND].notna()].astype(dict.fromkeys(keys, object)).reset_index(drop=True)
    clash = set(rows[KIND].map(str)) & {LATE, OVERDUE, FAILED}
    if clash:
        raise ArgumentError(f"`incidents` must not have a kind {sorted(clash)[0]!r}, which events tell themselves; rename it.")
    return rows


def _contact_rows(
    contacts: IntoFrame | None, answers: IntoFrame | None, outcome: str, negative: float | None, zone: str
) -> pd.DataFrame:
    """Return one row a contact, and one a bad answer: who, when, about which event and touchpoint."""
    found = []
    if contacts is not None and not absent(contacts):
        tally.require(contacts, [CUSTOMER, AT], "contacts")
        present = tally.columns_of(contacts, "contacts")
        keys = [name for name in (CUSTOMER, "contact_id", EVENT, TOUCHPOINT) if name in present]
        found.append(tally.tally_times(contacts, keys=keys, times=[AT], zone=zone, table="contacts"))
    if negative is not None and answers is not None and not absent(answers):
        tally.require(answers, [CUSTOMER, AT, outcome], "responses")
        keys = [name for name in (CUSTOMER, EVENT, TOUCHPOINT) if name in tally.columns_of(answers)]
        told = tally.tally_times(answers, keys=keys, times=[AT], numbers=[outcome], zone=zone, table="responses")
        found.append(told[told[outcome] <= negative].drop(columns=outcome))
    names = [CUSTOMER, EVENT, TOUCHPOINT]
    if not found:
        return pd.DataFrame({**{name: pd.Series(dtype=object) for name in names}, AT: pd.Series(dtype=float)})
    rows = pd.concat(
        [part.assign(**{name: part[name].astype(object) if name in part else None for name in names}) for part in found],
        ignore_index=True,
    )
    rows = rows[rows[CUSTOMER].notna() & rows[AT].notna()]
    return rows[[*names, AT]].reset_index(drop=True)


def _reached(outreach: IntoFrame | None, zone: str) -> pd.DataFrame:
    """Return whom the company had written to, when, and about which event."""
    rows = outreach_rows(outreach, zone)
    return rows[rows["contacted"].astype(bool)][[CUSTOMER, EVENT, AT]]


def outreach_rows(
    outreach: IntoFrame | None, zone: str, columns: Sequence[str] = (), numbers: Sequence[str] = ()
) -> pd.DataFrame:
    """Return the log of whom the company wrote to or held out: one row a customer and list.

    Raises
    ------
    ArgumentError : an arm is of no known kind.
    """
    names = [CUSTOMER, EVENT, "campaign", "stratum", *columns]
    if outreach is None or absent(outreach):
        made: dict[str, Any] = {name: pd.Series(dtype=object) for name in names}
        return pd.DataFrame(
            {**made, AT: pd.Series(dtype=float), "arm": pd.Series(dtype=object), "contacted": pd.Series(dtype=bool)}
        )
    tally.require(outreach, [CUSTOMER, AT, "arm"], "outreach")
    present = tally.columns_of(outreach, "outreach")
    keys = [name for name in dict.fromkeys([*names, "arm"]) if name in present]
    told = [name for name in numbers if name in present]
    rows = tally.tally_times(outreach, keys=keys, times=[AT], numbers=told, zone=zone, table="outreach")
    rows = rows.assign(**{name: rows[name].astype(object) if name in rows else None for name in names})
    rows = rows[rows[CUSTOMER].notna() & rows[AT].notna() & rows["arm"].notna()].reset_index(drop=True)
    arm = rows["arm"].astype(str).str.strip().str.lower().str.replace("_", " ").str.replace("-", " ")
    arm = arm.replace({"holdout": HELD_OUT, "hold out": HELD_OUT, "control": HELD_OUT, "treated": CONTACTED})
    strange = sorted(set(arm) - {CONTACTED, HELD_OUT, "not contacted"})
    if strange:
        raise ArgumentError(
            f"`outreach` must say in 'arm' {CONTACTED!r}, {HELD_OUT!r} or, where no chance decided, 'not contacted', "
            f"not {strange[0][:40]!r}."
        )
    return rows.assign(arm=arm, contacted=(arm == CONTACTED).to_numpy(bool))


def _end(as_of: str | None, zone: str, table: pd.DataFrame, spoken: pd.DataFrame) -> float:
    """Return the last moment of the data."""
    cutoff = Scope.of(None, as_of or "", zone).cutoff
    if cutoff is not None:
        return (cutoff - pd.Timestamp(0, tz="UTC")) / pd.Timedelta(microseconds=1) - 1
    seen = [table["begun"], table["ended"], spoken[AT]]
    return max((float(each.max()) for each in seen if each.notna().any()), default=0.0)


def _hits(table: pd.DataFrame, log: pd.DataFrame, shared: Sequence[str], late: float, end: float) -> pd.DataFrame:
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


def _linked(
    hits: pd.DataFrame, spoken: pd.DataFrame, reached: pd.DataFrame, about: Sequence[str], window: float, end: float
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Say of each hit whether its customer spoke of it within the window, and whether the company came first."""
    hits = hits.assign(hit_=np.arange(len(hits)))
    if "about_" not in hits:
        hits["about_"] = None
    if EVENT not in hits:
        hits[EVENT] = None
    spoken = spoken.assign(said_=np.arange(len(spoken)))
    own = hits[["hit_", CUSTOMER, EVENT, "from", "about_"]].rename(columns={EVENT: "own_"})
    pairs = own.merge(spoken, on=CUSTOMER, how="inner")
    inside = (pairs[AT] >= pairs["from"]) & (pairs[AT] <= pairs["from"] + window * DAY)
    named = pairs[EVENT].notna()
    fits = pairs[TOUCHPOINT].isna() | pd.Series(
        [not (mine or about) or there in ([mine] if mine else about)
         for mine, there in zip(pairs["about_"].where(pairs["about_"].notna(), ""), pairs[TOUCHPOINT], strict=True)],
        index=pairs.index, dtype=bool,
    )  # fmt: skip
    linked = pairs[inside & np.where(named, pairs[EVENT] == pairs["own_"], fits)]
    first = linked.groupby("hit_")[AT].min().reindex(hits["hit_"]).to_numpy(float)
    helped = own.merge(reached.rename(columns={EVENT: "of_", AT: "reached_"}), on=CUSTOMER, how="inner")
    ours = (helped["of_"] == helped["own_"]) | (helped["of_"].isna() & (helped["reached_"] >= helped["from"]))
    written = helped[ours].groupby("hit_")["reached_"].min().reindex(hits["hit_"]).to_numpy(float)
    recovery = np.fmin(np.where(hits["recovery"] <= end, hits["recovery"], np.nan).astype(float), written)
    over = hits["from"].to_numpy() + window * DAY
    spoken = spoken.assign(linked=spoken["said_"].isin(linked["said_"]), hit=spoken[CUSTOMER].isin(hits[CUSTOMER]))
    vocal = np.isfinite(first)
    return (
        hits.assign(vocal=vocal, recovery=np.isfinite(recovery), over=over <= end, watched=over <= end),
        spoken,
    )


def _counts(hits: pd.DataFrame, spoken: pd.DataFrame, window: float) -> list[str]:
    """Say how contacts were linked, and how many could not be."""
    apart = spoken[spoken["hit"] & ~spoken["linked"]]
    nameless = int(apart[EVENT].isna().sum())
    said = [
        f"A contact counts as about what happened if it names the event or, where it names none, comes from the same customer "
        f"(about the same touchpoint, where both say one), from the moment it went wrong until {window:g} "
        f"day{'' if window == 1 else 's'} later."
    ]
    if len(apart):
        said.append(
            f"Of the contacts of customers who were hit, {len(apart):,} could not be linked to what happened"
            + (f", {nameless:,} of them because they name no event and came at another time." if nameless else ".")
        )
    return said


def customer_rows(
    customers: IntoFrame | None, columns: Sequence[str] = (), zone: str = "UTC", numbers: Sequence[str] = ("value",)
) -> pd.DataFrame:
    """Return one row a customer: `since` and `churned_at` in microseconds, numbers, and further columns, blank where absent.

    Raises
    ------
    ColumnError : there is no customer_id.
    ArgumentError : a customer is told of in two ways.
    """
    plain = [CUSTOMER, *columns]
    times = ["since", "churned_at"]
    if customers is None or absent(customers):
        return pd.DataFrame({**{name: pd.Series(dtype=object) for name in plain},
                             **{name: pd.Series(dtype=float) for name in [*times, *numbers]}})  # fmt: skip
    present = tally.columns_of(customers, "customers")
    if CUSTOMER not in present:
        raise ColumnError.missing(CUSTOMER, "customers", present)
    rows = tally.tally_times(
        customers, keys=[name for name in plain if name in present], times=[name for name in times if name in present],
        numbers=[name for name in numbers if name in present], zone=zone, table="customers",
    ).dropna(subset=[CUSTOMER])  # fmt: skip
    if rows[CUSTOMER].duplicated().any():
        raise ArgumentError("`customers` must have one row a customer, and some have several that differ; keep the latest.")
    made: Mapping[str, Any] = {name: np.nan for name in [*times, *numbers] if name not in rows}
    made = {**made, **{name: None for name in plain if name not in rows}}
    rows = rows.assign(**made).astype(dict.fromkeys(plain, object))
    return rows.reset_index(drop=True)
