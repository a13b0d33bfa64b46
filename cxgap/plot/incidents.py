"""Incidents: bars of who complained, was helped and kept silent, and beside each the share who complain."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cxgap.errors import ArgumentError
from cxgap.plot.axes import Axis, round_ticks
from cxgap.plot.lettering import Annotation, head_pixels, heading, lettered, safe, tallest, wrapped
from cxgap.plot.marks import Trace
from cxgap.plot.multiples import MOST_CELLS, Cell, about_table, nothing
from cxgap.plot.theme import BAND, BLUE, BODY, INK, MUTED, NEUTRAL, PAPER, SMALL, VERMILION, figure
from cxgap.result import Table
from cxgap.vocabulary import plain

if TYPE_CHECKING:
    import plotly.graph_objects as go

SLUG = "incidents"
ANY: Final = "any of these"
_NAMES: Final = {"late": "came late", "overdue": "still open and overdue"}
_LABEL, _LINE, _FITS = 20, 19, 30  # characters of a name, pixels of a line, characters across a phone
_PITCH, _FOOT = 50, 30  # pixels of a row and below the axes
_ROOM = 0.075  # of the widest bar, below which a count does not fit into a part of it
_PAD = 0.04
_NOTE = (
    "Bars: customers who were hit, each counted once a row. Dots: the share of those watched long enough who complained; "
    "lines: its interval."
)


class Part(NamedTuple):
    """A part of every bar: its column, what it is called, its colour, that of its letters, and its pattern on grey paper."""

    column: str
    name: str
    fill: str
    letters: str
    pattern: str


_PARTS: Final = (
    Part("vocal", "complained", BLUE, PAPER, ""),
    Part("recovery", "helped", "#c9d2da", INK, ""),
    Part("silent", "silent", VERMILION, PAPER, ""),
    Part("recent", "too early to say", BAND, INK, "/"),
    Part("untold", "not shown", PAPER, INK, "."),
)
_KEY: Final = {"vocal": BLUE, "recovery": MUTED, "silent": VERMILION, "recent": NEUTRAL, "untold": MUTED}


def incidents(table: Table, *, rows: int = MOST_CELLS) -> go.Figure:
    """Draw who was hit by what, and what share said so.

    Parameters
    ----------
    table : what `cx.incidents` returned
    rows : how many are drawn, in the order of the table; that of all types together is left to the words

    Returns
    -------
    A plotly Figure. Where nothing was measured, or nothing may be shown, the figure says why.

    Raises
    ------
    ArgumentError : the table is another.
    """
    if not isinstance(table, Table) or table.slug != SLUG:
        raise ArgumentError(f"`table` must be what `cx.incidents` returned, not {type(table).__name__}.")
    if (empty := nothing(table)) is not None:
        return empty
    keys = list(table.frame.columns[: list(table.frame.columns).index("event_type")])
    every = table.frame
    # All types together would dwarf its own parts, unless it is all that may be shown.
    parts = every[every["event_type"] != ANY]
    frame = parts if parts["n"].notna().any() else every
    hidden = [_name(row, keys) for row in frame[frame["n"].isna()].to_dict("records")]
    frame = frame[frame["n"].notna()].head(rows)
    if frame.empty:
        return nothing(replace(table, frame=frame, cells=()))
    named = [_name(row, keys) for row in frame.to_dict("records")]
    data = [_whole(row) for row in frame.to_dict("records")]
    finding = f"{table.title}."
    note = _NOTE + (f" Not shown, too few: {', '.join(hidden)}." if hidden else "")
    about = about_table(
        replace(table, notes=table.notes[:1]),
        [Cell("", frame)],
        [],
        alt=f"Customers hit, by what they did. {'; '.join(map(_said, named, data))}. {finding}",
        finding=finding,
        note=note.replace("{", "("),
        narrow=_narrow(named, data),
    )
    return figure([*_bars(named, data), *_rates(named, data)], _wide(named, data), about)


def _name(row: Any, keys: Sequence[str]) -> str:
    kind = str(row["event_type"])
    return " · ".join([*(str(row[key]) for key in keys), _NAMES.get(kind, kind)])


def _whole(row: Any) -> Any:
    """Add what of a bar is not shown by parts, of which too few people are."""
    known = {part.column: row[part.column] for part in _PARTS if part.column in row and math.isfinite(row[part.column])}
    every = len(known) == sum(part.column in row for part in _PARTS)
    blank = {part.column: 0.0 for part in _PARTS if part.column not in known}
    return {**row, **blank, "untold": 0.0 if every else row["n"] - sum(known.values()), "shown": set(known)}


def _said(name: str, row: Any) -> str:
    counts = ", ".join(
        f"{row[part.column]:,.0f} {part.name}"
        for part in _PARTS
        if part.column in row["shown"] or (row["untold"] and part.column == "untold")
    )
    return f"{name}: of {row['n']:,.0f}, {counts}; complain {_rate(row)}"


def _rate(row: Any) -> str:
    if "FEW_COMPLAINED" in str(row["flags"]):
        return "not shown"
    if not math.isfinite(row["complaint_rate"]):
        return "too early to say"
    return (
        f"{plain(row['complaint_rate'] * 100, 0)} % ({plain(row['conf_low'] * 100, 0)} to {plain(row['conf_high'] * 100, 0)})"
    )


def _bars(names: Sequence[str], data: Sequence[Any]) -> list[Trace]:
    most = max(row["n"] for row in data)
    return [
        {
            "type": "bar",
            "name": part.name,
            "orientation": "h",
            "x": [row[part.column] for row in data],
            "y": list(range(len(data))),
            "width": 0.56 if len(data) > 1 else 0.4,
            "marker": {
                "color": part.fill,
                "line": {"color": PAPER, "width": 1.5},
                "pattern": {"shape": part.pattern, "fgcolor": MUTED, "bgcolor": part.fill, "size": 5},
            },
            "text": [f"{row[part.column]:,.0f}" if row[part.column] >= _ROOM * most else "" for row in data],
            "textposition": "inside",
            "insidetextanchor": "middle",
            "textangle": 0,
            "textfont": {"size": SMALL, "color": part.letters},
            "hoverinfo": "text",
            "hovertext": [
                f"{safe(name)}<br>{part.name} {row[part.column]:,.0f} of {row['n']:,.0f}"
                for name, row in zip(names, data, strict=True)
            ],
            "xaxis": "x",
        }
        for part in _PARTS
        if any(row[part.column] for row in data)
    ]


def _rates(names: Sequence[str], data: Sequence[Any]) -> list[Trace]:
    told = [(place, name, row) for place, (name, row) in enumerate(zip(names, data, strict=True))
            if math.isfinite(row["complaint_rate"])]  # fmt: skip
    lines: list[Trace] = [
        {
            "type": "scatter",
            "name": "interval",
            "mode": "lines",
            "x": [row["conf_low"] * 100, row["conf_high"] * 100],
            "y": [place, place],
            "line": {"color": INK, "width": 3},
            "hoverinfo": "skip",
            "cliponaxis": False,
            "xaxis": "x2",
        }
        for place, _, row in told
    ]
    dots: Trace = {
        "type": "scatter",
        "name": "share who complain",
        "mode": "markers+text",
        "x": [row["complaint_rate"] * 100 for _, _, row in told],
        "y": [place for place, _, _ in told],
        "text": [f"{plain(row['complaint_rate'] * 100, 0)} %" for _, _, row in told],
        "textposition": "top center",
        "textfont": {"size": SMALL, "color": INK},
        "marker": {"size": 9, "color": INK},
        "hoverinfo": "text",
        "hovertext": [f"{safe(name)}<br>complain {_rate(row)}" for _, name, row in told],
        "cliponaxis": False,
        "xaxis": "x2",
    }
    return [*lines, dots]


def _axes(data: Sequence[Any], left: tuple[float, float], right: tuple[float, float]) -> dict[str, Axis]:
    most = max(row["n"] for row in data)
    tops = [row["conf_high"] * 100 for row in data if math.isfinite(row["conf_high"])]
    high = max([*tops, 1.0])
    ticks, shares = ([tick for tick in round_ticks(0.0, end) if 0 <= tick <= end] for end in (most, high))
    ticks, shares = ([each[0], each[-1]] if len(each) > 3 else each for each in (ticks, shares))
    return {
        "xaxis": {
            "range": [0, most * 1.01], "domain": list(left), "anchor": "y", "tickvals": ticks,
            "ticktext": [f"{tick:,.0f}" for tick in ticks],
        },
        "xaxis2": {
            "range": [-_PAD * high, high * (1 + 2 * _PAD)], "domain": list(right), "anchor": "y", "tickvals": shares,
            "ticktext": [f"{tick:g}{' %' if tick == shares[-1] else ''}" for tick in shares],
        },
    }  # fmt: skip


def _heads(data: Sequence[Any], axes: dict[str, Axis], width: int) -> list[Annotation]:
    """Name the panels; the parts of the bars by words in their colours."""
    shown = [part for part in _PARTS if any(row[part.column] for row in data)]
    key = " · ".join(f'<span style="color:{_KEY[part.column]}"><b>{part.name}</b></span>' for part in shown)
    if width < 20 and len(shown) > 2:
        words = key.split(" · ")
        key = "<br>".join(" · ".join(words[start : start + 2]) for start in range(0, len(words), 2))
    place: dict[str, Any] = {"xref": "paper", "yref": "paper", "xanchor": "left", "yanchor": "bottom", "align": "left"}
    first = lettered(f"customers hit<br>{key}", x=axes["xaxis"]["domain"][0], y=1, size=SMALL, color=MUTED, yshift=4, **place)
    return [first, heading("share who", "complain", x=axes["xaxis2"]["domain"][0], width=width)]


def _small(row: Any) -> str:
    """Say beside a name how many kept silent, which a short bar cannot."""
    silent = f"{row['silent']:,.0f} silent of " if "silent" in row["shown"] else "hit: "
    text = f"{silent}{row['n']:,.0f}"
    return f'<span style="font-size:{SMALL}px;color:{MUTED}">{text}</span>'


def _wide(names: Sequence[str], data: Sequence[Any]) -> dict[str, Any]:
    """Set the names at the left of their bars."""
    pitch = max(_PITCH, _LINE * (tallest(names, _LABEL) + 1) + 14)
    axes = _axes(data, (0.0, 0.66), (0.72, 1.0))
    annotations = _heads(data, axes, 22)
    top = head_pixels(annotations)
    return {
        "barmode": "stack",
        "height": top + pitch * len(names) + _FOOT,
        "margin": {"l": 8, "r": 18, "t": top, "b": _FOOT},
        **axes,
        "yaxis": {
            "range": [len(names) - 0.5, -0.6],
            "tickvals": list(range(len(names))),
            "ticktext": [f"{wrapped(name, _LABEL)}<br>{_small(row)}" for name, row in zip(names, data, strict=True)],
        },
        "annotations": annotations,
    }


def _narrow(names: Sequence[str], data: Sequence[Any]) -> dict[str, Any]:
    """Set each name above its bar, which then has more of the width."""
    above = 20
    pitch = _LINE * tallest(names, _FITS) + above + 30
    axes = _axes(data, (0.0, 0.62), (0.70, 1.0))
    place: dict[str, Any] = {"xref": "paper", "xanchor": "left", "yanchor": "bottom", "yshift": above}
    annotations = _heads(data, axes, 12)
    top = head_pixels(annotations)
    annotations += [
        lettered(f"{wrapped(name, _FITS)} {_small(row)}", x=0, y=at, size=BODY - 1, **place)
        for at, (name, row) in enumerate(zip(names, data, strict=True))
    ]
    first, last = -(pitch - 14) / pitch, len(names) - 1 + 0.42
    return {
        "barmode": "stack",
        "height": top + round((last - first) * pitch) + _FOOT,
        "margin": {"l": 12, "r": 20, "t": top, "b": _FOOT},
        **axes,
        "yaxis": {"range": [last, first], "showticklabels": False, "tickvals": list(range(len(names)))},
        "annotations": annotations,
    }
