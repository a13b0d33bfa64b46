"""Curves of patience against the table that they are drawn from."""

from __future__ import annotations

import numpy as np
import pytest
from contact_logs import contact_log, drawn_log

import cxgap as cx
from cxgap.errors import ArgumentError
from cxgap.plot import patience


def lines(figure: object) -> dict:
    return {trace.name: trace for trace in figure.data if trace.name != "band"}


def test_a_curve_begins_with_all_and_steps_through_the_shares_of_the_table():
    table = cx.patience(drawn_log(4, 80), times=(2, 5, 10))
    drawn = lines(patience(table))
    assert list(drawn) == ["Pay", "Receive"]
    for name, rows in table.frame.groupby("touchpoint"):
        assert list(drawn[name].x) == [0, 2, 5, 10]
        assert list(drawn[name].y) == pytest.approx([100, *(100 * rows["still"])])
        assert drawn[name].line.shape == "hv"


def test_a_band_is_the_interval_held_until_the_next_step():
    table = cx.patience(drawn_log(4, 80), by="", times=(2, 5))
    (band,) = [trace for trace in patience(table).data if trace.name == "band"]
    low, high = (100 * table.frame[name] for name in ("still_low", "still_high"))
    assert list(band.x) == [0, 2, 2, 5, 5, 5, 5, 2, 2, 0]
    assert list(band.y) == pytest.approx([100, 100, low[0], low[0], low[1], high[1], high[0], high[0], 100, 100])


def test_names_stand_at_the_ends_of_their_curves_in_their_colours_and_clear_of_each_other():
    log = drawn_log(4, 120)
    table = cx.patience(log.assign(touchpoint="T" + (log["customer_id"].str[-1].astype(int) % 6).astype(str)), times=(2, 5))
    figure = patience(table)
    drawn = lines(figure)
    names = [note for note in figure.layout.annotations if note.text.startswith("<b>T")]
    assert len(names) == 6
    for note in names:
        trace = drawn[note.text.removeprefix("<b>").removesuffix("</b>")]
        assert (note.x, note.font.color) == (trace.x[-1], trace.line.color)
    heights = np.sort([note.y for note in names])
    assert (np.diff(heights) >= 4).all()  # per cent of an axis of 360 pixels: a line of text
    narrow = figure.layout.meta["cxgap"]["narrow"]
    assert sum("T" in note["text"] for note in narrow["annotations"] if note.get("yref") == "paper") == 6
    assert {(trace.line.color, trace.line.dash) for trace in drawn.values()}.__len__() == 6


def test_hidden_curves_are_named_and_not_drawn():
    log = drawn_log(4, 120)
    few = log.assign(touchpoint=log["touchpoint"].where(~log["customer_id"].isin(["C1", "C2"]), "Rare"))
    figure = patience(cx.patience(few, times=(2, 5), min_n=10))
    assert "Rare" not in lines(figure)
    assert "Not shown, too few: Rare" in figure.layout.meta["cxgap"]["note"].replace("Pay, ", "").replace("Receive, ", "")


def test_the_finding_says_whether_the_curves_differ():
    log = drawn_log(4, 200)
    same = patience(cx.patience(log, times=(2, 5))).layout.meta["cxgap"]["finding"]
    assert same.endswith("are still waiting; the curves cannot be told apart.")
    faster = log.assign(waited=np.where(log["touchpoint"] == "Pay", log["waited"] / 4, log["waited"]))
    apart = patience(cx.patience(faster, times=(1, 2))).layout.meta["cxgap"]["finding"]
    assert apart.startswith("After 2 minutes, from ")
    assert apart.endswith("; the curves differ.")


def test_nothing_to_draw_says_why_and_too_many_curves_are_misuse():
    absent = patience(cx.patience(contact_log(), by=""))
    assert "contacts have no column 'waited'" in absent.layout.meta["cxgap"]["alt"].replace("Contacts", "contacts")
    log = drawn_log(4, 120)
    table = cx.patience(log.assign(touchpoint=log["customer_id"].str[-1]), times=(2, 5))
    assert len(lines(patience(table))) == 6
    assert "6 of 10 cells are drawn" in patience(table).layout.meta["cxgap"]["note"]
    with pytest.raises(ArgumentError, match="1 to 6 curves, not 8"):
        patience(table, curves=slice(0, 8))
    with pytest.raises(ArgumentError, match=r"what `cx.patience` returned"):
        patience(cx.friction(contact_log()))


def test_long_names_of_curves_are_broken_on_a_phone_and_have_their_room():
    log = drawn_log(3).replace({"touchpoint": {"Pay": "Pay for what was ordered, in the shop or in the app"}})
    short, long = (patience(cx.patience(frame)).layout.meta["cxgap"]["narrow"] for frame in (drawn_log(3), log))
    texts = [each["text"] for each in long["annotations"] if each["text"].startswith("<b>")]
    assert sum("<br>" in text for text in texts) == 1
    assert (long["height"] - short["height"], long["margin"]["t"] - short["margin"]["t"]) == (18, 18)
