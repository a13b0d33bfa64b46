"""The picture of targets: which marks stand where, and what is said of them to whoever cannot see it."""

from __future__ import annotations

import pytest
from targeted import target, write

import cxgap as cx
from cxgap.errors import ArgumentError
from cxgap.result import Table


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    text = target("Near", -0.55) + target("Far <b>", -0.50) + target("Beyond", -0.20) + target("Later", -0.2, "2026-12-31")
    return cx.target_status(cx.read_study(write(tmp_path_factory.mktemp("drawn"), text)))


@pytest.fixture(scope="module")
def drawn(table):
    return cx.plot.targets(table)


def test_the_mark_lies_on_the_side_that_the_estimate_does(drawn):
    marks = {trace.name: trace for trace in drawn.data if trace.mode == "markers+text"}
    assert [marks[name].x[0] > 0 for name in ("Near", "Far <b>", "Beyond")] == [True, True, False]
    assert [marks[name].marker.symbol for name in marks] == ["circle", "circle-open", "triangle-down", "diamond-open"]
    assert marks["Near"].text[0] == "−0.38"
    bars = {trace.name: trace for trace in drawn.data if trace.name.endswith("bounds")}
    assert bars["Near bounds"].x[0] > 0 > bars["Far <b> bounds"].x[0]  # the bound of the one passes the line
    assert bars["Beyond bounds"].x[1] < 0
    assert all(abs(x) < 1 for trace in drawn.data for x in trace.x)


def test_it_is_said_to_whoever_cannot_see_it(drawn, table):
    about = drawn.layout.meta["cxgap"]
    assert about["alt"].startswith(
        "4 targets against what was measured. Near: at least −0.55 by 31 Dec 2025, met, measured −0.38 ("
    )
    assert about["finding"] == "Of 4 targets: 1 met, 1 not met, 1 cannot be told, 1 still ahead."
    assert about["table"]["rows"] == [list(cells) for cells in table.cells]
    texts = [note.text for note in drawn.layout.annotations]
    assert {"● met", "○ cannot tell", "▼ not met", "◌ still ahead", "by 31 Dec 2025"} <= set(texts)
    own = [note for note in drawn.layout.annotations if note.text == "at least −0.55" or note.text == "by 31 Dec 2025"][:2]
    assert own[0].y == own[1].y == 0
    assert own[0].xshift == own[1].xshift
    assert own[0].yshift - own[1].yshift >= 16  # one below the other
    assert drawn.layout.margin.r <= 330  # half of the paper's width is left for the names and the marks
    assert "<b>" not in "".join(drawn.layout.yaxis.ticktext).replace("&lt;b&gt;", "")
    assert any("◌ still ahead · " in note["text"] for note in about["narrow"]["annotations"])


def test_a_part_of_the_targets_and_none(table):
    assert sum(trace.mode == "markers+text" for trace in cx.plot.targets(table, rows=slice(1, 3)).data) == 2
    with pytest.raises(ArgumentError, match="1 to 12 targets, not 0"):
        cx.plot.targets(table, rows=slice(9, 12))
    with pytest.raises(ArgumentError, match=r"what `cx\.target_status` returned"):
        cx.plot.targets(Table.not_measured("burden", "Burden", "nothing"))
    empty = cx.plot.targets(Table.not_measured("targets", "Targets", "the study has no targets"))
    assert "no targets" in empty.layout.meta["cxgap"]["alt"]
