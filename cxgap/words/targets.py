"""Targets in sentences: what was promised, and whether it was kept."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from typing import Any, Final

from cxgap.result import Prose, Sentence, Table
from cxgap.vocabulary import SHARE, percent, plain, signed
from cxgap.words.numbers import capital, listed, some

_MET, _NOT_MET, _OPEN = "met", "not met", "cannot tell"
_SIGNED: Final = ("customer", "knowledge", "delivery", "communication")
_MONTHS: Final = ("January February March April May June July August September October November December").split()

Row = Mapping[Hashable, Any]


def describe_targets(table: Table) -> Prose:
    """Put targets into words: how many are met, then each with its number, and what holds for all."""
    rows = table.frame.to_dict("records")
    broken = any("LOCK_BROKEN" in row["flags"] for row in rows)
    details = [Sentence(_detail(row), place, (str(row["name"]),)) for place, row in enumerate(rows)]
    limits = tuple(Sentence(note) for note in table.notes if not any(note.startswith(f"{row['name']}: ") for row in rows))
    return Prose(table.title if broken else _headline(rows, table.title), _lead(rows, broken), tuple(details), limits)


def day_words(day: str) -> str:
    """Write a day as it is said: 2026-06-30 is "30 June 2026"."""
    year, month, number = day[:10].split("-")
    return f"{int(number)} {_MONTHS[int(month) - 1]} {year}"


def _headline(rows: list[dict[Hashable, Any]], title: str) -> str:
    if len(rows) == 1 and rows[0]["state"] != "of the whole study":
        return _short(rows[0])
    return title


def _lead(rows: list[dict[Hashable, Any]], broken: bool) -> tuple[Sentence, ...]:
    """Name the targets that were missed, and those that cannot be told."""
    if broken:
        return (Sentence("The lock that keeps published verdicts is broken, so no verdict is said until it is brought back."),)
    said = []
    for verdict, text in ((_NOT_MET, "Not met: {}."), (_MET, "Met: {}.")):
        named = {place: str(row["name"]) for place, row in enumerate(rows) if row["target_verdict"] == verdict}
        if named:
            first, names = min(named), list(named.values())
            said.append(Sentence(text.format(listed(some(names))), first, (named[first],)))
    open_ = [row for row in rows if row["state"] in ("ahead", "interim") and math.isfinite(row["on_track"])]
    if open_:
        least = min(open_, key=lambda row: float(row["on_track"]))
        of = f"Of those still ahead, {least['name']} is the least likely to be reached" if open_[1:] else str(least["name"])
        text = f"{of}: {_chance(least['on_track'])}" if open_[1:] else f"Still ahead: {of}, {_chance(least['on_track'])}"
        said.append(Sentence(f"{text}."))
    return tuple(said)


def _short(row: Row) -> str:
    """Say where a target stands, with its value and its day: "Target -0.3 by 30 June 2026: on track, about 64 %"."""
    head = f"Target {_value(row, row['value'])} by {day_words(row['cut_off'])}"
    if "LOCK_BROKEN" in row["flags"]:
        return f"{head}: cannot be trusted"
    if row["state"] == "of the whole study":
        return f"{head}: not judged on a part of the study"
    if row["state"] in ("ahead", "interim") and row["target_verdict"] == _OPEN:
        known = math.isfinite(row["on_track"])
        return f"{head}: {_chance(row['on_track'])}" if known else f"{head}: still ahead"
    early = f", settled at look {row['look']:.0f} of {row['looks']:.0f}" if row["state"] == "interim" else ""
    return f"{head}: {'we cannot tell' if row['target_verdict'] == _OPEN else row['target_verdict']}{early}"


def _detail(row: Row) -> str:
    text = f"{row['name']}. {_short(row)}"
    if "LOCK_BROKEN" not in row["flags"] and math.isfinite(row["estimate"]):
        side = "lower" if row["better"] == "high" else "upper"
        bound = (
            f"; one-sided {percent(round(row['level'], 4))} {side} bound {_measured(row, row['bound'])}"
            if math.isfinite(row["bound"])
            else ""
        )
        text += f": {_measured(row, row['estimate'])} measured{bound}; n {row['n']:,.0f}"
    if row["state"] == "frozen":
        text += f"; frozen on {day_words(row['frozen_at'])}"
    note = f" {capital(row['note'])}" if row["note"] else ""
    return f"{text}.{note}"


def _value(row: Row, value: float) -> str:
    """Write what was aimed at, as it was set."""
    return percent(value) if row["unit"] == SHARE and value >= 0 else f"{value:g}".replace("-", "\N{MINUS SIGN}")


def _measured(row: Row, value: float) -> str:
    if row["unit"] == SHARE:
        return f"{plain(100 * value, 2 if abs(value - row['value']) < 0.0005 else 1)} %"
    digits = 3 if abs(value - row["value"]) < 0.005 else 2  # else a bound beside the target would look like it
    return signed(value, digits) if row["measure"] in _SIGNED else plain(value, digits)


def _chance(value: float) -> str:
    """Write the chance of being at the target at the end, in whole per cents and never as certain."""
    share = "under 1 %" if value < 0.01 else "over 99 %" if value > 0.99 else f"about {plain(100 * value, 0)} %"
    return f"on track, {share}" if value >= 0.5 else f"behind, {share} to reach it"
