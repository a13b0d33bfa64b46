"""What shortfalls go with, what is at stake, and what closing them may bring: with grade, interval and assumption."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from cxgap.result import Prose, Sentence, Table
from cxgap.vocabulary import MINUS, NOT_SHOWN, counted, currency_of, plain, priced
from cxgap.words.numbers import capital, listed, some

GOES_WITH: Final = "goes with it"
_STEP: Final = 5.0
_WHOLE: Final = {"contacts": "all that contacts cost", "revenue": "all that is spent"}
_DIGITS: Final = {"share": 1, "contacts": 3, "points": 2, "currency": 2}
_MORE: Final = {
    "share": ("percentage points more", "percentage points fewer"),
    "contacts": ("contacts more", "contacts fewer"),
    "points": ("points higher", "points lower"),
    "currency": ("more", "less"),
}


def describe_outcome_link(table: Table) -> Prose:
    """Put a link into words: what a shortfall goes with, and what is predicted with and without it; then touchpoints."""
    rows = [{**row, "place": place} for place, row in enumerate(table.frame.to_dict("records"))]
    slopes = [row for row in rows if row["term"] in ("shortfall", "surplus")]
    first = slopes[0]
    notes = tuple(map(Sentence, table.notes))
    if not math.isfinite(first["effect"]):
        return Prose(table.title, (), (), notes)
    lead = []
    if math.isfinite(first["events"]):
        lead.append(Sentence(f"{_counted(first)}.", first["place"]))
    curve = [row for row in rows if row["term"] == "predicted"]
    lead += _curve(curve)
    cells = [row for row in slopes if row["term"] == "shortfall"][1:]
    sure = [str(row["cell"]) for row in cells if row["finding"] == GOES_WITH]
    unsure = [str(row["cell"]) for row in cells if row["finding"] == "cannot tell"]
    if sure:
        lead.append(Sentence(f"With the others alike, that holds at {listed(some(sure))}.", None, tuple(some(sure))))
    if unsure:
        lead.append(Sentence(f"At {listed(some(unsure))} we cannot tell."))
    details = [Sentence(_slope(row), row["place"], (capital(str(row["cell"])),)) for row in slopes]
    return Prose(table.title, tuple(lead), tuple(details), notes)


def _counted(row: Mapping[str, Any]) -> str:
    """Say how many had the outcome."""
    people, events = f"{row['n']:,.0f}", f"{row['events']:,.0f}"
    time = f" within {counted(round(row['horizon']), 'day')} of their answer" if math.isfinite(row["horizon"]) else ""
    if row["outcome"] == "churn" and row["unit"] == "share":
        return f"{events} of {people} customers left{time}"
    if row["outcome"] == "contacts":
        return f"{events} of {people} customers made contact{time}"
    if row["unit"] == "currency":
        return f"{events} of {people} customers spent something{time}"
    return f"{str(row['outcome']).replace('_', ' ').capitalize()} holds for {events} of {people}"


def _curve(rows: Sequence[Mapping[str, Any]]) -> list[Sentence]:
    """Say what is predicted where customers get what they expected, and where they get much less."""
    none = next((row for row in rows if row["gap"] == 0), None)
    short = [row for row in rows if row["gap"] < 0]
    if none is None or not short:
        return []
    low = short[0] if len(short) < 3 else short[len(short) // 2 - 1]
    far = f"{plain(abs(low['gap']), 0 if float(low['gap']).is_integer() else 2)} points" + (
        " of 100" if low["step"] == _STEP else ""
    )
    unit = f" {currency_of(low)}" if currency_of(low) else " in the unit of the amounts"
    what = {"share": "", "contacts": " contacts", "currency": unit, "points": ""}[low["unit"]]
    leave = " leave" if low["outcome"] == "churn" else ""
    return [
        Sentence(
            f"Of customers who get what they expected, {_level(none)}{what}{leave} by the model; of those who get {far} less, "
            f"{_level(low)}{what}{leave}." if low["unit"] == "share" else
            f"Predicted for customers who get what they expected: {_level(none)}{what}; for those who get {far} less: "
            f"{_level(low)}{what}.",
            int(low["place"]),
        )
    ]  # fmt: skip


def _level(row: Mapping[str, Any]) -> str:
    times, digits, sign = (100, 0, " %") if row["unit"] == "share" else (1, _DIGITS[str(row["unit"])], "")
    value, low, high = (plain(times * row[name], digits) for name in ("predicted", "predicted_low", "predicted_high"))
    return f"{value}{sign} ({low} to {high}{sign})"


def _slope(row: Mapping[str, Any]) -> str:
    """Speak of one slope."""
    name = capital(str(row["cell"]))
    if row["finding"] == NOT_SHOWN:
        return f"{name}: not shown."
    step = "5 points of 100" if row["step"] == _STEP else "a point"
    if not math.isfinite(row["effect"]):
        return f"{name}: cannot tell; too few met it, or too few had the outcome, for a slope of its own."
    unit = str(row["unit"])
    more, less = _MORE[unit]
    times, digits = (100, 1) if unit == "share" else (1, _DIGITS[unit])
    value, low, high = (times * row[name] for name in ("effect", "effect_low", "effect_high"))
    who = f"{row['n']:,.0f} {'person' if row['n'] == 1 else 'people'}"
    if row["finding"] == GOES_WITH:
        side = 1 if value >= 0 else -1
        ends = sorted((side * low, side * high))
        told = (
            f"{plain(side * value, digits)} {more if side > 0 else less} ({plain(ends[0], digits)} to {plain(ends[1], digits)})"
        )
        return f"{name}: {step} more {row['term']} goes with {told}; {who}."
    return f"{name}: we cannot tell what {step} more {row['term']} goes with: {_between(low, high, digits, more, less)}; {who}."


def _between(low: float, high: float, digits: int, more: str, less: str) -> str:
    if low < 0 < high:
        return f"it could be {plain(-low, digits)} {less} to {plain(high, digits)} {more}"
    ends = sorted((abs(low), abs(high)))
    size = f"{plain(ends[0], digits)} to {plain(ends[1], digits)} {more if high > 0 else less}"
    return f"{size} taken alone, which does not hold up beside the others that were tested"


def describe_value_at_risk(table: Table) -> Prose:
    """Put what is at stake into words: the whole, then touchpoints, then what nobody asked; grades are never added."""
    rows = [{**row, "place": place} for place, row in enumerate(table.frame.to_dict("records"))]
    risk = [row for row in rows if row["kind"] == "at risk"]
    silent = [row for row in rows if row["kind"] == "not heard from"]
    currency = currency_of(rows[0])
    causal, *assumed = [Sentence(note) for note in table.notes if note.startswith("ASSUMPTION")] or [Sentence(table.title)]
    shown = any(row["finding"] == GOES_WITH for row in risk)
    lead = [causal] if shown else []  # without a link there is no money that the assumption could bind
    if silent:
        parts = [
            f"{counted(int(row['n']), 'customer')} who {row['what']}, worth {money(row['estimate'], currency)}"
            for row in silent
        ]
        lead.append(Sentence(f"Not heard from: {listed(parts)}. Nothing is claimed of what they will do.", silent[0]["place"]))
    details = []
    for row in risk:
        name = capital(str(row["what"]))
        if not math.isfinite(row["estimate"]):
            details.append(Sentence(f"{name}: not shown.", row["place"]))
            continue
        if row["finding"] != GOES_WITH:
            many = counted(int(row["n"]), "customer")
            details.append(Sentence(f"{name}: {many} got less; whether there is a link we cannot tell, so no money is claimed.",
                                    row["place"], (name,)))  # fmt: skip
            continue
        whole = _WHOLE.get(str(row["outcome"]), "what they are worth")
        of_all = f", {plain(100 * row['share'], 1)} % of {whole}" if math.isfinite(row["share"]) else ""
        details.append(
            Sentence(
                f"{name}: {money(row['estimate'], currency)} ({span(row['conf_low'], row['conf_high'])}; grade {row['grade']})"
                f"{of_all}; {counted(int(row['n']), 'customer')} got less.",
                row["place"],
                (name,),
            )
        )
    others = tuple(Sentence(note) for note in table.notes if not note.startswith("ASSUMPTION"))
    return Prose(table.title, (*lead, *(assumed if shown else [])), tuple(details), others)


def describe_closing_value(table: Table) -> Prose:
    """Put a simulation into words: what it may bring, what it hangs on, what an unseen cause would have to do."""
    rows = [{**row, "place": place} for place, row in enumerate(table.frame.to_dict("records"))]
    lead = []
    hangs = [row for row in rows if row["kind"] == "what it hangs on" and math.isfinite(row["spread_share"])]
    if hangs:
        top = hangs[0]
        lead.append(
            Sentence(f"Most of the spread comes from {top['what']}: {plain(100 * top['spread_share'], 0)} %.", top["place"])
        )
    told = [note for note in table.notes if note.startswith(("The net present value", "An unseen cause"))]
    lead += [Sentence(note) for note in told]
    details = []
    currency = currency_of(rows[0])
    claimed = rows[0]["flags"] != "NO_LINK"
    if not claimed:  # what a link that nobody has seen would be worth is left to the table
        lead = [Sentence(note) for note in told if note.startswith("The net")]
    for row in rows:
        if row["kind"] != "outcome" or not claimed:
            continue
        ends = span(row["q05"], row["q95"], currency) if row["unit"] == "currency" else people_span(row["q05"], row["q95"])
        name = capital(str(row["what"]))
        middle = money(row["q50"], currency) if row["unit"] == "currency" else people(row["q50"])
        details.append(Sentence(f"{name}: {middle} in the middle, {ends} in 9 of 10 draws.", row["place"], (name,)))
    assumed = [note for note in table.notes if note.startswith("ASSUMPTION")]
    binding = [note for note in assumed if "causal" in note] or assumed[:1]  # the others stand with the table, once
    if claimed:
        lead += [Sentence(f"{binding[0]} All assumptions stand below the table.")] if binding else []
    rest = [note for note in table.notes if note not in told and note not in assumed]
    return Prose(table.title, tuple(lead), tuple(details), tuple(map(Sentence, rest)))


def people(value: float) -> str:
    """Write a number of people or contacts."""
    return f"{value:,.0f}".replace("-", MINUS) if abs(value) >= 10 else plain(value, 1)


def people_span(low: float, high: float) -> str:
    """Write a range of people or contacts, both ends with the same digits."""
    digits = 0 if max(abs(low), abs(high)) >= 10 else 1
    return " to ".join((MINUS if float(f"{end:.{digits}f}") < 0 else "") + f"{abs(end):,.{digits}f}" for end in (low, high))


def money(value: float, currency: str = "") -> str:
    """Write money with three digits that count: "1,250", "EUR 61,700", "€1.25 M"."""
    return priced(_amount(value), currency)


def _amount(value: float) -> str:
    if not math.isfinite(value):
        return ""
    if abs(value) >= 999_500:
        return f"{plain(value / 1e6, 2 if abs(value) < 9.995e6 else 1 if abs(value) < 99.95e6 else 0)} M"
    if value == 0:
        return "0"
    digits = 2 - math.floor(math.log10(abs(value)))
    text = f"{abs(round(value, digits)):,.{max(0, min(digits, 2))}f}"
    return (MINUS if value < 0 and float(text.replace(",", "")) else "") + text


def span(low: float, high: float, currency: str = "") -> str:
    """Write an interval of money, both ends in one unit, the currency once."""
    return priced(_span(low, high), currency)


def _span(low: float, high: float) -> str:
    if max(abs(low), abs(high)) >= 999_500:
        return f"{plain(low / 1e6, 2)} to {plain(high / 1e6, 2)} M"
    return f"{_amount(low)} to {_amount(high)}"
