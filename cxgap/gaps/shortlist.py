"""Few enough rows for a page: those nearest to a shortfall, in the table's order."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from cxgap._check import check_count
from cxgap.errors import ArgumentError
from cxgap.result import GapTable


@dataclass(frozen=True, eq=False)
class _Shortened(GapTable):
    """A table of which some rows are left: what it found is what the whole found."""

    found: str = ""

    @property
    def finding(self) -> str:
        """How many cells of the whole got which verdict, and which rows are left."""
        return self.found

    def record(self) -> dict[str, Any]:
        """Return the rows that are left, as of any table."""
        return {name: value for name, value in super().record().items() if name != "found"}


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
    alike = len(set(gaps.row_units)) == 1
    order = np.argsort(sizes, kind="stable") if alike else np.arange(len(sizes))
    kept = np.sort(order[:most])
    left = f"the {most} of {len(sizes)} that are nearest to a shortfall" if alike else f"the first {most} of {len(sizes)}"
    own = {field.name: getattr(gaps, field.name) for field in fields(GapTable)}
    own |= {"frame": gaps.frame.iloc[kept].reset_index(drop=True), "score": "; ".join(filter(None, [gaps.score, left]))}
    return _Shortened(**own, found=f"{gaps.finding} Drawn are {left}.")
