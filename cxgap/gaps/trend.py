"""Are we getting better? The gap over time, each change split into what was perceived and what was expected."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap._check import as_names, check_choice, check_count, check_prob, check_scale, check_zone
from cxgap.errors import ArgumentError, listed
from cxgap.gaps.asking import SCORES, check_expectation_type, grouping, margin_of
from cxgap.gaps.composition import change_decomposition
from cxgap.gaps.design import UNIT
from cxgap.gaps.instrument import begun, changed_items, ends_of, placed, unchanged
from cxgap.gaps.margins import Margins
from cxgap.gaps.periods import levels_in_time, turned
from cxgap.gaps.scores import respondent_scores
from cxgap.gaps.spared import spared
from cxgap.gaps.trend_dated import MADE, PERIODS, dated
from cxgap.gaps.trend_rows import followed, with_mix
from cxgap.gaps.trended import OWN, SLUG, TITLE, written
from cxgap.result import Table
from cxgap.tables.absent import absent

WHAT_ITEMS: Final = ("all", "same")


@spared
def gap_trend(
    responses: IntoFrame,
    *,
    between: str = "wave",
    period: str = "",
    by: str | Sequence[str] = "",
    codebook: IntoFrame | None = None,
    actions: IntoFrame | None = None,
    breaks: str | Sequence[str] = (),
    items: str = "all",
    mix: str | Sequence[str] = "",
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
    conf_level: float = 0.95,
    confirmatory: str | Collection[str] = (),
) -> Table:
    """Follow the gap over time, and say whether a change is one of perception or of expectation.

    Each change of the gap is that of perception less that of expectation, exactly, over the same answers; each is one
    linearised variable, so that people who return, as in a panel, are one person. The slope is that of a straight line
    through the periods, each weighing the same. Where questions became others the series is broken: no change and no slope
    runs across.

    Parameters
    ----------
    responses : pandas, Polars, DuckDB, PyArrow or PySpark frame, one row an answer; as for `customer_gap`
    between : column of the periods, in its declared order
    period : "month" or "quarter" of the column `at` instead of `between`
    by : columns whose combinations have a series each; "" is all together
    codebook : one row an item, with `changed`, the periods from which on it was worded or scaled otherwise, as in
        "2025-Q2; 2025-Q3"
    actions : one row a thing done, with `action`, `done_at` and perhaps `touchpoint`; each is placed at its period
    breaks : periods from which on the series is not comparable with what was before, such as after another scale
    items : "all" breaks the series where others are asked; "same" keeps to the items that were asked alike throughout
    mix : columns that make groups of respondents; how much of each change is who answered stands beside it
    zone : by whose calendar months and quarters begin
    score, weight, stratum, psu, population, margins, scale, expectation_type : as in `customer_gap`
    margin : a change whose interval lies within it is called none; 5 % of the scale's range if `scale` is given
    min_n : periods with fewer respondents are blanked, and nothing is compared with them
    conf_level : two-sided, in (0, 1)
    confirmatory : cuts declared before the data were seen, such as "wave"; their p-values are adjusted by Holm, others by
        Benjamini & Hochberg

    Returns
    -------
    Table "trend" with one row a combination and period: the keys, `period`, `segment` (1, 2, ... between breaks), `broken` (why
    the series is broken before the period), `n`; `gap`, `std_error`, `conf_low`, `conf_high`, and the same of `expectation`
    and `perception` (`expectation_std_error`, ...); `change` against the period before, with `change_low` and
    `change_high`, of which `expectation_change` and `perception_change` (each with ends) are the two parts; `n_both`, people in
    both; `since`, the same against the first of the segment; `slope` a period, in the segment; `mix`, the part of the change
    that is who answered; `p_value` and `p_adjusted` of the change; `finding`; `actions`; and `flags`.

    Raises
    ------
    ColumnError : `responses` lacks a column.
    ArgumentError : an argument is not what it must be, or weights or design columns are not usable.

    References
    ----------
    Binder (1983), International Statistical Review 51(3), 279-292. Lumley (2004), Journal of Statistical Software 9(8).
    Benjamini & Hochberg (1995), Journal of the Royal Statistical Society B 57(1), 289-300. Kitagawa (1955), Journal of the
    American Statistical Association 50(272), 1168-1194.
    """
    check_choice(period, "period", PERIODS)
    named = as_names(between, "between")
    if len(named) != 1:
        raise ArgumentError(f"`between` must name one column, that of the periods, not {between!r}.")
    between = MADE if period else named[0]
    names = grouping(by, {UNIT, between, "expectation", "perception", *OWN})
    check_choice(score, "score", SCORES)
    check_choice(items, "items", WHAT_ITEMS)
    check_zone(zone, "zone")
    check_expectation_type(expectation_type)
    conf_level, min_n = check_prob(conf_level, "conf_level"), check_count(min_n, "min_n")
    margin = margin_of(margin, check_scale(scale))
    groups = as_names(mix, "mix")
    if why := absent(responses):
        return Table.not_measured(SLUG, TITLE, why)
    present = tally.columns_of(responses)
    needed = "at" if period else between
    for column in [needed, *groups]:
        if column not in present:
            return Table.not_measured(SLUG, TITLE, f"the survey has no column {column!r}")
    labels: list[str] = []
    if period:
        responses, labels = dated(responses, period, zone)
        if not labels:
            return Table.not_measured(SLUG, TITLE, "no answer has a date")
    changed, kept = changed_items(codebook), None
    if period and changed:
        changed = begun(responses, changed, period, zone)
    if items == "same" and "item" in present:
        responses, *kept = unchanged(responses, between, changed)
        if not kept[0]:
            return Table.not_measured(SLUG, TITLE, "no item was asked alike in all periods")
        changed = {}
    options: dict[str, Any] = {"weight": weight, "stratum": stratum, "psu": psu, "population": population, "margins": margins}
    scores = respondent_scores(
        responses, start="expectation", end="perception", by=[*names, between], score=score, importance=None,
        importance_kind="points", **options,
    )  # fmt: skip
    column = scores.cells[between]
    levels = [level for level in column.cat.categories if (column == level).any()]
    ends = ends_of(responses, between, [str(level) for level in levels])
    levels = levels if period else levels_in_time(responses, between, levels, ends)
    if len(levels) < 2:
        return Table.not_measured(SLUG, TITLE, f"{needed!r} must have two periods to compare, and has {listed(levels)}")
    texts = {level: labels[int(level)] if period else str(level) for level in levels}
    declared = set(as_names(breaks, "breaks"))
    if strange := sorted(declared - set(texts.values())):
        raise ArgumentError(f"`breaks` must name periods of {needed!r}, {listed(texts.values())}, not {strange[0]!r}.")
    frame = followed(scores, names, between, levels, responses, changed, declared, texts, margin, min_n, conf_level)
    if groups:
        split = change_decomposition(
            responses,
            between=between,
            mix=groups,
            of="gap",
            by=names,
            score=score,
            min_n=min_n,
            conf_level=conf_level,
            **options,
        )
        frame = with_mix(frame, split, names, texts)
    done, after = placed(actions, spans := {texts[level]: ends[str(level)] for level in levels if str(level) in ends})
    frame["actions"] = [
        " | ".join(done.loc[(done["period"] == row["period"]) & _about(done, row), "action"])
        for row in frame.to_dict("records")
    ]
    return written(
        frame,
        names,
        "period" if period else between,
        period,
        conf_level,
        min_n,
        confirmatory,
        kept,
        after,
        bool(groups),
        turned(list(spans), spans),
    )


def _about(done: pd.DataFrame, row: dict[str, Any]) -> np.ndarray:
    """Say which actions are about the row: those at its touchpoint, and those everywhere."""
    if "touchpoint" not in row:
        return np.ones(len(done), bool)
    return np.asarray(done["touchpoint"].isin(["", row["touchpoint"]]))
