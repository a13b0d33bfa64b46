"""Which encoding bytes are likely to be in: proposed in a message, never obeyed."""

from __future__ import annotations

from typing import Final

from cxgap.tables.formats.telling import tell

UNKNOWN: Final = "declare the encoding in which it was written"
_MOST = 1 << 16  # bytes that are looked at
_FEW = 4  # bytes beyond ASCII that say nothing against what was declared


def is_utf8(encoding: str) -> bool:
    """Whether the name is one of UTF-8."""
    return encoding.casefold().replace("_", "-") in {"utf-8", "utf8", "utf-8-sig"}


def cure(raw: bytes, declared: str) -> str:
    """Say what to type where bytes are not of the declared encoding."""
    found = tell(raw, declared)
    if found is None or (not is_utf8(declared) and sum(byte > 127 for byte in raw) < _FEW):
        return UNKNOWN
    if found.name == "cp1252":
        return 'if the file comes from Excel, set encoding = "cp1252"'
    return f'it looks like {found.words}, so try encoding = "{found.name}" and look whether its words are right'


def wide_encoding(raw: bytes) -> str:
    """Name the UTF-16 that bytes without a mark are in, "" where they are not.

    ASCII has NUL for every second byte there; read in the right order the bytes have delimiters and line ends, and in the
    other, or where NUL is mere damage, letters of distant scripts.
    """
    sample = raw[: _MOST // 2 * 2]
    if sample.count(0) * 50 < len(sample):
        return ""
    found = {name: _marks(sample.decode(name, errors="ignore")) for name in ("utf-16-le", "utf-16-be")}
    less, more = sorted(found, key=lambda name: found[name])
    return more if found[more] > 2 * found[less] + 1 else ""


def _marks(text: str) -> int:
    return sum(text.count(mark) for mark in ",;\t|\r\n")
