"""A change and its two parts: what moved within groups, and what moved because who answered did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from cxgap.errors import ArgumentError
from cxgap.plot.axes import Axis, round_ticks, tick_texts
from cxgap.plot.lettering import safe
from cxgap.plot.listing import Line, narrow, wide
from cxgap.plot.marks import Trace
from cxgap.plot.multiples import Cell, about_table, keys, nothing
from cxgap.plot.theme import BLUE, INK, MUTED, NEUTRAL, PAPER, figure
from cxgap.result import Table
from cxgap.vocabulary import signed

if TYPE_CHECKING:
    import plotly.graph_objects as go

SLUG = "change_decomposition"
MOST_STEPS = 12
PARTS = {
    "total": ("change in all", "diamond", INK),
    "within": ("within groups", "circle", BLUE),
    "mix": ("who answered", "square", NEUTRAL),
}
_NOTE = (
    "Diamond: the change in all; circle: what moved within groups; square: what moved because who answered did. The last two "
    "add up to the first. Filled where the interval leaves out zero."
)


class _Mark(NamedTuple):
    """A mark: its row, its part, and its value with both ends."""

    place: int
    part: str
    value: float
    low: float
    high: float
    said: str


def change(table: Table, *, side: str = "", steps: slice = slice(0, MOST_STEPS)) -> go.Figure:
    """Draw each change between two periods with its two parts, all with intervals on one axis.

    Parameters
    ----------
    table : what `change_decomposition` returned
    side : "gap", "perception", "expectation" or the outcome that was split; the first in the table if not given
    steps : the changes to draw; by default the first 12

    Returns
    -------
    A plotly Figure. Where nothing was measured, or all is hidden, the figure says why.

    Raises
    ------
    ArgumentError : the table is another, has no such side, or `steps` chooses none or more than 12.
    """
    if not isinstance(table, Table) or table.slug != SLUG:
        name = getattr(table, "slug", type(table).__name__)
        raise ArgumentError(f"`table` must be what `cx.change_decomposition` returned, not {name!r}.")
    if (empty := nothing(table)) is not None:
        return empty
    sides = list(dict.fromkeys(table.frame["side"]))
    if side and side not in sides:
        raise ArgumentError(f"`side` must be one of {sides}, not {side!r}.")
    side = side or sides[0]
    rows = table.frame[(table.frame["group"] == "") & (table.frame["side"] == side)].iloc[steps]
    if not 0 < len(rows) <= MOST_STEPS:
        raise ArgumentError(
            f"A figure can hold 1 to {MOST_STEPS} changes, not {len(rows)}: draw a part with steps=slice(0, 12)."
        )
    lines, marks = _lines(table, rows)
    head = (f"change of {'the gap' if side == 'gap' else side.replace('_', ' ')}, later less earlier",)
    axis = _axis(marks)
    finding = f"{table.title}."
    said = "; ".join(mark.said for mark in marks) or "nothing may be shown"
    about = about_table(
        table, [Cell("", rows)], [], alt=f"Changes and their parts: {said}. {finding}", finding=finding, note=_NOTE,
        narrow=narrow(lines, axis, head),
    )  # fmt: skip
    return figure(_traces(marks), wide(lines, [("change", "left"), ("", "left")], axis, head), about)


def _lines(table: Table, rows: pd.DataFrame) -> tuple[list[Line], list[_Mark]]:
    lines: list[Line] = []
    marks: list[_Mark] = []
    for row in rows.to_dict("records"):
        name = " · ".join([*(str(row[key]) for key in keys(table, ("level",))), f"{row['against']} to {row['level']}"])
        lines.append(Line(name))
        if not np.isfinite(row["total"]):
            lines.append(Line("not shown", ("too few answered",), MUTED))
            continue
        for part, (word, _, _) in PARTS.items():
            value, low, high = (float(row[f"{part}{end}"]) for end in ("", "_low", "_high"))
            text, clear = signed(value, 2), low > 0 or high < 0
            span = f"({signed(low, 2)} to {signed(high, 2)})" if np.isfinite(low) else ""
            marks.append(_Mark(len(lines), part, value, low, high, f"{name}, {word}: {text} {span}".rstrip()))
            lines.append(Line(word, (text, span), INK if clear else MUTED))
    return lines, marks


def _traces(marks: list[_Mark]) -> list[Trace]:
    traces: list[Trace] = [
        {
            "type": "scatter",
            "name": "interval",
            "mode": "lines",
            "x": [mark.low, mark.high],
            "y": [mark.place, mark.place],
            "line": {"color": PARTS[mark.part][2], "width": 3},
            "hoverinfo": "skip",
            "cliponaxis": False,
        }
        for mark in marks
        if np.isfinite(mark.low)
    ]
    for part, (word, symbol, color) in PARTS.items():
        mine = [mark for mark in marks if mark.part == part]
        fills = [color if mark.low > 0 or mark.high < 0 else PAPER for mark in mine]
        marker: dict[str, Any] = {"symbol": symbol, "size": 11, "color": fills, "line": {"color": color, "width": 2}}
        traces.append(
            {
                "type": "scatter",
                "name": word,
                "mode": "markers",
                "x": [mark.value for mark in mine],
                "y": [mark.place for mark in mine],
                "marker": marker,
                "hoverinfo": "text",
                "hovertext": [safe(mark.said) for mark in mine],
                "cliponaxis": False,
            }
        )
    return traces


def _axis(marks: list[_Mark]) -> Axis:
    ends = [end for mark in marks for end in (mark.value, mark.low, mark.high) if np.isfinite(end)]
    low, high = min([0.0, *ends]), max([0.0, *ends])
    low, high = (low, high) if high > low else (-1.0, 1.0)
    pad = 0.06 * (high - low)
    ticks = round_ticks(low - pad, high + pad, sign=True)
    zero = {"zeroline": True, "zerolinecolor": INK, "zerolinewidth": 1}
    return {"range": [low - pad, high + pad], "tickvals": ticks, "ticktext": tick_texts(ticks, sign=True), **zero}
