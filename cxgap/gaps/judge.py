"""What of a cell of people would tell too much: lines that can be subtracted, and results of fewer people than the cell."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from cxgap.errors import ArgumentError
from cxgap.gaps.scores import Scores
from cxgap.stats.means import Codes, Floats, sum_by
from cxgap.stats.privacy import Mask, hide_also, too_few

# Columns whose levels the study or its questions name, never a respondent.
DECLARED = frozenset({"touchpoint", "stage", "dimension", "item", "question", "wave", "metric"})
SERVPERF = ("servperf", "servperf_low", "servperf_high", "servperf_n")
IDS = frozenset({"respondent_id", "customer_id", "manager_id", "employee_id", "event_id", "contact_id"})
LONGEST_NAME = 60  # characters of a group that a page may name; a longer one that few gave is what somebody wrote
IMPORTANCE = (
    "importance_gap", "importance_gap_low", "importance_gap_high", "importance_gap_n", "product_of_means", "heterogeneity",
)  # fmt: skip


def refuse_names(cells: pd.DataFrame, by: Sequence[str], n: Floats, min_n: int) -> None:
    """Refuse to make cells of what belongs to single people: a hidden cell has no numbers, and yet its name is shown.

    Raises
    ------
    ArgumentError : where small groups are protected, a column of `by` holds ids, addresses of mail or free text.
    """
    for name in [name for name in by if name not in DECLARED] if min_n > 1 else ():
        levels = cells[name].astype(object).where(cells[name].notna(), "").astype(str)
        small = pd.Series(n, index=cells.index).groupby(levels).max() < min_n
        told = [level for level, few in small.items() if few and (len(str(level)) > LONGEST_NAME or "@" in str(level))]
        if name in IDS or told:
            raise ArgumentError(
                f"`by` must name columns that make groups of people, and {name!r} holds "
                f"{'ids' if name in IDS else 'texts of single people'}, which a page would show; cut by another."
            )


def blank_thin(frame: pd.DataFrame, n: Floats, performance_n: Floats, min_n: int) -> pd.DataFrame:
    """Blank what stands on fewer people than its cell, and on too few.

    Parameters
    ----------
    frame : judged cells with the columns IMPORTANCE and SERVPERF
    n : respondents with a gap, before anything was hidden
    performance_n : respondents with a perception, likewise
    min_n : as in the gap functions
    """
    thin = too_few(frame["importance_gap_n"].to_numpy(), min_n)
    frame = frame.assign(**{name: frame[name].where(~thin) for name in IMPORTANCE})
    # People who gave a perception alone are the difference between `servperf` and `end`: too few of them give themselves away.
    alone = performance_n - n
    told = (alone > 0) & too_few(alone, min_n)
    return frame.assign(**{name: frame[name].where(~told) for name in SERVPERF})


def exposed_lines(scores: Scores, by: Sequence[str], min_n: int) -> list[np.ndarray]:
    """List the lines of the table in which a hidden cell could be told from the rest by subtraction.

    That is so where (nearly) every respondent stands in one cell of the line, as of regions. Where at least `min_n`
    stand in several, as of touchpoints, the cells do not add up to a known whole.
    """
    scored = np.isfinite(scores.gap)
    return lines_told(scores.cells, scores.cell[scored], scores.respondent[scored], by, min_n)


def lines_told(cells: pd.DataFrame, cell: Codes, respondent: Codes, by: Sequence[str], min_n: int) -> list[np.ndarray]:
    """List lines as `exposed_lines` does, for the cells in which respondents stand: one entry a respondent and cell."""
    if min_n == 1:
        return []
    people = int(respondent.max(initial=-1)) + 1
    lines = []
    for name in by:
        rest = [other for other in by if other != name]
        line = line_of(cells, rest)
        scores_in = sum_by(line[cell], line.max() + 1)
        people_in = sum_by(np.unique(line[cell] * people + respondent) // people, line.max() + 1)
        lines += [np.flatnonzero(line == number) for number in np.flatnonzero(scores_in - people_in < min_n)]
    return lines


def line_of(cells: pd.DataFrame, rest: Sequence[str]) -> Codes:
    """Number the lines of the table in which the keys `rest` do not change; null is a value."""
    if not rest:
        return np.zeros(len(cells), np.int64)
    codes = pd.DataFrame({name: pd.factorize(cells[name])[0] for name in rest})  # old pandas groups no categories beside null
    return codes.groupby(list(rest)).ngroup().to_numpy(np.int64)


def rater_lines(known: np.ndarray, cells: pd.DataFrame, by: Sequence[str], least: int) -> list[np.ndarray]:
    """List the lines of the table in which (nearly) every rater stands in one cell, as staff of one touchpoint do.

    Parameters
    ----------
    known : whether a rater has a score in a cell, shape (raters, cells)
    cells : one row a cell, with the columns in `by`
    least : the least number of raters that may be told apart
    """
    lines = []
    for name in by if least > 1 else ():
        rest = [other for other in by if other != name]
        line = line_of(cells, rest)
        for number in np.unique(line):
            inside = known[:, line == number]
            several = inside.any(axis=0).sum() > 1  # the total of one cell is that cell, hidden or shown as it is
            if several and inside.sum() - inside.any(axis=1).sum() < least:
                lines.append(np.flatnonzero(line == number))
    return lines


def withheld(few: Mask, *sides: tuple[Floats, Sequence[Codes], int]) -> Mask:
    """Return the cells to hide beside those of too `few`, so that none can be told by subtraction on any side.

    Parameters
    ----------
    few : cells of too few people on one side or another, shape (cells,)
    sides : of customers, of managers: how many are in each cell, the lines of the table, and the least number of people
        that may be told apart
    """
    covered = few.copy()
    while True:
        more = np.zeros(len(few), bool)
        for n, lines, least in sides:
            more |= hide_also(covered | more, n, lines, least)
        if not more.any():
            return covered & ~few
        covered |= more
