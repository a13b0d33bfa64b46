"""Before and after, with a comparison: means of groups and periods, contrasts of them, and what their errors are.

A contrast is a sum over rows of their influence on it, so that people who are in several cells are counted once: Binder (1983),
International Statistical Review 51(3), 279-292. Few clusters: see `stats.wild`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cxgap.stats.means import Codes, Design, Floats, linear_variance, ratio, sum_by


class Cells(NamedTuple):
    """Means of arms in periods; arm 0 is the comparison.

    Attributes
    ----------
    mean, weight : of each arm and period, shape (arms, periods); NaN and 0 where there is no row
    influence : of each row on the mean of its cell, times its weight, shape (rows,); sums to 0 in each cell
    arm, period, row_weight : of each row
    """

    mean: Floats
    weight: Floats
    influence: Floats
    arm: Codes
    period: Codes
    row_weight: Floats


class Sides(NamedTuple):
    """Four means, and the influence of each row on them: treated before and after, comparison before and after.

    Attributes
    ----------
    mean : shape (4,); the last two are NaN without a comparison
    score : shape (rows, 4)
    share : what each row weighs in its mean, shape (rows,)
    held : the value by which each row stands for itself, times `share`, shape (rows,)
    """

    mean: Floats
    score: Floats
    share: Floats
    held: Floats


class Contrast(NamedTuple):
    """An estimate, its standard error and its degrees of freedom."""

    estimate: float
    std_error: float
    df: float


def cell_means(value: Floats, arm: Codes, period: Codes, shape: tuple[int, int], weight: Floats) -> Cells:
    """Return the mean of each arm and period, of which `shape` says how many there are."""
    cell = arm * shape[1] + period
    cells = shape[0] * shape[1]
    total = sum_by(cell, cells, weight)
    mean = ratio(sum_by(cell, cells, weight * value), total)
    influence = weight * (value - mean[cell]) / np.where(total > 0, total, 1.0)[cell]
    return Cells(mean.reshape(shape), total.reshape(shape), influence, arm, period, weight)


def sides_of(cells: Cells, after: np.ndarray, *, unit: Codes | None = None, treated: int = 1, alone: bool = False) -> Sides:
    """Put periods together to a mean before and a mean after, the comparison in the same periods as the treated.

    Periods count by the weight that the treated have in them, on both arms, so that a season is not taken for an effect. A
    period in which a single unit of the comparison was seen tells nothing of how far such units scatter, and is left out; where
    they are few, each period's own mean hides some of the scatter, which is put back.

    Parameters
    ----------
    after : of each period, whether it is before (0), after (1), or out of it (-1)
    unit : code of the independent unit of each row; every row if left out
    treated : the arm that was treated; the comparison is arm 0
    alone : whether there is no comparison
    """
    rows = len(cells.influence)
    mean, score, share, held = np.full(4, np.nan), np.zeros((rows, 4)), np.zeros(rows), np.zeros(rows)
    own, other = cells.weight[treated], cells.weight[0]
    unit = np.arange(rows) if unit is None else unit
    seen = _seen(cells, unit)
    for side in (0, 1):
        used = (after == side) & (own > 0) & (alone | (seen > 1))
        if not used.any():
            continue
        part = np.where(used, own, 0.0) / own[used].sum()
        ours, theirs = np.nan_to_num(cells.mean[treated]), np.nan_to_num(cells.mean[0])
        mean[side] = part @ ours
        inside = (cells.arm == treated) & used[cells.period]
        each = cells.row_weight / own[used].sum()
        score[inside, side] = (part[cells.period] * cells.influence + each * (ours[cells.period] - mean[side]))[inside]
        share[inside] = each[inside]
        held[inside] = (each * ours[cells.period] + part[cells.period] * cells.influence)[inside]
        if alone:
            continue
        mean[2 + side] = part @ theirs
        score[inside, 2 + side] = (each * (theirs[cells.period] - mean[2 + side]))[inside]
        beside = (cells.arm == 0) & used[cells.period]
        whole = len(np.unique(unit[beside]))
        hidden = np.sqrt(ratio(seen, seen - 1) * (whole - 1) / whole)
        score[beside, 2 + side] = (part * np.nan_to_num(hidden))[cells.period[beside]] * cells.influence[beside]
        like = ratio(cells.row_weight * part[cells.period], other[cells.period])
        share[beside] = like[beside]
        held[beside] = (like * theirs[cells.period] + part[cells.period] * cells.influence)[beside]
    return Sides(mean, score, share, held)


def _seen(cells: Cells, unit: Codes) -> Floats:
    """Return how many units of the comparison were seen in each period."""
    inside = (cells.arm == 0) & (cells.row_weight > 0)
    most = int(unit.max(initial=0)) + 1
    pairs = np.unique(cells.period[inside] * most + unit[inside])
    return np.bincount(pairs // most, minlength=cells.mean.shape[1]).astype(float)


def contrast(estimate: float, score: Floats, unit: Codes, kind: Codes, *, design: Design | None = None,
             respondent: Codes | None = None) -> Contrast:  # fmt: skip
    """Return a contrast with the error that its rows have when those of a unit belong together.

    Units are sorted by the cells that they are in; each sort has its own spread, and degrees of freedom are Satterthwaite's
    (Welch 1947, Biometrika 34(1-2), 28-35): of two samples of different people that is Welch's test.

    Parameters
    ----------
    score : influence of each row, shape (rows,)
    unit : code of the independent unit of each row
    kind : a number below 16 that says in which of four cells the row is: 1, 2, 4 or 8; 0 where it is in none of them
    design, respondent : where the sample was stratified, clustered or raked, the design, and the place in it of each row
    """
    names, place = np.unique(unit, return_inverse=True)
    moved = sum_by(place, len(names), score)
    sort = np.zeros(len(names), np.int64)
    np.bitwise_or.at(sort, place, kind)
    size = sum_by(sort, 16)
    spread = sum_by(sort, 16, moved**2) * np.where(size > 1, size / np.maximum(size - 1, 1), 1.0)
    met = (sort > 0) & (moved != 0)
    if not np.isfinite(estimate) or met.sum() < 2:
        return Contrast(estimate, np.nan, np.nan)
    variance = float(spread.sum())
    below = float((spread**2 / np.maximum(size - 1, 1)).sum())
    df = variance**2 / below if below > 0 else float(met.sum() - 1)
    if design is not None and respondent is not None:
        found = linear_variance(score, np.zeros(len(score), np.int64), 1, respondent, design)
        variance, df = float(found.variance[0]), min(df, float(found.df[0]))
    return Contrast(estimate, float(np.sqrt(variance)), df)


def by_groups(estimate: float, score: Floats, group: Codes, arm: Codes, share: Floats) -> Contrast:
    """Return a contrast of two arms with the error that whole groups give it, each of which is in one arm.

    The jackknife by groups, arm by arm, so that a large group does not hide how far it stands from the others: a group's sum is
    divided by what is left without it (CR3 of Bell & McCaffrey 2002, Survey Methodology 28(2), 169-181). Degrees of freedom
    are Satterthwaite's.

    Parameters
    ----------
    score : influence of each row, shape (rows,)
    group, arm : of each row; the arm is 0 or 1
    share : what each row weighs in the mean before or after that it is part of; those of an arm add up to 2
    """
    names, place = np.unique(group, return_inverse=True)
    moved, part = sum_by(place, len(names), score), sum_by(place, len(names), share) / 2
    side = np.zeros(len(names), np.int64)
    side[place] = arm
    size = sum_by(side, 2)
    if size.min() < 2:
        return Contrast(estimate, np.nan, np.nan)
    squares = sum_by(side, 2, (moved / np.maximum(1 - part, 1e-9)) ** 2) * (size - 1) / size
    below = float((squares**2 / (size - 1)).sum())
    df = float(squares.sum()) ** 2 / below if below > 0 else float(size.sum() - 2)
    return Contrast(estimate, float(np.sqrt(squares.sum())), df)


def kinds(cells: Cells, after: np.ndarray, *, treated: int = 1) -> Codes:
    """Return the number of the cell of each row, as `contrast` asks for it."""
    side = after[cells.period]
    number = np.where(cells.arm == treated, 1, 4) * np.where(side == 1, 2, 1)
    return np.where((side < 0) | ((cells.arm != treated) & (cells.arm != 0)), 0, number)


def leads(cells: Cells, reference: int, *, treated: int = 1) -> tuple[Floats, Floats]:
    """Return how far the treated stand from the comparison in each period, less the same in the period of `reference`.

    Returns
    -------
    Estimates, shape (periods,), 0 in the reference and NaN where an arm has no row; and the influence of each row on them,
    shape (rows, periods).
    """
    apart = cells.mean[treated] - cells.mean[0]
    estimate = apart - apart[reference]
    periods = len(apart)
    sign = np.where(cells.arm == treated, 1.0, np.where(cells.arm == 0, -1.0, 0.0))
    score = np.zeros((len(sign), periods))
    score[np.arange(len(sign)), cells.period] = sign * cells.influence
    score -= score[:, [reference]]
    return estimate, np.where(np.isfinite(estimate), score, 0.0)


def joint_test(estimate: Floats, score: Floats, unit: Codes, parameters: int) -> tuple[float, float, float, float]:
    """Test that all estimates are 0: F, its two degrees of freedom, and the p-value.

    Hotelling's T-squared on the sums of units, of which there are n, with n less `parameters` degrees of freedom; NaN where
    the estimates outnumber what the units can tell.
    """
    from scipy.special import fdtrc

    names, place = np.unique(unit, return_inverse=True)
    moved = np.column_stack([sum_by(place, len(names), column) for column in score.T])
    met = (moved != 0).any(axis=1)
    n, k = int(met.sum()), len(estimate)
    df = n - parameters
    if k == 0 or df - k + 1 < 1:
        return np.nan, float(k), np.nan, np.nan
    covariance = moved.T @ moved * n / max(n - 1, 1)
    rank = np.linalg.matrix_rank(covariance)
    if rank < k:
        return np.nan, float(k), np.nan, np.nan
    square = float(estimate @ np.linalg.solve(covariance, estimate))
    df_2 = df - k + 1.0
    f = square * df_2 / (df * k)
    return f, float(k), df_2, float(fdtrc(k, df_2, f))
