"""The columns of the survey beside its ratings get their types: names in their order, weights, outcomes, numbers and text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from cxgap.tables.answers import KEYS
from cxgap.tables.catalog import RESPONSES
from cxgap.tables.codebook import ON_SCALE
from cxgap.tables.faults import Faults
from cxgap.tables.metrics import survey_columns
from cxgap.tables.misread import Column, misread
from cxgap.tables.outcomes import read_outcome
from cxgap.tables.rejects import Rejects
from cxgap.tables.schema import read_numbers, read_text
from cxgap.tables.sections import Item
from cxgap.tables.spec import StudyFile
from cxgap.tables.weights import read_weights
from cxgap.waves import in_time


def typed(
    answers: pd.DataFrame,
    asked: pd.DataFrame,
    spec: StudyFile,
    items: Mapping[str, Item],
    rejects: Rejects,
    faults: Faults,
) -> pd.DataFrame:
    """Give the columns of answers their types, and names their orders; what was rated is read before.

    A weight that is none is a fault, and so are an outcome in words that are not declared, and an outcome or a metric of
    which so much is refused that the column must be another, or on another scale or in another notation.
    """
    source, measured = spec.responses, survey_columns(spec)
    outcomes = {outcome.column or name: (name, outcome) for name, outcome in spec.outcomes.items()}
    visits = answers.groupby([name for name in KEYS if name in answers and name != "item"], sort=False).ngroup().to_numpy()
    orders = {
        "touchpoint": spec.study.touchpoints,
        "wave": spec.study.waves,
        "item": tuple(asked["item"].dropna()) or tuple(items),
        "dimension": tuple(dict.fromkeys(item.dimension for item in items.values() if item.dimension)),
    }
    made: dict[str, Any] = {}
    if "item" in answers:
        made["retained"] = ~answers["item"].isin([name for name, item in items.items() if not item.retained])
        if any(item.label for item in items.values()) or "question" not in answers:
            names = orders["item"] or tuple(sorted(answers["item"].unique()))
            labels = {name: items[name].label or name if name in items else name for name in names}
            texts = answers["item"].map(labels)
            made["question"] = pd.Categorical(texts, categories=list(dict.fromkeys(labels.values())), ordered=True)
    for name in map(str, answers.columns):
        text = answers[name]
        if name in made or text.dtype.kind != "O":
            continue
        if name in (spec.design.weight, spec.design.population):
            with faults.gathered():
                made[name] = read_weights(text, answers["respondent_id"], source)
        elif name in orders:
            found = (in_time if name == "wave" else sorted)(set(text.unique()) - {"", *orders[name]})
            made[name] = pd.Categorical(text.where(text != ""), categories=[*orders[name], *found], ordered=True)
        elif name in outcomes:
            with faults.gathered():
                made[name], wrong = read_outcome(text, outcomes[name][1], visits, name=outcomes[name][0], source=source)
                rejects.cells(text, wrong, name)
        elif RESPONSES.kind(name) == "number" or name in measured:
            silent = source.missing if name in measured else ()
            made[name], wrong = read_numbers(text, decimal=source.decimal, missing=silent)
            if name in measured:
                faults.add(misread([Column.beside(text, made[name], wrong)], None, source))
            rejects.cells(text, wrong, name)
        else:
            made[name] = read_text(text)
    answers = answers.assign(**made)
    first = [name for name in ("respondent_id", "touchpoint", "dimension", "item", "question", *ON_SCALE) if name in answers]
    return answers[[*first, *answers.columns.difference(first, sort=False)]]
