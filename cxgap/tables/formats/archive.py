"""A zip archive is looked through before anything in it is believed: its size, its whole, and what its XML declares."""

from __future__ import annotations

import io
import zlib
from typing import Final
from zipfile import BadZipFile, ZipFile, ZipInfo

from cxgap.errors import StudyError

MOST_UNPACKED: Final = 2 << 30  # bytes of all that is in an archive
MOST_RATIO: Final = 100  # of unpacked to packed; those of sheets are 10 to 20
SMALL: Final = 32 << 20  # unpacked bytes below which no ratio is too high
_BLOCK: Final = 1 << 20
_DECLARATIONS: Final = (b"<!DOCTYPE", "<!DOCTYPE".encode("utf-16-le")[:-1])  # without its last NUL, in either byte order
_FAULTS: Final = (BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError)


def safe_archive(raw: bytes, place: str) -> ZipFile:
    """Open an archive that is no bomb, asks for no password, is whole, and whose XML declares no entities.

    Raises
    ------
    StudyError : it is not so.
    """
    try:
        archive = ZipFile(io.BytesIO(raw))
        entries = archive.infolist()
        size = sum(entry.file_size for entry in entries)
        if size > MOST_UNPACKED or size > max(SMALL, MOST_RATIO * len(raw)):
            raise StudyError(
                f"{place} must have at most {MOST_UNPACKED >> 30} GB and {MOST_RATIO} times its own size when unpacked, and "
                f"would have {size / (1 << 20):,.0f} MB of {len(raw) / (1 << 20):,.1f} MB; export the sheet as CSV in UTF-8."
            )
        if any(entry.flag_bits & 1 for entry in entries):
            raise StudyError(locked(place))
        for entry in entries:
            _look_through(archive, entry, place)
    except StudyError:
        raise
    except _FAULTS as error:
        raise StudyError(damaged(place, error)) from error
    return archive


def locked(place: str) -> str:
    """Word that a file asks for a password."""
    return f"{place} must open without a password, and is encrypted; open it, and save it without one."


def damaged(place: str, error: object) -> str:
    """Word that a file cannot be read, in one line."""
    reason = " ".join(str(error).split())[:200].rstrip(".") or type(error).__name__
    return f"{place} must be a whole workbook, and is damaged ({reason}); open it in Excel, and save it again."


def _look_through(archive: ZipFile, entry: ZipInfo, place: str) -> None:
    """Read one entry to its end, and not to where the directory says that it ends."""
    said, read, before = entry.file_size, 0, b""
    is_xml = entry.filename.casefold().endswith((".xml", ".rels"))
    entry.file_size += 1
    try:
        with archive.open(entry) as opened:
            while block := opened.read(_BLOCK):
                read += len(block)
                if is_xml and any(mark in before + block for mark in _DECLARATIONS):
                    raise StudyError(
                        f"{place} must hold XML without a document type, and {entry.filename} in it declares one, by which "
                        "entities are made; export the sheet as CSV in UTF-8."
                    )
                before = block[-32:]
    finally:
        entry.file_size = said
    if read != said:
        raise BadZipFile(f"{entry.filename} is not as long as the archive says")
