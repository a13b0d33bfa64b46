"""Start and end of each gap on the question's whole scale, and beside them the gap with its interval."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cxgap.plot.absent import absent_gaps
from cxgap.plot.axes import gap_axis, gap_head, level_axis, level_head, margin_bands
from cxgap.plot.caption import about, gap_note
from cxgap.plot.lettering import Annotation, head_pixels, heading, lettered, safe, text_columns
from cxgap.plot.marks import Trace, dot, gap_marks, points, ring, spans
from cxgap.plot.phone import phone_rows, row_grounds, row_tracks
from cxgap.plot.rows import Rows
from cxgap.plot.stack import stack_layouts, stack_traces
from cxgap.plot.theme import LETTERS, MUTED, SMALL, figure
from cxgap.plot.wide import reasons, row_axis, verdict_columns

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from cxgap.result import GapTable

_LEVEL, _GAP = (0.0, 0.42), (0.48, 1.0)  # the two panels, as shares of the width
_PHONE_LEVEL, _PHONE_GAP = (0.0, 0.47), (0.53, 1.0)
_FOOT = 30  # pixels below the axes
BESIDE_MARKS = "beside marks"  # of annotations between two rows, which a page with low rows leaves out
_BESIDE = 12  # characters of the name of an end that has room at its mark


def dumbbell(gaps: GapTable, *, rows: slice | None = None) -> go.Figure:
    """Draw where each gap starts and ends, and beside it the gap with its interval, n and verdict.

    The default picture of a gap: the left panel is the question's whole scale, never truncated, so that a gap looks
    as large as it is; the right panel has its own axis, on which intervals can be read. At its best with up to 12
    rows; with two keys and many cells use `heatmap`. Rows of different units stand in panels of their own.

    Parameters
    ----------
    gaps : what a gap function returned
    rows : the rows to draw, such as slice(0, 12); the axes stay those of the whole table

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
    traces = stack_traces([_traces(panel) for panel in drawn.panels], 2)
    return figure(traces, stack_layouts([_wide(panel, drawn.panels) for panel in drawn.panels]), _about(drawn))


def _traces(rows: Rows) -> list[Trace]:
    """Return the marks of both panels."""
    start, end = rows.part.ends
    names = [safe(label) for label in rows.labels]
    rings = [f"{name}<br>{start} {text}" for name, text in zip(names, rows.texts("start"), strict=True)]
    dots = [f"{name}<br>{end} {text}" for name, text in zip(names, rows.texts("end"), strict=True)]
    return [
        *spans("from start to end", rows, (rows.numbers("start"), rows.numbers("end")), width=5, xaxis="x", opacity=0.35),
        points(start, rows, "start", rings, ring(), "x"),
        points(end, rows, "end", dots, dot(rows, 11), "x"),
        *gap_marks(rows, "x2"),
    ]


def _wide(rows: Rows, panels: Sequence[Rows]) -> dict[str, Any]:
    """Lay the axes side by side, names at the left and text columns at the right."""
    yaxis, pixels = row_axis(rows)
    columns, right = text_columns(verdict_columns(rows), alike=[verdict_columns(panel) for panel in panels])
    heads = [heading(*level_head(rows), *_long_names(rows), x=_LEVEL[0], width=28), heading(*gap_head(rows), x=_GAP[0])]
    annotations = [*heads, *columns, *reasons(rows), *_end_names(rows)]
    top = head_pixels(annotations)
    return {
        "height": top + pixels + _FOOT,
        "margin": {"l": 8, "r": right + 8, "t": top, "b": _FOOT},
        "xaxis": {"domain": _LEVEL, **level_axis(rows)},
        "xaxis2": {"domain": _GAP, "anchor": "y", **gap_axis(rows)},
        "yaxis": yaxis,
        "annotations": annotations,
        "shapes": margin_bands(rows, "x2"),
    }


def _narrow(rows: Rows) -> dict[str, Any]:
    """Set the names and results above the marks, which then have the whole width."""
    start, end = rows.part.ends
    text = phone_rows(rows)
    level, gap = level_axis(rows), gap_axis(rows)
    names = heading(f"ring: {start},", f"dot: {end}", x=_PHONE_LEVEL[0], width=20)
    heads = [names, heading(*gap_head(rows), x=_PHONE_GAP[0])]
    top = head_pixels(heads)
    return {
        "height": top + text.pixels + _FOOT,
        "margin": {"l": 10, "r": 10, "t": top, "b": _FOOT},
        "xaxis": {"domain": _PHONE_LEVEL, **level, "showgrid": False},
        "xaxis2": {"domain": _PHONE_GAP, "anchor": "y", **gap, "showgrid": False, "zeroline": False},
        "yaxis": text.yaxis,
        "annotations": [*heads, *text.annotations],
        "shapes": [
            *row_tracks(rows, "x", rows.whole.scale or level["range"]),
            *row_tracks(rows, "x2", gap["range"]),
            *row_grounds(rows, text.half, "x2"),
        ],
    }


def _long_names(rows: Rows) -> list[str]:
    """Name ring and dot in the head of their axis, where the names are too long to stand at the marks."""
    start, end = rows.part.ends
    return [] if max(len(start), len(end)) <= _BESIDE else [f"ring: {start},", f"dot: {end}"]


def _end_names(rows: Rows) -> list[Annotation]:
    """Name the ring above it and the dot below it, where they are farthest apart; if possible in a row with an interval."""
    columns = (rows.numbers(name) for name in ("start", "end", "std_error"))
    apart = [
        (error is not None, abs(end - start), row, start, end)
        for row, (start, end, error) in enumerate(zip(*columns, strict=True))
        if start is not None and end is not None
    ]
    if not apart or _long_names(rows):
        return []
    *_, row, start, end = max(apart)
    words = rows.part.ends
    low, high = level_axis(rows)["range"]
    annotations = []
    for word, x, color, shift in ((words[0], start, MUTED, 14), (words[1], end, LETTERS[rows.verdicts[row]], -14)):
        share = (x - low) / (high - low)
        side, nudge = ("left", -8) if share < 0.3 else ("right", 8) if share > 0.7 else ("center", 0)
        place = {"xanchor": side, "xshift": nudge, "yshift": shift, "name": BESIDE_MARKS}
        annotations.append(lettered(word, x=x, y=row, size=SMALL, color=color, **place))
    return annotations


def _about(rows: Rows) -> dict[str, Any]:
    start, end = rows.part.ends
    axis = "" if rows.part.scale else " The left axis fits the data, because the question has no scale."
    note = f"Ring: {start}; dot: {end}. {gap_note(rows.part)}{axis}"
    narrow = stack_layouts([_narrow(panel) for panel in rows.panels])
    return about(rows, shows=f"{start} and {end} in each row, and the gap", note=note, narrow=narrow)
