"""What kind of file it is, by its first bytes: a name can lie."""

from __future__ import annotations

import re
from pathlib import Path

from cxgap.errors import StudyError
from cxgap.tables.formats import read_file
from cxgap.tables.source import Source

WORKBOOK, SPSS, PARQUET, DUCKDB, SQLITE, TEXT = (
    "Excel workbook",
    "SPSS file",
    "Parquet",
    "DuckDB database",
    "SQLite database",
    "CSV",
)
_MAGIC = {
    rb"SQLite format 3\x00": SQLITE,
    rb".{8}DUCK": DUCKDB,
    rb"PAR1": PARQUET,
    rb"PK\x03\x04|\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": WORKBOOK,
    rb"\$FL[23]": SPSS,
}
_NO_TEXT = re.compile(
    rb"\x1f\x8b|BZh[1-9]\x31\x41\x59|\xfd7zXZ\x00|\x28\xb5\x2f\xfd|7z\xbc\xaf|\x80[\x02-\x05]|ARROW1\x00|%PDF-|"
    rb'(\xef\xbb\xbf)?\s*<(!doctype|html|head|body|table)\b|(\xef\xbb\xbf)?\s*<\?xml|(\xef\xbb\xbf)?\s*(\{\s*"|\[\s*["{\[])',
    re.IGNORECASE,
)


def tell_kind(path: Path) -> str:
    """Return the kind, "CSV" for all delimited text.

    Raises
    ------
    StudyError : there is no such file, it is empty, or it is not one that is read here.
    """
    try:
        with path.open("rb") as opened:
            head = opened.read(4096)
    except (OSError, ValueError):
        head = b""
    if not head.strip() or _NO_TEXT.match(head):
        read_file(path.parent, Source(file=path.name), ())  # says what is wrong
        raise StudyError(f"{path.name} must be a file that is read here, and is none.")
    return next((kind for magic, kind in _MAGIC.items() if re.match(magic, head, re.DOTALL)), TEXT)
