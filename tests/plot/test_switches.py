"""The matrix of changes of channel against the table that it is drawn from, wide and on a phone."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from contact_logs import CHANNELS, END, contact_log, drawn_log

import cxgap as cx
from cxgap.errors import ArgumentError
from cxgap.plot import switches
from cxgap.plot.theme import VERMILION


def table(**options: object) -> cx.Table:
    return cx.channel_switches(drawn_log(5, 80), **{"channels": CHANNELS, **options})


def narrow(figure: object) -> dict:
    return figure.layout.meta["cxgap"]["narrow"]


def test_each_cell_is_its_share_with_interval_and_contacts():
    drawn = table()
    figure, frame = switches(drawn), drawn.frame
    shares = next(trace for trace in figure.data if trace.name == "share")
    assert np.array(shares.z, float).ravel() == pytest.approx(frame["share"].to_numpy())
    cells = {(note.x, note.y): note.text for note in figure.layout.annotations if note.xref != "paper"}
    for place, row in enumerate(frame.to_dict("records")):
        text = cells[place % 3, place // 3]
        assert f"<b>{row['share'] * 100:.0f} %</b>" in text
        assert f"{row['share_low'] * 100:.0f} to {row['share_high'] * 100:.0f} %" in text
        assert f"{row['count']:.0f} contact" in text


def test_forced_changes_are_outlined_and_say_so():
    figure = switches(table())
    outlined = {(round((shape.x0 + shape.x1) / 2), round((shape.y0 + shape.y1) / 2)) for shape in figure.layout.shapes}
    assert {shape.line.color for shape in figure.layout.shapes} == {VERMILION}
    assert outlined == {(2, 0), (2, 1)}  # App and Web, unassisted and so first, to Phone
    said = {(note.x, note.y) for note in figure.layout.annotations if "forced" in note.text}
    assert said == outlined
    assert not switches(table(channels=None)).layout.shapes


def test_a_hidden_pair_has_a_dash_and_no_number_anywhere():
    drawn = table(min_n=30)
    hidden = drawn.frame["flags"].str.contains("SUPPRESSED")
    assert hidden.any()
    figure = switches(drawn)
    told = next(trace for trace in figure.data if trace.name == "not shown")
    assert [value == 0 for row in told.z for value in row] == hidden.tolist()
    for place in np.flatnonzero(hidden):
        assert told.hovertext[place // 3][place % 3].endswith(": not shown")
    assert sum("–" in note.text for note in figure.layout.annotations) == hidden.sum()


def test_on_a_phone_the_names_of_rows_stand_above_them_in_the_same_picture():
    figure = switches(table())
    small = narrow(figure)
    above = [note for note in small["annotations"] if note["text"].startswith("after ")]
    assert [note["y"] for note in above] == [-0.5, 0.5, 1.5]
    assert not small["yaxis"]["showticklabels"]
    gap = next(trace for trace in figure.data if trace.name == "share").ygap
    assert gap >= 20  # room for a name between two rows


def test_the_finding_is_what_was_forced_and_the_words_are_safe():
    log = contact_log().replace({"channel": {"Phone": "<b>Phone</b>"}})
    channels = CHANNELS.assign(channel=["App", "Web", "<b>Phone</b>"])
    figure = switches(cx.channel_switches(log, channels=channels, as_of=END))
    about = figure.layout.meta["cxgap"]
    assert about["finding"].startswith("Of contacts after App, 50 %")
    assert "<b>Phone" not in json.dumps([figure.layout.to_plotly_json()["xaxis"], [n.text for n in figure.layout.annotations]])
    kinds = switches(table(by="kind")).layout.meta["cxgap"]["finding"]
    assert "went to people: these were forced." in kinds


def test_nothing_to_draw_says_why_and_another_table_is_misuse():
    absent = switches(cx.channel_switches(contact_log().iloc[[0]]))
    assert "no customer came again" in absent.layout.meta["cxgap"]["note"].lower()
    with pytest.raises(ArgumentError, match=r"what `cx.channel_switches` returned"):
        switches(cx.friction(contact_log()))
    many = pd.concat([contact_log().assign(channel=f"C{k}", customer_id=f"P{k}") for k in range(9)])
    with pytest.raises(ArgumentError, match="at most 8 channels, not 9"):
        switches(cx.channel_switches(many))


def test_long_names_of_rows_stay_in_one_line_on_a_phone():
    """Two lines would run into the cells above them; the head of the column has the whole name."""
    name = "Telephone hotline for customers with a contract, weekdays"
    figure = switches(cx.channel_switches(contact_log().replace({"channel": {"Phone": name}}), as_of=END))
    rows = [each["text"] for each in narrow(figure)["annotations"] if each["text"].startswith("after ")]
    assert all("<br>" not in text and len(text) <= 44 for text in rows)
    assert any(text.endswith("…") for text in rows)
    heads = " ".join(text.replace("-<br>", "").replace("<br>", " ") for text in narrow(figure)["xaxis"]["ticktext"])
    assert "weekdays" in heads
