"""What clocks showed: each text of a column read once, most of them many at a time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple

import numpy as np

from cxgap.tables.dates import Reader, Written, reader_of

NONE, DAY, LOCAL, FIXED = range(4)  # no date; a day alone; a time without an offset; a moment in UTC
MOST_AT_ONCE: Final = 250_000

_ISO = re.compile(r"\d{4}-\d\d-\d\d([T ].*)?", re.ASCII)
_ISO_DAY = len("2026-03-31")
_ISO_CLOCKS: Final = ("T%H:%M:%S", "T%H:%M", " %H:%M:%S", " %H:%M")
_UTC: Final = ("Z", "+00:00")  # as typed times are written
_ISO_FORMS: Final = tuple(f"%Y-%m-%d{clock}{mark}" for clock in ("", *_ISO_CLOCKS) for mark in ("", *_UTC) if clock or not mark)
_WIDTHS: Final = {"Y": 4, "m": 2, "d": 2, "H": 2, "M": 2, "S": 2}
_MOST: Final = {"m": 12, "H": 23, "M": 59, "S": 59}


class Clocks(NamedTuple):
    """What each text says: `shown`, the clock (in UTC where `kind` is FIXED), shape (texts,), and what kind of date it is."""

    shown: np.ndarray
    kind: np.ndarray


def read_clocks(texts: np.ndarray, formats: Sequence[str]) -> Clocks:
    """Read each text by the first of the formats that can, and by ISO 8601 where none can.

    Parameters
    ----------
    texts : objects, without spaces around them
    formats : of `dates.reader_of`

    Raises
    ------
    ValueError : two of the formats read one text differently; the text of the error is that text.
    """
    shown, kind = np.full(len(texts), np.datetime64("NaT", "us")), np.zeros(len(texts), np.int8)
    forms = [*formats, *(_ISO_FORMS if _iso_too(formats) else ())]
    if all(map(_layout, formats)):
        for start in range(0, len(texts), MOST_AT_ONCE):
            part = slice(start, start + MOST_AT_ONCE)
            shown[part], kind[part] = _many(texts[part], forms)
    reader = _reader(formats)
    for place in np.flatnonzero(kind == NONE):
        written = reader(texts[place])
        if written is not None:
            clock = written.clock
            fixed = clock.tzinfo is not None and not written.day
            try:
                shown[place] = (clock.astimezone(UTC) if fixed else clock).replace(tzinfo=None)
            except OverflowError:
                continue
            kind[place] = DAY if written.day else FIXED if fixed else LOCAL
    return Clocks(shown, kind)


def _iso_too(formats: Sequence[str]) -> bool:
    """Whether a text of ISO 8601 may be meant as such."""
    return not any(form.startswith("%Y-%d") for form in formats)


def _reader(formats: Sequence[str]) -> Reader:
    """Return what reads one text."""
    readers = [*map(reader_of, formats), *([_iso] if _iso_too(formats) else [])]

    def read(word: str) -> Written | None:
        found = [written for reader in readers if (written := reader(word)) is not None]
        if any(written.clock != found[0].clock for written in found):
            raise ValueError(word)
        return found[0] if found else None

    return read


def _iso(word: str) -> Written | None:
    if not _ISO.fullmatch(word):
        return None
    try:
        return Written(datetime.fromisoformat(word), day=len(word) == _ISO_DAY)
    except ValueError:
        return None


def _layout(form: str) -> list[tuple[str, int]] | None:
    """Return where the parts of a text of the format begin if each is as wide as it can be; None where widths differ."""
    parts, place = [], 0
    for piece in re.findall("%.|[^%]", form):
        if piece[0] == "%" and piece[1] not in _WIDTHS:
            return None
        parts.append((piece, place))
        place += _WIDTHS[piece[1]] if piece[0] == "%" else 1
    return parts if any(piece == "%Y" for piece, _ in parts) else None


def _many(texts: np.ndarray, forms: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Read texts that are as wide as a format has them; what two formats read differently is left to whoever says so."""
    shown, kind = np.full(len(texts), np.datetime64("NaT", "us")), np.zeros(len(texts), np.int8)
    sizes = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
    apart = np.zeros(len(texts), dtype=bool)
    for form in forms:
        layout = _layout(form) or []
        width = max(place + (_WIDTHS[piece[1]] if piece[0] == "%" else 1) for piece, place in layout)
        rows = np.flatnonzero(sizes == width)
        if not len(rows):
            continue
        letters = np.array(texts[rows], dtype=f"U{width}").view(np.uint32).reshape(len(rows), width).astype(np.int64)
        read, clock = _parts(letters, layout)
        rows, clock = rows[read], clock[read]
        apart[rows] |= (kind[rows] != NONE) & (shown[rows] != clock)
        new = kind[rows] == NONE
        shown[rows[new]] = clock[new]
        timed = LOCAL if "%H" in form else DAY
        kind[rows[new]] = FIXED if form in _ISO_FORMS and form.endswith(_UTC) else timed
    kind[apart] = NONE
    shown[apart] = np.datetime64("NaT", "us")
    return shown, kind


def _parts(letters: np.ndarray, layout: Sequence[tuple[str, int]]) -> tuple[np.ndarray, np.ndarray]:
    """Return which rows of letters are dates, and what they say."""
    good, said = np.ones(len(letters), dtype=bool), dict.fromkeys("HMS", np.zeros(len(letters), np.int64))
    for piece, place in layout:
        if piece[0] != "%":
            good &= letters[:, place] == ord(piece)
            continue
        digits = letters[:, place : place + _WIDTHS[piece[1]]] - ord("0")
        good &= ((digits >= 0) & (digits <= 9)).all(axis=1)
        number = digits @ 10 ** np.arange(digits.shape[1] - 1, -1, -1)
        good &= number <= _MOST.get(piece[1], number.max(initial=0))
        said[piece[1]] = number
    good &= (said["Y"] >= 1) & (said["m"] >= 1) & (said["d"] >= 1)
    year, month, day = (np.where(good, said[name], 1) for name in "Ymd")
    months = (year - 1970).astype("datetime64[Y]").astype("datetime64[M]") + (month - 1)
    days = months.astype("datetime64[D]") + (day - 1)
    good &= days.astype("datetime64[M]") == months
    seconds = np.where(good, said["H"] * 3600 + said["M"] * 60 + said["S"], 0)
    return good, days.astype("datetime64[us]") + seconds.astype("timedelta64[s]")
