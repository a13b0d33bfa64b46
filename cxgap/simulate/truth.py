"""The true values behind a synthetic study: exact means of the model that drew it, not estimates from its rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cxgap.simulate import acted, company, matters
from cxgap.simulate.kano import kano_truth
from cxgap.simulate.latent import (
    Floats,
    delay_share,
    dimension_means,
    expected_shift,
    latent_means,
    perceived_shift,
    population_share,
    rounded_mean,
)
from cxgap.simulate.staff import believed_targets, rating_targets
from cxgap.simulate.tolerance import tolerance_truth
from cxgap.simulate.waiting import delivery_time_truth
from cxgap.vocabulary import DIMENSIONS

SCHEMA = 1
AXES = {
    "segment": company.SEGMENTS,
    "region": company.REGIONS,
    "wave": company.WAVES,
    "touchpoint": company.TOUCHPOINTS,
    "dimension": DIMENSIONS,
}
CUTS = (
    (),
    ("dimension",),
    ("touchpoint",),
    ("touchpoint", "dimension"),
    ("wave",),
    ("wave", "touchpoint"),
    ("segment",),
    ("segment", "touchpoint"),
    ("region",),
    ("region", "touchpoint"),
)
DEFINITIONS = {
    "population": "All customers the model could draw, in its segment, region and wave shares.",
    "expected, perceived": "Mean answer, 1 to 7, after rounding and clipping. Items weigh the same within a dimension.",
    "gap": "perceived - expected; negative is a shortfall.",
    "touchpoint": "Mean over the five dimensions, which weigh the same.",
    "dimension, overall": "A respondent's mean over the touchpoints they used, then the mean over respondents. Touchpoint t "
    "weighs E[1{t used} / number used], given as `touchpoint_weight`.",
    "wave, segment, region": "The same within that wave, segment or region, over the others in their population shares.",
    "channel": "Has no rows, for it has no effect on any answer: each channel's truth is that of all.",
    "attentive": "Customers who read the questions. Compare with a survey from which careless respondents were removed.",
    "surveyed": "What a survey with all its respondents estimates: (1 - careless share) x attentive + careless share x "
    "careless. Straight-liners and random clickers, half each, have gap 0; `careless` gives their means.",
    "blank, not applicable and impossible answers": "Fall at random, unrelated to any answer; leaving them out moves no mean.",
    "importance": "Mean points of respondents whose points sum to 100. Points are unrelated to ratings.",
    "gap_weighted": "Sum of importance / 100 x gap over the dimensions, of attentive customers.",
    "believed, rating, standard, delivered, promised": "Mean answer of all managers and employees the model could draw; items "
    "are averaged to dimensions, and these to touchpoints.",
    "knowledge": "believed - expected of attentive customers (gap 1).",
    "company": "perceived of attentive customers - rating (gap 0); negative: the company flatters itself.",
    "late": "Share of orders whose parcel comes after the first promise. Cancelled orders are left out; orders still open at "
    "the end of the data count as what they become. A promise ends at 18:00 UTC of the promised day and parcels come between "
    "8:00 and 18:00, so that late means on a later day, early on an earlier day, and as promised on that day.",
    "cancelled": "Share of all orders that are cancelled, within 12 hours and unrelated to anything. Of all orders, these too, "
    "late x (1 - cancelled) come late.",
    "metrics": "Delivery time at Receive the parcel, in days; less is better. `mean`: what attentive customers expect "
    "and perceive (whole days, one order each), what managers believe, the standard, and from the order to the delivery and to "
    "the first promise, to the second; cancelled orders are left out, and orders still open count as what they become. "
    "`segment`: the mean expected in each. `attainment`: the share of deliveries that take no more than the standard, than a "
    "customer expects or a manager believes (expected and believed: mean over their answers), that come by the first promise; "
    "and the share of customers (perceived) who perceive no more days than they expect. Careless respondents give no days.",
    "zone": "Means over the answers whose adequate level is not above the expected one, for the others are left out: an "
    "item's three ratings to its dimension, dimensions to the touchpoint, as the gaps are. `adequacy` is perceived - adequate, "
    "`superiority` perceived - expected. `inverted`: the share of complete answers that are left out, items weighing the same. "
    "In `surveyed`, straight-liners give one number three times and random clickers three unrelated ones, of which those in "
    "order have means 3, 5 and 4; a clicker counts who has at least half of the items in at least half of the dimensions.",
    "delay_effect": "Mean perceived at Receive the parcel, of attentive customers, by days of delay, minus that at delay 0.",
    "churn": "Yearly hazard of choosing to leave, from a fortnight after the last order, delivery or answer: rate x "
    "exp(log_hazard_per_day x days) x exp(log_hazard_per_disposition x disposition), days being the customer's longest delay, "
    "at most days_at_most (cause: delay), and disposition the standard normal part of all perceptions, and of no expectation, "
    "that belongs to the respondent: nobody measures it, and it makes gap and leaving go together. `moved`, `died`: yearly "
    "hazards of the other exits, alike for all. `call`: being contacted in a campaign multiplies the hazard of choosing to "
    "leave for so many days.",
    **matters.DEFINITIONS,
    **acted.DEFINITIONS,
}
TOLERANCE = (
    "Values are exact to six decimals. A weighted estimate from the tables differs from them by sampling error alone: expect "
    "it within 4 of its standard errors. Drawn values have an error of their own, which stands beside them. Estimates from "
    "all respondents belong to `surveyed`, from attentive ones to `attentive`. Respondents who left a whole dimension blank "
    "move `dimension` and `overall` by less than 0.001."
)


def study_truth(seed: int, respondents: int) -> dict:
    """Give the true values as plain numbers, lists and text; they depend on neither seed nor size, which are noted beside."""
    attentive = _attentive_means()
    careless_mean = (company.STRAIGHT_ANSWERS @ company.STRAIGHT_SHARE + 4) / 2
    surveyed = tuple((1 - company.CARELESS_SHARE) * side + company.CARELESS_SHARE * careless_mean for side in attentive)
    effect = dict(zip(company.DELAYS.tolist(), company.DELAY_EFFECT.tolist(), strict=True))
    return {
        "schema": SCHEMA,
        "company": "Northbound Parcel (synthetic)",
        "seed": seed,
        "respondents": respondents,
        "as_of": str(company.LAST_DAY),
        "definitions": DEFINITIONS,
        "tolerance": TOLERANCE,
        "attentive": _all_cuts(*attentive),
        "surveyed": _all_cuts(*surveyed),
        "careless": {"share": company.CARELESS_SHARE, "expected": careless_mean, "perceived": careless_mean, "gap": 0.0},
        "touchpoint_weight": _named(company.TOUCHPOINTS, _touchpoint_weight()),
        "importance": _named(DIMENSIONS, 100 * company.IMPORTANCE),
        "gap_weighted": _named(company.TOUCHPOINTS, company.GAP @ company.IMPORTANCE),
        "staff": _staff(attentive),
        "late": _lateness(),
        "cancelled": round(company.CANCELLED_ORDERS / (1 + company.EXTRA_ORDERS + company.CANCELLED_ORDERS), 6),
        "metrics": {"delivery time": delivery_time_truth()},
        "zone": tolerance_truth(_touchpoint_weight()),
        "delay_effect": [{"delay": delay, "effect": points} for delay, points in effect.items()],
        "churn": {
            "rate": company.CHURN_PER_YEAR,
            "log_hazard_per_day": company.CHURN_LOG_HAZARD,
            "days_at_most": company.CHURN_CAP_DAYS,
            "log_hazard_per_disposition": -company.CHURN_DISPOSITION,
            "moved": company.MOVED_PER_YEAR,
            "died": company.DIED_PER_YEAR,
            "call": {"hazard_ratio": company.CALL_EFFECT, "days": company.CALL_DAYS},
        },
        **matters.matters_truth(_touchpoint_weight()),
        "kano": kano_truth(),
        **acted.acted_truth(),
    }


def _attentive_means() -> tuple[Floats, Floats]:
    """Mean expected and perceived answer by segment, region, wave, touchpoint and dimension; shape (3, 4, 4, 7, 5) each."""
    means = latent_means()
    expected = rounded_mean(means.expected + expected_shift()[..., None, None], means.expected_sd[:, None])
    shift = np.moveaxis(perceived_shift(), 0, -1)
    perceived = rounded_mean(means.perceived + shift[..., None], means.perceived_sd[:, None])
    share = np.tensordot(company.PRODUCT_SHARE, delay_share(), 1)
    by_delay = rounded_mean(means.received + shift[..., company.RECEIVE, None, None], means.perceived_sd[company.RECEIVE])
    perceived[..., company.RECEIVE, :] = np.einsum("rwd,srwdj->srwj", share, by_delay)
    return dimension_means(expected), dimension_means(perceived)


def _touchpoint_weight() -> Floats:
    """E[1{touchpoint used} / number of touchpoints used]; shape (7,), sum 1."""
    weight = np.zeros(len(company.TOUCHPOINTS))
    for journey, share in zip(company.JOURNEYS, company.JOURNEY_SHARE, strict=True):
        weight[list(journey)] += share / len(journey)
    return weight


def _all_cuts(expected: Floats, perceived: Floats) -> dict[str, list[dict]]:
    """Rows of the means, overall and by each of CUTS."""
    return {"_".join(by) or "overall": _rows(by, expected, perceived) for by in CUTS}


def _rows(by: Sequence[str], expected: Floats, perceived: Floats) -> list[dict]:
    """One row a combination of names in `by`: their means over all other axes, each with its own weights."""
    share = population_share()
    weights = {
        "segment": share.sum(axis=(1, 2)),
        "region": share.sum(axis=(0, 2)),
        "wave": share.sum(axis=(0, 1)),
        "touchpoint": _touchpoint_weight(),
        "dimension": np.full(5, 1 / 5),
    }
    for axis, name in reversed(list(enumerate(AXES))):
        if name not in by:
            expected, perceived = (np.tensordot(side, weights[name], axes=(axis, 0)) for side in (expected, perceived))
    kept = [name for name in AXES if name in by]
    return [
        {name: AXES[name][place] for name, place in zip(kept, cell, strict=True)}
        | {
            "expected": round(float(expected[cell]), 6),
            "perceived": round(float(perceived[cell]), 6),
            "gap": round(float(perceived[cell] - expected[cell]), 6),
        }
        for cell in np.ndindex(expected.shape)
    ]


def _staff(attentive: tuple[Floats, Floats]) -> list[dict]:
    """One row a touchpoint: what staff say, and gaps 1 and 0."""
    by_touchpoint = [np.einsum("srw,srwtd->td", population_share(), side).mean(axis=1) for side in attentive]
    believed, rating = believed_targets().mean(axis=1), rating_targets().mean(axis=1)
    columns = {
        "believed": believed,
        "rating": rating,
        **company.EMPLOYEES_SAY,
        "knowledge": believed - by_touchpoint[0],
        "company": by_touchpoint[1] - rating,
    }
    return [
        {"touchpoint": touchpoint} | {name: round(float(values[place]), 6) for name, values in columns.items()}
        for place, touchpoint in enumerate(company.TOUCHPOINTS)
    ]


def _lateness() -> dict:
    """Shares of orders that come early, as promised and late, overall and by region and product."""
    share = np.einsum("w,prwd->prd", company.WAVE_SHARE, delay_share())
    names, signs = ("early", "as promised", "late"), np.sign(company.DELAYS)
    parts = share @ (signs[:, None] == np.array([-1, 0, 1]))
    by_region = np.einsum("p,prk->rk", company.PRODUCT_SHARE, parts)
    by_product = np.einsum("r,prk->pk", company.REGION_SHARE, parts)
    return {
        "overall": _named(names, company.REGION_SHARE @ by_region),
        "region": [{"region": name} | _named(names, row) for name, row in zip(company.REGIONS, by_region, strict=True)],
        "product": [{"product": name} | _named(names, row) for name, row in zip(company.PRODUCTS, by_product, strict=True)],
    }


def _named(names: Sequence[str], values: Floats) -> dict[str, float]:
    return {name: round(float(value), 6) for name, value in zip(names, values, strict=True)}
