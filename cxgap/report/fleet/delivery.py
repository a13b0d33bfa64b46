"""What becomes of a report that a worker has made: looked at once more, then brought out; and of one that failed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from cxgap.errors import CxgapError, RunError
from cxgap.report.code import code_hash
from cxgap.report.fleet.endings import Ending
from cxgap.report.fleet.inputs import Basis
from cxgap.report.fleet.outcome import Outcome
from cxgap.report.folders import current_run, discard
from cxgap.report.job import Job
from cxgap.report.manifest import MANIFEST, Manifest, manifest_of
from cxgap.report.private import write_private
from cxgap.report.publish import REPORT, bring_out
from cxgap.report.record import RECORD, RunRecord
from cxgap.report.wording import paragraph

_CODE_DIGITS: Final = 16


class Made:
    """A report in staging, and all that its manifest says beyond its record."""

    def __init__(self, job: Job, run_id: str, folder: Path, staged: Path, **about: Any) -> None:
        self.job, self.run_id, self.folder, self.staged = job, run_id, folder, staged
        self.about = about  # started, ended, seconds, attempt, key

    def bring_out(self, output: Path, basis: Basis) -> None:
        """Publish it, for one who holds the lock.

        Raises
        ------
        RunError, OSError : it is not whole, or the disk failed; what was published stays.
        """
        content = (self.staged / RECORD).read_bytes()
        record = RunRecord(**json.loads(content))
        for artefact in record.artefacts:
            written = (self.staged / artefact["name"]).read_bytes()
            if hashlib.sha256(written).hexdigest() != artefact["sha256"]:
                raise RunError(f"The worker's {artefact['name']} is not what its record says. Run it again.")
        if REPORT not in {artefact["name"] for artefact in record.artefacts} or record.slug != self.job.slug:
            raise RunError("The worker's record is of another report. Run it again.")
        before = current_run(output / self.job.slug)
        manifest = manifest_of(
            self.job,
            record,
            run_id=self.run_id,
            inputs=[{"file": file.name, "bytes": file.bytes, "sha256": file.sha256} for file in basis.files],
            previous_run_id=before.name if before else "",
            **self.about,
        )
        own = {"name": RECORD, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        code = {**manifest.code, "sha256": code_hash()[:_CODE_DIGITS]}
        manifest = replace(manifest, artefacts=[*record.artefacts, own], code=code)
        (self.staged / MANIFEST).write_bytes(manifest.to_json())
        bring_out(output, self.job.slug, self.run_id, self.staged)

    def give_up(self, ending: Ending) -> None:
        """Note in the run folder how it ended, and leave nothing in staging."""
        discard(self.staged)
        manifest = Manifest(
            run_id=self.run_id,
            job=self.job.name,
            slug=self.job.slug,
            status=ending.state,
            parameters=self.job.parameters,
            error={"code": ending.code, "message": ending.public},
            **self.about,
        )
        with suppress(OSError):  # a full disk is why it failed
            write_private(self.folder / MANIFEST, manifest.to_json())


@contextmanager
def worded(faults: list[Ending]) -> Iterator[None]:
    """Turn what goes wrong in publishing into an ending."""
    try:
        yield
    except (CxgapError, OSError, ValueError, LookupError, TypeError) as error:
        words = paragraph(error) if isinstance(error, CxgapError) else _plain(error)
        faults.append(Ending("failed", words, words, "space" if "is full" in words else "publishing"))


def ending_of_start(error: CxgapError | OSError) -> Ending:
    """Return the ending of an attempt that could not even be started."""
    faults: list[Ending] = []
    with worded(faults):
        raise error
    return faults[0]


def outcome_of(job: Job, ending: Ending, run_id: str, attempt: int, seconds: float) -> Outcome:
    """Return the outcome of a job whose last attempt ended so, other than done."""
    state = "killed" if ending.state == "killed" else "failed"
    return Outcome(job, state, ending.message, ending.public, ending.code, run_id, attempt, round(seconds, 1))


def _plain(error: BaseException) -> str:
    if isinstance(error, OSError):
        return f"The report could not be made or written: {error.strerror or type(error).__name__}."
    return f"The worker left a record that cannot be read ({type(error).__name__}). Run it again."
