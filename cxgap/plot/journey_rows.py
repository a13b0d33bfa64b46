"""The journey map on a phone: each touchpoint is a row, its gap on the whole width, and the other lanes in words above it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from cxgap.plot.axes import round_ticks, tick_texts
from cxgap.plot.journey_stops import Stop
from cxgap.plot.lettering import Annotation, heading, lettered, safe, tallest, wrapped
from cxgap.plot.marks import Trace
from cxgap.plot.theme import BAND, BODY, FILLS, INK, LETTERS, MUTED, NEUTRAL, RULE, SMALL
from cxgap.vocabulary import VERDICT_MARKS, signed

_AWAY: Final = 1e6  # where no mark lies
HIDDEN: Final = {"domain": [0, 0.001], "range": [_AWAY, _AWAY + 1], "visible": False, "fixedrange": True}
_LINE, _ABOVE, _BELOW, _FITS = 18, 12, 26, 44
_WIDE_AXES = ("yaxis", "yaxis2", "yaxis3", "yaxis4", "yaxis5", "yaxis6", "yaxis7")


def row_traces(stops: Sequence[Stop]) -> list[Trace]:
    """Return the gaps as rows, on axes that only the narrow layout shows."""
    on = {"xaxis": "x2", "yaxis": "y8"}
    traces: list[Trace] = []
    for place, stop in enumerate(stops):
        if np.isfinite(stop.low):
            line = {"color": FILLS.get(stop.verdict, NEUTRAL), "width": 3}
            ends = {"x": [stop.low, stop.high], "y": [place, place]}
            traces.append(
                {"type": "scatter", "name": "interval, row", "mode": "lines", **ends, "line": line, "hoverinfo": "skip", **on}
            )
    marker = {"size": 10, "color": [FILLS.get(stop.verdict, NEUTRAL) for stop in stops]}
    gaps = [float(stop.gap) if np.isfinite(stop.gap) else None for stop in stops]
    rows = {"x": gaps, "y": list(range(len(stops))), "marker": marker}
    hover = {"hoverinfo": "text", "hovertext": [stop.hover for stop in stops]}
    return [*traces, {"type": "scatter", "name": "gap, row", "mode": "markers", **rows, **hover, **on}]


def journey_rows(stops: Sequence[Stop]) -> dict[str, Any]:
    """Return the narrow layout."""
    deepest = tallest([stop.name for stop in stops], _FITS) + 3 + max(len(_filled(stop.facts)) for stop in stops)
    pitch = _LINE * deepest + _ABOVE + _BELOW
    annotations: list[Annotation] = [heading("gap in scale points, in the order of the journey", x=0, width=50)]
    shapes = []
    margin = stops[0].margin if np.isfinite(stops[0].margin) else 0.0
    values = [value for stop in stops for value in (stop.gap, stop.low, stop.high) if np.isfinite(value)] or [0.0]
    low, high = min(*values, -margin, 0.0), max(*values, margin, 0.0)
    pad = (high - low) * 0.07 or 0.5
    for place, stop in enumerate(stops):
        annotations.append(_words(place, stop, stops[place - 1] if place else None))
        at = {"xref": "x2", "yref": "y8", "layer": "below", "y0": place - 9 / pitch, "y1": place + 9 / pitch}
        if margin:
            shapes.append({"type": "rect", "x0": -margin, "x1": margin, "fillcolor": BAND, "line": {"width": 0}, **at})
        shapes.append({"type": "line", "x0": 0, "x1": 0, "line": {"color": INK, "width": 1}, **at})
        track = {"x0": low - pad, "x1": high + pad, "line": {"color": RULE, "width": 1}}
        shapes.append({"type": "line", **track, **at, "y0": place, "y1": place})
    ticks = round_ticks(low - pad, high + pad, sign=True)
    top = 30
    first, last = -(_LINE * deepest + _ABOVE + 6) / pitch, len(stops) - 1 + _BELOW / pitch
    return {
        "height": top + round((last - first) * pitch) + 30,
        "margin": {"l": 12, "r": 12, "t": top, "b": 30},
        "xaxis": {**HIDDEN, "anchor": "y2"},
        **{name: {**HIDDEN, "anchor": "x"} for name in _WIDE_AXES},
        "xaxis2": {
            "domain": [0, 1], "anchor": "y8", "range": [low - pad, high + pad], "showgrid": False, "tickvals": ticks,
            "ticktext": tick_texts(ticks, sign=True),
        },
        "yaxis8": {"domain": [0, 1], "anchor": "x2", "range": [last, first], "showticklabels": False, "showgrid": False},
        "annotations": annotations,
        "shapes": shapes,
    }  # fmt: skip


def _words(place: int, stop: Stop, before: Stop | None) -> Annotation:
    """Say above a row's mark which touchpoint it is, what took over there, and what the other lanes hold."""
    lines = []
    if before is not None and before.handover:
        change = f": gap {before.change_text}" if before.change_text else ""
        lines.append(_small(f"↧ hand-over to {stop.department}{change}", before.change_color))
    lines.append(f"<b>{wrapped(stop.name, _FITS)}</b>")
    where = " · ".join(filter(None, (stop.stage, stop.department)))
    if where:
        lines.append(_small(where, MUTED))
    lines += [_small(line, INK) for line in _filled(stop.facts)]
    mark = VERDICT_MARKS.get(stop.verdict, "")
    gap = f" {signed(stop.gap, 2)}" if np.isfinite(stop.gap) else ""
    lines.append(_small(f"{mark} {stop.verdict}{gap}".strip(), LETTERS.get(stop.verdict, MUTED)))
    text: dict[str, Any] = {"xref": "paper", "yref": "y8", "xanchor": "left", "yanchor": "bottom", "yshift": _ABOVE}
    return lettered("<br>".join(lines), x=0, y=place, size=BODY, **text)


def _filled(facts: Sequence[str]) -> list[str]:
    """Put facts side by side, as many as fit across a phone."""
    lines: list[str] = []
    for fact in facts:
        if lines and len(lines[-1]) + len(fact) + 3 <= _FITS:
            lines[-1] += f" · {fact}"
        else:
            lines.append(fact)
    return lines


def _small(text: str, color: str) -> str:
    return f'<span style="color:{color};font-size:{SMALL + 1}px">{safe(text)}</span>'
