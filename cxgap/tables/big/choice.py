"""Whether a survey is read into memory, or left on disk for the engine; and what the engine cannot read."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final, Literal

from cxgap._check import check_choice
from cxgap.errors import StudyError
from cxgap.tables.formats import WORKBOOK_OR_SPSS
from cxgap.tables.source import Responses, TableSource
from cxgap.tables.spec import StudyFile

Engine = Literal["auto", "memory", "duckdb"]
ENGINES: Final = ("auto", "memory", "duckdb")
MOST_CELLS: Final = 40_000_000  # of a Parquet file that is read into memory by itself
MOST_TEXT: Final = 600 << 20  # bytes of a text file that is
HELD: Final = ("events", "promises")  # tables beside the survey that the engine reads
MOST_CELLS_BESIDE: Final = 8_000_000  # of these: a time takes longer to read than a rating, of which there are few
MOST_TEXT_BESIDE: Final = 150 << 20


def on_engine(spec: StudyFile, folder: Path, engine: str | None) -> bool:
    """Return whether the survey stays on disk: where it is asked for, and by itself where the file is too big for memory.

    Parameters
    ----------
    engine : "memory", "duckdb" or "auto"; None is what [study] says

    Raises
    ------
    StudyError : "duckdb" is asked for, and the survey is of a kind that the engine does not read.
    """
    wanted = check_choice(engine or spec.study.engine, "engine", ENGINES)
    if wanted == "memory" or not spec.surveyed:
        return False
    why = _why_not(spec, folder)
    if wanted == "duckdb" and why:
        raise StudyError(f"{spec.responses.place} cannot be read by the engine, because {why}")
    return wanted == "duckdb" or (not why and _is_big(folder / spec.responses.file, MOST_CELLS, MOST_TEXT))


def tables_on_engine(spec: StudyFile, folder: Path, engine: str | None) -> frozenset[str]:
    """Name the tables beside the survey that stay on disk: events and promises, together, where either is too big for memory.

    Raises
    ------
    StudyError : one is too big, and cannot be read by the engine.
    """
    here = [name for name in HELD if name in spec.tables]
    if (engine or spec.study.engine) == "memory" or not any(_is_big_table(spec, folder, name) for name in here):
        return frozenset()
    for name in here:
        source = spec.tables[name]
        why = _why_not_source(source, folder)
        if source.id:
            why = why or 'its rows have no id of their own; write one to the file, and drop id = "row".'
        if any(name in (link.table, link.to) for link in spec.links.values()):
            why = why or "[links] join it to another table; join them in the file before, and drop the section."
        if why:
            what = "is too big to be read row by row" if _is_big_table(spec, folder, name) else "is read with a big table"
            raise StudyError(f"{source.place} {what}, and cannot be read by the engine, because {why}")
    return frozenset(here)


def _is_big_table(spec: StudyFile, folder: Path, name: str) -> bool:
    source = spec.tables[name]
    return not source.address and _is_big(folder / source.file, MOST_CELLS_BESIDE, MOST_TEXT_BESIDE)


def is_parquet(path: Path) -> bool:
    """Whether a file is Parquet, by its first bytes; what is no file, such as a pipe that would wait for a writer, is none."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(4) == b"PAR1"


def _is_big(path: Path, cells: int, size: int) -> bool:
    try:
        if not is_parquet(path):
            return path.stat().st_size > size
        import pyarrow.parquet as pq

        about = pq.read_metadata(path)
        return about.num_rows * about.num_columns > cells
    except Exception:  # what is wrong with a file is said by whoever reads it
        return False


def _why_not(spec: StudyFile, folder: Path) -> str:
    """Return why the engine cannot read the survey, and what to type; "" where it can."""
    if any(link.table == "responses" for link in spec.links.values()):
        return "[links] bring columns to it; join them into the file before, and drop the section."
    return _why_not_source(spec.responses, folder)


def _why_not_source(source: Responses | TableSource, folder: Path) -> str:
    path = folder / source.file
    memory = 'read it in memory, by engine = "memory".'
    if source.address or source.table or source.query:
        return f"it is in a database; export the table to Parquet, such as by COPY ... TO '{Path(source.shown).stem}.parquet'."
    if source.platform:
        return f"it is an export of {source.platform}, whose head and previews only the reader in memory knows; {memory}"
    if source.sheets:
        return f"it is a workbook; {memory}"
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        if re.match(WORKBOOK_OR_SPSS, file.read(16), re.DOTALL):
            return f"it is neither Parquet nor delimited text; {memory}"
    return ""
