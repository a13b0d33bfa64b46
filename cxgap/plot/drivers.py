"""What goes with the overall judgement: the share of each predictor with its interval, and the ranks that it could have."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cxgap.errors import ArgumentError
from cxgap.plot.axes import Axis, round_ticks
from cxgap.plot.lettering import Annotation, Column, head_pixels, heading, lettered, safe, tallest, text_columns, wrapped
from cxgap.plot.marks import Trace
from cxgap.plot.multiples import Cell, about_table, nothing
from cxgap.plot.theme import BLUE, BODY, INK, MUTED, NEUTRAL, PAPER, SMALL, figure
from cxgap.result import Table
from cxgap.vocabulary import signed

if TYPE_CHECKING:
    import plotly.graph_objects as go

DRIVERS, STATED = "drivers", "stated_importance"
GOES_WITH = "goes with it"
MOST_ROWS = 30
_LABEL, _LINE, _FITS = 26, 19, 43  # characters of a name, pixels of a line, characters across a phone
_PITCH, _FOOT = 38, 30  # pixels of a row, and below the axes


class Row(NamedTuple):
    """A row of the picture: its share with interval, in per cent, and what is written beside it."""

    name: str
    share: float
    low: float
    high: float
    stated: float
    rank: str
    slope: str
    sure: bool


def drivers(table: Table) -> go.Figure:
    """Draw the share of each predictor, or of each part of what customers say matters, with its interval and ranks.

    Parameters
    ----------
    table : what `drivers` or `stated_importance` returned

    Returns
    -------
    A plotly Figure, the largest share first; what did not vary has no mark. Where customers also said what matters, a
    diamond shows it. Where nothing was measured, the figure says why.

    Raises
    ------
    ArgumentError : the table is another.
    """
    if not isinstance(table, Table) or table.slug not in (DRIVERS, STATED):
        raise ArgumentError(
            f"`table` must be what `cx.drivers` or `cx.stated_importance` returned, not {type(table).__name__}."
        )
    if (empty := nothing(table)) is not None:
        return empty
    rows = _rows(table)
    many, rows = len(rows), rows[:MOST_ROWS]
    finding = f"{table.title}."
    said = "; ".join(f"{row.name}: {_percent(row)}, rank {row.rank}" for row in rows if math.isfinite(row.share))
    left = f"The first {MOST_ROWS} of {many} are drawn; the table has them all." if many > MOST_ROWS else ""
    about = about_table(
        table,
        [Cell("", table.frame)],
        [],
        alt=f"Shares with intervals and ranks. {said}. {finding}",
        finding=finding,
        note="",
        narrow=_narrow(table, rows),
    )
    about["note"] = " ".join([_note(table, rows), left, table.notes[0], table.notes[-1]]).replace("  ", " ")
    return figure(_traces(rows), _wide(table, rows), about)


def _rows(table: Table) -> list[Row]:
    frame = table.frame
    if table.slug == STATED:
        frame = frame.sort_values("rank" if frame["rank"].notna().all() else "share", kind="stable")
        frame = frame.rename(columns={"part": "predictor", "conf_low": "share_low", "conf_high": "share_high"})
    rows = []
    for row in frame.to_dict("records"):
        share, low, high, stated = (100 * row.get(name, np.nan) for name in ("share", "share_low", "share_high", "stated"))
        slope = f"{signed(row['slope'], 2)}" if "slope" in row and math.isfinite(row["slope"]) else ""
        sure = row.get("finding", GOES_WITH) == GOES_WITH
        rows.append(Row(str(row["predictor"]), share, low, high, stated, _ranked(row), slope, sure))
    return rows


def _ranked(row: dict[str, Any]) -> str:
    rank, low, high = (row[name] for name in ("rank", "rank_low", "rank_high"))
    if not math.isfinite(rank):
        return ""
    return f"{rank:.0f} ({low:.0f} to {high:.0f})" if high > low else f"{rank:.0f}"


def _percent(row: Row) -> str:
    if not math.isfinite(row.share):
        return "all alike"
    digits = 0 if not row.high - row.low < 1 else 1
    span = f" ({row.low:.{digits}f} to {row.high:.{digits}f})" if math.isfinite(row.low) else ""
    return f"{row.share:.{digits}f} %{span}"


def _traces(rows: Sequence[Row]) -> list[Trace]:
    traces: list[Trace] = [
        {
            "type": "scatter",
            "name": "interval",
            "mode": "lines",
            "x": [row.low, row.high],
            "y": [place, place],
            "line": {"color": _color(row), "width": 3},
            "hoverinfo": "skip",
            "cliponaxis": False,
        }
        for place, row in enumerate(rows)
        if math.isfinite(row.low)
    ]
    if any(math.isfinite(row.stated) for row in rows):
        traces.append(
            {
                "type": "scatter",
                "name": "customers say",
                "mode": "markers",
                "x": [row.stated if math.isfinite(row.stated) else None for row in rows],
                "y": list(range(len(rows))),
                "marker": {"size": 11, "symbol": "diamond", "color": PAPER, "line": {"color": INK, "width": 1.5}},
                "hoverinfo": "text",
                "hovertext": [f"{safe(row.name)}<br>customers say {row.stated:.0f} %" for row in rows],
                "cliponaxis": False,
            }
        )
    dots: Trace = {
        "type": "scatter",
        "name": "share",
        "mode": "markers",
        "x": [row.share if math.isfinite(row.share) else None for row in rows],
        "y": list(range(len(rows))),
        "marker": {
            "size": 11,
            "color": [_color(row) if row.sure else PAPER for row in rows],
            "line": {"color": [_color(row) for row in rows], "width": 2},
        },
        "hoverinfo": "text",
        "hovertext": [f"{safe(row.name)}<br>{_percent(row)}<br>rank {row.rank}" for row in rows],
        "cliponaxis": False,
    }
    return [*traces, dots]


def _color(row: Row) -> str:
    return BLUE if row.sure else NEUTRAL


def _axis(rows: Sequence[Row]) -> Axis:
    """Return the axis of shares, which begins at none."""
    ends = [end for row in rows for end in (row.share, row.high, row.stated) if math.isfinite(end)]
    high = max([*ends, 1.0])
    ticks = round_ticks(0.0, high * 1.04)
    return {"range": [-0.02 * high, high * 1.04], "tickvals": ticks, "ticktext": [f"{tick:g} %" for tick in ticks]}


def _head(table: Table, rows: Sequence[Row]) -> str:
    if table.slug == STATED:
        return "share of what matters, as customers say"
    said = any(math.isfinite(row.stated) for row in rows)
    return "● share of what is explained  ◇ what customers say" if said else "share of what is explained"


def _note(table: Table, rows: Sequence[Row]) -> str:
    words = ["Dot: the share of each; line: its interval."]
    if any(math.isfinite(row.stated) for row in rows):
        words.append("Diamond: the share by what customers say.")
    if any(not row.sure for row in rows):
        words.append("Grey, hollow: with the others alike, we cannot tell whether the judgement goes with it at all.")
    words.append("Rank: in brackets the ranks that it could have.")
    return " ".join(words)


def _wide(table: Table, rows: Sequence[Row]) -> dict[str, Any]:
    """Set the names at the left and the numbers at the right."""
    pitch = max(_PITCH, _LINE * tallest([row.name for row in rows], _LABEL) + 12)
    columns = [
        Column("share, %", [_percent(row) for row in rows], [INK] * len(rows)),
        Column("rank (it could be)", [row.rank for row in rows], [INK] * len(rows)),
    ]
    if any(row.slope for row in rows):
        columns.append(Column("for a point more", [row.slope for row in rows], [MUTED] * len(rows), size=13))
    annotations, right = text_columns(columns)
    annotations.append(heading(_head(table, rows), x=0, width=52))
    top = head_pixels(annotations)
    return {
        "height": top + pitch * len(rows) + _FOOT,
        "margin": {"l": 8, "r": right + 8, "t": top, "b": _FOOT},
        "xaxis": _axis(rows),
        "yaxis": {
            "range": [len(rows) - 0.5, -0.5],
            "tickvals": list(range(len(rows))),
            "ticktext": [wrapped(row.name, _LABEL) for row in rows],
        },
        "annotations": annotations,
    }


def _narrow(table: Table, rows: Sequence[Row]) -> dict[str, Any]:
    """Set the names and numbers above the marks, which then have the whole width."""
    deepest = tallest([row.name for row in rows], _FITS) + 1
    above, below = 12, 20
    pitch = _LINE * deepest + above + below
    place: dict[str, Any] = {"xref": "paper", "xanchor": "left", "yanchor": "bottom", "yshift": above}
    annotations: list[Annotation] = [heading(_head(table, rows), x=0, width=52)]
    for number, row in enumerate(rows):
        detail = f"{_percent(row)}  rank {row.rank}" if row.rank else _percent(row)
        small = f'<span style="color:{MUTED};font-size:{SMALL + 1}px">{safe(detail)}</span>'
        annotations.append(lettered(f"{wrapped(row.name, _FITS)}<br>{small}", x=0, y=number, size=BODY, **place))
    top = head_pixels(annotations[:1])
    first, last = -(_LINE * deepest + above + 8) / pitch, len(rows) - 1 + below / pitch
    return {
        "height": top + round((last - first) * pitch) + _FOOT,
        "margin": {"l": 12, "r": 12, "t": top, "b": _FOOT},
        "xaxis": {**_axis(rows), "showgrid": False},
        "yaxis": {"range": [last, first], "showticklabels": False, "tickvals": list(range(len(rows)))},
        "annotations": annotations,
    }
