"""Incidents: who was hit by what, who said so, who was helped, and who kept silent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap._check import as_names, check_count, check_prob, is_number
from cxgap.errors import ArgumentError, ColumnError
from cxgap.gaps.affected import WINDOW, Affected, nothing_happened, read_affected
from cxgap.gaps.happened import NAMES
from cxgap.gaps.incident_cells import ANY, OTHERS, OWN, SLUG, TITLE, joined_kinds
from cxgap.gaps.incident_people import GROUPS, LATELY, people_of, with_any
from cxgap.gaps.incident_privacy import hide
from cxgap.gaps.incident_table import columns_of, notes_of, title_of
from cxgap.gaps.judge import IDS
from cxgap.gaps.moments import CUSTOMER
from cxgap.gaps.people import customer_rows
from cxgap.result import Table
from cxgap.stats.iceberg import jeffreys, multiplier
from cxgap.stats.means import ratio
from cxgap.tables.absent import absent

_FEW = 30


def incidents(
    events: IntoFrame,
    contacts: IntoFrame | None = None,
    customers: IntoFrame | None = None,
    incidents: IntoFrame | None = None,
    outreach: IntoFrame | None = None,
    answers: IntoFrame | None = None,
    *,
    by: str | Sequence[str] = "",
    tolerance: Sequence[float] = (0, 0),
    window: float = WINDOW,
    about: str | Sequence[str] = "",
    outcome: str = "satisfaction",
    negative: float | None = None,
    vip: float = 0.9,
    as_of: str | None = None,
    zone: str = "UTC",
    min_n: int = 1,
    conf_level: float = 0.95,
) -> Table:
    """Count who was hit by what went wrong, and who of them complained, was helped, or kept silent.

    Customers are the units: one with several late orders is one. The share who complain is of those whose window has ended, so
    that nobody counts as silent for want of time.

    Parameters
    ----------
    events : pandas, Polars, DuckDB, PyArrow or PySpark frame, one row an event
        Has `customer_id`, `event_id`, `delivered_at` and a promise such as `promised_first`; may have `ordered_at`,
        `cancelled_at`, `status`, the flag `failed`, `batch`, `incident_id`, `recovery_at` and the columns of `by`.
    contacts : one row a contact: `customer_id`, `at`; may have `event_id` and `touchpoint`
    customers : one row a customer; `value` gives the value of the silent
    incidents : one row an incident: `kind`; may have `incident_id`, `batch`, `started_at`, `ended_at`, and columns that events
        have, such as region, where a blank is everywhere
    outreach : one row a customer and list: `customer_id`, `at`, `arm`; whom the company had contacted counts as helped
    answers : one row an answer: `customer_id`, `at` and `outcome`; with `negative`, a bad answer counts as a complaint
    by : columns of events whose combinations make the cells
    tolerance : days early and late that still count as on time
    window : days within which a contact counts as about what happened
    about : touchpoints of contacts that may be about events; all unless given
    outcome, negative : the judgement, and the answer at or below which it is bad; none counts unless `negative` is given
    vip : the share of customers whose value lies below that of a VIP
    as_of : leave out what came later, such as "2026-03-31"; if left out, the data end with what was recorded last
    zone : of times without an offset
    min_n : least number of customers of a row; smaller ones are hidden
    conf_level : two-sided, in (0, 1)

    Returns
    -------
    Table "incidents" with one row a cell and type of event: the keys, `event_type`, `n` customers and their `events`; of the
    customers `vocal` (complained), `recovery` (helped), `silent`, and `recent` (nothing heard yet, and the window still runs);
    `watched`, those whom `complaint_rate`, `conf_low` and `conf_high` are of; `multiplier`, how many are hit for each one who
    complains, with its interval; `value_silent`, `vip_silent` and `flags`.

    Raises
    ------
    ColumnError : a table lacks a column.
    ArgumentError : an argument or a column is not what it must be.

    References
    ----------
    Brown, Cai & DasGupta (2001), Statistical Science 16(2), 101-133 (Jeffreys's interval).
    """
    names, min_n, conf_level = as_names(by), check_count(min_n, "min_n"), check_prob(conf_level, "conf_level")
    vip = check_prob(vip, "vip")
    if negative is not None and not is_number(negative):
        raise ArgumentError(f"`negative` must be the answer at or below which it is bad, such as 3, not {negative!r}.")
    if clash := sorted({*OWN, "kind", "severity", "recovery"} & set(names)):
        raise ArgumentError(f"`by` must name columns that make groups, and none of the table's own, not {clash[0]!r}.")
    if single := sorted(IDS & set(names)):
        raise ArgumentError(f"`by` must name columns that make groups of people, and {single[0]!r} holds ids; cut by another.")
    if why := nothing_happened(events):
        return Table.not_measured(SLUG, TITLE, why)
    if lacking := [name for name in names if name not in tally.columns_of(events, "events")]:
        raise ColumnError.missing(lacking[0], "events", tally.columns_of(events, "events"))
    if contacts is None or absent(contacts):
        return Table.not_measured(SLUG, TITLE, absent(contacts) or "no contacts were given")
    found = read_affected(
        events, contacts, incidents, outreach, answers, columns=names, about=about, outcome=outcome, negative=negative,
        tolerance=tolerance, window=window, as_of=as_of, zone=zone, min_n=min_n,
    )  # fmt: skip
    if found.hits.empty:
        return Table.not_measured(SLUG, TITLE, "nothing went wrong in this part of the study, as far as events tell")
    people = customer_rows(customers, zone=zone).set_index(CUSTOMER)["value"]
    frame, hidden = _counted_frame(found, names, people, vip, min_n, conf_level)
    return Table.of(
        frame,
        slug=SLUG,
        title=title_of(frame, names),
        columns=columns_of(frame, names),
        keys=len(names) + 1,
        notes=[*notes_of(found, frame, people, vip, conf_level, negative), *hidden],
    )


def _counted_frame(
    found: Affected, names: Sequence[str], people: pd.Series, vip: float, min_n: int, conf_level: float
) -> tuple[pd.DataFrame, list[str]]:
    """Count the customers of each cell and type, estimate what follows, and hide what must be."""
    hits = joined_kinds(found.hits, min_n)
    hits = hits.assign(**{name: hits[name].astype(object).where(hits[name].notna(), "(blank)").map(str) for name in names})
    kinds = [kind for kind in NAMES if (hits["kind"] == kind).any()]
    kinds += sorted(set(hits["kind"]) - set(kinds), key=lambda kind: (kind == OTHERS, kind))
    if len(kinds) > 1:
        hits = with_any(hits)
        kinds = [*kinds, ANY]
    line = float(people.quantile(vip)) if people.notna().any() else np.nan
    hits = hits.assign(customer_=pd.factorize(hits[CUSTOMER])[0])
    rows, each = [], []
    for key, part in hits.groupby([*names, "kind"], sort=True, observed=True):
        key = key if isinstance(key, tuple) else (key,)
        inside, lately = people_of(part, people, line, min_n)
        rows.append({**dict(zip(names, key[:-1], strict=True)), "event_type": key[-1], **_counted(inside), "lately_": lately})
        each.append(inside)
    frame = pd.DataFrame(rows)
    order = frame["event_type"].map({kind: place for place, kind in enumerate(kinds)})
    place = frame.assign(place_=order).sort_values([*names, "place_"], kind="stable").index
    frame, each = frame.loc[place].reset_index(drop=True), [each[number] for number in place]
    if not np.isfinite(line):
        frame["vip_silent"] = np.nan
    frame["complaint_rate"] = ratio(frame["spoke_"].to_numpy(float), frame["watched"].to_numpy(float))
    frame["conf_low"], frame["conf_high"] = jeffreys(frame["spoke_"], frame["watched"], conf_level=conf_level)
    for name, value in zip(
        ("multiplier", "multiplier_low", "multiplier_high"),
        multiplier(frame["spoke_"], frame["watched"], conf_level=conf_level), strict=True,
    ):  # fmt: skip
        frame[name] = value
    frame["flags"] = [_flags(row) for row in frame.to_dict("records")]
    return hide(frame, each, names, min_n)


def _counted(each: pd.DataFrame) -> dict[str, float]:
    """Count the customers of one row, and sum what the silent are worth."""
    worth = each["value"][each["valued_"]]
    return {
        **{name: float(each[name].sum()) for name in GROUPS},
        "events": float(each["events"].sum()),
        "value_silent": float(worth.sum()) if len(worth) else np.nan,
    }


def _flags(row: dict[Any, Any]) -> str:
    found = []
    if not row["watched"]:
        found.append("NOT_IDENTIFIED")
    elif row["watched"] < _FEW:
        found.append("UNSTABLE")
    if row["recent"]:
        found.append("OPEN")
    if row["lately_"]:
        found.append(LATELY)
    return "|".join(sorted(found))
