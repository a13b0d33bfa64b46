"""One attempt at a job: run the notebook, prove that it ran, and write its artefacts into a folder that nobody reads yet."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from cxgap.report.fleet.redact import clean
from cxgap.report.harvest import UnfinishedError, code_cells, harvest
from cxgap.report.job import Job
from cxgap.report.kernel import EXECUTED, LOG, execute
from cxgap.report.notebooks import read_notebook
from cxgap.report.publish import REPORT
from cxgap.report.record import RECORD, RunRecord, record_run, table_files
from cxgap.report.wording import cell_words

if TYPE_CHECKING:
    from nbformat import NotebookNode


def attempt(job: Job, folder: Path, staged: Path, *, on_cell: Callable[[int, int], None] | None = None) -> RunRecord:
    """Make the report of `job` in this process, and publish nothing.

    Parameters
    ----------
    job : what to make
    folder : the run's private folder, for the executed notebook and the log
    staged : an empty folder on the disk of the reports, for the page, its record and its tables
    on_cell : called before each code cell with its number and how many there are

    Returns
    -------
    RunRecord, as it was written

    Raises
    ------
    RunError : the notebook failed, or its page is not fit to show.
    """
    watch = Watch(read_notebook(job.notebook), on_cell)
    limits = job.limits
    trouble = execute(job.notebook, folder, job.parameters, timeout=limits.cell, on_cell=watch, start=limits.start)
    for name in (EXECUTED, LOG):
        clean(folder / name)
    if trouble:
        raise UnfinishedError(f"{watch.at} {trouble.words}.", code=trouble.code)
    executed = read_notebook(folder / EXECUTED)
    page = _page(executed, "embed" if job.single_file else "shared")
    shown = harvest(executed)
    files = table_files(shown.tables) | {REPORT: page}
    notebook = {"name": job.notebook.name, "sha256": hashlib.sha256(job.notebook.read_bytes()).hexdigest()}
    record = record_run(shown, files, slug=job.slug, notebook=notebook)
    for name, content in (files | {RECORD: record.to_json()}).items():
        (staged / name).parent.mkdir(exist_ok=True)
        (staged / name).write_bytes(content)
    return record


class Watch:
    """Follow a run cell by cell, for those who watch it and to say where it stopped."""

    def __init__(self, notebook: NotebookNode, on_cell: Callable[[int, int], None] | None) -> None:
        self.at = "The start of the kernel"
        self._tell = on_cell
        self._number = 0
        self._total = sum(1 for _ in code_cells(notebook))

    def __call__(self, cell: NotebookNode, cell_index: int) -> None:
        """Note that a cell is about to run."""
        if cell.cell_type == "code" and "injected-parameters" not in cell.metadata.get("tags", []):
            self._number += 1
            self.at = cell_words(self._number, cell.source)
            if self._tell:
                self._tell(self._number, self._total)


def _page(executed: NotebookNode, form: str) -> bytes:
    from cxgap.report.render import GapReportExporter

    page, _ = GapReportExporter(plotly_js=form).from_notebook_node(executed)
    return page.encode()
