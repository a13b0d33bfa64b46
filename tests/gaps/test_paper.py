"""The tables of a SERVQUAL paper say what the functions behind them say, in one layout."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from answers import survey
from conftest import ENGINES

import cxgap as cx
from cxgap.gaps.paper import servqual_paper

FRAME = survey(5, people=30, missing=0.03)


@pytest.mark.parametrize("engine", ["pandas", "duckdb"])
def test_the_tables_are_those_of_the_functions(engine):
    frame = ENGINES[engine](FRAME)
    paper = servqual_paper(frame, scale=(1, 7))
    tests = cx.paired_tests(frame, by="dimension", scale=(1, 7)).frame
    ours = paper.dimensions.frame
    for name, theirs in {"gap": "estimate", "t": "t", "sd_gap": "std_dev", "mean_e": "start", "mean_p": "end"}.items():
        np.testing.assert_array_equal(ours[name], tests[theirs])
    trust = cx.reliability(frame).frame
    wanted = trust[trust["battery"] == "perception"].set_index("dimension")["alpha"]
    np.testing.assert_array_equal(ours["alpha_p"], [wanted[name] for name in ours["dimension"]])
    assert len(paper.items.frame) == FRAME["item"].nunique()


def test_scores_weigh_each_respondents_own_points():
    """Three respondents and five dimensions by hand: weighted -1.1333, and the product of averages misses by -0.0222."""
    gaps = [[-1, -2, 0, -1, 0], [0, -1, -1, 0, 1], [-2, -3, -1, 0, -1]]
    points = [[10, 40, 20, 20, 10], [20, 30, 20, 10, 20], [10, 50, 20, 10, 10]]
    rows = [
        {
            "respondent_id": str(who),
            "item": name,
            "dimension": name,
            "expectation": 5,
            "perception": 5 + gap,
            "importance": point,
        }
        for who, (own, weights) in enumerate(zip(gaps, points, strict=True))
        for name, gap, point in zip("abcde", own, weights, strict=True)
    ]
    paper = servqual_paper(pd.DataFrame(rows), importance="importance")
    scores = paper.scores.frame.set_index("score")["estimate"]
    assert scores["SERVQUAL, unweighted"] == pytest.approx(-0.8, rel=1e-12)
    assert scores["SERVQUAL, weighted by importance"] == pytest.approx(-1.1333333333333333, rel=1e-12)
    assert list(paper.dimensions.frame["importance"]) == pytest.approx(np.mean(points, axis=0), rel=1e-12)
    assert "which it misses by −0.022" in paper.scores.notes[0]


def test_listwise_has_the_same_respondents_in_every_row():
    paper = servqual_paper(FRAME, missing="listwise")
    assert paper.items.frame["n"].unique().size == 1
    assert paper.dimensions.frame["n"].unique().size == 1
    assert paper.dimensions.frame["n"].iloc[0] < servqual_paper(FRAME).dimensions.frame["n"].max()


def test_items_without_dimensions_are_one_row(tmp_path):
    paper = servqual_paper(FRAME.drop(columns="dimension"))
    assert list(paper.dimensions.frame["dimension"]) == ["all items"]
    assert sorted(path.name for path in cx.write_tables(tmp_path / "paper", paper).iterdir()) == [
        "1-paper-items.csv", "2-paper-dimensions.csv", "3-reliability.csv", "4-paper-scores.csv",
    ]  # fmt: skip
