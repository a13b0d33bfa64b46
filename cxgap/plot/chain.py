"""Where the level falls on its way from what is expected to what is perceived: a waterfall of one cell of a chain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cxgap.plot.absent import HATCH, absent_gaps, box
from cxgap.plot.account import NAME, about_chain, column_details, column_names, level_text, link_result, promised_level
from cxgap.plot.axes import Axis, Shape, level_unit, round_ticks, tick_texts
from cxgap.plot.lettering import Annotation, heading, lettered, lines, safe
from cxgap.plot.links import BRANCH, LEVEL, PROMISED, STEP, TOTAL, UNKNOWN, Links, Slot
from cxgap.plot.marks import Trace
from cxgap.plot.theme import BAND, BODY, FILLS, INK, LETTERS, MUTED, NEUTRAL, PAPER, SMALL, figure
from cxgap.vocabulary import GAPS, NOT_SHOWN

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from cxgap.result import GapTable

_BAR, _THIN = 0.62, 0.2  # widths of a step and of the branch, as shares of a column
_TALL = 250  # pixels of the axis of levels
_LINE = 16  # pixels of a small line
_PHONE = 43  # characters across a phone
_HEAD = 44  # pixels above the axes


def chain(gaps: GapTable, *, cell: str | None = None) -> go.Figure:
    """Draw the gap chain of one cell: each step from level to level, and how sure its size is.

    Levels are points, for their axis fits the data; only steps have a length. A level that is not known is a hatched
    column, and the step across it is that of both links together. What was promised is a branch beside the level that it
    is compared with, for in line it would reward promising too much.

    Parameters
    ----------
    gaps : what `gap_chain` returned
    cell : the cell to draw, such as "Receive the parcel" (keys joined by " · "); if not given, the one whose whole gap is
        most short

    Returns
    -------
    A plotly Figure. Where nothing was measured, or nothing may be shown, the figure says why.

    Raises
    ------
    ArgumentError : the table is no chain, or has no such cell.

    References
    ----------
    Zeithaml, Berry & Parasuraman (1988), Journal of Marketing 52(2), 35-48.
    """
    if gaps.missing:
        return absent_gaps(gaps)
    links = Links.of(gaps, cell)
    if not links.path:
        title = " · ".join(filter(None, [GAPS["chain"].title, links.cell]))
        why = next((why for why in links.rows.reasons if why), "").removeprefix("not shown: ") or "no link has a number"
        part = links.rows.part
        return box(title, why, gap="chain", by=list(part.by), caption=part.caption, said=NOT_SHOWN)
    return figure(_traces(links), _wide(links), about_chain(links, _narrow(links)))


def _traces(links: Links) -> list[Trace]:
    """Return the steps, their intervals, the two ends, the branch, and a hatched column for each level not known."""
    low, high = _range(links)
    where = {kind: [x for x, slot in enumerate(links.slots) if slot.kind == kind] for kind in (LEVEL, STEP, BRANCH, UNKNOWN)}
    ring, *dot = where[LEVEL]
    unknown = {
        "type": "bar",
        "name": "not measured",
        "x": where[UNKNOWN],
        "y": [high - low] * len(where[UNKNOWN]),
        "base": [low] * len(where[UNKNOWN]),
        "width": [_BAR] * len(where[UNKNOWN]),
        "marker": {"color": BAND, "pattern": HATCH, "line": {"width": 0}},
        "hoverinfo": "skip",
    }
    return [
        *([unknown] if where[UNKNOWN] else []),
        _bars(links, "step", where[STEP], _BAR),
        *([_bars(links, "branch", where[BRANCH], _THIN)] if where[BRANCH] else []),
        _whiskers(links, [*where[STEP], *where[BRANCH]]),
        _ends(links, ring, {"color": PAPER, "line": {"color": INK, "width": 2}}),
        *(_ends(links, x, {"color": _whole_color(links)}) for x in dot),
        *([_promise(links, x) for x in where[BRANCH]]),
    ]


def _bars(links: Links, name: str, where: list[int], width: float) -> Trace:
    rows = [links.slots[x].row for x in where]
    start, end = (links.frame[column].iloc[rows].to_numpy(float) for column in ("start", "end"))
    return {
        "type": "bar",
        "name": name,
        "x": where,
        "y": [float(size) for size in end - start],
        "base": [float(level) for level in start],
        "width": [width] * len(where),
        "marker": {"color": [FILLS[links.rows.verdicts[row]] for row in rows], "line": {"width": 0}},
        "hoverinfo": "text",
        "hovertext": [f"{safe(links.frame['link'].iloc[row])}<br>{safe(link_result(links, row))}" for row in rows],
        "textposition": "none",
    }


def _whiskers(links: Links, where: list[int]) -> Trace:
    x: list[float | None] = []
    y: list[float | None] = []
    for place in where:
        if ends := links.whisker(links.slots[place].row):
            x += [place, place, None]
            y += [*ends, None]
    return {
        "type": "scatter",
        "name": "interval",
        "mode": "lines+markers",
        "x": x,
        "y": y,
        "line": {"color": INK, "width": 1.4},
        "marker": {"symbol": "line-ew", "size": 10, "line": {"color": INK, "width": 1.4}},
        "hoverinfo": "skip",
        "cliponaxis": False,
    }


def _ends(links: Links, x: int, marker: dict[str, Any]) -> Trace:
    slot = links.slots[x]
    return _point(slot.node, x, links.level(slot), marker, f"{slot.node} {level_text(links, links.level(slot))}")


def _promise(links: Links, x: int) -> Trace:
    level = promised_level(links, links.slots[x])
    marker = {"symbol": "diamond", "color": PAPER, "size": 11, "line": {"color": INK, "width": 1.6}}
    return _point(PROMISED, x, level, marker, f"{PROMISED} {level_text(links, level)}")


def _point(name: str, x: int, y: float, marker: dict[str, Any], hover: str) -> Trace:
    return {
        "type": "scatter",
        "name": name,
        "mode": "markers",
        "x": [x],
        "y": [y],
        "marker": {"size": 14, **marker},
        "hoverinfo": "text",
        "hovertext": [safe(hover)],
        "cliponaxis": False,
    }


def _wide(links: Links) -> dict[str, Any]:
    """Name each column below it."""
    names = [[safe(line) for line in lines(name, NAME)] for name in column_names(links)]
    details = [column_details(links, slot) for slot in links.slots]
    texts = []
    for name, detail in zip(names, details, strict=True):
        small = [f'<span style="font-size:{SMALL - 1}px;color:{MUTED}">{safe(line)}</span>' for line in detail]
        texts.append("<br>".join([*name, *small]))
    most = max(text.count("<br>") + 1 for text in texts)
    layout = _layout(links, foot=_LINE * most + 14)
    layout["xaxis"] |= {"ticktext": texts, "tickfont": {"size": 13 if len(texts) < 7 else SMALL, "color": INK}}
    layout["annotations"] += [_unknown(x) for x, slot in enumerate(links.slots) if slot.kind == UNKNOWN]
    return layout


def _narrow(links: Links) -> dict[str, Any]:
    """Letter the columns, and name them in a list below."""
    letters = [chr(ord("a") + place) for place in range(len(links.slots))]
    items = []
    for letter, name, slot in zip(letters, column_names(links), links.slots, strict=True):
        if slot.kind == LEVEL:
            items.append(f"{letter}  {name} {level_text(links, links.level(slot))}")
        elif slot.kind == UNKNOWN:
            items.append(f"{letter}  {name}: not measured")
        else:
            items.append(f"{letter}  {name} {link_result(links, slot.row)}")
    text = [line for item in items for line in _hanging(item)]
    layout = _layout(links, foot=18 * len(text) + 36)
    beside = {x for x, slot in enumerate(links.slots) if slot.kind == BRANCH}  # its number would run into its neighbours'
    layout["annotations"] = [each for each in layout["annotations"] if each["x"] not in beside or each.get("xref") == "paper"]
    layout["xaxis"] |= {"ticktext": letters, "tickfont": {"size": SMALL, "color": INK}}
    place: dict[str, Any] = {
        "xref": "paper",
        "yref": "paper",
        "xanchor": "left",
        "yanchor": "top",
        "xshift": -20,
        "yshift": -28,
    }
    layout["annotations"].append(lettered("<br>".join(text), x=0, y=0, size=13, **place))
    return layout


def _layout(links: Links, foot: int) -> dict[str, Any]:
    """Return what both layouts have: the axis of levels, what joins them, and the number at each column."""
    low, high = _range(links)
    ticks = round_ticks(low, high)
    xaxis: Axis = {"range": [-0.6, len(links.slots) - 0.4], "tickvals": list(range(len(links.slots))), "showgrid": False}
    yaxis: Axis = {"range": [low, high], "tickvals": ticks, "ticktext": tick_texts(ticks), "showgrid": True, "gridcolor": BAND}
    unit = links.rows.part.unit
    better = f"fewer {unit} is better" if links.turn < 0 else "higher is better"
    return {
        "height": _HEAD + _TALL + foot,
        "margin": {"l": 8, "r": 8, "t": _HEAD, "b": foot},
        "xaxis": xaxis,
        "yaxis": {**yaxis, "tickfont": {"size": SMALL, "color": MUTED}},
        "annotations": [heading(f"in {level_unit(unit)}; axis fits the data; {better}", x=0, width=60), *_numbers(links)],
        "shapes": _joints(links),
    }


def _numbers(links: Links) -> list[Annotation]:
    """Write each level above its point, and each step with its sign above its bar."""
    annotations = []
    for x, slot in enumerate(links.slots):
        if slot.kind == LEVEL:
            level = links.level(slot)
            annotations.append(lettered(level_text(links, level), x=x, y=level, yanchor="bottom", yshift=9))
        elif slot.kind != UNKNOWN:
            color = LETTERS[links.rows.verdicts[slot.row]]
            text = f"<b>{links.rows.gap_texts[slot.row]}</b>"
            top = _top(links, slot)
            shift = 10 if slot.kind == BRANCH else 5
            annotations.append(lettered(text, x=x, y=top, size=BODY + 1, color=color, yanchor="bottom", yshift=shift))
    return annotations


def _unknown(x: int) -> Annotation:
    return lettered("not<br>measured", x=x, y=0.5, yref="paper", size=SMALL, color=MUTED, bgcolor=PAPER, align="center")


def _joints(links: Links) -> list[Shape]:
    """Return a thin line at the level that each column hands to the next one on the path; dashed at the branch."""
    shapes = []
    last: tuple[int, float, float] | None = None
    for x, slot in enumerate(links.slots):
        if slot.kind not in (LEVEL, STEP):
            continue
        level = links.level(slot)
        arrives = float(links.frame["start"].iloc[slot.row]) if slot.kind == STEP else level
        half = _BAR / 2 if slot.kind == STEP else 0.1
        if last:
            beside = any(between.kind == BRANCH for between in links.slots[last[0] : x])
            dash = "dash" if beside else "dot"
            line = {"color": NEUTRAL, "width": 1.5 if beside else 1, "dash": dash}
            ends = {"x0": last[0] + last[1], "x1": x - half, "y0": last[2], "y1": arrives}
            shapes.append({"type": "line", "xref": "x", "yref": "y", **ends, "line": line})
        last = (x, half, level)
    return shapes


def _range(links: Links) -> tuple[float, float]:
    """Return the ends of the axis: every level, interval and promise, and room for the numbers above them."""
    values = [*links.frame[["start", "end"]].iloc[links.path].to_numpy(float).ravel()]
    for slot in links.slots:
        if slot.kind in (STEP, BRANCH):
            values += links.whisker(slot.row) or ()
        if slot.kind == BRANCH:
            values.append(promised_level(links, slot))
    low, high = float(np.min(values)), float(np.max(values))
    span = (high - low) or max(1.0, abs(high) * 0.1)
    return low - 0.08 * span, high + 0.16 * span


def _top(links: Links, slot: Slot) -> float:
    """Return the top of a step with its interval."""
    ends = (float(links.frame[name].iloc[slot.row]) for name in ("start", "end"))
    return max(*ends, *(links.whisker(slot.row) or ()))


def _hanging(item: str) -> list[str]:
    """Break an item of the list into lines, the later ones set in."""
    first, *rest = lines(item, _PHONE)
    return [f"<b>{safe(first[0])}</b>&nbsp;{safe(first[1:])}", *(f"&nbsp;&nbsp;&nbsp;&nbsp;{safe(line)}" for line in rest)]


def _whole_color(links: Links) -> str:
    """Return the colour of the last level: that of the verdict on the whole gap."""
    verdicts = [v for v, link in zip(links.rows.verdicts, links.frame["link"], strict=True) if link == TOTAL]
    return FILLS[verdicts[0]] if verdicts else NEUTRAL
