"""Columns of a big survey beside its keys and ratings: text stays text, and numbers are read by the rules of the small path."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd

from cxgap import engine
from cxgap.tables.big.columns import number_by
from cxgap.tables.big.sight import ROW, WHOLE_NUMBERS, Seen, arrow_of
from cxgap.tables.big.words import SPACES, name, text
from cxgap.tables.catalog import RESPONSES
from cxgap.tables.faults import Faults
from cxgap.tables.formats.typed import texts
from cxgap.tables.labels import unknown_labels
from cxgap.tables.metrics import survey_columns
from cxgap.tables.misread import Column, misread
from cxgap.tables.outcomes import outcome_columns
from cxgap.tables.scales import Asked, Scales
from cxgap.tables.schema import off_scale, read_numbers
from cxgap.tables.spec import StudyFile

MOST_VALUES: Final = 100_000  # of a column of numbers that are read one by one
_TYPED: Final = WHOLE_NUMBERS | {"DOUBLE", "FLOAT"}
_PLAIN: Final = r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?"


class Cells(NamedTuple):
    """Single cells that cannot be true, all of one column and reason: how many, the first row, and what stands there."""

    column: str
    reason: str
    rows: int
    row: int
    value: str


class Numbers(NamedTuple):
    """A column as a number, and the cells of it that are none."""

    expression: str
    refused: Sequence[Cells]


def numbered(seen: Seen, spec: StudyFile) -> list[str]:
    """Name the columns beside the ratings that hold numbers."""
    drawn = [name_ for name_ in (spec.design.weight, spec.design.population) if name_]
    measured = [*drawn, *survey_columns(spec), *outcome_columns(spec)]
    return [column for column in seen.others if column in measured or RESPONSES.kind(column) == "number"]


def number_of(column: str, seen: Seen, spec: StudyFile, within: str, faults: Faults) -> Numbers:
    """Read a column of numbers: its different values one by one, or, where they are too many, by the engine.

    Parameters
    ----------
    within : whether a row is looked at
    """
    source, outcomes = spec.responses, outcome_columns(spec)
    weight = column in (spec.design.weight, spec.design.population)
    silent = source.missing if column in [*survey_columns(spec), *outcomes] else {}
    quoted, con = name(column), engine.connection()
    found = arrow_of(
        con.sql(
            f"SELECT {quoted} AS raw, count(*) AS times, min({ROW}) AS first FROM {seen.sql} WHERE {within} "
            f"GROUP BY ALL LIMIT {MOST_VALUES + 1}"
        )
    )
    if found.num_rows > MOST_VALUES:
        return _many(column, seen, within, decimal=source.decimal)
    rows = seen.row_in_file(found.column("first").to_pandas().to_numpy(np.int64))
    said = pd.Series(texts(found.column("raw")), index=rows, name=column, dtype=object)
    times = found.column("times").to_pandas().to_numpy(np.int64)
    scale = outcomes.get(column)
    values, reasons = read_numbers(said, decimal=source.decimal, missing=silent, labels=scale.labels if scale else {})
    scales = None
    if scale:
        label = next(key for key, one in spec.outcomes.items() if one is scale)
        section = f'outcomes."{label}"'
        columns = np.full(len(said), column, dtype=object)
        faults.add(unknown_labels(said, reasons, scale.labels, source, columns, section))
        reasons = np.where(reasons == "unknown_label", "", reasons)
        reasons = np.where(reasons.astype(bool), reasons, off_scale(values, scale.low, scale.high, scale.step))
        scales = Scales([Asked(scale, section)], np.zeros(len(said), dtype=int))
    if scale or column in survey_columns(spec):
        faults.add(misread([Column(said, np.full(len(said), column, dtype=object), values, reasons, times)], scales, source))
    bad = reasons.astype(bool)
    raws: list[Any] = found.column("raw").to_pylist()
    number = values.to_numpy(float)
    meant = {place: (raw, None if bad[place] else number[place]) for place, raw in enumerate(raws)}
    refused = []
    for reason in [] if weight else dict.fromkeys(reasons[bad]):
        here = reasons == reason
        first = int(np.flatnonzero(here)[np.argmin(rows[here])])
        refused.append(Cells(column, str(reason), int(times[here].sum()), int(rows[first]), str(said.iloc[first])))
    return Numbers(number_by(quoted, meant), refused)


def _many(column: str, seen: Seen, within: str, *, decimal: str) -> Numbers:
    """Read numbers by the engine, in ASCII digits and with the declared decimal mark."""
    quoted = name(column)
    if seen.types[column] in _TYPED or seen.types[column].startswith("DECIMAL"):
        return Numbers(f"CASE WHEN isfinite(CAST({quoted} AS DOUBLE)) THEN CAST({quoted} AS DOUBLE) END", [])
    bare = f"trim({quoted}, {SPACES})"
    plain = bare if decimal == "." else f"replace({bare}, ',', '.')"
    expression = f"CASE WHEN regexp_full_match({plain}, {text(_PLAIN)}) THEN TRY_CAST({plain} AS DOUBLE) END"
    none = f"{quoted} IS NOT NULL AND lower({bare}) NOT IN ('', 'na', 'n/a', 'null') AND ({expression}) IS NULL"
    rows, first, value = (
        engine.connection()
        .sql(f"SELECT count(*), min({ROW}), arg_min({quoted}, {ROW}) FROM {seen.sql} WHERE {within} AND {none}")
        .fetchall()[0]
    )
    refused = (
        [Cells(column, "not_a_number", int(rows), int(seen.row_in_file(np.array([first]))[0]), str(value))] if rows else []
    )
    return Numbers(expression, refused)
