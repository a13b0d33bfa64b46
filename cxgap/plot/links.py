"""One cell of a chain: its links in the order of the path, and what stands in each column of the picture."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pandas as pd

from cxgap.errors import ArgumentError
from cxgap.plot.rows import Rows, unhidden
from cxgap.result import GapTable
from cxgap.vocabulary import MIXED, SHORT

TOTAL, PROMISED, SIDE = "customer", "promised", "communication"
BESIDE = (TOTAL, "positioning", SIDE)  # links that are no part of the path
LEVEL, STEP, BRANCH, UNKNOWN = "level", "step", "branch", "unknown"

_LEVELS = ("expected", "believed", "standard", "delivered", "perceived")
_SHARES = ("target", "standard", "believed", "expected", "perceived")  # a looser level is met more often


class Slot(NamedTuple):
    """A column of the picture: a level, the step to a level, the branch at one, or a level that is not known."""

    kind: str
    node: str
    row: int = -1


@dataclass(frozen=True, eq=False)
class Links:
    """One cell of a chain.

    Attributes
    ----------
    rows : the links of the cell, hidden numbers blanked
    cell : its name; "" where the table has but one
    """

    rows: Rows
    cell: str

    @classmethod
    def of(cls, gaps: GapTable, cell: str | None) -> Links:
        """Choose a cell of `gaps`: the one named, or the one that is most short from end to end."""
        if "link" not in gaps.by or "link_from" not in gaps.frame:
            raise ArgumentError(f"A chain needs a table with a row a link, as cx.gap_chain makes it, not a {gaps.gap} gap.")
        shown = unhidden(gaps, ("p_largest", "net", "gross"), ("link_from", "link_to", "unmeasured"))
        keys = [key for key in shown.by if key != "link"]
        names = replace(shown, by=tuple(keys)).labels()
        options = list(dict.fromkeys(names))
        if not options:
            raise ArgumentError("There is no link to draw: the table has no rows.")
        if cell is not None and cell not in options:
            raise ArgumentError.choice("cell", cell, options)
        chosen = cell if cell is not None else _most_short(shown, names)
        frame = shown.frame[[name == chosen for name in names]].reset_index(drop=True)
        unit = str(frame["unit"].iloc[0]) if shown.unit == MIXED else shown.unit
        part = replace(shown, frame=frame, unit=unit)
        return cls(Rows(part, part), chosen if keys else "")

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The links, one a row."""
        return self.rows.part.frame

    @cached_property
    def path(self) -> list[int]:
        """The rows along the path that have a number, in order."""
        shown = np.isfinite(self.frame["estimate"]) & ~self.frame["link"].isin(BESIDE)
        return [int(row) for row in np.flatnonzero(shown)]

    @cached_property
    def branch(self) -> int | None:
        """The row of the promise, if it has a number and begins or ends at a level of the path."""
        rows = np.flatnonzero((self.frame["link"] == SIDE) & np.isfinite(self.frame["estimate"]))
        return int(rows[0]) if len(rows) and self._joint(int(rows[0])) in self.known else None

    @cached_property
    def known(self) -> set[str]:
        """The levels of the path that have a number."""
        return {str(node) for name in ("link_from", "link_to") for node in self.frame[name].iloc[self.path]}

    @cached_property
    def slots(self) -> list[Slot]:
        """The columns of the picture, from left to right."""
        order = _SHARES if self.rows.part.basis == "attainment" else _LEVELS
        arriving = {str(self.frame["link_to"].iloc[row]): row for row in self.path}
        shown = [node for node in order if node in self.known]
        slots: list[Slot] = []
        for node in order:
            if node not in self.known:
                slots.append(Slot(UNKNOWN, node))
                continue
            slots.append(Slot(STEP, node, arriving[node]) if node in arriving else Slot(LEVEL, node, self.path[0]))
            if self.branch is not None and self._joint(self.branch) == node:
                slots.append(Slot(BRANCH, PROMISED, self.branch))
            if node == shown[-1]:
                slots.append(Slot(LEVEL, node, self.path[-1]))
        return slots

    @cached_property
    def turn(self) -> int:
        """1 where higher is better for the customer, -1 where lower is."""
        moved = (self.frame["end"] - self.frame["start"]) * self.frame["estimate"]
        return -1 if moved.sum() < 0 else 1

    @cached_property
    def largest(self) -> int | None:
        """The row of the largest shortfall of the path, if any is short."""
        short = [row for row in self.path if self.rows.verdicts[row] == SHORT]
        return min(short, key=lambda row: self.frame["estimate"].iloc[row]) if short else None

    def level(self, slot: Slot) -> float:
        """Return the level of a node on the path."""
        if slot.node == self.frame["link_from"].iloc[slot.row]:
            return float(self.frame["start"].iloc[slot.row])
        return float(self.frame["end"].iloc[slot.row])

    def whisker(self, row: int) -> tuple[float, float] | None:
        """Return the interval of a step, set at its end, on the axis of levels."""
        end, estimate, *ends = (float(self.frame[name].iloc[row]) for name in ("end", "estimate", "conf_low", "conf_high"))
        low, high = sorted(end + self.turn * (each - estimate) for each in ends)
        return (low, high) if np.isfinite(low) and np.isfinite(high) else None

    def chance(self, row: int) -> str:
        """Write how probable it is that a link is the largest shortfall; "" where it is ruled out, or the only one."""
        share = float(self.frame["p_largest"].iloc[row])
        if not share >= 0.005 or len(self.path) == 1:
            return ""
        said = "above .99" if share > 0.995 else f"{share:.2f}".lstrip("0")
        return f"probability {said} of being the largest"

    def _joint(self, row: int) -> str:
        """Name the level at which the branch leaves the path."""
        nodes = (str(self.frame[name].iloc[row]) for name in ("link_from", "link_to"))
        return next(node for node in nodes if node != PROMISED)


def _most_short(gaps: GapTable, names: list[str]) -> str:
    """Name the cell that is most short from end to end: by its gap, or with several units by its gap in standard errors."""
    total = (gaps.frame["link"] == TOTAL) & np.isfinite(gaps.frame["estimate"])
    if not total.any():
        return names[0]
    short = total & (gaps.frame["verdict"] == SHORT)
    frame = gaps.frame[short if short.any() else total]
    size = frame["estimate"] / frame["std_error"].replace(0, np.nan) if gaps.unit == MIXED else frame["estimate"]
    return names[int(size.fillna(np.inf).idxmin())]
