"""How much each part of the service matters: as customers state it, as it goes with an outcome, or as it is given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from numbers import Real
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap.errors import ArgumentError, nearest
from cxgap.gaps.importance import shares_of_points
from cxgap.gaps.scores import respondent_scores
from cxgap.stats.bootstrap import Source
from cxgap.stats.burden import normalised, potency
from cxgap.stats.explained import crossed_by_unit, redrawn
from cxgap.stats.lmg import lmg
from cxgap.stats.means import Codes, Design, Floats, ratio, sum_by
from cxgap.stats.relative_weights import relative_weights

DERIVED, STATED, EQUAL, GIVEN = "derived", "stated", "equal", "given"
SLOPE, LMG, WEIGHTS = "slope", "LMG", "relative weights"  # how it is derived
COLUMN = "importance"
FEWEST = 30  # pairs of perception and outcome, below which a cell has no importance of its own
EACH = 10  # people a predictor, below which predictors are not looked at together
MOST_EXACT = 10  # predictors whose every subset is looked at in every replicate

Importance = str | Mapping[str, float] | None


class Asked(NamedTuple):
    """What was asked for: the kind of importance, the column it stands in, and the numbers that were given."""

    kind: str
    column: str = COLUMN
    given: Mapping[str, float] | None = None


class Stated(NamedTuple):
    """Importance as it was stated, one entry a respondent and cell: points as shares of 1, or ratings."""

    cell: Codes
    respondent: Codes
    value: Floats


def asked_importance(importance: Importance, present: Sequence[str]) -> Asked:
    """Say what is meant by `importance`: "derived", "stated", "equal" or None, a column, or numbers by cell."""
    if importance is None or importance == EQUAL:
        return Asked(EQUAL)
    if isinstance(importance, Mapping):
        numbers = {str(name): value for name, value in importance.items()}
        wrong = [name for name, value in numbers.items() if not _usable(value)]
        if wrong or not numbers:
            what = f"{wrong[0]!r} has {numbers[wrong[0]]!r}" if wrong else "it is empty"
            raise ArgumentError(f"`importance` must give each part of the cut a number that is not negative; {what}.")
        return Asked(GIVEN, given={name: float(value) for name, value in numbers.items()})
    if importance in (DERIVED, STATED):
        return Asked(importance)
    if isinstance(importance, str) and importance in present:
        return Asked(STATED, importance)
    raise ArgumentError(
        f'`importance` must be "derived", "stated", "equal", a column of `responses` or numbers by name, not {importance!r}.'
        f"{nearest(str(importance), present)}"
    )


def not_asked(asked: Asked, present: Sequence[str], by: Sequence[str], kind: str) -> str:
    """Return why stated importance is not known of the parts of this cut; "" where it is, or another is asked for."""
    if asked.kind != STATED:
        return ""
    other = f'; write importance="derived" with an outcome, importance="equal", or the importance of each {" and ".join(by)}'
    if asked.column not in present:
        return f"importance was not asked: the answers have no column {asked.column!r}{other}"
    if kind == "points" and "dimension" in present and "dimension" not in by:
        return f"the points were spread over dimensions, and say nothing of each {' and '.join(by)}{other}"
    return ""


def given_importance(given: Mapping[str, float], labels: Sequence[str]) -> Floats:
    """Look up the numbers that were given, scaled to sum to 1; names that are not met take no part."""
    lacking = [label for label in labels if label not in given]
    if lacking:
        raise ArgumentError(
            f"`importance` must have a number for each of {list(labels)}; it lacks {lacking[0]!r}."
            f"{nearest(lacking[0], list(given))}"
        )
    return normalised(np.array([given[label] for label in labels]))


def read_stated(
    responses: IntoFrame, asked: Asked, *, by: Sequence[str], kind: str, cells: pd.DataFrame, **design: Any
) -> Stated:
    """Read what respondents said that matters: their points as shares, or their ratings, in cells that are `cells`' rows."""
    scores = respondent_scores(
        responses, start=asked.column, end=asked.column, by=by, score="items", importance=None, importance_kind=kind,
        missing="pairwise", **design,
    )  # fmt: skip
    names = {key: place for place, key in enumerate(map(tuple, cells[list(by)].astype(str).to_numpy()))}
    place = np.array([names.get(key, -1) for key in map(tuple, scores.cells[list(by)].astype(str).to_numpy())], np.int64)
    value = scores.performance
    if kind == "points":
        value, _ = shares_of_points(value, scores.respondent, len(scores.design.weight))
    known = np.isfinite(value) & (place[scores.cell] >= 0)
    return Stated(place[scores.cell[known]], scores.respondent[known], value[known])


def together(cell: Codes, respondent: Codes, perception: Floats, outcome: Floats, cells: int) -> tuple[Codes, Floats] | None:
    """Arrange the perceptions of those who rated all cells as columns, and last their mean outcome.

    Returns
    -------
    The respondents and the columns; None where fewer than half of all rated all cells, or too few to tell cells apart.
    """
    known = np.isfinite(perception) & np.isfinite(outcome)
    people, place = np.unique(respondent[known], return_inverse=True)
    wide = np.full((len(people), cells), np.nan)
    wide[place, cell[known]] = perception[known]
    total, count = sum_by(place, len(people), outcome[known]), sum_by(place, len(people))
    whole = np.isfinite(wide).all(axis=1)
    if cells < 2 or whole.sum() < max(FEWEST, EACH * cells) or 2 * whole.sum() < len(people):
        return None
    return people[whole], np.column_stack([wide[whole], ratio(total, count)[whole]])


def derived_importance(
    wide: tuple[Codes, Floats] | None,
    slope: tuple[Floats, Floats],
    few: np.ndarray,
    *,
    design: Design,
    source: Source,
    replicates: int,
    seed: int,
) -> tuple[Floats, Floats, str]:
    """Return importance that sums to 1, the same in each replicate, and how it was found.

    Parameters
    ----------
    wide : what `together` returned: what perceptions explain of the outcome is then shared out among the cells, unless they
        tell each other; None for the slope of the outcome on each cell's own perception
    slope : of the sample and of the replicates, shapes (cells,) and (replicates, cells)
    few : cells of too few pairs for a slope of their own
    design, source, replicates, seed : of the bootstrap
    """
    if wide is not None:
        who, columns = wide
        cross = crossed_by_unit(columns, design.weight[who], design.psu[who], len(source.stratum))
        ((matrix, again),) = redrawn([cross], source, replicates=replicates, seed=seed)
        exact = columns.shape[1] - 1 <= MOST_EXACT
        value, drawn = ((lmg if exact else relative_weights)(part).relative for part in (matrix, again))
        if np.isfinite(value).all():
            return value, drawn, LMG if exact else WEIGHTS
    return potency(slope[0], few), potency(slope[1], few), SLOPE


def _usable(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool) and bool(np.isfinite(float(value))) and float(value) >= 0
