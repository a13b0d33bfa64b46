"""All models of an outcome by expectation and perception, for any number of cells at once, from sums of the outcome.

Least squares needs of the visits that share a pair of ratings only how many they are, and the sums of the outcome and of its
square; of two ratings on a scale of seven there are 49 pairs, however many the visits.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cxgap.stats.means import ROUNDING, Codes, Floats, ratio, sum_by
from cxgap.stats.regression import least_squares
from cxgap.stats.surface import MODELS, columns_of

NARROW = 1e-5  # least eigenvalue of scaled cross-products, below which a cell is fitted by itself, with a decomposition
_PAIRS = 4096  # places in a table of one cell, up to which visits are put together
_HELD = 4_000_000  # places held at once


class Pairs(NamedTuple):
    """Independent visits of equal weight, put together where cell, X and Y are the same; each array has shape (entries,).

    Outcomes are counted from a whole number near their mean, so that sums of their squares keep their digits.

    Attributes
    ----------
    cell : of each entry
    x, y : expectation and perception, both less the midpoint of the scale
    times : visits that an entry stands for
    total, squares : sums of their outcomes less `shift`, and of the squares
    shift : the number that outcomes are counted from
    """

    cell: Codes
    x: Floats
    y: Floats
    times: Floats
    total: Floats
    squares: Floats
    shift: float


class Models(NamedTuple):
    """One model, fitted to each cell; the constant comes first, so that arrays of terms have shape (cells, columns + 1).

    Attributes
    ----------
    coefficients : NaN where columns are collinear or the visits too few
    covariance : HC3, shape (cells, columns + 1, columns + 1)
    df : visits less coefficients; NaN where that is not positive
    r2, adj_r2, aic, bic : as R's lm gives them
    left, whole : sums of squared residuals, and of squares about the mean
    collinear : whether columns are made up by others
    """

    coefficients: Floats
    covariance: Floats
    df: Floats
    r2: Floats
    adj_r2: Floats
    aic: Floats
    bic: Floats
    left: Floats
    whole: Floats
    collinear: NDArray[np.bool_]

    @property
    def std_error(self) -> Floats:
        """Standard errors of the coefficients, shape (cells, columns + 1)."""
        return np.sqrt(np.maximum(np.einsum("...ii->...i", self.covariance), 0.0))


class FTests(NamedTuple):
    """F tests, one a cell; each array has shape (cells,)."""

    f: Floats
    df1: Floats
    df2: Floats
    p_value: Floats


def paired(cell: Codes, x: Floats, y: Floats, z: Floats, cells: int) -> Pairs:
    """Put visits together; where ratings are means of several items, few are alike, and each visit stays an entry.

    Parameters
    ----------
    cell, x, y : of each visit
    z : its outcome
    cells : how many there are
    """
    shift = float(np.rint(z.mean())) if len(z) else 0.0
    z = z - shift
    one, other = _places(x), _places(y)
    if one is not None and other is not None:
        (row, low), (column, left) = one, other
        rows, columns = (int(code.max(initial=0)) + 1 for code in (row, column))
        if rows * columns <= _PAIRS and rows * columns * cells <= _HELD:
            place, size = (cell * rows + row) * columns + column, cells * rows * columns
            times = sum_by(place, size)
            seen = np.flatnonzero(times)
            where, column = np.divmod(seen, columns)
            where, row = np.divmod(where, rows)
            total, squares = (sum_by(place, size, part)[seen] for part in (z, z * z))
            return Pairs(where, (row + low) / 2, (column + left) / 2, times[seen], total, squares, shift)
    return Pairs(cell, x, y, np.ones(len(z)), z, z * z, shift)


def fit_surfaces(pairs: Pairs, cells: int) -> dict[str, Models]:
    """Fit every one of MODELS to each cell, with the standard errors that hold where residuals are not alike.

    The columns are centred and scaled, their cross-products solved, and the solution refined once. Cells whose columns
    nearly make up one another are decomposed by themselves (`least_squares`).

    Parameters
    ----------
    pairs : of all cells
    cells : how many there are

    References
    ----------
    MacKinnon & White (1985), Journal of Econometrics 29(3), 305-325; in R, sandwich::vcovHC(type = "HC3").
    """
    n = sum_by(pairs.cell, cells, pairs.times)
    mean = pairs.total / pairs.times
    within = np.maximum(pairs.squares - pairs.total * mean, 0.0)
    level = ratio(sum_by(pairs.cell, cells, pairs.total), n)
    return {model: _fitted(columns_of(model, pairs.x, pairs.y), pairs, mean, within, level, n) for model in MODELS}


def nested_tests(small: Models | None, large: Models) -> FTests:
    """Test in each cell whether the larger model explains more than chance would; None is a constant and nothing else."""
    from scipy.special import fdtrc

    own = 1 if small is None else small.coefficients.shape[1]
    df1 = float(large.coefficients.shape[1] - own)
    with np.errstate(divide="ignore", invalid="ignore"):
        f = ((large.whole if small is None else small.left) - large.left) / df1 / (large.left / large.df)
    known = np.isfinite(f) & np.isfinite(large.df)
    p_value = np.where(known, fdtrc(df1, np.where(known, large.df, 1.0), np.where(known, np.maximum(f, 0.0), 0.0)), np.nan)
    return FTests(f, np.full(len(f), df1), large.df.copy(), p_value)


def _places(values: Floats) -> tuple[Codes, int] | None:
    """Number values that are whole or half numbers from the least on; None where they are not."""
    twice = 2 * values
    code = np.rint(twice)
    if not len(values) or (code != twice).any() or np.ptp(code) >= _PAIRS:
        return None
    low = int(code.min())
    return code.astype(np.int64) - low, low


def _fitted(columns: Floats, pairs: Pairs, mean: Floats, within: Floats, level: Floats, n: Floats) -> Models:
    cell, times, cells, terms = pairs.cell, pairs.times, len(n), columns.shape[1] + 1
    centre = np.stack([ratio(sum_by(cell, cells, times * column), n) for column in columns.T], axis=1)
    off = columns - centre[cell]
    length = np.sqrt(np.stack([sum_by(cell, cells, times * column**2) for column in off.T], axis=1))
    length = np.where(length > 0, length, 1.0)
    off /= length[cell]
    target = mean - level[cell]
    inner, slopes, known = _solved(off, target, cell, times, cells)
    known &= n >= terms
    beta = np.where(known[:, None], slopes / length, np.nan)
    inner = np.where(known[:, None, None], inner / (length[:, :, None] * length[:, None, :]), np.nan)
    collinear = ~known & (n >= terms)
    for place in np.flatnonzero(collinear):
        rows = cell == place
        alone = least_squares(columns[rows], mean[rows], weight=times[rows])
        beta[place], inner[place] = alone.coefficients[1:], alone.bread[1:, 1:]
        collinear[place] = not np.isfinite(alone.coefficients).all()

    off *= length[cell]
    residual = target - np.einsum("ij,ij->i", off, beta[cell])
    left = sum_by(cell, cells, within + times * residual**2)
    whole = sum_by(cell, cells, within + times * target**2)
    bread = np.empty((cells, terms, terms))
    shift = -np.einsum("ci,cij->cj", centre, inner)
    with np.errstate(divide="ignore"):
        bread[:, 0, 0] = 1 / n - np.einsum("ci,ci->c", shift, centre)
    bread[:, 0, 1:] = bread[:, 1:, 0] = shift
    bread[:, 1:, 1:] = inner
    full = np.column_stack([np.ones(len(columns)), columns])
    leverage = ratio(np.ones(cells), n)[cell]
    for one in range(terms - 1):
        for other in range(one, terms - 1):
            leverage += (1 if one == other else 2) * inner[cell, one, other] * off[:, one] * off[:, other]
    with np.errstate(divide="ignore", invalid="ignore"):
        pulled = np.where(leverage < 1 - 1e-10, (within + times * residual**2) / (1 - leverage) ** 2, np.nan)
    covariance = bread @ _crossed(full, cell, pulled, cells) @ bread
    constant = pairs.shift + level - np.einsum("ci,ci->c", centre, beta)
    return _judged(np.column_stack([constant, beta]), covariance, pairs, n, left, whole, collinear)


def _solved(off: Floats, target: Floats, cell: Codes, times: Floats, cells: int) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Return the inverse of the cross-products, the slopes, and where the solution can be trusted."""
    cross = _crossed(off, cell, times, cells)
    known = np.asarray(np.isfinite(cross).all(axis=(1, 2)))
    known[known] = np.linalg.eigvalsh(cross[known])[:, 0] > NARROW
    inner = np.full(cross.shape, np.nan)
    inner[known] = np.linalg.inv(cross[known])
    slopes = np.zeros((cells, off.shape[1]))
    for _ in range(2):  # the second time refines the first
        rest = times * (target - np.einsum("ij,ij->i", off, slopes[cell]))
        slopes += np.einsum("cij,cj->ci", inner, np.stack([sum_by(cell, cells, rest * column) for column in off.T], axis=1))
    return inner, slopes, known


def _crossed(columns: Floats, cell: Codes, weight: Floats, cells: int) -> Floats:
    """Return the sums of weight x column x column of each cell, shape (cells, columns, columns)."""
    many = columns.shape[1]
    found = np.empty((cells, many, many))
    for one in range(many):
        part = weight * columns[:, one]
        for other in range(one, many):
            found[:, one, other] = found[:, other, one] = sum_by(cell, cells, part * columns[:, other])
    return found


def _judged(
    coefficients: Floats, covariance: Floats, pairs: Pairs, n: Floats, left: Floats, whole: Floats, collinear: NDArray[np.bool_]
) -> Models:
    """Put what a model explains beside it."""
    terms = coefficients.shape[1]
    largest = np.zeros(len(n))
    np.maximum.at(largest, pairs.cell, (np.sqrt(pairs.squares / pairs.times) + abs(pairs.shift)) ** 2)
    known = np.isfinite(coefficients).all(axis=1)
    df = np.where(known & (n > terms), n - terms, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        r2 = np.where(known & (whole > ROUNDING**2 * largest * n), 1 - left / whole, np.nan)
        fit = np.where(known, n * (np.log(2 * np.pi) + 1 - np.log(n) + np.log(left)), np.nan)
        aic, bic = 2 * (terms + 1) + fit, np.log(n) * (terms + 1) + fit
    return Models(
        coefficients,
        np.where(np.isfinite(df)[:, None, None], covariance, np.nan),
        df,
        r2,
        1 - (1 - r2) * (n - 1) / df,
        aic,
        bic,
        left,
        whole,
        collinear,
    )
