"""What managers believe, ready to be compared: which answers count, over what, and how many managers there are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap._check import as_names, check_count
from cxgap.errors import ArgumentError
from cxgap.gaps.importance import shares_of_points
from cxgap.gaps.raters import TABLES, Sides, distinct, positions
from cxgap.gaps.scores import OCCASIONS
from cxgap.stats.means import Codes, Floats

LEVELS = ("item", "dimension", "touchpoint")
TOO_FEW = "Too few people to show"


def names_beside(level: str, by: str | Sequence[str]) -> tuple[str, ...]:
    """Return the names in `by`, which must leave over the level that is judged."""
    names = as_names(by)
    if level in names:
        raise ArgumentError(f"`by` must not name {level!r}, which is what is judged.")
    return names


def rows_of(cells: pd.DataFrame, by: Sequence[str]) -> tuple[Codes, list[dict[str, str]]]:
    """Gather cells into rows: the row that each is in, and the keys of each row as texts."""
    rows = distinct(cells, by)
    texts = rows[list(by)].astype(object)
    texts = texts.where(texts.notna(), "(blank)").astype(str)
    return positions(cells, rows, by), [dict(zip(by, row, strict=True)) for row in texts.to_numpy()]


def points_of(frame: IntoFrame, unit: str, keys: Sequence[str], drawn: Sequence[str] = ()) -> pd.DataFrame:
    """Return the 100 points of each person as given to dimensions, one row each; NaN where they do not sum to 95 to 105."""
    present = tally.columns_of(frame)
    visit = list(dict.fromkeys([unit, *keys, *drawn, *(name for name in OCCASIONS if name in present)]))
    tally.require(frame, [*visit, "dimension", "importance"], TABLES.get(unit, "responses"))
    given = tally.tally_distinct(frame, [*visit, "dimension", "importance"])
    rows = given.astype({"importance": float}).dropna(subset=["importance", "dimension"]).reset_index(drop=True)
    place = rows.groupby(visit, observed=True, dropna=False).ngroup().to_numpy(np.int64)
    shares, _ = shares_of_points(rows["importance"].to_numpy(), place, int(place.max(initial=-1)) + 1)
    plain_columns = {name: rows[name].to_numpy() for name in dict.fromkeys([unit, *drawn]) if name not in keys}
    return rows.assign(importance=100 * shares, **plain_columns)


def retained(frame: IntoFrame) -> IntoFrame:
    """Leave out items that the codebook did not retain."""
    return tally.keep_true(frame, "retained") if "retained" in tally.columns_of(frame) else frame


def managers_there(sides: Sides, population: int | bool | None) -> Floats:
    """Return how many managers there are for each cell; infinity where those who answered stand for many.

    Raises
    ------
    ArgumentError : `population` is no count, or less than the managers who answered.
    """
    asked, managers = sides.raters.n, len(sides.matrix)
    if population is True:
        return asked
    if population is None or population is False:
        return np.full(len(asked), np.inf)
    if check_count(population, "managers_population") < managers:
        raise ArgumentError(f"`managers_population` must be at least {managers}, the managers who answered, not {population}.")
    return np.full(len(asked), float(population))
