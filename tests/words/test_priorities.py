"""The order of work, a burden and a map in words: what is sure, what cannot be told, and nothing beyond the table."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
from samples import sample

import cxgap as cx
from cxgap.result import Table


@cache
def work(region: str = "") -> tuple[Table, Table]:
    """The order of work and the burden of the sample study, or of a region of it."""
    study = sample()
    answers = study.responses[study.responses["region"] == region] if region else study.responses
    asked = {**study.design, "seed": study.seed}
    gaps, ranks = cx.customer_gap(answers, by="touchpoint", **asked), cx.gap_ranks(answers, **asked)
    burden = cx.burden(answers, **asked, **study.outcome)
    return cx.priorities(gaps, ranks, burden, owners=study.touchpoints), burden


def text(table: Table) -> str:
    prose = cx.describe(table)
    return " ".join([prose.headline, *(s.text for part in (prose.lead, prose.details, prose.limits) for s in part)])


def test_the_first_action_of_the_sample_study_is_the_true_one():
    """The truth of the sample: a gap of -0.8 where a third of customers come by, and the owner of its table of touchpoints."""
    prose = cx.describe(work()[0])
    assert prose.headline.startswith("Fix first: Receive the parcel (rank 1 of 6")
    assert prose.lead[0].text.startswith(
        "Receive the parcel: customers got 0.75 points less than they expected (0.65 to 0.86); 39 % (36 to 41) of"
    )
    assert prose.lead[0].text.endswith("Owner: Head of Last Mile.")
    assert [sentence.row for sentence in prose.details] == [0, 1, 2]
    assert "Claim damage" not in text(work()[0])


def test_where_the_second_cannot_be_told_from_the_third_the_lead_says_so():
    prose = cx.describe(work("0034")[0])
    lead = " ".join(sentence.text for sentence in prose.lead)
    assert "cannot be told apart" in lead
    assert "Expect the worst" in lead
    assert "though nothing is done" in lead


def test_a_burden_is_told_by_its_three_factors():
    prose = cx.describe(work()[1])
    assert prose.headline == "Receive the parcel carries the most: 40 % (37 to 44) of the burden"
    row = work()[1].frame.iloc[0]
    for part in (
        f"{100 * row['reach']:.0f} % of customers",
        f"{100 * row['importance']:.0f} % of the importance",
        "0.92 points (0.83 to",
    ):
        assert part in prose.details[0].text
    said = " ".join(sentence.text for sentence in prose.lead)
    assert "is a moment that matters" in said
    assert "the evidence does not reach further" in said
    assert "drives" not in text(work()[1])


def test_a_map_says_what_is_sure_and_what_is_not():
    random, rows = np.random.default_rng(1), []
    middle = (("bad", 6, 3), ("good", 6, 5), ("idle", 3, 3), ("lush", 3, 5), ("unsure", 4.5, 4))
    for name, important, performs in middle:
        noise = random.normal(0, 1, (2, 80))
        noise -= noise.mean(axis=1, keepdims=True)
        parts = {"importance": important + noise[0], "perception": performs + 0.05 + noise[1]}
        rows.append(pd.DataFrame({"respondent_id": np.arange(80), "item": name, **parts}))
    prose = cx.describe(cx.importance_performance(pd.concat(rows), replicates=199, seed=1))
    assert prose.headline == "Concentrate on bad; at 1 of 5 the data cannot tell"
    assert [sentence.text for sentence in prose.lead] == [
        "To keep up: good.", "More than its importance asks for, perhaps: lush.",
        "We cannot tell on which side of a line unsure lies.",
    ]  # fmt: skip
    assert len(prose.details) == 5


def test_what_was_not_measured_says_why():
    lacking = Table.not_measured("burden", "What carries the burden", "no overall judgement is declared")
    assert cx.describe(lacking).lead[0].text.startswith("No overall judgement is declared")


def test_the_methods_and_the_sources_are_named():
    assert "Mogstad" in str(cx.cite(work()[1]))
    assert "Martilla" not in str(cx.cite(work()[1]))
    assert "drawn again through the whole product" in str(cx.methods(work()[1]))
