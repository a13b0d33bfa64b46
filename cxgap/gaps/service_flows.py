"""What stays open: how many cases come, are settled and are added in a week, and how many are open at the end."""

from __future__ import annotations

from typing import Final

import numpy as np

from cxgap.gaps.clocks import local
from cxgap.gaps.contact_log import AT
from cxgap.gaps.service_cases import SHIFT, WEEK, Cases, people
from cxgap.gaps.service_measures import Found, no_ends
from cxgap.stats.means import Floats, t_interval

WEEKS: Final = 13
LEAST_WEEKS: Final = 4


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
    end = cases.end if cases.end - cases.seen <= WEEK else cases.seen  # nobody knows of weeks that nothing is on record of
    moved = local(np.array([end]), zone)[0] - end
    first, last = (np.floor((value + moved - SHIFT) / WEEK) for value in (at.min(), end + 1))
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
