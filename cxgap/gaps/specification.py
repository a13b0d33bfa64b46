"""What each manager believes is wanted, beside what the standard of the cell specifies, on one ladder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap.errors import ArgumentError, ColumnError
from cxgap.gaps.ladder import SIGNS
from cxgap.gaps.raters import distinct, positions, rater_scores
from cxgap.stats.means import Floats, ratio, simple_means

SURVEY_UNIT = "scale points"


class Specified(NamedTuple):
    """Cells of managers beside their standard.

    Attributes
    ----------
    cells : one row a cell: the keys, the numbers of `finish`, what is known of the standard, and whether it is `lacking`
    known : for each stretch of the cells, one a metric, which manager (row) counts in which of them (column)
    """

    cells: pd.DataFrame
    known: list[np.ndarray]


def rated(managers: IntoFrame, asked: pd.DataFrame, by: Sequence[str], score: str) -> Specified:
    """Put the managers' belief of each cell beside the standard there, both in scale points."""
    shared = [name for name in by if name in tally.columns_of(managers)]
    if shared != list(by):
        lacking = next(name for name in by if name not in shared)
        raise ColumnError.missing(lacking, "managers", tally.columns_of(managers))
    believed = rater_scores(managers, "believed", by=by, score=score)
    cells = believed.cells.copy()
    if "standard" in tally.columns_of(managers):
        own = rater_scores(managers, "standard", by=by, score=score)
        column = positions(cells, own.cells, by)
        level = own.matrix[:, np.maximum(column, 0)]
        level[:, column < 0] = np.nan
        facts = cells.assign(owner=None, review=None)
    else:
        rows = asked[asked["surveyed"] & asked["standard"].notna()]
        facts = _facts(cells, rows, by)
        if facts["standard"].isna().all():
            return Specified(cells.iloc[:0], [])
        level = np.broadcast_to(facts["standard"].to_numpy(float), believed.matrix.shape)
    found, known = _compared(cells, believed.matrix, level, np.ones(len(cells)))
    about = {"metric_unit": SURVEY_UNIT, "direction": "higher", "margin": np.nan}
    return Specified(found.assign(**about, owner=facts["owner"], review=facts["review"]), [known])


def physical(managers: IntoFrame, asked: pd.DataFrame, metrics: pd.DataFrame, by: Sequence[str]) -> Specified:
    """Put what managers believe of each metric beside its standard, in its unit."""
    present, parts, answered = tally.columns_of(managers), [], []
    for metric in metrics[metrics["believed"].notna()].itertuples():
        column = str(metric.believed)
        tally.require(managers, [column, "manager_id"], "managers")
        shared = [name for name in by if name in present]
        rows = tally.tally_times(managers, keys=[*shared, "manager_id"], numbers=[column], table="managers")
        rows = rows[rows[column].notna()]
        if "touchpoint" in shared:
            rows = rows[rows["touchpoint"].astype(str) == metric.touchpoint]
        if rows.empty:
            continue
        if rows["manager_id"].isna().any():
            raise ArgumentError("`managers` must have a 'manager_id' in every row; some rows have none.")
        cells = distinct(rows, shared)
        if "touchpoint" not in shared:
            cells = cells.assign(touchpoint=metric.touchpoint)
        lacking = [name for name in by if name not in cells]
        if lacking:
            raise ColumnError.missing(lacking[0], "managers", present)
        code, rater = positions(rows, cells, shared), np.unique(rows["manager_id"].astype(str), return_inverse=True)[1]
        matrix = np.full((rater.max() + 1, len(cells)), np.nan)
        number, total = np.zeros(matrix.shape), np.zeros(matrix.shape)
        np.add.at(number, (rater, code), 1.0)
        np.add.at(total, (rater, code), rows[column].to_numpy(float))
        matrix = ratio(total, number)
        held = asked[(asked["metric"] == metric.metric) & ~asked["surveyed"]]
        facts = _facts(cells, held, by)
        sign = facts["direction"].fillna(metric.direction).map(SIGNS).to_numpy(float)
        level = np.broadcast_to(facts["standard"].to_numpy(float), matrix.shape)
        found, known = _compared(cells, matrix, level, sign)
        part = found.assign(metric=metric.metric, unit=facts["unit"].fillna(metric.unit))
        for name in ("direction", "margin", "owner", "review"):
            part[name] = facts[name]
        answered.append(known)
        parts.append(part.assign(metric_unit=part["unit"], direction=part["direction"].fillna(metric.direction)))
    if not parts:
        return Specified(pd.DataFrame(), [])
    cells = pd.concat(parts, ignore_index=True)
    cells["metric"] = pd.Categorical(cells["metric"], categories=list(dict.fromkeys(cells["metric"])), ordered=True)
    return Specified(cells, answered)


def _facts(cells: pd.DataFrame, rows: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Return the standard of each cell and what is known of it, NaN where there is none."""
    on = [name for name in by if name in rows]
    wanted = ["standard", "unit", "direction", "margin", "owner", "review"]
    place = positions(cells, rows[on].reset_index(drop=True).drop_duplicates(), on) if len(rows) else np.full(len(cells), -1)
    first = rows.drop_duplicates(on).reset_index(drop=True)
    for _, group in rows.groupby([rows[name].astype(str) for name in on]):
        levels = group["standard"].dropna().unique()
        if len(levels) > 1:
            where = " and ".join(str(group[name].iloc[0]) for name in on)
            raise ArgumentError(
                f"`standards` must have one standard for {where}, not {', '.join(f'{level:g}' for level in levels)}; "
                "cut by what tells them apart."
            )
    return first[wanted].reindex(pd.Index(np.where(place >= 0, place, len(first) + 1))).reset_index(drop=True)


def _compared(cells: pd.DataFrame, believed: Floats, level: Floats, sign: Floats) -> tuple[pd.DataFrame, np.ndarray]:
    """Compare each manager's belief with the standard, or with the level that the same manager says it has.

    Returns the cells, and which manager counts in which: who has a gap, or a belief where no standard is.
    """
    gap = sign * (level - believed)
    rater, cell = np.nonzero(np.isfinite(gap))
    size = len(cells)
    means = simple_means(gap[rater, cell], cell, size)
    held = np.isfinite(believed) & (np.isfinite(level) | ~np.isfinite(level).any(axis=0))
    known = np.where(means.n > 0, np.isfinite(gap), np.isfinite(believed))
    n = known.sum(axis=0).astype(float)
    compared = cells.reset_index(drop=True).assign(
        n=n,
        n_eff=n,
        start=ratio(np.where(held, np.nan_to_num(believed), 0).sum(axis=0), held.sum(axis=0)),
        end=ratio(np.where(held, np.nan_to_num(level), 0).sum(axis=0), (held & np.isfinite(level)).sum(axis=0)),
        estimate=means.mean,
        std_error=means.std_error,
        df=means.df,
        lacking=~np.isfinite(level).any(axis=0),
    )
    return compared, known
