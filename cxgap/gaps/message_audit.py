"""The message audit: what the company promises where, whether its channels agree, and whether it can keep what they say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap._check import as_names, check_choice, check_count, check_positive, check_prob, check_zone
from cxgap.gaps.attained import Events, read_events
from cxgap.gaps.clocks import end_of
from cxgap.gaps.ledger import CHANNEL, KNOWN, MESSAGE, METRIC, TOUCHPOINT, read_messages
from cxgap.gaps.message_findings import (
    CANNOT_KEEP,
    CLAIMS,
    CONFLICT,
    HOLE,
    KINDS,
    NOT_MEASURED,
    Finding,
    Ledger,
    claims,
    conflicts,
    hard,
    holes,
    ownerless,
    stale,
    with_metrics,
)
from cxgap.gaps.message_table import message_table
from cxgap.result import Table
from cxgap.stats.privacy import hide_also, too_few
from cxgap.tables.absent import absent

SLUG, TITLE = "message_audit", "What customers are promised"
RELIABILITY, STALE_DAYS = 0.95, 365
NUMBERS: Final = (
    "level", "other_level", "spread", "reliability", "attainment", "attainment_low", "attainment_high", "over_promise",
    "over_promise_low", "over_promise_high", "attainment_gap", "attainment_gap_low", "attainment_gap_high", "keepable", "days",
    "events", "customers", "exposed", "reach", "told_wrong", "volume", "words", "lix", "lix_low", "lix_high",
)  # fmt: skip
TEXTS: Final = (
    "other_channel",
    MESSAGE,
    "other_message_id",
    "owner",
    "unit",
    "direction",
    "why",
    "action",
    "wording",
    "other_wording",
)
OF_PEOPLE: Final = (
    "attainment", "attainment_low", "attainment_high", "over_promise", "over_promise_low", "over_promise_high",
    "attainment_gap", "attainment_gap_low", "attainment_gap_high", "keepable", "events", "customers", "reach", "told_wrong",
    "volume",
)  # fmt: skip


def message_audit(
    messages: IntoFrame,
    events: IntoFrame | None = None,
    *,
    metrics: pd.DataFrame | None = None,
    touchpoints: IntoFrame | None = None,
    responses: IntoFrame | None = None,
    contacts: IntoFrame | None = None,
    context: str | Sequence[str] | None = None,
    reliability: float = RELIABILITY,
    days: str = "elapsed",
    tolerance: float = 0.0,
    stale_days: float = STALE_DAYS,
    as_of: str | None = None,
    zone: str = "UTC",
    min_n: int = 1,
    conf_level: float = 0.95,
) -> Table:
    """Audit what the company promises: which words to change, and who is to change them.

    A claim is held against the events that it was made for: those of its touchpoint, metric and context that began while it
    was said. Open events are neither left out nor taken for kept, cancelled ones compete with delivery, and customers are
    the independent units. A claim cannot be kept where the interval of the share that meets it lies below the share that
    it states; where the interval does not say, the table says that it cannot tell.

    Parameters
    ----------
    messages : pandas, Polars, DuckDB, PyArrow or PySpark frame, one row a message
        Has `message_id`, `touchpoint` and `channel`; may have `metric`, `level`, `unit`, `reliability`, `wording`,
        `valid_from`, `valid_to`, `reviewed`, `owner`, `exposed` (customers a day) and the columns of `context`, blank for
        everywhere. A blank `valid_from` is always, a blank `valid_to` until further notice.
    events : one row an event, in either shape of `communication_gap`
    metrics : what the study declares: `metric`, `touchpoint`, `unit` and `direction`; events may say it, too
    touchpoints : all touchpoints, with their `owner`; gives those at which nothing is promised
    responses, contacts : with `touchpoint`; tell how many customers meet each
    context : columns of messages that say for whom they are, such as region; events of that context alone are theirs. If left
        out, all further columns of messages that events have, too; "" is none
    reliability : the share that a message promises to keep where it states none
    days : how a level in days is read: "elapsed", of 24 hours each, or "calendar", by the end of the last date in `zone`
    tolerance : levels that differ by no more are no conflict, in the unit of the metric
    stale_days : days after which a message that nobody has looked at is stale
    as_of : the day on which messages are looked at, such as "2026-03-31", and the last on which an event may have begun; the
        last time on record if left out
    zone : of times without an offset
    min_n : least number of customers behind a number; others are hidden
    conf_level : two-sided, in (0, 1)

    Returns
    -------
    Table "message_audit" with one row a finding, the words to change first: `order` (1 is first; of messages that are said
    now), `kind` (cannot keep, conflict, hole, no level, stale, no owner, hard to read, under-promise, cannot tell, not
    measured, kept), touchpoint, metric, the context, channel, and of a conflict `other_channel`; `level` and `other_level`
    in `unit`, the stricter first, `spread`, `days` on which both were said (of a stale message: its age); the share
    `reliability` that is `stated` or taken, `attainment` and `over_promise`, their difference, each with `_low` and `_high`;
    `attainment_gap`, the share that meets the looser level alone; `keepable`, the nearest round level that would be kept;
    `events` and `customers` that tell of it; `exposed` and `reach`, customers a day as the message says, or by events; and
    `told_wrong`, reach times over-promise or attainment gap; `volume` of a hole; `lix` with interval; `action`, `why`, `now`.

    Raises
    ------
    ColumnError : a table lacks a column.
    ArgumentError : an argument or a column is not what it must be.

    References
    ----------
    Kaplan & Meier (1958), Journal of the American Statistical Association 53, 457-481. Aalen & Johansen (1978), Scandinavian
    Journal of Statistics 5, 141-150. Wilson (1927), Journal of the American Statistical Association 22(158), 209-212. Korn &
    Graubard (1998), Survey Methodology 24(2), 193-201. Bjoernsson (1983), Reading Research Quarterly 18(4), 480-497.
    """
    min_n, conf_level = check_count(min_n, "min_n"), check_prob(conf_level, "conf_level")
    stated = 1.0 if reliability == 1 else check_prob(reliability, "reliability")
    stale_days, slack = check_positive(stale_days, "stale_days") or STALE_DAYS, _check_tolerance(tolerance)
    calendar = check_choice(days, "days", ("elapsed", "calendar")) == "calendar"
    check_zone(zone, "zone")
    last = end_of(as_of, zone)
    if why := absent(messages):
        return Table.not_measured(SLUG, TITLE, why)
    names = as_names(_shared(messages, events) if context is None else context, "context")
    rows = read_messages(messages, names, stated, zone)
    if rows.empty:
        return Table.not_measured(SLUG, TITLE, "no messages here; the table 'messages' has none in this part of the study")
    why = absent(events)
    read = why if events is None or why else read_events(events, names, as_of, zone, calendar=calendar)
    told: Events | None = read if isinstance(read, Events) else None
    now = _now(rows, told, last)
    metrics = None if metrics is None or absent(metrics) else metrics
    volume = volumes(touchpoints, {"events": events, "contacts": contacts, "responses": responses})
    owners = dict(zip(volume[TOUCHPOINT], volume["owner"], strict=True))
    answers = [owner or owners.get(place, "") for owner, place in zip(rows["owner"], rows[TOUCHPOINT], strict=True)]
    rows = with_metrics(rows.assign(answers=answers), metrics, told)
    ledger = Ledger(rows, names, told, "" if told else str(read), now, conf_level)
    found = [
        *claims(ledger), *conflicts(ledger, slack), *holes(ledger, volume), *stale(ledger, stale_days),
        *ownerless(ledger, owners), *hard(ledger),
    ]  # fmt: skip
    frame = _ordered(_frame(found, names), names, min_n)
    return message_table(frame, ledger, names, slug=SLUG, min_n=min_n, stale_days=stale_days, default=stated, calendar=calendar)


def _shared(messages: IntoFrame, events: IntoFrame | None) -> list[str]:
    """Return the columns of messages, beside those that are known, that events have, too."""
    if events is None or absent(events):
        return []
    known, present = set(KNOWN), tally.columns_of(events, "events")
    return [name for name in tally.columns_of(messages, "messages") if name in present and name not in known]


def _check_tolerance(value: float) -> float:
    return 0.0 if value == 0 and not isinstance(value, bool) else check_positive(value, "tolerance") or 0.0


def _now(rows: pd.DataFrame, events: Events | None, last: float) -> float:
    """Return the moment at which messages are looked at: as asked, else the last time on record."""
    if np.isfinite(last):
        return last
    if events is not None and np.isfinite(events.end):
        return events.end
    known = rows[["valid_from", "reviewed"]].to_numpy(float)
    return float(np.nanmax(known)) if np.isfinite(known).any() else 0.0


def volumes(touchpoints: IntoFrame | None, tables: dict[str, IntoFrame | None]) -> pd.DataFrame:
    """Count what is known of each touchpoint: rows, and the most customers that any table tells of."""
    owners: dict[str, str] = {}
    if touchpoints is not None and not absent(touchpoints):
        tally.require(touchpoints, [TOUCHPOINT], "touchpoints")
        listed = tally.rows_of(touchpoints)
        answers = listed["owner"] if "owner" in listed else pd.Series([""] * len(listed), index=listed.index)
        for name, owner in zip(listed[TOUCHPOINT].astype(object), answers.astype(object), strict=True):
            if not pd.isna(name):
                owners[str(name)] = "" if pd.isna(owner) else str(owner)
    count: dict[str, float] = dict.fromkeys(owners, 0.0)
    people: dict[str, float] = dict.fromkeys(owners, 0.0)
    for name, table in tables.items():
        if table is None or absent(table) or TOUCHPOINT not in (present := tally.columns_of(table, name)):
            continue
        unit = next((column for column in ("customer_id", "respondent_id") if column in present), "")
        rows = tally.tally_times(table, keys=[TOUCHPOINT, *([unit] if unit else [])], table=name)
        rows = rows[rows[TOUCHPOINT].notna()]
        for place, group in rows.groupby(rows[TOUCHPOINT].astype(str), sort=False):
            known = group[unit].notna() if unit else np.zeros(len(group), bool)
            count[str(place)] = count.get(str(place), 0.0) + float(group["rows"].sum())
            persons = float(known.sum() + group["rows"][~known].sum())
            people[str(place)] = max(people.get(str(place), 0.0), persons)
    names = list(count)
    return pd.DataFrame(
        {TOUCHPOINT: names, "owner": [owners.get(name, "") for name in names], "volume": [count[name] for name in names],
         "people": [people[name] for name in names]}
    )  # fmt: skip


def _frame(found: Sequence[Finding], context: Sequence[str]) -> pd.DataFrame:
    """Put findings into rows, and weigh those that can be."""
    names = ["kind", TOUCHPOINT, METRIC, *context, CHANNEL, *TEXTS, *NUMBERS, "stated", "now", "people"]
    frame = pd.DataFrame(found, columns=names)
    words = ["kind", TOUCHPOINT, METRIC, *context, CHANNEL, *TEXTS]
    frame = frame.assign(**{name: frame[name].astype(object).where(frame[name].notna(), "") for name in words})
    frame = frame.assign(
        **{name: frame[name].astype(float) for name in (*NUMBERS, "people")},
        now=frame["now"].astype(bool),
        stated=frame["stated"].eq(True),
    )
    share = np.where(frame["kind"] == CONFLICT, frame["attainment_gap"], frame["over_promise"])
    frame["told_wrong"] = np.where(frame["kind"].isin([CANNOT_KEEP, CONFLICT]), frame["reach"] * share, np.nan)
    return frame


def _ordered(frame: pd.DataFrame, context: Sequence[str], min_n: int) -> pd.DataFrame:
    """Hide what rests on too few, and put the words to change first: those said now, by customers told what is not kept."""
    people = frame["people"].to_numpy(float)
    measured = np.isfinite(people)
    few = measured & too_few(np.where(measured, people, np.inf), min_n)
    claim = measured & frame["kind"].isin(CLAIMS).to_numpy(bool)
    lines = []
    for _, places in frame[claim].groupby([TOUCHPOINT, METRIC, "level"], dropna=False).groups.items():
        lines.append(np.asarray(places))
    also = hide_also(few & claim, np.where(claim, people, 0.0), lines, min_n) if min_n > 1 else np.zeros(len(frame), bool)
    hidden = few | also
    kind = np.where(hidden & frame["kind"].isin(CLAIMS).to_numpy(bool), NOT_MEASURED, frame["kind"])
    blank = {name: frame[name].where(~hidden) for name in OF_PEOPLE}
    flags = np.where(few, "SUPPRESSED_PRIVACY", np.where(also, "SUPPRESSED_SECONDARY", ""))
    why = np.where(
        hidden & (frame["kind"] != HOLE), np.where(few, "too few customers", "hidden to protect another"), frame["why"]
    )
    frame = frame.assign(**blank, kind=kind, flags=flags, why=why).drop(columns="people")
    rank = frame["kind"].map({kind: place for place, kind in enumerate(KINDS)})
    urgent = frame["kind"].isin([CANNOT_KEEP, CONFLICT])
    sort = pd.DataFrame(
        {
            "now": ~frame["now"], "urgent": ~urgent, "kind": np.where(urgent, 0, rank),
            "weight": -frame["told_wrong"].fillna(-1.0), "volume": -frame["volume"].fillna(-1.0), "rank": rank,
            "touchpoint": frame[TOUCHPOINT], "message": frame[MESSAGE], "other": frame["other_message_id"],
        }
    )  # fmt: skip
    order = sort.sort_values(list(sort), kind="stable").index
    frame = frame.loc[order].reset_index(drop=True)
    act = frame["now"] & (frame["action"] != "") | (frame["now"] & (frame["kind"] == CANNOT_KEEP))
    frame["order"] = np.where(act, act.cumsum(), np.nan)
    front = ["order", "kind", TOUCHPOINT, METRIC, *context, CHANNEL]
    return frame[[*front, *(name for name in frame if name not in front)]]
