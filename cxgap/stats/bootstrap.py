"""Replicate weights: what the sampling units would weigh if the sample had been drawn again.

Rao & Wu (1988), Journal of the American Statistical Association 83(401), 231-241; as weights by Rao, Wu & Yue (1992),
Survey Methodology 18(2), 209-217.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple
from zlib import crc32

import numpy as np

from cxgap.stats.means import Codes, Floats

ROWS = 100  # replicates held at once: the same for every sample, so that those of several go hand in hand


class Source(NamedTuple):
    """A sample that levels are read from; it is drawn again as a whole.

    Attributes
    ----------
    name : keeps its stream of random numbers apart from those of other samples
    stratum : of each sampling unit, codes 0 .. strata - 1, shape (units,)
    fraction : share of each stratum's units that were drawn, shape (strata,); 1 for a census, 0 where there is no end of them
    """

    name: str
    stratum: Codes
    fraction: Floats

    @classmethod
    def simple(cls, name: str, units: int, population: float = np.inf) -> Source:
        """Describe a simple random sample of `units` out of `population`."""
        return cls(name, np.zeros(units, np.int64), np.full(min(units, 1), min(1.0, units / population)))

    @property
    def df(self) -> float:
        """Degrees of freedom: units less strata."""
        return float(len(self.stratum) - len(np.unique(self.stratum)))


def replicate_weights(source: Source, count: int, *, seed: int) -> Iterator[Floats]:
    """Draw each stratum again with replacement, one unit less than it has, and scale up so that variances are unbiased.

    Parameters
    ----------
    source : the sample; its units must be in an order that does not depend on the order of the rows
    count : replicates
    seed : with the name of the source the key of a counter-based generator

    Yields
    ------
    Weights that multiply those of the units, shape (at most ROWS, units), together `count` rows. A stratum of one unit
    keeps it; in a stratum of which the share f was drawn the deviations from 1 are multiplied by sqrt(1 - f).
    """
    for drawn in draws(source, count, seed=seed, less=1):
        yield rescaled(drawn, source)


def draws(source: Source, count: int, *, seed: int, less: int = 0) -> Iterator[Floats]:
    """Draw each stratum again with replacement, and count how often each unit comes.

    Parameters
    ----------
    source, count, seed : as in `replicate_weights`
    less : how many units fewer than a stratum has are drawn from it; 0 is the bootstrap of Efron (1979), Annals of
        Statistics 7(1), 1-26. A stratum of one unit keeps it

    Yields
    ------
    Counts, shape (at most ROWS, units), together `count` rows.
    """
    generator = keyed(source.name, seed)
    units = len(source.stratum)
    strata = _members(source.stratum)
    for done in range(0, count, ROWS):
        many = min(ROWS, count - done)
        times = np.ones((many, units))
        for members, size in strata:
            if size < 2:
                continue
            drawn = generator.integers(0, size, (many, size - less)) + np.arange(many)[:, None] * size
            times[:, members] = np.bincount(drawn.ravel(), minlength=many * size).reshape(many, size)
        yield times


def rescaled(drawn: Floats, source: Source) -> Floats:
    """Turn the counts of `draws(less=1)` into the weights of `replicate_weights`."""
    _, code, sizes = np.unique(source.stratum, return_inverse=True, return_counts=True)
    factor = np.where(sizes > 1, sizes / np.maximum(sizes - 1, 1), 1.0)
    return 1 + np.sqrt(1 - source.fraction)[code] * (drawn * factor[code] - 1)


def bayesian_weights(source: Source, count: int, *, seed: int) -> Iterator[Floats]:
    """Draw what each unit might weigh in the population: Dirichlet's uniform weights within each stratum, of mean 1.

    Parameters and yields as in `replicate_weights`; the share of a finite population that was drawn is not heeded.

    References
    ----------
    Rubin (1981), Annals of Statistics 9(1), 130-134.
    """
    generator = keyed(source.name, seed)
    strata = _members(source.stratum)
    for done in range(0, count, ROWS):
        many = min(ROWS, count - done)
        weights = np.ones((many, len(source.stratum)))
        for members, size in strata:
            if size < 2:
                continue
            parts = generator.standard_exponential((many, size))
            weights[:, members] = parts * (size / parts.sum(axis=1, keepdims=True))
        yield weights


def keyed(name: str, seed: int) -> np.random.Generator:
    """Make the counter-based generator of a seed and a name."""
    return np.random.Generator(np.random.Philox(key=[seed % 2**64, crc32(name.encode())]))


def expanded_percentiles(
    values: Floats, df: Floats, *, conf_level: float, narrow: float | Floats = 1.0
) -> tuple[Floats, Floats]:
    """Return the percentile interval of each column, widened as Student's t is wider than the normal curve.

    Parameters
    ----------
    values : replicates of an estimate, shape (replicates, cells); NaN where nobody was drawn, which tells nothing
    df : degrees of freedom behind each cell, shape (cells,)
    narrow : by how much replicates spread too little, one or shape (cells,): the root of n / (n - 1) of n units that were
        drawn as often as there are; 1 for `replicate_weights`

    References
    ----------
    Hesterberg (2015), The American Statistician 69(4), 371-386 (the expanded percentile interval).
    """
    from scipy.special import ndtr, stdtrit

    tail = ndtr(-narrow * stdtrit(df, (1 + conf_level) / 2))
    count = np.isfinite(values).sum(axis=0)
    ordered = np.sort(values, axis=0)
    ends = []
    for share in (tail, 1 - tail):
        place = np.clip(np.nan_to_num(share) * (count + 1) - 1, 0, np.maximum(count - 1, 0))
        below = np.floor(place).astype(np.int64)
        above = np.minimum(below + 1, np.maximum(count - 1, 0))
        column = np.arange(values.shape[1])
        end = ordered[below, column] + (place - below) * (ordered[above, column] - ordered[below, column])
        ends.append(np.where(np.isfinite(share), end, np.nan))
    return ends[0], ends[1]


def _members(stratum: Codes) -> list[tuple[slice | Codes, int]]:
    """Return the units of each stratum and how many they are; as a slice, which is quicker, where they stand together."""
    found: list[tuple[slice | Codes, int]] = []
    for code in np.unique(stratum):
        members = np.flatnonzero(stratum == code)
        first, last, size = members[0], members[-1], len(members)
        found.append((slice(first, last + 1) if last - first + 1 == size else members, size))
    return found
