"""The company beside its customers on one scale, and the shares of people on either side whose score reaches a cut."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from numbers import Real
from typing import NamedTuple

import numpy as np
from narwhals.stable.v2.typing import IntoFrame

from cxgap.errors import ArgumentError
from cxgap.gaps.asking import check_answers
from cxgap.gaps.margins import Margins
from cxgap.gaps.raters import Sides, compare
from cxgap.gaps.scores import Scores
from cxgap.stats.means import Floats, Means, design_means, ratio, simple_means, sum_by
from cxgap.stats.ordinal import DECIMALS
from cxgap.stats.proportions import korn_graubard, newcombe, wilson
from cxgap.vocabulary import plain

EVEN = 10.0**-DECIMALS  # a mean may miss a cut by rounding


def on_one_scale(
    responses: IntoFrame,
    company: IntoFrame,
    *,
    answer: str,
    rating: str,
    rater: str,
    by: Sequence[str],
    score: str,
    scale: tuple[float, float] | None,
    weight: str | None,
    stratum: str | None,
    psu: str | None,
    population: str | None,
    margins: Margins | None = None,
) -> Sides:
    """Score both sides in the same cells, and refuse answers that are not on the one scale.

    Customers' own scores are rounded to the digit to which means of answers can be told apart.
    """
    sides = compare(
        responses,
        company,
        asked=answer,
        rated=rating,
        rater=rater,
        by=by,
        score=score,
        weight=weight,
        stratum=stratum,
        psu=psu,
        population=population,
        margins=margins,
    )
    if scale:
        low, high = scale
        for frame, name, table in ((responses, answer, "responses"), (company, rating, "company")):
            check_answers(frame, name, scale, f"`{table}` must hold answers from {low:g} to {high:g} in {name!r}")
    return sides._replace(own=np.round(sides.own, DECIMALS))


def check_cut(cut: float | None, scale: tuple[float, float] | None) -> float | None:
    """Return the cut that is meant: the best answer if none is given; None where that is not known either."""
    if cut is None:
        return scale and scale[1]
    low, high = scale or (-np.inf, np.inf)
    if isinstance(cut, bool) or not isinstance(cut, Real) or not low < float(cut) <= high or not np.isfinite(float(cut)):
        asked = f" above {low:g} and at most {high:g}, as `scale` says" if scale else ""
        raise ArgumentError(f"`cut` must be a score{asked}, not {cut!r}.")
    return float(cut)


def check_cuts(cuts: object, scale: tuple[float, float] | None) -> list[float]:
    """Return the cuts of a curve if they are finite scores, at least one, and none outside the scale."""
    low, high = scale or (-np.inf, np.inf)
    listed = list(cuts) if isinstance(cuts, Iterable) and not isinstance(cuts, str) else []
    numbers = [float(cut) for cut in listed if isinstance(cut, Real) and not isinstance(cut, bool)]
    if not listed or len(numbers) < len(listed) or not all(low <= cut <= high and np.isfinite(cut) for cut in numbers):
        asked = f" from {low:g} to {high:g}, as `scale` says" if scale else ""
        raise ArgumentError(f"`cuts` must hold scores{asked}, such as [5, 6], not {cuts!r}.")
    return numbers


class Shares(NamedTuple):
    """Shares of each side that reach a cut, with the ends of their intervals, and the difference; shape (cells,)."""

    company: Means
    customers: Means
    n_eff: Floats
    company_low: Floats
    company_high: Floats
    customers_low: Floats
    customers_high: Floats
    difference: Floats
    low: Floats
    high: Floats


def shares_at(sides: Sides, cut: float | None, *, conf_level: float) -> Shares:
    """Estimate who reaches the cut on either side, and the difference; all NaN without a cut."""
    cells, scores = len(sides.cells), sides.scores
    if cut is None:
        blank = np.full(cells, np.nan)
        means = Means(blank, blank, blank, blank, blank, np.zeros(cells, bool))
        return Shares(means, means, *[blank] * 8)
    reached = (sides.own >= cut - EVEN).astype(float)
    rater, column = np.nonzero(np.isfinite(sides.matrix))
    company = simple_means((sides.matrix[rater, column] >= cut - EVEN).astype(float), column, cells)
    company_low, company_high = wilson(company.n * company.mean, company.n, conf_level=conf_level)
    if scores.designed:
        customers = design_means(reached, scores.cell, cells, scores.respondent, scores.design)
        n_eff = _effective(customers, _units(scores))
        n, known = np.where(customers.std_error == 0, n_eff, customers.n), np.isfinite(customers.std_error)
        low, high = korn_graubard(customers.mean, customers.std_error, n, customers.df, conf_level=conf_level)
        low, high = np.where(known, low, np.nan), np.where(known, high, np.nan)
    else:
        customers = simple_means(reached, scores.cell, cells)
        n_eff = customers.n
        low, high = wilson(customers.n * customers.mean, customers.n, conf_level=conf_level)
    _, lower, upper = newcombe(customers.mean * n_eff, n_eff, company.mean * company.n, company.n, conf_level=conf_level)
    difference = customers.mean - company.mean  # known even where nothing tells its error
    return Shares(company, customers, n_eff, company_low, company_high, low, high, difference, lower, upper)


def _effective(share: Means, units: Floats) -> Floats:
    """Return how many independent customers would tell as much: n over the design effect, at most n.

    Where all customers agree the design effect cannot be known, and no more than the sampling units count; where the
    error is unknown, so is this.
    """
    variance = share.mean * (1 - share.mean) * ratio(share.n, share.n - 1)
    size = np.minimum(ratio(variance, share.std_error**2), share.n)
    return np.where(share.std_error == 0, np.minimum(units, share.n_eff), size)


def _units(scores: Scores) -> Floats:
    """Count the sampling units of which each cell has customers."""
    cells, design = len(scores.cells), scores.design
    held = design.weight[scores.respondent] > 0
    code = np.unique(design.psu[scores.respondent[held]] * cells + scores.cell[held])
    return sum_by(code % max(cells, 1), cells)


def share_text(share: float) -> str:
    """Write a share in whole per cent."""
    return f"{plain(100 * share, 0)} %"
