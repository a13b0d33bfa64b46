"""The page of an executive report: two printed sides, in the notebook's order, with every table behind it, folded away."""

from __future__ import annotations

import re
from itertools import count
from typing import Any, Final

from cxgap import markup
from cxgap.report import sections, signs
from cxgap.report.document import footer_html, html_page, others_html
from cxgap.report.figures import caption_finding, drawings_html, figure_html, figure_name, picture_html
from cxgap.report.harvest import Harvest, Piece, StudyRecord
from cxgap.report.markdown import markdown_html
from cxgap.report.script import Form, scripts
from cxgap.result import GapTable, Prose, Sentence, Table, Text, list_html, sentences_html, text_html

KIND = "executive"
MOST = 2  # sentences of a finding that the page has room for
TOP: Final = 4  # of them at the top of the page
_ADVICE: Final = re.compile(
    r";(?:\s|<br>)+add\b(?:(?!; ).)*?\[\w+\](?:\s|<br>)+(?:in|to)(?:\s|<br>)+the(?:\s|<br>)+study(?:\s|<br>)+file", re.DOTALL
)


def executive_page(harvest: Harvest, form: Form) -> str:
    """Write the page of an executed notebook that asks for this form."""
    study = harvest.all(StudyRecord)[0]
    body = _Body(harvest)
    for piece, after in zip(harvest.pieces, [*harvest.pieces[1:], Piece(0, None)], strict=True):
        if not (isinstance(after.value, dict) and _absent(piece)):  # the figure says why, too
            body.add(piece)
    parts = [
        '<a class="skip" href="#main">Skip to the report</a>',
        _header(harvest, study),
        f'<main id="main" tabindex="-1">{body.sections()}\n{_behind(harvest, study, [*body.more, *body.behind])}</main>',
        footer_html(study),
        drawings_html(body.figures),
    ]
    return html_page(harvest.headline, "\n".join(parts), scripts(form if body.figures else "none"), KIND)


class _Body:
    """The state of writing: the sections of the page, what goes behind it, and how many of each kind came before."""

    def __init__(self, harvest: Harvest) -> None:
        self.behind: list[str] = []  # tables, and the text after them
        self.more: list[str] = []  # what else was said of each finding
        self.figures: dict[str, dict[str, Any]] = {}  # by the name of their boxes
        self._sections: list[list[str]] = [[]]
        self._found = {0}  # the sections in which something was measured, or kept in mind
        self._names = {kind: count(1) for kind in ("section", "figure", "picture")}
        self._first = harvest.answer

    def add(self, piece: Piece) -> None:
        """Put one thing that the notebook showed in its place."""
        if _finds(piece.value):
            self._found.add(len(self._sections) - 1)
        match piece.value:
            case str(source):
                self._text(source)
            case GapTable() as table:
                self.behind.append(sections.gaps_html(table))
            case Table() as facts:
                self.behind.append(_folded(facts))
            case Prose() as prose:
                self._prose(prose)
            case Text() as text:
                self._put(text_html(text))
            case dict() as figure:
                number = next(self._names["figure"])
                self.figures[figure_name(number)] = figure = _without_advice(figure)
                self._put(figure_html(figure, number))
            case bytes() as picture:
                self._put(picture_html(picture, next(self._names["picture"]), piece.cell))

    def sections(self) -> str:
        """Write the sections, those in which something was measured first, so that a reader meets what is known."""
        order = sorted(range(len(self._sections)), key=lambda place: place not in self._found)
        return "\n".join(f"<section>{''.join(self._sections[place])}</section>" for place in order if self._sections[place])

    def _put(self, html: str) -> None:
        self._sections[-1].append(html)

    def _text(self, source: str) -> None:
        """Begin a section at each heading; the title stands at the top already, and text after the tables goes behind."""
        html = markdown_html(source, self._heading)
        if self.behind and not html.startswith("<h1"):
            self.behind.append(html)
            return
        if html.startswith("<h2"):
            self._sections.append([])
        if html and not html.startswith("<h1"):
            self._put(html)

    def _heading(self, level: int, text: str) -> str:
        if level == 1:
            return "<h1>"  # of the notebook, and never written
        level = 3 if self.behind else 2
        return f'<h{level} id="section-{next(self._names["section"])}">{text}</h{level}>'

    def _prose(self, prose: Prose) -> None:
        """Write a finding in a paragraph; prose without a lead is a list to keep in mind, unless a heading waits for it.

        A lead that begins with its own count of verdicts needs no headline before it.
        """
        finding = bool(prose.lead) or self._waits(prose)
        if prose is not self._first and finding:
            if not _is_absent(prose):
                self._found.add(len(self._sections) - 1)
            counted = bool(prose.lead) and bool(prose.lead[0].strong) and prose.lead[0].row is None
            headline = () if counted else (f"{prose.headline}.",)
            said = [Sentence(text, strong=(text,)) for text in headline]
            lead = [_reason(each) for each in prose.lead] if _is_absent(prose) else prose.lead[:MOST]
            self._put(sentences_html([*said, *lead]))
        elif prose is not self._first:
            heading = self._heading(2, markup.prose(prose.headline))
            self._found |= {len(self._sections), len(self._sections) + 1}
            self._sections += [[f'<div class="sure">{heading}{list_html(prose.details)}</div>'], []]
        beyond = prose.lead[TOP if prose is self._first else MOST :]
        rest = (*beyond, *(prose.details if finding else ()), *prose.limits)
        if rest:
            self.more.append(_fold(f"More on: {prose.headline}", list_html(rest)))

    def _waits(self, prose: Prose) -> bool:
        """Tell whether the section is a heading alone, for which a headline that is no heading itself is the finding."""
        section = self._sections[-1]
        return len(section) == 1 and section[0].startswith("<h2") and not prose.headline.endswith("?")


def _without_advice(part: Any) -> Any:
    """Leave out of a figure how to declare what a study lacks; whoever can do that finds it behind the page."""
    match part:
        case str(text):
            return _ADVICE.sub("", text)
        case dict():
            return {name: _without_advice(value) for name, value in part.items()}
        case list():
            return [_without_advice(value) for value in part]
    return part


def _finds(value: object) -> bool:
    """Tell whether something that a notebook showed is a finding, and not the word that nothing was measured."""
    match value:
        case Prose() as prose:
            return bool(prose.lead) and not _is_absent(prose)
        case dict() as figure:
            return not caption_finding(figure).endswith(" not measured.")
        case bytes() | Text():
            return True
    return False


def _absent(piece: Piece) -> bool:
    return isinstance(piece.value, Prose) and _is_absent(piece.value)


def _is_absent(prose: Prose) -> bool:
    return prose.headline.endswith(": not measured")


def _reason(sentence: Sentence) -> Sentence:
    """Say why something is not measured, and not what to declare."""
    return Sentence(f"{sentence.text.split('; ')[0].rstrip('.')}.")


def _fold(summary: str, html: str) -> str:
    return f'<details class="numbers"><summary>{markup.prose(summary)}</summary>{html}</details>'


def _folded(table: Table) -> str:
    """Write a table folded away, also a short one; of one that is not measured, the reason stands open."""
    html = sections.facts_html(table)
    return _fold(table.title, html) if html.startswith("<div") else html


def _header(harvest: Harvest, study: StudyRecord) -> str:
    answer, tables = harvest.answer, harvest.all(GapTable)
    lead = answer.lead[:TOP] if answer else (Sentence(sections.why_words(harvest.why)),) if harvest.why else ()
    asked = signs.asked_words(tables[:1], study.expectation_type)
    sign = " ".join(filter(None, [signs.sign_words(tables[:1], drawn=bool(harvest.all(dict))), asked]))
    alarm = sections.alarm_words(study)
    parts = [
        f'<p class="scope">{markup.prose(sections.scope_words(study))}</p>',
        f'<p class="scope">{markup.prose(study.mission)}</p>' if study.mission else "",
        f"<h1>{markup.prose(harvest.headline)}</h1>",
        "".join(sentences_html([sentence], "lead") for sentence in lead),
        f'<p class="sign">{markup.prose(sign)}</p>' if sign else "",
        f'<p class="alarm">{markup.prose(alarm)} <a href="#data">See the data.</a></p>' if alarm else "",
    ]
    return "\n".join(["<header>", *filter(None, parts), "</header>"])


def _behind(harvest: Harvest, study: StudyRecord, tables: list[str]) -> str:
    """Write what the page rests on; it is not printed."""
    data = f'<details class="numbers" id="data"><summary>The data</summary>{sections.study_html(study, "")}</details>'
    return (
        f'<section class="behind"><h2>Behind this page</h2>{"".join(tables)}{data}'
        f"{sections.parameters_html(harvest.parameters)}{others_html(harvest)}</section>"
    )
