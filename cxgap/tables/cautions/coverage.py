"""Questions and touchpoints that few answered, or that were rated in one way only."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from cxgap.tables.cautions.survey import Survey
from cxgap.tables.codebook import ON_SCALE, RATINGS
from cxgap.tables.issues import Issues
from cxgap.tables.restrict import Scope

MANY_MISSING = 0.2  # of a question's answers
MANY_TOUCHPOINTS = 60


def how_many(survey: Survey, known: Collection[str], least: int, scope: Scope, issues: Issues) -> None:
    """Warn of blanks, and of touchpoints with nobody, one or few; see `small_sample`.

    Parameters
    ----------
    known : touchpoints that the file has, whether they were left out by `where` and `as_of` or not
    least : respondents that a touchpoint needs to be shown
    """
    _missing(survey, issues)
    answers = survey.answers
    whole = np.ones(len(answers), dtype=bool)
    for values in survey.ratings.values():
        whole &= ~np.isnan(values)
    place = answers["touchpoint"].cat.codes.to_numpy(np.int64)
    names = [str(name) for name in answers["touchpoint"].cat.categories]
    met = pd.unique(survey.who[whole] * len(names) + place[whole]) % max(len(names), 1)
    people = np.bincount(met, minlength=len(names))
    rated = np.bincount(place, minlength=len(names)) > 0
    restricted = bool(scope.where) or scope.cutoff is not None
    for name, count, some in zip(names, people, rated, strict=True):
        column, left_out = f"touchpoint {name}", "touchpoint" in scope.where or (restricted and name in known)
        if count == 0 and not (_alone(survey, place == names.index(name)) if some else left_out):
            issues.add("no_data_touchpoint", "warning", table="responses", column=column, rows=0)
        elif 0 < count < least:  # how many they are is not for a page
            check = "single_respondent" if count == 1 else "small_sample"
            issues.add(check, "warning", table="responses", column=column)
    if rated.sum() > MANY_TOUCHPOINTS:
        issues.add("many_touchpoints", "warning", table="responses", column="touchpoint", rows=int(rated.sum()))


def one_rating_only(survey: Survey, issues: Issues) -> None:
    """Warn of touchpoints, and of items elsewhere, that have one rating and never the other."""
    if len(survey.ratings) < len(RATINGS):
        return
    place = survey.answers["touchpoint"].cat.codes.to_numpy(np.int64)
    alone = _only(survey, place, [str(name) for name in survey.answers["touchpoint"].cat.categories], "touchpoint", issues)
    if survey.item:
        question = np.where(np.isin(place, alone), -1, survey.question)
        _only(survey, question, survey.names, "item", issues)


def _only(survey: Survey, groups: np.ndarray, names: list[str], kind: str, issues: Issues) -> list[int]:
    here = groups >= 0
    given = {
        rating: np.bincount(groups[here], ~np.isnan(values[here]), minlength=len(names))
        for rating, values in survey.ratings.items()
    }
    found = []
    for rating, other in (RATINGS, RATINGS[::-1]):
        for code in np.flatnonzero((given[rating] > 0) & (given[other] == 0)):
            found.append(int(code))
            rows = int(given[rating][code])
            issues.add(f"{rating}_alone", "warning", table="responses", column=f"{kind} {names[code]}", rows=rows)
    return found


def _alone(survey: Survey, here: np.ndarray) -> bool:
    """Return whether exactly one of two ratings was given at a touchpoint, which is a warning of its own."""
    given = [bool((~np.isnan(values[here])).any()) for values in survey.ratings.values()]
    return len(given) == len(RATINGS) and sum(given) == 1


def _missing(survey: Survey, issues: Issues) -> None:
    answers, question = survey.answers, pd.Series(survey.question)
    rated = [name for name in ON_SCALE if name in answers and answers[name].notna().any()]
    blank = answers[rated].isna()
    if not blank.any(axis=None):
        return
    groups = blank.set_axis(question.index).groupby(question)
    share, count = groups.mean(), groups.sum()
    for rating in rated:
        for code in share.index[(share[rating] > MANY_MISSING) & (share[rating] < 1)]:
            rows, name = int(count.loc[code, rating]), survey.names[code]
            issues.add("many_missing", "warning", table="responses", column=f"{rating} {name}", rows=rows)
