"""Why promises were broken: the causes by size, the unknown one among them, and what of all is within control."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from cxgap.errors import ArgumentError
from cxgap.plot.absent import box
from cxgap.plot.axes import Axis, round_ticks, tick_texts
from cxgap.plot.lettering import safe
from cxgap.plot.listing import Line, narrow, wide
from cxgap.plot.marks import Trace
from cxgap.plot.multiples import Cell, about_table, keys, nothing, share_text, split
from cxgap.plot.theme import BLUE, INK, LETTERS, MUTED, NEUTRAL, PALE_BLUE, PAPER, figure
from cxgap.result import Table
from cxgap.vocabulary import CANNOT_TELL

if TYPE_CHECKING:
    import plotly.graph_objects as go

SLUG = "causes"
FEW = slice(0, 6)
COLUMNS = ("level", "cause", "control", "of_late", "of_late_low", "of_late_high")
WORDS: Final = {
    "controllable": "within our control",
    "shared": "shared with others",
    "uncontrollable": "beyond our control",
    "unknown": "not known",
    "mixed": "of several kinds",
    "": "",
}
_HATCH = {"shape": "/", "fgcolor": INK, "bgcolor": PAPER, "size": 7, "solidity": 0.25}
_DOTS = {"shape": ".", "fgcolor": BLUE, "bgcolor": PALE_BLUE, "size": 6, "solidity": 0.4}
FILLS: Final[dict[str, dict[str, Any]]] = {
    "controllable": {"color": BLUE},
    "shared": {"color": PALE_BLUE, "pattern": _DOTS},
    "uncontrollable": {"color": NEUTRAL},
    "unknown": {"color": PAPER, "pattern": _HATCH},
    "mixed": {"color": PALE_BLUE},
    "": {"color": NEUTRAL},
}
_NOTE = (
    "Bars: share of what is late, with its interval. Blue: within our control; pale and dotted: shared; grey: beyond our "
    "control; hatched: not known. The bracket runs from what is surely within our control to what may be; the thin line holds "
    "both ends."
)


_UNSAID = "Bars: share of what is late, with its interval. No table of causes says what of it is within our control."


class _Row(NamedTuple):
    """A bar, or the bracket: its place, what it shows, and its two ends."""

    place: int
    kind: str
    value: float
    low: float
    high: float
    said: str


class Drawn(NamedTuple):
    """What is drawn: the lines in order, the bars, and the brackets with their bounds."""

    lines: list[Line]
    bars: list[_Row]
    brackets: list[tuple[_Row, float, float]]


def causes(table: Table, *, cells: slice = FEW) -> go.Figure:
    """Draw what made promises late, the largest cause first.

    Parameters
    ----------
    table : what `causes` returned
    cells : the cells to draw; by default the first 6

    Returns
    -------
    A plotly Figure: bars of the share of lateness, a cause each, filled by who can do something about it, and below them, as
    a bracket, what of all lateness is within control at least and at most. Where nothing was measured, the figure says why.

    Raises
    ------
    ArgumentError : the table is another, or `cells` chooses none.
    """
    if not isinstance(table, Table) or table.slug != SLUG:
        raise ArgumentError(f"`table` must be what `cx.causes` returned, not {getattr(table, 'slug', type(table).__name__)!r}.")
    if (empty := nothing(table)) is not None:
        return empty
    chosen = split(table, COLUMNS, cells)
    drawn = _drawn(chosen)
    if not drawn.bars:
        why = "no promise was broken" + (" in the cells that are drawn" if chosen[0].name else "")
        return box("Causes of lateness", why, gap=SLUG, by=keys(table, COLUMNS), caption=table.title, said="not met")
    finding = f"{table.title}."
    said = "; ".join(f"{row.said}" for row in [*drawn.bars, *(row for row, _, _ in drawn.brackets)])
    head = ("share of what is late",)
    axis = _axis(drawn)
    about = about_table(
        table, chosen, keys(table, COLUMNS), alt=f"Causes of lateness by share: {said}. {finding}", finding=finding,
        note=_NOTE if drawn.brackets else _UNSAID,
        narrow=narrow(drawn.lines, axis, head),
    )  # fmt: skip
    columns = [("share of late", "left"), ("can we do something?", "left")][: 2 if drawn.brackets else 1]
    return figure(_traces(drawn), wide(drawn.lines, columns, axis, head), about)


def _drawn(cells: Sequence[Cell]) -> Drawn:
    drawn = Drawn([], [], [])
    for cell in cells:
        if cell.name:
            drawn.lines.append(Line(cell.name))
        rows = cell.frame[cell.frame["level"] == "cause"].to_dict("records")
        for row in rows:
            value, low, high = (float(row[name]) for name in COLUMNS[3:])
            text = share_text(value, low, high)
            said = f"{cell.name + ', ' if cell.name else ''}{row['cause']}: {text}, {WORDS[row['control']]}".rstrip(", ")
            kind = "unknown" if row["cause"] == "unknown" else str(row["control"])
            drawn.bars.append(_Row(len(drawn.lines), kind, value, low, high, said))
            color = LETTERS[CANNOT_TELL] if row["control"] == "unknown" else INK
            drawn.lines.append(Line(str(row["cause"]), (text, WORDS[row["control"]]), color))
        whole: Mapping[str, Any] = cell.frame.iloc[0].to_dict()
        if rows and np.isfinite(whole["controllable_low"]):
            _bracket(drawn, cell.name, whole)
    return drawn


def _bracket(drawn: Drawn, name: str, whole: Mapping[str, Any]) -> None:
    low, high = float(whole["controllable_low"]), float(whole["controllable_high"])
    ends = float(whole["conf_low"]), float(whole["conf_high"])
    sure, most = (f"{100 * end:.0f}" for end in (low, high))
    text = f"{sure} %" if sure == most else f"{sure} to {most} %"
    span = f"({100 * ends[0]:.0f} to {100 * ends[1]:.0f})" if np.isfinite(ends[0]) else ""
    said = f"{name + ', ' if name else ''}within our control in all: {text} {span}".rstrip()
    drawn.brackets.append((_Row(len(drawn.lines), "", low, *ends, said), low, high))
    drawn.lines.append(Line("within our control, in all", (f"{text} {span}".rstrip(), "at least and at most"), INK))


def _traces(drawn: Drawn) -> list[Trace]:
    traces: list[Trace] = []
    for kind, fill in FILLS.items():
        rows = [row for row in drawn.bars if row.kind == kind]
        if not rows:
            continue
        traces.append(
            {
                "type": "bar",
                "orientation": "h",
                "name": WORDS[kind] or "late",
                "x": [100 * row.value for row in rows],
                "y": [row.place for row in rows],
                "width": [0.33] * len(rows),
                "marker": {
                    **fill,
                    "line": {"color": INK if kind in ("unknown", "shared", "mixed") else fill["color"], "width": 1},
                },
                "hoverinfo": "text",
                "hovertext": [safe(row.said) for row in rows],
                "textposition": "none",
            }
        )
    for row in drawn.bars:
        if np.isfinite(row.low):
            traces.append(_line("interval", [row.low, row.high], row.place, INK, 1.5))
    for row, low, high in drawn.brackets:
        if np.isfinite(row.low):
            traces.append(_line("interval of the bounds", [row.low, row.high], row.place, MUTED, 1.5))
        bracket = _line("within our control, at least and at most", [low, high], row.place, BLUE, 5)
        ends = {"symbol": ["line-ns", "line-ns"], "size": 20, "line": {"color": BLUE, "width": 4}}
        traces.append({**bracket, "mode": "lines+markers", "marker": ends, "hoverinfo": "text", "hovertext": safe(row.said)})
    return traces


def _line(name: str, ends: Sequence[float], place: int, color: str, width: float) -> Trace:
    return {
        "type": "scatter",
        "name": name,
        "mode": "lines",
        "x": [100 * end for end in ends],
        "y": [place, place],
        "line": {"color": color, "width": width},
        "hoverinfo": "skip",
        "cliponaxis": False,
    }


def _axis(drawn: Drawn) -> Axis:
    ends = [row.high if np.isfinite(row.high) else row.value for row in drawn.bars]
    ends += [high if not np.isfinite(row.high) else max(row.high, high) for row, _, high in drawn.brackets]
    most = 100 * max(ends, default=1.0) * 1.04
    ticks = round_ticks(0, most)
    return {"range": [0, most], "tickvals": ticks, "ticktext": [f"{text} %" for text in tick_texts(ticks)]}
