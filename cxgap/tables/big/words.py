"""What is said to the engine: names, values and lists of SQL."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from cxgap.errors import StudyError

SPACES: Final = "' ' || chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || chr(160)"


def name(column: str) -> str:
    """Quote the name of a column."""
    return '"' + column.replace('"', '""') + '"'


def text(value: object) -> str:
    """Quote a text."""
    return "'" + str(value).replace("'", "''") + "'"


def literal(value: Any) -> str:
    """Write a value of a file, so that it is compared as what it is.

    Raises
    ------
    StudyError : it is a list, bytes or another thing that no column of answers holds.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | Decimal):
        return str(value)
    if isinstance(value, float):
        return f"CAST({text(repr(value))} AS DOUBLE)"
    if isinstance(value, str):
        return text(value)
    if isinstance(value, datetime):
        return f"CAST({text(value.isoformat(' '))} AS {'TIMESTAMPTZ' if value.tzinfo else 'TIMESTAMP'})"
    if isinstance(value, date):
        return f"CAST({text(value.isoformat())} AS DATE)"
    raise StudyError(f"a column of names or ratings must hold text or numbers, not {type(value).__name__}; convert it.")


def among(column: str, values: Iterable[Any]) -> str:
    """Whether a column is one of some values, of which None and NaN are no value; never null itself."""
    listed = list(values)
    given = [literal(value) for value in listed if not is_none(value)]
    parts = [f"coalesce({column} IN ({', '.join(given)}), false)"] if given else []
    parts += [f"{column} IS NULL"] if len(given) < len(listed) else []
    return f"({' OR '.join(parts)})" if parts else "false"


def is_none(value: object) -> bool:
    """Whether a value of a file is none."""
    return value is None or (isinstance(value, float) and math.isnan(value))


def both(conditions: Sequence[str]) -> str:
    """Join conditions that must all hold."""
    return " AND ".join(f"({one})" for one in conditions) if conditions else "true"


def ordered(column: str, levels: Sequence[str]) -> str:
    """Give a text the order of its levels; what is none of them is null."""
    return f"TRY_CAST({column} AS ENUM({', '.join(map(text, levels))}))"


def chosen(column: str, values: Mapping[Any, str], other: str) -> str:
    """Return one expression for each value of a column, and another for the rest."""
    cases = "".join(f" WHEN {name_} THEN {value}" for name_, value in ((literal(key), said) for key, said in values.items()))
    return f"CASE {column}{cases} ELSE {other} END" if cases else other
