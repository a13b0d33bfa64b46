"""Groups compared at one mix of people: means adjusted by a weighted regression, with the errors of the design.

Every group has an effect of its own, and what is known of people has one that all groups share; an adjusted mean is what a
group would have with the mix of all. O'Malley, Zaslavsky, Elliott, Zaborski & Cleary (2005), Health Services Research 40(6),
2162-2181.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cxgap.stats.means import Codes, Design, Floats, centred, ratio, strata_of, stratum_scale, sum_by, unit_totals

ALONE = 1e-9  # what is left of a unit beside its own pull, below which the group has no other unit
COLLINEAR = 1e-8  # of the largest singular value of the scaled columns


class Adjusted(NamedTuple):
    """Adjusted means; arrays have shape (groups,).

    Attributes
    ----------
    mean : at the mix of all; NaN where nobody of positive weight is in the group
    covariance : of the means, shape (groups, groups); NaN where a group has a single sampling unit
    df : sampling units less strata that the group meets, counted by the squares of their weights (Satterthwaite): units that
        weigh the same count one each, and a few heavy ones among light ones are what the error hangs on
    share : of the weight, which sums to 1
    overall : mean of all, which is also the mean of `mean` by `share`
    r2_groups, r2 : share of the variance that goes with the groups alone, and with both
    """

    mean: Floats
    covariance: Floats
    df: Floats
    share: Floats
    overall: float
    r2_groups: float
    r2: float


class Apart(NamedTuple):
    """Whether means differ at all: Welch's F and its degrees of freedom."""

    f: float
    df1: float
    df2: float
    p_value: float


def confounded(x: Floats, group: Codes, groups: int, weight: Floats) -> bool:
    """Tell whether columns, or some sum of them, are the same in all of a group, so that the two cannot be told apart."""
    if not x.shape[1]:
        return False
    total = x - weight @ x / weight.sum()
    return _rank(total, weight) > _rank(x - _means(x, group, groups, weight)[group], weight)


def adjusted_means(
    y: Floats, x: Floats, group: Codes, groups: int, weight: Floats, respondent: Codes, design: Design
) -> Adjusted:
    """Adjust the means of groups for columns; columns that others make up change nothing.

    The mix of all is taken as it is: its error would be common to all groups. In the variance the residuals of a sampling unit
    are divided by the root of what its own pull on the group's mean leaves, so that small groups are not called too sure.

    Parameters
    ----------
    y, x : values, shape (rows,), and what is adjusted for, shape (rows, columns), finite; not `confounded`
    group : of each row, 0 .. groups - 1
    weight : of each row: the respondent's, or parts of it that add up to it in each group
    respondent, design : as in `design_means`

    References
    ----------
    Binder (1983), International Statistical Review 51(3), 279-292.
    Bell & McCaffrey (2002), Survey Methodology 28(2), 169-181 (the residuals and the degrees of freedom).
    """
    inside = weight > 0
    y, x, group, weight, respondent = y[inside], x[inside], group[inside], weight[inside], respondent[inside]
    held = sum_by(group, groups, weight)
    level = ratio(sum_by(group, groups, weight * y), held)
    mix, own = weight @ x / weight.sum(), _means(x, group, groups, weight)
    within, rest = x - own[group], y - level[group]
    inverse = np.linalg.pinv((within * weight[:, None]).T @ within, rcond=COLLINEAR, hermitian=True)
    slope = inverse @ (within.T @ (weight * rest))
    residual = rest - within @ slope
    apart = np.nan_to_num(own - mix)

    unit = design.psu[respondent]
    pair, place = np.unique(group * (int(design.psu.max(initial=-1)) + 1) + unit, return_inverse=True)
    pull = weight / held[group] + weight * np.einsum("ij,jk,ik->i", within, inverse, within)
    left = 1 - sum_by(place, len(pair), pull)[place]
    score = weight * residual / np.sqrt(np.maximum(left, ALONE))
    total = unit_totals(score / held[group], group, groups, respondent, design)
    if columns := x.shape[1]:
        each = np.tile(np.arange(columns), len(y))
        moved = unit_totals((score[:, None] * within).ravel(), each, columns, np.repeat(respondent, columns), design)
        total = total - moved @ inverse @ apart.T
    about = centred(total, design)
    covariance = about.T @ (stratum_scale(design)[strata_of(design)][:, None] * about)

    of_pair = pair // (int(design.psu.max(initial=-1)) + 1)
    blocks = np.unique(group * len(design.population) + design.stratum[respondent]) // len(design.population)
    strata = sum_by(blocks, groups)
    alone = sum_by(of_pair, groups) - strata < 1
    squares = sum_by(place, len(pair), weight) ** 2
    df = ratio(sum_by(of_pair, groups, squares) ** 2, sum_by(of_pair, groups, squares**2)) - strata
    df = np.where(alone, np.nan, np.maximum(df, 1.0))
    covariance[alone] = np.nan
    covariance[:, alone] = np.nan
    overall = float(weight @ y / weight.sum())
    spread = float(weight @ (y - overall) ** 2)
    shares = [1 - float(weight @ part**2) / spread if spread > 0 else np.nan for part in (rest, residual)]
    return Adjusted(level - apart @ slope, covariance, df, held / weight.sum(), overall, shares[0], shares[1])


def from_mean(found: Adjusted) -> tuple[Floats, Floats]:
    """Return how far each mean lies from that of all, and the standard error of this."""
    known = np.isfinite(np.diag(found.covariance))
    share = np.where(known, found.share, 0.0)
    share = share / share.sum() if share.any() else share
    turn = np.eye(len(share)) - share
    spread = np.where(np.isfinite(found.covariance), found.covariance, 0.0)
    variance = np.einsum("ij,jk,ik->i", turn, spread, turn)
    distance = found.mean - (share @ np.nan_to_num(found.mean))
    return np.where(known, distance, np.nan), np.where(known, np.sqrt(np.maximum(variance, 0.0)), np.nan)


def differ(found: Adjusted) -> Apart:
    """Test that all means are one: Wald's test by their covariance, with Welch's degrees of freedom for few units a group.

    References
    ----------
    Welch (1951), Biometrika 38(3-4), 330-336.
    """
    from scipy.special import fdtrc

    variance = np.diag(found.covariance)
    used = np.isfinite(variance) & (variance > 0)
    k = int(used.sum())
    if k < 2:
        return Apart(np.nan, float(max(k - 1, 0)), np.nan, np.nan)
    steps = np.eye(k)[1:] - np.eye(k)[0]
    left, spread = steps @ found.mean[used], steps @ found.covariance[np.ix_(used, used)] @ steps.T
    weight = 1 / variance[used]
    unsure = float((((1 - weight / weight.sum()) ** 2) / found.df[used]).sum())
    f = float(left @ np.linalg.pinv(spread, hermitian=True) @ left) / (k - 1) / (1 + 2 * (k - 2) / (k**2 - 1) * unsure)
    df2 = (k**2 - 1) / (3 * unsure)
    return Apart(f, k - 1.0, df2, float(fdtrc(k - 1, df2, max(f, 0.0))))


def _means(x: Floats, group: Codes, groups: int, weight: Floats) -> Floats:
    held = sum_by(group, groups, weight)
    return np.column_stack([np.zeros((groups, 0)), *(ratio(sum_by(group, groups, weight * column), held) for column in x.T)])


def _rank(x: Floats, weight: Floats) -> int:
    """Count the columns that others do not make up; a column's scale does not matter."""
    scaled = np.sqrt(weight)[:, None] * x
    length = np.sqrt((scaled**2).sum(axis=0))
    largest = np.sqrt(weight) @ np.abs(x) + np.sqrt(weight.sum())
    kept = length > 1e-10 * largest
    if not kept.any():
        return 0
    return int(np.linalg.matrix_rank(scaled[:, kept] / length[kept], tol=COLLINEAR * np.sqrt(kept.sum())))
