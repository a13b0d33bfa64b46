"""What customers said of an order beside how early or late it came: answers joined to the promises that they are about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap._check import check_choice
from cxgap.errors import ArgumentError, ColumnError
from cxgap.gaps.design import UNIT
from cxgap.gaps.lead_times import refuse_texts
from cxgap.gaps.moments import CUSTOMER, EVENT, FIRST, LAST, are_dates, end_of_day
from cxgap.gaps.promises import MEASURED, Tolerance, read_promises
from cxgap.gaps.scores import OCCASIONS, respondent_scores
from cxgap.gaps.whose_answers import customers_of, drawn_by_customer
from cxgap.stats.means import Codes, Design, Floats
from cxgap.stats.survival import CANCELLED, FULFILLED
from cxgap.vocabulary import counted

LINKS: Final = ("event_id", "latest")
DAY: Final = 86_400_000_000  # microseconds
PLACE: Final = "_answer"
_TIMES: Final = ("ordered_at", "delivered_at", "cancelled_at", "promised_from", FIRST, LAST)
_NUMBERS: Final = ("delivered", "promised", "promised_low", "promised_high")
_OF_EVENT: Final = ("status", "unit", "metric", "direction")


class Answered(NamedTuple):
    """Answers about orders whose delay is known; arrays have one entry an answer.

    Attributes
    ----------
    value : what was answered
    delay : units late, below 0 early, 0 on the promise or within the tolerance
    respondent : a position in the arrays of `design`
    customer : code
    design : how the respondents were drawn, customers being the sampling units unless another is named
    rows : columns of the answers and of their orders, for cells and covariates, shape (answers, ...)
    unit : of the delay
    notes : how many answers were left out, and why
    """

    value: Floats
    delay: Floats
    respondent: Codes
    customer: Codes
    design: Design
    rows: pd.DataFrame
    unit: str
    notes: tuple[str, ...]

    def part(self, chosen: np.ndarray) -> Answered:
        """Return some of the answers."""
        arrays = {name: getattr(self, name)[chosen] for name in ("value", "delay", "respondent", "customer")}
        return self._replace(rows=self.rows[chosen].reset_index(drop=True), **arrays)


def read_answered(
    responses: IntoFrame,
    events: IntoFrame,
    promises: IntoFrame | None,
    *,
    outcome: str,
    columns: Sequence[str],
    link: str,
    within: float,
    at: str,
    against: str,
    tolerance: Tolerance,
    context: str | None,
    step: float,
    as_of: str | datetime | None,
    unit: str | None,
    zone: str,
    score: str,
    **design: Any,
) -> Answered:
    """Join answers to orders; the parameters are those of `promise_response`, `columns` those of its `by` and `covariates`."""
    check_choice(link, "link", LINKS)
    alone = responses is events
    if alone:
        responses = events = _keyed(responses)
    said, respondent, drawn = _said(responses, outcome, columns, at, zone, score, link, design)
    orders, told_twice = _orders(events if alone else _given(events), columns, said, zone)
    left = dict.fromkeys(("unlinked", "unknown", "twice", "impossible", "cancelled", "waiting"), 0)
    if link == "latest":
        said = _latest(said, orders, within)
    said = said.assign(customer_=customers_of(said, orders, respondent))
    if not design.get("psu"):
        drawn = drawn_by_customer(drawn, respondent, said["customer_"].to_numpy(np.int64))
    told = said[EVENT].notna().to_numpy()
    left["unlinked"] = int((~told).sum())
    found = said[EVENT].isin(orders[EVENT]).to_numpy()
    contradicted = told & said[EVENT].isin(told_twice).to_numpy()
    left["twice"] = int(contradicted.sum())
    left["unknown"] = int((told & ~found & ~contradicted).sum())
    own = [name for name in said if name != EVENT]
    joined = said.merge(orders[[EVENT, *(name for name in orders if name not in own and name != EVENT)]], on=EVENT, how="left")
    joined = joined.assign(**{PLACE: np.arange(len(joined))})
    here = joined[found].reset_index(drop=True)
    delay, kind, unit = _delays(
        here, promises, against=against, tolerance=tolerance, context=context, step=step, as_of=as_of, unit=unit, zone=zone
    )
    for name in ("impossible", "cancelled", "waiting"):
        left[name] = int((kind == name).sum())
    left["unknown"] += int((kind == "unknown").sum())
    place, value = here[PLACE].to_numpy(np.int64), here["value_"].to_numpy(float)
    known = (kind == "") & np.isfinite(value) & (drawn.weight[respondent[place]] > 0)
    used = place[known]
    so_far = int((here["so_far_"].to_numpy(bool) & known).sum())
    return Answered(
        value=value[known],
        delay=delay[known],
        respondent=respondent[used],
        customer=here["customer_"].to_numpy(np.int64)[known],
        design=drawn,
        rows=here.loc[known, list(columns)].reset_index(drop=True),
        unit=unit,
        notes=tuple(_left_out(left, so_far, alone)),
    )


def _given(events: IntoFrame) -> IntoFrame:
    present = tally.columns_of(events, "events")
    if EVENT not in present:
        raise ColumnError.missing(EVENT, "events", present)
    return events


def _keyed(orders: IntoFrame) -> IntoFrame:
    """Number the orders of a table that has their answers too, where it does not name them."""
    if EVENT in tally.columns_of(orders, "events"):
        return orders
    rows = tally.rows_of(orders)
    return rows.assign(**{EVENT: [f"{number:09d}" for number in range(len(rows))]})


def _said(
    responses: IntoFrame,
    outcome: str,
    columns: Sequence[str],
    at: str,
    zone: str,
    score: str,
    link: str,
    design: dict[str, Any],
) -> tuple[pd.DataFrame, Codes, Design]:
    """Return one row an answer: what it is about, its value and its time; who gave it; and how these were drawn."""
    present = tally.columns_of(responses)
    needs = [EVENT] if link == "event_id" else [CUSTOMER, at]
    tally.require(responses, [*needs, outcome], "responses")
    tally.require_numbers(responses, [outcome], "responses")
    if UNIT not in present:  # a table of orders: each is drawn by itself, and customers are told apart below
        responses = (
            nw.from_native(responses).with_columns(nw.col(EVENT if EVENT in present else CUSTOMER).alias(UNIT)).to_native()
        )
    named = [name for name in (EVENT, CUSTOMER, *OCCASIONS) if name in present]
    own = [name for name in columns if name in present and name not in named]
    keys = list(dict.fromkeys([*(named if link == "event_id" else [name for name in named if name != EVENT]), *own]))
    if (timed := at in present) and not isinstance(nw.from_native(responses).collect_schema()[at], nw.Datetime | nw.Date):
        raise ArgumentError(f"`responses` must hold times in {at!r}; read the file with read_study.")
    if link == "latest":  # answers of several times are about several orders
        keys.append(at)
    scores = respondent_scores(
        responses, start=outcome, end=outcome, by=keys, score=score, importance=None, importance_kind="points",
        missing="half" if outcome == "perception" else "pairwise", **design,
    )  # fmt: skip
    cells = scores.cells.reset_index(drop=True)
    if timed and link != "latest":
        times = tally.tally_times(responses, keys=keys, times=[at], zone=zone, table="responses")
        when = times.assign(**_plain(times, keys)).groupby(keys, dropna=False, sort=False)[at].max().reset_index()
        when = when.assign(**_plain(when, keys)).rename(columns={at: "at_"})  # grouping makes numbers of what is all blank
        cells = cells.assign(**_plain(cells, keys)).merge(when, on=keys, how="left")
    else:
        cells = cells.assign(**_plain(cells, keys), at_=_micros(cells[at], zone) if timed else np.nan)
    at_ = cells["at_"].to_numpy(float)
    if timed and are_dates(at_, zone):
        cells["at_"] = end_of_day(at_, zone)
    said = cells.iloc[scores.cell].reset_index(drop=True).assign(value_=scores.performance)
    if EVENT not in said:
        said[EVENT] = None
    return said, scores.respondent, scores.design


def _micros(times: pd.Series, zone: str) -> pd.Series:
    """Return times in microseconds; those without an offset are of `zone`."""
    when = pd.to_datetime(times.astype(object))
    if when.dt.tz is None:
        when = when.dt.tz_localize(zone, ambiguous=np.ones(len(when), bool), nonexistent="shift_forward")
    return (when - pd.Timestamp(0, tz="UTC")) / pd.Timedelta(microseconds=1)


def _plain(frame: pd.DataFrame, names: Sequence[str]) -> dict[str, pd.Series]:
    """Return columns as objects, so that those of two tables can be compared."""
    return {name: frame[name].astype(object).where(frame[name].notna(), None) for name in names}


def _orders(events: IntoFrame, columns: Sequence[str], said: pd.DataFrame, zone: str) -> tuple[pd.DataFrame, set[Any]]:
    """Return one row an order, times in microseconds, and the orders that are told in more than one way."""
    schema = nw.from_native(events).collect_schema()
    times = [name for name in _TIMES if name in schema and schema[name].is_temporal()]
    timed = "delivered_at" in times and bool({FIRST, LAST} & set(times))
    if not timed and "delivered" not in schema:
        refuse_texts(schema)
    numbers = [] if timed else [name for name in (*_NUMBERS, FIRST, LAST) if name in schema and schema[name].is_numeric()]
    further = [name for name in columns if name in schema and name not in said]
    keys = [name for name in (EVENT, CUSTOMER, *(_OF_EVENT if not timed else ("status", "unit"))) if name in schema]
    marks = [name for name in ("open", "cancelled") if name in schema and schema[name] == nw.Boolean]
    if timed:
        marks = [name for name in marks if name == "cancelled" and "status" not in schema]
    rows = tally.tally_times(
        events, keys=list(dict.fromkeys([*keys, *further])), times=times, numbers=numbers, marks=marks, zone=zone
    )
    rows = rows.assign(**_plain(rows, [*keys, *further])).drop(columns="rows")
    rows = rows[rows[EVENT].notna()]
    if timed:
        promised = rows[[name for name in (FIRST, LAST) if name in rows]].notna().any(axis=1)
    else:
        promised = rows[[name for name in numbers if name != "delivered"]].notna().any(axis=1)
    if "metric" in rows:  # of several quantities of an order, those that were promised
        rows = rows[promised | ~rows[EVENT].isin(rows.loc[promised, EVENT])]
    twice = set(rows.loc[rows[EVENT].duplicated(), EVENT])
    return rows[~rows[EVENT].isin(twice)].reset_index(drop=True), twice


def _latest(said: pd.DataFrame, orders: pd.DataFrame, within: float) -> pd.DataFrame:
    """Name the order that a customer received last before each answer, at most `within` days before."""
    if CUSTOMER not in orders or "delivered_at" not in orders:
        lacking = CUSTOMER if CUSTOMER not in orders else "delivered_at"
        raise ColumnError.missing(lacking, "events", list(orders))
    done = orders[orders["delivered_at"].notna() & orders[CUSTOMER].notna()].sort_values("delivered_at", kind="stable")
    asked = said.assign(row_=np.arange(len(said)))
    asked = asked[asked["at_"].notna() & asked[CUSTOMER].notna()].sort_values("at_", kind="stable")
    found = pd.merge_asof(
        asked[["row_", "at_", CUSTOMER]].astype({CUSTOMER: str}),
        done[["delivered_at", CUSTOMER, EVENT]].astype({CUSTOMER: str}),
        left_on="at_", right_on="delivered_at", by=CUSTOMER, tolerance=within * DAY,
    )  # fmt: skip
    names = pd.Series(None, index=np.arange(len(said)), dtype=object)
    names.iloc[found["row_"].to_numpy(np.int64)] = found[EVENT].astype(object).where(found[EVENT].notna(), None).to_numpy()
    return said.assign(**{EVENT: names.to_numpy()})


def _delays(
    here: pd.DataFrame, promises: IntoFrame | None, *, step: float, zone: str, unit: str | None, **asked: Any
) -> tuple[Floats, np.ndarray, str]:
    """Return the delay of each answer, why it is left out ("" where it is not), and the unit; marks `so_far_` in `here`."""
    number = np.arange(len(here))
    kind, delay = np.full(len(here), "unknown", dtype=object), np.full(len(here), np.nan)
    here["so_far_"] = False
    if not len(here):
        return delay, kind, unit or "days"
    kept = [name for name in (*MEASURED, "status", "unit", "direction") if name in here]
    if context := asked["context"]:
        if context not in here:
            raise ColumnError.missing(context, "events", [name for name in here if not name.endswith("_")])
        kept.append(context)
    rows = here[list(dict.fromkeys(kept))].assign(**{EVENT: number})
    undone = np.zeros(len(here), bool)
    if "delivered_at" in rows:
        gone = rows["cancelled_at"].notna().to_numpy() if "cancelled_at" in rows else np.zeros(len(rows), bool)
        at = here["at_"].to_numpy(float)
        came = rows["delivered_at"].to_numpy(float)
        undone = ~gone & np.isfinite(at) & ~(came <= at)
        here["so_far_"] = undone
        rows["delivered_at"] = np.where(undone, at, came)
        times = [name for name in _TIMES if name in rows]
        rows = rows.assign(**{name: pd.to_datetime(rows[name], unit="us", utc=True) for name in times})
        if "cancelled" in rows:
            rows = rows.assign(status=np.where(rows.pop("cancelled").to_numpy(bool), "cancelled", ""))
    ledger = _ledger(promises, here)
    read = read_promises(rows, ledger, by=[EVENT], unit=unit, zone=zone, **asked)
    event = read.cells[EVENT].astype(np.int64).to_numpy()
    aside = sum(read.set_aside.values()) if read.set_aside else np.zeros(len(event))
    kind[event[np.asarray(aside) > 0]] = "impossible"
    place = event[read.rows["cell"].to_numpy(np.int64)]
    state, delta, early, late = (read.rows[name].to_numpy() for name in ("state", "delta", "early", "late"))
    kind[place] = np.where(state == FULFILLED, "", np.where(state == CANCELLED, "cancelled", "waiting"))
    on_time = (delta >= -early) & (delta <= late)
    whole = np.ceil(delta / step - 1e-9) * step if step else delta
    delay[place] = np.where(on_time, 0.0, whole) + 0.0
    kind = np.where(undone & (kind == "") & ~(delay > 0), "waiting", kind)
    return delay, kind, read.units[0]


def _ledger(promises: IntoFrame | None, here: pd.DataFrame) -> pd.DataFrame | None:
    """Return the promises of the orders that are answered about, by the number of the answer."""
    if promises is None:
        return None
    rows = tally.rows_of(promises)
    tally.require(rows, [EVENT], "promises")
    number = pd.DataFrame({EVENT: here[EVENT].astype(str), PLACE: np.arange(len(here))})
    told = rows.assign(**{EVENT: rows[EVENT].astype(str)}).merge(number, on=EVENT)
    return told.drop(columns=EVENT).rename(columns={PLACE: EVENT})


def _left_out(left: dict[str, int], so_far: int, alone: bool) -> list[str]:
    """Say how many answers are left out, and why."""
    words = {
        "unlinked": "about no order",
        "unknown": "about an order without a promise"
        if alone
        else "about an order that events, or their promises, do not have",
        "twice": "about an order that events tell of in more than one way",
        "impossible": "about an order whose times cannot be true",
        "cancelled": "about an order that was cancelled",
        "waiting": "about an order that had not come, nor was known to be late",
    }
    told = [f"{count:,} {words[name]}" for name, count in left.items() if count]
    notes = [f"Answers left out: {'; '.join(told)}."] if told else []
    if so_far:
        notes.append(
            f"{counted(so_far, 'answer')} {'was' if so_far == 1 else 'were'} given while the order was late and had not come; "
            f"{'it counts' if so_far == 1 else 'they count'} as late as it was by then."
        )
    return notes
