"""What the scripts copy, and a study for them."""

from __future__ import annotations

from pathlib import Path

from report.making import executed

from cxgap.report.harvest import harvest
from cxgap.report.publish import REPORT
from cxgap.report.record import RECORD, record_run, table_files
from cxgap.report.render import GapReportExporter


def write_template(folder: Path) -> Path:
    """Write the artefacts of a good report, for the script to copy."""
    notebook = executed()
    page, _ = GapReportExporter(plotly_js="shared").from_notebook_node(notebook)
    shown = harvest(notebook)
    files = table_files(shown.tables) | {REPORT: page.encode()}
    record = record_run(shown, files, slug="SLUG", notebook={"name": "05_customer.ipynb", "sha256": "0" * 64})
    for name, content in (files | {RECORD: record.to_json()}).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def write_study(folder: Path) -> Path:
    """Write a study that can be hashed, which is all that a supervisor does with it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "responses.csv").write_text("respondent_id,touchpoint,expectation,perception\nr1,Pay,6,5\n")
    place = folder / "study.toml"
    place.write_text(
        '[study]\ntitle = "Tiny"\nexpectation_type = "should"\n[scale]\nlow = 1\nhigh = 7\n'
        '[responses]\nfile = "responses.csv"\nlayout = "long"\n'
    )
    return place
