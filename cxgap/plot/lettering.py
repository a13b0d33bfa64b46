"""Text in a figure: data made safe to show, long labels wrapped, text columns beside the rows."""

from __future__ import annotations

import html
import textwrap
from collections.abc import Sequence
from typing import Any, NamedTuple

from cxgap import markup
from cxgap.plot.theme import BODY, INK, MUTED, SMALL

Annotation = dict[str, Any]

# Plotly reads some HTML, `%{...}` templates (in annotations too) and, beside MathJax, `$...$`.
_PLOTLY = str.maketrans({"{": "&#123;", "$": "&#36;"})
_DIGIT, _LETTER = 0.65, 0.56  # widths in a wide typeface, as shares of its size
_HEAD = 12  # characters of the head of a column before it goes on in the next line


def safe(text: object) -> str:
    """Return `text` so that plotly shows it and reads nothing into it."""
    return html.escape(markup.visible(text), quote=False).translate(_PLOTLY)


def lines(text: object, width: int) -> list[str]:
    """Break `text` into lines of at most `width` characters, not yet safe: at spaces, and a longer word at hyphens."""
    words = (word if len(word) <= width else "- ".join(_pieces(word, width - 1)) for word in markup.visible(text).split())
    return textwrap.wrap(" ".join(words), width) or [""]


def _pieces(word: str, width: int) -> list[str]:
    """Cut a word into pieces of about equal length, at most `width`."""
    count = -(-len(word) // width)
    return [word[len(word) * k // count : len(word) * (k + 1) // count] for k in range(count)]


def wrapped(text: object, width: int) -> str:
    """Return `text`, safe, in lines of at most `width` characters."""
    return "<br>".join(safe(line) for line in lines(text, width))


def tallest(texts: Sequence[object], width: int) -> int:
    """Return how many lines the longest of `texts` needs."""
    return max(len(lines(text, width)) for text in texts)


def lettered(text: str, *, x: float, y: float, size: int = BODY, color: str = INK, **place: Any) -> Annotation:
    """Return an annotation of text that is already safe; `place` are further settings of it."""
    return {"text": text, "x": x, "y": y, "font": {"size": size, "color": color}, **place}


def heading(*texts: str, x: float, align: str = "left", shift: float = 0, width: int = 22) -> Annotation:
    """Return a small head above the axes, at the share `x` of their width; each text begins a line."""
    place = {"xref": "paper", "yref": "paper", "xanchor": align, "yanchor": "bottom", "align": align}
    text = "<br>".join(wrapped(text, width) for text in texts)
    return lettered(text, x=x, y=1, size=SMALL, color=MUTED, xshift=shift, yshift=4, **place)


def head_pixels(annotations: Sequence[Annotation]) -> int:
    """Return the room that the heads above the axes need."""
    return 14 + 16 * max(head["text"].count("<br>") + 1 for head in annotations if head.get("yref") == "paper")


class Column(NamedTuple):
    """A column of text at the right of the rows: its head, one text a row, their colours, size and side."""

    head: str
    texts: Sequence[str]
    colors: Sequence[str]
    size: int = BODY
    align: str = "right"

    @property
    def pixels(self) -> int:
        """Room for the longest text."""
        share = _DIGIT if self.align == "right" else _LETTER
        head = max(map(len, lines(self.head, _HEAD)))
        return round(max(share * self.size * max(map(len, self.texts), default=0), _LETTER * SMALL * head))


def text_columns(
    columns: Sequence[Column], *, gap: int = 15, alike: Sequence[Sequence[Column]] = ()
) -> tuple[list[Annotation], int]:
    """Set columns of text to the right of the axes; return the annotations and the pixels that they take.

    Parameters
    ----------
    columns : from left to right
    gap : pixels between two of them
    alike : the same columns of other panels; all are as wide as the widest
    """
    annotations, left = [], 0
    for column, *others in zip(columns, *alike, strict=True):
        left += gap
        pixels = max(each.pixels for each in (column, *others))
        shift = left + pixels if column.align == "right" else left
        place = {"xref": "paper", "xanchor": column.align, "xshift": shift}
        annotations.append(heading(column.head, x=1, align=column.align, shift=shift, width=_HEAD))
        annotations += [
            lettered(safe(text), x=1, y=row, size=column.size, color=color, **place)
            for row, (text, color) in enumerate(zip(column.texts, column.colors, strict=True))
            if text
        ]
        left += pixels
    return annotations, left
