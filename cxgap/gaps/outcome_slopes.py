"""Slopes of a model of outcomes with what a step of them goes with, its curve, and the tests of its shape."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np

from cxgap.gaps.outcome_model import CHANCES, COUNT, DISCRETE, LINEAR, Fitted, fit
from cxgap.gaps.outcome_people import People
from cxgap.gaps.outcome_terms import Terms
from cxgap.stats.glm import wald
from cxgap.stats.means import Floats

ALL: Final = "all together"


def marginal(model: Fitted, worth: Callable[[Floats], float]) -> tuple[float, float]:
    """Return a function of the coefficients and its standard error, by the delta method."""
    beta, here = model.beta, worth(model.beta)
    errors = np.sqrt(np.maximum(np.diag(model.covariance), 0.0))
    slope = np.zeros(len(beta))
    for place, error in enumerate(errors):
        size = 1e-3 * error
        if size > 0:
            up, down = beta.copy(), beta.copy()
            up[place], down[place] = up[place] + size, down[place] - size
            slope[place] = (worth(up) - worth(down)) / (2 * size)
    return here, float(np.sqrt(max(float(slope @ model.covariance @ slope), 0.0)))


def hinge_test(model: Fitted) -> float:
    """Test whether shortfall and surplus have one and the same slope, as a straight line would."""
    if model.terms.surplus is None:
        return np.nan
    constraint = np.zeros((1, len(model.beta)))
    constraint[0, [model.base + column for column in model.terms.gap]] = 1.0
    return wald(model.beta, model.covariance, model.df, constraint)[2]


def spline_test(model: Fitted) -> float:
    """Test whether a natural spline of three degrees of freedom says more than a straight line."""
    gap = model.people.whole
    knots = np.quantile(gap, [0.05, 0.35, 0.65, 0.95])
    if len(np.unique(knots)) < 4 or model.kind == DISCRETE:
        return np.nan

    def cube(knot: float) -> Floats:
        return np.maximum(gap - knot, 0.0) ** 3

    last, before = knots[3], knots[2]
    scale = (last - knots[0]) ** 2
    bends = [
        (cube(knot) - cube(before) * (last - knot) / (last - before) + cube(last) * (before - knot) / (last - before)) / scale
        for knot in knots[:2]
    ]
    others = [place for place in range(len(model.terms.names)) if place not in model.terms.gap]
    x = np.column_stack([model.terms.x[:, others], gap, *bends])
    names = (*(model.terms.names[place] for place in others), "gap", "bend 1", "bend 2")
    curved = fit(model.kind, model.people, Terms(names, x, {}, None), model.horizon, firth=model.firth)
    if not curved.settled or not np.isfinite(curved.covariance).all():
        return np.nan
    constraint = np.zeros((2, len(curved.beta)))
    constraint[0, -2], constraint[1, -1] = 1.0, 1.0
    return wald(curved.beta, curved.covariance, curved.df, constraint)[2]


def slope_row(
    model: Fitted, cell: int | None, people: People, term: str, step: float, conf_level: float, given: Mapping[str, Any]
) -> dict[str, Any]:
    """Return one slope, with what a step of it goes with."""
    from scipy.special import stdtr, stdtrit

    column = model.terms.surplus if cell is None else model.terms.shortfall[cell]
    assert column is not None
    slope, error = model.slope(column)
    t = stdtrit(model.df, (1 + conf_level) / 2)
    met = np.ones(len(people.whole), bool) if cell is None or cell < 0 else np.isfinite(people.gap[:, cell])
    x, weight = model.terms.x[met], people.weight[met]
    up, down = x.copy(), x.copy()
    up[:, column] += step / 2
    down[:, column] -= step / 2

    def worth(beta: Floats) -> float:
        return float(np.average(model.mean(up, beta) - model.mean(down, beta), weights=weight))

    effect, spread = marginal(model, worth)
    happened = people.left & (people.time <= model.horizon) if np.isfinite(people.time).any() else people.outcome > 0
    happened = happened if model.kind in CHANCES else people.outcome > 0
    ratio = model.kind != LINEAR
    return {
        "cell": ALL if cell is None or cell < 0 else people.cells[cell], "term": term, "n": float(met.sum()),
        "events": float(happened[met].sum()) if ratio else np.nan, "estimate": slope, "std_error": error, "df": model.df,
        "conf_low": slope - t * error, "conf_high": slope + t * error,
        "p_value": float(2 * stdtr(model.df, -abs(slope / error))) if error > 0 else np.nan,
        "effect": effect, "effect_low": effect - t * spread, "effect_high": effect + t * spread,
        "ratio": np.exp(step * slope) if ratio else np.nan,
        "ratio_low": np.exp(step * (slope - t * error)) if ratio else np.nan,
        "ratio_high": np.exp(step * (slope + t * error)) if ratio else np.nan,
    }  # fmt: skip


def curve_rows(model: Fitted, people: People, conf_level: float) -> list[dict[str, Any]]:
    """Return what the model predicts if everybody had the same gap, from nearly the largest shortfall to nearly the surplus."""
    from scipy.special import stdtrit

    low, high = np.quantile(people.whole, [0.02, 0.98])
    size = 10 ** np.floor(np.log10(max(high - low, 1e-9)))
    size = next(size * part for part in (0.1, 0.2, 0.25, 0.5, 1.0, 2.0) if (high - low) / (size * part) <= 8)
    grid = np.unique(np.round(np.append(np.arange(np.ceil(low / size), np.floor(high / size) + 1) * size, 0.0), 9))
    t = stdtrit(model.df, (1 + conf_level) / 2)
    rows = []
    for gap in grid:
        x = model.terms.x.copy()
        x[:, model.terms.shortfall[-1]] = max(-gap, 0.0)
        if model.terms.surplus is not None:
            x[:, model.terms.surplus] = max(gap, 0.0)

        def worth(beta: Floats, x: Floats = x) -> float:
            mean = float(np.average(model.mean(x, beta), weights=people.weight))
            if model.kind == LINEAR:
                return mean
            return float(np.log(max(mean, 1e-12)) - (np.log1p(-min(mean, 1 - 1e-12)) if model.kind != COUNT else 0.0))

        def back(line: float) -> float:
            if model.kind == LINEAR:
                return line
            return float(np.exp(line) if model.kind == COUNT else 1 / (1 + np.exp(-line)))

        line, spread = marginal(model, worth)
        ends = {"predicted": back(line), "predicted_low": back(line - t * spread), "predicted_high": back(line + t * spread)}
        rows.append({"cell": ALL, "term": "predicted", "gap": float(gap), **ends})
    return rows
