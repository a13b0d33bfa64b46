"""What is true of promises, silence, campaigns, the intervention and incidents in the synthetic study."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from cxgap.simulate import company
from cxgap.simulate.campaigns import CAMPAIGNS, HELD_OUT
from cxgap.simulate.contacts import CHANCE_CAP_DAYS, DAY_CHANCE, LATE_CHANCE, ON_TIME_CHANCE
from cxgap.simulate.drawn_actions import DRAWN, DRAWS, RESPONDENTS
from cxgap.simulate.latent import Floats, delay_share
from cxgap.simulate.leaving import churn_hazard
from cxgap.simulate.mishaps import (
    DAMAGED_IN_LOT,
    DAMAGED_LOT,
    DAMAGED_SHARE,
    MADE_GOOD_SHARE,
    TOLD_SHARE,
    incidents_table,
)
from cxgap.simulate.registers import messages_table
from cxgap.simulate.settled import (
    CHANGE,
    CHANGED_IN,
    CHANGED_ON,
    HOURS_LOG_SD,
    HOURS_MEDIAN,
    HOURS_REGION,
    SEASON,
)
from cxgap.simulate.shifts import PRESENT, PRESENT_MONDAY, SHUT, SHUT_MONDAY, WEAK_HOURS
from cxgap.simulate.waiting import CAME, DAY, LONGEST, ORDERED, kept_share
from cxgap.simulate.whatif import WITHIN, leaves

LEVELS: Final = (0.8, 0.9, 0.95, 0.99)
DEFINITIONS = {
    "drawn_actions": f"Numbers in `causal_share`, `outreach` and `intervention` that are given as [mean, standard error] come "
    f"from {DRAWS} simulated studies of {RESPONDENTS:,} respondents each (tools/truth.py).",
    "response": "Least squares, over the orders whose delay has its population share, of the mean perceived at Receive the "
    "parcel (mean of the five dimensions) on 1 if late, days late and days early. `calendar`: whole days between the promised "
    "day and the day of delivery. `elapsed`: from 18:00 of the promised day to the moment of delivery, 8:00 to 18:00 at any "
    "moment alike, so that what comes on the promised day is early by up to ten hours. `cliff`: the mean with a delay of one "
    "day less that with none, as the model has it and no straight line does. `surveyed` is (1 - careless share) x "
    "attentive. Cancelled orders are left out.",
    "promise_plan": "By product, over regions and waves in their shares: the days from order to delivery within which the "
    "share `level` of the parcels comes. `calendar`: whole days on the calendar, and `attained`, the share that comes within "
    "them; `elapsed`: to the second. `kept`: share that comes by the promise in force.",
    "silent": "Of the orders that come late, by calendar days late and overall: the chance that the customer makes contact "
    "about it. Such a contact comes between the promise and a day after delivery, so that `complaint_rate` is that within 14 "
    "days of the promise as well, but for what falls after the end of the data. Repeats are not counted, contacts about no "
    "order neither. `on_time`: the same of orders that are not late.",
    "causal_share": f"Of those who answered about Receive the parcel, in population shares: `risk`, the chance to choose to "
    f"leave within {WITHIN} days of the answer (leaving is possible from a fortnight after the last order, delivery or answer; "
    "who moves or dies before does not choose); `effect`, that risk less what it were had the parcel they answered about not "
    "been late, all else alike; `association`, the mean risk less the fitted risk at a shortfall of 0, by logistic regression "
    "of leaving on the shortfall alone, max(0, expected - perceived) of the visit, mean of the five dimensions; `share`: "
    "effect / association. No campaign, and no end of the data. `one_order`: the effect exactly, for customers of one order, "
    f"within {WITHIN} days from when leaving is possible; `risk_if_late` and `risk_if_not` likewise, of late orders.",
    "outreach": "Of the customers on a campaign's list, who are still there: `held_out` and `contacted`, the chance to choose "
    "to leave within 90 days of the campaign without and with a call; `risk_difference`, contacted less held out, and "
    "`at_risk_days`, the mean number of those days on which leaving was possible. `hazard_ratio`: of a customer at risk, by "
    f"design. A share of {HELD_OUT:g} of each stratum is held out by chance. `listed`: share of all customers.",
    "intervention": "From `from` on, contacts of customers in `regions` are settled in `ratio` times the hours: exactly so in "
    "every quantile and mean. `hours`, `hours_without`, `difference`: mean hours of the contacts that it reached, as they "
    "were, as they had been, and the first less the second. Hours are lognormal with standard deviation `log_sd`, the median "
    "by channel, times a level of the region and a season that all regions share: trends are parallel on the logarithm.",
    "incidents": "Of delivered parcels, whatever their delay: the share that comes damaged, in the damaged lot and elsewhere; "
    "`noted`: share of the damaged ones of the lot that name the incident; `made_good`: share of late or damaged orders with "
    "`recovery_at`, but for what falls after the end of the data. The outage and the stock-out change no number.",
    "messages": "By message on delivery time: the share of its product and region, over the whole year, whose parcels come "
    "within its level: `elapsed` to the second, `calendar` in days on the calendar. `says` is the share that it promises.",
    "staffing": "Chance that one who is planned is there, and that an hour is shut in part (5 to 40 minutes, evenly): in the "
    "first hours of Monday, and otherwise.",
}


def acted_truth() -> dict[str, Any]:
    """Give the true values, by the names of DEFINITIONS."""
    return {
        "response": _response(),
        "promise_plan": [_plan(place) for place in range(len(company.PRODUCTS))],
        "silent": _silent(),
        "causal_share": {"within_days": WITHIN} | DRAWN["causal"] | {"one_order": _one_order()},
        "outreach": {
            "campaigns": {name: str(day) for name, day in CAMPAIGNS.items()},
            "days": company.CALL_DAYS,
            "hazard_ratio": company.CALL_EFFECT,
            **DRAWN["outreach"],
        },
        "intervention": {
            "from": str(CHANGED_ON),
            "regions": list(CHANGED_IN),
            "ratio": CHANGE,
            **DRAWN["intervention"],
            "log_sd": HOURS_LOG_SD,
            "season": SEASON,
            "median": HOURS_MEDIAN,
            "region": dict(zip(company.REGIONS, map(float, HOURS_REGION), strict=True)),
        },
        "incidents": {
            "damaged_lot": DAMAGED_LOT,
            "damaged": {"lot": DAMAGED_IN_LOT, "elsewhere": DAMAGED_SHARE},
            "noted": TOLD_SHARE,
            "made_good": MADE_GOOD_SHARE,
            "kinds": dict(incidents_table()[["incident_id", "kind"]].to_numpy().tolist()),
        },
        "messages": _messages(),
        "staffing": {
            "present": PRESENT,
            "present_monday": PRESENT_MONDAY,
            "shut": SHUT,
            "shut_monday": SHUT_MONDAY,
            "monday_hours": WEAK_HOURS,
        },
    }


def _share_of_delay() -> Floats:
    """Share of each delay by product and region, over the waves; shape (2, 4, 13)."""
    share: Floats = np.einsum("w,prwd->prd", company.WAVE_SHARE, delay_share())
    return share


def _overall() -> Floats:
    share: Floats = np.einsum("p,r,prd->d", company.PRODUCT_SHARE, company.REGION_SHARE, _share_of_delay())
    return share


def _response() -> dict[str, Any]:
    share, days = _overall(), company.DELAYS.astype(float)
    late = (days > 0).astype(float)
    whole = _least_squares(late, np.maximum(days, 0), np.maximum(-days, 0), company.DELAY_EFFECT, share)
    point, weight = np.polynomial.legendre.leggauss(12)
    before = (point + 1) / 2 * (CAME[-1] + 1 - CAME[0]) / DAY  # days before 18:00
    passed = (days[:, None] - before).ravel()
    parts = (share[:, None] * weight / 2).ravel()
    effect, after = np.repeat(company.DELAY_EFFECT, len(point)), np.repeat(late, len(point))
    exact = _least_squares(after, after * passed, (after - 1) * passed, effect, parts)
    cliff = float(company.DELAY_EFFECT[company.DELAYS == 1][0])
    careful = 1 - company.CARELESS_SHARE
    return {
        "attentive": {"calendar": whole, "elapsed": exact, "cliff": cliff},
        "surveyed": {"calendar": _scaled(whole), "elapsed": _scaled(exact), "cliff": round(careful * cliff, 6)},
    }


def _least_squares(late: Floats, days_late: Floats, days_early: Floats, outcome: Floats, share: Floats) -> dict[str, float]:
    design = np.column_stack([np.ones(len(share)), late, days_late, days_early])
    slopes = np.linalg.solve(design.T @ (design * share[:, None]), design.T @ (share * outcome))
    return {name: round(float(slopes[place]), 6) for place, name in enumerate(("late", "days_late", "days_early"), 1)}


def _scaled(slopes: dict[str, float]) -> dict[str, float]:
    return {name: round((1 - company.CARELESS_SHARE) * slope, 6) for name, slope in slopes.items()}


def _took(share: Floats, promised: int) -> Floats:
    """Share of parcels that take 0, 1, 2 and more days on the calendar."""
    took = np.zeros(LONGEST + 1)
    took[promised + company.DELAYS[share > 0]] = share[share > 0]
    return took


def _plan(product: int) -> dict[str, Any]:
    share, promised = company.REGION_SHARE @ _share_of_delay()[product], int(company.PROMISED_DAYS[product])
    up_to = np.cumsum(_took(share, promised))
    plan = []
    for level in LEVELS:
        whole = int(np.searchsorted(up_to, level - 1e-12))
        elapsed = _elapsed_quantile(_took(share, promised), level)
        plan.append({"level": level, "calendar": whole, "attained": round(float(up_to[whole]), 6), "elapsed": elapsed})
    kept = round(float(share[company.DELAYS <= 0].sum()), 6)
    return {"product": company.PRODUCTS[product], "promised_days": promised, "kept": kept, "quantiles": plan}


def _elapsed_quantile(took: Floats, level: float) -> float:
    """Days, to the second, within which a share of the parcels comes: by bisection of the share that comes up to a moment."""
    low, high = 0.0, float(LONGEST + 1)
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (low, middle) if _come_within(took, middle) >= level else (middle, high)
    return round(high, 4)


def _come_within(took: Floats, days: float) -> float:
    """Share of parcels that come within `days` of their order; the moments of order and delivery are independent."""
    left = (days - np.arange(len(took))) * DAY  # seconds by which the delivery may come later in its day than the order did
    edge = [ORDERED[0], ORDERED[-1] + 1, CAME[0], CAME[-1] + 1]
    corners = [edge[3] - edge[0], edge[3] - edge[1], edge[2] - edge[0], edge[2] - edge[1]]
    area = [np.square(np.maximum(left - corner, 0)) / 2 for corner in corners]
    share = (area[3] - area[2] - area[1] + area[0]) / ((edge[1] - edge[0]) * (edge[3] - edge[2]))
    return float(took @ share)


def _silent() -> dict[str, Any]:
    share = _overall()[company.DELAYS > 0]
    days = company.DELAYS[company.DELAYS > 0]
    chance = LATE_CHANCE + DAY_CHANCE * np.minimum(days, CHANCE_CAP_DAYS)
    rate = float(share @ chance / share.sum())
    return {
        "complaint_rate": round(rate, 6),
        "silent_rate": round(1 - rate, 6),
        "on_time": ON_TIME_CHANCE,
        "by_days": [
            {"days_late": int(day), "complaint_rate": round(float(part), 6)} for day, part in zip(days, chance, strict=True)
        ],
    }


def _one_order() -> dict[str, float]:
    point, weight = np.polynomial.hermite_e.hermegauss(60)
    share = _overall()
    worst = np.maximum(company.DELAYS, 0)
    risk = leaves(churn_hazard(worst[:, None], point), np.array(WITHIN)) @ (weight / weight.sum())
    calm, late = risk[0], company.DELAYS > 0
    return {
        "effect": round(float(share @ (risk - calm)), 6),
        "risk_if_late": round(float(share[late] @ risk[late] / share[late].sum()), 6),
        "risk_if_not": round(float(calm), 6),
    }


def _messages() -> list[dict[str, Any]]:
    frame = messages_table()
    share = _share_of_delay()
    told = []
    for row in frame[frame["metric"] == "delivery time"].itertuples():
        product = company.PRODUCTS.index(row.product)
        part = np.array([1.0 if row.region in (None, name) or row.region != row.region else 0.0 for name in company.REGIONS])
        part = part * company.REGION_SHARE / (part @ company.REGION_SHARE)
        took = _took(part @ share[product], int(company.PROMISED_DAYS[product]))
        told.append(
            {
                "message_id": row.message_id,
                "level": float(row.level),
                "says": None if row.reliability != row.reliability else float(row.reliability),
                "elapsed": round(float(kept_share(took)[int(row.level)]), 6),
                "calendar": round(float(np.cumsum(took)[int(row.level)]), 6),
            }
        )
    return told
