"""Is it still what is usual? A process followed over time, and what of it is more than its usual course."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap._check import as_names, check_choice, check_count, check_positive, check_prob, check_zone, is_number
from cxgap.errors import ArgumentError, TooManyError, listed
from cxgap.gaps.charted import DIRECTIONS, OWN, SLUG, TITLE, written
from cxgap.gaps.control_counts import rows_counted
from cxgap.gaps.control_one import chart_of
from cxgap.gaps.control_phases import groups_of, hidden_of, of_trend, phases_of
from cxgap.gaps.control_promises import is_promised, promises_due
from cxgap.gaps.control_series import PERIODS
from cxgap.gaps.promises import Tolerance
from cxgap.result import Table
from cxgap.tables.absent import absent

METHODS: Final = ("auto", "cusum", "ewma", "laney", "p")


def control_chart(
    events: IntoFrame | Table,
    promises: IntoFrame | None = None,
    *,
    of: str = "late",
    by: str | Sequence[str] = "",
    period: str = "auto",
    time: str = "",
    n: str = "",
    std_error: str = "",
    method: str = "auto",
    baseline_until: str = "",
    better: str = "",
    centre: float | None = None,
    between: float | None = None,
    k: float = 0.5,
    smoothing: float = 0.2,
    limit: float | None = None,
    against: str = "first",
    tolerance: Tolerance = (0.0, 0.0),
    as_of: str | None = None,
    unit: str | None = None,
    zone: str = "UTC",
    min_n: int = 1,
    conf_level: float = 0.95,
) -> Table:
    """Follow a share or a mean over time, and signal where it is no longer what is usual.

    What is usual is estimated from a baseline: its level, how much usual periods differ beyond sampling, how alike
    neighbours are, and, of days, the level of each weekday. Limits allow for all of that, and for the baseline being
    short: a process that goes on as before signals as seldom as the chart would if everything were known.

    Parameters
    ----------
    events : pandas, Polars, DuckDB, PyArrow or PySpark frame, or the table of `gap_trend`
        One of: events with promised moments and `delivered_at`, as for `communication_gap`, of which the share kept late is
        charted; one row a thing, with `of` (true or false, 0 or 1, or a number) and `time`; one row a period, with `of` and
        either `n`, what it is a count of, or `std_error`
    promises : as in `communication_gap`
    of : what is charted: "late" promises, or a column; of a trend "gap", "expectation" or "perception"
    by : columns whose combinations have a chart each
    period : "day", "week", "month" or "quarter"; "auto" is the shortest in which a share does not move in jumps
    time : column of dates or times, of days as text such as "2025-12-31", or of names of periods in order
    n, std_error : columns of a frame of one row a period
    method : "laney" judges each period (p' chart), "cusum" and "ewma" add periods up and find small lasting changes; "p" takes
        sampling alone for granted, and is there to compare; "auto" is "laney" for shares and "cusum" for anything else
    baseline_until : last day, or name of the last period, of the baseline; later ones are judged. If left out, all periods
        tell what is usual and all are judged by it, which is looking back
    better : "lower" or "higher"; lower for late promises, higher for a trend, else neither
    centre, between : level and standard deviation of usual periods beyond sampling; estimated from the baseline if not given
    k : of a CUSUM, in standard deviations
    smoothing : weight of the newest period in an EWMA
    limit : in standard deviations (h of a CUSUM); if left out, 5, 2.86 or 3, or wider where the baseline is short or
        neighbours are alike
    against, tolerance, as_of, unit, zone : as in `communication_gap`; of other frames, what came after `as_of` is left out
    min_n : periods of fewer people are blanked and not judged
    conf_level : two-sided, in (0, 1), of the interval of a period's value by sampling alone

    Returns
    -------
    Table "control_chart" with one row a group and period: the keys, `period`, `start`, `phase` ("baseline", "monitored", "too
    recent", "too early"), `n`, `value` with `conf_low` and `conf_high`, `std_error` (by sampling alone), `centre`, `spread`
    (standard deviation of a usual period), `limit_low` and `limit_high` (of the value; blank for sums), `statistic`, `limit`,
    `signal` (1 or 0), `direction` ("worse" or "better", or "up" or "down"), `naive_signal` (whether three standard
    errors of sampling alone would have signalled), and `flags`.

    Raises
    ------
    ColumnError : the frame lacks a column.
    ArgumentError : an argument or a column is not what it must be.

    References
    ----------
    Laney (2002), Quality Engineering 14(4), 531-537. Page (1954), Biometrika 41, 100-115. Roberts (1959), Technometrics
    1(3), 239-250. Siegmund (1985), Sequential Analysis. Jones, Champ & Rigdon (2004), Journal of Quality
    Technology 36(1), 95-108.
    """
    names = as_names(by)
    check_choice(method, "method", METHODS)
    check_choice(period, "period", ["auto", *PERIODS])
    check_choice(better, "better", ["", *DIRECTIONS])
    check_zone(zone, "zone")
    conf_level, min_n = check_prob(conf_level, "conf_level"), check_count(min_n, "min_n")
    smoothing = 1.0 if smoothing == 1 else check_prob(smoothing, "smoothing")
    k, limit = float(check_positive(k, "k") or 0.0), check_positive(limit, "limit")
    for value, name in ((centre, "centre"), (between, "between")):
        if value is not None and (not is_number(value) or (name == "between" and value < 0)):
            raise ArgumentError(
                f"`{name}` must be a finite number{' of 0 or more' if name == 'between' else ''}, not {value!r}."
            )
    if n and std_error:
        raise ArgumentError("give `n` of a share, or `std_error` of anything else, and not both.")
    if clash := sorted({*OWN, "start"} & set(names)):
        raise ArgumentError(f"`by` must name columns that make groups, and none of the table's own, not {clash[0]!r}.")
    if isinstance(events, Table):
        if events.missing:
            return Table.not_measured(SLUG, TITLE, events.missing)
        series, names = of_trend(events, of)
        better = better or "higher"
    else:
        if why := absent(events):
            return Table.not_measured(SLUG, TITLE, why)
        present = tally.columns_of(events)
        if lacking := [name for name in names if name not in present]:
            return Table.not_measured(SLUG, TITLE, f"events have no column {lacking[0]!r}")
        promised = of == "late" and "late" not in present
        if promised and (why := is_promised(events, None if absent(promises) else promises)):
            return Table.not_measured(SLUG, TITLE, why)
        if not promised and not time:
            raise ArgumentError(
                f"`time` must name the column of times or periods of {of!r}, one of {listed(sorted(present)[:12])}; it is not "
                "given. Where a row is a period, `n` names what it is a count of."
            )
        try:
            if promised:
                better = better or "lower"
                series = promises_due(
                    events, None if absent(promises) else promises, names=names, period=period, against=against,
                    tolerance=tolerance, as_of=as_of, unit=unit, zone=zone, min_n=min_n,
                )  # fmt: skip
            else:
                better = better or ("lower" if of == "late" else "")
                series = rows_counted(
                    events, of=of, names=names, period=period, time=time, n=n, std_error=std_error, zone=zone, as_of=as_of,
                    min_n=min_n,
                )  # fmt: skip
        except TooManyError as error:
            return Table.not_measured(SLUG, TITLE, str(error).rstrip("."))
    if series.rows.empty:
        return Table.not_measured(SLUG, TITLE, "no period has anything to chart in this part of the study")
    if method in ("laney", "p") and not series.share:
        raise ArgumentError(f'`method` must be "cusum" or "ewma" for what is no share, not {method!r}.')
    method = ("laney" if series.share else "cusum") if method == "auto" else method
    rows = phases_of(series, baseline_until)
    hidden = hidden_of(rows, names, min_n)
    charts, parts = [], []
    for label, part in groups_of(rows, names):
        chart, made = chart_of(
            part, hidden[part.index], series, method, centre, between, k, smoothing, limit, conf_level, better
        )
        charts.append(chart._replace(name=label))
        parts.append(made)
    frame = pd.concat(parts, ignore_index=True)
    for name in names:
        frame[name] = frame[name].astype(object).where(frame[name].notna(), "(blank)").astype(str)
    return written(frame[[*names, *OWN]], charts, names, series, baseline_until, min_n, conf_level)
