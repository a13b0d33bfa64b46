"""Read a study: its file, the tables it names, and the checks on all of them."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import pandas as pd

from cxgap.engine import set_memory
from cxgap.errors import ArgumentError, StudyError, nearest
from cxgap.progress import Steps
from cxgap.shipped import shipped
from cxgap.tables.absent import SURVEY, Absent
from cxgap.tables.big.choice import Engine, on_engine, tables_on_engine
from cxgap.tables.catalog import TABLES
from cxgap.tables.cautions import caution, caution_table
from cxgap.tables.codebook import read_codebook
from cxgap.tables.company import Read, read_table, without_late_promises
from cxgap.tables.context import context
from cxgap.tables.factors import check_factors
from cxgap.tables.faults import Faults
from cxgap.tables.issues import Issues
from cxgap.tables.links import Placed, link_tables
from cxgap.tables.metrics import check_metrics, metrics_table
from cxgap.tables.outcomes import outcome_keywords, outcomes_table
from cxgap.tables.owners import follow_owners
from cxgap.tables.questions import codebook_table
from cxgap.tables.responses import no_survey, read_responses
from cxgap.tables.restrict import Scope
from cxgap.tables.rounds import check_rounds
from cxgap.tables.sections import Item
from cxgap.tables.spec import StudyFile, load_spec
from cxgap.tables.store import kept_study
from cxgap.tables.study import Study, with_min_n
from cxgap.tables.target_lock import lock_path, read_lock
from cxgap.tables.targets import read_targets
from cxgap.vocabulary import MARGIN_PART

if TYPE_CHECKING:
    from cxgap.tables.big.read import BigSurvey


def read_study(
    study: str | Path = "sample",
    *,
    where: Mapping[str, object] | None = None,
    as_of: str = "",
    today: date | None = None,
    engine: Engine | None = None,
    memory: str | None = None,
    hashed: bool = False,
) -> Study:
    """Read a study and check every table in it.

    Everything is read as text; a declared type is then applied column by column, so that a region called NA, a channel
    called None and a code 007 stay what they are. Answers that cannot be true are set aside in `rejects`, the rest is
    used. Nothing is written.

    A survey that is too big for memory stays on disk: `responses` is then a relation of DuckDB with the same columns, checks
    run as counts, and what cannot be checked so is among the issues (docs/scale.md). So do big `events` and `promises`.

    Parameters
    ----------
    study : a study file, the folder that holds a study.toml, or "sample" for the study that came with cxgap; a relative
        path is looked for in the working folder, then upwards to a pyproject.toml or .git
    where : restrict to rows with these values, always as text, such as {"region": "0012"} or {"region": ["0012", "NA"]}
    as_of : leave out rows that came later, as an ISO 8601 date (its whole day stays) or time; rows without a date are
        left out too, and reported
    today : the day on which the files are read, in the study's zone: without `as_of`, an answer or a delivery after it is
        rejected, because nobody can know of it yet; the day itself unless it is given
    engine : where the survey is held: "memory", "duckdb" (on disk), or "auto" (by its size); what [study] says unless given
    memory : cap on the memory of the engine in this process, such as "1GiB"; see `cxgap.engine.set_memory`
    hashed : whether the fingerprint of a survey on disk is that of all its bytes; else it is that of its name, size, time of
        change and Parquet footer

    Returns
    -------
    Study

    Raises
    ------
    StudyError, ColumnError : the study file or a table cannot be used; the text has every problem found.
    ArgumentError : `where` or `as_of` asks for what is not there.
    """
    path = find_study(study)
    spec, raw = load_spec(path)
    for name in spec.tables:
        if name not in TABLES:
            raise StudyError(f"{path.name}: [tables] has no table {name!r}; it has {sorted(TABLES)}.{nearest(name, TABLES)}")
    read_targets(path, spec.study, spec.outcomes)  # its faults are said before any table is read
    scope, told = Scope.of(where, as_of, spec.study.zone, today), context()
    if memory is not None:
        set_memory(memory)
    on_disk = on_engine(spec, path.parent, engine)
    beside = tables_on_engine(spec, path.parent, engine)
    known = None if on_disk or beside else kept_study(told.kept, path, scope)
    if known is None:
        with Steps("reading the study: files", len(spec.tables) + bool(spec.surveyed)) as steps:
            known = _read(path, spec, raw, scope, on_disk, beside, hashed, steps)
        known = replace(known, target_lock=read_lock(lock_path(path), lines=told.lock_lines, known=told.lock_known))
    return with_min_n(known, told.min_n)


def _read(
    path: Path,
    spec: StudyFile,
    raw: bytes,
    scope: Scope,
    on_disk: bool,
    beside: Collection[str],
    hashed: bool,
    steps: Steps,
) -> Study:
    """Read the tables of a study file, and check them."""
    issues = Issues()
    check_metrics(spec, issues)
    items, codebook = read_codebook(spec, path.parent, issues)
    check_rounds(items, spec.study.waves)
    survey, faults = no_survey(), Faults()
    big: BigSurvey | None = None
    if spec.surveyed:
        steps.at(SURVEY)
        with faults.gathered():
            if on_disk:
                from cxgap.tables.big.read import read_big

                big = read_big(spec, path.parent, items, scope, issues, hashed=hashed)
                told = {name: getattr(big, name) for name in ("rejects", "rows", "file", "codebook")}
                survey = survey._replace(answers=big.margins, **told)
            else:
                survey = read_responses(spec, path.parent, items, scope, issues)
        steps.done()
    rows = survey.rows
    if rows["read"] != sum(rows[name] for name in ("left_out", "used", "incomplete", "rejected")):
        raise AssertionError(f"answers were lost in reading: {rows}")  # a fault of cxgap, never of the data
    read: dict[str, Read] = {}
    rejects, files = [survey.rejects], [file for file in (survey.file, codebook) if file]
    for name in spec.tables:
        steps.at(name)
        with faults.gathered():
            if name in beside:
                from cxgap.tables.big.table import read_big_table

                read[name] = read_big_table(name, spec, path.parent, items, scope, issues, hashed=hashed)
            else:
                read[name] = read_table(name, spec, path.parent, items, scope, issues)
            rejects.append(read[name].rejects)
            files.append(read[name].file)
        steps.done()
    steps.at("checks")
    faults.settle()
    if {"promises", "events"} <= set(read):
        late_of = without_late_promises
        if beside:
            from cxgap.tables.big.promises import without_late_promises as late_of
        read["promises"], late = late_of(read["promises"], read["events"].table, spec.tables["promises"], issues)
        rejects.append(late)
    near = {name: table for name, table in read.items() if name not in beside}
    read |= follow_owners(near, (big.answers if big else survey.answers) if spec.surveyed else None, scope, issues)
    for name, table in read.items():
        if table.rows["read"] != table.rows["left_out"] + table.rows["kept"] + table.rows["rejected"]:
            raise AssertionError(f"rows of {name} were lost in reading: {table.rows}")  # a fault of cxgap, never of the data
    if spec.surveyed and big is None:
        caution(survey, items, spec, scope, issues)
    for name, table in read.items():
        if name not in beside:
            caution_table(name, table.table, issues)
    placed = {name: Placed(table.table, table.places) for name, table in read.items() if name not in beside}
    if spec.surveyed and big is None:
        placed |= {SURVEY: Placed(survey.answers, survey.places)}
    tables, links = link_tables(spec, placed, issues)
    tables = {**tables, **{name: read[name].table for name in beside}}
    if big is not None:
        tables = {**tables, SURVEY: big.answers}
    if spec.surveyed:
        check_factors(spec, list(tables[SURVEY].columns))
    declared = read_targets(path, spec.study, spec.outcomes)
    files += [declared.file] if declared.file else []
    return Study(
        title=spec.study.title,
        mission=spec.study.mission,
        currency=spec.study.currency,
        responses=tables[SURVEY] if spec.surveyed else Absent(SURVEY),
        tables=MappingProxyType({name: tables[name] for name in read}),
        rejects=pd.concat([part for part in rejects if len(part)] or rejects[:1], ignore_index=True),
        issues=issues,
        rows=MappingProxyType(rows),
        table_rows=MappingProxyType({name: MappingProxyType(table.rows) for name, table in read.items()}),
        links=links,
        design=MappingProxyType(_design(spec) | _margins(spec, survey.answers, scope, issues)),
        margins=margins_table(spec),
        importance=MappingProxyType(_importance(spec, items)),
        metrics=metrics_table(spec),
        outcomes=outcomes_table(spec),
        codebook=survey.codebook if survey.codebook is not None else codebook_table(spec, items),
        outcome=MappingProxyType(outcome_keywords(spec)),
        operations=MappingProxyType({"min_n": spec.study.min_n, "as_of": scope.as_of or None}),
        step=spec.scale.step,
        zone=spec.study.zone,
        where=MappingProxyType(dict(scope.where)),
        as_of=scope.as_of,
        seed=spec.study.seed,
        files=tuple(files),
        fingerprint=_fingerprint(_definition(raw), files, scope),
        definition=_definition(raw),
        facts=MappingProxyType(big.facts) if big else None,
        factors=MappingProxyType(spec.factors.model_dump()),
        targets=declared.table,
    )


def find_study(study: str | Path) -> Path:
    """Return the path of a study file; see `read_study` for where it is looked for.

    Raises
    ------
    StudyError : there is none.
    ArgumentError : `study` is neither text nor a path.
    """
    if not isinstance(study, str | os.PathLike):
        raise ArgumentError(f'`study` must be a path or the word "sample", not {study!r}.')
    if str(study) == "sample":
        return shipped("sample") / "study.toml"
    try:
        path = Path(study).expanduser()
        for folder in [Path.cwd()] if path.is_absolute() else _upwards(Path.cwd()):
            for candidate in (folder / path / "study.toml", folder / path):
                if str(study) and candidate.is_file():
                    return candidate
    except (OSError, RuntimeError):  # a name too long for the disk, or the home of nobody
        pass
    raise StudyError(
        f"the study must be a study file, a folder with a study.toml, or the word sample; there is none at {str(study)!r}. "
        "Type `cxgap sample FOLDER` for one to start from."
    )


def _upwards(start: Path) -> Sequence[Path]:
    folders = [start, *start.parents]
    for place, folder in enumerate(folders):
        if (folder / "pyproject.toml").exists() or (folder / ".git").exists():
            return folders[: place + 1]
    return folders[:1]


def _design(spec: StudyFile) -> dict[str, object]:
    """Return what functions of the survey are told of the study, by keyword."""
    return {name: column for name, column in spec.design.model_dump().items() if column} | {
        "scale": (spec.scale.low, spec.scale.high) if spec.rated else None,
        "expectation_type": spec.study.expectation_type,
        "margin": spec.study.margin or ((spec.scale.high - spec.scale.low) / MARGIN_PART if spec.rated else None),
        "min_n": spec.study.min_n,
        "confirmatory": spec.study.confirmatory,
    }


def _margins(spec: StudyFile, answers: pd.DataFrame, scope: Scope, issues: Issues) -> dict[str, object]:
    """Return the margins that weights are raked to, by keyword; none where there are none, or where they are of more."""
    if not spec.margins or not spec.surveyed:
        return {}
    if scope.where:
        issues.add("margins_of_the_whole", "note", table="responses", column=", ".join(spec.margins))
        return {}
    for name, margin in spec.margins.items():
        columns = [column.strip() for column in (margin.column or name).split(",")]
        answered = set(answers[columns].astype(str).agg(",".join, axis=1))
        for category in sorted(answered.symmetric_difference(margin.totals)):
            issues.add("margins_unmatched", "warning", table="responses", column=name, value=category)
    return {"margins": {margin.column or name: dict(margin.totals) for name, margin in spec.margins.items()}}


def margins_table(spec: StudyFile) -> pd.DataFrame:
    """Return what [margins] declares, one row a margin: name, column, source, date, categories and total."""
    rows = [
        {
            "margin": name,
            "column": margin.column or name,
            "source": margin.source,
            "date": margin.date,
            "categories": len(margin.totals),
            "total": sum(margin.totals.values()),
        }
        for name, margin in spec.margins.items()
    ]
    return pd.DataFrame(rows, columns=["margin", "column", "source", "date", "categories", "total"])


def _importance(spec: StudyFile, items: Mapping[str, Item]) -> dict[str, object]:
    """Return what functions that weigh by importance are told beside it."""
    if spec.responses.importance or any(item.importance for item in items.values()):
        return {"importance": "importance", "importance_kind": spec.responses.importance_kind}
    return {}


def _definition(raw: bytes) -> str:
    said = re.sub(rb"""://[^\s"']*@""", b"://...@", raw)  # who reads a database, and with which password, is no input
    return hashlib.sha256(said).hexdigest()


def _fingerprint(definition: str, files: Sequence[Mapping[str, object]], scope: Scope) -> str:
    parts = {
        "study": definition,
        "files": [[file["table"], file["sha256"]] for file in files],
        "where": {name: sorted(set(values)) for name, values in sorted(scope.where.items())},
        "as_of": scope.as_of,
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
