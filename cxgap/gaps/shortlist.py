"""Few enough rows for a page: those nearest to a shortfall, in the table's order."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from cxgap._check import check_count
from cxgap.errors import ArgumentError
from cxgap.result import GapTable


def shortlist(gaps: GapTable, *, most: int = 10) -> GapTable:
    """Return at most `most` rows of a table: the most negative gaps, in the order of the table; hidden rows go first.

    A table that is short enough is returned as it is. Rows of different units cannot be compared by size: of such a table
    the first rows are kept. Nothing is computed anew; `score` says how many rows there were.

    Parameters
    ----------
    gaps : what a gap function returned
    most : rows at most
    """
    if not isinstance(gaps, GapTable):
        raise ArgumentError(f"`gaps` must be what a gap function returned, not {type(gaps).__name__}.")
    most = check_count(most, "most")
    if gaps.missing or len(gaps.frame) <= most:
        return gaps
    sizes = gaps.frame["estimate"].to_numpy(float)
    order = np.argsort(sizes, kind="stable") if len(set(gaps.row_units)) == 1 else np.arange(len(sizes))
    kept = np.sort(order[:most])
    score = "; ".join(filter(None, [gaps.score, f"the {most} of {len(sizes)} that are nearest to a shortfall"]))
    return replace(gaps, frame=gaps.frame.iloc[kept].reset_index(drop=True), score=score)
