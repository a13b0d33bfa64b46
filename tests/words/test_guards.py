"""Guard rails in words: one sentence a check that warns, and what was not tested said once."""

from __future__ import annotations

import pandas as pd

import cxgap as cx
from cxgap.result import Table

USES = {"care": "use the gap", "speed": "read the perceived column", "price": "cannot tell"}


def table(uses: dict[str, str], warns: dict[str, set[int]], *, bare: tuple[str, ...] = ()) -> Table:
    rows = []
    for dimension, use in uses.items():
        for guard in range(1, 9):
            verdict = "warn" if guard in warns.get(dimension, ()) else "not tested" if guard == 8 or dimension in bare else "ok"
            rows.append(
                {
                    "dimension": dimension,
                    "guard": guard,
                    "value": 0.399,
                    "beside": 0.996,
                    "threshold": 0.5,
                    "verdict": verdict,
                    "sentence": "" if dimension in bare else f"Check {guard} of {dimension}.",
                    "use": use,
                    "because": "40 respondents; the checks need 100",
                }
            )
    return Table(pd.DataFrame(rows), "guard-rails", "The finding", cells=(("x",),), heads=("dimension",))


def test_the_lead_is_the_advice():
    lead = [sentence.text for sentence in cx.describe(table(USES, {})).lead]
    assert lead[-1].startswith("That a gap is short or met still says on which side of the stated expectation perception lies")
    assert lead[:-1] == [
        "Use the gap of care.",
        "Read the perceived rating, and not the gap, of speed.",
        "We cannot tell whether to use the gap of price.",
    ]


def test_a_check_that_warns_is_said_once_with_all_its_gaps_and_numbers():
    prose = cx.describe(table(USES, {"care": {3, 6}, "speed": {6}}))
    assert len(prose.details) == 2
    assert prose.details[0].text.endswith(": care (0.40).")
    assert prose.details[1].text.endswith(": care (100 % against 140 %) and speed (100 % against 140 %).")
    assert all(sentence.strong[0] in sentence.text for sentence in prose.details)


def test_a_room_below_a_point_is_never_written_as_one():
    assert cx.describe(table(USES, {"care": {2}})).details[0].text.endswith("care (0.99 points).")


def test_what_nobody_was_tested_for_is_said_once_and_what_some_were_is_not():
    limits = [sentence.text for sentence in cx.describe(table(USES, {}, bare=("price",))).limits]
    assert limits == ["Check 8 of care.", "Price: 40 respondents; the checks need 100."]


def test_nothing_warns_of_nothing():
    assert cx.describe(table(USES, {})).details == ()


def test_a_table_of_which_nothing_was_tested_has_words_too():
    """Fewer than 100 respondents in all cells."""
    said = cx.describe(table({"care": "cannot tell", "price": "cannot tell"}, {}, bare=("care", "price")))
    assert [sentence.text for sentence in said.lead] == ["We cannot tell whether to use the gap of care and price."]
    assert [sentence.text for sentence in said.limits] == ["Care and price: 40 respondents; the checks need 100."]
