"""Axes: round ticks, the whole scale of the question, and the gap with zero in view."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from cxgap.plot.rows import Rows, margins
from cxgap.plot.theme import BAND, INK
from cxgap.vocabulary import PERCENTAGE_POINTS, percent, plain, signed

Axis = dict[str, Any]
Shape = dict[str, Any]

_PAD = 0.07  # of the range, so that no mark touches the edge
_PANEL = 110  # pixels of the narrowest panel; tick labels must fit there
_CHARACTER, _AIR = 6.5, 3  # pixels of a tick label's character, and between two labels


def round_ticks(low: float, high: float, *, sign: bool = False) -> list[float]:
    """Return round numbers from `low` to `high`, as many as there is room for."""
    for step in _steps(high - low, (1, 2, 2.5, 5)):
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        ticks = [round(k * step, 12) for k in range(first, last + 1)]
        if _fit(ticks, step / (high - low), sign=sign):
            break
    return ticks


def scale_ticks(low: float, high: float) -> list[float]:
    """Return both ends of a question's scale and equal steps between; round numbers if no step does that."""
    for step in _steps(high - low, (1, 2, 2.5, 3, 5)):
        count = (high - low) / step
        ticks = [round(low + k * step, 12) for k in range(round(count) + 1)]
        if math.isclose(count, round(count), abs_tol=1e-9) and _fit(ticks, step / (high - low)):
            return ticks
    return round_ticks(low, high)


def level_axis(rows: Rows, columns: Sequence[str] = ("start", "end")) -> Axis:
    """Return the axis of levels: the whole scale, never truncated; without one, what `columns` need."""
    if rows.whole.scale:
        low, high = rows.whole.scale
        pad = (high - low) * 0.02
        return _axis(low - pad, high + pad, scale_ticks(low, high))
    low, high = _span(rows, columns, [])
    return _axis(low, high, round_ticks(low, high) if _known(rows) else [])


def level_head(rows: Rows) -> tuple[str, ...]:
    """Say what the axis of start and end is, in short lines."""
    if not rows.whole.scale:
        return f"in {level_unit(rows.whole.unit)};", "axis fits", "the data"
    low, high = (tick_texts([end])[0] for end in rows.whole.scale)
    return "whole scale,", f"{low} to {high}{' per cent' if rows.whole.unit == PERCENTAGE_POINTS else ''}"


def level_unit(unit: str) -> str:
    """Name the unit of levels whose differences have `unit`."""
    return "per cent" if unit == PERCENTAGE_POINTS else unit


def gap_axis(rows: Rows) -> Axis:
    """Return the axis of the gap: every interval, the margin and a line at zero are in view."""
    margin = max(margins(rows.whole), default=0.0)
    low, high = _span(rows, ["estimate", "conf_low", "conf_high"], [-margin, 0.0, margin])
    ticks = round_ticks(low, high, sign=True) if _known(rows) else [0.0]
    return {**_axis(low, high, ticks, sign=True), "zeroline": True, "zerolinecolor": INK, "zerolinewidth": 1}


def gap_head(rows: Rows) -> tuple[str, str]:
    """Say what the axis of the gap is, in two lines."""
    return f"gap in {rows.whole.unit},", f"{percent(rows.whole.conf_level)} interval"


def margin_band(margin: float | None, axis: str, **height: Any) -> list[Shape]:
    """Return the band within which an expectation counts as met, if a margin is set."""
    if not margin:
        return []
    place = {"type": "rect", "layer": "below", "xref": axis, **height}
    return [{**place, "x0": -margin, "x1": margin, "fillcolor": BAND, "line": {"width": 0}}]


def margin_bands(rows: Rows, axis: str) -> list[Shape]:
    """Return one band behind all rows, or one a row where their margins differ."""
    each = margins(rows.part)
    if len(set(each)) == 1:
        return margin_band(each[0], axis, yref="paper", y0=0, y1=1)
    bands = (margin_band(margin, axis, yref="y", y0=row - 0.4, y1=row + 0.4) for row, margin in enumerate(each))
    return [shape for band in bands for shape in band]


def _known(rows: Rows) -> bool:
    """Whether any row of the table has a gap."""
    return bool(rows.whole.frame["estimate"].notna().any())


def _span(rows: Rows, columns: Sequence[str], always: list[float]) -> tuple[float, float]:
    """Return the padded range of some columns of the whole table, where it has a gap."""
    frame = rows.whole.frame
    values = np.append(frame.loc[np.isfinite(frame["estimate"]), list(columns)].to_numpy(float).ravel(), always)
    values = values[np.isfinite(values)]
    low, high = (float(values.min()), float(values.max())) if len(values) else (0.0, 0.0)
    if low == high:
        low, high = low - 1, high + 1
    pad = (high - low) * _PAD
    return low - pad, high + pad


def _steps(span: float, factors: Sequence[float]) -> Iterator[float]:
    """Yield steps from too small to as wide as the axis."""
    power = 10.0 ** math.floor(math.log10(span))
    yield from (power * tenth * factor for tenth in (0.1, 1) for factor in factors if power * tenth * factor <= span)


def _fit(ticks: list[float], share: float, *, sign: bool = False) -> bool:
    """Whether the labels of ticks that are this share of the axis apart stand clear of each other."""
    return max(map(len, tick_texts(ticks, sign=sign))) * _CHARACTER + _AIR <= share * _PANEL


def _axis(low: float, high: float, ticks: list[float], *, sign: bool = False) -> Axis:
    return {"range": [low, high], "tickvals": ticks, "ticktext": tick_texts(ticks, sign=sign)}


def tick_texts(ticks: list[float], *, sign: bool = False) -> list[str]:
    """Write ticks with as many digits as the finest of them needs; zero is bare."""
    digits = max((len(f"{tick:.6f}".rstrip("0").split(".")[1]) for tick in ticks), default=0)
    return [(signed if sign else plain)(tick, digits) if tick else "0" for tick in ticks]
