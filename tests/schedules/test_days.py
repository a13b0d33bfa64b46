"""The day that the DAG names: the last whole one where the study is, on the nights on which clocks and months change."""

from __future__ import annotations

import ast
from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from schedules.recipes import recipe


@pytest.fixture(scope="module")
def day_before() -> Callable[[datetime], str]:
    """Return the function of the recipe, without Airflow."""
    body = ast.parse(recipe("dags/cxgap_reports.py")).body
    kept = [node for node in body if isinstance(node, ast.FunctionDef) or ast.unparse(node).startswith("ZONE")]
    space: dict = {"timedelta": timedelta, "ZoneInfo": ZoneInfo}
    exec(compile(ast.Module(kept, []), "recipe", "exec"), space)
    return space["day_before"]


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-03-31T22:05+00:00", "2026-03-31"),  # 00:05 on 1 April in Berlin, while it is still March in UTC
        ("2026-03-31T21:55+00:00", "2026-03-30"),
        ("2026-03-29T03:10+00:00", "2026-03-28"),  # the morning after an hour was left out
        ("2026-03-30T03:10+00:00", "2026-03-29"),
        ("2026-10-25T04:10+00:00", "2026-10-24"),  # the morning after an hour came twice
        ("2026-10-25T23:30+00:00", "2026-10-25"),
        ("2028-03-01T04:10+00:00", "2028-02-29"),  # a leap day
        ("2026-12-31T23:30+00:00", "2026-12-31"),
        ("2026-03-31T15:05-07:00", "2026-03-31"),  # the scheduler's own zone makes no difference
    ],
)
def test_the_day_before_is_told_where_the_study_is(day_before, moment, day):
    assert day_before(datetime.fromisoformat(moment)) == day


def test_the_hours_of_the_schedules_exist_once_on_every_day():
    """05:10 in Berlin is no hour that a change of clocks leaves out or repeats."""
    zone = ZoneInfo("Europe/Berlin")
    for offset in range(366):
        at = datetime(2026, 1, 1, 5, 10, tzinfo=zone) + timedelta(days=offset)
        assert at.astimezone(ZoneInfo("UTC")).astimezone(zone).replace(tzinfo=None) == at.replace(tzinfo=None)
        assert at.replace(fold=0).utcoffset() == at.replace(fold=1).utcoffset()
    assert "OnCalendar=*-*-* 05:10:00 Europe/Berlin" in recipe("/etc/systemd/system/cxgap.timer")
    assert 'schedule="10 5 * * *"' in recipe("dags/cxgap_reports.py")
