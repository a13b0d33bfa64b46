"""Kano questions in a wide file: a pair of columns a feature, found by the patterns under [kano], becomes a row a feature."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Final

import numpy as np
import pandas as pd

from cxgap.errors import StudyError
from cxgap.tables.faults import first_of
from cxgap.tables.sections import KANO_ANSWERS, Kano
from cxgap.tables.source import Source

CONTROLS: Final = ("controllable", "uncontrollable", "shared", "unknown")
SIDES: Final = ("functional", "dysfunctional")


def coding_of(declared: Kano) -> Mapping[str, str]:
    """Return what may be written to the answer that it means: the five words, and what is declared, else the codes 1 to 5."""
    codes = {str(code): answer for code, answer in enumerate(KANO_ANSWERS, 1)}
    return {**{answer: answer for answer in KANO_ANSWERS}, **(declared.answers or codes)}


def pairs_asked(columns: Collection[str], declared: Kano, source: Source) -> list[str]:
    """Name the columns of the file that hold answers, both sides of each feature.

    Raises
    ------
    StudyError : no column fits a pattern, or one has no partner; each is a line.
    """
    found = {side: _features(columns, getattr(declared, side)) for side in SIDES}
    lines = []
    for side, other in (SIDES, SIDES[::-1]):
        if not found[side]:
            lines.append(
                f"{source.place}: columns must be named as {side} = {getattr(declared, side)!r} under [kano] says, and none is."
            )
        for feature, column in found[side].items():
            if found[other] and feature not in found[other]:
                wanted = getattr(declared, other).replace("{feature}", feature)
                lines.append(f"{source.place}: the column {column!r} must have its partner {wanted!r}, and there is none.")
    if lines:
        raise StudyError("\n".join(first_of(lines, "columns")))
    return [column for side in SIDES for column in found[side].values()]


def put_long(table: pd.DataFrame, declared: Kano, source: Source) -> pd.DataFrame:
    """Give each respondent a row a feature, in the order of the file: respondent_id, feature, both answers, further columns.

    Parameters
    ----------
    table : one row a respondent, answers read; the index is the row in the file, and stays so
    """
    found = {side: _features(table, getattr(declared, side)) for side in SIDES}
    features = [feature for feature in found["functional"] if feature in found["dysfunctional"]]
    asked = {column for side in SIDES for column in found[side].values()}
    if taken := {"feature", *SIDES} & ({*map(str, table)} - asked):
        name = sorted(taken)[0]
        raise StudyError(
            f"{source.place}: the column {name!r} must have another name, because cxgap makes one of that name from [kano]; "
            f'add rename = {{ {name} = "other_{name}" }} to kano under [tables].'
        )
    place = np.repeat(np.arange(len(table)), len(features))
    made = {"feature": pd.Series(np.tile(np.array(features, dtype=object), len(table))).infer_objects()}
    for side in SIDES:
        cells = table[[found[side][feature] for feature in features]].to_numpy(object)
        made[side] = pd.Series(cells.ravel(), dtype=object).infer_objects()
    kept = table[[column for column in table if column not in asked]].iloc[place]
    long = kept.assign(**{name: values.set_axis(kept.index) for name, values in made.items()})
    return long[["respondent_id", "feature", *SIDES, *(column for column in kept if column != "respondent_id")]]


def _features(columns: Collection[str], pattern: str) -> dict[str, str]:
    """Return feature -> column of those whose names fit the pattern."""
    before, after = pattern.split("{feature}")
    fits = re.compile(f"{re.escape(before)}(.+){re.escape(after)}")
    found = {str(column): match for column in columns if (match := fits.fullmatch(str(column)))}
    return {match[1]: column for column, match in found.items()}
