"""Names that look like one another, hold what cannot be seen, or were garbled on the way."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from unicodedata import category, normalize

import numpy as np
import pandas as pd

from cxgap.tables.issues import Issues

MOST_NAMES = 1000  # a column of more is no column of names
LONGEST = 1000  # characters: a longer text is a remark
LONG = 120  # characters
NO_NAMES = ("respondent_id", "item", "wording", "text", "said")  # codes, of which one may look like another, and sentences

# Letters of other scripts that are drawn as a Latin one is, small ones after `casefold`.
DRAWN_ALIKE = str.maketrans(
    "\u0430\u0432\u0435\u0437\u0438\u0456\u0457\u0458\u043a\u043c\u043d\u043e\u0440\u0441\u0442\u0443\u0445\u0455\u04bb\u0501\u051b\u051d"
    "\u03b1\u03b2\u03b5\u03b9\u03ba\u03bd\u03bf\u03c1\u03c4\u03c5\u03c7\u03b3\u0131",
    "abe3uijjkmhopctyxshdqwabeikvoptuxyi",
)
_FOREIGN = "".join(map(chr, DRAWN_ALIKE)).replace("\u0131", "")  # the dotless i of Turkish is a Latin letter
_WORD = re.compile(r"[^\W\d_]+")
_KEPT = frozenset("#&%*/@")  # beside letters, digits, marks and symbols, these tell names apart, as in C and C#

# Marks of direction, and characters that take no room; a joiner belongs between letters of many scripts, and not of these.
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\uffa0]"
    "|(?:^|(?<=[\\s\u0000-\u052f]))[\u200c\u200d]|[\u200c\u200d](?:$|(?=[\\s\u0000-\u052f]))"
)

_CP1252 = {bytes([code]).decode("cp1252", "replace"): code for code in range(0x80, 0xA0)}
_RUN = re.compile("[\u0080-\u00ff" + "".join(letter for letter in _CP1252 if letter != "\ufffd") + "]{2,}")
_TYPOGRAPHIC = frozenset(
    "\u00bb\u201c\u201d\u2019\u2013\u2014\u2026\u203a\u2030\u2122"
)  # what may well follow a letter with an accent


def names_to_look_at(frame: pd.DataFrame, table: str, issues: Issues) -> None:
    """Warn of names in the columns of text: look-alikes, unseen characters, garbled letters, and very long ones."""
    for column, names in _names(frame):
        many = {
            "lookalike_names": lookalikes(names) if column != "question" else 0,
            "bidi_or_invisible": sum(bool(_UNSEEN.search(name)) for name in names),
            "mojibake": sum(map(garbled, names)),
            "long_label": sum(len(name) > LONG for name in names),
        }
        for check, count in many.items():
            if count:
                issues.add(check, "warning", table=table, column=column, rows=count)


def _names(frame: pd.DataFrame) -> Iterator[tuple[str, list[str]]]:
    """Yield each column that holds names, and the names with a letter in them."""
    for column in map(str, frame.columns.difference(NO_NAMES, sort=False)):
        values = frame[column]
        if isinstance(values.dtype, pd.CategoricalDtype):
            used = np.unique(values.cat.codes.to_numpy())
            levels = values.cat.categories[used[used >= 0]]
        elif values.dtype.kind == "O":
            levels = pd.factorize(values)[1]
        else:
            continue
        if len(levels) <= MOST_NAMES:
            yield column, [level for level in map(str, levels) if len(level) <= LONGEST and any(map(str.isalpha, level))]


def lookalikes(names: list[str]) -> int:
    """Count the names that differ from another only in case, spaces, hyphens or script, or mix scripts within a word."""
    bare = list(map(_bare, names))
    times = Counter(bare)
    return sum(times[plain] > 1 or _mixed(name) for plain, name in zip(bare, names, strict=True))


def _bare(name: str) -> str:
    plain = normalize("NFKC", name).casefold().translate(DRAWN_ALIKE)
    ending = "-" if plain.endswith("-") else ""  # as of a grade
    return "".join(letter for letter in plain if category(letter)[0] in "LNMS" or letter in _KEPT) + ending


def _mixed(name: str) -> bool:
    """Return whether a word of Latin letters has some that are drawn alike and are not Latin."""
    if name.isascii():
        return False
    for word in _WORD.findall(name.casefold()):
        other = [letter for letter in word if letter > "\u024f"]
        if other and len(other) < len(word) and all(letter in _FOREIGN for letter in other):
            return True
    return False


def garbled(name: str) -> bool:
    """Return whether letters were read in the wrong encoding: bytes of UTF-8 taken for Latin-1 or Windows-1252, or lost."""
    if name.isascii():
        return False
    if "\ufffd" in name:
        return True
    return any(_was_utf8(run, name[run.end() : run.end() + 1]) for run in _RUN.finditer(name))


def _was_utf8(run: re.Match[str], after: str) -> bool:
    letters = run.group()
    raw = bytes(_CP1252.get(letter, ord(letter) & 0xFF) for letter in letters)
    try:
        read = raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    # A word may end in a capital with an accent and a quotation mark, which happen to be bytes of one letter.
    ending = len(letters) == 2 and letters[1] in _TYPOGRAPHIC and not after.isalpha()
    return not ending and not any(category(letter)[0] == "C" for letter in read)
