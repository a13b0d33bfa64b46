"""What pictures along time share: ticks that have room, breaks, what was done, and a list below that names it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from cxgap.plot.axes import Axis, Shape, round_ticks, tick_texts
from cxgap.plot.lettering import Annotation, lettered, lines, safe
from cxgap.plot.marks import Trace
from cxgap.plot.multiples import Sheet, number_of
from cxgap.plot.theme import INK, MUTED, NEUTRAL, RULE, SMALL

LINE = 17  # pixels of a line of text
_TICK = 7.0  # pixels of a character of a tick's label
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "June", "July", "Aug", "Sept", "Oct", "Nov", "Dec")
_DATED: Final = re.compile(r"(?P<year>\d{4})-(?P<month>0[1-9]|1[0-2])(-(?P<day>[0-3]\d))?")
WIDE, NARROW = 760, 340  # pixels of the axes, about


def short(period: str) -> str:
    """Write a period as an axis has room for it: "2026-03-12" is "12 Mar 2026", "2026-03" "Mar 2026"; others stay."""
    found = _DATED.fullmatch(period)
    if not found:
        return period
    month = _MONTHS[int(found["month"]) - 1]
    return " ".join(filter(None, [found["day"] and str(int(found["day"])), month, found["year"]]))


def time_axis(periods: Sequence[str], pixels: float) -> Axis:
    """Return the axis of periods 0, 1, 2, ..., with as many named as have room."""
    periods = [short(period) for period in periods]
    longest = max(map(len, periods)) * _TICK + 12
    most = max(2, int(pixels // longest))
    step = -(-len(periods) // most)
    places = list(range(len(periods) - 1, -1, -step))[::-1]
    pad = 0.5 if len(periods) < 30 else 0.02 * len(periods)
    return {"range": [-pad, len(periods) - 1 + pad], "tickvals": places, "ticktext": [safe(periods[each]) for each in places]}


def value_axis(values: Sequence[float], *, share: bool = False, sign: bool = False, pad: float = 0.08) -> Axis:
    """Return the axis that holds all values."""
    low, high = min(values), max(values)
    low, high = (low, high) if high > low else (low - 1, high + 1)
    room = pad * (high - low)
    low, high = low - room, high + room
    if share:
        low, high = max(low, 0.0), min(high, 100.0)
    ticks = round_ticks(low, high, sign=sign)
    texts = [f"{text} %" for text in tick_texts(ticks)] if share else tick_texts(ticks, sign=sign)
    return {"range": [low, high], "tickvals": ticks, "ticktext": texts}


def upright(x: float, panel: int, *, dash: str = "solid", color: str = INK, width: float = 1) -> Shape:
    """Return a line from the bottom of a panel to its top."""
    number = number_of(panel)
    line = {"color": color, "width": width, "dash": dash}
    return {"type": "line", "xref": f"x{number}", "yref": f"y{number} domain", "x0": x, "x1": x, "y0": 0, "y1": 1, "line": line}


def level_line(y: float, panel: int, *, dash: str = "solid", color: str = INK) -> Shape:
    """Return a line across a panel."""
    number = number_of(panel)
    line = {"color": color, "width": 1, "dash": dash}
    return {"type": "line", "xref": f"x{number} domain", "yref": f"y{number}", "x0": 0, "x1": 1, "y0": y, "y1": y, "line": line}


def at_top(x: float, panel: int, text: str, *, color: str = INK) -> Annotation:
    """Set a few characters, already safe, at the top edge of a panel."""
    number = number_of(panel)
    place: dict[str, Any] = {"xref": f"x{number}", "yref": f"y{number} domain", "xanchor": "center", "yanchor": "bottom"}
    return lettered(text, x=x, y=1, size=SMALL, color=color, **place)


def band(x: Sequence[float], low: Sequence[float], high: Sequence[float], color: str = RULE) -> Trace:
    """Return the area between two lines."""
    return {
        "type": "scatter", "name": "band", "mode": "lines", "x": [*x, *reversed(x)], "y": [*low, *reversed(high)],
        "fill": "toself", "fillcolor": color, "opacity": 0.5, "line": {"width": 0}, "hoverinfo": "skip",
    }  # fmt: skip


def bars(x: Sequence[float], low: Sequence[float], high: Sequence[float], color: str = NEUTRAL) -> Trace:
    """Return an upright line at each x."""
    return {
        "type": "scatter", "name": "interval", "mode": "lines",
        "x": [value for each in x for value in (each, each, None)],
        "y": [value for pair in zip(low, high, strict=True) for value in (*pair, None)],
        "line": {"color": color, "width": 3}, "opacity": 0.5, "hoverinfo": "skip",
    }  # fmt: skip


def listed_below(page: Sheet, texts: Sequence[str], width: int) -> tuple[list[Annotation], int]:
    """Set lines of text below the panels; return them, and the pixels that they take."""
    made, down = [], page.margin["b"] + 4
    for text in texts:
        place: dict[str, Any] = {"xref": "paper", "yref": "paper", "xanchor": "left", "yanchor": "top", "align": "left"}
        broken = lines(text, width)
        made.append(lettered("<br>".join(map(safe, broken)), x=0, y=0, yshift=-down, size=SMALL, color=MUTED, **place))
        down += LINE * len(broken)
    return made, down - page.margin["b"]
