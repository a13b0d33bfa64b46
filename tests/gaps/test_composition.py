"""Did it change, or did who answered change: the published example as a survey, the differences it splits, and the laws."""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd
import pytest
from conftest import ENGINES
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from samples import sample

import cxgap as cx
from cxgap.errors import ArgumentError
from cxgap.gaps.composition import change_decomposition
from cxgap.gaps.differences import gap_differences
from cxgap.tables.absent import Absent

LAW = settings(max_examples=2, deadline=None, derandomize=True, report_multiple_bugs=False)
ENDS = ("", "_low", "_high")


def kitagawa(people: int = 100, noise: float = 0.0, seed: int = 0) -> pd.DataFrame:
    """Answer so that shares and gaps are those of the method's example: Home .6 to .5, Business .4 to .5."""
    random, parts = np.random.default_rng(seed), []
    for wave, home, means in (("1", 0.6, (-0.2, -1.0)), ("2", 0.5, (-0.1, -0.9))):
        segment = np.where(np.arange(people) < home * people, "Home", "Business")
        gap = np.where(segment == "Home", *means) + noise * random.normal(0, 1, people)
        ids = [f"{wave}-{number}" for number in range(people)]
        parts.append(pd.DataFrame({"respondent_id": ids, "wave": wave, "segment": segment, "perception": 5 + gap}))
    return pd.concat(parts, ignore_index=True).assign(expectation=5.0)


def whole(table: cx.Table, side: str = "gap") -> pd.DataFrame:
    frame = table.frame
    return frame[(frame["group"] == "") & (frame["side"] == side)].reset_index(drop=True)


@pytest.mark.parametrize("engine", ENGINES)
def test_an_improvement_of_two_hundredths_is_a_tenth_within_groups_and_less_by_mix(engine):
    """Arithmetic of Kitagawa (1955), methods O-6.6: total .02, mix -.08, within .10."""
    table = change_decomposition(ENGINES[engine](kitagawa()))
    row = whole(table).iloc[0]
    assert (row["total"], row["mix"], row["within"]) == pytest.approx((0.02, -0.08, 0.10), abs=1e-12)
    groups = table.frame[table.frame["group"] != ""].set_index("group")
    assert groups["share"].to_dict() == pytest.approx({"Home": 0.5, "Business": 0.5})
    assert groups["within"].to_dict() == pytest.approx({"Home": 0.055, "Business": 0.045})
    assert groups[["mix", "within", "total"]].sum().tolist() == pytest.approx([-0.08, 0.10, 0.02])
    assert groups["mix"].to_dict() == pytest.approx({"Home": -0.1 * (-0.15 + 0.51), "Business": 0.1 * (-0.95 + 0.51)})


def test_the_finding_says_what_moved_and_nothing_where_the_interval_holds_zero():
    clear = whole(change_decomposition(kitagawa(2000, noise=0.3)))
    assert clear["finding"].item() == "better within groups, worse by who answered"
    assert whole(change_decomposition(kitagawa(60, noise=1.5)))["finding"].item() == "no clear change"
    table = change_decomposition(kitagawa(60, noise=1.5))
    assert table.title == "No clear change of the gap by wave, neither within groups nor by who answered"


def test_the_sample_changes_as_the_differences_of_its_gap_do():
    """Each total, with its interval, is that of `gap_differences`; perception less expectation is the gap, in each part."""
    study = sample()
    table, differences = change_decomposition(study.responses, **study.design), gap_differences(study.responses, **study.design)
    names = [("total", "estimate"), ("total_low", "conf_low"), ("total_high", "conf_high"), ("n", "n"), ("n_both", "n_both")]
    for side, prefix in (("gap", ""), ("perception", "perception_"), ("expectation", "expectation_")):
        for own, other in names:
            wanted = differences.frame[f"{prefix}{other}" if other in ("estimate", "conf_low", "conf_high") else other]
            assert whole(table, side)[own].to_numpy() == pytest.approx(wanted.to_numpy(), abs=1e-10)
    for part in ("total", "mix", "within"):
        sides = [whole(table, side)[part].to_numpy() for side in ("gap", "perception", "expectation")]
        assert sides[0] == pytest.approx(sides[1] - sides[2], abs=1e-12)
    frame = table.frame[table.frame["side"] == "gap"]
    assert (frame["mix"] + frame["within"]).to_numpy() == pytest.approx(frame["total"].to_numpy(), abs=1e-12)


def test_an_overall_judgement_and_other_groups_are_split_as_well():
    study = sample()
    design = {**study.design, "min_n": 1}
    table = change_decomposition(study.responses, of="satisfaction", mix="region,channel", **design)
    assert set(table.frame["side"]) == {"satisfaction"}
    frame = table.frame[table.frame["group"] != ""]
    sums = frame.groupby("level")[["mix", "within"]].sum()
    assert sums.to_numpy() == pytest.approx(whole(table, "satisfaction")[["mix", "within"]].to_numpy(), abs=1e-12)
    assert frame["group"].str.contains(" · ").all()
    one = change_decomposition(study.responses, of="perception", by="touchpoint", **study.design)
    assert set(one.frame["side"]) == {"perception"}
    assert one.frame["touchpoint"].nunique() > 3


def test_a_group_of_one_wave_is_mix_and_says_so():
    frame = kitagawa(noise=0.2)
    frame = frame[(frame["wave"] == "2") | (frame["segment"] == "Home")]
    table = change_decomposition(frame)
    business = table.frame[table.frame["group"] == "Business"].iloc[0]
    assert (business["flags"], business["within"], business["share_against"]) == ("ONE_PERIOD", 0, 0)
    assert np.isnan(business["value_against"])
    row = whole(table).iloc[0]
    assert row["flags"] == "ONE_PERIOD"
    assert row["mix"] + row["within"] == pytest.approx(row["total"], abs=1e-12)
    assert any("one period only" in note for note in table.notes)


def test_small_groups_are_hidden_and_cannot_be_told_by_subtraction():
    frame = kitagawa(noise=0.5)
    segment = frame["segment"].where((frame["segment"] == "Home") | (frame.index % 20 > 0), "Rare")
    segment = segment.where((segment != "Home") | (frame.index % 3 > 0), "Other")
    table = change_decomposition(frame.assign(segment=segment), min_n=10)
    hidden = table.frame[table.frame["finding"] == "not shown"]
    assert "Rare" in set(hidden["group"])
    assert len(hidden) >= 2
    assert set(hidden["flags"]) == {"SUPPRESSED_PRIVACY", "SUPPRESSED_SECONDARY"}
    assert hidden[["n", "share", "value", "total", "mix_low"]].isna().all(axis=None)
    assert whole(table)["total"].notna().all()
    few = change_decomposition(frame.groupby("wave").head(8), min_n=10)
    assert (few.frame["finding"] == "not shown").all()


def test_what_is_not_there_is_not_measured_and_misuse_is_named():
    assert "no survey" in change_decomposition(Absent("responses")).missing
    assert "no column 'segment'" in change_decomposition(kitagawa().drop(columns="segment")).missing
    assert "two values to compare" in change_decomposition(kitagawa().query("wave == '1'")).missing
    with pytest.raises(ArgumentError, match="`mix` must name columns"):
        change_decomposition(kitagawa(), mix="wave")
    with pytest.raises(ArgumentError, match="`between` must name one column"):
        change_decomposition(kitagawa(), between=["wave", "segment"])
    with pytest.raises(ArgumentError, match="`of` must be one of"):
        change_decomposition(kitagawa(), of="joy")


def test_people_who_are_too_many_are_not_brought_home(monkeypatch):
    monkeypatch.setattr("cxgap.tally.frames.MOST_ROWS", 100)
    assert "more than 100 rows at once" in change_decomposition(duckdb.from_df(kitagawa(200))).missing


@pytest.mark.slow
def test_pyspark_gives_the_same_table(spark):
    frame = kitagawa(noise=0.5)
    assert_frame_equal(change_decomposition(spark(frame)).frame, change_decomposition(frame).frame, rtol=1e-9, atol=1e-12)


@LAW
@given(st.integers(0, 2**31), st.floats(0.1, 20))
def test_order_of_rows_and_units_of_weights_change_nothing(seed, factor):
    random = np.random.default_rng(seed)
    frame = kitagawa(60, noise=1.0, seed=seed).assign(weight=random.uniform(0.5, 2, 120), psu=random.integers(0, 12, 120))
    options = {"weight": "weight", "psu": "psu"}
    table = change_decomposition(frame, **options)
    again = change_decomposition(
        frame.sample(frac=1, random_state=1).assign(weight=lambda made: factor * made["weight"]), **options
    )
    assert_frame_equal(table.frame, again.frame, rtol=1e-9, atol=1e-12)
