"""The share closed within a time, and the time by which half are: what is still open is watched, and not left out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from cxgap.stats.means import Codes, Floats
from cxgap.stats.survival import (
    FULFILLED,
    OPEN,
    count_times,
    followed,
    kaplan_meier,
    log_log_interval,
    process,
    quantile,
    survival_at,
)


def curve(days: Floats, closed: np.ndarray, unit: Codes, within: Sequence[float], conf_level: float) -> list[dict[str, Any]]:
    """Return the share closed within each time, and the median."""
    state = np.where(closed, FULFILLED, OPEN)
    along = process(days, state)
    counts = count_times(days, state)
    n, open_ = float(len(np.unique(unit))), float((~closed).sum())
    rows = []
    for time in within:
        row: dict[str, Any] = {
            "measure": "closed within",
            "after": float(time),
            "n": n,
            "starts": float(len(days)),
            "open": open_,
        }
        row |= {"estimate": np.nan, "std_error": np.nan, "conf_low": np.nan, "conf_high": np.nan, "unit": "share"}
        reached = len(days) and (days.max() >= time or closed[days == days.max()].all())
        if reached:
            still, error = survival_at(along, float(time), cluster=unit)
            watched = followed(counts, float(time)) * n / len(days)
            low, high = log_log_interval(np.array([still]), np.array([error]), np.array([watched]), conf_level=conf_level)
            row |= {
                "estimate": 1 - still, "std_error": error, "conf_low": 1 - float(high[0]), "conf_high": 1 - float(low[0]),
            }  # fmt: skip
        row["flags"] = "|".join([*(["NOT_IDENTIFIED"] if not reached else []), *(["OPEN"] if open_ else [])])
        rows.append(row)
    middle = _half(days, closed, unit, conf_level)
    rows.append(
        {
            "measure": "median", "after": np.nan, "n": n, "starts": float(len(days)), "open": open_, "estimate": middle[0],
            "std_error": np.nan, "conf_low": middle[1], "conf_high": middle[2], "unit": "days",
            "flags": "|".join([*(["NOT_REACHED"] if not np.isfinite(middle[0]) else []), *(["OPEN"] if open_ else [])]),
        }
    )  # fmt: skip
    return rows


def _half(days: Floats, closed: np.ndarray, unit: Codes, conf_level: float) -> tuple[float, float, float]:
    """Return the time by which half are closed, and its interval: where the band of the curve, by clusters, reaches half."""
    if not closed.any():
        return np.nan, np.nan, np.nan
    state = np.where(closed, FULFILLED, OPEN)
    counts, along = count_times(days, state), process(days, state)
    middle = quantile(kaplan_meier(counts), 0.5, conf_level=conf_level)[0]
    times = counts.time[counts.fulfilled > 0]

    def reached(place: int, end: int) -> bool:
        still, error = survival_at(along, float(times[place]), cluster=unit)
        band = log_log_interval(
            np.array([still]), np.array([error]), np.array([followed(counts, float(times[place]))]), conf_level=conf_level
        )
        return bool(band[end][0] <= 0.5)

    ends = []
    for end in (0, 1):
        low, high = 0, len(times)
        while low < high:
            centre = (low + high) // 2
            low, high = (low, centre) if reached(centre, end) else (centre + 1, high)
        ends.append(float(times[low]) if low < len(times) else np.nan)
    return middle, ends[0], ends[1]
