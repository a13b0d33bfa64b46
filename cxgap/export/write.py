"""Write results into one file, of the kind that its name asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Final

from cxgap.errors import ArgumentError, nearest
from cxgap.export.names import name_of
from cxgap.export.text import csv_bytes
from cxgap.result import GapTable, Table

Result = GapTable | Table

_ROOMS: Final = {".xlsx": "sheets", ".docx": "word", ".tex": "latex"}
_PACKAGES: Final = {"openpyxl": "openpyxl", "docx": "python-docx", "jinja2": "jinja2"}


def write_tables(path: str | Path, *results: Result | Iterable[Result]) -> Path:
    r"""Write tables to a file for Excel, Word or LaTeX, or to a folder of CSV files.

    Parameters
    ----------
    path : ends in `.xlsx` (a sheet a table, numbers to 16 digits), `.docx` or `.tex` (what a reader sees, with caption and
        notes; for LaTeX with \usepackage{booktabs}), or `.csv` (one table, exact numbers); without an ending it is a folder
        that gets one CSV file a table. A file that is there is replaced.
    results : tables, or collections of them such as that of `servqual_paper`

    Returns
    -------
    The path that was written.

    Raises
    ------
    ArgumentError : there is nothing to write, a result is no table, the ending is of no known kind, or what writes it is not
        installed.
    """
    path, tables = Path(path), list(_tables(results))
    if not tables:
        raise ArgumentError("`write_tables` must be given at least one table after the path, as in write_tables(path, gaps).")
    ending = path.suffix.lower()
    if not path.parent.is_dir():
        raise ArgumentError(f"`path` must lie in a folder that exists, and {str(path.parent)!r} does not; make it first.")
    if not ending:
        return _folder(path, tables)
    if ending == ".csv":
        if len(tables) > 1:
            raise ArgumentError(
                f"a CSV file holds one table, and {len(tables)} were given; name a folder, such as {path.stem!r}."
            )
        path.write_bytes(csv_bytes(tables[0]))
        return path
    if ending not in _ROOMS:
        known = [*_ROOMS, ".csv"]
        raise ArgumentError(
            f"`path` must end in one of {known}, or in none for a folder, not {ending!r}.{nearest(ending, known)}"
        )
    try:
        room = import_module(f"cxgap.export.{_ROOMS[ending]}")
        write: Callable[[Path, list[Result]], None] = room.write
        write(path, tables)
    except ModuleNotFoundError as error:
        needed = _PACKAGES.get(str(error.name))
        if needed is None:
            raise
        raise ArgumentError(
            f"{ending} files need {needed}, which is not installed; type pip install 'cxgap[export]'."
        ) from error
    return path


def _tables(results: Iterable[object]) -> Iterator[Result]:
    for result in results:
        if isinstance(result, GapTable | Table):
            yield result
        elif isinstance(result, Iterable) and not isinstance(result, str | bytes):
            yield from _tables(result)
        else:
            raise ArgumentError(f"`write_tables` takes tables that cxgap returned, not {type(result).__name__}.")


def _folder(path: Path, tables: list[Result]) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    for number, table in enumerate(tables, start=1):
        if not table.missing:
            (path / f"{number}-{name_of(table)}.csv").write_bytes(csv_bytes(table))
    return path
