"""The lanes of the journey map: what each counts, its range, and its marks at each touchpoint."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from cxgap.plot.journey_stops import Stop
from cxgap.plot.marks import Trace
from cxgap.plot.theme import FILLS, INK, LETTERS, MUTED, NEUTRAL, SMALL
from cxgap.result import Table
from cxgap.vocabulary import CANNOT_TELL, EXCEEDED, MET, SHORT, plain, signed

SYMBOLS: Final = {SHORT: "triangle-down", MET: "circle", EXCEEDED: "triangle-up", CANNOT_TELL: "circle-open"}
_GAP, _BAR, _MEAN, _FLAT = 190, 74, 92, 34  # pixels of lanes; the last of one of which nothing is known
_ROOMY = 8  # touchpoints that leave room for numbers beside their marks


class Lane(NamedTuple):
    """A lane: its name and what it counts, its height, the number of its axis, and its range; None where nothing is known."""

    name: str
    about: str
    pixels: int
    axis: int
    range: tuple[float, float] | None


def lanes_of(stops: Sequence[Stop], table: Table) -> list[Lane]:
    """Return gap, use, ease, emotion and contacts, in this order."""
    base = str(table.frame["contact_base"].iloc[0])
    lanes = [Lane("gap", "scale points; negative is a shortfall", _GAP, 2, _span(stops))]
    lanes.append(Lane("used by", "share of respondents", _BAR, 3, _up([stop.share for stop in stops])))
    for number, name in ((4, "ease"), (5, "emotion")):
        low, high = (float(table.frame[f"{name}_{end}"].iloc[0]) for end in ("least", "most"))
        asked = np.isfinite(low)
        pad = (high - low) * 0.12
        about = f"mean, {plain(low, 0)} to {plain(high, 0)}" if asked else ""
        lanes.append(Lane(name, about, _MEAN if asked else _FLAT, number, (low - pad, high + pad) if asked else None))
    rates = [stop.contacts for stop in stops]
    lanes.append(Lane("contacts", f"per 100 {base}" if base else "", _BAR if _up(rates) else _FLAT, 6, _up(rates)))
    return lanes


def _span(stops: Sequence[Stop]) -> tuple[float, float] | None:
    """Return the range of the gaps, with zero and the margin in view."""
    margin = max((stop.margin for stop in stops if np.isfinite(stop.margin)), default=0.0)
    values = [value for stop in stops for value in (stop.gap, stop.low, stop.high) if np.isfinite(value)]
    if not values:
        return None
    low, high = min(*values, -margin, 0.0), max(*values, margin, 0.0)
    pad = (high - low) * 0.1 or 0.5
    return low - pad * (1 if len(stops) <= _ROOMY else 2.2), high + pad


def _up(values: Sequence[float]) -> tuple[float, float] | None:
    known = [value for value in values if np.isfinite(value)]
    return (0.0, max(known) * 1.35 or 1.0) if known else None


def lane_traces(stops: Sequence[Stop], lanes: Sequence[Lane]) -> list[Trace]:
    """Return the marks of all lanes, one trace a role."""
    gap, used, ease, emotion, contacts = lanes
    traces = []
    for color in dict.fromkeys(FILLS.get(stop.verdict, NEUTRAL) for stop in stops):
        inside = [FILLS.get(stop.verdict, NEUTRAL) == color for stop in stops]
        ends = [(stop.low, stop.high) if keep else (np.nan, np.nan) for stop, keep in zip(stops, inside, strict=True)]
        traces.append(_sticks("interval", ends, gap, color))
    texts = [signed(stop.gap, 2) if np.isfinite(stop.gap) else "" for stop in stops]
    marker = {
        "symbol": [SYMBOLS.get(stop.verdict, "circle-open") for stop in stops],
        "size": 13,
        "color": [FILLS.get(stop.verdict, NEUTRAL) for stop in stops],
        "line": {"width": 2, "color": [FILLS.get(stop.verdict, NEUTRAL) for stop in stops]},
    }
    crowded, gaps = len(stops) > _ROOMY, [stop.gap for stop in stops]
    colors = [LETTERS.get(stop.verdict, MUTED) for stop in stops]
    traces.append(_dots("gap", gaps, [""] * len(stops) if crowded else texts, gap, marker, colors, stops))
    if crowded and gap.range:
        foot = [gap.range[0] + (gap.range[1] - gap.range[0]) * 0.06] * len(stops)
        traces.append(
            _dots("gap in figures", foot, texts, gap, {"opacity": 0}, colors, stops) | {"textposition": "middle center"}
        )
    shares = [f"{plain(stop.share * 100, 0)} %" if np.isfinite(stop.share) else "" for stop in stops]
    traces.append(_bars("used by", [stop.share for stop in stops], shares, used, stops))
    for lane, name in ((ease, "ease"), (emotion, "emotion")):
        values = [getattr(stop, name) for stop in stops]
        ends = [(getattr(stop, f"{name}_low"), getattr(stop, f"{name}_high")) for stop in stops]
        said = [plain(value, 1) if np.isfinite(value) else "" for value in values]
        traces.append(_sticks(f"interval of {name}", ends, lane, INK))
        traces.append(_dots(name, values, said, lane, {"size": 8, "color": INK}, [INK] * len(stops), stops))
    rates = [f"{stop.contacts:,.1f}" if np.isfinite(stop.contacts) else "" for stop in stops]
    traces.append(_bars("contacts", [stop.contacts for stop in stops], rates, contacts, stops))
    return traces


def _sticks(name: str, ends: Sequence[tuple[float, float]], lane: Lane, color: str) -> Trace:
    """Return an upright line at each touchpoint that has an interval."""
    x: list[float | None] = []
    y: list[float | None] = []
    for place, (low, high) in enumerate(ends):
        if np.isfinite(low) and np.isfinite(high):
            x += [place, place, None]
            y += [float(low), float(high), None]
    line = {"color": color, "width": 3}
    return {"type": "scatter", "name": name, "mode": "lines", "x": x, "y": y, "line": line, "hoverinfo": "skip", **_on(lane)}


def _dots(
    name: str, values: Sequence[float], texts: Sequence[str], lane: Lane, marker: dict[str, Any], colors: Sequence[str],
    stops: Sequence[Stop],
) -> Trace:  # fmt: skip
    return {
        "type": "scatter", "name": name, "mode": "markers+text", "x": list(range(len(values))), "y": _known(values),
        "marker": marker, "text": [f"\u00a0{text}" for text in texts],
        "textposition": "middle right" if len(stops) <= _ROOMY else "top center",
        "textfont": {"size": SMALL, "color": list(colors)}, "hoverinfo": "text", "hovertext": [stop.hover for stop in stops],
        **_on(lane),
    }  # fmt: skip


def _bars(name: str, values: Sequence[float], texts: Sequence[str], lane: Lane, stops: Sequence[Stop]) -> Trace:
    return {
        "type": "bar", "name": name, "x": list(range(len(values))), "y": _known(values), "width": 0.42,
        "marker": {"color": NEUTRAL}, "text": list(texts), "textposition": "outside", "textfont": {"size": 13, "color": INK},
        "hoverinfo": "text", "hovertext": [stop.hover for stop in stops], **_on(lane),
    }  # fmt: skip


def _on(lane: Lane) -> dict[str, str]:
    return {"xaxis": "x", "yaxis": f"y{lane.axis}"}


def _known(values: Sequence[float]) -> list[float | None]:
    return [float(value) if np.isfinite(value) else None for value in values]
