"""Cells as a spreadsheet may have them: exact numbers, and text that it takes for no formula."""

from __future__ import annotations

import csv
import io
import re
from typing import Final

import pandas as pd

# What a spreadsheet takes for a formula, after any blanks and marks that it does not show.
_FORMULA: Final = re.compile("[ \xa0\u1680\u2000-\u200f\u202f\u205f\u2060\u3000\ufeff]*[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")


def csv_text(frame: pd.DataFrame) -> str:
    """Write a frame without its index: exact values, and nothing that is a formula."""
    file = io.StringIO(newline="")
    writer = csv.writer(file)  # CR LF between rows, and a CR inside a cell is quoted
    writer.writerow([inert(column) for column in frame.columns])
    writer.writerows([inert(value) for value in row] for row in frame.itertuples(index=False, name=None))
    return file.getvalue()


def inert(value: object) -> object:
    """Return a cell as CSV holds it: whole numbers as such, missing values empty, text that is never a formula."""
    if isinstance(value, str):
        return f"'{value}" if _FORMULA.match(value) else value
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    return "" if value is None or value != value else value
