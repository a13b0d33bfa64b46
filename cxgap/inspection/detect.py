"""How a file would have to be declared, before it is read: each format has its own questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import NamedTuple, get_args

from cxgap.errors import StudyError, listed, nearest
from cxgap.inspection.delimiting import head_records, tell_delimiter
from cxgap.inspection.heading import tell_heading
from cxgap.inspection.kinds import DUCKDB, PARQUET, SPSS, SQLITE, WORKBOOK, tell_kind
from cxgap.inspection.scan import scan
from cxgap.tables.formats.heads import from_heads
from cxgap.tables.source import Platform, Source

_RIVAL = 4  # a sheet that has more than one cell for so many of the largest could be meant as well


class Found(NamedTuple):
    """What a file is.

    Attributes
    ----------
    kind, platform, evidence, source, waves, uncertain : as of a Profile, but for decimal mark and formats of dates
    head : the first records of delimited text
    cells : of a table of a database
    """

    kind: str
    source: Source
    platform: str = ""
    evidence: str = ""
    waves: Mapping[str, str] = {}
    uncertain: Sequence[str] = ()
    head: Sequence[list[str]] = ()
    cells: int = 0


def detect(path: Path, *, sheet: str | None = None, table: str | None = None) -> Found:
    """Look at a file.

    Raises
    ------
    CxgapError : it cannot be read here, or has no such sheet or table.
    """
    kind = tell_kind(path)
    if kind == WORKBOOK:
        return _workbook(path, sheet)
    if kind in (DUCKDB, SQLITE):
        return _database(path, kind, table)
    if kind in (SPSS, PARQUET):
        return Found(kind, Source(file=path.name), evidence=f"its first bytes are those of {_article(kind)}")
    return _delimited(path)


def _article(kind: str) -> str:
    return f"an {kind}" if kind[0] in "AEIOSX" and kind != "SQLite database" else f"a {kind}"


def _delimited(path: Path) -> Found:
    seen = scan(path)
    if not seen.text.strip():
        raise StudyError(f"{path.name} must hold a header and rows; it is empty.")
    delimiter = tell_delimiter(seen.text, whole=seen.whole)
    records = head_records(seen.text, delimiter.mark, whole=seen.whole)
    evidence, uncertain = [seen.encoding.evidence, delimiter.evidence], []
    if seen.encoding.others:
        uncertain.append(
            f"is the file in {seen.encoding.name}? It could be in {' or '.join(seen.encoding.others)}; look at its words"
        )
    if delimiter.others:
        uncertain.append(f"does {delimiter.mark!r} stand between the fields? {' or '.join(map(repr, delimiter.others))} could")
    platform, why, header, doubts = _headed(records)
    if doubts and isinstance(header, int) and len(set(records[header - 1])) < len(records[header - 1]):
        raise StudyError(
            f"{path.name}, row {header}: the row must name the columns, and holds values as the rows below it do; put a row "
            "of names above it."
        )
    return Found(
        kind="TSV" if delimiter.mark == "\t" else "CSV",
        source=_source(path, platform, header, encoding=seen.encoding.name, delimiter=delimiter.mark),
        platform=platform,
        evidence="; ".join([*why, *evidence]),
        uncertain=[*uncertain, *doubts],
        head=records,
    )


def _source(path: Path, platform: str, header: int | tuple[int, ...], **declared: str | None) -> Source:
    return Source.model_validate({"file": path.name, "platform": platform or None, "header": header, **declared})


def _headed(records: Sequence[Sequence[str]]) -> tuple[str, list[str], int | tuple[int, ...], list[str]]:
    """Return platform, evidence, the rows of the header and doubts about them."""
    for platform in get_args(Platform):
        try:
            evidence = import_module(f"cxgap.tables.formats.{platform}").recognise(records)
        except ModuleNotFoundError:
            continue
        if evidence:
            return platform, [evidence], 1, []
    heading = tell_heading(records)
    header = heading.rows[0] if len(heading.rows) == 1 else heading.rows
    return "", [heading.evidence] if heading.evidence else [], header, [heading.uncertain] if heading.uncertain else []


def _workbook(path: Path, sheet: str | None) -> Found:
    from cxgap.tables.formats.workbook import sheets_of

    sheets = sheets_of(path.read_bytes(), path.name)
    if sheet is not None and sheet not in sheets:
        raise StudyError(f"{path.name} must have the sheet {sheet!r}, and has {listed(sheets)}.{nearest(sheet, sheets)}")
    filled = [name for name, seen in sheets.items() if seen.rows and seen.columns and not seen.hidden]
    if not filled and sheet is None:
        hidden = [name for name, seen in sheets.items() if seen.hidden and seen.rows]
        told = f"; if a hidden one is meant, name it: {listed(hidden)}" if hidden else ""
        raise StudyError(f"{path.name} must hold a header and rows in a sheet; its sheets are empty{told}.")
    heads = {name: _headed(sheets[name].head) for name in ([sheet] if sheet else filled)}
    names = {name: _names(sheets[name].head, header) for name, (_, _, header, _) in heads.items()}
    chosen, waves, doubts = _chosen({name: sheets[name].rows for name in heads}, names)
    platform, why, header, more = heads[chosen]
    if waves:
        why = [*why, f"the sheets {listed(waves)} have the same columns"]
    elif len(sheets) > 1:
        why = [*why, f"of {len(sheets)} sheets {chosen!r} is read"]
    return Found(
        kind=WORKBOOK,
        source=_source(path, platform, header, sheet=chosen if len(sheets) > 1 and not waves else None),
        platform=platform,
        evidence="; ".join(why) or "it has one sheet",
        waves=waves,
        uncertain=[*doubts, *more],
    )


def _chosen(rows: Mapping[str, int], names: Mapping[str, frozenset[str]]) -> tuple[str, dict[str, str], list[str]]:
    """Return the sheet that is read, the sheets that are waves of one survey, and what must be asked."""
    size = {name: rows[name] * len(names[name]) for name in rows}
    largest = max(rows, key=lambda name: size[name])
    alike = [name for name in rows if len(names[name]) > 1 and names[name] == names[largest] and rows[name] > 1]
    if len(alike) > 1:
        return largest, {name: name.strip() for name in alike}, []
    rivals = [name for name in rows if name != largest and _RIVAL * size[name] > size[largest] and len(names[name]) > 1]
    doubts = [f"is {largest!r} the sheet with the answers? {listed(rivals)} could be"] if rivals else []
    return largest, {}, doubts


def _names(head: Sequence[Sequence[str]], header: int | tuple[int, ...]) -> frozenset[str]:
    rows = header if isinstance(header, tuple) else (header,)
    named = from_heads([list(record) for record in head], Source(file="", header=rows))
    return frozenset(name.strip() for name in named[0] if name.strip()) if named else frozenset()


def _database(path: Path, kind: str, table: str | None) -> Found:
    from cxgap.inspection.database_tables import tables_of

    tables = tables_of(path, kind)
    if table is not None and table not in tables:
        raise StudyError(f"{path.name} must have the table {table!r}, and has {listed(tables)}.{nearest(table, tables)}")
    if not tables:
        raise StudyError(f"{path.name} must hold a table, and holds none.")
    rated = {name: _rated(seen.columns) for name, seen in tables.items()}
    chosen = table or max(tables, key=lambda name: (rated[name], tables[name].rows))
    rivals = [name for name in tables if name != chosen and rated[name] == rated[chosen] and tables[name].rows]
    doubts = [f"is {chosen!r} the table with the answers? {listed(rivals)} could be"] if rivals and table is None else []
    return Found(
        kind=kind,
        source=Source(file=path.name, table=chosen),
        evidence=f"of {len(tables)} tables {chosen!r} is read" if len(tables) > 1 else f"its only table is {chosen!r}",
        uncertain=doubts,
        cells=tables[chosen].rows * len(tables[chosen].columns),
    )


def _rated(columns: Sequence[str]) -> bool:
    """Whether columns look like expectations and perceptions: pairs of names that differ in e and p."""
    folded = {name.casefold() for name in columns}
    pairs = sum(
        any(name.replace(*swap, 1) in folded - {name} for swap in (("e", "p"), ("expect", "percei"))) for name in folded
    )
    return pairs > 0 or all(any(part in name for name in folded) for part in ("expect", "percei"))
