"""The columns of a model of an overall judgement, one row a visit or a person, from answers or from a wide frame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap.errors import ArgumentError, ColumnError, nearest
from cxgap.gaps.design import UNIT, design_columns, read_design
from cxgap.gaps.no_answer import Codes, answers_only, refuse_codes
from cxgap.gaps.scores import ITEMS, OCCASIONS, respondent_scores
from cxgap.stats.bootstrap import Source
from cxgap.stats.means import Codes as Places
from cxgap.stats.means import Design, Floats, strata_of, sum_by
from cxgap.stats.regression import Fit, hc3, least_squares, linearised

LEVELS = ("dimension", "touchpoint", "item")  # what scores may be taken of; anything else is columns
SIDES = ("perception", "both")
GAP = (
    "`of` must be 'perception' or 'both', not 'gap': a gap puts expectation in with a weight of minus one, whatever its true "
    'one is, so that what goes with the judgement cannot be told from what was expected. Type of="both" for perception and '
    "expectation side by side."
)
_LONG = (*ITEMS, "dimension")  # columns that answers have and wide frames have not
_MOST_LEVELS = 30  # of a column of text that becomes dummies
_ROW = "_row"


class Model(NamedTuple):
    """Rows that have the outcome and all columns of a model, and how many have not.

    Attributes
    ----------
    names : of the predictors, in the order of display
    columns : predictors, shape (rows, predictors)
    always_names, always : columns that are always in the model, shape (rows, columns)
    outcome : shape (rows,)
    respondent : of each row, a position in the arrays of `design`
    design : how the respondents were drawn
    designed : whether a weight, stratum, sampling unit, population or margin was given
    row : what a row is, "visit" or "person"
    rows : how many have the outcome, with all predictors or not
    answered : how many of these have each predictor, shape (predictors,)
    """

    names: tuple[str, ...]
    columns: Floats
    always_names: tuple[str, ...]
    always: Floats
    outcome: Floats
    respondent: Places
    design: Design
    designed: bool
    row: str
    rows: int
    answered: Floats

    @property
    def weight(self) -> Floats:
        """Sampling weight of each row."""
        return self.design.weight[self.respondent]

    @property
    def people(self) -> int:
        """How many respondents there are."""
        return int(np.count_nonzero(np.bincount(self.respondent, minlength=1)))

    @property
    def unit(self) -> Places:
        """Sampling unit of each row."""
        return self.design.psu[self.respondent]

    def source(self, name: str) -> Source:
        """Describe the sample for a bootstrap."""
        stratum = strata_of(self.design)
        return Source(name, stratum, sum_by(stratum, len(self.design.population)) / self.design.population)

    @property
    def df(self) -> float:
        """Degrees of freedom: the sampling units of the rows less their strata."""
        met = np.flatnonzero(np.bincount(self.unit, minlength=1))
        return float(len(met) - len(np.unique(strata_of(self.design)[met])))

    def fit(self, columns: Floats) -> Fit:
        """Fit the outcome, with errors by the design, by clusters of a respondent's rows, or by HC3."""
        fit = least_squares(columns, self.outcome, weight=self.weight)
        if self.designed or self.people < len(self.respondent):
            return linearised(fit, self.respondent, self.design)
        return hc3(fit)

    def varying(self) -> Model:
        """Return the model without the columns in which all rows are alike."""
        own = [place for place, column in enumerate(self.columns.T) if np.ptp(column) > 0]
        beside = [place for place, column in enumerate(self.always.T) if np.ptp(column) > 0]
        return self._replace(
            names=tuple(self.names[place] for place in own), columns=self.columns[:, own], answered=self.answered[own],
            always_names=tuple(self.always_names[place] for place in beside), always=self.always[:, beside],
        )  # fmt: skip


def read_model(
    responses: IntoFrame,
    *,
    outcome: str,
    predictors: str | Sequence[str],
    of: str,
    covariates: Sequence[str],
    missing: Codes,
    scale: tuple[float, float] | None,
    score: str = "dimensions",
    **design: Any,
) -> Model:
    """Read the rows of a model.

    Parameters
    ----------
    responses : answers, or a frame of one row a person or visit
    outcome : numeric column; of several values of a visit the mean is taken
    predictors : "dimension", "touchpoint" or "item", of which perception is scored, or names of numeric columns
    of : "perception", or "both" for perception and expectation side by side
    covariates : columns that are always in the model; of one of text, each value but the first becomes a column
    missing : numbers that are no answers; None if every number is one
    scale : of the ratings
    score, design : as in `customer_gap`

    Raises
    ------
    ColumnError : a column is missing.
    ArgumentError : a column holds what it must not.
    """
    level = predictors if isinstance(predictors, str) else ""
    columns = list(SIDES[:1] if of == SIDES[0] else ("perception", "expectation")) if level else list(predictors)
    _refuse(outcome, columns, covariates)
    present = tally.columns_of(responses)
    long = bool(set(_LONG) & set(present)) and UNIT in present
    if level and level not in present:
        raise ColumnError(
            f"`responses` must have a column {level!r} to take the scores of; without it, name columns of numbers, such as "
            f'predictors=["quality", "price"].{nearest(level, present)}'
        )
    tally.require(responses, [outcome, *columns, *covariates], "responses")
    frame, covariates = _with_dummies(responses, covariates)
    frame = answers_only(frame, [outcome, *columns, *covariates], missing)
    rated = scale if level or not long else None
    refuse_codes(frame, columns if rated else [*columns, outcome], scale=rated, missing=missing)
    refuse_codes(frame, [outcome] if rated else [], scale=None, missing=missing)
    if level:
        found = _of_scores(frame, level, columns, outcome, covariates, score, design)
    elif long:
        found = _of_visits(frame, columns, outcome, covariates, design)
    else:
        found = _of_rows(frame, columns, outcome, covariates, design)
    return _complete(found)


def _refuse(outcome: str, columns: Sequence[str], covariates: Sequence[str]) -> None:
    """Raise ArgumentError where a column has two parts in the model."""
    named = [outcome, *columns, *covariates]
    twice = next((name for name in named if named.count(name) > 1), None)
    if twice:
        raise ArgumentError(
            f"each column must have one part, as outcome, predictor or covariate; {twice!r} has two. Leave it out of one."
        )


def _with_dummies(frame: IntoFrame, covariates: Sequence[str]) -> tuple[IntoFrame, list[str]]:
    """Turn covariates of text into columns of 0 and 1, one for each value but the first."""
    table = nw.from_native(frame)
    schema = table.collect_schema()
    made, names = [], []
    for name in covariates:
        if schema[name].is_numeric() or schema[name] == nw.Boolean:
            names.append(name)
            continue
        levels = tally.tally_distinct(frame, [name])[name].dropna().tolist()
        if len(levels) > _MOST_LEVELS:
            raise ArgumentError(
                f"a covariate of text must have at most {_MOST_LEVELS} values, each of which but one becomes a column; "
                f"{name!r} has {len(levels)}. Merge some of them first."
            )
        known = ~nw.col(name).is_null()
        texts = nw.col(name).cast(nw.String)
        for value in levels[1:]:
            label = f"{name}: {value}"
            made.append(nw.when(known).then((texts == str(value)).cast(nw.Float64)).alias(label))
            names.append(label)
    return (table.with_columns(*made).to_native() if made else frame), names


def _of_scores(
    frame: IntoFrame, level: str, sides: Sequence[str], outcome: str, covariates: Sequence[str], score: str, design: Any
) -> Model:
    """Score each visit, or each person over touchpoints, in every dimension or touchpoint."""
    occasions = [name for name in OCCASIONS if name in tally.columns_of(frame) and name != level]
    names: list[str] = []
    columns: list[Floats] = []
    judged, rest = _judged(frame, [outcome, *covariates], occasions, score, design)
    place = _place(judged.cell, judged.respondent, len(judged.design.weight))
    for side in sides:
        found = respondent_scores(
            frame,
            start=side,
            end=side,
            by=[*occasions, level],
            score=score,
            importance=None,
            importance_kind="points",
            **design,
        )
        labels = found.cells[level]
        whole = [name for name in labels.drop_duplicates().sort_values() if not pd.isna(name)]
        occasion = _occasions(found.cells, judged.cells, occasions)
        row = _position(place, _place(occasion[found.cell], found.respondent, len(found.design.weight)))
        for name in whole:
            mine = (labels == name).to_numpy()[found.cell]
            column = np.full(len(judged.cell), np.nan)
            column[row[mine]] = found.performance[mine]
            columns.append(column)
            names.append(str(name) if len(sides) == 1 else f"{'perceived' if side == 'perception' else 'expected'} {name}")
    return Model(
        names=tuple(names), columns=np.column_stack(columns), always_names=tuple(covariates),
        always=_stack(rest[1:], len(judged.cell)), outcome=rest[0],
        respondent=judged.respondent, design=judged.design, designed=judged.designed,
        row="visit" if "touchpoint" in occasions else "person", rows=0, answered=np.zeros(0),
    )  # fmt: skip


def _of_visits(frame: IntoFrame, columns: Sequence[str], outcome: str, covariates: Sequence[str], design: Any) -> Model:
    """Take columns that are repeated on each answer of a visit."""
    occasions = [name for name in OCCASIONS if name in tally.columns_of(frame)]
    judged, found = _judged(frame, [outcome, *columns, *covariates], occasions, "items", design)
    many = len(columns)
    return Model(
        names=tuple(columns), columns=np.column_stack(found[1 : 1 + many]), always_names=tuple(covariates),
        always=_stack(found[1 + many :], len(judged.cell)),
        outcome=found[0], respondent=judged.respondent, design=judged.design, designed=judged.designed,
        row="visit" if "touchpoint" in occasions else "person", rows=0, answered=np.zeros(0),
    )  # fmt: skip


def _of_rows(frame: IntoFrame, columns: Sequence[str], outcome: str, covariates: Sequence[str], design: Any) -> Model:
    """Take each row as it is; rows without a respondent are people of their own."""
    weight = design["weight"]
    drawn = design_columns(design["stratum"], design["psu"], design["population"], design["margins"])
    numbers = [outcome, *columns, *covariates]
    present = tally.columns_of(frame)
    named = [UNIT] if UNIT in present else []
    needed = list(dict.fromkeys([*named, *numbers, *drawn, *([weight] if weight else [])]))
    tally.require(frame, needed, "responses")
    rows = tally.rows_of(nw.from_native(frame).select(*needed).to_native()).reset_index(drop=True)
    if rows.empty:
        raise ArgumentError("`responses` must hold at least one row; it has none.")
    order = np.lexsort([_sortable(rows[name]) for name in reversed(needed)])  # so that nothing hangs on the order of rows
    rows = rows.iloc[order].reset_index(drop=True)
    rows[_ROW] = np.arange(len(rows))
    if not named:
        rows[UNIT] = rows[_ROW]
    sums = tally.tally_pairs(rows, outcome, outcome, keys=[UNIT, _ROW, *drawn], weight=weight)
    respondent, sample = read_design(sums, **design)
    rows = rows.iloc[sums[_ROW].astype(int).to_numpy()]
    value = {name: rows[name].to_numpy(float, na_value=np.nan) for name in numbers}
    return Model(
        names=tuple(columns), columns=np.column_stack([value[name] for name in columns]), always_names=tuple(covariates),
        always=_stack([value[name] for name in covariates], len(rows)), outcome=value[outcome], respondent=respondent,
        design=sample, designed=any((weight, *drawn)), row="person" if rows[UNIT].is_unique else "row", rows=0,
        answered=np.zeros(0),
    )  # fmt: skip


def _judged(frame: IntoFrame, columns: Sequence[str], by: Sequence[str], score: str, design: Any) -> tuple[Any, list[Floats]]:
    """Return the scores of the first column, and the values of all, one entry a respondent and cell of `by`."""
    given: dict[str, Any] = {"by": by, "score": score, "importance": None, "importance_kind": "points", "missing": "pairwise"}
    found = [respondent_scores(frame, start=name, end=name, **given, **design) for name in columns]
    return found[0], [one.performance for one in found]


def _occasions(cells: pd.DataFrame, whole: pd.DataFrame, keys: Sequence[str]) -> Places:
    """Return the row of `whole` that has the `keys` of each row of `cells`."""
    if not keys:
        return np.zeros(len(cells), np.int64)
    both = pd.concat([whole[list(keys)], cells[list(keys)]], ignore_index=True).astype(object)
    number = pd.factorize(both.map(repr).agg("|".join, axis=1))[0]
    return number[len(whole) :].astype(np.int64)  # numbered as they come, so that those of `whole` are 0, 1, ...


def _place(cell: Places, respondent: Places, people: int) -> Places:
    return cell * people + respondent


def _position(known: Places, wanted: Places) -> Places:
    """Return where each of `wanted` stands in `known`, whose values are all different."""
    order = np.argsort(known, kind="stable")
    return order[np.searchsorted(known[order], wanted)]


def _sortable(values: pd.Series) -> np.ndarray:
    """Return numbers that sort as the values do."""
    if pd.api.types.is_numeric_dtype(values):
        return values.to_numpy(float, na_value=np.nan)
    return np.unique(values.astype(object).map(str).to_numpy(str), return_inverse=True)[1]


def _stack(columns: Sequence[Floats], rows: int) -> Floats:
    return np.column_stack(columns) if columns else np.empty((rows, 0))


def _complete(model: Model) -> Model:
    """Leave out the rows that lack the outcome, a covariate or a predictor, or weigh nothing."""
    judged = np.isfinite(model.outcome) & np.isfinite(model.always).all(axis=1) & (model.weight > 0)
    answered = np.isfinite(model.columns[judged]).sum(axis=0).astype(float)
    full = judged & np.isfinite(model.columns).all(axis=1)
    return model._replace(
        columns=model.columns[full], always=model.always[full], outcome=model.outcome[full], respondent=model.respondent[full],
        rows=int(judged.sum()), answered=answered,
    )  # fmt: skip
