"""Arguments are what they must be, or the error says what they must be: no value ends in a traceback."""

from __future__ import annotations

import math
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxgap._check import (
    as_names,
    check_choice,
    check_count,
    check_positive,
    check_positives,
    check_prob,
    check_scale,
    check_seed,
    check_zone,
)
from cxgap.errors import ArgumentError

LAW = settings(max_examples=60, deadline=None, derandomize=True)
ODD = [math.nan, math.inf, -math.inf, 10**400, True, False, "0.5", "", b"1", [0.5], {}, {1, 2}, 1j, Decimal("0.5")]


@pytest.mark.parametrize("value", [0.95, np.float32(0.5), np.float64(0.999), 1e-300])
def test_a_probability_lies_between_0_and_1(value):
    assert check_prob(value, "conf_level") == pytest.approx(float(value))
    assert type(check_prob(value, "conf_level")) is float


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (95, "`conf_level` must be a number between 0 and 1, not 95. Did you mean 0.95?"),
        (99.9, "not 99.9. Did you mean 0.999?"),
        (1, "`conf_level` must be a number between 0 and 1, not 1."),
        (0, "not 0."),
        (100, "not 100."),
        (-0.05, "not -0.05."),
        (None, "not None."),
    ],
)
def test_another_number_is_no_probability(value, words):
    with pytest.raises(ArgumentError) as caught:
        check_prob(value, "conf_level")
    assert str(caught.value).endswith(words)


@pytest.mark.parametrize("value", ODD, ids=repr)
@pytest.mark.parametrize("check", [check_prob, check_positive, check_count, check_scale])
def test_what_is_no_finite_number_is_refused_with_its_name(check, value):
    with pytest.raises(ArgumentError, match="`margin` must be "):
        check(value, "margin")


def test_a_choice_is_one_of_the_options():
    assert check_choice("items", "score", {"items", "dimensions"}) == "items"
    for value in ("item", "", None, 5, ["items"], {}):
        with pytest.raises(ArgumentError, match=r"`score` must be one of \['dimensions', 'items'\], not "):
            check_choice(value, "score", {"items", "dimensions"})


def test_a_positive_number_may_be_left_out():
    assert check_positive(None, "margin") is None
    assert check_positive(3, "margin") == 3.0
    assert type(check_positive(np.int64(3), "margin")) is float
    for value in (0, -1, -0.0):
        with pytest.raises(ArgumentError, match="`margin` must be a number above 0, not "):
            check_positive(value, "margin")


@pytest.mark.parametrize("value", [1, 10, 10.0, np.int64(10), np.float32(10)])
def test_a_count_is_a_whole_number(value):
    assert check_count(value, "min_n") == value
    assert type(check_count(value, "min_n")) is int


@pytest.mark.parametrize("value", [0, -1, 1.5, 0.99, None])
def test_another_number_is_no_count(value):
    with pytest.raises(ArgumentError, match="`min_n` must be a whole number of at least 1, not "):
        check_count(value, "min_n")


@pytest.mark.parametrize("value", [(1, 7), [1, 7], np.array([1.0, 7.0]), (np.int64(1), 7.0), range(1, 8, 6)])
def test_a_scale_is_its_two_ends(value):
    assert check_scale(value) == (1.0, 7.0)


def test_a_scale_may_be_left_out_or_run_below_zero():
    assert check_scale(None) is None
    assert check_scale((-3, 3)) == (-3.0, 3.0)


@pytest.mark.parametrize(
    "value", [(7, 1), (1, 1), (1,), (1, 4, 7), (), "17", (1, None), (1, math.inf), (False, True), {1, 7}, {1: 2, 7: 8}, 7]
)
def test_anything_else_is_no_scale(value):
    with pytest.raises(
        ArgumentError, match=r"`scale` must be the question's lowest and highest answer, such as \(1, 7\), not "
    ):
        check_scale(value)


@pytest.mark.parametrize(
    ("value", "names"),
    [
        ("touchpoint", ("touchpoint",)),
        ("touchpoint, dimension", ("touchpoint", "dimension")),
        (" touchpoint ,", ("touchpoint",)),
        ("", ()),
        (",", ()),
        (None, ()),
        ([], ()),
        (["touchpoint", "dimension"], ("touchpoint", "dimension")),
        (("a,b",), ("a,b",)),
        (np.array(["touchpoint"]), ("touchpoint",)),
        (pd.Index(["touchpoint"]), ("touchpoint",)),
    ],
)
def test_names_are_a_sequence_or_one_text(value, names):
    assert as_names(value) == names


@pytest.mark.parametrize("value", [5, 0, True, [1], ["a", None], b"ab", {1, 2}, 0.5])
def test_what_names_no_columns_is_refused(value):
    with pytest.raises(ArgumentError, match="`by` must hold column names, not "):
        as_names(value)


@pytest.mark.parametrize("value", ["a,a", ["a", " a"]])
def test_a_name_stands_once(value):
    with pytest.raises(ArgumentError, match=r"`by` must name each column once, not \['a', 'a'\]"):
        as_names(value)


@LAW
@given(
    st.lists(st.text(st.characters(exclude_characters=",", exclude_categories=["Cs"])).map(str.strip).filter(bool), unique=True)
)
def test_names_joined_by_commas_are_the_same_names(names):
    assert as_names(",".join(names)) == as_names(names) == tuple(names)


@pytest.mark.parametrize("value", ["Europe/Berln", "", None, 3, "../etc"])
def test_a_time_zone_is_one_that_is_known(value):
    assert check_zone("Europe/Berlin", "zone") == "Europe/Berlin"
    with pytest.raises(ArgumentError, match=r'^`zone` must be a time zone such as "Europe/Berlin", not'):
        check_zone(value, "zone")


@pytest.mark.parametrize("value", [7, (2, 7, 30), [2.0, 7.0], np.array([2, 7])])
def test_positive_numbers_are_several_or_one(value):
    assert check_positives(value, "within") == tuple(float(each) for each in np.atleast_1d(value))


@pytest.mark.parametrize(
    "value", [0, -1, None, "7", (), (2, "a"), (2, math.nan), *(odd for odd in ODD if odd not in ([0.5], {1, 2}, b"1"))]
)
def test_other_numbers_are_refused_with_their_name(value):
    with pytest.raises(ArgumentError, match=r"`within` must hold numbers above 0, such as \(2, 7, 30\)"):
        check_positives(value, "within")


@pytest.mark.parametrize("value", [None, 0, 7, np.int64(7), 7.0])
def test_a_seed_is_a_whole_number_or_none(value):
    assert check_seed(value, "seed") == value


@pytest.mark.parametrize("value", [-1, 1.5, "x", math.nan, *ODD[3:4], True])
def test_another_seed_is_refused_with_its_name(value):
    with pytest.raises(ArgumentError, match="`seed` must be a whole number of at least 0, not"):
        check_seed(value, "seed")
