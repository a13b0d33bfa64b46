"""Sums are checked by hand, on every engine, and do not depend on where or in which order the rows lie."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from conftest import ENGINES
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from cxgap.errors import ArgumentError, ColumnError
from cxgap.tally import columns_of, keep_true, require, tally_distinct, tally_pairs

LAW = settings(max_examples=6, deadline=None, derandomize=True)
ORDERED = [name for name in ENGINES if name != "pyarrow"]

ANSWERS = pd.DataFrame(
    {
        "place": pd.Categorical(
            ["shop", "shop", "call", "call", None, "shop"], categories=["shop", "call", "web"], ordered=True
        ),
        "code": ["0012", "0012", "NA", "NA", "NA", "7"],
        "expectation": [7.0, 6.0, 5.0, np.nan, 4.0, 3.0],
        "perception": [5.0, np.nan, 6.0, 2.0, 4.0, np.inf],
        "importance": [2.0, 3.0, np.nan, 1.0, -1.0, 5.0],
        "weight": [1.5, 0.5, np.nan, 2.0, np.inf, 1.0],
    }
)


def sums(engine: str, frame: pd.DataFrame = ANSWERS, **options) -> pd.DataFrame:
    return tally_pairs(ENGINES[engine](frame), "expectation", "perception", **options)


@pytest.mark.parametrize("engine", ORDERED)
def test_a_pair_needs_two_finite_ratings_and_an_end_needs_one(engine):
    """Arithmetic."""
    found = sums(engine, keys=["place"])
    assert list(found["place"].astype(object))[:2] == ["shop", "call"]
    assert found["place"].isna().tolist() == [False, False, True]
    expected = {
        "rows": [3, 2, 1],
        "pairs": [1, 1, 1],
        "start": [7, 5, 4],
        "end": [5, 6, 4],
        "gap": [-2, 1, 0],
        "ends": [1, 2, 1],
        "end_all": [5, 8, 4],
    }
    assert found.drop(columns="place").to_dict("list") == expected


@pytest.mark.parametrize("engine", ENGINES)
def test_all_rows_together_need_no_key(engine):
    (row,) = sums(engine, keys=[]).to_dict("records")
    assert (row["rows"], row["pairs"], row["gap"], row["end_all"]) == (6, 3, -1, 17)


@pytest.mark.parametrize("engine", ENGINES)
def test_weights_are_looked_at_and_those_that_are_no_numbers_are_missed(engine):
    """Arithmetic: the fifth row's weight is infinite, the third has none."""
    found = sums(engine, keys=["code"], weight="weight").set_index("code")
    assert found.loc["NA", ["rows", "weights", "weight_low", "weight_high"]].tolist() == [3, 1, 2, 2]
    assert found.loc["0012", ["rows", "weights", "weight_low", "weight_high"]].tolist() == [2, 2, 0.5, 1.5]


@pytest.mark.parametrize("engine", ENGINES)
def test_importance_is_summed_over_pairs_that_have_one_of_at_least_zero(engine):
    """Arithmetic."""
    found = sums(engine, keys=["code"], importance="importance").set_index("code")
    names = ["importance_pairs", "importance_sum", "importance_gap", "importance_max"]
    assert found.loc["0012", names].tolist() == [1, 2, -4, 3]
    assert found.loc["NA", names].tolist() == [0, 0, 0, 1]


@pytest.mark.parametrize("engine", ENGINES)
def test_codes_stay_text_and_whole_numbers_stay_whole(engine):
    """A region 0012 is no number, NA is no gap in the data, and 12 beside a null is not 12.0."""
    frame = ANSWERS.assign(number=pd.array([12, 12, None, 9, 9, 9], dtype="Int64"))
    assert list(sums(engine, frame, keys=["code"])["code"]) == ["0012", "7", "NA"]
    numbers = sums(engine, frame, keys=["number"])["number"]
    assert [str(value) for value in numbers] == ["9", "12", "nan"]


@pytest.mark.parametrize("engine", ENGINES)
def test_dates_and_truth_make_groups(engine):
    days = [dt.datetime(2026, 3, day) for day in (2, 2, 1, 1, 1, 2)]
    frame = ANSWERS.assign(day=days, member=[True, True, False, True, False, True])
    found = sums(engine, frame, keys=["day", "member"])
    assert found["rows"].tolist() == [2, 1, 3]
    assert [f"{day:%d} {member}" for day, member in zip(found["day"], found["member"], strict=True)] == [
        "01 False",
        "01 True",
        "02 True",
    ]


def test_an_ordered_categorical_of_numbers_keeps_its_order():
    frame = ANSWERS.assign(step=pd.Categorical([10, 9, 10, 9, 2, None], categories=[10, 9, 2], ordered=True))
    found = sums("pandas", frame, keys=["step"])
    assert found["step"].astype(object).tolist()[:3] == [10, 9, 2]
    assert found["rows"].tolist() == [2, 2, 1, 1]


@pytest.mark.parametrize("dtype", ["Int64", "Float32", "int8[pyarrow]"])
def test_nullable_and_small_numbers_are_ratings(dtype):
    """The gap of 1 and 127 is computed as numbers, not in eight bits."""
    start, end = pd.array([127, None, 3], dtype=dtype), pd.array([1, 2, None], dtype=dtype)
    (row,) = sums("pandas", pd.DataFrame({"expectation": start, "perception": end}), keys=[]).to_dict("records")
    assert (row["pairs"], row["gap"], row["ends"], row["end_all"]) == (1, -126, 2, 3)


@pytest.mark.parametrize("engine", ORDERED)
def test_combinations_that_occur_are_listed_once_and_in_order(engine):
    found = tally_distinct(ENGINES[engine](ANSWERS), ["place", "code"]).astype(object)
    rows = [[None if value is np.nan else value for value in row] for row in found.to_numpy().tolist()]
    assert rows == [["shop", "0012"], ["shop", "7"], ["call", "NA"], [None, "NA"]]


@pytest.mark.parametrize("engine", ENGINES)
def test_rows_that_are_true_are_kept_on_their_engine(engine):
    made = ENGINES[engine](ANSWERS.assign(keep=[True, False, True, False, False, True]))
    kept = keep_true(made, "keep")
    assert isinstance(kept, type(made))
    assert tally_pairs(kept, "expectation", "perception", keys=[])["rows"].tolist() == [3]
    assert columns_of(kept) == [*ANSWERS.columns, "keep"]


@pytest.mark.parametrize("engine", ENGINES)
@LAW
@given(seed=st.integers(0, 2**32 - 1), cut=st.integers(0, 300))
def test_order_and_partition_of_the_rows_cannot_change_a_digit(engine, seed, cut):
    """Sums of whole numbers are exact, so they are equal to the last bit on every engine."""
    random = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "respondent_id": random.integers(0, 40, 300),
            "place": random.choice(["a", "b", None], 300),
            "expectation": random.choice([*range(1, 8), np.nan], 300),
            "perception": random.choice([*range(1, 8), np.nan], 300),
            "importance": random.choice([*range(11), np.nan], 300),
        }
    )
    keys = ["respondent_id", "place"]
    moved = frame.iloc[random.permutation(300)]
    moved = pd.concat([moved.iloc[cut:], moved.iloc[:cut]], ignore_index=True)
    expected = sums("pandas", frame, keys=keys, importance="importance")
    assert_frame_equal(sums(engine, moved, keys=keys, importance="importance"), expected, check_exact=True)


def test_a_missing_column_is_named_with_the_unused_one_that_is_nearest():
    message = (
        "`answers` must have a column 'perception'; its unused columns are ['code', 'perceived']. If 'perceived' holds it, set "
        'rename = { perceived = "perception" } in the study file.'
    )
    frame = ANSWERS[["expectation", "perception", "code"]].rename(columns={"perception": "perceived"})
    with pytest.raises(ColumnError) as caught:
        require(frame, ["expectation", "perception"], "answers")
    assert str(caught.value) == message


@pytest.mark.parametrize("engine", ENGINES)
def test_ratings_that_are_text_are_refused(engine):
    with pytest.raises(ArgumentError, match=r"`responses` must hold numbers in 'perception', not String; read the file"):
        sums(engine, ANSWERS.assign(perception=["5", "6", "7", "1", "2", "3"]), keys=[])


def test_a_key_with_the_name_of_a_sum_is_refused():
    with pytest.raises(ArgumentError, match="a column that makes groups must not be called 'pairs'"):
        sums("pandas", ANSWERS.assign(pairs=1), keys=["pairs"])


def test_a_key_of_text_and_numbers_is_refused():
    with pytest.raises(ArgumentError, match="`responses` must hold values of one kind in 'mixed', not text and numbers"):
        sums("pandas", ANSWERS.assign(mixed=pd.Series([12, "12", 12, "a", 1, 2], dtype=object)), keys=["mixed"])


def test_a_flag_that_is_not_true_or_false_is_refused():
    with pytest.raises(ArgumentError, match="`responses` must hold true or false in 'code', not String"):
        keep_true(ANSWERS, "code")
