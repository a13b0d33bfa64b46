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
from cxgap.errors import ColumnError
from cxgap.gaps.answer_delays import PLACE, TIMES, delays
from cxgap.gaps.lead_times import refuse_texts
from cxgap.gaps.moments import CUSTOMER, EVENT, FIRST, LAST
from cxgap.gaps.promises import Tolerance
from cxgap.gaps.told_answers import latest_order, plain, said_of_orders
from cxgap.gaps.whose_answers import customers_of, drawn_by_customer
from cxgap.stats.means import Codes, Design, Floats
from cxgap.vocabulary import counted

LINKS: Final = ("event_id", "latest")
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
    said, respondent, drawn = said_of_orders(responses, outcome, columns, at, zone, score, link, design)
    orders, told_twice = _orders(events if alone else _given(events), columns, said, zone)
    left = dict.fromkeys(("unlinked", "unknown", "twice", "impossible", "cancelled", "waiting", "later"), 0)
    if link == "latest":
        said = latest_order(said, orders, within)
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
    delay, kind, unit = delays(
        here, promises, against=against, tolerance=tolerance, context=context, step=step, as_of=as_of, unit=unit, zone=zone
    )
    for name in ("impossible", "cancelled", "waiting", "later"):
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


def _orders(events: IntoFrame, columns: Sequence[str], said: pd.DataFrame, zone: str) -> tuple[pd.DataFrame, set[Any]]:
    """Return one row an order, times in microseconds, and the orders that are told in more than one way."""
    schema = nw.from_native(events).collect_schema()
    times = [name for name in TIMES if name in schema and schema[name].is_temporal()]
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
    rows = rows.assign(**plain(rows, [*keys, *further])).drop(columns="rows")
    rows = rows[rows[EVENT].notna()]
    if timed:
        promised = rows[[name for name in (FIRST, LAST) if name in rows]].notna().any(axis=1)
    else:
        promised = rows[[name for name in numbers if name != "delivered"]].notna().any(axis=1)
    if "metric" in rows:  # of several quantities of an order, those that were promised
        rows = rows[promised | ~rows[EVENT].isin(rows.loc[promised, EVENT])]
    twice = set(rows.loc[rows[EVENT].duplicated(), EVENT])
    return rows[~rows[EVENT].isin(twice)].reset_index(drop=True), twice


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
        "later": "given, or about an order placed, after the moment asked for",
    }
    told = [f"{count:,} {words[name]}" for name, count in left.items() if count]
    notes = [f"Answers left out: {'; '.join(told)}."] if told else []
    if so_far:
        notes.append(
            f"{counted(so_far, 'answer')} {'was' if so_far == 1 else 'were'} given while the order was late and had not come; "
            f"{'it counts' if so_far == 1 else 'they count'} as late as it was by then."
        )
    return notes
