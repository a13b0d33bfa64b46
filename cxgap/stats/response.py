"""How a judgement moves with how early or late something came: a line with a step at the promise, classes, and ratios."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from cxgap.stats.left_out import contrast_df, left_out
from cxgap.stats.means import Codes, Design, Floats, t_interval, t_p_value
from cxgap.stats.quantiles import quantiles
from cxgap.stats.regression import Fit, combined, least_squares

SHAPES: Final = ("days", "log")
BREAKS: Final = (0, 1, 2, 3, 4, 5, 6, 7, 10, 14, 21, 30, 60)  # steps from the promise at which a class ends
FEWEST: Final = 5  # units that a class should have; those further out are joined
TERMS: Final = ("late", "late_units", "early_units")


class Terms(NamedTuple):
    """What a delay is made of, each of shape (rows,): whether it is late, how far late, and how far early."""

    late: Floats
    late_units: Floats
    early_units: Floats


class Sum(NamedTuple):
    """A sum of coefficients with its interval and the test that it is nothing."""

    estimate: float
    std_error: float
    df: float
    conf_low: float
    conf_high: float
    p_value: float


NOTHING: Final = Sum(*[np.nan] * 6)


class Ratio(NamedTuple):
    """A ratio of two coefficients with Fieller's set.

    `kind` is "bounded", where it lies from `low` to `high`; "outside", where it is all but what lies between them; and "all",
    where nothing can be excluded.
    """

    estimate: float
    low: float
    high: float
    kind: str


def caps(delay: Floats, weight: Floats, level: float) -> tuple[float, float]:
    """Return how late and how early the delays of that quantile are, among the late and among the early ones.

    Parameters
    ----------
    delay, weight : shape (rows,)
    level : 1 caps nothing
    """
    found = []
    for away in (delay, -delay):
        beyond = (away > 0) & (weight > 0)
        if level >= 1 or not beyond.any():
            found.append(np.inf)
            continue
        one = np.zeros(int(beyond.sum()), np.int64)
        found.append(float(quantiles(away[beyond], one, 1, level, weight=weight[beyond])[0]))
    return found[0], found[1]


def terms(delay: Floats, *, shape: str, cap: tuple[float, float]) -> Terms:
    """Return what delays are made of; `cap` is how late and how early counts at the most."""
    late, early = np.clip(delay, 0, cap[0]), np.clip(-delay, 0, cap[1])
    curve = np.log1p if shape == "log" else np.asarray
    return Terms((delay > 0).astype(float), curve(late), curve(early))


class Model:
    """A fitted line, of which sums of coefficients can be asked."""

    def __init__(self, columns: Floats, y: Floats, weight: Floats, respondent: Codes, design: Design) -> None:
        self.fit: Fit = left_out(least_squares(columns, y, weight=weight), respondent, design)
        self._unit = design.psu[respondent]
        self._rounding = 1e-11 * float(np.abs(y).max(initial=0.0))

    @property
    def known(self) -> bool:
        """Whether the line was determined."""
        return bool(np.isfinite(self.fit.coefficients).all())

    def sums(self, weights: Floats, *, conf_level: float) -> list[Sum]:
        """Return sums of coefficients, one for each row of `weights`; the constant comes first.

        Where all answers that tell a sum are alike, its error is 0 and it has no interval: nothing says how others spread.
        """
        weights = np.atleast_2d(weights)
        if not self.known:
            return [NOTHING] * len(weights)
        estimate, error = combined(self.fit, weights)
        alike = error <= self._rounding
        estimate = np.where(alike & (np.abs(estimate) <= self._rounding), 0.0, estimate)
        error = np.where(alike, 0.0, error)
        df = np.where(alike, np.nan, contrast_df(self.fit, self._unit, weights))
        low, high = t_interval(estimate, error, df, conf_level=conf_level)
        columns = (estimate, error, df, low, high, t_p_value(estimate, error, df))
        return [Sum(*map(float, row)) for row in zip(*columns, strict=True)]

    def ratio(self, top: Floats, bottom: Floats, *, conf_level: float) -> Ratio:
        """Return the ratio of two sums of coefficients."""
        weights = np.vstack([top, bottom])
        spread = weights @ self.fit.covariance @ weights.T
        df = float(np.nanmin(contrast_df(self.fit, self._unit, weights)))
        values = weights @ self.fit.coefficients
        return fieller(float(values[0]), float(values[1]), spread, df, conf_level=conf_level)


def fieller(top: float, bottom: float, covariance: Floats, df: float, *, conf_level: float) -> Ratio:
    """Return the set of ratios that a test of `top` = ratio x `bottom` does not reject.

    Parameters
    ----------
    top, bottom : estimates
    covariance : of both, shape (2, 2)
    df : of Student's t

    References
    ----------
    Fieller (1954), Journal of the Royal Statistical Society B 16(2), 175-185.
    """
    from scipy.special import stdtrit

    t = float(stdtrit(df, (1 + conf_level) / 2)) if df > 0 else np.nan
    ratio = top / bottom if bottom else np.nan
    a = bottom**2 - t**2 * covariance[1, 1]
    b = top * bottom - t**2 * covariance[0, 1]
    c = top**2 - t**2 * covariance[0, 0]
    under = b**2 - a * c
    if not np.isfinite(under):
        return Ratio(ratio, np.nan, np.nan, "all")
    if a > 0:  # then the estimate lies inside, and rounding alone can bring this below 0
        ends = sorted((b + side * np.sqrt(max(under, 0.0))) / a for side in (-1, 1))
        return Ratio(ratio, float(ends[0]), float(ends[1]), "bounded")
    if a < 0 < under:
        ends = sorted((b + side * np.sqrt(under)) / a for side in (-1, 1))
        return Ratio(ratio, float(ends[0]), float(ends[1]), "outside")
    return Ratio(ratio, -np.inf, np.inf, "all")


def classes(delay: Floats, unit: Codes, *, step: float, least: int) -> tuple[Codes, Floats, Floats]:
    """Put delays into classes, of one step near the promise and wider ones further out.

    Classes of fewer units than `least` are joined with their neighbours of the same side, from the outside in.

    Parameters
    ----------
    delay, unit : of the rows, shape (rows,); a class holds its outer end
    step : of a class next to the promise
    least : units that a class must have

    Returns
    -------
    The class of each row, from early to late; and how far from and up to where each goes: from 0 to 0 on the promise, from
    -2 to -1, or from 1 to 2, where a delay lies outside 1 and up to 2 steps. The outermost ends are those of the data.
    """
    ends = np.append(np.asarray(BREAKS, float) * step, np.inf)
    away = np.searchsorted(ends, np.abs(delay) - 1e-9 * step)
    side = np.sign(delay).astype(np.int64) * away
    groups: list[list[int]] = [[0]] if (side == 0).any() else []
    for sign in (-1, 1):
        steps = sorted({int(each) for each in side[np.sign(side) == sign]}, key=abs, reverse=True)
        made: list[list[int]] = []
        for each in steps:
            if made and len(np.unique(unit[np.isin(side, made[-1])])) < least:
                made[-1].append(each)
            else:
                made.append([each])
        if len(made) > 1 and len(np.unique(unit[np.isin(side, made[-1])])) < least:
            made[-2:] = [made[-2] + made[-1]]
        groups += made
    groups.sort(key=min)
    code = np.zeros(len(delay), np.int64)
    low, high = np.zeros(len(groups)), np.zeros(len(groups))
    for number, group in enumerate(groups):
        inside = np.isin(side, group)
        code[inside] = number
        sign = np.sign(group[0])
        near, far = (min(map(abs, group)), max(map(abs, group)))
        outer = ends[far] if np.isfinite(ends[far]) else float(np.abs(delay[inside]).max())
        bounds = (0.0, 0.0) if not sign else (float(ends[near - 1]), float(outer))
        low[number], high[number] = bounds if sign >= 0 else (-bounds[1], 0.0 - bounds[0])
    return code, low, high
