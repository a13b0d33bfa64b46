"""What a column beside the ratings is: an id, a time, a weight, an outcome, a segment, something personal, or unknown."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from cxgap.inspection.answers import MOST_LABELS, core_of, number, rated
from cxgap.inspection.column import MOST_VALUES, Column
from cxgap.inspection.names import bare, pieces
from cxgap.inspection.role_words import DEMOGRAPHIC, DURATIONS, NAMES, OUTCOMES, PERSONAL, PLATFORM, TIMES
from cxgap.inspection.words import roles_in
from cxgap.labels import read_labels

_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}")
_IP: Final = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
_PHONE: Final = re.compile(r"(?:\+|00)\d[\d ()/.\-]{7,18}|0\d{2,4}[ /\-]\d[\d \-]{4,12}")
OPEN: Final = ("unknown", "segment")  # what a column may be taken for and be a rating all the same
_LONG: Final = 60  # characters, in what was written freely
_SEGMENT: Final = 30  # different words of a column by which answers are cut
_SAMPLE: Final = 200


class Claim(NamedTuple):
    """What a column is taken for, and why; `question` is "" where it is settled."""

    role: str
    confidence: float
    evidence: str
    question: str = ""


def _ranked(words: str) -> dict[str, int]:
    return {word: rank for rank, word in enumerate(words.split())}


_RANKS: Final = {role: _ranked(words) for role, words in NAMES.items()}
_TIME_RANKS, _DURATION_RANKS, _PERSONAL_NAMES = _ranked(TIMES), _ranked(DURATIONS), _ranked(PERSONAL)
_DEMOGRAPHIC_NAMES: Final = _ranked(DEMOGRAPHIC)
_PLATFORM_NAMES: Final = _ranked(PLATFORM)
_KINDS: Final = {kind: (_ranked(names), re.compile(words) if words else None) for kind, (names, words) in OUTCOMES.items()}


@lru_cache(maxsize=16384)
def joined(name: str) -> str:
    """Return a name as it is looked up: its words in one, without accents."""
    return "".join(piece.text for piece in pieces(name) if piece.text != "#")


def unique(column: Column) -> bool:
    """Whether no two rows have one value."""
    if not column.filled:
        return False
    if column.distinct >= MOST_VALUES or len(column.values) >= MOST_VALUES:
        return max(column.values.values(), default=0) == 1
    return column.distinct == column.filled


def claim(column: Column, rows: int, personal: Sequence[str] = ()) -> Claim:
    """Say what one column is, by its name, its question and what stands in it; ratings are for `find_pairs`."""
    name = joined(column.name)
    if found := _personal(column, name, personal):
        return found
    if name in _PLATFORM_NAMES:
        return Claim("unknown", 0.9, "written by the survey platform")
    for role in ("weight", "stratum", "psu", "population"):
        if name in _RANKS[role]:
            return _design(column, role, name)
    for role in ("respondent_id", "customer_id", "event_id", "touchpoint", "wave", "item", "dimension"):
        if name in _RANKS[role] and (found := _key(column, role, name)):
            return found
    if name in _DURATION_RANKS and column.numbers + column.commas:
        seconds = "sec" in name or name == "interviewtime"
        doubt = "" if seconds else f"is {column.name} the time that an interview took, in seconds?"
        return Claim("duration", 0.9 if seconds else 0.6, f"named {column.name!r}", doubt)
    if name in _TIME_RANKS and (column.dates or not column.filled or column.date_format is not None):
        return Claim("time", 0.95, f"named {column.name!r}, and holds dates")
    if column.filled and column.dates * 10 >= column.filled * 9 and column.dates > column.numbers:
        return Claim("time", 0.8, "holds dates")
    if found := outcome(column):
        return found
    return _by_contents(column, name, rows)


def rank(role: str, name: str) -> int | None:
    """Return how far down the list of names for a role a name stands, 0 being the surest; None where it does not."""
    ranks: Mapping[str, int] = {"time": _TIME_RANKS, "duration": _DURATION_RANKS}.get(role, _RANKS.get(role, {}))
    return ranks.get(joined(name))


def outcome(column: Column) -> Claim | None:
    """Say whether a column is an overall judgement: of satisfaction, recommendation, effort, or against what was expected."""
    found = _outcome(column)
    return found if found is None or not column.filled or rated(column) else None


def _outcome(column: Column) -> Claim | None:
    name, wording = joined(column.name), bare(column.wording or column.name).replace("\u2019", "'")
    asked = roles_in(column.wording or column.name)
    if "importance" in asked:
        return None
    for kind, (names, words) in _KINDS.items():
        called = name in names
        worded = "disconfirmation" in asked if kind == "disconfirmation" else bool(words and words.search(wording))
        if worded and column.wording:
            of = "what was expected" if kind == "disconfirmation" else kind
            return Claim(f"outcome {kind}", 0.9, f"its question speaks of {of}")
        if called or worded:
            return _of_kind(column, kind, called)
    words_of = [text for text in column.values if number(text) is None]
    if len(words_of) <= MOST_LABELS and read_labels(words_of).kind == "expectation met":
        return Claim("outcome disconfirmation", 0.9, "its answers compare with what was expected")
    return None


def _of_kind(column: Column, kind: str, called: bool) -> Claim:
    core = core_of([column])
    if kind == "recommend" and core is not None and (core.high > 10 or core.low < 0):
        return Claim("unknown", 0.5, f"named {column.name!r}, and goes from {core.low:g} to {core.high:g}")
    short = len(joined(column.name)) <= 3
    full = core is not None and core.high == 10 and core.low in (0, 1)
    if short and not (kind == "recommend" and full) and joined(column.name) not in ("nps", "ces"):
        return Claim(f"outcome {kind}", 0.6, f"named {column.name!r}", f"is {column.name} a question on {kind}?")
    evidence = f"named {column.name!r}" + (f", and answered from {core.low:g} to {core.high:g}" if core is not None else "")
    return Claim(f"outcome {kind}", 0.9 if called else 0.85, evidence)


def _personal(column: Column, name: str, personal: Sequence[str]) -> Claim | None:
    if column.name in personal:
        return Claim("personal", 0.98, "the platform keeps personal data there")
    if name in _PERSONAL_NAMES and not (column.distinct <= 5 < column.filled):
        return Claim("personal", 0.9, f"named {column.name!r}")
    if name in ("name", "nom", "names", "kundenname", "customername", "nomcomplet") and unique(column):
        return Claim("personal", 0.85, f"named {column.name!r}, and no two rows have one")
    texts = [text for text in list(column.values)[:_SAMPLE]]
    for what, form in (("e-mail addresses", _EMAIL), ("IP addresses", _IP), ("telephone numbers", _PHONE)):
        if texts and sum(bool(form.fullmatch(text)) for text in texts) * 2 > len(texts):
            return Claim("personal", 0.95, f"holds {what}")
    return None


def _design(column: Column, role: str, name: str) -> Claim:
    numeric = column.numbers + column.commas
    if role == "weight":
        if numeric < column.filled or (column.low is not None and column.low < 0):
            return Claim("unknown", 0.5, f"named {column.name!r}, and holds what cannot be weights")
        return Claim(
            role,
            0.9,
            f"named {column.name!r}, and holds numbers from {column.low:g} on"
            if column.low is not None
            else f"named {column.name!r}",
        )
    if role == "population" and numeric < column.filled:
        return Claim("segment", 0.6, f"named {column.name!r}")
    if role == "stratum" and column.distinct > 200:
        return Claim("unknown", 0.4, f"named {column.name!r}, and has {column.distinct} different values")
    obscure = name in ("stype", "dnum", "cluster", "clusterid", "population")
    return Claim(role, 0.8 if obscure else 0.9, f"named {column.name!r}")


def _key(column: Column, role: str, name: str) -> Claim | None:
    if column.dates > column.numbers:
        return None
    bare_word = name in (
        "respondent",
        "participant",
        "teilnehmer",
        "befragter",
        "proband",
        "panelist",
        "encuestado",
        "repondant",
        "kunde",
        "case",
        "subject",
        "customer",
        "question",
        "item",
        "statement",
        "token",
        "id",
    )
    if role in ("respondent_id", "customer_id", "event_id"):
        if unique(column):
            return Claim(role, 0.95, f"named {column.name!r}, and no two rows have one")
        if bare_word and column.distinct * 20 < column.filled:
            return None
        shared = f"{column.filled:,} rows share {column.distinct:,}" if column.distinct < MOST_VALUES else "rows share them"
        return Claim(role, 0.85, f"named {column.name!r}; {shared}")
    if role in ("item", "dimension") and (column.distinct * 2 > column.filled > 40 or column.longest > 3 * _LONG):
        return None
    return Claim(role, 0.9, f"named {column.name!r}, with {column.distinct} different values")


def _by_contents(column: Column, name: str, rows: int) -> Claim:
    if not column.filled:
        return Claim("unknown", 0.9, "nothing stands in it")
    numeric = column.numbers + column.commas
    wordy = 2 * numeric < column.filled
    if name in _DEMOGRAPHIC_NAMES and column.distinct <= 200:
        return Claim("segment", 0.9, f"named {column.name!r}")
    if wordy and column.longest >= _LONG and column.distinct * 2 >= min(column.filled, MOST_VALUES):
        return Claim("free text", 0.9, f"up to {column.longest} characters, {column.distinct} of {column.filled} differ")
    if wordy and 1 < column.distinct <= _SEGMENT and column.distinct * 2 <= max(column.filled, 4):
        return Claim("segment", 0.8, f"{column.distinct} different words")
    if wordy and column.distinct * 2 >= min(column.filled, MOST_VALUES) and column.longest >= 25:
        return Claim("free text", 0.7, f"up to {column.longest} characters, most of them differ")
    return Claim("unknown", 0.5, "")
