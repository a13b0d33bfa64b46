"""Published runs of our own making: a page, its record and its manifest, without a kernel."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell
from report.making import PARAMETERS, executed, study, usual
from report.making import notebook as making_notebook

from cxgap.report.harvest import harvest
from cxgap.report.record import record_run, table_files
from cxgap.report.render import GapReportExporter

RUN = "20260401T000500Z-0badc0de"


def files(
    shows: list[object] | None = None, *, notebook: bytes = b"", parameters: str = PARAMETERS, **changes: Any
) -> dict[str, bytes]:
    """Return the files of a report as an attempt leaves them; `changes` are to its record."""
    made = executed(shows, parameters=parameters)
    shown = harvest(made)
    page = {"report.html": GapReportExporter().from_notebook_node(made)[0].encode()}
    content = table_files(shown.tables) | page
    about = {"name": "05_customer.ipynb", "sha256": hashlib.sha256(notebook).hexdigest()}
    record = json.loads(record_run(shown, content, slug="customer", notebook=about).to_json()) | changes
    return content | {"record.json": json.dumps(record, indent=1).encode()}


def publish(output: Path, content: dict[str, bytes], *, run: str = RUN, parameters: dict[str, Any] | None = None) -> Path:
    """Bring files out as a run does, and return the page."""
    artefacts = [
        {"name": name, "bytes": len(text), "sha256": hashlib.sha256(text).hexdigest()} for name, text in content.items()
    ]
    manifest = {
        "schema": "cxgap.manifest/1",
        "run_id": run,
        "artefacts": artefacts,
        "parameters": parameters or {"study": "sample"},
    }
    for folder, names in ((output / "customer", content), (output / "customer/runs" / run, content)):
        for name, text in names.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(text)
    (output / "customer/runs" / run / "manifest.json").write_text(json.dumps(manifest))
    current = output / "customer/current"
    current.unlink(missing_ok=True)
    current.symlink_to(f"runs/{run}")
    return output / "customer/report.html"


def shifted(by: float, **changes: Any) -> list[object]:
    """Return what a usual notebook shows, with one estimate moved, and a study that changed."""
    shows = usual()
    frame = shows[2].frame.copy()
    frame.loc[3, "estimate"] += by
    return [shows[0], study(**changes), replace(shows[2], frame=frame), *shows[3:]]


def real(path: Path) -> Path:
    """Write a notebook that reads its study and scores one gap."""
    cells = [
        new_markdown_cell("# Gap\n\nIs it there?"),
        new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]}),
        new_code_cell("import cxgap as cx\n\nstudy = cx.read_study(study, where=where, as_of=as_of)\nstudy"),
        new_code_cell("cx.customer_gap(study.responses, by=by, **study.design)"),
    ]
    nbformat.write(making_notebook(cells), path)
    return path
