"""Look through everything that is published for what belongs to one person: ids, free text, rejected cells, addresses.

A page is made of tables, figures and sentences about many people, so none of this can be in it. That is not taken on
trust: this finds what slipped through, in a page, its figures' data, a record, a manifest, a table or a failure page.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import pandas as pd

from cxgap.report.folders import PRIVATE
from cxgap.tables.absent import absent
from cxgap.tables.study import Study

LEAST_LENGTH: Final = 4  # characters; "12" is on every page, and is nobody's id there
FREE_FROM: Final = 50  # different values, from which a column of text is taken for free text or for names
SHARE_FREE: Final = 0.2  # of the rows that have a value of their own
ADDRESS: Final = re.compile(r"[A-Za-z0-9._%+-]{2,64}@[A-Za-z0-9-]{2,63}(?:\.[A-Za-z0-9-]{2,63})*\.[A-Za-z]{2,12}\b")
_WORD: Final = re.compile(r"[\w.@+/-]+")
_IDS: Final = ("respondent_id", "customer_id", "manager_id", "employee_id", "event_id", "contact_id")


class Leak(NamedTuple):
    """Something personal in a published file; `kind` says what, and the value itself is not repeated in messages."""

    file: str
    kind: str
    value: str

    def __repr__(self) -> str:
        return f"{self.file} holds {self.kind} of {len(self.value)} characters"


def personal_values(study: Study) -> dict[str, set[str]]:
    """Return what of a study must not be published, by kind: ids, free text and rejected values, where long enough to tell."""
    found: dict[str, set[str]] = {"an id": set(), "a text": set(), "a rejected value": set()}
    tables = [*([study.responses] if study.surveyed else []), *study.tables.values()]
    for table in tables:
        for name in _IDS:
            if not absent(table) and name in table:
                found["an id"] |= _long(table[name].dropna().unique())
        for name in _free(table):
            found["a text"] |= _long(table[name].dropna().unique())
    found["a rejected value"] |= _long(value for value in study.rejects["value"] if isinstance(value, str))
    common = {str(name) for table in tables for name in table.columns} | _levels(tables)
    return {kind: values - common for kind, values in found.items()}


def leaks(output: Path, values: dict[str, set[str]]) -> list[Leak]:
    """Search every published file below `output` for `values`, and for addresses of mail.

    Parameters
    ----------
    output : the folder of all reports; its private folder is not published
    values : by kind, such as `personal_values` returns
    """
    found = []
    for path in sorted(output.rglob("*")):
        own = path.relative_to(output)
        if own.parts[0] != PRIVATE and own.parts[0] != "assets" and path.is_file():
            found += [leak._replace(file=own.as_posix()) for leak in leaks_in(path.read_bytes(), values)]
    return found


def leaks_in(content: bytes, values: dict[str, set[str]]) -> list[Leak]:
    """Search one file, as it is and as a reader or a program would decode it."""
    text = content.decode("utf-8", "replace")
    forms = {text, html.unescape(text), _unescaped(text), html.unescape(_unescaped(text))}
    found = {Leak("", "an address", address) for form in forms for address in ADDRESS.findall(form)}
    words = {word for form in forms for word in _WORD.findall(form)}
    for kind, secret in values.items():
        single = {value for value in secret if _WORD.fullmatch(value)}
        found |= {Leak("", kind, value) for value in single & words}
        found |= {Leak("", kind, value) for value in secret - single if any(value in form for form in forms)}
    return sorted(found)


def _unescaped(text: str) -> str:
    """Undo what JSON does to characters."""

    def char(match: re.Match[str]) -> str:
        try:
            return str(json.loads(f'"{match[0]}"'))
        except ValueError:
            return match[0]

    return re.sub(r"(?:\\u[0-9a-fA-F]{4})+|\\[\"\\/bfnrt]", char, text)


def _long(values: Iterable[Any]) -> set[str]:
    return {text for value in values if len(text := str(value).strip()) >= LEAST_LENGTH}


def _free(table: pd.DataFrame) -> Iterator[str]:
    """Return the columns of a table that hold free text or names: text of many values, each of few rows."""
    for name in () if absent(table) else table.columns:
        if pd.api.types.is_string_dtype(table[name]) and str(name) not in _IDS:
            many = table[name].nunique()
            if many > FREE_FROM and many > SHARE_FREE * table[name].notna().sum() / _rows_each(table):
                yield str(name)


def _rows_each(table: pd.DataFrame) -> float:
    """Return how many rows one person has: an answer is a row."""
    return len(table) / max(1, table["respondent_id"].nunique()) if "respondent_id" in table else 1.0


def _levels(tables: Iterable[pd.DataFrame]) -> set[str]:
    """Return the names by which tables are cut: they are on pages for good reason."""
    names = ("touchpoint", "stage", "channel", "segment", "region", "dimension", "item", "wave", "metric")
    return {str(value) for table in tables for name in names if name in table for value in table[name].dropna().unique()}
