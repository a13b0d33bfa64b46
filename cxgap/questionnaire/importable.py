"""A form as survey platforms import it: LimeSurvey's tab-separated structure, and Qualtrics' advanced text format.

The shapes are those of the platforms' manuals ("Tab Separated Value survey structure"; "Import Survey, advanced format").
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from cxgap.questionnaire.form import Choice, Form, Grid, Number, Points, Question

HEADS = ("id", "class", "type/scale", "name", "relevance", "text", "help", "language", "validation", "mandatory", "other")
NO_ANSWER = 99  # the code behind "does not apply"
CODES = ("exp", "per", "ade")  # LimeSurvey's codes of the columns of a grid: exp[01], per[01], ...


def limesurvey(forms: Sequence[Form]) -> str:
    """Write one survey in the languages of `forms`, which ask the same; the first is its base language."""
    base, *others = forms
    rows = [_row("S", name="language", text=base.language)]
    if others:
        rows.append(_row("S", name="additional_languages", text=" ".join(form.language for form in others)))
    for form in forms:
        rows.append(_row("SL", name="surveyls_title", text=form.title, language=form.language))
    for form in forms:
        rows += _asked(form)
    return "\ufeff" + "\n".join("\t".join(row) for row in (HEADS, *rows)) + "\n"


def _asked(form: Form) -> Iterator[tuple[str, ...]]:
    own = {"language": form.language}
    yield _row("G", id="1", name=form.title, relevance="1", **own)
    number = 0
    for question in form.questions:
        if isinstance(question, Grid):
            for place, rating in enumerate(question.ratings):
                number += 1
                text = f"{rating}. {question.text}"
                yield _row("Q", id=str(number), kind="F", name=_code(form, place), relevance="1", text=text, **own)
                for name, item in zip(question.names, question.items, strict=True):
                    yield _row("SQ", id=str(number), name=_bare(name), relevance="1", text=item, **own)
                for answer in range(question.low, question.high + 1):
                    yield _row("A", id=str(number), kind="0", name=str(answer), text=str(answer), **own)
                yield _row("A", id=str(number), kind="0", name=str(NO_ANSWER), text=question.none, **own)
            continue
        number += 1
        yield from _single(question, number, own)


def _single(question: Question, number: int, own: dict[str, str]) -> Iterator[tuple[str, ...]]:
    about = {"id": str(number), "relevance": "1", **own}
    if isinstance(question, Choice):
        yield _row("Q", kind="L", name=_bare(question.column), text=question.text, **about)
        for place, option in enumerate(question.options, start=1):
            yield _row("A", id=str(number), kind="0", name=f"A{place}", text=option, **own)
    elif isinstance(question, Points):
        yield _row("Q", kind="K", name="importance", text=question.text, **about)
        for name in question.names:
            yield _row("SQ", name=_bare(name), text=name, **about)
    elif isinstance(question, Number):
        yield _row("Q", kind="N", name=_bare(question.column), text=question.text, **about)
    elif not isinstance(question, Grid):
        yield _row("Q", kind="L", name=_bare(question.column), text=question.text, **about)
        for answer in range(question.low, question.high + 1):
            yield _row("A", id=str(number), kind="0", name=str(answer), text=str(answer), **own)


def _row(kind_of_row: str, *, kind: str = "", **cells: str) -> tuple[str, ...]:
    made = {"class": kind_of_row, "type/scale": kind, **cells}
    return tuple(_cell(made.get(head, "")) for head in HEADS)


def _cell(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def _code(form: Form, place: int) -> str:
    return CODES[place] if form.node == "customers" else f"r{place + 1}"


def _bare(name: str) -> str:
    """Return a name of ASCII letters and digits, which is all that the platforms take."""
    return re.sub(r"[^A-Za-z0-9]", "", name) or "x"


def qualtrics(form: Form) -> str:
    """Write one survey in one language; "does not apply" is the last answer, whose code is set to 99 after importing."""
    parts = ["[[AdvancedFormat]]", "", f"[[Block:{_line(form.title)}]]"]
    for question in form.questions:
        if isinstance(question, Grid):
            answers = [*map(str, range(question.low, question.high + 1)), question.none]
            for place, rating in enumerate(question.ratings):
                asked = [item for item, row in zip(question.items, question.columns, strict=True) if row[place]]
                parts += _block("Matrix", _code(form, place), f"{rating}. {question.text}", asked, answers)
        elif isinstance(question, Choice):
            parts += _block("MC:SingleAnswer", _bare(question.column), question.text, question.options)
        elif isinstance(question, Points):
            parts += _block("ConstantSum", "importance", question.text, question.names)
        elif isinstance(question, Number):
            parts += _block("TE:SingleLine", _bare(question.column), question.text, ())
        else:
            answers = [*map(str, range(question.low, question.high + 1))]
            parts += _block("MC:SingleAnswer:Horizontal", _bare(question.column), question.text, answers)
    return "\n".join(parts) + "\n"


def _block(kind: str, name: str, text: str, choices: Sequence[str], answers: Sequence[str] = ()) -> list[str]:
    lines = ["", f"[[Question:{kind}]]", f"[[ID:{name}]]", _line(text)]
    if choices:
        lines += ["[[Choices]]", *map(_line, choices)]
    return [*lines, "[[Answers]]", *map(_line, answers)] if answers else lines


def _line(text: str) -> str:
    """Keep a text on its line, and from being taken for a mark of the format."""
    return re.sub(r"\s+", " ", text).replace("[[", "[ [").replace("]]", "] ]")
