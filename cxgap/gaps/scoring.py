"""Respondents are scored where their answers lie, once it is known how they were drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap.engine import embedded, is_lazy
from cxgap.errors import ArgumentError
from cxgap.gaps.design import UNIT, refuse
from cxgap.gaps.scores import LEVELS, layers_of, refuse_unknown
from cxgap.stats.means import Floats
from cxgap.tally import Asking, Parts
from cxgap.tally.exact import Bounds
from cxgap.tally.scored import MEASURES

MOST_SPREAD: Final = 10  # powers of two by which weights may differ: of more, a heavy one leaves sums of squares few digits
# Names of sums, which no key may have.
_OWN: Final = frozenset("_place _used _lacking _pairs _ends _partial _below _above _least _most _weight _shard".split()) | {
    f"_{name}" for name in MEASURES
}


class Sample(NamedTuple):
    """The strata of the sample: their keys in a frame with `code`, their units, and the sizes of their populations."""

    strata: pd.DataFrame
    size: Floats
    population: Floats
    clustered: bool


class Scored(NamedTuple):
    """Respondents who were scored where their answers lie.

    Attributes
    ----------
    scores : one row a respondent and cell, still with the engine
    sample : how they were drawn; None where nothing of a design is known
    keys : columns of the design that the units of the sample need among the keys
    people : respondents of the whole sample
    bounds : of ratings and weights
    dimensional : whether items were averaged to dimensions before anything else
    schema : kinds of the columns, as they were asked for
    """

    scores: nw.LazyFrame
    sample: Sample | None
    keys: list[str]
    people: int
    bounds: Bounds
    dimensional: bool
    schema: Mapping[str, nw.dtypes.DType]


def score_there(
    frame: IntoFrame,
    *,
    start: str,
    end: str,
    by: Sequence[str],
    score: str,
    weight: str | None,
    stratum: str | None,
    psu: str | None,
    population: str | None,
    missing: str = "half",
    shards: int = 0,
) -> Scored | None:
    """Score respondents where their answers lie; arguments as in `customer_gap`.

    Parameters
    ----------
    shards : groups into which respondents are put beside, as column "_shard"; none at 0

    Returns
    -------
    Scored; or None where a frame in memory has a column that the engine would not see as it is, or cannot be grouped, or
    has weights too far apart.
    """
    present = tally.columns_of(frame)
    refuse_unknown(by, present, (start, end))
    named = [name for name in (stratum, psu, population) if name]
    tally.require(frame, list(dict.fromkeys([start, end, UNIT, *by, *named, *([weight] if weight else [])])), "responses")
    tally.require_numbers(frame, [start, end, *([weight] if weight else [])], "responses")
    single, retained, occasions, dimensional, parts = layers_of(present, by, score)
    design = tuple(dict.fromkeys([*named, *([weight] if weight else [])]))
    if clash := next((name for name in (*by, *design) if name in _OWN), None):
        raise ArgumentError(f"a column that makes groups must not be called {clash!r}, as a sum is; rename it in `responses`.")
    also = [*(["retained"] if retained else []), *([tally.SHARD] if shards and tally.SHARD in present else [])]
    needed = list(dict.fromkeys([start, end, UNIT, *by, *design, *parts, *also]))
    table = nw.from_native(embedded(frame, needed))
    if not isinstance(table, nw.LazyFrame):
        return None
    if retained:
        table = nw.from_native(tally.keep_true(table.to_native(), "retained"))
    asked = tally.tally_distinct(table.to_native(), parts) if parts else pd.DataFrame(index=[0])
    sample, keys, people = _drawn(table, weight, stratum, psu, population)
    if not people:
        raise ArgumentError("`responses` must hold at least one answer; it has no rows.")
    if shards:
        grouped = tally.with_shards(table, UNIT, shards)
        if grouped is None:
            return None
        table, design = grouped, (*design, "_shard")
    bounds, exact = tally.tally_bounds(table, [start, end], weight)
    if bounds.spread > MOST_SPREAD and not is_lazy(frame):
        return None
    visit = {*by, *occasions}
    asking = Asking(
        start=start,
        end=end,
        by=tuple(by),
        person=UNIT,
        occasions=occasions,
        dimension="dimension" if dimensional else "",
        design=design,
        items=Parts((), {(): 1}) if single else _parts("item", asked, {*visit, *(("dimension",) if dimensional else ())}),
        dimensions=_parts("dimension", asked, visit) if dimensional else Parts((), {(): 1}),
        visits=len(asked[list(occasions)].drop_duplicates()) if occasions else 1,
        bound=bounds.value,
        half=missing == "half",
        by_answers=score == "items",
        exact=exact,
    )
    schema = nw.from_native(frame).collect_schema()
    return Scored(tally.scored(table, asking), sample, keys, people, bounds, dimensional, schema)


def _parts(name: str, asked: pd.DataFrame, keys: set[str]) -> Parts:
    """Count what was asked, `item` or `dimension`, by those of the `keys` that are levels."""
    if name not in asked:
        return Parts((), {(): 1})
    levels = [level for level in LEVELS if level in keys and level != name and level in asked]
    seen = asked[[*levels, name]].drop_duplicates()
    if not levels:
        return Parts((), {(): len(seen)})
    counts = seen.groupby(levels, observed=True, dropna=False).size().reset_index(name="count")
    rows = [tuple(None if pd.isna(value) else value for value in row) for row in counts[levels].itertuples(index=False)]
    return Parts(tuple(levels), dict(zip(rows, map(int, counts["count"]), strict=True)))


def _drawn(
    table: nw.LazyFrame, weight: str | None, stratum: str | None, psu: str | None, population: str | None
) -> tuple[Sample | None, list[str], int]:
    """Check how respondents were drawn; return the sample, the columns that its units need among the keys, and its size."""
    named = list(dict.fromkeys(name for name in (stratum, psu, population) if name))
    people, wrong = tally.tally_people(table, UNIT, weight=weight, named=named)
    if wrong["nameless"].any():
        raise ArgumentError(f"`responses` must have a {UNIT!r} in every row; some rows have none.")
    wrong = wrong.sort_values(UNIT)
    refuse(wrong.loc[wrong["changed"], UNIT], f"{' and '.join(named)} must not change within a respondent; they do for")
    for name in named:
        refuse(wrong.loc[wrong[f"unknown_{name}"], UNIT], f"`{name}` must be known for every respondent; it is missing for")
    refuse(wrong.loc[wrong["unusable"], UNIT], f"`{weight}` must be a number of 0 or more for every respondent; it is not for")
    refuse(wrong.loc[wrong["differs"], UNIT], f"`{weight}` must be the same in all rows of a respondent; it differs for")
    keys = [name for name in (stratum, psu) if name]
    units = tally.tally_units(people, UNIT, keys=keys, population=population, weight=weight)
    many = int(units["people"].sum())
    if weight and not (units["heaviest"] > 0).any():
        raise ArgumentError(f"`{weight}` must not be zero for everybody.")
    if not named and not weight:
        return None, [], many
    units["units"] = 1.0 if psu else units["people"].astype(float)
    grouped = units.groupby(stratum, observed=True, sort=True) if stratum else units.groupby(np.zeros(len(units), int))
    told = grouped.agg(size=("units", "sum"), low=("low", "min"), high=("high", "max")).reset_index(drop=not stratum)
    size = told["size"].to_numpy(float)
    sizes = np.full(len(told), np.inf)
    if population:
        sizes = told["low"].to_numpy(float)
        if (told["low"] != told["high"]).any() or (sizes < size).any():
            raise ArgumentError(f"`{population}` must give each stratum one size, no less than the units drawn from it.")
    strata = told[[stratum] if stratum else []].assign(code=np.arange(len(told)))
    return Sample(strata, size, sizes, bool(psu)), keys, many
