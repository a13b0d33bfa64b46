"""What is missing, counted by a plain loop on every engine; and the gap by each treatment of what is."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pandas as pd
import pytest
from answers import survey
from conftest import ENGINES
from pandas.testing import assert_frame_equal

import cxgap as cx
from cxgap.errors import ArgumentError
from cxgap.gaps.missingness import SHARES, missing_sensitivity, missingness

FULL = {"weight": "weight", "stratum": "stratum", "psu": "psu", "population": "population"}


def by_hand(frame: pd.DataFrame, names: list[str]) -> dict[tuple, dict[str, float]]:
    """Count one question after another: of every visit, each item that anybody answered on that occasion."""
    given, asked, keys = {}, defaultdict(set), {}
    for row in frame.to_dict("records"):
        visit, occasion = (row["respondent_id"], row["wave"], row["touchpoint"]), (row["wave"], row["touchpoint"])
        given[(*visit, row["item"])] = row["expectation"], row["perception"]
        keys[visit] = row
        if not (np.isnan(row["expectation"]) and np.isnan(row["perception"])):
            asked[occasion].add(row["item"])
    dimension = frame.drop_duplicates("item").set_index("item")["dimension"].fillna("all items").to_dict()
    found: dict[tuple, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    people, complete = defaultdict(set), defaultdict(set)
    for visit in keys:
        for item in asked[visit[1:]]:
            e, p = given.get((*visit, item), (np.nan, np.nan))
            at = {**keys[visit], "item": item, "dimension": dimension[item]}
            cell = tuple(str(at[name]) for name in names)
            lacks_e, lacks_p = bool(np.isnan(e)), bool(np.isnan(p))
            marks = (
                lacks_e,
                lacks_p,
                lacks_e and lacks_p,
                lacks_p and not lacks_e,
                lacks_e and not lacks_p,
                lacks_e or lacks_p,
            )
            found[cell]["asked"] += 1
            for name, mark in zip(SHARES, marks, strict=True):
                found[cell][name] += mark
            people[cell].add(visit[0])
            if lacks_e or lacks_p:
                complete[cell].add(visit[0])
    for cell, row in found.items():
        row["n"] = len(people[cell])
        row["complete"] = 1 - len(complete[cell]) / len(people[cell])
        for name in SHARES:
            row[name] /= row["asked"]
    return found


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("by", ["item", "dimension", "touchpoint,segment", "wave,dimension", ""])
def test_every_share_is_a_count_over_what_was_asked(engine, by):
    frame = survey(3, people=30)
    found = missingness(ENGINES[engine](frame), by=by).frame
    names = by.split(",") if by else []
    expected = by_hand(frame, names)
    assert len(found) == len(expected)
    for row in found.to_dict("records"):
        wanted = expected[tuple(row[name] for name in names)]
        for name in ("n", "asked", "complete", *SHARES):
            assert row[name] == pytest.approx(wanted[name]), name


def test_parts_add_up_and_rows_that_were_not_written_are_missing_all_the_same():
    """Arithmetic: either missing = both + one alone + the other alone. A row without ratings says no more than none."""
    written, unwritten = survey(4, people=30), survey(4, people=30, rows=False)
    found = missingness(written).frame
    parts = found["missing_both"] + found["expected_only"] + found["perceived_only"]
    assert found["missing_pair"].to_numpy() == pytest.approx(parts.to_numpy())
    visits = ["respondent_id", "wave", "touchpoint"]
    same = written.merge(unwritten[visits].drop_duplicates(), on=visits)
    assert_frame_equal(missingness(same).frame, missingness(unwritten).frame)


def test_small_rows_are_blank_and_the_finding_counts_people():
    table = missingness(survey(3, people=30), by="touchpoint,wave", min_n=18)
    hidden = table.frame["n"].isna()
    assert 0 < hidden.sum() < len(table.frame)
    assert table.frame.loc[hidden, ["visits", "asked", *SHARES, "complete"]].isna().all(axis=None)
    whole = survey(1, people=10, missing=0)
    assert missingness(whole).title == "None of the answers are missing; 10 of 10 respondents answered everything"


def test_those_who_never_used_the_touchpoint_are_counted_by_themselves():
    frame = survey(6, people=20, missing=0)
    first = frame["respondent_id"].iloc[0]
    never = (frame["respondent_id"] == first) & (frame["touchpoint"] == frame["touchpoint"].iloc[0])
    visits = frame[never][["wave", "touchpoint"]].drop_duplicates().shape[0]
    table = missingness(frame.assign(perception=frame["perception"].mask(never)))
    assert table.notes[0].startswith(f"{visits} of ")
    assert "may never have used the touchpoint" in table.notes[0]
    with pytest.raises(ArgumentError, match="question"):
        missingness(frame.assign(question="x"), by="question")


@pytest.fixture(scope="module")
def in_another_order():
    """The gaps by the three rules, and the table of the rows in another order, once for all engines."""
    frame = survey(7, people=30)
    gaps = {rule: cx.customer_gap(frame, by="", missing=rule, **FULL).frame for rule in ("half", "pairwise", "listwise")}
    return gaps, missing_sensitivity(frame.sample(frac=1, random_state=2), count=3, seed=5, **FULL)


@pytest.mark.parametrize("engine", ENGINES)
def test_the_three_rules_are_those_of_the_gap_and_imputations_are_the_same_everywhere(engine, in_another_order):
    frame, (gaps, again) = survey(7, people=30), in_another_order
    table = missing_sensitivity(ENGINES[engine](frame), count=3, seed=5, **FULL)
    rows = table.frame.set_index("method")
    for rule, frame_of_rule in gaps.items():
        (gap,) = frame_of_rule.itertuples()
        assert rows.loc[rule, "estimate"] == pytest.approx(gap.estimate, nan_ok=True)
        assert rows.loc[rule, "std_error"] == pytest.approx(gap.std_error, nan_ok=True)
    numbers = ["n", "estimate", "std_error", "df", "conf_low", "conf_high", "change", "fmi"]
    assert table.frame[numbers].to_numpy(float) == pytest.approx(again.frame[numbers].to_numpy(float), nan_ok=True)
    assert rows.loc["lowered", "estimate"] < rows.loc["imputed", "estimate"]


@pytest.mark.parametrize("score", ["dimensions", "items"])
def test_without_a_hole_every_treatment_gives_the_gap_of_all(score):
    """Nothing is missing, so nothing is imputed, and no information is lost."""
    frame = survey(8, people=30, missing=0).query("retained")
    table = missing_sensitivity(frame, score=score, count=2, seed=1)
    assert table.frame["change"].to_numpy() == pytest.approx(0, abs=1e-12)
    assert table.frame["std_error"].to_numpy() == pytest.approx(table.frame["std_error"][0])
    assert table.frame["fmi"].iloc[-1] < 0.08  # what Barnard & Rubin's df leave of 2 / (df + 3)
    assert table.title.startswith("However missing answers are treated, the gap is ")


def test_perceptions_are_lowered_by_their_share_of_the_standard_deviation():
    """Arithmetic: of one item, the gap falls by delta x SD x the share of visits whose perception was imputed."""
    random = np.random.default_rng(1)
    frame = pd.DataFrame(
        {"respondent_id": range(200), "item": "q", "expectation": 6.0, "perception": random.integers(1, 8, 200)}
    )
    two = pd.concat([frame, frame.assign(item="r", perception=random.integers(1, 8, 200))], ignore_index=True)
    two["perception"] = two["perception"].astype(float)
    hole = (two["item"] == "q") & (two["respondent_id"] < 50)
    two.loc[hole, "perception"] = np.nan
    rows = missing_sensitivity(two, score="items", delta=2.0, count=3, seed=1).frame.set_index("method")
    spread = two.loc[two["item"] == "q", "perception"].std()
    assert rows.loc["lowered", "estimate"] - rows.loc["imputed", "estimate"] == pytest.approx(-2 * spread * 0.25 / 2)


def test_a_touchpoint_that_was_not_used_is_never_filled_in():
    """Methods 2.2: no imputation for touchpoints not used; so their visits move no estimate."""
    frame = survey(9, people=40, missing=0.1).query("retained")
    extra = frame[frame["touchpoint"] == "shop"].assign(touchpoint="web", perception=np.nan)
    extra = extra[~extra["respondent_id"].isin(frame.loc[frame["touchpoint"] == "web", "respondent_id"])]
    more = pd.concat([frame, extra], ignore_index=True)
    more["touchpoint"] = pd.Categorical(more["touchpoint"], categories=["call", "shop", "web"], ordered=True)
    assert len(extra) > 0
    one, other = (missing_sensitivity(each, count=2, seed=3).frame["estimate"].iloc[-2:] for each in (frame, more))
    assert one.to_numpy() == pytest.approx(other.to_numpy())


def test_few_are_hidden_and_none_is_no_error():
    frame = survey(10, people=6)
    assert missing_sensitivity(frame, count=2, min_n=50).frame["estimate"].isna().all()
    empty = missing_sensitivity(frame.assign(perception=np.nan), count=2)
    assert empty.frame["estimate"].isna().all()
    assert empty.title.endswith("nothing to compare")
