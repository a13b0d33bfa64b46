"""Which promise can be kept: the share kept by the length of the promise, with what is recommended and what is promised."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from cxgap.errors import ArgumentError
from cxgap.plot.absent import box, topic
from cxgap.plot.axes import Shape, round_ticks, tick_texts
from cxgap.plot.lettering import Annotation, lettered, safe, tallest
from cxgap.plot.marks import Trace
from cxgap.plot.multiples import (
    FIRST,
    Cell,
    about_table,
    brief,
    head_of_all,
    keys,
    nothing,
    number_of,
    on_panel,
    panel_axes,
    share_text,
    sheet,
    split,
    title,
    title_width,
)
from cxgap.plot.theme import BLUE, INK, MUTED, PAPER, RULE, VERMILION, figure
from cxgap.result import Table
from cxgap.vocabulary import percent, plain

if TYPE_CHECKING:
    import plotly.graph_objects as go

SLUG: Final = "promise_plan"
COLUMNS: Final = ("kind", "reliability", "promise", "length", "kept", "kept_low", "kept_high")
USUAL: Final = 0.95  # the reliability that is named where several are marked


def promise_plan(table: Table, *, cells: slice = FIRST) -> go.Figure:
    """Draw the share of orders that a promise of each length would be kept for, one panel a cell.

    Parameters
    ----------
    table : what `cx.promise_plan` returned
    cells : the cells to draw; by default the first 12

    Returns
    -------
    A plotly Figure: the share by length with its band, a dot for the promise to make at each reliability, and a diamond for
    today's. Where nothing was measured, or nothing may be shown, the figure says why.

    Raises
    ------
    ArgumentError : the table is another, or `cells` chooses none or more than 12.
    """
    if not isinstance(table, Table) or table.slug != SLUG:
        raise ArgumentError(f"`table` must be what `cx.promise_plan` returned, not {type(table).__name__}.")
    if (empty := nothing(table)) is not None:
        return empty
    drawn = split(table, COLUMNS, cells)
    shown = [cell for cell in drawn if _curve(cell)["kept"].notna().any()]
    if not shown:
        why = "no cell has enough orders that were followed long enough"
        return box(topic(table), why, gap=SLUG, by=[], caption=table.title, said="not shown")
    traces = [trace for panel, cell in enumerate(shown) for trace in on_panel(_marks(cell), panel)]
    hidden = [cell.name for cell in drawn if cell.name not in {one.name for one in shown}]
    note = (
        "Line: the share kept by a promise of that length; band: its interval. Dots: the promise to make for each share asked "
        "for, which is kept so often with confidence. Diamond: today's promises."
    )
    note += f" Not shown: {', '.join(hidden)}." if hidden else ""
    about = about_table(
        brief(table, 2),
        shown,
        keys(table, COLUMNS),
        alt=f"{table.title}: the share kept by the length of the promise, {len(shown)} panel"
        f"{'' if len(shown) == 1 else 's'}. {_said(shown)}",
        finding=f"{table.title}.",
        note=note.replace("{", "("),
        narrow=_layout(shown, across=1),
    )
    return figure(traces, _layout(shown, across=2), about)


def _curve(cell: Cell) -> pd.DataFrame:
    return cell.frame[cell.frame["kind"] == "curve"].sort_values("length")


def _plans(cell: Cell) -> pd.DataFrame:
    rows = cell.frame[(cell.frame["kind"] == "plan") & cell.frame["promise"].notna()]
    return rows.sort_values("reliability")


def _today(cell: Cell) -> pd.DataFrame:
    return cell.frame[(cell.frame["kind"] == "current") & cell.frame["kept"].notna()]


def _marks(cell: Cell) -> list[Trace]:
    """Return the band, the curve, the promises to make, and today's."""
    frame, unit = _curve(cell), str(cell.frame["unit"].iloc[0])
    frame = frame[frame["kept"].notna()]
    traces: list[Trace] = []
    band = frame[frame["kept_low"].notna() & frame["kept_high"].notna()]
    if len(band) > 1:
        around = [*band["length"], *reversed(band["length"].tolist())]
        heights = [*band["kept_high"], *reversed(band["kept_low"].tolist())]
        traces.append(
            {
                "type": "scatter",
                "name": "band",
                "mode": "lines",
                "x": [float(x) for x in around],
                "y": [100 * float(y) for y in heights],
                "fill": "toself",
                "fillcolor": RULE,
                "opacity": 0.7,
                "line": {"width": 0},
                "hoverinfo": "skip",
            }
        )
    said = [
        _hover(cell.name, f"{_length(row.length)} {unit}: kept {share_text(row.kept, row.kept_low, row.kept_high)}")
        for row in frame.itertuples()
    ]
    traces.append(_points("kept", frame["length"], frame["kept"], said, INK, "circle", 4, line=True))
    plans, today = _plans(cell), _today(cell)
    if len(plans):
        told = [
            _hover(cell.name, f"for {percent(row.reliability)}: promise {_length(row.promise)} {unit}")
            for row in plans.itertuples()
        ]
        traces.append(_points("promise", plans["promise"], plans["kept"], told, BLUE, "circle", 12))
    if len(today):
        told = [
            _hover(cell.name, f"today: {_length(row.length)} {unit}, kept {share_text(row.kept, row.kept_low, row.kept_high)}")
            for row in today.itertuples()
        ]
        traces.append(_points("today", today["length"], today["kept"], told, VERMILION, "diamond", 13))
    return traces


def _points(
    name: str, x: pd.Series, y: pd.Series, said: Sequence[str], color: str, symbol: str, size: int, *, line: bool = False
) -> Trace:
    return {
        "type": "scatter",
        "name": name,
        "mode": "lines+markers" if line else "markers",
        "x": [float(each) for each in x],
        "y": [100 * float(each) for each in y],
        "line": {"color": color, "width": 2},
        "marker": {"color": color, "symbol": symbol, "size": size, "line": {"color": PAPER, "width": 0 if line else 1.5}},
        "hoverinfo": "text",
        "hovertext": list(said),
        "cliponaxis": False,
    }


def _hover(name: str, text: str) -> str:
    return f"{safe(name)}<br>{safe(text)}" if name else safe(text)


def _length(value: float) -> str:
    return f"{value:g}" if float(value).is_integer() else plain(value, 1)


def _layout(shown: Sequence[Cell], *, across: int) -> dict[str, Any]:
    """Lay the panels out, `across` in a row."""
    across = min(across, len(shown))
    width = title_width(across)
    names = tallest([cell.name for cell in shown], width) if shown[0].name else 0
    page = sheet(len(shown), across, tall=280 if len(shown) == 1 else 180, lines=names, head=2)
    rows = pd.concat([_curve(cell) for cell in shown])
    last = float(max(rows["length"].max(), *(_today(cell)["length"].max() for cell in shown if len(_today(cell))), 0.0))
    first = min(0.0, float(rows["length"].min()))
    unit = str(rows["unit"].iloc[0])
    ticks = round_ticks(first, last or 1.0)
    xaxis = {"range": [first - 0.03 * (last or 1), (last or 1) * 1.04], "tickvals": ticks, "ticktext": tick_texts(ticks)}
    yaxis = {"range": [-4, 106], "tickvals": [0, 25, 50, 75, 100], "ticktext": [f"{tick} %" for tick in (0, 25, 50, 75, 100)]}
    head = f"up: share of orders for which the promise is kept<br>across: length of the promise in {safe(unit)}"
    annotations, shapes = [head_of_all(page, head)], []
    for panel, cell in enumerate(shown):
        if cell.name:
            annotations.append(title(page, panel, cell.name, line=0, width=width))
        annotations += _labels(panel, cell, last)
        shapes += _levels(panel, cell)
    layout = {"height": page.height, "margin": page.margin, **panel_axes(page, [xaxis] * len(shown), yaxis)}
    return {**layout, "annotations": annotations, "shapes": shapes}


def _labels(panel: int, cell: Cell, last: float) -> list[Annotation]:
    """Name today's promise, and the one to make for the usual share, on the sides where the curve leaves room."""
    number = number_of(panel)
    unit = str(cell.frame["unit"].iloc[0])
    place: dict[str, Any] = {"xref": f"x{number}", "yref": f"y{number}"}
    annotations = []
    plan = _named(cell)
    if plan is not None:
        near = plan["promise"] / (last or 1.0)
        anchor = "left" if near < 0.3 else "center" if near < 0.85 else "right"
        text = f"<b>{_length(plan['promise'])} {safe(unit)}</b><br>kept {percent(plan['reliability'])}"
        where: dict[str, Any] = {"xanchor": anchor, "align": anchor, "yanchor": "top", "yshift": -14, **place}
        annotations.append(lettered(text, x=float(plan["promise"]), y=100 * float(plan["kept"]), size=13, color=BLUE, **where))
    for row in _today(cell).to_dict("records"):
        text = f"<b>today {_length(row['length'])}</b><br>kept {share_text(row['kept'])}"
        right: dict[str, Any] = {"xanchor": "left", "xshift": 11, "yanchor": "top", "yshift": 6}
        annotations.append(
            lettered(text, x=float(row["length"]), y=100 * float(row["kept"]), size=13, color=VERMILION, **right, **place)
        )
    return annotations


def _named(cell: Cell) -> dict[str, Any] | None:
    """Return the plan that is named: of the usual reliability, else of the nearest."""
    rows = _plans(cell).to_dict("records")
    return min(rows, key=lambda row: abs(row["reliability"] - USUAL)) if rows else None


def _levels(panel: int, cell: Cell) -> list[Shape]:
    """Return a line for each share asked for, to the promise that keeps it."""
    number = number_of(panel)
    return [
        {
            "type": "line",
            "layer": "below",
            "xref": f"x{number}",
            "yref": f"y{number}",
            "x0": 0,
            "x1": float(row.promise),
            "y0": 100 * row.reliability,
            "y1": 100 * row.reliability,
            "line": {"color": MUTED, "width": 1, "dash": "dot"},
        }
        for row in _plans(cell).itertuples()
    ]


def _said(shown: Sequence[Cell]) -> str:
    """Put the promises into words."""
    told = []
    for cell in shown:
        unit = str(cell.frame["unit"].iloc[0])
        parts = [f"{_length(row.promise)} {unit} for {percent(row.reliability)}" for row in _plans(cell).itertuples()]
        parts += [f"today {_length(row.length)}, kept {share_text(row.kept)}" for row in _today(cell).itertuples()]
        told.append(f"{f'{cell.name}: ' if cell.name else ''}{', '.join(parts) or 'cannot be told'}")
    return f"{'; '.join(told)}."
