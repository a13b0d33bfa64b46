"""The file of a big survey as the engine sees it, under the names that its columns are known by."""

from __future__ import annotations

import atexit
import hashlib
import json
import os
import tempfile
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from cxgap import engine
from cxgap.errors import StudyError
from cxgap.tables.big.choice import is_parquet
from cxgap.tables.big.staging import Unmatched, stage
from cxgap.tables.big.words import SPACES, name, text
from cxgap.tables.catalog import RESPONSES
from cxgap.tables.codebook import columns_of
from cxgap.tables.formats.raw import RawTable, Unread
from cxgap.tables.formats.typed import frame_of
from cxgap.tables.header import check_header
from cxgap.tables.issues import Issues
from cxgap.tables.questions import Known
from cxgap.tables.responses import headed
from cxgap.tables.sections import Item
from cxgap.tables.source import Source
from cxgap.tables.spec import StudyFile

if TYPE_CHECKING:
    import pandas as pd

ROW: Final = "cxgap_row"  # place of a row among those that the engine has, from 0
LOOKED_AT: Final = 1_000  # rows by which a header is read
WHOLE_NUMBERS: Final = frozenset("TINYINT SMALLINT INTEGER BIGINT HUGEINT UTINYINT USMALLINT UINTEGER UBIGINT UHUGEINT".split())
_staged: dict[tuple[object, ...], tuple[Path, list[Unmatched]]] = {}


class Seen(NamedTuple):
    """A survey on disk.

    Attributes
    ----------
    sql : a query in parentheses whose rows are those of the file, with ROW
    types : of the engine, by the name that a column is known by; the columns in their order
    rows : how many there are, blank ones apart
    asked : where the ratings stand, of `rating_columns`
    known : what the file says of its columns
    head : its first rows as text
    unmatched : rows of a text file that do not match the header
    digest : tells the file from any other, of `digest_of`
    top : the row in the file that names its columns
    """

    sql: str
    types: Mapping[str, str]
    rows: int
    asked: pd.DataFrame
    known: Known
    head: pd.DataFrame
    unmatched: Sequence[Unmatched]
    digest: str
    top: int = 1

    @property
    def keys(self) -> list[str]:
        """Columns of the file that say what an answer is of."""
        return [column for column in ("touchpoint", "wave", "item", "dimension") if column in self.types]

    @property
    def others(self) -> list[str]:
        """Columns of the file that are neither keys nor ratings."""
        used = {*columns_of(self.asked), "touchpoint", "wave", "item", "dimension", "respondent_id"}
        return [column for column in self.types if column not in used]

    @property
    def people(self) -> str:
        """Who answered, as the engine has it; null where that is blank."""
        return self.cell("respondent_id", strip=True)

    def cell(self, column: str, *, strip: bool = False) -> str:
        """Return a column as text, as a CSV of it has it, null where it is blank; whole numbers stay numbers in ids."""
        kind, quoted = self.types[column], name(column)
        if column == "respondent_id" and kind in WHOLE_NUMBERS:
            return quoted
        if kind == "VARCHAR" or kind.startswith("ENUM"):
            cells = quoted if kind == "VARCHAR" else f"CAST({quoted} AS VARCHAR)"
            bare = f"trim({cells}, {SPACES})"
            return f"nullif({bare}, '')" if strip else f"CASE WHEN {bare} = '' THEN NULL ELSE {cells} END"
        if kind in ("DOUBLE", "FLOAT"):
            whole = f"isfinite({quoted}) AND {quoted} = trunc({quoted})"
            return (
                f"CASE WHEN isnan({quoted}) THEN NULL WHEN {whole} THEN CAST(CAST({quoted} AS HUGEINT) AS VARCHAR) "
                f"ELSE CAST({quoted} AS VARCHAR) END"
            )
        if kind in ("TIMESTAMP", "TIMESTAMPTZ"):
            clock = quoted if kind == "TIMESTAMP" else f"timezone('UTC', {quoted})"
            whole, parts = (f"strftime({clock}, '%Y-%m-%dT%H:%M:%S{end}')" for end in ("", ".%f"))
            said = f"CASE WHEN microsecond({clock}) % 1000000 = 0 THEN {whole} ELSE {parts} END"
            return said if kind == "TIMESTAMP" else f"({said}) || '+00:00'"
        return f"CAST({quoted} AS VARCHAR)"

    def row_in_file(self, places: np.ndarray) -> np.ndarray:
        """Return the row in the file, as a spreadsheet counts it, of rows of the engine."""
        before = np.array([one.before for one in self.unmatched], dtype=np.int64)
        shifted: np.ndarray = places + 1 + self.top + np.searchsorted(before, places, side="right")
        return shifted

    def unread(self, rows: int) -> list[Unread]:
        """Return the rows that do not match the header, with their reasons."""
        width = len(self.types)
        return [
            Unread(
                one.before + 1 + self.top + place,
                "too_many_fields" if one.fields > width else "too_few_fields",
                f"{one.fields}",
            )
            for place, one in enumerate(self.unmatched)
            if not one.blank
        ][:rows]


class Opened(NamedTuple):
    """A file that the engine can read: how, its rows, the first of them, also as text; the rest is of `Seen`."""

    read: str
    rows: int
    sample: Any
    head: pd.DataFrame
    unmatched: Sequence[Unmatched]
    top: int


def see(spec: StudyFile, folder: Path, items: Mapping[str, Item], issues: Issues, *, hashed: bool) -> Seen:
    """Open the file of a survey, and find its columns.

    Raises
    ------
    StudyError, ColumnError : there is no such file, it holds no rows, or its columns are not what they must be.
    """
    source = spec.responses
    path, file = folder / source.file, open_file(folder, source, RESPONSES.required)
    files, rows = file.sample.columns, file.rows
    check_header(files, source.file)
    scratch = Issues()
    frame, asked, known = headed(RawTable(file.head, [], ""), spec, items, scratch)
    for issue in scratch:
        told = {key: issue[key] for key in ("table", "column", "value", "sheet", "fix", "row")}
        count = rows if issue["check"] == "personal_unread" else issue["rows"]
        issues.add(issue["check"], issue["severity"], rows=count, **told)  # type: ignore[arg-type]
    there = [
        (old, kind) for old, kind in zip(files, map(str, file.sample.types), strict=True) if old.strip() not in source.personal
    ]
    pairs = [(old, new, kind) for (old, kind), new in zip(there, frame.columns, strict=False)]
    types = {new: kind_of(kind) for _, new, kind in pairs}
    parts = [f"{name(old)} AS {name(new)}" for old, new, _ in pairs]
    if source.respondent == "row":
        parts.append("file_row_number + 2 AS respondent_id")
        types["respondent_id"] = "BIGINT"
    sql = f"(SELECT {', '.join(parts)}, file_row_number AS {ROW} FROM {file.read})"
    seen = Seen(
        sql,
        types,
        rows,
        asked,
        known,
        frame,
        file.unmatched,
        digest_of(path, hashed=hashed),
        file.top,
    )
    return without_blanks(seen, [new for _, new, _ in pairs])


def open_file(folder: Path, source: Source, known: Collection[str]) -> Opened:
    """Open a file of Parquet or delimited text.

    Raises
    ------
    StudyError : there is no such file, it cannot be read, or it holds no rows.
    """
    path = folder / source.file
    if not path.is_file():
        raise StudyError(f"{source.file} must be a file, found from the folder of the study file, and is none.")
    shown, top = path, 1
    unmatched: list[Unmatched] = []
    if not is_parquet(path):
        (shown, unmatched), top = text_as_parquet(path, source, known), source.heads[-1]
    con = engine.connection()
    read = f"read_parquet({text(shown)}, file_row_number = true)"
    try:
        rows = int(con.sql(f"SELECT count(*) FROM {read}").fetchall()[0][0])
        sample = con.sql(f"SELECT * EXCLUDE (file_row_number) FROM {read} WHERE file_row_number < {LOOKED_AT}")
        head = frame_of(arrow_of(sample), source.file)
    except (con_error(), OSError) as error:
        raise StudyError(f"{source.file} must be a whole Parquet file, and is damaged: {error}.") from error
    if not rows:
        raise StudyError(f"{source.place} must hold rows below its header; it has none.")
    return Opened(read, rows, sample, head, unmatched, top)


def arrow_of(relation: Any) -> Any:
    """Return what a relation gives as an Arrow table, on any version of the engine."""
    return relation.to_arrow_table() if hasattr(relation, "to_arrow_table") else relation.arrow()


def pandas_of(relation: Any) -> pd.DataFrame:
    """Return what a relation gives as pandas, names as plain text."""
    import pyarrow as pa

    table = arrow_of(relation)
    plain = [column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column for column in table.columns]
    frame: pd.DataFrame = pa.table(plain, names=table.column_names).to_pandas()
    return frame


def con_error() -> type[Exception]:
    """Return what the engine raises."""
    import duckdb

    error: type[Exception] = duckdb.Error
    return error


def digest_of(path: Path, *, hashed: bool = False) -> str:
    """Tell a file from any other: by its name, size, time of change and Parquet footer; or by every byte of it.

    Parameters
    ----------
    hashed : whether every byte is read, which tells equal files that were written at different times to be equal
    """
    with path.open("rb") as file:
        if hashed:
            return hashlib.file_digest(file, "sha256").hexdigest()
        about = os.fstat(file.fileno())
        foot = b""
        if is_parquet(path) and about.st_size > 12:
            file.seek(-8, os.SEEK_END)
            length = int.from_bytes(file.read(4), "little")
            file.seek(-min(length + 8, about.st_size), os.SEEK_END)
            foot = file.read(length)
    parts = [path.name, about.st_size, about.st_mtime_ns, hashlib.sha256(foot).hexdigest()]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def kind_of(kind: str) -> str:
    """Return a type of the engine as one of those that are told apart here."""
    return "TIMESTAMPTZ" if kind == "TIMESTAMP WITH TIME ZONE" else "TIMESTAMP" if kind.startswith("TIMESTAMP") else kind


def without_blanks(seen: Seen, columns: Sequence[str], key: str = "respondent_id") -> Seen:
    """Leave out the rows in which every field is blank, which are none; looked for where a row has nobody alone."""
    con = engine.connection()
    whole = seen._replace(types={column: kind for column, kind in seen.types.items() if column in columns})
    if key in columns:
        nobody = con.sql(f"SELECT count(*) FROM {seen.sql} WHERE {whole.cell(key, strip=True)} IS NULL").fetchall()[0][0]
        if not nobody:
            return seen
    some = " OR ".join(f"{whole.cell(column)} IS NOT NULL" for column in columns)
    sql = f"(SELECT * FROM {seen.sql} WHERE {some})"
    return seen._replace(sql=sql, rows=int(con.sql(f"SELECT count(*) FROM {sql}").fetchall()[0][0]))


def text_as_parquet(path: Path, source: Source, known: Collection[str]) -> tuple[Path, list[Unmatched]]:
    """Return a Parquet file that holds a text file as text; it is made once a process, and is gone when that ends."""
    about = path.stat()
    key = (path.absolute(), about.st_size, about.st_mtime_ns, source.delimiter, source.encoding, source.header)
    if key not in _staged:
        descriptor, target = tempfile.mkstemp(prefix="cxgap-", suffix=".parquet")  # 0600: it holds answers
        os.close(descriptor)
        atexit.register(Path(target).unlink, missing_ok=True)
        _staged[key] = Path(target), stage(path, Path(target), source, known).unmatched
    return _staged[key]
