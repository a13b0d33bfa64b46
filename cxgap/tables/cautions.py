"""What will not stop a report but changes how it is read."""

from __future__ import annotations

from collections import Counter
from unicodedata import normalize

import pandas as pd

from cxgap.tables.codebook import ON_SCALE, RATINGS
from cxgap.tables.issues import Issues
from cxgap.tables.restrict import Scope
from cxgap.tables.spec import StudyFile

MANY_MISSING = 0.2  # of a question's answers
MOST_NAMES = 1000  # a column of more is no column of names
INFORMATION = 0.5  # Kish's effective sample size as a share of the sample


def caution(answers: pd.DataFrame, spec: StudyFile, scope: Scope, issues: Issues) -> None:
    """Add warnings about answers that are used."""
    _missing(answers, issues)
    _touchpoints(answers, spec, scope, issues)
    _lookalikes(answers, issues)
    if spec.design.weight:
        _weights(answers, spec.design.weight, issues)


def _missing(answers: pd.DataFrame, issues: Issues) -> None:
    rated = [rating for rating in ON_SCALE if rating in answers and answers[rating].dtype.kind == "f"]
    if not answers[rated].isna().any(axis=None):
        return
    question = "item" if "item" in answers else "touchpoint"
    blank = answers[rated].isna().groupby(answers[question], observed=True)
    share, count = blank.mean(), blank.sum()
    for rating in rated:
        for name in share.index[share[rating] > MANY_MISSING]:
            rows = int(count.loc[name, rating])
            issues.add("many_missing", "warning", table="responses", column=f"{rating} {name}", rows=rows)


def _touchpoints(answers: pd.DataFrame, spec: StudyFile, scope: Scope, issues: Issues) -> None:
    paired = answers[list(RATINGS)].notna().all(axis=1)
    people = answers[paired].groupby("touchpoint", observed=False)["respondent_id"].nunique()
    for name, count in people.items():
        column = f"touchpoint {name}"
        if count == 0 and "touchpoint" not in scope.where:
            issues.add("no_data_touchpoint", "warning", table="responses", column=column, rows=0)
        elif 0 < count < spec.study.min_n:  # how many they are is not for a page
            issues.add("small_sample", "warning", table="responses", column=column)


def _lookalikes(answers: pd.DataFrame, issues: Issues) -> None:
    for name in answers.columns.difference(["respondent_id", "item", "question"]):
        column = answers[name]
        if column.dtype.kind != "O":
            continue
        names = [level for level in map(str, column.dropna().unique()) if any(map(str.isalpha, level))]
        if len(names) > MOST_NAMES:
            continue
        bare = Counter("".join(filter(str.isalnum, normalize("NFKC", level).casefold())) for level in names)
        alike = sum(count for count in bare.values() if count > 1)
        if alike:
            issues.add("lookalike_names", "warning", table="responses", column=str(name), rows=alike)


def _weights(answers: pd.DataFrame, name: str, issues: Issues) -> None:
    weight = answers.drop_duplicates("respondent_id")[name]
    if (weight == 0).any():
        issues.add("zero_weight", "warning", table="responses", column=name, rows=int((weight == 0).sum()))
    if weight.sum() ** 2 < INFORMATION * len(weight) * (weight**2).sum():
        issues.add("huge_weight", "warning", table="responses", column=name, rows=len(weight))
