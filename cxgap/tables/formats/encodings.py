"""Which encoding bytes are likely to be in: proposed in a message, never obeyed."""

from __future__ import annotations

from typing import Final

# Encodings in which exports come, and what they are called; where two do equally well, the first is proposed.
COMMON: Final = {
    "cp1252": "Western European",
    "cp949": "Korean",
    "cp932": "Japanese",
    "gb18030": "Chinese",
    "big5": "Chinese, traditional",
    "mac_roman": "Western European of an old Mac",
    "cp1250": "Central European",
    "cp1251": "Cyrillic",
}
UNKNOWN: Final = "declare the encoding in which it was written"
_MOST = 1 << 16  # bytes that are looked at
_FEW = 4  # bytes beyond ASCII that say nothing yet


def is_utf8(encoding: str) -> bool:
    """Whether the name is one of UTF-8."""
    return encoding.casefold().replace("_", "-") in {"utf-8", "utf8", "utf-8-sig"}


def cure(raw: bytes, declared: str) -> str:
    """Say what to type where bytes are not of the declared encoding."""
    likely = likely_encoding(raw, declared)
    if not likely:
        return UNKNOWN
    if likely == "cp1252":
        return 'if the file comes from Excel, set encoding = "cp1252"'
    return f'it looks like {COMMON[likely]}, so try encoding = "{likely}" and look whether its words are right'


def likely_encoding(raw: bytes, declared: str = "") -> str:
    """Return the one of COMMON that the bytes are most likely in, other than the one declared; "" where none is."""
    from charset_normalizer import from_bytes

    sample = b"\n".join(line for line in raw.splitlines() if not line.isascii())
    if len(sample) > _MOST:
        sample = sample[:_MOST].rpartition(b"\n")[0] or sample  # whole lines, because a letter may be several bytes
    beyond = sum(byte > 127 for byte in sample)
    fits = [name for name in COMMON if name != declared.casefold().replace("-", "_") and _readable(sample, name)]
    if beyond < _FEW:
        return "cp1252" if "cp1252" in fits and is_utf8(declared) else ""
    ranks = {}
    for match in from_bytes(sample, cp_isolation=fits) if fits else ():
        text = sample.decode(match.encoding)
        ranks[match.encoding] = (match.chaos + _odd(text), -match.coherence, list(COMMON).index(match.encoding))
    return min(ranks, key=lambda name: ranks[name], default="")


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


def _readable(sample: bytes, encoding: str) -> bool:
    try:
        return "\ufffd" not in sample.decode(encoding)
    except UnicodeDecodeError:
        return False


def _odd(text: str) -> float:
    """Return the share of characters that are seldom written: half-width katakana, and syllables beyond the Korean standard."""
    beyond = [letter for letter in text if letter > "\x7f"]
    odd = sum("\uff61" <= letter <= "\uff9f" or ("가" <= letter <= "힣" and not _standard(letter)) for letter in beyond)
    return odd / max(1, len(beyond))


def _standard(letter: str) -> bool:
    try:
        return len(letter.encode("euc_kr")) == 2  # others are spelt out there
    except UnicodeEncodeError:
        return False
