"""Which visits, and which respondents, answered without reading: indices, their cut-offs, and the rule over families."""

from __future__ import annotations

from collections.abc import Mapping
from re import split
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cxgap.gaps.batteries import UNDIVIDED, Batteries
from cxgap.gaps.scores import OCCASIONS
from cxgap.stats.careless import LEAST_SCALES, copied, even_odd, mahalanobis, runs, synonym_pairs, synonyms, variability
from cxgap.stats.means import Codes, Floats, sum_by

# Every cut-off is a convention: none has a derivation, and each will flag some who read every question.
LONG_SHARE = 0.5  # of the perception battery in one run of the same answer: Curran (2016), JESP 66, 4-19
LEAST_RUN = 6  # shorter runs are never long: Costa & McCrae (2008) take 6 to 14, by the answer
LONG_JOINT = 0.75  # of both batteries: a run through a ceiling of expectations must go on through half of the perceptions
LEAST_ANSWERS = 5  # fewer answers, or pairs, say nothing of a pattern
THIRDS = 3  # Dunn et al. (2018) look at parts of the questionnaire; the last is where attention goes
EVEN_ODD_BELOW = 0.30  # DeSimone, Harms & DeSimone (2015), Journal of Organizational Behavior 36(2), 171-181
SYNONYMS_BELOW = 0.22  # the same
OUTLYING = 0.001  # share of the careful that lies so far out, if answers are normal: chi-squared at .999
SECONDS_BELOW = 2.0  # an item: Huang, Curran, Keeney, Poposki & DeShon (2012), Journal of Business and Psychology 27, 99-114
LEAST_FAMILIES = 2  # flags of one family are one piece of evidence: Meade & Craig (2012); Curran (2016)


class Index(NamedTuple):
    """One index: its family, what it looks at, and from where it flags."""

    family: str
    looks_at: str
    flags_where: str


INDICES: Mapping[str, Index] = MappingProxyType(
    {
        "longstring": Index(
            "invariance",
            "longest run of the same answer, perceptions",
            f"more than half of the items, and at least {LEAST_RUN}",
        ),
        "longstring_both": Index(
            "invariance", "longest run of the same answer, both batteries", "more than three quarters of the answers"
        ),
        "variability": Index("invariance", "spread of the answers, perceptions", "none: all the same"),
        "variability_last": Index("invariance", "spread of the answers, last third of the perceptions", "none: all the same"),
        "copied": Index("invariance", "the two batteries, item by item", "every pair the same"),
        "even_odd": Index(
            "inconsistency", "agreement of the two halves of each dimension", f"correlation below {EVEN_ODD_BELOW:.2f}"
        ),
        "synonyms": Index(
            "inconsistency", "agreement of questions that nearly all answer alike", f"correlation below {SYNONYMS_BELOW:.2f}"
        ),
        "outlier": Index("outlier", "distance from all others (Mahalanobis), both batteries", "beyond chi-squared at .999"),
        "seconds": Index("haste", "seconds per answer", f"below {SECONDS_BELOW:g}"),
    }
)
FAMILIES = ("invariance", "inconsistency", "outlier", "haste")


class Attention(NamedTuple):
    """What the indices say.

    Attributes
    ----------
    known, flagged : of each visit, by index: whether it could be computed, and whether it flags
    careless_visit : visits flagged by at least two families
    index_known, index_flagged : the same of respondents, who are flagged where at least half of their visits are
    careless : respondents of whose visits at least half are careless
    """

    known: Mapping[str, NDArray[np.bool_]]
    flagged: Mapping[str, NDArray[np.bool_]]
    careless_visit: NDArray[np.bool_]
    index_known: Mapping[str, NDArray[np.bool_]]
    index_flagged: Mapping[str, NDArray[np.bool_]]
    careless: NDArray[np.bool_]


def attention(batteries: Batteries) -> Attention:
    """Look at each visit's answers by every index, and judge respondents by the rule.

    Where the answers hardly vary, their halves agree or disagree by chance; so what flags invariance is not read for
    inconsistency, and the two never count as two pieces of evidence.
    """
    visits, people = len(batteries.respondent), len(batteries.design.weight)
    known = {name: np.zeros(visits, bool) for name in INDICES}
    flagged = {name: np.zeros(visits, bool) for name in INDICES}
    for rows, columns in asked_alike(batteries):
        columns = in_order(batteries, columns)
        dimension = np.unique(np.array(batteries.dimensions)[columns], return_inverse=True)[1]
        seconds = np.full(len(rows), np.nan) if batteries.seconds is None else batteries.seconds[rows]
        expectation, perception = (side[np.ix_(rows, columns)] for side in (batteries.expectation, batteries.perception))
        divided = any(batteries.dimensions[column] != UNDIVIDED for column in columns)
        for name, (values, flags) in _read(expectation, perception, dimension if divided else None, seconds).items():
            known[name][rows], flagged[name][rows] = np.isfinite(values), flags & np.isfinite(values)
    for family, name in ((index.family, name) for name, index in INDICES.items()):
        if family == "inconsistency":
            varied = ~_any("invariance", flagged)
            known[name], flagged[name] = known[name] & varied, flagged[name] & varied
    families = np.sum([_any(family, flagged) for family in FAMILIES], axis=0)
    careless_visit = families >= LEAST_FAMILIES

    def half(marks: NDArray[np.bool_], among: NDArray[np.bool_]) -> NDArray[np.bool_]:
        count = sum_by(batteries.respondent, people, among)
        return (count > 0) & (2 * sum_by(batteries.respondent, people, marks & among) >= count)

    everything = np.ones(visits, bool)
    return Attention(
        known=known,
        flagged=flagged,
        careless_visit=careless_visit,
        index_known={name: sum_by(batteries.respondent, people, marks) > 0 for name, marks in known.items()},
        index_flagged={name: half(marks, known[name]) for name, marks in flagged.items()},
        careless=half(careless_visit, everything),
    )


def asked_alike(batteries: Batteries) -> list[tuple[Codes, Codes]]:
    """Split the visits into those that were asked the same items: positions of visits, and of their items.

    An item counts as asked on an occasion where anybody answered it there.
    """
    occasions = [name for name in OCCASIONS if name in batteries.visits]
    answered = np.isfinite(batteries.expectation) | np.isfinite(batteries.perception)
    occasion = np.zeros(len(answered), np.int64)
    if occasions:
        occasion = batteries.visits.groupby(occasions, observed=True, dropna=False).ngroup().to_numpy(np.int64)
    asked = np.zeros((int(occasion.max(initial=-1)) + 1, answered.shape[1]), bool)
    np.logical_or.at(asked, occasion, answered)
    patterns, which = np.unique(asked, axis=0, return_inverse=True)
    of_visit = which.reshape(-1)[occasion]
    return [(np.flatnonzero(of_visit == code), np.flatnonzero(pattern)) for code, pattern in enumerate(patterns)]


def in_order(batteries: Batteries, columns: Codes) -> Codes:
    """Put items in the order in which they were asked: as the study declares it, else by name, with q2 before q10.

    Runs, halves and the last third hang on that order, and a plain frame holds none but that of the names.
    """
    names = [batteries.items[column] for column in columns]
    if names != sorted(names):
        return columns  # a declared order
    parts = [
        [(int(part), "") if part.isascii() and part.isdecimal() else (-1, part) for part in split(r"(\d+)", name)]
        for name in names
    ]
    return columns[sorted(range(len(names)), key=lambda place: parts[place])]


def _read(
    expectation: Floats, perception: Floats, dimension: Codes | None, seconds: Floats
) -> dict[str, tuple[Floats, NDArray[np.bool_]]]:
    """Compute each index of visits that were asked the same items, and whether it is beyond its cut-off."""
    both = np.concatenate([expectation, perception], axis=1)
    items = perception.shape[1]
    last = perception[:, items - -(-items // THIRDS) :]
    perceptions, answers = (np.isfinite(side).sum(axis=1) for side in (perception, both))
    pairs = (np.isfinite(expectation) & np.isfinite(perception)).sum(axis=1)

    def enough(values: Floats, count: Codes) -> Floats:
        return np.where(count >= LEAST_ANSWERS, values, np.nan)

    run, run_both = enough(runs(perception).longest, perceptions), enough(runs(both).longest, perceptions)
    spread = enough(variability(perception), perceptions)
    spread_last = enough(variability(last), np.isfinite(last).sum(axis=1))
    same = enough(copied(expectation, perception).astype(float), pairs)
    halves = np.full(len(both), np.nan)
    if dimension is not None and np.sum(np.bincount(dimension, minlength=1) > 1) >= LEAST_SCALES:
        halves = even_odd(both, np.concatenate([dimension, dimension + dimension.max() + 1]))
    # Items that are all paired with one another correlate below 0 across their pairs, whoever answers: only few pairs tell.
    apart = 0 < synonym_pairs(both).sum() <= both.shape[1] / 2
    alike = synonyms(both) if apart else np.full(len(both), np.nan)
    alike, distance = enough(alike, answers), mahalanobis(both)
    squared = enough(distance.squared, answers)
    each = np.where((answers >= LEAST_ANSWERS) & (seconds >= 0), seconds / np.maximum(answers, 1), np.nan)
    return {
        "longstring": (run, (run > LONG_SHARE * items) & (run >= LEAST_RUN)),
        "longstring_both": (run_both, (run_both > LONG_JOINT * both.shape[1]) & (run_both >= LEAST_RUN)),
        "variability": (spread, spread == 0),
        "variability_last": (spread_last, spread_last == 0),
        "copied": (same, same == 1),
        "even_odd": (halves, halves < EVEN_ODD_BELOW),
        "synonyms": (alike, alike < SYNONYMS_BELOW),
        "outlier": (squared, squared > _chi_squared(distance.df)),
        "seconds": (each, each < SECONDS_BELOW),
    }


def _chi_squared(df: Floats) -> Floats:
    from scipy.special import chdtri

    return chdtri(df, OUTLYING)


def _any(family: str, flagged: Mapping[str, NDArray[np.bool_]]) -> NDArray[np.bool_]:
    return np.any([flagged[name] for name, index in INDICES.items() if index.family == family], axis=0)
