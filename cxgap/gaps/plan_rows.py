"""What promises of one cell would be kept: the shortest for a reliability, and how often and how far each one is missed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from cxgap.gaps.kept import Kept, is_followed, mean_of, outlasting, people, share_of
from cxgap.stats.means import Floats
from cxgap.stats.quantiles import quantiles
from cxgap.stats.survival import CANCELLED, FULFILLED, OPEN, expect

PLAN, CURVE, CURRENT = "plan", "curve", "current"
MOST_POINTS: Final = 32  # of a curve
STABLE: Final = 30
_ALMOST: Final = 1e-9
OF_PLAN: Final = ("reliability", "promise", "shortest", "shortest_low", "shortest_high", "closed_only")
OF_LENGTH: Final = (
    "length", "kept", "kept_low", "kept_high", "kept_all", "late_units", "points", "points_low", "points_high", "cost",
    "cost_low", "cost_high",
)  # fmt: skip
OF_CELL: Final = ("n", "customers", "open", "cancelled", "cancelled_share")


class Effect(NamedTuple):
    """By how many points an answer differs from that of an order that came as promised, at rising delays."""

    delay: Floats
    points: Floats
    low: Floats
    high: Floats

    def at(self, delay: Floats) -> tuple[Floats, Floats, Floats]:
        """Return the points of delays and their ends, even beyond the last ones."""
        points, low, high = (np.interp(delay, self.delay, each) for each in (self.points, self.low, self.high))
        return points, low, high


class Plan:
    """The orders of one cell, of which promises of any length can be asked; `step` is that of lengths, 0 for any."""

    def __init__(self, cell: Kept, step: float, conf_level: float) -> None:
        self.cell, self.step, self.conf_level = cell, step, conf_level
        self.time = cell.rows["residual"]
        self._known: dict[tuple[float, float], tuple[float, float, float]] = {}
        done = self.time[(cell.along.state == FULFILLED) & np.isfinite(self.time)]
        self.lengths = np.unique(np.maximum(np.ceil(done / step - _ALMOST), 0) * step) if step else np.unique(done)

    def kept(self, length: float, conf_level: float | None = None) -> tuple[float, float, float]:
        """Return the share of orders that are not cancelled and come within `length`, and its interval."""
        level = self.conf_level if conf_level is None else conf_level
        if (length, level) not in self._known:
            late, _, low, high = share_of(self.cell, self.time > length + _ALMOST, 1.0, length, level)
            self._known[length, level] = (1 - late, 1 - high, 1 - low)
        return self._known[length, level]

    def is_followed(self, length: float) -> bool:
        """Say whether orders were followed so long."""
        return is_followed(self.cell, length)

    def shortest(self, reliability: float, side: int, conf_level: float | None = None) -> float:
        """Return the shortest length of which the share (side 0), its lower (1) or upper end (2) is that reliable, or NaN."""
        found = self.lengths
        low, high = 0, len(found)
        while low < high:  # shares rise with the length
            middle = (low + high) // 2
            if self.kept(float(found[middle]), conf_level)[side] >= reliability - _ALMOST:
                high = middle
            else:
                low = middle + 1
        while low and self.kept(float(found[low - 1]), conf_level)[side] >= reliability - _ALMOST:
            low -= 1  # where an end wavers
        reached = low < len(found) and self.is_followed(float(found[low]))
        return float(found[low]) if reached else np.nan

    def closed_only(self, reliability: float) -> float:
        """Return the quantile of the orders that have come by now, which looks too short while others are open."""
        done = (self.cell.along.state == FULFILLED) & np.isfinite(self.time)
        if not done.any():
            return np.nan
        weight = self.cell.along.weight[done]
        time = np.maximum(self.time[done], 0.0)
        order = np.argsort(time, kind="stable")
        reached = np.cumsum(weight[order]) / weight.sum()
        value = float(time[order][np.flatnonzero(reached >= reliability - _ALMOST)[0]])
        return float(np.ceil(value / self.step - _ALMOST) * self.step) if self.step else value

    def late_units(self, length: float, min_n: int) -> float:
        """Return the mean units late of an order, of those not late 0; NaN where too few are late to be told of."""
        beyond = np.maximum(self._delay(self.time, length), 0.0)
        late = (beyond > 0) & ((self.cell.along.state == FULFILLED) | outlasting(self.cell))
        if 0 < people(self.cell, late) < min_n:
            return np.nan
        return mean_of(self.cell, beyond, float(max(self._delay(np.array([self.cell.longest]), length)[0], 0.0)))[0]

    def points(self, length: float, effect: Effect) -> tuple[float, float, float]:
        """Return the mean points by which answers would differ from those of orders that all came as promised."""
        last = effect.at(self._delay(np.array([self.cell.longest]), length))
        delay = self._delay(np.where(np.isfinite(self.time), self.time, 0.0), length)
        each = [mean_of(self.cell, value, float(left[0]))[0] for value, left in zip(effect.at(delay), last, strict=True)]
        return each[0], each[1], each[2]

    def kept_all(self, length: float) -> float:
        """Return the share of all orders, cancelled ones too, that come within `length`."""
        within = (self.cell.along.state == FULFILLED) & (self.time <= length + _ALMOST)
        return float(expect(self.cell.along, within.astype(float), left=0.0)[0])

    def cancelled_share(self) -> float:
        """Return the share of all orders that is cancelled."""
        return float(expect(self.cell.along, (self.cell.along.state == CANCELLED).astype(float))[0])

    def _delay(self, time: Floats, length: float) -> Floats:
        apart = time - length
        return np.ceil(apart / self.step - _ALMOST) * self.step if self.step else apart


def rows_of_plan(
    cell: Kept,
    reliability: Sequence[float],
    lengths: Sequence[float],
    *,
    step: float,
    effect: Effect | None,
    value: float | None,
    min_n: int,
    conf_level: float,
) -> list[dict[str, Any]]:
    """Return the rows of one cell: one for each reliability, and one for each length of the curve.

    Parameters
    ----------
    cell : orders along the time since they were placed
    reliability : as in `promise_plan`
    lengths : to tell of, beside those of the curve
    step, value, min_n, conf_level : as in `promise_plan`
    effect : what delays go with
    """
    plan = Plan(cell, step, conf_level)
    state, count = cell.along.state, cell.rows["count"]
    own = {
        "n": cell.n,
        "customers": cell.customers,
        "open": float(count[state == OPEN].sum()),
        "cancelled": float(count[state == CANCELLED].sum()),
        "cancelled_share": plan.cancelled_share() if len(count) else np.nan,
    }
    marks = {"EMPTY": cell.n == 0, "N1": cell.n == 1, "UNSTABLE": 1 < cell.n_eff < STABLE, "OPEN": cell.is_open}
    flags = {flag for flag, mark in marks.items() if mark}
    rows: list[dict[str, Any]] = []
    for level in reliability:
        told = {"shortest": plan.shortest(level, 0), "closed_only": plan.closed_only(level)} if cell.n else {}
        if cell.customers > 1:
            told |= {
                "shortest_low": plan.shortest(level, 2),
                "shortest_high": plan.shortest(level, 1),
                "promise": plan.shortest(level, 1, 2 * conf_level - 1 if conf_level > 0.5 else conf_level),
            }
        length = told.get("promise", np.nan)
        length = told.get("shortest", np.nan) if np.isnan(length) else length
        at = _of_length(plan, length, effect, value, min_n) if np.isfinite(length) else {}
        said = flags | (set() if np.isfinite(told.get("shortest", np.nan)) else {"NOT_IDENTIFIED"} if cell.n else set())
        rows.append({"kind": PLAN, "reliability": level, **told, **at, **own, "flags": "|".join(sorted(said))})
    further = [*lengths, *(row.get(name, np.nan) for row in rows for name in ("promise", "shortest"))]
    for length in _curve(plan, further):
        rows.append({"kind": CURVE, **_of_length(plan, length, effect, value, min_n), **own, "flags": "|".join(sorted(flags))})
    return rows


def _curve(plan: Plan, further: Sequence[float]) -> Floats:
    """Return lengths to tell of: from the shortest to where nearly all have come, or as far as orders were followed."""
    told = np.array([length for length in plan.lengths if plan.is_followed(float(length))])
    if not len(told):
        return told
    last = plan.shortest(0.995, 0)
    top = max([last if np.isfinite(last) else float(told[-1]), *(each for each in further if np.isfinite(each))])
    if plan.step:
        span = np.arange(0, top + plan.step / 2, plan.step)
        span = span[:: max(1, -(-len(span) // MOST_POINTS))]
        span = np.union1d(span, [each for each in further if np.isfinite(each)])
        return np.array([length for length in span if plan.is_followed(float(length))])
    inside = told[told <= top]
    return inside[np.unique(np.linspace(0, len(inside) - 1, MOST_POINTS).round().astype(int))]


def _of_length(plan: Plan, length: float, effect: Effect | None, value: float | None, min_n: int) -> dict[str, float]:
    """Return what a promise of that length would come to."""
    kept, low, high = plan.kept(length)
    row = {
        "length": length, "kept": kept, "kept_low": low, "kept_high": high, "kept_all": plan.kept_all(length),
        "late_units": plan.late_units(length, min_n),
    }  # fmt: skip
    if effect is not None:
        points = plan.points(length, effect)
        row |= dict(zip(("points", "points_low", "points_high"), points, strict=True))
        if value is not None:
            row |= {
                "cost": -points[0] * value + 0.0,
                "cost_low": -points[2] * value + 0.0,
                "cost_high": -points[1] * value + 0.0,
            }
    return row


class Today(NamedTuple):
    """How the promises that were made are kept: the share with its interval, NaN where they were not followed long enough."""

    n: float
    customers: float
    kept: float
    low: float
    high: float


def kept_today(cell: Kept, conf_level: float) -> Today:
    """Return how promises were kept, laid along the time past each one's own."""
    if not (cell.n and is_followed(cell, 0.0)):
        return Today(cell.n, cell.customers, np.nan, np.nan, np.nan)
    late, _, low, high = share_of(cell, cell.rows["delta"] > cell.rows["late"], 1.0, 0.0, conf_level)
    return Today(cell.n, cell.customers, 1 - late, 1 - high, 1 - low)


def row_of_today(today: Today | None, promised: Floats, weight: Floats) -> dict[str, Any]:
    """Return the row of the promises that were made: their middle length and tenths, and how many were kept.

    Parameters
    ----------
    today : how they were kept; None where nothing was promised
    promised, weight : how long a time was promised in each row, and how often
    """
    known = np.isfinite(promised) & (weight > 0)
    if today is None or not today.n or not known.any():
        return {}
    one, levels = np.zeros(int(known.sum()), np.int64), (0.5, 0.1, 0.9)
    middle, low, high = (float(quantiles(promised[known], one, 1, level, weight=weight[known])[0]) for level in levels)
    if (promised[known] == np.round(promised[known])).all():  # whole ones have no length between them
        middle, low, high = float(np.ceil(middle)), float(np.floor(low)), float(np.ceil(high))
    row = {
        "kind": CURRENT,
        "length": middle,
        "length_low": low,
        "length_high": high,
        "n": today.n,
        "customers": today.customers,
    }
    told = {"kept": today.kept, "kept_low": today.low, "kept_high": today.high}
    return {**row, **told, "flags": "" if np.isfinite(today.kept) else "NOT_IDENTIFIED"}


def effect_of(rows: Sequence[Mapping[str, Any]]) -> Effect | None:
    """Return what delays go with, by the classes of a response; None where they do not tell."""
    told = [row for row in rows if np.isfinite(row["against"]) and np.isfinite(row["delay"])]
    if len(told) < 2:
        return None
    columns = np.array([[row["delay"], row["against"], row["against_low"], row["against_high"]] for row in told], float)
    columns = columns[np.argsort(columns[:, 0])]
    columns[:, 2:] = np.where(np.isfinite(columns[:, 2:]), columns[:, 2:], columns[:, [1]])
    return Effect(*columns.T)
