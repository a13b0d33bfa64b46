"""LimeSurvey: a header of codes, of questions, or of both; or a VV export, with questions above codes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from cxgap.errors import StudyError
from cxgap.tables.formats.heads import Heads
from cxgap.tables.formats.naming import one_line, told_apart
from cxgap.tables.header import check_header

_TELLING = frozenset({"submitdate", "lastpage", "startlanguage"})  # codes of every export; two of them, and it is one
_PERSONAL = frozenset({"token", "ipaddr", "refurl", "email", "firstname", "lastname"})
_BOTH = re.compile(r"(?P<code>[A-Za-z]\w*(\[[^\[\]]*\])*)\. ?(?P<text>.*)", re.DOTALL)  # "G02Q03[SQ001]. How fast?"

# What a header of questions calls the columns that have no question, by the language of whoever exports.
_WORDS = {
    "submitdate": (
        *("Date submitted", "Datum Abgeschickt", "Date de soumission", "Fecha de envío", "Data de envio", "Data di invio"),
        *("Datum ingediend", "Data wysłania"),
    ),
    "lastpage": (
        *("Last page", "Letzte Seite", "Dernière page", "Última página", "Ultima pagina", "Laatste pagina", "Ostatnia strona"),
    ),
    "startlanguage": (
        *("Start language", "Start-Sprache", "Langue de départ", "Lenguaje inicial", "Idioma inicial", "Lingua iniziale"),
        *("Starttaal", "Język początkowy"),
    ),
    "token": ("Token", "Access code", "Zugangsschlüssel", "Zugangscode"),
    "ipaddr": ("IP address", "IP-Adresse", "Adresse IP", "Dirección IP", "Endereço IP", "Indirizzo IP", "IP-adres", "Adres IP"),
    "refurl": ("Referrer URL", "Weiterleitungs-URL", "URL de référence", "URL de referencia"),
    "email": ("Email address", "E-Mail-Adresse", "Adresse de courriel", "Dirección de correo electrónico"),
    "firstname": ("First name", "Vorname", "Prénom", "Nombre"),
    "lastname": ("Last name", "Nachname", "Nom", "Apellidos"),
}
_CODES = {word.casefold(): code for code, words in _WORDS.items() for word in words}

_NOT_ASKED = "{question_not_shown}"
_UNSAID = frozenset({_NOT_ASKED, "N/A"})
_ESCAPES = {"{newline}": "\n", "{cr}": "\r", "{tab}": "\t", "{quote}": '"', "{lbrace}": "{"}  # of a VV export
_NO_DATE = "1980-01-01"  # what is stored as the date of submission where the survey keeps none


def heads(records: Sequence[Sequence[str]], place: str, first: int = 1) -> Heads:
    """Read the one row that heads an export, or the two of a VV export.

    Parameters
    ----------
    records : from the head on
    place : the file, as messages name it
    first : row of the file in which the head begins

    Raises
    ------
    StudyError : it is no export of LimeSurvey.
    """
    header = [cell.strip() for cell in records[0]] if records else []
    second = [cell.strip() for cell in records[1]] if len(records) > 1 else []
    both = [match for match in map(_BOTH.fullmatch, header) if match]
    if _telling(second) and not _telling(header):
        names = check_header(second, place, first + 1)
        return _heads(names, names, header, 2)
    if _telling(header):
        names = check_header(header, place, first)
        return _heads(names, names, [], 1)
    if header and len(both) == len(header) and _telling([match["code"] for match in both]):
        names = check_header([match["code"] for match in both], place, first)
        return _heads(names, names, [match["text"] for match in both], 1)
    codes = [_CODES.get(cell.casefold(), cell) for cell in header]
    if not _telling(codes):
        raise StudyError(
            f"{place}, row {first}: an export of LimeSurvey must have two of the columns submitdate, lastpage and "
            "startlanguage; choose question codes for the headings and keep these columns when you export, or drop `platform`."
        )
    names, notes = told_apart([one_line(cell) for cell in header], first)
    return _heads(check_header(names, place, first), codes, header, 1)._replace(notes=notes)


def recognise(records: Sequence[Sequence[str]]) -> str:
    """Say by what a file is known as an export of LimeSurvey; "" where it is none."""
    rows = [[cell.strip() for cell in cells] for cells in records[:2]]
    if rows[1:] and _telling(rows[1]) and not _telling(rows[0]):
        return "row 2 holds submitdate and other codes of LimeSurvey below what was asked, as in a VV export"
    codes = [match["code"] for match in map(_BOTH.fullmatch, rows[0] if rows else []) if match]
    if rows and (_telling(rows[0]) or _telling(codes)):
        return "row 1 holds submitdate, lastpage or startlanguage"
    if rows and _telling([_CODES.get(cell.casefold(), "") for cell in rows[0]]):
        telling = [cell for cell in rows[0] if _CODES.get(cell.casefold()) in _TELLING]
        return f"row 1 holds {' and '.join(map(repr, telling[:2]))}"
    return ""


def _telling(codes: Sequence[str]) -> bool:
    return len(_TELLING & set(codes)) > 1


def _heads(names: list[str], codes: Sequence[str], wording: Sequence[str], rows: int) -> Heads:
    """Put together what is known; `codes` say what a column without a question is, whatever it is called."""
    known = dict(zip(codes, names, strict=False))
    submitted = known.get("submitdate")
    return Heads(
        names=names,
        rows=rows,
        wording={name: one_line(text) for name, text in zip(names, wording, strict=False) if text.strip()},
        personal=tuple(name for code, name in known.items() if code in _PERSONAL),
        aside=None if submitted is None else lambda body: _aside(body[submitted]),
        clean=lambda body: _clean(body, submitted, escaped=rows == 2),
    )


def _aside(submitted: pd.Series) -> np.ndarray:
    """Say of each response whether it was never submitted."""
    codes, words = pd.factorize(submitted)
    return np.array(["unfinished" if word.strip() in {"", *_UNSAID} else "" for word in words], dtype=object)[codes]


def _clean(body: pd.DataFrame, submitted: str | None, *, escaped: bool) -> pd.DataFrame:
    """Make blank what was not asked and a date that is none, and undo what a VV export does to line breaks and quotes."""
    columns: Mapping[str, np.ndarray] = {name: _said(body[name], escaped, name == submitted) for name in body.columns}
    return pd.DataFrame(columns, index=body.index, dtype=object)


def _said(text: pd.Series, escaped: bool, dated: bool) -> np.ndarray:
    codes, words = pd.factorize(text)
    return np.array([_word(word, escaped, dated) for word in words], dtype=object)[codes]


def _word(word: str, escaped: bool, dated: bool) -> str:
    if word.strip() in _UNSAID or (dated and word.startswith(_NO_DATE)):
        return ""
    return re.sub(r"\{(newline|cr|tab|quote|lbrace)\}", lambda mark: _ESCAPES[mark[0]], word) if escaped else word
