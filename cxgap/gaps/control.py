"""Is it still what is usual? A process followed over time, and what of it is more than its usual course."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap._check import as_names, check_choice, check_count, check_positive, check_prob, check_zone, is_number
from cxgap.errors import ArgumentError, TooManyError, listed
from cxgap.gaps.charted import DIRECTIONS, OWN, SLUG, TITLE, Charted, written
from cxgap.gaps.control_rows import (
    BASELINE,
    DAYS,
    MONITORED,
    PERIODS,
    Series,
    is_promised,
    promises_due,
    rows_counted,
)
from cxgap.gaps.judge import refuse_names
from cxgap.gaps.kept import lines_of
from cxgap.gaps.promises import Tolerance
from cxgap.result import Table
from cxgap.stats.control import (
    LEAST_BASELINE,
    Path,
    Usual,
    calibrated,
    cusum,
    cusum_arl,
    ewma,
    ewma_arl,
    shewhart,
    shewhart_arl,
    usual,
)
from cxgap.stats.means import Floats, ratio
from cxgap.stats.privacy import hide_also, too_few
from cxgap.tables.absent import absent

METHODS: Final = ("auto", "cusum", "ewma", "laney", "p")
LIMITS: Final = {"cusum": 5.0, "ewma": 2.86, "laney": 3.0, "p": 3.0}
SIDES: Final = {"gap": "", "expectation": "expectation_", "perception": "perception_"}
_OF_TREND: Final = ("period", "std_error")


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
        series, names = _of_trend(events, of)
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
            raise ArgumentError(f"`time` must name the column of times or periods of {of!r}; it is not given.")
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
    rows = _phases(series, baseline_until)
    hidden = _hidden(rows, names, min_n)
    charts, parts = [], []
    for label, part in _groups(rows, names):
        chart, made = _chart(part, hidden[part.index], series, method, centre, between, k, smoothing, limit, conf_level, better)
        charts.append(chart._replace(name=label))
        parts.append(made)
    frame = pd.concat(parts, ignore_index=True)
    for name in names:
        frame[name] = frame[name].astype(object).where(frame[name].notna(), "(blank)").astype(str)
    return written(frame[[*names, *OWN]], charts, names, series, baseline_until, min_n, conf_level)


def _of_trend(table: Table, of: str) -> tuple[Series, tuple[str, ...]]:
    """Take the levels of a trend as a frame of one row a period."""
    if table.slug != "trend":
        raise ArgumentError(f"`events` must be a frame, or what `cx.gap_trend` returned, not {table.slug!r}.")
    side = "gap" if of == "late" else check_choice(of, "of", [*SIDES])
    frame = table.frame
    if (frame["segment"] > 1).any():
        last = frame.groupby([*frame.columns[: list(frame.columns).index("period")]] or (lambda _: 0))["segment"].transform(
            "max"
        )
        frame = frame[frame["segment"] == last]
    names = tuple(str(name) for name in frame.columns[: list(frame.columns).index("period")])
    rows = frame[list(names)].assign(
        period=frame["period"], start=pd.NaT, n=frame["n"], people=np.inf, value=frame[side],
        std_error=frame[f"{SIDES[side]}std_error"], ready="",
    )  # fmt: skip
    return Series(rows.reset_index(drop=True), False, "", f"the {side}" if side == "gap" else side), names


def _phases(series: Series, until: str) -> pd.DataFrame:
    """Say of each period whether it tells what is usual, is judged, or neither."""
    rows = series.rows
    if not until:
        return rows.assign(phase=np.where(rows["ready"] == "", MONITORED, rows["ready"]), usual=rows["ready"] == "")
    if rows["start"].notna().any():
        try:
            last = pd.Timestamp(until)
        except ValueError:
            raise ArgumentError(f'`baseline_until` must be a day such as "2025-12-31", not {until!r}.') from None
        last = last.tz_localize(None) if last.tzinfo else last
        inside = (rows["start"] <= last).to_numpy()
    else:
        known = list(dict.fromkeys(rows["period"]))
        if until not in known:
            raise ArgumentError(f"`baseline_until` must be one of the periods, {listed(known[:12])}, not {until!r}.")
        inside = rows["period"].map(known.index).to_numpy() <= known.index(until)
    ready = (rows["ready"] == "").to_numpy()
    return rows.assign(phase=np.where(ready, np.where(inside, BASELINE, MONITORED), rows["ready"]), usual=inside & ready)


def _hidden(rows: pd.DataFrame, names: Sequence[str], min_n: int) -> np.ndarray:
    """Return why each period is hidden, "" where it is not."""
    people = rows["people"].to_numpy(float)
    few = too_few(people, min_n)
    if not names or min_n == 1:
        return np.where(few, "SUPPRESSED_PRIVACY", "")
    refuse_names(rows, names, np.where(np.isfinite(people), people, 0), min_n)
    keys = rows[[*names, "period"]]
    also = hide_also(few, np.where(np.isfinite(people), people, 1e9), lines_of(keys, [*names, "period"]), min_n)
    return np.where(few, "SUPPRESSED_PRIVACY", np.where(also, "SUPPRESSED_SECONDARY", ""))


def _groups(rows: pd.DataFrame, names: Sequence[str]) -> list[tuple[str, pd.DataFrame]]:
    if not names:
        return [("", rows)]
    keys = rows[list(names)].astype(object).where(rows[list(names)].notna(), "(blank)").astype(str).agg(" · ".join, axis=1)
    return [(str(label), rows[keys == label]) for label in dict.fromkeys(keys)]


def _chart(
    part: pd.DataFrame,
    hidden: np.ndarray,
    series: Series,
    method: str,
    centre: float | None,
    between: float | None,
    k: float,
    smoothing: float,
    limit: float | None,
    conf_level: float,
    better: str,
) -> tuple[Charted, pd.DataFrame]:
    """Chart one group."""
    shown = hidden == ""
    n, value, given = (part[name].to_numpy(float) for name in ("n", "value", "std_error"))
    value = np.where(shown, value, np.nan)
    told = part["usual"].to_numpy(bool) & np.isfinite(value)
    weekday = None
    if series.period == "day" and method != "p":
        weekday = ((part["start"] - pd.Timestamp(0)).dt.days.to_numpy() + 3) % 7
    found = usual(
        value, given, told, n=n if series.share else None, weekday=weekday, share=series.share, centre=centre, between=between
    ) if told.any() or centre is not None else None  # fmt: skip
    judged = (part["phase"] == MONITORED).to_numpy() & np.isfinite(value)
    enough = told.sum() >= LEAST_BASELINE or (centre is not None and between is not None)
    good = found is not None and enough and bool((found.spread[told | judged] > 0).all() and (told | judged).any())
    chart = Charted("", method, 0, int(judged.sum()), int(told.sum()), None, np.nan, np.nan, 0)
    nothing = np.full(len(part), np.nan)
    columns: dict[str, Any] = {"statistic": nothing, "limit": nothing, "signal": np.zeros(len(part), np.int64)}
    low = high = nothing
    naive = np.zeros(len(part), bool)
    if found is not None and good:
        looking_back = not (part["phase"] == BASELINE).any()
        limit_of = limit or _limit(method, found, int(told.sum()), 0 if looking_back else int(judged.sum()), k, smoothing,
                                   known=centre is not None and between is not None)  # fmt: skip
        spread = found.std_error if method == "p" else found.spread
        z = np.where(judged, ratio(value - found.centre, spread), np.nan)
        path = _path(method, z, k, smoothing, limit_of)
        before = part["phase"].to_numpy() == BASELINE
        if before.any():  # what the statistic would have been in the baseline, for the eye
            back = _path(method, np.where(before, ratio(value - found.centre, spread), np.nan), k, smoothing, limit_of)
            path = Path(*(np.where(before, one, other) for one, other in zip(back, path, strict=True)))
        columns = {
            "statistic": np.where(path.up >= path.down, path.up, -path.down),
            "limit": path.limit,
            "signal": np.where(judged, path.signal, 0),
        }
        columns["statistic"] = np.where((judged | before) & np.isfinite(value), columns["statistic"], np.nan)
        if method in ("laney", "p"):
            low, high = found.centre - limit_of * spread, found.centre + limit_of * spread
            low, high = np.maximum(low, 0.0), np.minimum(high, 1.0)
        bare = np.sqrt(found.level * (1 - found.level) / np.maximum(n, 1)) if series.share else given
        naive = judged & (np.abs(value - found.level) > 3 * bare) & (bare > 0)
        beyond = int((before & (path.signal != 0)).sum())
        chart = Charted(
            "",
            method,
            int((columns["signal"] != 0).sum()),
            int(judged.sum()),
            int(told.sum()),
            found,
            limit_of,
            _arl(method, LIMITS[method] if limit is None else limit, k, smoothing),
            beyond,
            k,
            smoothing,
        )
    half = _normal((1 + conf_level) / 2)
    error = (
        np.where(np.isnan(given), np.sqrt(np.maximum(value * (1 - value), 0) / np.maximum(n, 1)), given)
        if series.share
        else given
    )
    ends = (value - half * error, value + half * error)
    if series.share:
        from cxgap.stats.proportions import wilson

        ends = wilson(np.nan_to_num(value) * n, np.maximum(n, 1e-9), conf_level=conf_level)
    signal = columns["signal"]
    words = DIRECTIONS[better] if better else {1: "up", -1: "down"}
    flags = np.where(hidden != "", hidden, np.where(found is None or not good, "FEW_PERIODS", ""))
    made = part.drop(columns=["ready", "usual", "people"]).assign(
        start=part["start"].dt.strftime("%Y-%m-%d") if part["start"].notna().any() else "",
        n=np.where(shown, n, np.nan),
        value=value,
        conf_low=np.where(shown, ends[0], np.nan),
        conf_high=np.where(shown, ends[1], np.nan),
        std_error=np.where(shown, found.std_error if found is not None and series.share else error, np.nan),
        centre=found.centre if found is not None else np.nan,
        spread=np.where(shown, found.spread if found is not None else np.nan, np.nan),
        limit_low=np.where(shown, low, np.nan),
        limit_high=np.where(shown, high, np.nan),
        **{**columns, "signal": np.abs(signal)},
        direction=[words.get(int(each), "") for each in signal],
        naive_signal=naive.astype(np.int64),
        flags=flags,
    )
    return chart._replace(naive=int(naive.sum())), made


def _normal(prob: float) -> float:
    from scipy.special import ndtri

    return float(ndtri(prob))


def _path(method: str, z: Floats, k: float, smoothing: float, limit: float) -> Path:
    if method == "cusum":
        return cusum(z, k, limit)
    return ewma(z, smoothing, limit) if method == "ewma" else shewhart(z, limit)


def _arl(method: str, limit: float, k: float, smoothing: float) -> float:
    """Return after how many usual periods the chart signals on average."""
    if method == "cusum":
        return cusum_arl(k, limit, two_sided=True)
    return ewma_arl(smoothing, limit) if method == "ewma" else shewhart_arl(limit)


def _limit(method: str, found: Usual, baseline: int, monitored: int, k: float, smoothing: float, *, known: bool) -> float:
    if method == "p" or known:
        return LIMITS[method]
    kind = {"laney": "shewhart"}.get(method, method)
    parameter = {"cusum": k, "ewma": smoothing}.get(method, 0.0)
    return _calibrated(
        kind, baseline, monitored, LIMITS[method], round(_arl(method, LIMITS[method], k, smoothing), 6), parameter,
        round(found.alike, 2), round(found.floor, 1),
    )  # fmt: skip


@lru_cache(maxsize=256)
def _calibrated(
    kind: str, baseline: int, monitored: int, limit: float, arl: float, parameter: float, alike: float, floor: float
) -> float:
    return calibrated(
        kind, baseline=baseline, monitored=monitored, limit=limit, arl=arl, parameter=parameter, alike=alike, floor=floor
    )


__all__ = ["DAYS", "control_chart"]
