"""Which touchpoint carries the burden: how many meet it, how much it matters to them, and how far it falls short."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap._check import check_choice, check_count, check_positive, check_prob, check_scale
from cxgap.gaps.asking import SCORES, check_expectation_type, check_outcome, grouping
from cxgap.gaps.burden_table import OWN, SLUG, TITLE, burden_table
from cxgap.gaps.customer import IMPORTANCE_KINDS
from cxgap.gaps.design import UNIT
from cxgap.gaps.judge import lines_told, refuse_names
from cxgap.gaps.margins import Margins
from cxgap.gaps.mattering import DERIVED, STATED, Importance, asked_importance, not_asked, read_stated
from cxgap.gaps.spared import spared
from cxgap.gaps.trust import gap_reliability
from cxgap.gaps.visits import NO_OUTCOME, Visits, read_visits
from cxgap.gaps.weighing import People, known_reach, weigh
from cxgap.result import Table
from cxgap.stats.means import Codes, ratio, sum_by
from cxgap.stats.privacy import hide_also, too_few
from cxgap.tables.absent import absent


@spared
def burden(
    responses: IntoFrame,
    *,
    by: str | Sequence[str] = "touchpoint",
    importance: Importance = DERIVED,
    importance_kind: str = "points",
    reach: Any = None,
    tolerance: float = 0.0,
    outcome: str | None = None,
    customers: int | None = None,
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
    conf_level: float = 0.95,
    confirmatory: str | Collection[str] = (),
    replicates: int = 1999,
    seed: int = 0,
) -> Table:
    """Weigh shortfalls by how many customers meet them and how much they matter.

    Burden is reach times importance times shortfall. The three stand side by side, because a product hides what it is made
    of. A shortfall is what a customer misses, 0 where nothing is missing: half the customers at +2 and half at -2 have a mean
    gap of 0 and still a shortfall. Errors of measurement make shortfalls of their own, so that what is left without them stands
    beside it. Respondents are drawn again through the whole product, and importance with them.

    Parameters
    ----------
    responses, by, score, weight, stratum, psu, population, margins, min_n : as in `customer_gap`; hidden cells are left out
    importance : "derived" from `outcome`, "stated" (the column `importance`, or another that is named here), "equal" or None,
        or a number for each cell, such as {"Delivery": 3, "Get help": 1}; it is scaled to sum to 1
    importance_kind : of stated importance, as in `customer_gap`
    reach : share of active customers who met each cell, as a mapping or as a frame with the columns of `by` and `reach`; if not
        given, the (weighted) share of respondents who rated it
    tolerance : scale points below what was expected that do not yet count as a shortfall
    outcome : numeric column with an overall judgement, repeated on each answer of a visit; for "derived"
    customers : how many active customers there are, for the volume; if not given, the volume is that of 100
    scale : lowest and highest answer, such as (1, 7)
    expectation_type, margin, confirmatory : accepted with the rest of a study's design
    conf_level : of each interval, and of all ranks together
    replicates, seed : of the bootstrap of sampling units

    Returns
    -------
    Table "burden" with one row a cell, the heaviest first: the keys, `n`, `n_eff`, `estimate` (the mean gap); `reach`,
    `importance` (sums to 1), `shortfall` (mean over those who met it, in per cent of the scale's range; in scale points
    without a `scale`), `prevalence` (share of them who miss something), `volume` (points missed by all customers), `burden`
    (the product) and `burden_share`, each with the ends of its interval (`_low`, `_high`); `importance_lower` and
    `importance_upper`, each of which holds for all cells at once, and `importance_source`; `shortfall_points`;
    `shortfall_normal` and `prevalence_normal` (of normal gaps with this mean and spread), `shortfall_reliable` and
    `prevalence_reliable` (the same without errors of measurement), `r_dd` (reliability of the gap), `burden_reliable_share` and
    `rank_reliable`; `rank`, `rank_low`, `rank_high` and `may_be_worst`; `moment_that_matters` ("moment", "candidate" or "");
    and `flags`. Cells of a single respondent are left out.

    Raises
    ------
    ColumnError : `responses` lacks a column.
    ArgumentError : an argument is not what it must be, or weights or design columns are not usable.

    References
    ----------
    Mogstad, Romano, Shaikh & Wilhelm (2024), Review of Economic Studies 91(1), 476-518 (ranks).
    Rao, Wu & Yue (1992), Survey Methodology 18(2), 209-217 (bootstrap).
    Lindeman, Merenda & Gold (1980), Introduction to Bivariate and Multivariate Analysis, Scott Foresman (derived importance).
    """
    check_outcome(outcome)
    names = grouping(by, {UNIT, "expectation", "perception", outcome, *OWN})
    check_choice(score, "score", SCORES)
    check_choice(importance_kind, "importance_kind", IMPORTANCE_KINDS)
    check_expectation_type(expectation_type)
    limits, least = check_scale(scale), check_positive(tolerance or None, "tolerance") or 0.0
    min_n, conf_level = check_count(min_n, "min_n"), check_prob(conf_level, "conf_level")
    replicates = check_count(replicates, "replicates")
    many = None if customers is None else check_count(customers, "customers")
    if why := absent(responses):
        return Table.not_measured(SLUG, TITLE, why)
    present = tally.columns_of(responses)
    asked = asked_importance(importance, present)
    why = not_asked(asked, present, names, importance_kind)
    if why or (asked.kind == DERIVED and outcome is None):
        return Table.not_measured(SLUG, TITLE, why or f'{NO_OUTCOME}, or write importance="equal"')
    drawn_by: dict[str, Any] = {
        "weight": weight, "stratum": stratum, "psu": psu, "population": population, "margins": margins,
    }  # fmt: skip
    visits = read_visits(responses, by=names, outcome=outcome if asked.kind == DERIVED else None, score=score, **drawn_by)
    people = _people(visits)
    shown, hidden = _shown(visits, people, names, min_n)
    if len(shown) < 2:
        there = "is 1" if len(shown) == 1 else f"are {len(shown)}"
        return Table.not_measured(SLUG, TITLE, f"at least two cells with an interval are needed, and there {there}")
    cells = visits.cells.iloc[shown].reset_index(drop=True)
    people = people.of_cells(shown, len(visits.cells))
    stated = None
    if asked.kind == STATED:
        stated = read_stated(responses, asked, by=names, kind=importance_kind, cells=cells, **drawn_by)
    found = weigh(
        people, cells, names, design=visits.design, source=visits.source(SLUG), asked=asked, stated=stated,
        reach=known_reach(reach, cells, names), tolerance=least, limits=limits, conf_level=conf_level,
        replicates=replicates, seed=seed, trusted=lambda spread: gap_reliability(
            responses, cells, names, spread, score=score, **drawn_by
        ),
    )  # fmt: skip
    return burden_table(
        found, cells, names, hidden=hidden, alone=len(visits.cells) - len(shown) - hidden, conf_level=conf_level,
        limits=limits, outcome=outcome, tolerance=least, customers=many, reach_given=reach is not None,
        derived=asked.kind == DERIVED,
    )  # fmt: skip


def _people(visits: Visits) -> People:
    """Average the visits of each respondent in a cell; those of no weight take no part."""
    visits = visits.part(visits.weight > 0)
    size = len(visits.design.weight)
    code, place = np.unique(visits.cell * size + visits.respondent, return_inverse=True)

    def mean(values: np.ndarray) -> np.ndarray:
        known = np.isfinite(values)
        return ratio(sum_by(place[known], len(code), values[known]), sum_by(place[known], len(code)))

    return People(code // size, code % size, mean(visits.gap), mean(visits.perception), mean(visits.outcome))


def _shown(visits: Visits, people: People, names: Sequence[str], min_n: int) -> tuple[Codes, int]:
    """Return the cells that take part, and how many do not because they are hidden; a single respondent has no interval."""
    n = sum_by(people.cell, len(visits.cells))
    refuse_names(visits.cells, visits.keys, n, min_n)
    few = too_few(n, min_n)
    lines = lines_told(visits.cells, people.cell, people.respondent, visits.keys, min_n)
    away = few | hide_also(few, n, lines, min_n)
    return np.flatnonzero(~away & (n > 1)), int((away & (n > 0)).sum())
