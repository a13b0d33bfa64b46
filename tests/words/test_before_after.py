"""Before and after in sentences, against their tables."""

from __future__ import annotations

from before_after_logs import SINCE, drawn_log

import cxgap as cx


def test_both_groups_their_difference_and_the_grade_are_said():
    table = cx.before_after(drawn_log(), value="minutes", since=SINCE, treated="region = R0; R1", better="low")
    prose = cx.describe(table)
    one = table.frame[table.frame["part"] == "difference"].iloc[0]
    ours = table.frame.iloc[0]
    text = prose.lead[0].text
    assert text.startswith(
        f"Minutes of the treated went from {ours['before']:.2f} to {ours['after']:.2f}, of the comparison from "
    )
    assert f"the difference in differences is −{abs(one['estimate']):.2f} minutes (−" in text
    assert text.endswith("more than chance would give (80 people, grade C).")
    assert prose.headline.endswith("for the better, and may have drifted by itself")
    assert not any(word in str(prose) for word in ("caused", "drives", "because of"))


def test_what_cannot_be_told_is_said_and_groups_have_a_sentence_each():
    table = cx.before_after(drawn_log(effect=0), value="repeat", since=SINCE, treated="pilot", by="region", min_n=2)
    assert "not shown" in str(cx.describe(table)) or table.missing  # each region has one side only
    halves = drawn_log(effect=0).assign(
        half=lambda log: log["customer_id"].str[-1].isin(list("02468")).map({True: "a", False: "b"})
    )
    prose = cx.describe(cx.before_after(halves, value="repeat", since=SINCE, treated="pilot", by="half"))
    assert [sentence.text[:9] for sentence in prose.details] == ["A: repeat", "B: repeat"]
    assert "so whether the treated changed differently cannot be told" in prose.details[0].text
    assert "percentage points" in prose.details[0].text
    alone = cx.describe(cx.before_after(drawn_log(), value="minutes", since=SINCE))
    assert alone.lead[0].text.startswith("Minutes went from ")
    assert alone.limits[0].text.startswith("Before and after only: grade D")
