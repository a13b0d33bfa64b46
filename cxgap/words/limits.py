"""What a reader must know to trust or distrust a table of gaps."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from cxgap.result import MDG, GapTable, Sentence
from cxgap.vocabulary import EXPECTATION_TYPES, percent, plain
from cxgap.words.numbers import capital, listed, some, unit_of
from cxgap.words.rows import Row, noun_of

# What a reader must know of rows that carry a flag.
CAUTIONS: Final = {
    "UNSTABLE": "on an effective sample below 30, so a first look and no more",
    "PARTIAL": "some customers left whole dimensions unanswered and are scored on the others",
    "ZERO_VAR": "every customer has the same gap, so look at the answers before trusting it",
}
_CAUTIONS: Final = CAUTIONS | {
    "ZERO_VAR": "the gap is the same in all, so look at the data before trusting it",
    "FEW_RATERS": "5 to 14 raters, too few for a p-value, so a first look and no more",
    "CENSUS": "every manager was asked, so the interval holds the uncertainty about customers alone",
    "OPEN": "some are still open, and count by how those that were followed longer went on",
    "NOT_IDENTIFIED": "too few were followed long enough, so some columns are blank",
    "NOISE_DOMINATED": "the error is no larger than sampling noise",
    "ASSUMED_CALENDAR": "a promise in days names no calendar, so calendar days were counted",
    "EXTRAPOLATED": "levels outside the range of the reference were read at its end",
    "RESCALED": "two scales were brought to one, as per cent of their range",
    "INVERSION": "answers whose adequate level lies above the desired one were left out",
}
_INDEX: Final = {
    "NO_STANDARD": "some say that no standard exists, which counts as the lowest answer",
}
# What each gap stands for that its numbers alone do not say.
_OF_GAP: Final = {
    "knowledge": "A gap of none on average may hide managers who are wrong about what matters more and what less.",
    "communication": "Lateness counts as a shortfall; being early is not always a gain.",
    "company": "Both sides answered the same questions on the same scale.",
}
# Gaps that have to do with what customers say they expect.
_ASKED: Final = frozenset({"customer", "knowledge", "chain"})


def limits(gaps: GapTable, rows: Sequence[Row], first: Sequence[str] = ()) -> tuple[Sentence, ...]:
    """Say how the table was made and what to be careful about; `first` are the sentences of its method."""
    customer, frame = gaps.gap == "customer", gaps.frame
    texts = list(first)
    if gaps.expectation_type and gaps.gap in _ASKED:
        texts.append(f"Expectation was asked as {EXPECTATION_TYPES[gaps.expectation_type]}.")
    if gaps.basis == "index":
        texts.append("A rating of how well a thing is done is an index, never added to other gaps.")
    elif gaps.gap in _OF_GAP:
        texts.append(_OF_GAP[gaps.gap])
    texts.append(_intervals(gaps))
    tests = int(frame["p_value"].notna().sum())
    if tests > 1:
        texts.append(f"The {tests} intervals hold one by one, not all at once; the table has p-values adjusted for that.")
    texts += small_samples(gaps, rows)
    texts += weighting(gaps)
    texts += cautions(rows, CAUTIONS if customer else _CAUTIONS | (_INDEX if gaps.basis == "index" else {}))
    texts += _margins(gaps)
    return tuple(map(Sentence, texts))


def small_samples(gaps: GapTable, rows: Sequence[Row]) -> list[str]:
    """Say which gaps the samples are too small for, and whether the cells can be told apart at all."""
    known = [row for row in rows if row.number(MDG) > 0] if gaps.basis != "index" else []
    texts = []
    for unit in dict.fromkeys(row.unit for row in known):
        found = sorted((row for row in known if row.unit == unit), key=lambda row: row.number(MDG))
        least, most = (_two_digits(row.number(MDG)) for row in (found[0], found[-1]))
        where = f" ({most} at {found[-1].label})" if most != least else ""
        texts.append(f"{least} {unit_of(found[0], float(least))}{where}")
    said = [f"A true gap smaller than {' or '.join(texts)} would be missed more often than 1 time in 5."] if texts else []
    taus = {row.number("tau") for row in rows} - {math.nan}
    if 0.0 in taus:
        alike = gaps.frame["shrunk"].max() - gaps.frame["shrunk"].min() < _SAME
        keys = listed([f"{key.replace('_', ' ')}s" for key in gaps.by])
        beyond = "" if alike else f" beyond those of their {keys}"
        said.append(f"There are no detectable differences between the {noun_of(gaps)}s{beyond}: no more than chance makes.")
    elif any("UNSTABLE" in row.flags and math.isfinite(row.number("shrunk")) for row in rows):
        said.append(f"To rank {noun_of(gaps)}s, the gaps of small samples are pulled towards those of the others.")
    return said


def weighting(gaps: GapTable) -> list[str]:
    """Say what the weights cost, where there are any."""
    n, worth = gaps.frame["n"].sum(), gaps.frame["n_eff"].sum()
    if gaps.counts != "customer" or gaps.gap in _EVENTS or worth >= 0.995 * n:
        return []
    loss = percent(round(1 - worth / n, 2))
    return [f"Weights make up for who answered, at the cost of {loss} of the sample's information."]


def _two_digits(size: float) -> str:
    """Write a distance with two significant digits, at most four decimals."""
    return plain(size, min(4, max(0, 1 - math.floor(math.log10(size)))))


_SAME: Final = 1e-9
_EVENTS: Final = frozenset({"delivery", "communication"})


def cautions(rows: Sequence[Row], said: dict[str, str]) -> list[str]:
    """Say of which rows each flag is."""
    texts = []
    for flag, caution in said.items():
        names = list(dict.fromkeys(capital(row.label) for row in rows if flag in row.flags))
        if names == [""]:
            texts.append(f"{capital(caution)}.")
        elif names:
            which = "All rows" if sum(flag in row.flags for row in rows) == len(rows) > 1 else listed(some(names))
            texts.append(f"{which}: {caution}.")
    return texts


def _intervals(gaps: GapTable) -> str:
    level, what = percent(gaps.conf_level), "answers"
    if gaps.gap in _EVENTS and gaps.basis != "index":
        what = "events" if gaps.gap == "delivery" else "promises"
    elif gaps.gap == "chain":
        what = "data"
    holds = f"each interval holds the gaps that fit the {what}, with {level} confidence."
    if gaps.basis == "index" or not gaps.score:
        return capital(holds)
    if gaps.gap in _EVENTS | {"chain"}:
        return f"{capital(gaps.score)}; {holds}"
    return f"Each score is a {gaps.score}; {holds}"


def _margins(gaps: GapTable) -> list[str]:
    if gaps.margin is not None or gaps.gap == "tolerance":  # where met is to lie inside the zone
        return []
    margins = gaps.frame["margin"].notna() if "margin" in gaps.frame else gaps.frame["n"].notna() & False
    if margins.all() and len(margins):
        return []
    if margins.any():
        return ["Where no margin is set, nothing is called met."]
    return ["No margin is set, so no expectation is called met." if gaps.gap == "customer" else _NO_MARGIN]


_NO_MARGIN: Final = "No margin is set, so nothing is called met."
