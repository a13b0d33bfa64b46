"""What delays go with: the mean answer by how early or late something came, with the step at the promise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from cxgap.errors import ArgumentError
from cxgap.plot.axes import Shape, round_ticks, scale_ticks, tick_texts
from cxgap.plot.lettering import Annotation, lettered, safe, tallest
from cxgap.plot.marks import Trace
from cxgap.plot.multiples import (
    FIRST,
    Cell,
    Sheet,
    about_table,
    above_panel,
    brief,
    head_of_all,
    keys,
    nothing,
    number_of,
    on_panel,
    panel_axes,
    sheet,
    split,
    title,
    title_width,
)
from cxgap.plot.theme import BLUE, INK, MUTED, PAPER, SMALL, VERMILION, figure
from cxgap.result import Table
from cxgap.vocabulary import plain, signed

if TYPE_CHECKING:
    import plotly.graph_objects as go

SLUG: Final = "promise_response"
COLUMNS: Final = ("measure", "delay", "estimate", "conf_low", "conf_high", "n")
_SIDES: Final = {"early": (BLUE, "circle"), "as promised": (INK, "diamond"), "late": (VERMILION, "square")}
_LATE, _EARLY = ("first_late", "late"), ("first_early", "early")
_WORDS: Final = {"lower": "lower", "higher": "higher"}


def response(table: Table, *, cells: slice = FIRST) -> go.Figure:
    """Draw the mean answer by delay, one panel a cell.

    Parameters
    ----------
    table : what `promise_response` returned
    cells : the cells to draw; by default the first 12

    Returns
    -------
    A plotly Figure: a mark with its interval for each class of delay, the line of the regression on either side of the promise,
    and above each panel what the first step late and early goes with. Where nothing was measured, or nothing may be shown, the
    figure says why.

    Raises
    ------
    ArgumentError : the table is another, or `cells` chooses none or more than 12.
    """
    if not isinstance(table, Table) or table.slug != SLUG:
        raise ArgumentError(f"`table` must be what `cx.promise_response` returned, not {type(table).__name__}.")
    if (empty := nothing(table)) is not None:
        return empty
    drawn = split(table, COLUMNS, cells)
    shown = [cell for cell in drawn if _classes(cell)["estimate"].notna().any()]
    if not shown:
        return _none(table)
    traces = [trace for panel, cell in enumerate(shown) for trace in on_panel(_marks(cell), panel)]
    hidden = [cell.name for cell in drawn if cell.name not in {one.name for one in shown}]
    note = "Marks: means by delay, with intervals. Lines: the regression, which may step at the promise."
    note += f" Not shown, too few: {', '.join(hidden)}." if hidden else ""
    about = about_table(
        brief(table, 3),
        shown,
        keys(table, COLUMNS),
        alt=f"{table.title}: mean answers by delay, {len(shown)} panel{'' if len(shown) == 1 else 's'}. {_said(shown)}",
        finding=f"{table.title}.",
        note=note.replace("{", "("),
        narrow=_layout(shown, across=1),
    )
    return figure(traces, _layout(shown, across=2), about)


def _none(table: Table) -> go.Figure:
    from cxgap.plot.absent import box, topic

    why = "no class of delay has enough customers to show"
    return box(topic(table), why, gap=SLUG, by=[], caption=table.title, said="not shown")


def _classes(cell: Cell) -> pd.DataFrame:
    rows = cell.frame[cell.frame["measure"] == "class"]
    return rows.sort_values("delay")


def _measure(cell: Cell, name: str) -> Mapping[str, Any]:
    rows = cell.frame[cell.frame["measure"] == name].to_dict("records")
    return rows[0] if rows else {"estimate": np.nan, "conf_low": np.nan, "conf_high": np.nan}


def _marks(cell: Cell) -> list[Trace]:
    """Return the line of either side, and the classes with their intervals."""
    unit = str(cell.frame["delay_unit"].iloc[0])
    traces: list[Trace] = []
    fitted = cell.frame[cell.frame["measure"] == "fitted"]
    at = fitted["delay"].to_numpy(float)
    cut = int(np.flatnonzero(at == 0)[0]) + 1 if (at == 0).any() else 0
    for part in (fitted.iloc[:cut], fitted.iloc[cut:]):
        if len(part):
            traces.append(
                {
                    "type": "scatter",
                    "name": "line",
                    "mode": "lines",
                    "x": [float(x) for x in part["delay"]],
                    "y": [float(y) for y in part["estimate"]],
                    "line": {"color": MUTED, "width": 1.5, "dash": "dot"},
                    "hoverinfo": "skip",
                }
            )
    rows = _classes(cell)
    rows = rows[rows["estimate"].notna()]
    for side, (color, symbol) in _SIDES.items():
        part = rows[np.sign(rows["delay"]) == {"early": -1, "as promised": 0, "late": 1}[side]]
        if part.empty:
            continue
        known = part["conf_low"].notna() & part["conf_high"].notna()
        up, down = (
            [float(value) for value in np.where(known, np.abs(part[end] - part["estimate"]), 0.0)]
            for end in ("conf_high", "conf_low")
        )
        traces.append(
            {
                "type": "scatter",
                "name": side,
                "mode": "markers",
                "x": [float(x) for x in part["delay"]],
                "y": [float(y) for y in part["estimate"]],
                "error_y": {"type": "data", "symmetric": False, "array": up, "arrayminus": down, "color": color, "width": 0},
                "marker": {"color": color, "symbol": symbol, "size": 10, "line": {"color": PAPER, "width": 1}},
                "hoverinfo": "text",
                "hovertext": [_hover(cell.name, row, unit) for row in part.to_dict("records")],
                "cliponaxis": False,
            }
        )
    return traces


def _hover(name: str, row: Mapping[str, Any], unit: str) -> str:
    ends = f" ({plain(row['conf_low'], 2)} to {plain(row['conf_high'], 2)})" if np.isfinite(row["conf_low"]) else ""
    side = "as promised" if row["delay"] == 0 else f"{abs(row['delay']):.3g} {unit} {'late' if row['delay'] > 0 else 'early'}"
    text = f"{side}: mean {plain(row['estimate'], 2)}{ends}, {row['n']:,.0f} customers"
    return f"{safe(name)}<br>{safe(text)}" if name else safe(text)


def _layout(shown: Sequence[Cell], *, across: int) -> dict[str, Any]:
    """Lay the panels out, `across` in a row."""
    across = min(across, len(shown))
    width = title_width(across)
    names = tallest([cell.name for cell in shown], width) if shown[0].name else 0
    page = sheet(len(shown), across, tall=280 if len(shown) == 1 else 170, lines=2 + names, head=2)
    rows = pd.concat([_classes(cell) for cell in shown])
    rows = rows[rows["estimate"].notna()]
    unit = str(rows["delay_unit"].iloc[0])
    low, high = (min(0.0, float(rows["delay"].min())), max(0.0, float(rows["delay"].max())))
    fitted = pd.concat([cell.frame[cell.frame["measure"] == "fitted"] for cell in shown])
    inside = fitted[(fitted["delay"] >= low) & (fitted["delay"] <= high)]
    levels = np.concatenate([rows[name].to_numpy(float) for name in ("estimate", "conf_low", "conf_high")])
    levels = np.concatenate([levels[np.isfinite(levels)], inside["estimate"].dropna().to_numpy(float)])
    bottom, top = float(levels.min()), float(levels.max())
    pad, air = 0.04 * (high - low) or 0.5, 0.06 * (top - bottom) or 0.5
    ticks, yticks = round_ticks(low - pad, high + pad, sign=True), scale_ticks(bottom - air, top + air)
    xaxis = {"range": [low - pad, high + pad], "tickvals": ticks, "ticktext": tick_texts(ticks, sign=True)}
    yaxis = {"range": [bottom - air, top + air], "tickvals": yticks, "ticktext": tick_texts(yticks)}
    head = f"up: mean answer, axis fits the data<br>across: {safe(unit)} late; the line at 0 is the promise"
    annotations = [head_of_all(page, head)]
    for panel, cell in enumerate(shown):
        if cell.name:
            annotations.append(title(page, panel, cell.name, line=2, width=width))
        annotations += _effects(page, panel, cell)
        annotations.append(_promise(panel))
    return {
        "height": page.height,
        "margin": page.margin,
        **panel_axes(page, [xaxis] * len(shown), yaxis),
        "annotations": annotations,
        "shapes": [_line(panel) for panel in range(len(shown))],
    }


def _effects(page: Sheet, panel: int, cell: Cell) -> list[Annotation]:
    """Write what early and late go with above their sides of a panel."""
    annotations = []
    for side, color, names in ((0.0, BLUE, _EARLY), (1.0, VERMILION, _LATE)):
        word, text, ends = effect(cell.frame, names)
        said = f"<b>{safe(f'{word} {text}')}</b><br>{safe(ends) or '&nbsp;'}"
        annotations.append(above_panel(page, panel, said, line=0, side=side, size=13, color=color))
    return annotations


def effect(frame: pd.DataFrame, names: Sequence[str]) -> tuple[str, str, str]:
    """Return what a side goes with, of the first of `names` that is told: its name, its points, and their interval."""
    unit, step = str(frame["delay_unit"].iloc[0]), float(frame["delay_step"].iloc[0])
    for name in names:
        rows = frame[(frame["measure"] == name) & frame["conf_low"].notna()].to_dict("records")
        if rows:
            row, side = rows[0], name.removeprefix("first_")
            word = f"{step:g} {unit.removesuffix('s') if step == 1 else unit} {side}" if name.startswith("first") else side
            return word, signed(row["estimate"], 2), f"({signed(row['conf_low'], 2)} to {signed(row['conf_high'], 2)})"
    return names[-1], "cannot be told", ""


def _promise(panel: int) -> Annotation:
    """Name the line of the promise at its foot."""
    number = number_of(panel)
    place: dict[str, Any] = {"xref": f"x{number}", "yref": f"y{number} domain", "xanchor": "left", "yanchor": "bottom"}
    return lettered("promise", x=0, y=0, xshift=4, size=SMALL, color=MUTED, **place)


def _line(panel: int) -> Shape:
    number = number_of(panel)
    place = {"xref": f"x{number}", "yref": f"y{number} domain", "x0": 0, "x1": 0, "y0": 0, "y1": 1}
    return {"type": "line", "layer": "below", **place, "line": {"color": INK, "width": 1}}


def _said(shown: Sequence[Cell]) -> str:
    """Put the effects into words."""
    told = []
    for cell in shown:
        parts = [" ".join(part for part in effect(cell.frame, names) if part) for names in (_EARLY, _LATE)]
        told.append(f"{f'{cell.name}: ' if cell.name else ''}{', '.join(parts)}")
    return f"{'; '.join(told)}."
