"""Every notebook on a study of the survey alone and on one with every table: it runs, and shows what a page can hold."""

from __future__ import annotations

import ast
import inspect
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from subsets import ROOT, TABLES, declared, study_of, written

import cxgap as cx
from cxgap.result import GapTable, Table

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
# Each notebook is run every day on the study that takes the shorter way through it; the other studies are slow, and so is the
# analyst's, which is long and calls nothing that those do not.
ALONE = {"00_study", "02_standards", "06_chain", "09_scorecard", "10_quality", "11_validity", "90_executive"}
WHOLE = {path.stem for path in NOTEBOOKS} - ALONE - {"91_analyst"} | {"00_study", "06_chain"}
EVERY = [
    pytest.param(notebook, tables, id=f"{name}-{notebook.stem}", marks=[] if notebook.stem in daily else pytest.mark.slow)
    for name, tables, daily in (("survey alone", (), ALONE), ("all tables", TABLES, WHOLE))
    for notebook in NOTEBOOKS
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return written(tmp_path_factory.mktemp("subsets"))


@pytest.fixture(scope="module")
def quick(folder) -> Iterator[None]:
    """Studies are read once, and little is drawn at random: what is shown is judged here, not where an interval ends."""
    studies = {str(declared(folder, tables)): study_of(folder, tables) for tables in ((), TABLES)}

    def read(study: str, *, where: dict, as_of: str) -> object:
        assert (where, as_of) == ({}, "")
        return studies[study]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cx, "read_study", read)
        for function in (cx.gap_chain, cx.gap_validity, cx.reliability, cx.response_surface):
            patch.setitem(inspect.unwrap(function).__kwdefaults__, "replicates", 99)
        patch.setitem(inspect.unwrap(cx.missing_sensitivity).__kwdefaults__, "count", 4)
        yield


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(("notebook", "tables"), EVERY)
def test_every_notebook_runs_and_shows_what_a_page_can_hold(folder, notebook, tables):
    names: dict[str, object] = {}
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] != "code":
            continue
        tree = ast.parse("".join(cell["source"]))
        *body, last = tree.body
        exec(compile(ast.Module([*body, *([] if isinstance(last, ast.Expr) else [last])], []), notebook.name, "exec"), names)
        if cell["metadata"].get("tags") == ["parameters"]:
            names["study"] = str(folder / f"{'-'.join(tables) or 'alone'}.toml")
        elif isinstance(last, ast.Expr):
            shown = eval(compile(ast.Expression(last.value), notebook.name, "eval"), names)
            assert hasattr(shown, "layout") or shown._repr_mimebundle_()["text/html"]
            assert not isinstance(shown, GapTable | Table) or shown.missing or len(shown.frame)
