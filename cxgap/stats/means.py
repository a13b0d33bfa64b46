"""Means of cells and their design-based standard errors, intervals and tests, for all cells at once.

Taylor linearisation of a ratio mean in a domain: Binder (1983), International Statistical Review 51(3), 279-292;
as in Lumley (2004), Journal of Statistical Software 9(8).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.integer]

ROUNDING = 1e-13  # of the largest value: a standard error below it is rounding, since no sample is large enough for it


class Design(NamedTuple):
    """How the respondents were drawn; one entry a respondent of the whole sample, whether or not a cell holds them.

    Attributes
    ----------
    weight : sampling weights, shape (respondents,); a zero keeps its unit in the design and out of every cell
    stratum : codes 0 .. strata - 1, shape (respondents,)
    psu : codes of the primary sampling units 0 .. units - 1, each within one stratum, shape (respondents,)
    population : units in the population of each stratum, shape (strata,); infinity where it is not finite
    """

    weight: Floats
    stratum: Codes
    psu: Codes
    population: Floats


class Means(NamedTuple):
    """Estimates of cells; each array has shape (cells,)."""

    n: Floats
    n_eff: Floats
    mean: Floats
    std_error: Floats
    df: Floats
    lonely: NDArray[np.bool_]


def simple_means(y: Floats, cell: Codes, cells: int) -> Means:
    """Estimate means of independent, unweighted respondents: Student (1908), Biometrika 6(1), 1-25.

    Parameters
    ----------
    y : values, shape (rows,), finite
    cell : the cell of each value, 0 .. cells - 1
    cells : number of cells; one without values has NaN

    Returns
    -------
    Means with `df` = n - 1; a cell of one value has a mean and NaN after it.
    """
    n = sum_by(cell, cells)
    mean = ratio(sum_by(cell, cells, y), n)
    squares = sum_by(cell, cells, (y - mean[cell]) ** 2)
    enough = n > 1
    std_error = np.where(enough, _settled(np.sqrt(ratio(squares, n * (n - 1))), y, cell), np.nan)
    return Means(n, n, mean, std_error, np.where(enough, n - 1, np.nan), np.zeros(cells, bool))


def design_means(y: Floats, cell: Codes, cells: int, respondent: Codes, design: Design) -> Means:
    """Estimate weighted means of cells of a stratified, clustered sample, with standard errors by linearisation.

    A cell is a domain: units of the sample without a member in it stay in the design with a total of zero. A stratum
    with a single unit is centred at the mean of all unit totals, which is zero ("adjust" in R's survey package).

    Parameters
    ----------
    y : values, shape (rows,), finite; one row a respondent and cell
    cell : the cell of each row, 0 .. cells - 1
    cells : number of cells
    respondent : the respondent of each row, a position in the arrays of `design`
    design : the whole sample

    Returns
    -------
    Means with `n` respondents of positive weight, `n_eff` by Kish (1965, Survey Sampling, section 8.2), `df` the
    sampling units less the strata that the cell meets, and `lonely`, whether a stratum had a single unit.
    """
    weight = design.weight[respondent]
    inside = weight > 0
    y, cell, respondent, weight = y[inside], cell[inside], respondent[inside], weight[inside]
    n, total = sum_by(cell, cells), sum_by(cell, cells, weight)
    n_eff = ratio(total**2, sum_by(cell, cells, weight**2))
    mean = ratio(sum_by(cell, cells, weight * y), total)

    units, strata = len(np.unique(design.psu)), len(design.population)
    score = weight * (y - mean[cell]) / total[cell]
    pair, place = np.unique(cell * units + design.psu[respondent], return_inverse=True)
    unit_score = sum_by(place, len(pair), score)
    unit_cell, unit = np.divmod(pair, units)

    stratum_of = np.zeros(units, np.int64)
    stratum_of[design.psu] = design.stratum
    size = sum_by(stratum_of, strata)
    single = size == 1
    block = unit_cell * strata + stratum_of[unit]
    met = sum_by(block, cells * strata).reshape(cells, strata)
    centre = np.where(single, 0.0, sum_by(block, cells * strata, unit_score).reshape(cells, strata) / size)
    squares = sum_by(block, cells * strata, (unit_score - centre.ravel()[block]) ** 2).reshape(cells, strata)
    squares += (size - met) * centre**2  # the units without a member of the cell

    scale = (1 - size / design.population) * np.where(single, 1.0, size / np.maximum(size - 1, 1))
    std_error = _settled(np.sqrt((scale * squares).sum(axis=1)), y, cell)
    df = met.sum(axis=1) - (met > 0).sum(axis=1)
    enough = (n > 1) & (df > 0)
    lonely = ((met > 0) & single).any(axis=1)
    return Means(n, n_eff, mean, np.where(enough, std_error, np.nan), np.where(enough, df, np.nan), lonely)


def std_devs(y: Floats, cell: Codes, cells: int, weight: Floats) -> Floats:
    """Return the standard deviation of each cell: ddof = 1, weights as shares, shape (cells,)."""
    n, total = sum_by(cell[weight > 0], cells), sum_by(cell, cells, weight)
    mean = ratio(sum_by(cell, cells, weight * y), total)
    squares = ratio(sum_by(cell, cells, weight * (y - mean[cell]) ** 2), total)
    return np.sqrt(squares * ratio(n, n - 1))


def t_interval(estimate: Floats, std_error: Floats, df: Floats, *, conf_level: float) -> tuple[Floats, Floats]:
    """Return the two ends of Student's t interval; a standard error of zero gives the estimate twice."""
    from scipy.special import stdtrit

    half = stdtrit(df, (1 + conf_level) / 2) * std_error
    return estimate - half, estimate + half


def t_p_value(estimate: Floats, std_error: Floats, df: Floats) -> Floats:
    """Return the two-sided p-value of a mean of zero; NaN where the standard error is zero or unknown."""
    from scipy.special import stdtr

    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.where(std_error > 0, estimate / std_error, np.nan)
    return 2 * stdtr(df, -np.abs(t))


def ratio(top: Floats, bottom: Floats) -> Floats:
    """Divide element by element; NaN where `bottom` is not above 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(bottom > 0, top / bottom, np.nan)


def sum_by(place: Codes, places: int, values: NDArray | None = None) -> Floats:
    """Add `values` up in each place, shape (places,); without values, count."""
    return np.bincount(place, values, places).astype(np.float64)


def _settled(std_error: Floats, y: Floats, cell: Codes) -> Floats:
    """Call a standard error zero where it is no more than the rounding of the values."""
    largest = np.zeros(len(std_error))
    np.maximum.at(largest, cell, np.abs(y))
    return np.where(std_error <= ROUNDING * largest, 0.0, std_error)
