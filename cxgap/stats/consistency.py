"""Intervals of alpha and omega where respondents came several times or by design: the bootstrap of sampling units."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from cxgap.stats.bootstrap import Source, expanded_percentiles, replicate_weights
from cxgap.stats.covariance import blocks, correlations, of_moments
from cxgap.stats.means import Design, Floats, strata_of, sum_by
from cxgap.stats.onefactor import omega, one_factor
from cxgap.stats.reliability import alpha

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
        df = np.array([_df(battery.moments[:, 0], source)])
        found = alpha(matrix)[:, None], _omegas(matrix, battery.loading)[:, None]
        for row, values in zip((0, 2), found, strict=True):
            if df[0] > 0 and np.isfinite(values).any():
                low, high = expanded_percentiles(values, df, conf_level=conf_level)
                ends[row : row + 2, each] = low[0], high[0]
    return Ends(*ends)


def _omegas(matrix: Floats, loading: Floats) -> Floats:
    if not np.isfinite(loading).all():
        return np.full(len(matrix), np.nan)
    r = correlations(matrix)
    return omega(r, np.clip(one_factor(r, loading, rough=True), -1, 1))


def _df(answered: Floats, source: Source) -> float:
    met = source.stratum[answered > 0]
    return float(len(met) - len(np.unique(met)))
