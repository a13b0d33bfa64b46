"""Are we getting better? A trend and a control chart in sentences."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any, Final

import pandas as pd

from cxgap.result import Prose, Sentence, Table
from cxgap.vocabulary import counted, plain, signed
from cxgap.words.numbers import capital

_MOST_SIGNALS: Final = 6
Row = Mapping[Hashable, Any]


def describe_trend(table: Table) -> Prose:
    """Put a trend into words: how the gap moved since the beginning and at last, and which of its sides did it."""
    frame = table.frame
    keys = list(frame.columns[: list(frame.columns).index("period")])
    parts = [(" · ".join(map(str, key)), part) for key, part in frame.groupby(keys, sort=False)] if keys else [("", frame)]
    limits = tuple(map(Sentence, table.notes))
    if not keys:
        lead = tuple(_series(frame))
        details = [Sentence(_change(row), place) for place, row in _rows(frame) if math.isfinite(row["change"])]
        return Prose(table.title, lead, tuple(details), limits)
    details = []
    for name, part in parts:
        said = next(iter(_series(part)), None)
        if said is None:
            why = "not shown, too few answered" if part["gap"].isna().all() else "nothing can be compared"
            details.append(Sentence(f"{capital(name)}: {why}.", int(part.index[-1]), (capital(name),)))
        else:
            details.append(Sentence(f"{capital(name)}: {said.text[0].lower()}{said.text[1:]}", said.row, (capital(name),)))
    return Prose(table.title, (), tuple(details), limits)


def _rows(frame: pd.DataFrame) -> Iterator[tuple[int, Row]]:
    for place, row in zip(frame.index, frame.to_dict("records"), strict=True):
        yield int(place), row


def _series(part: pd.DataFrame) -> Iterator[Sentence]:
    """Speak of one series: since its first period, by the slope, and of what was done."""
    told = [(place, row) for place, row in _rows(part) if math.isfinite(row["since"])]
    if not told:
        return
    place, row = told[-1]
    segment = part[(part["segment"] == row["segment"]) & part["gap"].notna()]
    first = segment["period"].iloc[0]
    yield Sentence(_since(row, str(first)), place, (f"{signed(row['since'], 2)}",))
    if math.isfinite(row["slope"]) and len(segment) > 2:
        clear = row["slope_low"] > 0 or row["slope_high"] < 0
        value = f"{signed(row['slope'], 2)} a period ({signed(row['slope_low'], 2)} to {signed(row['slope_high'], 2)})"
        up, short = row["slope"] > 0, row["gap"] < 0
        words = ("the shortfall shrinks" if up else "the shortfall grows") if short else ("it rises" if up else "it falls")
        kind = words if clear else "no clear direction"
        yield Sentence(f"A straight line through {counted(len(segment), 'period')} moves by {value}: {kind}.", place)
    done = [(where, each) for where, each in _rows(part) if each["actions"]]
    if done:
        text = "; ".join(f"{each['actions'].replace(' | ', ', ')} ({each['period']})" for _, each in done)
        yield Sentence(f"What was done meanwhile: {text}. A change that follows need not come from it.", done[0][0])


def _since(row: Row, first: str) -> str:
    """Say how the gap moved since the first period, in the words of a report."""
    span = f"({signed(row['since_low'], 2)} to {signed(row['since_high'], 2)})"
    sides = "; ".join(_side(row, side) for side in ("perception", "expectation"))
    short = row["gap"] < 0 and row["gap"] - row["since"] < 0
    moved = plain(abs(row["since"]), 2)
    if row["since_low"] > 0:
        cause = ""
        if row["expectation_since_high"] < 0 and row["perception_since_low"] <= 0:
            cause = "; less was expected, which is no better service"
        return f"The gap {'closed' if short else 'rose'} by {moved} points {_plain_span(row, 1)} since {first}: {sides}{cause}."
    if row["since_high"] < 0:
        return f"The gap {'widened' if short else 'fell'} by {moved} points {_plain_span(row, -1)} since {first}: {sides}."
    moved = signed(row["since"], 2)
    return f"The gap moved by {moved} points {span} since {first}, no clear change: {sides}."


def _plain_span(row: Row, turned: int) -> str:
    ends = sorted(turned * row[f"since_{end}"] for end in ("low", "high"))
    return f"({plain(ends[0], 2)} to {plain(ends[1], 2)})"


def _side(row: Row, side: str) -> str:
    value, low, high = (row[f"{side}_since{end}"] for end in ("", "_low", "_high"))
    span = f"({signed(low, 2)} to {signed(high, 2)})"
    if low > 0:
        return f"{side} rose by {plain(value, 2)} {span}"
    if high < 0:
        return f"{side} fell by {plain(-value, 2)} {span}"
    return f"{side} moved by {signed(value, 2)} {span}, no clear change"


def _change(row: Row) -> str:
    value = f"{signed(row['change'], 2)} ({signed(row['change_low'], 2)} to {signed(row['change_high'], 2)})"
    parts = f"perception {signed(row['perception_change'], 2)}, expectation {signed(row['expectation_change'], 2)}"
    finding = "no clear change" if row["finding"] == "cannot tell" else row["finding"]
    return f"{row['period']}: {value} against the period before, {counted(int(row['n']), 'customer')}; {parts}: {finding}."


def describe_control(table: Table) -> Prose:
    """Put a control chart into words: what signalled and when, and how often it would by chance."""
    frame = table.frame
    keys = list(frame.columns[: list(frame.columns).index("period")])
    share = any("%" in cell.split("(")[0] for row in table.cells for cell in row)
    signals = [(place, row) for place, row in _rows(frame) if row["signal"] == 1]
    lead = [
        Sentence(f"{capital(_signal(row, keys, share=share))}.", place, (str(row["period"]),))
        for place, row in signals[:_MOST_SIGNALS]
    ]
    if len(signals) > _MOST_SIGNALS:
        lead.append(Sentence(f"{len(signals) - _MOST_SIGNALS} further signals are in the table."))
    often = [note for note in table.notes if note.startswith(("If nothing changed", "A chart that takes"))]
    lead += [Sentence(note) for note in often]
    rest = tuple(Sentence(note) for note in table.notes if note not in often)
    return Prose(table.title, tuple(lead), (), rest)


def _signal(row: Row, keys: Sequence[str], *, share: bool) -> str:
    where = " · ".join(str(row[key]) for key in keys)
    write = (lambda value: f"{plain(100 * value, 1)} %") if share else (lambda value: plain(value, 2))
    value = f"{write(row['value'])} where about {write(row['centre'])} is usual"
    ranged = math.isfinite(row["limit_low"])
    if ranged:
        value += f" and {write(row['limit_low'])} to {write(row['limit_high'])} is within its course"
        told = value
    else:
        told = f"by then it had moved for some time; {value}"
    words = {"worse": "worse than usual", "better": "better than usual", "up": "higher than usual", "down": "lower than usual"}
    return f"{f'{where}, ' if where else ''}{row['period']}: {words[row['direction']]}, {told}"
