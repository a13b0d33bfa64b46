"""Did the gap change? Differences between waves or groups, of the gap and of both of its sides."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import combinations, pairwise
from typing import Any

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap._check import as_names, check_choice, check_count, check_prob, check_scale
from cxgap.errors import ArgumentError, listed, nearest
from cxgap.gaps.asking import SCORES, check_expectation_type, grouping, margin_of
from cxgap.gaps.changes import NUMBERS, OWN_COLUMNS, SLUG, findings, finished, flags
from cxgap.gaps.design import UNIT
from cxgap.gaps.judge import exposed_lines
from cxgap.gaps.margins import Margins
from cxgap.gaps.scores import Scores, respondent_scores
from cxgap.gaps.spared import spared
from cxgap.result import Table
from cxgap.stats.linear import contrasts
from cxgap.stats.means import Codes, design_means, sum_by, t_interval, t_p_value
from cxgap.stats.privacy import hide_also, too_few
from cxgap.tables.absent import absent


@spared
def gap_differences(
    responses: IntoFrame,
    *,
    between: str = "wave",
    against: str | None = None,
    by: str | Sequence[str] = "",
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
    """Compare the gap between waves or groups, and say whether perception or expectation moved it.

    A gap can close because less was expected, which is no success: the change of the gap is that of perception less that
    of expectation, over the same pairs, and all three are shown. Each difference is one linearised variable, so that people
    who are on both sides, as in a panel, are not counted as two, and variances are never just added up.

    Parameters
    ----------
    responses : pandas, Polars, DuckDB, PyArrow or PySpark frame, one row an answer; as for `customer_gap`
    between : column whose values are compared
    against : a value that all others are compared with; "previous" for each with the one before it, as is usual for
        waves; "all" for all pairs, as is usual for anything else
    by : columns within whose combinations the values are compared; "" is all together
    score, weight, stratum, psu, population, margins : as in `customer_gap`
    margin : a change of the gap whose interval is within it is called none; 5 % of the scale's range if `scale` is given
    min_n : differences with fewer respondents on either side are blanked, and so are those of groups that could be told by
        subtraction
    scale, expectation_type : as in `customer_gap`
    conf_level : two-sided, in (0, 1)
    confirmatory : cuts declared before the data were seen, such as "wave,touchpoint"; their p-values are adjusted by Holm
        (at most 10 tests), those of all others by Benjamini & Hochberg

    Returns
    -------
    Table "gap_differences" with one row a combination and pair: `level` and what it is compared `against`, `n` and
    `n_against` respondents, `n_both` who are in both, `gap` and `gap_against`, and of the difference (`level` minus
    `against`) `estimate`, `std_error`, `df`, `conf_low`, `conf_high`, `p_value` and `p_adjusted`; the first six of
    expectation and of perception too (`expectation_`, `perception_`); `finding` and `flags`.

    Raises
    ------
    ColumnError : `responses` lacks a column.
    ArgumentError : an argument is not what it must be, or weights or design columns are not usable.

    References
    ----------
    Binder (1983), International Statistical Review 51(3), 279-292.
    Lumley (2004), Journal of Statistical Software 9(8).
    Benjamini & Hochberg (1995), Journal of the Royal Statistical Society B 57(1), 289-300.
    """
    (between,) = as_names(between, "between") or ("",)
    names = grouping(by, {UNIT, between, "expectation", "perception", *OWN_COLUMNS})
    check_choice(score, "score", SCORES)
    check_expectation_type(expectation_type)
    conf_level, min_n = check_prob(conf_level, "conf_level"), check_count(min_n, "min_n")
    margin = margin_of(margin, check_scale(scale))
    title = f"How the gap differs by {between.replace('_', ' ')}"
    if why := absent(responses):
        return Table.not_measured(SLUG, title, why)
    if between not in tally.columns_of(responses):
        return Table.not_measured(SLUG, title, f"the survey has no column {between!r}")
    scores = respondent_scores(
        responses,
        start="expectation",
        end="perception",
        by=[*names, between],
        score=score,
        weight=weight,
        stratum=stratum,
        psu=psu,
        population=population,
        margins=margins,
        importance=None,
        importance_kind="points",
    )
    column = scores.cells[between]
    levels = [level for level in column.cat.categories if (column == level).any()]
    if len(levels) < 2:
        return Table.not_measured(SLUG, title, f"{between!r} must have two values to compare, and has {listed(levels)}")
    pairs = _pairs(levels, against, between)
    plus, minus = _sides(scores, names, between, pairs)
    if not len(plus):
        return Table.not_measured(SLUG, title, f"no combination of {listed(names)} has two values of {between!r} to compare")
    frame = _compared(scores, names, between, plus, minus, conf_level)
    drift = between == "wave" or against == "previous"
    few, hidden = _hidden(scores, [*names, between], min_n)
    frame["flags"] = flags(frame, scores, plus, minus, drift=drift)
    frame["finding"] = findings(frame, margin, conf_level)
    return finished(frame, few[plus] | few[minus], hidden[plus] | hidden[minus], names, between, conf_level, confirmatory)


def _pairs(levels: Sequence[object], against: str | None, between: str) -> list[tuple[object, object]]:
    """List what is compared with what, the later or the other one first."""
    named = {str(level): level for level in levels}
    if against is None:
        against = "previous" if between == "wave" else "all"
    if against in named:
        return [(level, named[against]) for level in levels if level != named[against]]
    if against == "previous":
        return [(later, earlier) for earlier, later in pairwise(levels)]
    if against == "all":
        return [(later, earlier) for earlier, later in combinations(levels, 2)]
    options = ["previous", "all", *named]
    raise ArgumentError(f"`against` must be one of {options}, not {against!r}.{nearest(str(against), options)}")


def _sides(scores: Scores, names: Sequence[str], between: str, pairs: Sequence[tuple[object, object]]) -> tuple[Codes, Codes]:
    """Return the cells of the two sides of each comparison, combination by combination; only of cells that there are."""
    cells = scores.cells
    groups = cells.groupby(list(names), observed=True, dropna=False).ngroup() if names else pd.Series(0, index=cells.index)
    place = {key: cell for cell, key in enumerate(zip(groups, cells[between].astype(object), strict=True))}
    order = dict.fromkeys(groups)
    found = [
        (place[group, later], place[group, earlier])
        for group in order
        for later, earlier in pairs
        if (group, later) in place and (group, earlier) in place
    ]
    sides = np.array(found, np.int64).reshape(-1, 2)
    return sides[:, 0], sides[:, 1]


def _compared(scores: Scores, names: Sequence[str], between: str, plus: Codes, minus: Codes, conf_level: float) -> pd.DataFrame:
    """Estimate the differences of the gap and of both sides."""
    cells, design, known = len(scores.cells), scores.design, np.isfinite(scores.gap)
    known &= design.weight[scores.respondent] > 0
    cell, respondent, of = scores.cell[known], scores.respondent[known], np.arange(len(plus))
    n = sum_by(cell, cells)
    mean = design_means(scores.gap[known], cell, cells, respondent, design).mean
    both = {code: set(respondent[cell == code]) for code in np.unique(np.concatenate([plus, minus]))}
    keys = scores.cells[list(names)].iloc[plus].reset_index(drop=True)
    columns: dict[str, Any] = {
        name: keys[name].astype(object).where(keys[name].notna(), "(blank)").astype(str) for name in names
    }
    texts = scores.cells[between].astype(str).to_numpy(object)
    columns |= {"level": texts[plus], "against": texts[minus], "n": n[plus], "n_against": n[minus]}
    columns["n_both"] = [float(len(both[one] & both[other])) for one, other in zip(plus, minus, strict=True)]
    columns |= {"gap": mean[plus], "gap_against": mean[minus]}
    for value, side in ((scores.gap, ""), (scores.start, "expectation_"), (scores.end, "perception_")):
        found = contrasts(value[known], cell, cells, respondent, design, of, plus, minus)
        low, high = t_interval(*found, conf_level=conf_level)
        numbers = (*found, low, high, t_p_value(*found))
        columns |= {f"{side}{name}": number for name, number in zip(NUMBERS, numbers, strict=True)}
    return pd.DataFrame(columns)


def _hidden(scores: Scores, keys: Sequence[str], min_n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the cells of too few respondents, and those to hide so that none of these can be told by subtraction."""
    known = np.isfinite(scores.gap) & (scores.design.weight[scores.respondent] > 0)
    n = sum_by(scores.cell[known], len(scores.cells))
    few = too_few(n, min_n)
    return few, hide_also(few, n, exposed_lines(scores, keys, min_n), min_n)
