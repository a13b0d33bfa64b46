"""The bootstrap of a mean or ratio of sums as if there were infinitely many replicates: nothing is drawn, so nothing is random.

Davison & Hinkley (1988), Biometrika 75(3), 417-431; Davison & Hinkley (1997), Bootstrap Methods and their Application,
section 9.5.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cxgap.stats.cell_totals import CellTotals, cell_acceleration, cell_totals
from cxgap.stats.cumulants import Sums, of_cells
from cxgap.stats.inversion import grouped, inverted_quantiles
from cxgap.stats.inversion import share_below as inverted_share
from cxgap.stats.lattice import Powers, lattice_steps, powers, quantiles, share_below
from cxgap.stats.means import ROUNDING, Codes, Design, Floats, ratio, sum_by
from cxgap.stats.saddlepoint import Smooth, saddle_quantiles, smooth_sums

MOST_EXACT = 100  # respondents up to whom the distribution of their mean is worked out in full
FARTHEST = 1e-12  # share of the samples beyond which no end is looked for
SPARSE = 8  # cells x respondents for each row, up to which rows are put in order by their places
LARGEST, LARGEST_UNIT = 0.1, 0.2  # share of the variance that one respondent, or unit of a design, may have for a saddlepoint


class Ideal(NamedTuple):
    """The distribution of estimates in samples drawn again; see `quantiles`.

    Attributes
    ----------
    estimate : of each cell, shape (cells,)
    bias : z0 of BCa, by the share of the samples below the estimate and half of those that equal it; NaN where unknown
    acceleration : of BCa, from leaving out each unit in turn
    units : sampling units that each cell meets
    smooth, stepped, held : cells by how their distribution is had: by a saddlepoint, by Fourier inversion, in full
    smooth_cells, stepped_cells, held_cells : which cells these are
    """

    estimate: Floats
    bias: Floats
    acceleration: Floats
    units: Floats
    smooth: Smooth | None
    smooth_cells: Codes
    stepped: Sums | None
    stepped_cells: Codes
    held: list[Powers]
    held_cells: Codes

    @property
    def still(self) -> NDArray[np.bool_]:
        """Whether the estimate of a cell is the same in all samples."""
        moving = np.concatenate([self.smooth_cells, self.stepped_cells, self.held_cells])
        return np.isfinite(self.bias) & ~np.isin(np.arange(len(self.bias)), moving)

    def quantiles(self, share: Floats) -> Floats:
        """Return the estimates that these shares of all samples are at or below; shares and result (ends, cells)."""
        from scipy.special import ndtri

        found = np.where(np.isnan(self.bias) | np.isnan(share), np.nan, self.estimate)
        share = np.clip(share, FARTHEST, 1 - FARTHEST)
        if self.smooth is not None:
            sums, at = self.smooth.sums, self.smooth_cells
            tau, reached = saddle_quantiles(self.smooth, ndtri(share[:, at]))
            lost = np.flatnonzero(~reached.all(axis=0))
            if len(lost):
                tau[:, lost] = inverted_quantiles(of_cells(sums, lost), share[:, at[lost]])
            found[:, at] = self.estimate[at] + _on_lattice(sums, tau)
        if self.stepped is not None:
            at = self.stepped_cells
            found[:, at] = self.estimate[at] + inverted_quantiles(self.stepped, share[:, at])
        for part in self.held:
            at = self.held_cells[part.cell]
            found[:, at] = self.estimate[at] + quantiles(part, share[:, at])
        return found


def ideal_simple(value: ArrayLike, times: ArrayLike, cell: Codes, cells: int) -> Ideal:
    """Draw the independent, unweighted respondents of each cell again, as many as they are: all samples at once.

    Parameters
    ----------
    value : of respondents, finite; rows in any order, the same value in a cell any number of times
    times : respondents that each row stands for
    cell, cells : the cell of each row, 0 .. cells - 1

    Returns
    -------
    Ideal. Up to MOST_EXACT respondents, and where one of them has more than LARGEST of the variance, the distribution is
    exact; beyond, it is a saddlepoint approximation, corrected for the lattice that scores lie on.

    References
    ----------
    Efron (1979), Annals of Statistics 7(1), 1-26.
    """
    value, times, cell = _classes(np.asarray(value, np.float64), np.asarray(times, np.float64), cell)
    n = sum_by(cell, cells, times)
    mean = ratio(sum_by(cell, cells, times * value), n)
    away = value - mean[cell]
    part = times * away * away
    squares, cubes = sum_by(cell, cells, part), sum_by(cell, cells, part * away)
    varies = (n > 1) & (sum_by(cell, cells) > 1)
    acceleration = np.where(varies, ratio(cubes, 6 * squares**1.5), np.nan)
    largest = np.zeros(cells)
    np.maximum.at(largest, cell, away**2)
    exact = varies & ((n <= MOST_EXACT) | (largest > LARGEST * squares))

    bias = np.where(n > 1, 0.0, np.nan)
    code = np.cumsum(varies) - 1
    kept = varies[cell]
    step = np.zeros(cells)
    step[varies] = lattice_steps(value[kept], code[cell[kept]], int(varies.sum()))
    held_cells, smooth_cells = np.flatnonzero(exact), np.flatnonzero(varies & ~exact)
    held: list[Powers] = []
    if len(held_cells):
        rows, code = exact[cell], np.cumsum(exact) - 1
        held = powers(away[rows], times[rows], code[cell[rows]], len(held_cells), step[held_cells])
        for some in held:
            bias[held_cells[some.cell]] = _normal(share_below(some))
    smooth = None
    if len(smooth_cells):
        rows, code = (varies & ~exact)[cell], np.cumsum(varies & ~exact) - 1
        entry, many = code[cell[rows]], n[smooth_cells]
        begin = np.searchsorted(entry, np.arange(len(many)))
        blocks = np.arange(len(many)), np.zeros(len(many)), many, many, np.zeros((2, len(many)))
        sums = Sums(away[rows], np.ones(len(entry)), times[rows], entry, begin, *blocks, step[smooth_cells])
        smooth = smooth_sums(sums)
        bias[smooth_cells] = smooth.skewness / 6
    none = np.zeros(0, np.int64)
    return Ideal(mean, bias, acceleration, n, smooth, smooth_cells, None, none, held, held_cells)


def ideal_design(y: Floats, cell: Codes, cells: int, respondent: Codes, design: Design, times: Floats | None = None) -> Ideal:
    """Draw the sampling units of each stratum again (Rao & Wu 1988), all samples at once, for the weighted mean of each cell.

    The weighted mean is at most t where the sum of weight x (value - t) is at most zero, which is a sum over units.

    Parameters
    ----------
    y, cell, cells, respondent, design : as in `design_means`; rows in any order
    times : how many respondents alike each of `design` stands for, where each is a sampling unit of its own

    Returns
    -------
    Ideal, by saddlepoint; where one unit has more than LARGEST_UNIT of the variance, as with few units or extreme weights, by
    Fourier inversion. Samples that nobody of the cell is in are left out.

    References
    ----------
    Rao & Wu (1988), Journal of the American Statistical Association 83(401), 231-241.
    """
    key = cell * len(design.weight) + respondent
    if (key[1:] < key[:-1]).any():  # sums must not depend on the order of rows
        order = _sorted_once(key, cells * len(design.weight))
        order = np.lexsort((y, key)) if order is None else order
        y, cell, respondent = y[order], cell[order], respondent[order]
    totals = cell_totals(y, cell, cells, respondent, design, times)
    met = sum_by(totals.cell, cells, totals.times)
    sums, moving = _design_sums(totals, design)
    bias = np.where(met > 0, 0.0, np.nan)
    none = np.zeros(0, np.int64)
    if sums is None:
        return Ideal(totals.mean, bias, cell_acceleration(totals), met, None, none, None, none, [], none)
    stepped = _ruled(sums)
    smooth_cells, stepped_cells, smooth, rough = moving[~stepped], moving[stepped], None, None
    if len(smooth_cells):
        smooth = smooth_sums(of_cells(sums, np.flatnonzero(~stepped)))
        bias[smooth_cells] = smooth.skewness / 6
    if len(stepped_cells):
        rough = grouped(of_cells(sums, np.flatnonzero(stepped)))
        bias[stepped_cells] = _normal(inverted_share(rough, np.zeros((1, len(stepped_cells))))[0])
    return Ideal(totals.mean, bias, cell_acceleration(totals), met, smooth, smooth_cells, rough, stepped_cells, [], none)


def _sorted_once(key: Codes, keys: int) -> Codes | None:
    """Return the order that sorts keys, without comparing them; None where one comes twice, or few of them come."""
    if keys > SPARSE * len(key):
        return None
    place = np.full(keys, -1)
    place[key] = np.arange(len(key))
    order = place[place >= 0]
    return order if len(order) == len(key) else None


def _classes(value: Floats, times: Floats, cell: Codes) -> tuple[Floats, Floats, Codes]:
    """Sort by cell and value, and put values together that are one but for rounding."""
    order = np.lexsort((value, cell))
    value, times, cell = value[order], times[order], np.asarray(cell)[order]
    near = np.abs(np.diff(value)) <= ROUNDING * np.abs(value[1:])
    first = np.flatnonzero(np.append(True, (cell[1:] != cell[:-1]) | ~near)) if len(value) else np.zeros(0, np.int64)
    return value[first], np.add.reduceat(times, first) if len(first) else times, cell[first]


def _design_sums(totals: CellTotals, design: Design) -> tuple[Sums | None, Codes]:
    """Return the sums of the cells whose estimate varies, and which cells these are."""
    cells, size = len(totals.mean), totals.size[totals.block_stratum]
    blocks = len(size)
    grow = np.sqrt(1 - np.minimum(1.0, totals.size / design.population))[totals.block_stratum]
    drawn = (size > 1) & (grow > 0)
    scale = np.where(drawn, grow * size / np.maximum(size - 1, 1), 0.0)
    whole = np.array([sum_by(totals.block, blocks, totals.times * part) for part in (totals.score, totals.weight)])
    kept = np.where(drawn, 1 - grow, 1.0) * whole
    fixed = np.array([sum_by(totals.block_cell, cells, part) for part in kept])

    around = totals.score - (whole[0] / size)[totals.block]
    squares = (
        sum_by(totals.block, blocks, totals.times * around**2)
        + (size - sum_by(totals.block, blocks, totals.times)) * (whole[0] / size) ** 2
    )
    variance = sum_by(totals.block_cell, cells, (size - 1) / size * scale**2 * squares)
    largest = np.zeros(cells)
    np.maximum.at(largest, totals.cell, np.abs(totals.score))
    varies = variance > (ROUNDING * largest) ** 2
    if not varies.any():
        return None, np.zeros(0, np.int64)
    used = drawn & varies[totals.block_cell]
    rows = np.flatnonzero(used[totals.block])
    if (totals.block[1:] < totals.block[:-1]).any():
        rows = rows[np.argsort(totals.block[rows], kind="stable")]
    block = (np.cumsum(used) - 1)[totals.block[rows]]
    code = np.cumsum(varies) - 1
    score, weight, times = (part[rows] for part in (totals.score, totals.weight, totals.times))
    begin = np.searchsorted(block, np.arange(int(used.sum())))
    stretch = scale[used][block]
    return Sums(
        score * stretch,
        weight * stretch,
        times,
        code[totals.cell[rows]],
        begin,
        np.searchsorted(code[totals.block_cell[used]], np.arange(int(varies.sum()))),
        size[used] - np.add.reduceat(times, begin),
        size[used],
        size[used] - 1,
        fixed[:, varies],
        np.zeros(int(varies.sum())),
    ), np.flatnonzero(varies)


def _ruled(sums: Sums) -> NDArray[np.bool_]:
    """Tell in which cells one unit has more than LARGEST_UNIT of the variance."""
    cells = len(sums.first)
    largest = np.zeros(cells)
    np.maximum.at(largest, sums.entry, sums.score**2)
    return largest > LARGEST_UNIT * sum_by(sums.entry, cells, sums.times * sums.score**2)


def _on_lattice(sums: Sums, tau: Floats) -> Floats:
    """Move to the first point of the lattice less than half a step below; a mean of n moves in steps of a value's over n."""
    step = sums.step / sums.size[sums.first]
    low = sums.score[sums.begin[sums.first]]
    fine = np.where(step > 0, step, 1.0)
    point = np.ceil((tau - low) / fine - 0.5 - 1e-9)
    return np.where(step > 0, low + point * fine, tau)


def _normal(share: Floats) -> Floats:
    from scipy.special import ndtri

    found: Floats = ndtri(share)
    return found
