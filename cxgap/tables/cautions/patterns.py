"""Answers that are too much alike: of one respondent, of one item, of one rating and the other."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cxgap.tables.cautions.survey import Survey, unvaried
from cxgap.tables.issues import Issues

ANSWERS = 8  # of a respondent before all of them are called one and the same; pairs too
SOME = 0.02  # of the respondents: fewer are in every survey
MANY_PAIRS = 30
NEARLY_ALL = 0.98
NARROW = 0.5  # of the scale, and less
RARE = np.log(1e-6)


def answers_too_alike(survey: Survey, least: int, issues: Issues) -> None:
    """Warn of respondents and items without any variation, of a scale hardly used, and of ratings that copy each other."""
    if not survey.ratings:
        return
    size = int(survey.who.max(initial=-1)) + 1
    asked = np.concatenate(list(survey.asked.values()))
    count, same = unvaried(np.tile(survey.who, len(survey.asked)), asked, size)
    flat = same & (count >= ANSWERS)
    _share("constant_answers", flat, count >= ANSWERS, issues)
    for rating, values in survey.ratings.items():
        given, fixed = unvaried(survey.question, values, len(survey.names))
        enough = given >= least
        if enough.sum() > 1 and fixed[enough].all():
            issues.add("zero_variance", "warning", table="responses", column=rating, rows=int(given.sum()))
            continue
        for code in np.flatnonzero(fixed & enough):
            column = f"{rating} {survey.names[code]}"
            issues.add("zero_variance", "warning", table="responses", column=column, rows=int(given[code]))
    used = asked[~np.isnan(asked)]
    if (count > 0).sum() >= least and len(used) >= MANY_PAIRS and 0 < np.ptp(used) < NARROW * survey.width:
        issues.add("narrow_range", "warning", table="responses", column=" and ".join(survey.asked), rows=len(used))
    if len(survey.asked) > 1:
        _copied(survey, flat, size, issues)


def _share(check: str, found: np.ndarray, judged: np.ndarray, issues: Issues) -> None:
    """Warn of the respondents found if they are more than some of those who could be judged."""
    if found.sum() > SOME * max(judged.sum(), 1):
        issues.add(check, "warning", table="responses", column="respondent_id", rows=int(found.sum()))


def _copied(survey: Survey, flat: np.ndarray, size: int, issues: Issues) -> None:
    expected, perceived = survey.asked.values()
    paired = survey.paired & ~(flat | _topped(survey, size))[survey.who]
    same = paired & (expected == perceived)
    if paired.sum() >= MANY_PAIRS and same.sum() >= NEARLY_ALL * paired.sum():
        issues.add("copied_ratings", "warning", table="responses", column="expectation and perception", rows=int(same.sum()))
        return
    pairs, alike = (np.bincount(survey.who[here], minlength=size) for here in (paired, same))
    _share("copied_ratings", (pairs >= ANSWERS) & (pairs == alike), pairs >= ANSWERS, issues)
    if survey.item:
        for column, rows in _identical(survey):
            issues.add("copied_ratings", "warning", table="responses", column=column, rows=rows)


def _topped(survey: Survey, size: int) -> np.ndarray:
    """Return who gave hardly any answer but the best or the worst: that what they got is what they expected is no wonder."""
    count, ends = np.zeros(size), np.zeros(size)
    for values in survey.asked.values():
        given = ~np.isnan(values)
        count += np.bincount(survey.who[given], minlength=size)
        ends += np.bincount(survey.who[given], (values[given] == survey.low) | (values[given] == survey.high), minlength=size)
    return ends >= 0.75 * count


def _identical(survey: Survey) -> list[tuple[str, int]]:
    """Find columns of ratings that hold the same in every row, and how many rows these are.

    Each column is known by the sum of random numbers, one for each visit and answer in it, so that no two are compared.
    """
    draw = np.random.default_rng(0)
    visits = draw.integers(0, 2**63, int(survey.visit.max(initial=-1)) + 1, dtype=np.uint64)
    found: dict[tuple[int, int], list[str]] = {}
    for rating, values in survey.asked.items():
        given = ~np.isnan(values)
        question = survey.question[given]
        codes, _ = pd.factorize(values[given])
        answer = _number_of(values[given])
        marks = np.zeros(len(survey.names), dtype=np.uint64)
        np.add.at(marks, question, (visits[survey.visit[given]] ^ answer) * np.uint64(0x9E3779B97F4A7C15))
        counts = np.bincount(question, minlength=len(survey.names))
        shares = np.zeros((len(survey.names), int(codes.max(initial=-1)) + 1))
        np.add.at(shares, (question, codes), 1)
        by_chance = np.log(((shares / np.maximum(counts, 1)[:, None]) ** 2).sum(axis=1).clip(1e-12)) / 2 * counts
        for code in np.flatnonzero((counts >= MANY_PAIRS) & (by_chance < RARE)):
            found.setdefault((int(marks[code]), int(counts[code])), []).append(f"{rating} {survey.names[code]}")
    return [(" and ".join(names), count) for (_, count), names in found.items() if len(names) > 1]


def _number_of(values: np.ndarray) -> np.ndarray:
    """Return the bits of each number, mixed."""
    bits = (values + 0.0).view(np.uint64) * np.uint64(0xBF58476D1CE4E5B9)
    mixed: np.ndarray = bits ^ (bits >> np.uint64(31))
    return mixed
