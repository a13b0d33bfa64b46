"""One report from start to end in this process: check what was asked, make it, bring it out.

Until the very last step the page that was there stays as it was.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from cxgap.errors import ArgumentError, CxgapError, RunError
from cxgap.export.names import slug
from cxgap.report.attempt import attempt
from cxgap.report.failure import write_failure
from cxgap.report.fleet.inputs import slice_of
from cxgap.report.fleet.redact import redact
from cxgap.report.folders import REPORT, current_run, discard, new_run, new_staging, staging_folder
from cxgap.report.index import renew_index
from cxgap.report.job import Job, Limits
from cxgap.report.manifest import MANIFEST, Manifest, manifest_of
from cxgap.report.notebooks import find_notebook, read_notebook
from cxgap.report.parameters import check_parameters, read_parameters
from cxgap.report.publish import bring_out, locked, share_plotly
from cxgap.report.record import RunRecord
from cxgap.report.retention import prune
from cxgap.report.status import note_status
from cxgap.report.targets import CLOSED, FreezeError, freeze
from cxgap.report.wording import paragraph
from cxgap.report.worker import JOB, public

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from cxgap.progress import Progress

EXTRA = ("papermill", "nbconvert", "ipykernel")


def run_report(
    notebook: str | os.PathLike[str],
    *,
    output: str | os.PathLike[str] = "reports",
    name: str | None = None,
    parameters: Mapping[str, object] | None = None,
    single_file: bool = False,
    timeout: int = 300,
    progress: Progress | None = None,
    **more_parameters: object,
) -> RunRecord:
    """Run a notebook and bring out its page, its record and its tables in `output`/<slug>/.

    Parameters
    ----------
    notebook : a path, or the name of a notebook that came with cxgap, such as "customer"
    output : the folder of all reports; runs and logs lie in `output`/private, closed to others
    name : what to call the report, the notebook's name by default; a report of the same name is replaced
    parameters : values for the notebook's parameters, of exactly the declared types
    single_file : carry plotly.js inside the page, which can then be mailed, and not beside it
    timeout : most seconds for one cell
    progress : says which cell is running; without one nothing is said
    more_parameters : parameters too, as keywords

    Returns
    -------
    RunRecord, whose `page` is the path of the report

    Raises
    ------
    ArgumentError : there is no such notebook or parameter, or a value is of another type; nothing was run.
    BusyError : another run holds the output folder; nothing was run.
    RunError : the notebook failed, or its page is not fit to show; the page that was there stays.
    """
    path, _, given = check_run(notebook, {**(parameters or {}), **more_parameters})
    called = name or path.stem
    job = Job(called, slug(called), path, given, single_file, Limits(cell=timeout))
    try:
        with locked(Path(output)):
            return _run(job, Path(output), progress)
    except OSError as error:
        raise RunError(f"{path.stem} could not be run: {public(error)}.") from error


def check_run(
    notebook: str | os.PathLike[str], parameters: Mapping[str, object]
) -> tuple[Path, NotebookNode, dict[str, object]]:
    """Return the notebook's path, what it holds, and `parameters` as plain values of the declared types; run nothing.

    Raises
    ------
    ArgumentError : as for `run_report`.
    """
    if not all(map(find_spec, EXTRA)):
        raise ArgumentError("Reports need papermill, nbconvert and ipykernel: pip install 'cxgap[report]'.")
    path = find_notebook(notebook)
    source = read_notebook(path)
    return path, source, check_parameters(read_parameters(source, path.stem), parameters, path.stem)


def _run(job: Job, output: Path, progress: Progress | None) -> RunRecord:
    """Make the report of `job` and bring it out, for one who holds the lock."""
    run_id, folder = new_run(output)
    staged = staging_folder(output) / run_id
    started, clock = _now(), time.monotonic()

    def note(state: str, message: str) -> float:
        seconds = round(time.monotonic() - clock, 1)
        note_status(output, job.slug, state=state, run_id=run_id, seconds=seconds, message=message, finished=_now())
        renew_index(output)
        return seconds

    def on_cell(number: int, total: int) -> None:
        if progress:
            progress.step(f"{job.slug}: cell {number} of {total}")

    try:
        (folder / JOB).touch(mode=0o600)
        (folder / JOB).write_bytes(job.to_json())
        new_staging(output, run_id, slug=job.slug)
        record = attempt(job, folder, staged, on_cell=on_cell)
        before = current_run(output / job.slug)
        manifest = manifest_of(
            job,
            record,
            run_id=run_id,
            started=started,
            ended=_now(),
            seconds=round(time.monotonic() - clock, 1),
            previous_run_id=before.name if before else "",
        )
        (staged / MANIFEST).write_bytes(manifest.to_json())
        if not job.single_file:
            share_plotly(output)
        bring_out(output, job.slug, run_id, staged)
    except (CxgapError, OSError) as error:
        if progress:
            progress.done(f"{job.slug}: failed")
        said, code = public(error), str(getattr(error, "code", type(error).__name__))
        with suppress(OSError):  # a full disk must not hide why the run failed
            (folder / MANIFEST).touch(mode=0o600)
            (folder / MANIFEST).write_bytes(
                Manifest(
                    run_id=run_id,
                    job=job.name,
                    slug=job.slug,
                    status="failed",
                    started=started,
                    ended=_now(),
                    seconds=round(time.monotonic() - clock, 1),
                    parameters=job.parameters,
                    error={"code": code, "message": said},
                ).to_json()
            )
        with suppress(OSError, RunError):
            write_failure(output, job.slug, job=job.name, message=said, run_id=run_id, finished=_now(), code=code)
        with suppress(OSError, RunError):
            note("failed", said)
        reason = redact(paragraph(error))
        stop = "" if reason.endswith((".", "?", "!")) else "."
        text = f"{job.notebook.stem} did not become a page. {reason}{stop} Its notebook and log are in {folder}."
        raise RunError(text) from error
    finally:
        discard(staged)
    try:
        seconds = note("ok", "")
        prune(output)
    except OSError as error:
        raise RunError(f"The page of {job.slug} is in place, and its state could not be noted: {public(error)}.") from error
    try:
        if part := slice_of(job):
            freeze(output, job.slug, part[0], part[1])
    except FreezeError as error:
        if error.kind != CLOSED:
            raise
    if progress:
        progress.done(f"{job.slug}: {record.title} ({seconds} s)")
    return record.placed(output / job.slug / REPORT, run_id, seconds)


def _now() -> str:
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
