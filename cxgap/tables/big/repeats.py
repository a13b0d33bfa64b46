"""Answers of a big survey that are given twice: the respondents who gave any are read into memory, and judged there."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from cxgap import engine
from cxgap.errors import StudyError
from cxgap.tables.answers import arrange
from cxgap.tables.big.people import People
from cxgap.tables.big.sight import ROW, Seen, arrow_of
from cxgap.tables.formats.typed import texts
from cxgap.tables.keys import known_keys
from cxgap.tables.rejects import Rejects
from cxgap.tables.repeats import without_repeats
from cxgap.tables.rounds import without_unasked
from cxgap.tables.sections import Item
from cxgap.tables.silence import hush
from cxgap.tables.spec import StudyFile

MOST: Final = 1_000_000  # answers of respondents who gave any twice
_numbers = count()


class Repeated(NamedTuple):
    """Answers that are refused because they are given twice.

    Attributes
    ----------
    rejects : of `Rejects.frame`
    rows : of the file as text, those that are refused, with the row in the file as their index
    table : of the engine, the ROW of each; "" where there is none
    """

    rejects: pd.DataFrame
    rows: pd.DataFrame
    table: str


def repeats(people: People, seen: Seen, spec: StudyFile, items: Mapping[str, Item], gone: str, answers: int) -> Repeated:
    """Find the answers that are given twice, as `without_repeats` does.

    Parameters
    ----------
    gone : whether a row of the file is left out or refused for what it is of
    answers : how many there are

    Raises
    ------
    StudyError : so many are given twice that they are more than a slip.
    """
    rejects = Rejects("responses", spec.responses)
    if not people.beyond:
        return Repeated(rejects.frame, pd.DataFrame(), "")
    if people.repeated > MOST or 3 * people.beyond > answers:
        raise StudyError(
            f"{spec.responses.place}: an answer must stand once, and {people.beyond:,} of {answers:,} stand again, of people "
            f"with {people.repeated:,} answers; delete the repetition, such as by SELECT DISTINCT."
        )
    con = engine.connection()
    found = arrow_of(
        con.sql(
            f"SELECT * FROM {seen.sql} WHERE NOT ({gone}) AND {seen.people} IN "
            f"(SELECT who FROM {people.table} WHERE answers > bits) ORDER BY {ROW}"
        )
    )
    frame, places = frame_in_file(found, seen)
    names = [code for code in seen.known.codes if code.column in frame]
    hushed, _ = hush(frame, names, spec.responses)
    every = without_unasked(arrange(hushed, seen.asked, spec, items), spec, items)
    every = known_keys(every, spec, items, Rejects("responses", spec.responses))
    kept = without_repeats(every, spec, rejects)
    lost = frame.index[frame.index.isin(every.index) & ~frame.index.isin(kept.index)]
    table = f"cxgap_gone_{next(_numbers)}"
    con.register(f"{table}_frame", pd.DataFrame({"place": places[frame.index.isin(lost)]}))
    con.execute(f"CREATE TEMP TABLE {table} AS SELECT CAST(place AS BIGINT) AS place FROM {table}_frame")
    con.unregister(f"{table}_frame")
    return Repeated(rejects.frame, frame[frame.index.isin(lost)], table)


def frame_in_file(found: object, seen: Seen) -> tuple[pd.DataFrame, np.ndarray]:
    """Return rows that the engine hands over as text, with the row in the file as their index, and the ROW of each."""
    places = found.column(ROW).to_pandas().to_numpy(np.int64)  # type: ignore[attr-defined]
    columns = {column: texts(found.column(column)) for column in seen.types}  # type: ignore[attr-defined]
    return pd.DataFrame(columns, index=pd.Index(seen.row_in_file(places), name="row"), dtype=object), places
