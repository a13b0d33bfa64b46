"""Actions, the loop, employees and landmines in sentences."""

from __future__ import annotations

import math
from typing import Any, Final

from cxgap.result import Prose, Sentence, Table
from cxgap.vocabulary import counted, plain, signed
from cxgap.words.numbers import capital

_VERDICTS: Final = {
    "met": "its target was met at the cut-off",
    "not met": "its target was not met at the cut-off",
    "cannot tell": "whether its target was met cannot be told",
    "cannot tell yet": "its target says nothing of it yet",
    "no target": "it has no target",
    "target not declared": "its target is not declared",
}


def describe_actions(table: Table) -> Prose:
    """Say what customers said and what was done; first what is overdue."""
    rows = list(enumerate(table.frame.to_dict("records")))
    lead, details = [], []
    for place, row in rows:
        if row["state"] == "overdue":
            owner = f" ({row['owner']})" if row["owner"] else ""
            late = counted(math.floor(row["days_late"]), "day") if math.isfinite(row["days_late"]) else "some time"
            lead.append(Sentence(f"Overdue: {row['action']}{owner}, by {late}.", place, (row["action"],)))
    for place, row in rows:
        if row["said"]:
            did = f"we did: {row['we_did']}" if row["state"] == "done" else f"we have not finished: {row['we_did']}"
            details.append(
                Sentence(f"You said: {row['you_said']} {capital(did)}; {_VERDICTS[row['target_verdict']]}.",
                         place, (row["action"],) if row["action"] in did else ())
            )  # fmt: skip
    bare = [row["action"] for _, row in rows if not row["said"]]
    limits = [Sentence(note) for note in table.notes]
    if bare:
        limits.append(
            Sentence(f"{counted(len(bare), 'action')} {'rests' if len(bare) == 1 else 'rest'} on nothing that a customer said.")
        )
    return Prose(table.title, tuple(lead), tuple(details), tuple(limits))


def describe_loop_latency(table: Table) -> Prose:
    """Say how fast somebody comes back to a customer, and how fast something is done."""
    frame = table.frame
    keys = list(frame.columns[: list(frame.columns).index("loop")])
    lead: list[Sentence] = []
    details: list[Sentence] = []
    rows = frame.to_dict("records")
    told = _told(rows, keys)
    for place, row in enumerate(rows):
        if place not in told:
            continue
        name = " · ".join(str(row[key]) for key in keys)
        outer = str(row["loop"]).startswith("action")
        text = _loop(row, outer=outer)
        if text:
            prefix = f"{name}: " if name and name != "(all)" else ""
            (details if prefix else lead).append(Sentence(f"{capital(prefix + text)}.", place))
    return Prose(table.title, tuple(lead), tuple(details), tuple(map(Sentence, table.notes)))


def _told(rows: list[dict[Any, Any]], keys: list[str]) -> set[int]:
    """Return the rows that are worth a sentence: the median of a loop, else its longest wait; of customers the shortest too."""
    loops: dict[tuple[str, ...], list[int]] = {}
    for place, row in enumerate(rows):
        loops.setdefault((*(str(row[key]) for key in keys), str(row["loop"])), []).append(place)
    told: set[int] = set()
    for loop, places in loops.items():
        waits = [place for place in places if rows[place]["measure"] != "median"]
        reached = [place for place in places if place not in waits and math.isfinite(rows[place]["estimate"])]
        told |= {*(reached or waits[-1:]), *([] if loop[-1].startswith("action") else waits[:1])}
    return told


def _loop(row: dict[Any, Any], *, outer: bool) -> str:
    """Speak of one row; a median is said where it was reached."""
    if "SUPPRESSED" in row["flags"]:
        return "not shown" if row["measure"] == "closed within" else ""
    base = counted(int(row["starts"]), "action") if outer else counted(int(row["n"]), "customer")
    until = {"action decided": "were decided", "action done": "were done"}.get(row["loop"], "")
    if row["measure"] == "median":
        if not math.isfinite(row["estimate"]):
            return ""
        high = f"to {plain(row['conf_high'], 0)}" if math.isfinite(row["conf_high"]) else "or more"
        span = f" ({plain(row['conf_low'], 0)} {high})" if math.isfinite(row["conf_low"]) else ""
        return f"half {until or 'had heard from somebody'} within {plain(row['estimate'], 0)} days{span}"
    if not math.isfinite(row["estimate"]):
        return f"how many {until or 'were reached'} within {row['after']:g} days cannot be told yet"
    digits = 0 if 0.1 <= row["estimate"] <= 0.9 else 1
    value, low, high = (plain(100 * row[name], digits) for name in ("estimate", "conf_low", "conf_high"))
    size = f"{value} % ({low} to {high} %; {base})"
    if outer:
        return f"of what was raised, {size} {until} within {row['after']:g} days"
    whom = "had been contacted by us" if row["loop"].startswith("we ") else "had any contact with us"
    return f"of those who answered badly, {size} {whom} within {row['after']:g} days"


def describe_employee_link(table: Table) -> Prose:
    """Say how far what employees say goes with what customers say, where there are enough teams for a word."""
    links = {row["name"]: (place, row) for place, row in enumerate(table.frame.to_dict("records")) if row["part"] == "link"}
    place, row = links["correlation"]
    lead = []
    if row["flags"] == "" and math.isfinite(row["estimate"]):
        size = f"{signed(row['estimate'], 2)} ({signed(row['conf_low'], 2)} to {signed(row['conf_high'], 2)})"
        lead.append(Sentence(f"Across teams the correlation is {size}.", place, (signed(row["estimate"], 2),)))
        place, true = links["correlation without their error"]
        if math.isfinite(true["estimate"]):
            ends = f"{signed(true['conf_low'], 2)} to {signed(true['conf_high'], 2)}"
            lead.append(Sentence(f"Without the error of the means it would be {signed(true['estimate'], 2)} ({ends}).", place))
    return Prose(table.title, tuple(lead), (), tuple(map(Sentence, table.notes)))


def describe_landmines(table: Table) -> Prose:
    """Say what was found, what cannot be told, and what is clear."""
    rows = list(enumerate(table.frame.to_dict("records")))
    cells = {place: table.cells[place][3] for place, _ in rows}
    lead = [
        Sentence(
            f"{capital(row['landmine'])}: {row['check']}{_colon(cells[place])}{_where(row)}.",
            place,
            (capital(row["landmine"]),),
        )
        for place, row in rows
        if row["verdict"] == "found"
    ]
    details = [
        Sentence(f"Cannot tell: {row['check']}{_colon(cells[place])}; {row['why']}.", place)
        for place, row in rows
        if row["verdict"] == "cannot tell"
    ]
    clear = [str(row["check"]) for _, row in rows if row["verdict"] == "clear"]
    details += [Sentence(f"Clear: {'; '.join(clear)}.")] if clear else []
    return Prose(table.title, tuple(lead), tuple(details), tuple(map(Sentence, table.notes)))


def _colon(number: str) -> str:
    return f": {number}" if number else ""


def _where(row: dict[Any, Any]) -> str:
    return f" ({row['where']})" if row["where"] else ""
