"""Start and end of each gap on the question's whole scale, and beside them the gap with its interval."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cxgap.plot.axes import gap_axis, gap_head, level_axis, level_head, margin_band
from cxgap.plot.caption import about, gap_note
from cxgap.plot.lettering import Annotation, head_pixels, heading, lettered, safe, text_columns
from cxgap.plot.marks import Trace, dot, gap_marks, points, ring, spans
from cxgap.plot.phone import phone_rows, row_grounds, row_tracks
from cxgap.plot.rows import Rows
from cxgap.plot.theme import LETTERS, MUTED, SMALL, figure
from cxgap.plot.wide import reasons, row_axis, verdict_columns
from cxgap.vocabulary import GAPS

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from cxgap.result import GapTable

_LEVEL, _GAP = (0.0, 0.42), (0.48, 1.0)  # the two panels, as shares of the width
_PHONE_LEVEL, _PHONE_GAP = (0.0, 0.47), (0.53, 1.0)
_FOOT = 30  # pixels below the axes


def dumbbell(gaps: GapTable, *, rows: slice | None = None) -> go.Figure:
    """Draw where each gap starts and ends, and beside it the gap with its interval, n and verdict.

    The default picture of a gap: the left panel is the question's whole scale, never truncated, so that a gap looks
    as large as it is; the right panel has its own axis, on which intervals can be read. At its best with up to 12
    rows; with two keys and many cells use `heatmap`.

    Parameters
    ----------
    gaps : what a gap function returned
    rows : the rows to draw, such as slice(0, 12); the axes stay those of the whole table

    Returns
    -------
    A plotly Figure. Rows are in the order of the table. A hidden row says why and shows no number.

    Raises
    ------
    ArgumentError : there is no row to draw, or more than 40.
    """
    drawn = Rows.of(gaps, rows)
    return figure(_traces(drawn), _wide(drawn), _about(drawn))


def _traces(rows: Rows) -> list[Trace]:
    """Return the marks of both panels."""
    start, end = GAPS[rows.part.gap][2:]
    names = [safe(label) for label in rows.labels]
    starts = [f"{name}<br>{start} {text}" for name, text in zip(names, rows.texts("start"), strict=True)]
    ends = [f"{name}<br>{end} {text}" for name, text in zip(names, rows.texts("end"), strict=True)]
    return [
        *spans("from start to end", rows, (rows.numbers("start"), rows.numbers("end")), width=5, xaxis="x", opacity=0.35),
        points(start, rows, "start", starts, ring(), "x"),
        points(end, rows, "end", ends, dot(rows, 11), "x"),
        *gap_marks(rows, "x2"),
    ]


def _wide(rows: Rows) -> dict[str, Any]:
    """Lay the panels side by side, names at the left and text columns at the right."""
    yaxis, pixels = row_axis(rows)
    columns, right = text_columns(verdict_columns(rows))
    heads = [heading(*level_head(rows), x=_LEVEL[0]), heading(*gap_head(rows), x=_GAP[0])]
    annotations = [*heads, *columns, *reasons(rows), *_end_names(rows)]
    top = head_pixels(annotations)
    return {
        "height": top + pixels + _FOOT,
        "margin": {"l": 8, "r": right + 8, "t": top, "b": _FOOT},
        "xaxis": {"domain": _LEVEL, **level_axis(rows)},
        "xaxis2": {"domain": _GAP, "anchor": "y", **gap_axis(rows)},
        "yaxis": yaxis,
        "annotations": annotations,
        "shapes": margin_band(rows.part.margin, "x2", yref="paper", y0=0, y1=1),
    }


def _narrow(rows: Rows) -> dict[str, Any]:
    """Set the names and results above the marks, which then have the whole width."""
    start, end = GAPS[rows.part.gap][2:]
    text = phone_rows(rows)
    level, gap = level_axis(rows), gap_axis(rows)
    heads = [heading(f"ring: {start},", f"dot: {end}", x=_PHONE_LEVEL[0]), heading(*gap_head(rows), x=_PHONE_GAP[0])]
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


def _end_names(rows: Rows) -> list[Annotation]:
    """Name the ring above it and the dot below it, where they are farthest apart; if possible in a row with an interval."""
    columns = (rows.numbers(name) for name in ("start", "end", "std_error"))
    apart = [
        (error is not None, abs(end - start), row, start, end)
        for row, (start, end, error) in enumerate(zip(*columns, strict=True))
        if start is not None and end is not None
    ]
    if not apart:
        return []
    *_, row, start, end = max(apart)
    words = GAPS[rows.part.gap]
    low, high = level_axis(rows)["range"]
    annotations = []
    for word, x, color, shift in ((words.start, start, MUTED, 18), (words.end, end, LETTERS[rows.verdicts[row]], -18)):
        share = (x - low) / (high - low)
        side, nudge = ("left", -8) if share < 0.3 else ("right", 8) if share > 0.7 else ("center", 0)
        annotations.append(lettered(word, x=x, y=row, size=SMALL, color=color, xanchor=side, xshift=nudge, yshift=shift))
    return annotations


def _about(rows: Rows) -> dict[str, Any]:
    start, end = GAPS[rows.part.gap][2:]
    axis = "" if rows.part.scale else " The left axis fits the data, because the question has no scale."
    note = f"Ring: {start}; dot: {end}. {gap_note(rows.part)}{axis}"
    return about(rows, shows=f"{start} and {end} in each row, and the gap", note=note, narrow=_narrow(rows))
