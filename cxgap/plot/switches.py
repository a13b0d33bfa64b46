"""Changes of channel: a matrix of where customers came from and by what they came again, forced changes outlined."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from cxgap.errors import ArgumentError
from cxgap.plot.axes import Shape
from cxgap.plot.lettering import Annotation, lettered, safe, tallest, wrapped
from cxgap.plot.marks import Trace
from cxgap.plot.multiples import Cell, about_table, nothing, share_text
from cxgap.plot.theme import BAND, BODY, INK, MUTED, PALE_BLUE, PAPER, RULE, SMALL, VERMILION, figure
from cxgap.result import Table
from cxgap.vocabulary import counted

if TYPE_CHECKING:
    import plotly.graph_objects as go

SLUG = "channel_switches"
MOST = 8  # channels; more cannot be read
_PAGE, _PHONE = 640, 350  # pixels across: a printed page, and a phone
_NAME, _FITS = 19, 44  # characters of a name beside its row, and across a phone
_LETTER, _PITCH = 0.56, 98  # width of a letter, as a share of its size; pixels of a row
_TIGHT = 60  # pixels of a cell, below which its share is written small
_GAP, _BETWEEN = 5, 22  # pixels between cells, and between rows, where their names stand on a phone
_NOTE = (
    "Rows: the channel of one contact; columns: the channel by which the same customer came again about the same thing. Each "
    "cell: its share of the row, the interval, and how many contacts. Outlined: forced from self-service to people. Grey with "
    "–: not shown, too few or to protect another cell."
)


class Matrix(NamedTuple):
    """The cells of the picture: names of the channels, and one row of the table for each pair, shape (names, names)."""

    names: list[str]
    frame: pd.DataFrame

    def at(self, row: int, column: int) -> Any:
        """Return the row of the table of a pair."""
        return self.frame.iloc[row * len(self.names) + column]


def switches(table: Table) -> go.Figure:
    """Draw from which channel to which customers went.

    Parameters
    ----------
    table : what `channel_switches` returned

    Returns
    -------
    A plotly Figure, self-service first. Where nothing was measured, the figure says why.

    Raises
    ------
    ArgumentError : the table is another, or has more than 8 channels.
    """
    if not isinstance(table, Table) or table.slug != SLUG:
        raise ArgumentError(f"`table` must be what `cx.channel_switches` returned, not {type(table).__name__}.")
    if (empty := nothing(table)) is not None:
        return empty
    names = [str(name) for name in dict.fromkeys(table.frame["from_channel"])]
    if len(names) > MOST:
        raise ArgumentError(
            f"A matrix can hold at most {MOST} channels, not {len(names)}: count them by kind, with "
            'cx.channel_switches(..., by="kind").'
        )
    matrix = Matrix(names, table.frame)
    finding = _finding(matrix)
    about = about_table(
        table,
        [Cell("", table.frame)],
        [],
        alt=f"Matrix of {len(names)} channels. {_said(matrix)} {finding}",
        finding=finding,
        note=_NOTE,
        narrow=_narrow(matrix),
    )
    return figure(_traces(matrix), _wide(matrix), about)


def _traces(matrix: Matrix) -> list[Trace]:
    """Return the shares, and the hidden cells beside them."""
    size = len(matrix.names)
    shares = [[_number(matrix.at(row, column)["share"]) for column in range(size)] for row in range(size)]
    hidden = [[0 if _hidden(matrix.at(row, column)) else None for column in range(size)] for row in range(size)]
    hover = [[_hover(matrix.at(row, column)) for column in range(size)] for row in range(size)]
    return [
        _bricks("share", shares, hover, ((0, BAND), (1, PALE_BLUE))),
        _bricks("not shown", hidden, hover, ((0, RULE), (1, RULE))),
    ]


def _bricks(name: str, z: Sequence[Sequence[float | None]], hover: Sequence[Sequence[str]], colors: Any) -> Trace:
    places = list(range(len(z)))
    return {
        "type": "heatmap",
        "name": name,
        "x": places,
        "y": places,
        "z": [list(row) for row in z],
        "zmin": 0,
        "zmax": 1,
        "colorscale": [list(pair) for pair in colors],
        "showscale": False,
        "xgap": _GAP,
        "ygap": _BETWEEN,
        "hoverongaps": False,
        "hoverinfo": "text",
        "hovertext": [list(row) for row in hover],
    }


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, float) and np.isfinite(value) else None


def _hidden(row: Any) -> bool:
    return "SUPPRESSED" in str(row["flags"])


def _hover(row: Any) -> str:
    pair = f"{safe(row['from_channel'])} to {safe(row['to_channel'])}"
    if _hidden(row):
        return f"{pair}: not shown"
    if not np.isfinite(row["share"]):
        return f"{pair}: nobody came again after {safe(row['from_channel'])}"
    cost = f", {row['total_cost']:,.0f} in the study's currency" if np.isfinite(row["total_cost"]) and row["count"] else ""
    return f"{pair}: {_share(row)}, {counted(int(row['count']), 'contact')}{', forced' if row['forced'] is True else ''}{cost}"


def _share(row: Any) -> str:
    return share_text(row["share"], row["share_low"], row["share_high"])


def _lines(row: Any, room: float) -> list[str]:
    """Return what stands in a cell: the share, its interval and how many, as far as they fit into `room` pixels."""
    if _hidden(row):
        return ["–"]
    if not np.isfinite(row["share"]):
        return [""]
    ends = f"{row['share_low'] * 100:.0f} to {row['share_high'] * 100:.0f} %" if np.isfinite(row["share_low"]) else ""
    count = counted(int(row["count"]), "contact")
    letters = (room - 2 * _GAP) / (_LETTER * (SMALL - 1))
    count = count if len(count) <= letters else f"n {row['count']:,.0f}"
    return [share_text(row["share"]), *([ends] if ends and len(ends) <= letters else []), count]


def _texts(matrix: Matrix, room: float) -> list[Annotation]:
    """Write the cells; forced ones say so where there is room."""
    annotations = []
    for row in range(len(matrix.names)):
        for column in range(len(matrix.names)):
            first, *others = _lines(matrix.at(row, column), room)
            forced = matrix.at(row, column)["forced"] is True and room >= 90
            others = [f'<span style="color:{VERMILION}"><b>forced</b></span>', *others] if forced and others else others
            text = "<br>".join(
                [f'<span style="font-size:{BODY + 1 if room > _TIGHT else SMALL}px"><b>{first}</b></span>', *others]
            )
            annotations.append(lettered(text, x=column, y=row, size=SMALL - 1, color=INK, align="center"))
    return annotations


def _outlines(matrix: Matrix, room: float) -> list[Shape]:
    """Draw a frame around each forced change."""
    size, half = len(matrix.names), 0.5 - (_GAP / 2 + 1) / room
    return [
        {
            "type": "rect",
            "x0": column - half,
            "x1": column + half,
            "y0": row - 0.5 + _BETWEEN / _PITCH / 2,
            "y1": row + 0.5 - _BETWEEN / _PITCH / 2,
            "line": {"color": VERMILION, "width": 2.5},
            "fillcolor": "rgba(0,0,0,0)",
        }
        for row in range(size)
        for column in range(size)
        if matrix.at(row, column)["forced"] is True
    ]


def _wide(matrix: Matrix) -> dict[str, Any]:
    """Lay the matrix out with the names of its rows at their left."""
    names = min(_NAME, max(map(len, matrix.names)) + 6) * _LETTER * BODY
    room = min((_PAGE - names) / len(matrix.names), 190)
    layout = _cells(matrix, room)
    layout["yaxis"]["ticktext"] = [wrapped(f"after {name}", _NAME) for name in matrix.names]
    layout["margin"]["r"] = max(8, round(_PAGE - names - room * len(matrix.names)))
    return layout


def _narrow(matrix: Matrix) -> dict[str, Any]:
    """Lay the matrix out with the names of its rows above them."""
    layout = _cells(matrix, _PHONE / len(matrix.names))
    layout["yaxis"]["showticklabels"] = False
    place: dict[str, Any] = {"xref": "paper", "xanchor": "left", "yanchor": "bottom"}
    layout["annotations"] += [
        lettered(_one_line(f"after {name}"), x=0, y=row - 0.5, size=13, yshift=-_BETWEEN / 2 + 1, **place)
        for row, name in enumerate(matrix.names)
    ]
    return layout


def _one_line(text: str) -> str:
    """Cut a text that would run into the cells above it; the head of its column has it whole."""
    return safe(text if len(text) <= _FITS else f"{text[: _FITS - 1].rstrip()}…")


def _cells(matrix: Matrix, room: float) -> dict[str, Any]:
    """Lay out cells of `room` pixels across."""
    letters = max(4, int((room - 6) / (_LETTER * SMALL)))
    heads = tallest(matrix.names, letters)
    top = 16 * heads + 34
    pitch = _PITCH
    size = len(matrix.names)
    head = lettered(
        "came again by", x=0, y=1, xref="paper", yref="paper", xanchor="left", yanchor="bottom", size=SMALL, color=MUTED,
        yshift=16 * heads + 8,
    )  # fmt: skip
    first = _BETWEEN / pitch / 2
    return {
        "height": round(top + pitch * (size + first) + 6),
        "margin": {"l": 8, "r": 8, "t": top, "b": 6},
        "plot_bgcolor": PAPER,
        "xaxis": {
            "range": [-0.5, size - 0.5],
            "side": "top",
            "showgrid": False,
            "tickvals": list(range(size)),
            "ticktext": [wrapped(name, letters) for name in matrix.names],
            "tickfont": {"size": SMALL, "color": INK},
        },
        "yaxis": {"range": [size - 0.5, -0.5 - first], "tickvals": list(range(size))},
        "annotations": [head, *_texts(matrix, room)],
        "shapes": _outlines(matrix, room),
    }


def _said(matrix: Matrix) -> str:
    rows = [matrix.frame.iloc[place] for place in range(len(matrix.frame))]
    return "; ".join(
        f"{row['from_channel']} to {row['to_channel']}: {'not shown' if _hidden(row) else _share(row)}"
        for row in rows
        if _hidden(row) or np.isfinite(row["share"])
    ).join(["", "."])


def _finding(matrix: Matrix) -> str:
    """Say what share of those who tried alone came again by an assisted channel, where that is told."""
    frame = matrix.frame
    forced = frame[[each is True for each in frame["forced"]] & frame["share"].notna().to_numpy()]
    if forced.empty:
        return "Shares are of the contacts after one by the channel at the left."
    most = forced.loc[forced["share"].idxmax()]
    went = "went to people" if most["to_channel"] == "people" else f"came by {most['to_channel']}"
    return f"Of contacts after {most['from_channel']}, {_share(most)} {went}: these were forced."
