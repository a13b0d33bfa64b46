"""One reader a file format; each gives text, row by row, and leaves meaning to the schema."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from pathlib import Path

from cxgap.errors import StudyError, nearest
from cxgap.tables.formats.raw import RawTable
from cxgap.tables.source import Source

MOST_BYTES = 4 << 30  # of a file that is read into memory as text

# What a file is, by its first bytes: a name can lie.
_MAGIC = {
    rb"\x1f\x8b": "a gzip archive",
    rb"BZh[1-9]\x31\x41\x59|\xfd7zXZ\x00|\x28\xb5\x2f\xfd|7z\xbc\xaf": "a compressed archive",
    rb"\x80[\x02-\x05]": "a Python pickle",
    rb"ARROW1\x00": "an Arrow file",
    rb"%PDF-": "a PDF",
    rb"\x89PNG|\xff\xd8\xff|GIF8": "a picture",
    rb"Rar!": "a compressed archive",
    rb"<stata_dta>|[\x71-\x73]\x01\x01\x00": "a Stata file",
    rb"(\xef\xbb\xbf)?\s*<(!doctype|html|head|body|table)\b": "an HTML page",
    rb"(\xef\xbb\xbf)?\s*<\?xml": "an XML file",
    rb'(\xef\xbb\xbf)?\s*(\{\s*"|\[\s*["{\[])': "JSON",
}
_WORKBOOK, _OLD_WORKBOOK, _SPSS = rb"PK\x03\x04", rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", rb"\$FL[23]"
_DATABASE = rb"SQLite format 3\x00|.{8}DUCK"
WORKBOOK_OR_SPSS = _WORKBOOK + b"|" + _OLD_WORKBOOK + b"|" + _SPSS + b"|" + _DATABASE


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
    table = _read(folder, source, known)
    if table.frame.empty and not table.unread:
        raise StudyError(f"{source.place} must hold rows below its header; it has none.")
    return table


def _read(folder: Path, source: Source, known: Collection[str]) -> RawTable:
    if source.address:
        from cxgap.tables.formats.database import read_address

        return read_address(folder, source)
    path = _path(folder, source)
    with path.open("rb") as opened:
        head = opened.read(4096)
    if re.match(_DATABASE, head, re.DOTALL):
        from cxgap.tables.formats.database import read_database

        return read_database(path, source)
    if source.table or source.query:
        raise StudyError(f"{source.shown} is no database, and `table` and `query` are for those; drop them.")
    raw = _bytes(path, source)
    digest = hashlib.sha256(raw).hexdigest()
    if raw[:4] == b"PAR1" and (raw[-4:] == b"PAR1" or b"\x00" in raw):
        from cxgap.tables.formats.parquet import read_parquet

        return RawTable(read_parquet(raw, source.file), [], digest)
    if re.match(_WORKBOOK, raw) or re.match(_OLD_WORKBOOK, raw):
        from cxgap.tables.formats.workbook import read_workbook

        return read_workbook(raw, source, digest)
    if source.sheets:
        raise StudyError(f"{source.file} is no workbook, and `sheet` and `waves` are for those; drop them.")
    if re.match(_SPSS, raw):
        from cxgap.tables.formats.spss import read_spss

        return read_spss(path, source, digest)
    kind = next((kind for magic, kind in _MAGIC.items() if re.match(magic, raw, re.IGNORECASE)), None)
    if kind:
        raise StudyError(
            f"{source.file} must be CSV text, Parquet, a workbook, an SPSS file or a database, and is {kind}; export it as CSV "
            "in UTF-8."
        )
    from cxgap.tables.formats.delimited import read_delimited
    from cxgap.tables.formats.grid import table_of

    return table_of({"": read_delimited(raw, source, known)}, source, digest)


def _path(folder: Path, source: Source) -> Path:
    path = folder / source.file
    try:
        if path.is_file():
            return path
        fault = "is not one" if path.exists() else "does not exist"
    except (OSError, ValueError) as error:  # a name too long for the disk, or with a NUL in it
        raise StudyError(
            f"{source.file} must be a file that can be read: {getattr(error, 'strerror', None) or error}."
        ) from error
    there = [one.name for one in path.parent.iterdir()] if path.parent.is_dir() else []
    near = nearest(path.name, there) if fault == "does not exist" else ""
    raise StudyError(f"{source.file} must be a file, found from the folder of the study file, and {fault}.{near}")


def _bytes(path: Path, source: Source) -> bytes:
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise StudyError(
                f"{source.file} must have at most {MOST_BYTES >> 30} GB to be read as text, and has {size >> 30} GB; "
                "convert it to Parquet."
            )
        raw = path.read_bytes()
    except OSError as error:
        raise StudyError(f"{source.file} must be a file that can be read: {error.strerror}.") from error
    if not raw.strip():
        raise StudyError(f"{source.file} must hold a header and rows; it is empty.")
    return raw
