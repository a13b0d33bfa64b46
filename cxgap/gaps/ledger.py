"""The ledger of messages: what is promised where, to whom, from when until when, in one form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap.errors import ArgumentError, ColumnError
from cxgap.gaps.moments import SECONDS
from cxgap.stats.means import Floats

DAY: Final = 86_400e6  # microseconds
MESSAGE, TOUCHPOINT, CHANNEL, METRIC = "message_id", "touchpoint", "channel", "metric"
TEXTS: Final = (MESSAGE, TOUCHPOINT, CHANNEL, METRIC, "unit", "wording", "owner")
NUMBERS: Final = ("level", "reliability", "exposed")
TIMES: Final = ("valid_from", "valid_to", "reviewed")
KNOWN: Final = (*TEXTS, *NUMBERS, *TIMES, "customer_id", "event_id")
SIDES: Final = {"lower": 1.0, "higher": -1.0}


class Measured(NamedTuple):
    """What is known of a metric: its unit, and the side that is better for the customer; "" where nobody says."""

    unit: str
    direction: str


def read_messages(messages: IntoFrame, context: Sequence[str], reliability: float, zone: str = "UTC") -> pd.DataFrame:
    """Return the messages, one row each: texts ("" where blank), numbers and times (microseconds; never is infinite).

    Times without an offset are of `zone`, as those of events are.

    Raises
    ------
    ColumnError : the table lacks a column.
    ArgumentError : a column does not hold what it must, or a message stands there twice.
    """
    tally.require(messages, [MESSAGE, TOUCHPOINT, CHANNEL], "messages")
    present = tally.columns_of(messages, "messages")
    if lacking := [name for name in context if name not in present]:
        raise ColumnError.missing(lacking[0], "messages", [name for name in present if name not in {*TEXTS, *NUMBERS, *TIMES}])
    if wrong := sorted({*TEXTS, *NUMBERS, *TIMES} & set(context)):
        raise ArgumentError(f"`context` must name columns that say for whom a message is, such as region, not {wrong[0]!r}.")
    keys = [name for name in dict.fromkeys([*TEXTS, *context]) if name in present]
    times, numbers = ([name for name in names if name in present] for names in (TIMES, NUMBERS))
    rows = tally.tally_times(messages, keys=keys, times=times, numbers=numbers, zone=zone, table="messages")
    told = rows[MESSAGE].astype(object)
    again = told[told.duplicated() & told.notna()]
    if len(again):
        raise ArgumentError(
            f"`messages` must have one row a message, and {str(again.iloc[0])[:40]!r} has several that differ; give each an id."
        )
    made = {name: _texts(rows, name) for name in dict.fromkeys([*TEXTS, *context])}
    made |= {name: rows[name].to_numpy(float) if name in numbers else np.full(len(rows), np.nan) for name in NUMBERS}
    made |= {name: rows[name].to_numpy(float) if name in times else np.full(len(rows), np.nan) for name in TIMES}
    ledger = pd.DataFrame(made, index=range(len(rows)))
    wrong_share = ledger["reliability"][(ledger["reliability"] <= 0) | (ledger["reliability"] > 1)]
    if len(wrong_share):
        raise ArgumentError(
            f"`messages` must hold shares above 0 and at most 1 in 'reliability', such as 0.95, not {wrong_share.iloc[0]:g}."
        )
    stated = ledger["reliability"].notna().to_numpy()
    return ledger.assign(
        stated=stated,
        reliability=np.where(stated, ledger["reliability"], reliability),
        exposed=ledger["exposed"].where(ledger["exposed"] >= 0),
        begins=ledger["valid_from"].fillna(-np.inf),
        ends=ledger["valid_to"].fillna(np.inf),
    )


def _texts(rows: pd.DataFrame, name: str) -> np.ndarray:
    if name not in rows:
        return np.full(len(rows), "", dtype=object)
    column = rows[name].astype(object)
    return np.array(["" if pd.isna(value) else " ".join(str(value).split()) for value in column], dtype=object)


def in_unit(value: Floats, unit: Sequence[str], wanted: Sequence[str]) -> Floats:
    """Turn levels into the units of their metrics; NaN where the units differ and are not both of time.

    A level without a unit is in that of its metric, as is one whose metric has none.
    """
    out = np.full(len(value), np.nan)
    for row, (number, own, other) in enumerate(zip(value, unit, wanted, strict=True)):
        if own == other or not own or not other:
            out[row] = number
        elif own in SECONDS and other in SECONDS:
            out[row] = number * SECONDS[own] / SECONDS[other]
    return out


def share_customers(first: Mapping[str, Any], second: Mapping[str, Any], context: Sequence[str]) -> bool:
    """Say whether somebody can meet both messages: a blank context is everywhere."""
    return all(not first[name] or not second[name] or first[name] == second[name] for name in context)


def covers(wide: Mapping[str, Any], narrow: Mapping[str, Any], context: Sequence[str]) -> bool:
    """Say whether one message speaks to all to whom another does."""
    return all(not wide[name] or wide[name] == narrow[name] for name in context)


def days_both(first: Mapping[str, Any], second: Mapping[str, Any], end: float) -> tuple[float, float]:
    """Return the days on which both messages are said, in all (infinite where neither stops) and up to the moment `end`."""
    start, stop = max(first["begins"], second["begins"]), min(first["ends"], second["ends"])
    if start == -np.inf:
        return np.inf, np.nan
    return (stop - start) / DAY, max(0.0, (min(stop, end) - start) / DAY)


def valid_at(ledger: pd.DataFrame, moment: float) -> np.ndarray:
    """Say which messages are said at a moment."""
    return ((ledger["begins"] <= moment) & (ledger["ends"] > moment)).to_numpy(bool)
