"""The straight line through each unbroken stretch of a series."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from cxgap.gaps.trend_lines import Line
from cxgap.stats.means import t_interval
from cxgap.stats.trend import combined, slope_factors

LEAST_PERIODS: Final = 3


def long_enough(
    lines: Sequence[Line], hidden: np.ndarray, at: dict[int, int]
) -> list[tuple[tuple[int, int], list[int], np.ndarray]]:
    """List the segments that are long enough for a slope: which, their cells, and by what the mean of each is multiplied."""
    made = []
    for number, line in enumerate(lines):
        for segment in dict.fromkeys(line.segments):
            own = [one for one, each in zip(line.cells, line.segments, strict=True) if each == segment and not hidden[one]]
            if len(own) >= LEAST_PERIODS:
                made.append(((number, segment), own, slope_factors(np.array([at[one] for one in own], float))))
    return made


def with_slopes(
    frame: pd.DataFrame, side: str, slopes: Any, lines: Sequence[Line], data: Any, conf_level: float
) -> pd.DataFrame:
    """Put the slope of its segment beside each row."""
    of = np.repeat(np.arange(len(slopes)), [len(own) for _, own, _ in slopes]).astype(np.int64)
    member = np.array([one for _, own, _ in slopes for one in own], np.int64)
    factor = np.concatenate([each for _, _, each in slopes]) if slopes else np.zeros(0)
    places = [(number, segment) for number, line in enumerate(lines) for segment in line.segments]
    columns = np.full((3, len(frame)), np.nan)
    if slopes:
        y, cell, cells, respondent, design = data
        found = combined(y, cell, cells, respondent, design, of, member, factor)
        low, high = t_interval(*found, conf_level=conf_level)
        for number, (place, _, _) in enumerate(slopes):
            mine = [row for row, each in enumerate(places) if each == place]
            columns[:, mine] = np.array([[found.estimate[number]], [low[number]], [high[number]]])
    return frame.assign(**{f"{side}slope{end}": each for end, each in zip(("", "_low", "_high"), columns, strict=True)})
