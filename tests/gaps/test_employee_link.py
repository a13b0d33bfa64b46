"""Employees beside their customers, team by team."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from conftest import ENGINES
from pandas.testing import assert_frame_equal
from scipy.stats import pearsonr

import cxgap as cx
from cxgap.errors import ArgumentError, ColumnError
from cxgap.tables.absent import Absent

CLOSE = {"check_exact": False, "rtol": 1e-9, "atol": 1e-9}


def drawn(teams: int = 12, customers: int = 30, staff: int = 6, slope: float = 0.8) -> tuple[pd.DataFrame, pd.DataFrame]:
    random = np.random.default_rng(6)
    level = random.normal(0, 0.7, teams)
    who, team = np.arange(teams * customers), np.repeat(np.arange(teams), customers)
    answers = pd.DataFrame(
        {"respondent_id": [f"r{each:04}" for each in who], "region": [f"T{each:02}" for each in team], "expectation": 6.0}
    ).assign(perception=5 + slope * level[team] + random.normal(0, 0.8, len(who)))
    crew = np.repeat(np.arange(teams), staff)
    employees = pd.DataFrame(
        {"employee_id": [f"s{each:03}" for each in range(len(crew))], "region": [f"T{each:02}" for each in crew]}
    )
    employees = employees.assign(touchpoint="Pay", item="01", delivered=5 + level[crew] + random.normal(0, 0.5, len(crew)))
    return answers, employees


def link(table: cx.Table, name: str) -> pd.Series:
    return table.frame[table.frame["name"] == name].iloc[0]


@pytest.mark.parametrize("engine", ENGINES)
def test_the_correlation_is_pearsons_of_the_means_of_teams(engine):
    """scipy.stats.pearsonr on group means by pandas."""
    answers, employees = drawn()
    to = ENGINES[engine]
    table = cx.employee_link(to(answers), to(employees), on="region", of="perception")
    r = pearsonr(employees.groupby("region")["delivered"].mean(), answers.groupby("region")["perception"].mean())
    found = link(table, "correlation")
    assert (found["estimate"], found["p_value"]) == pytest.approx((r.statistic, r.pvalue))
    assert found["finding"] == "higher together"
    assert table.title == "Where employees rate delivered higher, the perception of customers is higher, across 12 teams"
    assert link(table, "correlation without their error")["estimate"] > r.statistic
    teams = table.frame[table.frame["part"] == "team"]
    assert (teams["employees"].tolist(), teams["customers"].tolist()) == ([6] * 12, [30] * 12)
    assert cx.describe(table).lead[0].text.startswith("Across teams the correlation is +0.")
    gap = cx.employee_link(to(answers), to(employees), on="region").frame
    assert gap.loc[gap["part"] == "link", "estimate"].tolist() == pytest.approx(
        table.frame.loc[table.frame["part"] == "link", "estimate"].tolist()
    )


def test_few_teams_have_no_word_and_few_people_no_row():
    answers, employees = drawn(teams=6)
    table = cx.employee_link(answers, employees, on="region")
    assert link(table, "correlation")["finding"] == "cannot tell"
    assert table.title == "Whether employees and customers agree across teams cannot be told: 6 teams shown, and it takes 10"
    assert not cx.describe(table).lead
    answers, employees = drawn()
    few = employees[(employees["region"] != "T00") | (employees["employee_id"] < "s003")]
    hidden = cx.employee_link(answers, few, on="region", min_n=10).frame
    teams = hidden[hidden["part"] == "team"]
    assert teams["staff"].isna().sum() == 2  # the team of three, and one beside it that would tell its customers
    moved = cx.employee_link(answers.iloc[::-1], employees.sample(frac=1, random_state=2), on="region").frame
    assert_frame_equal(moved, cx.employee_link(answers, employees, on="region").frame, **CLOSE)


def test_teams_by_the_registry_and_what_is_not_there():
    answers, employees = drawn()
    registry = pd.DataFrame({"touchpoint": sorted(set(answers["region"])), "department": ["A", "B", "C"] * 4})
    by_touchpoint = answers.rename(columns={"region": "touchpoint"})
    staff = employees.assign(department=employees["region"].map(registry.set_index("touchpoint")["department"]))
    table = cx.employee_link(by_touchpoint, staff, on="department", registry=registry)
    assert table.frame["name"][:3].tolist() == ["A", "B", "C"]
    assert table.frame["customers"][:3].tolist() == [120, 120, 120]
    assert "no table 'employees'" in cx.employee_link(answers, Absent("employees")).missing
    assert "employees do not say which team" in cx.employee_link(answers, employees, on="team").missing
    assert "the survey does not say which department" in cx.employee_link(by_touchpoint, staff, on="department").missing
    with pytest.raises(ColumnError, match="'pride'"):
        cx.employee_link(answers, employees, on="region", measure="pride")
    with pytest.raises(ArgumentError, match="must hold numbers"):
        cx.employee_link(answers, employees, on="region", measure="item")
    with pytest.raises(ArgumentError, match="`on` must name"):
        cx.employee_link(answers, employees, on="")


@pytest.mark.slow
def test_employee_link_on_pyspark_is_that_of_pandas(spark):
    answers, employees = drawn()
    found = cx.employee_link(spark(answers), spark(employees), on="region").frame
    assert_frame_equal(found, cx.employee_link(answers, employees, on="region").frame, **CLOSE)
