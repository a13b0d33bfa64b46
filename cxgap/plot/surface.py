"""Two cuts through a response surface: the outcome where perceived equals expected, and by the difference of the two."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from cxgap.errors import ArgumentError
from cxgap.plot.axes import Axis, round_ticks, scale_ticks, tick_texts
from cxgap.plot.lettering import safe
from cxgap.plot.marks import Trace
from cxgap.plot.multiples import Cell, Sheet, about_table, above_panel, head_of_all, nothing, on_panel, panel_axes, sheet, split
from cxgap.plot.theme import BODY, INK, MUTED, NEUTRAL, RULE, SMALL, figure
from cxgap.result import Table
from cxgap.vocabulary import plain, signed

if TYPE_CHECKING:
    import plotly.graph_objects as go

COLUMNS = ("at", "estimate", "conf_low", "conf_high", "inside", "visits", "outcome", "shown")
_TITLES = ("where perceived equals expected", "where they differ, at the middle of the scale")
_ACROSS = ("level of both", "perceived less expected")
_RUG = 0.12  # of the height, for the level with most visits
_NOTE = (
    "Line: the outcome by the smallest model that is not rejected; band: its interval. Dashed: beyond what customers answered. "
    "Grey strokes below: how many visits lie near."
)


def surface(table: Table) -> go.Figure:
    """Draw the outcome along agreement of perception and expectation, and across it.

    Parameters
    ----------
    table : of slug "surface-slices"

    Returns
    -------
    A plotly Figure with two panels on the same scale of the outcome. Where nothing was measured, the figure says why.

    Raises
    ------
    ArgumentError : the table is of another kind.
    """
    if table.slug != "surface-slices":
        raise ArgumentError.choice("table.slug", table.slug, ["surface-slices"])
    if (empty := nothing(table)) is not None:
        return empty
    drawn = split(table, COLUMNS, slice(0, 2))
    ends = _heights(table.frame)
    traces = [trace for panel, cell in enumerate(drawn) for trace in on_panel(_marks(cell, ends), panel)]
    return figure(traces, _layout(drawn, ends, across=2), _about(table, drawn, ends))


def _heights(frame: pd.DataFrame) -> tuple[float, float]:
    """Return the ends of the axis of the outcome: the bands where there are data, and room for the strokes below."""
    shown = frame[frame["inside"].astype(bool)]
    shown = frame if shown.empty else shown
    low, high = float(shown["conf_low"].min()), float(shown["conf_high"].max())
    room = (high - low) or 1.0
    return low - 0.2 * room, high + 0.06 * room


def _marks(cell: Cell, ends: tuple[float, float]) -> list[Trace]:
    frame = cell.frame
    held = frame["inside"].astype(bool).to_numpy()
    x, y = frame["at"].to_numpy(float), frame["estimate"].to_numpy(float)
    low, high = frame["conf_low"].to_numpy(float), frame["conf_high"].to_numpy(float)
    there = np.flatnonzero(held)
    beyond = ~held
    beyond[there[:1]] = beyond[there[-1:]] = True
    seen = beyond & (y >= ends[0]) & (y <= ends[1])
    if len(there):  # two pieces, which must not be joined through the middle
        seen[there[0] + 1 : there[-1]] = False
    hover = [
        f"{_level(row)}: {safe(row.outcome)} {plain(row.estimate, 2)} ({plain(row.conf_low, 2)} to {plain(row.conf_high, 2)})"
        for row in frame[held].itertuples()
    ]
    band = {"x": [*x[held], *x[held][::-1]], "y": [*low[held], *high[held][::-1]]}
    line: dict[str, Any] = {"type": "scatter", "mode": "lines", "hoverinfo": "skip"}
    return [
        {**line, "name": "visits", **_rug(frame, ends), "line": {"color": NEUTRAL, "width": 3}},
        {**line, "name": "band", **band, "fill": "toself", "fillcolor": RULE, "line": {"color": RULE, "width": 1}},
        {
            **line,
            "name": "beyond",
            "x": x.tolist(),
            "y": [float(value) if mark else None for value, mark in zip(y, seen, strict=True)],
            "line": {"color": MUTED, "width": 1.5, "dash": "dash"},
        },
        {
            **line,
            "name": "outcome",
            "x": x[held].tolist(),
            "y": y[held].tolist(),
            "line": {"color": INK, "width": 2.5},
            "hoverinfo": "text",
            "hovertext": hover,
        },
    ]


def _level(row: Any) -> str:
    return f"at {plain(row.at, 1)}" if row.line.endswith("equals expected") else f"at {signed(row.at, 1) or '0'}"


def _rug(frame: pd.DataFrame, ends: tuple[float, float]) -> dict[str, list[float | None]]:
    """Return strokes whose height is the share of the level with most visits; none where there are too few to show."""
    most = float(frame["visits"].max()) or 1.0
    x: list[float | None] = []
    y: list[float | None] = []
    for at, visits in zip(frame["at"], frame["visits"], strict=True):
        if visits > 0:
            x += [float(at), float(at), None]
            y += [ends[0], ends[0] + _RUG * (ends[1] - ends[0]) * float(visits) / most, None]
    return {"x": x, "y": y}


def _layout(drawn: Sequence[Cell], ends: tuple[float, float], *, across: int) -> dict[str, Any]:
    outcome = str(drawn[0].frame["outcome"].iloc[0])
    page = sheet(len(drawn), across, tall=260, lines=2, head=1)
    ticks = round_ticks(*ends)
    yaxis: Axis = {"range": list(ends), "tickvals": ticks, "ticktext": tick_texts(ticks)}
    annotations = [head_of_all(page, safe(f"up: {outcome}"))]
    for panel in range(len(drawn)):
        annotations += _named(page, panel)
    layout = {"height": page.height, "margin": page.margin, **panel_axes(page, [_xaxis(cell) for cell in drawn], yaxis)}
    return {**layout, "annotations": annotations}


def _named(page: Sheet, panel: int) -> list[dict[str, Any]]:
    """Name a panel, and say what runs along its x axis."""
    title, axis = (safe(text) for text in (_TITLES[panel], f"across: {_ACROSS[panel]}"))
    return [
        above_panel(page, panel, title, line=1, size=BODY, color=INK),
        above_panel(page, panel, axis, line=0, size=SMALL, color=MUTED),
    ]


def _xaxis(cell: Cell) -> Axis:
    low, high = float(cell.frame["at"].min()), float(cell.frame["at"].max())
    pad, sign = 0.03 * (high - low), low < 0 < high
    ticks = round_ticks(low, high, sign=True) if sign else scale_ticks(low, high)
    line = {"zeroline": True, "zerolinecolor": MUTED, "zerolinewidth": 1} if sign else {}
    return {"range": [low - pad, high + pad], "tickvals": ticks, "ticktext": tick_texts(ticks, sign=sign), **line}


def _about(table: Table, drawn: Sequence[Cell], ends: tuple[float, float]) -> dict[str, Any]:
    finding = " ".join(_runs(cell, title) for cell, title in zip(drawn, _TITLES, strict=True))
    if not table.frame["shown"].astype(bool).all():
        name = str(table.frame["outcome"].iloc[0])
        finding = f"{name[:1].upper()}{name[1:]} is not shown to go with expectation or perception."
    alt = f"{table.title}: two line panels. {finding}"
    return about_table(table, drawn, ["line"], alt=alt, finding=finding, note=_NOTE, narrow=_layout(drawn, ends, across=1))


def _runs(cell: Cell, where: str) -> str:
    """Say from where to where the outcome runs, between the ends of what customers answered."""
    frame = cell.frame[cell.frame["inside"].astype(bool)]
    if frame.empty:
        return f"No answers lie {where}."
    first, last = frame.iloc[0], frame.iloc[-1]
    sign = float(cell.frame["at"].min()) < 0
    start, end = (signed(row["at"], 1) or "0" if sign else plain(row["at"], 1) for row in (first, last))
    outcome = str(first["outcome"])
    values = f"{plain(first['estimate'], 1)} at {start} to {plain(last['estimate'], 1)} at {end}"
    return f"{outcome[:1].upper()}{outcome[1:]} runs from {values} {where}."
