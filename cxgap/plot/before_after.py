"""Before and after: levels of the treated and of the comparison by period, above how far apart they are than before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from cxgap.errors import ArgumentError
from cxgap.plot.axes import round_ticks, tick_texts
from cxgap.plot.lettering import heading, lettered, safe
from cxgap.plot.marks import Trace
from cxgap.plot.multiples import Cell, about_table, brief, nothing
from cxgap.plot.theme import BAND, BLUE, INK, MUTED, SMALL, VERMILION, figure
from cxgap.plot.timeline import short
from cxgap.result import Table
from cxgap.vocabulary import plain, signed

if TYPE_CHECKING:
    import plotly.graph_objects as go

SLUG = "before_after"
MOST_PERIODS: Final = 24
_TOP, _GAP, _LOW, _FOOT, _HEAD = 220, 66, 150, 54, 40  # pixels: levels, between, leads, below, above
_LOOK: Final = {"treated": (VERMILION, "circle", "solid"), "comparison": (BLUE, "diamond-open", "dash")}


def before_after(table: Table, *, measure: str = "", cell: str = "") -> go.Figure:
    """Draw the levels of both groups by period, and how much further apart they are than in the last period before.

    Parameters
    ----------
    table : what `before_after` returned
    measure : which one, such as "perception"; the first if left out
    cell : values of `by`, joined by " · ", as in the table; the first if left out

    Returns
    -------
    A plotly Figure: above, means with intervals, the treated filled and the comparison open; below, the event study, where
    the last period before is 0. Where nothing was measured, or nothing may be shown, the figure says why.

    Raises
    ------
    ArgumentError : the table is another, or has no such measure or cell.
    """
    if not isinstance(table, Table) or table.slug != SLUG:
        raise ArgumentError(f"`table` must be what `cx.before_after` returned, not {type(table).__name__}.")
    if (empty := nothing(table)) is not None:
        return empty
    frame, name = _chosen(table, measure, cell)
    levels = frame[(frame["part"] == "level") & frame["estimate"].notna()]
    apart = frame[(frame["part"] == "lead") & frame["estimate"].notna()]
    periods = list(dict.fromkeys(frame.loc[frame["part"] == "level", "period"]))[-MOST_PERIODS:]
    levels, apart = levels[levels["period"].isin(periods)], apart[apart["period"].isin(periods)]
    unit = str(frame["unit"].iloc[0])
    what = str(frame["measure"].iloc[0])
    finding = _finding(frame, what, unit)
    note = "Points: means of a period; lines through them: intervals; dotted: from there on something was done."
    if len(apart):
        note += " Below: how much further apart than in the last period before, which is 0."
    hidden = int((frame["part"].isin(["level"]) & frame["estimate"].isna()).sum())
    note += f" Not shown, too few: {hidden} of the points." if hidden else ""
    data = frame[frame["part"].isin(["change", "difference", "cohort", "level", "lead"])]
    about = about_table(
        brief(table, 2), [Cell(name, data)], [], alt=f"{table.title}: levels of {what} by period. {finding}", finding=finding,
        note=note.replace("{", "("), narrow=_layout(levels, apart, periods, unit, narrow=True),
    )  # fmt: skip
    traces = [*_levels(levels, periods, unit), *_apart(apart, periods, unit)]
    return figure(traces, _layout(levels, apart, periods, unit, narrow=False), about)


def _chosen(table: Table, measure: str, cell: str) -> tuple[pd.DataFrame, str]:
    """Return the rows of one measure and cell."""
    frame = table.frame
    keys = list(frame.columns[: list(frame.columns).index("measure")])
    names = frame[keys].astype(str).agg(" · ".join, axis=1) if keys else pd.Series("", frame.index)
    cells, measures = list(dict.fromkeys(names)), list(dict.fromkeys(frame["measure"]))
    told = list(dict.fromkeys(names[frame["estimate"].notna()])) or cells
    chosen, of = cell or told[0], measure or measures[0]
    if chosen not in cells:
        raise ArgumentError(f"`cell` must be one of {cells[:20]}, not {cell!r}.")
    if of not in measures:
        raise ArgumentError(f"`measure` must be one of {measures}, not {measure!r}.")
    return frame[(names == chosen) & (frame["measure"] == of)].reset_index(drop=True), chosen


def _scaled(value: float, unit: str) -> float:
    return 100 * value if unit == "share" else value


def _bars(part: pd.DataFrame, unit: str) -> dict[str, Any]:
    """Return the lengths of intervals on both sides."""
    high = [_scaled(a - b, unit) for a, b in zip(part["conf_high"], part["estimate"], strict=True)]
    low = [_scaled(a - b, unit) for a, b in zip(part["estimate"], part["conf_low"], strict=True)]
    finite = [[0.0 if not np.isfinite(each) else float(each) for each in side] for side in (high, low)]
    return {"type": "data", "symmetric": False, "array": finite[0], "arrayminus": finite[1], "thickness": 1.5, "width": 0}


def _words(row: Any, unit: str, group: str) -> str:
    write = (lambda value: f"{plain(100 * value, 0)} %") if unit == "share" else (lambda value: plain(value, 2))
    ends = f" ({write(row.conf_low)} to {write(row.conf_high)})" if np.isfinite(row.conf_low) else ""
    people = f", {row.n:,.0f} people" if np.isfinite(row.n) else ""
    return f"{safe(group)}, {safe(short(str(row.period)))}: {write(row.estimate)}{ends}{people}"


def _levels(levels: pd.DataFrame, periods: list[str], unit: str) -> list[Trace]:
    traces: list[Trace] = []
    for shift, (group, (color, symbol, dash)) in zip((-0.08, 0.08), _LOOK.items(), strict=True):
        part = levels[levels["group"] == group]
        if part.empty:
            continue
        traces.append(
            {
                "type": "scatter", "name": group, "mode": "lines+markers",
                "x": [periods.index(period) + shift for period in part["period"]],
                "y": [_scaled(value, unit) for value in part["estimate"]],
                "error_y": {**_bars(part, unit), "color": color},
                "line": {"color": color, "width": 2, "dash": dash},
                "marker": {"color": color, "size": 9, "symbol": symbol, "line": {"width": 2, "color": color}},
                "hoverinfo": "text", "hovertext": [_words(row, unit, group) for row in part.itertuples()],
                "cliponaxis": False,
            }
        )  # fmt: skip
    return traces


def _apart(apart: pd.DataFrame, periods: list[str], unit: str) -> list[Trace]:
    if apart.empty:
        return []
    return [
        {
            "type": "scatter", "name": "further apart", "mode": "markers", "xaxis": "x2", "yaxis": "y2",
            "x": [periods.index(period) for period in apart["period"]],
            "y": [_scaled(value, unit) for value in apart["estimate"]],
            "error_y": {**_bars(apart, unit), "color": INK},
            "marker": {"color": INK, "size": 8, "symbol": "square"},
            "hoverinfo": "text", "hovertext": [_words(row, unit, "further apart") for row in apart.itertuples()],
            "cliponaxis": False,
        }
    ]  # fmt: skip


def _reach(part: pd.DataFrame, unit: str, *, zero: bool = False) -> tuple[float, float]:
    """Return the range of an axis that holds the intervals."""
    ends = part[["conf_low", "conf_high", "estimate"]].to_numpy(float)
    ends = ends[np.isfinite(ends)]
    ends = np.append(ends, 0.0) if zero or not len(ends) else ends
    low, high = float(ends.min()), float(ends.max())
    room = 0.06 * (high - low or 1.0)
    return _scaled(low - room, unit), _scaled(high + room, unit)


def _layout(levels: pd.DataFrame, apart: pd.DataFrame, periods: list[str], unit: str, *, narrow: bool) -> dict[str, Any]:
    """Lay both axes out one above the other, with the groups named at their ends, or above on a phone."""
    two = len(apart) > 0
    axes = _TOP + (_GAP + _LOW if two else 0)
    height = axes + _FOOT + _HEAD
    every = 1 if len(periods) <= (4 if narrow else 8) else int(np.ceil(len(periods) / (4 if narrow else 8)))
    shown = list(range(0, len(periods), every))
    names = [safe(short(periods[place])) for place in shown]
    across = {"range": [-0.5, len(periods) - 0.5], "tickvals": shown, "ticktext": names,
              "showgrid": False, "zeroline": False, "tickfont": {"size": SMALL, "color": MUTED}, "tickangle": 0}  # fmt: skip
    split = 1 - _TOP / axes
    word = {"scale points": "points", "share": "per cent"}.get(unit, unit)
    notes = [{**heading(word, x=0, width=40), "yshift": 6}]
    low, high = _reach(levels, unit)
    ticks = round_ticks(low, high)
    upper = {"domain": [split, 1], "range": [low, high], "tickvals": ticks, "ticktext": tick_texts(ticks), "showgrid": True,
             "gridcolor": BAND, "zeroline": False, "tickfont": {"size": SMALL, "color": MUTED}}  # fmt: skip
    layout: dict[str, Any] = {
        "height": height, "showlegend": False, "margin": {"l": 44, "r": 20 if narrow else 112, "t": _HEAD, "b": _FOOT},
        "xaxis": {**across, "anchor": "y"}, "yaxis": upper,
    }  # fmt: skip
    if two:
        least, most = _reach(apart, unit, zero=True)
        lower = round_ticks(least, most)
        layout["xaxis"]["showticklabels"] = False
        layout["xaxis2"] = {**across, "anchor": "y2"}
        layout["yaxis2"] = {**upper, "domain": [0, _LOW / axes], "range": [least, most], "tickvals": lower,
                            "ticktext": tick_texts(lower), "zeroline": True, "zerolinecolor": INK}  # fmt: skip
        head = "further apart than just before" if narrow else "treated less comparison, against the last period before"
        notes.append({**heading(head, x=0, width=60), "y": _LOW / axes, "yref": "paper", "yshift": 6})
    for group, (color, _, _) in _LOOK.items():
        part = levels[levels["group"] == group]
        if part.empty:
            continue
        sign = "●" if group == "treated" else "◇"
        if narrow:
            notes.append(
                lettered(f"<b>{sign} {group}</b>", x=0.34 if group == "treated" else 1, y=1, xref="paper", yref="paper",
                         xanchor="left" if group == "treated" else "right", yanchor="bottom", yshift=6, size=13, color=color)
            )  # fmt: skip
        else:
            notes.append(
                lettered(f"<b>{sign} {group}</b>", x=1, y=_name_height(levels, group, unit), xref="paper", yref="y",
                         xanchor="left", yanchor="middle", xshift=4, size=13, color=color)
            )  # fmt: skip
    after = set(levels.loc[levels["side"] == "after", "period"])
    begun = next((place for place, period in enumerate(periods) if period in after), 0) - 0.5
    if begun > 0:
        line = {"color": MUTED, "width": 1.5, "dash": "dot"}
        layout["shapes"] = [
            {"type": "line", "x0": begun, "x1": begun, "xref": "x", "y0": 0, "y1": 1, "yref": "paper", "line": line}
        ]
    return {**layout, "annotations": notes}


def _name_height(levels: pd.DataFrame, group: str, unit: str) -> float:
    """Return where the name of a group stands: beside its last point, clear of the other name."""
    last = {each: float(part["estimate"].iloc[-1]) for each, part in levels.groupby("group")}
    low, high = _reach(levels, unit)
    apart = (high - low) * 0.1
    mine = _scaled(last[group], unit)
    others = [_scaled(value, unit) for each, value in last.items() if each != group]
    if others and abs(mine - others[0]) < apart:
        middle = (mine + others[0]) / 2
        upper = mine > others[0] or (mine == others[0] and group == "treated")
        return middle + (apart / 2 if upper else -apart / 2)
    return mine


def _finding(frame: pd.DataFrame, what: str, unit: str) -> str:
    """Say how far the treated changed beyond the comparison."""
    compared = frame[frame["part"] == "difference"]
    row = (compared if len(compared) else frame[frame["part"] == "change"]).iloc[0]
    if not np.isfinite(row["estimate"]):
        return "Too few people to show."
    scale, digits = (100, 1) if unit == "share" else (1, 2)
    ends = [signed(scale * end, digits) if np.isfinite(end) else "no end" for end in (row["conf_low"], row["conf_high"])]
    beyond = " beyond the comparison" if len(compared) else ""
    sure = "; whether it changed cannot be told" if row["finding"] == "cannot tell" else ""
    word = "percentage points" if unit == "share" else unit
    size = signed(scale * row["estimate"], digits)
    return f"{what.capitalize()} changed by {size} {word}{beyond} ({ends[0]} to {ends[1]}){sure}; grade {row['grade']}."
