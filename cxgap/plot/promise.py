"""How early or late promises were kept: shares by distance from the promise, one panel a cell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from cxgap.plot.axes import Shape, round_ticks, tick_texts
from cxgap.plot.lettering import Annotation, safe, tallest
from cxgap.plot.marks import Trace
from cxgap.plot.multiples import (
    FIRST,
    Cell,
    Sheet,
    about_table,
    above_panel,
    axis_name,
    head_of_all,
    keys,
    nothing,
    number_of,
    on_panel,
    panel_axes,
    share_text,
    sheet,
    split,
    title,
    title_width,
)
from cxgap.plot.theme import BLUE, INK, MUTED, NEUTRAL, VERMILION, figure
from cxgap.result import Table

if TYPE_CHECKING:
    import plotly.graph_objects as go

COLUMNS = ("delta_low", "delta_high", "class", "share", "share_low", "share_high", "n")
TOTALS = ("class_share", "class_low", "class_high")
COLORS = {"early": BLUE, "on time": NEUTRAL, "late": VERMILION}
_LETTERS = {"early": BLUE, "on time": MUTED, "late": VERMILION}
_SIDES = {"early": 0.0, "on time": 0.5, "late": 1.0}


def promise(table: Table, *, cells: slice = FIRST) -> go.Figure:
    """Draw how early or late promises were kept.

    Parameters
    ----------
    table : what `lateness` returned; where it has `class_share`, `class_low` and `class_high`, these are the shares of
        early, on time and late that stand above each panel, else the bars of each class are added up
    cells : the cells to draw; by default the first 12

    Returns
    -------
    A plotly Figure, one panel a cell, all on the same axes. Where nothing was measured, or nothing may be shown, the
    figure says why.

    Raises
    ------
    ArgumentError : the table is no table of lateness, or `cells` chooses none or more than 12.
    """
    if (empty := nothing(table)) is not None:
        return empty
    drawn = Drawn.of(table, split(table, COLUMNS, cells))
    traces = [trace for panel, cell in enumerate(drawn.cells) for trace in on_panel(_bars(drawn, cell), panel)]
    return figure(traces, _layout(drawn, across=2), _about(drawn))


class Drawn(NamedTuple):
    """The cells drawn, and half the width that an on-time class without width is given, to be seen."""

    table: Table
    cells: list[Cell]
    half: float

    @classmethod
    def of(cls, table: Table, cells: list[Cell]) -> Drawn:
        """Measure the classes."""
        widths = (table.frame["delta_high"] - table.frame["delta_low"]).to_numpy(float)
        wide = widths[np.isfinite(widths) & (widths > 0)]
        return cls(table, cells, float(np.median(wide)) / 2 if len(wide) and (widths == 0).any() else 0.0 if len(wide) else 0.5)

    def place(self, frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        """Return where the bar of each class begins and ends: early and late ones make room for one without width."""
        low, high = (frame[name].to_numpy(float) for name in COLUMNS[:2])
        kind = frame["class"].to_numpy()
        left = np.where(kind == "late", low + self.half, low - self.half)
        right = np.where(kind == "early", high - self.half, high + self.half)
        return left, right


def _bars(drawn: Drawn, cell: Cell) -> list[Trace]:
    traces = []
    unit = _axis(drawn)
    for kind, color in COLORS.items():
        rows = cell.frame[cell.frame["class"] == kind]
        left, right = drawn.place(rows)
        ends = zip(*(rows[name].astype(float) for name in COLUMNS[:2]), strict=True)
        shares = [share_text(*row) for row in zip(*(rows[name] for name in COLUMNS[3:6]), strict=True)]
        hover = [f"{low:+g} to {high:+g} {unit}: {text}" for (low, high), text in zip(ends, shares, strict=True)]
        traces.append(
            {
                "type": "bar",
                "name": kind,
                "x": [float(x) for x in (left + right) / 2],
                "y": [float(share) * 100 for share in rows["share"]],
                "width": [float(width) * 0.88 for width in right - left],
                "marker": {"color": color, "line": {"width": 0}},
                "hoverinfo": "text",
                "hovertext": [f"{safe(cell.name)}<br>{safe(text)}" if cell.name else safe(text) for text in hover],
                "textposition": "none",
            }
        )
    return traces


def _layout(drawn: Drawn, *, across: int) -> dict[str, Any]:
    """Lay the panels out, `across` in a row."""
    count = len(drawn.cells)
    across = min(across, count)
    width = title_width(across, beside=8)
    shares = [class_shares(cell.frame) for cell in drawn.cells]
    low_lines = 2 if any(np.isfinite(low) for cell in shares for _, low, _ in cell.values()) else 1
    names = tallest([cell.name for cell in drawn.cells], width) if drawn.cells[0].name else 0
    page = sheet(count, across, tall=220 if count == 1 else 130, lines=low_lines + names, head=2)
    left, right = drawn.place(pd.concat([cell.frame for cell in drawn.cells]))
    low, high = min(0.0, float(np.min(left))), max(0.0, float(np.max(right)))
    pad = 0.03 * (high - low)
    most = max(float(cell.frame["share"].max()) for cell in drawn.cells) * 100
    xticks, yticks = round_ticks(low, high, sign=True), round_ticks(0, most * 1.05)
    xaxis = {"range": [low - pad, high + pad], "tickvals": xticks, "ticktext": tick_texts(xticks, sign=True)}
    yaxis = {"range": [0, most * 1.05], "tickvals": yticks, "ticktext": [f"{text} %" for text in tick_texts(yticks)]}
    head = f"up: share of promises<br>across: {safe(_axis(drawn))}; the line at 0 is the promise"
    annotations = [head_of_all(page, head)]
    for panel, cell in enumerate(drawn.cells):
        if cell.name:
            annotations.append(
                title(page, panel, cell.name, line=low_lines, width=width, beside=f"n {cell.frame['n'].sum():,.0f}")
            )
        annotations += _shares(page, panel, shares[panel], low_lines)
    return {
        "height": page.height,
        "margin": page.margin,
        **panel_axes(page, [xaxis] * count, yaxis),
        "annotations": annotations,
        "shapes": [_line(panel) for panel in range(count)],
    }


def _shares(page: Sheet, panel: int, shares: Mapping[str, tuple[float, float, float]], lines: int) -> list[Annotation]:
    """Write the share of each class above its side of the panel."""
    annotations = []
    for kind, share in shares.items():
        text, _, interval = share_text(*share).partition(" (")
        second = f"<br>{f'({interval}' if interval else '&nbsp;'}" if lines > 1 else ""
        said = f"<b>{kind} {text}</b>{second}"
        annotations.append(above_panel(page, panel, said, line=0, side=_SIDES[kind], size=13, color=_LETTERS[kind]))
    return annotations


def class_shares(frame: pd.DataFrame) -> dict[str, tuple[float, float, float]]:
    """Return share and interval of early, on time and late; of several bars there is no interval but the table's own.

    Where no tolerance is given, nothing can be on time to the second, and that class is left out.
    """
    found = {}
    for kind in COLORS:
        rows = frame[frame["class"] == kind]
        if rows.empty and kind == "on time":
            continue
        if set(TOTALS) <= set(frame) and len(rows):
            share, low, high = (float(rows[name].iloc[0]) for name in TOTALS)
        elif len(rows) == 1:
            share, low, high = (float(rows[name].iloc[0]) for name in COLUMNS[3:6])
        else:
            share, low, high = float(rows["share"].sum()), np.nan, np.nan
        found[kind] = (share, low, high)
    return found


def _line(panel: int) -> Shape:
    """Return the line of the promise."""
    number = number_of(panel)
    place = {"xref": f"x{number}", "yref": f"y{number} domain", "x0": 0, "x1": 0, "y0": 0, "y1": 1}
    return {"type": "line", "layer": "below", **place, "line": {"color": INK, "width": 1}}


def _axis(drawn: Drawn) -> str:
    """Name the unit of lateness, such as "days late", as the table's head does."""
    return axis_name(drawn.table, "units late").removeprefix("to ").strip("()")


def _about(drawn: Drawn) -> dict[str, Any]:
    late = sorted(((class_shares(cell.frame)["late"], cell.name) for cell in drawn.cells), key=lambda each: each[0][0])
    least, most = ((share_text(*share), name) for share, name in (late[0], late[-1]))
    if len(late) == 1:
        finding = f"{most[0]} of promises{f' at {most[1]}' if most[1] else ''} were missed."
    else:
        finding = f"The share of promises missed runs from {least[0]} at {least[1]} to {most[0]} at {most[1]}."
    said = [
        f"{cell.name + ': ' if cell.name else ''}"
        + ", ".join(f"{kind} {share_text(*share)}" for kind, share in class_shares(cell.frame).items())
        for cell in drawn.cells
    ]
    return about_table(
        drawn.table,
        drawn.cells,
        keys(drawn.table, COLUMNS),
        alt=f"{drawn.table.title}: bars of the share of promises by {_axis(drawn)}. {'; '.join(said)}. {finding}",
        finding=finding[0].upper() + finding[1:],
        note="Blue: early; grey: on time; vermilion: late. Above each panel: the share of each, with its interval where known.",
        narrow=_layout(drawn, across=1),
    )
