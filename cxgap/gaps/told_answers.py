"""What was answered about orders, by whom and when, and which order the latest one was."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap.errors import ArgumentError, ColumnError
from cxgap.gaps.answer_delays import DAY
from cxgap.gaps.clocks import moments
from cxgap.gaps.design import UNIT
from cxgap.gaps.moments import CUSTOMER, EVENT, are_dates, end_of_day
from cxgap.gaps.scores import OCCASIONS, respondent_scores
from cxgap.stats.means import Codes, Design
from cxgap.tables.schema import NO_ANSWER

_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def said_of_orders(
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
    responses = _numbers(responses, outcome)
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
    try:
        scores = respondent_scores(
            responses, start=outcome, end=outcome, by=keys, score=score, importance=None, importance_kind="points",
            missing="half" if outcome == "perception" else "pairwise", **design,
        )  # fmt: skip
    except ArgumentError as error:
        if UNIT in present or f"{UNIT!r} in every row" not in str(error):
            raise
        raise ArgumentError(
            f"`responses` must have {EVENT!r} in every row, as nothing else says whose answer it is; some rows have none. "
            "Where each row is another order, leave the column out."
        ) from None
    cells = scores.cells.reset_index(drop=True)
    if timed and link != "latest":
        times = tally.tally_times(responses, keys=keys, times=[at], zone=zone, table="responses")
        when = times.assign(**plain(times, keys)).groupby(keys, dropna=False, sort=False)[at].max().reset_index()
        when = when.assign(**plain(when, keys)).rename(columns={at: "at_"})  # grouping makes numbers of what is all blank
        cells = cells.assign(**plain(cells, keys)).merge(when, on=keys, how="left")
    else:
        cells = cells.assign(**plain(cells, keys), at_=_micros(cells[at], zone) if timed else np.nan)
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
    return pd.Series(moments(when), when.index)


def plain(frame: pd.DataFrame, names: Sequence[str]) -> dict[str, pd.Series]:
    """Return columns as objects, so that those of two tables can be compared."""
    return {name: frame[name].astype(object).where(frame[name].notna(), None) for name in names}


def latest_order(said: pd.DataFrame, orders: pd.DataFrame, within: float) -> pd.DataFrame:
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


def is_number(text: str) -> bool:
    """Say whether a text is a number as a program writes it."""
    return _NUMBER.fullmatch(text.strip()) is not None


def _numbers(responses: IntoFrame, outcome: str) -> IntoFrame:
    """Return the answers with numbers as `outcome`: a study leaves what it does not know of a table as text."""
    frame = nw.from_native(responses)
    if frame.collect_schema()[outcome] not in (nw.String, nw.Categorical, nw.Object):
        tally.require_numbers(responses, [outcome], "responses")
        return responses
    if isinstance(responses, pd.DataFrame):
        values = responses[outcome].astype(object)
        text = values.where(values.notna(), "").astype(str).str.strip()
        words = [str(word) for word in text.unique()]
    else:
        words = [str(word) for word in tally.tally_distinct(responses, [outcome])[outcome].dropna()]
    told = [word for word in words if word.strip().casefold() not in NO_ANSWER]
    if strange := next((word for word in told if not is_number(word)), None):
        raise ArgumentError(
            f"`responses` must hold numbers in {outcome!r}, not {strange!r}; write the number alone, such as 5."
        )
    if isinstance(responses, pd.DataFrame):
        return responses.assign(**{outcome: pd.to_numeric(text.where(text.isin(told), None)).astype(float)})
    column = nw.col(outcome).cast(nw.String)
    numbers = nw.when(column.is_in(told)).then(column.str.strip_chars()).otherwise(None).cast(nw.Float64)
    return frame.with_columns(numbers.alias(outcome)).to_native()
