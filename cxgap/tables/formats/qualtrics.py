"""Qualtrics: ids in the first row, what was asked in the second and, but in a workbook, ImportId in the third."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd

from cxgap.errors import StudyError
from cxgap.tables.formats.heads import Heads
from cxgap.tables.formats.naming import one_line
from cxgap.tables.header import check_header

# Columns of every export, in small letters: their ids and their ImportIds differ in little else.
PERSONAL = frozenset(
    {"ipaddress", "recipientlastname", "recipientfirstname", "recipientemail", "locationlatitude", "locationlongitude"}
)
_COUNTED = frozenset({"startdate", "enddate", "recordeddate", "progress", "duration (in seconds)"})  # each holds digits
_FIXED = PERSONAL | _COUNTED | {"status", "finished", "responseid", "distributionchannel", "userlanguage"}
_TELLING = ("status", "distributionchannel", "finished", "progress")  # whether a row is an answer
_ENOUGH = 3  # of these in the first row, and it is an export

_IMPORT_ID = re.compile(r"""\s*\{\s*["'\u201c\u201d]+ImportId""")  # quotes may have been made curly on the way

# An older export names its fixed columns V1, V2, ... and says in the second row what they are.
_OLD = re.compile(r"V\d+")
_OLD_FIXED = frozenset({"responseid", "responseset", "ipaddress", "status", "startdate", "enddate", "finished"})
_OLD_PERSONAL = PERSONAL | {"name", "emailaddress"}

# Status is a sum of codes, or a label of these, which are exported in English alone.
_PREVIEW, _SPAM = 1 | 2 | 256, 8  # preview, test and synthetic
_KNOWN_LABELS = frozenset({"ip address", "imported", "offline", "ex", "ex offline", "reimported imported"})
_NO_CUSTOMER = re.compile(r"\b(preview|test|synthetic)\b")
_FINISHED = {"true": True, "1": True, "false": False, "0": False}


def heads(records: Sequence[Sequence[str]], place: str, first: int = 1) -> Heads:
    """Read the head of an export: one row (ids), two (ids, wording) or three (and ImportId).

    Parameters
    ----------
    records : from the head on
    place : the file, as messages name it
    first : row of the file in which the head begins

    Raises
    ------
    StudyError : it is no export of Qualtrics, or it cannot be told how many rows head it.
    """
    names = check_header(records[0] if records else [], place, first)
    second = _filled(records[1], len(names)) if len(records) > 1 else []
    if _is_old(names, second):
        names = check_header(
            [said.strip() if _OLD.fullmatch(name) else name for name, said in zip(names, second, strict=True)], place, first + 1
        )
        return _heads(names, names, 2 + (_ids_row(records, place, first) == 2), second, _OLD_PERSONAL)
    ids_row = _ids_row(records, place, first)
    if not ids_row and len(_FIXED & {name.casefold() for name in names}) < _ENOUGH:
        raise StudyError(
            f"{place}: an export of Qualtrics must have ImportId in its third row, or columns such as StartDate, Status and "
            "ResponseId; it has neither. Export it again, or drop `platform`."
        )
    if ids_row:
        ids = [str(_field(cell).get("ImportId") or name) for cell, name in zip(records[ids_row], names, strict=False)]
        head = _heads(names, ids + names[len(ids) :], ids_row + 1, second if ids_row == 2 else [], PERSONAL)
        return head._replace(zone=time_zone(records))
    worded = _is_wording(names, second, f"{place}, row {first + 1}")
    return _heads(names, names, 1 + worded, second if worded else [], PERSONAL)


def recognise(records: Sequence[Sequence[str]]) -> str:
    """Say by what a file is known as an export of Qualtrics; "" where it is none."""
    for row, cells in enumerate(records[:3], start=1):
        if row > 1 and any(map(_is_id, cells)):
            return f"row {row} holds ImportId"
    names = {cell.strip().casefold() for cell in records[0]} if records else set()
    if "responseid" in names and len(_FIXED & names) > _ENOUGH:
        return "row 1 holds ResponseId and other columns of every Qualtrics export"
    if len(records) > 1 and _is_old([cell.strip() for cell in records[0]], _filled(records[1], len(records[0]))):
        return "row 1 holds V1, V2, ... and row 2 ResponseID"
    return ""


def time_zone(records: Sequence[Sequence[str]]) -> str:
    """Return the zone in which an export gives its times, "" where it does not say."""
    for cells in records[1:3]:
        zones = {str(_field(cell)["timeZone"]) for cell in cells if _is_id(cell) and "timeZone" in _field(cell)}
        if len(zones) == 1:
            return zones.pop()
    return ""


def _heads(names: list[str], ids: Sequence[str], rows: int, wording: Sequence[str], personal: frozenset[str]) -> Heads:
    """Put together what is known; `ids` say of each column what it is, whatever it is called."""
    fields = [field.casefold() for field in ids]
    known = dict(
        zip(reversed(fields), reversed(names), strict=True)
    )  # fixed columns come first, and embedded data may be alike
    return Heads(
        names=names,
        rows=rows,
        wording={name: one_line(text) for name, text in zip(names, wording, strict=False) if text.strip()},
        personal=tuple(name for name, field in zip(names, fields, strict=True) if field in personal),
        aside=lambda body: _aside(body, known),
    )


def _filled(cells: Sequence[str], length: int) -> list[str]:
    return [*cells[:length], *[""] * (length - len(cells))]


def _is_id(cell: str) -> bool:
    return bool(_IMPORT_ID.match(cell))


def _field(cell: str) -> Mapping[str, object]:
    """Return what a cell of the third row says; nothing where its JSON is broken, because nothing is lost with it."""
    try:
        said = json.loads(cell)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _ids_row(records: Sequence[Sequence[str]], place: str, first: int) -> int:
    """Return which of the second and third record holds ImportId, counted from 0, or 0 where none does."""
    for row, cells in enumerate(records[1:3], start=1):
        odd = next((column for column, cell in enumerate(cells) if cell.strip() and not _is_id(cell)), None)
        if not any(map(_is_id, cells)):
            continue
        if odd is not None:
            raise StudyError(
                f'{place}, row {first + row}, column {odd + 1}: must hold {{"ImportId": ...}} as the cells beside it do, and '
                f"holds {cells[odd].strip()[:80]!r}; export the file again."
            )
        return row
    return 0


def _is_old(names: Sequence[str], second: Sequence[str]) -> bool:
    said = {cell.strip().casefold() for name, cell in zip(names, second, strict=False) if _OLD.fullmatch(name)}
    return len(_OLD_FIXED & said) > _ENOUGH


def _is_wording(names: Sequence[str], second: Sequence[str], place: str) -> bool:
    """Say whether the second row is wording; a response would have digits in its times and an id that begins with R_."""
    cells = {name.casefold(): cell.strip() for name, cell in zip(names, second, strict=False)}
    told = [bool(re.search(r"\d", cells[name])) for name in _COUNTED & cells.keys() if cells[name]]
    if cells.get("responseid"):
        told.append(cells["responseid"].startswith("R_"))
    if not told and any(cells.values()):
        raise StudyError(
            f"{place}: it cannot be told whether the row is a response or what was asked, because the file has neither "
            "ImportId nor one of the columns StartDate, EndDate, RecordedDate, Progress and ResponseId; export it with them."
        )
    return bool(told) and not any(told)


def _aside(body: pd.DataFrame, known: Mapping[str, str]) -> np.ndarray:
    """Say of each response whether it is a preview (or test), spam, or unfinished, the first of them that it is."""
    nothing = pd.Series("", index=body.index, dtype=object)
    columns = {field: body[known[field]] if field in known else nothing for field in _TELLING}
    status = _each(_status, columns["status"], columns["distributionchannel"])
    return np.where(status != "", status, _each(_unfinished, columns["finished"], columns["progress"]))


def _each(say: Callable[[str, str], str], first: pd.Series, second: pd.Series) -> np.ndarray:
    """Ask once for each pair of texts that occurs."""
    (codes, words), (others, beside) = pd.factorize(first), pd.factorize(second)
    pairs, places = np.unique(codes * len(beside) + others, return_inverse=True)
    return np.array([say(words[pair // len(beside)], beside[pair % len(beside)]) for pair in pairs], dtype=object)[places]


def _status(status: str, channel: str) -> str:
    """Read a status; where its label is in another language, the channel still says "preview" or "test"."""
    word = status.strip().casefold()
    if re.fullmatch(r"\d+(\.0+)?", word):
        code = int(float(word))
        return "preview" if code & _PREVIEW else "spam" if code & _SPAM else ""
    if _NO_CUSTOMER.search(word):
        return "preview"
    if "spam" in word:
        return "spam"
    return "preview" if word not in _KNOWN_LABELS and channel.strip().casefold() in ("preview", "test") else ""


def _unfinished(finished: str, progress: str) -> str:
    """Read whether a response was finished; where the label is in another language, by its progress of 100 %."""
    known = _FINISHED.get(finished.strip().casefold().removesuffix(".0"))
    number = progress.strip().removesuffix("%").strip()
    if known is None:
        known = not re.fullmatch(r"\d{1,3}(\.\d+)?", number) or float(number) >= 100
    return "" if known else "unfinished"
