"""What falling short costs to the left, what exceeding earns to the right, and whether one of them weighs more."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cxgap.errors import ArgumentError
from cxgap.plot.axes import Axis, Shape, round_ticks, tick_texts
from cxgap.plot.lettering import Annotation, Column, head_pixels, heading, lettered, safe, tallest, text_columns, wrapped
from cxgap.plot.marks import Trace
from cxgap.plot.multiples import Cell, about_table, nothing
from cxgap.plot.theme import BLUE, BODY, INK, MUTED, PAPER, SMALL, VERMILION, figure
from cxgap.result import Table
from cxgap.vocabulary import NOT_SHOWN, NOTES, signed

if TYPE_CHECKING:
    import plotly.graph_objects as go

SLUG: Final = "penalty_reward"
MOST: Final = 40
_LABEL, _LINE, _FITS, _PITCH, _FOOT = 26, 19, 43, 44, 14
_COLORS: Final = {"basic": VERMILION, "excitement": BLUE}
_NOTE = (
    "Bars: how far the judgement moves below and above the middle; lines: intervals. Kind by the interval of the index; "
    '"as a line" where low only lies further from the middle than high, or the other way.'
)


class Row(NamedTuple):
    """A row: its name, penalty and reward with their ends, the index, its kind, and why there is nothing to draw."""

    name: str
    penalty: tuple[float, float, float]
    reward: tuple[float, float, float]
    lean: str
    kind: str
    why: str


def asymmetry(table: Table) -> go.Figure:
    """Draw penalties and rewards as bars on both sides of the middle.

    Parameters
    ----------
    table : what `cx.penalty_reward` returned

    Returns
    -------
    A plotly Figure, one row a cell, in the order of the table. Where nothing was measured, the figure says why.

    Raises
    ------
    ArgumentError : the table is another, or has more rows than can be read.
    """
    if not isinstance(table, Table) or table.slug != SLUG:
        raise ArgumentError(f"`table` must be what `cx.penalty_reward` returned, not {type(table).__name__}.")
    if (empty := nothing(table)) is not None:
        return empty
    rows = _rows(table)
    if len(rows) > MOST:
        raise ArgumentError(f"A figure can hold at most {MOST} rows, not {len(rows)}: cut by less.")
    finding = f"{table.title}."
    said = "; ".join(
        f"{row.name}: {row.why or f'penalty {signed(row.penalty[0], 2)}, reward {signed(row.reward[0], 2)}, {row.kind}'}"
        for row in rows
    )
    about = about_table(
        table, [Cell("", table.frame)], [], alt=f"Penalty and reward of {len(rows)} rows. {said}. {finding}", finding=finding,
        note=_NOTE, narrow=_narrow(rows),
    )  # fmt: skip
    return figure(_traces(rows), _wide(rows), about)


def _rows(table: Table) -> list[Row]:
    frame = table.frame
    keyed = "n" not in frame.columns[: table.keys]
    names = frame.iloc[:, : table.keys].astype(str).agg(" · ".join, axis=1) if keyed else ["all"]
    rows = []
    for name, row in zip(names, frame.to_dict("records"), strict=True):
        sides = [(float(row[side]), float(row[f"{side}_low"]), float(row[f"{side}_high"])) for side in ("pi", "ri")]
        known = math.isfinite(row["ia"])
        index = f"{signed(row['ia'], 2)} ({signed(row['ia_low'], 2)} to {signed(row['ia_high'], 2)})" if known else ""
        flags = [NOTES[flag] for flag in str(row["flags"]).split("|") if flag in NOTES]
        nothing_known = not any(math.isfinite(side[0]) for side in sides)
        why = ": ".join(filter(None, [NOT_SHOWN if row["class"] == NOT_SHOWN else "", *flags])) if nothing_known else ""
        why = why or "cannot tell" * nothing_known
        kind = f"{row['class']}, as a line" if "STRAIGHT_LINE" in str(row["flags"]) else str(row["class"])
        rows.append(Row(str(name), sides[0], sides[1], index, kind, why))
    return rows


def _traces(rows: Sequence[Row]) -> list[Trace]:
    """Return the bars of each side, and their intervals above them."""
    traces: list[Trace] = []
    for name, color, sides in (
        ("penalty", VERMILION, [row.penalty for row in rows]),
        ("reward", BLUE, [row.reward for row in rows]),
    ):
        values = [side[0] if math.isfinite(side[0]) else None for side in sides]
        hover = [
            f"{safe(row.name)}<br>{name} {signed(value, 2)} ({signed(low, 2)} to {signed(high, 2)})"
            if math.isfinite(value)
            else ""
            for row, (value, low, high) in zip(rows, sides, strict=True)
        ]
        traces.append(
            {
                "type": "bar",
                "orientation": "h",
                "name": name,
                "x": values,
                "y": list(range(len(rows))),
                "width": 0.42,
                "marker": {"color": color, "opacity": 0.55},
                "hoverinfo": "text",
                "hovertext": hover,
                "cliponaxis": False,
            }
        )
    for name, sides in (
        ("interval of the penalty", [row.penalty for row in rows]),
        ("interval of the reward", [row.reward for row in rows]),
    ):
        x: list[float | None] = []
        y: list[float | None] = []
        for place, (_, low, high) in enumerate(sides):
            if math.isfinite(low):
                x += [low, high, None]
                y += [place, place, None]
        traces.append(
            {
                "type": "scatter",
                "name": name,
                "mode": "lines",
                "x": x,
                "y": y,
                "line": {"color": INK, "width": 2},
                "hoverinfo": "skip",
                "cliponaxis": False,
            }
        )
    return traces


def _axis(rows: Sequence[Row]) -> Axis:
    known = [value for row in rows for side in (row.penalty, row.reward) for value in side if math.isfinite(value)] or [
        -1.0,
        1.0,
    ]
    low, high = min(0.0, *known), max(0.0, *known)
    pad = 0.06 * (high - low)
    ticks = round_ticks(low - pad, high + pad, sign=True)
    return {"range": [low - pad, high + pad], "tickvals": ticks, "ticktext": tick_texts(ticks, sign=True), "side": "top"}


def _zero(rows: Sequence[Row]) -> list[Shape]:
    line = {"type": "line", "xref": "x", "yref": "y", "x0": 0, "x1": 0, "line": {"color": INK, "width": 1}}
    return [{**line, "y0": place - 0.24, "y1": place + 0.24} for place, row in enumerate(rows) if not row.why]


def _reasons(rows: Sequence[Row]) -> list[Annotation]:
    place = {"xref": "paper", "xanchor": "left"}
    return [
        lettered(safe(row.why), x=0, y=number, size=13, color=MUTED, bgcolor=PAPER, **place)
        for number, row in enumerate(rows)
        if row.why
    ]


def _wide(rows: Sequence[Row]) -> dict[str, Any]:
    """Set the names at the left, the index and the kind at the right."""
    pitch = max(_PITCH, _LINE * tallest([row.name for row in rows], _LABEL) + 14)
    columns, right = text_columns(
        [
            Column("index of asymmetry", [row.lean for row in rows], [INK] * len(rows), size=13),
            Column(
                "kind",
                ["" if row.why else row.kind for row in rows],
                [_COLORS.get(row.kind, MUTED) for row in rows],
                align="left",
            ),
        ]
    )
    annotations = [{**each, "yshift": 24} if each.get("yref") == "paper" else each for each in columns]
    annotations += [{**heading("← falling short costs; exceeding earns →", x=0, width=44), "yshift": 24}, *_reasons(rows)]
    top = head_pixels(annotations) + 20
    return {
        "height": top + pitch * len(rows) + _FOOT,
        "margin": {"l": 8, "r": right + 8, "t": top, "b": _FOOT},
        "barmode": "overlay",
        "xaxis": _axis(rows),
        "yaxis": {
            "range": [len(rows) - 0.5, -0.5],
            "tickvals": list(range(len(rows))),
            "ticktext": [wrapped(row.name, _LABEL) for row in rows],
        },
        "annotations": annotations,
        "shapes": _zero(rows),
    }


def _narrow(rows: Sequence[Row]) -> dict[str, Any]:
    """Set the names and the kinds above the bars, which then have the whole width."""
    deepest = tallest([row.name for row in rows], _FITS) + 1
    above, below = 17, 30
    pitch = _LINE * deepest + above + below
    place: dict[str, Any] = {"xref": "paper", "xanchor": "left", "yanchor": "bottom", "yshift": above}
    annotations: list[Annotation] = [{**heading("← falling short costs; exceeding earns →", x=0, width=44), "yshift": 24}]
    for number, row in enumerate(rows):
        detail = row.why or " ".join(filter(None, [row.kind, row.lean]))
        color = MUTED if row.why else _COLORS.get(row.kind, MUTED)
        small = f'<span style="color:{color};font-size:{SMALL + 1}px">{safe(detail)}</span>'
        annotations.append(lettered(f"{wrapped(row.name, _FITS)}<br>{small}", x=0, y=number, size=BODY, **place))
    top = head_pixels(annotations[:1]) + 20
    first, last = -(_LINE * deepest + above + 8) / pitch, len(rows) - 1 + below / pitch
    return {
        "height": top + round((last - first) * pitch) + _FOOT,
        "margin": {"l": 12, "r": 12, "t": top, "b": _FOOT},
        "barmode": "overlay",
        "xaxis": {**_axis(rows), "showgrid": False},
        "yaxis": {"range": [last, first], "showticklabels": False, "tickvals": list(range(len(rows)))},
        "annotations": annotations,
        "shapes": _zero(rows),
    }
