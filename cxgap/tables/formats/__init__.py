"""One reader a file format; each gives text, row by row, and leaves meaning to the schema."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from pathlib import Path

import pandas as pd

from cxgap.errors import StudyError
from cxgap.tables.spec import Source

# What a file is, by its first bytes: a name can lie.
_MAGIC = {
    b"PAR1": "parquet",
    b"\x1f\x8b": "a gzip archive",
    b"PK": "a zip archive or a workbook",
    b"<!doctype": "an HTML page",
    b"<html": "an HTML page",
    b"$FL2": "an SPSS file",
    b"\x80\x04": "a Python pickle",
}


class RawTable:
    """A file as text.

    Attributes
    ----------
    frame : str columns, null only where the format has a null of its own; the index is the row in the file, header 1
    rejected : rows that could not be read, with `row`, `reason` and `value`
    sha256, size : of the bytes that were read
    """

    __slots__ = ("frame", "rejected", "sha256", "size")

    def __init__(self, frame: pd.DataFrame, rejected: list[dict[str, object]], raw: bytes) -> None:
        self.frame, self.rejected = frame, rejected
        self.sha256, self.size = hashlib.sha256(raw).hexdigest(), len(raw)


def read_file(path: Path, source: Source, known: Collection[str]) -> RawTable:
    """Read one file as text.

    Parameters
    ----------
    path : where it lies
    source : how it is written
    known : names that its header must hold, by which an undeclared delimiter is told

    Raises
    ------
    StudyError : there is no such file, it is empty, or it is not of a format that is read here.
    """
    if not path.is_file():
        raise StudyError(
            f"{source.file} must be a file beside the study file, and {'is not one' if path.exists() else 'does not exist'}."
        )
    raw = path.read_bytes()
    if not raw.strip():
        raise StudyError(f"{source.file} must hold a header and rows; it is empty.")
    kind = next((kind for magic, kind in _MAGIC.items() if raw[: len(magic)].lower() == magic.lower()), "text")
    if kind == "parquet":
        from cxgap.tables.formats.parquet import read_parquet

        return read_parquet(raw, source)
    if kind != "text":
        raise StudyError(f"{source.file} must be CSV text or Parquet, and is {kind}; export it as CSV in UTF-8.")
    from cxgap.tables.formats.delimited import read_delimited

    return read_delimited(raw, source, known)
