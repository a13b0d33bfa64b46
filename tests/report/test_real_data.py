"""Reports on a published survey have the numbers that R computed for it."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from report.composed import run

from cxgap.report.harvest import harvest
from cxgap.report.record import record_run

ROOT = Path(__file__).resolve().parents[2]
KIOSK = ROOT / "tests" / "reference" / "kiosk.toml"
EXPECTED = ROOT.parent / "shared" / "reference" / "c01_kiosk_paired" / "expected.json"


def record(name: str, **parameters: str) -> dict:
    """Run a notebook in this process: tests of the runs show that a kernel leaves the same."""
    notebook, _ = run(name, study=str(KIOSK), **parameters)
    return json.loads(record_run(harvest(notebook), {}, slug="kiosk", notebook={}).to_json())


@pytest.fixture(scope="module")
def kiosk() -> dict:
    """Reports on the published kiosk survey, and the results that R computed for it."""
    if not EXPECTED.is_file():
        pytest.skip("the reference data lie outside the project and are absent here")
    return {
        "known": json.loads(EXPECTED.read_text(encoding="utf-8")),
        "study": record("00_study"),
        "dimensions": record("05_customer"),
        "items": record("05_customer", score="items"),
    }


def rows_by(report: dict, *by: str) -> list[dict]:
    (table,) = [table for table in report["tables"] if table["by"] == list(by)]
    return [dict(zip(table["columns"], row, strict=True)) for row in table["rows"]]


def assert_as_in_r(row: dict, known: dict) -> None:
    """R 4.2.2, t.test(paired = TRUE) and effectsize 0.8.1; relative 1e-9, p-values 1e-6 on the log scale."""
    low, high = known["ci95"]
    names = {
        "n": "n",
        "start": "mean_E",
        "end": "mean_P",
        "estimate": "mean_gap",
        "std_dev": "sd_gap",
        "std_error": "se_gap",
        "df": "df",
    }
    for ours, theirs in names.items():
        assert row[ours] == pytest.approx(known[theirs], rel=1e-9, abs=1e-12), ours
    assert (row["conf_low"], row["conf_high"]) == pytest.approx((low, high), rel=1e-9)
    assert row["d_z"] == pytest.approx(known["cohen_dz"], rel=1e-9)
    assert row["effect"] == pytest.approx(known["d_av_meansd"] * known["hedges_gz"] / known["cohen_dz"], rel=1e-9)
    assert math.log(row["p_value"]) == pytest.approx(math.log(known["p"]), rel=1e-6, abs=1e-6)


def test_a_report_on_real_data_has_the_numbers_of_r_for_each_item(kiosk):
    rows = rows_by(kiosk["study"], "item", "question")
    assert len(rows) == 24
    for row in rows:
        assert_as_in_r(row, kiosk["known"]["items"][f"sq{row['item']}"])


def test_a_report_on_real_data_has_the_numbers_of_r_for_each_dimension(kiosk):
    rows = rows_by(kiosk["dimensions"], "touchpoint", "dimension")
    assert {row["dimension"] for row in rows} == set(kiosk["known"]["dimensions"])
    for row in rows:
        assert_as_in_r(row, kiosk["known"]["dimensions"][row["dimension"]])


def test_a_report_on_real_data_has_the_numbers_of_r_for_all_together(kiosk):
    """The mean of the retained items, as in R, and the default: the mean of dimension means. The tables say which."""
    (items,) = rows_by(kiosk["items"])
    assert_as_in_r(items, kiosk["known"]["overall"]["retained20"])
    (dimensions,) = rows_by(kiosk["dimensions"])
    assert dimensions["estimate"] == pytest.approx(kiosk["known"]["servqual"]["mean_of_dimension_gaps"], rel=1e-9)
    said = {name: [table["score"] for table in kiosk[name]["tables"] if not table["by"]] for name in ("items", "dimensions")}
    assert said == {"items": ["mean of items"], "dimensions": ["mean of dimension means"]}
