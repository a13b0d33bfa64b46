"""The waterfall of one cell of a chain: its bars, intervals and hatched columns, against the table it is drawn from."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import plotly.graph_objects as go
import pytest
from gap_tables import MERGED, PATH, chain_table, gap_table

from cxgap.errors import ArgumentError
from cxgap.plot import chain
from cxgap.plot.theme import BLUE, NEUTRAL, VERMILION

NAN = float("nan")
# Lower is better: more days are a shortfall.
DAYS = (
    ("knowledge", "expected", "believed", 3.0, 3.6, -0.9, -0.3, 22, "short", 0.4),
    ("standards", "believed", "standard", 3.6, 3.4, 0.1, 0.3, 22, "exceeded", 0.0),
    ("delivery + perception", "standard", "perceived", 3.4, 4.9, -1.7, -1.3, 400, "short", 0.998),
    ("customer", "expected", "perceived", 3.0, 4.9, -2.3, -1.5, 400, "short", NAN),
)
SHARES = (
    ("delivery", "target", "standard", 1.0, 0.91, -0.12, -0.06, 300, "short", 0.7),
    ("standards", "standard", "believed", 0.91, 0.88, -0.05, -0.01, 22, "short", 0.1),
    ("knowledge", "believed", "expected", 0.88, 0.79, -0.13, -0.05, 22, "short", 0.2),
    ("perception", "expected", "perceived", 0.79, 0.85, 0.02, 0.1, 300, "exceeded", 0.0),
    ("customer", "target", "perceived", 1.0, 0.85, -0.2, -0.1, 400, "short", NAN),
    ("communication", "target", "promised", 1.0, 0.82, -0.22, -0.14, 300, "short", NAN),
)


def trace(figure, name):
    (found,) = [trace for trace in figure.data if trace.name == name]
    return found


def texts(layout):
    return [annotation["text"] for annotation in layout["annotations"]]


def names(figure):
    return [text.split("<br><span")[0].replace("<br>", " ") for text in figure.layout.xaxis.ticktext]


def test_each_step_goes_from_its_start_to_its_end():
    gaps = chain_table()
    steps = trace(chain(gaps), "step")
    path = gaps.frame.iloc[:4]
    assert list(steps.base) == path["start"].tolist()
    assert np.add(steps.base, steps.y).tolist() == pytest.approx(path["end"].tolist())
    assert list(steps.marker.color) == [VERMILION, VERMILION, NEUTRAL, NEUTRAL]


def test_the_only_step_is_not_said_to_be_the_largest():
    """Of one step that is trivial, and the page says beside it that where the level falls is not measured."""
    whole = (
        "knowledge + standards + delivery + perception",
        "expected",
        "perceived",
        6.5,
        5.7,
        -0.97,
        -0.63,
        412,
        "short",
        1.0,
    )
    gaps = chain_table([whole, PATH[4]])
    gaps = replace(gaps, frame=gaps.frame.assign(unmeasured=["believed, standard, delivered", ""]))
    said = chain(gaps).layout.meta["cxgap"]
    assert said["finding"].startswith("Receive the parcel: from expected to perceived −0.8 scale points (")
    assert said["finding"].endswith("); no level between was measured.")
    assert "probability" not in said["alt"]


def test_the_cell_that_is_drawn_is_one_that_is_short():
    """A larger gap of a few people of which nobody can tell is not the one that the page speaks of."""
    gaps = chain_table(cells=("Get help", "Receive the parcel"))
    doubt = (gaps.frame["touchpoint"] == "Get help") & (gaps.frame["link"] == "customer")
    gaps.frame.loc[doubt, ["estimate", "conf_low", "conf_high"]] = [-3.0, -7.0, 1.0]
    gaps.frame.loc[doubt, "verdict"] = "cannot tell"
    assert chain(gaps).layout.meta["cxgap"]["finding"].startswith("Receive the parcel")


def test_the_steps_add_up_from_the_first_level_to_the_last():
    figure = chain(chain_table())
    first, last = trace(figure, "expected").y[0], trace(figure, "perceived").y[0]
    assert first + sum(trace(figure, "step").y) == pytest.approx(last)
    assert (first, last) == (6.5, 5.7)


@pytest.mark.parametrize(("links", "turn"), [(PATH, 1), (DAYS, -1)])
def test_whiskers_are_the_interval_of_the_step_set_at_its_end(links, turn):
    """With d = 1 or -1 for the better direction, end = start + d estimate, so the ends are start + d (conf_low, conf_high)."""
    gaps = chain_table(links, turn=turn, unit="days", scale=None)
    whiskers = trace(chain(gaps), "interval")
    drawn = [sorted(whiskers.y[k : k + 2]) for k in range(0, len(whiskers.y), 3)]
    shown = gaps.frame[~gaps.frame["link"].isin(["customer", "positioning", "communication"])]
    wanted = [sorted((row.start + turn * row.conf_low, row.start + turn * row.conf_high)) for row in shown.itertuples()]
    assert drawn[: len(wanted)] == [pytest.approx(pair) for pair in wanted]


def test_columns_stand_in_the_order_of_the_path_with_the_promise_beside_delivery():
    assert names(chain(chain_table())) == [
        "expected", "knowledge", "standards", "delivery", "communication", "perception", "perceived",
    ]  # fmt: skip


def test_the_promise_is_a_thin_bar_to_what_was_delivered():
    figure = chain(chain_table())
    branch = trace(figure, "branch")
    assert (branch.base[0], branch.base[0] + branch.y[0]) == (6.3, pytest.approx(5.85))
    assert branch.width[0] < min(trace(figure, "step").width)
    assert trace(figure, "promised").y == (6.3,)
    assert [shape.line.dash for shape in figure.layout.shapes].count("dash") == 1


def test_a_level_that_is_not_known_is_a_hatched_column_before_the_step_across_it():
    figure = chain(chain_table(MERGED))
    hatched = trace(figure, "not measured")
    assert names(figure)[:3] == ["expected", "believed", "knowledge + standards"]
    assert list(hatched.x) == [1]
    assert hatched.marker.pattern.shape == "/"
    assert (hatched.base[0], hatched.base[0] + hatched.y[0]) == pytest.approx(figure.layout.yaxis.range)
    assert "not<br>measured" in texts(figure.layout)
    assert "b</b>&nbsp; believed: not measured" in " ".join(texts(figure.layout.meta["cxgap"]["narrow"])).replace("<b>", "")


def test_where_lower_is_better_a_rise_is_short_and_the_head_says_so():
    figure = chain(chain_table(DAYS, turn=-1, unit="days", scale=None, margin=None, basis="physical"))
    steps = trace(figure, "step")
    assert list(np.sign(steps.y)) == [1, -1, 1]
    assert list(steps.marker.color) == [VERMILION, BLUE, VERMILION]
    assert "fewer days is better" in texts(figure.layout)[0]
    assert "−0.6" in " ".join(texts(figure.layout))


def test_shares_begin_at_the_target_and_are_per_cent():
    figure = chain(chain_table(SHARES, unit="share", scale=None, margin=0.02, basis="attainment"))
    assert names(figure) == ["target", "communication", "delivery", "standards", "knowledge", "perception", "perceived"]
    assert list(trace(figure, "step").base) == pytest.approx([100, 91, 88, 79])
    assert "in per cent" in texts(figure.layout)[0]


def test_each_step_says_how_probable_it_is_the_largest_unless_that_is_as_good_as_ruled_out():
    ticks = [text.replace("<br>", " ") for text in chain(chain_table()).layout.xaxis.ticktext]
    plain = [
        text.split("<span")[0] + " ".join(part.split(">", 1)[1].split("</span>")[0] for part in text.split("<span")[1:])
        for text in ticks
    ]
    assert "probability .83 of being the largest" in plain[1]
    assert "probability" not in plain[3]
    late = chain(chain_table(DAYS, turn=-1, unit="days", scale=None)).layout.meta["cxgap"]["alt"]
    assert "probability above .99 of being the largest" in late


def test_the_cell_is_the_one_named_or_the_one_most_short():
    gaps = chain_table(cells=("Receive", "Pay"))
    assert chain(gaps).layout.meta["cxgap"]["finding"].startswith("Receive: ")
    figure = chain(gaps, cell="Pay")
    assert trace(figure, "perceived").y[0] == pytest.approx(6.1)
    assert {row[0] for row in figure.layout.meta["cxgap"]["table"]["rows"]} == {"Pay"}
    with pytest.raises(ArgumentError, match=r"`cell` must be one of.*'Pay'.*Did you mean 'Pay'"):
        chain(gaps, cell="pay")


def test_a_table_that_is_no_chain_is_refused():
    with pytest.raises(ArgumentError, match="row a link"):
        chain(gap_table())


def test_a_hidden_cell_has_no_number_and_says_why():
    gaps = chain_table()
    hidden = gaps.frame.assign(verdict="not shown", flags="SUPPRESSED_PRIVACY", link_from=None, link_to=None)
    figure = chain(replace(gaps, frame=hidden))
    assert figure.layout.meta["cxgap"]["finding"] == "Gap chain · Receive the parcel not shown."
    assert "Too few to show." in texts(figure.layout)[0]
    assert "6.5" not in figure.to_json()


def test_a_chain_that_was_not_measured_says_why():
    gaps = replace(chain_table(), missing="the study has no table 'managers'", frame=chain_table().frame.iloc[:0])
    assert "Not measured" in texts(chain(gaps).layout)[0]


@pytest.mark.parametrize("links", [PATH, MERGED])
def test_the_narrow_layout_is_whole_and_names_every_column(links):
    layout = chain(chain_table(links)).layout
    narrow = layout.meta["cxgap"]["narrow"]
    go.Layout(**narrow)
    assert set(narrow) >= {key for key in layout.to_plotly_json() if key not in {"template", "meta"}}
    words = texts(narrow)[-1].replace("<br>", " ").replace("&nbsp;", " ")
    for link, *_ in links:
        assert link in words or link in ("customer", "positioning")
    assert len(narrow["xaxis"]["ticktext"]) == len(layout.xaxis.ticktext)
    assert max(len(line) for line in texts(narrow)[-1].replace("&nbsp;", " ").split("<br>")) < 60


def test_the_finding_names_the_largest_shortfall_and_none_where_nothing_is_short():
    finding = chain(chain_table()).layout.meta["cxgap"]["finding"]
    assert finding.startswith("Receive the parcel: the largest step is knowledge, −0.5 scale points (−0.7 to −0.3)")
    level = [(*row[:8], "cannot tell", row[9]) for row in PATH]
    assert "no link of the chain is shown to fall short" in chain(chain_table(level)).layout.meta["cxgap"]["finding"]


def test_the_table_behind_it_has_every_link():
    about = chain(chain_table()).layout.meta["cxgap"]
    assert [row[1] for row in about["table"]["rows"]] == [link for link, *_ in PATH]
    assert about["table"]["columns"][-1] == "probability of being the largest"
    assert about["table"]["rows"][0][-1] == ".83"


def test_plotly_reads_nothing_into_a_cell():
    figure = chain(chain_table(cells=("<b>x</b> %{y} $1",), unit="<i>days</i>"))
    page = json.loads(figure.to_json())
    about = page["layout"]["meta"].pop("cxgap")
    drawn = json.dumps([page, about["narrow"]])
    for raw in ("<b>x", "%{", "$1", "<i>"):
        assert raw not in drawn
