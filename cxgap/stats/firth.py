"""The chance of an event by logistic regression that few events cannot upset, judged on people it did not see.

Firth (1993), Biometrika 80(1), 27-38; Heinze & Schemper (2002), Statistics in Medicine 21(16), 2409-2419. Calibration: Cox
(1958), Biometrika 45(3-4), 562-565; Platt (1999), Advances in Large Margin Classifiers, 61-74.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cxgap.stats.means import Codes, Floats

_STEPS, _HALVINGS, _NEAR = 60, 12, 1e-9
_FURTHEST = 30.0  # of a linear predictor: beyond it a chance is 0 or 1


class Logit(NamedTuple):
    """Coefficients, the first of which is the constant, and their covariance."""

    beta: Floats
    covariance: Floats


class Honest(NamedTuple):
    """Chances of people from models that did not see them, and how good these are.

    Attributes
    ----------
    chance, without : as things are, and with the second set of columns in place of the first
    auc, brier : of `chance`; a half, and the variance of the outcome, are worth nothing
    slope : of the outcome on what was predicted before it was corrected; below 1 where the model promised too much
    """

    chance: Floats
    without: Floats
    auc: float
    brier: float
    slope: float


def firth(x: Floats, y: Floats, *, weight: Floats | None = None) -> Logit:
    """Fit by penalised likelihood: estimates are finite even where columns part the events from the rest.

    Parameters
    ----------
    x : columns without a constant, shape (rows, columns)
    y : 0 or 1
    weight : of each row; 1 unless given
    """
    rows = np.column_stack([np.ones(len(x)), x])
    weight = np.ones(len(y)) if weight is None else weight
    mean = min(max(float(np.average(y, weights=weight)), 1e-6), 1 - 1e-6)
    beta = np.zeros(rows.shape[1])
    beta[0] = np.log(mean / (1 - mean))
    inverse, logged = _information(rows, beta, weight)
    best = _penalised(rows, y, beta, weight, logged)
    for _ in range(_STEPS):
        chance = _chance(rows @ beta)
        spread = weight * chance * (1 - chance)
        leverage = spread * np.einsum("ij,jk,ik->i", rows, inverse, rows)
        step = inverse @ (rows.T @ (weight * (y - chance) + leverage * (0.5 - chance)))
        for _ in range(_HALVINGS):
            tried = beta + step
            inverse, logged = _information(rows, tried, weight)
            value = _penalised(rows, y, tried, weight, logged)
            if value >= best - _NEAR:
                break
            step = step / 2
        beta, best = tried, value
        if np.abs(step).max() < _NEAR:
            break
    return Logit(beta, inverse)


def chances(model: Logit, x: Floats) -> Floats:
    """Return the chance that the model gives each row."""
    return _chance(model.beta[0] + x @ model.beta[1:])


def honest(x: Floats, without: Floats, y: Floats, fold: Codes) -> Honest:
    """Fit without each fold, predict it, and correct all predictions so that they are neither too bold nor too shy.

    Parameters
    ----------
    x, without : columns as things are, and as they would be otherwise, shape (rows, columns)
    y : 0 or 1; NaN in rows that are predicted only
    fold : of each row; those of one person share a fold
    """
    told = np.isfinite(y)
    linear, other = np.zeros(len(y)), np.zeros(len(y))
    for part in np.unique(fold):
        model = firth(x[told & (fold != part)], y[told & (fold != part)])
        here = fold == part
        linear[here] = model.beta[0] + x[here] @ model.beta[1:]
        other[here] = model.beta[0] + without[here] @ model.beta[1:]
    line = firth(linear[told][:, None], y[told])
    slope = float(line.beta[1])
    # A model that knows nothing must not be turned over: its differences are then none.
    bent = max(slope, 0.0)
    base = line if bent == slope else firth(np.zeros((int(told.sum()), 0)), y[told])
    chance, without_ = (_chance(base.beta[0] + bent * each) for each in (linear, other))
    brier = float(np.mean((chance[told] - y[told]) ** 2))
    return Honest(chance, without_, auc(linear[told], y[told]), brier, slope)


def auc(score: Floats, y: Floats) -> float:
    """Return the chance that somebody with the event has the higher score; ties count half (Hanley & McNeil 1982)."""
    from scipy.stats import rankdata

    ones = int(y.sum())
    zeros = len(y) - ones
    if not ones or not zeros:
        return float("nan")
    return float((rankdata(score)[y == 1].sum() - ones * (ones + 1) / 2) / (ones * zeros))


def _chance(linear: Floats) -> Floats:
    return 1 / (1 + np.exp(-np.clip(linear, -_FURTHEST, _FURTHEST)))


def _information(rows: Floats, beta: Floats, weight: Floats) -> tuple[Floats, float]:
    """Return the inverse of the information, and the logarithm of its determinant."""
    chance = _chance(rows @ beta)
    information = rows.T @ (rows * (weight * chance * (1 - chance))[:, None])
    sign, logged = np.linalg.slogdet(information)
    inverse: Floats = np.asarray(np.linalg.pinv(information, hermitian=True), float)
    return inverse, float(logged) if sign > 0 else -np.inf


def _penalised(rows: Floats, y: Floats, beta: Floats, weight: Floats, logged: float) -> float:
    linear = np.clip(rows @ beta, -_FURTHEST, _FURTHEST)
    return float((weight * (y * linear - np.logaddexp(0, linear))).sum() + logged / 2)
