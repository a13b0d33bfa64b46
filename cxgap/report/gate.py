"""The last look at a finished page: it may hold these few elements, run these scripts, lead nowhere, and nothing else.

The page is parsed strictly: whatever a browser might read otherwise than this parser does is a problem by itself.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from html import unescape
from html.parser import HTMLParser
from typing import Final

from cxgap.report.figures import FIGURES
from cxgap.report.script import ASSETS, PACKED_TYPE, policy, source_hash, unpacked

SHARED_BUDGET: Final = 300_000  # bytes of a page beside the shared script
ANALYST_BUDGET: Final = 600_000  # the same of a page of everything, for studies of several times the sample's size
EMBED_BUDGET: Final = 2_500_000  # bytes of a page that carries plotly.js

_ELEMENTS: Final = frozenset(
    "html head meta title style body header main footer nav section h1 h2 h3 h4 h5 h6 p ul ol li dl dt dd a strong em code pre"
    " blockquote del br hr table caption thead tbody tr th td figure figcaption div details summary script img".split()
)
_VOID: Final = frozenset({"meta", "br", "hr", "img"})
_ATTRIBUTES: Final = frozenset(
    "aria-describedby aria-label aria-labelledby alt charset class content data-facts data-gaps href http-equiv id"
    " lang name role scope src start style tabindex type".split()
)
_START: Final = re.compile(r'<[a-z][a-z0-9]*( [a-z-]+="[^"<>]*")*>')
_ENTITIES: Final = frozenset({"amp", "lt", "gt", "quot", "#x27"})
_HIDDEN: Final = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U0001d173-\U0001d17a\U000e0000-\U000e007f]"
)
_RELATIVE: Final = re.compile(r"[A-Za-z0-9%_~-][A-Za-z0-9%._~-]*(/[A-Za-z0-9%_~-][A-Za-z0-9%._~-]*)*")
_SHARED: Final = re.compile(rf"\.\./{ASSETS}/plotly-[0-9a-f]{{16}}\.min\.js")
_PICTURE: Final = re.compile(r"data:image/png;base64,[A-Za-z0-9+/]+=*")
_STYLE: Final = re.compile(r"url\(|@import|position\s*:\s*fixed|expression|\\", re.IGNORECASE)
_HEIGHT: Final = re.compile(r"min-height:[0-9]+px")
_HEADINGS: Final = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_END: Final = "</body>\n</html>\n"


def problems(page: str, *, figures: int = 0, tables: int = 0, facts: int = 0, budget: int = SHARED_BUDGET) -> list[str]:
    """Return what is wrong with a page, each once; an empty list lets it pass.

    Parameters
    ----------
    page : the whole page
    figures : how many figures it must draw
    tables : how many gap tables it must hold
    facts : how many other tables of ours
    budget : most bytes
    """
    reader = _Reader()
    reader.feed(page)
    reader.close()
    found = reader.problems + reader.unresolved() + reader.scripts()
    size = len(page.encode("utf-8", "surrogatepass"))
    checks = {
        "a control or direction character": bool(_HIDDEN.search(page)),
        "the end is missing": not page.endswith(_END) or "end" not in reader.ids,
        f"an element is left open: {reader.open[-1:]}": bool(reader.open),
        f"{reader.headings.count(1)} h1, not 1": reader.headings.count(1) != 1,
        f"{len(reader.drawn)} figures, not {figures}": len(reader.drawn) != figures,
        f"{reader.tables} gap tables, not {tables}": reader.tables != tables,
        f"{reader.facts} other tables, not {facts}": reader.facts != facts,
        f"{size:,} bytes, more than {budget:,}": size > budget,
    }
    return list(dict.fromkeys(found + [problem for problem, wrong in checks.items() if wrong]))


class _Reader(HTMLParser):
    """Walk the page and note what must not be there."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.problems: list[str] = []
        self.open: list[str] = []
        self.ids: Counter[str] = Counter()
        self.headings: list[int] = []
        self.tables = 0
        self.facts = 0
        self._references: list[str] = []
        self.drawn: list[str] = []
        self._policy: str | None = None
        self._sources: list[str] = []  # of scripts that run, as a policy names them
        self._script: dict[str, str] = {}
        self._text = ""  # of the script or style element that is open
        self._first_in_head = ""
        self._captioned = True
        self._headed = True

    def _note(self, problem: str) -> None:
        self.problems.append(problem)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        raw = self.get_starttag_text() or ""
        values = {name: value or "" for name, value in attrs}
        if tag not in _ELEMENTS:
            self._note(f"element {tag}")
        if not _START.fullmatch(raw):
            self._note(f"a tag that is not plainly written, {tag}")
        if len(values) < len(attrs):
            self._note(f"an attribute twice, {tag}")
        if self.open[-1:] == ["head"] and not self._first_in_head:
            self._first_in_head = values.get("http-equiv", tag)
        for name, value in values.items():
            self._attribute(tag, name, value)
        self._structure(tag, values)
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._note(f"a tag that is not plainly written, {tag}")

    def _attribute(self, tag: str, name: str, value: str) -> None:
        allowed = name in _ATTRIBUTES
        if name == "href":
            allowed = tag == "a" and (value.startswith("#") or bool(_RELATIVE.fullmatch(value)))
        if name == "src":
            patterns = {"script": _SHARED, "img": _PICTURE}
            allowed = tag in patterns and bool(patterns[tag].fullmatch(value))
        if name == "style":
            allowed = bool(_HEIGHT.fullmatch(value))
        if name == "tabindex":
            allowed = value in {"0", "-1"}
        if not allowed:
            self._note(f"attribute {name} of {tag}")
        if _HIDDEN.search(value):
            self._note("a control or direction character")
        if name == "id":
            self.ids[value] += 1
        if name in {"aria-labelledby", "aria-describedby"} or (name == "href" and value.startswith("#")):
            self._references += value.removeprefix("#").split()

    def _structure(self, tag: str, values: dict[str, str]) -> None:
        if tag in _HEADINGS:
            self.headings.append(int(tag[1]))
            if self.headings[-1] > max([0, *self.headings[:-1][-1:]]) + 1:
                self._note(f"{tag} skips a level")
        if not self._captioned and tag != "caption":
            self._note("a table without a caption")
        self._captioned = tag != "table"
        if tag in {"table", "th"}:
            self._headed = tag == "th"
        if tag == "th" and values.get("scope") not in {"col", "row"}:
            self._note("a head without scope")
        if tag == "img" and not values.get("alt"):
            self._note("a picture without words")
        if tag == "meta":
            self._meta(values)
        if tag in {"script", "style"}:
            self._script, self._text = values, ""
        self.tables += "data-gaps" in values
        self.facts += "data-facts" in values

    def _meta(self, values: dict[str, str]) -> None:
        if values.get("http-equiv") == "Content-Security-Policy" and self._policy is None:
            self._policy = values.get("content", "")
        elif values != {"charset": "utf-8"} and values.get("name") != "viewport":
            self._note("a meta element")

    def handle_endtag(self, tag: str) -> None:
        if self.open[-1:] == [tag]:
            self.open.pop()
        else:
            self._note(f"a misplaced end of {tag}")
        if tag == "table" and not self._headed:
            self._note("a table without heads")
        if tag == "style" and _STYLE.search(self._text):
            self._note("a style that loads, hides or covers")
        if tag == "script":
            self._judge_script()

    def _judge_script(self) -> None:
        kind, text, attributes = self._script.get("type"), self._text, self._script
        if kind == PACKED_TYPE and attributes.get("id") in {"plotly", FIGURES}:
            try:
                inside = unpacked(text)
            except (OSError, EOFError, ValueError):
                self._note("a packed script that cannot be unpacked")
            else:
                if attributes["id"] == FIGURES:
                    self._judge_figures(inside)
                else:
                    self._sources.append(source_hash(inside))
        elif "src" in attributes and set(attributes) == {"src"} and not text:
            self._sources.append("'self'")
        elif not attributes:
            self._sources.append(source_hash(text))
        else:
            self._note("a script of another kind")

    def _judge_figures(self, text: str) -> None:
        try:
            drawn = json.loads(text)
            self.drawn += drawn
            hidden = _HIDDEN.search(json.dumps(drawn, ensure_ascii=False))
        except (TypeError, ValueError):
            self._note("data that are not JSON")
        else:
            self.problems += ["a control or direction character"] if hidden else []

    def handle_data(self, data: str) -> None:
        if self.open[-1:] in (["script"], ["style"]):
            self._text += data
        elif "<" in data:
            self._note("a bare <")

    def handle_entityref(self, name: str) -> None:
        if name not in _ENTITIES:
            self._note(f"entity {name}")

    def handle_charref(self, name: str) -> None:
        if f"#{name}" not in _ENTITIES:
            self._note(f"entity #{name}, {unescape(f'&#{name};')!r}")

    def handle_comment(self, data: str) -> None:
        self._note("a comment")

    def handle_decl(self, decl: str) -> None:
        if decl != "doctype html":
            self._note("a declaration")

    def handle_pi(self, data: str) -> None:
        self._note("a processing instruction")

    def unknown_decl(self, data: str) -> None:
        self._note("a declaration")

    def unresolved(self) -> list[str]:
        """Return the ids that occur twice and the references that lead nowhere."""
        twice = [f"id {name} {n} times" for name, n in self.ids.items() if n > 1]
        return twice + [f"no {name} to refer to" for name in [*self._references, *self.drawn] if name not in self.ids]

    def scripts(self) -> list[str]:
        """Return what is wrong with the policy: it must come first and name the page's scripts, no more and no less."""
        found = [] if self._first_in_head == "Content-Security-Policy" else ["the policy is not the first element of the head"]
        if self._policy != policy(*self._sources):
            found.append("a script that the policy does not name, or a policy of another kind")
        return found
