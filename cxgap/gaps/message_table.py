"""The message audit as a reader sees it: a row a finding, what to do about it, and what to know beside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from cxgap.gaps.ledger import METRIC, TOUCHPOINT, valid_at
from cxgap.gaps.message_findings import (
    CANNOT_KEEP,
    CONFLICT,
    HARD_TO_READ,
    HOLE,
    NOT_MEASURED,
    STALE,
    UNDER_PROMISE,
    Ledger,
)
from cxgap.result import Table
from cxgap.stats.readability import HARD
from cxgap.vocabulary import SHARE, counted, percent, plain


def message_table(
    frame: pd.DataFrame,
    ledger: Ledger,
    context: Sequence[str],
    *,
    slug: str,
    min_n: int,
    stale_days: float,
    default: float,
    calendar: bool = False,
) -> Table:
    """Write what a reader sees."""
    frame = frame.assign(action=[_action(row) for row in frame.to_dict("records")])
    rows = frame.to_dict("records")
    written = pd.DataFrame(
        {
            "_where": [_where(row, context) for row in rows],
            "_channel": [row["channel"] + (f" and {row['other_channel']}" if row["kind"] == CONFLICT else "") for row in rows],
            "_promised": [_promised(row) for row in rows],
            "_kept": [_kept(row) for row in rows],
            "_todo": [row["action"] if row["now"] else "" for row in rows],
            "_why": [_why(row) for row in rows],
        },
        index=frame.index,
    )
    columns: dict[str, tuple[str, Callable[[Any], str]]] = {
        "order": ("to do", "{:.0f}".format), "kind": ("finding", str), "_where": ("where", str), "_channel": ("channel", str),
        "_promised": ("promised", str), "_kept": (f"kept ({percent(ledger.conf_level)} interval)", str),
        "told_wrong": ("customers a day told more than is kept", _a_day), "owner": ("owner", str),
        "_todo": ("words to change", str), "_why": ("why", str),
    }  # fmt: skip
    notes = list(_notes(frame, ledger, min_n, stale_days, default, calendar=calendar))
    made = Table.of(
        pd.concat([frame, written], axis=1),
        slug=slug,
        title=_title(frame, ledger, default),
        columns=columns,
        keys=4,
        notes=notes,
    )
    return Table(frame, made.slug, made.title, made.heads, made.cells, made.keys, made.notes)


def level_text(level: float, unit: str) -> str:
    """Write a level with its unit: "3 days", "1 day", "95 %"."""
    if not np.isfinite(level):
        return ""
    if unit == SHARE:
        return percent(level)
    return f"{level:g} {unit.removesuffix('s') if level == 1 else unit}".strip()


def _where(row: dict[str, Any], context: Sequence[str]) -> str:
    parts = [row[TOUCHPOINT], row[METRIC], *(f"{name.replace('_', ' ')} {row[name]}" for name in context if row[name])]
    return " · ".join(part for part in parts if part)


def _promised(row: dict[str, Any]) -> str:
    text = level_text(row["level"], row["unit"])
    if row["kind"] == CONFLICT:
        return f"{text} and {level_text(row['other_level'], row['unit'])}"
    if row["unit"] != SHARE and row["stated"] and np.isfinite(row["reliability"]):
        return f"{text}, {percent(row['reliability'])} of the time"
    return f"{text} (if {percent(row['reliability'])} is meant)" if _taken(row) else text


def _taken(row: dict[str, Any]) -> bool:
    """Say whether a claim was tested against a share that its message does not state."""
    return bool(not row["stated"] and row["unit"] != SHARE and np.isfinite(row["attainment"]))


def _kept(row: dict[str, Any]) -> str:
    if row["kind"] == CONFLICT:
        if not np.isfinite(row["attainment_gap"]):
            return ""
        return f"{_span(row['attainment_gap'], row['attainment_gap_low'], row['attainment_gap_high'])} keep the looser alone"
    return _span(row["attainment"], row["attainment_low"], row["attainment_high"])


def _span(value: float, low: float, high: float) -> str:
    if not np.isfinite(value):
        return ""
    digits = 1 if value > 0.99 or value < 0.01 else 0
    ends = f" ({plain(100 * low, digits)} to {plain(100 * high, digits)})" if np.isfinite(low) and np.isfinite(high) else ""
    return f"{plain(100 * value, digits)} %{ends}"


def _a_day(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else plain(value, 1)


def _why(row: dict[str, Any]) -> str:
    if row["kind"] == STALE and np.isfinite(row["days"]):
        return f"{row['why']}: {counted(round(row['days']), 'day')}"
    if row["kind"] == CONFLICT:
        both = f"both said for {counted(round(row['days']), 'day')}" if np.isfinite(row["days"]) else "both said all the time"
        met = f"; {counted(round(row['customers']), 'customer')} began an event then" if np.isfinite(row["customers"]) else ""
        return both + met
    if row["kind"] == HOLE and np.isfinite(row["volume"]) and row["volume"] > 0:
        return f"{row['why']}; {row['volume']:,.0f} events, contacts and answers"
    if row["kind"] == HARD_TO_READ:
        return (
            f"LIX {plain(row['lix'], 0)} ({plain(row['lix_low'], 0)} to {plain(row['lix_high'], 0)}), difficult from {HARD:g}"
        )
    return str(row["why"])


def _action(row: dict[str, Any]) -> str:
    if row["kind"] == UNDER_PROMISE:
        return "a better level would be kept, too"
    if row["kind"] != CANNOT_KEEP:
        return str(row["action"])
    if row["unit"] == SHARE:
        return f"say {percent(np.floor(100 * row['attainment']) / 100)}, or keep {percent(row['level'])}"
    if np.isfinite(row["keepable"]):
        return f"say {level_text(row['keepable'], row['unit'])}, or keep {level_text(row['level'], row['unit'])}"
    return f"no level near {level_text(row['level'], row['unit'])} is kept so often: say less, or state how often"


def _title(frame: pd.DataFrame, ledger: Ledger, default: float) -> str:
    """State the finding in one line, of messages that are said now."""
    now = frame[frame["now"]]
    count = now["kind"].value_counts()
    tested = int(now["attainment"].notna().sum())
    parts = []
    if tested:
        broken = int(count.get(CANNOT_KEEP, 0))
        some = f"{broken} of {tested}" if broken else f"None of {tested}"
        meant = _meant(now, default)
        parts.append(f"{some} promises {'is' if broken == 1 else 'are'} clearly kept less often than said{meant}")
    if pairs := int(count.get(CONFLICT, 0)):
        parts.append(f"{counted(pairs, 'pair')} of messages {'contradicts itself' if pairs == 1 else 'contradict each other'}")
    if empty := int(count.get(HOLE, 0)):
        parts.append(f"{counted(empty, 'touchpoint')} {'has' if empty == 1 else 'have'} no valid promise")
    if not parts:
        said = int(valid_at(ledger.rows, ledger.now).sum())
        return f"{counted(said, 'message')} said now, none of them held against events"
    return "; ".join(parts)


def _meant(now: pd.DataFrame, default: float) -> str:
    """Say of how many of the broken claims, else of those tested, the share that is to be kept was taken, not stated."""
    tested = now[now["attainment"].notna()]
    broken = tested[tested["kind"] == CANNOT_KEEP]
    told = broken if len(broken) else tested
    taken = sum(map(_taken, told.to_dict("records")))
    if not taken:
        return ""
    if taken == len(told):
        return f", if {percent(default)} is what is meant"
    return f", {taken if len(broken) else 'some'} of them if {percent(default)} is what is meant"


def _notes(
    frame: pd.DataFrame, ledger: Ledger, min_n: int, stale_days: float, default: float, *, calendar: bool
) -> Sequence[str]:
    moment = pd.Timestamp(0, tz="UTC") + pd.Timedelta(microseconds=ledger.now) if ledger.now else None
    notes = [f"As of {moment:%d %B %Y}.".replace("of 0", "of ")] if moment is not None else []
    tested = frame["attainment"].notna()
    level = percent(ledger.conf_level)
    if tested.any():
        notes.append(
            "A claim is held against the events of its touchpoint, metric and context that began while it was said; customers "
            f"are the independent units. Intervals are of {level} each."
        )
        chance = int(tested.sum()) * (1 - ledger.conf_level) / 2
        notes.append(
            f"{counted(int(tested.sum()), 'claim')} {'was' if tested.sum() == 1 else 'were'} tested, and nothing was adjusted "
            f"for it: were each kept exactly as often as stated, about {plain(chance, 1)} would seem broken by chance."
        )
        if (ledger.rows["unit_of"] == "days").any():
            notes.append(
                "A level in days is read by the end of the last date, and one in hours by the clock."
                if calendar
                else "A level in days is read as 24 hours each."
            )
    if not ledger.rows.loc[ledger.rows["level"].notna(), "stated"].all():
        notes.append(f"A message that does not say how often is taken to promise {percent(default)}, a choice of this audit.")
    if frame["told_wrong"].notna().any():
        notes.append(
            "Customers a day told more than is kept: those who meet the message, times what it states less what is kept; of a "
            "conflict, times the share that keeps the looser level alone."
        )
    if (frame["kind"] == UNDER_PROMISE).any():
        notes.append(
            "Under-promise: the interval lies above 99.5 %. Whether customers would value a better level is not tested."
        )
    if ledger.why:
        notes.append(f"No claim was held against events: {ledger.why}.")
    elif (frame["kind"] == NOT_MEASURED).any():
        notes.append("A claim that is not measured is neither kept nor broken.")
    if not (ledger.rows["owner"] != "").any():
        notes.append("Who owns messages is not known: no message names its owner.")
    if not ledger.rows["reviewed"].notna().any():
        notes.append("Whether messages were looked at is not known: no message says when it was reviewed.")
    elif (frame["kind"] == STALE).any():
        notes.append(f"Stale: not looked at for {stale_days:g} days, or ended without another in its place.")
    if (frame["kind"] == HARD_TO_READ).any():
        notes.append(
            "Hard to read: LIX (words per sentence and per cent of words of more than 6 letters) is difficult from "
            f"{HARD:g}, and the interval that so few words leave lies above it."
        )
    if (frame["kind"] == CONFLICT).any() and frame["exposed"].isna().any():
        notes.append("Who met both messages is not recorded: customers who began an event while both were said could have.")
    ended = int((~frame["now"]).sum())
    if ended:
        notes.append(
            f"{counted(ended, 'finding')} of messages that are not said now {'stands' if ended == 1 else 'stand'} last."
        )
    if min_n > 1:
        notes.append(f"Numbers that rest on fewer than {min_n} customers are not shown.")
    return notes
