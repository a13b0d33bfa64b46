"""What customers are promised, in sentences: which words to change first, and whose they are."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator
from typing import Any, Final

from cxgap.result import Prose, Sentence, Table
from cxgap.vocabulary import CANNOT_TELL, SHARE, counted, percent, plain
from cxgap.words.numbers import capital, listed, share, some

CANNOT_KEEP, CONFLICT, HOLE, KEPT, NOT_MEASURED = "cannot keep", "conflict", "hole", "kept", "not measured"
_MOST: Final = 5  # words to change that are spoken of
_SMALL: Final = ("no level", "stale", "no owner", "hard to read", "under-promise")
_SAID: Final = {
    "no level": "{} nothing that could be kept or broken",
    "stale": "{} out of date or has long been unread",
    "no owner": "{} nobody's",
    "hard to read": "{} hard to read",
    "under-promise": "{} kept nearly always, so that a better level would be, too",
}

Row = dict[Hashable, Any]


def describe_message_audit(table: Table) -> Prose:
    """Put the audit into words: the words to change first, then what cannot be told, and what limits it."""
    rows: list[Row] = [{**row, "place": place} for place, row in enumerate(table.frame.to_dict("records"))]
    context = list(table.frame.columns[4 : list(table.frame.columns).index("channel")])
    now = [row for row in rows if row["now"]]
    todo = [row for row in now if row["kind"] in (CANNOT_KEEP, CONFLICT)]
    lead = [Sentence(_told(row, context), row["place"], (capital(str(row["channel"])),)) for row in todo[:_MOST]]
    if len(todo) > _MOST:
        lead.append(Sentence(f"{counted(len(todo) - _MOST, 'more finding')} of these two kinds stand in the table."))
    details = [*_open(now), *_small(now)]
    return Prose(table.title, tuple(lead), tuple(details), tuple(map(Sentence, table.notes)))


def _told(row: Row, context: list[str]) -> str:
    where, first = f"{row['touchpoint']}{_whom(row, context)}", capital(str(row["channel"]))
    if row["kind"] == CONFLICT:
        both = f"{_level(row['level'], row['unit'])} against {_level(row['other_level'], row['unit'])}"
        same = row["channel"] == row["other_channel"]
        text = f"{first} at {where} contradicts itself" if same else f"{first} and {row['other_channel']} differ at {where}"
        text += f": {both}"
        if math.isfinite(row["attainment_gap"]):
            value, ends = share(row["attainment_gap"], row["attainment_gap_low"], row["attainment_gap_high"])
            text += f"; {value} of events ({ends}) keep the second and not the first"
        return f"{text}. {_who(row)}."
    value, ends = share(row["attainment"], row["attainment_low"], row["attainment_high"])
    said = _level(row["level"], row["unit"])
    if row["stated"] and row["unit"] != SHARE:
        said = f"{said}, {percent(row['reliability'])} of the time"
    text = f"{first} at {where}: promised {said}; kept for {value} of events ({ends})"
    if not row["stated"] and row["unit"] != SHARE:
        text += f", less than the {percent(row['reliability'])} that it is taken to mean"
    if math.isfinite(row["told_wrong"]):
        many = f"{row['told_wrong']:,.0f}" if row["told_wrong"] >= 10 else plain(row["told_wrong"], 1)
        text += f"; about {many} customers a day hear more than is kept"
    return f"{text}. {_who(row)}."


def _who(row: Row) -> str:
    action = capital(str(row["action"]))
    return f"{action} ({row['owner']})" if row["owner"] else f"{action}; nobody owns it"


def _whom(row: Row, context: list[str]) -> str:
    parts = [f"{name.replace('_', ' ')} {row[name]}" for name in context if row[name]]
    return f" ({', '.join(parts)})" if parts else ""


def _level(level: float, unit: str) -> str:
    if unit == SHARE:
        return percent(level)
    return f"{level:g} {unit.removesuffix('s') if level == 1 else unit}".strip()


def _open(rows: list[Row]) -> Iterator[Sentence]:
    """Speak of holes, of what is kept, and of what cannot be told."""
    holes = [row for row in rows if row["kind"] == HOLE]
    for row in holes[:3]:
        yield Sentence(
            f"{row['touchpoint']}: {row['why']}; silence is a message, too.", row["place"], (str(row["touchpoint"]),)
        )
    for kind, text in (
        (KEPT, "kept as often as said, or more often"),
        (CANNOT_TELL, "not clear: the interval holds what is stated"),
        (NOT_MEASURED, "whether it is kept is not measured, as no event tells"),
    ):
        names = [f"{row['channel']} at {row['touchpoint']}" for row in rows if row["kind"] == kind]
        if names:
            yield Sentence(f"{capital(listed(some(names)))}: {text}.")


def _small(rows: list[Row]) -> Iterator[Sentence]:
    """Count what else there is to mend."""
    parts: list[str] = []
    for kind in _SMALL:
        count = sum(row["kind"] == kind for row in rows)
        if count:
            verb = "promises" if kind == "no level" else "is"
            many = "promise" if kind == "no level" else "are"
            what = str(count) if parts else counted(count, "message")
            parts.append(_SAID[kind].format(f"{what} {verb if count == 1 else many}"))
    if parts:
        yield Sentence(f"{capital(', and '.join(filter(None, [', '.join(parts[:-1]), parts[-1]])))}.")
