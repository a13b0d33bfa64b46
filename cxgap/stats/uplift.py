"""What contacting people did: differences of two arms within strata, what a ranking was worth, and what else may explain it.

Yan & Su (2010), Statistics in Biopharmaceutical Research 2(3), 329-335 (shares in strata); Radcliffe (2007), Direct Marketing
Analytics Journal 1, 14-21 (Qini); Li, Morgan & Zaslavsky (2018), Journal of the American Statistical Association 113(521),
390-400 (overlap weights); VanderWeele & Ding (2017), Annals of Internal Medicine 167(4), 268-274 (E-value); Deng, Xu, Kohavi &
Walker (2013), WSDM, 123-132 (what was known before).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cxgap.stats.firth import chances, firth
from cxgap.stats.means import Codes, Floats, ratio, sum_by
from cxgap.stats.proportions import wilson


class Effect(NamedTuple):
    """The value of each arm, their difference (contacted less held out), and its interval."""

    contacted: float
    held_out: float
    estimate: float
    std_error: float
    low: float
    high: float


def strata_weights(arm: np.ndarray, stratum: Codes) -> tuple[Floats, np.ndarray]:
    """Return the weight of each stratum (Mantel & Haenszel), and the rows of strata that have both arms.

    Parameters
    ----------
    arm : whether contacted, shape (rows,)
    stratum : codes, 0 .. strata - 1
    """
    strata = int(stratum.max(initial=-1)) + 1
    many = sum_by(stratum, strata, arm.astype(float))
    few = sum_by(stratum, strata) - many
    weight = np.where((many > 0) & (few > 0), many * few / np.maximum(many + few, 1), 0.0)
    total = weight.sum()
    return (weight / total if total > 0 else weight), weight[stratum] > 0


def share_difference(happened: np.ndarray, arm: np.ndarray, stratum: Codes, *, conf_level: float) -> Effect:
    """Return the difference of two shares within strata; with one stratum it is Newcombe's.

    The score interval of each arm in strata by Yan & Su, the two combined as Newcombe (1998) does.

    Parameters
    ----------
    happened : 0 or 1 of each person
    arm, stratum : as in `strata_weights`
    """
    weight, _ = strata_weights(arm, stratum)
    if not weight.sum() > 0:
        return Effect(*[np.nan] * 6)
    sides = []
    for side in (arm, ~arm):
        n = sum_by(stratum[side], len(weight))
        x = sum_by(stratum[side], len(weight), happened[side].astype(float))
        sides.append(_stratified_score(x, n, weight, conf_level))
    (first, low1, high1, var1), (second, low2, high2, var2) = sides
    estimate = first - second
    low = estimate - np.hypot(first - low1, high2 - second)
    high = estimate + np.hypot(high1 - first, second - low2)
    return Effect(first, second, estimate, float(np.sqrt(var1 + var2)), float(low), float(high))


def _stratified_score(x: Floats, n: Floats, weight: Floats, conf_level: float) -> tuple[float, float, float, float]:
    """Return a share over strata with fixed weights, the ends of its score interval, and its variance."""
    from scipy.special import ndtr, ndtri

    used = weight > 0
    x, n, weight = x[used], n[used], weight[used]
    share = ratio(x, n)
    z = float(ndtri((1 + conf_level) / 2))
    # Shares drawn a little towards a half, so that a stratum in which all did the same has some spread, too.
    middle = (x + z**2 / 2 / len(n)) / (n + z**2 / len(n))
    spread = np.sqrt(middle * (1 - middle) / n)
    nearer = z * float(np.sqrt((weight**2 * spread**2).sum()) / (weight * spread).sum())
    low, high = wilson(x, n, conf_level=float(2 * ndtr(nearer) - 1))
    variance = float((weight**2 * share * (1 - share) / n).sum())
    return float(weight @ share), float(weight @ low), float(weight @ high), variance


def mean_difference(
    value: Floats, arm: np.ndarray, stratum: Codes, *, before: Floats | None = None, conf_level: float
) -> Effect:
    """Return the difference of two means within strata; what was known before takes out the spread that it explains.

    Parameters
    ----------
    value : of each person
    arm, stratum : as in `strata_weights`
    before : the same, or another, number from before anybody was contacted; its slope is common to all
    """
    from scipy.special import stdtrit

    weight, used = strata_weights(arm, stratum)
    if not used.any():
        return Effect(*[np.nan] * 6)
    adjusted = value
    if before is not None:
        cell = stratum * 2 + arm
        y, x = (_centred(each, cell) for each in (value, before))
        slope = float((x[used] * y[used]).sum() / max(float((x[used] ** 2).sum()), 1e-300))
        adjusted = value - slope * (before - float(before[used].mean()))
    means, variances, dfs = [], [], []
    for side in (arm, ~arm):
        n = sum_by(stratum[side], len(weight))
        total = sum_by(stratum[side], len(weight), adjusted[side])
        mean = np.nan_to_num(ratio(total, n))
        square = sum_by(stratum[side], len(weight), (adjusted[side] - mean[stratum[side]]) ** 2)
        inside = weight > 0
        # A stratum with a single person of an arm has the spread of the others.
        pooled = float(square.sum()) / max(float((n[inside] - 1).clip(0).sum()), 1e-300)
        own = np.where(n > 1, ratio(square, n - 1), pooled)
        part = np.where(inside, weight**2 * ratio(own, n), 0.0)
        means.append(float(weight @ mean))
        variances.append(float(part.sum()))
        dfs.append(float(np.nansum(np.where(inside, ratio(part**2, n - 1), 0.0))))
    estimate, variance = means[0] - means[1], sum(variances)
    if not np.isfinite(variance) or not variance > 0:
        return Effect(means[0], means[1], estimate, np.nan, np.nan, np.nan)
    df = variance**2 / sum(dfs) if sum(dfs) > 0 else np.inf
    half = float(stdtrit(df, (1 + conf_level) / 2)) * np.sqrt(variance)
    return Effect(means[0], means[1], estimate, float(np.sqrt(variance)), estimate - half, estimate + half)


def _centred(values: Floats, cell: Codes) -> Floats:
    cells = int(cell.max(initial=0)) + 1
    return values - np.nan_to_num(ratio(sum_by(cell, cells, values), sum_by(cell, cells)))[cell]


def overlap_difference(happened: Floats, arm: np.ndarray, x: Floats, *, conf_level: float) -> Effect:
    """Return the difference among those who might as well have been in the other arm, where chance did not decide.

    Each person weighs the chance of the other arm, by logistic regression on `x`; in the sample's mean then both arms are alike
    in every column. The standard error takes the chances as known, which overstates it a little.
    """
    from scipy.special import ndtri

    chance = chances(firth(x, arm.astype(float)), x)
    weight = np.where(arm, 1 - chance, chance)
    means, variances = [], []
    for side in (arm, ~arm):
        total = weight[side].sum()
        mean = float((weight[side] * happened[side]).sum() / total)
        means.append(mean)
        variances.append(float((weight[side] ** 2 * (happened[side] - mean) ** 2).sum() / total**2))
    estimate, std_error = means[0] - means[1], float(np.sqrt(sum(variances)))
    half = float(ndtri((1 + conf_level) / 2)) * std_error
    return Effect(means[0], means[1], estimate, std_error, estimate - half, estimate + half)


def e_value(risk_ratio: float) -> float:
    """Return how strongly something unmeasured would have to go with both arm and outcome to explain a risk ratio away."""
    if not (np.isfinite(risk_ratio) and risk_ratio > 0):
        return float("nan")
    above = max(risk_ratio, 1 / risk_ratio)
    return float(above + np.sqrt(above * (above - 1)))


def qini(arm: np.ndarray, y: Floats, score: Floats) -> Floats:
    """Return the Qini curve: events of those contacted less events of the others, these scaled to as many people.

    Among the first 1, 2, ... people in order of the score: Y_T - Y_C N_T / N_C; where nobody of the others has come yet, Y_T.
    People of equal score stand at the mean of their order: the curve is straight between the ends of a tie.

    Parameters
    ----------
    arm : whether contacted
    y : 1 where the good outcome happened (stayed), shape (people,)
    score : the higher, the earlier
    """
    order = np.argsort(-score, kind="stable")
    treated, good, value = arm[order].astype(float), y[order], score[order]
    people, others = np.cumsum(treated), np.cumsum(1 - treated)
    came, without = np.cumsum(treated * good), np.cumsum((1 - treated) * good)
    curve = came - np.where(others > 0, without * people / np.maximum(others, 1), 0.0)
    last = np.append(value[1:] != value[:-1], True)
    places = np.arange(1, len(value) + 1)
    return np.interp(places, np.append(0, places[last]), np.append(0.0, curve[last]))


def qini_area(arm: np.ndarray, y: Floats, score: Floats) -> float:
    """Return the area between the Qini curve and the straight line of a random order, per person of the list squared."""
    curve = qini(arm, y, score)
    n = len(curve)
    line = curve[-1] * np.arange(1, n + 1) / n
    return float((curve - line).sum() / n**2)


def qini_interval(
    arm: np.ndarray, y: Floats, score: Floats, *, conf_level: float, replicates: int = 999, seed: int = 0
) -> tuple[float, float, float]:
    """Return the area over a random order, and its percentile interval by drawing people of each arm again."""
    order = np.lexsort((y, arm, score))  # whatever the order of the rows
    arm, y, score = arm[order], y[order], score[order]
    rng = np.random.default_rng(seed)
    one, none = np.flatnonzero(arm), np.flatnonzero(~arm)
    drawn = [
        qini_area(arm[again], y[again], score[again])
        for again in (np.concatenate([rng.choice(one, len(one)), rng.choice(none, len(none))]) for _ in range(replicates))
    ]
    tail = (1 - conf_level) / 2
    low, high = np.quantile(drawn, [tail, 1 - tail])
    return qini_area(arm, y, score), float(low), float(high)


def tenths(arm: np.ndarray, y: Floats, score: Floats, *, conf_level: float) -> tuple[Floats, Floats, Floats]:
    """Return the uplift of each tenth of the ranking and the ends of its interval (Newcombe); NaN where an arm is missing."""
    from cxgap.stats.proportions import newcombe

    order = np.argsort(-score, kind="stable")
    place = np.empty(len(score), np.int64)
    place[order] = np.arange(len(score)) * 10 // max(len(score), 1)
    x1, n1 = sum_by(place[arm], 10, y[arm]), sum_by(place[arm], 10)
    x0, n0 = sum_by(place[~arm], 10, y[~arm]), sum_by(place[~arm], 10)
    found, low, high = newcombe(x1, n1, x0, n0, conf_level=conf_level)
    both = (n1 > 0) & (n0 > 0)
    return np.where(both, found, np.nan), np.where(both, low, np.nan), np.where(both, high, np.nan)
