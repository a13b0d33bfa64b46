"""Logs of contacts and orders, added up for each customer between two moments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from cxgap import tally
from cxgap.gaps import clocks
from cxgap.gaps.contact_log import DAY
from cxgap.gaps.outcome_people import AT, CUSTOMER
from cxgap.stats.means import Floats
from cxgap.tables.absent import absent


def moments(table: Any, time: str, columns: Sequence[str], zone: str) -> pd.DataFrame:
    """Return customer, time and columns of a log; no rows where there is none."""
    lacking = pd.DataFrame({CUSTOMER: pd.Series([], dtype=object), AT: pd.Series([], dtype=float), "rows": []})
    if table is None or absent(table):
        return lacking.assign(**dict.fromkeys(columns, np.nan))
    schema = nw.from_native(table).collect_schema()
    if CUSTOMER not in schema or time not in schema:
        return lacking.assign(**dict.fromkeys(columns, np.nan))
    texts = [name for name in columns if name in schema and not schema[name].is_numeric()]
    numbers = [name for name in columns if name in schema and schema[name].is_numeric()]
    rows = tally.tally_times(table, keys=[CUSTOMER, *texts], times=[time], numbers=numbers, zone=zone)
    rows = rows.rename(columns={time: AT}).dropna(subset=[CUSTOMER, AT])
    for name in columns:
        rows[name] = rows.get(name, np.nan)
    return rows.reset_index(drop=True)


def end_of(as_of: str | None, zone: str, columns: Sequence[pd.Series]) -> float:
    """Return the moment at which the data end: as asked, else the last that any table tells of."""
    last = [float(column.max()) for column in columns if len(column) and column.notna().any()]
    return clocks.end_of(as_of, zone, max(last, default=0.0))


def within(customer: pd.Series, start: Floats, end: Floats, log: pd.DataFrame, worth: Floats | None = None) -> Floats:
    """Add up, for each person, the rows of a log with start < time <= end."""
    if log.empty:
        return np.zeros(len(start))
    index = pd.Index(pd.unique(log[CUSTOMER].astype(object)))
    code = index.get_indexer(log[CUSTOMER].astype(object))
    at = log[AT].to_numpy(float)
    order = np.lexsort([at, code])
    add = np.concatenate([[0.0], np.cumsum((log["rows"].to_numpy(float) * (1.0 if worth is None else worth))[order])])
    key = code[order].astype(float), at[order]
    mine = index.get_indexer(customer.astype(object))
    base = np.searchsorted(key[0], mine, side="left")
    last = np.searchsorted(key[0], mine, side="right")
    found = np.zeros(len(start))
    for person in np.flatnonzero(mine >= 0):
        times = key[1][base[person] : last[person]]
        low = base[person] + np.searchsorted(times, start[person], side="right")
        high = base[person] + np.searchsorted(times, end[person], side="right")
        found[person] = add[high] - add[low] if high > low else 0.0
    return found


def contacts_after(
    customer: pd.Series, at: Floats, days: Floats, log: pd.DataFrame, channels: Any
) -> tuple[Floats, Floats | None]:
    """Count the contacts after each answer, and what they cost where channels tell."""
    ends = at + days * DAY
    count = within(customer, at, ends, log)
    if channels is None or absent(channels) or "cost" not in tally.columns_of(channels):
        return count, None
    price = tally.tally_times(channels, keys=["channel"], numbers=["cost"], table="channels")
    by_name = dict(zip(price["channel"].astype(str), price["cost"].astype(float), strict=True))
    each = log["channel"].astype(object).map(lambda name: by_name.get(str(name), np.nan)).to_numpy(float)
    usual = float(np.nanmean(each)) if np.isfinite(each).any() else np.nan
    return count, within(customer, at, ends, log, np.where(np.isfinite(each), each, usual))


def spent_after(customer: pd.Series, at: Floats, days: Floats, orders: pd.DataFrame, amount: str) -> Floats:
    """Add up what each customer spent after the answer."""
    worth = np.nan_to_num(pd.to_numeric(orders[amount], errors="coerce").to_numpy(float)) if len(orders) else None
    return within(customer, at, at + days * DAY, orders, worth)
