"""Guard rails: each can warn and be silent, the advice follows the rule, and nothing is claimed of mere noise."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from answers import survey
from conftest import ENGINES
from pandas.testing import assert_frame_equal
from samples import sample

import cxgap as cx
from cxgap.errors import ArgumentError, ColumnError
from cxgap.stats.guards import (
    Guard,
    Spread,
    advise,
    ceiling,
    ends,
    mechanical,
    opposite,
    prediction,
    reliability,
    spread_of,
    variances,
)
from cxgap.tables.absent import Absent

SCALE = (1, 7)
DIMENSIONS = {"care": ("a1", "a2", "a3"), "speed": ("b1", "b2", "b3")}


def responses(seed: int = 0, people: int = 300, *, outcome: str = "gap", shared: float = 0.6, **shift: float) -> pd.DataFrame:
    """A survey on 1 to 7 with three items a dimension; the outcome follows the gap, perception or nothing at all."""
    random = np.random.default_rng(seed)
    noise = random.normal(size=people)
    rows, gaps, seen = [], np.zeros(people), np.zeros(people)
    for dimension, items in DIMENSIONS.items():
        start = shift.get("start", 4.0) + shift.get("start_sd", 1.0) * random.normal(size=people)
        end = shift.get("end", 4.0) + random.normal(size=people)
        gaps, seen = gaps + end - start, seen + end
        for item in items:
            answers = {
                name: np.clip(np.round(level + (1 - shared) * random.normal(size=people)), 1, 7)
                for name, level in (("expectation", start), ("perception", end))
            }
            rows.append(pd.DataFrame({"respondent_id": range(people), "dimension": dimension, "item": item, **answers}))
    target = {"gap": gaps, "perception": seen, "nothing": 0 * gaps}[outcome]
    judged = target + noise * (1.0 if outcome != "nothing" else 2.0)
    return pd.concat(rows).merge(pd.DataFrame({"respondent_id": range(people), "satisfaction": judged}))


def rails(frame: object, **settings: object) -> cx.Table:
    return cx.guard_rails(frame, **{"outcome": "satisfaction", "scale": SCALE, **settings})


def use_of(table: cx.Table) -> dict[str, str]:
    return dict(zip(table.frame["dimension"], table.frame["use"], strict=True))


def guard(table: cx.Table, number: int, dimension: str = "care") -> pd.Series:
    frame = table.frame
    return frame[(frame["guard"] == number) & (frame["dimension"] == dimension)].iloc[0]


def test_reliability_and_correlation_from_moments():
    """Methods O-2.7: variances 1.6029344 and 1.6031460, r .5465175, alphas .4325968 and .8724064 of the mobi data."""
    moments = Spread(7.5120, 7.7131, 1.6029344**0.5, 1.6031460**0.5, 0.5465175)
    found = reliability(moments, 0.4325968, 0.8724064)
    assert found.value == pytest.approx(0.2337436, abs=1e-7)
    assert found.verdict == "warn"
    assert mechanical(moments).value == pytest.approx(-0.4761200, abs=1e-7)
    assert mechanical(moments).verdict == "ok"


def test_moments_are_those_of_the_gap():
    """Arithmetic: Var(P - E) and r(P - E, E) from the two ratings alone and from the gap itself."""
    random = np.random.default_rng(0)
    start, end, weight = random.normal(size=50), random.normal(size=50), random.integers(0, 4, 50).astype(float)
    every = np.repeat(np.arange(50), weight.astype(int))
    moments = spread_of(start, end, weight)
    gap = (end - start)[every]
    assert moments.r == pytest.approx(np.corrcoef(start[every], end[every])[0, 1])
    assert mechanical(moments).value == pytest.approx(np.corrcoef(gap, start[every])[0, 1])
    assert mechanical(moments).beside == pytest.approx(np.corrcoef(gap, end[every])[0, 1])


@pytest.mark.parametrize(
    ("made", "verdict"),
    [
        (reliability(Spread(0, 0, 1, 1, 0.2), 0.8, 0.8), "ok"),
        (reliability(Spread(0, 0, 1, 1, 0.6), 0.8, 0.8), "warn"),
        (reliability(Spread(0, 0, 1, 1, 1.0), 0.8, 0.8), "not tested"),
        (reliability(Spread(0, 0, 1, 1, 0.2), np.nan, 0.8), "not tested"),
        (ceiling(np.array([7, 7, 7, 1.0]), np.ones(4), SCALE), "warn"),
        (ceiling(np.array([6.1, 6.1, 6.1]), np.ones(3), SCALE), "warn"),
        (ceiling(np.array([6.0, 6.0]), np.ones(2), SCALE), "ok"),
        (ceiling(np.array([7.0, 1.0]), np.ones(2), SCALE), "ok"),
        (ceiling(np.array([7.0, 7.0]), np.ones(2), None), "not tested"),
        (variances(Spread(0, 0, 1, 1, 0)), "ok"),
        (variances(Spread(0, 0, 1, 1.5, 0)), "warn"),
        (variances(Spread(0, 0, 1.5, 1, 0)), "warn"),
        (variances(Spread(0, 0, 1, 0, 0)), "not tested"),
        (mechanical(Spread(0, 0, 1, 1, 0.6)), "ok"),
        (mechanical(Spread(0, 0, 1, 1, 0.4)), "warn"),
        (opposite(0.049, 4.0), "warn"),
        (opposite(0.051, 3.8), "ok"),
        (opposite(np.nan, np.nan), "not tested"),
        (prediction(0.30, 0.36), "warn"),
        (prediction(0.30, 0.34), "ok"),
        (prediction(0.40, 0.10), "ok"),
        (ends(np.array([7, 1, 4, 4, 4.0]), np.ones(5), SCALE), "warn"),
        (ends(np.array([7, 1, *[4.0] * 5]), np.ones(7), SCALE), "ok"),
        (ends(np.array([7.0]), np.ones(1), None), "not tested"),
    ],
)
def test_each_guard_can_warn_be_silent_or_be_left_out(made, verdict):
    """Methods 2.8: thresholds .70, .50 or 1 point, .5 to 2, .5, .05, -.05, .15."""
    assert made.verdict == verdict


@pytest.mark.parametrize(
    ("changed", "use"),
    [
        ({}, "use the gap"),
        ({1: Guard(0.60, 0.9, 0.7, "warn")}, "use the gap"),
        ({1: Guard(0.49, 0.9, 0.7, "warn")}, "read the perceived column"),
        ({1: Guard(0.49, 0.4, 0.7, "warn")}, "cannot tell"),
        ({2: Guard(0.60, 1.5, 0.5, "warn")}, "read the perceived column"),
        ({6: Guard(-0.20, 0.5, -0.05, "warn")}, "read the perceived column"),
        ({n: Guard(9, 9, 9, "warn") for n in (3, 4, 5, 7, 8)}, "use the gap"),
        ({6: Guard()}, "use the gap"),
        ({1: Guard()}, "use the gap"),
        ({1: Guard(), 6: Guard()}, "cannot tell"),
        ({1: Guard(), 6: Guard(), 2: Guard(0.60, 1.5, 0.5, "warn")}, "read the perceived column"),
    ],
)
def test_the_rule_for_use(changed, use):
    """docs/method/validity.md: 1, 2 and 6 decide, the others warn."""
    fine = {number: Guard(0.9, 0.9, 0.5, "ok") for number in range(1, 9)}
    assert advise(fine | changed)[0] == use


def test_a_gap_that_foretells_as_much_as_perception_may_be_used():
    table = rails(responses())
    assert set(use_of(table).values()) == {"use the gap"}
    assert guard(table, 6).verdict == "ok"
    assert table.title == "The gap may be used for all 2 dimensions"


def test_a_gap_that_foretells_less_is_not_the_number_to_read():
    table = rails(responses(outcome="perception"))
    assert set(use_of(table).values()) == {"read the perceived column"}
    assert guard(table, 6).verdict == guard(table, 5).verdict == "warn"
    assert "the rating goes with" in guard(table, 6).because


def test_a_gap_under_a_ceiling_is_perception_less_a_constant():
    table = rails(responses(start=8.0), outcome=None)
    assert set(use_of(table).values()) == {"read the perceived column"}
    row = guard(table, 2)
    assert row.value > 0.5
    assert "give the highest mark for what they expect" in row.sentence


def test_a_gap_of_mere_chance_is_not_to_be_ranked_by():
    """Peter, Churchill & Brown (1993): two reliable ratings that go together make an unreliable difference."""
    frame = responses(start_sd=0.0, shared=0.5, outcome="nothing")
    same = frame.assign(expectation=np.clip(frame["perception"] + np.random.default_rng(0).integers(-1, 2, len(frame)), 1, 7))
    table = rails(same, outcome=None)
    assert guard(table, 1).value < 0.5
    assert set(use_of(table).values()) == {"read the perceived column"}
    assert "chance" in guard(table, 1).because


def test_nothing_is_claimed_of_noise():
    """Answers and outcome drawn apart from each other: neither the gap nor perception is said to foretell anything."""
    table = rails(responses(outcome="nothing"))
    assert "Neither the gap of care nor the perceived rating tells much" in guard(table, 6).sentence
    assert guard(table, 5).verdict == "ok"
    validity = cx.gap_validity(responses(outcome="nothing"), outcome="satisfaction")
    assert validity.title == "Neither the gap nor the perceived rating tells much of satisfaction"


def test_noise_without_any_reliability_is_not_advised_on():
    random = np.random.default_rng(1)
    frame = responses().assign(expectation=random.integers(2, 7, 1800), perception=random.integers(2, 7, 1800))
    table = rails(frame, outcome=None)
    assert set(use_of(table).values()) == {"cannot tell"}
    below = table.frame[table.frame["guard"] == 1].set_index("dimension")["value"] < 0
    flagged = table.frame.groupby("dimension")["flags"].first() == "INADMISSIBLE"
    assert (below == flagged).all()
    assert below.any()


@pytest.mark.parametrize("people", [1, 60, 99])
def test_fewer_than_a_hundred_respondents_are_not_judged(people):
    """Methods 2.8: computed for every dimension with n >= 100."""
    table = rails(responses(people=people))
    assert set(use_of(table).values()) == {"cannot tell"}
    assert set(table.frame["verdict"]) == {"not tested"}
    assert table.frame["value"].isna().all()
    assert f"{people} respondent" in table.frame["because"].iloc[0]
    assert table.title == "We cannot tell for any of the 2 dimensions whether the gap may be used"


def test_a_cell_of_too_few_shows_not_even_how_many():
    table = rails(responses(people=8), min_n=10)
    assert table.frame["n"].isna().all()
    assert "8" not in repr(table)


@pytest.mark.parametrize("missing", ["outcome", "item", "dimension", "scale"])
def test_it_runs_without_what_a_survey_may_lack(missing):
    """Guards that need what is not there are not tested, and say what is missing."""
    frame = responses()
    settings: dict[str, object] = {}
    if missing in ("outcome", "scale"):
        settings[missing] = None
    else:
        frame = frame.drop(columns=missing)
    table = rails(frame, **settings)
    untested = set(table.frame.loc[table.frame["verdict"] == "not tested", "guard"])
    assert untested == {"outcome": {5, 6, 8}, "item": {1, 8}, "dimension": {8}, "scale": {2, 7, 8}}[missing]
    assert set(table.frame["use"]) == {"use the gap"}
    assert len(table.cells) == (1 if missing == "dimension" else 2)
    cx.describe(table)


def test_a_reader_sees_one_row_a_gap_and_every_warning_once():
    table = rails(responses(outcome="perception"))
    assert [row[0] for row in table.cells] == ["care", "speed"]
    assert all("same meaning" in row[-1] for row in table.cells)
    prose = cx.describe(table)
    assert prose.headline == table.title
    warned = set(table.frame.loc[table.frame["verdict"] == "warn", "guard"])
    assert len(prose.details) == len(warned)
    assert any("care (" in sentence.text for sentence in prose.details)


@pytest.mark.parametrize("engine", ENGINES)
def test_the_same_on_every_engine(engine):
    design = {"weight": "weight", "stratum": "stratum", "psu": "psu", "population": "population", "scale": SCALE}
    frame = survey(5, people=160)
    frame["judged"] = (
        frame.groupby(["respondent_id", "wave", "touchpoint"], observed=True)["perception"].transform("mean").round()
    )
    one = cx.guard_rails(frame, outcome="judged", **design).frame
    assert_frame_equal(cx.guard_rails(ENGINES[engine](frame), outcome="judged", **design).frame, one, rtol=1e-9)


def test_rows_may_come_in_any_order_and_weights_in_any_unit():
    frame = responses(outcome="perception").assign(weight=lambda table: 1 + table["respondent_id"] % 3)
    moved = frame.sample(frac=1, random_state=0).assign(weight=lambda table: table["weight"] * 17.0)
    one, other = (rails(table, weight="weight").frame for table in (frame, moved))
    assert_frame_equal(other, one, rtol=1e-8)


def test_splitting_the_survey_by_region_changes_no_region():
    frame = responses(people=400).assign(region=lambda table: np.where(table["respondent_id"] < 150, "north", "south"))
    whole = rails(frame, by="region,dimension").frame
    north = rails(frame[frame["region"] == "north"]).frame
    part = whole[whole["region"] == "north"].drop(columns="region").reset_index(drop=True)
    compared = [name for name in north if name not in ("sentence",)]
    assert_frame_equal(part[compared], north[compared], rtol=1e-9)


def test_several_visits_of_a_respondent_are_not_several_respondents():
    """Arithmetic: everybody's answers at two touchpoints alike; the numbers stay, and n counts people."""
    frame = responses(people=120, outcome="perception")
    twice = pd.concat([frame.assign(touchpoint=name) for name in ("shop", "web")])
    one, two = rails(frame).frame, rails(twice).frame
    assert (two["n"] == 120).all()
    for number in (1, 2, 3, 4, 6, 7):
        here = one["guard"] == number
        assert two.loc[here, "value"].to_numpy() == pytest.approx(one.loc[here, "value"].to_numpy(), rel=0.02)
    assert set(two.loc[two["guard"] == 5, "verdict"]) == {"warn"}


def test_the_sample_study_end_to_end():
    study = sample()
    table = cx.guard_rails(study.responses, **study.outcome, **study.design)
    assert list(dict.fromkeys(table.frame["dimension"])) == [
        "tangibles", "reliability", "responsiveness", "assurance", "empathy",
    ]  # fmt: skip
    scored = cx.customer_gap(study.responses, by="dimension", weight="weight").frame
    assert len(scored) * 8 == len(table.frame)
    assert cx.Table.from_record(table.record()).cells == table.cells


def test_misuse_is_told():
    with pytest.raises(ArgumentError, match="scale"):
        rails(responses(), scale=(7, 1))
    with pytest.raises(ArgumentError, match="guard"):
        rails(responses(), by="guard")
    with pytest.raises((ArgumentError, ColumnError), match="joy"):
        rails(responses(), outcome="joy")
    missing = rails(Absent("responses"))
    assert missing.missing
    assert "not measured" in repr(missing)
