"""One report from start to end: check what was asked, run the notebook, write the page, bring it out.

Until the very last step the page that was there stays as it was.
"""

from __future__ import annotations

import hashlib
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
from cxgap.report.harvest import UnfinishedError, code_cells, harvest
from cxgap.report.index import note_status, renew_index
from cxgap.report.kernel import EXECUTED, execute
from cxgap.report.notebooks import find_notebook, read_notebook
from cxgap.report.parameters import check_parameters, read_parameters
from cxgap.report.publish import REPORT, locked, new_run, publish, remove_others
from cxgap.report.record import RECORD, TABLES, RunRecord, record_run, table_files
from cxgap.report.script import ASSETS, plotly_text, shared_name
from cxgap.report.wording import cell_words, paragraph

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
    RunError : the notebook failed, or its page is not fit to show; the page that was there stays.
    """
    path, source, given = check_run(notebook, {**(parameters or {}), **more_parameters})
    output, called = Path(output), slug(name or path.stem)
    watch = _Watch(called, source, progress)
    run_id, folder = new_run(output)
    run: dict[str, object] = {"run_id": run_id, "started": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"}
    clock = time.monotonic()
    try:
        executed = _execute(path, folder, given, timeout, watch)
        page = _page(executed, "embed" if single_file else "shared")
        run["notebook"] = {"name": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
        run["seconds"] = round(time.monotonic() - clock, 1)
        record = _bring_out(executed, page, output, called, single_file, run)
    except (CxgapError, OSError) as error:
        watch.done("failed")
        state = {"state": "failed", "run_id": run_id, "seconds": round(time.monotonic() - clock, 1), "message": _public(error)}
        with suppress(OSError), locked(output):  # a full disk must not hide why the run failed
            _note(output, called, state)
        reason = paragraph(error)
        stop = "" if reason.endswith((".", "?", "!")) else "."
        text = f"{path.stem} did not become a page. {reason}{stop} Its notebook and log are in {folder}."
        raise RunError(text) from error
    watch.done(f"{record.title} ({record.seconds} s)")
    return record


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


class _Watch:
    """Follow a run cell by cell, for the progress line and to say where it stopped."""

    def __init__(self, name: str, notebook: NotebookNode, progress: Progress | None) -> None:
        self.at = "The start of the kernel"
        self._name = name
        self._progress = progress
        self._number = 0
        self._total = sum(1 for _ in code_cells(notebook))

    def __call__(self, cell: NotebookNode, cell_index: int) -> None:
        if cell.cell_type == "code" and "injected-parameters" not in cell.metadata.get("tags", []):
            self._number += 1
            self.at = cell_words(self._number, cell.source)
            if self._progress:
                self._progress.step(f"{self._name}: cell {self._number} of {self._total}")

    def done(self, text: str) -> None:
        """Leave one line."""
        if self._progress:
            self._progress.done(f"{self._name}: {text}")


def _execute(path: Path, folder: Path, given: Mapping[str, object], timeout: int, watch: _Watch) -> NotebookNode:
    """Run the notebook and read back what it left; RunError if the run broke off without a trace in it."""
    trouble = execute(path, folder, given, timeout=timeout, on_cell=watch)
    if trouble:
        raise UnfinishedError(f"{watch.at} {trouble}.")
    return read_notebook(folder / EXECUTED)


def _page(executed: NotebookNode, form: str) -> bytes:
    from cxgap.report.render import GapReportExporter

    page, _ = GapReportExporter(plotly_js=form).from_notebook_node(executed)
    return page.encode()


def _bring_out(
    executed: NotebookNode, page: bytes, output: Path, called: str, single_file: bool, run: Mapping[str, object]
) -> RunRecord:
    """Publish the page with its tables and its record, the page last, and say so in the status and the index."""
    shown = harvest(executed)
    tables = table_files(shown.tables)
    record = record_run(shown, tables | {REPORT: page}, page=output / called / REPORT, slug=called, **run)
    files = tables | {RECORD: record.to_json(), REPORT: page}
    with locked(output):
        if not single_file:
            _share_plotly(output)
        publish(output, {f"{called}/{name}": content for name, content in files.items()})
        remove_others(output / called / TABLES, {Path(name).name for name in tables})
        state = {"state": "ok", "run_id": record.run_id, "seconds": record.seconds, "message": record.title}
        _note(output, called, state)
    return record


def _share_plotly(output: Path) -> None:
    """Put plotly.js beside the reports, unless it lies there whole."""
    place, content = output / ASSETS / shared_name(), plotly_text().encode()
    if not (place.is_file() and place.read_bytes() == content):
        publish(output, {f"{ASSETS}/{shared_name()}": content})


def _note(output: Path, called: str, state: Mapping[str, object]) -> None:
    note_status(output, called, finished=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}", **state)
    renew_index(output)


def _public(error: CxgapError | OSError) -> str:
    """Say what went wrong without a path or a value that came from the data."""
    if isinstance(error, UnfinishedError):
        return error.public
    return paragraph(error) if isinstance(error, CxgapError) else error.strerror or type(error).__name__
