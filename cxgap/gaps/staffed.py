"""Staffing against contacts: agents for each customer, open minutes, and people there of those planned, hour by hour."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap.gaps.clocks import local
from cxgap.gaps.service_cases import DAY, HOUR, SHIFT, WEEK, Cases, people, share_of
from cxgap.gaps.service_measures import Found, no_ends
from cxgap.stats.ended import Mean, ratio_of
from cxgap.stats.means import Codes, Floats, sum_by, t_interval
from cxgap.stats.proportions import korn_graubard

OF_STAFF: Final = ("channel", "team")
WHOLE: Final = 60.0  # minutes
LEAST_WEEKS: Final = 8
MOSTLY: Final = 0.8  # of the hours, without a customer: the log of contacts is hardly whole
FEW_STAFF: Final = 5  # agents of an hour: of fewer, who was not there would be told
ROWS: Final = {
    "mon-sun": (tuple(range(7)), ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")),
    "week-weekend": ((0, 0, 0, 0, 0, 1, 1), ("Monday to Friday", "Saturday and Sunday")),
}


class Staff(NamedTuple):
    """Hours of staff, one row each: `hour` (local, since 1970), `agents`, `planned`, `minutes` open, and texts of OF_STAFF.

    `aside` counts what cannot be, and `parts` says whether some hours were told in several parts.
    """

    rows: pd.DataFrame
    present: list[str]
    aside: int
    parts: bool


def read_staff(staffing: IntoFrame, end: float, zone: str) -> Staff:
    """Read the hours up to the end of the data; an hour that cannot be is set aside and counted."""
    tally.require(staffing, ["at", "agents"], "staffing")
    present = tally.columns_of(staffing, "staffing")
    keys: list[str] = [name for name in OF_STAFF if name in present]
    numbers = [name for name in ("agents", "planned", "open_minutes") if name in present]
    rows = tally.tally_times(staffing, keys=keys, times=["at"], numbers=numbers, zone=zone, table="staffing")
    minutes = rows["open_minutes"].fillna(WHOLE) if "open_minutes" in rows else pd.Series(WHOLE, rows.index)
    planned = rows["planned"] if "planned" in rows else pd.Series(np.nan, rows.index)
    right = rows["at"].notna() & (rows["agents"] >= 0) & minutes.between(0, WHOLE) & ~(planned < 0)
    late = (rows["at"] > end) & right
    made = pd.DataFrame({"agents": rows["agents"], "planned": planned, "minutes": minutes})
    texts = {name: rows[name].astype(object).where(rows[name].notna(), "").astype(str) for name in keys}
    kept = (right & ~late).to_numpy(bool)
    made = made.assign(**texts)[kept].reset_index(drop=True)
    at = rows["at"].to_numpy(float)[kept]
    clock = local(at, zone)
    made["hour"] = np.floor(clock / HOUR)
    whole, parts = _whole_hours(made.assign(shift_=clock - at), keys)
    return Staff(whole, keys, int((~right).sum()), parts)


def _whole_hours(rows: pd.DataFrame, keys: list[str]) -> tuple[pd.DataFrame, bool]:
    """Take the parts of an hour together: agents are their mean, or half an hour of two would count as an hour of four.

    The hour that clocks show twice is two hours, which their shift (`shift_`, of the zone) keeps apart.
    """
    own = [*keys, "hour", "shift_"]
    if not rows.duplicated(own).any():
        return rows.drop(columns="shift_"), False
    groups = rows.groupby(own, sort=True, observed=True)
    made = groups[["agents", "planned"]].mean()  # what is planned of no part stays unknown
    made["minutes"] = groups["minutes"].sum().clip(upper=WHOLE)
    return made.reset_index().drop(columns="shift_"), True


class Hours(NamedTuple):
    """The hours of one cell: of each `hour` that is staffed the agents, planned, open and whole minutes, and its customers."""

    hour: Floats
    agents: Floats
    planned: Floats
    minutes: Floats
    whole: Floats
    customers: Floats
    n: float
    unattended: Found | None


def hours_of(staff: Staff, cases: Cases, keys: dict[str, str], inside: np.ndarray, zone: str) -> Hours | None:
    """Lay the staffed hours of a cell beside the customers who came in them; None where nobody was ever planned.

    Parameters
    ----------
    keys : values of the columns of OF_STAFF that make the cell
    inside : which cases are of the cell
    """
    rows = staff.rows
    for name, value in keys.items():
        rows = rows[rows[name] == value]
    if rows.empty:
        return None
    hour, place = np.unique(rows["hour"].to_numpy(float), return_inverse=True)
    total = {name: sum_by(place, len(hour), rows[name].to_numpy(float)) for name in ("agents", "planned", "minutes")}
    whole: Floats = sum_by(place, len(hour), np.full(len(place), WHOLE))
    came = cases.rows[inside]
    if "channel" in staff.present:
        came = came[came["channel"].isin(set(rows["channel"]))]
    when = np.floor(local(came["at"].to_numpy(float), zone) / HOUR)
    watched = (when >= hour[0]) & (when <= hour[-1])
    when, customer = when[watched], came["customer"].to_numpy(np.int64)[watched]
    spot = np.searchsorted(hour, when)
    there = (spot < len(hour)) & (hour[np.minimum(spot, len(hour) - 1)] == when)
    pairs = np.unique(np.column_stack([spot[there], customer[there]]), axis=0)
    customers = np.bincount(pairs[:, 0], minlength=len(hour)).astype(float)
    manned = np.zeros(len(when))
    manned[there] = (total["agents"][spot[there]] > 0) & (total["minutes"][spot[there]] > 0)
    return Hours(
        hour, total["agents"], total["planned"], total["minutes"], whole, customers, people(customer[there]),
        share_of(1 - manned, customer),
    )  # fmt: skip


def staffed(hours: Hours, min_n: int) -> dict[str, Found]:
    """Return what staffing tells of a cell over all its hours; days are the independent units."""
    day = np.floor(hours.hour * HOUR / DAY).astype(np.int64)
    found = {}
    if hours.customers.sum() > 0:
        found["agents_per_customer"] = _ratio(hours.agents, hours.customers, day, hours.n)
        if (hours.customers == 0).mean() > MOSTLY:
            found["agents_per_customer"] = found["agents_per_customer"]._replace(flags=("FEW_CAME",))
    found["open"] = _part(hours.minutes, hours.whole, day, hours.whole.sum() / WHOLE)
    known = np.isfinite(hours.planned) & (hours.planned > 0)
    if known.any():
        present = _part(hours.agents[known], hours.planned[known], day[known], hours.planned[known].sum())
        few = min_n > 1 and hours.planned[known].max() < FEW_STAFF
        found["present"] = present._replace(n=0.0) if few else present
    if hours.unattended is not None:
        found["unattended"] = hours.unattended
    return found


def by_hour(hours: Hours, pooled: str, min_n: int) -> list[tuple[int, int, str, Found]]:
    """Return customers for each agent, the open share and agents there of those planned, by weekday (or group) and hour."""
    groups, names = ROWS[pooled]
    weekday = (np.floor((hours.hour * HOUR - SHIFT) / DAY) % 7).astype(np.int64)
    week = np.floor((hours.hour * HOUR - SHIFT) / WEEK).astype(np.int64)
    row, clock = np.array(groups)[weekday], (hours.hour % 24).astype(np.int64)
    made = []
    for place in range(len(names)):
        for each in range(24):
            here = (row == place) & (clock == each)
            if not here.any():
                continue
            load = _ratio(hours.customers[here], hours.agents[here], week[here], float(hours.customers[here].sum()))
            made.append((place, each, "load", _enough(load, week[here])))
            opened = _part(hours.minutes[here], hours.whole[here], week[here], hours.whole[here].sum() / WHOLE)
            made.append((place, each, "open_hour", _enough(opened, week[here])))
            known = here & np.isfinite(hours.planned) & (hours.planned > 0)
            if known.any() and not (min_n > 1 and hours.planned[known].max() < FEW_STAFF):
                there = _part(hours.agents[known], hours.planned[known], week[known], hours.planned[known].sum())
                made.append((place, each, "present_hour", _enough(there, week[known])))
    return made


def _enough(found: Found, week: Codes) -> Found:
    """Take the interval away where there are too few weeks to tell one from another."""
    if len(np.unique(week)) >= LEAST_WEEKS:
        return found
    return found._replace(std_error=np.nan, ends=no_ends, flags=("NOT_IDENTIFIED",))


def _ratio(top: Floats, bottom: Floats, unit: Codes, n: float) -> Found:
    mean = ratio_of(top, bottom, unit)
    return Found(*mean, n, float(len(top)), lambda level: _ends(mean, level))


def _ends(mean: Mean, conf_level: float) -> tuple[float, float]:
    if not mean.std_error > 0:  # nothing varies, as where nobody came: that is no certainty
        return np.nan, np.nan
    low, high = t_interval(*(np.array([part]) for part in mean), conf_level=conf_level)
    return max(0.0, float(low[0])), float(high[0])


def _part(top: Floats, bottom: Floats, unit: Codes, size: float) -> Found:
    """Return a sum of parts over the whole, at most 1 unless there were more than planned; of `size` hours that could be."""
    mean, units = ratio_of(top, bottom, unit), float(len(np.unique(unit)))

    def ends(level: float) -> tuple[float, float]:
        if not np.isfinite(mean.std_error):
            return np.nan, np.nan
        if mean.mean > 1 or (top > bottom).any():
            return _ends(mean, level)
        rests = units if mean.std_error == 0 else max(size, units)
        low, high = korn_graubard([mean.mean], [mean.std_error], [rests], [mean.df], conf_level=level)
        return float(low[0]), float(high[0])

    return Found(*mean, np.nan, float(len(top)), ends)


def row_names(pooled: str) -> Sequence[str]:
    """Return the names of the rows of the map."""
    return ROWS[pooled][1]
