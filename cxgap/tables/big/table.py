"""A table of events or promises that stays on disk: plain rows are a query, and odd ones are read as the small path reads them.

A row is odd where any of its cells is, where it runs backwards, or where another row has its key: what is refused, or read by
a rule that the engine does not know, is among them. What is said of columns as a whole is said of both kinds together.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd

from cxgap import engine
from cxgap.errors import StudyError
from cxgap.tables.big.again import told_again
from cxgap.tables.big.cells import Cell, cell_of
from cxgap.tables.big.columns_whole import judge_columns, note_mixed
from cxgap.tables.big.measured import Amounts, known_sql, measured_sql
from cxgap.tables.big.sight import ROW, Seen, arrow_of, digest_of, kind_of, open_file, without_blanks
from cxgap.tables.big.tallied import Counted, count_plain, join_issues, shortened
from cxgap.tables.big.words import SPACES, among, name, text
from cxgap.tables.catalog import TABLES
from cxgap.tables.cautions import caution_table
from cxgap.tables.company import Read, Rows, happened, headed, judge_rows, settle_rows, told_of
from cxgap.tables.damage import repeated_body
from cxgap.tables.formats.raw import RawTable
from cxgap.tables.formats.typed import texts
from cxgap.tables.header import check_header
from cxgap.tables.issues import Issues
from cxgap.tables.metrics import cancelling, check_made, metered, pairs_of
from cxgap.tables.operations import key_of, repeats
from cxgap.tables.questions import Known
from cxgap.tables.rejects import Rejects
from cxgap.tables.restrict import Scope
from cxgap.tables.schema import Kind
from cxgap.tables.sections import Item
from cxgap.tables.spec import StudyFile
from cxgap.tables.times import refuse_faults

MOST_ODD: Final = 200_000  # rows that are read as the small path reads them
SOME_ODD: Final = 5_000  # of which it is said what is wrong with them, where there are more
SAMPLE: Final = 20_000  # rows that are looked at for personal data and names
UNCHECKED: Final = (
    "personal_data (beyond the first rows)",
    "lookalike_names (beyond the first rows)",
    "damaged_ids (beyond the first rows)",
)
_numbers = count()


class Held(NamedTuple):
    """A table on disk: how the engine sees it, what its columns hold, and the expressions of them."""

    seen: Seen
    kinds: Mapping[str, Kind]
    cells: Mapping[str, Cell]
    within: str


def read_big_table(
    table: str, spec: StudyFile, folder: Path, items: Mapping[str, Item], scope: Scope, issues: Issues, *, hashed: bool = False
) -> Read:
    """Read, restrict and check events or promises without holding their rows; what is returned is as of `read_table`.

    Its `table` is a relation of the engine with the columns of the small path: keys that are whole numbers in the file stay
    such, times are TIMESTAMP WITH TIME ZONE, numbers DOUBLE, the touchpoint ENUM, the rest VARCHAR. `places` is empty.

    Raises
    ------
    StudyError, ColumnError : the file cannot be used, or has what only the small path can read.
    """
    source, path = spec.tables[table], folder / spec.tables[table].file
    held = _held(table, spec, folder, scope, issues, hashed=hashed)
    seen = held.seen
    again = told_again(seen, key_of(held.kinds, table), MOST_ODD)
    places = _odd_places(held, table, spec, scope, again)
    if len(places) > MOST_ODD:
        raise StudyError(_too_odd(held, table, spec, items, scope, places))
    frame, odd_table = _frame_of(held, places)
    if len(frame) and len(frame) == seen.rows:
        refuse_faults(repeated_body(frame, source, named=bool(TABLES[table].unique)))
    plain = f"{ROW} NOT IN (SELECT place FROM {odd_table})" if len(frame) else "true"
    judge_columns(frame, held.kinds, seen, plain, source, table)
    note_mixed(held.kinds, seen, table, spec, issues)

    typed = ", ".join([*(f"{cell.value} AS {name(column)}" for column, cell in held.cells.items()), ROW])
    inside = f"(SELECT {typed} FROM {seen.sql} WHERE ({plain}) AND ({held.within}))"
    every = f"(SELECT {typed} FROM {seen.sql} WHERE {plain})"
    told = [column for column in happened(table, spec) if column in held.cells]
    rows = _rows(frame, held, table, spec, scope)
    last = _latest(every, told, rows)
    rejects, scratch = Rejects(table, source), Issues()
    rejects.unread(seen.unread(len(seen.unmatched)))
    settled = settle_rows(rows, table, spec, items, scope, rejects, scratch, latest=last)

    known = known_sql(inside, table, spec, scope, list(held.cells))
    gone = _cancelled(known, list(held.cells))
    until = scope.last_moment if scope.cutoff is not None else last
    amounts = Amounts(table, spec, scope, gone, until)
    total = int(engine.connection().sql(f"SELECT count(*) FROM {every}").fetchall()[0][0])
    counted = count_plain(inside, known, amounts, held.kinds, seen, settled.dated, total)
    rejects.note(scratch)
    join_issues(scratch, counted, seen, table, issues)
    unread = len(seen.unread(len(seen.unmatched)))
    counts = _counts(seen.rows + unread, total, counted, settled.left_out, settled.rejected + unread, settled.table)
    frame_of_rejects = rejects.frame
    judge_rows(frame_of_rejects, counts, table, spec)
    odd = settled.table.assign(**{ROW: pd.Series(places, index=frame.index).reindex(settled.table.index).to_numpy(np.int64)})
    placed = _joined(measured_sql(known, amounts, held.cells, counted.unknown), odd)
    relation = placed.select(*(name(column) for column in placed.columns if column != ROW))
    caution_table(table, _sample(relation, held.kinds), issues)
    issues.add("not_looked_for", "note", table=table, column=", ".join(UNCHECKED))
    about = {"table": table, "file": Path(source.place).name, "rows": seen.rows + unread}
    about["sha256"] = digest_of(path, hashed=hashed)
    return Read(relation, shortened(frame_of_rejects), about, counts, np.array([], dtype=np.int64), (placed, seen))


def _counts(read: int, plain: int, counted: Counted, left_out: int, rejected: int, odd: pd.DataFrame) -> dict[str, int]:
    """Count rows of the file: read = left_out + kept + rejected."""
    kept = counted.kept + len(np.unique(odd.index))
    return {"read": read, "left_out": left_out + plain - counted.kept, "kept": kept, "rejected": rejected}


def _held(table: str, spec: StudyFile, folder: Path, scope: Scope, issues: Issues, *, hashed: bool) -> Held:
    """Open the file, and find what its columns hold.

    Raises
    ------
    StudyError, ColumnError : they cannot be used, or not on disk.
    """
    source = spec.tables[table]
    file = open_file(folder, source, TABLES[table].required)
    files = file.sample.columns
    check_header(files, source.file)
    scratch = Issues()
    frame, kinds = headed(RawTable(file.head, [], ""), table, spec, Rejects(table, source), scratch)
    there = [
        (old, kind) for old, kind in zip(files, map(str, file.sample.types), strict=True) if old.strip() not in source.personal
    ]
    types = {new: kind_of(kind) for (_, kind), new in zip(there, frame.columns, strict=False)}
    pairs = [f"{name(old)} AS {name(new)}" for (old, _), new in zip(there, types, strict=True)]
    sql = f"(SELECT {', '.join(pairs)}, file_row_number AS {ROW} FROM {file.read})"
    seen = Seen(sql, types, file.rows, pd.DataFrame(), Known(), frame, file.unmatched, "", file.top)
    seen = without_blanks(seen, list(types), TABLES[table].required[0])
    for issue in scratch:
        if issue["check"] not in ("unit_mix", "currency_mix"):
            told = {key: issue[key] for key in ("table", "column", "value", "sheet", "fix", "row")}
            rows = seen.rows if issue["check"] == "personal_unread" else issue["rows"]
            issues.add(issue["check"], issue["severity"], rows=rows, **told)  # type: ignore[arg-type]
    kinds = {column: kinds[column] for column in types}
    if table in metered(spec):
        check_made(types, table, spec)
    for column, why in (("item", "items are of answers"), ("promised_days", "the days of a calendar are counted in memory")):
        if column in types:
            raise StudyError(
                f"{source.place}: a table on disk must have no column {column!r}, because {why}; write the moment that was "
                'promised to `promised_first`, or rename the column, or read it by engine = "memory".'
            )
    nested = [column for column, kind in types.items() if kind.endswith("]") or kind.startswith(("STRUCT", "MAP", "BLOB"))]
    if nested:
        raise StudyError(f"{source.place}: the column {nested[0]!r} must hold text, numbers or times; drop or convert it.")
    facts = happened(table, spec)
    cells = {
        column: cell_of(column, kind, seen, source, spec.study.zone, scope.horizon if column in facts else None)
        for column, kind in kinds.items()
    }
    return Held(seen, kinds, cells, _within(seen, scope))


def _within(seen: Seen, scope: Scope) -> str:
    """Return whether `where` keeps a row; columns that the table lacks are passed over."""
    parts = []
    for column, values in scope.where.items():
        if column in seen.types:
            said = f"coalesce(trim(CAST({seen.cell(column)} AS VARCHAR), {SPACES}), '')"
            parts.append(f"{said} IN ({', '.join(map(text, values))})")
    return " AND ".join(parts) or "true"


def _odd_places(held: Held, table: str, spec: StudyFile, scope: Scope, again: np.ndarray) -> np.ndarray:
    """Return the places of odd rows, sorted; of more than MOST_ODD, some."""
    seen, cells = held.seen, held.cells
    odd = [cell.odd for cell in cells.values() if cell.odd != "false"]
    for start, end in dict.fromkeys([*TABLES[table].sequence, *pairs_of(spec, table)]):
        if start in cells and end in cells and held.kinds[end] in ("time", "deadline"):
            odd.append(f"coalesce(({cells[end].value}) < ({cells[start].value}), false)")
    clock = TABLES[table].clock or ""
    if scope.cutoff is not None and clock in cells:
        odd.append(f"({cells[clock].value}) IS NULL")
    if not odd:
        return again
    found = engine.connection().sql(f"SELECT {ROW} AS place FROM {seen.sql} WHERE {' OR '.join(odd)} LIMIT {MOST_ODD + 1}")
    return np.union1d(again, np.asarray(found.fetchnumpy()["place"], dtype=np.int64))


def _frame_of(held: Held, places: np.ndarray) -> tuple[pd.DataFrame, str]:
    """Return odd rows as text, whose index is the row in the file, and the table of the engine that names their places."""
    import pyarrow as pa

    con, seen, table = engine.connection(), held.seen, f"cxgap_odd_{next(_numbers)}"
    con.register(f"{table}_frame", pa.table({"place": pa.array(places.astype(np.int64))}))
    con.execute(f"CREATE TEMP TABLE {table} AS SELECT place FROM {table}_frame")
    con.unregister(f"{table}_frame")
    columns = [*held.kinds]
    listed = ", ".join(map(name, columns))
    found = arrow_of(
        con.sql(f"SELECT {listed}, {ROW} FROM {seen.sql} WHERE {ROW} IN (SELECT place FROM {table}) ORDER BY {ROW}")
    )
    rows = pd.Index(seen.row_in_file(np.asarray(found.column(ROW), dtype=np.int64)), name="row")
    made = {column: texts(found.column(column)) for column in columns}
    return pd.DataFrame(made, index=rows, columns=columns, dtype=object), table


def _rows(frame: pd.DataFrame, held: Held, table: str, spec: StudyFile, scope: Scope) -> Rows:
    within = scope.within(frame, table, partly=True)
    return Rows(frame, held.kinds, told_of(frame, table, spec, scope), repeats(frame, table), within)


def _latest(every: str, told: list[str], rows: Rows) -> pd.Timestamp | None:
    """Return the last moment at which anything happened, of all rows."""
    moments = [times.max() for times, _ in rows.told.values()]
    if told:
        most = ", ".join(f"epoch_us(max({name(column)}))" for column in told)
        found = engine.connection().sql(f"SELECT {most} FROM {every}").fetchall()[0]
        moments += [pd.Timestamp(value, unit="us", tz="UTC") for value in found if value is not None]
    known = [when for when in moments if not pd.isna(when)]
    return max(known) if known else None


def _cancelled(known: str, columns: list[str]) -> str:
    """Return whether a row was cancelled, as its time or its status says."""
    parts = ['"cancelled_at" IS NOT NULL'] if "cancelled_at" in columns else []
    if "status" in columns:
        found = engine.connection().sql(f'SELECT DISTINCT "status" FROM {known} WHERE "status" IS NOT NULL LIMIT 1000000')
        words = cancelling(row[0] for row in found.fetchall())
        parts.append(among('"status"', words))
    return f"({' OR '.join(parts)})" if parts else "false"


def _joined(plain: str, odd: pd.DataFrame) -> Any:
    """Return one relation of plain and odd rows."""
    import pyarrow as pa

    con = engine.connection()
    relation = con.sql(plain)
    if not len(odd):
        return relation
    made = {}
    for column in relation.columns:
        cells = odd[column]
        if cells.dtype.kind in "Mfbi" or isinstance(cells.dtype, pd.BooleanDtype):
            made[column] = pa.Array.from_pandas(cells.reset_index(drop=True))
        else:
            made[column] = pa.array([None if pd.isna(cell) else str(cell) for cell in cells.astype(object)], type=pa.string())
    table = f"cxgap_rows_{next(_numbers)}"
    con.register(f"{table}_frame", pa.table(made))
    kinds = dict(zip(relation.columns, map(str, relation.types), strict=True))
    parts = ", ".join(f"TRY_CAST({name(column)} AS {kind}) AS {name(column)}" for column, kind in kinds.items())
    con.execute(f"CREATE TEMP TABLE {table} AS SELECT {parts} FROM {table}_frame")
    con.unregister(f"{table}_frame")
    return con.sql(f"SELECT * FROM ({plain}) UNION ALL SELECT * FROM {table}")


def _sample(relation: Any, kinds: Mapping[str, Kind]) -> pd.DataFrame:
    """Return the first rows, their names as plain text."""
    found = arrow_of(relation.limit(SAMPLE))
    words = [column for column in found.column_names if kinds.get(column, "") in ("text", "key")]
    made = {}
    for column in words:
        cells = pd.Series(texts(found.column(column)), dtype=object)
        made[column] = cells.where(cells != "", None).astype(object)
    return pd.DataFrame(made)


def _too_odd(held: Held, table: str, spec: StudyFile, items: Mapping[str, Item], scope: Scope, places: np.ndarray) -> str:
    """Say that too many rows would have to be read one by one, and what is wrong with some of them."""
    source, rejects = spec.tables[table], Rejects(table, spec.tables[table])
    frame, _ = _frame_of(held, places[:SOME_ODD])
    settle_rows(_rows(frame, held, table, spec, scope), table, spec, items, scope, rejects, Issues())
    reasons = rejects.frame.groupby(["reason", "column"]).size()
    most = ", ".join(reasons.idxmax()) if len(reasons) else "written in a way of its own"
    return (
        f"{source.place}: of {held.seen.rows:,} rows at most {MOST_ODD:,} may have what has to be looked at one by one, and "
        f'more have, such as row {frame.index[0]} (most often {most}); mend the file, or read it by engine = "memory".'
    )
