"""Where there is room, a row's name stands at the left of its marks and its result in columns of text at the right."""

from __future__ import annotations

from cxgap.plot.axes import Axis
from cxgap.plot.lettering import Annotation, Column, lettered, tallest, wrapped
from cxgap.plot.rows import Rows
from cxgap.plot.theme import INK, LETTERS, MUTED, PAPER

_LABEL = 26  # characters of a row's name before it goes on in the next line
_LINE = 19  # pixels of a line


def row_axis(rows: Rows) -> tuple[Axis, int]:
    """Return the axis of the rows, named at its left, and the pixels that they take."""
    pitch = max(44, _LINE * tallest(rows.labels, _LABEL) + 14)
    top, bottom = -0.6, len(rows) - 0.4
    names = [wrapped(label, _LABEL) for label in rows.labels]
    return {"range": [bottom, top], "tickvals": list(range(len(rows))), "ticktext": names}, round((bottom - top) * pitch)


def reasons(rows: Rows) -> list[Annotation]:
    """Say in its place why a row has no marks."""
    place = {"xref": "paper", "xanchor": "left"}
    return [
        lettered(wrapped(why, 21), x=0, y=row, size=13, color=MUTED, bgcolor=PAPER, **place)
        for row, why in enumerate(rows.reasons)
        if why
    ]


def verdict_columns(rows: Rows) -> list[Column]:
    """Return the columns that stand at the right of every row figure: gap, n, verdict."""
    count = "people" if rows.part.counts == "customer" and rows.part.scale else f"{rows.part.counts}s"
    ink, muted, verdict = [INK] * len(rows), [MUTED] * len(rows), [LETTERS[word] for word in rows.verdicts]
    return [
        Column("gap", rows.gap_texts, ink),
        Column(count, rows.count_texts, muted, size=13),
        Column("verdict", rows.verdict_texts, verdict, align="left"),
    ]
