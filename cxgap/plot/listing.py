"""Rows that are named at the left and told at the right, under heads of groups; on a phone both stand above the marks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from cxgap.plot.axes import Axis
from cxgap.plot.lettering import Annotation, Column, head_pixels, heading, lettered, safe, tallest, text_columns, wrapped
from cxgap.plot.theme import BODY, INK, MUTED, SMALL

_LABEL, _LINE, _FITS = 28, 19, 43  # characters of a name, pixels of a line, characters across a phone
_PITCH, _FOOT = 36, 30  # pixels of a row, and below the axes


class Line(NamedTuple):
    """A row: its name, its texts, at most one a column, and their colour. One without texts is the head of those below it."""

    name: str
    texts: tuple[str, ...] = ()
    color: str = INK


def wide(lines: Sequence[Line], heads: Sequence[tuple[str, str]], axis: Axis, axis_head: Sequence[str]) -> dict[str, Any]:
    """Set the names at the left and the texts at the right; `heads` are of their columns, each with its side."""
    columns, right = text_columns(
        [
            Column(
                head,
                [line.texts[place] if place < len(line.texts) else "" for line in lines],
                [line.color if place == 0 else MUTED for line in lines],
                size=BODY if place == 0 else 13,
                align=side,
            )
            for place, (head, side) in enumerate(heads)
        ]
    )
    annotations = [heading(*axis_head, x=0, width=60), *columns]
    names = [wrapped(line.name, _LABEL) if line.texts else f"<b>{wrapped(line.name, _LABEL)}</b>" for line in lines]
    pitch = max(_PITCH, _LINE * tallest([line.name for line in lines], _LABEL) + 10)
    top = head_pixels(annotations)
    return {
        "height": top + pitch * len(lines) + _FOOT,
        "margin": {"l": 8, "r": right + 8, "t": top, "b": _FOOT},
        "xaxis": axis,
        "yaxis": {"range": [len(lines) - 0.5, -0.5], "tickvals": list(range(len(lines))), "ticktext": names},
        "annotations": annotations,
    }


def narrow(lines: Sequence[Line], axis: Axis, axis_head: Sequence[str]) -> dict[str, Any]:
    """Set names and texts above the marks, which then have the whole width."""
    deepest = max(tallest([line.name for line in lines], _FITS), 1) + 1
    above, below = 12, 18
    pitch = _LINE * deepest + above + below
    place: dict[str, Any] = {"xref": "paper", "xanchor": "left", "yanchor": "bottom", "yshift": above}
    annotations: list[Annotation] = [heading(*axis_head, x=0, width=50)]
    for number, line in enumerate(lines):
        if line.texts:
            small = (
                f'<span style="color:{line.color};font-size:{SMALL + 1}px">{safe("  ".join(filter(None, line.texts)))}</span>'
            )
            annotations.append(lettered(f"{wrapped(line.name, _FITS)}<br>{small}", x=0, y=number, size=BODY, **place))
        else:
            annotations.append(
                lettered(f"<b>{wrapped(line.name, _FITS)}</b>", x=0, y=number, size=BODY, **{**place, "yshift": -8})
            )
    top = head_pixels(annotations[:1])
    first, last = -(_LINE * deepest + above + 8) / pitch, len(lines) - 1 + below / pitch
    return {
        "height": top + round((last - first) * pitch) + _FOOT,
        "margin": {"l": 12, "r": 12, "t": top, "b": _FOOT},
        "xaxis": axis,
        "yaxis": {"range": [last, first], "showticklabels": False, "tickvals": list(range(len(lines)))},
        "annotations": annotations,
    }
