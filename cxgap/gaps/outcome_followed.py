"""What tables beside the survey tell of the customers who answered: what came before, and what they did afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap.errors import ArgumentError, ColumnError, nearest
from cxgap.gaps.contact_log import DAY
from cxgap.gaps.design import UNIT
from cxgap.gaps.outcome_logs import contacts_after, end_of, moments, spent_after, within
from cxgap.gaps.outcome_people import (
    AT,
    CHURN,
    CONTACTS,
    CUSTOMER,
    EXIT,
    KNOWN_BEFORE,
    LEFT,
    REVENUE,
    SINCE,
    People,
    complete,
    known_columns,
    people_of,
)
from cxgap.stats.means import Codes, Floats
from cxgap.tables.absent import absent


def followed(
    responses: IntoFrame, basics: dict[str, Any], outcome: str, customers: Any, contacts: Any, events: Any, channels: Any,
    amount: str, horizon: float, wanted: Sequence[str] | None, exits: Sequence[str], value: str, as_of: str | None, zone: str,
) -> People:  # fmt: skip
    """Follow the customers who answered through the tables."""
    present = tally.columns_of(responses)
    of_customers = [] if absent(customers) else tally.columns_of(customers)
    texts = [name for name in (wanted if wanted is not None else ("segment", "region")) if name not in KNOWN_BEFORE[:3]]
    for name in texts if wanted is not None else ():
        if name not in of_customers and name not in present:
            raise ColumnError(
                f"`covariates` must be {list(KNOWN_BEFORE[:3])} or columns of customers or of the survey, not {name!r}."
                f"{nearest(name, [*of_customers, *present])}"
            )
    rows = answered(responses, [name for name in texts if name in present and name not in of_customers], zone, needs=True)
    listed = listed_customers(customers, [name for name in texts if name in of_customers], value, zone)
    place = pd.Index(listed[CUSTOMER].astype(object)).get_indexer(rows[CUSTOMER].astype(object))
    own = listed.take(np.maximum(place, 0)).reset_index(drop=True)
    at = rows[AT].to_numpy(float)
    log = moments(contacts, AT, ["channel"], zone)
    orders = moments(events, "ordered_at", [amount] if outcome == REVENUE else [], zone)
    end = end_of(as_of, zone, [rows[AT], listed[LEFT], log[AT], orders[AT]])
    gone = np.where(place >= 0, own[LEFT].to_numpy(float), np.nan)
    gone = np.where(gone > end, np.nan, gone)
    first = _first_of_each(rows[CUSTOMER], at)
    reasons = {
        "whose answer has no date or no customer": ~np.isfinite(at) | rows[CUSTOMER].isna().to_numpy(),
        "who are not in the table of customers": place < 0,
        "who answered again later: the first answer counts": ~first,
        "who had left when they answered": gone <= at,
        "who answered at the end of the data": at >= end,
    }
    out, said = np.zeros(len(rows), bool), []
    for why, which in reasons.items():
        many = int((which & ~out).sum())
        said += [f"Left out: {many} {'person' if many == 1 else 'people'} {why}."] if many else []
        out |= which
    stop = np.where(np.isfinite(gone), gone, end)
    time = np.maximum((stop - at) / DAY, 0.0)
    chose, told = _chose(own, place, exits)
    ended = np.isfinite(gone)
    left = ended & chose
    horizons = np.minimum(time, horizon)
    known, names_before = {}, []
    for name in KNOWN_BEFORE if wanted is None else wanted:
        column = _before(name, rows, own, at, log, orders, horizon, place)
        if column is not None:
            known[name] = column
            names_before.append(name)
    names, columns = known_columns(known)
    if outcome == CHURN:
        value_of = np.where(left & (time <= horizon), 1.0, np.where((time >= horizon) | ended, 0.0, np.nan))
        cost = None
    elif outcome == CONTACTS:
        value_of, cost = contacts_after(rows[CUSTOMER], at, horizons, log, channels)
    else:
        value_of, cost = spent_after(rows[CUSTOMER], at, horizons, orders, amount), None
    notes = [*said, *(told if outcome == CHURN and ended.any() else [])]
    people = people_of(
        **basics, outcome=value_of, time=time, left=left, ended=ended, exposure=horizons / horizon, cost=cost,
        value=np.where(place >= 0, own["_value"].to_numpy(float), np.nan), names=names, covariates=columns, later=True,
        notes=tuple(notes), silent=_silent(listed, rows, orders, end),
    )  # fmt: skip
    return complete(people.part(~out), churn=outcome == CHURN)


def answered(responses: IntoFrame, texts: Sequence[str], zone: str, *, needs: bool = False) -> pd.DataFrame:
    """Return one row a respondent, in the order of the design: the customer, the last moment of the answer, and columns."""
    present = tally.columns_of(responses)
    if "retained" in present:
        responses = tally.keep_true(responses, "retained")  # as the scores do
    if needs:
        for name in (CUSTOMER, AT):
            if name not in present:
                raise ColumnError.missing(name, "responses", present)
    tally.require(responses, list(texts), "responses")
    keys = [UNIT, *([CUSTOMER] if needs else []), *texts]
    found = tally.tally_times(responses, keys=keys, times=[AT] if needs else [], zone=zone, table="responses")
    last = found.sort_values(AT, kind="stable") if needs else found
    rows = last.groupby(UNIT, observed=True, sort=True).last()
    return rows.reset_index()


def listed_customers(customers: Any, texts: Sequence[str], value: str, zone: str) -> pd.DataFrame:
    """Return one row a customer of the table; columns that it does not have are missing in all rows."""
    if absent(customers):
        return pd.DataFrame({CUSTOMER: [], LEFT: [], SINCE: [], EXIT: [], "_value": []})
    schema = nw.from_native(customers).collect_schema()
    tally.require(customers, [CUSTOMER], "customers")
    times = [name for name in (LEFT, SINCE) if name in schema]
    numbers = [name for name in texts if schema[name].is_numeric()]
    money = [value] if value in schema and value not in numbers else []
    keys = [CUSTOMER, *(name for name in (*texts, EXIT) if name in schema and name not in numbers)]
    rows = tally.tally_times(customers, keys=keys, times=times, numbers=[*numbers, *money], zone=zone, table="customers")
    rows = rows.dropna(subset=[CUSTOMER])
    if rows[CUSTOMER].duplicated().any():
        raise ArgumentError("`customers` must have one row a customer, and some have several; keep the latest.")
    for name in (LEFT, SINCE):
        rows[name] = rows.get(name, np.nan)
    rows[EXIT] = rows.get(EXIT)
    rows["_value"] = rows[value].where(rows[value] >= 0) if value in rows else np.nan
    return rows.reset_index(drop=True)


def _first_of_each(customer: pd.Series, at: Floats) -> np.ndarray:
    """Mark the first answer of each customer."""
    order = np.lexsort([np.arange(len(at)), np.where(np.isfinite(at), at, np.inf)])
    names = customer.astype(object).to_numpy()[order]
    first = np.zeros(len(at), bool)
    first[order] = ~pd.Series(names).duplicated().to_numpy()
    return first


def _chose(own: pd.DataFrame, place: Codes, exits: Sequence[str]) -> tuple[np.ndarray, list[str]]:
    """Return whose leaving counts as churn, and say so."""
    why = own[EXIT].astype(object).where(own[EXIT].notna(), None).to_numpy()
    known = {str(each) for each in why if each is not None}
    if not known & set(exits):
        return np.ones(len(place), bool), ["Every leaving counts, whatever its reason." if not known else
            f"Every leaving counts: the column 'exit' never says {' or '.join(map(repr, exits))}."]  # fmt: skip
    others = sorted(known - set(exits))
    said = [f"Leaving counts where the reason is {' or '.join(map(repr, exits))}, or is not known."]
    if others:
        said.append(
            f"Those who left for another reason ({', '.join(others)}) were watched until then, and did not choose to leave."
        )
    return np.array([each is None or str(each) in exits for each in why]), said


def _before(
    name: str, rows: pd.DataFrame, own: pd.DataFrame, at: Floats, log: pd.DataFrame, orders: pd.DataFrame, horizon: float,
    place: Codes,
) -> pd.Series | None:  # fmt: skip
    """Return what was known of each person before the answer; None where no table tells it."""
    if name == "tenure":
        years = (at - own[SINCE].to_numpy(float)) / DAY / 365.25
        return pd.Series(np.log1p(np.maximum(years, 0))) if np.isfinite(years).any() else None
    if name in ("contacts before", "orders before"):
        table = log if name.startswith("contacts") else orders
        return pd.Series(np.log1p(within(rows[CUSTOMER], at - horizon * DAY, at - 1, table))) if len(table) else None
    if name in own:
        column = own[name]
        return column.where(place >= 0) if column.notna().any() else None
    return rows.get(name)


def _silent(listed: pd.DataFrame, rows: pd.DataFrame, orders: pd.DataFrame, end: float) -> tuple[tuple[str, int, float], ...]:
    """Count, and value, the customers of the table who are still there and did not answer."""
    there = ~(listed[LEFT] <= end).to_numpy(bool)
    asked = listed[CUSTOMER].astype(object).isin(set(rows[CUSTOMER].dropna().astype(object))).to_numpy()
    bought = listed[CUSTOMER].astype(object).isin(set(orders[CUSTOMER].astype(object))).to_numpy()
    worth = listed["_value"].to_numpy(float)
    found = []
    groups = (("with an order", bought), ("without an order", ~bought)) if len(orders) else (("", ~bought),)
    for name, which in groups:  # who ordered is known only where there are orders
        chosen = there & ~asked & which
        found.append((name, int(chosen.sum()), float(np.nansum(worth[chosen])) if np.isfinite(worth).any() else np.nan))
    return tuple(found)
