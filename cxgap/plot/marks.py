"""The marks of the row figures: one trace a role, one point a row; lines need one trace a colour."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from cxgap.plot.lettering import safe
from cxgap.plot.rows import Rows
from cxgap.plot.theme import FILLS, INK, PAPER
from cxgap.vocabulary import CANNOT_TELL

Trace = dict[str, Any]


def points(name: str, rows: Rows, column: str, hover: Sequence[str], marker: dict[str, Any], xaxis: str) -> Trace:
    """Return the points of one column, none in a row that says why it has no gap; `hover` has one text a row, already safe."""
    drawn = zip(rows.numbers(column), rows.reasons, strict=True)
    return {
        "type": "scatter",
        "name": name,
        "mode": "markers",
        "x": [None if why else value for value, why in drawn],
        "y": list(range(len(rows))),
        "marker": marker,
        "hoverinfo": "text",
        "hovertext": list(hover),
        "cliponaxis": False,
        "xaxis": xaxis,
    }


def gap_marks(rows: Rows, xaxis: str) -> list[Trace]:
    """Return the gap of each row with its interval; the point is hollow where we cannot tell."""
    texts = zip(rows.labels, rows.gap_texts, rows.interval_texts, strict=True)
    hover = [f"{safe(label)}<br>gap {gap}{f' ({interval})' if interval else ''}" for label, gap, interval in texts]
    ends = rows.numbers("conf_low"), rows.numbers("conf_high")
    return [
        *spans("interval", rows, ends, width=3, xaxis=xaxis),
        points("gap", rows, "estimate", hover, dot(rows, 10, hollow=True), xaxis),
    ]


class Reach(NamedTuple):
    """A value with its interval: its place, its ends, its colour; hollow where nobody can tell."""

    place: int
    value: float
    low: float
    high: float
    color: str
    sure: bool
    hover: str


def reaches(name: str, known: Sequence[Reach], *, width: float, opacity: float = 1.0) -> list[Trace]:
    """Return a bar for each interval, and one trace of the values on them."""
    bars: list[Trace] = [
        {
            "type": "scatter",
            "name": "interval",
            "mode": "lines",
            "x": [each.low, each.high],
            "y": [each.place, each.place],
            "line": {"color": each.color, "width": width},
            "opacity": opacity,
            "hoverinfo": "skip",
        }
        for each in known
    ]
    dots: Trace = {
        "type": "scatter",
        "name": name,
        "mode": "markers",
        "x": [each.value for each in known],
        "y": [each.place for each in known],
        "marker": {
            "size": 11,
            "color": [each.color if each.sure else PAPER for each in known],
            "line": {"color": [each.color for each in known], "width": 2},
        },
        "hoverinfo": "text",
        "hovertext": [each.hover for each in known],
    }
    return [*bars, dots]


def ring() -> dict[str, Any]:
    """Return the marker of what a gap starts from."""
    return {"symbol": "circle", "size": 14, "color": PAPER, "line": {"color": INK, "width": 2}}


def dot(rows: Rows, size: int, *, hollow: bool = False) -> dict[str, Any]:
    """Return the marker in the colours of the verdicts; where we cannot tell it can be hollow."""
    colors = [FILLS[verdict] for verdict in rows.verdicts]
    empty = [hollow and verdict == CANNOT_TELL for verdict in rows.verdicts]
    fills = [PAPER if blank else color for blank, color in zip(empty, colors, strict=True)]
    return {"symbol": "circle", "size": size, "color": fills, "line": {"color": colors, "width": 2}}


def spans(
    name: str,
    rows: Rows,
    ends: tuple[Sequence[float | None], Sequence[float | None]],
    *,
    width: float,
    xaxis: str,
    opacity: float = 1.0,
) -> list[Trace]:
    """Return a line from one end to the other in each row that has both, in the colours of the verdicts."""
    drawn: dict[str, tuple[list[float | None], list[float | None]]] = {}
    for row, (low, high, verdict) in enumerate(zip(*ends, rows.verdicts, strict=True)):
        if low is not None and high is not None:
            x, y = drawn.setdefault(FILLS[verdict], ([], []))
            x += [low, high, None]
            y += [row, row, None]
    return [
        {
            "type": "scatter",
            "name": name,
            "mode": "lines",
            "x": x,
            "y": y,
            "line": {"color": color, "width": width},
            "opacity": opacity,
            "hoverinfo": "skip",
            "cliponaxis": False,
            "xaxis": xaxis,
        }
        for color, (x, y) in drawn.items()
    ]
