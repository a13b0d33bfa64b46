"""The one writer of HTML: every text that came from data, a file name or a parameter passes through `escape`."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Sequence

LONGEST = 200  # characters of one text on display; the data keep the whole

# Control characters become visible symbols; marks that turn or hide text are spelled out, so that nothing on a page
# reads otherwise than it is.
_SYMBOLS = {code: chr(0x2400 + code) for code in range(0x20)} | {0x7F: "\N{SYMBOL FOR DELETE}"}
_SYMBOLS |= dict.fromkeys(map(ord, "\t\n\r"), " ")
_HIDDEN = [*range(0x80, 0xA0), 0xAD, 0x61C, 0x180E, *range(0x200B, 0x2010), *range(0x2028, 0x202F), *range(0x2060, 0x2070)]
_HIDDEN += [0xFEFF, *range(0xFFF9, 0xFFFC)]
_SYMBOLS |= {code: f"[U+{code:04X}]" for code in _HIDDEN}
_SURROGATE = re.compile("[\ud800-\udfff]")


def visible(text: object) -> str:
    """Return `text` with control and direction characters made visible, cut at 200 characters; not yet escaped."""
    shown = str(text)
    if len(shown) > LONGEST:
        shown = shown[: LONGEST - 1] + "…"
    return _SURROGATE.sub(lambda match: f"[U+{ord(match[0]):04X}]", shown.translate(_SYMBOLS))


def escape(text: object) -> str:
    """Return `text` as HTML that shows it and can do nothing else, in an element or in a quoted attribute."""
    return html.escape(visible(text), quote=True)


def prose(text: str, strong: Sequence[str] = ()) -> str:
    """Escape a sentence of our own (of any length), with the given parts of it in bold."""
    shown = html.escape(str(text).translate(_SYMBOLS), quote=True)
    for part in strong:
        bold = html.escape(part.translate(_SYMBOLS), quote=True)
        shown = shown.replace(bold, f"<strong>{bold}</strong>", 1)
    return shown


def script_json(value: object) -> str:
    """Return `value` as JSON that cannot end a script element: < > & and the two line separators are escaped."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for mark in "<>&\u2028\u2029":
        text = text.replace(mark, f"\\u{ord(mark):04x}")
    return _SURROGATE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def table_html(columns: Sequence[str], rows: Sequence[Sequence[str]], caption: str, *, heads: int = 1) -> str:
    """Write a table with a caption, column heads and, in the first `heads` columns of each row, row heads.

    Parameters
    ----------
    columns : the heads, as text
    rows : the cells, as text, one sequence a row
    caption : what the table is
    heads : how many leading cells of a row name it
    """
    head = "".join(f'<th scope="col">{escape(column)}</th>' for column in columns)
    body = "".join(
        "<tr>"
        + "".join(f'<th scope="row">{escape(cell)}</th>' for cell in row[:heads])
        + "".join(f"<td>{escape(cell)}</td>" for cell in row[heads:])
        + "</tr>"
        for row in rows
    )
    return f"<table><caption>{prose(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
