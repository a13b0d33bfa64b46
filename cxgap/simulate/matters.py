"""What matters most in the synthetic study: burden, drivers, causes, switching, patience, and what expectations are made of."""

from __future__ import annotations

from typing import Any

import numpy as np

from cxgap.simulate import company
from cxgap.simulate.contacts import CONTACT_CHANNEL_SHARE
from cxgap.simulate.documents import ASSISTED, CONTROL
from cxgap.simulate.drawn import DRAWN, DRAWS, RESPONDENTS
from cxgap.simulate.draws import WHO, blocks
from cxgap.simulate.factors import PERSON_SD
from cxgap.simulate.latent import Floats, delay_share, latent_means
from cxgap.simulate.orders import CAUSE_SHARE, CAUSE_SHARE_ALPINE, CAUSES
from cxgap.simulate.waits import ANSWER_MEAN, PATIENCE_SCALE, PATIENCE_SHAPE, abandoned_share
from cxgap.vocabulary import DIMENSIONS

DEFINITIONS = {
    "drawn": f"Numbers that are given as [mean, standard error] come from {DRAWS} simulated studies of {RESPONDENTS:,} "
    "respondents each who leave nothing blank (tools/truth.py); the standard error is that of the mean. All other numbers "
    "are exact.",
    "burden": "By touchpoint: `reach`, the share of customers who used it; `shortfall`, the mean over them of max(0, -gap), "
    "the gap of a visit being the mean of its five dimensions, in scale points (a sixth of it is the share of the scale's "
    "range); `prevalence`, the share of them with a gap below 0. `importance`: equal, because satisfaction follows the "
    "perceptions of its own visit with the same slopes at every touchpoint; `importance_recommend`: what one point more at "
    "the touchpoint does to `recommend` for those who used it, 1.7 / number of touchpoints used on average, scaled to sum "
    "to 1. `burden` is reach x importance x shortfall, `burden_share` its share of the sum, `rank` 1 for the heaviest, each "
    "of both importances. `first` is the touchpoint that comes first with either. Noise makes shortfalls of its own, and is "
    "part of these numbers.",
    "drivers": "Of satisfaction on the five perceptions of a visit. `importance`: the slopes of the model, before "
    "satisfaction is rounded and clipped; `slope`, `lmg`, `r2`: least squares of the rounded one over all visits, in "
    "population shares; LMG is the mean over all orders of what a dimension adds to the explained variance, and sums to r2.",
    "kano": "Probabilities of the categories by feature, over all customers and in each segment; `category` is the "
    "likeliest, `better` (attractive + one-dimensional) and `worse` -(one-dimensional + must-be), both over the first four.",
    "causes": "Shares of the late orders by cause, and by who can do something about it. `controllable` has as its lower "
    "bound the share that is so, as its upper one all but what is uncontrollable: an unknown cause may be anything. Orders "
    "that were cancelled are left out; who orders from region NA has causes of its own.",
    "switching": "Of a contact that repeats another: the probability that it comes by another channel; by phone, where the "
    "first came by app or web; and of an assisted channel where the first was not. Channels of contacts are drawn "
    "independently.",
    "patience": "Minutes until somebody answers: exponential with the mean `answer_mean`. Minutes that a customer would "
    "wait: Weibull with `shape` and `scale`. Independent; `abandoned` is the probability that the patience ends first. "
    "Among contacts that were resolved nobody gave up, so that waits and patience have these laws over all contacts of a "
    "channel, and not over those.",
    "expectation_variance": "`latent`: variances of the independent parts of an attentive customer's expectation before "
    "rounding: `style` (of both ratings) and `person`, the segment and the wave (shifts, in population shares) make up the "
    "customer; `touchpoint` is drawn for each customer and touchpoint, `dimension` for each customer and dimension, "
    "`answer` for each answer. `rounded`: variances of the ratings around the mean of their touchpoint and item, by what "
    "two answers have in common: the customer alone, the visit beside it, the dimension beside it, nothing. `item`, "
    "`journey`: variances of the latent means between items and between touchpoints, weighing alike.",
    "factors": "How the variance of a customer's expectation divides between controllable factors (plan, promise_seen), "
    "uncontrollable ones (heard_from_others, segment, region) and neither: grouped LMG, each block entering first and last. "
    "`latent`: of the part that all answers of an attentive customer have in common, in population shares, exactly. "
    "`attentive`, `surveyed`: of a respondent's mean rating over the touchpoints used. Region and wave have no part in it "
    "but by chance.",
}


def matters_truth(touchpoint_weight: Floats) -> dict[str, Any]:
    """Give the true values, by the names of DEFINITIONS."""
    return {
        "burden": _burden(touchpoint_weight),
        "drivers": _drivers(),
        "causes": _causes(),
        "switching": _switching(),
        "patience": _patience(),
        "expectation_variance": {"latent": _latent_variance(), "rounded": DRAWN["attentive"]["components"]},
        "factors": {"latent": latent_blocks()} | {who: DRAWN[who]["factors"] for who in WHO},
    }


def _burden(touchpoint_weight: Floats) -> dict[str, Any]:
    reach = np.zeros(len(company.TOUCHPOINTS))
    for journey, share in zip(company.JOURNEYS, company.JOURNEY_SHARE, strict=True):
        reach[list(journey)] += share
    by_recommend = touchpoint_weight / reach  # the mean of 1 / number of touchpoints used, of those who used it
    importance = {"importance": np.full(len(reach), 1 / len(reach)), "importance_recommend": by_recommend / by_recommend.sum()}
    made: dict[str, Any] = {}
    firsts = []
    for who in WHO:
        short = np.array([DRAWN[who]["burden"][name]["shortfall"][0] for name in company.TOUCHPOINTS])
        columns: dict[str, Floats] = {}
        for name, weight in importance.items():
            ending, product = name.removeprefix("importance"), reach * weight * short
            columns |= {f"burden{ending}": product, f"burden_share{ending}": product / product.sum()}
            columns[f"rank{ending}"] = np.argsort(np.argsort(-product)).astype(float) + 1
            firsts.append(company.TOUCHPOINTS[int(product.argmax())])
        made[who] = [
            {"touchpoint": name, "reach": round(float(reach[place]), 6)}
            | {key: round(float(weight[place]), 6) for key, weight in importance.items()}
            | DRAWN[who]["burden"][name]
            | {
                key: int(values[place]) if key.startswith("rank") else round(float(values[place]), 6)
                for key, values in columns.items()
            }
            for place, name in enumerate(company.TOUCHPOINTS)
        ]
    return {"first": firsts[0] if len(set(firsts)) == 1 else "", **made}


def _drivers() -> dict[str, Any]:
    named = dict(zip(DIMENSIONS, map(float, company.IMPORTANCE), strict=True))
    made: dict[str, Any] = {"outcome": "satisfaction", "importance": named}
    for who in WHO:
        drawn = DRAWN[who]["drivers"]
        made[who] = {"slope": drawn["slope"], "lmg": drawn["lmg"], "r2": drawn["explained"]["r2"]}
    return made


def _causes() -> dict[str, Any]:
    late = np.einsum("p,w,prwd->rd", company.PRODUCT_SHARE, company.WAVE_SHARE, delay_share())[:, company.DELAYS > 0].sum(
        axis=1
    )
    of_late = company.REGION_SHARE * late / (company.REGION_SHARE @ late)
    alpine = of_late[company.REGIONS.index("NA")]
    share = (1 - alpine) * CAUSE_SHARE + alpine * CAUSE_SHARE_ALPINE
    told = dict.fromkeys(("controllable", "shared", "uncontrollable", "unknown"), 0.0)
    for cause, part in zip(CAUSES, share, strict=True):
        told[CONTROL[cause][0]] += float(part)
    return {
        "cause": {cause: round(float(part), 6) for cause, part in zip(CAUSES, share, strict=True)},
        "control": {name: round(part, 6) for name, part in told.items()},
        "controllable": {"low": round(told["controllable"], 6), "high": round(1 - told["uncontrollable"], 6)},
        "late": round(float(company.REGION_SHARE @ late), 6),
    }


def _switching() -> dict[str, float]:
    share = dict(zip(company.CHANNELS, CONTACT_CHANNEL_SHARE, strict=False))
    assisted = sum(part for channel, part in share.items() if ASSISTED[channel][0] == "yes")
    return {
        "changes": round(float(1 - np.square(CONTACT_CHANNEL_SHARE).sum()), 6),
        "from_app_or_web_to_phone": round(float(share["Phone"]), 6),
        "from_unassisted_to_assisted": round(float(assisted), 6),
    }


def _patience() -> list[dict[str, Any]]:
    from math import gamma, log

    gone = abandoned_share()
    return [
        {
            "channel": channel,
            "answer_mean": ANSWER_MEAN[channel],
            "shape": PATIENCE_SHAPE,
            "scale": PATIENCE_SCALE[channel],
            "median": round(PATIENCE_SCALE[channel] * log(2) ** (1 / PATIENCE_SHAPE), 6),
            "mean": round(PATIENCE_SCALE[channel] * gamma(1 + 1 / PATIENCE_SHAPE), 6),
            "abandoned": round(gone[channel], 6),
        }
        for channel in ANSWER_MEAN
    ]


def _latent_variance() -> dict[str, float]:
    means = latent_means().expected
    parts = {
        "style": company.STYLE**2,
        "person": company.EXPECTS_SD.respondent**2,
        "segment": _variance(company.SEGMENT_EXPECTS, company.SEGMENT_SHARE),
        "wave": _variance(company.WAVE_EXPECTS, company.WAVE_SHARE),
        "touchpoint": float(np.mean(np.square(company.EXPECTS_SD.touchpoint))),
        "dimension": company.EXPECTS_SD.dimension**2,
        "answer": company.EXPECTS_SD.answer**2,
        "item": float(means.mean(axis=0).var()),
        "journey": float(means.mean(axis=1).var()),
    }
    return {name: round(float(part), 6) for name, part in parts.items()}


def latent_blocks() -> dict[str, float]:
    """Divide the variance of what a customer's expectations have in common; the order is plan, promise; heard, segment."""
    from scipy.special import ndtr, ndtri

    point, weight = np.polynomial.hermite_e.hermegauss(60)
    weight = weight / weight.sum()
    loading, threshold = company.FACTOR_LOADING, ndtri(1 - company.FACTOR_SHARE)
    chance = ndtr((np.outer(point, loading) - threshold) / np.sqrt(1 - loading**2))  # of each factor, given the person
    share, size = chance.T @ weight, len(loading)
    matrix = np.zeros((size + 2, size + 2))  # the factors, the shift of the segment, and the expectation
    matrix[:size, :size] = (chance * weight[:, None]).T @ chance - np.outer(share, share)
    np.fill_diagonal(matrix[:size, :size], share * (1 - share))
    matrix[:size, -1] = matrix[-1, :size] = PERSON_SD * ((chance * point[:, None]).T @ weight)
    segment = _variance(company.SEGMENT_EXPECTS, company.SEGMENT_SHARE)
    matrix[size, size] = matrix[size, -1] = matrix[-1, size] = segment
    matrix[-1, -1] = PERSON_SD**2 + segment + _variance(company.WAVE_EXPECTS, company.WAVE_SHARE)
    return {name: round(part, 6) for name, part in blocks(matrix, len(company.CONTROLLABLE)).items()}


def _variance(shift: Floats, share: Floats) -> float:
    return float(share @ np.square(shift - share @ shift))
