"""Intervals of alpha and omega by drawing sampling units again: those of a design, or respondents who were drawn simply."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from cxgap.stats.bootstrap import Source, expanded_percentiles, replicate_weights
from cxgap.stats.covariance import blocks, of_moments
from cxgap.stats.identity import Hashes
from cxgap.stats.means import Design, Floats, strata_of, sum_by
from cxgap.stats.onefactor import omega_near
from cxgap.stats.reliability import alpha
from cxgap.stats.stream import LEAST_POISSON, MOST_UNITS
from cxgap.stats.streamed import covariances_of, crossed, drawn_sums, fullest_first, in_full
from cxgap.stats.threads import one_thread

REPLICATES = 1999


class Battery(NamedTuple):
    """The items of one score: sums of each sampling unit as `unit_moments` makes them, and the loadings of the sample.

    Attributes
    ----------
    moments : shape (units, 1 + items + items (items + 1) / 2); every item varies
    loading : of one factor, shape (items,); NaN where omega is not known, which then has no interval either
    """

    moments: Floats
    loading: Floats


class Answers(NamedTuple):
    """The items of one score: answers, shape (rows, items), NaN where missing, and loadings as in `Battery`."""

    x: Floats
    loading: Floats


class Ends(NamedTuple):
    """Ends of the intervals of alpha and omega of several batteries; each array has shape (batteries,)."""

    alpha_low: Floats
    alpha_high: Floats
    omega_low: Floats
    omega_high: Floats


def source_of(name: str, design: Design) -> Source:
    """Describe a sample drawn by `design`, to be drawn again; `name` keeps its random numbers apart from others."""
    stratum = strata_of(design)
    drawn = sum_by(stratum, len(design.population))
    return Source(name, stratum, np.minimum(1.0, drawn / design.population)[np.unique(stratum)])


def simply_drawn(design: Design) -> bool:
    """Say whether respondents were drawn one by one, all with the same chance, and from no end of them."""
    if design.calibration is not None or design.within is not None or np.isfinite(design.population).any():
        return False
    people = len(design.weight)
    alike = people > 0 and bool((design.weight == design.weight[0]).all() and design.weight[0] > 0)
    return alike and not design.stratum.any() and len(np.unique(design.psu)) == people


@one_thread
def streamed_ends(
    batteries: Sequence[Answers],
    units: Hashes,
    *,
    conf_level: float,
    count: int = REPLICATES,
    seed: int = 0,
    most: int = MOST_UNITS,
) -> Ends:
    """Draw respondents of a simple sample again by the weight stream, and return where alpha and omega lie.

    Parameters
    ----------
    batteries : that the same rows answered; a row counts in those that it answered in full
    units : the hash of the respondent of each row, shape (rows,); at least 100 of them for the stream
    conf_level, count, seed : as in `bootstrap_ends`
    most : respondents that are drawn one by one; of more, groups of them are drawn

    Returns
    -------
    As `bootstrap_ends`.
    """
    if not batteries:
        return Ends(*np.empty((4, 0)))
    order = fullest_first([battery.x for battery in batteries], units)
    columns, places = crossed([battery.x[order] for battery in batteries])
    drawn = drawn_sums(columns, units[order], count, seed=seed, most=most)
    person = np.unique(units, return_inverse=True)[1]
    ends = np.full((4, len(batteries)), np.nan)
    for each, (battery, place) in enumerate(zip(batteries, places, strict=True)):
        people = int(np.count_nonzero(np.bincount(person[in_full(battery.x)])))
        matrix = covariances_of(drawn.sums[:, place])
        ends[:, each] = _ends(matrix, battery.loading, min(people, drawn.units) - 1.0, conf_level, drawn.narrow(people))
    return Ends(*ends)


def streams(design: Design) -> bool:
    """Say whether `streamed_ends` fits a sample: simple, and of enough respondents that Poisson numbers may stand for them."""
    return len(design.weight) >= LEAST_POISSON and simply_drawn(design)


@one_thread
def bootstrap_ends(
    batteries: Sequence[Battery], source: Source, *, conf_level: float, count: int = REPLICATES, seed: int = 0
) -> Ends:
    """Draw all batteries again together, and return where alpha and omega lie.

    Parameters
    ----------
    batteries : of the same sampling units
    source : the sample
    conf_level : two-sided
    count : replicates
    seed : of the random numbers

    Returns
    -------
    Ends by expanded percentiles. Degrees of freedom are the units that answered a battery less their strata; NaN where
    there are none. A replicate whose factor leaves an item less than no variance of its own counts with none.
    """
    ends = np.full((4, len(batteries)), np.nan)
    if not batteries:
        return Ends(*ends)
    places = blocks([battery.moments.shape[1] for battery in batteries])
    sums = np.concatenate([battery.moments for battery in batteries], axis=1)
    drawn = np.concatenate([weights @ sums for weights in replicate_weights(source, count, seed=seed)])
    for each, (battery, place) in enumerate(zip(batteries, places, strict=True)):
        matrix = of_moments(drawn[:, place], len(battery.loading))
        ends[:, each] = _ends(matrix, battery.loading, _df(battery.moments[:, 0], source), conf_level, 1.0)
    return Ends(*ends)


def _ends(matrix: Floats, loading: Floats, df: float, conf_level: float, narrow: float) -> Floats:
    """Return the ends of alpha and of omega from the covariances of every replicate, shape (4,)."""
    values = np.stack([alpha(matrix), omega_near(matrix, loading)], axis=1)
    degrees = np.where(np.isfinite(values).any(axis=0) & (df > 0), df, np.nan)
    low, high = expanded_percentiles(values, degrees, conf_level=conf_level, narrow=narrow)
    return np.array([low[0], high[0], low[1], high[1]])


def _df(answered: Floats, source: Source) -> float:
    met = source.stratum[answered > 0]
    return float(len(met) - len(np.unique(met)))
