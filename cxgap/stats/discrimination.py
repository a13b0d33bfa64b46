"""How well predictions part those who left from those who stayed, and whether what they say is what happens.

Every measure comes with the influence of each row, so that people, and not rows, are the independent units.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cxgap.stats.glm import Glm, glm
from cxgap.stats.means import Codes, Floats, sum_by


class Auc(NamedTuple):
    """The chance that one who left was given a higher prediction than one who stayed, and each row's influence on it."""

    value: float
    influence: Floats

    def std_error(self, cluster: Codes | None = None) -> float:
        """Return the standard error, of independent clusters of rows."""
        return spread(self.influence, cluster)


def auc(score: Floats, event: Floats, *, weight: Floats | None = None) -> Auc:
    """Return the area under the curve of Mann & Whitney, ties counting half.

    Parameters
    ----------
    score : predictions, shape (rows,)
    event : 1 and 0
    weight : of each row: sampling, and the inverse of the chance of having been watched

    References
    ----------
    Hanley & McNeil (1982), Radiology 143(1), 29-36. DeLong, DeLong & Clarke-Pearson (1988), Biometrics 44(3), 837-845; of
    clusters, Obuchowski (1997), Biometrics 53(2), 567-578.
    """
    weight = np.ones(len(score)) if weight is None else weight
    distinct, place = np.unique(score, return_inverse=True)
    left, stayed = weight * event, weight * (1 - event)
    many = len(distinct)
    at_left, at_stayed = sum_by(place, many, left), sum_by(place, many, stayed)
    total_left, total_stayed = left.sum(), stayed.sum()
    if not (total_left > 0 and total_stayed > 0):
        return Auc(np.nan, np.full(len(score), np.nan))
    below = (np.cumsum(at_stayed) - at_stayed / 2)[place] / total_stayed  # share of those who stayed that a row exceeds
    above = 1 - (np.cumsum(at_left) - at_left / 2)[place] / total_left
    value = float(left @ below / total_left)
    return Auc(value, left * (below - value) / total_left + stayed * (above - value) / total_stayed)


def spread(influence: Floats, cluster: Codes | None = None) -> float:
    """Return the standard error of an estimate by the influence of its rows, summed within clusters."""
    total = influence if cluster is None else sum_by(cluster, int(cluster.max(initial=-1)) + 1, influence)
    units = len(total) if cluster is None else len(np.unique(cluster))
    return float(np.sqrt((total**2).sum() * units / max(units - 1, 1)))


def brier(prediction: Floats, event: Floats, *, weight: Floats | None = None) -> float:
    """Return the mean squared distance of predictions from what happened: Brier (1950), Monthly Weather Review 78(1), 1-3."""
    return float(np.average((prediction - event) ** 2, weights=weight))


def calibration(prediction: Floats, event: Floats, *, weight: Floats | None = None) -> tuple[float, float]:
    """Return intercept and slope of what happened on the log-odds of predictions; 0 and 1 where both agree.

    The intercept is that of a slope of 1, and says whether predictions are too low on the whole: Cox (1958), Biometrika
    45(3-4), 562-565.
    """
    from scipy.special import logit

    line = logit(np.clip(prediction, 1e-9, 1 - 1e-9))
    if np.ptp(line) < 1e-9 or not 0 < np.average(event, weights=weight) < 1:
        return np.nan, np.nan
    one = np.ones((len(event), 1))
    level: Glm = glm(one, event, weight=weight, offset=line)
    slope = glm(np.column_stack([one, line]), event, weight=weight)
    return float(level.coefficients[0]), float(slope.coefficients[1])


def folds(units: int, many: int, stratum: Codes, random: np.random.Generator) -> Codes:
    """Deal sampling units into folds by chance, evenly within each stratum."""
    fold = np.empty(units, np.int64)
    shift = 0
    for one in np.unique(stratum):
        members = np.flatnonzero(stratum == one)
        fold[random.permutation(members)] = (np.arange(len(members)) + shift) % many
        shift += len(members)
    return fold


def watched(time: Floats, event: np.ndarray, horizon: float, *, weight: Floats | None = None) -> Floats:
    """Return the inverse of the chance of having been watched long enough to know what happened by `horizon`; 0 if it is not.

    Parameters
    ----------
    time : until when each row was watched, shape (rows,)
    event : whether something ended the watching that would have been seen, however long: leaving in one way or another
    horizon : until when the outcome is asked
    weight : sampling weights

    References
    ----------
    Graf, Schmoor, Sauerbrei & Schumacher (1999), Statistics in Medicine 18(17-18), 2529-2545. Uno, Cai, Tian & Wei (2007),
    Journal of the American Statistical Association 102(478), 527-537.
    """
    weight = np.ones(len(time)) if weight is None else weight
    event = np.asarray(event, bool)
    known = (time >= horizon) | event
    lost = ~event & (time < horizon)
    distinct, place = np.unique(time, return_inverse=True)
    at_risk = np.cumsum(sum_by(place, len(distinct), weight)[::-1])[::-1]
    # who left at a moment was watched through it, so that those who are lost then are so a little later
    gone = at_risk - sum_by(place, len(distinct), np.where(event, weight, 0.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        step = np.where(gone > 0, 1 - sum_by(place, len(distinct), np.where(lost, weight, 0.0)) / gone, 1.0)
    before = np.concatenate([[1.0], np.cumprod(step)])
    until = np.searchsorted(distinct, np.minimum(time, horizon), side="left")
    chance = before[until]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(known & (chance > 0), 1 / chance, 0.0)
