"""A composed notebook run in this process, cell by cell, as a kernel would leave it: what it shows, and what it names."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_output

from cxgap.report.harvest import FIGURE_MIME
from cxgap.result.evidence import Evidence

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"


def run(name: str, *, last: int | None = None, **parameters: object) -> tuple[NotebookNode, dict[str, Any]]:
    """Run a notebook of ours, up to its code cell number `last`; return it with its outputs, and its names."""
    notebook = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)
    names: dict[str, Any] = {}
    for number, cell in enumerate([cell for cell in notebook.cells if cell.cell_type == "code"][:last], start=1):
        *body, end = ast.parse(cell.source).body
        shows = isinstance(end, ast.Expr)
        exec(compile(ast.Module(body if shows else [*body, end], []), name, "exec"), names)
        if cell.metadata.get("tags") == ["parameters"]:
            names |= parameters
        elif shows:
            shown = eval(compile(ast.Expression(end.value), name, "eval"), names)
            cell.outputs = [new_output("display_data", data=bundle) for bundle in _bundles(shown)]
        cell.execution_count = number
    return notebook, names


def _bundles(shown: Any) -> Iterator[dict[str, Any]]:
    if isinstance(shown, Evidence):
        for table in shown.tables:
            yield from _bundles(table)
    elif hasattr(shown, "layout"):
        yield {FIGURE_MIME: json.loads(shown.to_json())}
    else:
        yield json.loads(json.dumps(shown._repr_mimebundle_()))
