"""Penalty and reward bars, and the Kano plane: every mark is a number of the table, hidden rows have none."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

import cxgap as cx
from cxgap.errors import ArgumentError
from cxgap.plot.theme import BLUE, PAPER, VERMILION
from cxgap.result import Table

PAIRS = {"A": ("like", "neutral"), "O": ("like", "dislike"), "M": ("neutral", "dislike"), "I": ("neutral", "neutral")}


def features(**groups: dict[str, int]) -> pd.DataFrame:
    rows = [
        (f"r{number}", name, *PAIRS[letter])
        for name, counts in groups.items()
        for number, letter in enumerate("".join(letter * count for letter, count in counts.items()))
    ]
    return pd.DataFrame(rows, columns=["respondent_id", "feature", "functional", "dysfunctional"])


@pytest.fixture(scope="module")
def plane() -> Table:
    answers = features(safe={"M": 60, "I": 20}, van={"A": 60, "I": 20}, day={"O": 31, "M": 30, "I": 9}, rare={"A": 4})
    return cx.kano(answers, min_n=5)


@pytest.fixture(scope="module")
def sides() -> Table:
    gap = np.repeat([-1.0, 0.0, 1.0], 40)
    parts = []
    for name, steps in {"<Post>": (-2.0, 0.1), "Shop": (-0.1, 2.0), "Help": (-1.0, 1.0)}.items():
        joy = 5 + np.where(gap < 0, steps[0], 0.0) + np.where(gap > 0, steps[1], 0.0) + np.tile([-0.3, 0.3], 60)
        parts.append(pd.DataFrame({"touchpoint": name, "perception": 4 + gap, "joy": joy, "person": np.arange(120)}))
    few = parts[0].iloc[::10].assign(touchpoint="Claim")
    frame = pd.concat([*parts, few], ignore_index=True).assign(item="i", expectation=4.0)
    frame["touchpoint"] = pd.Categorical(frame["touchpoint"], ["Shop", "<Post>", "Help", "Claim"], ordered=True)
    return cx.penalty_reward(frame.rename(columns={"person": "respondent_id"}), outcome="joy", replicates=199)


def by_name(figure: go.Figure) -> dict[str, object]:
    return {trace.name: trace for trace in figure.data}


def texts(layout: dict) -> str:
    return " ".join(annotation["text"] for annotation in layout["annotations"])


def test_the_plane_has_a_number_for_each_feature_shown_and_lines_for_its_intervals(plane):
    drawn = cx.plot.kano(plane)
    shown = plane.frame[plane.frame["kind"] != "not shown"]
    dots = by_name(drawn)["feature"]
    assert list(dots.x) == pytest.approx((-shown["worse"]).tolist())
    assert list(dots.y) == pytest.approx(shown["better"].tolist())
    assert list(dots.text) == ["1", "2", "3"]
    fills = dict(zip(shown["feature"], dots.marker.color, strict=True))
    assert fills == {"day": PAPER, "safe": VERMILION, "van": BLUE}
    lines = by_name(drawn)["interval, must-be"]
    row = shown.set_index("feature").loc["safe"]
    assert lines.x[:2] == pytest.approx((-row["worse_high"], -row["worse_low"]))
    assert lines.y[3:5] == pytest.approx((row["better_low"], row["better_high"]))


def test_the_plane_names_features_under_their_kinds_wide_and_narrow(plane):
    drawn = cx.plot.kano(plane)
    about = drawn.layout.meta["cxgap"]
    for layout in (drawn.layout.to_plotly_json(), about["narrow"]):
        said = texts(layout)
        assert "Must be there</span></b><br>2 safe" in said
        assert "Delights</span></b><br>3 van" in said
        assert "1 day" in said
        assert "performance or must-be" in said
        assert "rare" not in said
    assert "safe: must-be" in about["alt"]
    assert about["finding"] == f"{plane.title}."
    assert about["table"]["rows"] == [list(row) for row in plane.cells]


def test_groups_that_want_the_opposite_have_a_place_of_their_own():
    one, other = features(a={"A": 45, "I": 5}), features(b={"M": 45, "I": 5})
    other["respondent_id"] += " new"
    answers = pd.concat([one.assign(group="old"), other.assign(group="new")]).assign(feature="sign")
    drawn = cx.plot.kano(cx.kano(answers, segments="group"))
    assert "Groups want the opposite" in texts(drawn.layout.to_plotly_json())
    assert "new: must-be; old: delight" in texts(drawn.layout.to_plotly_json())
    assert by_name(drawn)["feature"].marker.color == (PAPER,)


def test_bars_are_penalties_and_rewards_with_their_intervals(sides):
    drawn, frame = cx.plot.asymmetry(sides), sides.frame
    marks = by_name(drawn)
    for name, side in (("penalty", "pi"), ("reward", "ri")):
        assert list(marks[name].x)[:3] == pytest.approx(frame[side].tolist()[:3])
        assert marks[name].x[3] is None
        ends = [value for value in marks[f"interval of the {name}"].x if value is not None]
        assert ends == pytest.approx(frame[[f"{side}_low", f"{side}_high"]].iloc[:3].to_numpy().ravel().tolist())
    assert list(frame["class"]) == ["excitement", "basic", "hybrid", "cannot tell"]


def test_the_bars_say_their_kind_and_why_a_row_has_none_wide_and_narrow(sides):
    drawn = cx.plot.asymmetry(sides)
    about = drawn.layout.meta["cxgap"]
    for layout in (drawn.layout.to_plotly_json(), about["narrow"]):
        said = texts(layout)
        assert "basic" in said
        assert "excitement" in said
        assert "too few at one level" in said
        assert "<Post>" not in said
    assert "penalty −2.00, reward +0.10, basic" in about["alt"]
    assert "&lt;Post&gt;" in str(drawn.layout.yaxis.ticktext)


def test_other_tables_are_refused_and_what_was_not_measured_says_why(plane, sides):
    for draw, right, wrong in ((cx.plot.kano, plane, sides), (cx.plot.asymmetry, sides, plane)):
        with pytest.raises(ArgumentError, match="must be what `cx"):
            draw(wrong)
        missing = Table.not_measured(right.slug, right.title, "nobody was asked")
        assert "nobody was asked" in str(draw(missing).layout.to_plotly_json())
    with pytest.raises(ArgumentError, match="1 to 40 features, not 41"):
        cx.plot.kano(cx.kano(features(**{f"f{number}": {"A": 2, "I": 1} for number in range(41)}), replicates=9))
