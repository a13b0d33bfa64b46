"""Measurement quality in sentences: verdicts first, then what speaks against each dimension, in plain words with its number."""

from __future__ import annotations

import pandas as pd

import cxgap as cx
from cxgap.result import Table


def quality(*rows: tuple[str, str, str]) -> Table:
    frame = pd.DataFrame(rows, columns=["dimension", "verdict", "failing"])
    return Table.of(frame, slug="quality", title="A finding", columns={"dimension": ("dimension", str)})


def test_each_verdict_is_a_sentence_and_each_failing_number_is_put_plainly():
    said = cx.describe(
        quality(
            ("tangibles", "good", ""),
            ("empathy", "with care", "HTMT 0.90 with care for me (above 0.85); AVE 0.43 (below 0.50)"),
            ("assurance", "poor", "omega 0.41 (below 0.50); missing pairs 40 % (above 30 %)"),
            ("access", "cannot tell", "omega and the gap's reliability not known"),
        )
    )
    assert [sentence.text for sentence in said.lead] == [
        "Tangibles is measured well enough.",
        "Empathy is to be read with care.",
        "Assurance is not measured well enough to rest anything on.",
        "Of access we cannot tell.",
    ]
    assert [sentence.text for sentence in said.details] == [
        "Empathy: customers hardly tell it from care for me (HTMT 0.90, above 0.85); its questions share less than half of "
        "their spread (AVE 0.43, below 0.50).",
        "Assurance: its answers do not go together well enough (omega 0.41, below 0.50); missing pairs 40 % (above 30 %).",
        "Access: omega and the gap's reliability not known.",
    ]
    assert [sentence.row for sentence in said.details] == [1, 2, 3]


def test_several_dimensions_of_one_verdict_share_a_sentence():
    said = cx.describe(quality(("tangibles", "good", ""), ("empathy", "good", ""), ("access", "not shown", "")))
    assert [sentence.text for sentence in said.lead] == [
        "Tangibles and empathy are measured well enough.",
        "Access is not shown, because too few answered.",
    ]
    assert said.details == ()
