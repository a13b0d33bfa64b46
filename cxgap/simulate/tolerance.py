"""The zone of tolerance that is true of the synthetic study: means over the answers that are in order; the others stay out.

An answer is in order where the adequate rating is not above the expected one. Given what a respondent's expectations have in
common (style, person, moment and dimension) the answers to the items of a dimension are independent, and so are expectation and
perception; hence a respondent's mean over the answers in order is an integral over that common part, and one over the answer.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from cxgap.simulate import company
from cxgap.simulate.latent import (
    Floats,
    delay_share,
    expected_shift,
    latent_means,
    perceived_shift,
    population_share,
    rounded_mean,
)
from cxgap.vocabulary import DIMENSIONS

LEVELS = ("adequate", "expected", "perceived")
KEPT = "kept"  # share of answers that are in order
ITEM_SHARE = np.bincount(company.ITEM_DIMENSION) / len(company.ITEM_DIMENSION)
_COMMON, _COMMON_WEIGHT = np.polynomial.hermite_e.hermegauss(24)
_STEP, _STEP_WEIGHT = np.polynomial.legendre.leggauss(10)
_ANSWER = (np.arange(-3, 13)[:, None] + _STEP / 2).ravel()  # around each whole number, for ratings change halfway between them
_ANSWER_WEIGHT = np.tile(_STEP_WEIGHT / 2, 16)


def tolerance_truth(touchpoint_weight: Floats) -> dict[str, Any]:
    """Give the true means of answers in order, overall and by touchpoint, of the attentive and of all who are surveyed."""
    by_touchpoint = {
        name: np.einsum("srw,srwtd,d->t", population_share(), part, ITEM_SHARE if name == KEPT else np.full(5, 1 / 5))
        for name, part in kept_means().items()
    }
    careless, clicked = company.CARELESS_SHARE / 2, clicked_means()
    straight = company.STRAIGHT_ANSWERS @ company.STRAIGHT_SHARE
    share = np.array([1 - 2 * careless, careless, careless * clicked["scored"]])
    surveyed = {
        name: np.average([by_touchpoint[name], np.full(7, straight), np.full(7, clicked[name])], axis=0, weights=share)
        for name in LEVELS
    }
    surveyed[KEPT] = (1 - 2 * careless) * by_touchpoint[KEPT] + careless * (1 + clicked[KEPT])
    return {
        name: {
            "overall": [_row({level: float(means[level] @ touchpoint_weight) for level in LEVELS})],
            "touchpoint": _rows(means),
        }
        for name, means in (("attentive", by_touchpoint), ("surveyed", surveyed))
    }


def _rows(means: dict[str, Floats]) -> list[dict]:
    return [
        {"touchpoint": name}
        | _row({level: means[level][place] for level in LEVELS})
        | {"inverted": _six(1 - means[KEPT][place])}
        for place, name in enumerate(company.TOUCHPOINTS)
    ]


def _row(level: dict[str, float]) -> dict[str, float]:
    gaps = {"adequacy": level["perceived"] - level["adequate"], "superiority": level["perceived"] - level["expected"]}
    return {name: _six(value) for name, value in (level | gaps).items()}


def _six(value: float) -> float:
    return round(float(value), 6)


@cache
def kept_means() -> dict[str, Floats]:
    """Mean of each of LEVELS over a respondent's answers that are in order, and their share KEPT, of the attentive.

    Returns
    -------
    By segment, region, wave, touchpoint and dimension, shape (3, 4, 4, 7, 5): the mean over respondents of the mean over the
    answers of a dimension.
    """
    parts = [_kept_at(touchpoint) for touchpoint in range(len(company.TOUCHPOINTS))]
    return {name: np.stack([part[name] for part in parts], axis=3) for name in (*LEVELS, KEPT)}


def _kept_at(touchpoint: int) -> dict[str, Floats]:
    """The same at one touchpoint; shape (3, 4, 4, 5). Below, arrays are by segment, region, wave, item and common part."""
    means, sd = latent_means(), company.EXPECTS_SD
    spread = np.sqrt(means.expected_sd[touchpoint] ** 2 - sd.answer**2)
    common, weight = spread * _COMMON, _COMMON_WEIGHT / _COMMON_WEIGHT.sum()
    centre = means.expected[touchpoint][:, None] + common + expected_shift()[:, :1, :, None, None]
    density = np.exp(-0.5 * ((_ANSWER - centre[..., None]) / sd.answer) ** 2) / (sd.answer * np.sqrt(2 * np.pi))
    kept, least, expected = (density @ (_ANSWER_WEIGHT * part) for part in _in_order(company.ZONE_WIDTH[touchpoint]))
    sums = {"adequate": least, "expected": expected, "perceived": kept * _perceived(touchpoint, common, spread)}
    member = (company.ITEM_DIMENSION[:, None] == np.arange(len(DIMENSIONS))).astype(float)
    found = {name: np.einsum("srwiu,id->srwdu", part, member) for name, part in sums.items()}
    count = np.einsum("srwiu,id->srwdu", kept, member)
    shape = (*population_share().shape, len(DIMENSIONS))
    result = {name: np.broadcast_to((part / count) @ weight, shape) for name, part in found.items()}
    return result | {KEPT: np.broadcast_to(count @ weight / member.sum(axis=0), shape)}


def _in_order(width: float) -> tuple[Floats, Floats, Floats]:
    """Give the chance that an answer is in order at each of _ANSWER, and times that the mean adequate and expected rating."""
    from scipy.special import ndtr

    expected = np.clip(np.rint(_ANSWER), 1, 7)
    ratings = np.arange(1, 9)
    reached = ndtr((_ANSWER[:, None] - width - ratings + 0.5) / company.ZONE_SD)  # P(adequate >= rating)
    reached[:, 0], reached[:, -1] = 1, 0
    above = reached[np.arange(len(expected)), expected.astype(int)]
    least = (reached * (ratings <= expected[:, None])).sum(axis=1) - expected * above
    return 1 - above, least, expected * (1 - above)


def _perceived(touchpoint: int, common: Floats, spread: float) -> Floats:
    """Mean perceived rating given the common part of expectation, with which it shares the respondent's style."""
    means, shift = latent_means(), perceived_shift()[touchpoint][..., None, None]
    slope = company.STYLE**2 / spread**2
    rest = np.sqrt(means.perceived_sd[touchpoint] ** 2 - slope * company.STYLE**2)
    if touchpoint != company.RECEIVE:
        return rounded_mean(means.perceived[touchpoint][:, None] + slope * common + shift, rest)
    share = np.tensordot(company.PRODUCT_SHARE, delay_share(), 1)
    by_delay = rounded_mean(means.received[:, None, None, None, :, None] + slope * common + shift, rest)
    return np.einsum("rwd,dsrwiu->srwiu", share, by_delay)


def clicked_means() -> dict[str, float]:
    """Give the same of random clickers, whose three ratings are even and independent, and the share of them who get a score."""
    least, expected = np.indices((7, 7)).reshape(2, -1) + 1
    in_order = least <= expected
    given = (
        (1 - company.EXPECTS_BLANK - company.NOT_APPLICABLE_SHARE)
        * (1 - company.PERCEIVES_BLANK - company.NOT_APPLICABLE_SHARE)
        * (1 - company.ADEQUATE_BLANK)
    )
    scored = np.ones(1)
    for items in np.bincount(company.ITEM_DIMENSION):
        enough = _binomial(items, given * in_order.mean())[(items + 1) // 2 :].sum()
        scored = np.convolve(scored, [1 - enough, enough])
    half = (len(DIMENSIONS) + 1) // 2
    return {
        "adequate": float(least[in_order].mean()),
        "expected": float(expected[in_order].mean()),
        "perceived": 4.0,
        KEPT: float(in_order.mean()),
        "scored": float(scored[half:].sum()),
    }


def _binomial(size: int, chance: float) -> Floats:
    counts = np.ones(1)
    for _ in range(size):
        counts = np.convolve(counts, [1 - chance, chance])
    return counts
