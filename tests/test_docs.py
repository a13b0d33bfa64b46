"""What the documentation says of itself holds: links lead somewhere, names exist, and examples give what they show."""

from __future__ import annotations

import ast
import doctest
import importlib
import json
import re
from pathlib import Path

import pytest

import cxgap as cx

ROOT = Path(__file__).resolve().parents[1]
PAGES = [
    *(ROOT / name for name in ("README.md", "CHANGELOG.md", "SECURITY.md", "benchmarks/README.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]
LINK = re.compile(r"\]\(([^)\s]+)\)")
FENCED = re.compile(r"^```(\w*)\n(.*?)^```", re.M | re.S)
CALLED = re.compile(r"\bcx\.([a-z_]\w*(?:\.[a-z_]\w*)*)")


def anchors(page: Path) -> set[str]:
    """Return the places in a page that a link can name, made of its headings as GitHub makes them."""
    found = re.findall(r"^#+ (.*)$", FENCED.sub("", page.read_text(encoding="utf-8")), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-") for heading in found}


def lost(text: str, folder: Path, page: Path) -> list[str]:
    """Return the links of a text that lead nowhere."""
    found = []
    for link in LINK.findall(re.sub(r"`[^`]*`", "", FENCED.sub("", text))):
        path, _, place = link.partition("#")
        if re.match(r"https?:|mailto:", link):
            continue
        target = folder / path if path else page
        if not target.exists() or (place and target.suffix == ".md" and place not in anchors(target)):
            found.append(link)
    return found


def unknown(text: str) -> list[str]:
    """Return the names of the package that a text uses and that do not exist."""
    found = []
    for name in CALLED.findall(text):
        here: object = cx
        for part in name.split("."):
            here = getattr(here, part, None)
            if here is None:
                found.append(name)
                break
            if callable(here):
                break  # what hangs on what a function returns is not looked at
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere_and_names_exist(page):
    text = page.read_text(encoding="utf-8")
    assert lost(text, page.parent, page) == []
    assert unknown(text) == []
    for kind, block in FENCED.findall(text):
        if kind == "python":
            ast.parse(block)


def test_links_of_notebooks_lead_somewhere():
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        assert lost("\n\n".join("".join(cell["source"]) for cell in cells), path.parent, path) == [], path.name


def test_functions_in_the_tables_of_the_readme_are_public():
    rows = [line for line in (ROOT / "README.md").read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    named = [name for row in rows for name in re.findall(r"`([a-z_]+)`", row.split("|")[1])]
    assert len(named) > 60
    assert [name for name in named if not hasattr(cx, name)] == []


def test_the_checks_can_fail():
    assert lost("[a](nowhere.md) [b](README.md#nowhere) [c](#licence)", ROOT, ROOT / "README.md") == [
        "nowhere.md",
        "README.md#nowhere",
    ]
    assert unknown("cx.customer_gap(x).frame, cx.nothing(), cx.plot.nothing") == ["nothing", "plot.nothing"]


def test_examples_of_docstrings_give_what_they_show():
    modules = [
        path for path in (ROOT / "cxgap").rglob("*.py") if re.search(r"^\s+>>> ", path.read_text(encoding="utf-8"), re.M)
    ]
    assert len(modules) >= 3
    for path in modules:
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        result = doctest.testmod(importlib.import_module(name))
        assert result.attempted > 0
        assert result.failed == 0, name
