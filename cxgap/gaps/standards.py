"""Gap 2: what the standard asks for against what managers believe that customers expect; and where no standard is."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap._check import as_names, check_choice, check_count, check_positive, check_prob, check_scale
from cxgap.errors import ArgumentError, ColumnError
from cxgap.gaps.asking import grouping, margin_of
from cxgap.gaps.finish import finish, not_measured
from cxgap.gaps.judge import rater_lines, withheld
from cxgap.gaps.ladder import SIGNS
from cxgap.gaps.raters import FEW
from cxgap.gaps.specification import SURVEY_UNIT, Specified, physical, rated
from cxgap.result import COLUMNS, GapTable
from cxgap.stats.means import ratio, t_p_value
from cxgap.tables.absent import absent
from cxgap.vocabulary import MIXED

BASES = ("rating", "physical")
SURVEY = "survey"
OWN_COLUMNS = ("standard", "n_managers", "metric_unit", "direction", "owner", "review")


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
    margin : largest gap that still counts as met, in scale points; for "physical", in the unit of the standards, which must
        then be one, and for those whose row has no margin of its own
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
    names = as_names(by)
    check_choice(basis, "basis", BASES)
    conf_level, limits, least = (
        check_prob(conf_level, "conf_level"),
        check_scale(scale),
        check_count(min_managers, "min_managers"),
    )
    unknown = sorted(set(design) - {"weight", "stratum", "psu", "population", "margins", "expectation_type", "min_n"})
    if unknown:
        raise ArgumentError(f"`standards_gap` must not be given {unknown[0]!r}; it knows of no such argument.")
    native = basis == "physical"
    keys = [*names, "metric"] if native else list(names)
    unit = MIXED if native else SURVEY_UNIT
    margin = check_positive(margin, "margin") if native else margin_of(margin, limits)
    if "touchpoint" not in names:
        raise ArgumentError(f"`by` must include 'touchpoint', because a standard is one of a touchpoint, not {list(names)}.")
    grouping(names, {"manager_id", "believed", "metric", *COLUMNS, *OWN_COLUMNS})
    why = absent(managers, standards)
    if not why and native and (metrics is None or not (metrics["believed"].notna()).any()):
        why = 'no metric names a column of what managers believe; add believed = "..." under [metrics.NAME] in the study file'
    if why:
        return not_measured("standards", keys, why, unit=unit, conf_level=conf_level, basis=basis, counts="manager")
    asked = read_standards(standards)
    if native:
        assert metrics is not None
        found = physical(managers, asked, metrics, names)
    else:
        found = rated(managers, asked, names, score)
    if found.cells.empty:
        why = "no standard is set on the scale of the survey" if not native else "no manager said what is wanted of a metric"
        return not_measured("standards", keys, why, unit=unit, conf_level=conf_level, basis=basis, counts="manager")
    return _judged(found, keys, unit, basis, limits, margin, least, managers_population, conf_level, confirmatory)


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


def _judged(
    found: Specified,
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
    cells, by = found.cells, [name for name in keys if name != "metric"]
    n = cells["n"].to_numpy(float)
    lines: list[np.ndarray] = []
    start = 0
    for known in found.known:
        stretch = cells.iloc[start : start + known.shape[1]].reset_index(drop=True)
        lines += [start + line for line in rater_lines(known, stretch, by, least)]
        start += known.shape[1]
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
    cells["review"] = [None if pd.isna(when) else pd.Timestamp(when).round("D").date().isoformat() for when in cells["review"]]
    cells["owner"] = cells["owner"].astype(object).where(cells["owner"].notna(), None)
    if unit != MIXED:
        cells = cells.drop(columns="margin")
    elif margin is not None and cells["margin"].isna().any() and len(set(cells["unit"])) > 1:
        units = ", ".join(sorted(map(str, set(cells["unit"]))))
        raise ArgumentError(
            f"`margin` must not be given for standards in several units, {units}, for one number cannot be right in all of "
            "them; give the standards a column 'margin'."
        )
    elif margin is not None and cells["margin"].notna().any():
        cells["margin"] = cells["margin"].fillna(margin)
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
        margin=margin if unit != MIXED else None,
        scale=scale if unit == SURVEY_UNIT else None,
        hidden=(n < least),
        also=withheld(n < least, (n, lines, least)),
        confirmatory=confirmatory,
        basis=basis,
        counts="manager",
    )
