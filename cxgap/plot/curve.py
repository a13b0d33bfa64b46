"""Shares by a level: who reaches a score, whom a standard would satisfy, how often a level is met."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from cxgap.errors import ArgumentError
from cxgap.plot.axes import Axis, Shape, round_ticks, tick_texts
from cxgap.plot.lettering import Annotation, lettered, safe, tallest
from cxgap.plot.multiples import (
    FACTS,
    FIRST,
    Cell,
    about_table,
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
from cxgap.plot.strokes import differences, goal, one_line, two_lines
from cxgap.plot.theme import BLUE, MUTED, SMALL, figure
from cxgap.result import Table
from cxgap.vocabulary import CANNOT_TELL, percent, plain

if TYPE_CHECKING:
    import plotly.graph_objects as go

COLUMNS = {
    "threshold": ("cut", "share_company", "share_customers", "difference", "conf_low", "conf_high"),
    "setting": ("level", "share", "share_low", "share_high", "chosen", "goal"),
    "attainment": ("level", "share", "share_low", "share_high"),
}
_RENAMED = {"attained": "share", "attained_low": "share_low", "attained_high": "share_high", "is_standard": "chosen"}
_HEADS = {
    "threshold": "share of scores that reach it",
    "setting": "share of customers whom the level satisfies",
    "attainment": "share that is no worse than the level",
}
_NOTES = {
    "threshold": "Rings and dotted line: the company's own raters; dots and whole line: its customers. Bars: interval of the "
    "difference, set on the company's share; where a bar does not touch the ring, the two differ.",
    "setting": "Line: the share; band: its interval. Dashed: the share stated as the goal. Blue dot: the level chosen.",
    "attainment": "Line: the share; band: its interval. Blue dot: the standard today, where there is one.",
}


def curve(table: Table, *, cells: slice = FIRST) -> go.Figure:
    """Draw shares by a level: company and customers by score, or one share by the level of a standard.

    Parameters
    ----------
    table : of slug "threshold", "setting" or "attainment"
    cells : the cells to draw; by default the first 12

    Returns
    -------
    A plotly Figure, one panel a cell, all on the same axes. Where nothing was measured, or nothing may be shown, the
    figure says why.

    Raises
    ------
    ArgumentError : the table is no curve, or `cells` chooses none or more than 12.
    """
    if table.slug not in COLUMNS:
        raise ArgumentError.choice("table.slug", table.slug, list(COLUMNS))
    if (empty := nothing(table)) is not None:
        return empty
    table = replace(table, frame=table.frame.rename(columns=_RENAMED))
    drawn = split(table, COLUMNS[table.slug], cells)
    marks = two_lines if table.slug == "threshold" else one_line
    traces = [trace for panel, cell in enumerate(drawn) for trace in on_panel(marks(cell), panel)]
    across = 1 if len(drawn) == 1 else 2 if len(drawn) < 5 else 3
    return figure(traces, _layout(table, drawn, across=across), _about(table, drawn))


def _layout(table: Table, drawn: Sequence[Cell], *, across: int) -> dict[str, Any]:
    """Lay the panels out, `across` in a row."""
    units = [_unit(table, cell) for cell in drawn]
    alike = len(set(units)) == 1
    width = title_width(across, beside=0 if alike else 1 + max(map(len, units)))
    names = tallest([cell.name for cell in drawn], width) if drawn[0].name else 0
    head = ["ring: company; dot: customers"] if table.slug == "threshold" else []
    head = [*head, f"up: {_HEADS[table.slug]}", f"across: {_across(table, units[0] if alike else 'its unit')}"]
    page = sheet(len(drawn), across, tall=240 if len(drawn) == 1 else 140, lines=names, head=len(head))
    yaxis = {"range": [-4, 104], "tickvals": [0, 25, 50, 75, 100], "ticktext": [f"{tick} %" for tick in (0, 25, 50, 75, 100)]}
    annotations, shapes = [head_of_all(page, "<br>".join(map(safe, head)))], []
    for panel, cell in enumerate(drawn):
        if cell.name:
            annotations.append(title(page, panel, cell.name, line=0, width=width, beside="" if alike else units[panel]))
        if table.slug != "threshold":
            annotations += _chosen(panel, cell, "chosen" if table.slug == "setting" else "standard")
            shapes += _goal(panel, cell)
            annotations += _goal_name(panel, cell)
    xaxes = [_level_axis(table, [other for other, each in zip(drawn, units, strict=True) if each == unit]) for unit in units]
    layout = {"height": page.height, "margin": page.margin, **panel_axes(page, xaxes, yaxis)}
    return {**layout, "annotations": annotations, "shapes": shapes}


def _unit(table: Table, cell: Cell) -> str:
    """Name the unit of the levels of a cell."""
    for name in FACTS[:2]:
        if name in cell.frame:
            return str(cell.frame[name].iloc[0])
    return table.title.rpartition(", in ")[2] if ", in " in table.title else ""


def _across(table: Table, unit: str) -> str:
    """Say what the x axis is."""
    return "score" if table.slug == "threshold" else f"level in {unit}" if unit else "level"


def _level_axis(table: Table, drawn: Sequence[Cell]) -> Axis:
    """Return the axis of levels, the same for all panels of a unit; few cuts are all ticked."""
    levels = np.unique(np.concatenate([cell.frame[COLUMNS[table.slug][0]].to_numpy(float) for cell in drawn]))
    levels = levels[np.isfinite(levels)]
    low, high = float(levels[0]), float(levels[-1])
    pad = 0.06 * (high - low) or 0.5
    whole = table.slug == "threshold" and len(levels) <= 11
    ticks = [float(level) for level in levels] if whole else round_ticks(low - pad, high + pad)
    return {"range": [low - pad, high + pad], "tickvals": ticks, "ticktext": tick_texts(ticks)}


def _chosen(panel: int, cell: Cell, word: str) -> list[Annotation]:
    """Write the level chosen beside its dot, on the side where the curve leaves room."""
    if "chosen" not in cell.frame:
        return []
    frame = cell.frame
    rows = frame[frame["chosen"].fillna(False).astype(bool) & frame["share"].notna()]
    falls = float(frame["share"].iloc[-1]) < float(frame["share"].iloc[0])
    middle = (float(frame["level"].min()) + float(frame["level"].max())) / 2
    number, annotations = number_of(panel), []
    for row in rows.itertuples():
        left = float(row.level) > middle
        side = {"xanchor": "right", "xshift": -8} if left else {"xanchor": "left", "xshift": 8}
        upright = {"yanchor": "top", "yshift": -6} if left == falls else {"yanchor": "bottom", "yshift": 6}
        place: dict[str, Any] = {"xref": f"x{number}", "yref": f"y{number}", **side, **upright}
        text = f"{word} {_level(float(row.level))}"
        annotations.append(lettered(text, x=float(row.level), y=float(row.share) * 100, size=SMALL, color=BLUE, **place))
    return annotations


def _goal(panel: int, cell: Cell) -> list[Shape]:
    """Return the line of the stated share."""
    stated, number = goal(cell.frame), number_of(panel)
    if stated is None:
        return []
    place = {"xref": f"x{number} domain", "yref": f"y{number}", "x0": 0, "x1": 1, "y0": stated * 100, "y1": stated * 100}
    return [{"type": "line", "layer": "below", **place, "line": {"color": MUTED, "width": 1, "dash": "dash"}}]


def _goal_name(panel: int, cell: Cell) -> list[Annotation]:
    """Name the stated share at the end of its line that the curve stays away from."""
    stated, number = goal(cell.frame), number_of(panel)
    if stated is None:
        return []
    falls = float(cell.frame["share"].iloc[-1]) < float(cell.frame["share"].iloc[0])
    place: dict[str, Any] = {"xref": f"x{number} domain", "yref": f"y{number}", "xanchor": "right" if falls else "left"}
    text = f"goal {percent(stated)}"
    return [lettered(text, x=float(falls), y=stated * 100, size=SMALL, color=MUTED, yanchor="bottom", **place)]


def _level(value: float) -> str:
    """Write a level with at most two digits after the point."""
    text = plain(float(value), 2)
    return text.rstrip("0").rstrip(".")


def _about(table: Table, drawn: Sequence[Cell]) -> dict[str, Any]:
    finding = _differ(drawn) if table.slug == "threshold" else _satisfied(table, drawn)
    return about_table(
        table,
        drawn,
        keys(table, COLUMNS[table.slug]),
        alt=f"{table.title}: {_HEADS[table.slug]}, {len(drawn)} panel{'' if len(drawn) == 1 else 's'}. {finding}",
        finding=finding,
        note=_NOTES[table.slug],
        narrow=_layout(table, drawn, across=1),
        **({} if table.slug == "threshold" else {"table": _numbers(table, drawn)}),
    )


def _numbers(table: Table, drawn: Sequence[Cell]) -> dict[str, Any]:
    """Write the points of the curves, of which the table that a reader sees may show but one."""
    by = keys(table, COLUMNS[table.slug])
    heads = [
        *(name.replace("_", " ") for name in by),
        "level",
        "share",
        "interval",
        "chosen" if table.slug == "setting" else "standard",
    ]
    rows = []
    for cell in drawn:
        for row in cell.frame.to_dict("records"):
            known = np.isfinite(row["share_low"]) and np.isfinite(row["share_high"])
            interval = f"{row['share_low'] * 100:.0f} to {row['share_high'] * 100:.0f} %" if known else ""
            share = share_text(row["share"]) if np.isfinite(row["share"]) else ""
            mark = "yes" if row.get("chosen", False) is True or row.get("chosen", False) == 1 else ""
            rows.append([*(str(row[name]) for name in by), _level(row["level"]), share, interval, mark])
    return {"caption": table.title, "columns": heads, "rows": rows, "heads": len(by) + 1}


def _differ(drawn: Sequence[Cell]) -> str:
    """Say where the company and its customers are shown to be farthest apart."""
    frame = pd.concat([cell.frame.assign(cell_=cell.name) for cell in drawn], ignore_index=True)
    frame = frame[(differences(frame) != CANNOT_TELL) & frame["difference"].notna()]
    if frame.empty:
        return "No score is shown to be reached by more of the company's raters than of its customers, or by fewer."
    row = frame.loc[frame["difference"].abs().idxmax()]
    where = f"At {row['cell_']}, a" if row["cell_"] else "A"
    company, customers = (share_text(row[f"share_{side}"]) for side in ("company", "customers"))
    shares = f"{company} of the company's own raters and by {customers} of customers"
    return f"{where} score of at least {_level(row['cut'])} is given by {shares}."


def _satisfied(table: Table, drawn: Sequence[Cell]) -> str:
    """Say which level is chosen, or what share meets the standard; of several cells, from which to which."""
    rows = [
        (cell.name, float(row.level), share_text(row.share, row.share_low, row.share_high), float(row.share))
        for cell in drawn
        if "chosen" in cell.frame
        for row in cell.frame[cell.frame["chosen"].fillna(False).astype(bool)].itertuples()
        if np.isfinite(row.share)
    ]
    if not rows:
        return f"{table.title}: no {'level is chosen' if table.slug == 'setting' else 'standard is marked'}."
    if len(rows) == 1:
        (name, level, share, _), unit = rows[0], _unit(table, drawn[0])
        level_said = f"{_level(level)} {unit}".strip()
        said = f"a level of {level_said} satisfies {share} of customers"
        said = said if table.slug == "setting" else f"the standard, {level_said}, is met {share} of the time"
        return f"{name}: {said}." if name else f"{said[0].upper()}{said[1:]}."
    if table.slug == "setting":
        least, *_, most = sorted(rows, key=lambda row: row[1])
        return f"The level chosen runs from {_level(least[1])} at {least[0]} to {_level(most[1])} at {most[0]}."
    least, *_, most = sorted(rows, key=lambda row: row[3])
    return f"The standard is met from {least[2]} of the time at {least[0]} to {most[2]} at {most[0]}."
