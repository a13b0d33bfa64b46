"""Importance against performance: where to concentrate, and where the data cannot tell."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap._check import check_choice, check_count, check_prob, check_scale
from cxgap.errors import ArgumentError, nearest
from cxgap.gaps.asking import SCORES, check_answers, check_expectation_type, check_outcome, grouping
from cxgap.gaps.customer import IMPORTANCE_KINDS
from cxgap.gaps.design import UNIT
from cxgap.gaps.importance import shares_of_points
from cxgap.gaps.judge import lines_told, refuse_names
from cxgap.gaps.margins import Margins
from cxgap.gaps.mattering import COLUMN, DERIVED, FEWEST, STATED, derived_importance, together
from cxgap.gaps.paired_columns import Columns, from_columns, without_codes
from cxgap.gaps.quadrant_table import CROSSHAIRS, FEWEST_DRAWN, OWN, SLUG, TITLE, Placed, quadrant_table
from cxgap.gaps.scores import Scores, respondent_scores
from cxgap.gaps.spared import spared
from cxgap.gaps.visits import NO_OUTCOME
from cxgap.result import Table
from cxgap.stats.bootstrap import Source
from cxgap.stats.burden import drawn_again, pair_parts, slopes, unit_sums
from cxgap.stats.means import Codes, Design, Floats, ratio, strata_of, sum_by
from cxgap.stats.privacy import hide_also, too_few
from cxgap.stats.quadrants import lines
from cxgap.tables.absent import absent

GAP, PERCEPTION = "gap", "perception"


class Rated(NamedTuple):
    """What respondents said of each cell, one entry a respondent and cell; NaN where not known."""

    cell: Codes
    respondent: Codes
    performance: Floats
    importance: Floats
    outcome: Floats

    def part(self, chosen: np.ndarray) -> Rated:
        """Return some of the entries."""
        each: dict[str, Any] = {name: getattr(self, name)[chosen] for name in self._fields}
        return self._replace(**each)

    def of_cells(self, shown: Codes, cells: int) -> Rated:
        """Return the entries of some of so many cells, and number these anew."""
        place = np.full(cells, -1)
        place[shown] = np.arange(len(shown))
        kept = self.part(place[self.cell] >= 0)
        return kept._replace(cell=place[kept.cell])


@spared
def importance_performance(
    responses: IntoFrame,
    *,
    by: str | Sequence[str] = "item",
    items: Columns | None = None,
    performance: str = PERCEPTION,
    importance: str = STATED,
    importance_kind: str = "rating",
    crosshair: str = "means",
    target: tuple[float, float] | None = None,
    outcome: str | None = None,
    missing: Sequence[float] = (),
    score: str = "dimensions",
    weight: str | None = None,
    stratum: str | None = None,
    psu: str | None = None,
    population: str | None = None,
    margins: Margins | None = None,
    scale: Sequence[float] | None = None,
    importance_scale: Sequence[float] | None = None,
    expectation_type: str | None = None,
    margin: float | None = None,
    min_n: int = 1,
    conf_level: float = 0.95,
    confirmatory: str | Collection[str] = (),
    replicates: int = 1999,
    seed: int = 0,
) -> Table:
    """Place items by how important they are and how well they perform, and say which quadrants are sure.

    Four quadrants: concentrate here (important, performs badly), keep up, low priority and possible overkill. Where lines are
    means, half of all items are always "bad"; so a quadrant is named only where an item lies there in 8 of 10 repetitions of
    the survey, lines and all, and is "undetermined" elsewhere.

    Parameters
    ----------
    responses : one row an answer, with `respondent_id`, the columns of `by`, `performance` and importance; or with `items` one
        row a respondent. No expectation is needed, but for the gap
    by : columns that make the items, such as "item", "question" or "dimension"
    items : of a wide file, for each item its columns of importance and performance: {"01": ("imp01", "sat01"), ...}; for
        derived importance that of performance alone
    performance : "perception", "gap" (perception minus expectation), or another column
    importance : "stated" (the column `importance`, or another that is named here) or "derived" from `outcome`
    importance_kind : of stated importance: "rating" of each item, or "points" (100 spread over the items)
    crosshair : where the lines lie: at the "means" or "medians" of the items' means, the "midpoint" of the scales, or at a
        "target"
    target : the two lines, performance and importance, for crosshair="target"
    outcome : numeric column with an overall judgement, for derived importance
    missing : codes of no answer, such as (99,)
    score, weight, stratum, psu, population, margins, min_n : as in `customer_gap`; hidden cells are left out
    scale : lowest and highest answer of performance
    importance_scale : the same of importance ratings; that of performance if not given
    expectation_type, margin, confirmatory : accepted with the rest of a study's design
    conf_level : of the intervals
    replicates, seed : of the bootstrap of sampling units

    Returns
    -------
    Table "importance_performance" with one row an item: the keys, `n` and `n_importance` respondents, `performance` and
    `importance` with the ends of their intervals (`_low`, `_high`), bootstrap standard errors (`_se`) and the `correlation` of
    the two errors; `importance_source`, `crosshair`, `performance_line` and `importance_line`; `quadrant` ("concentrate here",
    "keep up", "low priority", "possible overkill", "on line", "undetermined"), `p_quadrant` (of the likeliest), the four
    chances `p_concentrate`, `p_keep_up`, `p_low_priority` and `p_overkill`; `quadrant_estimate`, that of the estimates alone;
    `gap_line_distance` with its interval: how far importance lies above performance, (I - P) / sqrt(2), both in per cent of
    their scales; NaN where they have none in common.

    Raises
    ------
    ColumnError : `responses` lacks a column.
    ArgumentError : an argument is not what it must be, or an answer is off its scale.

    References
    ----------
    Martilla & James (1977), Journal of Marketing 41(1), 77-79.
    Slack (1994), International Journal of Operations & Production Management 14(5), 59-75.
    """
    check_outcome(outcome)
    names = grouping(by, {UNIT, outcome, performance, importance, *OWN})
    for name, value, options in (
        ("score", score, SCORES),
        ("importance_kind", importance_kind, IMPORTANCE_KINDS),
        ("crosshair", crosshair, CROSSHAIRS),
    ):
        check_choice(value, name, options)
    check_expectation_type(expectation_type)
    limits, other = check_scale(scale), check_scale(importance_scale, "importance_scale")
    min_n, conf_level = check_count(min_n, "min_n"), check_prob(conf_level, "conf_level")
    replicates = check_count(replicates, "replicates")
    column = COLUMN if importance in (STATED, DERIVED) else importance
    derived = importance == DERIVED
    if why := absent(responses) or ("" if outcome or not derived else NO_OUTCOME):
        return Table.not_measured(SLUG, TITLE, why)
    drawn_by: dict[str, Any] = {
        "weight": weight, "stratum": stratum, "psu": psu, "population": population, "margins": margins,
    }  # fmt: skip
    rating = PERCEPTION if performance in (PERCEPTION, GAP) else performance
    if items is not None:
        beside = [name for name in (weight, stratum, psu, population, outcome if derived else None, *(margins or {})) if name]
        responses = from_columns(responses, items, importance=column, performance=rating, beside=beside)
    present = tally.columns_of(responses)
    if not derived and column not in present:
        return Table.not_measured(
            SLUG, TITLE, f"importance was not asked: the answers have no column {column!r}; name it as `importance`, or derive "
            f'it from an outcome.{nearest(column, present)}',
        )  # fmt: skip
    if not derived and importance_kind == "points" and "dimension" in present and "dimension" not in names:
        why = f'the points were spread over dimensions, and say nothing of each {" and ".join(names)}; write by="dimension"'
        return Table.not_measured(SLUG, TITLE, why)
    responses = without_codes(responses, [rating, column, outcome or rating, "expectation"], missing)
    stated_scale = None if derived or importance_kind == "points" else other or limits
    for name, ends in ((rating, limits), (column, stated_scale)):
        if ends and name in present:
            check_answers(
                responses,
                name,
                ends,
                f"{name!r} must hold answers from {ends[0]:g} to {ends[1]:g}, or codes named in `missing`",
            )
    rated, cells, design = _read(
        responses, names, rating, performance, None if derived else column, importance_kind, outcome if derived else None,
        score, drawn_by,
    )  # fmt: skip
    shown, hidden = _shown(rated, cells, names, min_n, derived)
    if len(shown) < FEWEST_DRAWN:
        found = "is 1" if len(shown) == 1 else f"are {len(shown)}"
        return Table.not_measured(
            SLUG, TITLE, f"a map needs at least {FEWEST_DRAWN} items that may be shown, and there {found}"
        )
    fixed = _fixed(crosshair, target, limits, stated_scale, len(shown), gap=performance == GAP)
    placed = _place(
        rated.of_cells(shown, len(cells)), len(shown), design, derived=derived, crosshair=crosshair, fixed=fixed,
        pomp=(limits, stated_scale) if limits and stated_scale and performance != GAP else None,
        conf_level=conf_level, replicates=replicates, seed=seed,
    )  # fmt: skip
    kept = cells.iloc[shown].reset_index(drop=True)
    worded = _questions(responses, kept) if names == ("item",) and "question" in present else None
    return quadrant_table(
        placed, kept, names, questions=worded, crosshair=crosshair, performance=performance,
        kind=DERIVED if derived else importance_kind, outcome=outcome, conf_level=conf_level, hidden=hidden,
    )  # fmt: skip


def _questions(responses: IntoFrame, cells: pd.DataFrame) -> list[str]:
    """Look up how each item was worded."""
    pairs = tally.tally_distinct(responses, ["item", "question"]).astype(object)
    worded = {str(item): str(text) for item, text in zip(pairs["item"], pairs["question"], strict=True) if pd.notna(text)}
    return [worded.get(str(item), "") for item in cells["item"]]


def _read(
    responses: IntoFrame,
    names: Sequence[str],
    rating: str,
    performance: str,
    column: str | None,
    kind: str,
    outcome: str | None,
    score: str,
    drawn_by: dict[str, Any],
) -> tuple[Rated, pd.DataFrame, Design]:
    """Score performance, importance and outcome in each cell; the same answers give the same entries in the same order."""

    def scored(start: str, end: str, how: str, missing: str) -> Scores:
        return respondent_scores(
            responses, start=start, end=end, by=names, score=how, importance=None, importance_kind="points", missing=missing,
            **drawn_by,
        )  # fmt: skip

    main = scored("expectation" if performance == GAP else rating, rating, score, "half")
    unknown = np.full(len(main.gap), np.nan)
    important = scored(column, column, "items", "pairwise").performance if column else unknown
    if column and kind == "points":
        important, _ = shares_of_points(important, main.respondent, len(main.design.weight))
    judged = scored(outcome, outcome, "items", "pairwise").performance if outcome else unknown
    performs = main.gap if performance == GAP else main.performance
    counted = main.design.weight[main.respondent] > 0
    rated = Rated(main.cell, main.respondent, performs, important, judged)
    return rated.part(counted), main.cells, main.design


def _shown(rated: Rated, cells: pd.DataFrame, names: Sequence[str], min_n: int, derived: bool) -> tuple[Codes, int]:
    """Return the cells that take part, and how many do not because too few rated them."""
    known = np.isfinite(rated.performance)
    n = sum_by(rated.cell[known], len(cells))
    both = n if derived else np.minimum(n, sum_by(rated.cell[np.isfinite(rated.importance)], len(cells)))
    refuse_names(cells, names, n, min_n)
    few = too_few(both, min_n)
    lines_of = lines_told(cells, rated.cell[known], rated.respondent[known], names, min_n)
    away = few | hide_also(few, n, lines_of, min_n)
    return np.flatnonzero(~away & (both > 1)), int((away & (n > 0)).sum())


def _fixed(
    crosshair: str,
    target: tuple[float, float] | None,
    limits: tuple[float, float] | None,
    stated: tuple[float, float] | None,
    k: int,
    *,
    gap: bool,
) -> tuple[float, float]:
    """Return where the lines of performance and importance lie, if they are fixed; NaN where the data say so."""
    if crosshair == "target":
        if target is None or len(target) != 2 or not np.isfinite(np.asarray(target, float)).all():
            raise ArgumentError(
                f"`target` must be two numbers, performance and importance, such as (5.5, 5.0), not {target!r}."
            )
        return float(target[0]), float(target[1])
    if crosshair != "midpoint":
        return np.nan, np.nan
    if limits is None and not gap:
        raise ArgumentError('`scale` must be given for crosshair="midpoint", such as (1, 7).')
    across = 0.0 if gap or limits is None else sum(limits) / 2
    return across, sum(stated) / 2 if stated else 1 / k  # shares have no scale: an even one is their middle


def _place(
    rated: Rated,
    k: int,
    design: Design,
    *,
    derived: bool,
    crosshair: str,
    fixed: tuple[float, float],
    pomp: tuple[tuple[float, float], tuple[float, float]] | None,
    conf_level: float,
    replicates: int,
    seed: int,
) -> Placed:
    """Estimate both coordinates, and draw the sample again through the lines and all."""
    stratum = strata_of(design)
    source = Source(SLUG, stratum, sum_by(stratum, len(design.population)) / design.population)
    weight, unit, units = design.weight[rated.respondent], design.psu[rated.respondent], len(stratum)
    parts: dict[str, Floats] = {}
    for name, values in (("performance", rated.performance), ("importance", rated.importance)):
        known = np.isfinite(values)
        parts |= {f"{name}_n": known.astype(float), name: np.where(known, values, 0.0)}
    if derived:
        parts |= pair_parts(rated.performance, rated.outcome, rated.cell, k)
    sums = unit_sums(parts, weight, rated.cell, k, unit, units)
    drawn = dict(zip(sums, drawn_again(list(sums.values()), source, replicates=replicates, seed=seed), strict=True))
    total = {name: part.sum(axis=0) for name, part in sums.items()}
    performs, performs_again = (ratio(part["performance"], part["performance_n"]) for part in (total, drawn))
    n, n_importance = (sum_by(rated.cell, k, parts[f"{name}_n"]) for name in ("performance", "importance"))
    how = STATED
    if derived:
        wide = together(rated.cell, rated.respondent, rated.performance, rated.outcome, k)
        slope, few = (slopes(total), slopes(drawn)), sum_by(rated.cell, k, parts["paired"]) < FEWEST
        important, important_again, how = derived_importance(
            wide, slope, few, design=design, source=source, replicates=replicates, seed=seed
        )
        n_importance = sum_by(rated.cell, k, parts["paired"])
    else:
        important, important_again = (ratio(part["importance"], part["importance_n"]) for part in (total, drawn))
    at = [
        (lines(value, crosshair, line), lines(again, crosshair, line))
        for value, again, line in ((performs, performs_again, fixed[0]), (important, important_again, fixed[1]))
    ]
    return Placed.of(
        performs, performs_again, important, important_again, at, n, n_importance, how, pomp,
        df=np.minimum(np.minimum(n, n_importance) - 1, source.df), conf_level=conf_level,
    )  # fmt: skip
