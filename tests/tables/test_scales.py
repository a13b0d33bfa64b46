"""A wave or an item that was asked on another scale is converted by range, and the page says so."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from study_files import AS_LONG, LONG, WIDE, wide

import cxgap as cx
from cxgap.errors import StudyError
from cxgap.tables.scales import converted
from cxgap.tables.sections import Range

WAVES = """respondent_id,touchpoint,wave,e1,p1,e2,p2
R1,Buy,2024,5,1,4,3
R2,Buy,2024,5,4,3,2
R3,Buy,2025,7,1,6,4
R4,Buy,2025,7,7,1,4
"""
FIVE = {"low": 1, "high": 5}


def ratings(read) -> dict[str, list[float]]:
    answers = read.responses.sort_values(["respondent_id", "item"])
    return {
        who: rows[["expectation", "perception"]].to_numpy().ravel().tolist() for who, rows in answers.groupby("respondent_id")
    }


def refused(study, /, *args, **sections) -> str:
    with pytest.raises(StudyError) as caught:
        study(*args, **sections)
    return str(caught.value)


def test_a_wave_on_another_scale_is_converted_by_range_and_the_others_are_not(study):
    """(x - low) / (high - low) of the study's range, added to its low: 4 of 1 to 5 is 5.5 of 1 to 7."""
    read = study(WAVES, **{"scale.waves.2024": FIVE})
    assert ratings(read) == {"R1": [7, 1, 5.5, 4], "R2": [7, 5.5, 4, 2.5], "R3": [7, 1, 6, 4], "R4": [7, 7, 1, 4]}
    assert read.rows["used"] == 8


def test_a_conversion_is_said_with_both_scales(study):
    (issue,) = [issue for issue in study(WAVES, **{"scale.waves.2024": FIVE}).issues if issue["check"] == "rescaled"]
    assert (issue["severity"], issue["column"], issue["rows"], issue["value"]) == ("warning", "wave 2024", 4, "1 to 5")
    assert issue["fix"] == "answers on 1 to 5 were converted to 1 to 7 by range; compare with care"


def test_a_wave_on_the_same_scale_is_not_said_to_be_converted(study):
    read = study(WAVES, **{"scale.waves.2024": {"low": 1, "high": 7, "step": 0.5}})
    assert "rescaled" not in {issue["check"] for issue in read.issues}


def test_a_wave_is_judged_on_its_own_scale(study):
    read = study(WAVES.replace("R2,Buy,2024,5", "R2,Buy,2024,6"), **{"scale.waves.2024": FIVE})
    assert read.rejects[["row", "column", "value", "reason"]].to_numpy().tolist() == [[3, "e1", "6", "out_of_scale"]]


def test_a_wave_has_labels_of_its_own(study):
    labels = {"labels": {"No": 1, "Yes": 5}}
    read = study(WAVES.replace("2024,5,1", "2024,yes,no"), **{"scale.waves.2024": FIVE | labels})
    assert ratings(read)["R1"] == [7, 1, 5.5, 4]
    assert 'under [scale.waves."2024"]; correct it' in refused(
        study, WAVES.replace("2024,5,1", "2024,si,no"), **{"scale.waves.2024": FIVE | labels}
    )


def test_an_item_has_a_scale_of_its_own_and_is_turned_on_it_before(study):
    """8 of 0 to 10 turned is 2, which is 2.2 of 1 to 7."""
    read = study(WIDE.replace("7,5,6,6", "8,10,6,6"), items={"1": {"low": 0, "high": 10, "reversed": True}, "2": {}})
    assert ratings(read)["R1"] == [pytest.approx(2.2, abs=1e-12), 1, 6, 6]
    assert [issue["column"] for issue in read.issues if issue["check"] == "rescaled"] == ["item 1"]


def test_the_scale_of_an_item_comes_before_that_of_the_wave(study):
    read = study(WAVES, items={"1": {"low": 1, "high": 9}, "2": {}}, **{"scale.waves.2024": FIVE})
    assert ratings(read)["R2"] == [4, 3.25, 4, 2.5]


def test_an_item_may_differ_in_its_step_alone(study):
    read = study(WIDE.replace("7,5,6,6", "6.5,5,6.5,6"), items={"1": {"step": 0.5}, "2": {}})
    assert read.rejects[["column", "reason"]].to_numpy().tolist() == [["e2", "off_step"]]
    assert "rescaled" not in {issue["check"] for issue in read.issues}


def test_an_item_that_is_negative_and_turned_in_the_file_is_not_turned_again(study):
    assert ratings(study(items={"1": {"negative": True}, "2": {}})) == ratings(study())


def test_reversed_turns_both_ratings(study):
    assert ratings(study(items={"1": {"negative": True, "reversed": True}, "2": {}}))["R1"] == [1, 3, 6, 6]


def test_a_long_file_is_converted_item_by_item(study):
    read = study(LONG, responses=AS_LONG, items={"1": {"low": 0, "high": 12}, "2": {}})
    assert ratings(read)["R1"] == [4.5, 3.5, 6, 6]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"scale.waves.2O24": FIVE}, "[scale.waves.\"2O24\"] must be one of the waves ['2024', '2025']; correct its name."),
        ({"scale.waves.2026": FIVE, "study": {"waves": ["2024", "2025"]}}, "must be one of the waves ['2024', '2025']"),
        ({"items": {"1": {"low": 7}, "2": {}}}, '[items."1"] must have low below high, and 7 is not below 7.'),
        ({"items": {"1": {"high": 1}, "2": {}}}, '[items."1"] must have low below high, and 1 is not below 1.'),
        ({"items": {"1": {"low": 1, "high": 3, "labels": {"x": 9}}, "2": {}}}, "must have labels from 1 to 3, and 'x' is 9"),
    ],
)
def test_a_scale_of_nothing_or_upside_down_is_refused(study, words, said):
    assert said in refused(study, WAVES, **words)


def test_a_wave_on_another_scale_needs_the_column(study):
    assert "has no column `wave`; rename the one that has it, or drop the section" in refused(study, **{"scale.waves.1": FIVE})


def test_managers_are_asked_on_the_scale_of_the_item(study):
    staff = "manager_id,touchpoint,item,believed\nM1,Buy,1,10\nM2,Buy,2,7\nM3,Buy,1,0\n"
    read = study(WIDE, {"m.csv": staff}, tables={"managers": "m.csv"}, items={"1": {"low": 0, "high": 10}, "2": {}})
    assert read.managers["believed"].tolist() == [7, 7, 1]
    assert {issue["table"] for issue in read.issues if issue["check"] == "rescaled"} == {"responses", "managers"}


def test_gaps_are_scored_on_converted_answers(study):
    """Five points of 1 to 5 lost are six of 1 to 7; what all respondents answered alike is told only without a minimum."""
    survey = wide(20).replace("region", "wave").replace("5,4,6,3", "5,1,5,1")
    read = study(survey, **{"scale.waves.NA": FIVE})
    (row,) = cx.customer_gap(read.responses, by="touchpoint", **{**read.design, "min_n": 1}).frame.itertuples()
    assert row.estimate == -6


ENDS = st.tuples(st.floats(-100, 100), st.floats(0.1, 100)).map(lambda pair: Range(low=pair[0], high=pair[0] + pair[1], step=0))


@given(own=ENDS, study=ENDS, share=st.floats(0, 1))
def test_conversion_is_exact_at_the_ends_and_stays_within(own, study, share):
    number = min(own.low + share * (own.high - own.low), own.high)
    low, high, inside = converted(np.array([own.low, own.high, number]), own, study)
    assert (low, high) == (study.low, study.high)
    assert study.low - 1e-9 <= inside <= study.high + 1e-9


def test_a_conversion_breaks_the_series_from_the_wave_that_changed_and_where_the_old_scale_comes_back(study):
    """The codebook names the waves, so that a trend of the study is broken there without anybody saying so."""
    text = WAVES.splitlines()[0] + "\n"
    text += "".join(f"R{who},Buy,{wave},5,{1 + who % 5},3,2\n" for wave in (2024, 2025, 2026) for who in range(12))
    assert set(study(text, **{"scale.waves.2025": {"low": 1, "high": 10}}).codebook["changed"]) == {"2025; 2026"}
    own = {"items.1": {"label": "One"}, "items.2": {"high": 7}}
    assert set(study(text, **{"scale.waves.2024": FIVE}, **own).codebook["changed"]) == {"2025", ""}
    read = study(text, **{"scale.waves.2024": FIVE})
    trend = cx.gap_trend(read.responses, codebook=read.codebook).frame
    assert trend["broken"].tolist() == ["", "2 items worded or scaled otherwise", ""]
    assert trend["change"].notna().tolist() == [False, False, True]
