"""How many events meet a level that a message promises, open and cancelled ones seen for what they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap.gaps.clocks import end_of, local
from cxgap.gaps.kept import Kept, is_followed, keep, share_of
from cxgap.gaps.ledger import DAY, METRIC, SIDES, TOUCHPOINT, Measured
from cxgap.gaps.moments import CUSTOMER, EVENT, SECONDS
from cxgap.gaps.promises import Promises
from cxgap.stats.means import Floats
from cxgap.stats.survival import CANCELLED, FULFILLED, OPEN
from cxgap.tables.metrics import cancelling
from cxgap.vocabulary import SHARE

ROUNDING: Final = 1e-9  # a level that is missed by less is met
NOTHING: Final = (np.nan, np.nan, np.nan)


class Events(NamedTuple):
    """Events as messages are held against them.

    Attributes
    ----------
    rows : one an event: `customer` (a code, below 0 where not known), `at` (when it began, microseconds, NaN), `value` in its
        unit, or microseconds where `timed`, `dates`, the same for levels in days, `state`, `count`, and as texts touchpoint,
        metric and the context, where known
    known : unit and direction of each touchpoint and metric that events tell of
    timed : whether events hold times, so that any unit of time can be read
    end : the last moment on record, microseconds; NaN where there is none
    """

    rows: pd.DataFrame
    known: dict[tuple[str, str], Measured]
    timed: bool
    end: float


class Attained(NamedTuple):
    """A share with the ends of its interval, and the events and customers that it rests on."""

    share: float
    low: float
    high: float
    events: float
    customers: float


def read_events(
    events: IntoFrame, context: Sequence[str], as_of: str | None, zone: str, *, calendar: bool = False
) -> Events | str:
    """Read events of either shape (see `communication_gap`); why they cannot tell, where they cannot.

    With `calendar`, what is measured in days and has its times is counted in dates of the zone for levels in days: by the end
    of the last one. Levels in hours go by the clock.
    """
    schema = nw.from_native(events).collect_schema()
    last = end_of(as_of, zone)
    timed = "delivered" not in schema
    if timed and not {"ordered_at", "delivered_at"} <= set(schema):
        return "events have neither a column 'delivered' nor the times 'ordered_at' and 'delivered_at'"
    words = [TOUCHPOINT, METRIC, "unit", "direction", *context, *(["status"] if timed else [])]
    keys = [name for name in dict.fromkeys([CUSTOMER, EVENT, *words]) if name in schema]
    moments = ["ordered_at", *(["delivered_at", "cancelled_at"] if timed else ["delivered_at"] if calendar else [])]
    rows = tally.tally_times(
        events, keys=keys, times=[name for name in moments if name in schema], numbers=[] if timed else ["delivered"],
        marks=[] if timed else [name for name in ("open", "cancelled") if name in schema], zone=zone,
    )  # fmt: skip
    if EVENT in rows:
        rows["rows"] = np.where(rows[EVENT].notna(), 1.0, rows["rows"])
    at = rows["ordered_at"].to_numpy(float) if "ordered_at" in rows else np.full(len(rows), np.nan)
    value, state, end = _of_times(rows, at, last) if timed else _of_numbers(rows, at, last)
    dates = _in_dates(rows, at, value, state, end, zone, timed=timed) if calendar else value
    made = {
        "customer": rows[CUSTOMER].cat.codes.to_numpy(np.int64) if CUSTOMER in rows else np.full(len(rows), -1),
        "at": at, "value": np.maximum(value, 0) if calendar and timed else value, "dates": dates, "state": state,
        "count": rows["rows"].to_numpy(float),
    }  # fmt: skip
    texts = {name: _texts(rows[name]) for name in words if name in rows}
    wrong = (np.isnan(at) | (dates < 0)) if timed else np.zeros(len(rows), bool)
    kept = ~(at > last) & ~wrong
    found = pd.DataFrame({**made, **texts})[kept].reset_index(drop=True)
    if found.empty:
        return "no events here; the table 'events' has none in this part of the study"
    return Events(found, _known(found), timed, end)


def _of_numbers(rows: pd.DataFrame, at: Floats, last: float) -> tuple[Floats, np.ndarray, float]:
    value = rows["delivered"].to_numpy(float)
    still, gone = (rows[name].to_numpy(bool) if name in rows else np.zeros(len(rows), bool) for name in ("open", "cancelled"))
    state = np.where(gone, CANCELLED, np.where(still | np.isnan(value), OPEN, FULFILLED))
    return value, state, last if np.isfinite(last) else float(np.nanmax(at, initial=-np.inf))


def _of_times(rows: pd.DataFrame, at: Floats, last: float) -> tuple[Floats, np.ndarray, float]:
    done, off = (
        rows[name].to_numpy(float) if name in rows else np.full(len(rows), np.nan) for name in ("delivered_at", "cancelled_at")
    )
    end = last if np.isfinite(last) else float(np.nanmax(np.concatenate([at, done, off]), initial=-np.inf))
    done, off = np.where(done > end, np.nan, done), np.where(off > end, np.nan, off)
    gone = ~np.isnan(off)
    if "status" in rows:
        said = rows["status"].astype(object)
        gone |= said.isin(cancelling(said.dropna().unique())).to_numpy(bool)
    gone &= np.isnan(done)
    state = np.where(gone, CANCELLED, np.where(np.isnan(done), OPEN, FULFILLED))
    until = np.where(state == FULFILLED, done, np.where(gone, off, end))
    return until - at, state, end


def _in_dates(
    rows: pd.DataFrame, at: Floats, value: Floats, state: np.ndarray, end: float, zone: str, *, timed: bool
) -> Floats:
    """Count the dates from the beginning to the end, in place of what has passed; only of what is in days and has times."""
    done = rows["delivered_at"].to_numpy(float) if "delivered_at" in rows else np.full(len(rows), np.nan)
    until = np.where(state == FULFILLED, done, np.where(state == OPEN, end, at + value if timed else np.nan))
    known = np.isfinite(at) & np.isfinite(until)
    if not timed:
        known &= (rows["unit"].astype(object) == "days").to_numpy(bool) if "unit" in rows else False
    dates = np.full(len(rows), np.nan)
    dates[known] = np.floor(local(until[known], zone) / DAY) - np.floor(local(at[known], zone) / DAY)
    return np.where(known, dates * (DAY if timed else 1.0), value)


def _texts(column: pd.Series) -> np.ndarray:
    words = column.astype(object)
    return np.array(["" if pd.isna(value) else " ".join(str(value).split()) for value in words], dtype=object)


def _known(rows: pd.DataFrame) -> dict[tuple[str, str], Measured]:
    if not {TOUCHPOINT, METRIC} <= set(rows):
        return {}
    names = [name for name in ("unit", "direction") if name in rows]
    told = rows[[TOUCHPOINT, METRIC, *names]].drop_duplicates([TOUCHPOINT, METRIC])
    return {
        (row[TOUCHPOINT], row[METRIC]): Measured(row.get("unit", ""), row.get("direction", ""))
        for row in told.to_dict("records")
    }


class Held:
    """The events that a message is held against, laid out by what they leave of its level; `of_days` where that is in days."""

    def __init__(self, events: Events, inside: np.ndarray, measured: Measured, *, of_days: bool = False) -> None:
        self.rows, self.sign = events.rows[inside], SIDES.get(measured.direction, 1.0)
        value = self.rows["dates" if of_days else "value"].to_numpy(float)
        self.value = value / (1e6 * SECONDS[measured.unit]) if events.timed else value
        self.share = measured.unit == SHARE

    def _kept(self, level: float) -> Kept:
        residual = self.sign * (self.value - level)
        residual = np.where(np.abs(residual) <= ROUNDING * (1 + abs(level)), 0.0, residual)
        count, size = self.rows["count"].to_numpy(float), len(self.rows)
        nothing, lead = np.zeros(size), np.full(size, np.nan)
        columns = {
            "cell": np.zeros(size, np.int64), "customer": self.rows["customer"].to_numpy(np.int64), "count": count,
            "state": self.rows["state"].to_numpy(np.int64), "residual": np.where(np.isnan(residual), -np.inf, residual),
            "delta": residual, "shift": lead, "lead": lead, "sign": np.full(size, self.sign), "early": nothing, "late": nothing,
        }  # fmt: skip
        cells = pd.DataFrame(index=range(1))
        zero = np.zeros(1)
        read = Promises(cells, [""], pd.DataFrame(columns), dict.fromkeys(("duplicate", "impossible", "future"), zero), zero)
        return keep(read, "event")[0]

    def met(self, level: float, conf_level: float) -> Attained:
        """Return the share of events, not cancelled, that meet a level; of a metric of shares, the share of its ones."""
        if self.share:
            level = 0.5
        kept = self._kept(level)
        late = NOTHING
        if kept.n and is_followed(kept, 0.0):
            share, _, low, high = share_of(kept, kept.rows["residual"] > 0, 1.0, 0.0, conf_level)
            late = (share, low, high)
        return Attained(1 - late[0], 1 - late[2], 1 - late[1], kept.n, kept.customers)

    def between(self, strict: float, loose: float, conf_level: float) -> Attained:
        """Return the share of events, not cancelled, that meet the looser level and miss the stricter."""
        kept = self._kept(loose)
        found, width = NOTHING, self.sign * (loose - strict)
        if kept.n and is_followed(kept, 0.0):
            residual = kept.rows["residual"]
            inside = (residual <= 0) & (residual > -width * (1 - ROUNDING))
            share, _, low, high = share_of(kept, inside, 0.0, 0.0, conf_level)
            found = (share, low, high)
        return Attained(*found, kept.n, kept.customers)

    def customers(self) -> float:
        """Count the customers of all events, cancelled ones too."""
        customer, count = (self.rows[name].to_numpy() for name in ("customer", "count"))
        return float(len(np.unique(customer[customer >= 0])) + count[customer < 0].sum())

    def keepable(self, level: float, reliability: float, conf_level: float) -> float:
        """Return the nearest level, a whole step or several looser, that the interval says is kept; NaN where none is."""
        step = 0.01 if self.share else 10.0 ** np.floor(np.log10(max(abs(level), 1.0) / 2)) if level else 1.0
        if self.share:
            return np.nan
        first = np.ceil(level / step) if self.sign > 0 else np.floor(level / step)
        near, far = 0, 1
        while far <= MOST_STEPS and not self.met((first + self.sign * far) * step, conf_level).low >= reliability:
            near, far = far, 2 * far
        if far > MOST_STEPS:
            return np.nan
        while far - near > 1:
            middle = (near + far) // 2
            if self.met((first + self.sign * middle) * step, conf_level).low >= reliability:
                far = middle
            else:
                near = middle
        return float((first + self.sign * far) * step)


MOST_STEPS: Final = 64


def inside(events: Events, message: Mapping[str, object], context: Sequence[str], begins: float, ends: float) -> np.ndarray:
    """Say which events a message was made for: its touchpoint, metric and context, begun while it was said."""
    rows = events.rows
    chosen = np.ones(len(rows), bool)
    for name in (TOUCHPOINT, METRIC):
        if name in rows:
            chosen &= (rows[name] == message[name]).to_numpy(bool)
    for name in context:
        if message[name]:
            chosen &= (rows[name] == message[name]).to_numpy(bool) if name in rows else False
    at = rows["at"].to_numpy(float)
    return chosen & (np.isnan(at) | ((at >= begins) & (at < ends)))
