"""The whole page, written in one pass over what the notebook showed: the answer first, then the rest in its order."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from itertools import count
from typing import Any

from cxgap import markup
from cxgap.report import sections, signs
from cxgap.report.figures import caption_note, drawings_html, figure_html, figure_name, figure_shows, picture_html
from cxgap.report.harvest import Harvest, Piece, StudyRecord
from cxgap.report.markdown import markdown_html
from cxgap.report.script import Form, Scripts, scripts, style
from cxgap.report.wording import listing, many
from cxgap.result import GapTable, Prose, Sentence, Table, Text, sentences_html, text_html

CONTENTS_FROM = 3  # sections; a shorter page needs no table of contents
ANALYST = "analyst"  # a page of everything; on paper it is set closer
_REGION = re.compile('(role="region" tabindex="0" aria-label=")([^"]*)(")')
END = "</body>\n</html>\n"


def html_page(title: str, body: str, script: Scripts, kind: str = "") -> str:
    """Wrap `body`, of a `kind` that the style sheet knows; the policy comes first, so that nothing stands before it."""
    opening = f'<body class="{kind}">' if kind else "<body>"
    body = _apart(body)
    page = (
        '<!doctype html>\n<html lang="en">\n<head>\n'
        f'<meta http-equiv="Content-Security-Policy" content="{script.policy}">\n'
        '<meta charset="utf-8">\n<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{markup.prose(title)}</title>\n<style>\n{style()}</style>\n</head>\n"
        f"{opening}\n{body}\n{script.elements}{END}"
    )
    return page.encode("utf-8", "backslashreplace").decode("utf-8")  # a lone surrogate has no UTF-8


def _apart(body: str) -> str:
    """Number the regions that have one name, because a screen reader lists them by name."""
    seen: Counter[str] = Counter()

    def named(found: re.Match[str]) -> str:
        seen[found[2]] += 1
        return f"{found[1]}{found[2]}{f', {seen[found[2]]}' if seen[found[2]] > 1 else ''}{found[3]}"

    return _REGION.sub(named, body)


def report_page(harvest: Harvest, form: Form) -> str:
    """Write the page of an executed notebook."""
    study = harvest.all(StudyRecord)[0]
    body = _Body(harvest)
    main = "\n".join(filter(None, map(body.part, _figures_first(harvest.pieces))))
    data = sections.study_html(study, body.heading(2, "The data", name="data"))
    kind = ANALYST if harvest.page == ANALYST else ""
    parts = [
        '<a class="skip" href="#main">Skip to the report</a>',
        _header(harvest, study, body.question),
        f'<main id="main" tabindex="-1">{body.contents()}\n{main}\n{data}',
        f"{others_html(harvest)}{sections.parameters_html(harvest.parameters)}</main>",
        footer_html(study),
        body.drawings(),
    ]
    return html_page(harvest.headline, "\n".join(parts), scripts(form if harvest.all(dict) else "none"), kind)


def _figures_first(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Put figures before the folded tables that stand right above them, unless a figure or words came before the table."""
    tables: list[Piece] = []
    followed = False
    for piece in pieces:
        if isinstance(piece.value, GapTable) and not piece.value.missing and not followed:
            tables.append(piece)
            continue
        followed = isinstance(piece.value, dict | Prose) or (followed and isinstance(piece.value, GapTable))
        if not isinstance(piece.value, dict):
            yield from tables
            tables = []
        yield piece
    yield from tables


class _Body:
    """The state of writing: where in the order of headings we are, and how many of each kind came before."""

    def __init__(self, harvest: Harvest) -> None:
        self.question = ""
        self._title = True  # the next heading of level 1 is the notebook's own
        self._level = 1  # of the last heading
        self._inside = False  # a section that the notebook began itself
        self._sections: list[tuple[str, str]] = []
        self._names = {kind: count(1) for kind in ("section", "figure", "picture")}
        self._first = harvest.answer
        self._said: set[str] = set()  # limits that stand on the page already
        self._told: dict[str, None] = {}  # and what was said of single rows
        self._absent: set[str] = set()  # reasons why something is not measured that stand in this section already
        self._figures: dict[str, dict[str, Any]] = {}  # by the name of their boxes
        self._last: dict[str, Any] | None = None  # the figure before

    def heading(self, level: int, text: str, *, name: str = "") -> str:
        """Write a heading whose level follows on from the one before, and note it for the contents."""
        self._level = max(2, min(level, self._level + 1))
        name = name or f"section-{next(self._names['section'])}"
        if self._level == 2:
            self._sections.append((name, text))
        return f'<h{self._level} id="{name}">{text}</h{self._level}>'

    def _own_heading(self, level: int, text: str) -> str:
        """Write a heading of the notebook's own text; its title stands at the top of the page already."""
        if level == 1 and self._title:
            self._title = False
            return ""
        self._inside = True
        self._absent.clear()
        return self.heading(level, text)

    def part(self, piece: Piece) -> str:
        """Write one thing that the notebook showed."""
        match piece.value:
            case str(source):
                return self._text(source)
            case GapTable() as table:
                return sections.gaps_html(table)
            case Table() as facts:
                if facts.missing and sections.why_words(facts.missing) in self._absent:
                    return sections.unsaid_html(facts)
                shown = self._last is not None and figure_shows(self._last, facts)
                return sections.facts_html(facts, shown=shown, said=self._just_said(shown))
            case Prose() as prose:
                return self._prose(prose)
            case Text() as text:
                return text_html(text)
            case dict() as figure:
                number = next(self._names["figure"])
                self._absent.add(caption_note(figure))
                self._figures[figure_name(number)] = self._last = figure
                return figure_html(figure, number)
            case bytes() as picture:
                return picture_html(picture, next(self._names["picture"]), piece.cell)
        return ""

    def _just_said(self, shown: bool) -> str:
        """Return the limits and details on the page and, of a table that the last figure shows, the figure's caption."""
        return "\n".join([*self._said, *self._told, *([caption_note(self._last)] if shown and self._last is not None else [])])

    def _text(self, source: str) -> str:
        before = self._title
        text = markdown_html(source, self._own_heading)
        if before and not self._title:  # the cell of the notebook's title: what else it says is the question
            self.question, text = text, ""
        return text

    def _prose(self, prose: Prose) -> str:
        """Write what is said about a table; of the first, headline and lead stand at the top of the page already."""
        below = 3 if self._inside else 2
        opening = ""
        self._absent.update(sentence.text for sentence in prose.lead if prose is not self._first)
        if prose is not self._first:
            opening = self.heading(below, markup.prose(prose.headline)) + sentences_html(prose.lead)
        fresh = [sentence for sentence in prose.limits if sentence.text not in self._said]
        self._said.update(sentence.text for sentence in fresh)
        self._told |= {sentence.text: None for sentence in prose.details}
        limits = sections.limits_html(fresh, self.heading(below, "How sure are we?")) if fresh else ""
        return opening + sections.details_html(prose) + limits

    def drawings(self) -> str:
        """Write what the figures are drawn from."""
        return drawings_html(self._figures)

    def contents(self) -> str:
        """Write the table of contents, if the page is long enough to need one."""
        if len(self._sections) < CONTENTS_FROM:
            return ""
        items = "".join(f'<li><a href="#{name}">{text}</a></li>' for name, text in self._sections)
        return f'<nav aria-label="Contents"><ol>{items}</ol></nav>'


def _header(harvest: Harvest, study: StudyRecord, question: str) -> str:
    prose, tables = harvest.answer, harvest.all(GapTable)
    sign = " ".join(
        filter(
            None, [signs.sign_words(tables, drawn=bool(harvest.all(dict))), signs.asked_words(tables, study.expectation_type)]
        )
    )
    alarm = sections.alarm_words(study)
    lead = prose.lead if prose else (Sentence(sections.why_words(harvest.why)),) if harvest.why else ()
    answered = bool(prose or harvest.why)
    kicker = f'<p class="kicker">{markup.prose(harvest.title)}</p>' if answered else ""
    return "\n".join(
        filter(
            None,
            [
                "<header>",
                f'<p class="scope">{markup.prose(sections.scope_words(study))}</p>',
                f'<p class="scope">{markup.prose(study.mission)}</p>' if study.mission else "",
                kicker,
                f'<div class="question">{question}</div>' if question and answered else "",
                f"<h1>{markup.prose(harvest.headline)}</h1>",
                f'<div class="question">{question}</div>' if question and not answered else "",
                sentences_html(lead, "lead"),
                f'<p class="sign">{markup.prose(sign)}</p>' if sign else "",
                f'<p class="alarm">{markup.prose(alarm)} <a href="#data">See the data</a>.</p>' if alarm else "",
                "</header>",
            ],
        )
    )


def others_html(harvest: Harvest) -> str:
    """Say that something was left out, and of which cells."""
    cells = [piece.cell for piece in harvest.pieces if piece.value is None]
    if not cells:
        return ""
    where = listing([str(cell) for cell in sorted(set(cells))])
    return (
        f'<p class="note">{many(len(cells), "other output")} ({"cells" if len(set(cells)) > 1 else "cell"} {where}) '
        f"{'is' if len(cells) == 1 else 'are'} not shown: a report shows gap tables and other tables of ours, sentences "
        "about them, figures and PNG pictures.</p>"
    )


def footer_html(study: StudyRecord) -> str:
    """Say where the rows went, and what the page was made with."""
    mark = study.fingerprint[:8]
    text = (
        f"{sections.account_words(study)} Study fingerprint {mark[:4]} {mark[4:]}. cxgap {version('cxgap')}, seed {study.seed}."
    )
    return f'<footer id="end"><p>{markup.prose(text)}</p></footer>'
