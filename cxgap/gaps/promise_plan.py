"""Which promise can be kept: the shortest for each reliability, and what longer and shorter ones would come to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from numbers import Real
from typing import Any, Final

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap._check import as_names, check_choice, check_count, check_positive, check_prob
from cxgap.errors import ArgumentError, ColumnError
from cxgap.gaps.judge import IDS, lines_told, refuse_names
from cxgap.gaps.kept import WEIGHT_BY, keep, settled
from cxgap.gaps.lead_times import Leads, lacks_leads, read_leads
from cxgap.gaps.moments import FIRST, LAST, in_utc
from cxgap.gaps.plan_rows import OF_CELL, OF_LENGTH, OF_PLAN, Effect, Today, effect_of, kept_today, row_of_today, rows_of_plan
from cxgap.gaps.plan_table import SLUG, TITLE, plan_table
from cxgap.gaps.promises import AGAINST, MEASURED, lacks_last, read_promises
from cxgap.gaps.response_rows import CLASS
from cxgap.gaps.spared import spared
from cxgap.gaps.untold import unpromised
from cxgap.result import Table
from cxgap.stats.privacy import hide_also, too_few
from cxgap.stats.survival import FULFILLED, OPEN
from cxgap.tables.absent import absent
from cxgap.vocabulary import counted, percent

Effects = dict[tuple[tuple[str, str], ...], Effect]  # by the columns and levels of a cell

_MADE: Final = ("metric", "unit", "direction", "delivered", "promised", "promised_low", "promised_high", "open")
RELIABILITY: Final = (0.8, 0.9, 0.95, 0.99)
COLUMNS: Final = ("kind", *OF_PLAN, *OF_LENGTH, "length_low", "length_high", *OF_CELL, "unit", "flags")


@spared
def promise_plan(
    events: IntoFrame,
    promises: IntoFrame | None = None,
    *,
    by: str | Sequence[str] = "",
    reliability: float | Sequence[float] = RELIABILITY,
    response: Table | None = None,
    value: float | None = None,
    against: str = "first",
    weight_by: str = "event",
    step: float = 1,
    as_of: str | datetime | None = None,
    unit: str | None = None,
    zone: str = "UTC",
    min_n: int = 1,
    conf_level: float = 0.95,
) -> Table:
    """Find the shortest promise that would be kept as often as is asked, and what every other length would come to.

    Orders that are still open are neither left out nor taken for late: the Kaplan-Meier curve of the time since they were
    placed speaks for them, in which cancelling competes with delivering. Of orders that are not cancelled the share kept is
    told; `kept_all` has those that are cancelled in the whole. What is recommended is not the shortest promise that the data
    allow, but the shortest that is kept so often with confidence.

    Parameters
    ----------
    events : pandas, Polars, DuckDB, PyArrow or PySpark frame, one row an order
        Has `ordered_at` and `delivered_at` (null is not yet, or never), and where it has them `cancelled_at`, `status`,
        `promised_first`, `promised_last`, `customer_id`, `event_id` and `by`; or `delivered`, a number in the unit, with
        `open`, `cancelled` and `promised`
    promises : as in `communication_gap`; for how today's promises are kept
    by : columns whose combinations make the cells, such as the product or the region
    reliability : shares of promises that are to be kept, each in (0, 1)
    response : what `promise_response` returned of all orders, or by columns of `by`: adds the points of judgement that the
        delays under each length would go with, against orders that all come as promised
    value : what one point of one order is worth; adds its `cost`
    against : whose length and keeping are today's, the "first" or the "last" promise
    weight_by : "event" (each order weighs 1) or "customer"
    step : in which lengths are counted, in the unit; 0 is any. Whole days are days of the calendar: a promise of 2 days is kept
        on the second day after that of the order, to its end
    as_of : moment of the extract; the latest time on record if not given. What is recorded later had not happened then
    unit : by default that of `events`, else days
    zone : of times without an offset, and of days
    min_n : cells of fewer customers are blanked, and others that would tell them; so is `late_units` of fewer late customers
    conf_level : of intervals, two-sided, and of the promise, one-sided

    Returns
    -------
    Table "promise_plan". One row a cell and `kind`: "plan", for each `reliability` the `promise` to make (its share kept lies
    above that with confidence), the `shortest` length by the curve with `shortest_low` and `shortest_high` (where its band
    crosses), and `closed_only`, the quantile of delivered orders alone, which is too short while others are open; "curve", for
    lengths of promise; "current", of the promises made, with the middle `length` and the tenths `length_low`, `length_high`.
    Of a `length`: `kept` with `kept_low` and `kept_high`, `kept_all`, `late_units`, the mean units late of all orders, and
    where a response is given `points` and `cost` with ends. Of the cell: `n` orders that were not cancelled, `customers`,
    `open`, `cancelled`, `cancelled_share`. NaN with NOT_IDENTIFIED where orders were not followed so long.

    Raises
    ------
    ColumnError : a table lacks a column.
    ArgumentError : an argument or a column is not what it must be.

    References
    ----------
    Kaplan & Meier (1958), Journal of the American Statistical Association 53, 457-481. Aalen & Johansen (1978), Scandinavian
    Journal of Statistics 5, 141-150. Brookmeyer & Crowley (1982), Biometrics 38, 29-41 (intervals of quantiles).
    """
    names, conf_level, min_n = as_names(by), check_prob(conf_level, "conf_level"), check_count(min_n, "min_n")
    if clash := sorted({*COLUMNS, *MEASURED} & set(names)):
        raise ArgumentError(f"`by` must name columns that make groups, and none of the table's own, not {clash[0]!r}.")
    if ids := sorted(IDS & set(names)):
        raise ArgumentError(f"`by` must name columns that make groups, and {ids[0]!r} holds ids; cut by another.")
    check_choice(weight_by, "weight_by", WEIGHT_BY)
    check_choice(against, "against", AGAINST)
    levels = _levels(reliability)
    value = check_positive(value, "value")
    if isinstance(step, bool) or not isinstance(step, Real) or not 0 <= float(step) < np.inf:
        raise ArgumentError(f"`step` must be a number of 0 or more, not {step!r}.")
    promises = None if absent(promises) else promises
    if why := absent(events):
        return Table.not_measured(SLUG, TITLE, why)
    events, promises = in_utc(events), promises if promises is None else in_utc(promises)
    present = tally.columns_of(events, "events")
    for name in names:
        if name not in present:
            raise ColumnError.missing(name, "events", present)
    if why := lacks_leads(events):
        return Table.not_measured(SLUG, TITLE, why)
    if promises is not None:
        tally.require(promises, ["event_id", "made_at", "promised"], "promises")
    when = {"by": names, "against": against, "as_of": as_of, "zone": zone}
    leads = read_leads(events, promises, unit=unit, step=float(step), **when)
    if leads.orders.rows.empty:
        return Table.not_measured(SLUG, TITLE, "no order tells how long it took in this part of the study")
    effects = _effects(response, names, leads)
    today = _today(events, promises, leads, weight_by, conf_level, **when)
    frame = _frame(leads, names, levels, today, effects, value, float(step), weight_by, min_n, conf_level)
    return plan_table(
        frame, names, leads.unit, float(step), _notes(leads, weight_by, effects, as_of, min_n, conf_level), conf_level
    )


def _levels(reliability: object) -> list[float]:
    given = [reliability] if isinstance(reliability, Real) else reliability
    if not isinstance(given, Sequence) or isinstance(given, str) or not given:
        raise ArgumentError(f"`reliability` must be shares such as (0.9, 0.95), not {reliability!r}.")
    return sorted({check_prob(each, "reliability") for each in given})


def _effects(response: Table | None, names: Sequence[str], leads: Leads) -> Effects | None:
    """Return what delays go with in each cell of the response."""
    if response is None:
        return None
    if not isinstance(response, Table) or response.slug != "promise_response":
        raise ArgumentError(f"`response` must be what `cx.promise_response` returned, not {type(response).__name__}.")
    if response.missing:
        return None
    frame = response.frame
    keys = list(frame.columns[: list(frame.columns).index("measure")])
    if set(keys) - set(names):
        raise ArgumentError(
            f"`response` must be of all orders or by columns of `by`, and not by {sorted(set(keys) - set(names))}."
        )
    if (unit := str(frame["delay_unit"].iloc[0])) != leads.unit:
        raise ArgumentError(f"`response` must be in {leads.unit}, as the plan is, and not in {unit}.")
    classes = frame[frame["measure"] == CLASS]
    groups = classes.groupby(keys, sort=False) if keys else [((), classes)]
    found = {}
    for key, rows in groups:
        levels = key if isinstance(key, tuple) else (key,)
        if (effect := effect_of(rows.to_dict("records"))) is not None:
            found[tuple(zip(keys, map(str, levels), strict=True))] = effect
    return found


def _today(
    events: IntoFrame, promises: IntoFrame | None, leads: Leads, weight_by: str, conf_level: float, *,
    by: Sequence[str], against: str, **when: Any,
) -> dict[tuple[str, ...], Today]:  # fmt: skip
    """Return how the promises that were made are kept, by cell; none where nothing was promised."""
    if unpromised(events, (), ledger=promises is not None) or lacks_last(events, promises, against):
        return {}
    schema = nw.from_native(events).collect_schema()
    if leads.timed and (promises is not None or any(name in schema and schema[name].is_temporal() for name in (FIRST, LAST))):
        # As the lengths are: by times, where a promise of a date holds all its day, and not by what a study made of them.
        made = [name for name in schema if name in _MADE]
        events = nw.from_native(events).drop(made).to_native()
    read = read_promises(
        events, promises, by=by, against=against, tolerance=(0, 0), context=None, unit=None, known=True, **when
    )
    kept = keep(read, weight_by)
    told = settled(kept, lambda: [kept_today(cell, conf_level) for cell in kept])
    return dict(zip(_keys(read.cells, by), told, strict=True))


def _keys(cells: pd.DataFrame, names: Sequence[str]) -> list[tuple[str, ...]]:
    if not names:
        return [()] * len(cells)
    text = cells[list(names)].astype(object)
    return list(text.where(text.notna(), "(blank)").astype(str).itertuples(index=False, name=None))


def _frame(
    leads: Leads, names: Sequence[str], levels: Sequence[float], today: Mapping[tuple[str, ...], Today],
    effects: Effects | None, value: float | None, step: float, weight_by: str, min_n: int,
    conf_level: float,
) -> pd.DataFrame:  # fmt: skip
    """Plan every cell, and blank what must not be shown."""
    orders, cells = leads.orders, leads.orders.cells
    rows = orders.rows
    customer = rows["customer"].to_numpy()
    nobody = customer < 0
    alone = customer.max(initial=-1) + 1 + np.arange(len(rows))
    person, cell = np.where(nobody, alone, customer), rows["cell"].to_numpy()
    held = keep(orders, weight_by)
    people = np.array([each.customers for each in held], float)
    refuse_names(cells, names, people, min_n)
    pairs = np.unique(np.column_stack([cell, person]), axis=0)
    few = too_few(people, min_n)
    also = hide_also(few, people, lines_told(cells, pairs[:, 0], pairs[:, 1], names, min_n), min_n)
    keys, made = _keys(cells, names), []
    for place, (key, own) in enumerate(zip(keys, held, strict=True)):
        named = dict(zip(names, key, strict=True))
        if few[place] or also[place]:
            flag = "SUPPRESSED_PRIVACY" if few[place] else "SUPPRESSED_SECONDARY"
            made += [{**named, "kind": "plan", "reliability": level, "flags": flag} for level in levels]
            continue
        inside = cell == place
        weight = np.where(own.along.state != 2, rows["count"].to_numpy()[inside], 0.0)
        current = row_of_today(today.get(key), leads.promised[inside], weight)
        lengths = [current["length"]] if current else []
        block = rows_of_plan(
            own, levels, lengths, step=step, effect=_effect(effects, named), value=value, min_n=min_n, conf_level=conf_level
        )
        made += [{**named, **row} for row in [*block, *([current] if current else [])]]
    return pd.DataFrame(made).assign(unit=leads.unit).reindex(columns=[*names, *COLUMNS])


def _effect(effects: Effects | None, named: Mapping[str, str]) -> Effect | None:
    """Return the effect of the cell: that of the response's cell of the same keys."""
    cells = {} if effects is None else effects
    return next((effect for key, effect in cells.items() if all(named[name] == level for name, level in key)), None)


def _notes(leads: Leads, weight_by: str, effects: Effects | None, as_of: Any, min_n: int, conf_level: float) -> list[str]:
    rows = leads.orders.rows
    still = int(rows["count"].to_numpy()[rows["state"].to_numpy() == 0].sum())
    gone = int(rows["count"].to_numpy()[rows["state"].to_numpy() == 2].sum())
    notes = [
        f"The promise is the shortest of which the lower {percent(conf_level)} bound, one-sided, is kept as often as is asked. "
        f"Shares are of orders that are not cancelled; {WEIGHT_BY[weight_by].replace('promise', 'order')}.",
        "A longer promise is kept more often. What it costs in orders that are then not placed is not known here.",
        "Orders to come are taken to run as those on record did.",
    ]
    if leads.calendar:
        notes.append("Days are those of the calendar after the day of the order; a promise holds to the end of its day.")
    if still:
        notes.append(
            f"{counted(still, 'order')} {'was' if still == 1 else 'were'} still open, and count by the curve of those that "
            "were followed longer; delivered ones alone look too quick."
        )
    time, state, count = (rows[name].to_numpy() for name in ("delta", "state", "count"))
    longest = time[state == FULFILLED].max(initial=-np.inf)
    if beyond := int(count[(state == OPEN) & (time > longest)].sum()):
        notes.append(
            f"{counted(beyond, 'order')} {'has' if beyond == 1 else 'have'} been open for longer than any that came took. Mean "
            f"{leads.unit} late take them for as late as the longest is by now: if they never come, mark them as cancelled."
        )
    if gone:
        notes.append(f"{counted(gone, 'order')} {'was' if gone == 1 else 'were'} cancelled.")
    if effects:
        notes.append(
            "Points are what delays of such size go with, as the response has them; their ends are those of the response alone."
        )
    reasons = {reason: float(each.sum()) for reason, each in leads.orders.set_aside.items()}
    if as_of and (later := int(reasons.pop("future", 0.0))):
        notes.append(f"{counted(later, 'order')} {'was' if later == 1 else 'were'} placed after the moment asked for.")
    aside = sum(reasons.values()) + leads.undated
    if aside:
        notes.append(f"Set aside: {counted(int(aside), 'order')} told twice, without a time or with times that cannot be true.")
    if min_n > 1:
        notes.append(f"Cells of fewer than {min_n} customers are not shown.")
    return notes
