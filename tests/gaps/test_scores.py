"""Scores of respondents against a plain loop over rows, and the half rule at each of its boundaries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from math import ceil, nan

import numpy as np
import pandas as pd
import pytest
from answers import answers, survey
from conftest import ENGINES
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

import cxgap as cx
from cxgap.gaps.scores import Scores, respondent_scores

LAW = settings(max_examples=4, deadline=None, derandomize=True)
KEPT = ("gap", "start", "end", "performance", "importance_gap")


def scores(frame: object, by: Iterable[str] = (), *, score: str = "dimensions", **options: str) -> Scores:
    named = dict.fromkeys(("weight", "stratum", "psu", "population", "importance")) | {"importance_kind": "rating"} | options
    return respondent_scores(frame, start="expectation", end="perception", by=tuple(by), score=score, **named)


def table(found: Scores, frame: pd.DataFrame) -> dict[tuple, dict[str, float]]:
    """Name each score by its cell and respondent; those that nobody has are left out."""
    people = sorted(frame["respondent_id"].unique())
    keys = list(found.cells.astype(object).itertuples(index=False, name=None)) if len(found.cells.columns) else [()]
    rows = {}
    for place, (cell, who) in enumerate(zip(found.cell, found.respondent, strict=True)):
        values = {name: getattr(found, name)[place] for name in KEPT} | {"partial": bool(found.partial[place])}
        if any(np.isfinite(values[name]) for name in KEPT):
            rows[(*keys[cell], people[who])] = values
    return rows


def mean(values: list[float], weights: list[float] | None = None) -> float:
    weights = weights or [1.0] * len(values)
    return sum(v * w for v, w in zip(values, weights, strict=True)) / sum(weights) if values and sum(weights) else nan


def by_hand(frame: pd.DataFrame, by: tuple[str, ...], score: str) -> dict[tuple, dict[str, float]]:
    """Score as house rules say it, one row after another: items, dimensions, touchpoints used, each by the half rule."""
    rows = [row for row in frame.to_dict("records") if row["retained"] or "item" in by]
    dimensional = score == "dimensions" and not {"dimension", "item"} & set(by)
    asked_at = ["wave", "touchpoint"]
    level = [*asked_at, "dimension"] if dimensional or "dimension" in by else asked_at
    items, at_visit, dimensions, visits = (defaultdict(set) for _ in range(4))
    grouped = defaultdict(list)
    for row in rows:
        visit_level = [*asked_at, "dimension"] if "dimension" in by else asked_at
        items[tuple(row[name] for name in level)].add(row["item"])
        at_visit[tuple(row[name] for name in visit_level)].add(row["item"])
        dimensions[tuple(row[name] for name in asked_at)].add(row["dimension"])
        grouped[tuple(row[name] for name in (*by, "respondent_id")), row["wave"], row["touchpoint"]].append(row)
    for person, wave, touchpoint in grouped:
        visits[person].add((wave, touchpoint))
    found = {}
    for person, occasions in visits.items():
        whole, used = [], 0
        for occasion in sorted(occasions):
            rows = grouped[(person, *occasion)]
            parts = defaultdict(list)
            for row in rows:
                parts[row["dimension"] if dimensional else None].append(row)
            part_scores = []
            for mine in parts.values():
                place = tuple(mine[0][name] for name in level)
                least = 1 if "item" in by else ceil(len(items[place]) / 2)
                pairs = [row for row in mine if np.isfinite(row["expectation"]) and np.isfinite(row["perception"])]
                ends = [row["perception"] for row in mine if np.isfinite(row["perception"])]
                enough = len(pairs) >= least and len(pairs) > 0
                part_scores.append(
                    {
                        "gap": mean([r["perception"] - r["expectation"] for r in pairs]) if enough else nan,
                        "start": mean([r["expectation"] for r in pairs]) if enough else nan,
                        "end": mean([r["perception"] for r in pairs]) if enough else nan,
                        "performance": mean(ends) if len(ends) >= least else nan,
                    }
                )
            wanted = len(dimensions[occasion]) if dimensional else 1
            visit = {}
            for name in ("gap", "start", "end", "performance"):
                known = [part[name] for part in part_scores if np.isfinite(part[name])]
                visit[name] = mean(known) if len(known) >= ceil(wanted / 2) else nan
            scored = sum(np.isfinite(part["gap"]) for part in part_scores)
            visit["partial"] = bool(np.isfinite(visit["gap"]) and scored < wanted)
            pairs = [r for r in rows if np.isfinite(r["expectation"]) and np.isfinite(r["perception"])]
            rated = [r for r in pairs if np.isfinite(r["importance"])]
            place = tuple(rows[0][name] for name in visit_level)
            least = 1 if "item" in by else ceil(len(at_visit[place]) / 2)
            gaps, weights = [r["perception"] - r["expectation"] for r in rated], [r["importance"] for r in rated]
            visit["importance_gap"] = mean(gaps, weights) if len(rated) >= least and rated else nan
            perceived = sum(np.isfinite(r["perception"]) for r in rows)
            visit["answers"] = {"performance": perceived, "importance_gap": sum(weights), "pairs": len(pairs)}
            used += visit["answers"]["performance"] > 0
            whole.append(visit)
        result = {"partial": any(visit["partial"] for visit in whole)}
        for name in KEPT:
            known = [visit for visit in whole if np.isfinite(visit[name])]
            counted = [visit["answers"].get(name, visit["answers"]["pairs"]) for visit in known] if score == "items" else None
            result[name] = mean([v[name] for v in known], counted) if known and len(known) >= ceil(used / 2) else nan
        if any(np.isfinite(result[name]) for name in KEPT):
            found[person] = result
    return found


CUTS = [(), ("touchpoint",), ("dimension",), ("item",), ("segment",), ("wave", "touchpoint"), ("touchpoint", "dimension")]


@settings(LAW, max_examples=20)
@given(
    seed=st.integers(0, 2**32 - 1),
    by=st.sampled_from(CUTS),
    score=st.sampled_from(["dimensions", "items"]),
    rows=st.booleans(),
)
def test_scores_are_those_of_a_loop_over_rows(seed, by, score, rows):
    """House rules, section 11, in plain loops; with and without rows for items that nobody answered."""
    frame = survey(seed, people=9, rows=rows)
    found, expected = table(scores(frame, by, score=score, importance="importance"), frame), by_hand(frame, by, score)
    assert sorted(found) == sorted(expected)
    for key, row in expected.items():
        assert found[key]["partial"] == row["partial"]
        for name in KEPT:
            assert found[key][name] == pytest.approx(row[name], rel=1e-12, abs=1e-12, nan_ok=True)


@pytest.mark.parametrize(
    ("items", "answered", "scored"), [(4, 2, True), (4, 1, False), (5, 3, True), (5, 2, False), (1, 1, True)]
)
@pytest.mark.parametrize("rows", [True, False], ids=["blank", "no row"])
def test_half_of_the_items_make_a_score(items, answered, scored, rows):
    """Methods 2.2: at least ceil(k / 2) answered pairs; the second respondent shows which items there are."""
    ratings = [4.0] * answered + [np.nan] * (items - answered)
    frame = answers(
        respondent_id=["r"] * items + ["s"] * items,
        item=[*range(items)] * 2,
        expectation=5.0,
        perception=ratings + [5.0] * items,
    )
    frame = frame if rows else frame.dropna(subset="perception")
    found = table(scores(frame), frame)
    assert (("r",) in found) == scored
    assert found.get(("r",), {"gap": -1})["gap"] == -1


@pytest.mark.parametrize(("dimensions", "answered", "scored"), [(5, 3, True), (5, 2, False), (2, 1, True), (5, 5, True)])
def test_half_of_the_dimensions_make_a_touchpoint_and_fewer_than_all_are_partial(dimensions, answered, scored):
    """House, section 11: dimensions to touchpoint by the half rule; 0.5: PARTIAL."""
    given_ratings = [4.0] * answered + [np.nan] * (dimensions - answered) + [5.0] * dimensions
    names = [f"d{number}" for number in range(dimensions)] * 2
    who = np.repeat(["r", "s"], dimensions)
    frame = answers(respondent_id=who, dimension=names, item=names, expectation=5.0, perception=given_ratings)
    found = table(scores(frame), frame)
    assert (("r",) in found) == scored
    if scored:
        assert (found["r",]["gap"], found["r",]["partial"]) == (-1, answered < dimensions)
    assert not found["s",]["partial"]


@pytest.mark.parametrize(("good", "scored"), [(1, False), (2, True), (3, True)])
def test_half_of_the_touchpoints_used_make_an_overall_score(good, scored):
    """House, section 11: overall is the mean over the touchpoints used, by the half rule: of three used, one is too few.

    The fourth was not used: it has expectations only, and counts neither way.
    """
    rows = [(place, item) for place in "abcd" for item in range(4)]
    perceived = {place: [4.0] * (4 if number < good else 1) for number, place in enumerate("abc")} | {"d": []}
    full = pd.DataFrame(rows, columns=["touchpoint", "item"]).assign(respondent_id="s", expectation=5.0, perception=5.0)
    ragged = full.assign(respondent_id="r", perception=[(perceived[p] + [np.nan] * 4)[i] for p, i in rows])
    frame = pd.concat([full, ragged], ignore_index=True)
    found = table(scores(frame), frame)
    assert (("r",) in found) == scored
    assert found.get(("r",), {"gap": -1})["gap"] == -1


def test_touchpoints_weigh_the_same_however_many_answers_they_have():
    """Mean of 0 and -2, and not of one 0 and three -2; with score="items" each answer weighs the same."""
    frame = answers(
        respondent_id="r", touchpoint=["a", "b", "b", "b"], item=range(4), expectation=5.0, perception=[5.0, 3, 3, 3]
    )
    assert scores(frame).gap.tolist() == [-1]
    assert scores(frame, score="items").gap.tolist() == [-1.5]


def test_a_dimension_of_five_items_weighs_no_more_than_one_of_four():
    """Methods O-2.2 in kind: gaps of -1 in five items and 0 in four have a mean of means of -.5, and of items of -5/9."""
    frame = answers(
        respondent_id="r",
        dimension=["five"] * 5 + ["four"] * 4,
        item=range(9),
        expectation=5.0,
        perception=[4.0] * 5 + [5.0] * 4,
    )
    assert scores(frame).gap.tolist() == [-0.5]
    assert scores(frame, score="items").gap.tolist() == pytest.approx([-5 / 9], rel=1e-15)


def test_a_panel_is_averaged_over_waves():
    frame = answers(respondent_id="r", wave=["1", "1", "2"], item=["a", "b", "a"], expectation=5.0, perception=[3.0, 3, 5])
    assert scores(frame).gap.tolist() == [-1]
    assert scores(frame, ("wave",)).gap.tolist() == [-2, 0]


def test_what_was_asked_is_counted_wave_by_wave():
    """Eight items in the first wave do not make the four of the second, all answered, less than half."""
    frame = answers(
        respondent_id=["r"] * 8 + ["s"] * 3, wave=["1"] * 8 + ["2"] * 3, item=range(11), expectation=5.0, perception=4.0
    )
    assert len(table(scores(frame), frame)) == 2


@pytest.mark.parametrize("engine", ENGINES)
def test_items_that_are_not_retained_stay_out_of_scores_and_in_the_table_of_items(engine):
    frame = answers(
        respondent_id="r", item=["a", "b", "c"], retained=[True, True, False], expectation=5.0, perception=[4.0, 4, 1]
    )
    made = ENGINES[engine](frame)
    assert scores(made).gap.tolist() == [-1]
    assert scores(made, score="items").gap.tolist() == [-1]
    assert scores(made, ("item",)).gap.tolist() == [-1, -1, -4]


def test_a_perception_without_expectation_counts_for_servperf_only():
    """Cronin & Taylor (1992), Journal of Marketing 56(3), 55-68: performance alone."""
    frame = answers(respondent_id=["r", "r", "s", "s"], item=[1, 2, 1, 2], expectation=[5.0, np.nan, np.nan, np.nan])
    frame["perception"] = [4.0, 2, 6, np.nan]
    found = scores(frame)
    assert found.performance.tolist() == [3, 6]
    assert found.gap.tolist() == pytest.approx([-1, nan], nan_ok=True)
    assert found.end.tolist() == pytest.approx([4, nan], nan_ok=True)
    assert found.pairs.tolist() == [1]


def test_levels_without_a_column_are_skipped():
    """An answer is all there is: no item, dimension, touchpoint or wave."""
    frame = answers(expectation=[5.0, 5, 5], perception=[4.0, 5, np.nan])
    assert scores(frame).gap.tolist() == pytest.approx([-1, 0, nan], nan_ok=True)
    assert not scores(frame).dimensional


# Importance


def importance_of_three() -> pd.DataFrame:
    """Methods O-2.3: three respondents, five dimensions."""
    gaps = [[-1, -2, 0, -1, 0], [0, -1, -1, 0, 1], [-2, -3, -1, 0, -1]]
    points = [[10, 40, 20, 20, 10], [20, 30, 20, 10, 20], [10, 50, 20, 10, 10]]
    return answers(
        respondent_id=np.repeat(["r", "s", "t"], 5),
        dimension=[*"abcde"] * 3,
        expectation=5.0,
        perception=5.0 + np.ravel(gaps),
        points=np.ravel(points).astype(float),
    )


def points(frame: object, **options: str) -> pd.Series:
    return cx.customer_gap(frame, by="", importance="points", **options).frame.iloc[0]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_hundred_points_weigh_the_dimensions_within_each_respondent(engine):
    """Methods O-2.3 by arithmetic: not divided by five again, nor left at 0..100, nor the product of the averages."""
    frame = importance_of_three()
    found = scores(ENGINES[engine](frame), importance="points", importance_kind="points")
    assert found.gap == pytest.approx([-0.8, -0.2, -1.4], rel=1e-14)
    assert found.importance_gap == pytest.approx([-1.1, -0.3, -2.0], rel=1e-14)
    row = points(ENGINES[engine](frame))
    assert row["estimate"] == pytest.approx(-0.8, rel=1e-14)
    assert row["importance_gap"] == pytest.approx(-3.4 / 3, rel=1e-14)
    assert row["product_of_means"] == pytest.approx(-1.111111, abs=5e-7)
    assert row["heterogeneity"] == pytest.approx(-0.022222, abs=5e-7)
    assert row["importance_gap_n"] == 3


def test_heterogeneity_is_the_sum_of_the_covariances_of_importance_and_gap():
    """Methods 2.3: mean of the weighted gaps = sum of mean products + sum of population covariances; weighted alike."""
    frame = importance_of_three().assign(weight=np.repeat([1.0, 2.0, 5.0], 5))
    weight = np.array([1.0, 2, 5])
    gap = (frame["perception"] - frame["expectation"]).to_numpy().reshape(3, 5)
    share = frame["points"].to_numpy().reshape(3, 5) / 100
    covariance = sum(np.cov(share[:, d], gap[:, d], aweights=weight, ddof=0)[0, 1] for d in range(5))
    row = points(frame, weight="weight")
    assert row["heterogeneity"] == pytest.approx(covariance, rel=1e-12)
    assert row["product_of_means"] == pytest.approx(
        np.average(share, axis=0, weights=weight) @ np.average(gap, axis=0, weights=weight)
    )


@pytest.mark.parametrize(("total", "known"), [(94.9, False), (95.0, True), (100.0, True), (105.0, True), (105.1, False)])
def test_points_that_nearly_make_a_hundred_are_rescaled(total, known):
    """Methods 2.3: 95 to 105 is a slip and flagged; anything else is no answer."""
    frame = importance_of_three()
    frame.loc[frame["respondent_id"] == "r", "points"] *= total / 100
    row, whole = points(frame), points(importance_of_three())
    assert row["importance_gap_n"] == 3 - (not known)
    assert ("RENORM" in row["flags"]) == (known and total != 100)
    if known:
        assert row["importance_gap"] == pytest.approx(whole["importance_gap"], rel=1e-13)


@pytest.mark.parametrize("bad", [[0.0] * 5, [110.0, -10, 0, 0, 0], [np.nan] * 5, [100.0, np.nan, np.nan, np.nan, np.nan]])
def test_points_that_are_none_are_counted_as_missing(bad):
    """Methods 2.3: all zeros or a negative; the last gives all hundred to one dimension, and that is an answer."""
    frame = importance_of_three()
    frame.loc[frame["respondent_id"] == "r", "points"] = bad
    row = points(frame)
    assert (row["n"], row["importance_gap_n"]) == (3, 3 if bad[0] == 100 else 2)


@pytest.mark.parametrize("kind", ["points", "rating"])
def test_equal_importance_changes_nothing(kind):
    """Methods 2.3: twenty points each reproduce the plain score; with ratings of single items, any equal rating does."""
    frame = importance_of_three().assign(points=20.0)
    found = scores(frame, importance="points", importance_kind=kind)
    assert found.importance_gap == pytest.approx(found.gap, rel=1e-14)
    assert points(frame)["heterogeneity"] == pytest.approx(0, abs=1e-15)


def test_five_published_dimension_gaps_have_the_published_mean():
    """Methods O-2.2, a worked example on the web, rounded there to -.86; with 20 points each it is the same."""
    frame = answers(respondent_id="r", dimension=[*"abcde"], expectation=5.0, points=20.0)
    frame["perception"] = 5 + np.array([-0.65, -1.10, -0.83, -0.70, -1.01])
    row = points(frame)
    assert row["estimate"] == pytest.approx(-0.858, rel=1e-14)
    assert row["importance_gap"] == pytest.approx(-0.858, rel=1e-14)


def test_a_dimension_without_a_gap_gives_its_points_to_the_others():
    """Methods 2.3: over the dimensions with both; where all gaps are -1 so is every average, and nothing is heterogeneous."""
    frame = answers(
        respondent_id=["r", "r", "s", "s"],
        dimension=["a", "b"] * 2,
        expectation=5.0,
        perception=[4.0, 4, 4, np.nan],
        points=[50.0, 50, 90, 10],
    )
    row = points(frame)
    assert (row["estimate"], row["importance_gap"], row["product_of_means"], row["heterogeneity"]) == (-1, -1, -1, 0)
    assert row["flags"].split("|").count("PARTIAL") == 1


def test_ratings_are_shares_within_the_respondent():
    """Arithmetic: (7 x -2 + 1 x 0) / 8 and (2 x -2 + 6 x 0) / 8; a hard rater weighs no more than a mild one."""
    frame = answers(
        respondent_id=["r", "r", "s", "s"], item=[1, 2] * 2, expectation=5.0, perception=[3.0, 5] * 2, importance=[7.0, 1, 2, 6]
    )
    assert scores(frame, importance="importance").importance_gap == pytest.approx([-1.75, -0.5])


def test_ratings_weigh_touchpoints_alike_and_with_items_all_answers_together():
    """Two touchpoints, ratings of 1 and 3: mean of the touchpoints' scores, or one share over all items."""
    frame = answers(
        respondent_id="r", touchpoint=["a", "b"], item=[1, 2], expectation=5.0, perception=[5.0, 1], importance=[1.0, 3]
    )
    assert scores(frame, importance="importance").importance_gap.tolist() == [-2]
    assert scores(frame, score="items", importance="importance").importance_gap.tolist() == [-3]


def test_ratings_need_half_of_all_items_of_a_touchpoint_even_where_unanswered_ones_have_no_row():
    """One item of one dimension is not half of six, though it is all that this respondent's rows show."""
    everything = answers(
        respondent_id="s", dimension=[*"aabbcc"], item=range(6), expectation=5.0, perception=5.0, importance=1.0
    )
    frame = pd.concat([everything, everything.head(1).assign(respondent_id="r", perception=1.0)])
    found = scores(frame, importance="importance")
    assert found.importance_gap.tolist() == pytest.approx([nan, 0], nan_ok=True)


@pytest.mark.parametrize("engine", ["pandas", "polars", "duckdb"])
@LAW
@given(seed=st.integers(0, 2**32 - 1))
def test_equal_gaps_are_equal_however_weighted(engine, seed):
    """Where all gaps are -1, so are the plain, the weighted and the product of means, whatever is missing."""
    frame = survey(seed, people=8)
    frame["perception"] = frame["expectation"].where(frame["perception"].isna(), frame["expectation"] - 1)
    frame.loc[frame["perception"] == frame["expectation"], ["expectation", "perception"]] = np.nan
    row = points(ENGINES[engine](frame), weight="weight")
    if row["n"]:
        assert (row["estimate"], row["std_dev"] if row["n"] > 1 else 0) == (-1, 0)
    if row["importance_gap_n"]:
        assert (row["importance_gap"], row["product_of_means"]) == pytest.approx((-1, -1), rel=1e-12)


@pytest.mark.parametrize("missing", ["pairwise", "listwise"])
def test_an_item_that_nobody_answered_leaves_nobody_out(missing):
    """Half of the items are of all that were asked; all of them are of those that anybody answered."""
    frame = survey(11, people=20, missing=0.1)
    nobody = frame.drop_duplicates(["respondent_id", "touchpoint", "wave"]).assign(
        item="z9", expectation=np.nan, perception=np.nan
    )
    plain, more = (cx.customer_gap(rows, by="dimension", missing=missing).frame for rows in (frame, pd.concat([frame, nobody])))
    assert_frame_equal(plain, more)
