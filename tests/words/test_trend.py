"""A trend and a control chart in sentences, against their tables."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import cxgap as cx


def said(prose: cx.Prose) -> str:
    return " ".join(sentence.text for part in (prose.lead, prose.details, prose.limits) for sentence in part)


def survey(perceived: float, expected: float, *, waves: int = 3, spread: float = 0.6) -> pd.DataFrame:
    """A hundred people a wave, whose gap scatters alike in every wave; both sides move by so much a wave."""
    scatter = spread * np.linspace(-1, 1, 100)
    parts = [
        pd.DataFrame(
            {"respondent_id": np.arange(100) + 1000 * wave, "wave": f"2025-Q{wave + 1}",
             "expectation": 6 + expected * wave + 0 * scatter, "perception": 5 + perceived * wave + scatter}
        )
        for wave in range(waves)
    ]  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def test_a_gap_that_closes_says_by_how_much_and_which_side_moved():
    table = cx.gap_trend(survey(0.2, 0.0))
    prose = cx.describe(table)
    assert prose.headline == "The gap narrowed between 2025-Q1 and 2025-Q3, by +0.40 (+0.30 to +0.50)"
    assert prose.lead[0].text == (
        "The gap closed by 0.40 points (0.30 to 0.50) since 2025-Q1: perception rose by 0.40 (+0.30 to +0.50); expectation "
        "moved by 0.00 (0.00 to 0.00), no clear change."
    )
    line = "A straight line through 3 periods moves by +0.20 a period (+0.15 to +0.25): the shortfall shrinks."
    assert prose.lead[1].text == line
    assert [sentence.row for sentence in prose.details] == [1, 2]
    assert (
        "2025-Q2: +0.20 (+0.10 to +0.30) against the period before, 100 customers; perception +0.20, expectation 0.00"
        in said(prose)
    )


def test_less_expected_is_no_success_and_no_clear_change_is_said():
    fallen = cx.describe(cx.gap_trend(survey(0.0, -0.2)))
    assert fallen.headline.endswith(", because less was expected")
    assert "; less was expected, which is no better service." in fallen.lead[0].text
    flat = cx.describe(cx.gap_trend(survey(0.02, 0.0)))
    assert flat.headline == "No clear change of the gap between 2025-Q1 and 2025-Q3: +0.04 (−0.06 to +0.14)"
    assert "since 2025-Q1, no clear change: perception moved by" in flat.lead[0].text
    worse = cx.describe(cx.gap_trend(survey(-0.2, 0.0)))
    assert worse.lead[0].text.startswith("The gap widened by 0.40 points (0.30 to 0.50) since 2025-Q1: perception fell by 0.40")


def test_each_series_has_its_sentence_and_hidden_ones_no_number():
    parts = [survey(0.2, 0.0).assign(touchpoint=name) for name in ("Order", "Pay", "Claim")]
    frame = pd.concat([*parts[:2], parts[2].iloc[::60]])
    frame["respondent_id"] = frame["respondent_id"].astype(str) + frame["touchpoint"]
    prose = cx.describe(cx.gap_trend(frame, by="touchpoint", min_n=10))
    assert "Claim: not shown, too few answered." in said(prose)
    assert ": the gap closed by 0.40 points" in said(prose)


def test_actions_are_told_without_a_claim():
    actions = pd.DataFrame({"action": ["Rewrote the page"], "done_at": pd.to_datetime(["2025-05-02"], utc=True)})
    prose = cx.describe(cx.gap_trend(survey(0.2, 0.0), actions=actions))
    assert "What was done meanwhile: Rewrote the page (2025-Q2). A change that follows need not come from it." in said(prose)


@pytest.fixture(scope="module")
def chart() -> cx.Table:
    week = pd.Timestamp("2025-01-06") + pd.to_timedelta(7 * np.arange(24), unit="D")
    late = np.where(np.arange(24) == 22, 160, 80 + 6 * (-1) ** np.arange(24))
    frame = pd.DataFrame({"week": week, "late": late, "n": 400})
    return cx.control_chart(frame, time="week", n="n", baseline_until="2025-05-25")


def test_a_signal_says_when_and_against_what(chart):
    prose = cx.describe(chart)
    assert prose.headline == "The late share: 1 signal in 4 weeks; it is at 2025-06-09, for the worse"
    assert prose.lead[0].text.startswith("2025-06-09: worse than usual, 40.0 % where about 20.0 % is usual and ")
    assert prose.lead[0].row == 22
    assert prose.lead[1].text.startswith("If nothing changed, there would be about one false alarm in 370 weeks, 7 years;")
    assert "the weeks to 2025-05-25 tell what is usual, later ones are judged." in said(prose)


def test_nothing_beyond_the_usual_course_is_a_finding():
    week = pd.Timestamp("2025-01-06") + pd.to_timedelta(7 * np.arange(12), unit="D")
    frame = pd.DataFrame({"week": week, "late": 80 + 5 * (-1) ** np.arange(12), "n": 400})
    prose = cx.describe(cx.control_chart(frame, time="week", n="n"))
    assert prose.headline == "The late share: nothing beyond the usual course in 12 weeks"
    few = cx.describe(cx.control_chart(frame.head(5), time="week", n="n"))
    assert few.headline == "5 weeks are too few to say what is usual: 8 are needed"
    assert "a chart would cry wolf" in said(few)


def test_methods_and_sources_are_named(chart):
    assert "Laney's (2002)" in str(cx.methods(chart))
    assert "Page, E. S. (1954)" in str(cx.cite(chart))
    assert "Kitagawa" in str(cx.cite(cx.gap_trend(survey(0.2, 0.0))))
