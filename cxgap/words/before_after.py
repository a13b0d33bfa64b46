"""Before and after in sentences: what changed, beyond what changed for the comparison, and how far that may be believed."""

from __future__ import annotations

import math
from collections.abc import Hashable
from typing import Any, Final

from cxgap.result import Prose, Sentence, Table
from cxgap.vocabulary import counted, plain, signed
from cxgap.words.numbers import capital

_UNTOLD: Final = "cannot tell"


def describe_before_after(table: Table) -> Prose:
    """Put a comparison of before and after into words: each measure, or each cell, in one sentence."""
    rows = [{**row, "place": place} for place, row in enumerate(table.frame.to_dict("records"))]
    keys = list(table.frame.columns[: list(table.frame.columns).index("measure")])
    compared = any(row["part"] == "difference" for row in rows)
    told = [row for row in rows if row["part"] == ("difference" if compared else "change")]
    lead: list[Sentence] = []
    details: list[Sentence] = []
    for row in told:
        name = " · ".join(str(row[key]) for key in keys)
        what = f"{name}: {row['measure']}" if name else str(row["measure"])
        if not math.isfinite(row["estimate"]):
            why = "not shown" if "SUPPRESSED" in row["flags"] else "cannot be told, too few were seen in the same periods"
            sentence = Sentence(f"{capital(what)}: {why}.", row["place"])
        else:
            sentence = Sentence(_told(row, rows, keys, what), row["place"], (_size(row["estimate"], row["unit"]),))
        (details if keys else lead).append(sentence)
    return Prose(table.title, tuple(lead), tuple(details), tuple(map(Sentence, table.notes)))


def _told(row: dict[Hashable, Any], rows: list[dict[Hashable, Any]], keys: list[str], what: str) -> str:
    own = [each for each in rows if each["measure"] == row["measure"] and all(each[key] == row[key] for key in keys)]
    change = {each["group"]: each for each in own if each["part"] == "change"}
    base = counted(int(row["n"]), "person") if math.isfinite(row["n"]) else "few"
    base = base.replace("persons", "people")
    if row["part"] == "change":
        return (
            f"{capital(what)} went from {_level(row['before'], row)} to {_level(row['after'], row)}: {_change(row)} ({base})."
        )
    parts = []
    if change:
        ours, theirs = change["treated"], change["comparison"]
        parts.append(
            f"{capital(what)} of the treated went from {_level(ours['before'], row)} to {_level(ours['after'], row)}, of the "
            f"comparison from {_level(theirs['before'], row)} to {_level(theirs['after'], row)}"
        )
    unsure = row["finding"] == _UNTOLD
    verdict = "so whether the treated changed differently cannot be told" if unsure else "more than chance would give"
    size = f"{_change(row)}, {verdict} ({base}, grade {row['grade']})"
    parts.append(f"the difference in differences is {size}" if parts else f"{capital(what)}: the mean difference is {size}")
    return f"{'; '.join(parts)}."


def _size(value: float, unit: str) -> str:
    return f"{signed(100 * value, 1)} percentage points" if unit == "share" else f"{signed(value, 2)} {unit}"


def _level(value: float, row: dict[Hashable, Any]) -> str:
    return f"{plain(100 * value, 0)} %" if row["unit"] == "share" else plain(value, 2)


def _change(row: dict[Hashable, Any]) -> str:
    scale, digits = (100, 1) if row["unit"] == "share" else (1, 2)
    size = _size(row["estimate"], row["unit"])
    if math.isnan(row["conf_low"]) or math.isnan(row["conf_high"]):
        return f"{size}, with no interval"
    ends = [signed(scale * end, digits) if math.isfinite(end) else "no end" for end in (row["conf_low"], row["conf_high"])]
    return f"{size} ({ends[0]} to {ends[1]})"
