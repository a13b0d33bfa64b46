"""What was delivered in each cell: means, quantiles, and the share that is no worse than a level, with open events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from cxgap.stats.means import ROUNDING, Codes, Design, Floats, Means, design_means, ratio, simple_means, sum_by
from cxgap.stats.proportions import effective_size, korn_graubard, wilson
from cxgap.stats.quantiles import quantile_interval, quantiles
from cxgap.stats.survival import FULFILLED, OPEN, count_times, expect, followed, process, robust_variance
from cxgap.tally import Classes

CUSTOMER, EVENT = "customer", "event"
FOLLOWED = 10  # events watched up to a level, without which open ones leave the share there unknown
TOUCH = 1e-12  # of a quantile: rounding by which it may miss the value that it is


class Away(NamedTuple):
    """Customers that an engine holds, who are asked only for sums.

    Attributes
    ----------
    classes : of events that are alike
    cell : of each class (codes), below 0 where it counts in none
    place : the class of each row of Deliveries
    size : events of the unit of each row
    known : whether anybody knows the customers of the row
    times : as in Deliveries
    by_customer : whether each weighs 1 in a cell
    """

    classes: Classes
    cell: Codes
    place: Codes
    size: Floats
    known: np.ndarray
    times: Floats
    by_customer: bool

    def people(self, line: Codes, lines: int) -> Floats:
        """Count the customers of each line; `line` is of each cell."""
        of_class = np.where(self.cell >= 0, line[self.cell], -1)
        alone = sum_by(of_class[self.place], lines, self.times * ~self.known)
        return self.classes.customers(of_class, lines) + alone

    def squares(self, influence: Floats, cells: int) -> Floats:
        """Sum the squares of what the rows of each unit move the mean of its cell by, shape (cells,).

        `influence` is of each row, per unit of weight, and alike for rows of one class.
        """
        if not influence.any():
            return np.zeros(cells)
        moved = np.zeros(len(self.cell))
        moved[self.place] = influence
        alone = sum_by(self.cell[self.place], cells, self.times * ~self.known * influence**2)
        counted = self.cell >= 0 if self.by_customer else None
        return self.classes.totals(self.cell, cells, moved[:, None], counted)[:, 0] + alone


class Deliveries(NamedTuple):
    """What was delivered in each cell; a unit is a customer in a cell, and an event of nobody known is a unit of its own.

    Attributes
    ----------
    cell, unit : of each row (codes), shape (rows,)
    value : delivered, shape (rows,); a lower bound where `open`
    times : events that a row stands for, shape (rows,)
    open : whether the events of the row are not over yet, shape (rows,)
    weight : of each event of the row, shape (rows,)
    unit_cell, unit_customer : of each unit (codes), shape (units,)
    unit_size : events of each unit, shape (units,)
    alike : whether every unit weighs the same
    cells : number of cells
    away : where the customers are, if an engine holds them; then a row is of all units of one size, and there are no
        `unit`, `unit_cell`, `unit_customer` and `unit_size`
    """

    cell: Codes
    unit: Codes
    value: Floats
    times: Floats
    open: np.ndarray
    weight: Floats
    unit_cell: Codes
    unit_customer: Codes
    unit_size: Floats
    alike: bool
    cells: int
    away: Away | None = None

    @property
    def units(self) -> Floats:
        """Units of each cell, shape (cells,)."""
        if self.away is not None:
            return np.round(sum_by(self.cell, self.cells, self.times / self.away.size))
        return sum_by(self.unit_cell, self.cells)

    def spare(self, line: Codes, lines: int) -> Floats:
        """Return how many more units than customers each line of cells has, shape (lines,); `line` is of each cell."""
        if self.away is not None:
            return np.round(sum_by(line[self.cell], lines, self.times / self.away.size)) - self.away.people(line, lines)
        pairs = np.unique(np.stack([line[self.unit_cell], self.unit_customer]), axis=1)[0]
        return sum_by(line[self.unit_cell], lines) - sum_by(pairs, lines)

    @property
    def events(self) -> Floats:
        """Events of each cell, shape (cells,)."""
        return sum_by(self.cell, self.cells, self.times)

    @property
    def still_open(self) -> Floats:
        """Open events of each cell, shape (cells,)."""
        return sum_by(self.cell, self.cells, self.times * self.open)

    @property
    def state(self) -> Codes:
        """Of each row, in the words of `stats.survival`."""
        return np.where(self.open, OPEN, FULFILLED)


class Shares(NamedTuple):
    """Shares of cells; each array has shape (cells,). `size` is how many independent events would tell as much."""

    share: Floats
    std_error: Floats
    df: Floats
    size: Floats
    plain: np.ndarray
    events: Floats

    def interval(self, conf_level: float) -> tuple[Floats, Floats]:
        """Return the two ends: Wilson's where every event is a customer's only one and over, else Korn & Graubard's."""
        simple = wilson(self.share * self.size, self.size, conf_level=conf_level)
        clustered = korn_graubard(self.share, self.std_error, self.events, self.df, conf_level=conf_level)
        known = np.isfinite(self.df)
        ends = (np.where(self.plain, one, other) for one, other in zip(simple, clustered, strict=True))
        low, high = (np.where(known, end, np.nan) for end in ends)
        return low, high


def deliveries(tallied: pd.DataFrame, cell: Codes, cells: int, *, weight_by: str) -> Deliveries:
    """Arrange what `tally_values` counted.

    Parameters
    ----------
    tallied : `value`, `count`, `open` (bool) and `customer_id`, a categorical; no value is missing
    cell : the cell of each row, 0 .. cells - 1
    weight_by : "customer", each weighs 1 in a cell, or "event"
    """
    customer, count = tallied["customer_id"].cat.codes.to_numpy(np.int64), tallied["count"].to_numpy(float)
    times = np.where(customer < 0, count, 1).astype(np.int64)
    cell, count = np.repeat(cell, times), np.repeat(np.where(customer < 0, 1.0, count), times)
    value, is_open = np.repeat(tallied["value"].to_numpy(float), times), np.repeat(tallied["open"].to_numpy(bool), times)
    customer = np.repeat(customer, times)
    customer = np.where(customer < 0, customer.max(initial=-1) + 1 + np.arange(len(customer)), customer)
    _, customer = np.unique(customer, return_inverse=True)
    people = int(customer.max(initial=-1)) + 1
    pair, unit = np.unique(cell * max(people, 1) + customer, return_inverse=True)
    unit_cell, unit_customer = np.divmod(pair, max(people, 1))
    size = sum_by(unit, len(pair), count)
    alike = weight_by == CUSTOMER or bool((size == 1).all())
    weight = ratio(np.ones(len(unit)), size[unit]) if weight_by == CUSTOMER else np.ones(len(unit))
    return Deliveries(cell, unit, value, count, is_open, weight, unit_cell, unit_customer, size, alike, cells)


def gathered(held: Classes, cell: Codes, cells: int, *, weight_by: str) -> Deliveries:
    """Arrange what an engine counted, whose rows are too many to be looked at.

    Parameters
    ----------
    held : classes of events, with `value` and `open` (bool)
    cell : the cell of each class, below 0 where it does not count
    weight_by : as in `deliveries`
    """
    rows = held.sizes(cell, cell >= 0)
    place, size, times = rows["class"].to_numpy(np.int64), rows["size"].to_numpy(float), rows["count"].to_numpy(float)
    value, is_open = held.frame["value"].to_numpy(float)[place], held.frame["open"].to_numpy(bool)[place]
    by_customer = weight_by == CUSTOMER
    away = Away(held, cell, place, size, rows["known"].to_numpy(bool), times, by_customer)
    nobody = np.zeros(0, np.int64)
    weight = 1 / size if by_customer else np.ones(len(size))
    alike = by_customer or bool((size == 1).all())
    return Deliveries(
        cell[place], nobody, value, times, is_open, weight, nobody, nobody, np.zeros(0), alike, cells, away
    )  # fmt: skip


def means(given: Deliveries, y: Floats, left: Floats) -> Means:
    """Estimate the weighted mean of `y` in each cell, with a standard error that lets a customer's events be alike.

    Cells without open events: Student's t of the units, or linearisation where units weigh by their events. Cells with
    open ones: the jumps of the Kaplan-Meier curve are the weights, as if all had been watched to their end.

    Parameters
    ----------
    y : of each row, shape (rows,); that of an open row is not looked at
    left : in each cell, what the share counts with that outlasts everything seen, shape (cells,)
    """
    if given.away is not None:
        return _means_away(given, given.away, y, left)
    units = len(given.unit_cell)
    mean = ratio(sum_by(given.unit, units, given.times * y), given.unit_size)
    if given.alike:
        found = simple_means(mean, given.unit_cell, given.cells)
    else:
        one = Design(given.unit_size, np.zeros(units, np.int64), given.unit_customer, np.array([np.inf]))
        found = design_means(mean, given.unit_cell, given.cells, np.arange(units), one)
    center, std_error, df = found.mean.copy(), found.std_error.copy(), found.df.copy()
    for cell in np.flatnonzero(given.still_open > 0):
        here = given.cell == cell
        rows = process(given.value[here], given.state[here], weight=(given.times * given.weight)[here])
        several = found.n[cell] > 1 and not given.open[here].all()
        center[cell], influence = expect(rows, y[here], left=float(left[cell]))
        cluster = np.unique(given.unit[here], return_inverse=True)[1]
        variance = robust_variance(influence, rows.weight, cluster=cluster) * ratio(found.n, found.n - 1)[cell]
        std_error[cell] = np.sqrt(variance) if several else np.nan
        df[cell] = found.n[cell] - 1 if several else np.nan
    return found._replace(mean=center, std_error=std_error, df=df)


def _means_away(given: Deliveries, away: Away, y: Floats, left: Floats) -> Means:
    """Do the same where an engine holds the customers: the mean is one of classes, and the engine squares its influence."""
    mass, n, cells = given.times * given.weight, given.units, given.cells
    total = sum_by(given.cell, cells, mass)
    center = ratio(sum_by(given.cell, cells, mass * y), total)
    influence, opened = ratio(y - center[given.cell], total[given.cell]), given.still_open > 0
    for cell in np.flatnonzero(opened):
        here = given.cell == cell
        rows = process(given.value[here], given.state[here], weight=mass[here])
        center[cell], influence[here] = expect(rows, y[here], left=float(left[cell]))
    largest = np.zeros(cells)
    np.maximum.at(largest, given.cell, np.abs(y))
    variance = away.squares(influence, cells)
    # Units of one cell that weigh the same are a sample of their own, others a part of the sample of all.
    whole = n if given.alike else away.people(np.zeros(cells, np.int64), 1)
    std_error = np.sqrt(variance * np.where(opened, ratio(n, n - 1), ratio(whole, whole - 1)))
    std_error = np.where(~opened & (std_error <= ROUNDING * largest), 0.0, std_error)
    all_open = sum_by(given.cell, cells, ~given.open) == 0
    several = (n > 1) & ~(opened & all_open)
    n_eff = n if given.alike else ratio(given.events**2, sum_by(given.cell, cells, given.times * away.size))
    df = np.where(several, n - 1, np.nan)
    return Means(n, n_eff, center, np.where(several, std_error, np.nan), df, np.zeros(cells, bool))


def shares(given: Deliveries, level: Floats, lower: np.ndarray, *, conf_level: float) -> Shares:
    """Estimate the share of deliveries that are no worse than `level` in each cell.

    Where open events leave too few that were watched up to the level, or a level is NaN, everything is NaN.

    Parameters
    ----------
    level, lower : the level of each cell, and whether lower is better there, shape (cells,)
    """
    at, less = level[given.cell], lower[given.cell]
    found = means(given, np.where(less, given.value <= at, given.value >= at).astype(float), np.where(lower, 0.0, 1.0))
    known = np.isfinite(level) & ~unwatched(given, level)
    share, std_error, df = (np.where(known, part, np.nan) for part in (found.mean, found.std_error, found.df))
    plain = (given.units == given.events) & (given.still_open == 0)
    events = np.where((share == 0) | (share == 1), given.units, given.events)
    size = np.where(plain, given.events, effective_size(share, std_error, events, df, conf_level=conf_level))
    return Shares(share, std_error, df, size, plain, events)


def unwatched(given: Deliveries, level: Floats) -> np.ndarray:
    """Say of each cell whether too few events were watched up to the level to tell the share there."""
    said = np.zeros(given.cells, bool)
    for cell in np.flatnonzero((given.still_open > 0) & np.isfinite(level)):
        here = given.cell == cell
        counts = count_times(given.value[here], given.state[here], weight=given.times[here])
        early = counts.open[counts.time < level[cell]].sum()
        said[cell] = early > 0 and followed(counts, float(level[cell])) < FOLLOWED
    return said


def longest(given: Deliveries) -> Floats:
    """Return the greatest value of each cell, open or not; NaN where there is none."""
    most = np.full(given.cells, -np.inf)
    np.maximum.at(most, given.cell, given.value)
    return np.where(np.isfinite(most), most, np.nan)


class Quantile(NamedTuple):
    """A quantile of each cell, and what its interval needs; each array of cells has shape (cells,)."""

    given: Deliveries
    level: float
    weight: Floats
    value: Floats
    reached: Means

    @property
    def events(self) -> Floats:
        """Events that a share at the quantile rests on; customers where the share is 0 or 1."""
        certain = (self.reached.mean == 0) | (self.reached.mean == 1)
        return np.where(certain, self.given.units, self.given.events)

    def interval(self, conf_level: float) -> tuple[Floats, Floats]:
        """Return the two ends, both or neither."""
        low, high = quantile_interval(
            self.given.value,
            self.given.cell,
            self.given.cells,
            self.level,
            weight=self.given.times * self.weight,
            reached=self.reached.mean,
            std_error=self.reached.std_error,
            n=self.events,
            df=self.reached.df,
            conf_level=conf_level,
        )
        known = np.isfinite(low) & np.isfinite(high) & np.isfinite(self.value) & np.isfinite(self.reached.df)
        return np.where(known, low, np.nan), np.where(known, high, np.nan)


def quantile(given: Deliveries, level: float) -> Quantile:
    """Find a quantile of each cell; NaN where the curve of the open events does not reach it."""
    weight, left = jumps(given)
    value = quantiles(given.value, given.cell, given.cells, level, weight=weight, count=given.times)
    value = np.where(left > 1 - level, np.nan, value)
    below = given.value <= (value + TOUCH * np.abs(value))[given.cell]
    return Quantile(given, level, weight, value, means(given, below.astype(float), np.zeros(given.cells)))


def several_quantiles(given: Deliveries, levels: Sequence[float]) -> list[Floats]:
    """Find quantiles of each cell without intervals."""
    weight, left = jumps(given)
    found = (quantiles(given.value, given.cell, given.cells, level, weight=weight, count=given.times) for level in levels)
    return [np.where(left > 1 - level, np.nan, value) for level, value in zip(levels, found, strict=True)]


def jumps(given: Deliveries) -> tuple[Floats, Floats]:
    """Return the weight of each event, shape (rows,), and the share of each cell that outlasts everything seen.

    Without open events they are the weights; with them, the jumps of the Kaplan-Meier curve, of which the longest open
    ones get what is left.
    """
    weight, left = given.weight.copy(), np.zeros(given.cells)
    for cell in np.flatnonzero(given.still_open > 0):
        here = np.flatnonzero(given.cell == cell)
        rows = process(given.value[here], given.state[here], weight=(given.times * given.weight)[here])
        left[cell] = rows.after[-1]
        last = given.open[here] & (given.value[here] == given.value[here].max())
        jump = np.where(given.open[here], 0.0, ratio(rows.before, rows.counts.at_risk)[rows.place])
        jump[last] = left[cell] / max(rows.weight[last].sum(), 1e-300)
        weight[here] *= jump
    return weight, left
