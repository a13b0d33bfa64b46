"""What closing a gap may bring: a simulation that draws everything nobody knows, and says what was assumed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from cxgap._check import check_count, check_positive, check_prob, check_seed
from cxgap.errors import ArgumentError
from cxgap.gaps.closing_draws import Asked, drawn_of, touched_by
from cxgap.gaps.closing_table import SLUG, TITLE, closing_table
from cxgap.gaps.grades import graded
from cxgap.gaps.outcome_model import Fitted
from cxgap.gaps.outcome_table import ALL, Link
from cxgap.gaps.stakes_of import lacking, linked_of, worth_of
from cxgap.result import Table


def closing_value(
    source: Any,
    *,
    touchpoint: str = "",
    name: str = "",
    close: float = 1.0,
    cost: float | Sequence[float] | None = None,
    reach: Sequence[float] | None = None,
    causal: Sequence[float] = (2.0, 2.0),
    evidence: Table | None = None,
    retention: float | None = None,
    discount: float = 0.1,
    immediate: bool = False,
    years: int = 1,
    customers: int | None = None,
    draws: int = 2000,
    min_n: int = 1,
    conf_level: float = 0.95,
    seed: int = 0,
    **options: Any,
) -> Table:
    """Simulate what closing a shortfall may bring: customers kept, what they are worth, and what is left after the cost.

    Every draw takes another strength of the link (its error), another sample of people, another share of the association that
    is causal, another reach and another cost. Nothing is closed beyond what was expected. The result is a distribution, and
    what it hangs on most stands beside it.

    Parameters
    ----------
    source : what `outcome_link` returned, of churn, contacts or revenue; or a study, for which it is then called
    touchpoint : whose shortfall is closed; "" for all together
    name : of the plan, for `portfolio`; the touchpoint if left out. Plans of one name have the same draws of reach and cost
    close : the share of each shortfall that is closed, up to 1; above 1 it is points of 100
    cost : of all of it, once: a number, or lowest, most likely and highest
    reach : a and b of a Beta distribution of the share of those customers who are reached, such as (8, 2); all if left out
    causal : a and b of a Beta distribution of the share of the association that is causal; an assumption, by default (2, 2)
    evidence : a table with the effect on the share who leave of having been reached, such as that of `outreach_effect` (grade
        A) or `before_after` (B); it takes the place of the link and of `causal`
    retention, discount, immediate : what customers are worth, as in `value_at_risk`; the discount also holds for later years
    years : for which it lasts; each is like the first
    customers : how many customers those who answered stand for; only themselves if left out
    draws : of the simulation
    min_n : with fewer people who got less there, nothing is shown
    conf_level : of the interval of the risk ratio
    seed : of all draws
    options : further arguments of `outcome_link`, where a study is given

    Returns
    -------
    Table "closing_value". Rows of `kind` "outcome": customers kept (or contacts spared), value kept, cost and net present
    value, each with `mean`, `q05` to `q95`, and `p_positive`; of "what it hangs on": `spread_share`, the part of the spread of
    the net present value (else of the value, else of the customers) that each input makes alone; of "unseen causes": the risk
    ratio with its interval, its `e_value`, and that of the limit nearest to 1; of "assumption": `text`. `decision` says
    whether it pays, does not, or whether a pilot would tell.

    Raises
    ------
    ArgumentError : an argument is not what it must be, or the table of the link has no such touchpoint.

    References
    ----------
    Rust, Zahorik & Keiningham (1995), Journal of Marketing 59(2), 58-70. VanderWeele & Ding (2017), Annals of Internal Medicine
    167(4), 268-274. Howard (1966), IEEE Transactions on Systems Science and Cybernetics 2(1), 22-26 (value of information).
    """
    min_n, conf_level = check_count(min_n, "min_n"), check_prob(conf_level, "conf_level")
    share = check_positive(close, "close") or 1.0
    asked_cost = _cost(cost)
    pair, prior = _beta(reach, "reach"), _beta(causal, "causal")
    assert prior is not None
    check_seed(seed, "seed")
    if not isinstance(name, str):
        raise ArgumentError(f"`name` must be what the plan is called, or empty, not {name!r}.")
    rate, kept = check_prob(discount, "discount"), None if retention is None else check_prob(retention, "retention")
    many = None if customers is None else check_count(customers, "customers")
    link = linked_of(source, min_n, conf_level, seed, options)
    if why := lacking(link):
        return Table.not_measured(SLUG, TITLE, why)
    assert isinstance(link, Link)
    assert link.whole is not None
    model, cells, where = _model(link, touchpoint)
    if model is None:
        return Table.not_measured(SLUG, TITLE, f"{where} has no slope of its own: too few met it, or too few left")
    asked = Asked(
        cells, where, share, asked_cost, pair, prior, None if evidence is None else graded(evidence), rate,
        check_count(years, "years"), many, name or where,
    )  # fmt: skip
    touched = touched_by(model, asked)
    if touched.sum() < max(min_n, 1):
        few = "nobody got less than expected there" if not touched.any() else f"fewer than {min_n} customers got less there"
        return Table.not_measured(SLUG, TITLE, few)
    worth, _ = worth_of(link, model, kept, rate, immediate)
    drawn = drawn_of(model, worth, touched, asked, check_count(draws, "draws"), seed)
    return closing_table(link, model, drawn, touched, asked, worth, kept, conf_level, min_n, seed)


def _cost(cost: float | Sequence[float] | None) -> tuple[float, float, float] | None:
    if cost is None:
        return None
    parts = [cost] * 3 if isinstance(cost, int | float) else list(cost)
    good = len(parts) == 3 and all(isinstance(part, int | float) and not isinstance(part, bool) for part in parts)
    if not good or not (np.isfinite(parts).all() and 0 <= parts[0] <= parts[1] <= parts[2]):
        raise ArgumentError(
            f"`cost` must be a number, or the lowest, most likely and highest cost in that order, not {cost!r}."
        )
    return float(parts[0]), float(parts[1]), float(parts[2])


def _beta(pair: Sequence[float] | None, name: str) -> tuple[float, float] | None:
    if pair is None:
        return None
    parts = list(pair) if isinstance(pair, Sequence) and not isinstance(pair, str) else []
    if len(parts) != 2 or not all(isinstance(part, int | float) and np.isfinite(part) and part > 0 for part in parts):
        raise ArgumentError(f"`{name}` must be the two numbers above 0 of a Beta distribution, such as (2, 2), not {pair!r}.")
    return float(parts[0]), float(parts[1])


def _model(link: Link, touchpoint: str) -> tuple[Fitted | None, list[int], str]:
    """Return the model that has the slope, the cells that are closed, and their name."""
    assert link.whole is not None
    if not isinstance(touchpoint, str):
        raise ArgumentError(f"`touchpoint` must be the name of a touchpoint, or empty, not {touchpoint!r}.")
    if touchpoint in ("", ALL):
        return link.whole, [-1], ALL
    known = link.whole.people.cells
    if touchpoint not in known:
        raise ArgumentError.choice("touchpoint", touchpoint, known)
    cell = known.index(touchpoint)
    if link.parts is None or cell not in link.parts.terms.shortfall:
        return None, [], touchpoint
    return link.parts, [cell], touchpoint
