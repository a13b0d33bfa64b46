"""What a burden is made of: reach, importance and shortfall side by side, then the product, then its rank."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from cxgap.errors import ArgumentError
from cxgap.plot.axes import Axis, round_ticks, tick_texts
from cxgap.plot.lettering import Annotation, Column, head_pixels, heading, lettered, safe, tallest, text_columns, wrapped
from cxgap.plot.marks import Trace
from cxgap.plot.multiples import MOST_CELLS, Cell, about_table, nothing, number_of, share_text
from cxgap.plot.theme import BODY, INK, MUTED, NEUTRAL, SMALL, VERMILION, figure
from cxgap.result import Table
from cxgap.vocabulary import plain

if TYPE_CHECKING:
    import plotly.graph_objects as go

SLUG = "burden"
_LABEL, _LINE, _FITS = 24, 19, 40  # characters of a name, pixels of a line, characters across a phone
_PITCH, _FOOT, _BETWEEN = 46, 26, 0.045  # pixels of a row and below the axes; share of the width between two panels
_PAD = 0.08
_FINE = 10.0  # per cent, below which whole ones tell too little
_HEADS = {"reach": "reach", "importance": "importance", "shortfall": "mean shortfall", "burden_share": "share of burden"}
_NOTE = (
    "Dots: estimates; bars: their intervals. Reach times importance times shortfall makes the burden. Red: may carry the most."
)


class Panel(NamedTuple):
    """One factor: its column, and for each row the estimate, the ends of its interval and how the estimate is written."""

    name: str
    value: list[float]
    low: list[float]
    high: list[float]
    text: list[str]


def burden(table: Table, *, rows: int = MOST_CELLS) -> go.Figure:
    """Draw the three factors of each burden side by side, the product, and the ranks that it could have.

    Parameters
    ----------
    table : what `cx.burden` returned
    rows : how many of the heaviest are drawn

    Returns
    -------
    A plotly Figure, the heaviest first. Where nothing was measured, the figure says why.

    Raises
    ------
    ArgumentError : the table is another.
    """
    if not isinstance(table, Table) or table.slug != SLUG:
        raise ArgumentError(f"`table` must be what `cx.burden` returned, not {type(table).__name__}.")
    if (empty := nothing(table)) is not None:
        return empty
    frame = table.frame.head(rows)
    names = list(frame.iloc[:, : table.keys].astype(str).agg(" · ".join, axis=1))
    ranks = [f"{row.rank}" for row in frame.itertuples()]
    could = [f"{row.rank_low}{f' to {row.rank_high}' if row.rank_low < row.rank_high else ''}" for row in frame.itertuples()]
    panels = _panels(frame)
    colors = [VERMILION if may else NEUTRAL for may in frame["may_be_worst"]]
    traces = [trace for place, panel in enumerate(panels) for trace in _marks(panel, place, names, colors)]
    finding = f"{table.title}."
    said = "; ".join(
        f"{name}: {text} of the burden, rank {low}" for name, text, low in zip(names, panels[-1].text, could, strict=True)
    )
    about = about_table(
        replace(table, notes=tuple(note for note in table.notes if "told apart" in note)),
        [Cell("", frame)],
        [],
        alt=f"Reach, importance, mean shortfall and burden, {len(frame)} of {len(table.frame)} rows. {said}. {finding}",
        finding=finding,
        note=_NOTE,
        narrow=_narrow(panels, names, ranks, could),
    )
    return figure(traces, _wide(panels, names, ranks, could, list(frame["moment_that_matters"])), about)


def _panels(frame: Any) -> list[Panel]:
    panels = []
    for name in _HEADS:
        times = 1.0 if name == "shortfall" else 100.0
        if name == "shortfall":  # in scale points, as customers answered
            per = [p / s if s > 0 else 1.0 for p, s in zip(frame["shortfall_points"], frame["shortfall"], strict=True)]
            value, low, high = (
                [a * b for a, b in zip(frame[f"{name}{end}"], per, strict=True)] for end in ("", "_low", "_high")
            )
            text = [plain(x, 2) for x in value]
        else:
            value, low, high = ([times * float(x) for x in frame[f"{name}{end}"]] for end in ("", "_low", "_high"))
            fine = max((x for x in value if math.isfinite(x)), default=0.0) < _FINE
            text = [(f"{plain(x, 1)} %" if fine else share_text(x / 100)) if math.isfinite(x) else "" for x in value]
        panels.append(Panel(name, list(value), list(low), list(high), text))
    return panels


def _marks(panel: Panel, place: int, names: Sequence[str], colors: Sequence[str]) -> list[Trace]:
    """Return the intervals and the dots of one panel."""
    axis = f"x{number_of(place)}"
    product = panel.name == "burden_share"
    shades = list(colors) if product else [INK] * len(names)
    bars: list[Trace] = [
        {
            "type": "scatter",
            "name": f"{panel.name} interval",
            "mode": "lines",
            "x": [low, high],
            "y": [row, row],
            "line": {"color": shade, "width": 3},
            "hoverinfo": "skip",
            "cliponaxis": False,
            "xaxis": axis,
        }
        for row, (low, high, shade) in enumerate(zip(panel.low, panel.high, shades, strict=True))
        if low < high
    ]
    hover = [f"{safe(name)}<br>{_HEADS[panel.name]} {safe(text)}" for name, text in zip(names, panel.text, strict=True)]
    dots: Trace = {
        "type": "scatter",
        "name": panel.name,
        "mode": "markers+text",
        "x": panel.value,
        "y": list(range(len(names))),
        "text": [safe(text) for text in panel.text],
        "textposition": "top center",
        "textfont": {"size": SMALL, "color": INK},
        "marker": {"size": 9, "color": shades},
        "hoverinfo": "text",
        "hovertext": hover,
        "cliponaxis": False,
        "xaxis": axis,
    }
    return [*bars, dots]


def _axis(panel: Panel, left: float, right: float) -> Axis:
    """Return the axis of one factor, from zero to its largest interval, so that lengths can be compared."""
    high = max((x for x in (*panel.high, *panel.value) if math.isfinite(x)), default=1.0) or 1.0
    low, end = -_PAD * high, high * (1 + 2 * _PAD)
    ticks = [tick for tick in round_ticks(0.0, high) if tick >= 0]
    ticks = ticks if len(ticks) < 4 else [ticks[0], ticks[-1]]  # more run into each other on a narrow panel
    percent = "" if panel.name == "shortfall" else " %"
    texts = [f"{text}{percent if place == len(ticks) - 1 else ''}" for place, text in enumerate(tick_texts(ticks))]
    return {"range": [low, end], "domain": [left, right], "anchor": "y", "tickvals": ticks, "ticktext": texts}


def _axes(panels: Sequence[Panel], between: float) -> dict[str, Axis]:
    width = (1 - between * (len(panels) - 1)) / len(panels)
    return {
        f"xaxis{number_of(place)}": _axis(panel, place * (width + between), min(1.0, place * (width + between) + width))
        for place, panel in enumerate(panels)
    }


def _heads(axes: dict[str, Axis], panels: Sequence[Panel], width: int) -> list[Annotation]:
    return [
        heading(*([_HEADS[panel.name], "in points"] if panel.name == "shortfall" else [_HEADS[panel.name]]),
                x=axis["domain"][0], width=width)
        for panel, axis in zip(panels, axes.values(), strict=True)
    ]  # fmt: skip


def _wide(
    panels: Sequence[Panel], names: Sequence[str], ranks: Sequence[str], could: Sequence[str], moments: Sequence[str]
) -> dict[str, Any]:
    """Set the names at the left and the ranks at the right."""
    pitch = max(_PITCH, _LINE * tallest(names, _LABEL) + 16)
    columns = [
        Column("rank", ranks, [INK] * len(names)),
        Column("could be", could, [MUTED] * len(names), size=13),
        *([Column("moment that matters", moments, [INK] * len(names), size=13, align="left")] if any(moments) else []),
    ]
    annotations, right = text_columns(columns)
    axes = _axes(panels, _BETWEEN)
    annotations = [*_heads(axes, panels, 16), *annotations]
    top = head_pixels(annotations)
    return {
        "height": top + pitch * len(names) + _FOOT,
        "margin": {"l": 8, "r": right + 10, "t": top, "b": _FOOT},
        **axes,
        "yaxis": {
            "range": [len(names) - 0.5, -0.6],
            "tickvals": list(range(len(names))),
            "ticktext": [wrapped(name, _LABEL) for name in names],
        },
        "annotations": annotations,
    }


def _narrow(panels: Sequence[Panel], names: Sequence[str], ranks: Sequence[str], could: Sequence[str]) -> dict[str, Any]:
    """Set each name with its rank above its marks, which then have the whole width."""
    deepest, above, below = tallest(names, _FITS) + 1, 26, 26
    pitch = _LINE * deepest + above + below
    axes = _axes(panels, 0.06)
    place: dict[str, Any] = {"xref": "paper", "xanchor": "left", "yanchor": "bottom", "yshift": above}
    annotations = _heads(axes, panels, 10)
    for row, (name, rank, span) in enumerate(zip(names, ranks, could, strict=True)):
        small = (
            f'<span style="color:{MUTED};font-size:{SMALL}px">rank {rank}{f", could be {span}" if span != rank else ""}</span>'
        )
        annotations.append(lettered(f"{wrapped(name, _FITS)}<br>{small}", x=0, y=row, size=BODY, **place))
    top = head_pixels(annotations[: len(panels)])
    first, last = -(_LINE * deepest + above + 6) / pitch, len(names) - 1 + below / pitch
    return {
        "height": top + round((last - first) * pitch) + _FOOT,
        "margin": {"l": 14, "r": 18, "t": top, "b": _FOOT},
        **{name: {**axis, "tickvals": axis["tickvals"][:: max(1, len(axis["tickvals"]) - 1)],
                  "ticktext": axis["ticktext"][:: max(1, len(axis["ticktext"]) - 1)]} for name, axis in axes.items()},
        "yaxis": {"range": [last, first], "showticklabels": False, "tickvals": list(range(len(names)))},
        "annotations": annotations,
    }  # fmt: skip
