"""Files that people published: what `inspect` proposes is read once its questions are answered, and has R's numbers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from inspected import KNOWN, door, gaps_of

import cxgap as cx
from cxgap.inspection.inspection import inspect

REFERENCE = Path(__file__).resolve().parents[3] / "shared" / "reference"
pytestmark = pytest.mark.skipif(
    not REFERENCE.exists(), reason="the files may not be copied here and are not beside the project"
)
PARTS = ("weight", "stratum", "psu", "population")
NOT_RATED = {"[responses] expectation": "", "[responses] perception": ""}


def expected(case: str) -> Mapping[str, Any]:
    return json.loads((REFERENCE / case / "expected.json").read_text(encoding="utf-8"))


def keys(text: str) -> set[str]:
    return {line.partition("  #")[0] for line in text.splitlines() if not line.startswith("#")}


@pytest.mark.parametrize(("case", "gap"), [("c01_kiosk_paired", "mean_gap"), ("c26_missing_kiosk", "mean")])
def test_the_kiosk_survey_has_its_gaps(tmp_path: Path, case: str, gap: str) -> None:
    satisfied = {f"[outcomes.overall_satisfaction] {end}": at for end, at in (("low", 1), ("high", 5))}
    found, study = door(REFERENCE / case / "input.csv", tmp_path, {**KNOWN, **satisfied})
    assert set(found.questions) == {line for line in found.questions if line.partition(":")[0] in {*KNOWN, *satisfied}}
    taken = found.columns[found.columns["role"].isin(["expectation", "perception", "adequate", "importance"])]
    assert set(taken["column"]) == {f"sq{item:02}_{rating}" for item in range(1, 25) for rating in ("exp", "per")}
    gaps = gaps_of(study, by="item").set_index("item")
    items = expected(case)["items"]
    assert gaps["estimate"].to_dict() == pytest.approx({item: row[gap] for item, row in items.items()}, abs=1e-9)
    assert len(gaps) == len(items)


def test_a_net_promoter_file_has_its_scores_by_region(tmp_path: Path) -> None:
    found, study = door(REFERENCE / "c17_nps" / "input.csv", tmp_path)
    roles = found.columns.set_index("column")["role"]
    assert (roles["REC"], roles["Region"], roles["date"]) == ("outcome", "segment", "time")
    scores = cx.nps(study.responses, outcome="REC", by="Region").frame.set_index("Region")
    regions = expected("c17_nps")["by_region"]
    assert scores["estimate"].to_dict() == pytest.approx({name: 100 * row["nps"] for name, row in regions.items()}, abs=1e-9)


def test_customers_without_an_id_are_a_table(tmp_path: Path) -> None:
    found, study = door(REFERENCE / "c14_telco_survival" / "input.csv", tmp_path)
    assert {"[tables.customers]", 'id = "row"'} <= keys(found.study_file)
    assert len(study.customers) == 7043
    assert {"churn", "tenure"} <= set(study.customers)
    assert any("churn says whether" in question for question in found.questions)  # not when


@pytest.mark.parametrize(
    ("file", "design"),
    [
        (
            "apistrat.csv",
            {"weight": "pw", "stratum": "stype", "population": "fpc"},
        ),  # 4421 * 100 / 4421 schools: rows were drawn
        (
            "apiclus1.csv",
            {"weight": "pw", "psu": "dnum", "population": "fpc"},
        ),  # 15 of 757 districts, with schools of all types
        ("apiclus2.csv", {"weight": "pw", "psu": "dnum", "population": "fpc1"}),
    ],
)
def test_a_design_is_what_the_rows_bear_out(tmp_path: Path, file: str, design: Mapping[str, str]) -> None:
    found, study = door(REFERENCE / "c07_survey_api" / file, tmp_path, {**KNOWN, **NOT_RATED})
    assert {part: study.design[part] for part in PARTS if study.design.get(part)} == design
    assert found.pairs.empty  # api99 is last year's score and nobody's expectation
    assert ("fpc2" in found.study_file) == (file == "apiclus2.csv")  # a second stage has no place in a study file


@pytest.mark.parametrize("file", ["c13_rsa_motcon/input.csv", "c05_bb1992_efa/input.csv", "c17_nps/mobi.csv"])
def test_what_says_nothing_of_expectations_is_asked(file: str) -> None:
    found = inspect(REFERENCE / file)
    assert found.pairs.empty
    assert {'expectation = "?"', 'perception = "?"'} <= keys(found.study_file)
