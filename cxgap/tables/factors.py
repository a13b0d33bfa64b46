"""Factors of expectations: the columns that [factors] names must be of the survey."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from cxgap.errors import StudyError, nearest
from cxgap.tables.spec import StudyFile

RATINGS: Final = ("expectation", "perception", "adequate", "importance", "item", "dimension", "respondent_id", "weight")


def check_factors(spec: StudyFile, columns: Collection[str]) -> None:
    """Raise where [factors] names what is no column of the answers that could go with expectations; each is a line.

    Parameters
    ----------
    columns : of the answers, those that a link brings over among them

    Raises
    ------
    StudyError : the text says what to type.
    """
    spare = [column for column in columns if column not in {*RATINGS, *spec.drawn_columns}]
    lines = []
    for key in ("controllable", "uncontrollable"):
        for name in getattr(spec.factors, key):
            if name not in spare:
                what = "that column holds something else" if name in columns else "the survey has no such column"
                lines.append(
                    f"`{key}` under [factors] must name columns of the survey that may go with expectations, and {what}: "
                    f"{name!r}; correct it, or leave it out.{nearest(name, spare)}"
                )
    if lines:
        raise StudyError("\n".join(lines))
