"""The one writer of HTML: every text that came from data, a file name or a parameter passes through `escape`."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Collection, Sequence

LONGEST = 200  # characters of one text on display; the data keep the whole

# Control characters become visible symbols; marks that turn or hide text are spelled out, so that nothing on a page
# reads otherwise than it is.
_SYMBOLS = {code: chr(0x2400 + code) for code in range(0x20)} | {0x7F: "\N{SYMBOL FOR DELETE}"}
_SYMBOLS |= dict.fromkeys(map(ord, "\t\n\r"), " ")
_HIDDEN = [*range(0x80, 0xA0), 0xAD, 0x34F, 0x61C, 0x115F, 0x1160, 0x17B4, 0x17B5, *range(0x180B, 0x1810)]
_HIDDEN += [*range(0x200B, 0x2010), *range(0x2028, 0x202F), *range(0x2060, 0x2070), 0x3164, 0xFEFF, 0xFFA0]
_HIDDEN += [*range(0xFFF9, 0xFFFC), 0xFFFE, 0xFFFF, *range(0x1D173, 0x1D17B), *range(0xE0000, 0xE0080)]
_SYMBOLS |= {code: f"[U+{code:04X}]" for code in _HIDDEN}
_SURROGATE = re.compile("[\ud800-\udfff]")


def visible(text: object) -> str:
    """Return `text` with control and direction characters made visible, cut at 200 characters; not yet escaped."""
    shown = str(text)
    return _visible(shown if len(shown) <= LONGEST else shown[: LONGEST - 1] + "…")


def plain_lines(text: object) -> str:
    """Return the whole of `text` for a terminal: its lines stay, and all else that controls, turns or hides is made visible."""
    return "\n".join(map(_visible, str(text).split("\n")))


def escape(text: object) -> str:
    """Return `text` as HTML that shows it and can do nothing else, in an element or in a quoted attribute."""
    return html.escape(visible(text), quote=True)


def prose(text: str, strong: Sequence[str] = ()) -> str:
    """Escape a sentence of our own (of any length), with the first of each of the given parts of it in bold."""
    text = str(text)
    bold: list[tuple[int, int]] = []
    for part in filter(None, strong):
        start = text.find(part)
        while start >= 0 and any(start < end and first < start + len(part) for first, end in bold):
            start = text.find(part, start + 1)
        bold += [(start, start + len(part))] if start >= 0 else []
    pieces: list[str] = []
    done = 0
    for start, end in sorted(bold):
        pieces += [_plain(text[done:start]), f"<strong>{_plain(text[start:end])}</strong>"]
        done = end
    return "".join([*pieces, _plain(text[done:])])


def script_json(value: object) -> str:
    """Return `value` as JSON in ASCII that cannot end a script element: < > & are written as escapes."""
    text = json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    for mark in "<>&\x7f":
        text = text.replace(mark, f"\\u{ord(mark):04x}")
    return text


def table_html(
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    caption: str,
    *,
    heads: int = 1,
    words: Collection[int] = (),
    long: Collection[int] = (),
) -> str:
    """Write a table with a caption, column heads and, in the first `heads` columns of each row, row heads.

    Parameters
    ----------
    columns : the heads, as text
    rows : the cells, as text, one sequence a row
    caption : what the table is
    heads : how many leading cells of a row name it
    words : places of the columns that hold words rather than numbers
    long : places of those of them that hold sentences
    """
    kinds = [f' class="words{" long" if place in long else ""}"' if place in words else "" for place in range(len(columns))]
    # A column or a row without a name has no head that a screen reader would read out.
    named = zip(kinds, columns, strict=True)
    head = "".join(f'<th scope="col"{kind}>{escape(name)}</th>' if name else f"<td{kind}></td>" for kind, name in named)
    body = "".join(
        "<tr>"
        + "".join(f'<th scope="row">{escape(cell)}</th>' if cell else "<td></td>" for cell in row[:heads])
        + "".join(f"<td{kind}>{escape(cell)}</td>" for kind, cell in zip(kinds[heads:], row[heads:], strict=True))
        + "</tr>"
        for row in rows
    )
    return f"<table><caption>{prose(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _plain(text: str) -> str:
    return html.escape(_visible(text), quote=True)


def _visible(text: str) -> str:
    return _SURROGATE.sub(lambda match: f"[U+{ord(match[0]):04X}]", text.translate(_SYMBOLS))
