"""A study with any subset of the company's tables: what can be computed is, the rest says why, and nothing breaks."""

from __future__ import annotations

import ast
import json
import re
from itertools import combinations
from pathlib import Path

import pandas as pd
import pytest

import cxgap as cx
from cxgap.gaps.register import METHODS, score
from cxgap.result import GapTable, Table

ROOT = Path(__file__).resolve().parents[1]
TABLES = ("touchpoints", "managers", "employees", "standards", "events")
SUBSETS = [subset for size in range(len(TABLES) + 1) for subset in combinations(TABLES, size)]
# None, all, and all but the one on which most gaps rest.
EDGES = [(), TABLES, tuple(name for name in TABLES if name != "standards")]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
PICTURES = {"chain": cx.plot.chain, "tolerance": cx.plot.thermometer}


def every(subsets: list[tuple[str, ...]]) -> list[object]:
    """Mark those that are not among the edges as slow: they take minutes together."""
    return [
        pytest.param(subset, id="+".join(subset) or "survey alone", marks=[] if subset in EDGES else pytest.mark.slow)
        for subset in subsets
    ]


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("subsets")
    cx.simulate_study(160, seed=11).write(folder, format="parquet")
    return folder


def study_of(folder: Path, tables: tuple[str, ...]) -> object:
    """Read the study with these tables alone; its metrics stay declared, whether or not their tables are there."""
    text = (ROOT / "data" / "sample" / "study.toml").read_text(encoding="utf-8").replace('.csv"', '.parquet"')
    start = text.index("[tables]")
    kept = [
        line for line in text[start:].splitlines() if not re.match(r"\w+ = \".*parquet\"", line) or line.split()[0] in tables
    ]
    path = folder / f"{'-'.join(tables) or 'alone'}.toml"
    path.write_text(text[:start] + "\n".join(kept) + "\n", encoding="utf-8")
    return cx.read_study(path)


@pytest.fixture(scope="module")
def whole(folder) -> dict[str, GapTable]:
    study = study_of(folder, TABLES)
    return {slug: score(study, slug) for slug in METHODS if slug != "chain"}


@pytest.mark.parametrize("tables", every(SUBSETS))
def test_what_can_be_computed_is_and_the_rest_says_why(folder, whole, tables):
    study = study_of(folder, tables)
    for slug in METHODS:
        gaps = cx.gap_chain(study, replicates=19) if slug == "chain" else score(study, slug)
        lacking = [name for name in METHODS[slug].tables if name not in ("responses", *tables)]
        assert bool(gaps.missing) == bool(lacking), slug
        if lacking:
            assert any(repr(name) in gaps.missing for name in lacking)
        elif slug in whole:
            pd.testing.assert_frame_equal(gaps.frame, whole[slug].frame)
        figure = PICTURES.get(slug, cx.plot.forest)(gaps)
        assert figure.layout.meta["cxgap"]["alt"]
        assert repr(cx.describe(gaps))


@pytest.mark.parametrize("tables", every(SUBSETS))
def test_every_cell_of_the_scorecard_has_a_number_or_a_reason(folder, tables):
    study = study_of(folder, tables)
    card, coverage = cx.scorecard(study), cx.study_coverage(study)
    assert all(cell.strip() and not cell.endswith(": ") for row in card.cells for cell in row)
    empty = card.frame[card.frame["estimate"].isna()]
    assert (empty["why"].str.len() > 0).all()
    for slug, said in zip(
        ["company", "knowledge", "standards", "delivery", "communication", "customer"], coverage.frame.itertuples(), strict=True
    ):
        lacking = [name for name in METHODS[slug].tables if name not in ("responses", *tables)]
        assert (said.computed == "no") == bool(lacking)
        assert all(repr(name) in said.why for name in lacking[:1])


@pytest.mark.parametrize("basis", ["physical", "attainment"])
@pytest.mark.parametrize("tables", every(SUBSETS))
def test_a_chain_of_a_metric_takes_what_there_is(folder, tables, basis):
    gaps = cx.gap_chain(study_of(folder, tables), basis=basis, replicates=19)
    if "events" not in tables and basis == "attainment":
        assert "'events'" in gaps.missing
        return
    said = " ".join([gaps.missing, *gaps.frame.get("why", pd.Series(dtype=str))])
    for table, node in ("managers", "believed"), ("standards", "standard"), ("events", "delivered"):
        assert table in tables or f"{node}: the study has no table {table!r}" in said


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
@pytest.mark.parametrize("tables", [pytest.param((), id="survey alone"), pytest.param(TABLES, id="all tables")])
def test_every_notebook_runs_and_shows_what_a_page_can_hold(folder, notebook, tables):
    study_of(folder, tables)
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
