"""What is wrong with a column of a big table as a whole, by its odd cells and as many plain ones as it takes to know."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from cxgap import engine
from cxgap.tables.big.cells import DAY_FORM, FIXED_FORM
from cxgap.tables.big.sight import ROW, Seen
from cxgap.tables.big.words import SPACES, name
from cxgap.tables.issues import Issues
from cxgap.tables.operations import OF_AMOUNTS, marked, mixed
from cxgap.tables.schema import Kind
from cxgap.tables.source import Source
from cxgap.tables.spec import StudyFile
from cxgap.tables.times import ENOUGH, WHOLE_COLUMN, fault_of, refuse_faults

MOST_NAMED = 1_000  # units of a table


def judge_columns(odd: pd.DataFrame, kinds: Mapping[str, Kind], seen: Seen, plain: str, source: Source, table: str) -> None:
    """Raise where times or numbers that are text are none, or are of two kinds, in too large a share of a column.

    Parameters
    ----------
    odd : rows as text
    plain : whether a row is not among them

    Raises
    ------
    StudyError : a line each.
    """
    faults = []
    for column, kind in kinds.items():
        if seen.types[column] != "VARCHAR" or kind not in ("time", "deadline", "number", "measure"):
            continue
        timed = kind in ("time", "deadline")
        said = f"trim({name(column)}, {SPACES})"
        fixed = f"regexp_full_match({said}, '{FIXED_FORM}')"
        local = f"NOT {fixed} AND NOT regexp_full_match({said}, '{DAY_FORM}')"
        forms = [fixed, local, f"regexp_full_match({said}, '{DAY_FORM}')"] if timed else ["true"]
        parts = [
            f"count(*) FILTER ({form}), arg_min({said}, {ROW}) FILTER ({form}), min({ROW}) FILTER ({form})" for form in forms
        ]
        where = f"({plain}) AND {seen.cell(column)} IS NOT NULL"
        found = engine.connection().sql(f"SELECT {', '.join(parts)} FROM {seen.sql} WHERE {where}").fetchall()[0]
        most = int(len(odd) / WHOLE_COLUMN) + ENOUGH
        words, rows = list(odd[column]), list(odd.index)
        for place in range(0, len(found), 3):
            number, word, row = found[place : place + 3]
            if number:
                words += [word] * min(number, most)
                rows += [int(seen.row_in_file(pd.Series([row]).to_numpy())[0])] * min(number, most)
        text = pd.Series(words, index=pd.Index(rows, name="row"), name=column, dtype=object)
        if timed:
            faults.append(fault_of(text, source, column, table))
        else:
            faults += marked(text.to_frame(), source, kinds)
    refuse_faults(faults)


def note_mixed(kinds: Mapping[str, Kind], seen: Seen, table: str, spec: StudyFile, issues: Issues) -> None:
    """Warn of several units or currencies, as `operations.mixed` does.

    Raises
    ------
    StudyError : a metric reads numbers of several.
    """
    holders = [one for unit in OF_AMOUNTS for one in (unit, *(f"{column}_{unit}" for column in kinds)) if one in kinds]
    for holder in holders:
        said = f"trim({seen.cell(holder)}, {SPACES})"
        found = engine.connection().sql(
            f"SELECT {said} AS said, min({ROW}), count(*) FROM {seen.sql} WHERE {said} <> '' GROUP BY ALL LIMIT {MOST_NAMED}"
        )
        told = sorted(found.fetchall(), key=lambda one: one[1])
        frame = pd.DataFrame(
            "", index=seen.row_in_file(pd.Series([row for _, row, _ in told], dtype="int64").to_numpy()), columns=[*kinds]
        )
        frame[holder] = pd.Series([word for word, _, _ in told], index=frame.index, dtype=object)
        scratch = Issues()
        refuse_faults(mixed(frame.astype(object), spec.tables[table], table, spec, scratch))
        rows = sum(number for word, _, number in told if word.casefold() != told[0][0].casefold())
        for issue in scratch:
            where = {key: issue[key] for key in ("table", "column", "row")}
            issues.add(str(issue["check"]), "warning", rows=rows + _blank(holder, seen), **where)  # type: ignore[arg-type]


def _blank(holder: str, seen: Seen) -> int:
    """Count the rows that name no unit, which `operations.mixed` counts among those of another."""
    said = f"trim({seen.cell(holder)}, {SPACES})"
    return int(engine.connection().sql(f"SELECT count(*) FROM {seen.sql} WHERE coalesce({said}, '') = ''").fetchall()[0][0])
