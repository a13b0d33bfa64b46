"""Promises read from events: when each was due, when it was kept, and which of them cannot be true."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from numbers import Real
from typing import NamedTuple

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap._check import check_choice, check_zone
from cxgap.errors import ArgumentError, ColumnError, listed
from cxgap.gaps.clocks import end_of
from cxgap.gaps.moments import (
    CUSTOMER,
    EVENT,
    FIRST,
    LAST,
    OF_UNIT,
    PLACE,
    SECONDS,
    first_and_last,
    lead_numbers,
    lead_times,
    told_once,
)
from cxgap.stats.means import Codes, Floats, sum_by
from cxgap.stats.survival import CANCELLED

REASONS = ("duplicate", "impossible", "future")
AGAINST = {"first": "the first promise", "last": "the last promise"}
ROUNDING = 1e-9  # no two times that differ come nearer than this, in the unit
MEASURED = (
    "delivered", "promised", "promised_low", "promised_high", "open", "cancelled",
    "ordered_at", "delivered_at", "cancelled_at", "promised_from", FIRST, LAST,
)  # fmt: skip
DIRECTIONS = ("lower", "higher")
NO_PROMISES = "no promises here; the table 'events' has none in this part of the study"

Tolerance = Sequence[float] | Mapping[str, Sequence[float]]


class Away(NamedTuple):
    """Promises that an engine holds.

    Attributes
    ----------
    classes : of promises that are alike
    cell : of each class, below 0 where it is set aside
    standing : of each class, whether it was not cancelled
    """

    classes: tally.Classes
    cell: Codes
    standing: np.ndarray


class Promises(NamedTuple):
    """Promises that can be true.

    Attributes
    ----------
    cells : the keys of each cell, in order
    units : the unit of each cell
    rows : one for promises that are alike. `cell`, 0 .. cells - 1; `customer`, a code, below 0 where nobody knows, and then
        each promise is a customer's own; `count`, the promises that the row stands for; `state`, OPEN, FULFILLED or
        CANCELLED. In the unit, and turned so that more is later or worse: `residual`, the end less the latest moment
        promised, or for an open promise how far it has been followed; `delta`, the residual if it is above 0, else what it
        came before the window, else 0; `due`, the latest moment promised, as events say it:
        microseconds since 1970, or a number; `shift`, the last promise less the first, and `lead`, the latest moment
        promised, counted from the order, both NaN where not known. `sign`, -1 where every number was turned; `early` and
        `late`, tolerances of 0 or more
    set_aside : for each of REASONS, rows of each cell that cannot be true
    unpromised : rows of each cell without a promise
    away : where the customers are, if an engine holds them. Then a row is of all promises of one class whose customers hold
        as many, nobody has a `customer`, and there are: `place`, the class; `held` and `whole`, how many promises its customer
        holds in the cell, those not cancelled and all; `known`, whether anybody knows the customer
    """

    cells: pd.DataFrame
    units: list[str]
    rows: pd.DataFrame
    set_aside: Mapping[str, Floats]
    unpromised: Floats
    away: Away | None = None


def lacks_last(events: IntoFrame, promises: IntoFrame | None, against: str) -> str:
    """Return why the last promise cannot be told, "" where it can or is not asked for."""
    if against != "last" or promises is not None or LAST in tally.columns_of(events):
        return ""
    return f"events have no column {LAST!r}, and there is no table of promises"


def read_promises(
    events: IntoFrame,
    promises: IntoFrame | None,
    *,
    by: Sequence[str],
    against: str,
    tolerance: Tolerance,
    context: str | None,
    as_of: str | datetime | None,
    unit: str | None,
    zone: str,
    known: bool = False,
) -> Promises:
    """Read promises from events of either shape; the parameters are those of `communication_gap`.

    With `known`, times later than `as_of` are those of what had not happened then; else they cannot be true.

    Raises
    ------
    ColumnError : `events` or `promises` lacks a column.
    ArgumentError : an argument or a column is not what it must be.
    """
    check_choice(against, "against", AGAINST)
    check_zone(zone, "zone")
    for argument, names in (("by", by), ("context", [context] if context else [])):
        if measured := sorted(set(MEASURED) & set(names)):
            raise ArgumentError(f"`{argument}` must name what makes groups, and no time or number, not {measured[0]!r}.")
    schema = nw.from_native(events).collect_schema()
    of_event = [name for name in (CUSTOMER, EVENT, "metric", "unit", "direction") if name in schema]
    keys = list(dict.fromkeys([*by, *([context] if context else []), *of_event]))
    made = (
        None if promises is None else first_and_last(promises, zone, made_until(promises, as_of, zone) if known else math.inf)
    )
    single = bool({CUSTOMER, EVENT} & {*by, context})
    if made is not None and EVENT not in schema:
        raise ColumnError.missing(EVENT, "events", list(schema))
    told = [str(word) for word in tally.tally_distinct(events, ["unit"])["unit"].dropna()] if "unit" in schema else []
    timed = promises is not None and nw.from_native(promises).collect_schema()["promised"].is_temporal()
    if "delivered" in schema and not timed:
        if unit and set(told) - {unit}:
            raise ArgumentError(f"`unit` must be that of `events`, {listed(set(told))}, not {unit!r}; leave it out.")
        unit = unit or "days"
        rows, at = lead_numbers(events, schema, keys, made, unit, zone, single=single)
    else:
        unit = unit or (told[0] if len(set(told)) == 1 and told[0] in SECONDS else "days")
        rows, at = lead_times(events, schema, keys, made, as_of, unit, zone, single=single, known=known)

    sign = np.ones(len(rows))
    if "direction" in schema:
        direction = told_once(rows, "direction", "whether lower or higher is better")
        for word in direction.unique():
            check_choice(word, "direction", DIRECTIONS)
        sign = np.where(direction == "higher", -1.0, 1.0)
    low, high = (at.low, at.high) if against == "first" else (at.last_low, at.last_high)
    low, high = np.where(sign < 0, -high, low), np.where(sign < 0, -np.where(np.isnan(low), high, low), high)
    before = (sign * high < at.origin) & (at.scale > 1)  # promised for a time before it was ordered
    residual = (sign * at.end - high) / at.scale
    delta = np.where(residual > 0, residual, np.where(sign * at.end < low, (sign * at.end - low) / at.scale, 0.0))
    delta = np.where(np.isfinite(residual), delta, np.nan)
    residual = np.where(np.isnan(residual), -np.inf, residual)
    promised = np.isfinite(high)
    early, late = _tolerances(rows, promised, tolerance, context)
    residual, delta = (_settled(values, -early, np.zeros(len(rows)), late) for values in (residual, delta))

    count, copies = _counts(rows)
    cells = rows[list(by)].drop_duplicates().sort_values(list(by)) if by else pd.DataFrame(index=range(min(len(rows), 1)))
    cell = _codes(rows, by)
    wrong = {"duplicate": _contradicting(rows), "impossible": at.impossible | (low > high) | before, "future": at.future}
    seen, aside = np.zeros(len(rows), bool), {}
    for reason in REASONS:
        aside[reason] = sum_by(cell, len(cells), count * (wrong[reason] & ~seen))
        seen |= wrong[reason]
    aside["duplicate"] += sum_by(cell, len(cells), copies)
    kept = promised & ~seen
    customer = rows[CUSTOMER].cat.codes.to_numpy(np.int64) if CUSTOMER in rows else np.full(len(rows), -1)
    columns = {
        "cell": cell,
        "customer": customer,
        "count": count,
        "state": at.state,
        "residual": residual,
        "due": sign * high,
        "delta": delta,
        "shift": sign * (at.last_high - at.high) / at.scale,
        "lead": (high - sign * at.origin) / at.scale,
        "sign": sign,
        "early": early,
        "late": late,
    }
    promises_kept, away = pd.DataFrame(columns)[kept].reset_index(drop=True), None
    if at.held is not None:
        promises_kept, away = _by_size(promises_kept, rows[PLACE].to_numpy(np.int64)[kept], at.held)
    return Promises(
        cells.reset_index(drop=True),
        _units(rows, cell, len(cells), unit if at.scale > 1 or "unit" not in schema else None),
        promises_kept,
        aside,
        sum_by(cell, len(cells), count * (~promised & ~seen)),
        away,
    )


def made_until(promises: IntoFrame, as_of: str | datetime | None, zone: str) -> float:
    """Return the moment until which promises had been made."""
    schema = nw.from_native(promises).collect_schema()
    return end_of(as_of, zone) if as_of and "made_at" in schema and schema["made_at"].is_temporal() else math.inf


def _counts(rows: pd.DataFrame) -> tuple[Floats, Floats]:
    """Return how many events each row stands for, and how many rows only tell one of them again."""
    number = rows["rows"].to_numpy(float)
    if EVENT in rows:
        copies = np.where(rows[EVENT].notna(), number - 1, 0.0)
        return number - copies, copies
    return number, number * rows[tally.COPIES].to_numpy(float) if tally.COPIES in rows else np.zeros(len(rows))


def _by_size(kept: pd.DataFrame, place: Codes, held: tally.Classes) -> tuple[pd.DataFrame, Away]:
    """Part the promises of a class by how many their customers hold; `place` is the class of each row."""
    row = np.full(len(held.frame), -1)
    row[place] = np.arange(len(place))
    cell = np.where(row >= 0, kept["cell"].to_numpy()[row], -1) if len(kept) else row
    standing = np.zeros(len(row), bool)
    standing[place] = kept["state"].to_numpy() != CANCELLED
    sizes = held.sizes(cell, np.column_stack([standing, np.ones(len(row), bool)]))
    parts = kept.iloc[row[sizes["class"].to_numpy(np.int64)]].reset_index(drop=True)
    named = {"place": "class", "count": "count", "held": "size0", "whole": "size1", "known": "known"}
    return parts.assign(**{name: sizes[of].to_numpy() for name, of in named.items()}), Away(held, cell, standing)


def _contradicting(rows: pd.DataFrame) -> np.ndarray:
    """Mark the rows of an event that was told in more than one way: nobody can say which is right."""
    if tally.SEVERAL in rows:
        return rows[tally.SEVERAL].astype(bool).to_numpy()
    if EVENT not in rows:
        return np.zeros(len(rows), bool)
    named = [EVENT, *(["metric"] if "metric" in rows else [])]
    return (rows.duplicated(named, keep=False) & rows[EVENT].notna()).to_numpy()


def _settled(values: Floats, *limits: Floats) -> Floats:
    """Call a value that misses a limit by rounding the limit itself: 3.1 - 3 is a little more than 0.1."""
    for limit in limits:
        values = np.where(np.abs(values - limit) <= ROUNDING * (1 + np.abs(limit)), limit, values)
    return values


def _tolerances(rows: pd.DataFrame, promised: np.ndarray, tolerance: Tolerance, context: str | None) -> tuple[Floats, Floats]:
    """Return how early and how late each row may come."""
    if not isinstance(tolerance, Mapping):
        early, late = check_tolerance(tolerance)
        return np.full(len(rows), early), np.full(len(rows), late)
    if context is None:
        raise ArgumentError(
            '`context` must name the column whose values `tolerance` gives, such as "product"; it is not given.'
        )
    pairs = {str(value): check_tolerance(pair) for value, pair in tolerance.items()}
    values = rows[context].astype(object).where(rows[context].notna(), "").astype(str)
    lacking = set(values[promised]) - set(pairs)
    if lacking:
        raise ArgumentError(f"`tolerance` must have a pair for every value of {context!r}; it has none for {listed(lacking)}.")
    early, late = (values.map({value: pair[side] for value, pair in pairs.items()}).to_numpy(float) for side in (0, 1))
    return early, late


def check_tolerance(value: object) -> tuple[float, float]:
    """Return how early and how late a promise may be kept, if `value` is two finite numbers of 0 or more."""
    pair = list(value) if isinstance(value, Sequence) and not isinstance(value, str) else []
    if len(pair) != 2 or not all(isinstance(part, Real) and 0 <= float(part) < math.inf for part in pair):
        raise ArgumentError(
            f"`tolerance` must be how early and how late still counts as on time, such as (1, 0), not {value!r}."
        )
    return float(pair[0]), float(pair[1])


def _codes(rows: pd.DataFrame, by: Sequence[str]) -> Codes:
    if not by:
        return np.zeros(len(rows), np.int64)
    return rows.groupby(list(by), observed=True, dropna=False, sort=True).ngroup().to_numpy(np.int64)


def _units(rows: pd.DataFrame, cell: Codes, cells: int, unit: str | None) -> list[str]:
    """Return the unit of each cell, which may have but one."""
    if unit is not None:
        return [unit] * cells
    found = pd.DataFrame({"cell": cell, "unit": told_once(rows, "unit", OF_UNIT).astype(str)}).drop_duplicates()
    mixed = found["unit"][found["cell"].duplicated(keep=False)]
    if len(mixed):
        raise ArgumentError(f'a cell must have one unit, and one has {listed(mixed.unique())}; add "metric" to `by`.')
    return found.sort_values("cell")["unit"].tolist()
