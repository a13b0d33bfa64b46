"""A chain in words: where the level falls most, how sure that is, and that adding up is no cause."""

from __future__ import annotations

import numpy as np
from words.making import MERGED, PATH, chain, with_columns

import cxgap as cx


def texts(part) -> list[str]:
    return [sentence.text for sentence in part]


def test_the_headline_names_the_worst_cell_and_the_link_where_it_mostly_breaks():
    prose = cx.describe(chain())
    assert prose.headline == (
        "At Receive the parcel the level falls furthest, above all between what customers expect and what managers believe"
    )
    assert texts(prose.lead) == [
        "From what customers expect to what they perceive, the level falls at 2 of 2 touchpoints.",
        "The largest total shortfall is Receive the parcel: 0.8 points (0.6 to 1.0; 412 people).",
        "At Receive the parcel the level falls most between what customers expect and what managers believe, by 0.5 points "
        "(0.3 to 0.7); this is the largest link with a probability of 93 %.",
    ]


def test_a_link_that_is_not_clearly_the_largest_is_not_called_so():
    prose = cx.describe(chain({"Follow the parcel": MERGED}))
    assert prose.headline == "At Follow the parcel the level falls; which link is the largest is not settled"
    assert prose.lead[-1].text.endswith("but which link is the largest is not settled.")


def test_cells_that_overlap_are_named_together():
    close = [(*link[:5], -1.1, -0.5, *link[7:]) if link[0] == "customer" else link for link in PATH]
    prose = cx.describe(chain({"Receive the parcel": PATH, "Follow the parcel": close}))
    assert prose.headline.startswith("The level falls furthest at Receive the parcel and Follow the parcel")
    assert any("is not settled" in text for text in texts(prose.lead))


def test_each_link_is_a_sentence_and_a_missing_level_is_said():
    found = texts(cx.describe(chain()).details)
    assert found[0] == (
        "Receive the parcel: the level falls by 0.5 points (0.3 to 0.7) between what customers expect and what managers "
        "believe, "
        "24 managers."
    )
    assert found[1] == (
        "Receive the parcel: between what managers believe and the standard we cannot tell; 0.2 points higher, could be "
        "none to 0.4 "
        "higher, 24 managers."
    )
    assert found[4].endswith("in all from what customers expect to what they perceive, 412 people.")
    assert found[5].startswith("Receive the parcel: beside the chain, the level falls by 0.4 points")
    assert found[6] == (
        "Follow the parcel: the level falls by 0.5 points (0.5 to 0.5) in all from what customers expect to what they "
        "perceive, 391 people; no one link is clearly the largest."
    )
    assert len(found) == 7


def test_a_physical_chain_gets_worse_and_not_lower():
    """Five days against three is a fall on the ladder and a rise in days; a reader must not have to know which."""
    gaps = chain({"Receive the parcel": PATH}, unit="days", basis="physical", margin=None, scale=None)
    text = cx.describe(gaps).details[0].text
    assert "the level worsens by 0.5 days (0.3 to 0.7)" in text
    assert not any(word in text for word in ("falls", "lower", "rises"))


def test_shares_of_deliveries_fall_from_the_target():
    links = [
        ("delivery", "target", "standard", 1.0, 0.9, -0.12, -0.08, 300, "short", 0.99),
        ("customer", "target", "perceived", 1.0, 0.7, -0.33, -0.27, 300, "short", np.nan),
    ]
    prose = cx.describe(chain({"Receive the parcel": links}, unit="share", basis="attainment", margin=None, scale=None))
    assert prose.details[0].text == (
        "Receive the parcel: the share of deliveries falls by 10.0 percentage points (8.0 to 12.0) between the target "
        "and those "
        "that meet the standard, 300 people."
    )
    assert texts(prose.lead)[0] == (
        "The largest total shortfall is Receive the parcel: 30.0 percentage points (27.0 to 33.0; 300 people)."
    )


def test_limits_say_bookkeeping_and_what_cancels():
    limits = texts(cx.describe(chain()).limits)
    assert limits[:3] == [
        "The links add up to the customer gap; that is bookkeeping, not cause.",
        "Links of opposite sign cancel at Receive the parcel: their sizes add up to 1.2 points, the gap is 0.8 points.",
        "What managers believe is not measured: the study has no table 'managers'.",
    ]


def test_links_of_one_sign_do_not_cancel():
    gaps = chain({"Follow the parcel": MERGED})
    assert not any("cancel" in text for text in texts(cx.describe(gaps).limits))


def test_a_chain_whose_whole_is_unknown_says_so_and_goes_by_the_sum_of_its_links():
    gaps = chain({"Receive the parcel": PATH[:4]})
    prose = cx.describe(gaps)
    assert prose.headline == (
        "At Receive the parcel the level falls, above all between what customers expect and what managers "
        "believe; the whole is not measured"
    )
    whole = with_columns(chain({"Receive the parcel": PATH[:5]}), why=["", "", "", "", "perceived: nobody was asked"])
    for name in ("estimate", "conf_low", "conf_high", "n", "n_eff"):
        whole.frame.loc[4, name] = np.nan
    whole.frame.loc[4, ["flags", "verdict"]] = ["EMPTY", "cannot tell"]
    assert cx.describe(whole).details[4].text == "Receive the parcel: the whole is not measured."
    assert "What customers perceive is not measured: nobody was asked." in texts(cx.describe(whole).limits)


def test_where_nothing_falls_nothing_is_said_to():
    links = [(*link[:8], "met", link[9]) for link in PATH]
    assert cx.describe(chain({"a": links, "b": links})).headline == (
        "The level is not shown to fall on the way from what customers expect to what they perceive at any touchpoint"
    )


def test_one_link_is_not_called_the_largest_of_them():
    prose = cx.describe(chain({"Receive the parcel": PATH[:1]}))
    assert prose.headline == (
        "At Receive the parcel the level falls between what customers expect and what managers believe; the "
        "whole is not measured"
    )
    assert texts(prose.lead) == [
        "At Receive the parcel the level falls between what customers expect and what managers believe, by 0.5 points "
        "(0.3 to 0.7)."
    ]


def test_a_probability_is_never_rounded_to_certainty():
    sure = [(*PATH[0][:9], 1.0), *PATH[1:]]
    assert cx.describe(chain({"Receive the parcel": sure})).lead[-1].text.endswith("with a probability of more than 99 %.")
