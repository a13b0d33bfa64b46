"""Patience: the share still waiting by time, a step curve with its band for each group."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from cxgap.errors import ArgumentError
from cxgap.plot.axes import round_ticks, tick_texts
from cxgap.plot.lettering import Annotation, heading, lettered, lines, safe, wrapped
from cxgap.plot.marks import Trace
from cxgap.plot.multiples import Cell, about_table, keys, nothing, share_text, split
from cxgap.plot.theme import BAND, BLUE, INK, MUTED, NEUTRAL, SMALL, VERMILION, figure
from cxgap.result import Table
from cxgap.vocabulary import plain

if TYPE_CHECKING:
    import plotly.graph_objects as go

SLUG = "patience"
COLUMNS: Final = ("time", "still", "still_low", "still_high")
MOST_CURVES: Final = 6  # more cannot be told apart
STILL: Final = {"minutes": "still waiting", "days": "not settled"}
ENDED: Final = {"minutes": "gave up", "days": "were settled"}

# Apart for every kind of colour blindness, and by their strokes on grey paper.
_COLORS: Final = (BLUE, VERMILION, INK, "#5b8c3a", "#8e5aa8", NEUTRAL)
_DASHES: Final = ("solid", "solid", "dash", "dot", "dashdot", "longdash")
_HEIGHT, _FOOT, _LABEL = 360, 44, 18  # pixels of the axes, below them, and characters of a name
_ACROSS = 36  # characters of a name across a phone
_LINE = 16  # pixels of a line of a name


def patience(table: Table, *, curves: slice = slice(0, MOST_CURVES)) -> go.Figure:
    """Draw how the share still waiting falls.

    Parameters
    ----------
    table : what `patience` returned
    curves : those to draw, in the order of the table; by default the first 6

    Returns
    -------
    A plotly Figure with one curve a group, its band and its name at the end. A curve ends where too few were watched
    longer. Where nothing was measured, or nothing may be shown, the figure says why.

    Raises
    ------
    ArgumentError : the table is another, or `curves` chooses more than 6.
    """
    if not isinstance(table, Table) or table.slug != SLUG:
        raise ArgumentError(f"`table` must be what `cx.patience` returned, not {type(table).__name__}.")
    if (empty := nothing(table)) is not None:
        return empty
    drawn = _chosen(table, curves)
    shown = [(place, cell) for place, cell in enumerate(drawn) if cell.frame["still"].notna().any()]
    hidden = [cell.name for cell in drawn if cell.frame["still"].isna().all()]
    unit = str(table.frame["unit"].iloc[0])
    finding = _finding([cell for _, cell in shown], unit, table)
    note = f"Line: the share {STILL[unit]} after so many {unit}; band: its interval."
    note += f" Not shown, too few: {', '.join(hidden)}." if hidden else ""
    about = about_table(
        table,
        drawn,
        keys(table, COLUMNS),
        alt=f"{table.title}: {len(shown)} curve{'' if len(shown) == 1 else 's'} by {unit}. {finding}",
        finding=finding,
        note=note.replace("{", "("),
        narrow=_layout(shown, unit, narrow=True),
    )
    opacity = 0.15 if len(shown) < 4 else 0.08
    traces = [trace for place, cell in shown for trace in _curve(cell, place, unit, opacity)]
    return figure(traces, _layout(shown, unit, narrow=False), about)


def _chosen(table: Table, curves: slice) -> list[Cell]:
    """Return the curves to draw."""
    drawn = split(table, COLUMNS, curves) if keys(table, COLUMNS) else [Cell("", table.frame)]
    if len(drawn) > MOST_CURVES:
        raise ArgumentError(
            f"A figure can hold 1 to {MOST_CURVES} curves, not {len(drawn)}: draw a part with curves=slice(0, {MOST_CURVES})."
        )
    return drawn


def _told(cell: Cell) -> pd.DataFrame:
    """Return the points of a curve, with its beginning, where all are waiting."""
    frame = cell.frame[cell.frame["still"].notna()]
    if len(frame) and frame["time"].iloc[0] > 0:
        start = {"time": [0.0], **{name: [1.0] for name in COLUMNS[1:]}}
        frame = pd.concat([pd.DataFrame(start), frame], ignore_index=True)
    return frame


def _curve(cell: Cell, place: int, unit: str, opacity: float) -> list[Trace]:
    """Return a band and a line."""
    frame, color = _told(cell), _COLORS[place]
    time, still, low, high = ([float(value) for value in frame[name]] for name in COLUMNS)
    hover = [
        f"{safe(cell.name)}<br>{time[row]:g} {unit}: {share_text(still[row], low[row], high[row])} {STILL[unit]}".removeprefix(
            "<br>"
        )
        for row in range(len(time))
    ]
    return [
        {
            "type": "scatter",
            "name": "band",
            "mode": "lines",
            "x": [*_stairs(time), *reversed(_stairs(time))],
            "y": [*_levels(low), *reversed(_levels(high))],
            "fill": "toself",
            "fillcolor": color,
            "opacity": opacity,
            "line": {"width": 0},
            "hoverinfo": "skip",
        },
        {
            "type": "scatter",
            "name": cell.name or "all",
            "mode": "lines",
            "x": time,
            "y": [100 * value for value in still],
            "line": {"color": color, "width": 2.5, "shape": "hv", "dash": _DASHES[place]},
            "hoverinfo": "text",
            "hovertext": hover,
            "cliponaxis": False,
        },
    ]


def _stairs(time: Sequence[float]) -> list[float]:
    """Return the corners of steps along the time axis."""
    return [time[0], *(value for each in time[1:] for value in (each, each))]


def _levels(shares: Sequence[float]) -> list[float]:
    """Return the heights at those corners, in per cent."""
    return [100 * value for pair in zip(shares[:-1], shares[:-1], strict=True) for value in pair] + [100 * shares[-1]]


def _layout(shown: Sequence[tuple[int, Cell]], unit: str, *, narrow: bool) -> dict[str, Any]:
    """Lay the axes out, with the names of the curves at the right, or on a phone above the axes in their colours."""
    last = max(float(_told(cell)["time"].max()) for _, cell in shown)
    ticks = round_ticks(0, last)
    names = [cell.name for _, cell in shown if cell.name]
    right = 24 if narrow or not names else 18 + round(8 * max(len(line) for name in names for line in lines(name, _LABEL)))
    key = _key(shown) if narrow and names else []
    top = 34 + 18 * sum(len(lines(name, _ACROSS)) for name in names) * bool(key)
    head = {**heading(f"share {STILL[unit]}", x=0, width=40), "yshift": 8}
    foot = lettered(
        unit, x=1, y=0, xref="paper", yref="paper", xanchor="right", yanchor="top", yshift=-20, size=SMALL, color=MUTED
    )
    return {
        "height": _HEIGHT + top + _FOOT,
        "margin": {"l": 8, "r": right, "t": top, "b": _FOOT},
        "xaxis": {"range": [0, last * 1.01], "tickvals": ticks, "ticktext": tick_texts(ticks), "showgrid": False},
        "yaxis": {
            "range": [0, 102],
            "tickvals": [0, 25, 50, 75, 100],
            "ticktext": [f"{tick} %" for tick in (0, 25, 50, 75, 100)],
            "showgrid": True,
            "gridcolor": BAND,
            "tickfont": {"size": SMALL, "color": MUTED},
        },
        "annotations": [head, foot, *(key if narrow else _labels(shown) if names else [])],
    }


def _key(shown: Sequence[tuple[int, Cell]]) -> list[Annotation]:
    """Name the curves above the axes, from the upper one down."""
    place: dict[str, Any] = {"xref": "paper", "yref": "paper", "xanchor": "left", "yanchor": "bottom"}
    order = sorted(shown, key=lambda each: -float(_told(each[1])["still"].iloc[-1]))
    deep = [len(lines(cell.name, _ACROSS)) for _, cell in order]
    return [
        lettered(f"<b>{_STROKES[_DASHES[number]]} {wrapped(cell.name, _ACROSS)}</b>", x=0, y=1, size=13, color=_COLORS[number],
                 align="left", yshift=26 + 18 * sum(deep[row + 1 :]), **place)
        for row, (number, cell) in enumerate(order)
    ]  # fmt: skip


_STROKES: Final = {"solid": "━━", "dash": "╍╍", "dot": "┅┅", "dashdot": "━┅", "longdash": "━ ━"}


def _labels(shown: Sequence[tuple[int, Cell]]) -> list[Annotation]:
    """Name each curve at its end, clear of the other names."""
    ends = sorted((float(_told(cell)["still"].iloc[-1]) * 100, number, cell.name) for number, cell in shown)
    heights = [_LINE * len(lines(name, _LABEL)) / _HEIGHT * 102 for _, _, name in ends]
    centres: list[float] = []
    for (end, _, _), tall in zip(ends, heights, strict=True):
        floor = centres[-1] + (heights[len(centres) - 1] + tall) / 2 + 0.5 if centres else tall / 2
        centres.append(max(end, floor))
    over = centres[-1] + heights[-1] / 2 - 102
    if over > 0:
        ceiling = 102.0
        for name in reversed(range(len(centres))):
            centres[name] = min(centres[name], ceiling - heights[name] / 2)
            ceiling = centres[name] - heights[name] / 2 - 0.5
    place: dict[str, Any] = {"xanchor": "left", "xshift": 7, "yanchor": "middle", "bgcolor": "rgba(255,255,255,0.7)"}
    where = {number: float(_told(cell)["time"].iloc[-1]) for number, cell in shown}
    return [
        lettered(f"<b>{wrapped(name, _LABEL)}</b>", x=where[number], y=centre, size=13, color=_COLORS[number], **place)
        for (_, number, name), centre in zip(ends, centres, strict=True)
    ]


def _open(cell: Cell) -> str:
    """Say how many issues are open after the first contact, and at the end of the curve."""
    first, last = (cell.frame[cell.frame["still"].notna()].iloc[place] for place in (0, -1))
    told = [share_text(row["still"], row["still_low"], row["still_high"]) for row in (first, last)]
    if first["time"] > 0:
        return f"{told[1]} of issues are not settled after {last['time']:g} days."
    return f"{told[0]} of issues are not settled at the first contact, {told[1]} not after {last['time']:g} days."


def _finding(shown: Sequence[Cell], unit: str, table: Table) -> str:
    """Say after what time half have ended, or how many have by the last time at which all curves are told."""
    if len(shown) == 1:
        row = shown[0].frame.iloc[0]
        if unit == "days":
            return _open(shown[0])
        if np.isfinite(row["median"]):
            return f"Half {ENDED[unit]} within {plain(row['median'], 1)} {unit}."
        last = _told(shown[0]).iloc[-1]
        share = share_text(last["still"], last["still_low"], last["still_high"])
        return f"After {_after(last['time'], unit)}, {share} are {STILL[unit]}."
    told = [set(cell.frame.loc[cell.frame["still"].notna(), "time"]) for cell in shown]
    common = set.intersection(*told) if told else set()
    if not common:
        return f"The curves of {len(shown)} groups."
    time = max(common)
    shares = {cell.name: float(cell.frame.loc[cell.frame["time"] == time, "still"].iloc[0]) for cell in shown}
    least, most = min(shares, key=shares.__getitem__), max(shares, key=shares.__getitem__)
    tested = bool(np.isfinite(table.frame["p_value"].iloc[0]))
    differ = any(each.startswith("The curves differ") for each in table.notes)
    sure = "" if not tested else "; the curves differ" if differ else "; the curves cannot be told apart"
    return (
        f"After {_after(time, unit)}, from {share_text(shares[least])} ({least}) to {share_text(shares[most])} ({most}) are "
        f"{STILL[unit]}{sure}."
    )


def _after(time: float, unit: str) -> str:
    return f"{time:g} {unit.removesuffix('s') if time == 1 else unit}"
