"""What is said of a big survey beside its numbers: from counts where they tell, else from some of its respondents."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from cxgap.tables.big.accounts import whole_of
from cxgap.tables.big.people import People
from cxgap.tables.big.relation import Levels, Part
from cxgap.tables.cautions.coverage import MANY_MISSING, MANY_TOUCHPOINTS
from cxgap.tables.cautions.names import names_to_look_at
from cxgap.tables.cautions.patterns import answers_too_alike
from cxgap.tables.cautions.people import people_twice
from cxgap.tables.cautions.personal import personal_data
from cxgap.tables.cautions.scales import waves_on_another_scale
from cxgap.tables.cautions.survey import Survey
from cxgap.tables.cautions.swapped import ratings_swapped
from cxgap.tables.cautions.turned import items_against_the_rest
from cxgap.tables.cautions.weighted import INFORMATION
from cxgap.tables.codebook import ON_SCALE, RATINGS
from cxgap.tables.issues import Issues
from cxgap.tables.restrict import Scope
from cxgap.tables.sections import Item
from cxgap.tables.spec import StudyFile

SAMPLE: Final = 2_000  # respondents whose answers are looked at one by one
UNCHECKED: Final = (  # checks of the small path that need all rows of a respondent, or of the file, at once
    "control_character (beside keys)",
    "summary_row (notes below a table)",
    "reject_bias",
    "unasked_wave",
    "item_changed",
    "damaged_ids (beyond the first rows)",
)
SAMPLED: Final = (
    "constant_answers", "near_duplicate", "copied_ratings", "zero_variance", "narrow_range", "swapped_ratings",
    "flipped_scale", "scale_drift", "reverse_suspected", "lookalike_names", "personal_data",
)  # fmt: skip


def caution_counts(
    parts: Sequence[Part], people: People, levels: Levels, known: Collection[str], spec: StudyFile, scope: Scope, issues: Issues
) -> None:
    """Warn of blanks, of touchpoints with nobody, one or few, of questions rated one way only, and of weights.

    Parameters
    ----------
    known : touchpoints that the file has, whether they were left out by `where` and `as_of` or not
    """
    answers = pd.concat([_counts(part) for part in parts], ignore_index=True)
    given = [rating for rating in ON_SCALE if rating in answers and answers[rating].sum()]
    question = "item" if "item" in answers else "touchpoint"
    by_question = answers.groupby(question, sort=False)[["times", *given]].sum().reindex(levels.names[question]).dropna()
    for rating in given:
        blank = by_question["times"] - by_question[rating]
        share = blank / by_question["times"]
        for name in share.index[(share > MANY_MISSING) & (share < 1)]:
            _warn(issues, "many_missing", f"{rating} {name}", int(blank[name]))
    by_touchpoint = answers.groupby("touchpoint", sort=False)[["times", *given]].sum().reindex(levels.names["touchpoint"])
    rated = by_touchpoint["times"].fillna(0) > 0
    pairs = [rating for rating in RATINGS if rating in given]
    alone = (by_touchpoint[pairs] > 0).sum(axis=1) == 1 if len(pairs) == len(RATINGS) else rated & False
    restricted = bool(scope.where) or scope.cutoff is not None
    for name in map(str, rated.index):
        count, left_out = people.whole.get(name, 0), "touchpoint" in scope.where or (restricted and name in known)
        if count == 0 and not (alone[name] if rated[name] else left_out):
            _warn(issues, "no_data_touchpoint", f"touchpoint {name}", 0)
        elif 0 < count < spec.study.min_n:
            _warn(issues, "single_respondent" if count == 1 else "small_sample", f"touchpoint {name}")
    if rated.sum() > MANY_TOUCHPOINTS:
        _warn(issues, "many_touchpoints", "touchpoint", int(rated.sum()))
    if len(pairs) == len(RATINGS):
        _one_way(by_touchpoint.fillna(0), "touchpoint", issues)
        if question == "item":
            lone = set(by_touchpoint.index[alone])
            _one_way(answers[~answers["touchpoint"].isin(lone)].groupby("item", sort=False)[pairs].sum(), "item", issues)
    weight = spec.design.weight
    if weight:
        _, _, _, zero, total, squares = people.weights[weight]
        if zero:
            _warn(issues, "zero_weight", weight, zero)
        if total**2 < INFORMATION * people.respondents * squares:
            _warn(issues, "huge_weight", weight, people.respondents)


def caution_some(sample: pd.DataFrame, whole: bool, spec: StudyFile, items: Mapping[str, Item], issues: Issues) -> None:
    """Warn of what only a respondent's answers together can tell, by those of some respondents.

    Parameters
    ----------
    sample : all answers of some respondents, as the small path types them
    whole : whether they are all respondents
    """
    seen = Survey.of(sample, spec, items)
    names_to_look_at(sample, "responses", issues)
    personal_data(sample, "responses", issues)
    answers_too_alike(seen, spec.study.min_n, issues)
    people_twice(seen, issues)
    ratings_swapped(seen, spec, items, issues)
    waves_on_another_scale(seen, spec, issues)
    items_against_the_rest(seen, items, issues)
    if not whole:
        some = int(sample["respondent_id"].nunique())
        issues.add("looked_at_some", "note", table="responses", column=", ".join(SAMPLED), rows=some)
    issues.add("not_looked_for", "note", table="responses", column=", ".join(UNCHECKED))


def _counts(part: Part) -> pd.DataFrame:
    """Return keys of the kinds that are used or incomplete, how many answers they are, and how many have each rating."""
    good = part.judged.reason == ""
    answers = part.judged.answers[good]
    times = part.kinds["times"].to_numpy(np.int64)[good]
    made: dict[str, Any] = {key: answers[key].to_numpy(object) for key in ("touchpoint", "item") if key in answers}
    made |= {rating: np.where(answers[rating].notna(), times, 0) for rating in ON_SCALE if rating in answers}
    return pd.DataFrame({**made, "times": times, "whole": np.where(whole_of(part)[good], times, 0)})


def _one_way(given: pd.DataFrame, kind: str, issues: Issues) -> None:
    for rating, other in (RATINGS, RATINGS[::-1]):
        for name in given.index[(given[rating] > 0) & (given[other] == 0)]:
            _warn(issues, f"{rating}_alone", f"{kind} {name}", int(given.loc[name, rating]))


def _warn(issues: Issues, check: str, column: str, rows: int = 1) -> None:
    issues.add(check, "warning", table="responses", column=column, rows=rows)
