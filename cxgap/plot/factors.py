"""What expectations go with: one bar of the whole, in which what nobody measured has its place, and the factors below."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cxgap.errors import ArgumentError
from cxgap.plot.absent import HATCH
from cxgap.plot.axes import Axis, round_ticks, tick_texts
from cxgap.plot.lettering import Annotation, Column, lettered, lines, safe, tallest, text_columns, wrapped
from cxgap.plot.marks import Trace
from cxgap.plot.multiples import Cell, about_table, nothing
from cxgap.plot.theme import BAND, BLUE, BODY, INK, MUTED, NEUTRAL, PAPER, RULE, SMALL, figure
from cxgap.result import Table
from cxgap.vocabulary import plain

if TYPE_CHECKING:
    import plotly.graph_objects as go

SLUG = "expectation_factors"
GOES, NOTHING = "goes with expectations", "goes with nothing we can see"
WORDS: Final = {"controllable": "what the company controls", "uncontrollable": "what it does not control"}
UNEXPLAINED = "unexplained"
_FILL: Final = {"controllable": BLUE, "uncontrollable": NEUTRAL}
_BAR, _PITCH, _LINE = 34, 40, 19  # pixels of the bar, of a row, of a line
_LABEL, _FITS = 26, 43  # characters of a name, and across a phone
_NOTE = (
    "Bar: all that sets expectations apart, 100 %; hatched: what none of the factors goes with. Dots: the share of each "
    "factor, less what chance adds; lines: intervals. A hollow dot goes with nothing we can see."
)


class Row(NamedTuple):
    """A row of the picture: its name, block, share with ends, whether it goes with anything, and whether it is a block."""

    name: str
    block: str
    share: float
    low: float
    high: float
    finding: str
    whole: bool


def factors(expectation_factors: Table) -> go.Figure:
    """Draw what expectations go with: a bar of blocks and the unexplained part, and a row a factor.

    Parameters
    ----------
    expectation_factors : what `expectation_factors` returned

    Returns
    -------
    A plotly Figure. Where nothing was measured, the figure says why.

    Raises
    ------
    ArgumentError : the table is another.
    """
    table = expectation_factors
    if not isinstance(table, Table) or table.slug != SLUG:
        raise ArgumentError(
            f"`expectation_factors` must be what `cx.expectation_factors` returned, not {type(table).__name__}."
        )
    if (empty := nothing(table)) is not None:
        return empty
    rows, left = _rows(table)
    said = "; ".join(f"{row.name}: {_percent(row)}, {row.finding}" for row in rows)
    about = about_table(
        table,
        [Cell("", table.frame)],
        [],
        alt=f"A bar of all that sets expectations apart: {_percent(left)} unexplained. {said}. {table.title}.",
        finding=f"{table.title}.",
        note=_NOTE,
        narrow=_narrow(rows, left),
    )
    return figure(_traces(rows, left), _wide(rows, left), about)


def _rows(table: Table) -> tuple[list[Row], Row]:
    """Return each block with its factors below it, and the unexplained part."""
    frame = table.frame[table.frame["part"].isin(("block", "factor", "total"))]
    every = [_row(row) for row in frame.to_dict("records")]
    left = next(row for row in every if row.name == UNEXPLAINED)
    rows: list[Row] = []
    for block in WORDS:
        inside = [row for row in every if row.block == block]
        rows += [row for row in inside if row.whole]
        rows += sorted((row for row in inside if not row.whole), key=lambda row: -row.share)
    return rows, left


def _row(row: dict[str, Any]) -> Row:
    """Read a row of the table."""
    name, whole = str(row["name"]), row["part"] != "factor"
    share, low, high = (float(row[column]) for column in ("share", "conf_low", "conf_high"))
    shown = WORDS.get(name, name) if whole else name.replace("_", " ")
    return Row(shown, name if whole else str(row["block"]), share, low, high, str(row["finding"]), whole)


def _percent(row: Row, *, ends: bool = False) -> str:
    digits = 1 if row.share < 0.0995 else 0
    text = f"{plain(row.share * 100, digits)} %"
    return (
        f"{text} ({plain(row.low * 100, digits)} to {plain(row.high * 100, digits)})"
        if ends and math.isfinite(row.low)
        else text
    )


def _traces(rows: Sequence[Row], left: Row) -> list[Trace]:
    traces: list[Trace] = []
    drawn = [(row.name, max(row.share, 0.0), _FILL[row.block]) for row in rows if row.whole]
    room = sum(share for _, share, _ in drawn) + max(left.share, 0.0)
    for name, share, color in drawn:
        traces.append(_part(name, share / room, {"color": color, "line": {"color": PAPER, "width": 1}}))
    traces.append(
        _part(UNEXPLAINED, max(left.share, 0.0) / room, {"color": BAND, "pattern": HATCH, "line": {"color": RULE, "width": 1}})
    )
    for number, row in enumerate(rows):
        if math.isfinite(row.low):
            traces.append({
                "type": "scatter", "mode": "lines", "name": "interval", "x": [row.low * 100, row.high * 100],
                "y": [number, number], "line": {"color": _FILL[row.block], "width": 3}, "hoverinfo": "skip",
                "cliponaxis": False, "xaxis": "x2", "yaxis": "y2",
            })  # fmt: skip
    traces.append({
        "type": "scatter",
        "mode": "markers",
        "name": "share",
        "x": [row.share * 100 for row in rows],
        "y": list(range(len(rows))),
        "marker": {
            "size": [14 if row.whole else 10 for row in rows],
            "color": [PAPER if row.finding == NOTHING else _FILL[row.block] for row in rows],
            "line": {"color": [_FILL[row.block] for row in rows], "width": 2},
            "opacity": 1,
        },
        "hoverinfo": "text",
        "hovertext": [f"{safe(row.name)}<br>{_percent(row, ends=True)}<br>{safe(row.finding)}" for row in rows],
        "cliponaxis": False,
        "xaxis": "x2",
        "yaxis": "y2",
    })  # fmt: skip
    return traces


def _part(name: str, share: float, marker: dict[str, Any]) -> Trace:
    return {
        "type": "bar", "orientation": "h", "name": name, "x": [share * 100], "y": [0], "marker": marker, "width": [1],
        "hoverinfo": "text", "hovertext": [f"{safe(name)}: {share * 100:.0f} %"],
    }  # fmt: skip


def _axes(rows: Sequence[Row], split: float, top: float) -> dict[str, Axis]:
    """Return the axes: the whole above, the factors below, each on its own scale and both from 0."""
    ends = [value * 100 for row in rows for value in (row.low, row.high, row.share) if math.isfinite(value)]
    low, high = min([0.0, *ends]), max([1.0, *ends])
    pad = 0.05 * (high - low)
    ticks = round_ticks(low - pad, high + pad)
    return {
        "xaxis": {"range": [0, 100], "visible": False, "anchor": "y"},
        "yaxis": {"range": [-0.5, 0.5], "visible": False, "domain": [top, 1], "anchor": "x"},
        "xaxis2": {
            "range": [low - pad, high + pad], "tickvals": ticks, "ticktext": [f"{text} %" for text in tick_texts(ticks)],
            "anchor": "y2", "zeroline": True, "zerolinecolor": INK, "zerolinewidth": 1,
            "gridcolor": BAND, "tickfont": {"size": SMALL, "color": MUTED}, "fixedrange": True, "ticks": "",
        },
        "yaxis2": {"domain": [0, split], "anchor": "x2", "showgrid": False, "zeroline": False, "ticks": "", "fixedrange": True},
    }  # fmt: skip


def _names(rows: Sequence[Row], left: Row) -> str:
    """Name the parts of the bar, each in its colour, with its share and interval."""
    colors = {"controllable": BLUE, "uncontrollable": MUTED}
    parts = [(colors[row.block], f"{row.name} {_percent(row, ends=True)}") for row in rows if row.whole]
    said = [f'<span style="color:{color}">■ {safe(text)}</span>' for color, text in parts]
    said.append(f'<span style="color:{INK}">▨ unexplained <b>{safe(_percent(left, ends=True))}</b></span>')
    return "<br>".join(said)


def _wide(rows: Sequence[Row], left: Row) -> dict[str, Any]:
    """Set the bar with its names above all, and the rows below with their names at the left."""
    pitch = max(_PITCH, _LINE * tallest([row.name for row in rows], _LABEL) + 12)
    columns, right = text_columns(
        [
            Column("share", [_percent(row) for row in rows], [INK] * len(rows)),
            Column("interval", [_ends(row) for row in rows], [MUTED] * len(rows), size=13),
            Column(
                "finding",
                [_mark(row) for row in rows],
                [INK if row.finding == GOES else MUTED for row in rows],
                size=13,
                align="left",
            ),
        ]
    )
    head, between, foot = 10 + 20 * (sum(row.whole for row in rows) + 1), 54, 32
    inside = _BAR + between + pitch * len(rows)
    split, top = pitch * len(rows) / inside, 1 - _BAR / inside
    annotations: list[Annotation] = [_above(_names(rows, left), 1, 4)]
    annotations.append(_above("share of what sets expectations apart", split, 4, size=SMALL, color=MUTED))
    for each in columns:
        annotations.append({**each, "y": split} if each.get("yref") == "paper" else {**each, "yref": "y2"})
    axes = _axes(rows, split, top)
    texts = [f"<b>{wrapped(row.name, _LABEL)}</b>" if row.whole else wrapped(row.name, _LABEL) for row in rows]
    axes["yaxis2"] |= {
        "range": [len(rows) - 0.5, -0.5],
        "tickvals": list(range(len(rows))),
        "ticktext": texts,
        "automargin": True,
    }
    axes["yaxis2"] |= {"ticklabelstandoff": 6, "tickfont": {"size": BODY, "color": INK}}
    margin = {"l": 8, "r": right + 8, "t": head, "b": foot}
    return {
        "height": head + inside + foot,
        "margin": margin,
        **axes,
        "barmode": "stack",
        "bargap": 0,
        "annotations": annotations,
    }


def _narrow(rows: Sequence[Row], left: Row) -> dict[str, Any]:
    """Set names above the marks, which then have the whole width."""
    deepest = max(len(lines(row.name, _FITS)) for row in rows) + 1
    above, below = 14, 22
    pitch = _LINE * deepest + above + below
    parts = sum(row.whole for row in rows) + 1
    head, between, foot = 10 + 18 * parts, 40, 32
    first, last = -(_LINE * deepest + above) / pitch, len(rows) - 1 + below / pitch
    tall = round((last - first) * pitch)
    inside = _BAR + between + tall
    split, top = tall / inside, 1 - _BAR / inside
    annotations = [_above(_names(rows, left), 1, 4, size=13)]
    annotations.append(_above("share of what sets expectations apart", split, 4, size=SMALL, color=MUTED))
    for number, row in enumerate(rows):
        color = INK if row.finding == GOES else MUTED
        name = f"<b>{wrapped(row.name, _FITS)}</b>" if row.whole else wrapped(row.name, _FITS)
        small = (
            f'<span style="color:{color};font-size:{SMALL + 1}px">{safe(_percent(row, ends=True))} {safe(_mark(row))}</span>'
        )
        place: dict[str, Any] = {
            "xref": "paper",
            "yref": "y2",
            "xanchor": "left",
            "yanchor": "bottom",
            "yshift": above,
            "bgcolor": PAPER,
        }
        annotations.append(lettered(f"{name}<br>{small}", x=0, y=number, size=BODY, **place))
    axes = _axes(rows, split, top)
    axes["yaxis2"] |= {"range": [last, first], "showticklabels": False, "tickvals": list(range(len(rows)))}
    axes["xaxis2"] |= {"showgrid": False}
    margin = {"l": 12, "r": 12, "t": head, "b": foot}
    return {
        "height": head + inside + foot,
        "margin": margin,
        **axes,
        "barmode": "stack",
        "bargap": 0,
        "annotations": annotations,
    }


def _above(text: str, y: float, shift: int, *, size: int = BODY, color: str = INK) -> Annotation:
    place: dict[str, Any] = {"xref": "paper", "yref": "paper", "xanchor": "left", "yanchor": "bottom", "align": "left"}
    return lettered(text, x=0, y=y, size=size, color=color, yshift=shift, **place)


def _ends(row: Row) -> str:
    return f"{plain(row.low * 100, 1)} to {plain(row.high * 100, 1)}" if math.isfinite(row.low) else ""


def _mark(row: Row) -> str:
    return {GOES: "● goes with", NOTHING: "○ nothing we can see"}.get(row.finding, row.finding)
