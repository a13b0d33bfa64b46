"""Read a study: its file, the tables it names, and the checks on all of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import pandas as pd

from cxgap.errors import StudyError, nearest
from cxgap.shipped import shipped
from cxgap.tables.catalog import TABLES, Table
from cxgap.tables.codebook import read_codebook
from cxgap.tables.formats import read_file
from cxgap.tables.header import require_columns, settle_header
from cxgap.tables.issues import Issues
from cxgap.tables.responses import read_responses
from cxgap.tables.restrict import Scope
from cxgap.tables.schema import read_flags, read_numbers, read_times
from cxgap.tables.spec import Source, StudyFile, load_spec
from cxgap.tables.study import Study
from cxgap.vocabulary import MARGIN_PART

MANY_MISSING = 0.2  # of a column


def read_study(study: str | Path = "sample", *, where: Mapping[str, object] | None = None, as_of: str = "") -> Study:
    """Read a study and check every table in it.

    Everything is read as text; a declared type is then applied column by column, so that a region called NA, a channel
    called None and a code 007 stay what they are. Answers that cannot be true are set aside in `rejects`, the rest is
    used. Nothing is written.

    Parameters
    ----------
    study : a study file, the folder that holds a study.toml, or "sample" for the study that came with cxgap; a relative
        path is looked for in the working folder, then upwards to a pyproject.toml or .git
    where : restrict to rows with these values, always as text, such as {"region": "0012"} or {"region": ["0012", "NA"]}
    as_of : leave out rows that came later, as an ISO 8601 date (its whole day stays) or time

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
    _check_declared(spec)
    scope, issues = Scope.of(where, as_of, spec.study.zone), Issues()
    items, codebook = read_codebook(spec, path.parent, issues)
    responses = read_responses(spec, path.parent, items, scope, issues)
    rejects, tables, files = [responses.rejects], {}, [responses.file, *([codebook] if codebook else [])]
    for name, source in spec.tables.items():
        tables[name], refused, file = _read_table(name, _source(source), spec, path.parent, scope, issues)
        rejects.append(refused)
        files.append(file)
    _check_answers(responses.answers, spec, issues)

    margin = spec.study.margin or (spec.scale.high - spec.scale.low) / MARGIN_PART
    design = {name: column for name, column in spec.design.model_dump().items() if column}
    if spec.responses.importance:
        design |= {"importance": "importance", "importance_kind": spec.responses.importance_kind}
    design |= {
        "scale": (spec.scale.low, spec.scale.high),
        "expectation_type": spec.study.expectation_type,
        "margin": margin,
        "min_n": spec.study.min_n,
        "confirmatory": spec.study.confirmatory,
    }
    rows = {"read": responses.read, "left_out": responses.left_out, "in": responses.read - responses.left_out}
    rows |= {"used": responses.used, "incomplete": responses.incomplete, "rejected": responses.rejected}
    if rows["in"] != responses.used + responses.incomplete + responses.rejected:
        raise AssertionError(f"answers were lost in reading: {rows}")  # a fault of cxgap, never of the data
    return Study(
        title=spec.study.title,
        mission=spec.study.mission,
        responses=responses.answers,
        tables=MappingProxyType(tables),
        rejects=pd.concat([part for part in rejects if len(part)] or rejects[:1], ignore_index=True),
        issues=issues,
        rows=MappingProxyType(rows),
        design=MappingProxyType(design),
        step=spec.scale.step,
        where=MappingProxyType(dict(scope.where)),
        as_of=scope.as_of,
        seed=spec.study.seed,
        files=tuple(files),
        fingerprint=_fingerprint(raw, files, scope),
    )


def find_study(study: str | Path) -> Path:
    """Return the path of a study file; see `read_study` for where it is looked for.

    Raises
    ------
    StudyError : there is none.
    """
    if str(study) == "sample":
        return shipped("sample") / "study.toml"
    path = Path(study).expanduser()
    tried = [path] if path.is_absolute() else [folder / path for folder in _upwards(Path.cwd())]
    for candidate in tried:
        if candidate.is_dir() and (candidate / "study.toml").is_file():
            return candidate / "study.toml"
        if candidate.is_file():
            return candidate
    raise StudyError(
        f"the study must be a study file, a folder with a study.toml, or the word sample; there is none at {str(study)!r}. "
        "Type `cxgap sample FOLDER` for one to start from."
    )


def _upwards(start: Path) -> list[Path]:
    folders = [start, *start.parents]
    for place, folder in enumerate(folders):
        if (folder / "pyproject.toml").exists() or (folder / ".git").exists():
            return folders[: place + 1]
    return folders[:1]


def _source(source: str | Source) -> Source:
    return Source(file=source) if isinstance(source, str) else source


def _check_declared(spec: StudyFile) -> None:
    for name in spec.tables:
        if name not in TABLES:
            raise StudyError(f"[tables] has no table {name!r}; it has {sorted(TABLES)}.{nearest(name, TABLES)}")


def _read_table(
    name: str, source: Source, spec: StudyFile, folder: Path, scope: Scope, issues: Issues
) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, object]]:
    """Read a table beside the survey: a cell that cannot be what its column holds becomes null, and is reported."""
    declared: Table = TABLES[name]
    raw = read_file(folder / source.file, source, declared.required)
    frame = settle_header(raw.frame, source, table=name, known=[column.name for column in declared.columns], issues=issues)
    require_columns(frame, declared.required, table=name)
    rejects = [{"table": name, "column": "", **row} for row in raw.rejected]
    frame, refused = scope.restrict(frame, declared, name, issues, partly=True)
    rejects += refused
    columns = {}
    for column in frame:
        text, kind = frame[column], declared.kind(str(column))
        wrong = pd.Series(None, index=text.index, dtype=object)
        if kind in ("number", "rating"):
            columns[column], wrong = read_numbers(text, decimal=source.decimal)
        elif kind == "time":
            columns[column], wrong = read_times(text, spec.study.zone)
        elif kind == "flag":
            columns[column], wrong = read_flags(text)
        else:
            columns[column] = text.astype(object).where(text.notna() & (text != ""), None)
            if kind == "key":
                wrong = columns[column].isna().map({True: "empty_key", False: None}).astype(object)
        bad = wrong.notna()
        cells = [
            {"table": name, "row": int(row), "column": column, "value": text[row], "reason": wrong[row]}
            for row in text.index[bad]
        ]
        rejects += cells
    for (reason, column), rows in pd.DataFrame(rejects, columns=["row", "column", "reason"]).groupby(["reason", "column"]):
        issues.add(reason, "rejected", table=name, column=column, rows=len(rows), row=int(rows["row"].iloc[0]))
    table = pd.DataFrame(columns).reset_index(drop=True)
    file = {"table": name, "file": Path(source.file).name, "rows": len(raw.frame) + len(raw.rejected), "sha256": raw.sha256}
    return table, pd.DataFrame(rejects).assign(answers=0), file


def _check_answers(answers: pd.DataFrame, spec: StudyFile, issues: Issues) -> None:
    """Warn of what will not stop a report but changes how it is read."""
    paired = answers[["expectation", "perception"]].notna().all(axis=1)
    for rating in ("expectation", "perception"):
        share = (
            answers[rating]
            .isna()
            .groupby(answers["item"] if "item" in answers else answers["touchpoint"], observed=True)
            .mean()
        )
        for name in share.index[share > MANY_MISSING]:
            issues.add(
                "many_missing", "warning", table="responses", column=f"{rating} {name}", rows=int(answers[rating].isna().sum())
            )
    people = answers[paired].groupby("touchpoint", observed=False)["respondent_id"].nunique()
    for name, count in people.items():
        if count < spec.study.min_n:
            check = "no_data_touchpoint" if count == 0 else "small_sample"
            issues.add(check, "warning", table="responses", column=f"touchpoint {name}", rows=int(count) if count == 0 else 1)
    for name in answers.select_dtypes(include=["category", "object", "str"]).columns.difference(["respondent_id", "item"]):
        levels = pd.Series(answers[name].dropna().astype(str).unique())
        folded = levels.str.casefold().str.replace(r"[\s\-_.]+", "", regex=True)
        if len(levels) <= 1000 and folded.duplicated().any():
            issues.add(
                "lookalike_names", "warning", table="responses", column=str(name), rows=int(folded.duplicated(keep=False).sum())
            )
    if spec.design.weight:
        weight = answers.drop_duplicates("respondent_id")[spec.design.weight].to_numpy(float)
        if (weight == 0).any():
            issues.add("zero_weight", "warning", table="responses", column=spec.design.weight, rows=int((weight == 0).sum()))
        if weight.sum() ** 2 < 0.5 * len(weight) * (weight**2).sum():
            issues.add("huge_weight", "warning", table="responses", column=spec.design.weight, rows=len(weight))


def _fingerprint(raw: bytes, files: list[dict[str, object]], scope: Scope) -> str:
    parts = {
        "study": hashlib.sha256(raw).hexdigest(),
        "files": [[file["table"], file["sha256"]] for file in files],
        "where": {name: list(values) for name, values in sorted(scope.where.items())},
        "as_of": scope.as_of,
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
