"""What customers expected and perceived, said by groups of them: for chains of more people than come home one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from cxgap import tally
from cxgap.engine import is_lazy, is_many
from cxgap.gaps.design import UNIT
from cxgap.gaps.scoring import score_there
from cxgap.stats.bootstrap import Source
from cxgap.stats.identity import SHARDS
from cxgap.stats.levels import Values
from cxgap.stats.means import Floats, ratio
from cxgap.tables.study import Study


class Crowd(NamedTuple):
    """The two levels of a survey, read from groups of its respondents.

    Attributes
    ----------
    cells : one row a cell, the `by` keys in the order of display
    expected, perceived : values of groups
    source : the sample, whose units are the groups
    dimensional : whether items were averaged to dimensions before anything else
    scores : the scored respondents, still with the engine
    """

    cells: pd.DataFrame
    expected: Values
    perceived: Values
    source: Source
    dimensional: bool
    scores: nw.LazyFrame

    def repeats(self, line: Sequence[str]) -> Floats:
        """Count in how many cells beyond their first respondents stand, in each line of cells that share these keys."""
        found = tally.tally_repeats(self.scores, line=line, person=UNIT)
        if not line:
            return found["repeats"].to_numpy(float)
        lines = self.cells[list(line)].drop_duplicates().sort_values(list(line)).astype(object)
        met = lines.merge(found.astype(dict.fromkeys(line, object)), on=list(line), how="left")
        return met["repeats"].fillna(0.0).to_numpy(float)


def crowd(study: Study, by: Sequence[str], design: Mapping[str, Any], *, name: str) -> Crowd | None:
    """Read the levels of a survey where its answers lie, if they are many; None where respondents had better be read.

    Respondents are put into SHARDS groups by what they are called, within strata; a weighted mean over all is that over the
    groups. A sample of clusters, or with margins, is read respondent by respondent.
    """
    if design.get("margins") or design.get("psu") or not (is_lazy(study.responses) and is_many(study.responses)):
        return None
    how: dict[str, Any] = {each: design.get(each) for each in ("weight", "stratum", "population")}
    found = score_there(
        study.responses, start="expectation", end="perception", by=by, score="dimensions", psu=None, shards=SHARDS, **how
    )
    if found is None:
        return None
    stratum = [how["stratum"]] if how["stratum"] else []
    keys = list(dict.fromkeys([*by, *stratum, "_shard"]))
    sums = tally.tally_shards(found.scores, keys=keys, weight=how["weight"], bounds=found.bounds)
    sums = sums.sort_values([*stratum, "_shard"], ignore_index=True)  # sums over groups must not depend on the engine's order
    strata = np.zeros(len(sums), np.int64)
    if stratum and found.sample is not None:
        strata = sums[stratum].merge(found.sample.strata, on=stratum, how="left")["code"].to_numpy(np.int64)
    sums = tally.in_order(sums.assign(_stratum=strata), by, found.schema)
    cells = sums[list(by)].drop_duplicates().reset_index(drop=True)
    cell = sums.groupby(list(by), observed=True, dropna=False, sort=True).ngroup().to_numpy(np.int64)
    code = sums["_stratum"].to_numpy(np.int64) * SHARDS + sums["_shard"].to_numpy(np.int64)
    units, unit = np.unique(code, return_inverse=True)
    fraction = np.zeros(int(units.max(initial=0)) // SHARDS + 1)
    if found.sample is not None and how["population"]:
        fraction = np.minimum(1.0, found.sample.size / found.sample.population)
    weight, times, squares = (sums[column].to_numpy(float) for column in ("_w", "_n", "_ww"))
    expected, perceived = (
        Values(name, cell, ratio(sums[column].to_numpy(float), weight), weight, unit, times, squares)
        for column in ("_start", "_end")
    )
    source = Source(name, units // SHARDS, fraction)
    return Crowd(cells, expected, perceived, source, found.dimensional, found.scores)
