"""Small multiples of a table that is no gap: its cells, and where the panel of each stands."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import pandas as pd

from cxgap.errors import ArgumentError, listed
from cxgap.plot.absent import absent_table, box
from cxgap.plot.axes import Axis
from cxgap.plot.lettering import Annotation, lettered, safe, wrapped
from cxgap.plot.marks import Trace
from cxgap.plot.theme import BAND, BODY, INK, MUTED, SMALL
from cxgap.result import Table
from cxgap.vocabulary import NOT_SHOWN

MOST_CELLS = 12  # more cannot be compared
FACTS = ("metric_unit", "unit", "direction")  # of a cell, not its name
FIRST = slice(0, MOST_CELLS)
_BETWEEN = 0.05  # of the width, between two panels
_LINE = 17  # pixels of a line above a panel
_TICKS = 26  # pixels of the tick labels below a panel


class Cell(NamedTuple):
    """A cell of the table: its name, "" where there is but one without keys, and its rows."""

    name: str
    frame: pd.DataFrame


class Sheet(NamedTuple):
    """Where the panels stand: (left, right, bottom, top) of each as shares, and the height and margins in pixels."""

    places: list[tuple[float, float, float, float]]
    height: int
    margin: dict[str, int]


def split(table: Table, columns: Sequence[str], cells: slice) -> list[Cell]:
    """Return the chosen cells of a table, in its order; the columns before the first of `columns` are its keys."""
    lacking = [name for name in columns if name not in table.frame]
    if lacking:
        raise ArgumentError(f"The table must have the columns {listed(columns)}; {table.slug!r} lacks {listed(lacking)}.")
    if not isinstance(cells, slice):
        raise ArgumentError(f"`cells` must be a slice of the table's cells, such as slice(0, {MOST_CELLS}), not {cells!r}.")
    by = keys(table, columns)
    if not by:
        return [Cell("", table.frame)]
    names = table.frame[by].astype(str).agg(" · ".join, axis=1)
    chosen = list(dict.fromkeys(names))[cells]
    if not chosen or len(chosen) > MOST_CELLS:
        raise ArgumentError(
            f"A figure can hold 1 to {MOST_CELLS} cells, not {len(chosen)}: draw a part with cells=slice(0, {MOST_CELLS})."
        )
    return [Cell(name, table.frame[names == name]) for name in chosen]


def keys(table: Table, columns: Sequence[str]) -> list[str]:
    """Name the columns that name a cell."""
    before = table.frame.columns[: list(table.frame.columns).index(columns[0])]
    return [str(name) for name in before if name not in FACTS]


def nothing(table: Table) -> Any:
    """Return the figure of a table that has no row to draw, which says why; None where it has one."""
    if table.missing:
        return absent_table(table)
    if table.frame.empty:
        why = " ".join(table.notes) or "no cell has enough to show"
        caption = f"{table.title}: not shown"
        return box(table.title, why, gap=table.slug, by=[], caption=caption, said=NOT_SHOWN)
    return None


def axis_name(table: Table, otherwise: str) -> str:
    """Say what runs along the x axis: the head of the last column that names a row."""
    return table.heads[table.keys - 1] if 0 < table.keys <= len(table.heads) else otherwise


def sheet(count: int, across: int, *, tall: int, lines: int, head: int = 1) -> Sheet:
    """Place panels in rows.

    Parameters
    ----------
    count : of panels
    across : panels in a row
    tall : pixels of a panel's axes
    lines : of text above each panel
    head : lines of text above all
    """
    across = min(across, count)
    down = -(-count // across)
    above, top = _LINE * lines + 10, _LINE * head + 6
    inside = down * tall + (down - 1) * (above + _TICKS)
    wide = (1 - _BETWEEN * (across - 1)) / across
    places = []
    for panel in range(count):
        row, column = divmod(panel, across)
        left, upper = column * (wide + _BETWEEN), 1 - row * (tall + above + _TICKS) / inside
        places.append((left, min(1.0, left + wide), max(0.0, upper - tall / inside), upper))
    return Sheet(places, inside + above + top + _TICKS, {"l": 8, "r": 12, "t": above + top, "b": _TICKS})


def panel_axes(page: Sheet, xaxes: Sequence[Axis], yaxis: Axis) -> dict[str, Axis]:
    """Return the axes of every panel; the y axes are alike, and only the leftmost are labelled at their side."""
    axes: dict[str, Axis] = {}
    for panel, (xaxis, (left, right, bottom, top)) in enumerate(zip(xaxes, page.places, strict=True)):
        number = number_of(panel)
        axes[f"xaxis{number}"] = {**xaxis, "domain": [left, right], "anchor": f"y{number}", "showgrid": False}
        grid = {"showgrid": True, "gridcolor": BAND, "tickfont": {"size": SMALL, "color": MUTED}, "showticklabels": left == 0}
        axes[f"yaxis{number}"] = {**yaxis, **grid, "domain": [bottom, top], "anchor": f"x{number}"}
    return axes


def on_panel(traces: Sequence[Trace], panel: int) -> list[Trace]:
    """Put traces on the axes of a panel."""
    number = number_of(panel)
    return [{**trace, "xaxis": f"x{number}", "yaxis": f"y{number}"} for trace in traces]


def above_panel(page: Sheet, panel: int, text: str, *, line: int, side: float = 0, **style: Any) -> Annotation:
    """Set text, already safe, above a panel: `line` counts upwards from 0, `side` from left (0) to right (1)."""
    left, right, _, top = page.places[panel]
    anchor = {0: "left", 0.5: "center", 1: "right"}[side]
    place: dict[str, Any] = {"xref": "paper", "yref": "paper", "xanchor": anchor, "yanchor": "bottom", "align": anchor}
    return lettered(text, x=left + (right - left) * side, y=top, yshift=4 + _LINE * line, **place, **style)


def head_of_all(page: Sheet, text: str) -> Annotation:
    """Set a head above all panels."""
    place: dict[str, Any] = {"xref": "paper", "yref": "paper", "xanchor": "left", "yanchor": "bottom", "align": "left"}
    shift = page.margin["t"] - _LINE * (text.count("<br>") + 1) - 4
    return lettered(text, x=0, y=1, size=SMALL, color=MUTED, yshift=shift, **place)


def title(page: Sheet, panel: int, name: str, *, line: int, width: int, beside: str = "") -> Annotation:
    """Name a panel above it, in lines of at most `width` characters."""
    small = f' <span style="font-size:{SMALL}px;color:{MUTED}">{safe(beside)}</span>' if beside else ""
    return above_panel(page, panel, f"{wrapped(name, width)}{small}", line=line, size=BODY, color=INK)


def title_width(across: int, beside: int = 0) -> int:
    """Return how many characters fit above one of `across` panels, with as many others beside them."""
    return {1: 44, 2: 38, 3: 25}[across] - beside


def number_of(panel: int) -> str:
    """Return the number that plotly gives the axes of a panel."""
    return "" if panel == 0 else str(panel + 1)


def share_text(share: float, low: float = math.nan, high: float = math.nan) -> str:
    """Write a share as whole per cent, with its interval if there is one; only none is 0 %, and only all are 100 %."""
    text = "under 1 %" if 0 < share < 0.005 else "over 99 %" if 0.995 < share < 1 else f"{share * 100:.0f} %"
    return f"{text} ({low * 100:.0f} to {high * 100:.0f})" if math.isfinite(low) and math.isfinite(high) else text


def brief(source: Table, kept: int) -> Table:
    """Return a table with its first notes alone: what a picture must say; the rest stands under its words and its rows."""
    return replace(source, notes=source.notes[:kept])


def about_table(source: Table, shown: Sequence[Cell], by: list[str], **words: Any) -> dict[str, Any]:
    """Return what goes into `layout.meta`: `words` are alt, finding, note and narrow, and a table if not the one shown."""
    there = source.frame[by].drop_duplicates().shape[0] if by else 1
    left_out = f" {len(shown)} of {there} cells are drawn; the table has them all." if len(shown) < there else ""
    note = " ".join([words["note"] + left_out, *source.notes])
    rows = [list(row) for row in source.cells]
    data = {"caption": source.title, "columns": list(source.heads), "rows": rows, "heads": source.keys}
    return {"gap": source.slug, "by": by, "table": data, **words, "note": note}
