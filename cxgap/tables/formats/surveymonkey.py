"""SurveyMonkey: questions in the first row, blank after the first column of each; what is asked of in the second."""

from __future__ import annotations

import re
from collections.abc import Sequence

from cxgap.errors import StudyError
from cxgap.tables.formats.heads import Heads
from cxgap.tables.formats.naming import one_line, told_apart
from cxgap.tables.header import check_header

# Columns about the response, which stand before the questions: as in an export in English, and as in one of a survey in
# another language; in letters alone.
_PERSONAL = frozenset({"ipaddress", "emailaddress", "firstname", "lastname"})
_ABOUT = _PERSONAL | {"respondentid", "collectorid", "startdate", "enddate", "datecreated", "datemodified"}
_CUSTOM = re.compile(r"custom(data|value)?\d*")
_ALONE = frozenset({"", "response", "open-ended response"})  # of a question that is one column
_UNNAMED = re.compile(r"Unnamed: \d+(_level_\d+)?")  # what pandas writes for a blank


def heads(records: Sequence[Sequence[str]], place: str, first: int = 1) -> Heads:
    """Read the two rows that head an export.

    Parameters
    ----------
    records : from the head on
    place : the file, as messages name it
    first : row of the file in which the head begins

    Raises
    ------
    StudyError : it is no export of SurveyMonkey, or its second row is a response.
    """
    top, below = _two(records)
    about = [_letters(cell) for cell in top]
    if "respondentid" not in about:
        raise StudyError(
            f"{place}, row {first}: an export of SurveyMonkey must have a column Respondent ID (or respondent_id); it has "
            "none. Export all individual responses, or drop `platform`."
        )
    under = below[about.index("respondentid")]
    if under or len(records) < 2:
        raise StudyError(
            f"{place}, row {first + 1}: the second row of an export of SurveyMonkey must be blank below Respondent ID, and say "
            f"Response or what is asked of below the questions; it holds {under[:80]!r}. Export the file again, or drop "
            "`platform` if one row heads it."
        )
    names, notes = told_apart(_questions(top, below), first)
    names = check_header(names, place, first)
    personal = [name for name, cell, sub in zip(names, about, below, strict=True) if cell in _PERSONAL and not sub]
    return Heads(names, 2, dict(zip(names, _questions(top, below), strict=True)), personal, notes=notes)


def recognise(records: Sequence[Sequence[str]]) -> str:
    """Say by what a file is known as an export of SurveyMonkey; "" where it is none."""
    top, below = _two(records)
    about = [_letters(cell) for cell in top]
    if "respondentid" in about and "collectorid" in about and len(records) > 1 and not below[about.index("respondentid")]:
        return f"row 1 holds {top[about.index('respondentid')]} and {top[about.index('collectorid')]}, and row 2 nothing below"
    return ""


def _two(records: Sequence[Sequence[str]]) -> tuple[list[str], list[str]]:
    """Return both rows on one line a cell, and of one length."""
    rows = [[one_line(cell) for cell in cells] for cells in (*records[:2], [], [])][:2]
    length = max(map(len, rows))
    top, below = ([*("" if _UNNAMED.fullmatch(cell) else cell for cell in row), *[""] * (length - len(row))] for row in rows)
    return top, below


def _letters(cell: str) -> str:
    return re.sub(r"[\W_]+", "", cell.casefold())


def _questions(top: Sequence[str], below: Sequence[str]) -> list[str]:
    """Carry each question on to its further columns, and add to it what is asked of."""
    names, question = [], ""
    for cell, sub in zip(top, below, strict=True):
        if cell:
            about = not sub and (_letters(cell) in _ABOUT or bool(_CUSTOM.fullmatch(_letters(cell))))
            question = "" if about else cell
        text = cell or (question if sub else "")
        names.append(text if sub.casefold() in _ALONE else f"{text} - {sub}" if text else sub)
    return names
