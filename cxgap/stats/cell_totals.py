"""Totals of each cell in each sampling unit: what a ratio mean becomes when units are drawn again or left out."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cxgap.stats.means import Codes, Design, Floats, ratio, strata_of, sum_by


class CellTotals(NamedTuple):
    """Sums over the respondents of each cell and unit that meet, one entry a pair; and what is known of the units.

    Attributes
    ----------
    cell, unit : of each pair, sorted
    score, weight : sums of weight x (value - mean of the cell) and of weights, each pair
    times : units alike that a pair stands for
    mean : of each cell
    stratum : of each unit
    size : units in each stratum
    alone : what the square of the total of a stratum's only unit is multiplied by
    block : of each pair, the cell and stratum that it lies in
    block_cell, block_stratum : of each block
    """

    cell: Codes
    unit: Codes
    score: Floats
    weight: Floats
    times: Floats
    mean: Floats
    stratum: Codes
    size: Floats
    alone: float
    block: Codes
    block_cell: Codes
    block_stratum: Codes

    @property
    def units(self) -> int:
        """Of the whole sample."""
        return len(self.stratum)


def cell_totals(
    y: Floats, cell: Codes, cells: int, respondent: Codes, design: Design, times: Floats | None = None
) -> CellTotals:
    """Add up the values of each cell in each sampling unit.

    Parameters
    ----------
    y, cell, cells, respondent, design : as in `design_means`
    times : how many respondents alike each of `design` stands for, where each is a sampling unit; one if not given
    """
    weight = design.weight[respondent]
    inside = weight > 0
    if not inside.all():
        y, cell, respondent, weight = y[inside], cell[inside], respondent[inside], weight[inside]
    stratum, strata = strata_of(design), len(design.population)
    units = len(stratum)
    alike = np.ones(units)
    if times is not None:
        alike[design.psu] = times
    unit = design.psu[respondent]
    many = weight * alike[unit]
    mean = ratio(sum_by(cell, cells, many * y), sum_by(cell, cells, many))
    score, mass, key = weight * (y - mean[cell]), weight, cell * units + unit
    if (key[1:] <= key[:-1]).any():  # else each row is a pair, and they are in order
        pair, place = _groups(key)
        score, mass = (sum_by(place, len(pair), values) for values in (score, mass))
        cell, unit = np.divmod(pair, units)
    blocks, block = _groups(cell * strata + stratum[unit])
    size, alone = sum_by(stratum, strata, alike), float(design.lonely == "adjust")
    places = block, blocks // strata, blocks % strata
    return CellTotals(cell, unit, score, mass, alike[unit], mean, stratum, size, alone, *places)


def cell_acceleration(totals: CellTotals) -> Floats:
    """Return the acceleration of BCa: each unit is left out in turn, those without a member of the cell too."""
    cells, size, times = len(totals.mean), totals.size[totals.block_stratum], totals.times
    mass = sum_by(totals.cell, cells, times * totals.weight)
    blocks = len(size)
    block_score, block_weight = (sum_by(totals.block, blocks, times * part) for part in (totals.score, totals.weight))
    absent = size - sum_by(totals.block, blocks, times)

    def left_out(score: Floats, weight: Floats, block: Codes) -> Floats:
        others = np.maximum(size[block] - 1, 1)
        top = (block_score[block] - size[block] * score) / others
        bottom = mass[totals.block_cell[block]] + (block_weight[block] - size[block] * weight) / others
        return np.where(size[block] > 1, ratio(top, bottom), 0.0)

    present = left_out(totals.score, totals.weight, totals.block)
    missing = left_out(np.zeros(blocks), np.zeros(blocks), np.arange(blocks))
    middle = (sum_by(totals.block, blocks, times * present) + absent * missing) / size
    own, other = (size - 1)[totals.block] * (middle[totals.block] - present), (size - 1) * (middle - missing)
    own_square, other_square = times * own * own, absent * other * other
    squares = sum_by(totals.cell, cells, own_square) + sum_by(totals.block_cell, cells, other_square)
    cubes = sum_by(totals.cell, cells, own_square * own) + sum_by(totals.block_cell, cells, other_square * other)
    return ratio(cubes, 6 * squares**1.5)


def _groups(code: Codes) -> tuple[Codes, Codes]:
    """Return the distinct codes, sorted, and the place of each code among them; where they come in order, at once."""
    later = code[1:] > code[:-1]
    if (code[1:] < code[:-1]).any():
        distinct, place = np.unique(code, return_inverse=True)
        return distinct, place
    first = np.flatnonzero(np.append(True, later)) if len(code) else np.zeros(0, np.int64)
    return code[first], np.append(0, np.cumsum(later)) if len(code) else first
