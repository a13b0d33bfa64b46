"""Column names as the file has them become the names that a table is known by."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from cxgap.errors import ColumnError, StudyError, nearest
from cxgap.tables.faults import first_of
from cxgap.tables.issues import Issues, severity_of
from cxgap.tables.source import Source

if TYPE_CHECKING:
    from cxgap.tables.formats.raw import RawTable

MOST_TITLES = 50  # rows above a header
LONGEST_NAME = 10_000  # characters of a column's name; a longer one is a file that is damaged, and costs seconds to compare
NARROW = 2  # a title above a table fills no more cells than this


def check_header(names: Sequence[str], file: str, row: int = 1) -> list[str]:
    """Return the names of a header without spaces around them.

    Parameters
    ----------
    row : in which the header stands

    Raises
    ------
    StudyError : names are blank, too long, or stand twice; every one is a line.
    """
    header = [name.strip() for name in names]
    place = f"{file}, row {row}"
    if not any(header):
        raise StudyError(f"{place}: the {'first' if row == 1 else 'header'} row must name the columns; it is blank.")
    longest = max(header, key=len)
    if len(longest) > LONGEST_NAME:
        raise StudyError(
            f"{place}: the name of a column must have at most {LONGEST_NAME:,} characters, and {longest[:40]!r}... has "
            f"{len(longest):,}; write a short one into the row."
        )
    faults = [
        f"every column must have a name; column {place} has none; write one into the row, or delete the column."
        for place, name in enumerate(header, 1)
        if not name
    ]
    for name, count in Counter(filter(None, header)).items():
        if count > 1:
            faults.append(f"a column must be named once; {name!r} is named {count} times. Rename all but one of them.")
    if faults:
        raise StudyError(headless(header, place) or "\n".join(first_of([f"{place}: {fault}" for fault in faults], "columns")))
    return header


def headless(header: Sequence[str], place: str) -> str:
    """Say that a row names no columns, where at least half of its cells are numbers or dates; "" otherwise."""
    values = [name for name in header if re.fullmatch(r"[+-]?\d+([.,]\d+)?|\d{4}-\d\d-\d\d.*", name)]
    if 2 * len(values) < len(header):
        return ""
    return (
        f"{place}: the row must name the columns, and holds values such as {values[0]!r} and {values[-1]!r}; write the names "
        "in a row above it, respondent_id among them."
    )


def check_titles(records: Sequence[Sequence[str]], source: Source, known: Collection[str]) -> None:
    """Raise where the first row is a title above the table, and a lower one names the columns.

    Parameters
    ----------
    records : the rows of the file from its declared header on
    known : names of columns, in any case

    Raises
    ------
    StudyError : the text says in which row the header is.
    """
    names = {name.casefold() for name in (*known, *source.rename)}
    first = {cell.strip().casefold() for cell in records[0]} if records else names
    if first & names:
        return
    rows = records[1 : MOST_TITLES + 1]
    if (
        _filled(records[0]) > NARROW and len(first - {""}) > 1
    ):  # titles side by side, or words above several columns: a lower row must name at least two
        _check_lower(records[0], rows, source, names)
        return
    widest = max(map(_filled, rows), default=0)
    if widest <= NARROW:
        return
    met = [len({cell.strip().casefold() for cell in row} & names) for row in rows]
    if max(met) > 0:
        place = met.index(max(met))
    elif _filled(records[0]) <= 1:  # nothing is known of the names: the first row as wide as the table, if it has no numbers
        place = next(place for place, row in enumerate(rows) if _filled(row) == widest)
        if any(cell.strip()[:1].isdigit() for cell in rows[place]):
            return
    else:
        return
    row = source.heads[-1] + 1 + place
    shown = next((cell.strip() for cell in records[0] if cell.strip()), "")[:80]
    raise StudyError(
        f"{source.place}, row {source.heads[-1]}: the row must name the columns, and is {repr(shown) if shown else 'blank'}; "
        f"the header is in row {row}; set header = {row}."
    )


def _check_lower(first: Sequence[str], rows: Sequence[Sequence[str]], source: Source, names: Collection[str]) -> None:
    """Raise where a row below the declared header names known columns, and the header names none."""
    folded = [[cell.strip().casefold() for cell in row] for row in rows]
    place = next((place for place, cells in enumerate(folded) if len({*cells} & {*names}) > 1), None)
    if place is None:
        return
    top, row = source.heads[-1], source.heads[-1] + 1 + place
    filled = [cell for cell in folded[place] if cell]
    wanted = f"[{top}, {row}]" if place == 0 and len({*filled}) < len(filled) else row
    shown = next(cell.strip() for cell in first if cell.strip())[:80]
    raise StudyError(
        f"{source.place}, row {top}: the row must name the columns, and holds words such as {shown!r}; the header is in row "
        f"{row}; set header = {wanted}."
    )


def _filled(row: Sequence[str]) -> int:
    return sum(1 for cell in row if cell.strip())


def leave_unread(raw: RawTable, source: Source, table: str, issues: Issues) -> pd.DataFrame:
    """Drop the columns that hold personal data, those declared and those the platform is known for; add a reader's notes.

    Raises
    ------
    StudyError : `personal` names columns that the file lacks.
    """
    lacking = [name for name in source.personal if name not in raw.frame]
    if lacking:
        said = [f"`personal` names the column {name!r}, and the file has none.{nearest(name, raw.frame)}" for name in lacking]
        raise StudyError("\n".join(f"{source.place}: {line}" for line in first_of(said, "columns")))
    for note in raw.notes:
        where = {"table": table, "column": note.column, "sheet": note.sheet, "value": note.value}
        issues.add(note.check, severity_of(note.check), **where, rows=note.rows, row=note.row)
    personal = {*source.personal, *(name for name in raw.personal if name not in source.rename)}
    dropped = [name for name in raw.frame.columns if name in personal]
    if dropped:
        issues.add("personal_unread", "note", table=table, column=", ".join(dropped), rows=len(raw.frame))
    return raw.frame.drop(columns=dropped)


def settle_header(frame: pd.DataFrame, source: Source, *, table: str, known: Collection[str], issues: Issues) -> pd.DataFrame:
    """Rename columns as declared, and find known names that are written in another case (with a warning).

    Parameters
    ----------
    frame : the table as read
    source : how the file is written; its `rename` maps names in the file to known names
    known : names that the table is read by

    Raises
    ------
    StudyError : `rename` names columns that the file lacks, or two columns come to one name or to names that differ in
        case alone; every one is a line.
    """
    lacking = [name for name in source.rename if name not in frame]
    if lacking:
        said = [f"rename names the column {name!r}, and the file has none.{nearest(name, frame)}" for name in lacking]
        raise StudyError("\n".join(f"{source.place}: {line}" for line in first_of(said, "columns")))
    names = [source.rename.get(name, name) for name in frame.columns]
    there, familiar = set(names), set(known)
    wanted = {name.casefold(): name for name in known if name not in there}
    settled = [name if name in familiar else wanted.get(name.casefold(), name) for name in names]
    _check_once(list(frame.columns), settled, familiar, source)
    for name, new in zip(names, settled, strict=True):
        if name != new:
            issues.add("header_normalised", "warning", table=table, column=new, row=source.heads[-1], value=name)
    return frame.set_axis(settled, axis=1)


def _check_once(columns: Sequence[str], settled: Sequence[str], known: Collection[str], source: Source) -> None:
    """Raise where two columns would have one name, or names that differ in case alone."""
    alike: dict[str, list[tuple[str, str]]] = {}
    for old, name in zip(columns, settled, strict=True):
        alike.setdefault(name.casefold(), []).append((old, name))
    lines = []
    for both in alike.values():
        if len(both) > 1:
            names = [old for old, _ in both]
            wanted = next((name for _, name in both if name in known), both[0][1])
            spare = next((old for old, name in both if name not in known), names[-1])
            lines.append(
                f"{source.place}: one column must be {wanted!r}, and {names} both would be; rename one of them, such as "
                f'rename = {{ {json.dumps(spare, ensure_ascii=False)} = "other_{wanted}" }}, or name it under `personal`.'
            )
    if lines:
        raise StudyError("\n".join(first_of(lines, "columns")))


def require_columns(
    frame: pd.DataFrame, names: Collection[str], *, table: str, used: Collection[str] = (), place: str = ""
) -> None:
    """Raise one ColumnError for all of `names` that the table lacks, a line each; a name in `used` is not suggested.

    Parameters
    ----------
    place : the file and sheet, as the lines begin
    """
    lacking = [name for name in dict.fromkeys(names) if name not in frame]
    if lacking:
        taken = {*names, *used}
        spare = [column for column in frame.columns if column not in taken]
        begin, lines = f"{place}: " if place else "", []
        for name in lacking:
            line = str(ColumnError.missing(name, table, spare))
            hint = "" if "rename = " in line or not spare else f' If one of them holds it, set rename = {{ "..." = "{name}" }}.'
            lines.append(f"{begin}{line}{hint}")
        raise ColumnError("\n".join(first_of(lines, "columns")))
