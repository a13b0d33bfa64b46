"""The values of a workbook as text; a program of its own, because a made-up file can end the process that reads it.

It takes a workbook from its input and writes JSON, and knows nothing of the rest of cxgap, so that it starts at once.
"""

from __future__ import annotations

import io
import json
import math
import sys
from datetime import date, time, timedelta
from typing import Any, Final

MOST_MEMORY: Final = 1 << 30  # bytes, beside those that are in proportion to the file
MOST_DIGITS: Final = 1e16  # a larger number has lost digits in the file, and is written so that this is seen


def written(value: Any, decimal: str = ".") -> str:
    """Write one value: whole numbers stay whole, numbers have the declared decimal mark, times are ISO 8601.

    Text is what it was, without spaces around it.

    Examples
    --------
    >>> written(5.0), written(4.5, ","), written(" 007 "), written(True)
    ('5', '4,5', '007', 'true')
    """
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and abs(value) < MOST_DIGITS and value == math.floor(value):
        return str(int(value))
    if isinstance(value, float):
        return repr(value).replace(".", decimal)
    if isinstance(value, timedelta):
        return _length(value)
    return value.isoformat() if isinstance(value, date | time) else str(value)


def rows_of(sheet: Any, decimal: str = ".") -> list[list[str]]:
    """Write all cells of a sheet, each row as long as the longest, from its first row and column on."""
    if not sheet.height:  # of which older readers cannot give the rows
        return []
    numbers: dict[float, str] = {}
    rows = []
    before = sheet.start[1] if sheet.start else 0  # columns that hold nothing and are not given
    for values in sheet.iter_rows():
        row = [""] * before
        for value in values:
            if type(value) is float:
                text = numbers.get(value)
                if text is None:
                    text = numbers[value] = written(value, decimal)
            else:
                text = written(value, decimal)
            row.append(text)
        rows.append(row)
    return rows


def workbook_of(raw: bytes, names: list[str], decimal: str) -> dict[str, Any]:
    """Return the sheets of a workbook that hold cells, whether each is hidden, and the rows of those that are asked for."""
    import python_calamine as calamine

    try:
        book = calamine.load_workbook(io.BytesIO(raw))
        kind, shown = calamine.SheetTypeEnum.WorkSheet, calamine.SheetVisibleEnum.Visible
        sheets = {one.name: one.visible != shown for one in book.sheets_metadata if one.typ == kind}
        values = {}
        for name in names:
            if name in sheets:
                sheet = book.get_sheet_by_name(name)
                values[name] = {"rows": rows_of(sheet, decimal), "merged": sheet.merged_cell_ranges or []}
    except calamine.PasswordError:
        return {"locked": True}
    except BaseException as error:  # a panic of the reader is no Exception
        return {"fault": str(error) or type(error).__name__}
    return {"sheets": sheets, "values": values}


def _length(value: timedelta) -> str:
    hours, seconds = divmod(value.total_seconds(), 3600)
    minutes, seconds = divmod(seconds, 60)
    return f"PT{hours:.0f}H{minutes:.0f}M{seconds:g}S"


def _main() -> None:
    raw, (names, decimal, seconds) = sys.stdin.buffer.read(), json.loads(sys.argv[1])
    try:
        import resource
    except ImportError:  # Windows has no such limits
        pass
    else:
        most = MOST_MEMORY + 50 * len(raw)
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    sys.stdout.write(json.dumps(workbook_of(raw, names, decimal)))


if __name__ == "__main__":
    _main()
