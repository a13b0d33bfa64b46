"""Scores of visits beside an overall judgement of the visit, for what relates the two."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap.errors import ArgumentError
from cxgap.gaps.scores import OCCASIONS, respondent_scores
from cxgap.stats.bootstrap import Source
from cxgap.stats.means import Codes, Design, Floats, strata_of, sum_by
from cxgap.stats.regression import Fit, hc3, least_squares, linearised

NO_OUTCOME = (
    "no overall judgement is declared; add one to the study file, such as [outcomes.satisfaction] with its scale, or give its "
    "column as `outcome`"
)
NO_SCALE = "the scale of the answers is not known; give it as `scale`, such as (1, 7)"


class Visits(NamedTuple):
    """Scores, one entry a visit (one respondent at one touchpoint in one wave) and cell that has both ratings.

    Attributes
    ----------
    keys : the columns that name a cell; those of `by` that the answers have
    cells : one row a cell, in the order of display
    cell, respondent : codes of each entry; those of respondents are positions in the arrays of `design`
    expectation, perception, gap : means over the same answered pairs
    importance_gap : the gap weighted by importance, NaN without
    outcome, direct : of the visit, NaN where not known
    design : how the respondents were drawn
    designed : whether a weight, stratum, sampling unit, population or margin was given
    """

    keys: tuple[str, ...]
    cells: pd.DataFrame
    cell: Codes
    respondent: Codes
    expectation: Floats
    perception: Floats
    gap: Floats
    importance_gap: Floats
    outcome: Floats
    direct: Floats
    design: Design
    designed: bool

    @property
    def weight(self) -> Floats:
        """Sampling weight of each visit."""
        return self.design.weight[self.respondent]

    def part(self, chosen: np.ndarray) -> Visits:
        """Return some of the entries."""
        each = {name: getattr(self, name)[chosen] for name in self._fields if isinstance(getattr(self, name), np.ndarray)}
        return self._replace(**each)

    def parts(self) -> Iterator[Visits]:
        """Yield the entries of each cell in turn, also of one without any."""
        order = np.argsort(self.cell, kind="stable")
        ends = np.searchsorted(self.cell[order], np.arange(len(self.cells) + 1))
        for first, last in pairwise(ends):
            yield self.part(order[first:last])

    @property
    def repeated(self) -> bool:
        """Whether a respondent has more than one entry, so that entries are not independent."""
        return len(np.unique(self.respondent)) < len(self.respondent)

    @property
    def plain(self) -> bool:
        """Whether entries are independent and equally likely."""
        return not (self.designed or self.repeated)

    @property
    def people(self) -> int:
        """How many respondents of positive weight there are."""
        return len(np.unique(self.respondent[self.weight > 0]))

    def source(self, name: str) -> Source:
        """Describe the sample for a bootstrap."""
        stratum = strata_of(self.design)
        return Source(name, stratum, sum_by(stratum, len(self.design.population)) / self.design.population)

    def fit(self, columns: Floats, outcome: Floats, *, robust: bool = True) -> Fit:
        """Fit an outcome, with errors by the design, by clusters of a respondent's visits, or by HC3.

        Parameters
        ----------
        columns : of the entries
        outcome : of the entries
        robust : whether independent entries of a plain sample have HC3's errors and not the classical ones
        """
        fit = least_squares(columns, outcome, weight=self.weight)
        if self.plain:
            return hc3(fit) if robust else fit
        return linearised(fit, self.respondent, self.design)


def read_visits(
    responses: IntoFrame,
    *,
    by: Sequence[str],
    outcome: str | None = None,
    direct: str | None = None,
    score: str = "dimensions",
    importance: str | None = None,
    importance_kind: str = "points",
    **design: Any,
) -> Visits:
    """Score each visit as `customer_gap` does, by the half rule, and put its overall judgement beside.

    Parameters
    ----------
    responses : as in `customer_gap`
    by : columns that make the cells; a missing "dimension" is passed over, all items then make one score
    outcome, direct : numeric columns with a judgement of the whole visit, repeated on each of its answers, or None
    score, importance, importance_kind : as in `customer_gap`
    design : weight, stratum, psu, population and margins, as in `customer_gap`
    """
    present = tally.columns_of(responses)
    for name, column in {"outcome": outcome, "direct": direct}.items():
        if not isinstance(column, str | None):
            raise ArgumentError(
                f"`{name}` must be the name of a column, not {column!r}; write **study.outcome for the study's own."
            )
    keys = tuple(name for name in by if name != "dimension" or name in present)
    levels = [*keys, *(name for name in OCCASIONS if name in present and name not in keys)]
    given: dict[str, Any] = {"by": levels, "score": score, **design}
    scores = respondent_scores(
        responses, start="expectation", end="perception", importance=importance, importance_kind=importance_kind, **given
    )
    named = {"outcome": outcome, "direct": direct}
    judged = {name: _judgement(responses, column, given, len(scores.gap)) for name, column in named.items()}
    where, cells = _cells(scores.cells, keys)
    used = np.isfinite(scores.gap)
    return Visits(
        keys=keys,
        cells=cells,
        cell=where[scores.cell],
        respondent=scores.respondent,
        expectation=scores.start,
        perception=scores.end,
        gap=scores.gap,
        importance_gap=scores.importance_gap,
        **judged,
        design=scores.design,
        designed=scores.designed,
    ).part(used)


def _judgement(responses: IntoFrame, column: str | None, given: dict[str, Any], entries: int) -> Floats:
    """Return a judgement of each score's visit; the same answers give the same scores in the same order."""
    if column is None:
        return np.full(entries, np.nan)
    found = respondent_scores(
        responses, start=column, end=column, importance=None, importance_kind="points", **given, missing="pairwise"
    ).performance
    if len(found) != entries:
        raise ArgumentError(f"`{column}` must be a column of the answers' own table, with a value a visit.")
    return found


def _cells(finer: pd.DataFrame, keys: Sequence[str]) -> tuple[Codes, pd.DataFrame]:
    """Return the cell of each finer one, and one row a cell in the order of display."""
    if not keys:
        return np.zeros(len(finer), np.int64), pd.DataFrame(index=[0])
    whole = finer[list(keys)]
    place = whole.groupby(list(keys), observed=True, dropna=False, sort=False).ngroup().to_numpy(np.int64)
    return place, whole.iloc[np.unique(place, return_index=True)[1]].reset_index(drop=True)
