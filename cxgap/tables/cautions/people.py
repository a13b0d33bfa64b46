"""One person under several ids: whole sets of answers that are the same."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cxgap.tables.cautions.survey import Survey
from cxgap.tables.issues import Issues

RATINGS = 15  # that two respondents must share, all of them
RARE = np.log(0.01)  # how many such pairs chance may make in the whole survey
VARIED = 0.75  # of the answers of a respondent, at most, are one and the same: straight lines are alike by habit
LIKE_OTHERS = 0.7  # of the surprise in a set of answers is left, because the answers of one person go together


def people_twice(survey: Survey, issues: Issues) -> None:
    """Warn of respondents who gave, all over, what another gave, where it is no answer that many give.

    A respondent is known by the sum of random numbers, one for each question and answer, so that no two are compared.
    """
    if not survey.ratings:
        return
    size, place = int(survey.who.max(initial=-1)) + 1, survey.answers["touchpoint"].cat.codes.to_numpy(np.int64)
    count, log_chance = np.zeros(size), np.zeros(size)
    marks, draw = np.zeros(size, dtype=np.uint64), np.random.default_rng(0)
    for values in survey.ratings.values():
        given = ~np.isnan(values)
        who, (answer, _) = survey.who[given], pd.factorize(values[given])
        asked, questions = pd.factorize(place[given] * (len(survey.names) + 1) + survey.question[given])
        said, kinds = pd.factorize(asked * (int(answer.max(initial=0)) + 1) + answer)
        share = np.bincount(said, minlength=len(kinds))[said] / np.bincount(asked, minlength=len(questions))[asked]
        count += np.bincount(who, minlength=size)
        log_chance += np.bincount(who, np.log(share), minlength=size)
        np.add.at(marks, who, draw.integers(0, 2**63, len(kinds), dtype=np.uint64)[said])
    varied = _most_common(survey, size) < VARIED * np.maximum(count, 1)
    pairs = np.log(max(size * (size - 1) / 2, 1))
    told = (count >= RATINGS) & varied & (pairs + LIKE_OTHERS * log_chance < RARE)
    again = pd.DataFrame({"marks": marks[told], "count": count[told]}).duplicated()
    if again.any():
        issues.add("near_duplicate", "warning", table="responses", column="respondent_id", rows=int(again.sum()))


def _most_common(survey: Survey, size: int) -> np.ndarray:
    """Return how often each respondent gave the answer that the respondent gave most often."""
    answers = np.concatenate(list(survey.asked.values()))
    given = ~np.isnan(answers)
    codes, words = pd.factorize(answers[given])
    who, counts = np.unique(np.tile(survey.who, len(survey.asked))[given] * len(words) + codes, return_counts=True)
    most = np.zeros(size, dtype=np.int64)
    np.maximum.at(most, who // max(len(words), 1), counts)
    return most
