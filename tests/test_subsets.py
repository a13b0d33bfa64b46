"""A study with any subset of the company's tables: what can be computed is, the rest says why, and nothing breaks."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pandas as pd
import pytest
from subsets import EDGES, SUBSETS, TABLES, study_of, written

import cxgap as cx
from cxgap.gaps.register import METHODS, score
from cxgap.result import GapTable

PICTURES = {"chain": cx.plot.chain, "tolerance": cx.plot.thermometer}


def every(subsets: list[tuple[str, ...]]) -> list[object]:
    """Mark those that are not among the edges as slow: they take minutes together."""
    return [
        pytest.param(subset, id="+".join(subset) or "survey alone", marks=[] if subset in EDGES else pytest.mark.slow)
        for subset in subsets
    ]


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return written(tmp_path_factory.mktemp("subsets"))


@cache
def gaps_of(folder: Path, tables: tuple[str, ...]) -> dict[str, GapTable]:
    """Score every gap of the study with these tables; the chain, which takes what there is, from few replicates."""
    study = study_of(folder, tables)
    return {slug: cx.gap_chain(study, replicates=19) if slug == "chain" else score(study, slug) for slug in METHODS}


@pytest.mark.parametrize("tables", every(SUBSETS))
def test_what_can_be_computed_is_and_the_rest_says_why(folder, tables):
    for slug, gaps in gaps_of(folder, tables).items():
        lacking = [name for name in METHODS[slug].tables if name not in ("responses", *tables)]
        assert bool(gaps.missing) == bool(lacking), slug
        if lacking:
            assert any(repr(name) in gaps.missing for name in lacking)
        elif slug != "chain":
            pd.testing.assert_frame_equal(gaps.frame, gaps_of(folder, TABLES)[slug].frame)
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
