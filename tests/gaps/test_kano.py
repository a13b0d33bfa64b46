"""Kinds of requirements: the table of Berger et al., the arithmetic of O-5.4, and what the design and the words must hold."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from conftest import ENGINES
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

import cxgap as cx
from cxgap.errors import ArgumentError, ColumnError
from cxgap.stats.bootstrap import Source
from cxgap.stats.kano import ANSWERS, CATEGORIES, EVALUATION, chance_of_leading, evaluated, leading

# One pair of answers for each category.
PAIRS = {
    "A": ("like", "neutral"), "O": ("like", "dislike"), "M": ("neutral", "dislike"), "I": ("neutral", "neutral"),
    "R": ("dislike", "like"), "Q": ("like", "like"),
}  # fmt: skip


def asked(feature: str = "f", **counts: int) -> pd.DataFrame:
    pairs = [PAIRS[letter] for letter, count in counts.items() for _ in range(count)]
    frame = pd.DataFrame(pairs, columns=["functional", "dysfunctional"])
    return frame.assign(respondent_id=[f"r{number:04d}" for number in range(len(frame))], feature=feature)


def row(frame: pd.DataFrame, **asks: object) -> pd.Series:
    (found,) = [each for _, each in cx.kano(frame, **asks).frame.iterrows()]
    return found


def test_the_table_of_evaluation_is_that_of_berger_and_others():
    """Berger et al. (1993), Center for Quality Management Journal 2(4): rows having it, columns not having it."""
    assert ["".join(CATEGORIES[k] for k in line) for line in EVALUATION] == ["QAAAO", "RIIIM", "RIIIM", "RIIIM", "RRRRQ"]
    for letter, pair in PAIRS.items():
        one, other = (np.array([ANSWERS.index(answer)]) for answer in pair)
        assert CATEGORIES[evaluated(one, other)[0]] == letter


@pytest.mark.parametrize("engine", ENGINES)
def test_the_oracle(engine):
    """Arithmetic: better (30 + 40)/95, worse -(40 + 15)/95; 10 is not above 1.65 sqrt(70 x 130/200) = 11.13, so mixed O/A."""
    table = cx.kano(ENGINES[engine](asked(A=30, O=40, M=15, I=10, R=3, Q=2)))
    (found,) = [each for _, each in table.frame.iterrows()]
    assert [found[letter] for letter in CATEGORIES] == [30, 40, 15, 10, 3, 2]
    assert (found["better"], found["worse"]) == pytest.approx((0.7368421, -0.5789474), abs=1e-7)
    assert (found["strength"], found["total_strength"]) == pytest.approx((0.10, 0.85))
    assert (found["category"], found["fong"], found["kind"]) == ("O", "O/A", "mixed")
    assert found["fong_threshold"] == pytest.approx(11.12986, abs=1e-5)
    assert "mixed: performance or delight" in repr(table)
    # Wilson's interval of 70 of 95: R's prop.test(70, 95, correct = FALSE).
    assert (found["better_low"], found["better_high"]) == pytest.approx((0.6403398, 0.8149348), abs=1e-7)
    assert (found["worse_low"], found["worse_high"]) == pytest.approx((-0.6732618, -0.4784964), abs=1e-7)


def test_of_a_tie_what_hurts_most_to_overlook_comes_first():
    assert [row(asked(**dict.fromkeys(letters, 5)))["category"] for letters in ("AOMI", "AOI", "AI", "IR", "RQ")] == list(
        "MOAIR"
    )


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_swapping_the_two_questions_transposes_the_table(seed):
    random = np.random.default_rng(seed)
    pairs = random.integers(0, 5, (60, 2))
    frame = asked(A=60).assign(functional=np.array(ANSWERS)[pairs[:, 0]], dysfunctional=np.array(ANSWERS)[pairs[:, 1]])
    swapped = row(frame, functional="dysfunctional", dysfunctional="functional", replicates=9)
    want = np.bincount(EVALUATION.T[pairs[:, 0], pairs[:, 1]], minlength=6)
    assert [swapped[letter] for letter in CATEGORIES] == want.tolist()


@settings(max_examples=4, deadline=None)
@given(seed=st.integers(0, 10_000), factor=st.floats(0.01, 100))
def test_order_of_rows_units_of_weights_and_names_of_people_do_not_matter(seed, factor):
    frame = pd.concat([asked("f", A=12, O=9, M=4, I=5), asked("g", I=10, M=11, R=3)])
    frame["weight"] = frame["respondent_id"].str[1:].astype(int) % 3 + 1.0
    plain = cx.kano(frame, weight="weight", replicates=99).frame
    moved = frame.sample(frac=1, random_state=seed)
    moved["weight"] *= factor
    assert_frame_equal(cx.kano(moved, weight="weight", replicates=99).frame, plain, rtol=1e-9)
    named = frame.assign(respondent_id="x" + frame["respondent_id"])
    assert_frame_equal(cx.kano(named, weight="weight", replicates=99).frame, plain)
    anonymous = cx.kano(frame.drop(columns="respondent_id"), replicates=99).frame
    shuffled = frame.drop(columns="respondent_id").sample(frac=1, random_state=seed)
    assert_frame_equal(cx.kano(shuffled, replicates=99).frame, anonymous)


def test_weights_count_as_so_many_people_in_shares_and_not_in_numbers():
    frame = asked(A=10, M=20)
    frame["weight"] = np.where(frame["functional"] == "like", 4.0, 1.0)
    found = row(frame, weight="weight")
    assert (found["A"], found["M"], found["n"]) == (10, 20, 30)
    assert (found["share_A"], found["share_M"], found["better"]) == pytest.approx((2 / 3, 1 / 3, 2 / 3))
    assert found["category"] == "A"
    assert found["n_eff"] == pytest.approx(60**2 / (10 * 16 + 20))


def test_sampling_units_widen_what_is_said():
    """Forty people who all answered as their household of eight did tell as much as five people."""
    frame = asked(A=24, I=16)
    frame["house"] = np.arange(40) // 8
    alone, together = row(frame), row(frame, psu="house")
    assert together["better_high"] - together["better_low"] > 1.8 * (alone["better_high"] - alone["better_low"])
    assert together["better"] == alone["better"]


def test_a_kind_is_said_where_drawing_again_leaves_no_doubt():
    assert row(asked(M=60, O=25, I=15))["kind"] == "must-be"
    assert row(asked(A=60, O=25, I=15))["kind"] == "delight"
    assert row(asked(O=60, A=25, I=15))["kind"] == "performance"
    assert row(asked(M=41, O=40, I=15))["kind"] == "mixed"
    assert row(asked(M=41, O=40, I=15))["p_mode"] == pytest.approx(0.54, abs=0.06)


def test_of_two_that_are_named_alike_one_is_called_first_as_rarely_as_it_says():
    """Of 600 samples from a true tie 5 % (and three standard errors) may name a kind; Fong's rule does it more often."""
    random = np.random.default_rng(4)
    drawn = random.multinomial(120, [0.4, 0.4, 0.1, 0.1, 0, 0], size=600)
    cell = np.repeat(np.arange(600), 120)
    category = np.concatenate([np.repeat(np.arange(6), counts) for counts in drawn])
    unit = np.tile(np.arange(120), 600)
    chance = chance_of_leading(category, cell, unit, np.ones(len(cell)), 600, Source.simple("t", 120), replicates=399, seed=1)
    settled = (chance.max(axis=1) >= 0.975).mean()
    first = leading(drawn / 120, np.full(600, 120.0))
    assert settled <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 600)
    assert settled > 0.01
    assert (first.difference > first.threshold).mean() > settled
    assert chance.sum(axis=1) == pytest.approx(np.ones(600))


def test_groups_that_want_the_opposite_are_told_apart():
    """All together the two halves read indifferent or mixed, and neither half is."""
    one, other = asked(A=45, I=5).assign(group="old"), asked(R=45, I=5).assign(group="new")
    frame = pd.concat([one, other.assign(respondent_id="n" + other["respondent_id"])])
    table = cx.kano(frame, segments="group", min_n=10)
    (found,) = [each for _, each in table.frame.iterrows()]
    assert found["opposite"] == "new: reverse; old: delight"
    assert "OPPOSITE_SEGMENTS" in found["flags"]
    assert "groups want the opposite: f" in table.title.lower()
    assert "read them apart" in " ".join(table.notes)
    alike = frame.assign(group=np.tile(["old", "new"], 50))
    assert row(alike, segments="group")["opposite"] == ""


def test_wording_is_doubted_beyond_a_tenth():
    assert "QUESTION_WORDING" in row(asked(A=89, Q=11))["flags"]
    assert "QUESTION_WORDING" not in row(asked(A=90, Q=10))["flags"]


def test_few_respondents_are_hidden_and_so_is_what_would_tell_them():
    parts = [asked("f", A=30, M=5), asked("f", O=20), asked("f", M=4)]
    frame = pd.concat(
        [part.assign(region=name, respondent_id=name + part["respondent_id"]) for part, name in zip(parts, "abc", strict=True)]
    )
    table = cx.kano(frame, by="region", min_n=10)
    found = table.frame.set_index("region")
    assert found["flags"].tolist() == ["", "SUPPRESSED_SECONDARY", "SUPPRESSED_PRIVACY"]
    hidden = found.drop(index="a")
    assert hidden[["n", "A", "share_A", "better", "p_mode", "fong_difference"]].isna().all(axis=None)
    assert set(hidden["kind"]) == {"not shown"}
    assert set(hidden["category"]) | set(hidden["fong"]) == {""}
    with pytest.raises(ArgumentError, match="holds ids"):
        cx.kano(frame.rename(columns={"region": "customer_id"}), by="customer_id", min_n=10)


def test_codes_words_and_missing_answers_are_read():
    frame = asked(A=8, M=4)
    codes = {"like": 1, "must-be": 2, "neutral": 3, "live-with": 4, "dislike": 5}
    numbers = frame.assign(**{name: frame[name].map(codes) for name in ("functional", "dysfunctional")})
    plain = cx.kano(frame).frame
    assert_frame_equal(cx.kano(numbers, coded=(1, 2, 3, 4, 5)).frame, plain)
    named = dict(zip(codes.values(), codes, strict=True))
    assert_frame_equal(cx.kano(numbers, coded=named).frame, plain)
    spoken = frame.replace({"like": "Like", "must-be": "Must be", "live-with": "live_with"})
    assert_frame_equal(cx.kano(spoken).frame, plain)
    gone = pd.concat([numbers, numbers.head(2).assign(respondent_id=["y", "z"], functional=[9, np.nan])])
    table = cx.kano(gone, coded={**named, 9: None})
    assert_frame_equal(table.frame, plain)
    assert "2 rows without both answers took no part." in table.notes
    with pytest.raises(ArgumentError, match=r"'functional' must hold .*, not '9'.*Add '9' to `coded`"):
        cx.kano(gone, coded=(1, 2, 3, 4, 5))
    with pytest.raises(ArgumentError, match=r"not '1'.*coded=\(1, 2, 3, 4, 5\)"):
        cx.kano(numbers)
    with pytest.raises(ArgumentError, match="Did you mean 'neutral'"):
        cx.kano(frame.replace({"neutral": "neutrall"}))
    with pytest.raises(ArgumentError, match="a code for each of the five answers"):
        cx.kano(numbers, coded=(1, 2, 3))


def test_what_cannot_be_scored_is_refused_or_not_measured():
    frame = asked(A=8, M=4)
    with pytest.raises(ArgumentError, match="'r0000' has more"):
        cx.kano(pd.concat([frame, frame.head(1)]))
    with pytest.raises(ColumnError, match="'functional'"):
        cx.kano(frame.rename(columns={"functional": "if_there"}))
    assert "nobody answered" in cx.kano(frame.assign(functional=None)).missing
    only = row(asked(R=6, Q=1))
    assert np.isnan([only["better"], only["worse"], only["better_low"]]).all()
    one = row(asked(M=1))
    assert one["flags"] == "N1|UNSTABLE"
    assert np.isnan(one["p_mode"])


@pytest.mark.slow
def test_kano_on_pyspark(spark):
    frame = asked(A=30, O=40, M=15)
    assert_frame_equal(cx.kano(spark(frame)).frame, cx.kano(frame).frame)


def test_a_small_group_beside_them_does_not_keep_the_opposite_untold():
    """The kind of a group tells no number, so that nobody can subtract; only the small group itself stays out."""
    parts = [asked(A=60, I=5).assign(segment="new"), asked(R=60, I=5).assign(segment="old"), asked(R=4).assign(segment="tiny")]
    frame = pd.concat(parts).assign(respondent_id=range(134))
    found = row(frame, segments="segment", min_n=10)
    assert found["opposite"] == "new: delight; old: reverse"


def test_codes_that_are_no_list_are_refused_and_nobody_is_named_second():
    with pytest.raises(ArgumentError, match="`coded` must give a code"):
        cx.kano(asked(A=3), coded=5)
    table = cx.kano(asked(R=50))
    assert table.cells[0][2] == "reverse 100 %"
    assert "unwanted to 100 % (50 respondents)" in str(cx.describe(table))
