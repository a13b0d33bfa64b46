"""What each respondent expects, whether or not they said what they perceived: for what looks at expectations alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap.gaps.scores import respondent_scores
from cxgap.stats.bootstrap import Source
from cxgap.stats.means import Codes, Design, Floats, strata_of, sum_by

EXPECTATION = "expectation"


class Expected(NamedTuple):
    """Scores of one rating, one entry a respondent and cell.

    Attributes
    ----------
    cells : one row a cell, in the order of display
    cell, respondent : codes of each entry; those of respondents are positions in the arrays of `design`
    score : mean of the answers, by the half rule
    design : how the respondents were drawn
    designed : whether a weight, stratum, sampling unit, population or margin was given
    """

    cells: pd.DataFrame
    cell: Codes
    respondent: Codes
    score: Floats
    design: Design
    designed: bool

    @property
    def weight(self) -> Floats:
        """Sampling weight of each entry."""
        return self.design.weight[self.respondent]

    @property
    def people(self) -> int:
        """How many respondents of positive weight have a score."""
        return len(np.unique(self.respondent))

    @property
    def unit(self) -> Codes:
        """The sampling unit of each entry."""
        return self.design.psu[self.respondent]

    def source(self, name: str) -> Source:
        """Describe the sample for a bootstrap."""
        stratum = strata_of(self.design)
        return Source(name, stratum, sum_by(stratum, len(self.design.population)) / self.design.population)

    def matrix(self) -> tuple[Floats, Codes]:
        """Return one row a respondent and one column a cell, NaN where there is no score; and who the rows are of."""
        who, row = np.unique(self.respondent, return_inverse=True)
        found = np.full((len(who), len(self.cells)), np.nan)
        found[row, self.cell] = self.score
        return found, who


def read_expected(responses: IntoFrame, *, of: str, by: Sequence[str], score: str = "dimensions", **design: Any) -> Expected:
    """Score one rating of each respondent in each cell as `customer_gap` does, over all answers that hold it.

    Parameters
    ----------
    responses : as in `customer_gap`
    of : column of the rating
    by : columns that make the cells
    score : as in `customer_gap`
    design : weight, stratum, psu, population and margins, as in `customer_gap`
    """
    found = respondent_scores(
        responses, start=of, end=of, by=tuple(by), score=score, importance=None, importance_kind="points", **design
    )
    used = np.isfinite(found.start) & (found.design.weight[found.respondent] > 0)
    return Expected(found.cells, found.cell[used], found.respondent[used], found.start[used], found.design, found.designed)
