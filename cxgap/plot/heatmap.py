"""Gaps by two keys: a cell for each pair, its colour the gap, its text the gap with interval, verdict and n."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cxgap.plot.absent import absent_gaps
from cxgap.plot.caption import about
from cxgap.plot.cells import cell_texts, style_for
from cxgap.plot.grid import Grid
from cxgap.plot.lettering import lettered, safe, tallest, wrapped
from cxgap.plot.marks import Trace
from cxgap.plot.rows import margins, too_few
from cxgap.plot.theme import BAND, BODY, PALE_BLUE, PALE_VERMILION, PAPER, RULE, figure
from cxgap.vocabulary import percent, signed

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from cxgap.result import GapTable

_NAME = 24  # characters of a row's name at its left before it goes on in the next line
_FITS = 46  # characters across a phone
_PAGE, _PHONE = 650, 350  # pixels across: a printed page, for names and cells; a phone, for cells alone
_LETTER = 0.56  # width of a letter, as a share of its size
_LINE = 18  # pixels of a line


def heatmap(gaps: GapTable) -> go.Figure:
    """Draw a gap by two keys: rows are the first, columns the second.

    For seeing where, among many cells, the shortfalls are. Colour is only for what the data can tell: a cell of which
    they cannot has none, and a hidden cell is grey. Where the table has shrunken gaps, colours and ranks are theirs, the
    numbers printed are each cell's own, and a cell of an effective sample below 30 is light grey.

    Parameters
    ----------
    gaps : what a gap function returned for two keys, such as by="touchpoint,segment"

    Returns
    -------
    A plotly Figure. Rows and columns are in the order of display. Where nothing was measured, the figure says why.

    Raises
    ------
    ArgumentError : the table has not two keys, has no rows, has rows of several units, or makes more than 40 rows or 12
        columns.
    """
    if gaps.missing:
        return absent_gaps(gaps)
    grid = Grid.of(gaps)
    return figure(_traces(grid), _wide(grid), _about(grid))


def _traces(grid: Grid) -> list[Trace]:
    """Return one trace for what the data can tell, one for what they cannot, one for small samples, one for what is hidden."""
    own = grid.cells.numbers("estimate")
    z = [value if pulled is None else pulled for value, pulled in zip(own, grid.shrunk, strict=True)]
    told = [abs(value) for value, keep in zip(z, grid.told, strict=True) if keep and value is not None]
    limit = max([*told, *margins(grid.cells.whole)]) or 1.0
    return [
        _bricks(grid, "gap", z, grid.told, (PALE_VERMILION, BAND, PALE_BLUE), limit),
        _bricks(grid, "cannot tell", z, grid.untold, (PAPER, PAPER, PAPER), limit),
        _bricks(grid, "small sample", z, grid.greyed, (BAND, BAND, BAND), limit),
        _bricks(grid, "not shown", [0] * len(z), grid.hidden, (RULE, RULE, RULE), limit),
    ]


def _bricks(grid: Grid, name: str, z: Sequence[Any], chosen: Sequence[bool], colors: Sequence[str], limit: float) -> Trace:
    """Return the chosen cells; their colours are symmetric about no gap."""
    return {
        "type": "heatmap",
        "name": name,
        "x": list(range(len(grid.across))),
        "y": list(range(len(grid.down))),
        "z": grid.matrix(z, chosen),
        "zmin": -limit,
        "zmax": limit,
        "colorscale": [[share, color] for share, color in zip((0, 0.5, 1), colors, strict=True)],
        "showscale": False,
        "xgap": 4,
        "ygap": _between(grid),
        "hoverongaps": False,
        "hoverinfo": "text",
        "hovertext": grid.matrix(_hover(grid), chosen),
    }


def _hover(grid: Grid) -> list[str]:
    """Write each cell out."""
    cells = grid.cells
    texts = zip(cells.verdict_texts, cells.gap_texts, cells.interval_texts, cells.count_texts, strict=True)
    results = [f"{verdict} {gap} ({interval or 'no interval'}), n {n}" for verdict, gap, interval, n in texts]
    rows = zip(cells.labels, cells.reasons, results, _pulled(grid), strict=True)
    return [f"{safe(label)}<br>{why or result + pulled}" for label, why, result, pulled in rows]


def _pulled(grid: Grid) -> list[str]:
    """Say of each cell what its gap is after it borrowed strength, and its rank by that."""
    known = sorted(value for value in grid.shrunk if value is not None)
    digits = max(2, grid.cells.part.decimals)
    return [
        ""
        if value is None
        else f"<br>shrunken {signed(value, digits)}, rank {known.index(value) + 1} of {len(known)} from the worst"
        for value in grid.shrunk
    ]


def _between(grid: Grid) -> int:
    """Return the pixels between two rows of cells; on a phone the name of the lower row stands there."""
    return _LINE * tallest(grid.down, _FITS) + 2


def _wide(grid: Grid) -> dict[str, Any]:
    """Lay the cells out with the names of the rows at their left."""
    names = min(_NAME, max(map(len, grid.down))) * _LETTER * BODY
    layout = _cells(grid, (_PAGE - names) / len(grid.across), _LINE * tallest(grid.down, _NAME))
    layout["yaxis"]["ticktext"] = [wrapped(name, _NAME) for name in grid.down]
    return layout


def _narrow(grid: Grid) -> dict[str, Any]:
    """Lay the cells out with the names of the rows above them, so that they have the whole width."""
    layout = _cells(grid, _PHONE / len(grid.across), 0, first=_between(grid) // 2 + 6)
    layout["yaxis"]["showticklabels"] = False
    place: dict[str, Any] = {"xref": "paper", "xanchor": "left", "yanchor": "bottom", "yshift": 1 - _between(grid) / 2}
    names = [lettered(wrapped(name, _FITS), x=0, y=row - 0.5, size=13, **place) for row, name in enumerate(grid.down)]
    layout["annotations"] += names
    return layout


def _cells(grid: Grid, room: float, least: int, first: int = 0) -> dict[str, Any]:
    """Lay out columns of `room` pixels and rows of at least `least`, with `first` pixels above the first row."""
    style = style_for(grid, room)
    texts, most = cell_texts(grid, style)
    pitch = max(round(1.35 * style.others * most) + 12 + _between(grid), least + 8)
    letters = max(3, int((room - 6) / (_LETTER * style.heads)))
    top, foot = 16 * tallest(grid.across, letters) + 8, 4
    return {
        "height": top + first + pitch * len(grid.down) + foot,
        "margin": {"l": 8, "r": 8, "t": top, "b": foot},
        "xaxis": {
            "range": [-0.5, len(grid.across) - 0.5],
            "side": "top",
            "showgrid": False,
            "tickvals": list(range(len(grid.across))),
            "ticktext": [wrapped(name, letters) for name in grid.across],
            "tickfont": {"size": style.heads},
        },
        "yaxis": {"range": [len(grid.down) - 0.5, -0.5 - first / pitch], "tickvals": list(range(len(grid.down)))},
        "annotations": texts,
    }


def _about(grid: Grid) -> dict[str, Any]:
    part = grid.cells.part
    note = (
        f"Each cell: verdict, gap in {part.unit}, its {percent(part.conf_level)} interval, n. Vermilion with ▼: short; "
        "blue with ▲: exceeded; grey with ●: met; no colour, with ○: cannot tell."
    )
    if any(value is not None for value in grid.shrunk):
        note += " Colours are of gaps shrunk towards those of the other cells, the more the smaller the sample."
    if any(grid.greyed):
        note += " Light grey and pale letters: a small sample, a first look and no more."
    if any(grid.hidden):
        few = f"fewer than {part.min_n} answered" if part.counts == "customer" else too_few(part)
        note += f" Dark grey with –: not shown, because {few} or to protect another cell."
    if grid.absent or not all(grid.hidden[cell] for cell, why in enumerate(grid.cells.reasons) if why):
        note += f" A cell without a mark has {' '.join(grid.nothing)}."
    return about(grid.cells, shows="the gap in each cell", note=note, narrow=_narrow(grid))
