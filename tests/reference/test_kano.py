"""Twenty-nine pairs of questions of a kiosk survey, scored by two other implementations (Python and R); the same here."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

import cxgap as cx
from cxgap.stats.kano import CATEGORIES

CASE = Path(__file__).resolve().parents[3] / "shared" / "reference" / "c18_kano_kiosk"
pytestmark = pytest.mark.skipif(not CASE.exists(), reason="the other implementations' numbers are not beside the project")


@pytest.fixture(scope="module")
def found() -> pd.DataFrame:
    wide = pd.read_csv(CASE / "input.csv")
    names = [f"kano{number:02d}" for number in range(1, 30)]
    parts = [
        pd.DataFrame(
            {
                "respondent_id": wide["resp_id"],
                "item": name,
                "functional": wide[f"{name}_fun"],
                "dysfunctional": wide[f"{name}_dys"],
            }
        )
        for name in names
    ]
    return cx.kano(pd.concat(parts), by="item", coded=(1, 2, 3, 4, 5)).frame.set_index("item")


def test_every_item_is_scored_as_by_the_others(found):
    expected = {
        key: row for key, row in json.loads((CASE / "expected.json").read_text(encoding="utf-8")).items() if key in found.index
    }
    assert len(expected) == len(found) == 29
    for name, want in expected.items():
        row = found.loc[name]
        assert {letter: row[letter] for letter in CATEGORIES} == want["counts"]
        assert row["category"] == want["category_first_by_order_M_O_A_I"]
        numbers = ("better_CS", "worse_DS", "total_strength", "category_strength", "fong_diff", "fong_threshold")
        ours = ("better", "worse", "total_strength", "strength", "fong_difference", "fong_threshold")
        assert [row[name] for name in ours] == pytest.approx([want[name] for name in numbers], abs=1e-12)
        assert (row["fong"] in CATEGORIES) == want["fong_significant"]
        assert row["better_low"] < row["better"] < row["better_high"]


def test_a_kind_is_named_less_often_than_by_the_rule_of_thumb(found):
    """22 of 29 are apart by Fong's rule, at 90 %; fewer where the interval must be of 95 %, and never one that is not."""
    settled, apart = found["kind"] != "mixed", found["fong"].isin(CATEGORIES)
    assert apart.sum() == 22
    assert settled.sum() == 14
    assert apart[settled].all()
