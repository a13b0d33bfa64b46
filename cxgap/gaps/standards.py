"""Gap 2: what the standard asks for against what managers believe that customers expect; and where no standard is."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap._check import as_names, check_choice, check_count, check_positive, check_prob, check_scale
from cxgap.errors import ArgumentError, ColumnError
from cxgap.gaps.finish import finish, not_measured
from cxgap.gaps.ladder import SIGNS
from cxgap.gaps.raters import positions, rater_scores
from cxgap.result import COLUMNS, GapTable
from cxgap.stats.means import Floats, ratio, simple_means, sum_by, t_p_value
from cxgap.tables.absent import absent
from cxgap.vocabulary import MARGIN_PART, MIXED

BASES = ("rating", "physical")
SURVEY, SURVEY_UNIT = "survey", "scale points"
OWN_COLUMNS = ("standard", "n_managers", "metric_unit", "direction", "owner", "review")
FEW = 15  # managers below which there is no p-value


def standards_gap(
    managers: IntoFrame,
    standards: pd.DataFrame,
    *,
    by: str | Sequence[str] = "touchpoint",
    basis: str = "rating",
    metrics: pd.DataFrame | None = None,
    score: str = "dimensions",
    managers_population: int | bool | None = None,
    min_managers: int = 5,
    scale: Sequence[float] | None = None,
    margin: float | None = None,
    conf_level: float = 0.95,
    confirmatory: str | Collection[str] = (),
    **design: Any,
) -> GapTable:
    """Score what the standard asks for against what managers believe that customers expect (gap 2).

    Standard minus belief, turned so that negative says that the standard is softer than what managers themselves
    believe is wanted. The standard is a fact and has no error; the interval is that of the managers. Managers who
    rated the level of the standard themselves (a column `standard`) are compared with their own belief. The attainment
    ladder of this gap is a link of `gap_chain(study, basis="attainment")`.

    Parameters
    ----------
    managers : pandas, Polars, DuckDB, PyArrow or PySpark frame, one row an answer of a manager
        Has `manager_id` and `believed` (scale points), or the column that `metrics` names, in the metric's unit.
    standards : one row a standard
        Has `touchpoint`, `metric`, `unit`, `direction` and `standard`; where it has them, `exists` (false: there is
        none), `basis`, `margin`, `owner` and `review` count. Columns of `by` that it lacks make no difference to it.
    by : columns whose combinations make the cells; "touchpoint" must be one
    basis : "rating": standards in scale points, or of the basis "survey". "physical": those of `metrics`, in native units
    metrics : for "physical": `metric`, `touchpoint` and `believed`, the column of `managers` that holds the belief; a
        study's `metrics`
    score : "dimensions" (mean of dimension means) or "items" (mean of items), as in `customer_gap`
    managers_population : how many managers there are, or True if all were asked; None or False if they stand for many
    min_managers : cells with fewer managers are blanked
    scale : lowest and highest answer, such as (1, 7); sets the default margin
    margin : largest gap that still counts as met, in scale points; other units have that of the standard's row, or none
    conf_level : two-sided, in (0, 1)
    confirmatory : cuts declared before the data were seen
    design : the rest of a study's design, which speaks of customers and is not used here

    Returns
    -------
    GapTable with one row a cell, and a key `metric` for "physical": `n` managers; `start`, mean belief; `end`, the
    standard. A touchpoint without standard is a row with NaN and the flag NO_STANDARD. After them: `standard`,
    `n_managers`, `metric_unit`, `direction`, `owner` and `review`.

    Raises
    ------
    ColumnError : a table lacks a column.
    ArgumentError : an argument is not what it must be, or two standards of one cell contradict each other.

    References
    ----------
    Zeithaml, Berry & Parasuraman (1988), Journal of Marketing 52(2), 35-48.
    """
    names, conf_level = as_names(by), check_prob(conf_level, "conf_level")
    check_choice(basis, "basis", BASES)
    limits, least, margin = check_scale(scale), check_count(min_managers, "min_managers"), check_positive(margin, "margin")
    unknown = sorted(set(design) - {"weight", "stratum", "psu", "population", "expectation_type", "min_n"})
    if unknown:
        raise ArgumentError(f"`standards_gap` must not be given {unknown[0]!r}; it knows of no such argument.")
    physical = basis == "physical"
    keys = [*names, "metric"] if physical else list(names)
    unit = MIXED if physical else SURVEY_UNIT
    if margin is None and limits and not physical:
        margin = (limits[1] - limits[0]) / MARGIN_PART
    if "touchpoint" not in names:
        raise ArgumentError(f"`by` must include 'touchpoint', because a standard is one of a touchpoint, not {list(names)}.")
    forbidden = sorted({"manager_id", "believed", "metric", *COLUMNS, *OWN_COLUMNS} & set(names))
    if forbidden:
        raise ArgumentError(f"`by` must name columns that make groups, and none of the result's own, not {forbidden[0]!r}.")
    why = absent(managers, standards)
    if not why and physical and (metrics is None or not (metrics["believed"].notna()).any()):
        why = 'no metric names a column of what managers believe; add believed = "..." under [metrics.NAME] in the study file'
    if why:
        return not_measured("standards", keys, why, unit=unit, conf_level=conf_level, basis=basis, counts="manager")
    asked = read_standards(standards)
    if physical:
        assert metrics is not None
        cells = _physical(managers, asked, metrics, names, least)
    else:
        cells = _rated(managers, asked, names, score)
    if cells.empty:
        why = "no standard is set on the scale of the survey" if not physical else "no manager said what is wanted of a metric"
        return not_measured("standards", keys, why, unit=unit, conf_level=conf_level, basis=basis, counts="manager")
    return _judged(cells, keys, unit, basis, limits, margin, least, managers_population, conf_level, confirmatory)


def read_standards(standards: pd.DataFrame) -> pd.DataFrame:
    """Return the standards with every column that is looked at: one that does not exist has no number.

    Raises
    ------
    ColumnError : a column is missing.
    ArgumentError : `direction` is neither "higher" nor "lower".
    """
    for name in ("touchpoint", "standard"):
        if name not in standards:
            raise ColumnError.missing(name, "standards", [*standards.columns])
    asked = standards.copy()
    for name in ("metric", "unit", "direction", "owner", "basis", "review"):
        if name not in asked:
            asked[name] = None
    asked["margin"] = asked["margin"].astype(float) if "margin" in asked else np.nan
    asked["direction"] = asked["direction"].astype(object).where(asked["direction"].notna(), "higher")
    for word in asked["direction"].unique():
        check_choice(word, "direction", SIGNS)
    if "exists" in asked:
        gone = asked["exists"].astype(object).map(lambda exists: exists is not None and exists is not pd.NA and not exists)
        asked["standard"] = asked["standard"].astype(float).mask(gone.astype(bool))
    asked["surveyed"] = (asked["basis"].astype(object) == SURVEY) | (asked["unit"].astype(object) == SURVEY_UNIT)
    return asked


def _rated(managers: IntoFrame, asked: pd.DataFrame, by: Sequence[str], score: str) -> pd.DataFrame:
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
            return cells.iloc[:0]
        level = np.broadcast_to(facts["standard"].to_numpy(float), believed.matrix.shape)
    return _compared(cells, believed.matrix, level, np.ones(len(cells))).assign(
        metric_unit=SURVEY_UNIT, direction="higher", margin=np.nan, owner=facts["owner"], review=facts["review"]
    )


def _physical(managers: IntoFrame, asked: pd.DataFrame, metrics: pd.DataFrame, by: Sequence[str], least: int) -> pd.DataFrame:
    """Put what managers believe of each metric beside its standard, in its unit."""
    present, parts = tally.columns_of(managers), []
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
        cells = rows[shared].drop_duplicates().reset_index(drop=True) if shared else pd.DataFrame(index=[0])
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
        part = _compared(cells, matrix, level, sign).assign(metric=metric.metric, unit=facts["unit"].fillna(metric.unit))
        for name in ("direction", "margin", "owner", "review"):
            part[name] = facts[name]
        parts.append(part.assign(metric_unit=part["unit"], direction=part["direction"].fillna(metric.direction)))
    if not parts:
        return pd.DataFrame()
    cells = pd.concat(parts, ignore_index=True)
    cells["metric"] = pd.Categorical(cells["metric"], categories=list(dict.fromkeys(cells["metric"])), ordered=True)
    return cells


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


def _compared(cells: pd.DataFrame, believed: Floats, level: Floats, sign: Floats) -> pd.DataFrame:
    """Compare each manager's belief with the standard, or with the level that the same manager says it has."""
    gap = sign * (level - believed)
    rater, cell = np.nonzero(np.isfinite(gap))
    size = len(cells)
    means = simple_means(gap[rater, cell], cell, size)
    held = np.isfinite(believed) & (np.isfinite(level) | ~np.isfinite(level).any(axis=0))
    said = sum_by(np.nonzero(np.isfinite(believed))[1], size)
    return cells.reset_index(drop=True).assign(
        n=np.where(means.n > 0, means.n, said),
        n_eff=np.where(means.n > 0, means.n, said),
        start=ratio(np.where(held, np.nan_to_num(believed), 0).sum(axis=0), held.sum(axis=0)),
        end=ratio(np.where(held, np.nan_to_num(level), 0).sum(axis=0), (held & np.isfinite(level)).sum(axis=0)),
        estimate=means.mean,
        std_error=means.std_error,
        df=means.df,
        lacking=~np.isfinite(level).any(axis=0),
    )


def _judged(
    cells: pd.DataFrame,
    keys: Sequence[str],
    unit: str,
    basis: str,
    scale: tuple[float, float] | None,
    margin: float | None,
    least: int,
    managers_population: int | bool | None,
    conf_level: float,
    confirmatory: str | Collection[str],
) -> GapTable:
    n = cells["n"].to_numpy(float)
    census = managers_population is True
    if managers_population:
        size = n if census else np.full(len(n), float(managers_population))
        if (size < n).any():
            raise ArgumentError(
                f"`managers_population` must be no less than the managers asked, {n.max():g}, not {managers_population}."
            )
        left = np.sqrt(np.maximum(1 - ratio(n, size), 0))
        cells = cells.assign(std_error=np.where(census & (n > 0), 0.0, cells["std_error"].to_numpy(float) * left))
    lacking = cells.pop("lacking").to_numpy(bool)
    estimate, std_error, df = (cells[name].to_numpy(float) for name in ("estimate", "std_error", "df"))
    marks = {
        "NO_STANDARD": lacking,
        "N1": (n == 1) & ~lacking,
        "ZERO_VAR": (n > 1) & (std_error == 0) & (not census),
        "FEW_RATERS": (n >= least) & (n < FEW),
        "CENSUS": np.full(len(n), census),
    }
    flags = [{flag for flag, mark in marks.items() if mark[cell]} for cell in range(len(n))]
    cells["p_value"] = np.where(n < FEW, np.nan, t_p_value(estimate, std_error, df))
    cells["standard"], cells["n_managers"] = cells["end"], cells["n"]
    cells["review"] = [None if pd.isna(when) else pd.Timestamp(when).date().isoformat() for when in cells["review"]]
    cells["owner"] = cells["owner"].astype(object).where(cells["owner"].notna(), None)
    if unit != MIXED:
        cells = cells.drop(columns="margin")
    elif len(set(cells["unit"])) == 1 and cells["margin"].isna().all():
        unit = str(cells["unit"].iloc[0])
        cells = cells.drop(columns=["unit", "margin"])
    return finish(
        cells,
        flags,
        gap="standards",
        by=keys,
        unit=unit,
        conf_level=conf_level,
        margin=margin if unit == SURVEY_UNIT else None,
        scale=scale if unit == SURVEY_UNIT else None,
        hidden=(n < least),
        confirmatory=confirmatory,
        basis=basis,
        counts="manager",
    )
