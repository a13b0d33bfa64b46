"""Databases: one table or one query, read and never written; rows come in an order that is the same every time."""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import numpy as np
import pandas as pd

from cxgap.errors import StudyError, listed, nearest
from cxgap.tables.formats.address import Address, resolve
from cxgap.tables.formats.raw import RawTable
from cxgap.tables.formats.typed import frame_of, numbered, word
from cxgap.tables.header import check_header
from cxgap.tables.source import Source

_ORDERED = re.compile(r"\border\s+by\b", re.IGNORECASE)
_READS = re.compile(r"\s*(--[^\n]*\n\s*|/\*.*?\*/\s*)*\(*\s*(select|with|values|table)\b", re.IGNORECASE | re.DOTALL)
_PACKAGES: Final = {"psycopg2": "psycopg2-binary", "MySQLdb": "mysqlclient", "snowflake": "snowflake-sqlalchemy"}
_SQLITE_MAY: Final = (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE)


def read_address(folder: Path, source: Source) -> RawTable:
    """Read from the database at an address such as "duckdb:///warehouse.duckdb" or "postgresql://host/name".

    Parameters
    ----------
    folder : of the study file; a database in a file is looked for from there
    source : its `file` is the address, in which ${NAME} stands for a variable of the environment

    Raises
    ------
    StudyError : a variable is not set, the database cannot be reached or read, or a driver is not installed.
    """
    address = resolve(source)
    _declared(source)
    if address.scheme in ("duckdb", "sqlite"):
        path = folder / address.rest.removeprefix("/")
        if not path.is_file():
            raise StudyError(f"{source.place} must lead to a file, from the folder of the study file, and there is none.")
        return read_database(path, source)
    return _read_any(address, source)


def read_database(path: Path, source: Source) -> RawTable:
    """Read from a file that is a DuckDB or SQLite database.

    Raises
    ------
    StudyError : the file is damaged, or `table` or `query` is not declared or leads to nothing.
    """
    _declared(source)
    with path.open("rb") as opened:
        head = opened.read(100)
    if head.startswith(b"SQLite format 3\x00"):
        _check_length(path, head, source)
        return _read_sqlite(path, source)
    return _read_duckdb(path, source)


def _read_duckdb(path: Path, source: Source) -> RawTable:
    import duckdb

    # Without access to files a query can neither write one nor read another, whatever it says.
    config: dict[str, str | bool | int | float | list[str]] = {
        "enable_external_access": False,
        "autoinstall_known_extensions": False,
    }
    with _worded(source, duckdb.Error), closing(duckdb.connect(str(path), read_only=True, config=config)) as database:
        with suppress(duckdb.Error):  # an old one has no zones but its own
            database.execute("SET TimeZone = 'UTC'")
        schemas = database.execute("SELECT table_schema, table_name FROM information_schema.tables").fetchall()
        tables = [name if schema == "main" else f"{schema}.{name}" for schema, name in schemas]
        relation = database.sql(source.query.rstrip("; \n") if source.query else f"SELECT * FROM {_quoted(source, tables)}")
        if relation is None:
            raise StudyError(f"{source.place}: `query` must be one SELECT, and gives no rows.")
        return _table(frame_of(relation.to_arrow_table(), source.place), source)


def _check_length(path: Path, head: bytes, source: Source) -> None:
    """Raise where the pages that the head counts are not all there: SQLite itself may find no rows and say nothing."""
    size, pages = int.from_bytes(head[16:18]), int.from_bytes(head[28:32])
    counted = head[24:28] == head[92:96]  # else a version wrote it that does not count
    if len(head) < 100 or (counted and pages * (65536 if size == 1 else size) > path.stat().st_size):
        raise StudyError(f"{source.place} must be a whole SQLite database, and is cut off; copy it again.")


def _read_sqlite(path: Path, source: Source) -> RawTable:
    # Where nothing is being written, the file is taken as it is, so that none is made beside it.
    still = "" if path.with_name(f"{path.name}-wal").exists() else "&immutable=1"
    address = f"file:{quote(str(path.resolve()))}?mode=ro{still}"
    with _worded(source, sqlite3.Error, UnicodeDecodeError), closing(sqlite3.connect(address, uri=True)) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")]
        query = source.query or f"SELECT * FROM {_quoted(source, tables)}"
        database.set_authorizer(lambda action, *_: sqlite3.SQLITE_OK if action in _SQLITE_MAY else sqlite3.SQLITE_DENY)
        found = database.execute(query)
        if found.description is None:
            raise StudyError(f"{source.place}: `query` must be one SELECT, and gives no rows.")
        return _table(_frame([column[0] for column in found.description], found.fetchall(), source), source)


def _read_any(address: Address, source: Source) -> RawTable:
    """Read through SQLAlchemy, in a transaction that is rolled back."""
    try:
        import sqlalchemy as sa
    except ModuleNotFoundError:
        raise StudyError(f"{source.place}: databases other than DuckDB and SQLite need pip install 'cxgap[sql]'.") from None
    if source.query and not _READS.match(source.query):
        raise StudyError(f"{source.place}: `query` must be one SELECT, because cxgap reads and never writes.")
    try:
        engine = sa.create_engine(address.url, poolclass=sa.pool.NullPool)
    except ModuleNotFoundError as error:
        package = _PACKAGES.get(str(error.name), error.name)
        raise StudyError(f"{source.place}: its driver is not installed; type pip install {package}.") from None
    except (sa.exc.SQLAlchemyError, ValueError) as error:
        raise StudyError(
            f"{source.place} must be an address that begins with duckdb:///, sqlite:/// or the name of a database that "
            f"SQLAlchemy knows and has a driver for, and is none: {address.told(error)}."
        ) from None
    with _worded(source, sa.exc.SQLAlchemyError, OSError, told=address.told), closing(engine.connect()) as database:
        if engine.dialect.name == "postgresql":
            database = database.execution_options(postgresql_readonly=True)
        if source.query:  # a colon before a word would be taken for a parameter
            found = database.execute(sa.text(re.sub(r"(?<!:):(?=\w)", r"\\:", source.query.rstrip("; \n"))))
        else:
            found = database.execute(_whole(sa, database, source))
        if not found.returns_rows:
            raise StudyError(f"{source.place}: `query` must be one SELECT, and gives no rows.")
        return _table(_frame([*found.keys()], found.fetchall(), source), source)


def _whole(sa: Any, database: Any, source: Source) -> Any:
    """Select all of the declared table, with the schema before its dot where it has one."""
    looking = sa.inspect(database)
    schema, _, name = str(source.table).rpartition(".")
    tables = [*looking.get_table_names(), *looking.get_view_names()]
    if source.table in tables:
        schema, name = "", str(source.table)
    elif not schema or name not in [*looking.get_table_names(schema), *looking.get_view_names(schema)]:
        raise _no_table(source, tables)
    return sa.select(sa.text("*")).select_from(sa.table(name, schema=schema or None))


def _declared(source: Source) -> None:
    if source.table and source.query:
        raise StudyError(f"{source.place}: the rows must be named once, by `table` or by `query`; drop one of them.")


def _quoted(source: Source, tables: Collection[str]) -> str:
    """Return the declared table as SQL names it."""
    if source.table not in tables:
        raise _no_table(source, tables)
    return ".".join(f'"{part}"' for part in source.table.replace('"', '""').split(".")) if source.table else ""


def _no_table(source: Source, tables: Collection[str]) -> StudyError:
    if source.table is None:
        return StudyError(
            f"{source.place} is a database, so that `table` or `query` must say which rows are read; it has the tables "
            f'{listed(tables)}; set table = "{min(tables, default="...")}".'
        )
    near = nearest(source.table, tables)
    return StudyError(f"{source.place}: `table` must be one of {listed(tables)}, and {source.table!r} is none.{near}")


@contextmanager
def _worded(source: Source, *faults: type[Exception], told: Any = None) -> Iterator[None]:
    """Word what a driver raises in one line."""
    try:
        yield
    except faults as error:
        text = told(error) if told else next(iter(str(error).splitlines()), "").rstrip(".!")
        if source.query:
            raise StudyError(f"{source.place}: `query` must be SQL that the database answers, and it says: {text}.") from None
        raise StudyError(f"{source.place} must be a database that can be read, and cannot: {text}.") from None


def _frame(names: Sequence[str], rows: Sequence[Sequence[Any]], source: Source) -> pd.DataFrame:
    """Write rows as text, as `frame_of` does."""
    header = check_header(names, source.place)
    columns = {}
    for place, name in enumerate(header):
        try:
            texts = [word(row[place]) for row in rows]
        except UnicodeDecodeError as error:
            raise StudyError(
                f"{source.place}, column {name!r}: binary values must be such as text can hold: {error}."
            ) from error
        columns[name] = np.array([text if text.strip() else "" for text in texts], dtype=object)
    return numbered(columns, len(rows))


def _table(frame: pd.DataFrame, source: Source) -> RawTable:
    """Put rows in the order of their values, unless the query has one of its own; the hash knows no order."""
    ordered = frame.sort_values(list(frame.columns), kind="stable") if len(frame) else frame
    digest = hashlib.sha256()
    for name in ordered:
        digest.update(json.dumps([str(name), ordered[name].tolist()]).encode())
    kept = frame if source.query and _ORDERED.search(source.query) else ordered
    return RawTable(kept.set_axis(pd.RangeIndex(2, len(kept) + 2, name="row")), [], digest.hexdigest())
