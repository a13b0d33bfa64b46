"""How hard a text is to read, by the lengths of its words and sentences, and how far so short a text can tell.

LIX: Bjoernsson (1968), Laesbarhet (Liber); in English Bjoernsson (1983), Readability of newspapers in 11 languages, Reading
Research Quarterly 18(4), 480-497. It counts letters and not syllables, so that it needs no dictionary of a language.
"""

from __future__ import annotations

import math
import re
import unicodedata
from typing import Final, NamedTuple

import numpy as np

from cxgap.stats.proportions import wilson

LONG: Final = 6  # letters; a word of more is long
HARD: Final = 50.0  # Bjoernsson (1968): 50 is difficult, as official texts are; 40 a newspaper, 60 very difficult
SPACED: Final = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "GEORGIAN")  # scripts with letters for sounds and spaces for words
MOSTLY: Final = 0.9  # of the letters, for a script to be that of the text

_WORD: Final = re.compile(r"\d[\d.,:]*|[^\W\d_]+(?:['\u2019-][^\W\d_]+)*")
_END: Final = re.compile(r"[.!?\u2026]+(?=\s|$)|:(?=\s)|\n+")


class Readability(NamedTuple):
    """Words, sentences, long words, LIX, and the ends of the interval that so few words leave; NaN where nothing tells."""

    words: int
    sentences: int
    long: int
    lix: float
    low: float
    high: float


UNREAD: Final = Readability(0, 0, 0, math.nan, math.nan, math.nan)


def lix(text: str, *, conf_level: float) -> Readability:
    """Return LIX, words per sentence and per cent of long words, with an interval; a colon ends a sentence, too.

    A wording is taken as a sample of how its author writes: the share of long words has Wilson's interval (1927, Journal of
    the American Statistical Association 22(158), 209-212), words per sentence stand as they are. A text in a script without
    spaces or letters for sounds is not measured.

    Parameters
    ----------
    text : as customers read it
    conf_level : two-sided, in (0, 1)
    """
    letters = [letter for letter in text if letter.isalpha()]
    if not letters or sum(_spaced(letter) for letter in letters) < MOSTLY * len(letters):
        return UNREAD
    words = _WORD.findall(text)
    parts = [part for part in _END.split(text) if _WORD.search(part)]
    long = sum(sum(letter.isalpha() for letter in word) > LONG for word in words)
    share = np.array([long / len(words)])
    low, high = wilson([long], [len(words)], conf_level=conf_level)
    per = len(words) / len(parts)
    value, least, most = (per + 100 * float(end[0]) for end in (share, low, high))
    return Readability(len(words), len(parts), long, value, least, most)


def _spaced(letter: str) -> bool:
    return unicodedata.name(letter, "").startswith(SPACED)
