"""Two means of each team, both with error: how far they go together across teams."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cxgap.stats.means import Floats

FEWEST, LEAST_RELIABLE = 4, 0.3


class TeamLink(NamedTuple):
    """What the means of teams have to do with each other.

    Attributes
    ----------
    correlation, low, high, p_value : of the means as they were observed (Fisher 1915, Biometrika 10(4), 507-521)
    slope, slope_low, slope_high : of y on x, by least squares, as observed
    reliability_x, reliability_y : share of the variance between teams that is not the error of their means
    corrected, corrected_low, corrected_high : the correlation of the true means (Spearman 1904, American Journal of
        Psychology 15(1), 72-101), the reliabilities taken as known; NaN where one of them is too low
    true_slope, true_slope_low, true_slope_high : the slope on the true means of x (Fuller 1987, Measurement Error Models)
    """

    correlation: float
    low: float
    high: float
    p_value: float
    slope: float
    slope_low: float
    slope_high: float
    reliability_x: float
    reliability_y: float
    corrected: float
    corrected_low: float
    corrected_high: float
    true_slope: float
    true_slope_low: float
    true_slope_high: float


def team_link(x: Floats, y: Floats, covariance_x: Floats, covariance_y: Floats, *, conf_level: float) -> TeamLink:
    """Estimate how the means of teams go together.

    Parameters
    ----------
    x, y : means of teams, shape (teams,)
    covariance_x, covariance_y : of the errors of those means, shape (teams, teams)
    conf_level : two-sided

    Returns
    -------
    TeamLink, all NaN with fewer than 4 teams or where one side does not vary.
    """
    from scipy.special import ndtri, stdtr, stdtrit

    teams = len(x)
    nothing = TeamLink(*(np.nan,) * 15)
    if teams < FEWEST or np.ptp(x) <= 1e-12 or np.ptp(y) <= 1e-12:
        return nothing
    dx, dy = x - x.mean(), y - y.mean()
    sxx, syy, sxy = float(dx @ dx), float(dy @ dy), float(dx @ dy)
    r = min(max(sxy / np.sqrt(sxx * syy), -1.0), 1.0)
    inner = min(max(r, -1 + 1e-12), 1 - 1e-12)
    half = float(ndtri((1 + conf_level) / 2)) / np.sqrt(teams - 3)
    low, high = (float(np.tanh(np.arctanh(inner) + side * half)) for side in (-1, 1))
    t = inner * np.sqrt((teams - 2) / (1 - inner**2))
    p_value = float(2 * stdtr(teams - 2, -abs(t)))
    slope = sxy / sxx
    error = np.sqrt(max(syy - slope * sxy, 0.0) / (teams - 2) / sxx)
    reach = float(stdtrit(teams - 2, (1 + conf_level) / 2)) * error
    kept = [
        max(1 - _noise(covariance) / (total / (teams - 1)), 0.0)
        for covariance, total in ((covariance_x, sxx), (covariance_y, syy))
    ]
    both = np.sqrt(kept[0] * kept[1]) if min(kept) >= LEAST_RELIABLE else np.nan
    of_x = kept[0] if kept[0] >= LEAST_RELIABLE else np.nan
    corrected = [float(np.clip(value / both, -1, 1)) if np.isfinite(both) else np.nan for value in (r, low, high)]
    true = [value / of_x for value in (slope, slope - reach, slope + reach)]
    return TeamLink(r, low, high, p_value, slope, slope - reach, slope + reach, kept[0], kept[1], *corrected, *true)


def _noise(covariance: Floats) -> float:
    """Return what errors add to the variance between teams: errors that all teams share add nothing."""
    teams = len(covariance)
    diagonal = float(np.trace(covariance)) / teams
    beside = (float(covariance.sum()) - float(np.trace(covariance))) / (teams * (teams - 1))
    return diagonal - beside
