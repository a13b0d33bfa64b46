"""One run of a report: when, where, how long, on what, and how it ended; what the page says is in its record."""

from __future__ import annotations

import hashlib
import json
import platform
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

from cxgap.report.folders import MANIFEST as MANIFEST
from cxgap.report.folders import RECORD

if TYPE_CHECKING:
    from cxgap.report.job import Job
    from cxgap.report.record import RunRecord

MANIFEST_SCHEMA: Final = "cxgap.manifest/1"
_HIDDEN: Final = "SUPPRESSED"  # what the flags of a hidden cell begin with


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """One run of a report. It holds counts of rows and no answers.

    Attributes
    ----------
    run_id, job, slug : which run of which report
    status : delivered or failed
    attempt : which try it was, from 1
    key : hash of all that the page rests on; empty where that cannot be told
    started, ended : ISO 8601 in UTC
    seconds : by a clock that is never set
    parameters : what it was asked for
    period, zone : first and last day of the answers, in which time zone
    notebook : its name and sha256
    inputs : file, table, sha256 and rows of every file that the study read, as they were when they were read
    rows : read, left out, in, used, incomplete and rejected
    warnings : code and number of each kind of failed check
    suppressed : how many cells the tables hide, and why
    artefacts : name, bytes and sha256 of every other file of the run
    versions, code : of Python and the packages; of cxgap
    figures, tables : how many the page shows
    previous_run_id : of the run whose page this one replaced
    error : code and message, of a failed run
    """

    run_id: str
    job: str
    slug: str
    status: str
    started: str
    ended: str
    seconds: float
    attempt: int = 1
    key: str = ""
    parameters: Mapping[str, object] = field(default_factory=dict)
    period: Sequence[str] | None = None
    zone: str = ""
    notebook: Mapping[str, str] = field(default_factory=dict)
    inputs: Sequence[Mapping[str, Any]] = ()
    rows: Mapping[str, int] = field(default_factory=dict)
    warnings: Sequence[Mapping[str, Any]] = ()
    suppressed: Mapping[str, Any] = field(default_factory=dict)
    artefacts: Sequence[Mapping[str, Any]] = ()
    versions: Mapping[str, str] = field(default_factory=dict)
    code: Mapping[str, str] = field(default_factory=dict)
    figures: int = 0
    tables: int = 0
    previous_run_id: str = ""
    error: Mapping[str, Any] | None = None
    host: str = field(default_factory=platform.node)
    schema: str = MANIFEST_SCHEMA

    def to_json(self) -> bytes:
        """Return the manifest's file."""
        return json.dumps(asdict(self), indent=1, allow_nan=False).encode()


def manifest_of(
    job: Job,
    record: RunRecord,
    *,
    run_id: str,
    started: str,
    ended: str,
    seconds: float,
    attempt: int = 1,
    key: str = "",
    inputs: Sequence[Mapping[str, Any]] = (),
    previous_run_id: str = "",
) -> Manifest:
    """Return the manifest of a run that made `record`.

    Parameters
    ----------
    job : what was asked for
    record : what came out
    run_id, started, ended, seconds, attempt, key, previous_run_id : as in the manifest
    inputs : what is known of the files besides what the study says of them, such as their bytes, found by sha256
    """
    study, text = record.study, record.to_json()
    own = {"name": RECORD, "bytes": len(text), "sha256": hashlib.sha256(text).hexdigest()}
    return Manifest(
        run_id=run_id,
        job=job.name,
        slug=job.slug,
        status="delivered",
        started=started,
        ended=ended,
        seconds=seconds,
        attempt=attempt,
        key=key,
        parameters=record.parameters,
        period=study.get("period"),
        zone=str(study.get("zone") or ""),
        notebook=record.notebook,
        inputs=_inputs(study.get("tables") or (), inputs),
        rows=study.get("rows") or {},
        warnings=warnings_of(study),
        suppressed=_suppressed(record.tables),
        artefacts=[*record.artefacts, own],
        versions={**record.versions, **machine_versions()},
        code={"cxgap": version("cxgap")},
        figures=len(record.figures),
        tables=len(record.tables) + len(record.facts),
        previous_run_id=previous_run_id,
    )


def _inputs(read: Iterable[Mapping[str, Any]], known: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return what the study says of its files, with what else is known of each; then the files that it says nothing of."""
    more = {str(file.get("sha256")): file for file in known}
    tables = [{**more.get(str(file.get("sha256")), {}), **file} for file in read]
    said = {file.get("sha256") for file in tables}
    return [*tables, *(file for file in known if file.get("sha256") not in said)]


def warnings_of(study: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Count the failed checks of a study's record by their code."""
    counts = Counter(str(issue.get("check") or "") for issue in study.get("issues") or ())
    return [{"code": code, "n": n} for code, n in sorted(counts.items()) if code]


def _suppressed(tables: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Count the cells that gap tables hide, by the reason that their flags give."""
    reasons: Counter[str] = Counter()
    for table in tables:
        columns = list(table.get("columns") or ())
        if "flags" in columns:
            place = columns.index("flags")
            flags = (str(row[place]).split("|") for row in table.get("rows") or ())
            reasons.update(next((flag for flag in own if flag.startswith(_HIDDEN)), "") for own in flags)
    del reasons[""]
    return {"cells": sum(reasons.values()), "reasons": dict(sorted(reasons.items()))}


def machine_versions() -> dict[str, str]:
    """Return what else numbers may depend on in their last digits."""
    import numpy as np

    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    return {"platform": platform.platform(), "blas": f"{blas.get('name', '')} {blas.get('version', '')}".strip()}
