"""Who is compared, from the worst to the best: marks, ranks as text, and the cut that is said."""

from __future__ import annotations

from math import nan

import numpy as np
import pandas as pd
import pytest

from cxgap.errors import ArgumentError
from cxgap.plot import caterpillar
from cxgap.result import Table


def table(count: int = 4, **changes: object) -> Table:
    """Make what `case_mix` returns: the last row has no rank."""
    place = np.arange(count, dtype=float)
    columns: dict[str, object] = {
        "region": [f"R{number}" for number in range(count)],
        "n": 50 + place,
        "raw": place / 10 - 0.4,
        "estimate": place / 10 - 0.5,
        "conf_low": place / 10 - 0.7,
        "conf_high": place / 10 - 0.3,
        "shrunk": place / 20 - 0.4,
        "rank": place + 1,
        "rank_low": np.maximum(place, 1),
        "rank_high": np.minimum(place + 3, count),
        "finding": ["worse than the mean", *["cannot tell"] * (count - 2), "better than the mean"],
        "overall": -0.35,
    }
    frame = pd.DataFrame({**columns, **changes})
    none = pd.DataFrame({"region": ["hidden"], "finding": ["not shown"], "rank": [nan]})
    return Table(pd.concat([frame, none], ignore_index=True), "case_mix", "R0 is worse than the mean", ("region",), keys=1)


def drawn(figure, name: str):
    (trace,) = [trace for trace in figure.data if trace.name == name]
    return trace


def test_raw_is_hollow_adjusted_is_filled_and_shrunken_stands_beside():
    figure = caterpillar(table())
    raw, adjusted, shrunken = (drawn(figure, name) for name in ("as it is", "adjusted", "shrunken"))
    assert list(raw.x) == pytest.approx([-0.4, -0.3, -0.2, -0.1])
    assert list(adjusted.x) == pytest.approx([-0.5, -0.4, -0.3, -0.2])
    assert list(shrunken.x) == pytest.approx([-0.4, -0.35, -0.3, -0.25])
    assert raw.marker.color == "#ffffff"
    assert "#ffffff" not in adjusted.marker.color
    ends = [value for trace in figure.data if trace.name == "interval" for value in trace.x if value is not None]
    assert sorted(ends) == pytest.approx([-0.7, -0.6, -0.5, -0.4, -0.3, -0.2, -0.1, 0.0])


def test_the_ranks_that_each_could_have_stand_as_text_and_the_line_is_the_mean():
    figure = caterpillar(table())
    said = [each.text for each in figure.layout.annotations]
    assert {"1 to 3", "1 to 4", "2 to 4", "3 to 4"} <= set(said)
    assert [shape.x0 for shape in figure.layout.shapes] == [-0.35]
    about = figure.layout.meta["cxgap"]
    assert "R0: \N{MINUS SIGN}0.50, rank 1 to 3 of 4" in about["alt"]
    assert "1 without a rank" in about["note"]
    assert "hidden" not in about["alt"]


def test_colour_is_of_findings_alone():
    colors = list(drawn(caterpillar(table()), "adjusted").marker.color)
    assert colors[1] == colors[2]
    assert len(set(colors)) == 3


def test_of_more_than_twelve_the_ends_are_drawn_and_the_cut_is_said():
    figure = caterpillar(table(30))
    names = [text.replace("<br>", " ") for text in figure.layout.yaxis.ticktext]
    assert names == [f"R{place}" for place in (*range(6), *range(24, 30))]
    assert any("18 between are not drawn" in each.text for each in figure.layout.annotations)
    assert "the 6 worst and the 6 best of 30" in figure.layout.meta["cxgap"]["note"]
    assert list(caterpillar(table(30), rows=slice(6, 10)).layout.yaxis.ticktext) == ["R6", "R7", "R8", "R9"]
    with pytest.raises(ArgumentError, match="`rows` must choose 1 to 12"):
        caterpillar(table(30), rows=slice(0, 13))


def test_any_table_with_ranks_will_do_and_another_is_refused():
    plain = table().frame[["region", "estimate", "rank", "rank_low", "rank_high"]].assign(std_error=0.1).dropna()
    figure = caterpillar(Table(plain, "gap-ranks", "Ranks", ("region",), keys=1))
    assert list(drawn(figure, "estimate").x) == pytest.approx([-0.5, -0.4, -0.3, -0.2])
    ends = [value for value in drawn(figure, "interval").x if value is not None]
    assert ends[:2] == pytest.approx([-0.7, -0.3])
    assert "two standard errors" in figure.layout.meta["cxgap"]["note"]
    with pytest.raises(ArgumentError, match="must have the columns"):
        caterpillar(Table(plain.drop(columns="rank_low"), "gap-ranks", "Ranks", ("region",)))
    with pytest.raises(ArgumentError, match="must be a Table with ranks"):
        caterpillar(plain)


def test_on_a_phone_names_stand_above_the_marks():
    narrow = caterpillar(table()).layout.meta["cxgap"]["narrow"]
    assert narrow["yaxis"]["showticklabels"] is False
    said = [each["text"] for each in narrow["annotations"]]
    assert sum("rank 1 to 3 of 4" in text and "R0" in text for text in said) == 1
