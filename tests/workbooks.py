"""Workbooks made of tables, for tests that change what a spreadsheet has and a table has not."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import openpyxl


def as_workbook(text: str, change: Callable[[Any], None] = lambda sheet: None) -> bytes:
    """Write a CSV as a workbook of one sheet, whole numbers as numbers, after `change` was made to the sheet."""
    made = openpyxl.Workbook()
    for row in csv.reader(io.StringIO(text)):
        made.active.append([int(cell) if cell.isdigit() and not cell.startswith("0") else cell or None for cell in row])
    change(made.active)
    made.save(written := io.BytesIO())
    return written.getvalue()


def hide_row(sheet: Any) -> None:
    sheet.row_dimensions[3].hidden = True


def hide_column(sheet: Any) -> None:
    sheet.column_dimensions["C"].hidden = True


def merge_down(sheet: Any) -> None:
    sheet.merge_cells("C2:C3")
