"""Money with its interval, grade by grade; what is of several grades stands side by side and is never added."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cxgap.errors import ArgumentError
from cxgap.plot.axes import round_ticks
from cxgap.plot.lettering import Annotation, Column, head_pixels, heading, lettered, safe, tallest, text_columns, wrapped
from cxgap.plot.marks import Reach, Trace, reaches
from cxgap.plot.multiples import MOST_CELLS, Cell, about_table, nothing
from cxgap.plot.theme import BODY, INK, MUTED, NEUTRAL, PAPER, SMALL, VERMILION, figure
from cxgap.result import Table
from cxgap.vocabulary import MINUS, UNPRICED, currency_of, plain, priced

if TYPE_CHECKING:
    import plotly.graph_objects as go

AT_RISK, CLOSING = "value_at_risk", "closing_value"
GOES_WITH: Final = "goes with it"
_GRADES: Final = {
    "A": "Grade A: randomised",
    "B": "Grade B: before and after, beside a comparison",
    "C": "Grade C: adjusted association",
    "D": "Grade D: unadjusted, or a scenario",
    "": "Not heard from: no effect is claimed",
}
_LABEL, _LINE, _FITS = 26, 19, 40
_PITCH, _FOOT = 36, 30
_DRAWN: Final = (AT_RISK, CLOSING)


class Row(NamedTuple):
    """A row: a head of a grade has no value; what nobody asked has no interval and no mark."""

    name: str
    value: float = math.nan
    low: float = math.nan
    high: float = math.nan
    text: str = ""
    sure: bool = False
    head: bool = False


def money(*tables: Table) -> go.Figure:
    """Draw sums of money with their intervals, in a block for each grade of evidence.

    Parameters
    ----------
    tables : what `cx.value_at_risk` and `cx.closing_value` returned

    Returns
    -------
    A plotly Figure. Sums are never added, neither within nor across grades. What customers are worth who did not answer is
    written, not drawn. Where nothing was measured, the figure says why.

    Raises
    ------
    ArgumentError : there is no table, or one is another.
    """
    if not tables or not all(isinstance(table, Table) and table.slug in _DRAWN for table in tables):
        named = ", ".join(type(table).__name__ for table in tables) or "nothing"
        raise ArgumentError(f"`tables` must be what `cx.value_at_risk` or `cx.closing_value` returned, not {named}.")
    known = [table for table in tables if not table.missing]
    if not known:
        return nothing(tables[0])
    rows = _blocks(known)
    table = known[0]
    finding, unit = f"{table.title}.", currency_of(table.frame.iloc[0].to_dict()) or UNPRICED
    said = "; ".join(f"{row.name}: {row.text}" for row in rows if not row.head and row.text)
    about = about_table(
        table,
        [Cell("", table.frame)],
        [],
        alt=f"Sums of money with intervals, by grade of evidence. {said}. {finding}",
        finding=finding,
        note="",
        narrow=_narrow(rows, unit),
    )
    # those of a simulation stand with its table; here the one that every bar rests on
    assumed = [
        note
        for each in known
        if each.slug == AT_RISK and each.frame["finding"].eq(GOES_WITH).any()  # without a link it binds nothing
        for note in each.notes
        if note.startswith("ASSUMPTION") and "causal" in note
    ]
    about["note"] = " ".join(
        [
            "Dot: the middle; bar: its interval. Hollow, grey: whether there is a link we cannot tell. Sums of several grades "
            "are never added, and touchpoints do not add up.",
            *dict.fromkeys(assumed),
        ]
    )
    if len(known) > 1:
        about["table"] = {
            "caption": "; ".join(each.title for each in known),
            "columns": ["what", "sum and interval"],
            "rows": [[row.name, row.text] for row in rows if not row.head],
            "heads": 1,
        }
    return figure(_marks(rows), _wide(rows, unit), about)


def _blocks(tables: Sequence[Table]) -> list[Row]:
    """Return the rows, block by block, the best evidence first."""
    blocks: dict[str, list[Row]] = {}
    for table in tables:
        for row in table.frame.to_dict("records"):
            if (made := _row(row, table.slug)) is not None:
                blocks.setdefault(str(row["grade"]), []).append(made)
    rows: list[Row] = []
    for grade in ("A", "B", "C", "D", ""):
        if grade in blocks:
            rows += [Row(_GRADES[grade], head=True), *blocks[grade][:MOST_CELLS]]
    return rows


def _row(row: dict[Any, Any], slug: str) -> Row | None:
    currency = currency_of(row)
    if slug == AT_RISK:
        if not math.isfinite(row["estimate"]):
            return None
        if row["kind"] != "at risk":
            return Row(str(row["what"]).capitalize(), text=f"{_priced(row['estimate'], currency)}, {row['n']:,.0f} customers")
        ends = row["estimate"], row["conf_low"], row["conf_high"]
        return Row(str(row["what"]).capitalize(), *ends, _text(*ends, currency), row["finding"] == GOES_WITH)
    if row["kind"] != "outcome" or row["unit"] != "currency":
        return None
    ends = row["q50"], row["q05"], row["q95"]
    return Row(f"If closed: {row['what']}", *ends, _text(*ends, currency), row["flags"] != "NO_LINK")


def _text(value: float, low: float, high: float, currency: str) -> str:
    if max(abs(low), abs(high)) >= 999_500:
        middle = priced(f"{plain(value / 1e6, 2)} M", currency)
        return f"{middle} ({plain(low / 1e6, 2)} to {plain(high / 1e6, 2)})"
    return f"{_priced(value, currency)} ({_priced(low)} to {_priced(high)})"


def _priced(value: float, currency: str = "") -> str:
    """Write money with three digits that count."""
    return priced(amount(value), currency)


def amount(value: float) -> str:
    """Write an amount with three digits that count, without its currency."""
    if abs(value) >= 999_500:
        return f"{plain(value / 1e6, 2)} M"
    if value == 0 or not math.isfinite(value):
        return "0"
    digits = 2 - math.floor(math.log10(abs(value)))
    text = f"{abs(round(value, digits)):,.{max(0, min(digits, 2))}f}"
    return (MINUS if value < 0 and float(text.replace(",", "")) else "") + text


def _color(row: Row) -> str:
    return VERMILION if row.sure else NEUTRAL


def _marks(rows: Sequence[Row]) -> list[Trace]:
    known = [
        Reach(place, row.value, row.low, row.high, _color(row), row.sure, f"{safe(row.name)}<br>{safe(row.text)}")
        for place, row in enumerate(rows)
        if math.isfinite(row.value)
    ]
    return reaches("sum", known, width=7, opacity=0.45)


def _axis(rows: Sequence[Row], most: int) -> dict[str, Any]:
    ends = [end for row in rows for end in (row.low, row.high) if math.isfinite(end)]
    low, high = min([*ends, 0.0]), max([*ends, 0.0])
    pad = 0.05 * (high - low or 1)
    ticks = round_ticks(low, high)
    while len(ticks) > most:
        ticks = [tick for tick in ticks if round(tick / (ticks[1] - ticks[0])) % 2 == 0]
    return {"range": [low - pad, high + pad], "tickvals": ticks, "ticktext": [_priced(tick) for tick in ticks]}


def _zero(rows: Sequence[Row]) -> dict[str, Any]:
    line = {"color": MUTED, "width": 1}
    return {"type": "line", "x0": 0, "x1": 0, "y0": -0.5, "y1": len(rows) - 0.5, "line": line, "layer": "below"}


def _wide(rows: Sequence[Row], unit: str) -> dict[str, Any]:
    """Set the names at the left and the sums at the right; grades are heads across."""
    pitch = max(_PITCH, _LINE * tallest([row.name for row in rows if not row.head] or [""], _LABEL) + 12)
    annotations, right = text_columns(
        [Column("sum (interval)", [row.text for row in rows], [INK if row.sure else MUTED for row in rows])]
    )
    annotations.append(heading(unit, x=0, width=38))
    place: dict[str, Any] = {"xref": "paper", "xanchor": "left", "yanchor": "middle", "bgcolor": PAPER}
    annotations += [
        lettered(f"<b>{safe(row.name)}</b>", x=0, y=number, size=13, color=INK, **place)
        for number, row in enumerate(rows)
        if row.head
    ]
    top = head_pixels(annotations)
    return {
        "height": top + pitch * len(rows) + _FOOT,
        "margin": {"l": 8, "r": right + 10, "t": top, "b": _FOOT},
        "xaxis": _axis(rows, 6),
        "yaxis": {
            "range": [len(rows) - 0.5, -0.5],
            "tickvals": list(range(len(rows))),
            "ticktext": ["" if row.head else wrapped(row.name, _LABEL) for row in rows],
        },
        "shapes": [_zero(rows)],
        "annotations": annotations,
    }


def _narrow(rows: Sequence[Row], unit: str) -> dict[str, Any]:
    """Set names and sums above the marks, which then have the whole width."""
    deepest, above, below = tallest([row.name for row in rows], _FITS) + 1, 12, 16
    pitch = _LINE * deepest + above + below
    place: dict[str, Any] = {"xref": "paper", "xanchor": "left", "yanchor": "bottom"}
    annotations: list[Annotation] = [heading(unit, x=0, width=44)]
    for number, row in enumerate(rows):
        if row.head:
            annotations.append(lettered(f"<b>{wrapped(row.name, _FITS)}</b>", x=0, y=number, size=13, yshift=-8, **place))
            continue
        small = f'<span style="color:{MUTED};font-size:{SMALL + 1}px">{safe(row.text)}</span>'
        text = f"{wrapped(row.name, _FITS)}<br>{small}"
        annotations.append(lettered(text, x=0, y=number, size=BODY, yshift=above, **place))
    top = head_pixels(annotations[:1])
    first, last = -(_LINE * 2) / pitch, len(rows) - 1 + below / pitch
    return {
        "height": top + round((last - first) * pitch) + _FOOT,
        "margin": {"l": 14, "r": 18, "t": top, "b": _FOOT},
        "xaxis": {**_axis(rows, 4), "showgrid": False},
        "yaxis": {"range": [last, first], "showticklabels": False, "tickvals": list(range(len(rows)))},
        "shapes": [],
        "annotations": annotations,
    }
