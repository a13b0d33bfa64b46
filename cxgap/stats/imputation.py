"""Multiple imputation: missing answers drawn several times from answers that were given, and the results pooled.

Rubin (1987), Multiple Imputation for Nonresponse in Surveys, Wiley; van Buuren & Groothuis-Oudshoorn (2011), Journal of
Statistical Software 45(3).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple
from zlib import crc32

import numpy as np
from numpy.random import Generator, Philox
from numpy.typing import NDArray

from cxgap.stats.means import Floats
from cxgap.stats.threads import one_thread

COUNT = 20  # data sets: van Buuren (2018), section 2.8
DONORS = 5  # a missing answer takes that of one of the five nearest: van Buuren (2018), section 3.4.3
ROUNDS = 5  # of the chain before its values are taken
RIDGE = 1e-5  # of the diagonal, so that collinear predictors do no harm
MOST_HELD = 2_000_000  # numbers of all chains that are run side by side
STEPS = 2**16 - 1
LEAST_LAMBDA = 1e-4  # share of the variance due to missing answers; as mice has it, so that the df stay finite


class Pooled(NamedTuple):
    """Estimates of several completed data sets as one.

    Attributes
    ----------
    estimate : mean of the estimates
    within, between, total : variances: mean of the squared errors, that of the estimates, and both with (1 + 1/m)
    df : degrees of freedom
    increase : relative increase in variance that the missing answers cause
    fmi : fraction of information that is missing
    """

    estimate: float
    within: float
    between: float
    total: float
    df: float
    increase: float
    fmi: float

    @property
    def std_error(self) -> float:
        """Root of the total variance."""
        return float(np.sqrt(self.total))


def rubin(estimates: Floats, variances: Floats, *, df: float = np.inf) -> Pooled:
    """Pool estimates by Rubin's rules.

    Parameters
    ----------
    estimates, variances : of each completed data set: the estimate and its squared standard error, shape (m,)
    df : degrees of freedom if nothing were missing, such as n - 1

    Returns
    -------
    Pooled, as `pool.scalar` of R's mice gives it. With fewer than two data sets all but `estimate` and `within` is NaN;
    where every estimate has a standard error of zero and all agree, `df` and `fmi` are NaN.

    References
    ----------
    Rubin (1987), Multiple Imputation for Nonresponse in Surveys.
    Barnard & Rubin (1999), Biometrika 86(4), 948-955 (the degrees of freedom).
    """
    m = len(estimates)
    estimate, within = float(np.mean(estimates)), float(np.mean(variances))
    if m < 2:
        return Pooled(estimate, within, *(np.nan,) * 5)
    between = float(np.var(estimates, ddof=1))
    total = within + (1 + 1 / m) * between
    if not total > 0:
        return Pooled(estimate, within, between, total, np.nan, np.nan, np.nan)
    share = max((1 + 1 / m) * between / total, LEAST_LAMBDA)
    drawn = (m - 1) / share**2
    observed = (df + 1) / (df + 3) * df * (1 - share) if np.isfinite(df) else np.inf
    pooled_df = drawn if np.isinf(observed) else drawn * observed / (drawn + observed)
    increase = (1 + 1 / m) * between / within if within > 0 else np.inf
    fmi = (increase + 2 / (pooled_df + 3)) / (increase + 1) if np.isfinite(increase) else 1.0
    return Pooled(estimate, within, between, total, pooled_df, increase, fmi)


@one_thread
def impute(
    values: Floats, *, beside: Floats | None = None, count: int = COUNT, rounds: int = ROUNDS, seed: int, name: str = ""
) -> Iterator[Floats]:
    """Fill what is missing by chained equations with predictive mean matching.

    Each column with missing values in turn is regressed on all others; coefficients are drawn from their posterior, and
    a missing value takes that of one of the five rows whose own prediction is nearest. So only values that somebody gave
    are filled in, and every data set differs by as much as the answers are uncertain.

    Parameters
    ----------
    values : shape (rows, columns), NaN where missing; a column with one value is filled with it, one with none is not
    beside : further predictors without missing values, shape (rows, any)
    count, rounds : data sets, and rounds of the chain before each
    seed, name : key of a counter-based generator; the rows must be in an order of their own, such as that of their names

    Yields
    ------
    The completed `values`, `count` times.

    References
    ----------
    van Buuren (2018), Flexible Imputation of Missing Data, 2nd ed., Chapman & Hall, sections 3.4 and 4.5.
    Little (1988), Journal of Business & Economic Statistics 6(3), 287-296 (predictive mean matching).
    """
    known = np.isfinite(values)
    usable = np.array([len(np.unique(column[there])) > 1 for column, there in zip(values.T, known.T, strict=True)], bool)
    chosen = values[:, usable]
    only = np.array([column[there][0] if there.any() else np.nan for column, there in zip(values.T, known.T, strict=True)])
    further = np.empty((len(values), 0)) if beside is None else beside[:, np.ptp(beside, axis=0) > 0]
    lacking = (~known).sum(axis=0)[usable]
    order = np.argsort(lacking, kind="stable")
    order = order[lacking[order] > 0]
    # What predicts is scaled; a chain holds (columns, rows), the constant last.
    middle, spread = np.nanmean(chosen, axis=0), np.nanstd(chosen, axis=0)
    scaled = np.where(known[:, usable], (chosen - middle) / spread, 0.0)
    further = (further - further.mean(axis=0)) / further.std(axis=0)
    start = np.column_stack([scaled, further, np.ones(len(values))]).T
    random = Generator(Philox(key=[seed % 2**64, crc32(f"imputation {name}".encode())]))
    held = max(1, MOST_HELD // start.size)
    for done in range(0, count, held):
        chains = np.repeat(start[None], min(held, count - done), axis=0)
        _run(chains, known[:, usable], order, rounds, random)
        for chain in chains:
            filled = np.where(known, values, only)
            for column in map(int, order):
                hole, place = ~known[:, usable][:, column], np.flatnonzero(usable)[column]
                given = np.unique(chosen[~hole, column])
                filled[hole, place] = given[_nearest(given, chain[column, hole] * spread[column] + middle[column])]
            yield filled


def _run(chains: Floats, known: NDArray[np.bool_], order: NDArray, rounds: int, random: Generator) -> None:
    """Draw the missing values of all chains, in place: first at random, then each column given all others."""
    sizes = np.arange(len(chains))[:, None]
    for column in order:
        there, hole = np.flatnonzero(known[:, column]), np.flatnonzero(~known[:, column])
        chains[:, column, hole] = chains[sizes, column, there[random.integers(0, len(there), (len(chains), len(hole)))]]
    products = chains @ chains.transpose(0, 2, 1)
    for _ in range(rounds):
        for column in order:
            _redraw(chains, products, int(column), known[:, column], random)


def _redraw(chains: Floats, products: Floats, column: int, known: NDArray[np.bool_], random: Generator) -> None:
    """Draw the missing values of one column again, in place; `products` are those of the columns, kept up to date."""
    hole, there = np.flatnonzero(~known), np.flatnonzero(known)
    many, width = chains.shape[:2]
    missing = chains[:, :, hole]
    seen = products - missing @ missing.transpose(0, 2, 1)  # of the rows that have the column
    others = np.delete(np.arange(width), column)
    gram, target = seen[:, others[:, None], others], seen[:, others, column]
    gram += RIDGE * np.maximum(gram, 1.0) * np.eye(width - 1)
    root = np.linalg.cholesky(gram)
    best = np.linalg.solve(gram, target[:, :, None])[:, :, 0]
    residual = np.maximum(seen[:, column, column] - (best * target).sum(axis=1), 0.0)
    scale = np.sqrt(residual / random.chisquare(max(len(there) - width + 1, 1), many))
    noise = np.linalg.solve(root.transpose(0, 2, 1), random.standard_normal((many, width - 1, 1)))[:, :, 0]
    coefficients = np.zeros((2, many, width))
    coefficients[0][:, others], coefficients[1][:, others] = best, best + scale[:, None] * noise
    predicted = (coefficients[0][:, None] @ chains)[:, 0, there]
    wanted = (coefficients[1][:, None] @ missing)[:, 0]
    donors = there[_donors(predicted, wanted, random)]
    drawn = chains[np.arange(many)[:, None], column, donors]
    change = (missing @ (drawn - missing[:, column])[:, :, None])[:, :, 0]
    change[:, column] = ((drawn**2) - missing[:, column] ** 2).sum(axis=1)
    chains[:, column, hole] = drawn
    products[:, :, column] += change
    products[:, column, :] = products[:, :, column]


def _donors(predicted: Floats, wanted: Floats, random: Generator) -> NDArray:
    """Pick for each wanted value one of the rows whose predictions are nearest, chain by chain."""
    # Sorted by 65,536 steps of their range, which is many times as fast as to the last digit.
    low, high = predicted.min(axis=1, keepdims=True), predicted.max(axis=1, keepdims=True)
    steps = np.rint((predicted - low) * (STEPS / np.where(high > low, high - low, 1.0))).astype(np.uint16)
    order = np.argsort(steps, axis=1, kind="stable")
    ranked, few = np.take_along_axis(predicted, order, axis=1), min(DONORS, predicted.shape[1])
    begin = np.array([np.searchsorted(row, values) for row, values in zip(ranked, wanted, strict=True)])
    window = begin[:, :, None] + np.arange(-few, few)
    inside = (window >= 0) & (window < ranked.shape[1])
    window = np.clip(window, 0, ranked.shape[1] - 1)
    chain = np.arange(len(ranked))[:, None, None]
    distance = np.where(inside, np.abs(ranked[chain, window] - wanted[:, :, None]), np.inf)
    nearest = np.argsort(distance, axis=2, kind="stable")
    pick = np.take_along_axis(nearest, random.integers(0, few, wanted.shape)[:, :, None], axis=2)
    return np.take_along_axis(order, np.take_along_axis(window, pick, axis=2)[:, :, 0], axis=1)


def _nearest(given: Floats, values: Floats) -> NDArray:
    """Return the place of the one of the sorted `given` that is nearest to each value, against rounding."""
    above = np.clip(np.searchsorted(given, values), 1, len(given) - 1)
    return np.where(values - given[above - 1] <= given[above] - values, above - 1, above)
