"""The scale of the ratings: by what the file says of it, else by a question.

The extremes of the data are never the scale: nobody may have chosen its ends.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from cxgap.folding import fold
from cxgap.inspection.answers import USUAL, Core, core_of, number, words_of
from cxgap.inspection.column import Column
from cxgap.inspection.names import bare
from cxgap.inspection.proposed import ScaleProposal
from cxgap.labels import non_answer, read_labels

_FROM, _TO = r"(?<![\d.,])(-?\d{1,3})\s*", r"(\d{1,3})"
_LONGER: Final = 1.7  # times as high, and it is another scale: 10 beside 5
_SAYS: Final = (
    re.compile(
        rf"{_FROM}(?:-|–|~|\uff5e|\.\.\.?|to|bis|through|a|à|al|hasta|ate|até|tot|s/d|sampai|ila|до|から|到|至)\s*{_TO}(?!\d|[.,]\d)"
    ),
    re.compile(rf"{_FROM}(?:=|:|점).{{1,40}}?(?<![\d.,]){_TO}\s*(?:=|:|점)"),
)
_ENDS: Final = re.compile(
    r"(?<![\d.,])(\d{1,3})\s*(?:=|:|-|–|\(|\[)\s*([^\W\d_][^\d,;.()\[\]/]*)"
)  # 1 = very good, 6 = very poor
_MARKS: Final = re.compile(r"\bschulnote|\b(?:1|eins)\s*(?:=|:|-|\()\s*(?:the )?(?:best|mejor|meilleur|migliore|melhor)")
_TURN: Final = " If so, add reversed = true to every item"
_HARDLY: Final = 0.05  # of the numbers, as those in a row of means below the table
_LESS_USUAL: Final = frozenset({(1, 3), (1, 6), (1, 11), (0, 4), (0, 5), (0, 6), (1, 100), (1, 2)})
_SCALES: Final = USUAL | _LESS_USUAL


def propose_scale(columns: Sequence[Column]) -> ScaleProposal:
    """Propose the scale of the ratings in columns.

    Labels of codes come first, then answers in words, then questions that name the ends; where nothing says it, the
    extremes in use are given, and a question.
    """
    if not columns:
        return ScaleProposal()
    core = core_of([column for column in columns])
    return _of_codebook(columns) or _of_words(columns, core) or _of_wording(columns, core) or _of_data(columns, core)


def _of_codebook(columns: Sequence[Column]) -> ScaleProposal | None:
    """Read the codes that have labels, as an SPSS file gives them."""
    ranges: Counter[tuple[float, float]] = Counter()
    doubt = ""
    for column in columns:
        words = {code: word for code, word in column.labels.items() if code not in column.reasons and non_answer(word) is None}
        codes = [value for code in words if (value := number(code)) is not None]
        if len(codes) < 2:
            continue
        ranges[min(codes), max(codes)] += 1
        doubt = doubt or read_labels([f"{code} - {word}" for code, word in words.items() if number(code) is not None]).doubt
    if not ranges:
        return None
    (low, high), count = ranges.most_common(1)[0]
    evidence = f"the codebook has labels from {low:g} to {high:g} for {count} of {len(columns)} columns"
    outside = [column.name for column in columns if (found := core_of([column])) and not low <= found.low <= found.high <= high]
    if len(ranges) > 1:
        doubt = doubt or "the codebook has several scales: " + ", ".join(f"{one:g} to {two:g}" for one, two in sorted(ranges))
    elif outside:
        doubt = doubt or f"{outside[0]} has answers outside the labels, which are from {low:g} to {high:g}: what is the scale?"
    return ScaleProposal(low, high, 1.0, {}, 0.95 if not doubt else 0.5, evidence, doubt)


def _of_words(columns: Sequence[Column], core: Core | None) -> ScaleProposal | None:
    words = words_of(columns)
    if not words:
        return None
    spelled = sum(count for column in columns for text, count in column.values.items() if text in set(words))
    if spelled * 10 < sum(column.filled for column in columns):
        return None  # a stray word, which is for the codes for no answer
    readings = [read_labels(dict.fromkeys([*words, *(text for column in columns for text in column.values)]))]
    if not readings[0].numbers:
        readings = [read_labels(column.values) for column in columns]
    labels: dict[str, float] = {}
    for reading in readings:
        for label, value in reading.numbers.items():
            if labels.setdefault(label, value) != value:
                return _unread(words)
    ends = {(reading.low, reading.high) for reading in readings if reading.numbers}
    if len(ends) != 1:
        return _unread(words)
    if set(words) - set(labels):
        return _unread([word for word in words if word not in labels], labels)
    low, high = ends.pop()
    doubt = next((one.doubt for one in readings if one.doubt), "")
    reading = next(one for one in readings if one.numbers)
    unsettled = sorted(labels, key=labels.__getitem__) if doubt and reading.kind != "codes" and not reading.typos else ()
    if reading.kind == "codes":
        doubt = f"{doubt}{_TURN}" if doubt.endswith("turned?") else doubt
        evidence = f"the answers have their numbers with them, from {low:g} to {high:g}"
        if not doubt and (low, high) not in _SCALES:
            doubt = f"the numbers in use are {low:g} to {high:g}; what are the lowest and the highest answer?"
    else:
        evidence = f"the answers are the words of {reading.kind}, {len(labels)} of them from {next(iter(labels))!r} on"
    return ScaleProposal(low, high, 1.0, labels, 0.95 if not doubt else 0.6, evidence, doubt, unsettled)


def _unread(words: Sequence[str], labels: Mapping[str, float] = MappingProxyType({})) -> ScaleProposal:
    words = sorted(words, key=fold)  # how often each stands in the file says nothing of which is better
    shown = ", ".join(map(repr, words[:5])) + (", ..." if len(words) > 5 else "")
    question = f"what numbers do the answers {shown} stand for? They are in the order of the alphabet; the better, the higher"
    return ScaleProposal(None, None, 1.0, labels, 0.0, "the answers are words that are not known", question, words)


def _of_wording(columns: Sequence[Column], core: Core | None) -> ScaleProposal | None:
    found: Counter[tuple[float, float]] = Counter()
    for column in columns:
        if scale := scale_said(column.wording or column.name):
            found[scale] += 1
    if not found:
        return None
    (low, high), count = found.most_common(1)[0]
    if len(found) > 1 or (core is not None and not low <= core.low <= core.high <= high):
        return None
    evidence = f"{count} questions say that answers go from {low:g} to {high:g}"
    doubt = next((doubt for column in columns if (doubt := _falling(column.wording or column.name))), "")
    return ScaleProposal(low, high, _step(columns), {}, 0.5 if doubt else 0.9, evidence, doubt)


def _falling(wording: str) -> str:
    """Ask whether the lowest number is the best answer, where a question says so of the ends of its scale."""
    ends = [f"{code} - {word.strip()}" for code, word in _ENDS.findall(wording)]
    doubt = read_labels(ends).doubt
    if doubt.endswith("turned?"):
        return f"{doubt}{_TURN}"
    if _MARKS.search(bare(wording)):
        return f"1 may be the best answer, as of marks at school; must the numbers be turned?{_TURN}"
    return ""


def scale_said(wording: str) -> tuple[float, float] | None:
    """Return the ends of a scale that a question names, as in "from 1 to 7" or "1 = never ... 5 = always"."""
    for form in _SAYS:
        for low, high in form.findall(bare(wording)):
            if (int(low), int(high)) in _SCALES and int(high) - int(low) > 1:
                return float(low), float(high)
    return None


def _of_data(columns: Sequence[Column], core: Core | None) -> ScaleProposal:
    if core is None:
        return ScaleProposal(question="what are the lowest and the highest answer? There are none in the file")
    seen = f"the lowest and the highest in use are {core.low:g} and {core.high:g}"
    tops = {column.name: found.high for column in columns if (found := core_of([column]))}
    shorter = [name for name, high in tops.items() if high * _LONGER < max(tops.values())]
    question = f"what are the lowest and the highest answer that could be given? {seen[0].upper()}{seen[1:]}"
    if shorter and len(shorter) * 4 > len(columns):
        question += f"; {shorter[0]} goes no higher than {tops[shorter[0]]:g}: is it on another scale?"
    sure = 0.7 if (core.low, core.high) in _SCALES else 0.5
    return ScaleProposal(core.low, core.high, _step(columns), {}, sure, f"nothing says the scale; {seen}", question)


def _step(columns: Sequence[Column]) -> float:
    counts: Counter[float] = Counter()
    for column in columns:
        for text, count in column.values.items():
            if (value := number(text)) is not None:
                counts[value] += count
    for step in (1.0, 0.5):
        if sum(count for value, count in counts.items() if value % step) <= _HARDLY * counts.total():
            return step
    return 0.0
