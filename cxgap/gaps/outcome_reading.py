"""Answers, or a frame of one row a person, become one row a customer with gap, outcome and what was known before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap.errors import ArgumentError
from cxgap.gaps.design import UNIT, design_columns, read_design
from cxgap.gaps.outcome_followed import answered, followed
from cxgap.gaps.outcome_people import DEFAULT, LOGGED, People, complete, known_columns, people_of
from cxgap.gaps.scores import respondent_scores
from cxgap.stats.means import Codes, Floats


def read_wide(
    frame: IntoFrame, *, gaps: Sequence[str], outcome: str, covariates: Sequence[str], value: str | None,
    scale: tuple[float, float] | None, weight: str | None, stratum: str | None, psu: str | None, population: str | None,
) -> People:  # fmt: skip
    """Read a frame of one row a person, with gaps, outcome and covariates in columns."""
    named = [outcome, *gaps, *covariates]
    if twice := next((name for name in named if named.count(name) > 1), None):
        raise ArgumentError(f"each column must have one part, as outcome, gap or covariate; {twice!r} has two.")
    drawn = design_columns(stratum, psu, population)
    present = tally.columns_of(frame)
    own = [UNIT] if UNIT in present else []
    money = [value] if value and value in present else []
    needed = list(dict.fromkeys([*own, *named, *drawn, *([weight] if weight else []), *money]))
    tally.require(frame, needed, "responses")
    rows = tally.rows_of(nw.from_native(frame).select(*needed).to_native()).reset_index(drop=True)
    if rows.empty:
        raise ArgumentError("`responses` must hold at least one row; it has none.")
    order = np.lexsort([_sortable(rows[name]) for name in reversed(needed)])  # so that nothing hangs on the order of rows
    rows = rows.iloc[order].reset_index(drop=True)
    if not own:
        rows[UNIT] = np.arange(len(rows))
    if rows[UNIT].duplicated().any():
        raise ArgumentError("a frame with `gaps` must have one row a respondent; some have several. Average them first.")
    told = _number(rows[outcome], outcome)
    rows["_row"] = np.arange(len(rows))
    rows["_told"] = 0.0
    sums = tally.tally_pairs(rows, "_told", "_told", keys=[UNIT, "_row", *drawn], weight=weight)
    respondent, design = read_design(sums, weight=weight, stratum=stratum, psu=psu, population=population)
    place = sums["_row"].astype(int).to_numpy()
    rows, told = rows.iloc[place].reset_index(drop=True), told[place]
    factor = 100 / (scale[1] - scale[0]) if scale else 1.0
    gap = factor * np.column_stack([_number(rows[name], name) for name in gaps])
    names, known = known_columns({name: rows[name] for name in covariates})
    people = people_of(
        cells=tuple(gaps), gap=gap, whole=_mean(gap), outcome=told, names=names, covariates=known, respondent=respondent,
        design=design, designed=any((weight, *drawn)), pomp=scale is not None, later=False, notes=(),
        value=_number(rows[value], str(value)) if money else None,
    )  # fmt: skip
    return complete(people)


def read_survey(
    responses: IntoFrame, *, by: Sequence[str], outcome: str, customers: Any, contacts: Any, events: Any, channels: Any,
    amount: str, horizon: float, covariates: str | Sequence[str], exits: Sequence[str], value: str, as_of: str | None,
    zone: str,
    scale: tuple[float, float] | None, score: str, **design: Any,
) -> People:  # fmt: skip
    """Read answers, and what the tables beside them tell of the same customers afterwards; else a judgement in the survey."""
    given: dict[str, Any] = {"score": score, "importance": None, "importance_kind": "points", **design}
    whole = respondent_scores(responses, start="expectation", end="perception", by=[], **given)
    size = len(whole.design.weight)
    factor = 100 / (scale[1] - scale[0]) if scale else 1.0
    mean, perceived = (_spread(values, whole.respondent, size) for values in (whole.gap, whole.end))
    cells: tuple[str, ...] = ()
    gap = np.empty((size, 0))
    if by:
        parts = respondent_scores(responses, start="expectation", end="perception", by=by, **given)
        cells = tuple(parts.cells[list(by)].astype(str).agg(" · ".join, axis=1))
        gap = np.full((size, len(cells)), np.nan)
        gap[parts.respondent, parts.cell] = factor * parts.gap
    logged = outcome in LOGGED and outcome not in tally.columns_of(responses)
    basics: dict[str, Any] = {
        "cells": cells, "gap": gap, "whole": factor * mean, "perceived": factor * (perceived - (scale[0] if scale else 0)),
        "respondent": np.arange(size), "design": whole.design, "designed": whole.designed, "pomp": scale is not None,
    }  # fmt: skip
    wanted = () if isinstance(covariates, str) and covariates == DEFAULT else tuple(covariates)
    if not logged:
        tally.require(responses, [outcome], "responses")
        judged = respondent_scores(responses, start=outcome, end=outcome, by=[], **{**given, "missing": "pairwise"})
        told = _spread(judged.performance, judged.respondent, size)
        rows = answered(responses, wanted, zone)
        names, known = known_columns({name: rows[name] for name in wanted})
        return complete(people_of(**basics, outcome=told, names=names, covariates=known, later=False, notes=()))
    return followed(
        responses, basics, outcome, customers, contacts, events, channels, amount, horizon,
        None if not wanted and covariates == DEFAULT else wanted, exits, value, as_of, zone,
    )  # fmt: skip


def _number(column: pd.Series, name: str) -> Floats:
    """Return a column of numbers, or of true and false, as floats."""
    if pd.api.types.is_bool_dtype(column) or pd.api.types.is_numeric_dtype(column):
        value = column.astype("Float64").to_numpy(float, na_value=np.nan)
        return np.where(np.isfinite(value), value, np.nan)
    known = column.dropna()
    if len(known) and all(isinstance(each, bool | np.bool_) for each in known):
        return column.map({True: 1.0, False: 0.0}).to_numpy(float)
    if len(known):
        raise ArgumentError(f"`responses` must hold numbers, or true and false, in {name!r}, not {str(known.iloc[0])[:40]!r}.")
    return np.full(len(column), np.nan)


def _mean(gap: Floats) -> Floats:
    known = np.isfinite(gap)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(known.any(axis=1), np.where(known, gap, 0).sum(axis=1) / known.sum(axis=1), np.nan)


def _spread(values: Floats, respondent: Codes, size: int) -> Floats:
    """Return values by respondent, NaN of those who have none."""
    found = np.full(size, np.nan)
    found[respondent] = values
    return found


def _sortable(values: pd.Series) -> np.ndarray:
    if pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values):
        return values.astype("Float64").to_numpy(float, na_value=np.nan)
    return np.unique(values.astype(object).map(str).to_numpy(str), return_inverse=True)[1]
