"""Rows of a comparison of before and after: of a survey, of a column of any log, or of how long things lasted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap.errors import ArgumentError, ColumnError, listed
from cxgap.gaps.clocks import end_of, local_times
from cxgap.gaps.contact_log import CUSTOMER, cells_of, customer_groups, known_flags
from cxgap.gaps.design import UNIT
from cxgap.gaps.scores import respondent_scores
from cxgap.gaps.treatment import Treatment, moment, must_be_known
from cxgap.stats.means import Codes, Design, Floats
from cxgap.tables.absent import absent
from cxgap.tables.catalog import RESPONSES, TABLES
from cxgap.vocabulary import counted

SIDES: Final = ("gap", "perception", "expectation")  # of a survey
CLOCKS: Final = ("at", "ordered_at", "started_at", "raised_at")
DURATIONS: Final = {"minutes": 60e6, "hours": 3_600e6, "days": 86_400e6}  # microseconds
PERIODS: Final = {"week": "W-SUN", "month": "M", "quarter": "Q"}
USUAL: Final = 0.99  # share of what ended that a horizon takes in


class Rows(NamedTuple):
    """Rows of all cells of `by`.

    Attributes
    ----------
    values : by measure, shape (rows,); of durations that are not over, how long they have been watched
    arm, period, unit, cell : codes; `period` counts from 0 in the order of `labels`
    group : code of the group by which treatment was given, or of `unit`; below 0 where it is not known
    groups : how many of those groups there are; 0 where treatment was not given by groups
    weight : of each
    labels, after : of each period, its name and whether it is before (0), after (1) or neither (-1)
    starts : of each treated arm, the first period after
    cells : one row a cell of `by`
    design, respondent : of a survey with weights, strata or clusters; else None
    unit_of : the unit of the values
    notes : what was left out
    people : what the independent units are called
    open : how many are not over
    horizon : up to which durations count; infinite where they count as they are
    """

    values: Mapping[str, Floats]
    arm: Codes
    period: Codes
    unit: Codes
    group: Codes
    groups: int
    cell: Codes
    weight: Floats
    labels: Sequence[str]
    after: np.ndarray
    starts: Sequence[int]
    cells: pd.DataFrame
    design: Design | None
    respondent: Codes | None
    unit_of: str
    notes: Sequence[str]
    people: str
    open: int = 0
    horizon: float = np.inf

    def only(self, inside: np.ndarray) -> Rows:
        """Return some of the rows."""
        parts = {name: getattr(self, name)[inside] for name in ("arm", "period", "unit", "group", "cell", "weight")}
        respondent = None if self.respondent is None else self.respondent[inside]
        values = {name: value[inside] for name, value in self.values.items()}
        return self._replace(values=values, respondent=respondent, **parts)


def survey_rows(
    responses: IntoFrame,
    treatment: Treatment,
    *,
    by: Sequence[str],
    period: str,
    unit: str,
    score: str,
    zone: str,
    design: Mapping[str, Any],
) -> Rows | str:
    """Score respondents in each arm and period; or say why that cannot be done.

    Parameters
    ----------
    period : "month", or a column whose values are periods, such as "wave"
    unit : the column whose values are independent; "" for the customer, or the respondent
    score, design : as in `customer_gap`
    """
    present = tally.columns_of(responses, "responses")
    frame: Any = responses
    name = period
    if period == "month":
        if "at" not in present:
            return "the survey does not say when it was answered; add a column 'at', or compare waves"
        name = "_month"
        native = nw.from_native(responses)
        frame = (
            native.with_columns(native["at"].dt.to_string("%Y-%m").alias(name))
            if isinstance(native, nw.DataFrame)
            else (native.with_columns(nw.col("at").dt.to_string("%Y-%m").alias(name)))
        )
        frame = frame.to_native()
    elif period not in present:
        return _lacks(period, "responses", present, f"the survey has no column {period!r}")
    person = CUSTOMER if CUSTOMER in present and not _blank(responses, CUSTOMER) else UNIT
    psu = design.get("psu") or (unit or person if unit in ("", UNIT, CUSTOMER) else None)
    extra = [unit] if unit and unit not in (UNIT, CUSTOMER, treatment.column, *by) else []
    keys = [*by, *([treatment.column] if treatment.column and treatment.column not in by else []), *extra, name]
    scores = respondent_scores(
        frame, start="expectation", end="perception", by=keys, score=score, importance=None, importance_kind="points",
        weight=design.get("weight"), stratum=design.get("stratum"), population=design.get("population"),
        margins=design.get("margins"), psu=None if psu == UNIT else psu,
    )  # fmt: skip
    told = scores.cells.iloc[scores.cell].reset_index(drop=True)
    arm = treatment.arms(told[treatment.column] if treatment.column else pd.Series(True, index=told.index))
    if treatment.column and (why := must_be_known(treatment, told[treatment.column])):
        return why
    levels = [level for level in told[name].cat.categories if (told[name] == level).any()]
    labels = [str(level) for level in levels]
    spans = _spans(responses, period) if period != "month" else {}
    starts: list[int] = []
    straddles: set[int] = set()
    for start in treatment.starts:
        begins = _first_period(start, labels, spans, period, zone)
        if isinstance(begins, str):
            return begins
        starts.append(begins[0])
        straddles |= set(begins[1])
    after = np.where(np.arange(len(labels)) >= min(starts), 1, 0)
    after[sorted(straddles)] = -1
    codes = told[name].cat.codes.to_numpy()
    place = {level: number for number, level in enumerate(levels)}
    number = np.array([place.get(level, -1) for level in told[name].cat.categories] or [0])
    of_period = np.where(codes >= 0, number[codes], -1)
    weight = scores.design.weight[scores.respondent]
    values = {"gap": scores.gap, "perception": scores.end, "expectation": scores.start}
    used = (arm >= 0) & (of_period >= 0) & np.isfinite(scores.gap) & (weight > 0)
    cell, cells = cells_of({each: told[each] for each in by}, len(told))
    grouping = unit if unit and unit not in (UNIT, CUSTOMER) else treatment.groups
    group, groups = _groups(told[grouping]) if grouping and grouping not in (UNIT, CUSTOMER) else (np.full(len(told), -1), 0)
    notes = (
        [f"{listed([labels[each] for each in sorted(straddles)])[1:-1]} lies on both sides of the date and is left out."]
        if (straddles)
        else []
    )
    bare = design.get("stratum") is None and design.get("population") is None and not design.get("margins")
    bare = bare and not design.get("psu")
    rows = Rows(
        values, arm, of_period, scores.design.psu[scores.respondent], group, groups, cell, weight, labels, after,
        starts, cells, None if bare else scores.design, None if bare else scores.respondent,
        "scale points", notes, "customer" if person == CUSTOMER else "respondent",
    )  # fmt: skip
    return rows.only(used)


def log_rows(
    frame: IntoFrame,
    treatment: Treatment,
    *,
    value: str | Sequence[str],
    by: Sequence[str],
    period: str,
    unit: str,
    clock: str,
    duration: str,
    horizon: float | None,
    customers: IntoFrame | None,
    as_of: str | None,
    zone: str,
    table: str = "frame",
) -> Rows | str:
    """Read a value of each row of a log, or how long each lasted; or say why that cannot be done."""
    present = tally.columns_of(frame, table)
    pair = list(value) if not isinstance(value, str) else []
    if pair and len(pair) != 2:
        raise ArgumentError(f'`value` must be a column, or two of times such as ("at", "resolved_at"), not {value!r}.')
    clock = clock or (pair[0] if pair else next((name for name in CLOCKS if name in present), ""))
    if not clock:
        return f"the table has no time; it needs a column such as {CLOCKS[0]!r}"
    for name in pair or [str(value)]:
        if name not in present:
            return _lacks(name, table, present, f"the table has no column {name!r}")
    others = [] if customers is None or absent(customers) else tally.columns_of(customers, "customers")
    wanted = list(dict.fromkeys([*by, *([treatment.column] if treatment.column else []), *([unit] if unit else [])]))
    for name in wanted:
        if name not in present and (name not in others or CUSTOMER not in present):
            raise ColumnError.missing(name, table, [*present, *others])
    if taken := [name for name in wanted if name in {clock, *pair, *([] if pair else [str(value)])}]:
        raise ArgumentError(
            f"`by`, `unit` and `treated` must name groups, or a column of true and false, not {taken[0]!r}, which is measured."
        )
    own = [name for name in wanted if name in present]
    person = CUSTOMER if CUSTOMER in present else ""
    schema = nw.from_native(frame).collect_schema()
    flag = not pair and schema[str(value)] == nw.Boolean
    keys = list(dict.fromkeys([*([person] if person else []), *own, *([str(value)] if flag else [])]))
    times = list(dict.fromkeys([clock, *pair]))
    numbers = [] if pair or flag else [str(value)]
    rows = tally.tally_times(frame, keys=keys, times=times, numbers=numbers, zone=zone, table=table)
    rows = rows.iloc[np.repeat(np.arange(len(rows)), rows["rows"].to_numpy(np.int64))].reset_index(drop=True)
    end = end_of(as_of, zone, float(rows[times].max().max()) if len(rows) else np.nan)
    missing = [name for name in wanted if name not in own]
    if missing and customers is not None:
        found = customer_groups(customers, missing)
        at = pd.Index(found[CUSTOMER].astype(object)).get_indexer(rows[CUSTOMER].astype(object))
        for name in missing:
            codes = np.append(found[name].cat.codes.to_numpy(), -1)[at]
            rows[name] = pd.Series(pd.Categorical.from_codes(codes, dtype=found[name].dtype))
    arm = treatment.arms(rows[treatment.column] if treatment.column else pd.Series(True, index=rows.index))
    if treatment.column and (why := must_be_known(treatment, rows[treatment.column])):
        return why
    over = np.ones(len(rows), bool)
    if pair:
        closed = rows[pair[1]].notna() & (rows[pair[1]] <= end)
        over = closed.to_numpy()
        value_of = (rows[pair[1]].where(closed, end) - rows[pair[0]]).to_numpy(float) / DURATIONS[duration]
        value_of = np.where(value_of >= 0, value_of, np.nan)
    else:
        value_of = known_flags(rows[str(value)], str(value), table) if flag else rows[str(value)].to_numpy(float)
    at_known = rows[clock].notna().to_numpy() & (rows[clock] <= end).to_numpy()
    used = at_known & np.isfinite(value_of) & (arm >= 0)
    if person:
        used &= rows[person].notna().to_numpy()
    left = int((~used & (rows[clock].fillna(-np.inf) <= end).to_numpy()).sum())
    rows, value_of, arm = rows[used].reset_index(drop=True), value_of[used], arm[used]
    if rows.empty:
        return "no row has a time, a value and a side"
    late, still, limit = 0, 0, np.inf
    if pair:
        value_of, stays, limit = _limited(value_of, over[used], rows[clock].to_numpy(float), end, horizon, duration)
        late, still = int((~stays).sum()), int((~over[used]).sum())
        rows, value_of, arm = rows[stays].reset_index(drop=True), value_of[stays], arm[stays]
        if rows.empty:
            return f"nothing could be watched for {limit:g} {duration}; set a shorter `horizon`"
    moments = [moment(start, zone) for start in treatment.starts]
    labels, of_period, after, starts = _periods(rows[clock].to_numpy(float), moments, period, zone)
    people = rows[person].cat.codes.to_numpy(np.int64) if person else np.arange(len(rows))
    grouping = unit if unit and unit != CUSTOMER else treatment.groups
    group, groups = _groups(rows[grouping]) if grouping and grouping != CUSTOMER else (np.full(len(rows), -1), 0)
    cell, cells = cells_of({name: rows[name] for name in by}, len(rows))
    notes = (
        [f"{counted(left, 'row')} without a time, a value or a side {'is' if left == 1 else 'are'} left out."] if left else []
    )
    if late:
        notes.append(
            f"{counted(late, 'row')} that began less than {limit:.3g} {duration} before the end of the data "
            f"{'is' if late == 1 else 'are'} left out, whether over or not: so long {'it' if late == 1 else 'they'} could not "
            "be watched."
        )
    what = duration if pair else "share" if flag else str(value).replace("_", " ")
    measure = f"time until {pair[1].removesuffix('_at').replace('_', ' ')}" if pair else str(value).replace("_", " ")
    return Rows(
        {measure: value_of}, arm, of_period, people, group, groups, cell, np.ones(len(rows)), labels, after, starts, cells,
        None, None, what, notes, "customer" if person else "row", still, limit,
    )  # fmt: skip


def _limited(
    value: Floats, over: np.ndarray, began: Floats, end: float, horizon: float | None, duration: str
) -> tuple[Floats, np.ndarray, float]:
    """Count durations up to a horizon, and leave out what could not be watched so long; return values, which stay, and it.

    Nothing that stays is then unknown: what is over, or not over, at the horizon is known of all of it.
    """
    if horizon is None and over.all():
        return value, np.ones(len(value), bool), np.inf
    limit = horizon or float(np.quantile(value[over], USUAL) if over.any() else value.max(initial=0.0))
    stays = (end - began) / DURATIONS[duration] >= limit
    return np.minimum(value, limit), stays | (over.all() & (horizon is None)), limit


def _lacks(name: str, table: str, present: Sequence[str], why: str) -> str:
    """Return why a column is not there that a table of cxgap may lack; any other is a slip.

    Raises
    ------
    ColumnError : no table of cxgap has such a column.
    """
    if name in {column for declared in (RESPONSES, *TABLES.values()) for column in declared.names}:
        return why
    raise ColumnError.missing(name, table, present)


def _groups(values: pd.Series) -> tuple[Codes, int]:
    codes = values.cat.codes.to_numpy(np.int64)
    return codes, len(np.unique(codes[codes >= 0]))


def _blank(frame: IntoFrame, name: str) -> bool:
    found = nw.from_native(frame).lazy().select(nw.col(name).is_null().sum().alias("blank")).collect()
    return int(found["blank"][0] or 0) > 0


def _spans(responses: IntoFrame, period: str) -> dict[str, tuple[float, float]]:
    """Return the first and the last moment of each period, where the survey says when it was answered."""
    if "at" not in tally.columns_of(responses):
        return {}
    counts = tally.tally_times(responses, keys=[period], times=["at"], table="responses").dropna(subset=["at"])
    found = counts.groupby(period, observed=True)["at"].agg(["min", "max"])
    return {str(level): (float(low), float(high)) for level, low, high in found.itertuples()}


def _first_period(
    start: str, labels: Sequence[str], spans: Mapping[str, tuple[float, float]], period: str, zone: str
) -> tuple[int, list[int]] | str:
    """Return the first period after a start, and those that lie on both sides of it; or why that is not known."""
    if start in labels:
        return labels.index(start), []
    at = moment(start, zone)
    if period == "month":
        month = pd.Timestamp(start).strftime("%Y-%m")
        astride = [place for place, label in enumerate(labels) if label == month and pd.Timestamp(start).day > 1]
        later = [place for place, label in enumerate(labels) if label >= month and place not in astride]
        return (later[0], astride) if later else "no answer came after that date"
    if not spans:
        return f"the survey does not say when it was answered; give `since` as one of {listed(labels)}"
    later = [place for place, label in enumerate(labels) if label in spans and spans[label][0] >= at]
    astride = [place for place, label in enumerate(labels) if label in spans and spans[label][0] < at <= spans[label][1]]
    return (min([*later, *astride]), astride) if later else "no answer came after that date"


def _periods(at: Floats, starts: Sequence[float], period: str, zone: str) -> tuple[list[str], Codes, np.ndarray, list[int]]:
    """Return the names of periods, that of each row, which are after the first start, and the first after each start.

    A period within which something started is two.
    """
    whole = pd.DatetimeIndex(local_times(at, zone)).to_period(PERIODS[period])
    step = np.searchsorted(np.sort(starts), at, side="right")
    texts = np.array([str(each).split("/")[0] for each in whole], object)
    named = pd.DataFrame({"whole": whole.astype("int64") if hasattr(whole, "astype") else whole, "step": step, "text": texts})
    unique = named.drop_duplicates(["whole", "step"]).sort_values(["whole", "step"]).reset_index(drop=True)
    twice = unique["text"].duplicated(keep=False)
    labels = [
        f"{text} ({'after' if step else 'before'})" if both else text
        for text, step, both in zip(unique["text"], unique["step"], twice, strict=True)
    ]
    place = {key: number for number, key in enumerate(zip(unique["whole"], unique["step"], strict=True))}
    code = np.array([place[key] for key in zip(named["whole"], named["step"], strict=True)], np.int64)
    first = [int(np.searchsorted(unique["step"].to_numpy(), number + 1)) for number in range(len(starts))]
    return labels, code, (unique["step"].to_numpy() > 0).astype(int), first
