"""How an outcome goes with expectation and perception together: difference, plane or curved surface.

Edwards & Parry (1993), Academy of Management Journal 36(6), 1577-1613; Edwards (2002), in Drasgow & Schmitt (eds),
Measuring and Analyzing Behavior in Organizations, 350-400. X is expectation and Y perception, both less the same
constant: centred each at its own mean they would no longer be comparable.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from cxgap.stats.bootstrap import Source, replicate_weights
from cxgap.stats.means import Codes, Floats
from cxgap.stats.regression import Fit, FTest, combined, least_squares

MODELS = ("perceived", "difference", "absolute difference", "squared difference", "linear", "quadratic")
NESTED = ("difference", "linear", "quadratic")  # each a special case of the next
LINES = ("a1", "a2", "a3", "a4", "a5")
AXES = ("x0", "y0", "p10", "p11", "p20", "p21")
FEWEST = 150  # respondents that a surface needs
BOTH_SIDES = 0.1  # share that must lie on either side of agreement
SIGN_CHANGES = 0.025  # share of replicates that may change a denominator's sign

# What a1 to a5 are, as sums of the coefficients of 1, x, y, x^2, x y and y^2.
_LINES = np.array(
    [[0, 1, 1, 0, 0, 0], [0, 0, 0, 1, 1, 1], [0, 1, -1, 0, 0, 0], [0, 0, 0, 1, -1, 1], [0, 0, 0, 1, 0, -1]], np.float64
)
# What must be 0 of the coefficients of each larger model for the smaller one to hold.
CONSTRAINTS = {
    ("difference", "linear"): np.array([[0, 1, 1]], np.float64),
    ("linear", "quadratic"): np.array([[0, 0, 0, 1, 0, 0], [0, 0, 0, 0, 1, 0], [0, 0, 0, 0, 0, 1]], np.float64),
    ("difference", "quadratic"): np.array(
        [[0, 1, 1, 0, 0, 0], [0, 0, 0, 1, 0, 0], [0, 0, 0, 0, 1, 0], [0, 0, 0, 0, 0, 1]], np.float64
    ),
}


class Lines(NamedTuple):
    """Slopes and curvatures of a surface, shape (5,): a1, a2 along agreement, a3, a4 across it, and a5."""

    estimate: Floats
    std_error: Floats
    df: float


class Axes(NamedTuple):
    """Where a surface is level and how its ridges run: x0, y0, p10, p11, p20, p21, each of shape (6,).

    Attributes
    ----------
    estimate : NaN where a denominator is 0
    conf_low, conf_high : percentiles of the bootstrap; NaN where `told` is false
    told : whether the two denominators keep their sign when the sample is drawn again
    """

    estimate: Floats
    conf_low: Floats
    conf_high: Floats
    told: bool


class Hinge(NamedTuple):
    """Slopes above and below agreement, and how many times the slope above the one below is.

    `times` is NaN where the interval of the slope above holds 0, since a ratio to nearly nothing says nothing.
    """

    above: float
    below: float
    std_error: Floats
    df: float
    times: float


def columns_of(model: str, x: Floats, y: Floats) -> Floats:
    """Return the columns of one of MODELS, shape (rows, terms)."""
    gap = y - x
    made = {
        "perceived": [y],
        "difference": [gap],
        "absolute difference": [np.abs(gap)],
        "squared difference": [gap**2],
        "linear": [x, y],
        "quadratic": [x, y, x**2, x * y, y**2],
    }
    return np.column_stack(made[model])


def fit_models(x: Floats, y: Floats, z: Floats, *, weight: Floats | None = None) -> dict[str, Fit]:
    """Fit every one of MODELS to the same rows."""
    return {model: least_squares(columns_of(model, x, y), z, weight=weight) for model in MODELS}


def compare_models(test: Callable[[str, str], FTest]) -> dict[tuple[str, str], FTest]:
    """Test in this order: difference against linear, linear against quadratic, difference against quadratic.

    `test` takes the names of the smaller and the larger model.
    """
    return {pair: test(*pair) for pair in CONSTRAINTS}


def choose(tests: dict[tuple[str, str], FTest], *, level: float) -> str:
    """Return the smallest model that no test rejects at `level`; "" where a test could not be made."""
    p = {pair: tested.p_value for pair, tested in tests.items()}
    if any(np.isnan(value) for value in p.values()):
        return ""
    if p["difference", "linear"] >= level and p["difference", "quadratic"] >= level:
        return "difference"
    return "linear" if p["linear", "quadratic"] >= level else "quadratic"


def lines_of(fit: Fit) -> Lines:
    """Return a1 to a5 of a quadratic fit, with standard errors by the covariance that the fit has.

    References
    ----------
    Edwards & Parry (1993), as above; Shanock, Baran, Gentry, Pattison & Heggestad (2010), Journal of Business and
    Psychology 25(4), 543-554 (the names a1 to a4).
    """
    return Lines(*combined(fit, _LINES), fit.df)


def axes_of(coefficients: Floats) -> Floats:
    """Return x0, y0, p10, p11, p20 and p21 of quadratic coefficients, shape (..., 6) for (..., 6).

    The stationary point (x0, y0), and the two principal axes y = p10 + p11 x and y = p20 + p21 x through it.
    """
    _, b1, b2, b3, b4, b5 = np.moveaxis(np.asarray(coefficients, np.float64), -1, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        below = 4 * b3 * b5 - b4**2
        x0, y0 = (b2 * b4 - 2 * b1 * b5) / below, (b1 * b4 - 2 * b2 * b3) / below
        root = np.hypot(b3 - b5, b4)
        p11, p21 = (b5 - b3 + root) / b4, (b5 - b3 - root) / b4
        made = np.stack([x0, y0, y0 - p11 * x0, p11, y0 - p21 * x0, p21], axis=-1)
    return np.where(np.isfinite(made), made, np.nan)


def principal_axes(fit: Fit, unit: Codes, source: Source, *, conf_level: float, replicates: int = 1999, seed: int = 0) -> Axes:
    """Return the stationary point and the axes of a quadratic fit, with intervals by drawing the sample again.

    All are ratios, whose denominators may be near 0: only percentiles of the bootstrap will do, and not even they where
    a denominator changes its sign in more than 2.5 % of the replicates.

    Parameters
    ----------
    fit : of the quadratic model
    unit : the sampling unit of each row, a position in `source.stratum`
    source : the sample
    conf_level : two-sided
    replicates : of the bootstrap
    seed : of the random numbers
    """
    point, blank = axes_of(fit.coefficients), np.full(len(AXES), np.nan)
    if not np.isfinite(fit.coefficients).all() or len(source.stratum) < 2:
        return Axes(point, blank, blank, False)
    drawn = _redrawn(fit, unit, source, replicates, seed)
    told = all(_keeps_sign(denominator(drawn), denominator(fit.coefficients)) for denominator in (_b4, _determinant))
    if not told:
        return Axes(point, blank, blank, False)
    axes = axes_of(drawn)
    tail = (1 - conf_level) / 2
    low, high = np.nanquantile(axes, [tail, 1 - tail], axis=0)
    return Axes(point, low, high, True)


def congruence(lines: Lines, axes: Axes, interval: Callable[[Floats, Floats, float], tuple[Floats, Floats]]) -> bool | None:
    """Say whether agreement is shown to be best: None where the axes cannot be told.

    Across agreement the surface must bend down (a4 below 0) and be level (a3 not told from 0), and its ridge must be the
    line of agreement (p10 not told from 0, p11 not from 1).

    References
    ----------
    Humberg, Nestler & Back (2019), Social Psychological and Personality Science 10(3), 409-419.
    """
    low, high = interval(lines.estimate, lines.std_error, lines.df)
    bends, level = high[3] < 0, low[2] <= 0 <= high[2]
    if not (bends and level):
        return False
    if not axes.told:
        return None
    p10, p11 = AXES.index("p10"), AXES.index("p11")
    return bool(axes.conf_low[p10] <= 0 <= axes.conf_high[p10] and axes.conf_low[p11] <= 1 <= axes.conf_high[p11])


def hinge_columns(gap: Floats, perception: Floats | None = None) -> Floats:
    """Return the columns of the asymmetry model: the gap above 0, the gap below 0, and perception where it is given."""
    sides = [np.maximum(gap, 0.0), np.minimum(gap, 0.0)]
    return np.column_stack(sides if perception is None else [*sides, perception])


def hinge_of(fit: Fit, interval: Callable[[Floats, Floats, float], tuple[Floats, Floats]]) -> Hinge:
    """Read the slopes above and below agreement off a fit of `hinge_columns`.

    References
    ----------
    Mittal, Ross & Baldasare (1998), Journal of Marketing 62(1), 33-47 (unequal effects of both sides).
    """
    slopes, errors = fit.coefficients[1:3], fit.std_error[1:3]
    low, high = interval(slopes, errors, fit.df)
    shown = low[0] > 0 or high[0] < 0
    return Hinge(float(slopes[0]), float(slopes[1]), errors, fit.df, float(slopes[1] / slopes[0]) if shown else np.nan)


def one_sided(gap: Floats, weight: Floats) -> bool:
    """Say whether fewer than a tenth perceived less, or fewer than a tenth more, than they expected."""
    total = weight.sum()
    shares = [weight[gap < 0].sum() / total, weight[gap > 0].sum() / total] if total > 0 else [0.0]
    return min(shares) < BOTH_SIDES


def _redrawn(fit: Fit, unit: Codes, source: Source, replicates: int, seed: int) -> Floats:
    """Return the coefficients of each replicate, shape (replicates, 6), from the cross-products of each unit."""
    mean, length = fit.x[:, 1:].mean(axis=0), np.maximum(fit.x[:, 1:].std(axis=0), 1e-300)
    scaled = np.column_stack([fit.x[:, 0], (fit.x[:, 1:] - mean) / length])
    terms = scaled.shape[1]
    outcome = fit.x @ fit.coefficients + fit.residuals
    cross = np.empty((len(source.stratum), terms, terms + 1))
    for one in range(terms):
        for other, column in enumerate([*scaled.T, outcome]):
            cross[:, one, other] = np.bincount(unit, fit.weight * scaled[:, one] * column, len(source.stratum))
    found = []
    for weights in replicate_weights(source, replicates, seed=seed):
        sums = np.tensordot(weights, cross, axes=1)
        left, right = sums[..., :terms], sums[..., terms:]
        usable = np.linalg.cond(left) < 1e12
        slopes = np.full((len(weights), terms), np.nan)
        slopes[usable] = np.linalg.solve(left[usable], right[usable])[..., 0]
        slopes[:, 1:] /= length
        slopes[:, 0] -= slopes[:, 1:] @ mean
        found.append(slopes)
    return np.concatenate(found)


def _keeps_sign(values: Floats, value: Floats) -> bool:
    """Say whether nearly all replicates of a denominator have the sign that it has."""
    known = np.isfinite(values)
    if not known.any() or value == 0:
        return False
    return bool(np.mean(np.sign(values[known]) != np.sign(value)) <= SIGN_CHANGES)


def _b4(coefficients: Floats) -> Floats:
    return coefficients[..., 4]


def _determinant(coefficients: Floats) -> Floats:
    return 4 * coefficients[..., 3] * coefficients[..., 5] - coefficients[..., 4] ** 2
