"""Events beside the standards that hold for them, cell by cell."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Real
from typing import NamedTuple

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap._check import as_names
from cxgap.errors import ArgumentError, ColumnError
from cxgap.gaps.deliveries import CUSTOMER, EVENT, Deliveries, deliveries, gathered
from cxgap.result import COLUMNS
from cxgap.stats.means import Floats, sum_by
from cxgap.tally import Classes, classes, columns_of, require, tally_distinct, tally_values

LOWER, HIGHER = "lower", "higher"
SURVEYED = "scale points"  # a standard in them is for the gaps of the survey
FACTS = ("standard", "direction", "metric_unit", "margin", "target", "owner", "review")
PLACE = ("touchpoint", "metric")
CUSTOMER_ID = "customer_id"


class Measured(NamedTuple):
    """The deliveries of each cell beside their standard.

    Attributes
    ----------
    given : deliveries
    cells : one row a cell: keys, `metric`, `standard`, `direction`, `metric_unit`, `margin`, `target`, `owner`, `review`
    cancelled : events of each cell that were, shape (cells,)
    lower : whether lower is better, shape (cells,)
    counts : what a unit is, "customer" or "event"
    """

    given: Deliveries
    cells: pd.DataFrame
    cancelled: Floats
    lower: np.ndarray
    counts: str

    @property
    def standard(self) -> Floats:
        """The standard of each cell, NaN where none exists."""
        return self.cells["standard"].to_numpy(float)


def groups(by: str | Sequence[str]) -> tuple[str, ...]:
    """Return the names in `by`; none may be what the events hold or the result calls its own."""
    names = as_names(by)
    forbidden = sorted({"metric", "delivered", "customer_id", "open", "cancelled", *COLUMNS, *FACTS} & set(names))
    if forbidden:
        raise ArgumentError(f"`by` must name columns that make groups, and none of the result's own, not {forbidden[0]!r}.")
    return names


def measure(events: IntoFrame, standards: IntoFrame, *, by: tuple[str, ...], weight_by: str) -> Measured:
    """Count the events of each cell and metric, and find the standard of each.

    Raises
    ------
    ColumnError, ArgumentError : as in `delivery_gap`.
    """
    asked = _standards(standards, by)
    tallied, counts, held = _tallied(events, asked, by)
    keys = [*by, "metric"]
    parts = list(dict.fromkeys([*by, *PLACE, *(["unit"] if "unit" in tallied else [])]))
    part = tallied.groupby(parts, observed=True, dropna=False).ngroup().to_numpy(np.int64)
    first = np.unique(part, return_index=True)[1]
    matched = _matched(tallied[parts].iloc[first].reset_index(drop=True), asked, by)
    table = pd.concat([matched, _unmet(asked, matched, by)], ignore_index=True)
    for name in keys:
        table[name] = _ordered(table[name], tallied[name], asked.get(name))
    grouped = table.groupby(keys, observed=True, dropna=False, sort=True)
    place, cells = grouped.ngroup().to_numpy(np.int64), grouped.ngroups
    facts = table.iloc[np.unique(place, return_index=True)[1]].reset_index(drop=True)

    cell, number = place[part], tallied["count"].to_numpy(float)
    gone = tallied["cancelled"].to_numpy(bool)
    usable = ~gone & tallied["value"].notna().to_numpy()
    if held is None:
        given = deliveries(tallied[usable], cell[usable], cells, weight_by=weight_by)
    else:
        given = gathered(held._replace(frame=tallied), np.where(usable, cell, -1), cells, weight_by=weight_by)
    return Measured(
        given,
        facts[[*keys, *FACTS]],
        sum_by(cell, cells, number * gone),
        facts["direction"].eq(LOWER).to_numpy(bool),
        counts,
    )


def exposed_lines(found: Measured, by: Sequence[str], min_n: int) -> list[np.ndarray]:
    """List the lines of the table in which a hidden cell could be told by subtraction: (nearly) everybody is in one cell."""
    if min_n == 1:
        return []
    lines = []
    for name in by:
        rest = [other for other in (*by, "metric") if other != name]
        line = found.cells.groupby(rest, observed=True, dropna=False).ngroup().to_numpy()
        spare = found.given.spare(line, line.max() + 1)
        lines += [np.flatnonzero(line == number) for number in np.flatnonzero(spare < min_n)]
    return lines


def _tallied(events: IntoFrame, asked: pd.DataFrame, by: tuple[str, ...]) -> tuple[pd.DataFrame, str, Classes | None]:
    """Count the events of each value, with every column that a cell or a customer needs; say what is counted.

    Where an engine holds many events, they are counted in classes, and nothing is said of customers.
    """
    columns = columns_of(events)
    if "touchpoint" not in columns and len(set(asked["touchpoint"])) > 1:
        raise ColumnError.missing("touchpoint", "events", [name for name in columns if name not in by])
    metrics = asked.groupby("touchpoint", observed=True)["metric"].nunique()
    if "metric" not in columns and (metrics > 1).any():
        raise ColumnError.missing("metric", "events", [name for name in columns if name not in by])
    named = [name for name in (*PLACE, "unit", "open", "cancelled") if name in columns]
    keys, customer = list(dict.fromkeys([*by, *named])), [CUSTOMER_ID] if CUSTOMER_ID in columns else []
    held = classes(events, keys=keys, numbers=["delivered"], unit=CUSTOMER_ID if customer else None)
    if held is None:
        tallied = tally_values(events, "delivered", keys=[*keys, *customer])
    else:
        tallied = held.frame.rename(columns={"delivered": "value"})
    for name in ("open", "cancelled"):
        marks = list(tallied[name].cat.categories) if name in tallied else []
        if not all(isinstance(mark, bool | np.bool_) for mark in marks):
            raise ArgumentError(f"`events` must hold true or false in {name!r}, not {marks[0]!r}.")
        tallied[name] = tallied[name].astype(object).map(bool, na_action="ignore").eq(True) if marks else False
    if "touchpoint" not in tallied:
        tallied["touchpoint"] = asked["touchpoint"].iloc[0] if len(asked) else None
    if "metric" not in tallied:
        only = dict(zip(asked["touchpoint"].astype(object), asked["metric"].astype(object), strict=True))
        tallied["metric"] = tallied["touchpoint"].astype(object).map(only)
    if customer:
        return tallied, CUSTOMER, held
    return tallied.assign(customer_id=pd.Categorical([None] * len(tallied))), EVENT, held


def _standards(standards: IntoFrame, by: tuple[str, ...]) -> pd.DataFrame:
    """Read the standards that are for this gap, one row each, with every column of `FACTS`."""
    needed = ["touchpoint", "metric", "unit", "direction", "standard"]
    require(standards, needed, "standards")
    columns = columns_of(standards)
    further = [name for name in ("exists", "basis", "margin", "target", "owner", "review", *by) if name in columns]
    asked = tally_distinct(standards, list(dict.fromkeys([*needed, *further])))
    order = {name: asked[name].cat.categories for name in (*PLACE, *by) if name in asked}
    asked = asked.astype(object).where(asked.notna(), None)
    surveyed = (asked["unit"] == SURVEYED) | (asked["basis"].eq("survey") if "basis" in asked else False)
    asked = asked[~surveyed & asked["metric"].notna()].reset_index(drop=True)
    for name in ("standard", "margin", "target"):
        asked[name] = _numbers(asked[name], name) if name in asked else np.nan
    if "exists" in asked:
        asked.loc[[value is not None and not value for value in asked["exists"]], "standard"] = np.nan
    wrong = [value for value in asked["direction"] if value is not None and value not in (LOWER, HIGHER)]
    if wrong:
        raise ArgumentError.choice("direction", wrong[0], (LOWER, HIGHER))
    lost = asked["standard"].notna() & asked["direction"].isna()
    if lost.any():
        raise ArgumentError(
            f"`standards` must say in 'direction' whether lower or higher is better; {_first(asked[lost])} does not."
        )
    where = _where(asked, by)
    twice = asked.duplicated(where)
    if twice.any():
        raise ArgumentError(
            f"`standards` must have one standard for each {' and '.join(where)}; {_first(asked[twice])} has several. "
            "If they hold in different cells, name the column that tells them apart in `by`."
        )
    texts = {name: asked.get(name) for name in ("owner", "review")}
    asked = asked.assign(
        metric_unit=asked["unit"].map(lambda unit: unit or ""), direction=asked["direction"].fillna(""), **texts
    )
    asked["review"] = _times(asked["review"], "review")
    for name, levels in order.items():
        asked[name] = pd.Categorical(asked[name], categories=levels, ordered=True)
    return asked[[*dict.fromkeys([*where, *FACTS])]]


def _matched(parts: pd.DataFrame, asked: pd.DataFrame, by: tuple[str, ...]) -> pd.DataFrame:
    """Give each part of the events the facts of its standard; `_standard` is its position, or -1."""
    on = _where(asked, by)
    parts = parts.assign(**{name: parts[name].astype(object).where(parts[name].notna(), None) for name in parts})
    facts = asked.assign(**{name: asked[name].astype(object) for name in on}, _standard=np.arange(len(asked)))
    matched = parts.merge(facts, on=on, how="left")
    matched["_standard"] = matched["_standard"].fillna(-1).astype(np.int64)
    if "unit" in matched:
        mixed = matched["unit"].notna() & (matched["_standard"] >= 0) & (matched["unit"] != matched["metric_unit"])
        if mixed.any():
            row = matched[mixed].iloc[0]
            raise ArgumentError(
                f"`events` must be in the unit of the standard; {row['metric']!r} is in {row['unit']!r} there and in "
                f"{row['metric_unit']!r} in `standards`."
            )
        matched["metric_unit"] = matched["metric_unit"].fillna(matched["unit"])
    for name in ("direction", "metric_unit", "owner"):
        matched[name] = matched[name].where(matched[name].notna(), "")
    held = matched[["standard", "direction", "metric_unit"]].astype(object)
    held = pd.Series(list(held.where(held.notna(), None).itertuples(index=False, name=None)), dtype=object)
    for key, rows in held.groupby([matched[name] for name in (*by, "metric")], dropna=False):
        if len(set(rows)) > 1:
            raise ArgumentError(
                f"`by` must tell apart what has different standards; {key[-1]!r} has several in one cell. "
                "Add 'touchpoint', or the column by which the standards differ."
            )
    return matched


def _unmet(asked: pd.DataFrame, matched: pd.DataFrame, by: tuple[str, ...]) -> pd.DataFrame:
    """Return the standards without a single event; those whose cell cannot be named, or has other events, are left out."""
    keys = [*by, "metric"]
    if any(name not in asked for name in by):
        return asked.iloc[:0]
    missed = asked[~np.isin(np.arange(len(asked)), matched["_standard"])].astype(dict.fromkeys(keys, object))
    seen = set(matched[keys].itertuples(index=False, name=None))
    return missed[[key not in seen for key in missed[keys].itertuples(index=False, name=None)]]


def _ordered(values: pd.Series, *known: pd.Series | None) -> pd.Series:
    """Make a key ordered: as the events or the standards order it, whichever knows all its values, else sorted."""
    orders = [list(one.cat.categories) for one in known if one is not None and isinstance(one.dtype, pd.CategoricalDtype)]
    present = set(values.dropna())
    order = next((levels for levels in orders if present <= set(levels)), None)
    if order is None:
        order = sorted(present, key=lambda value: (str(type(value)), value))
    return pd.Series(pd.Categorical(values, categories=order, ordered=True), index=values.index)


def _where(asked: pd.DataFrame, by: Sequence[str]) -> list[str]:
    return [*PLACE, *(name for name in by if name in asked and name not in PLACE)]


def _numbers(values: pd.Series, name: str) -> Floats:
    try:
        return values.to_numpy(float, na_value=np.nan)
    except (TypeError, ValueError):
        raise ArgumentError(f"`standards` must hold numbers in {name!r}; it holds text.") from None


def _times(values: pd.Series, name: str) -> pd.Series:
    texts = values.map(lambda value: str(value) if isinstance(value, Real) else value)
    found = pd.to_datetime(texts, utc=True, format="ISO8601", errors="coerce")
    lost = found.isna() & values.notna()
    if lost.any():
        raise ArgumentError(
            f'`standards` must hold ISO 8601 dates such as "2026-03-31" in {name!r}, not {values[lost].iloc[0]!r}.'
        )
    return found


def _first(rows: pd.DataFrame) -> str:
    return " at ".join(repr(value) for value in rows[["metric", "touchpoint"]].iloc[0])
