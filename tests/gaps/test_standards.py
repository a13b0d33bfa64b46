"""The standard against what managers believe: numbers by hand, facts without error, and what is not there."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from conftest import ENGINES
from samples import sample

import cxgap as cx
from cxgap.errors import ArgumentError

BELIEVED = [6.0, 5.0, 7.0, 6.0, 6.0, 5.0, 7.0, 6.0]


def managers(believed: list[float] = BELIEVED, touchpoint: str = "A", **columns: object) -> pd.DataFrame:
    ids = [f"M{number:02d}" for number in range(len(believed))]
    return pd.DataFrame({"manager_id": ids, "touchpoint": touchpoint, "item": "1", "believed": believed, **columns})


def standards(*rows: tuple[str, float, str, str, str]) -> pd.DataFrame:
    """Make standards of (touchpoint, standard, unit, direction, metric)."""
    names = ["touchpoint", "standard", "unit", "direction", "metric"]
    return pd.DataFrame(rows, columns=names).assign(owner="Head of A", review=pd.Timestamp("2026-01-31", tz="UTC"))


RATED = standards(("A", 5.5, "scale points", "higher", "level"))


@pytest.mark.parametrize("engine", ENGINES)
def test_the_gap_is_students_t_of_the_managers_against_a_fact(engine):
    """Arithmetic: variance 4/7, standard error sqrt(4/7/8) = .267261; Student's 2.364624 at 7 df makes half of .631972."""
    row = cx.standards_gap(ENGINES[engine](managers()), RATED, scale=(1, 7)).frame.iloc[0]
    assert (row["n"], row["start"], row["end"], row["estimate"], row["df"]) == (8, 6.0, 5.5, -0.5, 7)
    assert (row["conf_low"], row["conf_high"]) == pytest.approx((-1.131972, 0.131972), abs=1e-6)
    assert np.isnan(row["p_value"])
    assert row["flags"] == "FEW_RATERS"


def test_a_census_of_managers_has_no_error_and_half_of_them_less():
    whole, census, half = (
        cx.standards_gap(managers(), RATED, managers_population=size).frame.iloc[0] for size in (None, True, 16)
    )
    assert census["std_error"] == 0
    assert half["std_error"] == pytest.approx(whole["std_error"] * np.sqrt(0.5))
    with pytest.raises(ArgumentError, match="no less than the managers asked"):
        cx.standards_gap(managers(), RATED, managers_population=5)


def test_managers_who_rate_the_standard_are_compared_with_themselves():
    """Student (1908) for pairs: the same standard for all gives the same gap; a standard rated with the belief no error."""
    beside = managers(standard=np.array(BELIEVED) - 1)
    row = cx.standards_gap(beside, RATED).frame.iloc[0]
    assert (row["estimate"], row["std_error"], row["end"]) == (-1, 0, 5.0)
    assert "ZERO_VAR" in row["flags"]


def test_a_touchpoint_without_standard_is_a_row_that_says_so():
    both = pd.concat([managers(), managers(touchpoint="B")])
    rows = standards(("A", 5.5, "scale points", "higher", "level"), ("B", 6.0, "scale points", "higher", "level"))
    gone = cx.standards_gap(both, rows.assign(exists=[True, False])).frame.set_index("touchpoint")
    assert (gone.loc["B", "flags"], gone.loc["B", "verdict"]) == ("FEW_RATERS|NO_STANDARD", "cannot tell")
    assert gone.loc["B", ["end", "estimate", "conf_low"]].isna().all()
    assert gone.loc["B", "start"] == 6.0


METRICS = pd.DataFrame(
    {"metric": ["time", "right"], "touchpoint": "A", "unit": ["days", "share"], "direction": ["lower", "higher"]}
).assign(believed=["time_days", "right_share"])


def test_lower_and_higher_is_better_in_one_table():
    """Arithmetic: 5 days where 4 are believed to be wanted is soft, -1; a share of .9 where .8 is, is strict, +.1."""
    said = managers(time_days=[4.0, 3, 5, 4, 4, 3, 5, 4], right_share=[0.8] * 4 + [0.7, 0.9, 0.8, 0.8])
    rows = standards(("A", 5.0, "days", "lower", "time"), ("A", 0.9, "share", "higher", "right"))
    gaps = cx.standards_gap(said, rows, basis="physical", metrics=METRICS)
    found = gaps.frame.set_index("metric")
    assert found.loc["time", ["start", "end", "estimate"]].to_list() == [4, 5, -1]
    assert found.loc["right", "estimate"] == pytest.approx(0.1)
    assert gaps.unit == "mixed units"
    assert list(found["unit"]) == ["days", "share"]
    assert found.loc["time", "verdict"] == "short"


def test_fewer_than_five_managers_are_not_shown():
    row = cx.standards_gap(managers(BELIEVED[:4]), RATED).frame.iloc[0]
    assert (row["verdict"], row["flags"]) == ("not shown", "SUPPRESSED_PRIVACY")
    assert np.isnan(row["start"])
    assert not np.isnan(cx.standards_gap(managers(BELIEVED[:4]), RATED, min_managers=4).frame["start"].iloc[0])


def test_two_standards_that_contradict_each_other_are_refused():
    rows = standards(("A", 5.5, "scale points", "higher", "level"), ("A", 6.0, "scale points", "higher", "other"))
    with pytest.raises(ArgumentError, match="must have one standard for A, not 5\\.5, 6"):
        cx.standards_gap(managers(), rows)


@pytest.mark.parametrize(
    ("change", "says"),
    [({"by": "segment"}, "must include 'touchpoint'"), ({"basis": "felt"}, "`basis` must be"), ({"wight": "w"}, "'wight'")],
)
def test_misuse_is_named(change, says):
    with pytest.raises(ArgumentError, match=says):
        cx.standards_gap(managers(), RATED, **change)


def test_what_is_missing_is_said():
    study = sample()
    assert "no table was given" in cx.standards_gap(managers(), None).missing
    assert "add believed" in cx.standards_gap(managers(), RATED, basis="physical", metrics=study.metrics.head(0)).missing


def placed(*sizes: int) -> pd.DataFrame:
    """Managers of one region each."""
    names = [region for region, size in zip("NSW", sizes, strict=False) for _ in range(size)]
    return managers([5.0, 6.0, 7.0] * (len(names) // 3), region=names)


@pytest.mark.parametrize("basis", ["rating", "physical"])
def test_a_manager_alone_in_a_region_cannot_be_told_by_subtraction(basis):
    """House: of 9, 8 and 1 managers the last is the touchpoint less the others, so the region of 8 is hidden, too."""
    frame = placed(9, 8, 1).assign(time_days=[3.0, 4.0] * 9)
    rows = {"rating": RATED, "physical": standards(("A", 5.0, "days", "lower", "time"))}[basis]
    gaps = cx.standards_gap(frame, rows, by="touchpoint,region", basis=basis, metrics=METRICS.head(1)).frame
    assert gaps["region"].to_list() == ["N", "S", "W"]
    assert gaps["flags"].to_list() == ["FEW_RATERS", "SUPPRESSED_SECONDARY", "SUPPRESSED_PRIVACY"]
    assert gaps.loc[1:, ["n", "start", "estimate"]].isna().all(axis=None)
    plain = cx.standards_gap(placed(9, 9), RATED, by="touchpoint,region").frame
    assert not plain["flags"].str.contains("SUPPRESSED").any()


def test_managers_who_answer_for_all_touchpoints_hide_nothing_more():
    frame = pd.concat([managers(touchpoint=name) for name in "AB"] + [managers(BELIEVED[:1], touchpoint="C")])
    rows = standards(*[(name, 5.5, "scale points", "higher", "level") for name in "ABC"])
    assert cx.standards_gap(frame, rows).frame["flags"].to_list() == ["FEW_RATERS", "FEW_RATERS", "SUPPRESSED_PRIVACY"]


def test_a_margin_in_native_units_is_for_the_rows_without_their_own():
    """By hand: 5 days where 4 are wanted is 1 too soft, met within 10 days and short within half a day."""
    said = managers(time_days=[4.0, 3, 5, 4, 4, 3, 5, 4])
    rows = standards(("A", 5.0, "days", "lower", "time"))
    gaps = cx.standards_gap(said, rows, basis="physical", metrics=METRICS.head(1), margin=10.0)
    assert (gaps.margin, gaps.unit, gaps.frame["verdict"].to_list()) == (10.0, "days", ["met"])
    both = pd.concat([said, said.assign(touchpoint="B")])
    two = pd.concat([rows.assign(margin=0.5), rows.assign(margin=np.nan, touchpoint="B", metric="wait")])
    metrics = pd.concat([METRICS.head(1), METRICS.head(1).assign(metric="wait", touchpoint="B")])
    found = cx.standards_gap(both, two, basis="physical", metrics=metrics, margin=10.0).frame
    assert found["margin"].to_list() == [0.5, 10.0]
    assert found["verdict"].to_list() == ["short", "met"]


def test_a_margin_for_several_units_is_refused():
    said = managers(time_days=[4.0, 3, 5, 4, 4, 3, 5, 4], right_share=[0.8, 0.7] * 4)
    rows = standards(("A", 5.0, "days", "lower", "time"), ("A", 0.9, "share", "higher", "right"))
    with pytest.raises(ArgumentError, match=r"^`margin` must not be given for standards in several units, days, share, for"):
        cx.standards_gap(said, rows, basis="physical", metrics=METRICS, margin=10.0)
    own = cx.standards_gap(said, rows.assign(margin=[1.0, 0.1]), basis="physical", metrics=METRICS, margin=10.0).frame
    assert own["margin"].to_list() == [1.0, 0.1]


def test_a_manager_without_a_name_is_refused():
    said = managers(time_days=[4.0, 3, 5, 4, 4, 3, 5, 4])
    said.loc[2, "manager_id"] = None
    rows = standards(("A", 5.0, "days", "lower", "time"))
    for how in ({"basis": "physical", "metrics": METRICS.head(1)}, {}):
        with pytest.raises(ArgumentError, match=r"^`managers` must have a 'manager_id' in every row; some rows have none"):
            cx.standards_gap(said, RATED if not how else rows, **how)


@pytest.mark.slow
def test_pyspark_gives_the_same_bits(spark):
    plain, there = (cx.standards_gap(frame, RATED, scale=(1, 7)).frame for frame in (managers(), spark(managers())))
    pd.testing.assert_frame_equal(there, plain)
