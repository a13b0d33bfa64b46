"""Who is compared, sorted, each with its interval and the ranks that it could have; raw means hollow, adjusted ones filled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import pandas as pd

from cxgap.errors import ArgumentError, listed
from cxgap.plot.axes import Axis, Shape, round_ticks, tick_texts
from cxgap.plot.lettering import Annotation, Column, head_pixels, heading, lettered, safe, tallest, text_columns, wrapped
from cxgap.plot.marks import Trace
from cxgap.plot.multiples import Cell, about_table, nothing
from cxgap.plot.theme import BLUE, BODY, INK, MUTED, NEUTRAL, PAPER, SMALL, VERMILION, figure
from cxgap.result import Table
from cxgap.vocabulary import NOT_SHOWN, plain, signed

if TYPE_CHECKING:
    import plotly.graph_objects as go

COLUMNS: Final = ("estimate", "rank", "rank_low", "rank_high")
MOST: Final = 12  # rows that can be read; of more, the ends are drawn
_TWO = 2.0  # standard errors, where a table has no interval
_LABEL, _LINE, _FITS = 26, 19, 43  # characters of a name, pixels of a line, characters across a phone
_PITCH, _FOOT = 40, 34  # pixels of a row, and below the axes
_COLORS: Final = {"worse": VERMILION, "better": BLUE}


class Row(NamedTuple):
    """A row of the picture; numbers are NaN where the table has none."""

    name: str
    estimate: float
    low: float
    high: float
    raw: float
    shrunk: float
    n: float
    ranks: str
    finding: str

    @property
    def color(self) -> str:
        """Colour of a finding: worse, better, or neither."""
        return next((color for word, color in _COLORS.items() if self.finding.startswith(word)), NEUTRAL)


def caterpillar(table: Table, *, rows: slice | None = None) -> go.Figure:
    """Draw estimates from the worst to the best, with their intervals and the ranks that they could have.

    Parameters
    ----------
    table : what `case_mix`, `gap_ranks` or another method returned with `estimate`, `rank`, `rank_low` and `rank_high`, and
        `conf_low` and `conf_high`, or `std_error`; `raw`, `shrunk`, `overall`, `n` and `finding` are drawn where it has them
    rows : the rows to draw, by rank; of more than 12 the worst six and the best six if not given

    Returns
    -------
    A plotly Figure. Rows without a rank are not drawn, and the note counts them. Where nothing was measured, the figure says
    why.

    Raises
    ------
    ArgumentError : the table lacks a column, or `rows` chooses none or more than 12.
    """
    if not isinstance(table, Table):
        raise ArgumentError(f"`table` must be a Table with ranks, such as `cx.case_mix` returns, not {type(table).__name__}.")
    if (empty := nothing(table)) is not None:
        return empty
    if lacking := [name for name in COLUMNS if name not in table.frame]:
        raise ArgumentError(f"The table must have the columns {listed(COLUMNS)}; {table.slug!r} lacks {listed(lacking)}.")
    every = _rows(table)
    drawn, cut = _chosen(every, rows)
    shown = _Shown(table, drawn, len(every), cut)
    return figure(_traces(shown), _wide(shown), _about(shown))


class _Shown(NamedTuple):
    """The rows drawn, of how many that have a rank, and after which of them some are left out (0: none)."""

    table: Table
    rows: list[Row]
    of: int
    cut: int

    @property
    def overall(self) -> float:
        """The mean of all, where the table has one."""
        known = self.table.frame["overall"].dropna() if "overall" in self.table.frame else pd.Series(dtype=float)
        return float(known.iloc[0]) if len(known) else np.nan

    @property
    def signs(self) -> bool:
        """Whether numbers carry a sign, as gaps do."""
        return any(row.estimate < 0 for row in self.rows)

    def text(self, value: float) -> str:
        """Write an estimate."""
        return "" if np.isnan(value) else (signed if self.signs else plain)(value, 2)


def _rows(table: Table) -> list[Row]:
    frame = table.frame[table.frame["rank"].notna()].sort_values("rank", kind="stable")
    names = frame.iloc[:, : table.keys].astype(str).agg(" · ".join, axis=1)
    if "conf_low" in frame:
        low, high = frame["conf_low"].to_numpy(float), frame["conf_high"].to_numpy(float)
    else:
        half = _TWO * frame["std_error"].to_numpy(float) if "std_error" in frame else np.full(len(frame), np.nan)
        low, high = frame["estimate"].to_numpy(float) - half, frame["estimate"].to_numpy(float) + half

    def numbers(name: str) -> np.ndarray:
        return frame[name].to_numpy(float) if name in frame else np.full(len(frame), np.nan)

    findings = frame["finding"].astype(str) if "finding" in frame else pd.Series("", frame.index)
    ends = zip(numbers("rank_low"), numbers("rank_high"), strict=True)
    ranks = [f"{first:.0f}" if first == last else f"{first:.0f} to {last:.0f}" for first, last in ends]
    columns = (names, numbers("estimate"), low, high, numbers("raw"), numbers("shrunk"), numbers("n"), ranks, findings)
    return [Row(*row) for row in zip(*columns, strict=True)]


def _chosen(rows: list[Row], chosen: slice | None) -> tuple[list[Row], int]:
    """Return the rows to draw, and after how many of them there is a cut."""
    if chosen is not None:
        part = rows[chosen] if isinstance(chosen, slice) else []
        if not 1 <= len(part) <= MOST:
            raise ArgumentError(f"`rows` must choose 1 to {MOST} rows, such as slice(0, {MOST}), not {chosen!r}.")
        return part, 0
    if not rows:
        raise ArgumentError("The table has no row with a rank to draw.")
    half = MOST // 2
    return (rows, 0) if len(rows) <= MOST else ([*rows[:half], *rows[-half:]], half)


def _traces(shown: _Shown) -> list[Trace]:
    rows, traces = shown.rows, []
    for color in dict.fromkeys(row.color for row in rows):
        x, y = [], []
        for place, row in enumerate(rows):
            if row.color == color and np.isfinite(row.low):
                x += [row.low, row.high, None]
                y += [place, place, None]
        line = {"color": color, "width": 3}
        traces.append(_trace("interval", x, y, mode="lines", line=line, hoverinfo="skip"))
    hover = [_hover(shown, row) for row in rows]
    places = list(range(len(rows)))
    if any(np.isfinite(row.raw) for row in rows):
        marker = {"size": 13, "color": PAPER, "line": {"color": MUTED, "width": 2}}
        traces.append(_points("as it is", [row.raw for row in rows], places, marker, hover))
    marker = {"size": 9, "color": [row.color for row in rows], "line": {"color": [row.color for row in rows], "width": 1}}
    traces.append(_points("adjusted" if len(traces) > 1 else "estimate", [row.estimate for row in rows], places, marker, hover))
    if any(np.isfinite(row.shrunk) for row in rows):
        marker = {"symbol": "diamond", "size": 9, "color": INK, "line": {"color": PAPER, "width": 1}}
        traces.append(_points("shrunken", [row.shrunk for row in rows], places, marker, hover))
    return traces


def _points(name: str, x: Sequence[float], y: Sequence[int], marker: dict[str, Any], hover: Sequence[str]) -> Trace:
    known = [None if np.isnan(value) else float(value) for value in x]
    return _trace(name, known, list(y), mode="markers", marker=marker, hoverinfo="text", hovertext=list(hover))


def _trace(name: str, x: Sequence[float | None], y: Sequence[float | None], **rest: Any) -> Trace:
    return {"type": "scatter", "name": name, "x": list(x), "y": list(y), "cliponaxis": False, **rest}


def _hover(shown: _Shown, row: Row) -> str:
    raw = f"<br>as it is {shown.text(row.raw)}" if np.isfinite(row.raw) else ""
    pulled = f"<br>shrunken {shown.text(row.shrunk)}" if np.isfinite(row.shrunk) else ""
    span = f" ({shown.text(row.low)} to {shown.text(row.high)})" if np.isfinite(row.low) else ""
    return f"{safe(row.name)}<br>{shown.text(row.estimate)}{span}{raw}{pulled}<br>rank {row.ranks} of {shown.of}"


def _axis(shown: _Shown) -> Axis:
    values = [value for row in shown.rows for value in (row.estimate, row.low, row.high, row.raw)] + [shown.overall]
    known = [value for value in values if np.isfinite(value)]
    low, high = min(known), max(known)
    pad = (high - low) * 0.06 or 0.5
    ticks = round_ticks(low - pad, high + pad, sign=shown.signs)
    return {
        "range": [low - pad, high + pad], "tickvals": ticks, "ticktext": tick_texts(ticks, sign=shown.signs),
    }  # fmt: skip


def _grounds(shown: _Shown) -> list[Shape]:
    """Return the line of the mean of all, and the cut where rows are left out."""
    shapes: list[Shape] = []
    line = {"type": "line", "layer": "below"}
    if np.isfinite(shown.overall):
        ends = {"xref": "x", "yref": "paper", "x0": shown.overall, "x1": shown.overall, "y0": 0, "y1": 1}
        shapes.append({**line, **ends, "line": {"color": INK, "width": 1}})
    if shown.cut:
        ends = {"xref": "paper", "yref": "y", "x0": 0, "x1": 1, "y0": shown.cut - 0.5, "y1": shown.cut - 0.5}
        shapes.append({**line, **ends, "line": {"color": MUTED, "width": 1, "dash": "dot"}})
    return shapes


def _mean_at(shown: _Shown, place: int, half: float) -> Shape:
    """Return the line of the mean of all behind one row's marks, clear of the text between."""
    ends = {"x0": shown.overall, "x1": shown.overall, "y0": place - half, "y1": place + half}
    return {"type": "line", "layer": "below", "xref": "x", "yref": "y", **ends, "line": {"color": INK, "width": 1}}


def _cut_text(shown: _Shown) -> list[Annotation]:
    if not shown.cut:
        return []
    text = f"{shown.of - len(shown.rows)} between are not drawn"
    place = {"xref": "paper", "xanchor": "left", "yanchor": "middle", "bgcolor": PAPER}
    return [lettered(safe(text), x=0, y=shown.cut - 0.5, size=SMALL, color=MUTED, **place)]


def _wide(shown: _Shown) -> dict[str, Any]:
    """Set the names at the left, and the ranks at the right."""
    rows = shown.rows
    pitch = max(_PITCH, _LINE * tallest([row.name for row in rows], _LABEL) + 12)
    columns = [Column(f"ranks it could have, of {shown.of}", [row.ranks for row in rows], [INK] * len(rows))]
    columns.append(
        Column("adjusted" if _adjusted(rows) else "estimate", [shown.text(r.estimate) for r in rows], [INK] * len(rows))
    )
    if any(np.isfinite(row.n) for row in rows):
        counts = ["" if np.isnan(row.n) else f"{row.n:,.0f}" for row in rows]
        columns.append(Column("people", counts, [MUTED] * len(rows), size=13))
    if any(row.finding for row in rows):
        columns.append(Column("finding", [row.finding for row in rows], [_letters(row) for row in rows], size=13, align="left"))
    annotations, right = text_columns(columns)
    mean = "; the line is the mean of all" if np.isfinite(shown.overall) else ""
    annotations.append(heading(f"worst at the top{mean}", x=0, width=50))
    top = head_pixels(annotations)
    return {
        "height": top + pitch * len(rows) + _FOOT,
        "margin": {"l": 8, "r": right + 8, "t": top, "b": _FOOT},
        "xaxis": _axis(shown),
        "yaxis": {
            "range": [len(rows) - 0.5, -0.5],
            "tickvals": list(range(len(rows))),
            "ticktext": [wrapped(row.name, _LABEL) for row in rows],
        },
        "annotations": [*annotations, *_cut_text(shown)],
        "shapes": _grounds(shown),
    }


def _adjusted(rows: Sequence[Row]) -> bool:
    return any(np.isfinite(row.raw) for row in rows)


def _letters(row: Row) -> str:
    return MUTED if row.color == NEUTRAL else row.color


def _narrow(shown: _Shown) -> dict[str, Any]:
    """Set the names, ranks and findings above the marks, which then have the whole width."""
    rows, above, below = shown.rows, 13, 26
    deepest = tallest([row.name for row in rows], _FITS) + 1
    pitch = _LINE * deepest + above + below
    place: dict[str, Any] = {"xref": "paper", "xanchor": "left", "yanchor": "bottom", "yshift": above}
    annotations: list[Annotation] = [heading("worst at the top; ranks that each could have", x=0, width=50)]
    for number, row in enumerate(rows):
        told = "  ".join(filter(None, [f"rank {row.ranks} of {shown.of}", shown.text(row.estimate), row.finding]))
        small = f'<span style="color:{_letters(row)};font-size:{SMALL + 1}px">{safe(told)}</span>'
        annotations.append(lettered(f"{wrapped(row.name, _FITS)}<br>{small}", x=0, y=number, size=BODY, **place))
    top = head_pixels(annotations[:1])
    first, last = -(_LINE * deepest + above + 8) / pitch, len(rows) - 1 + below / pitch
    return {
        "height": top + round((last - first) * pitch) + _FOOT,
        "margin": {"l": 12, "r": 12, "t": top, "b": _FOOT},
        "xaxis": _axis(shown),
        "yaxis": {"range": [last, first], "showticklabels": False, "tickvals": list(range(len(rows)))},
        "annotations": annotations,
        "shapes": [_mean_at(shown, place, 10 / pitch) for place in range(len(rows)) if np.isfinite(shown.overall)],
    }


def _about(shown: _Shown) -> dict[str, Any]:
    table, rows = shown.table, shown.rows
    bars = "Bars: intervals" if "conf_low" in table.frame else "Bars: two standard errors"
    note = [f"{bars}; text: the ranks that each could have, 1 the worst."]
    if _adjusted(rows):
        note.append("Hollow: as it is; filled: adjusted.")
    if any(np.isfinite(row.shrunk) for row in rows):
        note.append("Diamond: shrunken.")
    if shown.cut:
        note.append(f"Drawn are the {shown.cut} worst and the {len(rows) - shown.cut} best of {shown.of}.")
    lacking = len(table.frame) - shown.of
    if lacking:
        note.append(f"{lacking} without a rank {'is' if lacking == 1 else 'are'} {NOT_SHOWN if lacking == 1 else 'not drawn'}.")
    said = "; ".join(f"{row.name}: {shown.text(row.estimate)}, rank {row.ranks} of {shown.of}" for row in rows)
    return about_table(
        table,
        [Cell("", table.frame)],
        [],
        alt=f"{table.title}. From the worst to the best: {said}.",
        finding=f"{table.title}.",
        note=" ".join(note),
        narrow=_narrow(shown),
    )
