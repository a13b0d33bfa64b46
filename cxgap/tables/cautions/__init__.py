"""What will not stop a report but changes how it is read."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from cxgap.tables.cautions.bias import rejected_unevenly
from cxgap.tables.cautions.coverage import how_many, one_rating_only
from cxgap.tables.cautions.names import names_to_look_at
from cxgap.tables.cautions.patterns import answers_too_alike
from cxgap.tables.cautions.people import people_twice
from cxgap.tables.cautions.personal import personal_data
from cxgap.tables.cautions.scales import waves_on_another_scale
from cxgap.tables.cautions.survey import Survey
from cxgap.tables.cautions.swapped import ratings_swapped
from cxgap.tables.cautions.turned import items_against_the_rest
from cxgap.tables.cautions.weighted import weights
from cxgap.tables.issues import Issues
from cxgap.tables.responses import Responses
from cxgap.tables.restrict import Scope
from cxgap.tables.sections import Item
from cxgap.tables.spec import StudyFile

__all__ = ["caution", "caution_table"]


def caution(survey: Responses, items: Mapping[str, Item], spec: StudyFile, scope: Scope, issues: Issues) -> None:
    """Add warnings about answers that are used."""
    answers, least = survey.answers, spec.study.min_n
    seen = Survey.of(answers, spec, items)
    how_many(seen, survey.touchpoints, least, scope, issues)
    one_rating_only(seen, issues)
    words = [name for name in answers if answers[name].dtype.kind == "O"]  # what is a number in the end is no group
    rejected_unevenly(survey.segments[survey.segments["column"].isin(words)], least, issues)
    names_to_look_at(answers, "responses", issues)
    personal_data(answers, "responses", issues)
    answers_too_alike(seen, least, issues)
    people_twice(seen, issues)
    ratings_swapped(seen, spec, items, issues)
    waves_on_another_scale(seen, spec, issues)
    items_against_the_rest(seen, items, issues)
    if spec.design.weight:
        weights(answers, spec.design.weight, issues)


def caution_table(name: str, table: pd.DataFrame, issues: Issues) -> None:
    """Add warnings about a table beside the survey."""
    names_to_look_at(table, name, issues)
    personal_data(table, name, issues)
