"""What a change split into mix and within says: the finding of each row, and the table that a reader sees."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from cxgap.result import Table
from cxgap.stats.multiplicity import benjamini_hochberg
from cxgap.vocabulary import NOT_SHOWN, counted, percent, signed

SLUG: Final = "change_decomposition"
PARTS: Final = ("total", "mix", "within")
ENDS: Final = ("", "_low", "_high")
OWN_COLUMNS: Final = (
    "level", "against", "side", "group", "n", "n_against", "n_both", "share", "share_against", "value", "value_against",
    *(f"{part}{end}" for part in PARTS for end in ENDS), "finding", "flags",
)  # fmt: skip
_UNCLEAR = "no clear change"


def written(
    frame: pd.DataFrame, names: Sequence[str], groups: Sequence[str], between: str, of: str, conf_level: float, min_n: int
) -> Table:
    """Find what moved in each row, and write the table; `frame` has `p_mix` and `p_within` beside its own columns."""
    frame["finding"] = [_finding(row) for row in frame.to_dict("records")]
    cut = " · ".join(group.replace("_", " ") for group in groups)
    noun, whole = _subject(of), frame[(frame["group"] == "") & (frame["side"] == of)]
    notes = [
        f"Each change is the mix, who answered by {cut}, plus what moved within these groups: exactly, by Kitagawa (1955).",
        f"Intervals are {percent(conf_level)} each, not all at once; a finding is an interval without zero.",
    ]
    if of == "gap":
        notes.append("The change of the gap is that of perception less that of expectation, in total and in each part.")
    if (frame["flags"] == "ONE_PERIOD").any():
        notes.append("A group that answered in one period only counts as mix, with the one mean that it has.")
    if hidden := int((frame["finding"] == NOT_SHOWN).sum()):
        notes.append(f"Not shown: {counted(hidden, 'row')} with fewer than {min_n} people in a period, or to protect them.")
    shown = frame.assign(
        _group=frame["group"].where(frame["group"] != "", "all together"),
        _share=[_shares(row) for row in frame.to_dict("records")],
        **{f"_{part}": [_interval(row, part) for row in frame.to_dict("records")] for part in PARTS},
    )
    several = bool((frame["side"] != of).any())
    columns: dict[str, tuple[str, Callable[[Any], str]]] = {name: (name.replace("_", " "), str) for name in names}
    columns |= {"level": (between.replace("_", " "), str), "against": ("against", str)}
    columns |= {"side": ("of", str)} if several else {}
    columns |= {"_group": (cut, str), "_share": ("share of answers", str)}
    columns |= {
        "_total": (f"change of {noun}" if not several else "change", str),
        "_mix": ("by who answered (mix)", str),
        "_within": ("within groups", str),
        "finding": ("finding", str),
    }
    keys = len(names) + 3 + several
    made = Table.of(shown, slug=SLUG, title=_title(whole, noun, between, conf_level), columns=columns, keys=keys, notes=notes)
    return Table(made.frame[[*names, *OWN_COLUMNS]], SLUG, made.title, made.heads, made.cells, made.keys, made.notes)


def _subject(of: str) -> str:
    return "the gap" if of == "gap" else of.replace("_", " ")


def _title(whole: pd.DataFrame, noun: str, between: str, conf_level: float) -> str:
    """Say how many changes stay clear when account is taken of all of them."""
    adjusted = benjamini_hochberg(whole[["p_mix", "p_within"]].to_numpy(float).ravel()).reshape(-1, 2)
    mix, within = (int(count) for count in (adjusted < 1 - conf_level).sum(axis=0))
    steps, by = counted(int(whole["total"].notna().sum()), "step"), between.replace("_", " ")
    if not mix and not within:
        return f"No clear change of {noun} by {by}, neither within groups nor by who answered"
    if mix and within:
        return f"{noun.capitalize()} moved within groups in {within} of {steps} by {by}, and by who answered in {mix}"
    what, rest = ("within groups", "by who answered") if within else ("because who answered changed", "within groups")
    return f"{noun.capitalize()} moved {what} in {within or mix} of {steps} by {by}; {rest} not clearly in any"


def _finding(row: dict[str, Any]) -> str:
    if "SUPPRESSED" in row["flags"]:
        return NOT_SHOWN
    better, worse = ("better", "worse") if row["side"] == "gap" else ("higher", "lower")
    if not np.isfinite(row["total"]) or not np.isfinite(row["total_low"]):
        return "cannot tell"
    moved = {part: _sign(row[f"{part}_low"], row[f"{part}_high"]) for part in PARTS}
    word = {1: better, -1: worse}
    total, mix, within = (moved[part] for part in PARTS)
    if within and mix:
        if within == mix:
            return f"{word[within]}, within groups and by who answered"
        return f"{word[within]} within groups, {word[mix]} by who answered"
    if within:
        return f"{word[within]} within groups" + ("" if total == within else "; no clear change in all")
    if mix:
        return f"{word[mix]} by who answered alone" if total == mix else "who answered changed; no clear change in all"
    return f"{word[total]}; by which part cannot be told" if total else _UNCLEAR


def _sign(low: float, high: float) -> int:
    return 1 if low > 0 else -1 if high < 0 else 0


def _shares(row: dict[str, Any]) -> str | None:
    if row["group"] == "" or not np.isfinite(row["share"]):
        return None
    return f"{100 * row['share_against']:.0f} to {100 * row['share']:.0f} %"


def _interval(row: dict[str, Any], part: str) -> str | None:
    value, low, high = (row[f"{part}{end}"] for end in ENDS)
    if not np.isfinite(value):
        return None
    return signed(value, 2) + (f" ({signed(low, 2)} to {signed(high, 2)})" if np.isfinite(low) else "")
