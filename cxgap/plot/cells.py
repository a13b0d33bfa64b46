"""What stands in a cell of a heatmap, in as many lines as its width asks for."""

from __future__ import annotations

from typing import Any, NamedTuple

from cxgap.plot.grid import Grid
from cxgap.plot.lettering import Annotation, lettered
from cxgap.plot.theme import BODY, INK, MUTED, SMALL
from cxgap.vocabulary import VERDICT_MARKS

_CHARACTER = 0.56  # its width, as a share of its size
_AIR = 6  # pixels free beside a cell's text


class Style(NamedTuple):
    """How cells are written: the lines of the interval, and the sizes of the first line, the others and the heads."""

    interval: int
    first: int
    others: int
    heads: int


IN_ONE_LINE = Style(1, BODY, SMALL, SMALL)
IN_TWO_LINES = Style(2, SMALL - 1, SMALL - 1, SMALL - 1)
BARE = Style(0, SMALL - 2, SMALL - 2, SMALL - 2)


def style_for(grid: Grid, room: float) -> Style:
    """Choose the fullest style of which every line fits into `room` pixels.

    In the barest only mark and gap stand; the figure's table has the rest.
    """
    for style in (IN_ONE_LINE, IN_TWO_LINES):
        longest = max(len(line) for cell in range(len(grid.places)) for line in cell_lines(grid, cell, style))
        if longest * _CHARACTER * style.others + _AIR < room:
            return style
    return BARE


def cell_lines(grid: Grid, cell: int, style: Style) -> list[str]:
    """Return the lines of one cell: mark and gap, interval, n; or a dash where it is hidden."""
    cells = grid.cells
    if grid.hidden[cell]:
        return ["–"]
    if cells.reasons[cell]:
        return [*grid.nothing] if style.interval else [""]
    mark, gap, interval = VERDICT_MARKS[cells.verdicts[cell]], cells.gap_texts[cell], cells.interval_texts[cell]
    if not style.interval:
        return [mark, gap]
    low, _, high = interval.rpartition(" ")
    ends = [] if not interval else [interval] if style.interval == 1 else [low, high]
    return [f"{mark} {gap}", *ends, f"n {cells.count_texts[cell]}"]


def cell_texts(grid: Grid, style: Style) -> tuple[list[Annotation], int]:
    """Return the text of each cell, and the most lines that one has. Only what the data can tell is bold."""
    place: dict[str, Any] = {"size": style.others, "align": "center"}
    cells, annotations, most = grid.cells, [], 1
    for cell, (row, column) in enumerate(grid.places):
        first, *others = cell_lines(grid, cell, style)
        if not cells.reasons[cell]:
            first = f'<span style="font-size:{style.first}px">{first}</span>'
        first = f"<b>{first}</b>" if grid.told[cell] else first
        color = INK if grid.told[cell] or grid.hidden[cell] else MUTED
        annotations.append(lettered("<br>".join([first, *others]), x=column, y=row, color=color, **place))
        most = max(most, 1 + len(others))
    if style.interval:
        annotations += [
            lettered("<br>".join(grid.nothing), x=column, y=row, color=MUTED, **place) for row, column in grid.absent
        ]
    return annotations, most
