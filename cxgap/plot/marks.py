"""The marks of the row figures: one trace a role, one point a row; lines need one trace a colour."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

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
