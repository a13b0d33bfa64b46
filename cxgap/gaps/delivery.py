"""Gap 3: what was delivered against the standard for it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap._check import check_choice, check_count, check_positive, check_prob
from cxgap.errors import ArgumentError
from cxgap.gaps.deliveries import CUSTOMER, EVENT, Shares, longest, means, quantile, several_quantiles, shares, unwatched
from cxgap.gaps.finish import finish, not_measured
from cxgap.gaps.untold import undelivered
from cxgap.gaps.yardstick import Measured, exposed_lines, groups, measure
from cxgap.result import GapTable
from cxgap.stats.means import Floats, t_interval
from cxgap.stats.proportions import effective_size, score_test
from cxgap.tables.absent import absent
from cxgap.vocabulary import MIXED, SHARE

BASES = ("physical", "attainment")
LEVELS = {"q50": 0.5, "q90": 0.9, "q95": 0.95}

# The columns that this method gives after those of every gap.
OWN_COLUMNS = (
    "unit", "metric_unit", "direction", "standard", "events", "customers", "open", "cancelled",
    "attained", "attained_low", "attained_high", *LEVELS, "owner", "review", "overdue_review",
)  # fmt: skip


def delivery_gap(
    events: IntoFrame,
    standards: IntoFrame,
    *,
    by: str | Sequence[str] = "touchpoint",
    basis: str = "physical",
    statistic: str | float = "mean",
    weight_by: str = CUSTOMER,
    target: float | None = None,
    margin: float | None = None,
    min_n: int = 1,
    conf_level: float = 0.95,
    confirmatory: str | Collection[str] = (),
    as_of: Any = None,
    seed: int | None = None,
) -> GapTable:
    """Score what was delivered against the standard for it (gap 3).

    Delivered less standard where higher is better, standard less delivered where lower is: negative is a shortfall. A
    customer's events are alike, so customers are the independent units. Events that are still open count with what the
    others that lasted as long came to (Kaplan & Meier 1958), because those that are over are the fast ones.

    Parameters
    ----------
    events : pandas, Polars, DuckDB, PyArrow or PySpark frame, one row an event and metric
        Has `delivered`, a number in the unit of the standard. `touchpoint` and `metric` may be missing where the standards
        name only one; without `customer_id` each event is a customer's only one. Where `open` is true, `delivered` is a
        lower bound so far; where `cancelled` is true, the event is left out and counted.
    standards : frame, one row a standard
        Has `touchpoint`, `metric`, `unit`, `direction` ("lower" or "higher" is better) and `standard`; where it has them,
        `exists`, `basis`, `margin`, `target`, `owner` and `review`. Rows of basis "survey" or unit "scale points" are not
        for this gap.
    by : columns of `events` whose combinations make the cells, with `metric`; "" is all together. A standard holds in all
        of them, unless `standards` has the column, too
    basis : "physical" (the metric's unit) or "attainment" (share of deliveries that are no worse than the standard, less
        the share that should be)
    statistic : "mean", or the level of a quantile of what was delivered, such as 0.9; of the physical basis
    weight_by : "customer" (each weighs 1 in a cell) or "event"
    target : share of deliveries that must meet the standard; the standard's own, or 1, if not given
    margin : largest gap that still counts as met, in the table's unit; the standard's own (physical) if not given
    min_n : cells with fewer customers are blanked, and others where they could be told by subtraction
    conf_level : two-sided, in (0, 1)
    confirmatory : cuts declared before the data were seen, each as in `by`
    as_of : the day by which a standard's review is overdue
    seed : not used; nothing is drawn

    Returns
    -------
    GapTable with one row for each cell and metric: `n` customers; `start`, the standard (or target); `end`, what was
    delivered (or the share attained). After them: `unit` of the row, `metric_unit`, `direction`, `standard`, `events`,
    `customers`, `open`, `cancelled`, `attained` with its interval, `q50`, `q90` and `q95` of what was delivered, `owner`,
    `review` and `overdue_review`. A standard without events has NaN (EMPTY), and so has a gap without standard
    (NO_STANDARD). Where `by` names columns that `standards` lacks, only what has events is a row.

    Raises
    ------
    ColumnError : a table lacks a column.
    ArgumentError : an argument is not what it must be; or standards contradict each other or the unit of the events.

    References
    ----------
    Zeithaml, Berry & Parasuraman (1988), Journal of Marketing 52(2), 35-48 (gap 3).
    Davis & Heineke (1998), International Journal of Service Industry Management 9(1), 64-73 (native units).
    Woodruff (1952), Journal of the American Statistical Association 47(260), 635-646 (quantiles).
    Korn & Graubard (1998), Survey Methodology 24(2), 193-201 (shares).
    """
    names, conf_level, min_n = groups(by), check_prob(conf_level, "conf_level"), check_count(min_n, "min_n")
    check_choice(basis, "basis", BASES)
    check_choice(weight_by, "weight_by", (CUSTOMER, EVENT))
    level = _level(statistic)
    target, margin, day = _share(target), check_positive(margin, "margin"), _day(as_of)
    keys = (*names, "metric")
    if why := absent(events, standards) or undelivered(events, names):
        unit = SHARE if basis == "attainment" else MIXED
        return not_measured("delivery", keys, why, unit=unit, conf_level=conf_level, min_n=min_n, basis=basis)

    found = measure(events, standards, by=names, weight_by=weight_by)
    attained = shares(found.given, found.standard, found.lower, conf_level=conf_level)
    low, high = attained.interval(conf_level)
    if basis == "attainment":
        columns = _attainment_gap(found, attained, target, conf_level)
        said = "share of deliveries at the standard"
    else:
        columns = _physical_gap(found, level, conf_level)
        said = "mean of deliveries" if level is None else f"{level:g} quantile of deliveries"
    columns |= {"attained": attained.share, "attained_low": low, "attained_high": high}
    columns |= dict(zip(LEVELS, several_quantiles(found.given, list(LEVELS.values())), strict=True))
    cells = _described(found, columns, basis=basis, day=day)
    margins = cells.pop("margin").to_numpy(float)
    if basis == "physical" and margin is None and np.isfinite(margins).any():
        cells["margin"] = margins
    units = sorted(set(cells["unit"]) - {""})
    weighs = "each customer weighs 1" if weight_by == CUSTOMER else "each event weighs 1"
    return finish(
        cells,
        _flags(found, cells, level if basis == "physical" else None),
        gap="delivery",
        by=keys,
        unit=SHARE if basis == "attainment" else units[0] if len(units) == 1 else MIXED,
        conf_level=conf_level,
        margin=margin,
        min_n=min_n,
        confirmatory=confirmatory,
        lines=exposed_lines(found, names, min_n),
        basis=basis,
        counts=found.counts,
        score=f"{said}, {weighs}" if found.counts == CUSTOMER else said,
    )


def _physical_gap(found: Measured, level: float | None, conf_level: float) -> dict[str, Any]:
    """Return the numbers of the gap in the metric's own unit."""
    sign, standard, given = np.where(found.lower, -1.0, 1.0), found.standard, found.given
    exists = np.isfinite(standard)

    def gap(low: Floats, high: Floats) -> tuple[Floats, Floats]:
        ends = sign * (low - standard), sign * (high - standard)
        return np.minimum(*ends), np.maximum(*ends)

    if level is None:
        end = means(given, given.value, longest(given))
        estimate, std_error = sign * (end.mean - standard) + 0.0, np.where(exists, end.std_error, np.nan)
        return {
            "n_eff": end.n_eff, "start": standard, "end": end.mean,
            "estimate": estimate, "std_error": std_error, "df": np.where(exists, end.df, np.nan),
        }  # fmt: skip
    at = quantile(given, level)
    low, high = gap(*at.interval(conf_level))
    inner = gap(*at.interval(2 * conf_level - 1)) if conf_level > 0.5 else (low, high)
    half = t_interval(np.zeros(given.cells), np.ones(given.cells), at.reached.df, conf_level=conf_level)[1]
    return {
        "n_eff": at.reached.n_eff, "start": standard, "end": at.value, "estimate": sign * (at.value - standard) + 0.0,
        "std_error": (high - low) / 2 / half, "df": np.where(exists, at.reached.df, np.nan),
        "conf_low": low, "conf_high": high, "inner_low": inner[0], "inner_high": inner[1],
        "p_value": _quantile_p(found, level, at.reached.df, conf_level),
    }  # fmt: skip


def _quantile_p(found: Measured, level: float, df: Floats, conf_level: float) -> Floats:
    """Test that the quantile is the standard: that the level lies between the shares below, and not above, the standard."""
    given, at = found.given, found.standard[found.given.cell]
    none = np.zeros(given.cells)
    under, upto = (means(given, good.astype(float), none) for good in (given.value < at, given.value <= at))
    above = upto.mean < level
    share = np.where(above, upto.mean, under.mean)
    std_error = np.where(above, upto.std_error, under.std_error)
    known = np.isfinite(found.standard) & np.isfinite(df) & ~unwatched(given, found.standard)
    size = effective_size(share, std_error, given.events, df, conf_level=conf_level)
    p_value = np.where((under.mean <= level) & (level <= upto.mean), 1.0, score_test(share, size, np.full(given.cells, level)))
    return np.where(known, p_value, np.nan)


def _attainment_gap(found: Measured, attained: Shares, target: float | None, conf_level: float) -> dict[str, Any]:
    """Return the numbers of the gap as a share of deliveries."""
    own = found.cells["target"].to_numpy(float)
    start = np.full(len(own), target) if target is not None else np.where(np.isfinite(own), own, 1.0)
    start = np.where(np.isfinite(found.standard), start, np.nan)
    low, high = attained.interval(conf_level)
    inner_low, inner_high = attained.interval(2 * conf_level - 1) if conf_level > 0.5 else (low, high)
    several = np.isfinite(attained.df)
    return {
        "n_eff": np.where(np.isfinite(attained.share), attained.size, found.given.units), "start": start, "end": attained.share,
        "estimate": attained.share - start, "std_error": attained.std_error, "df": attained.df,
        "conf_low": low - start, "conf_high": high - start, "inner_low": inner_low - start, "inner_high": inner_high - start,
        "p_value": np.where(several, score_test(attained.share, attained.size, start), np.nan),
    }  # fmt: skip


def _described(found: Measured, columns: dict[str, Any], *, basis: str, day: pd.Timestamp | None) -> pd.DataFrame:
    """Put the keys, the numbers and the facts of each cell together, in the order of the result."""
    units, empty = found.given.units, found.given.units == 0
    facts = found.cells.drop(columns="target")
    review = facts["review"]
    due = review < day if day is not None else np.nan
    described = facts.assign(
        n=np.where(empty, np.nan, units),  # no events are no secret, and not a cell of too few
        **columns,
        unit=SHARE if basis == "attainment" else facts["metric_unit"],
        events=np.where(empty, np.nan, found.given.events),
        customers=np.where(empty | (found.counts == EVENT), np.nan, units),
        open=np.where(empty, np.nan, found.given.still_open),
        cancelled=found.cancelled,
        overdue_review=np.where(review.notna(), due, np.nan).astype(float),
    )
    described["n_eff"] = described["n_eff"].mask(empty)
    return described[[*(name for name in described if name not in OWN_COLUMNS), *OWN_COLUMNS]]


def _flags(found: Measured, cells: pd.DataFrame, level: float | None) -> list[set[str]]:
    """Return what a reader must know of each cell, as words of `vocabulary.FLAGS`."""
    n, df = found.given.units, cells["df"].to_numpy(float)
    several, compared = n > 1, cells["estimate"].notna().to_numpy()
    known = np.isfinite(found.standard)
    lost = known & (n > 0) & ~compared
    if level is not None:
        lost |= known & several & compared & cells["conf_low"].isna().to_numpy()
    marks = {
        "EMPTY": n == 0,
        "NO_STANDARD": ~known,
        "N1": n == 1,
        "ZERO_VAR": several & (cells["std_error"].to_numpy(float) == 0),
        "UNSTABLE": several & compared & (cells["n_eff"].to_numpy(float) < 30),
        "LOW_DF": several & compared & (df < 8),
        "OPEN": found.given.still_open > 0,
        "NOT_IDENTIFIED": lost,
    }
    return [{flag for flag, mark in marks.items() if mark[cell]} for cell in range(len(n))]


def _day(as_of: Any) -> pd.Timestamp | None:
    """Return the day by which a review is overdue."""
    if not as_of:
        return None
    try:
        day = pd.to_datetime(datetime.fromisoformat(as_of) if isinstance(as_of, str) else as_of, utc=True)
    except (TypeError, ValueError):
        day = None
    if not isinstance(day, pd.Timestamp) or isinstance(as_of, Real):
        raise ArgumentError(f'`as_of` must be an ISO 8601 date such as "2026-03-31", not {as_of!r}.')
    return day


def _level(statistic: str | float) -> float | None:
    if statistic == "mean":
        return None
    if isinstance(statistic, str):
        raise ArgumentError(f'`statistic` must be "mean" or the level of a quantile, such as 0.9, not {statistic!r}.')
    return check_prob(statistic, "statistic")


def _share(target: float | None) -> float | None:
    if target is None or (isinstance(target, Real) and not isinstance(target, bool) and 0 < target <= 1):
        return target
    raise ArgumentError(f"`target` must be a share above 0 and at most 1, such as 0.95, not {target!r}.")
