"""What raters say, scored as customers' answers are, and weighed as customers use the touchpoints."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from answers import ITEMS, survey
from conftest import ENGINES
from hypothesis import given, settings
from hypothesis import strategies as st

from cxgap.errors import ArgumentError, ColumnError
from cxgap.gaps.raters import compare, rater_scores
from cxgap.gaps.scores import respondent_scores

LAW = settings(max_examples=4, deadline=None, derandomize=True)
LAWS = pytest.mark.parametrize("engine", ["pandas", pytest.param("polars", marks=pytest.mark.slow), "duckdb"])
SEEDS = st.integers(0, 2**32 - 1)
PLAIN = {"weight": None, "stratum": None, "psu": None, "population": None}


def panel(seed: int, raters: int = 6, missing: float = 0.2) -> pd.DataFrame:
    """Let every manager rate every item at every touchpoint."""
    random = np.random.default_rng(seed)
    items = pd.DataFrame([(item, *entry) for item, entry in ITEMS.items()], columns=["item", "dimension", "retained"])
    who = pd.DataFrame({"manager_id": [f"m{number:02d}" for number in random.permutation(raters)]})
    frame = who.merge(pd.DataFrame({"touchpoint": ["call", "shop", "web"]}), "cross").merge(items, "cross")
    believed = random.integers(1, 8, len(frame)).astype(float)
    return frame.assign(believed=np.where(random.random(len(frame)) < missing, np.nan, believed))


def test_a_rater_is_scored_item_by_item_dimension_by_dimension():
    """Arithmetic, methods 2.2: dimensions weigh the same, and need half of their items."""
    rows = [("a", "x", 2), ("b", "x", 4), ("c", "y", 7), ("d", "z", 1), ("e", "z", np.nan), ("f", "z", np.nan)]
    frame = pd.DataFrame(rows, columns=["item", "dimension", "believed"]).assign(manager_id="m", touchpoint="web")
    assert rater_scores(frame, "believed", by=["touchpoint"]).value.tolist() == [5.0]
    assert rater_scores(frame, "believed", by=["touchpoint"], score="items").value.tolist() == [3.5]
    by_dimension = rater_scores(frame, "believed", by=["dimension"])
    assert by_dimension.cells["dimension"].tolist() == ["x", "y", "z"]
    assert by_dimension.matrix[0, :2].tolist() == [3.0, 7.0]
    assert np.isnan(by_dimension.matrix[0, 2])


@LAWS
@LAW
@given(seed=SEEDS)
def test_raters_are_scored_as_respondents_are(engine, seed):
    """The same frame under the customer's column names gives the same bits, whatever the order of the rows and the engine."""
    frame = panel(seed)
    moved = frame.sample(frac=1, random_state=seed % 1000).reset_index(drop=True)
    named = frame.rename(columns={"manager_id": "respondent_id"})
    for by, score in ((["touchpoint"], "dimensions"), ([], "items"), (["item"], "dimensions")):
        known = respondent_scores(
            named, start="believed", end="believed", by=by, score=score, importance=None, importance_kind="points", **PLAIN
        )
        found = rater_scores(ENGINES[engine](moved), "believed", by=by, score=score)
        here = np.isfinite(known.start)
        assert found.raters == 6
        assert np.array_equal(found.value, known.start[here])
        assert np.array_equal(found.cell, known.cell[here])
        assert np.array_equal(found.rater, known.respondent[here])


@pytest.mark.parametrize("engine", ENGINES)
def test_every_engine_gives_the_same_scores_of_employees(engine):
    frame = panel(3).rename(columns={"manager_id": "employee_id", "believed": "delivered"}).assign(respondent_id="nobody")
    one, other = (
        rater_scores(rows, "delivered", rater="employee_id", by=["touchpoint"]) for rows in (frame, ENGINES[engine](frame))
    )
    assert np.array_equal(one.matrix, other.matrix, equal_nan=True)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_table_of_raters_is_named_when_it_is_wrong(engine):
    frame = panel(1)
    with pytest.raises(ColumnError, match="`managers` must have a column 'belief'"):
        rater_scores(ENGINES[engine](frame), "belief", by=["touchpoint"])
    with pytest.raises(ArgumentError, match="`by` must name columns of `managers`, not 'region'"):
        rater_scores(ENGINES[engine](frame), "believed", by=["region"])
    with pytest.raises(ArgumentError, match="`managers` must hold numbers in 'believed'"):
        rater_scores(ENGINES[engine](frame.assign(believed="6")), "believed", by=["touchpoint"])
    with pytest.raises(ArgumentError, match="`managers` must hold at least one answer"):
        rater_scores(ENGINES[engine](frame.head(0)), "believed", by=["touchpoint"])


@LAWS
@LAW
@given(seed=SEEDS)
def test_where_managers_know_every_touchpoint_lumping_them_makes_no_gap(engine, seed):
    """Like for like: customers use touchpoints unevenly, managers rate all; at each they say the same, so also together."""
    level = {"call": 3.0, "shop": 5.0, "web": 7.0}
    frame = survey(seed, people=20)
    frame["expectation"] = frame["touchpoint"].astype(str).map(level).where(frame["expectation"].notna())
    beliefs = panel(seed, missing=0)
    beliefs["believed"] = beliefs["touchpoint"].map(level)
    answers, managers = ENGINES[engine](frame), ENGINES[engine](beliefs)
    for by in ([], ["segment"], ["dimension"], ["item"]):
        sides = compare(answers, managers, asked="expectation", rated="believed", by=by, score="dimensions", **PLAIN)
        there = np.isfinite(sides.asked)
        assert there.any()
        assert sides.raters.mean[there] == pytest.approx(sides.asked[there], abs=1e-12)
        assert sides.customers.mean[there] == pytest.approx(np.zeros(there.sum()), abs=1e-12)


def test_questions_that_raters_were_not_asked_are_refused_and_people_are_only_cut():
    """A segment cuts customers alone; a dimension that managers lack would compare one question with all."""
    frame, beliefs = survey(2), panel(2)
    options = {"asked": "expectation", "rated": "believed", "score": "dimensions", **PLAIN}
    sides = compare(frame, beliefs, by=["touchpoint", "segment"], **options)
    whole = compare(frame, beliefs, by=["touchpoint"], **options)
    assert sides.raters.mean == pytest.approx(np.repeat(whole.raters.mean, 2))
    with pytest.raises(ColumnError, match="`managers` must have a column 'dimension'"):
        compare(frame, beliefs.drop(columns="dimension"), by=["dimension"], **options)


def test_a_touchpoint_that_no_manager_rated_is_left_out_of_what_is_lumped():
    """Arithmetic: customers of the web expect 7, of the shop 5; managers speak of the shop alone."""
    frame = pd.DataFrame({"respondent_id": [1, 1, 2], "touchpoint": ["web", "shop", "shop"], "expectation": [7.0, 5.0, 6.0]})
    beliefs = pd.DataFrame({"manager_id": [1, 2], "touchpoint": "shop", "believed": [4.0, 5.0]})
    sides = compare(frame, beliefs, asked="expectation", rated="believed", by=[], score="items", **PLAIN)
    assert (sides.asked[0], sides.raters.mean[0], sides.customers.n[0]) == (5.5, 4.5, 2)
    cut = compare(frame, beliefs, asked="expectation", rated="believed", by=["touchpoint"], score="items", **PLAIN)
    assert cut.cells["touchpoint"].tolist() == ["shop", "web"]
    assert cut.asked.tolist() == [5.5, 7.0]
    assert np.isnan(cut.raters.mean[1])


@LAWS
@LAW
@given(seed=SEEDS)
def test_the_own_scores_of_customers_have_their_mean_and_are_what_they_answered(engine, seed):
    """Arithmetic: the weighted mean of each customer's own score is the mean of the cell; at one touchpoint it is the score."""
    frame, beliefs = survey(seed, people=20), panel(seed)
    design = {"weight": "weight", "stratum": "stratum", "psu": "psu", "population": None}
    for by in ([], ["segment"], ["touchpoint", "dimension"]):
        options = {"asked": "perception", "rated": "believed", "by": by, "score": "dimensions", **design}
        sides = compare(ENGINES[engine](frame), ENGINES[engine](beliefs), **options)
        cell, weight = sides.scores.cell, sides.scores.design.weight[sides.scores.respondent]
        total, count = np.bincount(cell, weight * sides.own, len(sides.cells)), np.bincount(cell, weight, len(sides.cells))
        there = count > 0
        assert sides.asked[there] == pytest.approx(total[there] / count[there], rel=1e-12)
        assert np.array_equal(sides.own_means.mean, sides.asked, equal_nan=True)
    scores = respondent_scores(
        frame,
        start="perception",
        end="perception",
        by=by,
        score="dimensions",
        importance=None,
        importance_kind="points",
        **design,
    )
    assert np.array_equal(sides.own, scores.start[np.isfinite(scores.start)])
