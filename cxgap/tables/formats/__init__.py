"""One reader a file format; each gives text, row by row, and leaves meaning to the schema."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from cxgap.errors import StudyError
from cxgap.tables.spec import Source

# What a file is, by its first bytes: a name can lie.
_MAGIC = {
    rb"\x1f\x8b": "a gzip archive",
    rb"PK(\x03\x04|\x05\x06)": "a zip archive or a workbook",
    rb"BZh[1-9]\x31\x41\x59|\xfd7zXZ\x00|\x28\xb5\x2f\xfd|7z\xbc\xaf": "a compressed archive",
    rb"\xd0\xcf\x11\xe0": "an old workbook",
    rb"\x80[\x02-\x05]": "a Python pickle",
    rb"\$FL[23]": "an SPSS file",
    rb"ARROW1\x00": "an Arrow file",
    rb"SQLite format 3\x00": "an SQLite database",
    rb"%PDF-": "a PDF",
    rb"(\xef\xbb\xbf)?\s*<(!doctype|html|head|body|table)\b": "an HTML page",
    rb"(\xef\xbb\xbf)?\s*<\?xml": "an XML file",
    rb'(\xef\xbb\xbf)?\s*(\{\s*"|\[\s*["{\[])': "JSON",
}


class Unread(NamedTuple):
    """A row whose fields do not match the header: its number in the file, why, and how many fields it has."""

    row: int
    reason: str
    value: str


class RawTable(NamedTuple):
    """A file as text.

    Attributes
    ----------
    frame : str columns, blank where there is nothing; the index is the row in the file, its header being row 1
    unread : rows that do not match the header
    sha256 : of the bytes that were read
    """

    frame: pd.DataFrame
    unread: list[Unread]
    sha256: str

    def about(self, table: str, source: Source) -> dict[str, object]:
        """Return what a record says of the file: its name, not where it lies."""
        rows = len(self.frame) + len(self.unread)
        return {"table": table, "file": Path(source.file).name, "rows": rows, "sha256": self.sha256}


def read_file(folder: Path, source: Source, known: Collection[str]) -> RawTable:
    """Read one file as text; a row in which every field is blank is none.

    Parameters
    ----------
    folder : of the study file
    source : where the file lies and how it is written
    known : names that its header must hold, by which an undeclared delimiter is told

    Raises
    ------
    StudyError : there is no such file, it is empty, or it is not of a format that is read here.
    """
    raw = _bytes(folder, source)
    digest = hashlib.sha256(raw).hexdigest()
    if raw[:4] == b"PAR1" and (raw[-4:] == b"PAR1" or b"\x00" in raw):
        from cxgap.tables.formats.parquet import read_parquet

        frame, unread = read_parquet(raw, source.file), list[Unread]()
    else:
        kind = next((kind for magic, kind in _MAGIC.items() if re.match(magic, raw, re.IGNORECASE)), None)
        if kind:
            raise StudyError(f"{source.file} must be CSV text or Parquet, and is {kind}; export it as CSV in UTF-8.")
        from cxgap.tables.formats.delimited import read_delimited

        frame, unread = read_delimited(raw, source, known)
    if frame.empty and not unread:
        raise StudyError(f"{source.file} must hold rows below its header; it has none.")
    return RawTable(frame, unread, digest)


def _bytes(folder: Path, source: Source) -> bytes:
    path = folder / source.file
    try:
        if not path.is_file():
            fault = "is not one" if path.exists() else "does not exist"
            raise StudyError(f"{source.file} must be a file, found from the folder of the study file, and {fault}.")
        raw = path.read_bytes()
    except OSError as error:
        raise StudyError(f"{source.file} must be a file that can be read: {error.strerror}.") from error
    if not raw.strip():
        raise StudyError(f"{source.file} must hold a header and rows; it is empty.")
    return raw
