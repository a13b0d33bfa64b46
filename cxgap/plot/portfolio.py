"""Plans under a budget: how often each is in the best set, and what sets of more money would leave."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cxgap.errors import ArgumentError
from cxgap.plot.axes import round_ticks
from cxgap.plot.lettering import Annotation, Column, head_pixels, heading, lettered, safe, tallest, text_columns, wrapped
from cxgap.plot.marks import Trace
from cxgap.plot.money import amount
from cxgap.plot.multiples import Cell, about_table, nothing
from cxgap.plot.theme import BAND, BLUE, BODY, INK, MUTED, NEUTRAL, PAPER, RULE, SMALL, figure
from cxgap.result import Table
from cxgap.vocabulary import currency_of, plain

if TYPE_CHECKING:
    import plotly.graph_objects as go

SLUG: Final = "portfolio"
SHOWN: Final = ("plans", "budget")
_LABEL, _LINE, _FITS, _PITCH, _FOOT, _TALL = 26, 19, 40, 40, 44, 320


class Row(NamedTuple):
    """A plan: how often it is in the best set, what is decided, and whether it is in the chosen set."""

    name: str
    share: float
    text: str
    decision: str
    chosen: bool


def portfolio(table: Table, *, show: str = "plans") -> go.Figure:
    """Draw a choice of plans.

    Parameters
    ----------
    table : what `cx.portfolio` returned
    show : "plans" for the share of draws in whose best set each plan is; "budget" for what the efficient sets leave, by cost

    Returns
    -------
    A plotly Figure. Where nothing was measured, or no plan has a demonstrated link, the figure says why.

    Raises
    ------
    ArgumentError : the table is another, or `show` is neither.
    """
    if not isinstance(table, Table) or table.slug != SLUG:
        raise ArgumentError(f"`table` must be what `cx.portfolio` returned, not {type(table).__name__}.")
    if show not in SHOWN:
        raise ArgumentError.choice("show", show, SHOWN)
    if (empty := nothing(table)) is not None:
        return empty
    if not table.frame["frequency"].notna().any():
        return nothing(Table.not_measured(SLUG, "Which plans to pay for", table.title[:1].lower() + table.title[1:]))
    return _plans(table) if show == "plans" else _budget(table)


def _plans(table: Table) -> go.Figure:
    rows = [
        Row(str(row["what"]), float(row["frequency"]), _share(row["frequency"]), str(row["decision"]), bool(row["chosen"]))
        for row in table.frame[table.frame["kind"] == "plan"].to_dict("records")
    ]
    finding = f"{table.title}."
    said = "; ".join(f"{row.name}: {row.text or 'no demonstrated link'}, {row.decision}" for row in rows)
    about = about_table(
        table,
        [Cell("", table.frame)],
        [],
        alt=f"Share of draws in whose best set each plan is. {said}. {finding}",
        finding=finding,
        note="",
        narrow=_narrow(rows),
    )
    assumed = [note for note in table.notes if note.startswith("ASSUMPTION") and "causal" in note]
    assumed += [note for note in table.notes if "taken to close as much" in note]
    drawn = "Bar: share of draws in whose best set the plan is. Filled: in the chosen set; pale: not."
    about["note"] = " ".join([drawn, *assumed])
    return figure(_bars(rows), _wide(rows), about)


def _share(share: float) -> str:
    if not math.isfinite(share):
        return ""
    return "over 99 %" if 0.995 <= share < 1 else "under 1 %" if 0 < share < 0.005 else f"{plain(100 * share, 0)} %"


def _bars(rows: Sequence[Row]) -> list[Trace]:
    known = [(place, row) for place, row in enumerate(rows) if math.isfinite(row.share)]
    return [
        {
            "type": "bar",
            "orientation": "h",
            "name": "in the best set",
            "x": [100 * row.share for _, row in known],
            "y": [place for place, _ in known],
            "width": 0.45,
            "marker": {
                "color": [BLUE if row.chosen else BAND for _, row in known],
                "line": {"color": [BLUE if row.chosen else NEUTRAL for _, row in known], "width": 1},
            },
            "hoverinfo": "text",
            "hovertext": [f"{safe(row.name)}<br>{row.text}<br>{row.decision}" for _, row in known],
        }
    ]


_AXIS: Final[dict[str, Any]] = {
    "range": [0, 100],
    "tickvals": [0, 25, 50, 75, 100],
    "ticktext": ["0", "25", "50", "75", "100 %"],
}
_HEAD: Final = "in the best set of draws"


def _wide(rows: Sequence[Row]) -> dict[str, Any]:
    pitch = max(_PITCH, _LINE * tallest([row.name for row in rows], _LABEL) + 12)
    colors = [INK if row.chosen else MUTED for row in rows]
    shares = [row.text or "no link" for row in rows]
    annotations, right = text_columns(
        [Column("of draws", shares, colors), Column("decision", [row.decision for row in rows], colors)]
    )
    annotations.append(heading(_HEAD, x=0, width=38))
    top = head_pixels(annotations)
    return {
        "height": top + pitch * len(rows) + _FOOT,
        "margin": {"l": 8, "r": right + 10, "t": top, "b": _FOOT},
        "xaxis": _AXIS,
        "yaxis": {
            "range": [len(rows) - 0.5, -0.5],
            "tickvals": list(range(len(rows))),
            "ticktext": [wrapped(row.name, _LABEL) for row in rows],
        },
        "shapes": [],
        "annotations": annotations,
    }


def _narrow(rows: Sequence[Row]) -> dict[str, Any]:
    """Set names, shares and decisions above the bars, which then have the whole width."""
    deepest, above, below = tallest([row.name for row in rows], _FITS) + 1, 14, 18
    pitch = _LINE * deepest + above + below
    place: dict[str, Any] = {"xref": "paper", "xanchor": "left", "yanchor": "bottom"}
    annotations: list[Annotation] = [heading(_HEAD, x=0, width=44)]
    for number, row in enumerate(rows):
        told = ", ".join(part for part in (row.text or "no link", row.decision) if part)
        small = f'<span style="color:{MUTED};font-size:{SMALL + 1}px">{safe(told)}</span>'
        annotations.append(lettered(f"{wrapped(row.name, _FITS)}<br>{small}", x=0, y=number, size=BODY, yshift=above, **place))
    top = head_pixels(annotations[:1])
    first, last = -(_LINE * 2) / pitch, len(rows) - 1 + below / pitch
    return {
        "height": top + round((last - first) * pitch) + _FOOT,
        "margin": {"l": 14, "r": 22, "t": top, "b": _FOOT},
        "xaxis": {**_AXIS, "showgrid": False},
        "yaxis": {"range": [last, first], "showticklabels": False, "tickvals": list(range(len(rows)))},
        "shapes": [],
        "annotations": annotations,
    }


def _budget(table: Table) -> go.Figure:
    """Draw what each efficient set leaves, by its cost; a step is the next set that leaves more."""
    rows = table.frame[table.frame["kind"] == "efficient set"].to_dict("records")
    budget, currency = float(rows[0]["budget"]), currency_of(rows[0])
    unit = f", {currency}" if currency else ""
    finding = f"{table.title}."
    last = max([row["cost"] for row in rows] + ([budget] if math.isfinite(budget) else []))
    end = last * 1.08 or 1.0
    steps = {"x": [row["cost"] for row in rows] + [end], "line": {"shape": "hv", "color": BLUE, "width": 2}}
    told = "; ".join(f"{row['what']}: {amount(row['mean'])} for {amount(row['cost'])}" for row in rows)
    hover = [f"{safe(row['what'])}<br>costs {amount(row['cost'])}, leaves {amount(row['mean'])}" for row in rows]
    traces: list[Trace] = [
        {"type": "scatter", "mode": "lines", "name": "left after the cost", "y": [row["mean"] for row in [*rows, rows[-1]]],
         "hoverinfo": "skip", **steps},
        {"type": "scatter", "mode": "markers", "name": "set", "x": [row["cost"] for row in rows],
         "y": [row["mean"] for row in rows], "hoverinfo": "text", "hovertext": hover,
         "marker": {"size": 11, "color": [BLUE if row["chosen"] else PAPER for row in rows],
                    "line": {"color": BLUE if any(row["within"] for row in rows) else NEUTRAL, "width": 2}}},
    ]  # fmt: skip
    about = about_table(
        table,
        [Cell("", table.frame)],
        [],
        alt=f"What the efficient sets leave after their cost, by cost. {told}. {finding}",
        finding=finding,
        note="",
        narrow=_curve(rows, unit, budget, end, 3),
    )
    about["note"] = (
        "Each dot is a set that no cheaper one equals; filled: the chosen one; the grey line: the budget. Means of draws."
    )
    return figure(traces, _curve(rows, unit, budget, end, 6), about)


def _curve(rows: Sequence[dict[Any, Any]], unit: str, budget: float, end: float, most: int) -> dict[str, Any]:
    top_value = max(float(row["mean"]) for row in rows) or 1.0
    annotations = [heading(f"mean left after the cost{unit}", x=0, width=44)]
    shapes = []
    if math.isfinite(budget):
        line = {"color": RULE, "width": 2}
        shapes.append({"type": "line", "x0": budget, "x1": budget, "y0": 0, "y1": 1, "yref": "paper", "line": line})
    top = head_pixels(annotations)
    ups, along = round_ticks(0.0, top_value), round_ticks(0.0, end)
    while len(along) > most:
        along = along[::2]
    return {
        "height": top + _TALL + _FOOT,
        "margin": {"l": 60, "r": 18, "t": top, "b": _FOOT + 12},
        "xaxis": {"range": [-0.03 * end, end], "tickvals": along, "ticktext": [amount(tick) for tick in along],
                  "title": {"text": f"mean cost{unit}", "font": {"size": SMALL + 1, "color": MUTED}}},
        "yaxis": {"range": [-0.05 * top_value, 1.08 * top_value], "tickvals": ups, "ticktext": [amount(tick) for tick in ups]},
        "shapes": shapes,
        "annotations": annotations,
    }  # fmt: skip
