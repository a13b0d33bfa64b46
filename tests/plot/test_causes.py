"""Why promises were broken, drawn: bars and bracket against the table, and what is not known beside what is."""

from __future__ import annotations

import pandas as pd
import pytest

from cxgap.errors import ArgumentError
from cxgap.gaps.causes import causes
from cxgap.plot import causes as draw
from cxgap.plot.theme import BLUE, PAPER
from cxgap.result import Table
from cxgap.tables.absent import Absent

CONTROL = pd.DataFrame({"cause": ["carrier", "weather", "address"], "control": ["controllable", "uncontrollable", "shared"]})


def table(**options: object) -> Table:
    late = ["carrier"] * 20 + ["weather"] * 12 + ["address"] * 6 + [None] * 10
    frame = pd.DataFrame({"promised": 5.0, "delivered": [4.0] * 52 + [7.0] * 48, "cause": [None] * 52 + late})
    return causes(frame.assign(region=["N", "S"] * 50), CONTROL, **options)


def bars(figure: object) -> dict[str, object]:
    return {trace.name: trace for trace in figure.data if trace.type == "bar"}


def test_every_cause_has_its_bar_and_who_can_do_something_has_a_fill_and_a_word():
    figure = draw(table())
    drawn = bars(figure)
    assert list(drawn) == ["within our control", "shared with others", "beyond our control", "not known"]
    assert drawn["within our control"].x[0] == pytest.approx(100 * 20 / 48)
    assert (drawn["within our control"].marker.color, drawn["not known"].marker.color) == (BLUE, PAPER)
    assert drawn["not known"].marker.pattern.shape == "/"
    assert drawn["shared with others"].marker.pattern.shape == "."
    texts = [annotation.text for annotation in figure.layout.annotations]
    assert {"within our control", "beyond our control", "shared with others", "not known"} <= set(texts)
    assert list(figure.layout.yaxis.ticktext) == ["carrier", "weather", "unknown", "address", "within our control, in all"]


def test_the_bracket_runs_between_the_bounds_and_the_line_holds_both():
    made = table()
    first, figure = made.frame.iloc[0], draw(made)
    bracket = next(trace for trace in figure.data if trace.name.startswith("within our control, at least"))
    line = next(trace for trace in figure.data if trace.name == "interval of the bounds")
    assert list(bracket.x) == pytest.approx([100 * first["controllable_low"], 100 * first["controllable_high"]])
    assert list(line.x) == pytest.approx([100 * first["conf_low"], 100 * first["conf_high"]])
    assert bracket.x[0] == pytest.approx(100 * 20 / 48)
    assert bracket.x[1] == pytest.approx(100 * 36 / 48)


def test_cells_stand_below_each_other_under_their_names_on_a_phone_as_well():
    made = table(by="region")
    figure = draw(made)
    assert [text for text in figure.layout.yaxis.ticktext if text.startswith("<b>")] == ["<b>N</b>", "<b>S</b>"]
    about = figure.layout.meta["cxgap"]
    assert (about["gap"], about["by"]) == ("causes", ["region"])
    assert sum(annotation["text"].startswith("<b>") for annotation in about["narrow"]["annotations"]) == 2
    assert len(draw(made, cells=slice(0, 1)).layout.yaxis.ticktext) < len(figure.layout.yaxis.ticktext)
    assert about["alt"].count("within our control in all") == 2


def test_names_of_causes_are_shown_as_they_are():
    frame = pd.DataFrame({"promised": 5.0, "delivered": [4.0, 7.0], "cause": ["", "<b>%{x} $5</b>"]})
    figure = draw(causes(frame, CONTROL))
    assert "&lt;b&gt;%&#123;x} &#36;5&lt;/b&gt;" in figure.layout.yaxis.ticktext[0]


def test_nothing_to_draw_says_why_and_another_table_is_refused():
    assert "no table 'events'" in draw(causes(Absent("events"), CONTROL)).layout.meta["cxgap"]["alt"]
    hidden = draw(table(min_n=500))
    assert "Too few to show" in hidden.layout.meta["cxgap"]["alt"]
    with pytest.raises(ArgumentError, match=r"must be what `cx\.causes` returned"):
        draw(Table.not_measured("lateness", "x", "y"))


def test_where_no_promise_was_broken_a_box_says_so():
    kept = pd.DataFrame({"promised": 5.0, "delivered": [4.0] * 9, "cause": None, "region": ["N"] * 9})
    assert "No promise was broken." in draw(causes(kept, CONTROL)).layout.meta["cxgap"]["alt"]
    assert "in the cells that are drawn" in draw(causes(kept, CONTROL, by="region")).layout.meta["cxgap"]["alt"]


def test_without_a_table_of_causes_no_bar_is_in_the_colour_of_what_can_be_controlled():
    late = pd.DataFrame({"promised": 5.0, "delivered": 7.0, "cause": ["carrier"] * 5 + [None] * 3})
    figure = draw(causes(late))
    assert BLUE not in {trace.marker.color for trace in figure.data if trace.type == "bar"}
    assert bars(figure)["not known"].marker.pattern.shape == "/"
    assert "No table of causes" in figure.layout.meta["cxgap"]["note"]
    assert not any("can we do" in annotation.text for annotation in figure.layout.annotations)


def test_bounds_that_are_one_share_are_written_once():
    late = pd.DataFrame({"promised": 5.0, "delivered": 7.0, "cause": ["carrier"] * 8})
    assert "within our control in all: 100 % (" in draw(causes(late, CONTROL)).layout.meta["cxgap"]["alt"]
