"""How expectations are spread, touchpoint by touchpoint: a curve a group, its median marked, on the whole scale."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pandas as pd

from cxgap.errors import ArgumentError
from cxgap.plot.absent import box
from cxgap.plot.axes import Axis
from cxgap.plot.lettering import Annotation, Column, head_pixels, heading, lettered, lines, safe, text_columns, wrapped
from cxgap.plot.marks import Trace
from cxgap.plot.multiples import Cell, about_table, nothing
from cxgap.plot.theme import BLUE, BODY, INK, MUTED, NEUTRAL, PAPER, RULE, SMALL, VERMILION, figure
from cxgap.result import Table
from cxgap.vocabulary import NOT_SHOWN, plain

if TYPE_CHECKING:
    import plotly.graph_objects as go

SLUG = "expectations"
EXPECTED_AT, PERCEIVED_AT = "expected_at_", "perceived_at_"
MOST_GROUPS, MOST_ROWS = 4, 20
# A colour and a dash each, so that groups stay apart on grey paper; text needs more contrast than a line.
GROUPS: Final = ((BLUE, BLUE, "solid"), (VERMILION, VERMILION, "dash"), (NEUTRAL, MUTED, "dot"), (INK, INK, "longdash"))
_PITCH, _TALL = 92, 0.62  # pixels from row to row, and how much of them the highest curve takes
_MIDDLE = 0.15  # of a row, from its ground up to its name
_LABEL, _LINE, _FITS = 24, 19, 40  # characters of a name, pixels of a line, characters across a phone
_NOTE = (
    "Curve: how what people expect is spread; dot: the median, half expect more. The axis is the whole scale; each row "
    "has its own height."
)
_TESTED = ("differ", "no difference beyond chance")
_SHORT: Final = dict(zip(_TESTED, ("differ", "alike*"), strict=True))
_OUTLINE = " Dotted: what the same people perceived."
_SMALLER = f'<span style="font-size:{SMALL + 1}px">'


class Ridge(NamedTuple):
    """One curve: its row, the number and name of its group, the points, the median and whether it is hidden."""

    row: int
    group: int
    name: str
    expected: list[float]
    perceived: list[float]
    median: float
    n: float
    hidden: bool


class Ridges(NamedTuple):
    """The rows in the order of the table, the groups that are told apart within each, and the curves."""

    rows: list[str]
    groups: list[str]
    points: list[float]
    ridges: list[Ridge]
    findings: list[str]

    def label(self, ridge: Ridge) -> str:
        """Name a curve."""
        return " · ".join(filter(None, (self.rows[ridge.row], ridge.name)))


def ridgeline(expectations: Table) -> go.Figure:
    """Draw how expectations are spread: a row a touchpoint, a curve a group.

    Parameters
    ----------
    expectations : what `expectations` returned with a scale; at most 20 rows. Where it is cut by two columns and the second has
        no more than 4 groups, these share a row, each in its colour; else every cell has a row

    Returns
    -------
    A plotly Figure. Where nothing was measured, or no scale is known, the figure says why.

    Raises
    ------
    ArgumentError : the table is another, or has too many rows.
    """
    if not isinstance(expectations, Table) or expectations.slug != SLUG:
        raise ArgumentError(f"`expectations` must be what `cx.expectations` returned, not {type(expectations).__name__}.")
    if (empty := nothing(expectations)) is not None:
        return empty
    found = _ridges(expectations)
    if not found.points:
        why = "the scale of the answers is not known; give it as `scale`, such as (1, 7)"
        return box(expectations.title, why, gap=SLUG, by=[], caption=expectations.title)
    if len(found.rows) > MOST_ROWS:
        raise ArgumentError(f"A figure can hold at most {MOST_ROWS} rows, not {len(found.rows)}: cut by fewer columns.")
    outline = len(found.groups) < 2 and any(ridge.perceived for ridge in found.ridges)
    about = about_table(
        expectations,
        [Cell("", expectations.frame)],
        [],
        alt=_alt(found, expectations.title),
        finding=f"{expectations.title}.",
        note=_NOTE + (_OUTLINE if outline else ""),
        narrow=_narrow(found, outline),
    )
    return figure(_traces(found, outline), _wide(found, outline), about)


def _ridges(table: Table) -> Ridges:
    frame = table.frame
    names = [str(name) for name in frame.columns[: table.keys]]
    columns = [name for name in frame if str(name).startswith(EXPECTED_AT)]
    points = [float(str(name).removeprefix(EXPECTED_AT)) for name in columns]
    levels = list(dict.fromkeys(_texts(frame, names[-1:]))) if len(names) > 1 else []
    levels = [level for level in _order(frame, names) if level in levels]
    split = len(names) > 1 and len(levels) <= MOST_GROUPS
    row_names = _texts(frame, names[:-1] if split else names) if names else ["all together"] * len(frame)
    group_names = _texts(frame, names[-1:]) if split else [""] * len(frame)
    rows, groups = list(dict.fromkeys(row_names)), levels if split else [""]
    ridges = []
    for place, row in enumerate(frame.to_dict("records")):
        expected = [float(row[name]) for name in columns]
        other = [float(row.get(f"{PERCEIVED_AT}{str(name).removeprefix(EXPECTED_AT)}", math.nan)) for name in columns]
        hidden = "SUPPRESSED" in str(row["flags"]) or not all(map(math.isfinite, expected))
        ridges.append(
            Ridge(
                rows.index(row_names[place]), groups.index(group_names[place]), group_names[place], expected,
                other if all(map(math.isfinite, other)) else [], float(row["median"]), float(row["n"]), hidden,
            )
        )  # fmt: skip
    told = dict(zip(row_names, frame["finding"], strict=True)) if split else {}
    for name, finding in zip(row_names, frame["finding"], strict=True):
        if split and finding != "not compared":
            told[name] = finding
    return Ridges(rows, groups, points, ridges, [str(told.get(name, "")) for name in rows])


def _order(frame: pd.DataFrame, names: Sequence[str]) -> list[str]:
    """Return the groups in the order of display."""
    column = frame[names[-1]] if names else pd.Series(dtype=object)
    return [str(level) for level in column.cat.categories] if hasattr(column, "cat") else list(dict.fromkeys(map(str, column)))


def _texts(frame: pd.DataFrame, names: Sequence[str]) -> list[str]:
    columns = [frame[name].astype(object).where(frame[name].notna(), "(blank)").astype(str) for name in names]
    return [" · ".join(row) for row in zip(*columns, strict=True)] if columns else [""] * len(frame)


def _traces(found: Ridges, outline: bool) -> list[Trace]:
    shown = [ridge for ridge in found.ridges if not ridge.hidden]
    ground = 0.22 if len(found.groups) < 2 else 0.10
    traces: list[Trace] = []
    for ridge in shown:
        beside = [other for other in shown if other.row == ridge.row]
        curves = [other.expected for other in beside] + [other.perceived for other in beside if outline and other.perceived]
        unit = _TALL / max(map(max, curves))
        color, _, dash = GROUPS[ridge.group]
        y = [ridge.row - value * unit for value in ridge.expected]
        name = found.label(ridge)
        common: Trace = {"type": "scatter", "mode": "lines", "hoverinfo": "skip", "cliponaxis": False}
        traces.append({
            **common, "name": f"{name}, ground",
            "x": [found.points[0], *found.points, found.points[-1]], "y": [ridge.row, *y, ridge.row],
            "fill": "toself", "fillcolor": color, "line": {"width": 0, "color": color}, "opacity": ground,
        })  # fmt: skip
        traces.append({**common, "name": name, "x": found.points, "y": y, "line": {"color": color, "width": 2, "dash": dash}})
        if outline and ridge.perceived:
            level = [ridge.row - value * unit for value in ridge.perceived]
            traces.append({
                **common, "name": f"{name}, perceived", "x": found.points, "y": level,
                "line": {"color": INK, "width": 1.5, "dash": "dot"},
            })  # fmt: skip
    medians = [ridge for ridge in found.ridges if not ridge.hidden and math.isfinite(ridge.median)]
    traces.append({
        "type": "scatter",
        "mode": "markers",
        "name": "median",
        "x": [ridge.median for ridge in medians],
        "y": [ridge.row for ridge in medians],
        "marker": {"size": 10, "color": [GROUPS[ridge.group][0] for ridge in medians], "line": {"color": PAPER, "width": 1.5}},
        "hoverinfo": "text",
        "hovertext": [
            f"{safe(found.label(ridge))}<br>median {plain(ridge.median, 2)}, n {ridge.n:,.0f}" for ridge in medians
        ],
        "cliponaxis": False,
    })  # fmt: skip
    return traces


def _axis(found: Ridges) -> Axis:
    low, high = found.points[0], found.points[-1]
    step = max(1, round((high - low) / 10))
    ticks = [low + step * number for number in range(int((high - low) / step) + 1)]
    return {
        "range": [low - 0.02 * (high - low), high + 0.02 * (high - low)],
        "tickvals": ticks,
        "ticktext": [f"{tick:g}" for tick in ticks],
    }


def _said(found: Ridges, row: int, group: int) -> str:
    """Write the median of a curve; what is hidden says so."""
    here = [ridge for ridge in found.ridges if (ridge.row, ridge.group) == (row, group)]
    if not here:
        return ""
    if here[0].hidden:
        return "–"
    return plain(here[0].median, 1) if math.isfinite(here[0].median) else "–"


def _hidden_rows(found: Ridges) -> list[int]:
    return [row for row in range(len(found.rows)) if all(ridge.hidden for ridge in found.ridges if ridge.row == row)]


def _wide(found: Ridges, outline: bool) -> dict[str, Any]:
    """Set the names at the left, and the medians at the right under the name of each group."""
    count = len(found.rows)
    columns = [
        Column(name or "median", [_said(found, row, number) for row in range(count)], [GROUPS[number][1]] * count, size=13)
        for number, name in enumerate(found.groups)
    ]
    if len(found.groups) > 1:
        columns.append(
            Column("groups", [_SHORT.get(finding, "") for finding in found.findings], [INK] * count, size=13, align="left")
        )
    annotations, right = text_columns(columns)
    annotations = [each if each.get("yref") == "paper" else {**each, "y": each["y"] - _MIDDLE} for each in annotations]
    heads = [each for each in annotations if each.get("yref") == "paper"]
    for head, (_, text, _) in zip(heads, GROUPS, strict=False):
        if len(found.groups) > 1 and head is not heads[-1]:
            head["font"] = {"size": SMALL, "color": text}
    first = "what people expect, scale points"
    more = "at the right: medians" if len(found.groups) > 1 else "dotted: what they perceived" if outline else ""
    annotations.append(heading(*filter(None, (first, more)), x=0, width=40))
    annotations += [
        lettered("not shown: too few", x=0, y=row - _MIDDLE, size=13, color=MUTED, xref="paper", xanchor="left")
        for row in _hidden_rows(found)
    ]
    if _TESTED[1] in found.findings:
        annotations.append(_star(0))
    top = head_pixels([each for each in annotations if each.get("y") == 1])
    foot = 34 + (20 if _TESTED[1] in found.findings else 0)
    return {
        "height": top + round(_PITCH * (count - 0.18)) + foot,
        "margin": {"l": 8, "r": right + 8, "t": top, "b": foot},
        "xaxis": _axis(found),
        "yaxis": {
            "range": [count - 1 + 0.1, -0.72],
            "tickvals": [row - _MIDDLE for row in range(count)],
            "ticktext": [wrapped(name, _LABEL) for name in found.rows],
        },
        "shapes": _grounds(count),
        "annotations": annotations,
    }


def _star(shift: int) -> Annotation:
    place: dict[str, Any] = {"xref": "paper", "yref": "paper", "xanchor": "left", "yanchor": "top", "yshift": -24 - shift}
    return lettered("* no difference beyond chance", x=0, y=0, size=SMALL, color=MUTED, **place)


def _grounds(count: int) -> list[dict[str, Any]]:
    place = {
        "type": "line",
        "xref": "paper",
        "x0": 0,
        "x1": 1,
        "yref": "y",
        "layer": "below",
        "line": {"color": RULE, "width": 1},
    }
    return [{**place, "y0": row, "y1": row} for row in range(count)]


def _narrow(found: Ridges, outline: bool) -> dict[str, Any]:
    """Set each name and the medians above the curves, which then have the whole width."""
    count, deepest = len(found.rows), max(len(lines(name, _FITS)) for name in found.rows)
    text = _LINE * (deepest + 1) + 8
    pitch = text / (1 - _TALL)
    annotations: list[Annotation] = []
    for row, name in enumerate(found.rows):
        medians = [
            f'<span style="color:{GROUPS[group][1]}">{median}</span>'
            for group in range(len(found.groups))
            if (median := _said(found, row, group))
        ]
        which = "medians" if len(medians) > 1 else "median"
        finding = f"  {_SHORT.get(str(found.findings[row]), '')}".rstrip()
        below = "not shown: too few" if row in _hidden_rows(found) else f"{which} {'  '.join(medians)}{finding}"
        said = f"{wrapped(name, _FITS)}<br>{_SMALLER}{below}</span>"
        annotations.append(
            lettered(
                said, x=0, y=row, size=BODY, xref="paper", xanchor="left", yanchor="bottom", yshift=round(_TALL * pitch) + 2
            )
        )
    head = heading("what people expect, scale points", *(["dotted: what they perceived"] if outline else []), x=0, width=44)
    if len(found.groups) > 1:
        named = (f'<span style="color:{GROUPS[number][1]}">● {safe(name)}</span>' for number, name in enumerate(found.groups))
        head["text"] = "<br>".join([head["text"], *named])
    annotations.append(head)
    top = head_pixels(annotations[-1:]) + 4
    foot = 34 + (20 if _TESTED[1] in found.findings else 0)
    if _TESTED[1] in found.findings:
        annotations.append(_star(0))
    return {
        "height": round(top + pitch * (count + 0.08) + foot),
        "margin": {"l": 12, "r": 12, "t": top, "b": foot},
        "xaxis": _axis(found),
        "yaxis": {"range": [count - 1 + 0.06, -1 - 0.02], "showticklabels": False, "tickvals": list(range(count))},
        "shapes": _grounds(count),
        "annotations": annotations,
    }


def _alt(found: Ridges, title: str) -> str:
    said = []
    for ridge in found.ridges:
        name = found.label(ridge)
        said.append(
            f"{name}: {NOT_SHOWN}"
            if ridge.hidden or not math.isfinite(ridge.median)
            else f"{name}: median {plain(ridge.median, 1)}"
        )
    return f"How expectations are spread in {len(found.rows)} rows. {'; '.join(said)}. {title}."
