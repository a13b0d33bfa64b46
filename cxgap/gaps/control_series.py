"""What a chart follows: one row a group and period, and how periods are cut and named."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from cxgap.gaps.clocks import end_of
from cxgap.stats.means import Floats

PERIODS: Final = {"day": "D", "week": "W-SUN", "month": "M", "quarter": "Q"}
DAYS: Final = {"day": 1.0, "week": 7.0, "month": 30.44, "quarter": 91.31}
ENOUGH: Final = 5.0  # expected hits, and misses, of a period, below which a share moves in jumps
BASELINE, MONITORED, RECENT, EARLY = "baseline", "monitored", "too recent", "too early"


class Series(NamedTuple):
    """What is charted.

    Attributes
    ----------
    rows : one row a group and period, in order: the keys of the group, `period` (its name), `start` (its first day, NaT
        where unknown), `n`, `people`, `value`, `std_error` (NaN for shares), and `ready`, "" or why it is not judged
    share : whether values are shares
    period : one of PERIODS, or "" where rows are periods of their own
    what : what is charted, in words
    notes : what a reader must know of how it was read
    """

    rows: pd.DataFrame
    share: bool
    period: str
    what: str
    notes: tuple[str, ...] = ()


def finest(local: pd.Series, cell: np.ndarray, mass: Floats, hits: Floats, min_n: int) -> str:
    """Return the shortest period in which a share does not move in jumps, and few are hidden."""
    level = hits.sum() / mass.sum() if mass.sum() > 0 else 0.0
    for period, code in PERIODS.items():
        n = pd.Series(mass).groupby([pd.Series(cell), local.dt.to_period(code).astype(str)]).sum()
        if (n.median() * min(level, 1 - level) >= ENOUGH and n.quantile(0.1) >= min_n) or period == "month":
            return period
    return "month"


def period_name(span: pd.Period, period: str) -> str:
    """Name a period as the table has it."""
    if period in ("day", "week"):
        return str(span.start_time.date())
    return f"{span.year}-Q{span.quarter}" if period == "quarter" else f"{span.year}-{span.month:02d}"


def moment_of(as_of: str, zone: str) -> float:
    """Return the end of a reading, in microseconds: the first moment that is too late."""
    return end_of(as_of, zone) + 1
