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
from cxgap.gaps.cells import EVEN, Figures
from cxgap.gaps.counted import SCORED, Counted
from cxgap.gaps.design import UNIT
from cxgap.gaps.judge import line_of
from cxgap.gaps.scoring import Sample, score_there
from cxgap.stats.counts import Counts, tabulate
from cxgap.stats.means import Codes, Floats, Means, ratio, sum_by
from cxgap.stats.sums import Drawn, Sums, mean_of_sums, means_of_sums, std_devs_of_sums
from cxgap.tally.moments import SUMS
from cxgap.tally.scored import MEASURES


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
    many = engine.is_many(frame, in_memory=engine.MANY_IN_MEMORY)
    return many and not margins and not importance and missing != "listwise" and not drawn


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
