"""Plans under a budget in words: what to pay for, what to try first, and how often the choice would be another."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

from cxgap.result import Prose, Sentence, Table
from cxgap.vocabulary import currency_of, plain
from cxgap.words.numbers import listed, some
from cxgap.words.outcomes import money, span

_DECISIONS: Final = {
    "pay for it": "To be paid for under these assumptions",
    "pilot first": "Open, and worth knowing: pilot first, with a comparison",
    "wait": "May leave something, but not beside the others or not within the budget",
    "leave": "Not shown to leave anything",
}


def describe_portfolio(table: Table) -> Prose:
    """Put a choice of plans into words: the set, then each plan with what it adds and how often it is chosen."""
    rows = [{**row, "place": place} for place, row in enumerate(table.frame.to_dict("records"))]
    plans = [row for row in rows if row["kind"] == "plan"]
    lead = []
    for decision, told in _DECISIONS.items():
        names = [str(row["what"]) for row in plans if row["decision"] == decision]
        if names:
            lead.append(Sentence(f"{told}: {listed(some(names))}.", None, tuple(some(names))))
    sets = [row for row in rows if row["kind"] == "efficient set" and row["plans"]]
    further = next((row for row in sets if not row["within"]), None)
    chosen = next((row for row in sets if row["chosen"]), None)
    if further is not None:
        currency = currency_of(further)
        more = f", against {money(chosen['mean'], currency)} of the chosen set" if chosen is not None else ""
        lead.append(
            Sentence(
                f"The next set that leaves more costs {money(further['cost'], currency)} and leaves "
                f"{money(further['mean'], currency)} on average{more}.",
                further["place"],
            )
        )
    details = [Sentence(_plan(row), row["place"], (str(row["what"]),)) for row in plans]
    return Prose(table.title, tuple(lead), tuple(details), tuple(map(Sentence, table.notes)))


def _plan(row: Mapping[str, Any]) -> str:
    """Speak of one plan."""
    name, currency = str(row["what"]), currency_of(row)
    if row["flags"] == "NO_LINK":
        return (
            f"{name}: no demonstrated link, so no money is claimed for it; it costs {money(row['cost'], currency)} on average."
        )
    often = f"; in the best set of {_share(row['frequency'])} of the draws" if math.isfinite(row["frequency"]) else ""
    adds = "; the budget does not reach it"
    if math.isfinite(row["adds"]):
        less = row["adds"] < 0
        adds = f"; the best set with it leaves {money(abs(row['adds']), currency)} {'less' if less else 'more'} than without"
    return (
        f"{name}: alone {span(row['q05'], row['q95'], currency)} after its cost of {money(row['cost'], currency)} in 9 of 10 "
        f"draws (grade {row['grade']}){adds}{often}."
    )


def _share(share: float) -> str:
    """Write a share of draws; only all are 100 %, and only none 0."""
    return "over 99 %" if 0.995 <= share < 1 else "under 1 %" if 0 < share < 0.005 else f"{plain(100 * share, 0)} %"
