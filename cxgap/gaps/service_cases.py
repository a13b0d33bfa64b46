"""Contacts, or requests for service, as cases: how long they waited and stayed open, and what of them was settled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap.gaps.clocks import local
from cxgap.gaps.contact_log import AT, CONTACT, CUSTOMER, _moment, cells_of, customer_groups, known_flags
from cxgap.gaps.moments import EVENT, SECONDS
from cxgap.gaps.service_measures import Found, no_ends
from cxgap.stats.ended import ended, mean_of, share_interval
from cxgap.stats.means import Codes, Floats, t_interval
from cxgap.stats.survival import FULFILLED, OPEN, Curve, count_times, kaplan_meier, log_log_interval, quantile
from cxgap.stats.waiting import clustered
from cxgap.tables.metrics import cancelling

HOUR, DAY, WEEK = 3600e6, 86_400e6, 604_800e6  # microseconds
SHIFT: Final = 4 * DAY  # 1970 began on a Thursday; weeks begin on Monday
WEEKS, LEAST_WEEKS = 13, 4
FLAGS: Final = ("abandoned", "reopened", "resolved")


class Cases(NamedTuple):
    """Cases, one a row.

    Attributes
    ----------
    rows : `at`, `ended` (NaN while open or not known; microseconds), `gone` (called off at `ended`), `due`, `waited`, flags
        (1, 0, NaN), texts of `channel` and `reason`, `customer`, a code, and `cell`
    cells : the keys of each cell
    end : the last moment of the data
    untold : rows without a customer or a time
    dated : whether the table has a column that says when a case was settled
    requests : whether the table is of events
    """

    rows: pd.DataFrame
    cells: pd.DataFrame
    end: float
    untold: int
    dated: bool
    requests: bool

    @property
    def customer(self) -> Codes:
        """Code of the customer of each case."""
        return self.rows["customer"].to_numpy(np.int64)


def read_cases(
    contacts: IntoFrame, by: Sequence[str], others: Sequence[str], customers: IntoFrame | None, as_of: str | None, zone: str
) -> Cases:
    """Read contacts, or events in their place, one case each; `others` are the columns of `by` that customers have."""
    schema = nw.from_native(contacts).collect_schema()
    requests = AT not in schema
    start, done, name = ("ordered_at", "delivered_at", EVENT) if requests else (AT, "resolved_at", CONTACT)
    off, due = ("cancelled_at", "promised_first") if requests else ("", "")
    keys = [CUSTOMER, name, *(each for each in by if each not in others), "channel", "reason", *FLAGS, "status"]
    keys = [each for each in dict.fromkeys(keys) if each in schema and (each != "status" or requests or each in by)]
    times = [each for each in (start, done, off, due) if each in schema]
    numbers = ["waited"] if "waited" in schema and not requests else []
    table = "events" if requests else "contacts"
    rows = tally.tally_times(contacts, keys=keys, times=times, numbers=numbers, zone=zone, table=table)
    count = rows["rows"].to_numpy(np.int64)
    count = np.where(rows[name].notna(), 1, count) if name in rows else count
    rows = rows.iloc[np.repeat(np.arange(len(rows)), count)].reset_index(drop=True)
    known = rows[start].notna() & (rows[CUSTOMER].notna() if CUSTOMER in rows else True)
    untold, rows = int((~known).sum()), rows[known].reset_index(drop=True)
    last = _moment(as_of, zone)
    moments = [rows[each].to_numpy(float) for each in times if each != due]
    latest = float(np.nanmax(np.concatenate(moments), initial=-np.inf)) if len(rows) else 0.0
    end = last if np.isfinite(last) else latest
    rows = rows[rows[start] <= end].reset_index(drop=True)
    settled, called = (rows[each].to_numpy(float) if each in rows else np.full(len(rows), np.nan) for each in (done, off))
    at = rows[start].to_numpy(float)
    settled, called = (np.where((each > end) | (each < at), np.nan, each) for each in (settled, called))
    gone = np.isnan(settled) & np.isfinite(called)
    if requests and "status" in rows:  # called off, nobody says when: it tells nothing of how long
        said = rows["status"].astype(object)
        gone |= np.isnan(settled) & said.isin(cancelling(said.dropna().unique())).to_numpy(bool)
    made = {
        AT: at, "ended": np.where(gone, called, settled), "gone": gone,
        "due": rows[due].to_numpy(float) if due in rows else np.full(len(rows), np.nan),
        "waited": rows["waited"].where(rows["waited"] >= 0).to_numpy(float) if numbers else np.full(len(rows), np.nan),
        "customer": rows[CUSTOMER].cat.codes.to_numpy(np.int64) if CUSTOMER in rows else np.arange(len(rows)),
    }  # fmt: skip
    made |= {
        flag: known_flags(rows[flag], flag, table) if flag in rows and not requests else np.full(len(rows), np.nan)
        for flag in FLAGS
    }
    made |= {
        each: rows[each].astype(object).where(rows[each].notna(), "").astype(str).to_numpy()
        if each in rows else np.full(len(rows), "", dtype=object)
        for each in ("channel", "reason")
    }  # fmt: skip
    cell, cells = cells_of(_groups(rows, by, others, customers), len(rows))
    return Cases(pd.DataFrame(made).assign(cell=cell), cells, end, untold, done in schema, requests)


def _groups(rows: pd.DataFrame, by: Sequence[str], others: Sequence[str], customers: IntoFrame | None) -> dict[str, pd.Series]:
    """Return the columns that make cells, of the rows or of their customers."""
    found = {name: rows[name] for name in by if name not in others}
    if others and customers is not None:
        table = customer_groups(customers, others)
        place = pd.Index(table[CUSTOMER].astype(object)).get_indexer(rows[CUSTOMER].astype(object))
        for name in others:
            codes = np.append(table[name].cat.codes.to_numpy(), -1)[place]
            found[name] = pd.Series(pd.Categorical.from_codes(codes, dtype=table[name].dtype))
    return {name: found[name] for name in by}


def people(customer: Codes) -> float:
    """Count customers."""
    return float(len(np.unique(customer)))


def share_of(value: Floats, customer: Codes) -> Found | None:
    """Return the share of cases that are 1; cases of a customer are not independent. None where no case tells."""
    known = np.isfinite(value)
    if not known.any():
        return None
    value, customer = value[known], customer[known]
    things = ended(np.zeros(len(value)), np.ones(len(value), bool), customer)
    mean = mean_of(things, value)
    return Found(*mean, people(customer), float(len(value)), lambda level: share_interval(things, mean, conf_level=level))


class Times(NamedTuple):
    """Times of cases to their end, in the unit, and the curve of those that last longer."""

    time: Floats
    event: np.ndarray
    customer: Codes
    curve: Curve

    @classmethod
    def of(cls, time: Floats, event: np.ndarray, customer: Codes) -> Times | None:
        """Make the curve, with errors robust to customers of several cases; None where nothing ended."""
        known = np.isfinite(time) & (time >= 0)
        time, event, customer = time[known], event[known], customer[known]
        if not event.any():
            return None
        curve = kaplan_meier(count_times(time, np.where(event, FULFILLED, OPEN)))
        if people(customer) < len(time):
            curve = clustered(curve, time, event, customer)
        return cls(time, event, customer, curve)

    def quantile(self, share: float, unit: str) -> Found:
        """Return the time by which a share has ended, with the interval that inverts the band."""
        n = people(self.customer)
        value = quantile(self.curve, share, conf_level=0.95)[0]
        flags = () if np.isfinite(value) else ("NOT_IDENTIFIED",)
        ends = (lambda level: quantile(self.curve, share, conf_level=level)[1:]) if n > 1 else no_ends
        return Found(value, np.nan, np.nan, n, float(len(self.time)), ends, unit, flags)

    def within(self, limit: float) -> Found:
        """Return the share that has ended by a time, on the scale of log(-log); NaN beyond what was watched."""
        n = people(self.customer)
        place = int(np.searchsorted(self.curve.time, limit * (1 + 1e-12), side="right")) - 1
        longest = self.time.max()
        if limit > longest and self.curve.survival[-1] > 0:
            return Found(np.nan, np.nan, np.nan, n, float(len(self.time)), no_ends, flags=("NOT_IDENTIFIED",))
        still = self.curve.survival[place] if place >= 0 else 1.0
        std_error = self.curve.std_error[place] if place >= 0 else 0.0
        risk = self.curve.at_risk[max(place, 0)] * n / len(self.time)

        def ends(level: float) -> tuple[float, float]:
            low, high = log_log_interval(np.array([still]), np.array([std_error]), np.array([risk]), conf_level=level)
            return 1 - float(high[0]), 1 - float(low[0])

        return Found(1 - float(still), float(std_error), np.nan, n, float(len(self.time)), ends if n > 1 else no_ends)


def times_to_end(cases: Cases, inside: np.ndarray, unit: str) -> Times | None:
    """Return how long cases stayed open; those still open are watched to the end of the data, those called off to then."""
    rows = cases.rows[inside]
    at, done = rows[AT].to_numpy(float), rows["ended"].to_numpy(float)
    gone = rows["gone"].to_numpy(bool)
    unknown = np.isnan(done) & gone
    until = np.where(np.isnan(done), cases.end, done)
    time = np.where(unknown, np.nan, (until - at) / (1e6 * SECONDS[unit]))
    return Times.of(time, np.isfinite(done) & ~gone, rows["customer"].to_numpy(np.int64))


def kept_by_date(cases: Cases, inside: np.ndarray) -> Found | None:
    """Return the share settled by the date promised; open cases are watched on the axis of what they are late."""
    rows = cases.rows[inside]
    done, gone = rows["ended"].to_numpy(float), rows["gone"].to_numpy(bool)
    late = (np.where(np.isnan(done), cases.end, done) - rows["due"].to_numpy(float)) / DAY
    known = np.isfinite(late) & ~gone
    if not (known & np.isfinite(done)).any():
        return None
    shift = float(min(late[known].min(), 0.0))
    made = Times.of(late[known] - shift, np.isfinite(done)[known], rows["customer"].to_numpy(np.int64)[known])
    return None if made is None else made.within(-shift)


def flows(cases: Cases, inside: np.ndarray, zone: str) -> dict[str, Found]:
    """Return what is open at the end, and what came, was settled and was added a week, over whole weeks.

    Weeks are the independent units. The weeks before nine in ten of the first cases can have been settled are left out: of
    what was open when the data begin nothing is known.
    """
    rows = cases.rows[inside]
    at, done, gone = (rows[name].to_numpy() for name in (AT, "ended", "gone"))
    unknown = np.isnan(done) & gone
    at, done, customer = at[~unknown], done[~unknown], rows["customer"].to_numpy(np.int64)[~unknown]
    still = np.isnan(done)
    n = people(customer)
    found = {"backlog": Found(float(still.sum()), np.nan, np.nan, people(customer[still]), float(len(at)), no_ends)}
    moved = local(np.array([cases.end]), zone)[0] - cases.end
    first, last = (np.floor((value + moved - SHIFT) / WEEK) for value in (at.min(), cases.end + 1))
    closed = np.isfinite(done)
    warm = np.ceil(np.quantile((done - at)[closed], 0.9) / WEEK) if closed.any() else 0.0
    first = max(first + 1 + warm, last - WEEKS)
    weeks = int(last - first)
    for name, value in (("arrivals", _weekly(at, zone, first, weeks)), ("closures", _weekly(done[closed], zone, first, weeks))):
        found[name] = _mean_of_weeks(value, n)
    net = _weekly(at, zone, first, weeks) - _weekly(done[closed], zone, first, weeks)
    found["backlog_trend"] = _mean_of_weeks(net, n)
    return found


def _weekly(moments: Floats, zone: str, first: float, weeks: int) -> Floats:
    week = np.floor((local(moments, zone) - SHIFT) / WEEK) - first
    inside = (week >= 0) & (week < weeks)
    return np.bincount(week[inside].astype(np.int64), minlength=max(weeks, 0)).astype(float)[: max(weeks, 0)]


def _mean_of_weeks(value: Floats, n: float) -> Found:
    if len(value) < LEAST_WEEKS:
        return Found(np.nan, np.nan, np.nan, n, float(len(value)), no_ends, flags=("NOT_IDENTIFIED",))
    mean, std_error, df = float(value.mean()), float(value.std(ddof=1) / np.sqrt(len(value))), len(value) - 1.0

    def ends(level: float) -> tuple[float, float]:
        low, high = t_interval(np.array([mean]), np.array([std_error]), np.array([df]), conf_level=level)
        return float(low[0]), float(high[0])

    return Found(mean, std_error, df, n, float(len(value)), ends)
