"""Figures of every cell from sums that an engine gives, where the answers are too many to bring respondents into memory.

The numbers are those of `scores` and `cells`, to rounding; see `stats.sums`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import engine, tally
from cxgap.engine import embedded, is_many
from cxgap.errors import ArgumentError
from cxgap.gaps.cells import EVEN, Figures
from cxgap.gaps.counted import SCORED, Counted
from cxgap.gaps.design import UNIT, refuse
from cxgap.gaps.judge import line_of
from cxgap.gaps.scores import ITEMS, LEVELS, OCCASIONS, refuse_unknown
from cxgap.stats.counts import Counts, tabulate
from cxgap.stats.means import Codes, Floats, Means, ratio, sum_by
from cxgap.stats.sums import Drawn, Sums, mean_of_sums, means_of_sums, std_devs_of_sums
from cxgap.tally import Asking, Parts
from cxgap.tally.exact import Bounds
from cxgap.tally.moments import SUMS
from cxgap.tally.scored import MEASURES

MOST_SPREAD = 10  # powers of two by which weights may differ: of more, a heavy one leaves sums of squares few digits
_OWN = (
    "_place",
    "_used",
    "_lacking",
    "_pairs",
    "_ends",
    "_partial",
    "_below",
    "_above",
    "_least",
    "_most",
    "_weight",
    "_shard",
)


class Summary(NamedTuple):
    """What an engine says of every cell.

    Attributes
    ----------
    figures : of the cells
    scores : the scored respondents, still with the engine
    by : columns of the cells
    dimensional : whether items were averaged to dimensions before anything else
    people : respondents of the whole sample
    schema : kinds of the columns, as they were asked for
    """

    figures: Figures
    scores: nw.LazyFrame
    by: tuple[str, ...]
    dimensional: bool
    people: int
    schema: Mapping[str, nw.dtypes.DType]

    def gaps(self) -> tuple[Codes, Floats, Floats]:
        """Return the gaps that occur: the cell of each, its value, and how many respondents have it."""
        found = self._classes(("gap",))
        return found["_cell"].to_numpy(np.int64), found["_score"].to_numpy(float), found["_times"].to_numpy(float)

    def counted(self) -> Counted:
        """Count the gaps of each cell, and the two scores behind them."""
        found, cells = self._classes(SCORED), len(self.figures.cells)

        def of(name: str) -> Counts:
            part = found[found["_measure"] == name]
            score, times = part["_score"].to_numpy(float), part["_times"].to_numpy(float)
            return tabulate(score, part["_cell"].to_numpy(np.int64), cells, times)

        return Counted(*map(of, SCORED))

    def _classes(self, measures: Sequence[str]) -> pd.DataFrame:
        """Count the scores that occur; `_cell` is the place of each one's cell."""
        by = list(self.by)
        found = tally.tally_scores(self.scores, keys=self.by, measures=measures)
        found = tally.in_order(found, self.by, self.schema)
        if not by:
            return found.assign(_cell=0)
        places = self.figures.cells.astype(object).assign(_cell=np.arange(len(self.figures.cells)))
        cell = found[by].astype(object).merge(places, on=by, how="left")["_cell"]
        return found.assign(_cell=cell.to_numpy(np.int64))

    def lines(self, min_n: int, scale: tuple[float, float] | None) -> list[np.ndarray]:
        """List the lines of the table in which a hidden cell could be told by subtraction, as `exposed_lines` does.

        Only where a cell will be hidden are they looked for: it has few respondents, or all gave an end of the scale.
        """
        figures, lines = self.figures, []
        cells, few = figures.cells, figures.gap.n < min_n
        for end in scale or ():
            few |= (np.abs(figures.start - end) < EVEN) | (np.abs(figures.end - end) < EVEN)
        for name in self.by if min_n > 1 and few.any() else ():
            rest = [other for other in self.by if other != name]
            repeats = tally.tally_repeats(self.scores, line=rest, person=UNIT)
            if not rest:
                told = np.full(len(cells), repeats["repeats"].sum() < min_n)
                lines += [np.arange(len(cells))] if told.all() else []
                continue
            texts = cells[rest].astype(object)
            found = texts.merge(repeats.astype(dict.fromkeys(rest, object)), on=rest, how="left")["repeats"].fillna(0.0)
            line = line_of(cells, rest)
            lines += [np.flatnonzero(line == number) for number in np.unique(line[found.to_numpy() < min_n])]
        return lines


def summarises(frame: IntoFrame, *, margins: object, importance: str | None, missing: str, drawn: bool) -> bool:
    """Tell whether the answers are better summed where they lie, and whether what is asked for can be.

    Parameters
    ----------
    drawn : whether respondents must be at hand to be drawn again
    """
    many = is_many(frame, in_memory=engine.MANY_IN_MEMORY)
    return many and not margins and not importance and missing != "listwise" and not drawn


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


def read_summary(
    frame: IntoFrame, *, by: Sequence[str], weight: str | None, scale: tuple[float, float] | None, **how: Any
) -> Summary | None:
    """Score respondents where their answers lie, and bring home what their cells come to; arguments as in `score_there`.

    Returns
    -------
    Summary; or None where a frame in memory had better be scored there.
    """
    found = score_there(frame, by=by, weight=weight, **how)
    if found is None:
        return None
    middle = 0.0 if scale is None else (scale[0] + scale[1]) / 2
    keys = list(dict.fromkeys([*by, *found.keys]))
    sums = tally.tally_moments(found.scores, keys=keys, weight=weight, bounds=found.bounds, middle=middle, even=EVEN)
    if found.keys:  # an engine hands over strata and units in any order, and sums over them must not depend on it
        sums = sums.sort_values(found.keys, ignore_index=True)
    figures = _figures(sums, by, found.sample, weight, middle, found.schema)
    return Summary(figures, found.scores, tuple(by), found.dimensional, found.people, found.schema)


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
    single = not ITEMS.isdisjoint(by)
    held = not single and "retained" in present
    occasions = tuple(name for name in OCCASIONS if name in present and name not in by)
    dimensional = score == "dimensions" and "dimension" in present and "dimension" not in by and not single
    parts = [name for name in (*LEVELS, "item") if name in present]
    design = tuple(dict.fromkeys([*named, *([weight] if weight else [])]))
    own = {*_OWN, *(f"_{name}" for name in MEASURES)}
    if clash := next((name for name in (*by, *design) if name in own), None):
        raise ArgumentError(f"a column that makes groups must not be called {clash!r}, as a sum is; rename it in `responses`.")
    also = [*(["retained"] if held else []), *([tally.SHARD] if shards and tally.SHARD in present else [])]
    needed = list(dict.fromkeys([start, end, UNIT, *by, *design, *parts, *also]))
    table = nw.from_native(embedded(frame, needed))
    if not isinstance(table, nw.LazyFrame):
        return None
    if held:
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
    if bounds.spread > MOST_SPREAD and not engine.is_lazy(frame):
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


class Sample(NamedTuple):
    """The strata of the sample: their keys in a frame with `code`, their units, and the sizes of their populations."""

    strata: pd.DataFrame
    size: Floats
    population: Floats
    clustered: bool


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


def _figures(
    sums: pd.DataFrame,
    by: Sequence[str],
    sample: Sample | None,
    weight: str | None,
    middle: float,
    schema: Mapping[str, nw.dtypes.DType],
) -> Figures:
    """Estimate every cell from the sums."""
    stratum = [] if sample is None else [name for name in sample.strata.columns if name != "code"]
    codes = None
    if sample is not None:
        given = sums[stratum].merge(sample.strata, on=stratum, how="left") if stratum else sums.assign(code=0)
        sums = sums.assign(_stratum=given["code"].to_numpy(np.int64))
    sums = tally.in_order(sums, by, schema)
    cells = sums[list(by)].drop_duplicates().reset_index(drop=True) if by else pd.DataFrame(index=[0])
    many = len(cells)
    new = ~sums[list(by)].duplicated().to_numpy() if by else np.zeros(len(sums), bool)  # rows of a cell stand together
    cell = np.cumsum(new) - bool(by)
    if sample is not None:
        codes = Drawn(sums["_stratum"].to_numpy(np.int64), sample.size, sample.population, sample.clustered)

    def of(name: str) -> Sums:
        got = {part: sums[f"_{name}_{part}"].to_numpy(float) for part in SUMS[weight is not None][name]}
        if name in ("start", "end"):  # of those that have a gap
            got |= {part: sums[f"_gap_{part}"].to_numpy(float) for part in SUMS[weight is not None]["gap"] if part[-1] != "y"}
            got |= {"wwy": got["wy"], "wwyy": got["wyy"]}  # their errors are not asked for
        if not weight:
            got |= {"w": got["n"], "ww": got["n"], "wwy": got["wy"], "wwyy": got["wyy"]}
        return Sums(cell, **got, middle=0.0 if name == "gap" else middle)

    measured = {name: of(name) for name in MEASURES}
    means = {name: means_of_sums(measured[name], many, codes) for name in ("gap", "performance")}
    total = sum_by(cell, many, measured["gap"].w)
    below, above = (ratio(sum_by(cell, many, sums[name].to_numpy(float)), total) for name in ("_below", "_above"))
    least, most = np.full(many, np.inf), np.full(many, -np.inf)
    np.fmin.at(least, cell, sums["_least"].to_numpy(float))
    np.fmax.at(most, cell, sums["_most"].to_numpy(float))
    nothing, unknown = np.zeros(many), np.full(many, np.nan)
    return Figures(
        cells=cells,
        gap=means["gap"],
        performance=means["performance"],
        importance=Means(nothing, nothing, unknown, unknown, unknown, np.zeros(many, bool)),
        start=mean_of_sums(measured["start"], many),
        end=mean_of_sums(measured["end"], many),
        spread={name: std_devs_of_sums(measured[name], many) for name in ("gap", "start", "end")},
        below=below,
        equal=np.maximum(1 - below - above, 0.0),
        above=above,
        alike=np.where(most - least <= EVEN, np.where(np.abs(least) <= EVEN, 0.0, least), np.nan),
        partial=sum_by(cell, many, sums["_partial"].to_numpy(float)) > 0,
        rescaled=np.zeros(many, bool),
        pairs=sum_by(cell, many, sums["_pairs"].to_numpy(float)),
        product_of_means=unknown,
    )
