"""Hours of the week: how many customers each agent had, how long the doors were open, or who was there of those planned."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from cxgap.errors import ArgumentError
from cxgap.plot.absent import box
from cxgap.plot.axes import Axis, Shape
from cxgap.plot.lettering import Annotation, heading, lettered, wrapped
from cxgap.plot.marks import Trace
from cxgap.plot.multiples import nothing
from cxgap.plot.theme import BAND, BODY, INK, MUTED, PALE_BLUE, PALE_VERMILION, RULE, SMALL, figure
from cxgap.result import Table
from cxgap.vocabulary import NOT_SHOWN, counted, plain

if TYPE_CHECKING:
    import plotly.graph_objects as go

SLUG = "service_metrics"
MEASURES: Final = {
    "load": ("customers for each agent", "more customers for each agent", 1.0),
    "open_hour": ("open, per cent of the minutes", "open less", -1.0),
    "present_hour": ("agents there, per cent of those planned", "fewer of the planned agents there", -1.0),
}
_WIDE_ROW, _NARROW_ROW = 36, 30  # pixels of a cell's height
_HEAD, _FOOT = 24, 10  # pixels of a line above the cells, and below them
_HALF = 0.46  # of a cell
_ROOMY = 14  # hours that have room for numbers of the usual size
Places = Mapping[tuple[str, int], Any]
_NOTE: Final = (
    "Bold on red: clearly worse than all hours together, after allowance for all that were looked at; blue: clearly better; "
    "pale: cannot be told apart; grey with a dash: not shown."
)


def hours(table: Table, *, measure: str = "") -> go.Figure:
    """Draw the map of hours: weekdays down and hours across, or turned on a phone.

    Parameters
    ----------
    table : what `cx.service_metrics` returned for all together, with a table of staffing
    measure : "load", customers for each agent; "open_hour", the share of minutes open; "present_hour", agents there of those
        planned; "" takes the first of which an hour stands out, else the first that is shown for most hours

    Returns
    -------
    A plotly Figure with the number in each cell. Where there is no map, the figure says why.

    Raises
    ------
    ArgumentError : the table is another, or `measure` none of these.
    """
    if not isinstance(table, Table) or table.slug != SLUG:
        raise ArgumentError(f"`table` must be what `cx.service_metrics` returned, not {type(table).__name__}.")
    if measure not in ("", *MEASURES):
        raise ArgumentError(f"`measure` must be one of {[*MEASURES]} or empty, not {measure!r}.")
    if (empty := nothing(table)) is not None:
        return empty
    frame = table.frame[table.frame["measure"].isin(MEASURES)]
    chosen = measure or _chosen(frame.to_dict("records"))
    rows = [row for row in frame.to_dict("records") if row["measure"] == chosen]
    if not any(math.isfinite(row["estimate"]) for row in rows):
        few = any("SUPPRESSED" in row["flags"] for row in rows)
        why = "too few customers an hour" if few else "there is no staffing hour by hour, or the table was cut"
        caption = f"{table.title}: no map of hours"
        return box("Hours of the week", why, gap=SLUG, by=[], caption=caption, said=NOT_SHOWN if few else "not measured")
    name, worse, _ = MEASURES[chosen]
    apart = [row for row in rows if _is_worse(row)]
    finding = (
        f"{_spans(apart)}: {worse} than in all hours together."
        if apart
        else f"No hour is clearly worse than all together ({name})."
    )
    days = list(dict.fromkeys(row["weekday"] for row in rows))
    clock = sorted({int(row["hour"]) for row in rows})
    places = {(row["weekday"], int(row["hour"])): row for row in rows}
    data = [[day, *(_text(places.get((day, hour)), chosen) for hour in clock)] for day in days]
    about: dict[str, Any] = {
        "gap": SLUG, "by": ["weekday", "hour"], "finding": finding,
        "alt": f"Map of {counted(len(rows), 'hour')} of the week, {name}. {finding}",
        "note": _NOTE,
        "table": {"caption": name, "columns": ["weekday", *(f"{hour}:00" for hour in clock)], "rows": data, "heads": 1},
        "narrow": _narrow(places, days, clock, chosen),
    }  # fmt: skip
    return figure(_points(places, days, clock, chosen), _wide(places, days, clock, chosen), about)


def _chosen(rows: Sequence[Mapping[Any, Any]]) -> str:
    """Return the first measure of which an hour is clearly worse, else the first that is told of most hours."""
    told = {name: [row for row in rows if row["measure"] == name and math.isfinite(row["estimate"])] for name in MEASURES}
    for name in MEASURES:
        if any(_is_worse(row) for row in told[name]):
            return name
    most = max((len(each) for each in told.values()), default=0)
    return next((name for name in MEASURES if 2 * len(told[name]) >= most), "load")


def _is_worse(row: Mapping[Any, Any]) -> bool:
    return bool(row["above"] == MEASURES[row["measure"]][2])


def _spans(rows: Sequence[Mapping[Any, Any]]) -> str:
    """Name hours, neighbours together, at most three spans."""
    found: list[tuple[str, int, int]] = []
    for row in rows:
        hour = int(row["hour"])
        if found and found[-1][0] == row["weekday"] and found[-1][2] == hour:
            found[-1] = (found[-1][0], found[-1][1], hour + 1)
        else:
            found.append((str(row["weekday"]), hour, hour + 1))
    texts = [f"{day} {first} to {last}" for day, first, last in found]
    return ", ".join([*texts[:3], *([f"{len(texts) - 3} more"] if len(texts) > 3 else [])])


def _text(row: Mapping[Any, Any] | None, measure: str) -> str:
    """Write the number of a cell."""
    if row is None:
        return ""
    if not math.isfinite(row["estimate"]):
        return "–"
    if measure == "load":
        return plain(row["estimate"], 1 if row["estimate"] < 10 else 0)
    return plain(100 * row["estimate"], 0)


def _points(places: Places, days: Sequence[str], clock: Sequence[int], measure: str) -> list[Trace]:
    """Return a point in each cell of the wide page, which nobody sees, to be hovered over."""
    cells = [(clock.index(hour), days.index(day), row) for (day, hour), row in places.items()]
    return [
        {
            "type": "scatter",
            "name": "hours",
            "mode": "markers",
            "x": [across for across, _, _ in cells],
            "y": [down for _, down, _ in cells],
            "marker": {"size": 20, "opacity": 0},
            "hoverinfo": "text",
            "hovertext": [_hover(row, measure) for _, _, row in cells],
        }
    ]


def _shade(row: Mapping[Any, Any]) -> str:
    """Return the colour of a cell: one only for what can be told."""
    if not math.isfinite(row["estimate"]):
        return RULE
    if _is_worse(row):
        return PALE_VERMILION
    return PALE_BLUE if row["above"] in (1, -1) else BAND


def _hover(row: Mapping[Any, Any] | None, measure: str) -> str:
    if row is None:
        return ""
    name = f"{row['weekday']}, {row['hour']:.0f} to {row['hour'] + 1:.0f}"
    if not math.isfinite(row["estimate"]):
        return f"{name}<br>{NOT_SHOWN}"
    times, digits = (1, 1) if measure == "load" else (100, 0)
    low, high = row["conf_low"], row["conf_high"]
    known = math.isfinite(low) and math.isfinite(high)
    ends = f" ({plain(times * low, digits)} to {plain(times * high, digits)})" if known else ""
    return f"{name}<br>{plain(times * row['estimate'], digits)}{ends} {MEASURES[measure][0]}"


def _cells(
    places: Places, days: Sequence[str], clock: Sequence[int], measure: str, size: int, *, turned: bool
) -> tuple[list[Shape], list[Annotation]]:
    """Return the box of each cell and the number in it, bold where it stands out."""
    shapes, notes = [], []
    for (day, hour), row in places.items():
        x, y = clock.index(hour), days.index(day)
        x, y = (y, x) if turned else (x, y)
        box = {"x0": x - _HALF, "x1": x + _HALF, "y0": y - _HALF, "y1": y + _HALF}
        shapes.append({"type": "rect", **box, "fillcolor": _shade(row), "line": {"width": 0}, "layer": "below"})
        text = _text(row, measure)
        bold = f"<b>{text}</b>" if _is_worse(row) else text
        notes.append(lettered(bold, x=x, y=y, size=size, color=MUTED if text == "–" else INK))
    return shapes, notes


def _axis(names: Sequence[str], *, down: bool) -> Axis:
    count = len(names)
    ends = [count - 0.5, -0.5] if down else [-0.5, count - 0.5]
    side = {} if down else {"side": "top"}
    return {**side, "range": ends, "tickvals": list(range(count)), "ticktext": list(names), "showgrid": False}


def _wide(places: Places, days: Sequence[str], clock: Sequence[int], measure: str) -> dict[str, Any]:
    """Set weekdays down and hours across."""
    size = BODY if len(clock) <= _ROOMY else SMALL
    return _layout(places, days, clock, measure, size, turned=False)


def _narrow(places: Places, days: Sequence[str], clock: Sequence[int], measure: str) -> dict[str, Any]:
    """Turn the map, so that each number has room; the points to be hovered over do not turn."""
    return {**_layout(places, days, clock, measure, BODY, turned=True), "hovermode": False}


def _layout(
    places: Places, days: Sequence[str], clock: Sequence[int], measure: str, size: int, *, turned: bool
) -> dict[str, Any]:
    shapes, notes = _cells(places, days, clock, measure, size, turned=turned)
    short = [day[:3] if len(days) > 2 else wrapped(day, 16) for day in days]
    times = [f"{hour}:00" if turned else str(hour) for hour in clock]
    across, down, pitch = (short, times, _NARROW_ROW) if turned else (times, list(days), _WIDE_ROW)
    head = {**heading(MEASURES[measure][0] + ("" if turned else ", by the hour"), x=0, width=60), "yshift": _HEAD}
    top = 2 * _HEAD + 16 * max(name.count("<br>") for name in across)
    return {
        "height": pitch * len(down) + top + _FOOT,
        "margin": {"l": 8, "r": 8, "t": top, "b": _FOOT},
        "xaxis": _axis(across, down=False),
        "yaxis": _axis(down, down=True),
        "shapes": shapes,
        "annotations": [head, *notes],
    }
