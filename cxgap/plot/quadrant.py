"""Importance against performance: each item with its ellipse, the two lines, and the line on which the two are equal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from cxgap.errors import ArgumentError
from cxgap.plot.axes import Axis, round_ticks, tick_texts
from cxgap.plot.lettering import Annotation, head_pixels, heading, lettered, safe, wrapped
from cxgap.plot.marks import Trace
from cxgap.plot.multiples import Cell, about_table, nothing
from cxgap.plot.theme import BAND, BLUE, INK, MUTED, NEUTRAL, PAPER, SMALL, VERMILION, figure
from cxgap.result import Table
from cxgap.vocabulary import plain

if TYPE_CHECKING:
    import plotly.graph_objects as go

SLUG = "importance_performance"
ROUND = 2.4477468306808157  # root of the 95 % quantile of chi-squared with 2 degrees of freedom: 95 % of a normal cloud
_CORNERS = 49
_COLORS = {"concentrate here": VERMILION, "keep up": BLUE, "possible overkill": INK, "low priority": MUTED}
_PLACES = {  # x, y, alignment
    "concentrate here": (0, 1, "left"), "keep up": (1, 1, "right"),
    "low priority": (0, 0, "left"), "possible overkill": (1, 0, "right"),
}  # fmt: skip
_WIDE, _NARROW, _FOOT = 470, 400, 44  # pixels of the map, and below it
_LABEL, _CROWD = 18, 8  # characters of a line beside a dot; dots from which long names would cover each other
_ROOM = np.array([0.05, 0.05])  # of the map, within which a name is in the way
_SHIFTS = {
    "middle right": (0.04, 0.0), "middle left": (-0.04, 0.0), "top center": (0.0, 0.05), "bottom center": (0.0, -0.05),
}  # fmt: skip


def quadrant(table: Table) -> go.Figure:
    """Draw an importance-performance map with ellipses of uncertainty.

    Parameters
    ----------
    table : what `cx.importance_performance` returned

    Returns
    -------
    A plotly Figure: performance across, importance up. A dot is filled where its quadrant is sure, hollow where it is
    undetermined or on a line; its ellipse holds 95 % of where it would lie if customers were asked again. Where importance and
    performance share a scale, a dotted line shows where the two are equal. Where nothing was measured, the figure says why.

    Raises
    ------
    ArgumentError : the table is another.
    """
    if not isinstance(table, Table) or table.slug != SLUG:
        raise ArgumentError(f"`table` must be what `cx.importance_performance` returned, not {type(table).__name__}.")
    if (empty := nothing(table)) is not None:
        return empty
    frame = table.frame
    names = list(frame.iloc[:, : table.keys].astype(str).agg(" · ".join, axis=1))
    finding = f"{table.title}."
    shape = [_ellipse(row) for row in frame.to_dict("records")]
    equal = _equal(frame)
    said = "; ".join(f"{name}: {quadrant}" for name, quadrant in zip(names, frame["quadrant"], strict=True))
    labels = _labels(names)
    numbered = labels != names
    rows = [[*([label] if numbered else []), *cells] for label, cells in zip(labels, table.cells, strict=True)]
    heads = [*(["no."] if numbered else []), *table.heads]
    about = about_table(
        replace(table, notes=()),
        [Cell("", frame)],
        [],
        alt=f"Importance against performance of {len(frame)} items, lines by {frame['crosshair'].iloc[0]}. {said}. {finding}",
        finding=finding,
        note=_note(frame, equal is not None) + (f" Numbers: {_listed(names)}." if numbered else ""),
        narrow=_layout(frame, shape, _NARROW),
        table={"caption": table.title, "columns": heads, "rows": rows, "heads": table.keys + numbered},
    )
    return figure(_traces(frame, shape, names, labels, equal), _layout(frame, shape, _WIDE), about)


def _labels(names: Sequence[str]) -> list[str]:
    """Return what stands beside the dots: names, or numbers where long names would cover each other."""
    crowded = len(names) > _CROWD and max(map(len, names)) > _LABEL
    return [str(place) for place in range(1, len(names) + 1)] if crowded else list(names)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"{place} {name}" for place, name in enumerate(names, start=1))


def _ellipse(row: dict[str, Any]) -> tuple[list[float], list[float]]:
    """Return the outline of 95 % of the replicates of one item, as a normal cloud has it."""
    x_se, y_se, r = row["performance_se"], row["importance_se"], float(np.clip(row["correlation"], -1, 1))
    turn = np.linspace(0, 2 * np.pi, _CORNERS)
    across, up = np.cos(turn), r * np.cos(turn) + np.sqrt(1 - r**2) * np.sin(turn)
    x = row["performance"] + ROUND * x_se * across
    y = row["importance"] + ROUND * y_se * up
    return [float(value) for value in x], [float(value) for value in y]


def _equal(frame: Any) -> tuple[float, float] | None:
    """Return slope and start of the line on which importance equals performance; None where they have no scale in common.

    The distance is (I - P) / sqrt(2) with both in per cent of their scales; two items tell both scales.
    """
    distance = frame["gap_line_distance"].to_numpy(float) * np.sqrt(2)
    if not np.isfinite(distance).all():
        return None
    columns = np.column_stack([frame["importance"], frame["performance"], np.ones(len(frame))])
    (up, across, start), _, rank, _ = np.linalg.lstsq(columns, distance, rcond=None)
    return (float(-across / up), float(-start / up)) if rank == 3 and up > 0 else None


def _traces(
    frame: Any,
    shape: Sequence[tuple[list[float], list[float]]],
    names: Sequence[str],
    labels: Sequence[str],
    equal: tuple[float, float] | None,
) -> list[Trace]:
    colors = [_COLORS.get(where, NEUTRAL) for where in frame["quadrant"]]
    rings: list[Trace] = [
        {
            "type": "scatter",
            "name": "where it could be",
            "mode": "lines",
            "x": x,
            "y": y,
            "line": {"color": _pale(color, 0.45), "width": 1},
            "fill": "toself",
            "fillcolor": _pale(color, 0.06),
            "hoverinfo": "skip",
        }
        for (x, y), color in zip(shape, colors, strict=True)
    ]
    sure = [where in _COLORS for where in frame["quadrant"]]
    dots: Trace = {
        "type": "scatter",
        "name": "item",
        "mode": "markers+text",
        "x": [float(x) for x in frame["performance"]],
        "y": [float(y) for y in frame["importance"]],
        "text": [wrapped(label, _LABEL) for label in labels],
        "textposition": _sides(frame),
        "textfont": {"size": SMALL, "color": INK},
        "marker": {
            "size": 9,
            "color": [color if known else PAPER for color, known in zip(colors, sure, strict=True)],
            "line": {"color": colors, "width": 2},
        },
        "hoverinfo": "text",
        "hovertext": [f"{safe(name)}<br>{where}" for name, where in zip(names, frame["quadrant"], strict=True)],
        "cliponaxis": False,
    }
    lines: list[Trace] = []
    if equal is not None:
        x = [min(min(part[0]) for part in shape), max(max(part[0]) for part in shape)]
        lines.append(
            {
                "type": "scatter",
                "name": "importance equals performance",
                "mode": "lines",
                "x": x,
                "y": [equal[0] * value + equal[1] for value in x],
                "line": {"color": MUTED, "width": 1, "dash": "dot"},
                "hoverinfo": "skip",
            }
        )
    return [*lines, *rings, dots]


def _sides(frame: Any) -> list[str]:
    """Set each name on the side of its dot where the fewest dots and names are in its way."""
    x, y = (frame[name].to_numpy(float) for name in ("performance", "importance"))
    place = np.column_stack([(x - x.min()) / (np.ptp(x) or 1.0), (y - y.min()) / (np.ptp(y) or 1.0)])
    taken, chosen = [*place], []
    for dot in place:
        ways = {name: dot + np.array(shift) for name, shift in _SHIFTS.items()}
        near = {name: sum(float(np.exp(-(((at - other) / _ROOM) ** 2).sum())) for other in taken) for name, at in ways.items()}
        best = min(near, key=lambda name: near[name] + (ways[name][0] > 1) + (ways[name][0] < 0))
        chosen.append(best)
        taken.append(ways[best])
    return chosen


def _shares(frame: Any) -> bool:
    """Tell whether importance is shares and not ratings."""
    return bool(np.isclose(frame["importance"].sum(), 1.0, atol=0.02))


def _layout(frame: Any, shape: Sequence[tuple[list[float], list[float]]], pixels: int) -> dict[str, Any]:
    across, up = float(frame["performance_line"].iloc[0]), float(frame["importance_line"].iloc[0])
    xs, ys = [value for part in shape for value in part[0]] + [across], [value for part in shape for value in part[1]] + [up]
    xaxis, yaxis = _axis(xs), _axis(ys, times=100 if _shares(frame) else 1)
    heads = [heading("up: importance; across: performance", x=0, width=60)]
    top = head_pixels(heads) + 6
    line = {"type": "line", "layer": "below", "line": {"color": MUTED, "width": 1}}
    return {
        "height": top + pixels + _FOOT,
        "margin": {"l": 8, "r": 14, "t": top, "b": _FOOT},
        "xaxis": xaxis,
        "yaxis": {**yaxis, "showgrid": True, "gridcolor": BAND, "tickfont": {"size": SMALL, "color": MUTED}},
        "shapes": [
            {**line, "xref": "x", "yref": "paper", "x0": across, "x1": across, "y0": 0, "y1": 1},
            {**line, "xref": "paper", "yref": "y", "x0": 0, "x1": 1, "y0": up, "y1": up},
        ],
        "annotations": [*heads, *_corners(frame)],
    }


def _corners(frame: Any) -> list[Annotation]:
    """Name the quadrants in the corners of the map."""
    return [
        lettered(
            safe(name), x=x, y=y, size=SMALL, color=_COLORS[name], xref="paper", yref="paper", xanchor=align,
            yanchor="top" if y else "bottom", bgcolor=PAPER, borderpad=2,
        )
        for name, (x, y, align) in _PLACES.items()
    ]  # fmt: skip


def _axis(values: Sequence[float], *, times: float = 1.0) -> Axis:
    low, high = min(values), max(values)
    pad = 0.09 * (high - low) or 0.5
    low, high = low - pad, high + pad
    ticks = round_ticks(low * times, high * times)
    return {
        "range": [low, high],
        "tickvals": [tick / times for tick in ticks],
        "ticktext": [f"{text} %" if times > 1 else text for text in tick_texts(ticks)],
    }


def _pale(color: str, share: float) -> str:
    red, green, blue = (int(color[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red},{green},{blue},{share})"


def _note(frame: Any, equal: bool) -> str:
    across, up = float(frame["performance_line"].iloc[0]), float(frame["importance_line"].iloc[0])
    importance = f"{plain(100 * up, 1)} %" if _shares(frame) else plain(up, 2)
    at = f"at performance {plain(across, 2)} and importance {importance}"
    text = (
        f"Lines {at} (by {frame['crosshair'].iloc[0]}). Filled: the quadrant is sure; hollow: undetermined. Ellipses: 95 % of "
        "where an item would lie if customers were asked again."
    )
    return f"{text} Dotted: importance equals performance; above it an item is under-served." if equal else text
