"""Contacts, or requests for service, as cases: how long they waited and stayed open, and what of them was settled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap.gaps.clocks import end_of
from cxgap.gaps.contact_log import AT, CONTACT, CUSTOMER, TOUCHPOINT, cells_of, customer_groups, known_flags
from cxgap.gaps.moments import EVENT, SECONDS
from cxgap.gaps.service_measures import Found, no_ends
from cxgap.stats.ended import ended, mean_of, share_interval
from cxgap.stats.means import Codes, Floats
from cxgap.stats.survival import FULFILLED, OPEN, Curve, count_times, kaplan_meier, log_log_interval, quantile
from cxgap.stats.waiting import clustered
from cxgap.tables.metrics import cancelling

MINUTE, HOUR, DAY, WEEK = 60e6, 3600e6, 86_400e6, 604_800e6  # microseconds
ROUNDING: Final = 1e-9  # a time that is longer by less is not
SHIFT: Final = 4 * DAY  # 1970 began on a Thursday; weeks begin on Monday
FLAGS: Final = ("abandoned", "reopened", "resolved")


class Cases(NamedTuple):
    """Cases, one a row.

    Attributes
    ----------
    rows : `at`, `ended` (NaN while open or not known; microseconds), `gone` (called off at `ended`), `due`, `waited`, `watched`
        (how long a wait could be seen; minutes), `cut` (it was longer), flags (1, 0, NaN), texts of `channel`, `reason` and
        `touchpoint`, `customer`, a code, and `cell`
    cells : the keys of each cell
    end : the last moment of the data, or that of `as_of`
    seen : the last moment on record up to it
    untold : rows without a customer or a time
    backwards : rows that ended before they began
    later : rows that came after `as_of`
    alone : whether the table has no customers, so that each case is one of its own
    dated : whether the table has a column that says when a case was settled
    requests : whether the table is of events
    """

    rows: pd.DataFrame
    cells: pd.DataFrame
    end: float
    seen: float
    untold: int
    backwards: int
    later: int
    alone: bool
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
    own = [each for each in by if each not in others]
    keys = [CUSTOMER, name, *own, "channel", "reason", TOUCHPOINT, *FLAGS, "status"]
    keys = [each for each in dict.fromkeys(keys) if each in schema and (each != "status" or requests or each in by)]
    times = [each for each in (start, done, off, due) if each in schema]
    numbers = ["waited"] if "waited" in schema and not requests else []
    table = "events" if requests else "contacts"
    rows = tally.tally_times(contacts, keys=keys, times=times, numbers=numbers, zone=zone, table=table)
    count = rows["rows"].to_numpy(np.int64)
    count = np.where(rows[name].notna(), 1, count) if name in rows else count
    rows = rows.iloc[np.repeat(np.arange(len(rows)), count)].reset_index(drop=True)
    if TOUCHPOINT in rows and TOUCHPOINT not in own and name in rows:
        rows = _once(rows, [each for each in rows if each not in (TOUCHPOINT, "rows")], name)
    known = rows[start].notna() & (rows[CUSTOMER].notna() if CUSTOMER in rows else True)
    untold, rows = int((~known).sum()), rows[known].reset_index(drop=True)
    last = end_of(as_of, zone)
    moments = [rows[each].to_numpy(float) for each in times if each != due]
    latest = float(np.nanmax(np.concatenate(moments), initial=-np.inf)) if len(rows) else 0.0
    end = last if np.isfinite(last) else latest
    known = len(rows)
    rows = rows[rows[start] <= end].reset_index(drop=True)
    told = [rows[each].to_numpy(float) for each in times if each != due]
    seen = max((float(each[each <= end].max(initial=-np.inf)) for each in told), default=end)
    settled, called = (rows[each].to_numpy(float) if each in rows else np.full(len(rows), np.nan) for each in (done, off))
    at = rows[start].to_numpy(float)
    backwards = (settled < at) | (called < at)
    settled, called = (np.where(each > end, np.nan, each) for each in (settled, called))
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
        for each in ("channel", "reason", TOUCHPOINT)
    }  # fmt: skip
    kept = ~backwards
    groups = {each: column[kept].reset_index(drop=True) for each, column in _groups(rows, by, others, customers).items()}
    cell, cells = cells_of(groups, int(kept.sum()))
    made_of = _watched(pd.DataFrame(made)[kept].reset_index(drop=True), last).assign(cell=cell)
    return Cases(
        made_of,
        cells,
        end,
        seen,
        untold,
        int(backwards.sum()),
        known - len(rows),
        CUSTOMER not in schema,
        done in schema,
        requests,
    )


def _once(rows: pd.DataFrame, columns: list[str], name: str) -> pd.DataFrame:
    """Take a case that several touchpoints tell of for one, of no touchpoint that is known."""
    several = rows[name].notna() & rows.duplicated(columns, keep=False)
    if not several.any():
        return rows
    alike = several & ~rows.duplicated([*columns, TOUCHPOINT], keep=False)
    rows = rows.assign(**{TOUCHPOINT: rows[TOUCHPOINT].astype(object).where(~alike, None)})
    return rows[~(several & rows.duplicated(columns))].reset_index(drop=True)


def _watched(rows: pd.DataFrame, last: float) -> pd.DataFrame:
    """Watch waits no longer than `as_of`: who was answered after it was waiting then. Without it, all that is told was seen."""
    watched = (last - rows[AT].to_numpy(float)) / MINUTE
    waited = rows["waited"].to_numpy(float)
    cut = waited > watched * (1 + ROUNDING)
    return rows.assign(waited=np.where(cut, watched, waited), watched=watched, cut=cut)


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
    """Return the share settled by the date promised, of those whose date has come."""
    rows = cases.rows[inside]
    due = rows["due"].to_numpy(float)
    return _by(cases, rows, np.where(due < rows[AT].to_numpy(float), np.nan, due))


def within_own(cases: Cases, inside: np.ndarray, limit: Floats) -> Found | None:
    """Return the share settled within a limit of each case's own (microseconds, NaN where none), of those whose has run out."""
    rows = cases.rows[inside]
    return _by(cases, rows, rows[AT].to_numpy(float) + limit)


def _by(cases: Cases, rows: pd.DataFrame, due: Floats) -> Found | None:
    """Return the share that had ended by a moment of each case's own, of those whose moment has come by the end of the data.

    A curve along the distance to that moment would be biased: what has a month is cut off earlier along it than what has a day,
    and is settled at other rates. Of a moment that has come nothing is cut off. What was called off before it is left out.
    """
    done, gone = rows["ended"].to_numpy(float), rows["gone"].to_numpy(bool)
    spared = gone & ~(done > due)
    told = np.isfinite(due) & (due <= cases.end) & ~spared
    return share_of(np.where(told, ((done <= due) & ~gone).astype(float), np.nan), rows["customer"].to_numpy(np.int64))
