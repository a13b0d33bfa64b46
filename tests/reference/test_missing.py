"""A kiosk survey with holes: every number that R and mice gave for it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import cxgap as cx
from cxgap.gaps.missingness import missing_sensitivity, missingness
from cxgap.stats.imputation import rubin

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "reference" / "c26_missing_kiosk"
pytestmark = pytest.mark.skipif(
    not FOLDER.exists(), reason="the kiosk survey may not be copied here and is not beside the project"
)

ITEMS = [f"sq{number:02d}" for number in range(1, 25)]
DIMENSIONS = {
    "usefulness": (1, 2, 3),
    "control": (7, 8),
    "economy": (10, 11, 18),
    "convenience": (13, 14, 15, 16, 17),
    "security": (19, 20, 21),
    "tangibles": (4, 5, 6, 22),
}
OF = {f"sq{number:02d}": name for name, numbers in DIMENSIONS.items() for number in numbers}


@pytest.fixture(scope="module")
def expected() -> dict:
    return json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def responses() -> pd.DataFrame:
    return long(pd.read_csv(FOLDER / "input.csv", dtype={"resp_id": str, "sex": str}))


def long(wide: pd.DataFrame) -> pd.DataFrame:
    """One row an answer, with the conventional dimensions; items of none are not retained."""
    parts = [
        pd.DataFrame(
            {
                "respondent_id": wide["resp_id"],
                "item": item,
                "dimension": OF.get(item),
                "expectation": wide[f"{item}_exp"].astype(float),
                "perception": wide[f"{item}_per"].astype(float),
                "satisfaction": wide.get("overall_satisfaction", np.nan),
            }
        )
        for item in ITEMS
    ]
    return pd.concat(parts, ignore_index=True)


def test_available_pairs_and_missing_answers_of_each_item(responses, expected):
    """R 4.2.2: colSums of is.na, and mean, sd and t.test of P - E where both were given."""
    gaps = cx.customer_gap(responses, by="item").frame.set_index("item")
    missing = missingness(responses).frame.set_index("item")
    for item in ITEMS:
        wanted = expected["items"][item]
        gap, lacks = gaps.loc[item], missing.loc[item]
        assert gap["n"] == wanted["n_pairs"] == round((1 - lacks["missing_pair"]) * 194)
        assert (gap["estimate"], gap["std_dev"]) == pytest.approx((wanted["mean"], wanted["sd"]), rel=1e-12)
        assert gap["estimate"] / gap["std_error"] == pytest.approx(wanted["t"], rel=1e-9)
        assert (lacks["missing_expectation"] * 194, lacks["missing_perception"] * 194) == pytest.approx(
            (wanted["missing_E"], wanted["missing_P"])
        )
        assert gap["servperf"] == pytest.approx(wanted["mean_P_available"], rel=1e-12)
    total = (missing["missing_expectation"] + missing["missing_perception"]).sum() * 194
    assert total == pytest.approx(expected["missing_cells"])
    assert missingness(responses, by="").frame["complete"][0] * 194 == pytest.approx(expected["listwise_n"])


def test_dimensions_by_the_half_rule(responses, expected):
    """R: rowMeans of the pairs there are, where at least half are; the gap of a dimension over those respondents."""
    kept = responses[responses["dimension"].notna()]
    gaps = cx.customer_gap(kept, by="dimension").frame.set_index("dimension")
    for name, wanted in expected["half_rule_dimensions"].items():
        found = gaps.loc[name]
        assert (found["n"], found["estimate"], found["std_dev"]) == pytest.approx(
            (wanted["n"], wanted["mean"], wanted["sd"]), rel=1e-12
        )


def test_complete_respondents_and_all_pairs(responses, expected):
    """R: complete.cases, 11 of them; rowMeans(na.rm = TRUE) of everybody with a pair."""
    rows = missing_sensitivity(responses, score="items", count=2).frame.set_index("method")
    for method, name in (("listwise", "overall_listwise"), ("pairwise", "overall_available")):
        wanted = expected[name]
        found = rows.loc[method]
        assert found["n"] == wanted["n"]
        assert found["estimate"] == pytest.approx(wanted["mean"], rel=1e-12)
        assert found["std_error"] == pytest.approx(wanted["sd"] / wanted["n"] ** 0.5, rel=1e-12)
    assert rows.loc["listwise", "estimate"] == pytest.approx(-1.2575757576, abs=1e-10)


def test_stored_imputations_are_pooled_as_mice_pools_them(expected):
    """R mice 3.15.0: pool.scalar of five completed data sets, n = 194 and k = 1; overall and of every item."""
    stored = pd.read_csv(FOLDER / "imputations_long.csv")
    copies = [copy for _, copy in stored.groupby("imputation")]
    e, p = ([copy[[f"{item}_{side}" for item in ITEMS]].to_numpy(float) for copy in copies] for side in ("exp", "per"))

    def pooled(scores: list[np.ndarray]):
        means = np.array([score.mean() for score in scores])
        return rubin(means, np.array([score.var(ddof=1) / len(score) for score in scores]), df=193)

    cases = [(expected["rubin_overall"], [b.mean(axis=1) - a.mean(axis=1) for a, b in zip(e, p, strict=True)])]
    for place, item in enumerate(ITEMS):
        cases.append((expected["rubin_items"][item], [b[:, place] - a[:, place] for a, b in zip(e, p, strict=True)]))
    for wanted, scores in cases:
        found = pooled(scores)
        names = ("estimate", "within", "between", "total", "df", "increase", "fmi")
        got = [getattr(found, name) for name in names]
        assert got == pytest.approx([wanted[name] for name in ("qbar", "ubar", "b", "t", "df", "r", "fmi")], rel=1e-9)


def test_our_own_imputations_come_nearer_the_truth_than_complete_respondents(responses, expected):
    """The survey before holes were made in it has -1.159364; complete respondents alone say -1.2576, mice -1.1705."""
    rows = missing_sensitivity(responses, score="items", outcome="satisfaction", seed=1).frame.set_index("method")
    truth = expected["true_overall"]
    assert abs(rows.loc["imputed", "estimate"] - truth) < 0.02 < abs(rows.loc["listwise", "estimate"] - truth)
    assert rows.loc["imputed", "std_error"] == pytest.approx(expected["rubin_overall"]["t"] ** 0.5, rel=0.05)
    assert 0 < rows.loc["imputed", "fmi"] < 0.1
    whole = long(pd.read_csv(FOLDER / "complete.csv", dtype={"resp_id": str, "sex": str}))
    (gap,) = cx.customer_gap(whole, by="", score="items").frame.itertuples()
    assert gap.estimate == pytest.approx(truth, rel=1e-12)
