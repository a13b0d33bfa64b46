"""The company's own tables, beside the survey: a cell that cannot be what its column holds becomes null, and is reported."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from cxgap.errors import StudyError
from cxgap.tables.answers import WHOLE, from_codebook
from cxgap.tables.calendars import fill_promises
from cxgap.tables.catalog import TABLES
from cxgap.tables.damage import damaged_ids, repeated_body
from cxgap.tables.formats import read_file
from cxgap.tables.formats.raw import RawTable
from cxgap.tables.header import leave_unread, require_columns, settle_header
from cxgap.tables.issues import CHECKS, Issues
from cxgap.tables.kano import CONTROLS, coding_of, pairs_asked, put_long
from cxgap.tables.keys import set_rows_aside, unseen
from cxgap.tables.metrics import check_standards, check_touchpoints, facts_of, kinds_of, measure, metered
from cxgap.tables.operations import backwards, made_after_delivery, marked, mixed, repeats, warn, warn_of_days
from cxgap.tables.ratings import read_judgements
from cxgap.tables.rejects import NO_ANSWERS, Rejects
from cxgap.tables.restrict import Scope
from cxgap.tables.scales import scales_of
from cxgap.tables.schema import Kind, Reasons, read_flags, read_measures, read_numbers, read_text, read_words
from cxgap.tables.sections import Item
from cxgap.tables.silence import codes_of, hush
from cxgap.tables.source import Source, TableSource
from cxgap.tables.spec import StudyFile
from cxgap.tables.strays import controlled
from cxgap.tables.times import fault_of, note_twice, refuse_faults, settle_times
from cxgap.tables.zones import note_zone

STAFF = ("managers", "employees")  # tables of answers, as the survey is
MANY = 10  # rows that are refused, before their share is judged
NUMBERS = ("number", "rating", "measure")  # in which a code that the file declares is no answer


class Read(NamedTuple):
    """What became of a table.

    Attributes
    ----------
    table : what is used of it; a relation of the engine where it stays on disk
    rejects : of `Rejects.frame`; they cost no answers
    file : name, rows and hash of its file
    rows : counts of rows of the file: read = left_out + kept + rejected
    places : the row in the file of each row of `table`
    on_disk : of a table that stays on disk, and has no `places`: the relation with the place of each row, and the file
    """

    table: pd.DataFrame | Any
    rejects: pd.DataFrame
    file: dict[str, object]
    rows: dict[str, int]
    places: np.ndarray
    on_disk: Any = None


class Rows(NamedTuple):
    """Rows of a file before they are judged.

    Attributes
    ----------
    frame : columns of str; the index is the row in the file
    kinds : what each column holds
    told : for each column of `happened`, its times, and the reasons why there is none
    again : of `operations.repeats`
    within : which rows `where` keeps
    """

    frame: pd.DataFrame
    kinds: Mapping[str, Kind]
    told: Mapping[str, tuple[pd.Series, pd.Series]]
    again: np.ndarray
    within: np.ndarray


class Settled(NamedTuple):
    """What became of rows.

    Attributes
    ----------
    table : what is used, with metrics; the index is the row in the file
    dated : the same before metrics are measured
    left_out, rejected : counts of the others
    """

    table: pd.DataFrame
    dated: pd.DataFrame
    left_out: int
    rejected: int


def read_table(name: str, spec: StudyFile, folder: Path, items: Mapping[str, Item], scope: Scope, issues: Issues) -> Read:
    """Read one table of [tables] with its declared kinds, and restrict it by `where` and `as_of` where it has the column.

    A row that was told before is set aside, and so is one of which a time cannot be read at which something happened: blank,
    it would count as not yet over.

    Raises
    ------
    StudyError, ColumnError : the file cannot be used.
    """
    raw = read_file(folder, spec.tables[name], TABLES[name].required)
    named, source = spec.tables[name], spec.tables[name].settled(raw.sheet)
    spec = spec.model_copy(update={"tables": {**spec.tables, name: source}})
    rejects = Rejects(name, source)
    frame, kinds = headed(raw, name, spec, rejects, issues)
    rejects.unread(raw.unread)
    rows = Rows(frame, kinds, told_of(frame, name, spec, scope), repeats(frame, name), scope.within(frame, name, partly=True))
    settled = settle_rows(rows, name, spec, items, scope, rejects, issues)
    warn_of_days(settled.dated, name, spec, issues)
    rejects.note(issues)
    table, places, read = settled.table, settled.table.index.to_numpy(), len(raw.frame) + len(raw.unread)
    rejected = settled.rejected + len(raw.unread) + len(raw.frame) - len(frame)
    counts = {"read": read, "left_out": settled.left_out, "kept": len(np.unique(places)), "rejected": rejected}
    judge_rows(rejects.frame, counts, name, spec)
    return Read(table.reset_index(drop=True), rejects.frame, raw.about(name, named), counts, places)


def told_of(frame: pd.DataFrame, name: str, spec: StudyFile, scope: Scope) -> Mapping[str, tuple[pd.Series, pd.Series]]:
    """Read the times at which something happened, and the reasons why there is none."""
    return {
        column: _told(frame[column], spec.tables[name], spec.study.zone, scope)
        for column in happened(name, spec)
        if column in frame
    }


def happened(name: str, spec: StudyFile) -> list[str]:
    """Name the columns of times at which something happened, that at which a row came to be before all."""
    return [column for column in dict.fromkeys((TABLES[name].clock or "", *facts_of(spec, name))) if column]


def settle_rows(
    rows: Rows,
    name: str,
    spec: StudyFile,
    items: Mapping[str, Item],
    scope: Scope,
    rejects: Rejects,
    issues: Issues,
    *,
    latest: pd.Timestamp | None = None,
) -> Settled:
    """Restrict rows, give their columns types, and refuse what cannot be true; what is refused is added to `rejects`.

    Parameters
    ----------
    latest : the last moment that rows beside these tell of, up to which open ones have lasted
    """
    frame, kinds, told, again, within = rows
    declared, source = TABLES[name], spec.tables[name]
    kept, again = frame[within], again[within]
    left_out, rejected = len(frame) - len(kept), int(again.astype(bool).sum())
    if declared.unique:
        rejects.cells(kept[declared.unique[0]], again, declared.unique[0])
        kept = kept[~again.astype(bool)]
    if "item" in kept:
        kept = _with_dimension(kept, items, source.place)
    table, unplaced = _values(kept, kinds, told, name, spec, items, rejects, issues)
    table, rejected = table[~unplaced], rejected + int(unplaced.sum())
    if declared.clock in table:
        dated = scope.in_time(table[declared.clock], source, name, issues)
        left_out, table = left_out + int((~dated).sum()), table[dated]
    if left_out:
        issues.add("left_out", "note", table=name, rows=left_out)
    _note_unknown(table, name, spec, items, issues)
    table = _in_order(table, spec)
    if "item" in table:
        table = _with_questions(table, items)
    for column in [column for column, kind in kinds.items() if kind in ("time", "deadline")]:
        note_twice(kept.loc[table.index, column], table[column], source, spec.study.zone, name, issues)
    table = _with_promises(table, kept, name, spec, rejects, issues)
    table = scope.as_known(table, facts_of(spec, name), declared, name, issues)
    table = backwards(table, kept, name, spec, rejects)
    warn(table, name, spec, issues)
    dated_rows = table
    if name in metered(spec):
        moments = [times.max() for times, _ in told.values()] + ([latest] if latest is not None else [])
        last = pd.Series(moments, dtype="datetime64[us, UTC]").max()
        until = scope.last_moment if scope.cutoff is not None else last
        if not scope.where:
            check_touchpoints(table, name, spec)
        before, table = len(table), measure(table, name, spec, until, issues)
        table = table[table["touchpoint"].isin(scope.where.get("touchpoint", table["touchpoint"].cat.categories))]
        left_out += before - table.index.nunique()
    if name == "kano" and spec.kano.functional:
        table = put_long(table, spec.kano, source)
    return Settled(table, dated_rows, left_out, rejected)


def headed(raw: RawTable, name: str, spec: StudyFile, rejects: Rejects, issues: Issues) -> tuple[pd.DataFrame, dict[str, Kind]]:
    """Return a table as text under the names that it is known by, and what each column holds.

    Raises
    ------
    StudyError, ColumnError : a column is missing, or as a whole cannot be used; the text has every problem found.
    """
    source, declared = spec.tables[name], TABLES[name]
    kinds = kinds_of(spec, name)
    known = [*declared.names, *kinds]
    unread = _numbered(leave_unread(raw, source, name, issues), name, source)
    frame = settle_header(unread, source, table=name, known=known, issues=issues)
    names = dict(zip(unread.columns, frame.columns, strict=True))
    frame = set_rows_aside(frame, raw.aside, source, rejects)
    if "promised_days" in frame and "promised_days" in declared.names and "promised_first" not in frame:
        frame = frame.assign(promised_first="")
    required = declared.required
    if name == "kano" and spec.kano.functional:
        asked = pairs_asked(frame, spec.kano, source)
        required, kinds = required[:1], {**kinds, **dict.fromkeys(asked, "kano")}
    require_columns(frame, [*required, *kinds], table=name, used=known, place=source.place)
    if name == "standards":
        check_standards(frame, spec)
    kinds = {column: kinds.get(column, declared.kind(column)) for column in map(str, frame.columns)}
    timed = [column for column, kind in kinds.items() if kind in ("time", "deadline")]
    numbers: dict[str, list[str | None]] = {column: [] for column, kind in kinds.items() if kind in NUMBERS}
    frame, _ = hush(frame, codes_of(raw, names, numbers, {}, {}), source)
    faults = [fault_of(frame[column], source, column, name) for column in timed]
    damage = [*damaged_ids(frame, source), *repeated_body(frame, source, named=bool(declared.unique))]
    refuse_faults([*damage, *faults, *marked(frame, source, kinds), *mixed(frame, source, name, spec, issues)])
    note_zone(raw.zone, timed, spec.study.zone, name, issues)
    return frame, kinds


def _told(text: pd.Series, source: Source, zone: str, scope: Scope) -> tuple[pd.Series, pd.Series]:
    """Read the times at which something happened, and the reasons why there is none."""
    values, reasons = settle_times(text, source, zone, horizon=scope.horizon)
    return values, pd.Series(reasons, index=text.index, dtype=object)


def _values(
    kept: pd.DataFrame,
    kinds: Mapping[str, Kind],
    told: Mapping[str, tuple[pd.Series, pd.Series]],
    name: str,
    spec: StudyFile,
    items: Mapping[str, Item],
    rejects: Rejects,
    issues: Issues,
) -> tuple[pd.DataFrame, np.ndarray]:
    """Give columns their types; and return which rows have a time that is `told` and cannot be."""
    source = spec.tables[name]
    columns, codes = {}, spec.responses.missing if name in STAFF else ()
    unplaced = np.zeros(len(kept), dtype=bool)
    scales = scales_of(kept, spec, items)
    if "rating" in kinds.values():
        scales.note(issues, name)
    for column in map(str, kept.columns):
        if column in told:
            values, wrong = (each.loc[kept.index] for each in told[column])
            wrong = wrong.to_numpy(object)
            unplaced |= wrong.astype(bool)
        elif kinds.get(column) == "rating":
            values, wrong = read_judgements(kept[column], scales, source, spec.responses.missing)
        else:
            values, wrong = _read(kept[column], kinds.get(column, "text"), source, spec, codes)
        columns[column] = values
        rejects.cells(kept[column], wrong, column)
    return pd.DataFrame(columns, index=kept.index), unplaced


def judge_rows(rejects: pd.DataFrame, rows: Mapping[str, int], name: str, spec: StudyFile) -> None:
    """Raise where too many rows have something that cannot be true; a few are a few, however short the table is."""
    bad = rejects[~rejects["reason"].isin([*NO_ANSWERS, "summary_row"])]
    count, asked = bad[["sheet", "row"]].drop_duplicates().shape[0], rows["read"] - rows["left_out"]
    if count >= MANY and count > spec.study.max_rejected * asked:
        reasons = bad["reason"].value_counts()
        first = bad[bad["reason"] == reasons.index[0]].iloc[0]
        column = f", column {first['column']!r}" if first["column"] else ""
        raise StudyError(
            f"{spec.tables[name].place}: {count:,} of {asked:,} rows have what cannot be true, and `max_rejected` is "
            f"{spec.study.max_rejected:.1%}; most often {reasons.index[0]} ({reasons.iloc[0]:,}), first in row {first['row']}"
            f"{column}; {CHECKS[reasons.index[0]][1]}."
        )


def without_late_promises(promises: Read, events: pd.DataFrame, source: Source, issues: Issues) -> tuple[Read, pd.DataFrame]:
    """Set aside promises that were made after the delivery, and return them as of `Rejects.frame`."""
    rejects, late = Rejects("promises", source), made_after_delivery(promises.table, events)
    words = pd.Series(promises.table["made_at"].to_numpy(object).astype(str), promises.places)
    rejects.cells(words, np.where(late, "promise_after_delivery", "").astype(object), "made_at")
    rejects.note(issues)
    count = len(np.unique(promises.places[late]))
    rows = promises.rows | {"kept": promises.rows["kept"] - count, "rejected": promises.rows["rejected"] + count}
    table = promises.table[~late].reset_index(drop=True)
    return promises._replace(table=table, rows=rows, places=promises.places[~late]), rejects.frame


def _numbered(frame: pd.DataFrame, name: str, source: TableSource) -> pd.DataFrame:
    """Number the rows of a table that has no id of its own, where the study file asks for it."""
    if source.id is None:
        return frame
    own = TABLES[name].required[0]
    if own in frame:
        raise StudyError(
            f'{source.place}: `{own}` must be given once, and the file has a column of that name; drop id = "row" under '
            f"[tables.{name}]."
        )
    return frame.assign(**{own: frame.index.astype(str).astype(object)})


def _note_unknown(table: pd.DataFrame, name: str, spec: StudyFile, items: Mapping[str, Item], issues: Issues) -> None:
    for column, levels in {**_orders(spec), "item": tuple(items)}.items():
        if levels and column in table:
            unknown = table.index[table[column].notna() & ~table[column].isin(levels)]
            if len(unknown):
                first = int(unknown[0])
                issues.add(f"unknown_{column}", "warning", table=name, column=column, rows=len(unknown), row=first)


def _orders(spec: StudyFile) -> dict[str, tuple[str, ...]]:
    """Return the names that the study declares in an order of its own."""
    return {"touchpoint": spec.study.touchpoints, "wave": spec.study.waves}


def _in_order(table: pd.DataFrame, spec: StudyFile) -> pd.DataFrame:
    """Put touchpoints and waves in the declared order, as the survey has them; unknown ones come after, sorted."""
    made = {}
    for column, levels in _orders(spec).items():
        if levels and column in table:
            unknown = sorted(set(table[column].dropna()) - set(levels))
            made[column] = pd.Categorical(table[column], categories=[*levels, *unknown], ordered=True)
    return table.assign(**made)


def _with_promises(
    table: pd.DataFrame, text: pd.DataFrame, name: str, spec: StudyFile, rejects: Rejects, issues: Issues
) -> pd.DataFrame:
    """Compute the promises that are given in days; `text` has the cells as the file has them."""
    if "promised_days" not in TABLES[name].names:
        return table
    table, unusable = fill_promises(table, name, spec, issues)
    for column, reasons in unusable.items():
        rejects.cells(text.loc[table.index, column], reasons, column)
    return table


def _with_dimension(text: pd.DataFrame, items: Mapping[str, Item], file: str) -> pd.DataFrame:
    """Give each row the dimension of its item, as the answers of the survey have it."""
    if "retained" in text:
        raise StudyError(
            f"{file}: the column 'retained' must have another name, because cxgap makes one from the codebook; "
            'add rename = { retained = "other_retained" } to the table under [tables].'
        )
    dimension = from_codebook(text, "dimension", items, file)
    return text.assign(dimension=dimension if (dimension != "").any() or not len(text) else WHOLE)


def _with_questions(table: pd.DataFrame, items: Mapping[str, Item]) -> pd.DataFrame:
    """Put the dimensions in the order of the codebook, and say which items are kept in scores."""
    order = dict.fromkeys(item.dimension for item in items.values() if item.dimension)
    order |= dict.fromkeys(sorted(set(table["dimension"].dropna())))
    dropped = [name for name, item in items.items() if not item.retained]
    dimension = pd.Categorical(table["dimension"], categories=list(order), ordered=True)
    return table.assign(dimension=dimension, retained=~table["item"].isin(dropped))


def _read(text: pd.Series, kind: Kind, source: Source, spec: StudyFile, codes: Collection[str]) -> tuple[pd.Series, Reasons]:
    """Read a column as what it holds; `codes` mean no answer where numbers were asked of people."""
    if kind in ("time", "deadline"):
        return settle_times(text, source, spec.study.zone, ending=kind == "deadline")
    if kind == "flag":
        return read_flags(text)
    if kind == "number":
        return read_numbers(text, decimal=source.decimal, missing=codes)
    if kind == "measure":
        return read_measures(text, decimal=source.decimal)
    if kind == "control":
        return read_words(text, {word: word for word in CONTROLS}, "unknown_control")
    if kind == "kano":
        return read_words(text, coding_of(spec.kano), "unknown_kano", spec.responses.missing)
    words = read_text(text)
    if kind != "key":
        return words, np.full(len(words), "", dtype=object)
    blank, odd = unseen(text), controlled(text)
    reasons = np.where(blank, "empty_key", np.where(odd, "control_character", "")).astype(object)
    return words.mask(blank | odd, None), reasons
