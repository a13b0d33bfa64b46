"""A figure on the page: its box, its words, its data table; and what `boot.js` draws it from, packed for all of a page."""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import Any, Final

import numpy as np

from cxgap import markup
from cxgap.report.script import PACKED_TYPE, packed
from cxgap.report.wording import shown, untagged
from cxgap.result import Table

DEFAULT_HEIGHT: Final = 450  # plotly's own, in pixels
MOST_ROWS: Final = 200  # of a table that we make ourselves from a figure's traces
DIGITS: Final = 7  # of a number in a drawing; tables and records have them all
FIGURES: Final = "figures"  # the name of the block of drawings
_LINK: Final = re.compile(r"<(?=\s*/?\s*a\b)", re.IGNORECASE)
_COLUMNS: Final = ("labels", "parents", "values", "locations", "x", "y", "z", "r", "theta", "base", "text")
_FALLBACK: Final = "This figure is drawn by a script. Its numbers are in the table below."


def figure_html(figure: Mapping[str, Any], number: int) -> str:
    """Write a figure; `number` names its parts.

    A figure of ours says what it shows in `layout.meta.cxgap`. Of any other, the title is the finding and the table is
    made from its traces.
    """
    layout, meta = figure["layout"], _meta(figure["layout"])
    finding = str(meta.get("finding") or _title(figure["layout"]) or f"Figure {number}")
    table = _declared_table(meta["table"]) if meta.get("table") else _trace_table(_drawable(figure["data"]), finding)
    name, height = figure_name(number), int(layout.get("height") or DEFAULT_HEIGHT)
    described, description = "", ""
    if meta.get("alt"):
        described = f' aria-describedby="{name}-text"'
        description = f'<p class="unseen" id="{name}-text">{markup.prose(meta["alt"])}</p>'
    return (
        f'<figure aria-labelledby="{name}-caption"{described}>'
        f'<div class="plot" id="{name}" style="min-height:{height}px"><p>{_FALLBACK}</p></div>'
        f'<figcaption id="{name}-caption"><strong>{markup.prose(finding)}</strong> {markup.prose(meta.get("note") or "")}'
        f"</figcaption>{description}"
        f'<details class="numbers"><summary>The numbers behind this figure</summary>{region(table, finding)}</details></figure>'
    )


def figure_name(number: int) -> str:
    """Return the id of a figure's box."""
    return f"figure-{number}"


def drawings_html(figures: Mapping[str, Mapping[str, Any]]) -> str:
    """Write what all figures of a page are drawn from as one packed block, because figures repeat much of each other.

    Parameters
    ----------
    figures : by the name of the box that each is drawn in
    """
    drawn = {
        name: _slim({part: _drawable(_short(figure[part])) for part in ("data", "layout")}) for name, figure in figures.items()
    }
    return f'<script type="{PACKED_TYPE}" id="{FIGURES}">{packed(markup.script_json(drawn))}</script>' if drawn else ""


def region(table: str, label: str) -> str:
    """Wrap a table so that it scrolls by itself, also from the keyboard."""
    return f'<div class="scroll" role="region" tabindex="0" aria-label="{markup.escape(label)}">{table}</div>'


def picture_html(picture: bytes, number: int, cell: int) -> str:
    """Write a PNG that a cell showed; all that is known of it is where it came from."""
    name = f"picture-{number}"
    encoded = base64.b64encode(picture).decode()
    return (
        f'<figure aria-labelledby="{name}"><img src="data:image/png;base64,{encoded}" alt="Picture {number}">'
        f'<figcaption id="{name}">Picture {number}, from code cell {cell}.</figcaption></figure>'
    )


def figure_words(figure: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a figure says in words, for the record: alt, finding, note and table, or its title."""
    meta = _meta(figure["layout"])
    words = {key: meta[key] for key in ("alt", "finding", "note", "table") if key in meta}
    return words or {"finding": _title(figure["layout"])}


def rows_behind(figure: Mapping[str, Any]) -> int:
    """Return how many rows the numbers behind a figure of ours have."""
    return len((_meta(figure["layout"]).get("table") or {}).get("rows", ()))


def caption_note(figure: Mapping[str, Any]) -> str:
    """Return what a figure's caption says after its finding."""
    return str(_meta(figure["layout"]).get("note") or "")


def caption_finding(figure: Mapping[str, Any]) -> str:
    """Return what a figure's caption says first."""
    return str(_meta(figure["layout"]).get("finding") or "")


def figure_shows(figure: Mapping[str, Any], table: Table) -> bool:
    """Say whether the numbers behind a figure are those of a table, cell by cell."""
    own = _meta(figure["layout"]).get("table") or {}
    rows = [[_cell(value) for value in row] for row in own.get("rows", ())]
    return list(map(str, own.get("columns", ()))) == list(table.heads) and rows == [list(row) for row in table.cells]


def _meta(layout: Mapping[str, Any]) -> Mapping[str, Any]:
    meta = layout.get("meta")
    own = meta.get("cxgap") if isinstance(meta, Mapping) else None
    return own if isinstance(own, Mapping) else {}


def _title(layout: Mapping[str, Any]) -> str:
    title = layout.get("title")
    return untagged(title.get("text") or "" if isinstance(title, Mapping) else title or "")


def _slim(figure: dict[str, Any]) -> dict[str, Any]:
    """Keep of our words in `meta` only what the drawing needs: they are on the page already."""
    layout, meta = figure["layout"], _meta(figure["layout"])
    return (
        figure | {"layout": layout | {"meta": layout["meta"] | {"cxgap": {"narrow": meta.get("narrow") or {}}}}}
        if meta
        else figure
    )


def _short(value: Any) -> Any:
    """Return figure JSON with as many digits as a picture can show."""
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}")
    if isinstance(value, Mapping):
        return {key: _short(item) for key, item in value.items()}
    return [_short(item) for item in value] if isinstance(value, list | tuple) else value


def _drawable(value: Any) -> Any:
    """Return a copy of figure JSON that draws the same, with nothing hidden in a text, no link and no infinity."""
    if isinstance(value, str):
        return _LINK.sub("&lt;", shown(value))
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {_drawable(key): _drawable(value[key]) for key in sorted(value)}  # as a saved notebook has them
    return [_drawable(item) for item in value] if isinstance(value, list | tuple) else value


def _declared_table(table: Mapping[str, Any]) -> str:
    rows = [[_cell(value) for value in row] for row in table["rows"]]
    return markup.table_html(list(map(str, table["columns"])), rows, str(table["caption"]), heads=table.get("heads", 1))


def _trace_table(data: Sequence[Mapping[str, Any]], caption: str) -> str:
    """Make a table of what the traces hold: one row a point, headed by the trace's name."""
    traces = [(str(trace.get("name") or f"series {i}"), _points(trace)) for i, trace in enumerate(data, start=1)]
    columns = [column for column in _COLUMNS if any(column in points for _, points in traces)]
    rows = []
    for name, points in traces:
        for values in zip_longest(*(points.get(column, []) for column in columns)):
            rows.append([untagged(name), *(untagged(_cell(value)) for value in values)])
    if len(rows) > MOST_ROWS:
        caption = f"{caption} (the first {MOST_ROWS} of {len(rows):,} points)"
    return markup.table_html(["series", *columns], rows[:MOST_ROWS], caption)


def _points(trace: Mapping[str, Any]) -> dict[str, list[Any]]:
    points = {column: _array(trace[column]) for column in _COLUMNS if _array(trace.get(column))}
    grid = points.get("z", [])
    if not (grid and isinstance(grid[0], list)):
        return points
    across, down = points.get("x") or range(len(grid[0])), points.get("y") or range(len(grid))
    cells = [(x, y, z) for y, row in zip(down, grid, strict=False) for x, z in zip(across, row, strict=False)]
    return dict(zip("xyz", map(list, zip(*cells, strict=True)), strict=True))


def _array(value: Any) -> list[Any]:
    """Return the values of an array as plotly writes it: a list, or base64 of its bytes."""
    if isinstance(value, Mapping) and "bdata" in value:
        array = np.frombuffer(base64.b64decode(value["bdata"]), np.dtype(value["dtype"]).newbyteorder("<"))
        shape = str(value.get("shape") or len(array)).split(",")
        return array.reshape([int(n) for n in shape]).tolist()
    return value if isinstance(value, list) else []


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.6g}" if isinstance(value, float) else str(value)
