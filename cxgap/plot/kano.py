"""What kind of requirement each feature is: how far having it pleases against how far its lack displeases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cxgap.errors import ArgumentError
from cxgap.plot.axes import Axis, Shape
from cxgap.plot.lettering import Annotation, heading, lettered, lines, safe
from cxgap.plot.marks import Trace
from cxgap.plot.multiples import Cell, about_table, nothing
from cxgap.plot.theme import BLUE, BODY, INK, MUTED, NEUTRAL, PAPER, RULE, SMALL, VERMILION, figure
from cxgap.result import Table
from cxgap.vocabulary import NOT_SHOWN, plain

if TYPE_CHECKING:
    import plotly.graph_objects as go

SLUG: Final = "kano"
MOST: Final = 40  # features that can be read in one plane
MIXED: Final = "mixed"
OPPOSITE: Final = "opposite"
COLORS: Final = {"must-be": VERMILION, "performance": INK, "delight": BLUE}
_HEADS: Final = {
    "must-be": "Must be there",
    "performance": "The more the better",
    "delight": "Delights",
    "indifferent": "Hardly matters",
    "reverse": "Better without",
    "questionable": "Asked unclearly",
    OPPOSITE: "Groups want the opposite",
    MIXED: "Mixed: the data cannot tell",
}
_CORNERS: Final = ((0, 1, "delight"), (1, 1, "performance"), (0, 0, "indifferent"), (1, 0, "must-be"))
_PLANE, _TALLEST, _LINE, _BETWEEN, _LABEL, _FITS = 420, 520, 19, 9, 34, 37
_TICKS: Final = (0, 0.25, 0.5, 0.75, 1)
_LEFT: Final = 0.6  # share of the width that the plane takes
_NOTE = (
    "Numbers: features, filled where their kind is settled, else hollow. Lines: intervals. Dashed: half of "
    "those asked, where the corners meet by convention."
)


class Point(NamedTuple):
    """A feature: its number and name, where it stands with both intervals, its kind, and between what it is not settled."""

    number: int
    name: str
    lack: float
    have: float
    lack_ends: tuple[float, float]
    have_ends: tuple[float, float]
    kind: str
    between: str


def kano(table: Table) -> go.Figure:
    """Draw features in the plane of how far having them pleases and how far their lack displeases.

    Parameters
    ----------
    table : what `cx.kano` returned

    Returns
    -------
    A plotly Figure with a number a feature, the names beside it. Hidden features are left out. Where nothing was measured, the
    figure says why.

    Raises
    ------
    ArgumentError : the table is another, or has more features than can be read.
    """
    if not isinstance(table, Table) or table.slug != SLUG:
        raise ArgumentError(f"`table` must be what `cx.kano` returned, not {type(table).__name__}.")
    if (empty := nothing(table)) is not None:
        return empty
    points = _points(table)
    if not 0 < len(points) <= MOST:
        raise ArgumentError(
            f"A figure can hold 1 to {MOST} features, not {len(points)}: score a part of them, or cut by fewer columns."
        )
    said = "; ".join(
        f"{point.name}: {point.between or point.kind}, better {plain(point.have, 2)}, worse {plain(-point.lack, 2)}"
        for point in points
    )
    finding = f"{table.title}."
    about = about_table(
        table, [Cell("", table.frame)], [], alt=f"Kano plane of {len(points)} features. {said}. {finding}", finding=finding,
        note=_NOTE, narrow=_layout(points, narrow=True),
    )  # fmt: skip
    return figure(_traces(points), _layout(points, narrow=False), about)


def _points(table: Table) -> list[Point]:
    frame = table.frame[(table.frame["kind"] != NOT_SHOWN) & table.frame["better"].notna()]
    names = (
        frame.iloc[:, : table.keys].astype(str).agg(" · ".join, axis=1) if "n" not in frame.columns[: table.keys] else ["all"]
    )
    kinds = dict(zip("AOMIRQ", ("delight", "performance", "must-be", "indifferent", "reverse", "questionable"), strict=True))
    points = []
    for number, (name, row) in enumerate(zip(names, frame.to_dict("records"), strict=True), 1):
        between = f"{kinds[row['category']]} or {kinds[row['second']]}" if row["kind"] == MIXED else ""
        between = str(row["opposite"] or between)
        lack, have = (-row["worse_high"], -row["worse_low"]), (row["better_low"], row["better_high"])
        kind = OPPOSITE if row["opposite"] else str(row["kind"])
        points.append(Point(number, str(name), -row["worse"], row["better"], lack, have, kind, between))
    return points


def _traces(points: Sequence[Point]) -> list[Trace]:
    """Return the intervals of both directions, and the numbers on top of them."""
    traces: list[Trace] = []
    for kind in dict.fromkeys(point.kind for point in points):
        held = [point for point in points if point.kind == kind]
        x = [value for p in held for value in (*p.lack_ends, None, p.lack, p.lack, None)]
        y = [value for p in held for value in (p.have, p.have, None, *p.have_ends, None)]
        line = {"color": COLORS.get(kind, NEUTRAL), "width": 1.5}
        traces.append(
            {
                "type": "scatter",
                "name": f"interval, {kind}",
                "mode": "lines",
                "x": x,
                "y": y,
                "line": line,
                "opacity": 0.35,
                "hoverinfo": "skip",
                "cliponaxis": False,
            }
        )
    mixed = [point.kind in (MIXED, OPPOSITE) for point in points]
    colors = [COLORS.get(point.kind, NEUTRAL) for point in points]
    hover = [
        f"{safe(point.name)}<br>{point.between or point.kind}: better {plain(point.have, 2)}, worse {plain(-point.lack, 2)}"
        for point in points
    ]
    dots: Trace = {
        "type": "scatter",
        "name": "feature",
        "mode": "markers+text",
        "x": [point.lack for point in points],
        "y": [point.have for point in points],
        "text": [str(point.number) for point in points],
        "textfont": {"color": [INK if hollow else PAPER for hollow in mixed], "size": SMALL},
        "marker": {
            "size": 21,
            "color": [PAPER if hollow else color for hollow, color in zip(mixed, colors, strict=True)],
            "line": {"color": colors, "width": 1.5},
        },
        "hoverinfo": "text",
        "hovertext": hover,
        "cliponaxis": False,
    }
    return [*traces, dots]


def _layout(points: Sequence[Point], *, narrow: bool) -> dict[str, Any]:
    """Set the plane beside the list of names, or on a phone above it."""
    listed, height = _list(points, narrow=narrow)
    top, foot, plane = 44, 50, _PLANE - 90 if narrow else max(_PLANE, height)
    bottom = 1 - min(1.0, _TALLEST / plane)  # a long list does not stretch the plane
    axis: Axis = {"range": [-0.03, 1.03], "tickvals": list(_TICKS), "ticktext": ["0", "0.25", "0.5", "0.75", "1"]}
    below = height + 16 if narrow else 0
    head = heading("↑ pleased to have it (better)", x=0, width=44)
    place: dict[str, Any] = {"xref": "paper", "yref": "paper", "xanchor": "right", "yanchor": "top", "yshift": -24}
    edge = 1 if narrow else _LEFT
    across = lettered("displeased by its lack (worse) →", x=edge, y=bottom, size=SMALL, color=MUTED, **place)
    return {
        "height": top + plane + foot + below,
        "margin": {"l": 40, "r": 12, "t": top, "b": foot + below},
        "xaxis": {**axis, "domain": [0, edge]},
        "yaxis": {
            **axis,
            "domain": [bottom, 1],
            "showgrid": True,
            "gridcolor": "#eef1f4",
            "tickfont": {"size": SMALL, "color": MUTED},
        },
        "annotations": [head, across, *_corners(), *listed],
        "shapes": _halves(),
    }


def _corners() -> list[Annotation]:
    """Name the corners of the plane."""
    return [
        lettered(
            word,
            x=x,
            y=y,
            size=SMALL,
            color=MUTED,
            xref="x",
            yref="y",
            xanchor="right" if x else "left",
            yanchor="top" if y else "bottom",
        )
        for x, y, word in _CORNERS
    ]


def _halves() -> list[Shape]:
    line = {"type": "line", "layer": "below", "line": {"color": RULE, "width": 1, "dash": "dash"}}
    return [
        {**line, "xref": "x", "yref": "y", "x0": 0.5, "x1": 0.5, "y0": 0, "y1": 1},
        {**line, "xref": "x", "yref": "y", "x0": 0, "x1": 1, "y0": 0.5, "y1": 0.5},
    ]


def _list(points: Sequence[Point], *, narrow: bool) -> tuple[list[Annotation], int]:
    """Write the names under the heads of their kinds; return the annotations and the pixels that they take."""
    place: dict[str, Any] = {"xref": "paper", "yref": "paper", "xanchor": "left", "yanchor": "top", "align": "left"}
    x, y, start = (0.0, 0.0, -62) if narrow else (_LEFT + 0.05, 1.0, 0)
    annotations, down = [], 0
    for kind, head in _HEADS.items():
        held = [point for point in points if point.kind == kind]
        if not held:
            continue
        texts = [f'<b><span style="color:{COLORS.get(kind, MUTED)}">{head}</span></b>']
        for point in held:
            name = lines(f"{point.number} {point.name}", _FITS if narrow else _LABEL)
            texts += [safe(line) for line in name]
            if point.between:
                small = [safe(line) for line in lines(point.between, _FITS if narrow else _LABEL + 4)]
                texts += [f'<span style="color:{MUTED};font-size:{SMALL}px">{line}</span>' for line in small]
        annotations.append(lettered("<br>".join(texts), x=x, y=y, size=BODY, yshift=start - down, **place))
        down += _LINE * len(texts) + _BETWEEN
    return annotations, down
