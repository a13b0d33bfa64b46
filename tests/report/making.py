"""Notebooks of our own making: executed ones without a kernel, and runnable ones that display what they are given."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nbformat
import plotly.graph_objects as go
from gap_tables import JOURNEY, gap_table
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from cxgap.report.harvest import FIGURE_MIME, STUDY_MIME
from cxgap.result import GAPS_MIME, PROSE_MIME, TABLE_MIME, GapTable, Prose, Sentence, Table

PARAMETERS = (
    'study: str = "sample"  # a study file, or the packaged sample\n'
    'where: dict = {}  # restrict, e.g. {"region": "0012"}\n'
    'as_of: str = ""  # leave out what came later, e.g. "2026-03-31"\n'
    'by: str = "touchpoint"  # how to cut the gaps; commas cross columns\n'
    "conf_level: float = 0.95  # two-sided\n"
)

TITLE = "# Customer gap\n\nDo customers get what they expect, touchpoint by touchpoint?"
METHOD = "## How it was measured\n\nEach respondent's answers are averaged first. Intervals are Student's."


def study(**changes: Any) -> dict[str, Any]:
    """Make the record that a study displays."""
    record = {
        "schema": "cxgap.study/1",
        "title": "Northbound Parcel (synthetic)",
        "mission": "",
        "expectation_type": "should",
        "scale": {"low": 1.0, "high": 7.0, "step": 1.0},
        "margin": 0.3,
        "min_n": 10,
        "seed": 20260331,
        "where": {},
        "as_of": "",
        "period": ["2026-03-01", "2026-03-31"],
        "respondents": 1902,
        "touchpoints": 7,
        "rows": {"read": 2400, "left_out": 263, "in": 2137, "used": 1902, "incomplete": 204, "rejected": 31},
        "rejected": {"out_of_scale": 19, "not_a_number": 12},
        "issues": [
            {
                "table": "responses",
                "column": "perception",
                "check": "out_of_scale",
                "severity": "rejected",
                "rows": 19,
                "what": "answers of 99 on a scale of 1 to 7",
                "fix": "Declare 99 as a missing word in study.toml.",
            },
            {
                "table": "responses",
                "column": None,
                "check": "many_missing",
                "severity": "warning",
                "rows": 204,
                "what": "no answer to one of the two questions",
                "fix": "",
            },
        ],
        "tables": [{"table": "responses", "file": "responses.csv", "rows": 2400, "sha256": "4f1c09ab" * 8}],
        "fingerprint": "4f1c09ab" * 8,
        "design": {"weight": "weight"},
        "weighted": True,
    }
    return record | changes


def prose(headline: str = "Receiving a parcel falls short of what customers expect", **changes: Any) -> Prose:
    """Make what is said about `gap_table()`."""
    parts = {
        "lead": (
            Sentence(
                "Customers got less than they expected at 2 of 7 touchpoints, what they expected at 2, and more at 1.",
                strong=("less than they expected at 2 of 7",),
            ),
            Sentence(
                "The largest shortfall is Receive the parcel: 0.8 points (0.6 to 1.0; 412 pairs).", 3, ("Receive the parcel",)
            ),
        ),
        "details": tuple(Sentence(f"{row[0]}: {row[6]}.", i, (row[0],)) for i, row in enumerate(JOURNEY)),
        "limits": (Sentence("18 % of those asked answered; younger customers are under-represented and weighted."),),
    }
    return Prose(headline, **(parts | changes))


def figure(table: GapTable | None = None, **about: Any) -> go.Figure:
    """Make a figure of a gap table, with what a page needs to know of it."""
    table = table or gap_table()
    heads, rows = table.display()
    frame = table.frame.dropna(subset="estimate")
    plot = go.Figure(layout={"template": "none", "height": 60 + 44 * len(table.frame)})
    plot.add_scatter(
        x=frame["estimate"],
        y=[table.labels()[i] for i in frame.index],
        mode="markers",
        error_x={"array": frame["conf_high"] - frame["estimate"]},
    )
    plot.update_layout(
        xaxis={"title": {"text": "gap"}},
        yaxis={"automargin": True, "autorange": "reversed"},
        margin={"l": 8, "r": 8, "t": 40, "b": 40},
        meta={
            "cxgap": {
                "alt": "Seven touchpoints; two lie wholly left of the band.",
                "finding": "Two touchpoints fall short, one exceeds.",
                "note": "Bars are 95 % intervals of the paired gap.",
                "table": {"caption": table.caption, "columns": heads, "rows": rows, "heads": len(table.by)},
                "narrow": {"height": 60 + 60 * len(table.frame)},
            }
            | about
        },
    )
    return plot


def bundle(shown: object) -> dict[str, Any]:
    """Return the output that displays `shown`, in our own types alone."""
    if isinstance(shown, GapTable):
        return {GAPS_MIME: shown.record(), "text/plain": "gaps"}
    if isinstance(shown, Table):
        return {TABLE_MIME: shown.record(), "text/plain": "facts"}
    if isinstance(shown, Prose):
        return {PROSE_MIME: shown.record(), "text/plain": "prose"}
    if isinstance(shown, go.Figure):
        return {FIGURE_MIME: json.loads(shown.to_json())}
    if isinstance(shown, dict) and "fingerprint" in shown:
        return {STUDY_MIME: shown, "text/plain": "study"}
    return shown


def usual() -> list[object]:
    """Return what a whole notebook shows: text as str, everything else as itself."""
    return [TITLE, study(), gap_table(), figure(), prose(), METHOD]


def executed(shows: Sequence[object] | None = None, *, parameters: str = PARAMETERS) -> NotebookNode:
    """Make a notebook as a run leaves it, without a kernel."""
    cells = [new_code_cell(parameters, metadata={"tags": ["parameters"]}, execution_count=1)]
    for shown in usual() if shows is None else shows:
        if isinstance(shown, str):
            cells.append(new_markdown_cell(shown))
        elif isinstance(shown, NotebookNode):
            cells.append(shown)
        else:
            output = new_output("display_data", data=bundle(shown))
            cells.append(new_code_cell("shown", outputs=[output], execution_count=len(cells) + 1))
    return notebook(cells)


def write(path: Path, shows: Sequence[object] | None = None, *, code: Sequence[str] = (), parameters: str = PARAMETERS) -> Path:
    """Write a notebook that, when it runs, displays `shows` and then runs `code`."""
    cells = [new_code_cell(parameters, metadata={"tags": ["parameters"]})] if parameters else []
    for shown in usual() if shows is None else shows:
        if isinstance(shown, str):
            cells.append(new_markdown_cell(shown))
        else:
            cells.append(new_code_cell(f"from IPython.display import display\ndisplay({bundle(shown)!r}, raw=True)"))
    nbformat.write(notebook([*cells, *map(new_code_cell, code)]), path)
    return path


def notebook(cells: list[NotebookNode]) -> NotebookNode:
    """Put cells into a notebook whose kernel no machine has."""
    for i, cell in enumerate(cells):
        cell["id"] = f"cell-{i}"
    kernel = {"name": "no-such-kernel", "display_name": "Python 3", "language": "python"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel})
