"""The gap over time: what was perceived and expected above, the gap with its band below, broken where the questions were."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from cxgap.errors import ArgumentError
from cxgap.plot.axes import Axis
from cxgap.plot.lettering import Annotation, lettered, safe
from cxgap.plot.marks import Trace
from cxgap.plot.multiples import (
    FIRST,
    Cell,
    about_table,
    above_panel,
    brief,
    keys,
    nothing,
    number_of,
    on_panel,
    sheet,
    split,
    title,
    title_width,
)
from cxgap.plot.theme import BAND, BLUE, INK, MUTED, SMALL, VERMILION, figure
from cxgap.plot.timeline import NARROW, WIDE, at_top, band, bars, level_line, listed_below, time_axis, upright, value_axis
from cxgap.result import Table
from cxgap.vocabulary import plain, signed

if TYPE_CHECKING:
    import plotly.graph_objects as go

SLUG: Final = "trend"
COLUMNS: Final = ("period", "gap", "conf_low", "conf_high")
_NOTE: Final = (
    "Line: the value of each period, larger dots where more answered; band: its interval. Below zero, customers got less than "
    "they expected. No line is drawn across a break, where what was asked became another."
)
_LINES: Final = {
    "gap": [("gap", "", INK, "solid", "circle")],
    "levels": [
        ("expectation", "expectation_", MUTED, "dot", "circle-open"),
        ("perception", "perception_", BLUE, "solid", "circle"),
    ],
}
_TALL, _ACROSS = 190, 44


def trend(table: Table, *, target: float | None = None, cells: slice = FIRST) -> go.Figure:
    """Draw how the gap moved: of one series with perception and expectation above it, of several a panel each.

    Parameters
    ----------
    table : what `gap_trend` returned
    target : a level of the gap that is aimed at, drawn as a dashed line
    cells : the series to draw; by default the first 12

    Returns
    -------
    A plotly Figure. Series are broken where `segment` changes, and what was done stands as numbered lines, named below.
    Where nothing was measured, or all is hidden, the figure says why.

    Raises
    ------
    ArgumentError : the table is another, `target` is no number, or `cells` chooses none or more than 12.
    """
    if not isinstance(table, Table) or table.slug != SLUG:
        name = getattr(table, "slug", type(table).__name__)
        raise ArgumentError(f"`table` must be what `cx.gap_trend` returned, not {name!r}.")
    if target is not None and not (isinstance(target, int | float) and math.isfinite(target)):
        raise ArgumentError(f"`target` must be a level of the gap, such as -0.3, not {target!r}.")
    if (empty := nothing(table)) is not None:
        return empty
    drawn = split(table, COLUMNS, cells) if keys(table, COLUMNS) else [Cell("", table.frame)]
    periods = _periods(table)
    finding = f"{table.title}."
    several = len(drawn) > 1 or bool(keys(table, COLUMNS))
    said = "; ".join(f"{cell.name + ' ' if cell.name else ''}{_last(cell.frame)}" for cell in drawn)
    about = about_table(
        brief(table, 2), drawn, keys(table, COLUMNS), alt=f"Gap over {len(periods)} periods: {said}. {finding}",
        finding=finding, note=_NOTE,
        narrow=_layout(drawn, periods, target, several, narrow=True),
    )  # fmt: skip
    traces = [
        trace
        for panel, (cell, what) in enumerate(_panels(drawn, several))
        for trace in on_panel(_marks(cell, what, periods), panel)
    ]
    return figure(traces, _layout(drawn, periods, target, several, narrow=False), about)


def _periods(table: Table) -> list[str]:
    """Return the periods in order, also where a series lacks some."""
    names, found = keys(table, COLUMNS), list(dict.fromkeys(table.frame["period"]))
    parts = [list(part["period"]) for _, part in table.frame.groupby(names, sort=False)] if names else [found]
    longest = max(parts, key=len)
    return longest if set(longest) == set(found) else sorted(found)


def _panels(drawn: Sequence[Cell], several: bool) -> list[tuple[Cell, str]]:
    return [(cell, "gap") for cell in drawn] if several else [(drawn[0], "levels"), (drawn[0], "gap")]


def _last(frame: pd.DataFrame) -> str:
    told = frame[frame["gap"].notna()]
    if told.empty:
        return "not shown"
    row = told.iloc[-1]
    return f"{row['period']} {signed(row['gap'], 2)} ({signed(row['conf_low'], 2)} to {signed(row['conf_high'], 2)})"


def _marks(cell: Cell, what: str, periods: Sequence[str]) -> list[Trace]:
    """Return bands and lines, a pair for each segment."""
    place = {period: number for number, period in enumerate(periods)}
    traces: list[Trace] = []
    for name, side, color, dash, symbol in _LINES[what]:
        for run in _runs(cell.frame, name, place):
            x = [place[period] for period in run["period"]]
            value, low, high = (
                [float(each) for each in run[column]] for column in (name, f"{side}conf_low", f"{side}conf_high")
            )
            if what == "gap" and np.isfinite([*low, *high]).all():
                traces.append(band(x, low, high) if len(x) > 1 else bars(x, low, high))
            size = [6 + 6 * math.sqrt(n / cell.frame["n"].max()) for n in run["n"]]
            hover = [
                f"{safe(row.period)}<br>{name} {signed(each, 2) if what == 'gap' else plain(each, 2)} "
                f"({signed(one, 2)} to {signed(other, 2)})<br>{row.n:,.0f} customers<br>{safe(row.finding)}"
                for row, each, one, other in zip(run.itertuples(), value, low, high, strict=True)
            ]
            traces.append(
                {
                    "type": "scatter", "name": name, "mode": "lines+markers", "x": x, "y": value,
                    "line": {"color": color, "width": 2, "dash": dash},
                    "marker": {"symbol": symbol, "size": size, "color": color, "line": {"color": color, "width": 1.5}},
                    "hoverinfo": "text", "hovertext": hover, "cliponaxis": False,
                }
            )  # fmt: skip
    return traces


def _runs(frame: pd.DataFrame, name: str, place: dict[str, int]) -> list[pd.DataFrame]:
    """Return the stretches that a line may join: of one segment, without a period that is missing or hidden between."""
    told = frame[frame[name].notna()]
    at = told["period"].map(place).astype(float)
    apart = (at.diff() != 1) | (told["segment"].diff() != 0)
    return [run for _, run in told.groupby(apart.cumsum())]


def _layout(
    drawn: Sequence[Cell], periods: Sequence[str], target: float | None, several: bool, *, narrow: bool
) -> dict[str, Any]:
    panels = _panels(drawn, several)
    across = 1 if narrow or not several else 2 if len(panels) < 5 else 3
    page = sheet(len(panels), across, tall=_TALL if not several else 120, lines=2, head=0)
    place = {period: number for number, period in enumerate(periods)}
    room = (NARROW if narrow else WIDE) / across - (90 if not several else 20)
    axes: dict[str, Axis] = {}
    notes: list[Annotation] = []
    shapes = []
    named = _numbered(drawn)
    for panel, ((cell, what), (left, right, bottom, top)) in enumerate(zip(panels, page.places, strict=True)):
        number = number_of(panel)
        wide = right if several else right - (0.24 if narrow else 0.13)
        axes[f"xaxis{number}"] = {**time_axis(periods, room), "domain": [left, wide], "anchor": f"y{number}", "showgrid": False}
        yaxis = _axis(drawn, cell, what, target, several)
        style = {"showgrid": True, "gridcolor": BAND, "tickfont": {"size": SMALL, "color": MUTED}, "showticklabels": left == 0}
        axes[f"yaxis{number}"] = {**yaxis, **style, "domain": [bottom, top], "anchor": f"x{number}"}
        for row in cell.frame.to_dict("records"):
            if row["broken"]:
                x = place[row["period"]] - 0.5
                shapes.append(upright(x, panel, dash="dot", color=VERMILION, width=2))
                notes.append(at_top(x, panel, "<b>//</b>", color=VERMILION))
            if row["actions"]:
                x = place[row["period"]] - 0.2
                shapes.append(upright(x, panel, color=MUTED))
                numbers = [str(named[each]) for each in row["actions"].split(" | ")]
                notes.append(at_top(x, panel, f"<b>{','.join(numbers)}</b>", color=INK))
        if what == "gap":
            shapes.append(level_line(0.0, panel))
            if target is not None:
                shapes.append(level_line(target, panel, dash="dash", color=BLUE))
        if several:
            notes.append(title(page, panel, cell.name, line=1, width=title_width(across)))
            if cell.frame["gap"].isna().all():
                notes.append(above_panel(page, panel, "not shown: too few", line=0, size=SMALL, color=MUTED))
        else:
            head = "expected and perceived, axis fits the data" if what == "levels" else "gap: perceived less expected"
            notes.append(above_panel(page, panel, head, line=1, size=SMALL, color=MUTED))
            notes += _ends(cell, what, place, number, yaxis, target)
    texts = [f"{number} {action}" for action, number in named.items()]
    texts += [f"// {why}" for why in dict.fromkeys(
        f"{row['period']}: {row['broken']}" for cell in drawn for row in cell.frame.to_dict("records") if row["broken"]
    )]  # fmt: skip
    below, pixels = listed_below(page, texts, _ACROSS if narrow else 100)
    margin = {**page.margin, "b": page.margin["b"] + pixels + 6}
    return {"height": page.height + pixels + 6, "margin": margin, "annotations": [*notes, *below], "shapes": shapes, **axes}


def _numbered(drawn: Sequence[Cell]) -> dict[str, int]:
    """Number what was done, in the order of the periods, and of one period as the table has it."""
    told = [
        (row["period"], place, each)
        for cell in drawn
        for row in cell.frame.to_dict("records")
        if row["actions"]
        for place, each in enumerate(row["actions"].split(" | "))
    ]
    return {name: number for number, name in enumerate(dict.fromkeys(each for *_, each in sorted(told)), start=1)}


def _axis(drawn: Sequence[Cell], cell: Cell, what: str, target: float | None, several: bool) -> Axis:
    if what == "gap":
        values = [
            float(each) for one in (drawn if several else [cell])
            for each in one.frame[["gap", "conf_low", "conf_high"]].to_numpy(float).ravel() if np.isfinite(each)
        ]  # fmt: skip
        return value_axis([0.0, *([] if target is None else [target]), *values], sign=True)
    values = [float(each) for each in cell.frame[["expectation", "perception"]].to_numpy(float).ravel() if np.isfinite(each)]
    return value_axis(values or [0.0, 1.0], pad=0.2)


def _ends(cell: Cell, what: str, place: dict[str, int], number: str, yaxis: Axis, target: float | None) -> list[Annotation]:
    """Name each line at its end, clear of the other."""
    low, high = yaxis["range"]
    names = {"gap": [("gap", INK)], "levels": [("expectation", MUTED), ("perception", BLUE)]}[what]
    words = {"gap": "gap", "expectation": "expected", "perception": "perceived"}
    told = [cell.frame[cell.frame[name].notna()] for name, _ in names]
    if any(each.empty for each in told):
        return []
    labels = [(float(rows[name].iloc[-1]), words[name], color) for rows, (name, color) in zip(told, names, strict=True)]
    if what == "gap" and target is not None:
        labels.append((target, "target", BLUE))
    labels.sort()
    apart = (high - low) * 18 / _TALL
    heights: list[float] = []
    for value, _, _ in labels:
        heights.append(max(value, heights[-1] + apart) if heights else value)
    position: dict[str, Any] = {
        "xref": f"x{number} domain",
        "yref": f"y{number}",
        "xanchor": "left",
        "yanchor": "middle",
        "xshift": 6,
    }
    return [
        lettered(f"<b>{text}</b>", x=1, y=height, size=13, color=color, **position)
        for (_, text, color), height in zip(labels, heights, strict=True)
    ]
