"""The answer of a report: three sentences, each against the row that it speaks of."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from gap_tables import JOURNEY, MERGED, PATH, chain_table, gap_table
from report.hostile import CELLS
from words.making import not_measured

import cxgap as cx
from cxgap.errors import ArgumentError
from cxgap.result import GapTable, Table

APART = (*JOURNEY[:2], ("Follow the parcel", 6.0, 5.7, -0.42, -0.18, 391, "short"), *JOURNEY[3:])
WORST = "Receive the parcel"


def ranks(*rows: tuple[str, int, int, int, bool]) -> Table:
    """Make what `gap_ranks` returns from name, rank, lowest and highest rank, and whether it may be the worst."""
    names = ["touchpoint", "rank", "rank_low", "rank_high", "may_be_worst"]
    return Table(pd.DataFrame(rows, columns=names), "gap-ranks", "Ranks", keys=1)


def said(*tables: object) -> tuple[str, list[str]]:
    prose = cx.answer(*tables)
    return prose.headline, [sentence.text for sentence in prose.lead]


def test_the_answer_counts_names_the_worst_and_says_where_it_breaks():
    """The words of the page: every number with its n and interval, the worst with the ranks that it could have."""
    order = ranks((WORST, 1, 1, 1, True), ("Follow the parcel", 2, 2, 3, False))
    assert said(gap_table(APART), chain_table(counts="person"), order) == (
        "Receive the parcel falls furthest short of what customers expect; managers believe they expect less",
        [
            "Customers got less than they expected at 2 of 7 touchpoints, what they expected at 2 and more at 1; at 1 we "
            "cannot tell and 1 is not shown.",
            "The largest shortfall is Receive the parcel: 0.8 points on the 1 to 7 scale (0.6 to 1.0; 412 customers); with "
            "95 % confidence the other touchpoint that is shown is not worse.",
            "It breaks between what customers expect and what managers believe: there the level falls by 0.5 points (0.3 to "
            "0.7; 22 people), the largest step with a probability of 83 %; look there first.",
        ],
    )


def test_each_sentence_is_tied_to_its_row_of_its_table():
    gaps, chain = gap_table(APART), chain_table()
    _, size, where = cx.answer(gaps, chain).lead
    assert (size.of, gaps.frame["touchpoint"].iloc[size.row]) == ("customer", WORST)
    assert (where.of, chain.frame["link"].iloc[where.row]) == ("chain", "knowledge")
    again = type(cx.answer(gaps)).from_record(cx.answer(gaps, chain).record())
    assert again == cx.answer(gaps, chain)


def test_two_that_cannot_be_told_apart_are_both_named_and_nothing_is_said_to_be_the_cause():
    headline, lead = said(gap_table(), chain_table(), ranks((WORST, 1, 1, 2, True), ("Follow the parcel", 2, 1, 2, True)))
    assert headline == "Receive the parcel and Follow the parcel fall short of what customers expect"
    assert lead[1].endswith("; rank 1 of 2, could be 1 to 2, so Follow the parcel may be as bad.")
    assert said(gap_table())[1][1].endswith("412 customers); Follow the parcel may be as bad.")


def test_a_link_that_is_not_clearly_the_largest_is_no_finding():
    close = [(*link[:9], 0.55 if link[0] == "knowledge" else link[9]) for link in PATH]
    headline, lead = said(gap_table(APART), chain_table(close, counts="person"))
    assert headline == "Receive the parcel falls furthest short of what customers expect"
    assert lead[2] == (
        "Where it breaks is not settled; the likeliest is between what customers expect and what managers believe, by 0.5 "
        "points (0.3 to 0.7; 22 people), with a probability of 55 %."
    )


@pytest.mark.parametrize(
    ("link", "clause"),
    [
        (("knowledge", "expected", "believed"), "managers believe they expect less"),
        (("standards", "believed", "standard"), "the standard asks for less than managers believe is expected"),
        (("delivery", "standard", "delivered"), "less is delivered than the standard asks for"),
        (("perception", "delivered", "perceived"), "they perceive less than is delivered"),
        (("knowledge + standards", "expected", "standard"), "the standard asks for less than they expect"),
        (("delivery + perception", "standard", "perceived"), "they perceive less than the standard asks for"),
    ],
)
def test_the_headline_ends_with_what_is_wrong(link, clause):
    links = [(*link, 6.5, 6.0, -0.66, -0.34, 22, "short", 0.93), ("rest", "other", "x", 6, 5.8, -0.3, -0.1, 22, "met", 0.07)]
    headline, _ = said(gap_table(APART), chain_table([*links, PATH[4]]))
    assert headline == f"Receive the parcel falls furthest short of what customers expect; {clause}"


def test_levels_that_are_not_known_are_named():
    every = "knowledge + standards + delivery + perception"
    only = chain_table([(every, "expected", "perceived", 6.5, 5.7, -0.97, -0.63, 412, "short", 1.0), PATH[4]])
    only.frame["unmeasured"] = ["believed, standard, delivered", ""]
    _, lead = said(gap_table(APART), only)
    assert lead[2] == (
        "Where it breaks is not measured: what managers believe, the standard and what is delivered are not known."
    )
    assert said(gap_table(APART), not_measured("chain", "no cell has two levels"))[1][2] == (
        "Where it breaks is not measured: no cell has two levels."
    )
    elsewhere = chain_table(MERGED, cells=("Get help",))
    assert said(gap_table(APART), elsewhere)[1][2] == "Where Receive the parcel breaks is not shown."


def test_where_nothing_is_short_the_nearest_to_it_is_named():
    calm = [row for row in JOURNEY if row[6] in ("met", "cannot tell")]
    headline, lead = said(gap_table(calm), chain_table())
    assert headline == "No touchpoint is shown to fall short; at 1 of 3 we cannot tell"
    assert lead[1:] == [
        "Nearest to a shortfall is Get help: we cannot tell; 0.2 short, could be 0.5 short to 0.1 above, 118 customers."
    ]


def test_all_met_and_cannot_tell_everywhere():
    met = [row for row in JOURNEY if row[6] == "met"]
    headline, lead = said(gap_table(met), chain_table())
    assert headline == "Customers got what they expected at all 2 touchpoints"
    assert lead[0] == "Customers got less than they expected at none of 2 touchpoints, what they expected at 2."
    assert lead[1].startswith("Nearest to a shortfall is Choose a service: as expected; the gap of ")
    unsure = [(name, 5.6, 5.4, -0.46, 0.06, 118, "cannot tell") for name in ("Help", "Pay")]
    headline, lead = said(gap_table(unsure))
    assert headline == "No touchpoint is shown to fall short; at 2 of 2 we cannot tell"
    assert len(lead) == 2


def test_ties_are_ties():
    """Two equal gaps: neither is the worst, whichever comes first."""
    twins = [(name, 6.0, 5.0, -1.2, -0.8, 100, "short") for name in ("Pay", "Help")]
    headline, lead = said(gap_table(twins), None, ranks(("Pay", 1, 1, 2, True), ("Help", 1, 1, 2, True)))
    assert headline == "Pay and Help fall short of what customers expect"
    assert lead[1].endswith("could be 1 to 2, so Help may be as bad.")


def test_too_few_and_nothing_measured_say_so_and_no_number():
    few = [(name, *[np.nan] * 5, "not shown") for name in ("Pay", "Help")]
    assert said(gap_table(few), chain_table()) == (
        "Too few customers answered to show a result",
        ["Not shown at any of 2 touchpoints: fewer than 10 customers gave both answers."],
    )
    assert said(gap_table(few[:1]))[1] == ["Not shown at Pay: fewer than 10 customers gave both answers."]
    assert said(not_measured("customer", "the survey has no column 'expectation'"), chain_table()) == (
        "Customer gap: not measured",
        ["The survey has no column 'expectation'."],
    )


def test_one_touchpoint_has_no_largest():
    headline, lead = said(gap_table(JOURNEY[3:4]), chain_table(), Table.not_measured("gap-ranks", "Ranks", "one gap"))
    assert headline.startswith("Receive the parcel falls short of what customers expect")
    assert lead[1] == "The shortfall of Receive the parcel is 0.8 points on the 1 to 7 scale (0.6 to 1.0; 412 customers)."


def test_a_step_across_a_level_that_is_not_known_is_the_largest_of_those_measured():
    """Two steps that were measured as one may cancel, so that the largest of all is not known."""
    _, lead = said(gap_table(APART), chain_table(MERGED))
    assert ", of the steps that were measured the largest with a probability of" in lead[2]
    assert "of the steps that were measured" not in said(gap_table(APART), chain_table())[1][2]


def test_what_is_nearest_to_a_shortfall_is_the_first_of_the_ranks():
    """The largest of the gaps, and not the one of the widest interval, which the list of ranks puts after it."""
    calm = [("Pay", 6.0, 5.9, -0.28, 0.20, 40, "met"), ("Buy", 6.0, 5.88, -0.2, -0.04, 400, "met")]
    assert said(gap_table(calm))[1][1].startswith("Nearest to a shortfall is Buy: as expected")


def test_what_is_short_by_chance_alone_is_hedged():
    gaps = gap_table(APART)
    frame = gaps.frame.assign(
        p_adjusted=np.where(gaps.frame["touchpoint"] == "Follow the parcel", 0.2, gaps.frame["p_adjusted"])
    )
    headline, lead = said(replace(gaps, frame=frame), chain_table())
    assert headline.startswith("Receive the parcel falls short")
    assert lead[1].startswith("That is one by one; with account taken of all 6 tests, 2 of the 3 are beyond chance.")
    assert len(lead) == 4


@pytest.mark.parametrize("name", CELLS[::4])
def test_a_hostile_name_stays_a_name(name):
    gaps = gap_table([(name, 6.5, 5.5, -1.1, -0.9, 412, "short"), *JOURNEY[:2]])
    prose = cx.answer(gaps, chain_table(cells=(name,)), ranks((name, 1, 1, 1, True), ("Order and pay", 2, 2, 2, False)))
    assert name in prose.lead[1].text
    page = prose._repr_mimebundle_()["text/html"]
    assert "<script" not in str(page)
    assert "<img" not in str(page)


def test_other_objects_are_refused():
    with pytest.raises(ArgumentError, match="`gaps` must be the table"):
        cx.answer(gap_table().frame)
    with pytest.raises(ArgumentError, match="`ranks` must be the table"):
        cx.answer(gap_table(), None, chain_table())


def test_the_caveats_say_how_sure_what_to_read_and_what_is_missing():
    gaps: GapTable = gap_table()
    guards = Table(pd.DataFrame({"use": ["read the perceived column"]}), "guard-rails", "Do not use the gap: read it")
    lacking = [
        Table.not_measured("gap_differences", "How the gap differs by wave", "the survey has no column 'wave'"),
        not_measured("company", "the study has no table 'managers'; add managers = \"m.csv\" under [tables] in the study file"),
    ]
    prose = cx.caveats(gaps, guards, *lacking)
    assert (prose.headline, prose.lead) == ("How sure are we?", ())
    precise, read, missing = (sentence.text for sentence in prose.details)
    assert precise == "Each interval holds the gaps that fit the answers, with 95 % confidence."
    assert read == (
        "Do not use the gap: read it. That a gap is short or met still holds; where it says to read the perceived column, "
        "compare by that."
    )
    assert missing.startswith(
        "Not measured: how the gap differs by wave (the survey has no column 'wave'); company gap (the study has no table "
        "'managers'). No page measures how many of those asked answered"
    )


def test_who_is_to_compare_by_the_perceived_rating_is_told_who_comes_last_by_it():
    """The title names the worst by the gap; a reader who is told not to compare by gaps must not be left with it alone."""
    guards = Table(pd.DataFrame({"use": ["read the perceived column"]}), "guard-rails", "Read the perceived column")
    gaps = gap_table(APART)
    for lowest, said_ in ((WORST, f"{WORST}, too: 4.0"), ("Order and pay", "Order and pay: 4.0")):
        rated = np.where(gaps.frame["touchpoint"] == lowest, 4.0, 5.0)
        frame = gaps.frame.assign(servperf=rated, servperf_low=rated - 0.1, servperf_high=rated + 0.1)
        text = cx.caveats(replace(gaps, frame=frame), guards).details[1].text
        assert f"By what they perceived alone, the lowest is {said_} on the 1 to 7 scale (3.9 to 4.1; " in text


def test_of_a_gap_that_is_not_there_nobody_is_told_whether_it_may_be_used():
    guards = Table(pd.DataFrame({"use": ["cannot tell"]}), "guard-rails", "We cannot tell whether the gap may be used")
    texts = [sentence.text for sentence in cx.caveats(not_measured("customer", "no answers"), guards).details]
    assert len(texts) == 1
    assert texts[0].startswith("Not measured: customer gap (no answers).")


def test_a_level_that_is_not_known_for_two_reasons_is_named_once_for_each():
    chain = chain_table(MERGED)
    both = "standard: managers were not asked; delivered: operations keep no ratings"
    chain.frame["why"] = ["delivered: operations keep no ratings", both, *[""] * (len(chain.frame) - 2)]
    chain.frame["flags"] = "MERGED"
    text = cx.caveats(not_measured("customer", "no answers"), chain).details[0].text
    assert text.count("hat is delivered is not measured: operations keep no ratings.") == 1
    assert "The standard is not measured: managers were not asked." in text


def test_of_a_chain_the_caveats_say_which_level_is_not_known():
    chain = chain_table(MERGED)
    chain.frame["why"] = ["believed: the study has no table 'managers'", *[""] * (len(chain.frame) - 1)]
    text = cx.caveats(not_measured("customer", "no answers"), chain).details[0].text
    assert text.startswith(
        "Not measured: customer gap (no answers). What managers believe is not measured: the study has no table 'managers'."
    )
