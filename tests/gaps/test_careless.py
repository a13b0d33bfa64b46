"""Who is called careless: those who were made so, on every engine, by two kinds of evidence and never by one."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import samples
from answers import survey
from conftest import ENGINES
from pandas.testing import assert_frame_equal

import cxgap as cx
from cxgap.errors import ColumnError
from cxgap.gaps.attention import FAMILIES, INDICES
from cxgap.gaps.careless import careless, flag_careless
from cxgap.simulate.design import ATTENTIVE, RANDOM_CLICKER, STRAIGHT_LINER, draw_design
from cxgap.simulate.study import generator

DIMENSIONS = np.repeat(["tangibles", "reliability", "responsiveness", "assurance"], 4)
FULL = {"weight": "weight", "stratum": "stratum", "psu": "psu", "population": "population", "scale": (1, 7)}


def people(seed: int, careful: int = 200, straight: int = 5, clicking: int = 5) -> pd.DataFrame:
    """Respondents of one visit each, whose names say what they are; the careful take six seconds an item, others one."""
    random = np.random.default_rng(seed)
    rows = []
    for kind, count in (("careful", careful), ("straight", straight), ("clicking", clicking)):
        for number in range(count):
            level = random.normal(0, 0.7) + np.repeat(random.normal(0, 1.2, 4), 4)
            e = np.clip(np.rint(5.5 + 0.5 * level + random.normal(0, 0.6, 16)), 1, 7)
            p = np.clip(np.rint(4.5 + level + random.normal(0, 0.6, 16)), 1, 7)
            if kind == "straight":
                e = p = np.full(16, float(random.integers(1, 8)))
            if kind == "clicking":
                e, p = random.integers(1, 8, (2, 16)).astype(float)
            rows.append(
                pd.DataFrame(
                    {
                        "respondent_id": f"{kind}{number:03d}",
                        "item": [f"q{item:02d}" for item in range(16)],
                        "dimension": DIMENSIONS,
                        "expectation": e,
                        "perception": p,
                        "seconds": 190.0 if kind == "careful" else 30.0,
                    }
                )
            )
    return pd.concat(rows, ignore_index=True)


def flagged(frame: pd.DataFrame) -> set[str]:
    marks = flag_careless(frame)
    return set(marks.loc[marks["careless"], "respondent_id"])


def row(table: cx.Table, index: str) -> pd.Series:
    return table.frame.set_index("index").loc[index]


@pytest.fixture(scope="module")
def sample():
    return samples.sample()


def test_those_whom_the_sample_made_careless_are_found_and_hardly_anybody_else(sample):
    """The synthetic study knows who was made a straight-liner or a random clicker; share in data/sample/truth.json."""
    care = draw_design(generator(20260331, "design"), 1900).care
    marks = flag_careless(sample.responses).groupby("respondent_id")["careless"].first()
    found = marks.reindex([f"R{number:05d}" for number in range(1, 1901)]).to_numpy(bool)
    assert [found[care == kind].sum() for kind in (STRAIGHT_LINER, RANDOM_CLICKER)] == [24, 24]
    assert found[care == ATTENTIVE].mean() < 0.005
    without = flag_careless(sample.responses.drop(columns="seconds")).groupby("respondent_id")["careless"].first()
    found = without.reindex(marks.index.sort_values()).to_numpy(bool)
    assert found[care == RANDOM_CLICKER].mean() > 0.8  # outlying and inconsistent
    assert not found[care == STRAIGHT_LINER].any()  # a straight line alone is one kind of evidence


def test_leaving_them_out_moves_the_gap_as_the_table_says(sample):
    """The gap without them is the gap of the survey from which they were taken; the difference is between the two."""
    table = careless(sample.responses, **sample.design)
    left = flag_careless(sample.responses, **sample.design).query("not careless").drop(columns="careless")
    design = {"weight": "weight", "scale": (1, 7)}
    (everybody,), (kept,) = (cx.customer_gap(frame, by="", **design).frame.itertuples() for frame in (sample.responses, left))
    assert row(table, "gap_all")["estimate"] == pytest.approx(everybody.estimate)
    assert (row(table, "gap_all")["conf_low"], row(table, "gap_all")["n"]) == pytest.approx((everybody.conf_low, 1900))
    assert row(table, "gap_without")["estimate"] == pytest.approx(kept.estimate)
    assert row(table, "gap_difference")["estimate"] == pytest.approx(kept.estimate - everybody.estimate)
    assert row(table, "gap_difference")["std_error"] < everybody.std_error / 5
    assert table.title.startswith("55 of 1,900 respondents (2.9 %)")
    assert table.notes[0].startswith(
        "Leaving out 55 of 1,900 respondents moves the gap from −0.32 to −0.33. The difference is −0.008"
    )


@pytest.mark.parametrize("engine", ENGINES)
def test_engines_agree_on_everybody(engine):
    """By construction: ten who were made careless; the careful are at most one in fifty."""
    frame = people(1)
    table, marks = careless(ENGINES[engine](frame), scale=(1, 7)), flag_careless(ENGINES[engine](frame))
    assert_frame_equal(table.frame, careless(frame, scale=(1, 7)).frame)
    found = set(marks.loc[marks["careless"], "respondent_id"])
    assert {name for name in found if not name.startswith("careful")} == set(frame["respondent_id"].unique()[200:])
    assert len(found) <= 14
    assert row(table, "rule")["flagged"] == len(found)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_ragged_survey_with_a_design_has_the_same_table_on_every_engine(engine):
    frame = survey(5, people=40)
    assert_frame_equal(careless(ENGINES[engine](frame), **FULL).frame, careless(frame, **FULL).frame)
    marks = flag_careless(ENGINES[engine](frame))
    assert set(marks["respondent_id"]) == set(frame["respondent_id"])


def test_one_kind_of_evidence_calls_nobody_careless():
    """Methods 4.7: indices that measure the same are one. A contented customer's straight line, in good time, is one kind."""
    frame = people(2, straight=8, clicking=0).assign(seconds=190.0)
    frame.loc[frame["respondent_id"].str.startswith("straight"), ["expectation", "perception"]] = 5.0
    table = careless(frame, scale=(1, 7))
    for index in ("longstring", "variability", "copied"):
        assert row(table, index)["flagged"] >= 8
    assert not any(name.startswith("straight") for name in flagged(frame))
    hasty = people(2, straight=0, clicking=0).assign(seconds=10.0)
    assert row(careless(hasty), "seconds")["flagged"] == 200
    assert len(flagged(hasty)) < 20


def test_a_line_at_the_top_of_expectations_is_an_honest_answer():
    """Methods 4.7: runs are looked for in perceptions and in both batteries, not in expectations alone."""
    frame = people(3, straight=0, clicking=0)
    top = frame.assign(expectation=7.0)
    for index in ("longstring", "longstring_both", "variability", "variability_last"):
        assert row(careless(top), index)["flagged"] == row(careless(frame), index)["flagged"]


def test_nothing_is_dropped_and_rows_keep_their_order():
    frame = people(4).sample(frac=1, random_state=1)
    marked = flag_careless(frame)
    assert_frame_equal(marked.drop(columns="careless"), frame)
    assert flagged(frame) == flagged(people(4))
    assert careless(frame).frame["n"].iloc[-3] == 210


def test_a_respondent_is_careless_where_half_of_the_visits_are():
    """Two visits, one of them clicked through: half. Three, one of them clicked through: less."""
    frame = people(5, clicking=1, straight=0)
    clicked, other = frame[frame["respondent_id"] == "clicking000"], frame[frame["respondent_id"] == "careful000"]
    for visits, expected in ((2, True), (3, False)):
        more = [other.assign(respondent_id="clicking000", touchpoint=f"t{number}") for number in range(1, visits)]
        whole = pd.concat([frame.assign(touchpoint="t0"), *more])
        assert ("clicking000" in flagged(whole)) is expected
    assert "clicking000" in flagged(pd.concat([clicked, frame[frame["respondent_id"] != "clicking000"]]))


def test_without_times_dimensions_or_enough_questions_an_index_cannot_be_told():
    table = careless(people(6).drop(columns=["seconds", "dimension"]))
    assert row(table, "seconds")["n"] == row(table, "even_odd")["n"] == 0
    assert np.isnan([row(table, "seconds")["flagged"], row(table, "even_odd")["share"]]).all()
    assert any("time taken is not known" in note for note in table.notes)
    few = people(7)[lambda frame: frame["item"] < "q02"]
    assert careless(few).frame.set_index("index").loc[list(INDICES), "n"].eq(0).all()
    assert row(careless(few), "rule")["flagged"] == 0
    assert careless(few).title.startswith("No respondent of 210")
    assert careless(few).notes[0] == "Nobody would be left out, so the gap stays as it is."


def test_a_gap_that_would_tell_a_few_apart_is_not_shown():
    """Fewer than `min_n` left out: their mean could be worked out from the two gaps."""
    frame = people(8, straight=2, clicking=2)
    shown, hidden = careless(frame, min_n=1), careless(frame, min_n=50)
    assert np.isfinite(row(shown, "gap_without")["estimate"])
    assert np.isnan([row(hidden, name)["estimate"] for name in ("gap_without", "gap_difference")]).all()
    assert np.isfinite(row(hidden, "gap_all")["estimate"])
    assert hidden.cells[-1][-1] == "not shown"
    assert "cannot be shown" in hidden.notes[0]


def test_items_outside_scores_move_no_gap_but_are_answers_all_the_same():
    """A respondent who answered no retained item has no score, and the numbering of the others does not slip."""
    frame = people(9).assign(retained=True)
    extra = frame[frame["respondent_id"] == "careful000"].assign(respondent_id="aaa", retained=False)
    with_extra = pd.concat([extra, frame])
    names = ["estimate", "std_error"]
    found, alone = careless(with_extra).frame, careless(frame).frame
    assert found[names].iloc[-3:].to_numpy(float) == pytest.approx(alone[names].iloc[-3:].to_numpy(float), rel=0.02)
    assert found["n"].iloc[-3] == alone["n"].iloc[-3] == 210


def test_every_index_has_a_family_and_a_missing_column_is_named():
    assert {index.family for index in INDICES.values()} == set(FAMILIES)
    with pytest.raises(ColumnError, match="'item'"):
        careless(people(1).drop(columns="item"))


def test_synonyms_are_read_where_pairs_are_few_and_not_where_all_go_together():
    """Arithmetic: over all pairs of m items the correlation of first with second is near -1 / (m - 1), whoever answers."""
    random = np.random.default_rng(1)
    levels = np.repeat(random.integers(1, 8, (300, 6)), 2, axis=1).astype(float)
    paired = np.clip(levels + random.integers(0, 2, levels.shape), 1, 7)
    paired[-20:] = random.integers(1, 8, (20, 12))
    frame = pd.DataFrame(
        {"respondent_id": np.repeat(np.arange(300), 12), "item": np.tile([f"q{n:02d}" for n in range(12)], 300)}
    )
    frame = frame.assign(perception=paired.ravel(), expectation=random.integers(1, 8, 3600).astype(float))
    found = row(careless(frame), "synonyms")
    assert found["n"] > 290
    assert 12 <= found["flagged"] <= 30
    together = np.clip(np.rint(random.normal(4, 1.5, (300, 1)) + random.normal(0, 0.5, (300, 12))), 1, 7)
    assert row(careless(frame.assign(perception=together.ravel())), "synonyms")["n"] == 0
