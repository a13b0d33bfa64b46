"""What an engine sums where the answers lie is what is worked out in memory, respondent by respondent."""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd
import pytest
from conftest import ENGINES
from pandas.testing import assert_frame_equal

from cxgap import customer_gap, engine, paired_tests
from cxgap.errors import ArgumentError

ITEMS = {"tangibles": 4, "reliability": 5, "empathy": 2}
LAZY = [name for name in ENGINES if name in ("polars lazy", "duckdb", "pandas", "pyarrow")]


def answers(people: int = 60, seed: int = 1) -> pd.DataFrame:
    """Ratings with what surveys have: answers left out, touchpoints not used, waves, and items that are not scored."""
    random = np.random.default_rng(seed)
    rows = []
    for person in range(people):
        region, stratum = "north" if person % 3 else None, "abc"[person % 3]
        for touchpoint in ("shop", "call", "web"):
            if random.random() < 0.3:
                continue
            for wave in ("2024", "2025") if person % 4 else ("2025",):
                for dimension, items in ITEMS.items():
                    if touchpoint == "web" and dimension == "empathy":
                        continue
                    for item in range(items):
                        first, second = random.integers(1, 8, 2).astype(float)
                        rows.append(
                            (
                                person,
                                region,
                                stratum,
                                person // 2,
                                touchpoint,
                                wave,
                                dimension,
                                f"{dimension}{item}",
                                first,
                                second,
                            )
                        )
    names = [
        "respondent_id",
        "region",
        "stratum",
        "psu",
        "touchpoint",
        "wave",
        "dimension",
        "item",
        "expectation",
        "perception",
    ]
    frame = pd.DataFrame(rows, columns=names)
    frame["touchpoint"] = pd.Categorical(frame["touchpoint"], categories=["web", "shop", "call"], ordered=True)
    frame.loc[random.random(len(frame)) < 0.15, "expectation"] = np.nan
    frame.loc[random.random(len(frame)) < 0.10, "perception"] = np.nan
    frame["retained"] = frame["item"] != "tangibles0"
    frame["weight"] = np.round(0.5 + (frame["respondent_id"] % 7) / 5, 3) * (frame["respondent_id"] != 5)
    frame["population"] = frame["stratum"].map({"a": 400, "b": 900, "c": 70})
    return frame


DESIGNS = {
    "none": {},
    "weight": {"weight": "weight"},
    "strata": {"weight": "weight", "stratum": "stratum", "population": "population"},
    "clusters": {"weight": "weight", "stratum": "stratum", "psu": "psu"},
    "units": {"psu": "psu"},
}
CUTS = {
    "touchpoints": {"by": "touchpoint"},
    "all": {"by": ""},
    "answers": {"by": "region", "score": "items"},
    "dimensions": {"by": ["touchpoint", "dimension", "wave"], "missing": "pairwise"},
    "items": {"by": ["item", "region"]},
    "waves": {"by": "wave", "missing": "pairwise"},
}


def few_are_many(monkeypatch: pytest.MonkeyPatch, rows: int = 1) -> None:
    for name in ("MANY_ROWS", "MANY_IN_MEMORY"):
        monkeypatch.setattr(engine, name, rows)


def in_memory(monkeypatch: pytest.MonkeyPatch, frame: pd.DataFrame, **asked) -> pd.DataFrame:
    few_are_many(monkeypatch, 10**9)
    return customer_gap(frame, scale=(1, 7), **asked).frame


# A third of the pairs is run at once: every design with two cuts, and every cut. The others are slow.
PAIRS = [
    pytest.param(design, cut, marks=() if (place + other) % 3 == 0 else pytest.mark.slow)
    for place, design in enumerate(DESIGNS)
    for other, cut in enumerate(CUTS)
]


@pytest.mark.parametrize(("design", "cut"), PAIRS)
def test_sums_of_an_engine_give_the_figures_of_scores_in_memory(monkeypatch, design, cut):
    """The path in memory is held by the tests of `customer_gap`; this one must give its numbers."""
    frame, asked = answers(), DESIGNS[design] | CUTS[cut]
    known = in_memory(monkeypatch, frame, **asked)
    few_are_many(monkeypatch)
    found = customer_gap(frame, scale=(1, 7), **asked).frame
    assert_frame_equal(found, known, check_exact=False, rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize("ci", ["percentile", "bca"])
def test_the_bootstrap_needs_no_more_than_how_often_each_gap_comes(monkeypatch, ci):
    frame = answers(people=150, seed=7)
    asked = {"by": ["touchpoint", "dimension"], "ci": ci}
    known = in_memory(monkeypatch, frame, **asked)
    few_are_many(monkeypatch)
    found = customer_gap(frame, scale=(1, 7), **asked).frame
    assert set(found["ci_method"]) == {ci}
    assert_frame_equal(found, known, check_exact=False, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(
    ("by", "zeros", "engines"),
    [("", "pratt", LAZY), ("touchpoint,dimension", "wilcox", ["duckdb"]), ("region", "zsplit", ["polars lazy"])],
)
def test_ranks_and_signs_need_no_more_than_how_often_each_score_comes(monkeypatch, by, zeros, engines):
    """Ranks of scores that differ by rounding alone are one, so that Wilcoxon's sums are the same to the last digit."""
    frame = answers(people=50, seed=8).astype({"touchpoint": str})
    few_are_many(monkeypatch, 10**9)
    known = paired_tests(frame, by=by, zeros=zeros, scale=(1, 7), min_n=10).frame
    few_are_many(monkeypatch)
    for name in engines:
        held = ENGINES[name](frame.sample(frac=1, random_state=1))
        found = paired_tests(held, by=by, zeros=zeros, scale=(1, 7), min_n=10).frame
        assert_frame_equal(found, known, check_exact=False, rtol=1e-10, atol=1e-11)
        ranks = ["wilcoxon", "wilcoxon_z", "wilcoxon_p", "sign_p", "hodges_lehmann", "dominates", "cliffs_size", "flags"]
        assert_frame_equal(found[ranks], known[ranks], check_exact=True)


def test_tests_of_a_lazy_frame_bring_no_respondents_home(monkeypatch):
    """A cell has a few hundred different scores, however many people it has."""
    few = answers(people=40, seed=8)
    frame = pd.concat([few.assign(respondent_id=few["respondent_id"] + 40 * copy) for copy in range(20)], ignore_index=True)
    few_are_many(monkeypatch)
    monkeypatch.setattr("cxgap.tally.frames.MOST_ROWS", frame["respondent_id"].nunique())
    found = paired_tests(duckdb.from_df(frame), by="touchpoint", zeros="wilcox").frame
    alone = paired_tests(duckdb.from_df(few), by="touchpoint", zeros="wilcox").frame
    assert (found["n"] == 20 * alone["n"]).all()
    assert found["cliffs_delta"].to_numpy() == pytest.approx(alone["cliffs_delta"].to_numpy())
    with pytest.raises(ArgumentError, match="restrict the study with `where`"):
        paired_tests(duckdb.from_df(frame), by="touchpoint", weight="weight")


@pytest.mark.parametrize("name", LAZY)
def test_every_engine_gives_the_same(monkeypatch, name):
    frame = answers(seed=2)
    frame["wave"] = pd.Categorical(frame["wave"])
    asked = {"by": ["touchpoint", "region"], "weight": "weight", "min_n": 8}
    known = in_memory(monkeypatch, frame, **asked)
    few_are_many(monkeypatch)
    found = customer_gap(ENGINES[name](frame), scale=(1, 7), **asked).frame
    order = ["region", "touchpoint"]
    found, known = (made.astype({"touchpoint": str, "region": object}).sort_values(order) for made in (found, known))
    numbers = known.select_dtypes("number").columns
    assert_frame_equal(
        found[numbers].reset_index(drop=True), known[numbers].reset_index(drop=True), check_exact=False, rtol=1e-12, atol=1e-12
    )


def test_rows_may_lie_in_any_order_and_in_any_file(tmp_path):
    """A law of sums; the two files hold half of the rows each, cut through respondents."""
    frame = answers(seed=3)
    whole = customer_gap(duckdb.from_df(frame), by="touchpoint", weight="weight").frame
    mixed = frame.sample(frac=1, random_state=4)
    for number, part in enumerate((mixed[::2], mixed[1::2])):
        part.to_parquet(tmp_path / f"{number}.parquet", index=False)
    parted = customer_gap(duckdb.read_parquet(f"{tmp_path}/*.parquet"), by="touchpoint", weight="weight").frame
    numbers = list(whole.select_dtypes("number"))
    found, known = (
        made.astype({"touchpoint": str}).sort_values("touchpoint")[numbers].reset_index(drop=True) for made in (parted, whole)
    )
    assert_frame_equal(found, known, check_exact=True)


@pytest.mark.parametrize(
    ("change", "asked", "said"),
    [
        ({"weight": lambda f: f["weight"].where(f.index != 7)}, {"weight": "weight"}, "must be a number of 0 or more"),
        ({"weight": lambda f: f["weight"] + (f.index == 7)}, {"weight": "weight"}, "must be the same in all rows"),
        ({"stratum": lambda f: f["stratum"].where(f.index != 7, "z")}, {"stratum": "stratum"}, "must not change within"),
        ({"stratum": lambda f: f["stratum"].where(f.index != 7)}, {"stratum": "stratum"}, "must not change within"),
        (
            {"stratum": lambda f: f["stratum"].where(f["respondent_id"] != 7)},
            {"stratum": "stratum"},
            "must be known for every respondent; it is missing for 7",
        ),
        ({"respondent_id": lambda f: f["respondent_id"].where(f.index != 7)}, {}, "in every row"),
        ({"weight": lambda f: f["weight"] * 0}, {"weight": "weight"}, "must not be zero for everybody"),
        ({"population": lambda f: f["population"] * 0 + 3}, {"population": "population"}, "no less than the units drawn"),
    ],
)
def test_what_cannot_be_a_design_is_refused_in_the_same_words(monkeypatch, change, asked, said):
    frame = answers(seed=5)
    frame = frame.assign(**{name: made(frame) for name, made in change.items()})
    words = []
    for many in (1, 10**9):
        few_are_many(monkeypatch, many)
        with pytest.raises(ArgumentError, match=said) as told:
            customer_gap(frame, by="touchpoint", **asked)
        words.append(str(told.value))
    assert words[0] == words[1]


def test_what_could_be_told_by_subtraction_is_hidden_by_both(monkeypatch):
    """Regions part the respondents, so that the total gives a single hidden one away."""
    frame = answers(people=90, seed=6)
    place = frame["respondent_id"].map(lambda one: "small" if one < 4 else "middle" if one < 20 else "large")
    frame = frame.assign(place=place)
    known = in_memory(monkeypatch, frame, by=["place", "touchpoint"], min_n=10)
    few_are_many(monkeypatch)
    found = customer_gap(frame, by=["place", "touchpoint"], scale=(1, 7), min_n=10).frame
    assert found["flags"].tolist() == known["flags"].tolist()
    assert found["flags"].str.contains("SUPPRESSED_SECONDARY").any()


def test_more_rows_than_may_come_home_stop_with_what_to_do(monkeypatch):
    monkeypatch.setattr("cxgap.tally.frames.MOST_ROWS", 5)
    with pytest.raises(ArgumentError, match="restrict the study with `where`"):
        customer_gap(duckdb.from_df(answers()), importance="weight", importance_kind="rating")


@pytest.mark.parametrize("design", ["none", "strata", "units"])
def test_the_order_of_rows_changes_no_bit(monkeypatch, design):
    """Law: an engine hands over strata and units in any order, and adds in any order; 2.3 and 3.7 have no exact sums."""
    frame = answers(people=50, seed=9)
    frame["perception"] = np.round(frame["perception"] * 0.77 + 0.1, 1)
    few_are_many(monkeypatch)
    found = [customer_gap(frame.sample(frac=1, random_state=seed), by="touchpoint", **DESIGNS[design]).frame for seed in (1, 2)]
    assert_frame_equal(found[1], found[0], check_exact=True)


@pytest.mark.parametrize("held", ["pandas", "duckdb"])
def test_light_respondents_keep_their_digits_beside_heavy_ones(monkeypatch, held):
    """Weights of 1 in one region and of 800 (in memory: of a million) in another: each region's figures are its own."""
    frame = answers(people=60, seed=3)
    heavy = 1e6 if held == "pandas" else 800.0
    frame["weight"] = np.where(frame["region"] == "north", heavy, 1.0) * (1 + frame["respondent_id"] % 5 / 10)
    known = in_memory(monkeypatch, frame, by="region", weight="weight", stratum="stratum")
    few_are_many(monkeypatch)
    found = customer_gap(ENGINES[held](frame), by="region", scale=(1, 7), weight="weight", stratum="stratum").frame
    assert_frame_equal(found, known, check_exact=False, rtol=1e-11, atol=1e-11)


@pytest.mark.slow
@pytest.mark.parametrize("design", DESIGNS)
def test_pyspark_sums_the_same(monkeypatch, spark, design):
    """ANSI mode stops at a division by zero: branches that are not taken must not divide."""
    frame = answers(people=25, seed=2).astype({"touchpoint": str})
    asked = {"by": ["touchpoint", "region"]} | DESIGNS[design]
    known = in_memory(monkeypatch, frame, **asked)
    few_are_many(monkeypatch)
    found = customer_gap(spark(frame), scale=(1, 7), **asked).frame
    assert_frame_equal(found, known, check_exact=False, rtol=1e-12, atol=1e-12)
