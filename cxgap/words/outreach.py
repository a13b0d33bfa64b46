"""Who was hit and kept silent, whom to call on, and what calling was worth, in sentences."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator
from typing import Any, Final

from cxgap.result import Prose, Sentence, Table
from cxgap.vocabulary import CANNOT_TELL, NOT_SHOWN, counted, plain
from cxgap.words.numbers import capital, listed
from cxgap.words.outcomes import money

_ANY: Final = "any of these"
_KINDS: Final = {"late": "came late", "overdue": "still open and overdue"}
_HAD: Final = {
    "late": "had an order that came late", "overdue": "have an order that is overdue", "failed": "had an order that failed",
    _ANY: "were hit by something",
}  # fmt: skip


def describe_incidents(table: Table) -> Prose:
    """Put into words who was hit, who said so and who kept silent, type by type."""
    rows: list[dict[Hashable, Any]] = [{**row, "place": place} for place, row in enumerate(table.frame.to_dict("records"))]
    keys = list(table.frame.columns[: list(table.frame.columns).index("event_type")])
    details = [
        Sentence(f"{capital(_name(row, keys))}: {_cell(row)}.", row["place"], (capital(_name(row, keys)),)) for row in rows
    ]
    limits = tuple(map(Sentence, table.notes))
    if keys:
        return Prose(table.title, (), tuple(details), limits)
    whole = rows[-1]
    lead = list(_whole(whole)) if math.isfinite(whole["n"]) else []
    return Prose(table.title, tuple(lead), tuple(details[:-1] if len(rows) > 1 else ()), limits)


def _name(row: dict[Hashable, Any], keys: list[str]) -> str:
    kind = _KINDS.get(row["event_type"], str(row["event_type"]))
    return " · ".join([*(str(row[key]) for key in keys), kind])


def _whole(row: dict[Hashable, Any]) -> Iterator[Sentence]:
    had = _HAD.get(row["event_type"], f"were hit ({row['event_type']})")
    if not math.isfinite(row["silent"]):
        yield Sentence(f"{counted(int(row['n']), 'customer')} {had}; how many kept silent is not shown.", row["place"])
        return
    silent = f"{counted(int(row['silent']), 'customer')} {had} and {'has' if row['silent'] == 1 else 'have'} not contacted us"
    value = (
        f"; the silent are worth {money(row['value_silent'])} in the study's currency"
        if math.isfinite(row["value_silent"])
        else ""
    )
    vips = f", {row['vip_silent']:,.0f} of them VIPs" if row["vip_silent"] > 0 else ""
    yield Sentence(f"{silent}{vips}{value}.", row["place"], (silent.split(" ")[0],))
    if math.isfinite(row["complaint_rate"]):
        yield Sentence(f"Of those hit, {_rate(row)} complained: {_times(row)}.", row["place"])


def _rate(row: dict[Hashable, Any]) -> str:
    return (
        f"{plain(row['complaint_rate'] * 100, 1)} % ({plain(row['conf_low'] * 100, 1)} to {plain(row['conf_high'] * 100, 1)} %)"
    )


def _times(row: dict[Hashable, Any]) -> str:
    if not math.isfinite(row["multiplier"]):
        return f"for each who complains, {plain(row['multiplier_low'], 1)} or more are hit"
    return (
        f"for each who complains, {plain(row['multiplier'], 1)} are hit "
        f"({plain(row['multiplier_low'], 1)} to {plain(row['multiplier_high'], 1)})"
    )


def _cell(row: dict[Hashable, Any]) -> str:
    if "SUPPRESSED" in row["flags"]:
        return NOT_SHOWN
    parts = [f"{row['vocal']:,.0f} complained"] if math.isfinite(row["vocal"]) else []
    if row["recovery"] > 0:
        parts.append(f"{row['recovery']:,.0f} {'was' if row['recovery'] == 1 else 'were'} helped")
    if math.isfinite(row["silent"]):
        parts.append(f"{row['silent']:,.0f} kept silent")
    if row["recent"] > 0:
        parts.append(f"for {row['recent']:,.0f} it is too early to say")
    many = counted(int(row["n"]), "customer")
    if not parts:
        return f"{many}; what they did is not shown, as too few did the same"
    told = all(math.isfinite(row[name]) for name in ("vocal", "recovery", "silent", "recent"))
    text = f"of {many} {listed(parts)}" + ("" if told else "; of the others too few did the same to be shown")
    return f"{text}; {_rate(row)} complain: {_times(row)}" if math.isfinite(row["complaint_rate"]) else text


def describe_outreach(table: Table) -> Prose:
    """Put a list of people to call on into words: how many, which, and where the list is."""
    rows = [{**row, "place": place} for place, row in enumerate(table.frame.to_dict("records"))]
    hit = [note for note in table.notes if "hit lately" in note or note.startswith("Of these,")]
    vips = [note for note in table.notes if note.startswith(("VIPs", "Who felt bad"))]
    lead = [*hit, *vips]
    details = []
    for row in rows:
        name = capital(f"{_KINDS.get(row['event_type'], row['event_type'])} ({row['lane']})")
        if not math.isfinite(row["n"]):
            text = NOT_SHOWN
        else:
            arms = f", {row['held_out']:,.0f} of them held out" if math.isfinite(row["held_out"]) else ""
            loss = row["expected_loss"]
            text = f"{counted(int(row['n']), 'customer')}{arms}" + (
                f"; expected loss {money(loss)} in the study's currency" if math.isfinite(loss) else ""
            )
        details.append(Sentence(f"{name}: {text}.", row["place"], (name,)))
    rest = tuple(Sentence(note) for note in table.notes if note not in lead)
    return Prose(table.title, tuple(map(Sentence, lead)), tuple(details), rest)


def describe_outreach_effect(table: Table) -> Prose:
    """Put into words whether calling on customers keeps them."""
    rows = [{**row, "place": place} for place, row in enumerate(table.frame.to_dict("records"))]
    keys = list(table.frame.columns[: list(table.frame.columns).index("measure")])
    told = [row for row in rows if row["measure"] in ("left", "outcome")]
    whole, others = told[-1], told[:-1]
    lead = [Sentence(f"{capital(_compared(whole))}.", whole["place"])]
    for row in rows:
        if row["measure"] == "qini" and math.isfinite(row["estimate"]):
            ends = f"{plain(row['conf_low'], 4)} to {plain(row['conf_high'], 4)}"
            finding = {"more": "orders people by what a call is worth", "less": "puts last whom a call helps"}.get(
                row["finding"]
            )
            lead.append(
                Sentence(
                    f"The order of the list {finding} (Qini {plain(row['estimate'], 4)}; {ends})." if finding else
                    "We cannot tell whether the order of the list is better than chance "
                    f"(Qini {plain(row['estimate'], 4)}; {ends}).",
                    row["place"],
                )
            )  # fmt: skip
        if row["measure"] == "harmed" and math.isfinite(row["estimate"]):
            lead.append(
                Sentence(
                    f"In {plain(row['estimate'] * 10, 0)} of 10 parts of the ranking more of those contacted left; beyond "
                    f"chance in {plain(row['contacted'] * 10, 0)}.",
                    row["place"],
                )
            )
    details = []
    for row in others:
        name = capital(" · ".join(str(row[key]) for key in keys if row[key]))
        details.append(Sentence(f"{name}: {_compared(row)}.", row["place"], (name,)))
    return Prose(table.title, tuple(lead), tuple(details), tuple(map(Sentence, table.notes)))


def _compared(row: dict[Hashable, Any]) -> str:
    if "SUPPRESSED" in row["flags"]:
        return NOT_SHOWN
    adjusted = row["method"] == "adjusted"
    if "FEW_LEFT" in row["flags"]:
        found = {"less": "fewer of those contacted left", "more": "more of those contacted left"}.get(row["finding"])
        others = "not contacted" if adjusted else "held out"
        who = f"of {counted(int(row['n_contacted']), 'customer')} contacted and {row['n_held_out']:,.0f} {others}"
        return f"{found or 'whether calling keeps them cannot be told'}; {who} too few left, or stayed, for shares to be shown"
    if not math.isfinite(row["estimate"]):
        return "not watched long enough to tell"
    if row["measure"] == "outcome":
        values = f"the mean is {row['contacted']:,.2f} among those contacted and {row['held_out']:,.2f} among the others"
        gap = f"{plain(row['estimate'], 2)} ({plain(row['conf_low'], 2)} to {plain(row['conf_high'], 2)})"
    else:
        others = "of those who were not" if adjusted else "of those held out"
        values = (
            f"{plain(row['contacted'] * 100, 1)} % of {counted(int(row['n_contacted']), 'customer')} contacted left, and "
            f"{plain(row['held_out'] * 100, 1)} % {others} ({row['n_held_out']:,.0f})"
        )
        low, high = (plain(row[name] * 100, 1) for name in ("conf_low", "conf_high"))
        gap = f"{plain(row['estimate'] * 100, 1)} points ({low} to {high})"
    end = "so whether calling changes it cannot be told" if row["finding"] == CANNOT_TELL else (
        "which is associated with calling, and may be due to something else" if adjusted else "which is what calling did"
    )  # fmt: skip
    return f"{values}: a difference of {gap}, {end}"
