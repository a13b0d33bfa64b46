"""Friction: how often customers must come again, change channel or team, give up, and what that costs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap._check import as_names, check_count, check_prob
from cxgap.errors import ArgumentError
from cxgap.gaps.channels import channel_table, strange_channels
from cxgap.gaps.contact_log import ABOUT, CHANNEL, CUSTOMER, DAY, TEAM, WINDOW, Log, groups_of, nobody_came, owners_of, read_log
from cxgap.gaps.issues import MEASURES, MONEY, SHARE, lacking_of, values_of
from cxgap.gaps.judge import lines_told, refuse_names
from cxgap.gaps.rates import Rates, rates_of
from cxgap.result import Table
from cxgap.stats.ended import Ended, Mean, ended, mean_of, share_interval
from cxgap.stats.means import Codes, Floats, t_interval
from cxgap.stats.privacy import hide_also, too_few
from cxgap.stats.quantiles import quantile_interval, quantiles
from cxgap.tables.absent import absent
from cxgap.vocabulary import NOT_SHOWN, counted, percent, plain

SLUG, TITLE = "friction", "What customers had to go through"


MEDIANS = ("elapsed_median", "elapsed_several")
OWN = (
    "measure", "n", "issues", "open", "estimate", "std_error", "df", "conf_low", "conf_high", "total", "unit", "flags",
)  # fmt: skip
STABLE, LEAST_DF = 30, 8


def friction(
    contacts: IntoFrame,
    *,
    by: str | Sequence[str] = "",
    window: float = WINDOW,
    channels: IntoFrame | None = None,
    customers: IntoFrame | None = None,
    events: IntoFrame | None = None,
    about: str | Sequence[str] = ABOUT,
    as_of: str | None = None,
    zone: str = "UTC",
    min_n: int = 1,
    conf_level: float = 0.95,
) -> Table:
    """Measure what customers had to go through until their issue was settled.

    An issue is the contacts of one customer about one thing that follow each other within `window` days. What is still
    open, because the data end before the window does, is neither counted as it stands nor left out: issues that ended stand in
    for it, weighted by the inverse of the chance of having been watched so long. Customers are the independent units.

    Parameters
    ----------
    contacts : pandas, Polars, DuckDB, PyArrow or PySpark frame, one row a contact
        Has `customer_id` and `at`; may have `contact_id`, the columns of `about`, `channel`, `team`, `minutes`, and the
        flags `resolved` and `abandoned`. What is not there is not measured.
    by : columns whose combinations make the cells: of the first contact of an issue, else of `customers`
    window : days; contacts that far apart still belong together
    channels : one row a channel: `channel`, the flag `assisted` (somebody answers in person), `cost` of a contact
    customers : one row a customer; gives columns for `by` and the number of issues per 100 customers
    events : one row an event with its `customer_id`; gives the number of issues of those customers per 100 events
    about : columns of which the first that a contact has says what it is about
    as_of : leave out what came later, such as "2026-03-31"; if left out, the data end with the last contact
    zone : of times without an offset
    min_n : least number of customers of a row; smaller ones are hidden
    conf_level : two-sided, in (0, 1)

    Returns
    -------
    Table "friction" with one row a cell and measure: the keys, `measure`, `n` customers and `issues` that it rests on, issues
    `open` at the end, `estimate` (shares as fractions, times in days), `std_error`, `df`, `conf_low`, `conf_high`, `total` (of
    costs: over all those issues), `unit` and `flags`.

    Raises
    ------
    ColumnError : a table lacks a column.
    ArgumentError : an argument or a column is not what it must be.

    References
    ----------
    Binder (1983), International Statistical Review 51(3), 279-292. Satten & Datta (2001), American Statistician 55(3), 207-210.
    Korn & Graubard (1998), Survey Methodology 24(2), 193-201. Wilson (1927), Journal of the American Statistical Association
    22(158), 209-212.
    """
    names, min_n, conf_level = as_names(by), check_count(min_n, "min_n"), check_prob(conf_level, "conf_level")
    if clash := sorted({*OWN, "at", "minutes", "waited"} & set(names)):
        raise ArgumentError(f"`by` must name columns that make groups, and none of the table's own, not {clash[0]!r}.")
    if why := nobody_came(contacts, names):
        return Table.not_measured(SLUG, TITLE, why)
    own, others = owners_of(contacts, customers, names)
    log = read_log(
        contacts, columns=[*own, CHANNEL, TEAM], numbers=["minutes"], flags=["resolved", "abandoned"], window=window,
        about=about, as_of=as_of, zone=zone,
    )  # fmt: skip
    if not log.issues:
        return Table.not_measured(SLUG, TITLE, "no contact has a customer and a time in this part of the study")
    listed = channel_table(channels)
    values = values_of(log, listed)
    cell, cells = groups_of(log, names, others, customers)
    rates = [rates_of(log, cell, cells, names, measure, table) for measure, table in _exposed(customers, events).items()]
    strange = [each for each in rates if each.strangers]
    rates = [each for each in rates if each.strangers < log.issues]
    frame = _frame(log, values, cell, cells, names, rates, min_n, conf_level)
    lacking = {**lacking_of(values, listed), **_strangers(strange, log)}
    left = _left(strange, log)
    return _table(frame, log, names, lacking, min_n, conf_level, left, strange_channels(log, listed))


def _exposed(customers: IntoFrame | None, events: IntoFrame | None) -> dict[str, IntoFrame]:
    """Return the tables of those who could have had an issue."""
    given = {"per_customer": customers, "per_event": events}
    return {
        measure: table
        for measure, table in given.items()
        if table is not None and not absent(table) and CUSTOMER in tally.columns_of(table)
    }


def _strangers(rates: Sequence[Rates], log: Log) -> dict[str, list[str]]:
    """Name the rates that are not there because the table knows none of the customers, by the reason."""
    none = [MEASURES[each.measure].name for each in rates if each.strangers == log.issues]
    return {"none of the customers of contacts is in the table that issues are set against": none} if none else {}


def _left(rates: Sequence[Rates], log: Log) -> list[str]:
    """Say how many issues a rate leaves out because its table does not have their customers."""
    return [
        f"{MEASURES[each.measure].name.capitalize()}: {counted(each.strangers, 'issue')} of customers that the table does not "
        f"have {'is' if each.strangers == 1 else 'are'} not among them."
        for each in rates
        if each.strangers < log.issues
    ]


def _frame(
    log: Log,
    values: Mapping[str, Floats],
    cell: np.ndarray,
    cells: pd.DataFrame,
    names: Sequence[str],
    rates: Sequence[Rates],
    min_n: int,
    conf_level: float,
) -> pd.DataFrame:
    """Estimate every measure of every cell, and blank what must not be shown."""
    unit = log.customer
    of_cell, customer = np.divmod(np.unique(cell * (unit.max() + 1) + unit), unit.max() + 1)
    people = np.bincount(of_cell, minlength=len(cells)).astype(float)
    refuse_names(cells, names, people, min_n)
    few = too_few(people, min_n)
    also = hide_also(few, people, lines_told(cells, of_cell, customer, names, min_n), min_n)
    keys = {name: cells[name].astype(object).where(cells[name].notna(), "(blank)").astype(str) for name in names}
    measured = [measure for measure, value in values.items() if np.isfinite(value).any()]
    rows: list[dict[str, Any]] = []
    length, over = log.length, log.over
    order = np.argsort(cell, kind="stable")
    ends = np.searchsorted(cell[order], np.arange(len(cells) + 1))
    for place in range(len(cells)):
        inside, own = order[ends[place] : ends[place + 1]], {name: keys[name].iloc[place] for name in names}
        issues = Issues(length[inside], over[inside], unit[inside])
        here = {measure: _estimate(issues, values[measure][inside], measure, conf_level) for measure in measured}
        here |= {each.measure: each.row(place, conf_level) for each in rates}
        for measure, row in here.items():
            thin = 0 < row["n"] < min_n
            hidden = "SUPPRESSED_PRIVACY" if few[place] or thin else "SUPPRESSED_SECONDARY" if also[place] else ""
            if hidden:
                told: dict[str, Any] = {**dict.fromkeys(row, np.nan), "flags": hidden}
            else:
                told = {**row, "flags": _flags(row)}
            rows.append({**own, "measure": measure, **told, "unit": MEASURES[measure].unit})
    return pd.DataFrame(rows, columns=[*names, *OWN])


class Issues:
    """The issues of one cell, weighed once for all measures that know of every one of them."""

    def __init__(self, length: Floats, over: np.ndarray, unit: Codes) -> None:
        self.length, self.over, self.unit = length, over, unit

    @cached_property
    def _all(self) -> Ended:
        return ended(self.length, self.over, self.unit)

    def of(self, used: np.ndarray) -> Ended:
        """Return those of them that are `used`."""
        return self._all if used.all() else ended(self.length[used], self.over[used], self.unit[used])


def _estimate(issues: Issues, value: Floats, measure: str, conf_level: float) -> dict[str, float]:
    """Estimate one measure of one cell."""
    used = np.isfinite(value)
    things = issues.of(used)
    value, unit = value[used], MEASURES[measure].unit
    row = {"n": float(things.units), "issues": float(things.counted), "open": float((~issues.over[used]).sum())}
    if measure in MEDIANS:
        found, low, high = _median(things, value, conf_level)
    else:
        found = mean_of(things, value)
        if unit == SHARE:
            low, high = share_interval(things, found, conf_level=conf_level)
        else:
            ends = t_interval(*(np.array([part]) for part in found), conf_level=conf_level)
            low, high = max(0.0, float(ends[0][0])), float(ends[1][0])
            low = low if np.isfinite(ends[0][0]) else np.nan
    total = float(value[things.weight > 0].sum()) if unit == MONEY and things.identified else np.nan
    return {**row, **_columns(found, low, high), "total": total}


def _columns(found: Mean, low: float, high: float) -> dict[str, float]:
    return {"estimate": found.mean, "std_error": found.std_error, "df": found.df, "conf_low": low, "conf_high": high}


def _median(things: Ended, value: Floats, conf_level: float) -> tuple[Mean, float, float]:
    """Return the median and the ends of Woodruff's interval."""
    nothing = Mean(np.nan, np.nan, np.nan)
    if not things.identified:
        return nothing, np.nan, np.nan
    counts = things.weight > 0
    value, weight, one = value[counts], things.weight[counts], np.zeros(int(counts.sum()), np.int64)
    median = float(quantiles(value, one, 1, 0.5, weight=weight)[0])
    at_most = np.zeros(len(counts))
    at_most[counts] = value <= median
    reached = mean_of(things, at_most)
    if not np.isfinite(reached.std_error):
        return Mean(median, np.nan, np.nan), np.nan, np.nan
    low, high = quantile_interval(
        value, one, 1, 0.5, weight=weight, reached=np.array([reached.mean]), std_error=np.array([reached.std_error]),
        n=np.array([float(things.units if reached.std_error == 0 else things.counted)]), df=np.array([reached.df]),
        conf_level=conf_level,
    )  # fmt: skip
    return Mean(median, np.nan, reached.df), float(low[0]), float(high[0])


def _flags(row: Mapping[str, float]) -> str:
    marks = {
        "EMPTY": row["n"] == 0 and not row["open"],
        "LOW_DF": row["n"] > 1 and row["df"] < LEAST_DF,
        "N1": row["n"] == 1,
        "NOT_IDENTIFIED": row["n"] == 0 and row["open"] > 0,
        "OPEN": row["n"] > 0 and row["open"] > 0,
        "UNSTABLE": 1 < row["n"] < STABLE,
    }
    return "|".join(flag for flag, mark in marks.items() if mark)


def _table(
    frame: pd.DataFrame,
    log: Log,
    names: Sequence[str],
    lacking: Mapping[str, Sequence[str]],
    min_n: int,
    conf_level: float,
    left: Sequence[str] = (),
    unknown: Sequence[str] = (),
) -> Table:
    """Write what a reader sees."""
    still = int((~log.over).sum())
    notes = log.notes()
    if still:
        notes.append(
            f"{counted(still, 'issue')} {'was' if still == 1 else 'were'} not over at the end of the data: the customer may "
            "come again. Issues that were watched long enough stand in for them."
        )
    notes.append(f"Shares are of issues. Intervals are of {percent(conf_level)} each; customers are the independent units.")
    notes += [f"Not measured, because {why}: {'; '.join(measures)}." for why, measures in lacking.items()]
    notes += unknown
    if set(frame["measure"]) & {"per_customer", "per_event"}:
        days = (log.end - float(log.rows["at"].min())) / DAY
        notes += [f"Issues per 100 are of the whole log, {counted(max(round(days), 1), 'day')}.", *left]
    if min_n > 1:
        notes.append(f"Rows of fewer than {min_n} customers are not shown.")
    shown = frame.assign(
        _measure=[MEASURES[measure].name for measure in frame["measure"]],
        _n=[NOT_SHOWN if "SUPPRESSED" in row.flags else f"{row.n:,.0f}" for row in frame.itertuples()],
        _value=[written(row.estimate, row.unit) for row in frame.itertuples()],
        _span=[span(row.conf_low, row.conf_high, row.unit) for row in frame.itertuples()],
    )
    columns: dict[str, tuple[str, Callable[[Any], str]]] = {name: (name.replace("_", " "), str) for name in names}
    columns |= {
        "_measure": ("measure", str),
        "_n": ("customers", str),
        "issues": ("issues", "{:,.0f}".format),
        "_value": ("value", str),
        "_span": (f"{percent(conf_level)} interval", str),
    }
    made = Table.of(shown, slug=SLUG, title=_title(frame, names), columns=columns, keys=len(names) + 1, notes=notes)
    return Table(frame, made.slug, made.title, made.heads, made.cells, made.keys, made.notes)


def _title(frame: pd.DataFrame, names: Sequence[str]) -> str:
    """State the finding in one line."""
    found = frame[(frame["measure"] == "repeat") & frame["estimate"].notna()]
    if found.empty:
        return f"{TITLE}: too few to show"
    cut = f", by {', '.join(names).replace('_', ' ')}" if names else ""
    low, high = (written(end, SHARE) for end in (found["estimate"].min(), found["estimate"].max()))
    return f"{low if low == high else f'{low} to {high}'} of issues need another contact{cut}"


def written(value: float, unit: str) -> str:
    """Write a value as exact as a reader needs: whole per cent, one or two digits."""
    if not np.isfinite(value):
        return ""
    if unit == SHARE:
        return f"{plain(100 * value, 0 if value in (0, 1) or 0.1 <= value <= 0.9 else 1)} %"
    if unit in ("issues", "minutes"):
        return plain(value, 1)
    return plain(value, 2)


def span(low: float, high: float, unit: str) -> str:
    """Write an interval; "" where there is none."""
    return f"{written(low, unit)} to {written(high, unit)}" if np.isfinite(low) and np.isfinite(high) else ""
