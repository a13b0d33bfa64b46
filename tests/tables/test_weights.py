"""Weights are one number of 0 or more a respondent, or the reading stops: leaving rows out would bias the design."""

from __future__ import annotations

import pytest

from cxgap.errors import StudyError

DRAWN = {"design": {"weight": "weight"}}


def weighted(*weights: str) -> str:
    """Write two rows a respondent, with one weight a row."""
    lines = ["respondent_id,touchpoint,e1,p1,weight"]
    lines += [f"R{row // 2},T{row % 2},7,5,{weight}" for row, weight in enumerate(weights)]
    return "\n".join(lines) + "\n"


def test_weights_are_numbers(study):
    read = study(weighted("1", "1", "0.5", "0.5", "2e0", "2"), **DRAWN)
    assert read.responses["weight"].tolist() == [1, 1, 0.5, 0.5, 2, 2]
    assert read.design["weight"] == "weight"


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        (
            ("1", "1", "-0.5", "-0.5"),
            "row 4, column 'weight': every respondent must have a number of 0 or more, not '-0.5'; 2 rows",
        ),
        (("1", "1", "", ""), "row 4, column 'weight': every respondent must have a number of 0 or more, not ''; 2 rows"),
        (("1", "1", "NA", "1"), "not 'NA'; 1 rows have none"),
        (("1", "1", "inf", "inf"), "not 'inf'; 2 rows have none"),
        (("1", "1", "heavy", "1"), "not 'heavy'; 1 rows have none"),
        (("1", "1", '"1,5"', '"1,5"'), "not '1,5'; 2 rows have none. Set decimal = \",\" if it is a decimal comma."),
        (
            ("1", "1", "1", "2"),
            "row 5, column 'weight': a respondent must have one value in all rows, and has 1 in an earlier one and 2 here.",
        ),
        (("0", "0", "0.0", "0"), "column 'weight': the values must not all be zero."),
    ],
)
def test_a_weight_that_cannot_be_one_stops_the_reading(study, weights, words):
    with pytest.raises(StudyError) as caught:
        study(weighted(*weights), **DRAWN)
    assert words in str(caught.value)
    assert "R1" not in str(caught.value)  # who it is, is not for a message


def test_population_sizes_are_numbers_too(study):
    read = study(weighted("500", "500", "400", "400"), design={"population": "weight"})
    assert read.responses["weight"].tolist() == [500, 500, 400, 400]
    with pytest.raises(StudyError, match="column 'weight': every respondent must have a number"):
        study(weighted("many"), design={"population": "weight"})


def test_strata_and_sampling_units_stay_text(study):
    read = study(design={"stratum": "region", "psu": "region"})
    assert read.responses["region"].tolist()[:3] == ["NA", "NA", "007"]
    assert {name: read.design[name] for name in ("stratum", "psu")} == {"stratum": "region", "psu": "region"}


def test_the_weight_of_a_row_that_is_left_out_does_not_matter(study):
    assert study(weighted("1", "1", "x", "x"), where={"respondent_id": "R0"}, **DRAWN).rows["used"] == 2


@pytest.mark.parametrize(("heavy", "found"), [("10", True), ("1.5", False)])
def test_weights_that_leave_half_the_information_are_reported(study, heavy, found):
    weights = [*("1",) * 18, *(heavy,) * 2]
    checks = [issue["check"] for issue in study(weighted(*weights), **DRAWN).issues]
    assert ("huge_weight" in checks) == found


def test_respondents_of_weight_zero_are_counted(study):
    (issue,) = [i for i in study(weighted("1", "1", "0", "0"), **DRAWN).issues if i["check"] == "zero_weight"]
    assert issue["rows"] == 1
