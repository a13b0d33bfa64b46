"""One slug everywhere, and notebooks that stay thin: the rules of the house, held by a machine."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

from cxgap.vocabulary import GAPS

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
SCORED = [path.stem for path in (ROOT / "cxgap" / "gaps").glob("*.py") if path.stem in GAPS]


def cells(path: Path) -> list[dict]:
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


def source(cell: dict) -> str:
    return "".join(cell["source"])


def code(path: Path) -> list[dict]:
    return [cell for cell in cells(path) if cell["cell_type"] == "code"]


@pytest.mark.parametrize("slug", SCORED)
def test_one_slug_names_module_test_notebook_and_method_page(slug):
    assert (ROOT / "tests" / "gaps" / f"test_{slug}.py").is_file()
    assert list((ROOT / "notebooks").glob(f"[0-9][0-9]_{slug}.ipynb"))
    assert (ROOT / "docs" / "method" / f"{slug}.md").is_file()
    from cxgap.cli.studies import score

    assert slug in next(option for option in score.params if option.name == "gap").type.choices


def test_the_customer_gap_is_scored():
    assert "customer" in SCORED


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_valid_holds_no_outputs_and_has_stable_ids(path):
    import nbformat

    nbformat.validate(nbformat.read(path, as_version=4))
    assert [cell["id"] for cell in cells(path)] == [f"cell-{number:02d}" for number in range(1, len(cells(path)) + 1)]
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code(path))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_has_one_title_first_and_headings_in_order(path):
    headings = [
        line
        for cell in cells(path)
        if cell["cell_type"] == "markdown"
        for line in source(cell).splitlines()
        if line.startswith("#")
    ]
    assert source(cells(path)[0]).startswith("# ")
    assert [line.split()[0] for line in headings] == ["#", *["##"] * (len(headings) - 1)]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_has_one_parameters_cell_with_types_defaults_and_comments(path):
    (found,) = [cell for cell in code(path) if "parameters" in cell["metadata"].get("tags", [])]
    assert found == code(path)[0]
    lines = source(found).splitlines()
    names = [node.target.id for node in ast.parse(source(found)).body if isinstance(node, ast.AnnAssign) and node.value]
    assert len(names) == len(lines)
    assert names[:3] == ["study", "where", "as_of"]
    assert all("  # " in line and "|" not in line.split("#")[0] for line in lines)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_thin(path):
    forbidden = (ast.FunctionDef, ast.ClassDef, ast.For, ast.While, ast.If, ast.Try, ast.With, ast.Lambda)
    composed = path.stem.startswith("9")  # shows what several others compute: longer, and as thin
    assert len(code(path)) <= (130 if composed else 12)
    for cell in code(path)[1:]:
        tree = ast.parse(source(cell))
        assert len(source(cell).splitlines()) <= 5
        assert not any(isinstance(node, forbidden) for node in ast.walk(tree))
        imports = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
        assert imports in ([], ["cxgap"])
    assert source(code(path)[1]).splitlines()[-1] == "study"


def test_no_source_hands_data_to_a_display_class_or_switches_escaping_off():
    """The classes of IPython.display fetch a text that begins with http and read one that names a file."""
    banned = (
        "HTML(",
        "Markdown(",
        "Latex(",
        "Math(",
        "Javascript(",
        "SVG(",
        "escape=False",
        "render_links",
        "hyperlinks=",
        "set_tooltips",
    )
    for path in (ROOT / "cxgap").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert not [word for word in banned if f" {word}" in text or f".{word}" in text], path.name
