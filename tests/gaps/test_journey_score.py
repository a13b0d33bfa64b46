"""Whole journeys beside their touchpoints: shares by hand, both kinds of disagreement, rare journeys together, and the laws."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from conftest import ENGINES
from pandas.testing import assert_frame_equal
from samples import sample

from cxgap.errors import ArgumentError, ColumnError
from cxgap.gaps.journey_score import journey_score
from cxgap.stats.means import simple_means, t_interval
from cxgap.stats.proportions import wilson

ORDER = ["Ask", "Buy", "Call"]


def made(rows: list[tuple[str, dict[str, float], float | None]], times: int = 1) -> pd.DataFrame:
    """Make answers: who, the gap of each touchpoint used, and the judgement of the whole."""
    answers = [
        {"respondent_id": f"{who}{copy}", "touchpoint": name, "expectation": 5.0, "perception": 5 + gap, "recommend": said}
        for copy in range(times)
        for who, gaps, said in rows
        for name, gap in gaps.items()
    ]
    frame = pd.DataFrame(answers).astype({"recommend": float})
    return frame.assign(touchpoint=pd.Categorical(frame["touchpoint"], categories=ORDER, ordered=True))


FIVE = [
    ("a", {"Ask": 0.0, "Buy": 1.0}, 9),  # met, and judged well
    ("b", {"Ask": -0.2, "Buy": 0.0}, 3),  # met within the margin, and not judged well
    ("c", {"Ask": -2.0, "Buy": 0.0}, 8),  # one short, and judged well all the same
    ("d", {"Ask": -1.0, "Call": -2.0}, 2),
    ("e", {"Ask": 1.0}, 10),  # a single touchpoint is no journey
]


@pytest.mark.parametrize("engine", ENGINES)
def test_shares_by_hand(engine):
    """Counted by hand: of the four journeys two are met throughout, two are judged well, one each way disagrees."""
    table = journey_score(ENGINES[engine](made(FIVE)), margin=0.3)
    row = table.frame.iloc[0]
    assert (row["journey"], row["n"], row["n_judged"]) == ("all journeys", 4, 4)
    means = np.array([0.5, -0.1, -1.0, -1.5])
    assert row["estimate"] == pytest.approx(means.mean(), abs=1e-12)
    by_hand = simple_means(means, np.zeros(4, int), 1)
    assert (row["conf_low"], row["conf_high"]) == pytest.approx(
        [float(end[0]) for end in t_interval(by_hand.mean, by_hand.std_error, by_hand.df, conf_level=0.95)], rel=1e-12
    )
    assert row["worst"] == pytest.approx((0 - 0.2 - 2 - 2) / 4)
    assert row["last"] == pytest.approx((1 + 0 + 0 - 2) / 4)
    assert row[["all_met", "any_short", "judged_well", "hidden", "forgiven"]].tolist() == [0.5, 0.5, 0.5, 0.25, 0.25]
    assert (row["hidden_low"], row["hidden_high"]) == pytest.approx(
        [float(end) for end in wilson(1, 4, conf_level=0.95)], rel=1e-9
    )
    assert row["disagreement"] == pytest.approx(row["hidden"] - row["forgiven"], abs=1e-12)
    assert table.title.startswith("In 50 % of journeys every touchpoint was met; in 25 % (5 to 70)")


def test_kinds_are_the_touchpoints_in_the_order_of_the_journey_and_rare_ones_are_together():
    rows = [("x", {"Buy": 0.0, "Ask": 0.0}, 9)] * 12 + [("y", {"Call": 0.0, "Buy": -1.0}, 9)] * 3
    rows += [("z", {"Call": 0.0, "Ask": -1.0}, 9)] * 2
    rows = [(f"{who}{number}_", gaps, said) for number, (who, gaps, said) in enumerate(rows)]
    table = journey_score(made(rows), margin=0.3, min_n=5)
    assert table.frame["journey"].tolist() == ["all journeys", "Ask → Buy", "other journeys"]
    assert table.frame["n"].tolist() == [17, 12, 5]
    few = journey_score(made(rows), margin=0.3, min_n=6)  # five others could be told from all less the twelve
    assert few.frame["journey"].tolist() == ["all journeys"]
    named = journey_score(made(rows), margin=0.3)
    assert named.frame["journey"].tolist() == ["all journeys", "Ask → Buy", "Ask → Call", "Buy → Call"]
    most = journey_score(made(rows), margin=0.3, most=1)
    assert most.frame["journey"].tolist() == ["all journeys", "Ask → Buy", "other journeys"]


def test_both_disagreements_have_a_verdict():
    hides = made([("a", {"Ask": 0.0, "Buy": 0.0}, 2), ("b", {"Ask": 0.0, "Buy": 0.5}, 9)], times=30)
    row = journey_score(hides, margin=0.3).frame.iloc[0]
    assert (row["verdict"], row["reverse"]) == ("touchpoints hide poor journeys", "cannot tell")
    forgives = made([("a", {"Ask": -2.0, "Buy": 0.0}, 9)], times=100)
    row = journey_score(forgives, margin=0.3).frame.iloc[0]
    assert (row["verdict"], row["reverse"]) == ("hardly any is hidden", "short touchpoints are forgiven")


def test_without_a_judgement_of_the_whole_it_was_not_asked():
    table = journey_score(made(FIVE).drop(columns="recommend"), margin=0.3)
    assert set(table.frame["verdict"]) == {"not asked"}
    assert table.frame[["hidden", "judged_well", "disagreement"]].isna().all(axis=None)
    assert table.title.endswith("nobody was asked about the journey as a whole")
    assert "journey judged well" not in table.heads


def test_the_study_says_which_outcome_judges_the_journey():
    frame = made(FIVE).assign(whole=lambda rows: 8 - rows["recommend"].clip(1, 7))
    declared = pd.DataFrame(
        {
            "column": ["recommend", "whole"],
            "kind": ["recommend", "effort"],
            "low": [0.0, 1.0],
            "high": [10.0, 7.0],
            "better": [None, "low"],
            "of": ["visit", "journey"],
        }
    )
    table = journey_score(frame, outcomes=declared, margin=0.3)
    assert any("'whole'" in note and "3 or less" in note for note in table.notes)
    assert table.frame["judged_well"].iloc[0] == pytest.approx(0.5)  # 9 and 8 became 1; 3 and 2 became 5 and 6
    assert "'recommend'" in " ".join(journey_score(frame, outcomes=declared.iloc[:1], margin=0.3).notes)
    with pytest.raises(ArgumentError, match="must lie between 0 and 5; it holds 9"):
        journey_score(frame, outcome="recommend", low=0, high=5)


def test_waves_are_journeys_of_their_own_of_the_same_people():
    first, second = made(FIVE).assign(wave="1"), made(FIVE).assign(wave="2")
    both = journey_score(pd.concat([first, second]), margin=0.3).frame.iloc[0]
    once = journey_score(made(FIVE), margin=0.3).frame.iloc[0]
    assert (both["n"], both["estimate"]) == (once["n"], pytest.approx(once["estimate"]))
    assert both["std_error"] == pytest.approx(once["std_error"], rel=1e-9)  # copies tell nothing new


def test_nobody_with_two_touchpoints_is_not_measured():
    assert "rated two touchpoints" in journey_score(made(FIVE[-1:]), margin=0.3).missing
    assert "and fewer did" in journey_score(made(FIVE), margin=0.3, min_n=5).missing


def test_few_judgements_are_hidden_and_so_is_what_would_tell_them():
    rows = [("x", {"Ask": 0.0, "Buy": 0.0}, 9)] * 20 + [("y", {"Buy": 0.0, "Call": -1.0}, None)] * 12
    rows += [("z", {"Buy": 0.0, "Call": -1.0}, 9)] * 3 + [("w", {"Ask": 0.0, "Call": -1.0}, 9)] * 12
    rows = [(f"{who}{number}_", gaps, said) for number, (who, gaps, said) in enumerate(rows)]
    found = journey_score(made(rows), margin=0.3, min_n=10).frame.set_index("journey")
    assert found["judged_well"].isna().to_dict() == {
        "all journeys": False, "Ask → Buy": False, "Ask → Call": True, "Buy → Call": True,
    }  # fmt: skip
    assert found["all_met"].notna().all()
    assert found.loc["Buy → Call", "verdict"] == "not shown"


def test_order_of_rows_and_units_of_weights_change_nothing():
    study = sample()
    table = journey_score(study.responses, outcomes=study.outcomes, **study.design)
    moved = study.responses.sample(frac=1, random_state=1).assign(weight=lambda rows: 3 * rows["weight"])
    again = journey_score(moved, outcomes=study.outcomes, **study.design)
    assert_frame_equal(again.frame, table.frame, rtol=1e-9)
    parts, whole = table.frame.iloc[1:], table.frame.iloc[0]
    assert parts["n"].sum() == whole["n"]  # in the sample nobody has two journeys
    assert whole["all_met"] + whole["any_short"] == pytest.approx(1)
    assert parts["n"].min() >= 10


@pytest.mark.slow
def test_spark_scores_the_same_journeys_and_entities(spark):
    from cxgap.gaps.case_mix import case_mix

    frame = made(FIVE, times=5).assign(region=lambda rows: np.where(rows["respondent_id"].str[1].isin(["0", "1"]), "A", "B"))
    local, remote = (journey_score(held, margin=0.3).frame for held in (frame, spark(frame)))
    assert_frame_equal(remote.assign(journey=local["journey"]), local, rtol=1e-9)
    one, other = (case_mix(held, adjust=[]).frame.set_index("region").sort_index() for held in (frame, spark(frame)))
    assert other["estimate"].tolist() == pytest.approx(one["estimate"].tolist(), rel=1e-9)


def test_a_judgement_that_is_asked_for_must_be_there_and_outcomes_be_those_of_a_study():
    with pytest.raises(ColumnError, match="must have a column 'whole'"):
        journey_score(made(FIVE), outcome="whole", low=0, high=10)
    for wrong in ("study.toml", pd.DataFrame({"name": ["whole"]})):
        with pytest.raises(ArgumentError, match="`outcomes` must be what the study declares"):
            journey_score(made(FIVE), outcomes=wrong)
