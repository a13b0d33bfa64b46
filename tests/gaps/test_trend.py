"""Trends against SciPy and the differences between waves, on every engine; broken where the questions became others."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from conftest import ENGINES
from pandas.testing import assert_frame_equal
from scipy.stats import linregress, ttest_1samp, ttest_ind

import cxgap as cx
from cxgap.errors import ArgumentError
from cxgap.gaps.instrument import ends_of
from cxgap.tables.absent import Absent

CLOSE = {"check_exact": False, "rtol": 1e-9, "atol": 1e-12}


def answers(
    waves: int = 4, people: int = 60, *, panel: bool = False, seed: int = 5, perception: float = 0.0, expectation: float = 0.0
) -> pd.DataFrame:
    """Two items a person and wave; both sides move by so much a wave."""
    random, parts = np.random.default_rng(seed), []
    for wave in range(waves):
        who = np.arange(people) + (0 if panel else 1000 * wave)
        for item in ("a", "b"):
            parts.append(
                pd.DataFrame(
                    {
                        "respondent_id": who,
                        "wave": f"2025-Q{wave + 1}",
                        "item": item,
                        "touchpoint": np.where(who % 2, "Pay", "Claim"),
                        "at": pd.Timestamp("2025-01-10", tz="UTC") + pd.DateOffset(months=3 * wave),
                        "expectation": 6 + expectation * wave + random.normal(0, 0.5, people),
                        "perception": 5 + perception * wave + random.normal(0, 0.8, people),
                    }
                )
            )
    return pd.concat(parts, ignore_index=True)


def scores(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(gap=frame["perception"] - frame["expectation"]).groupby(["wave", "respondent_id"])[
        ["gap", "expectation", "perception"]
    ].mean()  # fmt: skip


@pytest.fixture(scope="module")
def independent() -> tuple[pd.DataFrame, cx.Table]:
    frame = answers(perception=0.3, expectation=0.1)
    return frame, cx.gap_trend(frame)


def test_changes_are_those_of_two_samples_and_split_exactly(independent):
    """Student (1908) by SciPy for equal samples; the change of the gap is that of perception less that of expectation."""
    frame, table = independent
    rows, own = table.frame, scores(frame)
    assert (rows["change"] - (rows["perception_change"] - rows["expectation_change"])).abs().max() < 1e-12
    assert (rows["since"] - (rows["perception_since"] - rows["expectation_since"])).abs().max() < 1e-12
    wanted = ttest_ind(own.loc["2025-Q3", "gap"], own.loc["2025-Q2", "gap"], equal_var=False)
    assert rows["change"].iloc[2] == pytest.approx(own.loc["2025-Q3", "gap"].mean() - own.loc["2025-Q2", "gap"].mean())
    assert rows["p_value"].iloc[2] == pytest.approx(wanted.pvalue, rel=0.02)
    assert rows["since"].iloc[1] == rows["change"].iloc[1]
    assert rows["since"].iloc[3] == pytest.approx(rows["change"].iloc[1:].sum())
    assert rows["n_both"].tolist()[1:] == [0, 0, 0]
    slope = linregress(np.arange(4), rows["gap"]).slope
    assert rows["slope"].to_numpy() == pytest.approx(slope)
    assert table.title.startswith("The gap narrowed between 2025-Q1 and 2025-Q4, by +0.")


def test_they_are_the_differences_between_waves(independent):
    frame, table = independent
    waves = cx.gap_differences(frame).frame
    mine = table.frame.iloc[1:]
    for side in ("", "expectation_", "perception_"):
        assert mine[f"{side}change_low"].to_numpy() == pytest.approx(waves[f"{side}conf_low"].to_numpy())
    assert mine["finding"].tolist() == waves["finding"].tolist()
    assert mine["p_adjusted"].to_numpy() == pytest.approx(waves["p_adjusted"].to_numpy())


def test_people_who_return_are_compared_with_themselves():
    """Student (1908) by SciPy: a paired change, and one slope a person."""
    frame = answers(panel=True, perception=0.1)
    rows, own = (
        cx.gap_trend(frame).frame,
        scores(frame)["gap"].reset_index().pivot_table(index="respondent_id", columns="wave", values="gap"),
    )
    paired = ttest_1samp(own["2025-Q4"] - own["2025-Q3"], 0)
    assert rows["p_value"].iloc[3] == pytest.approx(paired.pvalue)
    assert rows["n_both"].iloc[3] == 60
    slopes = ttest_1samp([linregress(np.arange(4), row).slope for row in own.to_numpy()], 0).confidence_interval()
    assert (rows["slope_low"].iloc[0], rows["slope_high"].iloc[0]) == pytest.approx((slopes.low, slopes.high))


@pytest.mark.parametrize("engine", ENGINES)
def test_every_engine_tells_the_same_by_wave_and_by_quarter(engine, independent):
    frame, table = independent
    to = ENGINES[engine]
    assert_frame_equal(cx.gap_trend(to(frame)).frame, table.frame, **CLOSE)
    found = cx.gap_trend(to(frame), period="quarter").frame  # the dates lie in the quarters that the waves are named by
    assert_frame_equal(found, table.frame, **CLOSE)


def test_months_are_those_of_the_zone():
    """2025-03-31 22:30 UTC is the first of April in Berlin."""
    frame = answers(2).assign(at=lambda rows: rows["wave"].map({"2025-Q1": "2025-03-10", "2025-Q2": "2025-03-31T22:30"}))
    frame["at"] = pd.to_datetime(frame["at"], utc=True, format="ISO8601")
    assert cx.gap_trend(frame, period="month", zone="Europe/Berlin").frame["period"].tolist() == ["2025-03", "2025-04"]
    assert "two periods" in cx.gap_trend(frame, period="month").missing


def test_a_series_is_broken_where_what_was_asked_became_another():
    frame = answers()
    codebook = pd.DataFrame({"item": ["a", "b"], "changed": ["2025-Q3", ""]})
    rows = cx.gap_trend(frame, codebook=codebook).frame
    assert rows["segment"].tolist() == [1, 1, 2, 2]
    assert rows["broken"].tolist() == ["", "", "1 item worded or scaled otherwise", ""]
    assert rows["change"].isna().tolist() == [True, False, True, False]
    assert rows["finding"].iloc[2] == "not comparable with before"
    assert rows["slope"].isna().all()  # two periods make no line
    fewer = frame[~((frame["item"] == "b") & (frame["wave"] >= "2025-Q3"))]
    assert cx.gap_trend(fewer).frame["broken"].iloc[2] == "1 item no longer asked"
    same = cx.gap_trend(fewer, items="same")
    assert same.frame["segment"].max() == 1
    assert "Only the 1 of 2 items that were asked alike in all periods count." in same.notes
    declared = cx.gap_trend(frame, breaks="2025-Q4")
    assert declared.frame["broken"].iloc[3] == "declared"
    assert any(
        note.startswith("The series is broken, and no change runs across: 2025-Q4: declared.") for note in declared.notes
    )
    place = frame[~((frame["touchpoint"] == "Pay") & (frame["wave"] == "2025-Q2"))]
    assert cx.gap_trend(place).frame["segment"].max() == 1  # whom customers meet is not what they are asked


def test_a_gap_that_closes_because_less_is_expected_says_so():
    table = cx.gap_trend(answers(2, 200, expectation=-0.5))
    row = table.frame.iloc[1]
    assert "GAP_CLOSED_BY_LOWER_EXPECTATIONS" in row["flags"]
    assert row["finding"] == "better because less was expected"
    assert table.title.endswith(", because less was expected")
    assert any("that is no better service" in note for note in table.notes)
    rising = cx.gap_trend(answers(2, 200, expectation=0.4)).frame.iloc[1]
    assert "RISING_BAR" in rising["flags"]


def test_actions_stand_at_their_period_and_at_their_touchpoint():
    actions = pd.DataFrame(
        {
            "action": ["Rewrote the page", "Hired", "Later", "Planned"],
            "touchpoint": ["Pay", None, None, None],
            "done_at": pd.to_datetime(["2025-03-01", "2025-07-10", "2026-01-01", None], utc=True),
        }
    )
    whole = cx.gap_trend(answers(), actions=actions)
    assert whole.frame["actions"].tolist() == ["", "Rewrote the page", "Hired", ""]
    assert "1 action was done after the last period." in whole.notes
    each = cx.gap_trend(answers(), actions=actions, by="touchpoint").frame.set_index(["touchpoint", "period"])["actions"]
    assert each["Claim", "2025-Q2"] == ""
    assert each["Claim", "2025-Q3"] == each["Pay", "2025-Q3"] == "Hired"
    named = answers().drop(columns="at")
    assert cx.gap_trend(named, actions=actions).frame["actions"].iloc[0] == "Rewrote the page"  # 1 March is in that quarter


def test_who_answered_stands_beside_the_change():
    """Kitagawa (1955): the mix of the gap is that of `change_decomposition`."""
    frame = answers(3)
    frame["segment"] = np.where(frame["respondent_id"] % 5 < frame["wave"].str[-1].astype(int), "new", "old")
    frame["perception"] += np.where(frame["segment"] == "new", 1.0, 0.0)
    table = cx.gap_trend(frame, mix="segment")
    split = cx.change_decomposition(frame, mix="segment").frame.query("side == 'gap' and group == ''")
    assert table.frame["mix"].to_numpy()[1:] == pytest.approx(split["mix"].to_numpy())
    assert any(note.startswith("Who answered moved the gap in ") for note in table.notes)


def test_small_periods_are_hidden_and_nothing_is_compared_with_them():
    frame = answers(4)
    thin = frame[~((frame["wave"] == "2025-Q3") & (frame["respondent_id"] % 1000 > 4))]
    table = cx.gap_trend(thin, min_n=10)
    hidden = table.frame["flags"].str.contains("SUPPRESSED")
    assert hidden.iloc[2]
    numbers = ["n", "gap", "change", "since", "expectation", "perception_conf_low", "n_both"]
    assert table.frame.loc[hidden, numbers].isna().all(axis=None)
    assert (table.frame.loc[hidden, "finding"] == "not shown").all()


def test_what_is_not_there_is_not_measured_and_misuse_is_said():
    frame = answers()
    assert cx.gap_trend(Absent("responses")).missing
    assert "'round'" in cx.gap_trend(frame, between="round").missing
    assert "'at'" in cx.gap_trend(frame.drop(columns="at"), period="month").missing
    assert "two periods" in cx.gap_trend(frame[frame["wave"] == "2025-Q1"]).missing
    for options, said in (
        ({"period": "year"}, "`period`"), ({"breaks": "soon"}, "`breaks`"), ({"items": "some"}, "`items`"),
        ({"by": "wave"}, "`by`"), ({"between": "wave,item"}, "one column"), ({"zone": "Mars"}, "time zone"),
    ):  # fmt: skip
        with pytest.raises(ArgumentError, match=said):
            cx.gap_trend(frame, **options)


def test_eight_periods_make_a_chart_of_the_gap():
    frame = pd.concat(
        [answers(4, seed=seed).assign(wave=lambda rows, seed=seed: f"{seed}" + rows["wave"]) for seed in (1, 2, 3)]
    )
    frame["respondent_id"] += frame["wave"].str[0].astype(int) * 100_000
    trend = cx.gap_trend(frame)
    chart = cx.control_chart(trend, of="expectation")
    assert chart.frame["value"].to_numpy() == pytest.approx(trend.frame["expectation"].to_numpy())
    assert chart.frame["std_error"].to_numpy() == pytest.approx(trend.frame["expectation_std_error"].to_numpy())
    assert chart.frame["signal"].sum() == 0
    with pytest.raises(ArgumentError, match="`of`"):
        cx.control_chart(trend, of="delivery")


@pytest.mark.slow
def test_a_trend_on_pyspark_is_that_of_pandas(spark, independent):
    frame, table = independent
    assert_frame_equal(cx.gap_trend(spark(frame)).frame, table.frame, **CLOSE)
    assert_frame_equal(cx.gap_trend(spark(frame), period="quarter").frame, table.frame, **CLOSE)


@pytest.mark.slow
@pytest.mark.parametrize("panel", [False, True])
def test_intervals_hold_the_truth_as_often_as_they_say(panel):
    """Simulation, 250 surveys of 40 people: 95 % of intervals of the change, both parts and the slope hold the truth.

    All are one call, each survey a group and a stratum, as if it were alone; a count of 250 at 0.95 lies within 225 and 248
    (binomial; five rates, 0.5 % together).
    """
    truth = {"change": 0.2, "perception_change": 0.3, "expectation_change": 0.1, "slope": 0.2, "since": 0.6}
    drawn = [
        answers(4, 40, panel=panel, seed=seed, perception=0.3, expectation=0.1).assign(survey=seed, touchpoint="Pay")
        for seed in range(250)
    ]
    for seed, one in enumerate(drawn):
        one["respondent_id"] += seed * 100_000
    rows = cx.gap_trend(pd.concat(drawn, ignore_index=True), by="survey", stratum="survey").frame
    alone = cx.gap_trend(drawn[7]).frame
    assert_frame_equal(rows[rows["survey"] == "7"][["change_low", "slope_high"]].reset_index(drop=True),
                       alone[["change_low", "slope_high"]], **CLOSE)  # fmt: skip
    last = rows[rows["period"] == "2025-Q4"]
    held = {name: int(last[f"{name}_low"].le(value).mul(last[f"{name}_high"].ge(value)).sum()) for name, value in truth.items()}
    assert all(225 <= count <= 248 for count in held.values()), held


@pytest.mark.parametrize(
    "names", [["Q3 2024", "Q4 2024", "Q1 2025"], ["3. Quartal 2024", "4. Quartal 2024", "1. Quartal 2025"], ["W8", "W9", "W10"]]
)
def test_periods_follow_the_calendar_where_their_names_tell_it(independent, names):
    """Splitting: another name changes nothing; sorted as text the first would be the last, and every change turned."""
    frame, table = independent
    first = frame[frame["wave"] < "2025-Q4"]
    renamed = first.assign(wave=first["wave"].map(dict(zip(("2025-Q1", "2025-Q2", "2025-Q3"), names, strict=True))))
    found = cx.gap_trend(renamed, mix="touchpoint").frame
    assert found["period"].tolist() == names
    assert found["change"].to_numpy() == pytest.approx(table.frame["change"].iloc[:3].to_numpy(), nan_ok=True)
    assert found["mix"].notna().tolist() == [False, True, True]
    declared = renamed.assign(wave=pd.Categorical(renamed["wave"], categories=names[::-1], ordered=True))
    turned = cx.gap_trend(declared)
    assert turned.frame["period"].tolist() == names[::-1]  # what is declared holds, and is doubted
    assert "was answered before it" in turned.notes[0]


def test_names_that_tell_nothing_follow_their_answers(independent):
    frame, table = independent
    seasons = dict(zip(sorted(frame["wave"].unique()), ("winter", "spring", "summer", "autumn"), strict=True))
    found = cx.gap_trend(frame.assign(wave=frame["wave"].map(seasons))).frame
    assert found["period"].tolist() == list(seasons.values())
    assert found["change"].to_numpy() == pytest.approx(table.frame["change"].to_numpy(), nan_ok=True)


def test_a_quarter_nobody_was_asked_in_keeps_its_place_and_one_nobody_answered_says_so(independent):
    """SciPy: the slope is a quarter's, of 0, 1 and 3; a change runs to the last quarter that was answered."""
    frame, table = independent
    levels = table.frame["gap"].to_numpy()
    for rows in (
        frame[frame["wave"] != "2025-Q3"],
        frame.assign(perception=frame["perception"].where(frame["wave"] != "2025-Q3")),
    ):
        found = cx.gap_trend(rows).frame
        told = found[found["n"] > 0]
        assert told["slope"].iloc[0] == pytest.approx(linregress([0, 1, 3], levels[[0, 1, 3]]).slope)
        assert told["change"].iloc[2] == pytest.approx(levels[3] - levels[1])
    assert found.loc[found["n"] == 0, "finding"].tolist() == ["nobody answered"]
    assert cx.gap_trend(frame[frame["wave"] != "2025-Q3"], period="quarter").frame["slope"].iloc[0] == told["slope"].iloc[0]


def test_answers_that_tell_nothing_are_not_measured_or_refused():
    frame = answers(2)
    for odd in (np.nan, np.inf):
        table = cx.gap_trend(frame.assign(perception=odd))
        assert table.missing or table.frame["gap"].isna().all()
    with pytest.raises(ArgumentError, match="times in 'done_at'"):
        cx.gap_trend(frame, actions=pd.DataFrame({"action": ["x"], "done_at": ["soon"]}))


def test_a_name_of_a_period_is_a_date_only_with_its_year():
    """Pandas takes "May" for May of the year 1, which version 2.2 cannot hold."""
    frame = pd.DataFrame({"wave": ["May", "June"]})
    assert ends_of(frame, "wave", ["May", "June"]) == {}
    assert ends_of(frame, "wave", ["2025-05", "June"]) == {}
    found = ends_of(frame, "wave", ["2025-Q1", "2025-05"])
    assert [str(first.date()) for first, _ in found.values()] == ["2025-01-01", "2025-05-01"]
    assert found["2025-Q1"][1].date().isoformat() == "2025-03-31"
