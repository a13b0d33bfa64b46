"""A coefficient where few clusters were treated or not: the wild cluster bootstrap-t, with the null imposed.

Cameron, Gelbach & Miller (2008), Review of Economics and Statistics 90(3), 414-427; six-point weights where clusters are fewer
than twelve: Webb (2023), Canadian Journal of Economics 56(3), 839-858.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cxgap.stats.means import Codes, Floats, sum_by

FEW = 12  # clusters, below which two signs make too few draws that differ
WEBB = np.sqrt(np.array([1.5, 1.0, 0.5]))
DRAWS = 1999
_FAR, _HALVINGS = 2.0**12, 40  # standard errors that an end is looked for within, and steps by which it is found


class Wild(NamedTuple):
    """An estimate with its cluster-robust error, and the p-value and interval of the bootstrap; an open end is infinite."""

    estimate: float
    std_error: float
    p_value: float
    low: float
    high: float


def wild_cluster(
    y: Floats, x: Floats, weight: Floats, cluster: Codes, of: int, *, conf_level: float, seed: int = 0, draws: int = DRAWS
) -> Wild:
    """Estimate one coefficient of a weighted regression, and bootstrap its t by clusters.

    Parameters
    ----------
    y : shape (rows,)
    x : shape (rows, columns), of full rank
    weight : of each row, above 0
    cluster : codes of the clusters
    of : the column whose coefficient is wanted
    conf_level : two-sided; the interval holds the values that the test does not reject
    seed, draws : of the bootstrap

    Returns
    -------
    Wild, NaN where there is no error to estimate.
    """
    root = np.sqrt(weight)
    names, group = np.unique(cluster, return_inverse=True)
    count = len(names)
    yw, xw = y * root, x * root[:, None]
    rest = np.delete(xw, of, axis=1)
    basis, _ = np.linalg.qr(rest)
    whole, _ = np.linalg.qr(xw)

    def less(values: Floats, q: Floats) -> Floats:
        return values - q @ (q.T @ values)

    d = less(xw[:, of], basis)
    square = float(d @ d)
    if square <= 1e-12 or count < 2:
        return Wild(np.nan, np.nan, np.nan, np.nan, np.nan)
    estimate = float(d @ yw) / square
    factor = count / (count - 1)
    own = sum_by(group, count, d * less(yw, whole))
    std_error = float(np.sqrt(factor * (own**2).sum())) / square
    if not std_error > 1e-12 * np.abs(y).max(initial=0.0):
        return Wild(estimate, std_error, np.nan, np.nan, np.nan)

    # Residuals under the null are those of y less the null times those of the column; everything is linear in both.
    pieces = []
    for values in (less(yw, basis), d):
        spread = np.zeros((len(yw), count))
        spread[np.arange(len(yw)), group] = values
        moved = less(spread, whole)
        pieces.append(
            (
                sum_by(group, count, d * values),
                np.stack([np.bincount(group, d * column, count) for column in moved.T], axis=1),
            )
        )
    (a, left), (b, right) = pieces
    random = np.random.default_rng(seed)
    if count < FEW:
        points = np.concatenate([-WEBB, WEBB])
        signs = points[random.integers(6, size=(draws, count))]
    else:
        signs = random.integers(2, size=(draws, count)) * 2.0 - 1
    tops, bottoms = (signs @ a, signs @ b), (signs @ left.T, signs @ right.T)

    def p_value(null: float) -> float:
        top = tops[0] - null * tops[1]
        error = np.sqrt(factor * ((bottoms[0] - null * bottoms[1]) ** 2).sum(axis=1))
        with np.errstate(divide="ignore", invalid="ignore"):
            t = np.abs(np.where(error > 0, top / error, np.inf))
        mine = abs(estimate - null) / std_error
        return float((1 + (t >= mine * (1 - 1e-12)).sum()) / (1 + draws))

    def end(sign: float) -> float:
        near, step = 0.0, 1.0
        while p_value(estimate + sign * step * std_error) > 1 - conf_level:
            near, step = step, step * 2
            if step > _FAR:
                return sign * np.inf
        far = step
        for _ in range(_HALVINGS):
            middle = (near + far) / 2
            if p_value(estimate + sign * middle * std_error) > 1 - conf_level:
                near = middle
            else:
                far = middle
            if far - near < 1e-6:
                break
        return float(estimate + sign * far * std_error)

    return Wild(estimate, std_error, p_value(0.0), end(-1.0), end(1.0))


def two_by_two(
    held: Floats, share: Floats, treated: np.ndarray, after: np.ndarray, cluster: Codes
) -> tuple[Floats, Floats, Floats, Codes]:
    """Sum rows to clusters before and after, and return y, x, weight and cluster of the regression of which column 3 is wanted.

    Parameters
    ----------
    held, share : of each row, as in `stats.did.Sides`
    treated, after, cluster : of each row
    """
    cell = cluster * 2 + after
    count = int(cell.max(initial=-1)) + 1
    weight, total, arm = sum_by(cell, count, share), sum_by(cell, count, held), sum_by(cell, count, share * treated)
    used = weight > 0
    weight, arm = weight[used], np.where(arm[used] > 0, 1.0, 0.0)
    place = np.flatnonzero(used)
    side = (place % 2).astype(float)
    x = np.column_stack([np.ones(len(side)), arm, side, arm * side])
    return total[used] / weight, x, weight, place // 2
