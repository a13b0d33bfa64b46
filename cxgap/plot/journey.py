"""The journey map: lanes of gap, use, ease, emotion and contacts above each other, on one axis of touchpoints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from cxgap.errors import ArgumentError
from cxgap.plot.axes import Axis, Shape, round_ticks, tick_texts
from cxgap.plot.journey_lanes import Lane, lane_traces, lanes_of
from cxgap.plot.journey_rows import HIDDEN, journey_rows, row_traces
from cxgap.plot.journey_stops import Stop, stops_of
from cxgap.plot.lettering import Annotation, lettered, safe, tallest, wrapped
from cxgap.plot.multiples import Cell, about_table, nothing
from cxgap.plot.theme import BAND, BODY, INK, MUTED, PAPER, RULE, SMALL, figure
from cxgap.result import Table

if TYPE_CHECKING:
    import plotly.graph_objects as go

SLUG: Final = "journey"
MOST: Final = 12  # touchpoints side by side
_LEFT, _RIGHT, _WIDTH = 152, 14, 760  # pixels of the names of lanes, of the margin, and of the lanes on a usual page
_BETWEEN = 16  # pixels between two lanes
_LINE = 16
_WORDS = 76  # pixels of "cannot tell"


def journey(table: Table, *, touchpoints: slice | None = None) -> go.Figure:
    """Draw the journey map.

    Parameters
    ----------
    table : what `cx.journey` returned
    touchpoints : those to draw, in the order of the journey; the first 12 if not given

    Returns
    -------
    A plotly Figure: stages above, a lane each for gap (with interval; the shape is the verdict), use, ease, emotion and
    contacts, departments below, and a dotted line where one hands over to another. What was not asked is grey and says so. On
    a phone each touchpoint is a row. Where nothing was measured, the figure says why.

    Raises
    ------
    ArgumentError : the table is another, or `touchpoints` chooses none or more than 12.
    """
    if not isinstance(table, Table) or table.slug != SLUG:
        raise ArgumentError(f"`table` must be what `cx.journey` returned, not {type(table).__name__}.")
    if (empty := nothing(table)) is not None:
        return empty
    every = stops_of(table)
    chosen = slice(0, MOST) if touchpoints is None else touchpoints
    stops = every[chosen] if isinstance(chosen, slice) else []
    if not 1 <= len(stops) <= MOST:
        raise ArgumentError(f"`touchpoints` must choose 1 to {MOST} of them, such as slice(0, {MOST}), not {touchpoints!r}.")
    lanes = lanes_of(stops, table)
    return figure([*lane_traces(stops, lanes), *row_traces(stops)], _wide(stops, lanes), _about(table, stops, len(every)))


def _wide(stops: Sequence[Stop], lanes: Sequence[Lane]) -> dict[str, Any]:
    """Set the lanes above each other."""
    width = max(8, int(_WIDTH / len(stops) / 7.4))
    names = tallest([stop.name for stop in stops], width)
    staged = any(stop.stage for stop in stops)
    head = _LINE * names + (44 if staged else 14)
    changes = any(stop.handover for stop in stops)
    owned = [text.count("<br>") + 1 for _, _, text in _departments(stops)]
    feet = 28 + _LINE * max(owned) + (_LINE * 2 + 6 if changes else 0) if owned else 0
    rooms = [head, *(lane.pixels for lane in lanes), *([feet] if feet else [])]
    inside = sum(rooms) + _BETWEEN * (len(rooms) - 1)
    domains, top = [], 0.0
    for pixels in rooms:
        domains.append([max(0.0, 1 - (top + pixels) / inside), 1 - top / inside])
        top += pixels + _BETWEEN
    xaxis = {"range": [-0.5, len(stops) - 0.5], "showgrid": False, "showticklabels": False, "anchor": "y2", "domain": [0, 1]}
    layout: dict[str, Any] = {
        "height": inside + 24,
        "margin": {"l": _LEFT, "r": _RIGHT, "t": 12, "b": 12},
        "xaxis": xaxis,
        "yaxis": {"domain": domains[0], "range": [0, head], "visible": False, "anchor": "x"},
        "xaxis2": {**HIDDEN, "anchor": "y8"},
        "yaxis8": {**HIDDEN, "anchor": "x2"},
    }
    annotations, shapes = _heads(stops, width, names, staged)
    for lane, domain in zip(lanes, domains[1:], strict=False):
        layout[f"yaxis{lane.axis}"] = {**_lane_axis(lane), "domain": domain, "anchor": "x"}
        more, grounds = _lane_grounds(lane, domain, stops)
        annotations += more
        shapes += grounds
    layout["yaxis7"] = {
        "domain": domains[-1] if feet else [0, 0.001],
        "range": [0, max(feet, 1)],
        "visible": False,
        "anchor": "x",
    }
    if feet:
        more, grounds = _feet(stops, feet)
        annotations += more
        shapes += grounds
    bottom = domains[1 + len(lanes) - 1][0]
    for place, stop in enumerate(stops[:-1]):
        if stop.handover:
            ends = {"xref": "x", "x0": place + 0.5, "x1": place + 0.5, "yref": "paper", "y0": bottom, "y1": domains[1][1]}
            line = {"color": MUTED, "width": 1, "dash": "dot"}
            shapes.append({"type": "line", "layer": "below", **ends, "line": line, "name": "hand-over"})
    return {**layout, "annotations": annotations, "shapes": shapes}


def _runs(values: Sequence[str]) -> list[tuple[int, int, str]]:
    """Return the stretches of touchpoints that have the same value: first, last, value."""
    runs: list[tuple[int, int, str]] = []
    for place, value in enumerate(values):
        if runs and runs[-1][2] == value:
            runs[-1] = (runs[-1][0], place, value)
        else:
            runs.append((place, place, value))
    return [run for run in runs if run[2]]


def _bracket(first: int, last: int, y: float, axis: str, tick: float) -> list[Shape]:
    """Return a line along some touchpoints, with an end towards them at each side."""
    left, right = first - 0.44, last + 0.44
    line = {"type": "line", "xref": "x", "yref": axis, "line": {"color": MUTED, "width": 1}}
    along = {**line, "x0": left, "x1": right, "y0": y, "y1": y}
    return [along, *({**line, "x0": end, "x1": end, "y0": y, "y1": y + tick} for end in (left, right))]


def _heads(stops: Sequence[Stop], width: int, names: int, staged: bool) -> tuple[list[Annotation], list[Shape]]:
    """Name the touchpoints, and the stages above them."""
    place = {"xref": "x", "yref": "y", "xanchor": "center", "align": "center"}
    annotations = [
        lettered(f"<b>{wrapped(stop.name, width)}</b>", x=number, y=0, size=13, yanchor="bottom", **place)
        for number, stop in enumerate(stops)
    ]
    shapes: list[Shape] = []
    if staged:
        level = _LINE * names + 16
        for first, last, stage in _runs([stop.stage for stop in stops]):
            shapes += _bracket(first, last, level, "y", -5)
            middle = (first + last) / 2
            annotations.append(lettered(safe(stage), x=middle, y=level + 2, size=BODY, color=MUTED, yanchor="bottom", **place))
    return annotations, shapes


def _departments(stops: Sequence[Stop]) -> list[tuple[int, int, str]]:
    """Return the stretches of touchpoints of one department: first, last, its name in lines that fit below them."""
    pitch = _WIDTH / len(stops) / 7.4
    return [
        (first, last, wrapped(department, max(8, int(pitch * (last - first + 1)))))
        for first, last, department in _runs([stop.department for stop in stops])
    ]


def _feet(stops: Sequence[Stop], feet: int) -> tuple[list[Annotation], list[Shape]]:
    """Name the departments below, and say at each hand-over how the gap changes."""
    place = {"xref": "x", "yref": "y7", "xanchor": "center", "align": "center"}
    left: dict[str, Any] = {"xref": "paper", "yref": "y7", "xanchor": "left", "yanchor": "top", "xshift": 8 - _LEFT}
    annotations: list[Annotation] = [lettered("<b>department</b>", x=0, y=feet - 11, size=13, **left)]
    if any(stop.handover and stop.change_text for stop in stops):
        annotations.append(lettered("hand-over:<br>change of the gap", x=0, y=_LINE * 2 + 2, size=SMALL, color=MUTED, **left))
    shapes: list[Shape] = []
    for first, last, department in _departments(stops):
        shapes += _bracket(first, last, feet - 8, "y7", 5)
        middle = (first + last) / 2
        annotations.append(lettered(department, x=middle, y=feet - 11, size=13, color=INK, yanchor="top", **place))
    for number, stop in enumerate(stops[:-1]):
        if stop.handover and stop.change_text:
            two = stop.clear or _WIDTH / len(stops) < _WORDS
            text = "<br>".join(safe(part) for part in stop.change_text.split(" ", 1 if two else 0))
            annotations.append(
                lettered(text, x=number + 0.5, y=_LINE * 2 + 2, size=SMALL, color=stop.change_color, yanchor="top", **place)
            )
    return annotations, shapes


def _lane_axis(lane: Lane) -> Axis:
    if lane.range is None:
        return {"range": [0, 1], "showticklabels": False}
    if lane.axis != 2:
        return {"range": list(lane.range), "showticklabels": False, "showgrid": False}
    low, high = lane.range
    ticks = round_ticks(low, high, sign=True)
    grid = {"showgrid": True, "gridcolor": BAND, "zeroline": True, "zerolinecolor": INK, "zerolinewidth": 1}
    font = {"size": SMALL, "color": MUTED}
    return {"range": [low, high], "tickvals": ticks, "ticktext": tick_texts(ticks, sign=True), "tickfont": font, **grid}


def _lane_grounds(lane: Lane, domain: Sequence[float], stops: Sequence[Stop]) -> tuple[list[Annotation], list[Shape]]:
    """Name a lane at its left; say in it what was not asked, and where nothing may be shown."""
    axis, shapes = f"y{lane.axis}", []
    left = {"xref": "paper", "yref": "paper", "xanchor": "left", "yanchor": "top" if lane.axis == 2 else "middle"}
    small = f'<br><span style="font-size:{SMALL}px;color:{MUTED}">{wrapped(lane.about, 15)}</span>' if lane.about else ""
    y = domain[1] if lane.axis == 2 else (domain[0] + domain[1]) / 2
    annotations = [lettered(f"<b>{lane.name}</b>{small}", x=0, y=y, size=13, xshift=-_LEFT + 8, **left)]
    if lane.range is None:
        why = "not asked" if lane.name in ("ease", "emotion") else "not measured"
        box = {"type": "rect", "layer": "below", "xref": "paper", "yref": axis, "x0": 0, "x1": 1, "y0": 0, "y1": 1}
        shapes.append({**box, "fillcolor": BAND, "line": {"width": 0}, "name": "not known"})
        annotations.append(lettered(why, x=0.5, y=0.5, size=13, color=MUTED, xref="paper", yref=axis, xanchor="center"))
        return annotations, shapes
    if lane.axis != 2:
        base = {"type": "line", "layer": "below", "xref": "paper", "yref": axis, "x0": 0, "x1": 1}
        low = lane.range[0]
        shapes.append({**base, "y0": low, "y1": low, "line": {"color": RULE, "width": 1}})
    elif np.isfinite(stops[0].margin) and stops[0].margin > 0:
        band = {"type": "rect", "layer": "below", "xref": "paper", "yref": axis, "x0": 0, "x1": 1}
        shapes.append({**band, "y0": -stops[0].margin, "y1": stops[0].margin, "fillcolor": BAND, "line": {"width": 0}})
    middle = 0.0 if lane.axis == 2 else (lane.range[0] + lane.range[1]) / 2
    for number, stop in enumerate(stops):
        if why := stop.why(lane.name):
            place = {"xref": "x", "yref": axis, "xanchor": "center", "align": "center"}
            annotations.append(lettered(wrapped(why, 12), x=number, y=middle, size=SMALL, color=MUTED, bgcolor=PAPER, **place))
    return annotations, shapes


def _about(table: Table, stops: Sequence[Stop], of: int) -> dict[str, Any]:
    cut = "" if len(stops) == of else f" Drawn are {len(stops)} of {of} touchpoints; the table has them all."
    shapes = "Triangle down: short; dot: met; triangle up: exceeded; ring: cannot tell. Grey band: within the margin."
    lines = (
        " Dotted: one department hands over to another, with the change of the gap below."
        if any(stop.handover for stop in stops)
        else ""
    )
    said = "; ".join(stop.said for stop in stops)
    return about_table(
        table,
        [Cell("", table.frame)],
        [],
        alt=f"Journey map of {len(stops)} touchpoints in order: {said}. {table.title}.",
        finding=f"{table.title}.",
        note=f"Lines: intervals. {shapes}{lines}{cut}",
        narrow=journey_rows(stops),
    )
