"""From labels to numbers: the ladder that knows them says their order, which is never that of the alphabet.

A ladder is one family of labels from low to high, all languages together, because one survey may be asked in several. A
questionnaire uses some of its levels: the shapes say which.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from difflib import get_close_matches
from typing import Final, NamedTuple

from cxgap.folding import fold, straight
from cxgap.labels.ladders import LADDERS, SHAPES
from cxgap.labels.non_answers import NON_ANSWERS

_FEWEST: Final = 4  # labels of a question: fewer are as often a longer scale of which the rest was never chosen
_USUAL: Final = 5  # labels in use that are no known shape may be a scale of their own all the same
_ALIKE: Final = 0.85  # how near a slip of the pen must be, as difflib counts

_CODED: Final = (
    re.compile(r"\(?(?P<code>[+-]?\d{1,3})\)?\s*[-:=.)\]]+\s*(?P<word>\D.*)"),
    re.compile(r"(?P<code>[+-]?\d{1,3})\s*[(\[]\s*(?P<word>\D.*?)\s*[)\]]"),
    re.compile(r"(?P<code>[+-]?\d{1,3})\s+(?P<word>[^\W\d_].*)"),
    re.compile(r"(?P<word>\D.*?)\s*[(\[]\s*(?P<code>[+-]?\d{1,3})\s*[)\]]"),
    re.compile(r"(?P<word>[^\W\d_].*?)\s*[-:=]\s*(?P<code>\d{1,3})"),
)
_STARS: Final = re.compile(r"(?P<full>[★⭐🌟]+)(?P<empty>☆*)\ufe0f?")
_NUMBER: Final = re.compile(r"[+-]?\d{1,3}")


class Reading(NamedTuple):
    """What a question's labels say.

    Attributes
    ----------
    numbers : label, as it is written, to its number; empty where no order is known
    low, high : of the whole scale, labels that nobody chose with them
    kind : the family of the labels, or "codes" where they have their numbers with them
    typos : label to the known one that it was taken for
    doubt : what must be asked before the numbers are used, "" where nothing
    """

    numbers: Mapping[str, float] = {}
    low: float = 0.0
    high: float = 0.0
    kind: str = ""
    typos: Mapping[str, str] = {}
    doubt: str = ""


def non_answer(text: str) -> str | None:
    """Return why a text is no answer ("" where it does not say), or None where it may be one."""
    plain = fold(text)
    for word in (plain, plain.strip("().[]")):
        if word in _SILENT:
            return _SILENT[word]
    return None


def coded(text: str) -> tuple[float, str] | None:
    """Return the number that a label has with it, and its words: 5 of "5 - Strongly agree"; stars are counted."""
    plain = straight(text.strip())
    if stars := _STARS.fullmatch(plain):
        return float(len(stars["full"])), ""
    for form in _CODED:
        if match := form.fullmatch(plain):
            return float(match["code"]), match["word"].strip()
    return None


def scale_of(labels: Iterable[str]) -> dict[str, float]:
    """Return each label's number, from low to high; empty where they are no scale that is known beyond doubt."""
    reading = read_labels(labels)
    return {} if reading.doubt else dict(reading.numbers)


def read_labels(labels: Iterable[str]) -> Reading:
    """Find the scale that labels are of; words for no answer and plain numbers among them are passed over.

    Parameters
    ----------
    labels : the different answers to one question, or to all questions of one kind
    """
    words = [label for label in dict.fromkeys(label.strip() for label in labels) if label and non_answer(label) is None]
    plain = [word for word in words if _NUMBER.fullmatch(word)]
    words = [word for word in words if word not in plain]
    if not words:
        return Reading()
    codes = {word: found for word in words if (found := coded(word))}
    if len(codes) == len(words):
        return _by_codes(codes, [float(word) for word in plain])
    if plain:
        return Reading()
    return _by_words(words)


def _by_codes(codes: Mapping[str, tuple[float, str]], plain: Collection[float]) -> Reading:
    numbers = {label: number for label, (number, _) in sorted(codes.items(), key=lambda entry: entry[1][0])}
    low, high = min([*numbers.values(), *plain]), max([*numbers.values(), *plain])
    doubt = ""
    if low == high or len(set(numbers.values())) < len({fold(label) for label in numbers}):
        doubt = "two labels have one number" if low != high else "only one of the labels is in use"
    known = _ranks({word: number for number, word in codes.values() if word})
    if len(known) > 1:
        ends = min(known), max(known)  # the numbers that the labels have, to the level of their words
        if known[ends[0]] > known[ends[1]]:
            best = next(label for label, number in numbers.items() if number == ends[0])
            doubt = f"1 may be the best answer: {best!r} is the better end; must the numbers be turned?"
    return Reading(numbers, low, high, "codes", {}, doubt)


def _ranks(words: Mapping[str, float]) -> dict[float, int]:
    """Return the level of each number's word in the ladder that knows most of them."""
    best: dict[float, int] = {}
    for known in _KNOWN.values():
        found = {number: min(known[fold(word)].values()) for word, number in words.items() if fold(word) in known}
        best = found if len(found) > len(best) else best
    return best


def _by_words(words: list[str]) -> Reading:
    readings = [reading for name in _KNOWN if (reading := _on_ladder(words, name)) is not None]
    if not readings:
        return Reading()
    return min(readings, key=lambda reading: (len(reading.typos), bool(reading.doubt)))


def _on_ladder(words: list[str], name: str) -> Reading | None:
    """Read all words on one ladder, each language by itself: two languages may use different levels of it."""
    known = _KNOWN[name]
    typos: dict[str, str] = {}
    levels: dict[str, Mapping[int, int]] = {}  # of each word, by language
    for word in words:
        plain = fold(word)
        plain = plain if plain in known else plain.rstrip(" .!,;")
        if plain not in known:
            near = get_close_matches(plain, known, n=1, cutoff=_ALIKE)
            if not near:
                return None
            typos[word] = plain = near[0]
        levels[word] = known[plain]
    if len(typos) * 2 > len(words):
        return None
    spoken = _spoken(levels)
    shared = {word for word, found in levels.items() if len(set(found) & set(spoken)) > 1}
    readings = [
        _in_language({word: found[one] for word, found in levels.items() if one in found}, name, shared) for one in spoken
    ]
    if any(reading is None for reading in readings):
        return None
    read = [reading for reading in readings if reading is not None]
    numbers = {word: number for reading in read for word, number in reading.numbers.items()}
    doubt = next((reading.doubt for reading in read if reading.doubt), "")
    if len({reading.high for reading in read}) > 1:
        points = " and ".join(f"{reading.high:g}" for reading in read)
        doubt = f"the labels are of scales of {points} points in different languages"
    if typos:
        label, taken = next(iter(typos.items()))
        doubt = f"{label!r} was taken for {taken!r}"
    return Reading(dict(sorted(numbers.items(), key=lambda entry: entry[1])), read[0].low, read[0].high, name, typos, doubt)


def _spoken(levels: Mapping[str, Mapping[int, int]]) -> list[int]:
    """Return the fewest languages that know all words, those of most words first."""
    spoken: list[int] = []
    count = Counter(language for found in levels.values() for language in found)
    for found in sorted(levels.values(), key=len):
        if not set(found) & set(spoken):
            spoken.append(max(found, key=lambda language: (count[language], -language)))
    return spoken


def _in_language(levels: Mapping[str, int], name: str, shared: Collection[str]) -> Reading | None:
    """Give numbers to the words of one language: which of the ladder's shapes they are says how many points there are."""
    met, size = set(levels.values()), _SIZES[name]
    fits = [shape for shape in ([int(place) for place in text] for text in SHAPES[size]) if met <= set(shape)]
    if not fits:
        return None
    whole = [shape for shape in fits if met == set(shape) and (len(shape) >= _FEWEST or size == 2)]
    shape = (whole or [next((shape for shape in fits if len(shape) == 5), fits[0])])[0]
    low = 0 if size == 2 else 1
    numbers = {word: float(low + shape.index(level)) for word, level in levels.items()}
    spelled = {fold(word) for word in levels}
    if name == "quality" and whole and {"poor", "very good", "excellent"} <= spelled:
        return None  # poor, fair, good, very good, excellent: the middle is "good"
    doubt = ""
    points = sorted({len(shape) for shape in fits} | ({len(met)} if len(met) == _USUAL else set()))
    if not whole and len(points) > 1:
        doubt = f"the answers in use fit a scale of {' or '.join(map(str, points))} points; the others were never chosen"
    own = [word for word in levels if word not in shared]
    by_level = {level: sorted({fold(word).rstrip(" .!,;") for word in own if levels[word] == level}) for level in met}
    if alike := next((words for words in by_level.values() if len(words) > 1), None):
        doubt = f"{alike[0]!r} and {alike[1]!r} would be one number"
    return Reading(numbers, float(low), float(low + len(shape) - 1), name, {}, doubt)


def _index(text: str) -> tuple[dict[str, dict[int, int]], int]:
    """Return the level of each spelling by language, and how many levels there are."""
    known: dict[str, dict[int, int]] = {}
    size = 0
    for language, block in enumerate(text.split("\n\n")):
        levels = " ".join(block.split()).split(";")
        size = len(levels)
        for level, spellings in enumerate(levels):
            for spelling in spellings.split("|"):
                known.setdefault(fold(spelling), {}).setdefault(language, level)
    return known, size


_INDEXED: Final = {name: _index(text) for name, text in LADDERS.items()}
_KNOWN: Final = {name: known for name, (known, _) in _INDEXED.items()}
_SIZES: Final = {name: size for name, (_, size) in _INDEXED.items()}
_SILENT: Final = {fold(word): meaning for meaning, words in NON_ANSWERS.items() for word in words.split("|")}
