"""A survey that stays on disk: the engine counts its answers by kind, the rules judge each kind, a query is what is used."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from cxgap import engine
from cxgap.errors import ArgumentError, StudyError
from cxgap.tables.big.accounts import (
    count_rows,
    known_of,
    note_codes,
    note_refused,
    note_scales,
    refused_rows,
    totals_of,
)
from cxgap.tables.big.beside import Cells, number_of, numbered
from cxgap.tables.big.columns import key_refused
from cxgap.tables.big.coverage import SAMPLE, caution_counts, caution_some
from cxgap.tables.big.kinds import branches, count_kinds, judge
from cxgap.tables.big.moments import moments
from cxgap.tables.big.people import Occasions, People, count_people, forget
from cxgap.tables.big.relation import REFUSED, Levels, Part, answers_sql, levels_of
from cxgap.tables.big.repeats import Repeated, repeats
from cxgap.tables.big.sight import ROW, Seen, arrow_of, pandas_of, see
from cxgap.tables.big.words import SPACES, among, name, text
from cxgap.tables.codebook import columns_of
from cxgap.tables.damage import damaged_ids, second_header
from cxgap.tables.faults import Faults
from cxgap.tables.formats.typed import texts
from cxgap.tables.issues import Issues
from cxgap.tables.outcomes import outcome_columns
from cxgap.tables.questions import codebook_table
from cxgap.tables.remarks import DOUBTFUL, SUMMARIES
from cxgap.tables.responses import judge_rejects
from cxgap.tables.restrict import Scope
from cxgap.tables.sections import Item
from cxgap.tables.spec import StudyFile


class BigSurvey(NamedTuple):
    """What became of a survey on disk.

    Attributes
    ----------
    answers : a relation of the engine, one row an answer that is used or incomplete, with the columns of the small path:
        respondent_id (a whole number where the file has whole numbers, else text), touchpoint, dimension, item, question and
        wave (ENUM, in the order of display), expectation, perception, adequate, importance, weights, outcomes and metrics
        (DOUBLE), retained (BOOLEAN), at (TIMESTAMP WITH TIME ZONE), and the other columns of the file (VARCHAR)
    rejects : of `Rejects.frame`, the first thousand one by one, and the rest of each kind in one line
    rows : counts of answers: read, left_out, in, used, incomplete, rejected
    file : name, rows and hash of the file
    facts : respondents, touchpoints, and the first and last moment of the answers
    codebook : of `codebook_table`
    margins : the combinations of the columns that margins speak of
    """

    answers: Any
    rejects: pd.DataFrame
    rows: dict[str, int]
    file: dict[str, object]
    facts: dict[str, Any]
    codebook: pd.DataFrame
    margins: pd.DataFrame


def read_big(
    spec: StudyFile, folder: Path, items: Mapping[str, Item], scope: Scope, issues: Issues, *, hashed: bool = False
) -> BigSurvey:
    """Read, restrict and check a survey without holding its rows.

    Raises
    ------
    StudyError, ColumnError : the file as a whole cannot be used.
    ArgumentError : `where` or `as_of` asks for what the file does not have.
    """
    source, con = spec.responses, engine.connection()
    seen = see(spec, folder, items, issues, hashed=hashed)
    seen, at, when = moments(seen, spec, scope, issues)
    faults = Faults()
    faults.add(damaged_ids(seen.head, source))
    faults.add(second_header(seen.head, columns_of(seen.asked), source))
    faults.settle()
    marks = {"inside": _within(seen, spec, items, scope), "when": when, "nobody": _nobody(seen)}
    parts = []
    for branch in branches(seen.asked):
        kinds = count_kinds(seen, branch, marks)
        parts.append(Part.of(branch, kinds, judge(kinds, branch, seen.known, spec, items, faults)))
    gone = key_refused([part.kinds for part in parts], [part.judged for part in parts], seen, marks)
    numbers = [
        *numbered(seen, spec),
        *dict.fromkeys(p.branch.ratings["importance"] for p in parts if "importance" in p.branch.ratings),
    ]
    read = {column: number_of(column, seen, spec, f"NOT ({gone})", faults) for column in numbers}
    cells: list[Cells] = [cell for one in read.values() for cell in one.refused]
    beside = {column: seen.cell(column) for column in seen.others} | {column: one.expression for column, one in read.items()}
    beside |= {"at": at} if at else {}

    every = levels_of(parts, seen.asked, spec, items, kept=False)
    known = answers_sql(parts, seen, spec, items, every, gone, beside)
    people = _people(known, every, parts, spec)
    answers = sum(int(part.kinds["times"].to_numpy(np.int64)[known_of(part)].sum()) for part in parts)
    repeated = repeats(people, seen, spec, items, gone, answers)
    lost = _lost(repeated, parts, seen, spec, items)
    rows = count_rows(parts, lost)
    unread = len(seen.asked) * len(seen.unread(len(seen.unmatched)))
    rows |= {key: rows[key] + unread for key in ("read", "in", "rejected")}
    if rows["left_out"]:
        issues.add("left_out", "note", table="responses", rows=_rows_outside(parts))
        if rows["left_out"] == rows["read"]:
            raise ArgumentError(f"`where` and `as_of` must leave answers to read; they leave none of {rows['left_out']:,}.")
    _note_undated(parts, issues)
    note_codes(parts, seen, issues)
    note_scales(parts, lost, issues)
    totals = totals_of(parts, lost, cells, seen)
    rejects = refused_rows(parts, seen, spec, items, _bad(parts, seen, marks), totals, repeated)
    faults.settle()
    judge_rejects(rejects, rows, spec)
    note_refused(totals, repeated, seen, issues)

    levels = levels_of(parts, seen.asked, spec, items, kept=True)
    relation = con.sql(_final(answers_sql(parts, seen, spec, items, levels, gone, beside), seen, levels, repeated, every))
    _check_weights(relation, people, spec)
    _check_outcomes(relation, spec)
    touchpoints = {one for part in parts for one in part.judged.answers["touchpoint"]}
    caution_counts(parts, people, levels, touchpoints, spec, scope, issues)
    caution_some(*_sample(relation, people, levels), spec, items, issues)
    facts = {
        "respondents": people.respondents,
        "touchpoints": len({one for part in parts for one in part.judged.answers["touchpoint"][part.judged.reason == ""]}),
        "period": _period(relation, spec) if at else None,
    }
    forget(people)
    columns = dict.fromkeys(spec.margin_columns)
    margins = pandas_of(relation.select(*map(name, columns)).distinct()) if columns else pd.DataFrame()
    codebook = codebook_table(
        spec, items, seen.asked, seen.known, [*levels.names.get("item", ())], [*levels.names.get("wave", ())]
    )
    file = {"table": "responses", "file": Path(source.place).name, "rows": seen.rows + len(seen.unread(len(seen.unmatched)))}
    return BigSurvey(relation, rejects, rows, file | {"sha256": seen.digest}, facts, codebook, margins)


def _within(seen: Seen, spec: StudyFile, items: Mapping[str, Item], scope: Scope) -> str:
    """Return whether `where` keeps a row; it may name what the codebook says of an item too."""
    parts = []
    for column in scope.where:
        if column in seen.types:
            quoted = name(column)
            found = arrow_of(engine.connection().sql(f"SELECT DISTINCT {quoted} AS raw FROM {seen.sql} LIMIT 1000000"))
            frame = pd.DataFrame(dict.fromkeys([*seen.types], ""), index=range(found.num_rows)).astype(object)
            frame[column] = texts(found.column("raw"))
            stays = Scope({column: scope.where[column]}, "", None).within(frame, "responses")
            parts.append(among(quoted, [raw for raw, keep in zip(found.column("raw").to_pylist(), stays, strict=True) if keep]))
        elif column in ("touchpoint", "dimension", "item") and (items or spec.responses.touchpoint):
            raise ArgumentError(
                f"`where` must name columns of the file of a survey on disk, and {column!r} is of its codebook; cut by "
                f'`by="{column}"`, or read it by engine = "memory".'
            )
        else:
            frame = pd.DataFrame(dict.fromkeys([*seen.types], ""), index=range(1))
            Scope({column: scope.where[column]}, "", None).within(frame, "responses")
    return " AND ".join(parts) or "true"


def _nobody(seen: Seen) -> str:
    """Say of a row that it names nobody, or sums up others."""
    if seen.types["respondent_id"] != "VARCHAR":
        return f"CASE WHEN {seen.people} IS NULL THEN 'blank' ELSE '' END"
    unseen = "'[\\s\\x{00ad}\\x{200b}-\\x{200f}\\x{202a}-\\x{202e}\\x{2060}-\\x{2064}\\x{2066}-\\x{2069}\\x{feff}]*'"
    words = ", ".join(text(word) for word in sorted(SUMMARIES | DOUBTFUL))
    said = f"lower(trim({name('respondent_id')}, {SPACES}))"
    blank = f"{seen.people} IS NULL OR regexp_full_match({name('respondent_id')}, {unseen})"
    return f"CASE WHEN {blank} THEN 'blank' WHEN {said} IN ({words}) THEN 'summary' ELSE '' END"


def _people(known: str, levels: Levels, parts: list[Part], spec: StudyFile) -> People:
    keys = [key for key in ("item", "touchpoint", "wave") if key in levels.names]
    if spec.responses.respondent == "row":
        keys = keys[:1] if "item" in keys else []
    rated = [one for one in ("expectation", "perception") if any(one in part.branch.ratings for part in parts)]
    weights = {one: name(one) for one in (spec.design.weight, spec.design.population) if one}
    return count_people(
        known,
        who="respondent_id",
        occasions=Occasions([name(key) for key in keys], [len(levels.names[key]) for key in keys]),
        refused=REFUSED,
        whole=" AND ".join(f"{one} IS NOT NULL" for one in rated) or "true",
        touchpoint="touchpoint",
        touchpoints=levels.names["touchpoint"],
        weights=weights,
    )


def _lost(repeated: Repeated, parts: list[Part], seen: Seen, spec: StudyFile, items: Mapping[str, Item]) -> list[Part]:
    """Judge the rows that hold answers given twice, to know what has been counted of them before."""
    if not len(repeated.rows):
        return []
    lost = []
    for part in parts:
        files = [column for column in part.kinds if f"raw {column}" in part.kinds]
        rows = repeated.rows[files].assign(times=1, inside=True, when="", nobody="")
        rows = rows.assign(**{f"raw {column}": rows[column] for column in files})
        lost.append(part._replace(kinds=rows, judged=judge(rows, part.branch, seen.known, spec, items, Faults())))
    return lost


def _rows_outside(parts: list[Part]) -> int:
    return max(int(part.kinds["times"].to_numpy(np.int64)[part.judged.reason == "left_out"].sum()) for part in parts)


def _note_undated(parts: list[Part], issues: Issues) -> None:
    kinds = parts[0].kinds
    here = (kinds["when"] == "undated").to_numpy(bool) & kinds["inside"].to_numpy(bool)
    if here.any():
        rows = int(kinds["times"].to_numpy(np.int64)[here].sum())
        issues.add("undated", "warning", table="responses", column="at", rows=rows, row=int(kinds.index[here][0]))


def _bad(parts: list[Part], seen: Seen, marks: Mapping[str, str]) -> str:
    """Return whether a row of the file has anything that is refused."""
    keys = key_refused(
        [
            part.kinds[part.kinds["inside"].to_numpy(bool) & ~part.kinds["when"].isin(["late", "undated"]).to_numpy(bool)]
            for part in parts
        ],
        [_inner(part) for part in parts],
        seen,
        marks,
    )
    ratings = {one for part in parts for one in part.ratings.refused.values() if one != "false"}
    every = [one for one in (keys, *sorted(ratings)) if one != "false"]
    if not every:
        return "false"
    return (
        f"({marks['inside']}) AND ({marks['when']}) NOT IN ('late', 'undated') AND ({' OR '.join(f'({one})' for one in every)})"
    )


def _inner(part: Part) -> Any:
    here = part.kinds["inside"].to_numpy(bool) & ~part.kinds["when"].isin(["late", "undated"]).to_numpy(bool)
    return part.judged._replace(column=part.judged.column[here])


def _check_weights(relation: Any, people: People, spec: StudyFile) -> None:
    """Raise where a column of weights cannot be used; looked at answer by answer only where it may be so.

    Raises
    ------
    StudyError : one is missing, no number or negative, a respondent has several, or all are zero; each is a line.
    """
    lines, place = [], spec.responses.place
    for column, (lack, varies, positive, *_) in people.weights.items():
        if not lack and not varies and positive:
            continue
        quoted = name(column)
        lack, most = relation.aggregate(
            f"count(*) FILTER ({quoted} IS NULL OR {quoted} < 0), coalesce(max({quoted}), 0)"
        ).fetchall()[0]
        each = relation.aggregate(f"respondent_id, min({quoted}) <> max({quoted}) AS apart", "respondent_id")
        varies = each.aggregate("count(*) FILTER (apart)").fetchall()[0][0]
        if lack:
            lines.append(
                f"{place}, column {column!r}: every respondent must have a number of 0 or more; {lack:,} rows have none."
            )
        elif varies:
            lines.append(f"{place}, column {column!r}: a respondent must have one value in all rows; {varies:,} have several.")
        elif not most > 0:
            lines.append(f"{place}, column {column!r}: the values must not all be zero.")
    if lines:
        raise StudyError("\n".join(lines))


def _final(known: str, seen: Seen, levels: Levels, repeated: Repeated, every: Levels) -> str:
    """Return the query of what is used or incomplete."""
    hidden = f"EXCLUDE ({REFUSED}, {ROW})"
    stays = [f"NOT {REFUSED}"]
    if repeated.table:
        stays.append(f"{ROW} NOT IN (SELECT place FROM {repeated.table})")
    return f"SELECT * {hidden} FROM {known} WHERE {' AND '.join(stays)}"


def _check_outcomes(relation: Any, spec: StudyFile) -> None:
    """Raise where a visit has not one value of an outcome in all of its rows: spreading it needs the rows in memory.

    Raises
    ------
    StudyError : the text names the outcome.
    """
    columns = list(outcome_columns(spec))
    visit = [name(key) for key in ("respondent_id", "touchpoint", "wave") if key in relation.columns]
    for column in columns:
        quoted = name(column)
        apart = f"min({quoted}) <> max({quoted}) OR count({quoted}) NOT IN (0, count(*))"
        inner = relation.aggregate(f"{', '.join(visit)}, ({apart}) AS apart", ", ".join(visit))
        several = inner.aggregate("count(*) FILTER (apart)").fetchall()[0][0]
        if several:
            raise StudyError(
                f"{spec.responses.place}, column {column!r}: a survey on disk must have the outcome in every row of a "
                f'visit, one value each; {several:,} visits have not. Fill the column, or read it by engine = "memory".'
            )


def _sample(relation: Any, people: People, levels: Levels) -> tuple[pd.DataFrame, bool]:
    """Return all answers of some respondents as the small path types them, and whether they are all respondents."""
    every = max(1, people.respondents // SAMPLE)
    if every > 1:
        relation = relation.filter(f"hash(respondent_id) % {every} = 0")
    frame = pandas_of(relation)
    for key in ("touchpoint", "dimension", "item", "wave"):
        if key in frame:
            frame[key] = pd.Categorical(frame[key].astype(object), categories=[*levels.names[key]], ordered=True)
    frame["respondent_id"] = frame["respondent_id"].astype(str).astype(object)
    kept = {
        column: frame[column].astype(object).where(frame[column].notna(), None)
        for column in frame
        if not isinstance(frame[column].dtype, pd.CategoricalDtype) and frame[column].dtype.kind == "O"
    }
    return frame.assign(**kept), every == 1


def _period(relation: Any, spec: StudyFile) -> tuple[str, str] | None:
    zone = text(spec.study.zone)
    first, last = relation.aggregate(
        f"strftime(timezone({zone}, min(\"at\")), '%Y-%m-%d'), strftime(timezone({zone}, max(\"at\")), '%Y-%m-%d')"
    ).fetchall()[0]
    return (first, last) if first else None
