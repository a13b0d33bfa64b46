"""A control chart: the process with its usual range, or a statistic with its limits; signals by shape, colour and word."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from cxgap.errors import ArgumentError
from cxgap.plot.axes import Axis, Shape
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
from cxgap.plot.theme import BAND, BLUE, INK, MUTED, NEUTRAL, SMALL, VERMILION, figure
from cxgap.plot.timeline import NARROW, WIDE, band, level_line, short, time_axis, value_axis
from cxgap.result import Table
from cxgap.vocabulary import counted, plain, signed

if TYPE_CHECKING:
    import plotly.graph_objects as go

SLUG: Final = "control_chart"
COLUMNS: Final = ("period", "value", "statistic", "limit")
_NOTE: Final = (
    "Band: the usual range. Triangles: signals, pointing up where the value rose and down where it fell. Grey ground: the "
    "baseline, which tells what is usual."
)
_NOTE_SUMS: Final = (
    "Above: the values; below: the statistic that adds them up, with its limits. Triangles: signals, pointing up where the "
    "value rose and down where it fell. Grey ground: the baseline."
)
_TALL, _SMALL_TALL, _MOST_NAMED = 220, 130, 4
_BOLD: Final = 7.4  # pixels a letter
_COLORS: Final = {"worse": VERMILION, "better": BLUE, "up": INK, "down": INK}


def control(table: Table, *, cells: slice = FIRST) -> go.Figure:
    """Draw what was followed, its usual range, and where it signals.

    Parameters
    ----------
    table : what `control_chart` returned
    cells : the charts to draw; by default the first 12

    Returns
    -------
    A plotly Figure: of shares judged one by one the shares with their usual range, of sums and averages the values and the
    statistic with its limits. Where nothing was measured, or all is hidden, the figure says why.

    Raises
    ------
    ArgumentError : the table is another, or `cells` chooses none or more than 12.
    """
    if not isinstance(table, Table) or table.slug != SLUG:
        name = getattr(table, "slug", type(table).__name__)
        raise ArgumentError(f"`table` must be what `cx.control_chart` returned, not {name!r}.")
    if (empty := nothing(table)) is not None:
        return empty
    several = bool(keys(table, COLUMNS))
    drawn = split(table, COLUMNS, cells) if several else [Cell("", table.frame)]
    periods = sorted(table.frame["period"].unique()) if several else list(table.frame["period"])
    ranged = bool(table.frame["limit_low"].notna().any()) or not table.frame["statistic"].notna().any()
    panels = _panels(drawn, several, ranged)
    finding = f"{table.title}."
    said = "; ".join(f"{cell.name + ': ' if cell.name else ''}{_found(cell.frame)}" for cell in drawn)
    about = about_table(
        brief(table, 3),
        drawn,
        keys(table, COLUMNS),
        alt=f"Control chart of {counted(len(periods), 'period')}: {said}. {finding}",
        finding=finding,
        note=_NOTE if ranged else _NOTE_SUMS,
        narrow=_layout(panels, periods, table, several, narrow=True),
    )
    share = _is_share(table)
    traces = [
        trace
        for panel, (cell, what) in enumerate(panels)
        for trace in on_panel(_marks(cell, what, periods, share=share), panel)
    ]
    return figure(traces, _layout(panels, periods, table, several, narrow=False), about)


def _panels(drawn: Sequence[Cell], several: bool, ranged: bool) -> list[tuple[Cell, str]]:
    if several:
        return [(cell, "value" if ranged else "statistic") for cell in drawn]
    return [(drawn[0], "value")] if ranged else [(drawn[0], "value"), (drawn[0], "statistic")]


def _is_share(table: Table) -> bool:
    """Whether values are shares, as the table that a reader sees writes them."""
    return any("%" in cell.split("(")[0] for row in table.cells for cell in row)


def _found(frame: pd.DataFrame) -> str:
    signals = frame[frame["signal"] == 1]
    if not (frame["statistic"].notna() & (frame["phase"] == "monitored")).any():
        return "nothing can be judged yet" if frame["value"].notna().any() else "not shown"
    if signals.empty:
        return "no signal"
    rows = list(signals.itertuples())
    told = ", ".join(f"{short(str(row.period))} {row.direction}" for row in rows[:_MOST_NAMED])
    return f"{counted(len(rows), 'signal')}: {told}{', ...' if len(rows) > _MOST_NAMED else ''}"


def _numbers(frame: pd.DataFrame, name: str, times: float) -> list[float | None]:
    return [None if not np.isfinite(value) else float(value) * times for value in frame[name].astype(float)]


def _marks(cell: Cell, what: str, periods: Sequence[str], *, share: bool) -> list[Trace]:
    """Return the usual range, the line, and the marks of signals and of what is not judged."""
    place = {period: number for number, period in enumerate(periods)}
    frame, times = cell.frame, 100.0 if share and what == "value" else 1.0
    x = [place[period] for period in frame["period"]]
    y = _numbers(frame, what, times)
    traces: list[Trace] = []
    known = frame["limit_low"].notna()
    if what == "value" and known.any():
        steps = [place[period] for period in frame.loc[known, "period"]]
        low, high = (_numbers(frame[known], f"limit_{end}", times) for end in ("low", "high"))
        if len(steps) > 1:
            traces.append(band(steps, low, high))  # type: ignore[arg-type]
        centre = _numbers(frame[known], "centre", times)
        traces.append(_line("usual level", steps, centre, {"color": NEUTRAL, "width": 1, "dash": "dash"}))
    if what == "statistic":
        limits = [None if value is None else abs(value) for value in _numbers(frame, "limit", 1.0)]
        for sign in (1, -1):
            ends = [None if value is None else sign * value for value in limits]
            traces.append(_line("limit", x, ends, {"color": VERMILION, "width": 1.5, "dash": "dash"}))
    traces.append(_line("value" if what == "value" else "statistic", x, y, {"color": INK, "width": 1.5 if len(x) < 80 else 1}))
    hover = [_hover(row, share=share) for row in frame.itertuples()]
    signal = (frame["signal"] == 1).to_numpy()
    size = 7 if len(x) < 40 else 4
    groups: list[tuple[str, np.ndarray, dict[str, Any]]] = [
        ("no signal", ~signal, {"symbol": "circle", "size": size, "color": INK}),
    ]
    for word, color in _COLORS.items():
        rose = (frame["statistic"] > 0).to_numpy()
        mine = signal & (frame["direction"] == word).to_numpy()
        groups += [(f"signal: {word}", mine & rose, {"symbol": "triangle-up", "size": 13, "color": color}),
                   (f"signal: {word}", mine & ~rose, {"symbol": "triangle-down", "size": 13, "color": color})]  # fmt: skip
    for name, mine, marker in groups:
        rows = [row for row in np.flatnonzero(mine) if y[row] is not None]
        if rows:
            traces.append(
                {
                    "type": "scatter",
                    "name": name,
                    "mode": "markers",
                    "x": [x[row] for row in rows],
                    "y": [y[row] for row in rows],
                    "marker": marker,
                    "hoverinfo": "text",
                    "hovertext": [hover[row] for row in rows],
                    "cliponaxis": False,
                }
            )
    return traces


def _line(name: str, x: Sequence[float], y: Sequence[float | None], line: dict[str, Any]) -> Trace:
    return {"type": "scatter", "name": name, "mode": "lines", "x": list(x), "y": list(y), "line": line, "hoverinfo": "skip"}


def _hover(row: Any, *, share: bool) -> str:
    if not np.isfinite(row.value):
        return f"{safe(short(row.period))}<br>not shown"
    value = f"{plain(100 * row.value, 1)} %" if share else plain(row.value, 2)
    statistic = f"<br>statistic {signed(row.statistic, 1)}, limit {plain(row.limit, 1)}" if np.isfinite(row.statistic) else ""
    said = f"<br>signal: {row.direction}" if row.signal else ""
    return f"{safe(short(row.period))}<br>{value} of {row.n:,.0f}{statistic}{said}"


def _layout(
    panels: Sequence[tuple[Cell, str]], periods: Sequence[str], table: Table, several: bool, *, narrow: bool
) -> dict[str, Any]:
    across = 1 if narrow or not several else 2 if len(panels) < 5 else 3
    page = sheet(len(panels), across, tall=_SMALL_TALL if several else _TALL, lines=2, head=0)
    room = (NARROW if narrow else WIDE) / across - 50
    axes: dict[str, Axis] = {}
    notes: list[Annotation] = []
    shapes: list[Shape] = []
    share = _is_share(table)
    for panel, ((cell, what), (left, right, bottom, top)) in enumerate(zip(panels, page.places, strict=True)):
        number = number_of(panel)
        frame = pd.concat([one.frame for one, _ in panels]) if several else cell.frame
        axes[f"xaxis{number}"] = {
            **time_axis(periods, room),
            "domain": [left, right],
            "anchor": f"y{number}",
            "showgrid": False,
        }
        yaxis = _axis(frame, what, share=share)
        style = {"showgrid": True, "gridcolor": BAND, "tickfont": {"size": SMALL, "color": MUTED}, "showticklabels": left == 0}
        axes[f"yaxis{number}"] = {**yaxis, **style, "domain": [bottom, top], "anchor": f"x{number}"}
        place = {period: position for position, period in enumerate(periods)}
        base = [place[period] for period in cell.frame.loc[cell.frame["phase"] == "baseline", "period"]]
        if base:
            shapes.append(_ground(min(base) - 0.5, max(base) + 0.5, number))
        if what == "statistic":
            shapes.append(level_line(0.0, panel))
        if several:
            notes.append(title(page, panel, cell.name, line=1, width=title_width(across)))
            notes.append(above_panel(page, panel, safe(_found(cell.frame).split(":")[0]), line=0, size=SMALL, color=MUTED))
        else:
            head = table.heads[-4].partition(" and ")[0] if what == "value" else "statistic, with its limits"
            notes.append(above_panel(page, panel, safe(head), line=1, size=SMALL, color=MUTED))
            if base and panel == 0:
                notes.append(_over(panel, min(base), "baseline", MUTED))
            notes += _named(cell.frame, place, panel, room)
    return {"height": page.height, "margin": {**page.margin, "r": 34}, "annotations": notes, "shapes": shapes, **axes}


def _axis(frame: pd.DataFrame, what: str, *, share: bool) -> Axis:
    names = ["value", "limit_low", "limit_high", "centre"] if what == "value" else ["statistic", "limit"]
    times = 100.0 if share and what == "value" else 1.0
    values = [float(each) * times for each in frame[names].to_numpy(float).ravel() if np.isfinite(each)]
    if what == "statistic":
        values += [-each for each in values]
    if share and what == "value":  # the widest limits are those of the smallest periods, and tell least
        most = max(
            [
                *(frame["value"].dropna() * 100),
                float(np.nanmedian(frame["limit_high"])) * 100 if frame["limit_high"].notna().any() else 0.0,
            ]
        )
        values = [min(each, 1.1 * most) for each in values]
    return value_axis(values or [0.0, 1.0], share=share and what == "value", sign=what == "statistic")


def _ground(low: float, high: float, number: str) -> Shape:
    return {
        "type": "rect",
        "layer": "below",
        "xref": f"x{number}",
        "yref": f"y{number} domain",
        "x0": low,
        "x1": high,
        "y0": 0,
        "y1": 1,
        "fillcolor": BAND,
        "line": {"width": 0},
    }


def _over(panel: int, x: float, text: str, color: str) -> Annotation:
    number = number_of(panel)
    place: dict[str, Any] = {"xref": f"x{number}", "yref": f"y{number} domain", "xanchor": "left", "yanchor": "bottom"}
    return lettered(safe(text), x=x, y=1, yshift=2, size=SMALL, color=color, **place)


def _named(frame: pd.DataFrame, place: dict[str, int], panel: int, room: float) -> list[Annotation]:
    """Name the first signals above the panel, as far apart as their names are long."""
    made: list[Annotation] = []
    last = -math.inf
    number = number_of(panel)
    for row in frame[frame["signal"] == 1].itertuples():
        text = f"{short(str(row.period))} {row.direction}"
        x, wide = place[row.period], _BOLD * len(text) * len(place) / room
        anchor = "right" if x + wide / 2 > len(place) else "center"
        left = x - wide if anchor == "right" else x - wide / 2
        if (
            panel
            or left < last
            or len(made) >= _MOST_NAMED
            or left < 0.25 * len(place) * bool((frame["phase"] == "baseline").any())
        ):
            continue
        place_of: dict[str, Any] = {"xref": f"x{number}", "yref": f"y{number} domain", "xanchor": anchor, "yanchor": "bottom"}
        made.append(lettered(f"<b>{safe(text)}</b>", x=x, y=1, yshift=2, size=SMALL, color=_COLORS[row.direction], **place_of))
        last = x if anchor == "right" else x + wide / 2
    return made
