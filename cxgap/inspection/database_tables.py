"""The tables of a database in a file, and their rows in blocks."""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from cxgap.errors import StudyError
from cxgap.inspection.kinds import DUCKDB


class Held(NamedTuple):
    """One table of a database."""

    rows: int
    columns: list[str]


def tables_of(path: Path, kind: str) -> dict[str, Held]:
    """Return the tables and views of a database, by the name that `table` would have.

    Raises
    ------
    StudyError : the file is damaged, or locked.
    """
    import duckdb

    try:
        return _duckdb(path) if kind == DUCKDB else _sqlite(path)
    except (duckdb.Error, sqlite3.Error) as error:
        text = next(iter(str(error).splitlines()), "").rstrip(".")
        raise StudyError(f"{path.name} must be a database that can be read, and cannot: {text}.") from None


def _duckdb(path: Path) -> dict[str, Held]:
    with closing(open_duckdb(path)) as database:
        rows = database.execute(
            "SELECT table_schema, table_name, list(column_name ORDER BY ordinal_position) FROM information_schema.columns "
            "GROUP BY ALL ORDER BY ALL"
        ).fetchall()
        return {
            (table if schema == "main" else f"{schema}.{table}"): Held(
                _count(database, f'"{_in(schema)}"."{_in(table)}"'), names
            )
            for schema, table, names in rows
        }


def open_duckdb(path: Path) -> Any:
    """Open a database to be read alone."""
    import duckdb

    config: dict[str, Any] = {"enable_external_access": "false", "autoinstall_known_extensions": "false"}
    database = duckdb.connect(str(path), read_only=True, config=config)
    with suppress(duckdb.Error):  # an old one has no zones but its own
        database.execute("SET TimeZone = 'UTC'")
    return database


def open_sqlite(path: Path) -> sqlite3.Connection:
    """Open a database to be read alone; nothing is made beside it where nobody writes it."""
    still = "" if path.with_name(f"{path.name}-wal").exists() else "&immutable=1"
    return sqlite3.connect(f"file:{quote(str(path.resolve()))}?mode=ro{still}", uri=True)


def _sqlite(path: Path) -> dict[str, Held]:
    with closing(open_sqlite(path)) as database:
        names = database.execute(
            "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%' ORDER BY name"
        ).fetchall()
        return {
            name: Held(
                _count(database, f'"{_in(name)}"'), [row[1] for row in database.execute(f'PRAGMA table_info("{_in(name)}")')]
            )
            for (name,) in names
        }


def _in(name: str) -> str:
    return name.replace('"', '""')


def quoted(table: str) -> str:
    """Return the name of a table as SQL has it; what stands before a dot is its schema."""
    return ".".join(f'"{_in(part)}"' for part in table.split("."))


def _count(database: Any, table: str) -> int:
    return int(database.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
