"""A published survey of kiosks, scored by R 4.2.2 (script and output in the reference), scored here the same.

Tolerances are those of the reference: 1e-9 of the value, and 1e-6 on the scale of logarithms for p-values.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import ENGINES
from scipy.stats import ttest_rel

import cxgap as cx

HERE = Path(__file__).resolve().parent
REFERENCE = HERE.parents[2] / "shared" / "reference"
CASE, HOLES = REFERENCE / "c01_kiosk_paired", REFERENCE / "c26_missing_kiosk"
pytestmark = pytest.mark.skipif(not CASE.exists(), reason="the survey may not be copied here and is not beside the project")

DIMENSIONS = {
    "usefulness": (1, 2, 3),
    "tangibles": (4, 5, 6, 22),
    "control": (7, 8),
    "economy": (10, 11, 18),
    "convenience": (13, 14, 15, 16, 17),
    "security": (19, 20, 21),
}


@pytest.fixture(scope="module")
def study() -> object:
    return cx.read_study(HERE / "kiosk.toml")


@pytest.fixture(scope="module")
def kiosk(study) -> pd.DataFrame:
    return study.responses[["respondent_id", "item", "dimension", "retained", "expectation", "perception", "importance"]]


@pytest.fixture(scope="module")
def expected() -> dict:
    return json.loads((CASE / "expected.json").read_text(encoding="utf-8"))


def one(frame: object, **options: object) -> pd.Series:
    return cx.customer_gap(frame, by="", **options).frame.iloc[0]


def agrees(row: pd.Series, wanted: dict) -> None:
    """Compare a row with what R says of t.test(p, e, paired = TRUE) and of its effects."""
    names = {"n": "n", "start": "mean_E", "end": "mean_P", "estimate": "mean_gap", "std_error": "se_gap"}
    names |= {"std_dev": "sd_gap", "df": "df", "d_z": "cohen_dz"}
    for ours, theirs in names.items():
        assert row[ours] == pytest.approx(wanted[theirs], rel=1e-9), ours
    assert (row["conf_low"], row["conf_high"]) == pytest.approx(tuple(wanted["ci95"]), rel=1e-9)
    assert np.log(row["p_value"]) == pytest.approx(np.log(wanted["p"]), rel=1e-6, abs=1e-9)
    factor = wanted["hedges_gz"] / wanted["cohen_dz"]
    assert row["effect"] == pytest.approx(wanted["d_av_meansd"] * factor, rel=1e-9)
    signs = [row[name] * row["n"] for name in ("share_below", "share_equal", "share_above")]
    assert signs == pytest.approx([wanted["n_neg"], wanted["n_zero"], wanted["n_pos"]])


@pytest.mark.parametrize("engine", ENGINES)
def test_every_item_is_that_of_r(engine, kiosk, expected):
    gaps = cx.customer_gap(ENGINES[engine](kiosk), by="item")
    assert gaps.labels() == [name.removeprefix("sq") for name in expected["items"]]
    for (_, row), wanted in zip(gaps.frame.iterrows(), expected["items"].values(), strict=True):
        agrees(row, wanted)
    logs = np.log(gaps.frame["p_adjusted"].to_numpy())
    assert logs == pytest.approx(np.log(expected["p_adjust"]["bh"]), rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("engine", ENGINES)
def test_every_dimension_is_that_of_r(engine, kiosk, expected):
    gaps = cx.customer_gap(ENGINES[engine](kiosk), by="dimension")
    assert set(gaps.labels()) == set(DIMENSIONS)
    for label, row in zip(gaps.labels(), gaps.frame.to_dict("records"), strict=True):
        agrees(pd.Series(row), expected["dimensions"][label])


def test_dimensions_declared_beforehand_are_adjusted_by_holm(study, expected):
    """R 4.2.2: p.adjust(p, "holm") of the six p-values, by arithmetic: the smallest times six, and so on."""
    gaps = cx.customer_gap(study.responses, by="dimension", **study.design)
    assert gaps.adjustment == "Holm, declared beforehand"
    p = np.array([expected["dimensions"][label]["p"] for label in gaps.labels()])
    order = np.argsort(p)
    holm = np.empty(6)
    holm[order] = np.minimum(1, np.maximum.accumulate(p[order] * np.arange(6, 0, -1)))
    assert np.log(gaps.frame["p_adjusted"].to_numpy()) == pytest.approx(np.log(holm), rel=1e-6, abs=1e-9)
    assert dict(zip(gaps.labels(), gaps.frame["verdict"], strict=True)) == dict.fromkeys(DIMENSIONS, "short") | {
        "tangibles": "met"
    }


def test_holm_over_items_is_that_of_r(kiosk, expected):
    """R 4.2.2: p.adjust(p, "holm") over 24 items; declared in three parts here, so by the function itself."""
    from cxgap.stats.multiplicity import benjamini_hochberg, holm

    p = np.array(expected["p_adjust"]["p"])
    assert np.log(holm(p)) == pytest.approx(np.log(expected["p_adjust"]["holm"]), rel=1e-9, abs=1e-12)
    assert np.log(benjamini_hochberg(p)) == pytest.approx(np.log(expected["p_adjust"]["bh"]), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("engine", ENGINES)
def test_items_averaged_at_once_are_those_of_r(engine, kiosk, expected):
    agrees(one(ENGINES[engine](kiosk), score="items"), expected["overall"]["retained20"])
    agrees(one(ENGINES[engine](kiosk.drop(columns="retained")), score="items"), expected["overall"]["all24"])


@pytest.mark.parametrize("engine", ENGINES)
def test_the_mean_of_dimension_means_is_that_of_r(engine, kiosk, expected):
    """Methods 2.2: not the mean of items."""
    row = one(ENGINES[engine](kiosk))
    assert row["estimate"] == pytest.approx(expected["servqual"]["mean_of_dimension_gaps"], rel=1e-12)
    assert row["estimate"] == pytest.approx(-1.12840778923253, rel=1e-12)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("score", ["dimensions", "items"])
def test_the_gap_weighted_by_rated_importance_is_that_of_r(engine, score, kiosk, expected):
    """R 4.2.2: t.test(rowSums(G * W) / rowSums(W)), all 24 items, whatever the plain score is made of."""
    wanted = expected["servqual"]["importance_weighted_gap"]
    row = one(ENGINES[engine](kiosk.drop(columns="retained")), score=score, importance="importance", importance_kind="rating")
    assert row["importance_gap"] == pytest.approx(wanted["mean"], rel=1e-12)
    assert row["importance_gap"] == pytest.approx(-1.29897794841841, rel=1e-12)
    assert (row["importance_gap_low"], row["importance_gap_high"]) == pytest.approx(tuple(wanted["ci95"]), rel=1e-9)
    assert row["importance_gap_n"] == 194


def test_every_level_is_scipys_paired_t(kiosk):
    """scipy.stats.ttest_rel of the respondents' means, by dimension."""
    frame = cx.customer_gap(kiosk, by="dimension").frame.set_index("dimension")
    kept = kiosk[kiosk["retained"]]
    means = kept.groupby(["dimension", "respondent_id"], observed=True)[["expectation", "perception"]].mean()
    for dimension, rows in means.groupby(level=0, observed=True):
        test = ttest_rel(rows["perception"], rows["expectation"])
        row = frame.loc[dimension]
        assert np.log(row["p_value"]) == pytest.approx(np.log(test.pvalue), rel=1e-9)
        assert (row["conf_low"], row["conf_high"]) == pytest.approx(tuple(test.confidence_interval(0.95)), rel=1e-9, abs=1e-12)


# The same survey with seeded holes


@pytest.fixture(scope="module")
def holes() -> tuple[pd.DataFrame, dict]:
    with (HOLES / "input.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    dimension = {item: name for name, items in DIMENSIONS.items() for item in items}
    answers = [
        {
            "respondent_id": row["resp_id"],
            "item": f"sq{item:02d}",
            "dimension": dimension.get(item),
            "expectation": float(row[f"sq{item:02d}_exp"] or "nan"),
            "perception": float(row[f"sq{item:02d}_per"] or "nan"),
        }
        for row in rows
        for item in range(1, 25)
    ]
    return pd.DataFrame(answers), json.loads((HOLES / "expected.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("engine", ENGINES)
def test_items_with_holes_use_the_available_pairs(engine, holes):
    """R 4.2.2: means of G[k] where both ratings are there; never the difference of two unpaired means."""
    frame, expected = holes
    gaps = cx.customer_gap(ENGINES[engine](frame), by="item").frame.set_index("item")
    for item, wanted in expected["items"].items():
        row = gaps.loc[item]
        assert (row["n"], row["pairs"]) == (wanted["n_pairs"], wanted["n_pairs"])
        assert row["estimate"] == pytest.approx(wanted["mean"], rel=1e-12)
        assert row["std_dev"] == pytest.approx(wanted["sd"], rel=1e-12)
        assert row["estimate"] / row["std_error"] == pytest.approx(wanted["t"], rel=1e-12)
        assert row["servperf"] == pytest.approx(wanted["mean_P_available"], rel=1e-12)
        assert row["servperf_n"] == 194 - wanted["missing_P"]
        assert row["end"] - row["start"] != pytest.approx(wanted["mean_P_minus_mean_E_unpaired"], rel=1e-6)


@pytest.mark.parametrize("engine", ENGINES)
def test_dimensions_with_holes_follow_the_half_rule(engine, holes):
    """R 4.2.2: a respondent's mean of a dimension where nv >= k / 2 pairs are there."""
    frame, expected = holes
    gaps = cx.customer_gap(ENGINES[engine](frame[frame["dimension"].notna()]), by="dimension").frame.set_index("dimension")
    for dimension, wanted in expected["half_rule_dimensions"].items():
        row = gaps.loc[dimension]
        assert row["n"] == wanted["n"]
        assert row["estimate"] == pytest.approx(wanted["mean"], rel=1e-12)
        assert row["std_dev"] == pytest.approx(wanted["sd"], rel=1e-12)


@pytest.mark.parametrize("engine", ENGINES)
def test_overall_with_holes_uses_whoever_answered_half(engine, holes):
    """R 4.2.2: the row mean of the available gaps; here only of respondents with twelve pairs or more, so by hand."""
    frame, expected = holes
    gap = (frame["perception"] - frame["expectation"]).groupby(frame["respondent_id"]).agg(["mean", "count"])
    row = one(ENGINES[engine](frame.drop(columns="dimension")))
    assert row["n"] == (gap["count"] >= 12).sum()
    assert row["estimate"] == pytest.approx(gap.loc[gap["count"] >= 12, "mean"].mean(), rel=1e-12)
    assert gap["mean"].mean() == pytest.approx(expected["overall_available"]["mean"], rel=1e-12)
    assert abs(row["estimate"] - expected["true_overall"]) < 0.01
