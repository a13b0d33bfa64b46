"""Whether customers who got less than they expected leave, call or spend differently afterwards, and by how much."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from cxgap import tally
from cxgap._check import as_names, check_choice, check_count, check_positive, check_prob, check_scale, check_zone
from cxgap.errors import ArgumentError, ColumnError
from cxgap.gaps.asking import SCORES, check_expectation_type
from cxgap.gaps.margins import Margins
from cxgap.gaps.outcome_checks import validate
from cxgap.gaps.outcome_events import cells_of, events_of, kind_of, lacking_of, penalised, too_long, too_thin
from cxgap.gaps.outcome_model import (
    CHANCES,
    COX,
    DISCRETE,
    LOGISTIC,
    Fitted,
    fit,
    with_proportional,
)
from cxgap.gaps.outcome_people import CHOSE, CHURN, CONTACTS, DEFAULT, LOGGED, VALUE, People
from cxgap.gaps.outcome_reading import read_survey, read_wide
from cxgap.gaps.outcome_table import SLUG, Link, linked, untold
from cxgap.gaps.outcome_terms import cell_terms, whole_terms
from cxgap.gaps.spared import spared
from cxgap.gaps.trust import gap_reliability
from cxgap.result import Table
from cxgap.stats.means import Floats
from cxgap.tables.absent import absent
from cxgap.tables.study import Study

TITLE = "What customers did afterwards"


def outcome_link(
    source: Any,
    *,
    outcome: str = CHURN,
    by: str | Sequence[str] = "touchpoint",
    gap: str | Sequence[str] = (),
    customers: Any = None,
    contacts: Any = None,
    events: Any = None,
    channels: Any = None,
    amount: str = "amount",
    horizon: float = 180.0,
    model: str = LOGISTIC,
    covariates: str | Sequence[str] = DEFAULT,
    level: bool = False,
    exits: str | Sequence[str] = CHOSE,
    value: str = VALUE,
    as_of: str | None = None,
    zone: str = "UTC",
    score: str = "dimensions",
    weight: str | None = None,
    stratum: str | None = None,
    psu: str | None = None,
    population: str | None = None,
    margins: Margins | None = None,
    scale: Sequence[float] | None = None,
    expectation_type: str | None = None,
    margin: float | None = None,
    min_n: int = 1,
    confirmatory: str | Collection[str] = (),
    conf_level: float = 0.95,
    currency: str = "",
    seed: int = 0,
) -> Table:
    """Ask whether shortfalls go with what customers did afterwards.

    One row a customer: gaps as they were when the customer first answered, the outcome strictly after that answer, and what
    was known before it. Shortfall and surplus have slopes of their own. A link is said to be there where the tests of all
    touchpoints together find it, and people whom the model had not seen are predicted better with the gap than without. It
    is an association: who is dissatisfied may differ in other ways from who is not.

    Parameters
    ----------
    source : a study; or answers, as in `customer_gap`, with `customer_id` and `at`; or a frame of one row a person with `gap`
    outcome : "churn" (of `customers`), "contacts", "revenue" (of `events`), or a numeric or true-false column of the answers
    by : columns whose combinations have a slope each; "" for all touchpoints together alone
    gap : columns of a frame of one row a person that hold gaps, perceived less expected; `by` is then not looked at
    customers : one row a customer: `customer_id`, `churned_at`, and where there `since`, `exit`, `value`, segments
    contacts, events : logs with `customer_id` and `at`, or `ordered_at`; what comes before the answer is a covariate
    channels : one row a channel with its `cost`, for what contacts cost
    amount : column of `events` with the amount of an order, for "revenue"
    horizon : days after the answer
    model : of churn: "logistic" (leaving within the horizon; who was not watched so long is stood in for by those who were),
        "cox" or "discrete" (time to leaving). Where hazards are not proportional "cox" gives way to "discrete"
    covariates : "default" (tenure, contacts before, orders before, segment, region), or some of these and other columns of
        `customers` or of the answers; () for none
    level : whether the level that was perceived is held alike, too: a shortfall is then an expectation that was higher, and a
        link that is gone with it was one of the level alone
    exits : values of the column `exit` that count as leaving; other leavers were watched until then
    value : column of `customers` with what each is worth, for `value_at_risk`
    as_of : the moment at which the data end, such as "2026-03-31"; the last that any table tells of if left out
    zone : of times without an offset
    score, weight, stratum, psu, population, margins, scale : as in `customer_gap`; with a scale gaps are in points of 100
    expectation_type, margin, confirmatory : accepted with the rest of a study's design
    min_n : touchpoints that fewer people met are not shown; with fewer in all nothing is
    conf_level : of each interval, two-sided; tests are held to the rest of it, all together
    currency : of every amount of money, such as "EUR"; that of the study if left out
    seed : of the folds of the validation

    Returns
    -------
    Table "outcome_link". One row a slope: `cell` ("all together" first), `term` ("shortfall" or "surplus"), `n` people and
    `events` (who left); `estimate` (log odds, log hazard or log mean for a point of 100; outcome points where it is a number)
    with `std_error`, `df`, `conf_low`, `conf_high`, `p_value` and `p_adjusted` (Holm, over the cells and all together);
    `effect` (of 5 points of 100 more, or of 1 point without a scale, on the mean outcome: the average marginal effect) with
    `effect_low` and `effect_high`; `ratio` (odds, hazard or mean) with its ends; `r_dd` (reliability of the gap) and
    `corrected` (the effect over it); `finding` ("goes with it" or "cannot tell") and `grade` of the evidence (C adjusted, D
    not). Then one row a point of the curve: `term` "predicted", `gap`, `predicted`, `predicted_low`, `predicted_high`. The
    model, its tests (`p_all`, `p_hinge`, `p_spline`, `p_proportional`), its validation (`skill`, `skill_without`, `added`,
    `added_low`, `added_high`, `brier`, `calibration_slope`, `calibration_intercept`) and `flags` stand in every row.

    Raises
    ------
    ColumnError : a column is missing.
    ArgumentError : an argument or a column is not what it must be.

    References
    ----------
    Firth (1993), Biometrika 80(1), 27-38. Cox (1972), Journal of the Royal Statistical Society B 34(2), 187-220. Binder
    (1983), International Statistical Review 51(3), 279-292. Holm (1979), Scandinavian Journal of Statistics 6(2), 65-70.
    Grambsch & Therneau (1994), Biometrika 81(3), 515-526.
    """
    names, gaps = as_names(by), as_names(gap, "gap")
    check_choice(model, "model", CHANCES)
    check_choice(score, "score", SCORES)
    check_expectation_type(expectation_type)
    if not isinstance(outcome, str) or not outcome:
        raise ArgumentError(f"`outcome` must be {', '.join(map(repr, LOGGED))} or the name of a column, not {outcome!r}.")
    if not isinstance(currency, str):
        raise ArgumentError(f'`currency` must be a code or a sign, such as "EUR", or empty, not {currency!r}.')
    limits, days = check_scale(scale), check_positive(horizon, "horizon") or 180.0
    min_n, conf_level = check_count(min_n, "min_n"), check_prob(conf_level, "conf_level")
    check_zone(zone, "zone")
    wanted = covariates if isinstance(covariates, str) and covariates == DEFAULT else as_names(covariates, "covariates")
    design: dict[str, Any] = {
        "weight": weight, "stratum": stratum, "psu": psu, "population": population, "margins": margins,
    }  # fmt: skip
    if isinstance(source, Study):
        study = source
        own = {name: value for name, value in study.design.items() if name in design}
        design |= {name: value for name, value in own.items() if design[name] is None}
        limits = limits or study.design.get("scale")
        min_n = max(min_n, int(study.design.get("min_n") or 1))
        customers, contacts = (study.customers if customers is None else customers), _or(contacts, study.contacts)
        events, channels = _or(events, study.events), _or(channels, study.channels)
        currency = currency or study.currency
        source, as_of = study.responses, as_of or study.as_of or None
        zone = study.zone if zone == "UTC" else zone
    given: dict[str, Any] = {
        "outcome": outcome, "by": names, "gaps": gaps, "customers": customers, "contacts": contacts, "events": events,
        "channels": channels, "amount": amount, "horizon": days, "covariates": wanted,
        "exits": as_names(exits, "exits"), "value": value, "as_of": as_of, "zone": zone, "scale": limits, "score": score,
    }  # fmt: skip
    if level and gaps:
        raise ArgumentError("`level` must be False with `gap`: name the column of the level among the `covariates`.")
    given["level"], given["currency"] = bool(level), currency
    return _linked(source, given, design, model, min_n, conf_level, seed)


def _or(given: Any, own: Any) -> Any:
    return own if given is None else given


@spared
def _linked(
    responses: Any, given: dict[str, Any], design: dict[str, Any], model: str, min_n: int, conf_level: float, seed: int
) -> Table:
    if why := absent(responses) or lacking_of(responses, given):
        return Table.not_measured(SLUG, TITLE, why)
    outcome = given["outcome"]
    if given["by"] == ("touchpoint",) and "touchpoint" not in tally.columns_of(responses):
        given = {**given, "by": ()}
    if given["gaps"]:
        fixed = given["covariates"]
        people = read_wide(
            responses, gaps=given["gaps"], outcome=outcome, covariates=() if fixed == DEFAULT else fixed,
            value=given["value"], scale=given["scale"], weight=design["weight"],
            stratum=design["stratum"], psu=design["psu"], population=design["population"],
        )  # fmt: skip
    else:
        people = read_survey(
            responses, **{name: each for name, each in given.items() if name not in ("gaps", "level", "currency")}, **design
        )
    if given["level"]:
        held = np.column_stack([people.covariates, people.perceived])
        people = people._replace(names=(*people.names, "perceived level"), covariates=held)
    kind = kind_of(people, outcome, model, tally.columns_of(responses))
    if len(people.whole) < max(min_n, 2):
        few = f"at least {max(min_n, 2)} customers with a gap and an outcome are needed, and there are {len(people.whole)}"
        return Table.not_measured(SLUG, TITLE, few)
    if not (people.whole < 0).any():
        return Table.not_measured(SLUG, TITLE, "nobody got less than they expected, so there is no shortfall to follow")
    if why := too_long(people, kind, given["horizon"]):
        return Table.not_measured(SLUG, TITLE, why)
    counted = events_of(people, kind, given["horizon"])
    if counted == 0:
        what = {CHURN: "no customer left", CONTACTS: "nobody made contact"}.get(
            outcome, "the outcome is the same for everybody"
        )
        after = " after the answer" if people.later else ""
        return Table.not_measured(SLUG, TITLE, f"{what}{after}, as far as the data tell")
    options: dict[str, Any] = {"given": given, "min_n": min_n, "conf_level": conf_level}
    terms = whole_terms(people)
    if too_thin(counted, terms) and people.names:
        bare = people._replace(names=(), covariates=np.empty((len(people.whole), 0)))
        return untold(people, kind, counted, len(terms.names), fits_bare=not too_thin(counted, whole_terms(bare)), **options)
    if too_thin(counted, terms):
        return untold(people, kind, counted, len(terms.names), fits_bare=False, **options)
    days = given["horizon"]
    whole = fit(kind, people, terms, days, firth=penalised(kind, counted, terms))
    if kind == COX and whole.settled:
        whole = with_proportional(whole)
        if whole.p_proportional < 1 - conf_level:
            kind, changed = DISCRETE, whole.p_proportional
            whole = _again(fit(kind, people, terms, days), changed)
    if not whole.settled or not np.isfinite(whole.covariance).all():
        return untold(people, kind, counted, len(terms.names), fits_bare=False, apart=True, **options)
    cells, hidden, thin = cells_of(people, kind, days, min_n)
    parts: Fitted | None = None
    crowded = 0
    if cells:
        finer = cell_terms(people, cells)
        if too_thin(counted, finer):
            crowded = len(finer.names)
        else:
            parts = fit(kind, people, finer, days, firth=penalised(kind, counted, finer))
            parts = parts if parts.settled and np.isfinite(parts.covariance).all() else None
    checks = {"whole": validate(whole, conf_level=conf_level, seed=seed)}
    if parts is not None:
        checks["parts"] = validate(parts, conf_level=conf_level, seed=seed)
    trusted = _trusted(responses, people, given, design) if not given["gaps"] else np.full(1 + len(people.cells), np.nan)
    return linked(
        people, whole, parts, checks, trusted, counted, hidden=hidden, thin=thin, crowded=crowded, given=given,
        conf_level=conf_level, min_n=min_n, asked=model, seed=seed,
    )  # fmt: skip


def _again(model: Fitted, p_value: float) -> Fitted:
    return replace(model, p_proportional=p_value)


def _trusted(responses: Any, people: People, given: dict[str, Any], design: dict[str, Any]) -> Floats:
    """Return the reliability of the gap of all together, and of each cell."""
    factor = (given["scale"][1] - given["scale"][0]) / 100 if given["scale"] else 1.0
    spread = float(np.std(people.whole, ddof=1) * factor)
    try:
        whole = gap_reliability(responses, pd.DataFrame(index=[0]), [], np.array([spread]), score=given["score"], **design)
    except (ArgumentError, ColumnError):
        return np.full(1 + len(people.cells), np.nan)
    if not people.cells or given["by"] != ("touchpoint",):
        return np.concatenate([whole, np.full(len(people.cells), np.nan)])
    spreads = np.array(
        [np.nanstd(column, ddof=1) * factor if np.isfinite(column).sum() > 1 else np.nan for column in people.gap.T]
    )
    cells = pd.DataFrame({"touchpoint": list(people.cells)})
    each = gap_reliability(responses, cells, ["touchpoint"], spreads, score=given["score"], **design)
    return np.concatenate([whole, each])


__all__ = ["Link", "outcome_link"]
