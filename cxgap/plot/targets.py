"""Where each target stands: what was measured and its bounds, against a line at what was promised."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cxgap.errors import ArgumentError
from cxgap.plot.lettering import Column, head_pixels, heading, lettered, safe, tallest, text_columns, wrapped
from cxgap.plot.marks import Trace
from cxgap.plot.multiples import MOST_CELLS, Cell, about_table, nothing
from cxgap.plot.theme import BAND, BLUE, BODY, INK, MUTED, NEUTRAL, SMALL, VERMILION, figure
from cxgap.plot.timeline import short
from cxgap.result import Table

if TYPE_CHECKING:
    import plotly.graph_objects as go

SLUG: Final = "targets"
_LABEL, _FITS, _LINE, _PITCH, _FOOT = 26, 42, 19, 44, 30
_APART: Final = 15  # pixels between two columns of text
_ROOM: Final = 1.12  # of the longest distance of a row, so that no mark touches the edge
_COLORS: Final = {"●": BLUE, "▼": VERMILION, "○": NEUTRAL, "◌": INK, "✕": VERMILION, "": NEUTRAL}
_SHAPES: Final = {
    "●": "circle", "▼": "triangle-down", "○": "circle-open", "◌": "diamond-open", "✕": "x-thin-open", "": "circle-open",
}  # fmt: skip
_NOTE: Final = (
    "Line: the target; right of it is better. Marks: estimates, bars: between the one-sided bounds, thick end: the bound that "
    "must reach the line. Each row has its own scale."
)


class Row(NamedTuple):
    """A target to draw: its places on the axis, where 0 is the target and right is better, and its texts."""

    name: str
    at: float
    low: float
    high: float
    aim: str
    found: str
    by: str
    verdict: str
    standing: str

    @property
    def mark(self) -> str:
        """The sign before the verdict."""
        return self.verdict[:1] if self.verdict[:1] in _COLORS else ""


def targets(table: Table, *, rows: slice = slice(0, MOST_CELLS)) -> go.Figure:
    """Draw what was measured of each target against a line at what was promised.

    Parameters
    ----------
    table : what `cx.target_status` returned
    rows : which targets are drawn, at most 12

    Returns
    -------
    A plotly Figure, one row a target in the order of targets.toml. Where there is no target, the figure says so.

    Raises
    ------
    ArgumentError : the table is another, or `rows` chooses none or too many.
    """
    if not isinstance(table, Table) or table.slug != SLUG:
        raise ArgumentError(f"`table` must be what `cx.target_status` returned, not {type(table).__name__}.")
    if (empty := nothing(table)) is not None:
        return empty
    if not isinstance(rows, slice):
        raise ArgumentError(f"`rows` must be a slice of the targets, such as slice(0, {MOST_CELLS}), not {rows!r}.")
    drawn = [_row(one, cells) for one, cells in zip(table.frame.to_dict("records"), table.cells, strict=True)][rows]
    if not 1 <= len(drawn) <= MOST_CELLS:
        raise ArgumentError(
            f"A figure can hold 1 to {MOST_CELLS} targets, not {len(drawn)}: draw a part with rows=slice(0, {MOST_CELLS})."
        )
    said = "; ".join(f"{row.name}: {row.aim} by {row.by}, {_plain(row.verdict)}{_found(row)}" for row in drawn)
    about = about_table(
        replace(table, notes=()),
        [Cell("", table.frame[rows])],
        [],
        alt=f"{len(drawn)} targets against what was measured. {said}. {table.title}.",
        finding=f"{table.title}.",
        note=_NOTE,
        narrow=_narrow(drawn),
    )
    return figure([trace for place, row in enumerate(drawn) for trace in _marks(row, place)], _wide(drawn), about)


def _row(one: Mapping[Hashable, Any], cells: Sequence[str]) -> Row:
    turn = 1.0 if one["better"] == "high" else -1.0
    estimate, low, high = (turn * (float(one[name]) - float(one["value"])) for name in ("estimate", "low", "high"))
    low, high = min(low, high), max(low, high)
    far = max((abs(x) for x in (estimate, low, high) if math.isfinite(x)), default=0.0) or 1.0
    name, aim, _, found, _, verdict, standing = cells
    by = short(str(one["cut_off"]))
    at, low, high = (x / (far * _ROOM) for x in (estimate, low, high))
    return Row(name, at, low, high, aim, found, by, verdict, standing)


def _plain(verdict: str) -> str:
    return verdict[2:] if verdict[1:2] == " " else verdict


def _found(row: Row) -> str:
    return f", measured {row.found}" if row.found else ", not measured"


def _marks(row: Row, place: int) -> list[Trace]:
    """Return the bar between the bounds, the end that must reach the line, and the estimate."""
    color = _COLORS[row.mark]
    hover = "<br>".join(map(safe, filter(None, [row.name, f"{row.aim} by {row.by}", row.found, row.verdict, row.standing])))
    bars: list[Trace] = []
    if math.isfinite(row.low) and math.isfinite(row.high):
        bars = [
            {
                "type": "scatter", "name": f"{row.name} bounds", "mode": "lines", "x": [row.low, row.high], "y": [place, place],
                "line": {"color": color, "width": 3}, "hoverinfo": "skip", "cliponaxis": False,
            },
            {
                "type": "scatter", "name": f"{row.name} bound", "mode": "lines", "x": [row.low, row.low],
                "y": [place - 0.16, place + 0.16], "line": {"color": color, "width": 4}, "hoverinfo": "skip",
                "cliponaxis": False,
            },
        ]  # fmt: skip
    if not math.isfinite(row.at):
        return bars
    dot: Trace = {
        "type": "scatter", "name": row.name, "mode": "markers+text", "x": [row.at], "y": [place],
        "text": [safe(row.found.split(" (")[0])], "textposition": _beside(row.at), "textfont": {"size": SMALL, "color": INK},
        "marker": {"size": 13, "color": color, "symbol": _SHAPES[row.mark], "line": {"width": 2, "color": color}},
        "hoverinfo": "text", "hovertext": [hover], "cliponaxis": False,
    }  # fmt: skip
    return [*bars, dot]


def _beside(at: float) -> str:
    """Say where the text of an estimate stands clear of the line and of the edges."""
    return "top center" if abs(at) > 0.5 else "top left" if at < 0 else "top right"


def _axes(count: int, first: float, last: float) -> dict[str, Any]:
    line = {"type": "line", "xref": "x", "yref": "y", "x0": 0, "x1": 0, "y0": first, "y1": count - 0.5}
    better = {"type": "rect", "layer": "below", "xref": "x", "yref": "paper", "x0": 0, "x1": 1, "y0": 0, "y1": 1}
    return {
        "xaxis": {"range": [-1, 1], "showgrid": False, "tickvals": [0], "ticktext": ["target"]},
        "yaxis": {"range": [last, first]},
        "shapes": [{**better, "fillcolor": BAND, "line": {"width": 0}}, {**line, "line": {"color": INK, "width": 2}}],
    }


def _heads() -> list[dict[str, Any]]:
    return [heading("falls short", x=0, width=14), heading("target kept", x=1, align="right", width=14)]


def _wide(drawn: Sequence[Row]) -> dict[str, Any]:
    """Set the names at the left, and what was promised, measured and found at the right."""
    names = [row.name for row in drawn]
    pitch = max(_PITCH, _LINE * tallest(names, _LABEL) + 14)
    colors = [_text_color(row) for row in drawn]
    days = [f"by {row.by}" for row in drawn]
    columns = [
        Column("aimed at", [row.aim for row in drawn], [INK] * len(drawn), align="left", size=13),
        Column("verdict", [row.verdict for row in drawn], colors, align="left"),
        Column("standing", [_shortly(row) for row in drawn], [MUTED] * len(drawn), align="left", size=13),
    ]
    below = Column("aimed at", days, [MUTED] * len(drawn), align="left", size=SMALL)
    annotations, right = text_columns(columns, gap=_APART, alike=[[below, *columns[1:]]])
    # The day stands below what is aimed at: on paper the marks would have no room beside one column more.
    place: dict[str, Any] = {"xref": "paper", "xanchor": "left", "xshift": _APART}
    annotations[1 : len(drawn) + 1] = [{**aim, "yshift": 8} for aim in annotations[1 : len(drawn) + 1]]
    annotations += [lettered(safe(day), x=1, y=at, size=SMALL, color=MUTED, yshift=-9, **place) for at, day in enumerate(days)]
    annotations = [*_heads(), *annotations]
    top = head_pixels(annotations)
    axes = _axes(len(drawn), -0.5, len(drawn) - 0.5)
    names_axis = {"tickvals": list(range(len(drawn))), "ticktext": [wrapped(name, _LABEL) for name in names]}
    return {
        "height": top + pitch * len(drawn) + _FOOT,
        "margin": {"l": 8, "r": right + 10, "t": top, "b": _FOOT},
        **axes,
        "yaxis": {**axes["yaxis"], **names_axis},
        "annotations": annotations,
    }


def _shortly(row: Row) -> str:
    """Leave the day of freezing to the table, and beside "still ahead" all but the chance."""
    told = "frozen" if row.standing.startswith("frozen on ") else row.standing.removesuffix(" to reach it")
    return told.replace("on track, ", "").replace("behind, ", "") if row.mark == "◌" else told


def _text_color(row: Row) -> str:
    return MUTED if _COLORS[row.mark] == NEUTRAL else _COLORS[row.mark]


def _narrow(drawn: Sequence[Row]) -> dict[str, Any]:
    """Set each name, verdict and what was promised above its mark, which then has the whole width."""
    deepest = max(tallest([row.name for row in drawn], _FITS), 1) + 2
    above, below = 32, 22
    pitch = _LINE * deepest + above + below
    place: dict[str, Any] = {"xref": "paper", "xanchor": "left", "yanchor": "bottom", "yshift": above - 4, "align": "left"}
    annotations = _heads()
    for number, row in enumerate(drawn):
        told = " · ".join(filter(None, [row.verdict, row.standing]))
        small = f'<span style="color:{MUTED};font-size:{SMALL}px">{safe(f"{row.aim} by {row.by}")}</span>'
        found = f'<span style="color:{_text_color(row)};font-size:{SMALL}px">{wrapped(told, _FITS + 6)}</span>'
        text = f"{wrapped(row.name, _FITS)}<br>{found}<br>{small}"
        annotations.append(lettered(text, x=0, y=number, size=BODY, bgcolor="rgba(255,255,255,0.75)", **place))
    top = head_pixels(annotations[:2])
    first, last = -(_LINE * deepest + above + 6) / pitch, len(drawn) - 1 + below / pitch
    axes = _axes(len(drawn), first, last)
    return {
        "height": top + round((last - first) * pitch) + _FOOT,
        "margin": {"l": 14, "r": 18, "t": top, "b": _FOOT},
        **axes,
        "yaxis": {**axes["yaxis"], "showticklabels": False, "tickvals": list(range(len(drawn)))},
        "annotations": annotations,
    }
