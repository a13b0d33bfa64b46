"""Codes and words for no answer: by the codebook, by what they say, or by how far they lie from the scale and how often."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Final, NamedTuple

from cxgap.inspection.answers import FAR, SLIPS, USUAL, core_of, number, words_of
from cxgap.inspection.column import Column
from cxgap.inspection.proposed import ScaleProposal
from cxgap.labels import non_answer, read_labels
from cxgap.tables.schema import NO_ANSWER

_TWICE_TYPED: Final = frozenset({66, 77, 88, 666, 777, 888, 8888})  # as often a key held too long
_BELOW: Final = frozenset({-1, -2, -3, -6, -7, -8, -9, -66, -77, -88, -96, -97, -98, -99, -966, -977, -988, -999, -9999})
_FEW: Final = 2  # times that a code must stand in the file


class Missing(NamedTuple):
    """Codes for no answer: to what they mean, to the evidence, and what must be asked."""

    codes: dict[str, str]
    evidence: dict[str, str]
    questions: list[str]


def propose_missing(columns: Sequence[Column], scale: ScaleProposal, others: Sequence[Column] = ()) -> Missing:
    """Propose the codes that mean no answer.

    Parameters
    ----------
    columns : of ratings on one scale
    scale : as it was proposed
    others : columns of numbers on scales of their own, of which a code may be an answer
    """
    found = Missing({}, {}, [])
    for column in [*columns, *others]:
        told = {**{code: word for code, word in column.labels.items() if non_answer(word) is not None}, **column.reasons}
        for code, word in told.items():
            if code not in found.codes and code.casefold() not in NO_ANSWER:
                found.codes[code] = non_answer(word) or word
                found.evidence[code] = f"the codebook says that {code} is {word!r}"
    _words_for_none(columns, others, found)
    if columns:
        _codes_for_none(columns, scale, others, found)
    for other in others:
        _codes_for_none([other], ScaleProposal(), [], found)
    return found


def _words_for_none(columns: Sequence[Column], others: Sequence[Column], found: Missing) -> None:
    counts, places, strange, where = Counter[str](), Counter[str](), Counter[str](), defaultdict[str, list[str]](list)
    spelling: dict[str, str] = {}
    labels = set(read_labels(words_of(columns)).numbers) if columns else set[str]()
    for column in [*columns, *others]:
        numeric = column.numbers + column.commas
        for text, count in column.values.items():
            if number(text) is not None or text.casefold() in NO_ANSWER:
                continue
            plain = text.casefold()
            if non_answer(text) is not None:
                spelling.setdefault(plain, text)
                counts[plain] += count
                places[plain] += 1
            elif 2 * numeric > column.filled and text not in labels:
                strange[text] += count
                where[text].append(column.name)
    for plain, text in spelling.items():
        if text not in found.codes:
            found.codes[text] = non_answer(text) or ""
            found.evidence[text] = f"{text!r} stands {_times(counts[plain])} in {_columns(places[plain])} of answers"
    for text, count in strange.items():
        if count > _FEW:
            seen = f"{text!r} stands {_times(count)} in {_columns(len(where[text]))} of numbers, such as {where[text][0]}"
            found.questions.append(f"{seen}: is it a code for no answer?")


def _codes_for_none(columns: Sequence[Column], scale: ScaleProposal, others: Sequence[Column], found: Missing) -> None:
    core = core_of(columns)
    if core is None:
        return
    low, high, away = core.low, core.high, dict(core.others)
    if scale.low is not None and scale.high is not None and not scale.question:
        low, high = scale.low, scale.high
        away = {}
        for column in columns:
            for text, count in column.values.items():
                value = number(text)
                if value is not None and not low <= value <= high:
                    away[value] = away.get(value, 0) + count
    total = sum(count for column in columns for text, count in column.values.items() if number(text) is not None)
    cores = [(other.name, found_there) for other in others if (found_there := core_of([other]))]
    for value, count in sorted(away.items()):
        code = f"{value:g}"
        if code in found.codes or value != int(value):
            continue
        places = sum(any(number(text) == value for text in column.values) for column in columns)
        evidence = f"{code} stands {_times(count)} in {_columns(places)}, and the other answers are {low:g} to {high:g}"
        elsewhere = next((name for name, there in cores if there.low <= value <= there.high), "")
        far = (value in FAR and value - high >= 5) or (value in _BELOW and low >= 0)
        typed = value in _TWICE_TYPED and value - high >= 5 and places > 1 and int(code[0]) > high
        if (far or typed) and count >= _FEW and not elsewhere:
            found.codes[code], found.evidence[code] = "", evidence
        elif elsewhere and (far or typed or count > max(_FEW, SLIPS * total)):
            found.questions.append(f"{evidence}; in {elsewhere} it is an answer: is it a code for no answer in the ratings?")
        elif far or count > max(_FEW, SLIPS * total):
            found.questions.append(f"{evidence}: is it a code for no answer?")
    if not scale.question and scale.confidence:
        return
    for value, (one, two) in {0: (1, high), high: (low, high - 1)}.items():
        if value in (low, high) and (low, high) not in USUAL and (one, two) in USUAL and len(columns) > 1:
            meant = "" if value else ", or is the scale one from 0 on"
            found.questions.append(f"{value:g} lies beside a scale from {one:g} to {two:g}: is it a code for no answer{meant}?")


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times"


def _columns(count: int) -> str:
    return "1 column" if count == 1 else f"{count} columns"
