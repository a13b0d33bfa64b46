"""Tables as an Excel workbook: a sheet a table with its numbers to 16 digits, and one that says what each is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from cxgap.export.captions import caption_of, notes_of
from cxgap.export.names import name_of
from cxgap.result import GapTable, Table
from cxgap.result.values import plain_value

ABOUT: Final = "About"
_LONGEST: Final = 31  # characters of a sheet's name
_WIDEST, _NARROWEST = 60, 10  # characters of a column


def write(path: Path, tables: Sequence[GapTable | Table]) -> None:
    """Write a workbook.

    Every text is typed as text, so that none is a formula; numbers stay numbers, and a missing value is an empty cell.
    """
    from openpyxl import Workbook

    book = Workbook()
    about = book.active
    about.title = ABOUT
    _row(about, 1, ["sheet", "table", "notes"], bold=True)
    for number, table in enumerate(tables, start=1):
        name = f"{number} {name_of(table)}"[:_LONGEST]
        _row(about, number + 1, [name, caption_of(table), " ".join(notes_of(table))])
        if not table.missing:
            _fill(book.create_sheet(name), table)
    _widen(about)
    book.save(path)


def _fill(sheet: Any, table: GapTable | Table) -> None:
    _row(sheet, 1, [str(name) for name in table.frame.columns], bold=True)
    for place, row in enumerate(table.frame.itertuples(index=False, name=None), start=2):
        _row(sheet, place, [plain_value(value) for value in row])
    sheet.freeze_panes = "A2"
    _widen(sheet)


def _row(sheet: Any, row: int, values: Sequence[Any], *, bold: bool = False) -> None:
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
    from openpyxl.styles import Font

    for column, value in enumerate(values, start=1):
        if value is None or (isinstance(value, float) and not math.isfinite(value)):
            continue
        cell = sheet.cell(row, column)
        if isinstance(value, bool | int | float):
            cell.value = value
        else:
            cell.value = ILLEGAL_CHARACTERS_RE.sub("\N{REPLACEMENT CHARACTER}", str(value))
            cell.data_type = "s"
        if bold:
            cell.font = Font(bold=True)


def _widen(sheet: Any) -> None:
    for cells in sheet.columns:
        longest = max(len(str(cell.value)) for cell in cells if cell.value is not None)
        sheet.column_dimensions[cells[0].column_letter].width = min(max(longest + 2, _NARROWEST), _WIDEST)
