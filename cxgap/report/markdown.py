"""The text cells of a notebook as HTML of a few plain elements: nothing raw passes, and nothing leads off the page."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any

from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from cxgap.report.wording import shown

Heading = Callable[[int, str], str]


def markdown_html(source: str, heading: Heading) -> str:
    """Write a Markdown cell as HTML.

    Parameters
    ----------
    source : the cell's text
    heading : given the level of a heading and its HTML, returns the element; it decides on levels and ids
    """
    return MarkdownWithMath(renderer=_Plain(heading)).render(source)


class _Plain(IPythonRenderer):
    """Write tags as the text they are, links as their text and address, pictures as their description."""

    def __init__(self, heading: Heading) -> None:
        super().__init__(escape=True, allow_harmful_protocols=False, exclude_anchor_links=True)
        self._heading = heading
        self._section = "Table"

    def text(self, text: str) -> str:
        return _escape(html.unescape(text))

    def escape_html(self, text: str) -> str:
        return _escape(text)

    def inline_html(self, html: str) -> str:
        return _escape(html)

    def block_html(self, html: str) -> str:
        return f"<p>{_escape(html)}</p>\n"

    def codespan(self, text: str) -> str:
        return f"<code>{_escape(text)}</code>"

    def block_code(self, code: str, info: str | None = None) -> str:
        lines = "\n".join(_escape(line) for line in code.splitlines())
        return f"<pre><code>{lines}</code></pre>\n"

    def block_math(self, body: str) -> str:
        return f"<p>$${_escape(body)}$$</p>\n"

    def inline_math(self, body: str) -> str:
        return f"${_escape(body)}$"

    def linebreak(self) -> str:
        return "<br>\n"

    def thematic_break(self) -> str:
        return "<hr>\n"

    def link(self, text: str, url: str, title: str | None = None) -> str:
        return text if _escape(url) == text else f"{text} ({_escape(url)})"

    def image(self, text: str, url: str, title: str | None = None) -> str:
        return f"[picture: {text}]"

    def heading(self, text: str, level: int, **attrs: Any) -> str:
        self._section = text
        return self._heading(level, text)

    def table(self, text: str) -> str:
        return f'<div class="scroll"><table><caption>{self._section}</caption>{text}</table></div>\n'

    def table_head(self, text: str) -> str:
        return f"<thead><tr>{text}</tr></thead>"

    def table_body(self, text: str) -> str:
        return f"<tbody>{text}</tbody>"

    def table_row(self, text: str) -> str:
        return f"<tr>{text}</tr>"

    def table_cell(self, text: str, align: str | None = None, head: bool = False) -> str:
        return f'<th scope="col">{text}</th>' if head else f"<td>{text}</td>"

    def task_list_item(self, text: str, checked: bool = False) -> str:
        return f"<li>{'☑' if checked else '☐'} {text}</li>\n"


def _escape(text: str) -> str:
    return html.escape(shown(text), quote=True)
