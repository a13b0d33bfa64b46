"""Bytes that are to be text, gone through once: their encoding, and how the text begins."""

from __future__ import annotations

import codecs
import re
from pathlib import Path
from typing import Final, NamedTuple

from cxgap.errors import StudyError
from cxgap.tables.formats.encodings import wide_encoding
from cxgap.tables.formats.telling import MARKS, Encoding, tell

CHUNK: Final = 1 << 22  # bytes
HEAD: Final = 1 << 20  # bytes of the text that is looked at
_SAMPLE, _CHUNK_SAMPLE, _LONGEST = 1 << 16, 1 << 13, 1 << 12  # bytes beyond ASCII: in all, of a chunk, of a cell
_ODD = re.compile(rb"[\x80-\xff]")
_ENDS = b'\n\r",\t'  # no second byte of a letter, in any encoding


class Scan(NamedTuple):
    """What was seen.

    Attributes
    ----------
    encoding : how the text is written, and how that is known
    text : its beginning
    whole : whether that is all of it
    """

    encoding: Encoding
    text: str
    whole: bool


def scan(path: Path) -> Scan:
    """Go through a file that is to be text.

    Raises
    ------
    StudyError : it holds NUL characters.
    """
    with path.open("rb") as opened:
        head = opened.read(HEAD)
        encoding = _marked(head) or _told(path)
    text = codecs.getincrementaldecoder(encoding.name)("replace").decode(head, final=len(head) < HEAD)
    return Scan(encoding, text.removeprefix("\ufeff"), len(head) < HEAD)


def _marked(head: bytes) -> Encoding | None:
    for mark, name in MARKS.items():
        if head.startswith(mark):
            return Encoding(name, f"its first bytes are the mark of {name.upper()}")
    wide = wide_encoding(head)
    return Encoding(wide, f"every second byte is NUL, as in {wide.upper()} without a mark") if wide else None


def _told(path: Path) -> Encoding:
    decoder, sample, plain, valid = codecs.getincrementaldecoder("utf-8")(), bytearray(), True, True
    with path.open("rb") as opened:
        while chunk := opened.read(CHUNK):
            if b"\x00" in chunk:
                opened.seek(0)
                line = next(line for line, text in enumerate(opened, start=1) if b"\x00" in text)
                raise StudyError(
                    f"{path.name} must be text, and holds NUL characters, first in line {line}; export it as CSV in UTF-8."
                )
            if chunk.isascii() and not decoder.getstate()[0]:
                continue
            plain = False
            if len(sample) < _SAMPLE:
                sample += _cells(chunk, opened.tell() == len(chunk))
            if valid:
                try:
                    decoder.decode(chunk)
                except UnicodeDecodeError:
                    valid = False
        try:
            decoder.decode(b"", final=valid)
        except UnicodeDecodeError:
            valid = False
    if plain:
        return Encoding("utf-8", "all its bytes are ASCII")
    if valid:
        return Encoding("utf-8", "all its bytes are UTF-8")
    text = bytes(sample).decode("utf-8", errors="replace")
    broken, sound = text.count("\ufffd"), sum(letter > "\x7f" for letter in text)
    if sound - broken > 2 * broken:
        return Encoding("utf-8", "most of its bytes are UTF-8, and some are broken")
    return tell(bytes(sample)) or Encoding("utf-8", "its bytes make sense in no encoding that is known here")


def _cells(chunk: bytes, begins: bool) -> bytes:
    """Return cells with letters beyond ASCII, whole ones, a line each; `begins` says whether the file begins with the chunk."""
    found, place = bytearray(), 0
    while len(found) < _CHUNK_SAMPLE and (odd := _ODD.search(chunk, place)):
        start = max(chunk.rfind(end, max(0, odd.start() - _LONGEST), odd.start()) for end in map(_byte, _ENDS)) + 1
        stops = [chunk.find(end, odd.start(), odd.start() + _LONGEST) for end in map(_byte, _ENDS)]
        stop = min((stop for stop in stops if stop >= 0), default=-1)
        if stop < 0:
            stop = len(chunk) if len(chunk) < CHUNK and odd.start() + _LONGEST >= len(chunk) else -1
        if stop > 0 and (start or (begins and odd.start() < _LONGEST)):
            found += chunk[start:stop] + b"\n"
        place = stop if stop > 0 else odd.start() + _LONGEST
    return bytes(found)


def _byte(code: int) -> bytes:
    return bytes([code])
