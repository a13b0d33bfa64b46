"""The map of hours against the table that it is drawn from."""

from __future__ import annotations

import numpy as np
import pytest
from service_logs import calls, staff

import cxgap as cx
from cxgap.errors import ArgumentError
from cxgap.plot import hours


@pytest.fixture(scope="module")
def table() -> cx.Table:
    """On Mondays at 8 six of ten agents are missing."""
    shifts = staff(84, agents=9)
    monday = (shifts["at"].dt.day_of_week == 0) & (shifts["at"].dt.hour == 8)
    shifts = shifts.assign(agents=np.where(monday, 4.0, 9.0 + shifts.index % 2), planned=10.0)
    shifts.loc[monday[monday].index[0], "agents"] = 3.0
    return cx.service_metrics(calls(), staffing=shifts, as_of="2025-04-01", min_n=2)


def test_each_hour_has_its_number_and_only_what_can_be_told_its_colour(table):
    figure = hours(table)
    told = table.frame[table.frame["measure"] == "present_hour"]
    numbers = [note.text for note in figure.layout.annotations[1:]]
    assert numbers == [
        f"<b>{100 * row.estimate:.0f}</b>" if row.above == -1 else f"{100 * row.estimate:.0f}" for row in told.itertuples()
    ]
    colors = [shape.fillcolor for shape in figure.layout.shapes]
    assert colors.count("#e3915f") == (told["above"] == -1).sum() == 1
    about = figure.layout.meta["cxgap"]
    assert about["finding"] == "Monday 8 to 9: fewer of the planned agents there than in all hours together."
    assert about["table"]["columns"] == ["weekday", "8:00", "9:00", "10:00"]
    assert about["table"]["rows"][0][:2] == ["Monday", "39"]
    assert len(about["table"]["rows"]) == 7


def test_a_phone_shows_hours_down_and_weekdays_across(table):
    narrow = hours(table).layout.meta["cxgap"]["narrow"]
    assert list(narrow["xaxis"]["ticktext"]) == ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    assert list(narrow["yaxis"]["ticktext"]) == ["8:00", "9:00", "10:00"]
    assert len(narrow["shapes"]) == 21


def test_hidden_hours_are_grey_with_a_dash(table):
    figure = hours(table, measure="load")
    texts = [note.text for note in figure.layout.annotations[1:]]
    hidden = table.frame.query("measure == 'load'")["flags"].str.contains("SUPPRESSED")
    assert texts.count("–") == hidden.sum() > 0
    assert hours(table, measure="open_hour").layout.meta["cxgap"]["finding"].startswith("No hour is clearly worse")


def test_nothing_to_draw_says_why_and_misuse_what_to_type(table):
    assert "no staffing hour by hour" in hours(cx.service_metrics(calls())).layout.meta["cxgap"]["alt"]
    assert "not measured" in hours(cx.service_metrics(None)).layout.meta["cxgap"]["alt"]
    with pytest.raises(ArgumentError, match="`measure` must be one of"):
        hours(table, measure="open")
    with pytest.raises(ArgumentError, match=r"what `cx.service_metrics` returned"):
        hours(table.frame)
