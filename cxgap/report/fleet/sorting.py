"""Before anything runs: what each job rests on, and whether its report stands already."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from cxgap.errors import CxgapError
from cxgap.report.fleet.endings import Ending
from cxgap.report.fleet.inputs import Basis, Hashes, basis_of
from cxgap.report.fleet.keeping import kept
from cxgap.report.fleet.keys import key_of
from cxgap.report.fleet.outcome import Outcome
from cxgap.report.fleet.preparation import Prepared
from cxgap.report.fleet.redact import redact
from cxgap.report.fleet.standing import standing
from cxgap.report.job import Job
from cxgap.report.wording import paragraph


class Sorted(NamedTuple):
    """A job that waits to be run; or, with `standing`, `kept` or `fault`, one that is not run."""

    job: Job
    place: int
    prepared: Prepared
    basis: Basis
    key: str
    standing: dict[str, Any] | None = None
    fault: Ending | None = None
    kept: Outcome | None = None


def sort_out(job: Job, place: int, output: Path, hashes: Hashes, prepared: Prepared, *, force: bool) -> Sorted:
    """Look at a job; `force` says that its report does not count, even if it stands."""
    if prepared.problem:
        return _fault(job, place, prepared, prepared.problem, "StudyError")
    try:
        basis = basis_of(job, hashes)
        key = key_of(job, basis, hashes, prepared.minimum)
        stays = kept(output, job, prepared)
    except (CxgapError, OSError) as error:
        text = error if isinstance(error, CxgapError) else error.strerror or error
        return _fault(job, place, prepared, str(text), type(error).__name__)
    found = None if force else standing(output / job.slug, key)
    return Sorted(job, place, prepared, basis, key, found, kept=None if found else stays)


def _fault(job: Job, place: int, prepared: Prepared, text: str, code: str) -> Sorted:
    words = redact(paragraph(text))
    return Sorted(job, place, prepared, Basis((), False), "", fault=Ending("failed", words, words, code))
