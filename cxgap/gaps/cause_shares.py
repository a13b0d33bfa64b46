"""Shares of promises by what made them late, with customers as the independent units, wherever they are held."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from cxgap.gaps.deliveries import CUSTOMER
from cxgap.gaps.promises import Promises
from cxgap.stats.means import Codes, Floats, ratio, sum_by
from cxgap.stats.proportions import korn_graubard, wilson
from cxgap.stats.survival import CANCELLED, OPEN
from cxgap.tally import Classes

WHOLE = 1e-9  # a part of an event that is this near to all or nothing is all or nothing


class Kept(NamedTuple):
    """Promises of which it is known whether they were kept in time, one entry for those that are alike.

    Attributes
    ----------
    cell : of the cut, 0 .. cells - 1, shape (entries,)
    kind : row of `read.cells`, which tells the cause, shape (entries,)
    late : whether they are late, by the end of the data at the latest
    promises : that the entry stands for
    customer : codes, below 0 where nobody knows; None where an engine holds the customers
    cells : number of cells
    by_customer : whether each customer weighs 1 in a cell
    weight : of all promises of the entry together
    alone : promises of the entry whose customer nobody knows, so that each is a customer's only one
    held, place : what the engine holds, and the class of each entry, where it does
    """

    cell: Codes
    kind: Codes
    late: np.ndarray
    promises: Floats
    customer: Codes | None
    cells: int
    by_customer: bool
    weight: Floats
    alone: Floats
    held: Classes | None = None
    place: Codes | None = None

    def people(self, inside: np.ndarray) -> Floats:
        """Count the customers with a promise in some entries, of each cell; `inside` has shape (entries, counts)."""
        many = inside.shape[1]
        if self.customer is None:
            line, marked = self._of_class(self.cell, -1), self._of_class(inside, False)
            assert self.held is not None
            found = self.held.customers(line, self.cells, marked)
            return found + np.stack([sum_by(self.cell, self.cells, self.alone * inside[:, k]) for k in range(many)], axis=1)
        known, who = self.customer >= 0, int(self.customer.max(initial=-1)) + 1
        made = np.zeros((self.cells, many))
        for k in range(many):
            pair = np.unique((self.cell * max(who, 1) + self.customer)[known & inside[:, k]])
            made[:, k] = sum_by(pair // max(who, 1), self.cells)
            made[:, k] += sum_by(self.cell, self.cells, self.alone * inside[:, k])
        return made

    def shares(self, top: Floats, bottom: np.ndarray, conf_level: float) -> Shares:
        """Estimate, in each cell, the total of each column of `top` over that of `bottom`.

        Parameters
        ----------
        top : parts of each promise of an entry, 0 .. 1, shape (entries, columns)
        bottom : likewise, of what it is a share, shape (entries,); no part is larger
        conf_level : of each interval
        """
        whole = sum_by(self.cell, self.cells, self.weight * bottom)
        total = np.stack([sum_by(self.cell, self.cells, self.weight * part) for part in top.T], axis=1)
        share = np.clip(ratio(total, np.repeat(whole[:, None], top.shape[1], axis=1)), 0, 1)
        share = np.where(np.abs(share - np.round(share)) < WHOLE, np.round(share), share)
        moved = ratio(top - share[self.cell] * bottom[:, None], np.repeat(whole[self.cell][:, None], top.shape[1], axis=1))
        moved = np.nan_to_num(moved)
        n = sum_by(self.cell, self.cells, self.promises * (bottom > 0))
        people = self.people((bottom > 0)[:, None])[:, 0]
        variance = self._squares(moved) * ratio(people, people - 1)[:, None]
        return _intervals(self, share, np.sqrt(variance), n, people, top, conf_level)

    def _squares(self, moved: Floats) -> Floats:
        """Sum the squares of what each customer moves the shares by, shape (cells, columns)."""
        width = moved.shape[1]
        if self.customer is None:
            assert self.held is not None
            counted = self._of_class(np.ones(len(self.cell), bool), False) if self.by_customer else None
            found = self.held.totals(self._of_class(self.cell, -1), self.cells, self._of_class(moved, 0.0), counted)
            return found + np.stack(
                [sum_by(self.cell, self.cells, self.alone * moved[:, k] ** 2) for k in range(width)], axis=1
            )
        known, who = self.customer >= 0, max(int(self.customer.max(initial=-1)) + 1, 1)
        pair, unit = np.unique((self.cell * who + self.customer)[known], return_inverse=True)
        made = np.zeros((self.cells, width))
        for k in range(width):
            each = sum_by(unit, len(pair), (self.weight * moved[:, k])[known])
            made[:, k] = sum_by(pair // who, self.cells, each**2)
            made[:, k] += sum_by(self.cell, self.cells, self.alone * moved[:, k] ** 2)
        return made

    def _of_class(self, values: np.ndarray, otherwise: float) -> np.ndarray:
        """Turn what is known of entries into what is known of all classes that the engine holds."""
        assert self.held is not None
        made = np.full((len(self.held.frame), *values.shape[1:]), otherwise, values.dtype)
        made[self.place] = values
        return made


class Shares(NamedTuple):
    """Shares, each array of shape (cells, columns), and of what: `n` promises of `people` customers, shape (cells,)."""

    share: Floats
    low: Floats
    high: Floats
    n: Floats
    people: Floats


def kept_of(read: Promises, cell_of_kind: Codes, cells: int, weight_by: str) -> tuple[Kept, pd.DataFrame]:
    """Tell which promises are late by the end of the data, and which were neither kept nor broken by then.

    An open promise that is past its tolerance is late; one that is not is left out, as one that was cancelled is.

    Parameters
    ----------
    read : promises, cut at least by cause
    cell_of_kind : the cell of each of `read.cells`
    cells : number of cells
    weight_by : "customer" or "event"

    Returns
    -------
    Kept, and a frame with one row a cell: `open` and late, `waiting`, open and not yet due, and `cancelled` promises.
    """
    rows = read.rows if read.away is None else read.rows.drop_duplicates("place")
    state, kind = rows["state"].to_numpy(), rows["cell"].to_numpy(np.int64)
    count = rows["count"].to_numpy(float)
    if read.away is not None:
        count = read.away.classes.frame["count"].to_numpy(float)[rows["place"].to_numpy(np.int64)]
    late = rows["residual"].to_numpy(float) > rows["late"].to_numpy(float)
    cancelled, is_open = state == CANCELLED, state == OPEN
    cell = cell_of_kind[kind]
    told = {"open": is_open & late, "waiting": is_open & ~late, "cancelled": cancelled}
    counts = pd.DataFrame({name: sum_by(cell, cells, count * mark) for name, mark in told.items()})
    used = ~cancelled & ~(is_open & ~late)
    cell, kind, count, late = cell[used], kind[used], count[used], late[used]
    by_customer = weight_by == CUSTOMER
    if read.away is None:
        customer = rows["customer"].to_numpy(np.int64)[used]
        weight, alone = _weights(cell, customer, count, by_customer=by_customer)
        return Kept(cell, kind, late, count, customer, cells, by_customer, weight, alone), counts
    held, place = read.away.classes, rows["place"].to_numpy(np.int64)[used]
    of_class = np.full(len(held.frame), -1)
    of_class[place] = cell
    sizes = held.sizes(of_class, of_class >= 0)
    each = sizes["count"] / sizes["size"].clip(lower=1) if by_customer else sizes["count"]
    weight, alone = (
        np.bincount(sizes["class"], of_one, len(held.frame))[place]
        for of_one in (each, sizes["count"] * ~sizes["known"].astype(bool))
    )
    return Kept(cell, kind, late, count, None, cells, by_customer, weight, alone, held, place), counts


def _weights(cell: Codes, customer: Codes, count: Floats, *, by_customer: bool) -> tuple[Floats, Floats]:
    """Return what all promises of each entry weigh together, and how many of them are of nobody known."""
    known, who = customer >= 0, max(int(customer.max(initial=-1)) + 1, 1)
    if not by_customer:
        return count, count * ~known
    pair, unit = np.unique(cell * who + customer, return_inverse=True)
    owned = sum_by(unit, len(pair), count * known)
    return np.where(known, count / np.maximum(owned[unit], 1), count), count * ~known


def _intervals(
    kept: Kept, share: Floats, std_error: Floats, n: Floats, people: Floats, top: Floats, conf_level: float
) -> Shares:
    """Wilson's interval where every promise is a customer's only one and has one cause, else Korn & Graubard's."""
    low, high = np.full(share.shape, np.nan), np.full(share.shape, np.nan)
    several = people > 1
    for k in range(share.shape[1]):
        split = sum_by(kept.cell, kept.cells, (np.abs(top[:, k] - np.round(top[:, k])) > WHOLE).astype(float)) > 0
        plain = (n == people) & ~split
        size = np.where((share[:, k] == 0) | (share[:, k] == 1), people, n)
        ends = zip(
            wilson(share[:, k] * n, n, conf_level=conf_level),
            korn_graubard(share[:, k], std_error[:, k], size, np.maximum(people - 1, 1), conf_level=conf_level),
            strict=True,
        )
        low[:, k], high[:, k] = (np.where(several, np.where(plain, simple, clustered), np.nan) for simple, clustered in ends)
    return Shares(share, low, high, n, people)
