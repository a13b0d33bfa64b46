"""Means of cells and their design-based standard errors, intervals and tests, for all cells at once.

Taylor linearisation of a ratio mean in a domain: Binder (1983), International Statistical Review 51(3), 279-292;
as in Lumley (2004), Journal of Statistical Software 9(8).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cxgap.stats.weighting import Calibration, coefficients

Floats = NDArray[np.float64]
Codes = NDArray[np.integer]

ROUNDING = 1e-13  # of the largest value: a standard error below it is rounding, since no sample is large enough for it
LONELY = ("adjust", "certainty")
EXPLAINED = 1e-12  # of a variance before margins are told: what is left of it below that is rounding


class Stage(NamedTuple):
    """How a second stage was drawn within the primary sampling units.

    Attributes
    ----------
    unit : codes of the second-stage units 0 .. , each within one primary unit, shape (respondents,)
    population : second-stage units in each primary unit, shape (units,)
    """

    unit: Codes
    population: Floats


class Design(NamedTuple):
    """How the respondents were drawn; one entry a respondent of the whole sample, whether or not a cell holds them.

    Attributes
    ----------
    weight : sampling weights, shape (respondents,); a zero keeps its unit in the design and out of every cell
    stratum : codes 0 .. strata - 1, shape (respondents,)
    psu : codes of the primary sampling units 0 .. units - 1, each within one stratum, shape (respondents,)
    population : units in the population of each stratum, shape (strata,); infinity where it is not finite
    calibration : to what the weights were raked; None where they were not
    lonely : what a stratum of a single unit adds to a variance: "adjust" centres its unit at the mean of all unit totals
        (the cautious choice), "certainty" lets it add nothing; to merge it with another, see `merge_strata`
    within : the second stage, where primary units are a large part of a finite population; not beside `calibration`
    """

    weight: Floats
    stratum: Codes
    psu: Codes
    population: Floats
    calibration: Calibration | None = None
    lonely: str = "adjust"
    within: Stage | None = None


class Means(NamedTuple):
    """Estimates of cells; each array has shape (cells,)."""

    n: Floats
    n_eff: Floats
    mean: Floats
    std_error: Floats
    df: Floats
    lonely: NDArray[np.bool_]


class Variance(NamedTuple):
    """Of totals of a linearised variable; each array has shape (cells,).

    Attributes
    ----------
    variance : design-based
    df : sampling units less strata, of those that the cell meets
    lonely : whether the cell meets a stratum of a single unit
    """

    variance: Floats
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
    with a single unit is centred at the mean of all unit totals, which is zero ("adjust" in R's survey package). Where
    weights were raked, the linearised variable is taken less what the margins tell of it (residuals of the calibration).

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

    score = weight * (y - mean[cell]) / total[cell]
    variance = linear_variance(score, cell, cells, respondent, design)
    enough = (n > 1) & (variance.df > 0)
    std_error = np.where(enough, _settled(np.sqrt(variance.variance), y, cell), np.nan)
    return Means(n, n_eff, mean, std_error, np.where(enough, variance.df, np.nan), variance.lonely)


def linear_variance(score: Floats, cell: Codes, cells: int, respondent: Codes, design: Design) -> Variance:
    """Estimate the variance of the total of a linearised variable in each cell.

    Units of the sample without a member in the cell stay in the design with a total of zero. A stratum with a single unit
    is treated as `design.lonely` says. Where weights were raked, the variable is taken less what the margins tell of it.

    Parameters
    ----------
    score : the linearised variable times the respondent's weight, of each entry; a respondent may have several in a cell
    cell, respondent : of each entry, as in `design_means`; entries without weight must be left out

    Returns
    -------
    Variance
    """
    units, strata = _units(design), len(design.population)
    pair, place = np.unique(cell * units + design.psu[respondent], return_inverse=True)
    unit_score = sum_by(place, len(pair), score)
    unit_cell, unit = np.divmod(pair, units)
    stratum = strata_of(design)
    size = sum_by(stratum, strata)
    block = unit_cell * strata + stratum[unit]
    met = sum_by(block, cells * strata).reshape(cells, strata)
    share = np.where(size == 1, 0.0, 1 / np.maximum(size, 1))
    centre = share * sum_by(block, cells * strata, unit_score).reshape(cells, strata)
    squares = sum_by(block, cells * strata, (unit_score - centre.ravel()[block]) ** 2).reshape(cells, strata)
    squares += (size - met) * centre**2  # the units without a member of the cell
    variance = (stratum_scale(design) * squares).sum(axis=1)
    if design.calibration is not None:
        told = _told(score, cell, cells, respondent, design)
        held = centred(_weighed_margins(design), design)
        scaled = stratum_scale(design)[stratum][:, None] * held
        crossed = np.array([sum_by(unit_cell, cells, unit_score * column[unit]) for column in scaled.T])
        left = variance - 2 * (told * crossed).sum(axis=0) + (told * (held.T @ scaled @ told)).sum(axis=0)
        variance = np.where(left > EXPLAINED * variance, left, 0.0)
    if design.within is not None:
        drawn = (size / design.population)[stratum]
        inner = Design(design.weight, design.psu, *design.within, lonely=design.lonely)
        variance += linear_variance(np.sqrt(drawn[design.psu[respondent]]) * score, cell, cells, respondent, inner).variance
    df = met.sum(axis=1) - (met > 0).sum(axis=1)
    return Variance(variance, df, ((met > 0) & (size == 1)).any(axis=1))


def strata_of(design: Design) -> Codes:
    """Return the stratum of each sampling unit, shape (units,)."""
    stratum = np.zeros(_units(design), np.int64)
    stratum[design.psu] = design.stratum
    return stratum


def stratum_scale(design: Design) -> Floats:
    """Return by what the squares of the unit totals of each stratum are multiplied, shape (strata,)."""
    size = sum_by(strata_of(design), len(design.population))
    alone = 1.0 if design.lonely == "adjust" else 0.0
    return (1 - size / design.population) * np.where(size == 1, alone, size / np.maximum(size - 1, 1))


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
    return np.bincount(place, values, places).astype(np.float64, copy=False)


def _settled(std_error: Floats, y: Floats, cell: Codes) -> Floats:
    """Call a standard error zero where it is no more than the rounding of the values."""
    largest = np.zeros(len(std_error))
    np.maximum.at(largest, cell, np.abs(y))
    return np.where(std_error <= ROUNDING * largest, 0.0, std_error)


def unit_totals(score: Floats, cell: Codes, cells: int, respondent: Codes, design: Design) -> Floats:
    """Add up a linearised variable of each cell in each sampling unit, shape (units, cells).

    Where weights were raked it is taken less what the margins tell of it, for members of the cell and for all others.

    Parameters
    ----------
    score : the linearised variable times the respondent's weight, of each entry
    cell, respondent : of each entry, as in `design_means`
    """
    units = _units(design)
    total = sum_by(design.psu[respondent] * cells + cell, units * cells, score).reshape(units, cells)
    if design.calibration is not None:
        total -= _weighed_margins(design) @ _told(score, cell, cells, respondent, design)
    return total


def centred(total: Floats, design: Design) -> Floats:
    """Take the unit totals of each stratum about their mean, and those of a single unit as they are; shape (units, cells)."""
    stratum, strata = strata_of(design), len(design.population)
    size = sum_by(stratum, strata)
    mean = np.zeros((strata, total.shape[1]))
    np.add.at(mean, stratum, total)
    return total - np.where(size == 1, 0.0, 1 / np.maximum(size, 1))[stratum, None] * mean[stratum]


def _told(score: Floats, cell: Codes, cells: int, respondent: Codes, design: Design) -> Floats:
    """Regress the linearised variable of each cell on the margins, shape (categories, cells)."""
    assert design.calibration is not None
    value = np.where(design.weight[respondent] > 0, ratio(score, design.weight[respondent]), 0.0)
    return coefficients(design.calibration, respondent, cell, cells, value)


def _weighed_margins(design: Design) -> Floats:
    """Add up the weights of each category of the margins in each sampling unit, shape (units, categories)."""
    assert design.calibration is not None
    columns = design.calibration.margins.T
    return np.column_stack([sum_by(design.psu, _units(design), design.weight * column) for column in columns])


def _units(design: Design) -> int:
    return int(design.psu.max(initial=-1)) + 1
