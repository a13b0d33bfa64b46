"""On a phone a row's name and result stand in lines above its marks, which then have the whole width."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from cxgap.plot.axes import Axis, Shape, margin_band
from cxgap.plot.lettering import Annotation, lettered, safe, tallest, wrapped
from cxgap.plot.rows import Rows, margins
from cxgap.plot.theme import INK, LETTERS, MUTED, RULE, SMALL

_LINE = 19  # pixels of a line of text
_ABOVE = 13  # from the middle of a mark up to the text
_BELOW = 27  # from the middle of a mark down to the next row's text
_HEAD = 8  # from the first row up to the heads of the axes
_HALF = 9  # of a band or a zero line at one row
_FITS = 43  # characters across


class PhoneRows(NamedTuple):
    """The rows as a phone shows them: the lines of text, the axis of the rows and the pixels they take."""

    annotations: list[Annotation]
    yaxis: Axis
    pixels: int
    half: float


def phone_rows(rows: Rows, details: Sequence[str] = ()) -> PhoneRows:
    """Set each row's name, result and detail above its marks, or the reason why it has none in their place.

    The result stands at the right of the name if both fit in one line in every row, else in a line of its own.
    """
    results = list(zip(rows.verdict_texts, rows.gap_texts, rows.count_texts, strict=True))
    named = zip(rows.labels, results, strict=True)
    beside = all(len(f"{name}  {verdict}  {gap}  n {n}") <= _FITS for name, (verdict, gap, n) in named)
    deepest = tallest(rows.labels, _FITS) + (not beside) + bool(details)
    pitch = _LINE * deepest + _ABOVE + _BELOW

    annotations = []
    for row, (name, why, (verdict, gap, n)) in enumerate(zip(rows.labels, rows.reasons, results, strict=True)):
        above = [wrapped(name, _FITS)]
        if why:
            annotations.append(_text(safe(why), row, color=MUTED, yanchor="middle"))
        else:
            color = LETTERS[rows.verdicts[row]]
            result = f'{verdict}  <b>{gap}</b>  <span style="color:{MUTED}">n {n}</span>'
            if beside:
                shift = _ABOVE + _LINE * bool(details)  # in line with the name
                annotations.append(_text(result, row, side=1, color=color, yanchor="bottom", yshift=shift))
            else:
                above.append(f'<span style="color:{color}">{result}</span>')
            if details:
                above.append(f'<span style="color:{MUTED};font-size:{SMALL}px">{safe(details[row])}</span>')
        annotations.append(_text("<br>".join(above), row, yanchor="bottom", yshift=_ABOVE))

    top, bottom = -(_LINE * deepest + _ABOVE + _HEAD) / pitch, len(rows) - 1 + _BELOW / pitch
    yaxis = {"range": [bottom, top], "showticklabels": False, "tickvals": list(range(len(rows)))}
    return PhoneRows(annotations, yaxis, round((bottom - top) * pitch), _HALF / pitch)


def row_grounds(rows: Rows, half: float, axis: str) -> list[Shape]:
    """Return the margin and the line of no gap behind each row's marks, clear of the text between."""
    shapes = []
    for row, (why, margin) in enumerate(zip(rows.reasons, margins(rows.part), strict=True)):
        if not why:
            height = {"yref": "y", "y0": row - half, "y1": row + half}
            line = {"type": "line", "layer": "below", "xref": axis, "x0": 0, "x1": 0, "line": {"color": INK, "width": 1}}
            shapes += [*margin_band(margin, axis, **height), {**line, **height}]
    return shapes


def row_tracks(rows: Rows, axis: str, ends: Sequence[float]) -> list[Shape]:
    """Return a thin line along the axis behind each row's marks."""
    line = {"type": "line", "xref": axis, "yref": "y", "x0": ends[0], "x1": ends[1], "layer": "below"}
    line["line"] = {"color": RULE, "width": 1}
    return [{**line, "y0": row, "y1": row} for row, why in enumerate(rows.reasons) if not why]


def _text(text: str, row: int, *, side: int = 0, **place: Any) -> Annotation:
    """Return a line of text at the left or right edge."""
    return lettered(text, x=side, y=row, xref="paper", xanchor="right" if side else "left", **place)
