"""Each gap with its interval on one axis, and the numbers beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from cxgap.plot.absent import absent_gaps
from cxgap.plot.axes import gap_axis, gap_head, margin_bands
from cxgap.plot.caption import about, gap_note
from cxgap.plot.lettering import Column, head_pixels, heading, text_columns
from cxgap.plot.marks import Trace, gap_marks, spans
from cxgap.plot.phone import phone_rows, row_grounds, row_tracks
from cxgap.plot.rows import Rows
from cxgap.plot.stack import stack_layouts, stack_traces
from cxgap.plot.theme import MUTED, figure
from cxgap.plot.wide import reasons, row_axis, verdict_columns

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from cxgap.result import GapTable

_FOOT = 30  # pixels below the axis


def forest(gaps: GapTable, *, rows: slice | None = None) -> go.Figure:
    """Draw each gap with its interval, and beside it where it starts and ends, n and verdict.

    For comparing gaps when their levels matter less, or when start and end have no common scale: the whole width goes
    to the intervals. The thick part of a line is the middle half of what is compatible with the data. Rows of different
    units stand in panels of their own.

    Parameters
    ----------
    gaps : what a gap function returned
    rows : the rows to draw, such as slice(0, 12); the axis stays that of the whole table

    Returns
    -------
    A plotly Figure. Rows are in the order of the table. A hidden row says why and shows no number. Where nothing was
    measured, the figure says why.

    Raises
    ------
    ArgumentError : there is no row to draw, or `rows` asks for more than 40.
    """
    if gaps.missing:
        return absent_gaps(gaps)
    drawn = Rows.of(gaps, rows)
    traces = stack_traces([_traces(panel) for panel in drawn.panels], 1)
    return figure(traces, stack_layouts([_wide(panel, drawn.panels) for panel in drawn.panels]), _about(drawn))


def middle_half(rows: Rows) -> tuple[list[float | None], list[float | None]]:
    """Return the ends of the 50 % intervals, from Student's t; None in a row without standard error."""
    from scipy.special import stdtrit

    frame = rows.part.frame
    half = stdtrit(frame["df"].to_numpy(float), 0.75) * frame["std_error"].to_numpy(float)
    estimate = frame["estimate"].to_numpy(float)
    low, high = ([float(value) if np.isfinite(value) else None for value in end] for end in (estimate - half, estimate + half))
    return low, high


def _traces(rows: Rows) -> list[Trace]:
    return [*spans("middle half", rows, middle_half(rows), width=7, xaxis="x"), *gap_marks(rows, "x")]


def _wide(rows: Rows, panels: Sequence[Rows]) -> dict[str, Any]:
    """Set the names at the left and the columns of text at the right."""
    yaxis, pixels = row_axis(rows)
    columns, right = text_columns(_columns(rows), alike=[_columns(panel) for panel in panels])
    annotations = [heading(*gap_head(rows), x=0), *columns, *reasons(rows)]
    top = head_pixels(annotations)
    return {
        "height": top + pixels + _FOOT,
        "margin": {"l": 8, "r": right + 8, "t": top, "b": _FOOT},
        "xaxis": gap_axis(rows),
        "yaxis": yaxis,
        "annotations": annotations,
        "shapes": margin_bands(rows, "x"),
    }


def _narrow(rows: Rows) -> dict[str, Any]:
    """Set the names and results above the marks, which then have the whole width."""
    start, end = rows.part.ends
    details = [f"{start} {a}, {end} {b}" for a, b in zip(rows.texts("start"), rows.texts("end"), strict=True)]
    text = phone_rows(rows, details)
    axis = gap_axis(rows)
    heads = [heading(" ".join(gap_head(rows)), x=0, width=44)]
    top = head_pixels(heads)
    return {
        "height": top + text.pixels + _FOOT,
        "margin": {"l": 10, "r": 10, "t": top, "b": _FOOT},
        "xaxis": {**axis, "showgrid": False, "zeroline": False},
        "yaxis": text.yaxis,
        "annotations": [*heads, *text.annotations],
        "shapes": [*row_tracks(rows, "x", axis["range"]), *row_grounds(rows, text.half, "x")],
    }


def _columns(rows: Rows) -> list[Column]:
    """Return the columns of text: where each gap starts and ends, and what every row figure has."""
    start, end = rows.part.ends
    return [Column(f"{start} → {end}", _levels(rows), [MUTED] * len(rows), size=13), *verdict_columns(rows)]


def _levels(rows: Rows) -> list[str]:
    """Write where each gap starts and ends."""
    pairs = zip(rows.texts("start"), rows.texts("end"), strict=True)
    return [f"{start} → {end}" if start and end else "" for start, end in pairs]


def _about(rows: Rows) -> dict[str, Any]:
    start, end = rows.part.ends
    note = f"{gap_note(rows.part)} The thick part of a bar is its 50 % interval."
    narrow = stack_layouts([_narrow(panel) for panel in rows.panels])
    return about(rows, shows=f"the gap in each row, from {start} to {end}", note=note, narrow=narrow)
