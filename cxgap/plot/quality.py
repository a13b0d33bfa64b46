"""How reliable expectation, perception and the gap between them are, dimension by dimension, beside the usual limit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cxgap.errors import ArgumentError, listed
from cxgap.plot.axes import Axis, Shape, tick_texts
from cxgap.plot.lettering import Annotation, Column, head_pixels, heading, lettered, safe, tallest, text_columns, wrapped
from cxgap.plot.marks import Trace
from cxgap.plot.multiples import Cell, about_table, nothing
from cxgap.plot.theme import BLUE, INK, MUTED, NEUTRAL, PAPER, RULE, SMALL, VERMILION, figure
from cxgap.result import Table
from cxgap.vocabulary import NOT_SHOWN, plain

if TYPE_CHECKING:
    import plotly.graph_objects as go

SLUG = "reliability"
LIMIT = 0.70  # Nunnally (1978), Psychometric Theory, 2nd ed.
COLUMNS = ("dimension", "battery", "omega", "omega_low", "omega_high", "alpha", "alpha_low", "alpha_high", "r_dd")
SIDES = {"expectation": "expected", "perception": "perceived", "gap": "gap"}
_OFFSET = {"expectation": -0.24, "perception": 0.0, "gap": 0.24}  # of a row
_NOTE = (
    "Ring: what was expected; dot: what was perceived; bars: their intervals. Diamond: the gap between them, in red where "
    "below the dashed line. The line at 0.70 is a convention."
)
_LABEL, _LINE, _FITS = 26, 19, 43  # characters of a name, pixels of a line, characters across a phone
_PITCH, _FOOT = 62, 30  # pixels of a row, and below the axis
_ABOVE, _BELOW, _HEAD = 36, 40, 8  # pixels from the middle of a row up to its text, down to the next, and from the first up


class Side(NamedTuple):
    """One battery of a row: its reliability and the ends of its interval, NaN where not known."""

    value: float
    low: float
    high: float


class Row(NamedTuple):
    """A row of the picture: its name, its sides, and why it has none."""

    name: str
    sides: dict[str, Side]
    why: str


def quality(reliability_table: Table) -> go.Figure:
    """Draw how reliable the scores of each dimension and the gaps between them are.

    Expectation and perception are drawn by omega, or by alpha where there are two items, and the gap by the reliability of
    the difference.

    Parameters
    ----------
    reliability_table : of slug "reliability", what `reliability` returned

    Returns
    -------
    A plotly Figure. A hidden row says so and shows no number. Where nothing was measured, the figure says why.

    Raises
    ------
    ArgumentError : the table is another.
    """
    table = reliability_table
    if table.slug != SLUG:
        raise ArgumentError.choice("reliability_table.slug", table.slug, [SLUG])
    if (empty := nothing(table)) is not None:
        return empty
    lacking = [name for name in COLUMNS if name not in table.frame]
    if lacking:
        raise ArgumentError(f"The table must have the columns {listed(COLUMNS)}; {table.slug!r} lacks {listed(lacking)}.")
    rows, by = _rows(table), list(table.frame.columns[: list(table.frame.columns).index("battery")])
    finding = _finding(rows)
    about = about_table(
        table,
        [Cell("", table.frame)],
        [],
        alt=f"Reliability of what was expected, what was perceived and the gap, by {' and '.join(by)}. {finding}",
        finding=finding,
        note=_NOTE,
        narrow=_narrow(rows),
    )
    return figure([*_bars(rows), *_dots(rows)], _wide(rows), {**about, "by": by})


def _rows(table: Table) -> list[Row]:
    """Return a row for each dimension, and for all items together where no dimension is named."""
    keys = [name for name in table.frame.columns[: list(table.frame.columns).index("battery")]]
    rows = []
    for names, frame in table.frame.groupby(keys, sort=False, dropna=False):
        of = {str(row["battery"]): row for row in frame.to_dict("records")}
        sides = {}
        for battery in SIDES:
            row = of.get(battery, {})
            if battery == "gap":
                sides[battery] = Side(float(row.get("r_dd", np.nan)), np.nan, np.nan)
                continue
            index = "omega" if np.isfinite(row.get("omega", np.nan)) else "alpha"
            sides[battery] = Side(*(float(row.get(name, np.nan)) for name in (index, f"{index}_low", f"{index}_high")))
        hidden = "SUPPRESSED_PRIVACY" in "".join(str(row.get("flags", "")) for row in of.values())
        known = any(np.isfinite(side.value) for side in sides.values())
        rows.append(Row(" · ".join(map(str, names)), sides, NOT_SHOWN if hidden else "" if known else "not known"))
    return rows


def _bars(rows: Sequence[Row]) -> list[Trace]:
    traces = []
    for battery in ("expectation", "perception"):
        x: list[float | None] = []
        y: list[float | None] = []
        for place, row in enumerate(rows):
            side = row.sides[battery]
            if not row.why and np.isfinite(side.low) and np.isfinite(side.high):
                x += [max(side.low, _low(rows)), side.high, None]
                y += [place + _OFFSET[battery]] * 2 + [None]
        traces.append(
            {
                "type": "scatter",
                "name": f"interval of {battery}",
                "mode": "lines",
                "x": x,
                "y": y,
                "line": {"color": NEUTRAL, "width": 3},
                "hoverinfo": "skip",
                "cliponaxis": False,
            }
        )
    return traces


def _dots(rows: Sequence[Row]) -> list[Trace]:
    line = {"color": INK, "width": 2}
    markers: dict[str, dict[str, Any]] = {
        "expectation": {"symbol": "circle", "size": 11, "color": PAPER, "line": line},
        "perception": {"symbol": "circle", "size": 11, "color": INK, "line": line},
        "gap": {
            "symbol": "diamond",
            "size": 13,
            "color": [VERMILION if row.sides["gap"].value < LIMIT else BLUE for row in rows],
            "line": {"color": PAPER, "width": 1},
        },
    }
    low = _low(rows)
    return [
        {
            "type": "scatter",
            "name": battery,
            "mode": "markers",
            "x": [_place(row, battery, low) for row in rows],
            "y": [place + _OFFSET[battery] for place in range(len(rows))],
            "marker": marker,
            "hoverinfo": "text",
            "hovertext": [f"{safe(row.name)}<br>{SIDES[battery]} {_text(row, battery)}" for row in rows],
            "cliponaxis": False,
        }
        for battery, marker in markers.items()
    ]


def _place(row: Row, battery: str, low: float) -> float | None:
    value = row.sides[battery].value
    return None if row.why or not np.isfinite(value) else max(value, low)


def _text(row: Row, battery: str) -> str:
    value = row.sides[battery].value
    return "" if row.why or not np.isfinite(value) else plain(value, 2)


def _low(rows: Sequence[Row]) -> float:
    """Return where the axis begins: 0.5, or 0 where anything lies below; what is negative is drawn at its edge."""
    values = [end for row in rows if not row.why for side in row.sides.values() for end in (side.value, side.low)]
    return 0.0 if min((value for value in values if np.isfinite(value)), default=1.0) < 0.5 else 0.5


def _axis(rows: Sequence[Row]) -> Axis:
    low = _low(rows)
    ticks = [0.5, 0.6, 0.7, 0.8, 0.9, 1.0] if low else [0.0, 0.25, 0.5, 0.7, 1.0]
    pad = 0.03 * (1 - low)
    return {"range": [low - pad, 1 + pad], "tickvals": ticks, "ticktext": tick_texts(ticks)}


def _limit() -> Shape:
    place = {"xref": "x", "yref": "paper", "x0": LIMIT, "x1": LIMIT, "y0": 0, "y1": 1}
    return {"type": "line", "layer": "below", **place, "line": {"color": MUTED, "width": 1.5, "dash": "dash"}}


def _wide(rows: Sequence[Row]) -> dict[str, Any]:
    """Set the names at the left and the numbers at the right."""
    pitch = max(_PITCH, _LINE * tallest([row.name for row in rows], _LABEL) + 14)
    colors = [VERMILION if row.sides["gap"].value < LIMIT else INK for row in rows]
    texts = {battery: [_text(row, battery) for row in rows] for battery in SIDES}
    columns, right = text_columns(
        [Column(words, texts[battery], colors if battery == "gap" else [MUTED] * len(rows)) for battery, words in SIDES.items()]
    )
    heads = [heading("ring: expected; dot: perceived; diamond: the gap", "reliability; dashed line at 0.70", x=0, width=60)]
    annotations = [*heads, *columns, *_reasons(rows)]
    top, height = head_pixels(annotations), len(rows) * pitch
    return {
        "height": top + height + _FOOT,
        "margin": {"l": 8, "r": right + 8, "t": top, "b": _FOOT},
        "xaxis": _axis(rows),
        "yaxis": {
            "range": [len(rows) - 0.5, -0.5],
            "tickvals": list(range(len(rows))),
            "ticktext": [wrapped(row.name, _LABEL) for row in rows],
        },
        "annotations": annotations,
        "shapes": [_limit(), *_rules(len(rows))],
    }


def _narrow(rows: Sequence[Row]) -> dict[str, Any]:
    """Set the names and numbers above the marks, which then have the whole width."""
    deepest = tallest([row.name for row in rows], _FITS) + 1
    pitch = _LINE * deepest + _ABOVE + _BELOW
    place: dict[str, Any] = {"xref": "paper", "xanchor": "left", "yanchor": "bottom", "yshift": _ABOVE}
    annotations: list[Annotation] = [heading("ring: expected; dot: perceived", "diamond: the gap; line at 0.70", x=0, width=44)]
    for number, row in enumerate(rows):
        detail = row.why or ", ".join(f"{words} {_text(row, battery) or '–'}" for battery, words in SIDES.items())
        small = f'<span style="color:{MUTED};font-size:{SMALL}px">{safe(detail)}</span>'
        annotations.append(lettered(f"{wrapped(row.name, _FITS)}<br>{small}", x=0, y=number, **place))
    head = head_pixels(annotations[:1])
    top, bottom = -(_LINE * deepest + _ABOVE + _HEAD) / pitch, len(rows) - 1 + _BELOW / pitch
    return {
        "height": head + round((bottom - top) * pitch) + _FOOT,
        "margin": {"l": 10, "r": 10, "t": head, "b": _FOOT},
        "xaxis": {**_axis(rows), "showgrid": False},
        "yaxis": {"range": [bottom, top], "showticklabels": False, "tickvals": list(range(len(rows)))},
        "annotations": annotations,
        "shapes": [
            {**_limit(), "yref": "y", "y0": number - 0.34 * _PITCH / pitch, "y1": number + 0.34 * _PITCH / pitch}
            for number, row in enumerate(rows)
            if not row.why
        ],
    }


def _rules(count: int) -> list[Shape]:
    """Return a thin line between two rows."""
    return [
        {
            "type": "line",
            "layer": "below",
            "xref": "paper",
            "yref": "y",
            "x0": 0,
            "x1": 1,
            "y0": row - 0.5,
            "y1": row - 0.5,
            "line": {"color": RULE, "width": 1},
        }
        for row in range(1, count)
    ]


def _reasons(rows: Sequence[Row]) -> list[Annotation]:
    place = {"xref": "paper", "xanchor": "left"}
    return [
        lettered(safe(row.why), x=0, y=number, size=13, color=MUTED, bgcolor=PAPER, **place)
        for number, row in enumerate(rows)
        if row.why
    ]


def _finding(rows: Sequence[Row]) -> str:
    """Say which gaps fall below the limit, and which is the least reliable."""
    known = [row for row in rows if not row.why and np.isfinite(row.sides["gap"].value)]
    if not known:
        return "How reliable the gaps are is not known."
    least = min(known, key=lambda row: row.sides["gap"].value)
    said = f"the least reliable is that of {least.name}, {plain(least.sides['gap'].value, 2)}"
    below = sum(row.sides["gap"].value < LIMIT for row in known)
    if not below:
        return f"Every gap reaches a reliability of 0.70; {said}."
    return f"{below} of {len(known)} gaps {'falls' if below == 1 else 'fall'} short of a reliability of 0.70; {said}."
