"""Did it change, or did who answered change? A change between periods, split exactly into mix and within."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import pairwise
from typing import Any, Final

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap._check import as_names, check_choice, check_count, check_prob
from cxgap.errors import ArgumentError, listed
from cxgap.gaps.asking import SCORES, check_expectation_type, grouping
from cxgap.gaps.composed import OWN_COLUMNS, PARTS, SLUG, written
from cxgap.gaps.design import UNIT
from cxgap.gaps.instrument import ends_of
from cxgap.gaps.judge import exposed_lines, refuse_names
from cxgap.gaps.margins import Margins
from cxgap.gaps.periods import levels_in_time
from cxgap.gaps.scores import Scores, respondent_scores
from cxgap.gaps.spared import spared
from cxgap.result import Table
from cxgap.stats.decomposition import split_change
from cxgap.stats.means import Floats, sum_by, t_interval, t_p_value
from cxgap.stats.privacy import hide_also, too_few
from cxgap.tables.absent import absent

SIDES: Final = {"gap": "gap", "perception": "end", "expectation": "start"}


@spared
def change_decomposition(
    responses: IntoFrame,
    *,
    between: str = "wave",
    mix: str | Sequence[str] = "segment",
    of: str = "gap",
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
    """Split the change between periods into who answered (mix) and what they say (within).

    A mean can rise because those who are content became more, with nobody better served. Of groups g with shares pi and
    means r, the change is the sum of (pi1 - pi0)(r0 + r1)/2, the mix, and of (r1 - r0)(pi0 + pi1)/2, within groups: exactly.
    Each part is one linearised variable of the respondents through the design of both periods, so that who is in both, as
    in a panel, is one person.

    Parameters
    ----------
    responses : pandas, Polars, DuckDB, PyArrow or PySpark frame, one row an answer; as for `customer_gap`
    between : column of the periods; each is compared with the one before it
    mix : columns whose combinations make the groups; commas cross columns
    of : "gap", which is split beside its two sides (the change of the gap is that of perception less that of expectation),
        "perception", "expectation", or a column with an overall judgement, such as "satisfaction"
    by : columns within whose combinations the change is split; "" is all together
    score, weight, stratum, psu, population, margins : as in `customer_gap`
    scale, expectation_type, margin, confirmatory : accepted with the rest of a study's design
    min_n : periods with fewer respondents are blanked, and so are groups, and those that could be told by subtraction
    conf_level : two-sided, in (0, 1), of each interval

    Returns
    -------
    Table "change_decomposition" with one row a combination of `by`, pair of periods, side and group: `level` and the period
    before it, `against`; `side`; `group`, "" for all together; `n`, `n_against` and `n_both` respondents; `share` and
    `share_against` of the group; `value` and `value_against`, its means; and `total`, `mix` and `within`, each with `_low`
    and `_high`. Those of the groups add up to those of all. The mix of a group is its change of share times how far it lies
    from all. Also `finding`, and `flags`: ONE_PERIOD where a group was there in one period only, so that its share is mix.

    Raises
    ------
    ColumnError : `responses` lacks a column.
    ArgumentError : an argument is not what it must be, or weights or design columns are not usable.

    References
    ----------
    Kitagawa (1955), Journal of the American Statistical Association 50(272), 1168-1194.
    Binder (1983), International Statistical Review 51(3), 279-292.
    """
    periods = as_names(between, "between")
    if len(periods) != 1:
        raise ArgumentError(f"`between` must name one column, that of the periods, not {between!r}.")
    (between,) = periods
    names = grouping(by, {UNIT, between, "expectation", "perception", *OWN_COLUMNS})
    groups = as_names(mix, "mix")
    if not groups or {between, *names} & set(groups):
        raise ArgumentError(f"`mix` must name columns that make groups, other than {listed([between, *names])}, not {mix!r}.")
    check_choice(score, "score", SCORES)
    check_expectation_type(expectation_type)
    conf_level, min_n = check_prob(conf_level, "conf_level"), check_count(min_n, "min_n")
    title = f"What changed by {between.replace('_', ' ')}: who answered, or what they say"
    if why := absent(responses):
        return Table.not_measured(SLUG, title, why)
    present = tally.columns_of(responses)
    for column in [between, *groups]:
        if column not in present:
            return Table.not_measured(SLUG, title, f"the survey has no column {column!r}")
    if of not in SIDES and of not in present:
        raise ArgumentError(f"`of` must be one of {[*SIDES]} or a column of `responses`, not {of!r}.")
    start, end = ("expectation", "perception") if of in SIDES else (of, of)
    keys = [*names, *groups, between]
    scores = respondent_scores(
        responses, start=start, end=end, by=keys, score=score, weight=weight, stratum=stratum, psu=psu, population=population,
        margins=margins, importance=None, importance_kind="points", missing="half" if of in SIDES else "pairwise",
    )  # fmt: skip
    if of in SIDES:
        values = {side: getattr(scores, SIDES[side]) for side in (SIDES if of == "gap" else [of])}
    else:
        values, scores = {of: scores.performance}, scores._replace(gap=scores.performance)
    column = scores.cells[between]
    levels = [level for level in column.cat.categories if (column == level).any()]
    ends = ends_of(responses, between, [str(level) for level in levels])
    levels = levels_in_time(responses, between, levels, ends)
    if len(levels) < 2:
        return Table.not_measured(SLUG, title, f"{between!r} must have two values to compare, and has {listed(levels)}")
    frame = _split(scores, values, names, groups, between, levels, min_n, conf_level)
    if frame.empty:
        return Table.not_measured(SLUG, title, f"no combination of {listed(names)} was asked in two values of {between!r}")
    return written(frame, names, groups, between, of, conf_level, min_n)


def _split(
    scores: Scores,
    values: dict[str, Floats],
    names: Sequence[str],
    groups: Sequence[str],
    between: str,
    levels: Sequence[object],
    min_n: int,
    conf_level: float,
) -> pd.DataFrame:
    """Split every change of every side; blank what stands on too few."""
    known = np.isfinite(scores.gap) & (scores.design.weight[scores.respondent] > 0)
    cell, respondent = scores.cell[known], scores.respondent[known]
    n = sum_by(cell, len(scores.cells))
    refuse_names(scores.cells, [*names, *groups], n, min_n)
    few = too_few(n, min_n) & (n > 0)
    also = hide_also(few, n, exposed_lines(scores, [*names, *groups, between], min_n), min_n)
    where = _codes(scores.cells, names)
    labels = scores.cells[list(groups)].astype(object)
    texts = labels.where(labels.notna(), "(blank)").astype(str).agg(" · ".join, axis=1).to_numpy(object)
    of_group, firsts = _ordered(scores.cells, groups)
    named = np.array([texts[first] for first in firsts], dtype=object)
    wave = scores.cells[between].astype(object).to_numpy()
    blocks = []
    for place in dict.fromkeys(where):
        for later_level, earlier_level in ((later, earlier) for earlier, later in pairwise(levels)):
            period = np.where(wave == later_level, 1, np.where(wave == earlier_level, 0, -1))
            period[where != place] = -1
            used = period[cell] >= 0
            sides = [np.flatnonzero(period == each) for each in (0, 1)]
            if any(n[side].sum() == 0 for side in sides):
                continue
            met, code = np.unique(of_group[cell[used]], return_inverse=True)
            small, more = (np.array([cells[(period >= 0) & (of_group == each)].any() for each in met]) for cells in (few, also))
            keys = scores.cells[list(names)].iloc[int(sides[0][0])] if names else {}
            for side, value in values.items():
                split = split_change(value[known][used], code, len(met), period[cell[used]], respondent[used], scores.design)
                block = _block(split, conf_level)
                block = block if side == next(iter(values)) else block.head(1)
                named_here = ["", *named[met]][: len(block)]
                scant = split.n[:, 0].min() < min_n
                thin = np.concatenate([[scant], small | more | scant])[: len(block)]
                second = np.concatenate([[False], more & ~small & ~scant])[: len(block)]
                hidden = np.where(second, "SUPPRESSED_SECONDARY", "SUPPRESSED_PRIVACY")
                flags = np.where(thin, hidden, np.where(split.alone[: len(block)], "ONE_PERIOD", ""))
                block = block.assign(group=named_here, flags=flags)
                numbers = [name for name in block if name not in ("group", "flags")]
                block[numbers] = block[numbers].mask(np.repeat(thin[:, None], len(numbers), axis=1))
                told = {name: "(blank)" if pd.isna(keys[name]) else str(keys[name]) for name in names}
                blocks.append(block.assign(**told, level=str(later_level), against=str(earlier_level), side=side))
    if not blocks:
        return pd.DataFrame()
    return pd.concat(blocks, ignore_index=True)


def _block(split: Any, conf_level: float) -> pd.DataFrame:
    columns: dict[str, Any] = {
        "n": split.n[1], "n_against": split.n[0], "n_both": split.both,
        "share": split.weight[1], "share_against": split.weight[0], "value": split.mean[1], "value_against": split.mean[0],
    }  # fmt: skip
    for part in PARTS:
        estimate, std_error = getattr(split, part), getattr(split, f"{part}_se")
        df = np.full(len(estimate), split.df)
        low, high = t_interval(estimate, std_error, df, conf_level=conf_level)
        columns |= {part: estimate, f"{part}_low": low, f"{part}_high": high}
        columns[f"p_{part}"] = t_p_value(estimate, std_error, df)
    return pd.DataFrame(columns)


def _codes(cells: pd.DataFrame, names: Sequence[str]) -> np.ndarray:
    if not names:
        return np.zeros(len(cells), np.int64)
    return cells.groupby(list(names), observed=True, dropna=False, sort=False).ngroup().to_numpy(np.int64)


def _ordered(cells: pd.DataFrame, groups: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Number the groups of the cells in the order of display; return the codes, and where each comes first."""
    code = cells.groupby(list(groups), observed=True, dropna=False, sort=True).ngroup().to_numpy(np.int64)
    return code, np.unique(code, return_index=True)[1]
