"""What shortfalls go with: each touchpoint's slope with its interval, or the predicted outcome over the gap."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cxgap.errors import ArgumentError
from cxgap.plot.axes import round_ticks, tick_texts
from cxgap.plot.lettering import Annotation, Column, head_pixels, heading, lettered, safe, tallest, text_columns, wrapped
from cxgap.plot.marks import Reach, Trace, reaches
from cxgap.plot.multiples import MOST_CELLS, Cell, about_table, nothing
from cxgap.plot.theme import BAND, BLUE, BODY, INK, MUTED, NEUTRAL, RULE, SMALL, VERMILION, figure
from cxgap.result import Table
from cxgap.vocabulary import NOT_SHOWN, currency_of, plain, signed

if TYPE_CHECKING:
    import plotly.graph_objects as go

SLUG, GOES_WITH = "outcome_link", "goes with it"
SHOWN: Final = ("links", "curve")
_LABEL, _LINE, _FITS = 24, 19, 40  # characters of a name, pixels of a line, characters across a phone
_PITCH, _FOOT, _TALL = 40, 44, 320
_UNITS: Final = {"share": "percentage points", "contacts": "contacts", "currency": "currency", "points": "points"}


class Row(NamedTuple):
    """A slope: its name, the effect of a step with its interval, how it is written, people, and whether it is found."""

    name: str
    value: float
    low: float
    high: float
    text: str
    people: str
    sure: bool


def outcome(table: Table, *, show: str = "links") -> go.Figure:
    """Draw what shortfalls go with.

    Parameters
    ----------
    table : what `cx.outcome_link` returned
    show : "links" for the slopes, all together and by touchpoint; "curve" for what is predicted over the gap, with its bend
        where customers get what they expected

    Returns
    -------
    A plotly Figure. Where nothing was measured, or no model could be fitted, the figure says why.

    Raises
    ------
    ArgumentError : the table is another, or `show` is neither.
    """
    if not isinstance(table, Table) or table.slug != SLUG:
        raise ArgumentError(f"`table` must be what `cx.outcome_link` returned, not {type(table).__name__}.")
    if show not in SHOWN:
        raise ArgumentError.choice("show", show, SHOWN)
    if (empty := nothing(table)) is not None:
        return empty
    if not table.frame["effect"].notna().any():
        return nothing(Table.not_measured(SLUG, "What customers did afterwards", _began_small(table.title)))
    return _links(table) if show == "links" else _curve(table)


def _began_small(title: str) -> str:
    return title[:1].lower() + title[1:]


def _links(table: Table) -> go.Figure:
    rows = _rows(table)
    many, rows = len(rows), rows[:MOST_CELLS]
    first = table.frame.iloc[0]
    step = "5 points of 100 more shortfall" if first["step"] == 5 else "a point more shortfall"
    unit = _UNITS[str(first["unit"])]
    if first["unit"] == "currency":
        unit = currency_of(first.to_dict()) or "the unit of the amounts"
    head = f"{unit} of {_outcome(first)} for {step}"
    said = "; ".join(f"{row.name}: {row.text or NOT_SHOWN}" for row in rows)
    finding = f"{table.title}."
    left = f" The first {MOST_CELLS} of {many} are drawn; the table has them all." if many > MOST_CELLS else ""
    about = about_table(
        table,
        [Cell("", table.frame)],
        [],
        alt=f"Slopes with intervals. {said}. {finding}",
        finding=finding,
        note="",
        narrow=_narrow(rows, head),
    )
    about["note"] = (
        "Dot: what a step more goes with; bar: its interval; the line is none at all. Hollow, grey: we cannot tell."
        + left
        + " "
        + table.notes[0]
    )
    return figure(_marks(rows), _wide(rows, head), about)


def _outcome(first: Any) -> str:
    names = {"churn": "customers leaving", "contacts": "each customer", "revenue": "each customer"}
    return names.get(str(first["outcome"]), str(first["outcome"]).replace("_", " "))


def _rows(table: Table) -> list[Row]:
    frame = table.frame
    times, digits = (100.0, 1) if frame["unit"].iloc[0] == "share" else (1.0, 3 if frame["unit"].iloc[0] == "contacts" else 2)
    rows = []
    for row in frame[frame["term"] == "shortfall"].to_dict("records"):
        value, low, high = (times * row[name] for name in ("effect", "effect_low", "effect_high"))
        text = f"{signed(value, digits)} ({signed(low, digits)} to {signed(high, digits)})" if math.isfinite(value) else ""
        if not text:
            text = NOT_SHOWN if row["finding"] == NOT_SHOWN else "too few"
        people = f"{row['n']:,.0f}" if math.isfinite(row["n"]) else ""
        rows.append(Row(str(row["cell"]), value, low, high, text, people, row["finding"] == GOES_WITH))
    return [rows[0], *sorted(rows[1:], key=lambda row: -row.value if math.isfinite(row.value) else math.inf)]


def _color(row: Row) -> str:
    if not row.sure:
        return NEUTRAL
    return VERMILION if row.value > 0 else BLUE


def _marks(rows: Sequence[Row]) -> list[Trace]:
    known = [
        Reach(
            place,
            row.value,
            row.low,
            row.high,
            _color(row),
            row.sure,
            f"{safe(row.name)}<br>{safe(row.text)}<br>{row.people} people",
        )
        for place, row in enumerate(rows)
        if math.isfinite(row.value)
    ]
    return reaches("effect", known, width=3)


def _axis(rows: Sequence[Row]) -> dict[str, Any]:
    ends = [end for row in rows for end in (row.low, row.high) if math.isfinite(end)]
    low, high = min([*ends, 0.0]), max([*ends, 0.0])
    pad = 0.06 * (high - low or 1)
    ticks = round_ticks(low, high)
    return {"range": [low - pad, high + pad], "tickvals": ticks, "ticktext": tick_texts(ticks)}


def _zero(rows: Sequence[Row]) -> list[dict[str, Any]]:
    return [
        {
            "type": "line",
            "x0": 0,
            "x1": 0,
            "y0": -0.5,
            "y1": len(rows) - 0.5,
            "line": {"color": MUTED, "width": 1},
            "layer": "below",
        }
    ]


def _wide(rows: Sequence[Row], head: str) -> dict[str, Any]:
    """Set the names at the left and the numbers at the right."""
    pitch = max(_PITCH, _LINE * tallest([row.name for row in rows], _LABEL) + 12)
    columns = [
        Column("with interval", [row.text for row in rows], [INK if row.sure else MUTED for row in rows]),
        Column("people", [row.people for row in rows], [MUTED] * len(rows)),
    ]
    annotations, right = text_columns(columns)
    annotations.append(heading(head, x=0, width=38))
    top = head_pixels(annotations)
    return {
        "height": top + pitch * len(rows) + 30,
        "margin": {"l": 8, "r": right + 10, "t": top, "b": 30},
        "xaxis": _axis(rows),
        "yaxis": {
            "range": [len(rows) - 0.5, -0.5],
            "tickvals": list(range(len(rows))),
            "ticktext": [wrapped(row.name, _LABEL) for row in rows],
        },
        "shapes": _zero(rows),
        "annotations": annotations,
    }


def _narrow(rows: Sequence[Row], head: str) -> dict[str, Any]:
    """Set names and numbers above the marks, which then have the whole width."""
    deepest, above, below = tallest([row.name for row in rows], _FITS) + 1, 12, 18
    pitch = _LINE * deepest + above + below
    place: dict[str, Any] = {"xref": "paper", "xanchor": "left", "yanchor": "bottom", "yshift": above}
    annotations: list[Annotation] = [heading(head, x=0, width=44)]
    for number, row in enumerate(rows):
        detail = f"{row.text}{f', {row.people} people' if row.people else ''}"
        small = f'<span style="color:{MUTED};font-size:{SMALL + 1}px">{safe(detail)}</span>'
        annotations.append(lettered(f"{wrapped(row.name, _FITS)}<br>{small}", x=0, y=number, size=BODY, **place))
    top = head_pixels(annotations[:1])
    first, last = -(_LINE * deepest + above + 8) / pitch, len(rows) - 1 + below / pitch
    return {
        "height": top + round((last - first) * pitch) + 30,
        "margin": {"l": 14, "r": 14, "t": top, "b": 30},
        "xaxis": {**_axis(rows), "showgrid": False},
        "yaxis": {"range": [last, first], "showticklabels": False, "tickvals": list(range(len(rows)))},
        "shapes": [],
        "annotations": annotations,
    }


def _curve(table: Table) -> go.Figure:
    """Draw what is predicted if all had one gap."""
    frame = table.frame[table.frame["term"] == "predicted"]
    share = frame["unit"].iloc[0] == "share"
    times = 100.0 if share else 1.0
    gap = [float(each) for each in frame["gap"]]
    value, low, high = (
        [times * float(each) for each in frame[name]] for name in ("predicted", "predicted_low", "predicted_high")
    )
    sign = " %" if share else ""
    digits = 0 if share else 2
    first = table.frame.iloc[0]
    time = f" within {first['horizon']:g} days" if math.isfinite(first["horizon"]) else ""
    what = {"churn": "customers leaving", "contacts": "contacts of a customer", "revenue": "spent by a customer"}.get(
        str(first["outcome"]), str(first["outcome"]).replace("_", " ")
    )
    head = f"predicted {what}{time}"
    words = []
    for x, y, a, b in zip(gap, value, low, high, strict=True):
        ends = f"{plain(a, digits)} to {plain(b, digits)}{sign}"
        words.append(f"gap {signed(x, 0 if x.is_integer() else 2)}: {plain(y, digits)}{sign} ({ends})")
    traces: list[Trace] = [
        {
            "type": "scatter",
            "name": "band",
            "mode": "lines",
            "x": [*gap, *reversed(gap)],
            "y": [*low, *reversed(high)],
            "fill": "toself",
            "fillcolor": BLUE,
            "opacity": 0.15,
            "line": {"width": 0},
            "hoverinfo": "skip",
        },
        {
            "type": "scatter",
            "name": "predicted",
            "mode": "lines+markers",
            "x": gap,
            "y": value,
            "line": {"color": BLUE, "width": 2.5},
            "marker": {"size": 7, "color": BLUE},
            "hoverinfo": "text",
            "hovertext": [safe(each) for each in words],
            "cliponaxis": False,
        },
    ]
    about = about_table(
        table,
        [Cell("", table.frame)],
        [],
        alt=f"{head.capitalize()} over the gap. {'; '.join(words)}. {table.title}.",
        finding=_bent(head, gap, words, first) or f"{table.title}.",
        note="",
        narrow=_plane(gap, value, low, high, head, sign, first, narrow=True),
    )
    shown = table.frame["finding"].eq(GOES_WITH).any()
    about["note"] = (
        f"{'' if shown else 'That it slopes at all is not shown: whether there is a link we cannot tell. '}"
        "Line: what the model predicts if all customers had that gap and nothing else differed; band: its interval. The line "
        f"may bend where customers get what they expected. {table.notes[0]}"
    )
    return figure(traces, _plane(gap, value, low, high, head, sign, first, narrow=False), about)


def _bent(head: str, gap: Sequence[float], words: Sequence[str], first: Any) -> str:
    """Say what is predicted where customers get what they expected, and where they get much less."""
    short = [place for place, each in enumerate(gap) if each < 0]
    if not short or 0.0 not in gap:
        return ""
    far = short[0] if len(short) < 3 else short[len(short) // 2 - 1]
    size = f"{plain(-gap[far], 0 if gap[far].is_integer() else 2)} points{' of 100' if first['step'] == 5 else ''}"
    as_expected, less = (words[place].split(": ", 1)[1] for place in (gap.index(0.0), far))
    return f"{head.capitalize()}: {as_expected} where they get what they expected, {less} where they get {size} less."


def _plane(
    gap: Sequence[float],
    value: Sequence[float],
    low: Sequence[float],
    high: Sequence[float],
    head: str,
    sign: str,
    first: Any,
    *,
    narrow: bool,
) -> dict[str, Any]:
    """Lay out the axes of the curve: from nothing, so that heights can be compared."""
    top_value = max(high)
    under = min(0.0, min(low))
    ticks, xticks = round_ticks(under, top_value), round_ticks(min(gap), max(gap))
    if narrow:
        xticks = xticks[:: 1 if len(xticks) < 6 else 2]
    texts = [f"{text}{sign}" for text in tick_texts(ticks)]
    ends: dict[str, Any] = {"xref": "paper", "yref": "paper", "yanchor": "top", "yshift": -20, "size": SMALL, "color": MUTED}
    unit = "points of 100" if first["step"] == 5 else "points"
    annotations = [
        {**heading(head, x=0, width=40 if narrow else 60), "yshift": 8},
        lettered(f"gap, {unit}: less than expected ←", x=0, y=0, xanchor="left", **ends),
        lettered("→ more", x=1, y=0, xanchor="right", **ends),
        lettered("as expected", x=0, y=1, yref="paper", yanchor="top", xanchor="left", xshift=5, size=SMALL, color=MUTED),
    ]
    stroke = {"color": RULE, "width": 2, "dash": "dot"}
    zero = {"type": "line", "x0": 0, "x1": 0, "y0": 0, "y1": 1, "yref": "paper", "line": stroke}
    pad = 0.02 * (max(gap) - min(gap))
    return {
        "height": _TALL + 40 + _FOOT,
        "margin": {"l": 8, "r": 16, "t": 40, "b": _FOOT},
        "xaxis": {
            "range": [min(gap) - pad, max(gap) + pad],
            "tickvals": xticks,
            "ticktext": tick_texts(xticks),
            "showgrid": False,
        },
        "yaxis": {
            "range": [under, top_value * 1.05],
            "tickvals": ticks,
            "ticktext": texts,
            "showgrid": True,
            "gridcolor": BAND,
            "tickfont": {"size": SMALL, "color": MUTED},
        },
        "shapes": [{**zero, "layer": "below"}],
        "annotations": annotations,
    }
