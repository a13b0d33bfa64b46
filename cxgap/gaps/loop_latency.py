"""How long from a bad answer until somebody comes back to the customer, and from what was said until something is done."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap._check import as_names, check_count, check_positives, check_prob, check_scale, check_zone
from cxgap.errors import ArgumentError, ColumnError
from cxgap.gaps.actions import read_actions
from cxgap.gaps.asking import check_expectation_type, margin_of
from cxgap.gaps.contact_log import AT, CUSTOMER, DAY, cells_of
from cxgap.gaps.judge import line_of, refuse_names
from cxgap.gaps.margins import Margins
from cxgap.gaps.spared import spared
from cxgap.result import Table
from cxgap.stats.means import Codes, Floats
from cxgap.stats.privacy import hide_also, too_few
from cxgap.stats.survival import (
    FULFILLED,
    OPEN,
    count_times,
    followed,
    kaplan_meier,
    log_log_interval,
    process,
    quantile,
    survival_at,
)  # fmt: skip
from cxgap.tables.absent import absent
from cxgap.tables.restrict import Scope
from cxgap.vocabulary import NOT_SHOWN, percent, plain

SLUG, TITLE = "loop_latency", "How fast the loop is closed"
OURS, ANY, DECIDED, DONE = "we contacted the customer", "any contact with the customer", "action decided", "action done"
OWN: Final = (
    "loop", "measure", "after", "n", "starts", "open", "estimate", "std_error", "conf_low", "conf_high", "unit", "flags",
)  # fmt: skip
CONTACTED: Final = "contacted"  # the arm of outreach that was
UNIT: Final = "respondent_id"


@spared
def loop_latency(
    responses: IntoFrame,
    contacts: IntoFrame | None = None,
    *,
    outreach: IntoFrame | None = None,
    actions: IntoFrame | None = None,
    outcome: str | None = None,
    cut: float | None = None,
    within: Sequence[float] = (2.0, 7.0, 30.0),
    within_outer: Sequence[float] = (30.0, 90.0),
    by: str | Sequence[str] = "",
    weight: str | None = None,
    stratum: str | None = None,
    psu: str | None = None,
    population: str | None = None,
    margins: Margins | None = None,
    scale: Sequence[float] | None = None,
    expectation_type: str | None = None,
    margin: float | None = None,
    as_of: str | None = None,
    zone: str = "UTC",
    min_n: int = 1,
    conf_level: float = 0.95,
    confirmatory: str | Collection[str] = (),
) -> Table:
    """Measure how long customers who answered badly waited until somebody came back to them.

    The inner loop runs from a bad answer to the next time the company contacted the customer (outreach), or that there was any
    contact (the log does not say who began it). The outer loop runs from what was raised to its decision and its end. What is
    still open is watched until the end of the data: leaving it out would make the loop look fast.

    Parameters
    ----------
    responses : pandas, Polars, DuckDB, PyArrow or PySpark frame with `respondent_id`, `customer_id` and `at`
    contacts : rows with `customer_id` and `at`
    outreach : rows with `customer_id`, `at` and `arm`, of which "contacted" counts
    actions : the register, as for `actions`; its outer loop is told in the same table
    outcome, cut : column of an overall judgement and the highest answer that is a bad one, such as "recommend" and 6; without
        them an answer is bad where the mean gap of its ratings is below minus `margin`
    within, within_outer : days within which the share closed is told
    by : columns of responses whose combinations make the cells of the inner loop
    weight, stratum, psu, population, margins, expectation_type, confirmatory : accepted with the rest of a study's design;
        customers count alike
    scale, margin : of ratings; the margin is 5 % of the scale's range if left out
    as_of : leave out what came later; if left out, the data end with the latest time of any table
    zone : of times without an offset
    min_n : least number of customers of a row; smaller ones are hidden
    conf_level : two-sided, in (0, 1)

    Returns
    -------
    Table "loop_latency", one row a loop, cell and measure: the keys, `loop`, `measure` ("closed within" or "median"), `after`
    days, `n` customers (or actions), `starts` (bad answers or actions), `open` at the end, `estimate` (a share, or days),
    `std_error`, `conf_low`, `conf_high`, `unit` and `flags`. A median is NaN where the curve does not reach it.

    Raises
    ------
    ColumnError : a table lacks a column.
    ArgumentError : an argument is not what it must be.

    References
    ----------
    Kaplan & Meier (1958), Journal of the American Statistical Association 53, 457-481. Williams (1995), Biometrics 51,
    1100-1107. Brookmeyer & Crowley (1982), Biometrics 38, 29-41.
    """
    names, min_n, conf_level = as_names(by), check_count(min_n, "min_n"), check_prob(conf_level, "conf_level")
    check_expectation_type(expectation_type)
    check_zone(zone, "zone")
    within, within_outer = check_positives(within, "within"), check_positives(within_outer, "within_outer")
    if (outcome is None) != (cut is None):
        raise ArgumentError('`outcome` and `cut` must be given together, such as outcome="recommend", cut=6.')
    if clash := sorted({*OWN, CUSTOMER, UNIT, AT} & set(names)):
        raise ArgumentError(f"`by` must name columns that make groups, and none of the table's own, not {clash[0]!r}.")
    limit = margin_of(margin, check_scale(scale))
    tables = {OURS: outreach, ANY: contacts}
    given = {loop: table for loop, table in tables.items() if table is not None and not absent(table)}
    register = None if actions is None or absent(actions) else read_actions(actions, zone=zone)
    why = absent(responses) or _untold(responses, outcome, limit)
    if not why and not given:
        why = absent(outreach) if outreach is not None else absent(contacts)
    if why and register is None:
        return Table.not_measured(SLUG, TITLE, why)
    parts, notes, last = [], [], 0.0
    if not why:
        bad = _bad(responses, names, outcome, cut, limit, zone)
        touched = {loop: _touches(table, loop, zone) for loop, table in given.items()}
        end = _end(as_of, zone, [bad["end"].max(), *(each[AT].max() for each in touched.values())])
        bad, last = bad[bad[AT] <= end].reset_index(drop=True), end
        if bad.empty:
            why = "nobody answered badly in this part of the study"
        else:
            cell, cells = cells_of({name: bad[name] for name in names}, len(bad))
            for loop, touches in touched.items():
                parts.append(_inner(bad, touches[touches[AT] <= end], loop, cell, cells, names, within, end, min_n, conf_level))
            trigger = f"{outcome} of {cut:g} or less" if outcome else f"a mean gap below −{limit:g}"
            notes.append(f"A bad answer: {trigger}. A customer with several counts once, with all of them.")
            if ANY in touched:
                notes.append("Any contact: the log of contacts does not say who began it, or what it was about.")
    if why:
        notes.append(f"Not measured: the inner loop; {why}.")
    if register is not None:
        parts += _outer(register, within_outer, as_of, zone, last, conf_level, names)
    found = [part for part in parts if len(part)]
    if not found:
        return Table.not_measured(SLUG, TITLE, why or "no action says when it was raised")
    frame = pd.concat(found, ignore_index=True)[[*names, *OWN]]
    return _table(frame, names, notes, min_n, conf_level)


def _untold(responses: IntoFrame, outcome: str | None, limit: float | None) -> str:
    """Return why the survey does not tell of bad answers."""
    present = tally.columns_of(responses, "responses")
    for name in (CUSTOMER, AT):
        if name not in present:
            return f"the survey has no column {name!r}"
    if outcome is not None and outcome not in present:
        raise ColumnError.missing(outcome, "responses", present)
    if outcome is None and limit is None:
        raise ArgumentError("`margin` or `scale` must be given, to say which gap is a bad answer; or `outcome` and `cut`.")
    return ""


def _bad(
    responses: IntoFrame, names: Sequence[str], outcome: str | None, cut: float | None, limit: float | None, zone: str
) -> pd.DataFrame:
    """Return one row a bad answer of a respondent: the customer, when it came, and the keys."""
    numbers = [outcome] if outcome else ["expectation", "perception"]
    keys = list(dict.fromkeys([UNIT, CUSTOMER, *names]))
    tally.require(responses, [*keys, *numbers], "responses")
    rows = tally.tally_times(responses, keys=keys, times=[AT], numbers=numbers, zone=zone, table="responses")
    end = float(rows[AT].max()) if len(rows) else np.nan
    value = rows[outcome] if outcome else rows["perception"] - rows["expectation"]
    known = value.notna() & rows[AT].notna() & rows[CUSTOMER].notna() & rows[UNIT].notna()
    rows = rows.assign(value=value * rows["rows"])[known]
    grouped = rows.groupby(keys, observed=True, dropna=False, sort=True)
    answers = grouped.agg(value=("value", "sum"), rows=("rows", "sum"), at=(AT, "max")).reset_index()
    mean = answers["value"] / answers["rows"]
    is_bad = mean <= cut if outcome else mean < -(limit or 0.0) - 1e-12
    return answers[is_bad].assign(end=end).reset_index(drop=True)


def _touches(table: IntoFrame, loop: str, zone: str) -> pd.DataFrame:
    """Return when customers were contacted."""
    name = "outreach" if loop == OURS else "contacts"
    arm = ["arm"] if loop == OURS else []
    tally.require(table, [CUSTOMER, AT, *arm], name)
    rows = tally.tally_times(table, keys=[CUSTOMER, *arm], times=[AT], zone=zone, table=name).dropna(subset=[CUSTOMER, AT])
    if arm:
        rows = rows[rows["arm"].astype(object) == CONTACTED]
    return rows.assign(name=rows[CUSTOMER].astype(object).astype(str))[["name", AT]]


def _end(as_of: str | None, zone: str, last: Sequence[float]) -> float:
    cutoff = Scope.of(None, as_of or "", zone).cutoff
    if cutoff is not None:
        return float((cutoff - pd.Timestamp(0, tz="UTC")) / pd.Timedelta(microseconds=1)) - 1
    return float(np.nanmax(np.array([*last, 0.0], float)))


def _inner(
    bad: pd.DataFrame, touches: pd.DataFrame, loop: str, cell: Codes, cells: pd.DataFrame, names: Sequence[str],
    within: Sequence[float], end: float, min_n: int, conf_level: float,
) -> pd.DataFrame:  # fmt: skip
    """Estimate the curve of each cell."""
    asked = bad[CUSTOMER].astype(object).astype(str)
    left = pd.DataFrame({"name": asked.to_numpy(), AT: bad[AT].to_numpy(), "place": np.arange(len(bad))}).sort_values(AT)
    right = touches.rename(columns={AT: "touched"}).sort_values("touched")
    joined = pd.merge_asof(
        left, right, left_on=AT, right_on="touched", by="name", direction="forward", allow_exact_matches=True
    ).sort_values("place")
    touched = joined["touched"].to_numpy(float)
    closed = np.isfinite(touched)
    days = (np.where(closed, touched, end) - bad[AT].to_numpy(float)) / DAY
    unit = pd.factorize(asked)[0].astype(np.int64)
    most = int(unit.max(initial=0)) + 1
    of_cell = np.unique(cell * most + unit) // most
    people = np.bincount(of_cell, minlength=len(cells)).astype(float)
    refuse_names(cells, names, people, min_n)
    few = too_few(people, min_n)
    lines = []
    for name in names:
        line = line_of(cells, [other for other in names if other != name])
        lines += [np.flatnonzero(line == number) for number in np.unique(line)]
    also = hide_also(few, people, lines, min_n) if names else np.zeros(len(cells), bool)
    rows: list[dict[str, Any]] = []
    for place in range(len(cells)):
        inside = cell == place
        keys = {name: "(blank)" if pd.isna(cells[name].iloc[place]) else str(cells[name].iloc[place]) for name in names}
        told = _curve(days[inside], closed[inside], unit[inside], within, conf_level)
        for row in told:
            if few[place] or also[place]:
                row = {
                    **row,
                    **dict.fromkeys(("n", "starts", "open", "estimate", "std_error", "conf_low", "conf_high"), np.nan),
                }
                row["flags"] = "SUPPRESSED_PRIVACY" if few[place] else "SUPPRESSED_SECONDARY"
            rows.append({**keys, "loop": loop, **row})
    return pd.DataFrame(rows)


def _curve(days: Floats, closed: np.ndarray, unit: Codes, within: Sequence[float], conf_level: float) -> list[dict[str, Any]]:
    """Return the share closed within each time, and the median."""
    state = np.where(closed, FULFILLED, OPEN)
    along = process(days, state)
    counts = count_times(days, state)
    n, open_ = float(len(np.unique(unit))), float((~closed).sum())
    rows = []
    for time in within:
        row: dict[str, Any] = {
            "measure": "closed within",
            "after": float(time),
            "n": n,
            "starts": float(len(days)),
            "open": open_,
        }
        row |= {"estimate": np.nan, "std_error": np.nan, "conf_low": np.nan, "conf_high": np.nan, "unit": "share"}
        reached = len(days) and (days.max() >= time or closed[days == days.max()].all())
        if reached:
            still, error = survival_at(along, float(time), cluster=unit)
            watched = followed(counts, float(time)) * n / len(days)
            low, high = log_log_interval(np.array([still]), np.array([error]), np.array([watched]), conf_level=conf_level)
            row |= {
                "estimate": 1 - still, "std_error": error, "conf_low": 1 - float(high[0]), "conf_high": 1 - float(low[0]),
            }  # fmt: skip
        row["flags"] = "|".join([*(["NOT_IDENTIFIED"] if not reached else []), *(["OPEN"] if open_ else [])])
        rows.append(row)
    middle = _half(days, closed, unit, conf_level)
    rows.append(
        {
            "measure": "median", "after": np.nan, "n": n, "starts": float(len(days)), "open": open_, "estimate": middle[0],
            "std_error": np.nan, "conf_low": middle[1], "conf_high": middle[2], "unit": "days",
            "flags": "|".join([*(["NOT_REACHED"] if not np.isfinite(middle[0]) else []), *(["OPEN"] if open_ else [])]),
        }
    )  # fmt: skip
    return rows


def _half(days: Floats, closed: np.ndarray, unit: Codes, conf_level: float) -> tuple[float, float, float]:
    """Return the time by which half are closed, and its interval: where the band of the curve, by clusters, reaches half."""
    if not closed.any():
        return np.nan, np.nan, np.nan
    state = np.where(closed, FULFILLED, OPEN)
    counts, along = count_times(days, state), process(days, state)
    middle = quantile(kaplan_meier(counts), 0.5, conf_level=conf_level)[0]
    times = counts.time[counts.fulfilled > 0]

    def reached(place: int, end: int) -> bool:
        still, error = survival_at(along, float(times[place]), cluster=unit)
        band = log_log_interval(
            np.array([still]), np.array([error]), np.array([followed(counts, float(times[place]))]), conf_level=conf_level
        )
        return bool(band[end][0] <= 0.5)

    ends = []
    for end in (0, 1):
        low, high = 0, len(times)
        while low < high:
            centre = (low + high) // 2
            low, high = (low, centre) if reached(centre, end) else (centre + 1, high)
        ends.append(float(times[low]) if low < len(times) else np.nan)
    return middle, ends[0], ends[1]


def _outer(
    register: pd.DataFrame,
    within: Sequence[float],
    as_of: str | None,
    zone: str,
    last: float,
    conf_level: float,
    names: Sequence[str],
) -> list[pd.DataFrame]:
    """Estimate how long actions take from being raised; an action is a unit, and nobody's."""
    happened = register[["raised_at", "decided_at", "done_at"]].to_numpy(float)
    end = _end(as_of, zone, [last, float(np.nanmax(happened)) if np.isfinite(happened).any() else 0.0])
    known = (register["raised_at"] <= end).to_numpy()
    parts = []
    for loop, column in ((DECIDED, "decided_at"), (DONE, "done_at")):
        raised, then = register.loc[known, "raised_at"].to_numpy(float), register.loc[known, column].to_numpy(float)
        closed = then <= end
        days = (np.where(closed, then, end) - raised) / DAY
        sane = days >= 0
        if not sane.any():
            continue
        told = _curve(days[sane], closed[sane], np.arange(int(sane.sum())), within, conf_level)
        keys = dict.fromkeys(names, "(all)")
        parts.append(pd.DataFrame([{**keys, "loop": loop, **row} for row in told]))
    return parts


def _table(frame: pd.DataFrame, names: Sequence[str], notes: list[str], min_n: int, conf_level: float) -> Table:
    """Write what a reader sees."""
    rows = frame.to_dict("records")
    shown = frame.assign(
        _measure=[f"closed within {row['after']:g} days" if row["unit"] == "share" else "half closed within" for row in rows],
        _n=[NOT_SHOWN if "SUPPRESSED" in row["flags"] else f"{row['n']:,.0f}" for row in rows],
        _value=[_value(row["estimate"], row) for row in rows],
        _span=[_span(row) for row in rows],
    )
    columns: dict[str, tuple[str, Any]] = {name: (name.replace("_", " "), str) for name in names}
    columns |= {
        "loop": ("until", str), "_measure": ("measure", str), "_n": ("customers or actions", str),
        "starts": ("bad answers or actions", "{:,.0f}".format), "open": ("still open", "{:,.0f}".format),
        "_value": ("value", str), "_span": (f"{percent(conf_level)} interval", str),
    }  # fmt: skip
    notes = [
        *notes,
        "What is still open is watched until the end of the data (Kaplan-Meier); left out, the loop would look fast.",
        f"Intervals are of {percent(conf_level)} each; customers, and actions, are the independent units.",
    ]
    if min_n > 1:
        notes.append(f"Rows of fewer than {min_n} customers are not shown; actions are nobody's and are.")
    made = Table.of(shown, slug=SLUG, title=_title(frame, names), columns=columns, keys=len(names) + 2, notes=notes)
    return Table(frame, made.slug, made.title, made.heads, made.cells, made.keys, made.notes)


def _value(value: float, row: dict[Any, Any]) -> str:
    if not np.isfinite(value):
        return "" if "SUPPRESSED" in row["flags"] else "not reached" if row["measure"] == "median" else "cannot tell"
    return f"{plain(100 * value, 0 if 0.1 <= value <= 0.9 else 1)} %" if row["unit"] == "share" else f"{plain(value, 1)} days"


def _span(row: dict[Any, Any]) -> str:
    low, high = row["conf_low"], row["conf_high"]
    if row["unit"] == "share":
        return f"{plain(100 * low, 1)} to {plain(100 * high, 1)} %" if np.isfinite(low) and np.isfinite(high) else ""
    if not np.isfinite(low):
        return ""
    return f"{plain(low, 1)} to {plain(high, 1)} days" if np.isfinite(high) else f"{plain(low, 1)} days or more"


def _title(frame: pd.DataFrame, names: Sequence[str]) -> str:
    """State the finding in one line."""
    told = frame[(frame["measure"] == "closed within") & frame["estimate"].notna()]
    if told.empty:
        return f"{TITLE}: cannot tell yet"
    first = told.iloc[0]
    if first["loop"] not in (OURS, ANY):
        return f"{plain(100 * first['estimate'], 0)} % of what was raised had been decided within {first['after']:g} days"
    whom = "we had contacted" if first["loop"] == OURS else "there had been contact with"
    alike = told[(told["loop"] == first["loop"]) & (told["after"] == first["after"])]
    if names and len(alike) > 1:
        low, high = alike["estimate"].min(), alike["estimate"].max()
        size = f"{plain(100 * low, 0)} to {plain(100 * high, 0)} %"
    else:
        size = f"{plain(100 * first['estimate'], 0 if first['estimate'] >= 0.1 else 1)} %"
    return f"Within {first['after']:g} days {whom} {size} of those who answered badly"
