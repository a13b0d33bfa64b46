"""What a target was promised of, measured on what had come in by a day: later rows do not count."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from cxgap.errors import CxgapError
from cxgap.gaps.communication import communication_gap
from cxgap.gaps.customer import customer_gap
from cxgap.gaps.delivery import delivery_gap
from cxgap.gaps.knowledge import knowledge_gap
from cxgap.gaps.satisfaction import csat
from cxgap.tables.absent import Absent, absent
from cxgap.tables.sections import UNITS_OF_TIME
from cxgap.tables.study import Study

CELL = "cell of the target"
_IN, _OUT = "in", "out"
NOTHING = "nothing of it has come in yet"


class Evidence(NamedTuple):
    """An estimate with its one-sided bounds at one level; NaN, and a reason in `why`, where there is none."""

    n: float = math.nan
    estimate: float = math.nan
    std_error: float = math.nan
    df: float = math.nan
    low: float = math.nan
    high: float = math.nan
    unit: str = ""
    why: str = ""


class Window(NamedTuple):
    """The evidence that counts: from a moment on (None: from the first), before another, and in some waves ((): in all)."""

    start: datetime | None
    end: datetime
    waves: tuple[str, ...] = ()


def window_of(spec: Mapping[str, Any], until: date, zone: str) -> Window:
    """Return the window of a target that is looked at with what had come in by the end of the day `until`."""
    since, waves = spec.get("since"), tuple(spec.get("waves", ()))
    start = moment(date.fromisoformat(str(since)), zone) if since and not waves else None
    return Window(start, moment(min(until, date.fromisoformat(spec["cut_off"])) + timedelta(days=1), zone), waves)


def moment(day: date, zone: str) -> datetime:
    """Return the first moment of a day in a zone, in UTC."""
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def measure(study: Study, spec: Mapping[str, Any], window: Window, level: float) -> Evidence:
    """Measure what a target is about, within a window.

    Parameters
    ----------
    study : as it was read
    spec : of the target
    window : of the evidence
    level : of the two-sided interval whose ends are the one-sided bounds

    Returns
    -------
    Evidence; `n` counts people, or promises where no customer is named
    """
    try:
        found = _MEASURES[spec["measure"]](study, spec, window, level)
    except CxgapError as error:
        return Evidence(why=str(error))
    if not math.isfinite(found.std_error) and math.isfinite(found.high - found.low):
        from scipy.special import ndtri

        found = found._replace(std_error=(found.high - found.low) / 2 / float(ndtri((1 + level) / 2)))
    return found


def _survey(study: Study, spec: Mapping[str, Any], window: Window) -> Any:
    """Return the answers within the window, with a column that says which are in the cell of the target; or why not."""
    answers = nw.from_native(study.responses)
    columns = answers.collect_schema().names()
    if "at" not in columns:
        return "the answers have no dates (`at`), so that nobody can tell which came in by the cut-off"
    keep = nw.col("at") < window.end
    if window.start is not None:
        keep = keep & (nw.col("at") >= window.start)
    if window.waves:
        if "wave" not in columns:
            return "the answers have no column `wave`"
        keep = keep & nw.col("wave").cast(nw.String).is_in(list(window.waves))
    came = answers.filter(keep)
    return NOTHING if _empty(came) else _celled(came, spec.get("where", {}), columns, "responses")


def _celled(frame: Any, where: Mapping[str, Any], columns: list[str], table: str) -> Any:
    """Add the column of the cell, or say which column is lacking."""
    if lacking := [column for column in where if column not in columns]:
        return f"`{table}` has no column {lacking[0]!r}, which the target's `where` names"
    inside = nw.lit(True)
    for column, values in where.items():
        inside = inside & nw.col(column).cast(nw.String).is_in(list(values))
    return frame.with_columns(nw.when(inside).then(nw.lit(_IN)).otherwise(nw.lit(_OUT)).alias(CELL)).to_native()


def _empty(frame: Any) -> bool:
    """Whether a frame in memory has no row; one elsewhere is asked when it is measured."""
    return isinstance(frame, nw.DataFrame) and len(frame) == 0


def _design(study: Study, level: float) -> dict[str, Any]:
    """Return what a method is told of the study, with nothing hidden: who may see it is settled by whoever shows it."""
    own = {name: value for name, value in study.design.items() if name not in ("min_n", "confirmatory")}
    return {**own, "conf_level": level, "by": CELL}


def _options(spec: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in spec.get("options", {}).items()}


def _of_gap(frame: pd.DataFrame, unit: str, people: str = "n") -> Evidence:
    """Take the row of the target's cell."""
    rows = frame[frame[CELL].astype(str) == _IN] if CELL in frame else frame
    if len(rows) != 1 or not float(rows["n"].iloc[0]) > 0:
        return Evidence(0.0, unit=unit, why=NOTHING if len(rows) < 2 else "several metrics were measured")
    row = rows.iloc[0]
    n, estimate, std_error, df, low, high = (
        float(row[name]) for name in (people, "estimate", "std_error", "df", "conf_low", "conf_high")
    )
    return Evidence(n, estimate, std_error, df, low, high, unit)


def _customer(study: Study, spec: Mapping[str, Any], window: Window, level: float) -> Evidence:
    if absent(study.responses):
        return Evidence(why="the study has no survey")
    answers = _survey(study, spec, window)
    if isinstance(answers, str):
        return Evidence(why=answers)
    found = customer_gap(answers, **_design(study, level), **_options(spec))
    return Evidence(why=found.missing) if found.missing else _of_gap(found.frame, found.unit)


def _knowledge(study: Study, spec: Mapping[str, Any], window: Window, level: float) -> Evidence:
    if absent(study.responses, study.managers):
        return Evidence(why="the study lacks the answers of customers or of managers")
    answers = _survey(study, spec, window)
    if isinstance(answers, str):
        return Evidence(why=answers)
    managers = nw.from_native(study.managers)
    columns = managers.collect_schema().names()
    where = {column: values for column, values in spec.get("where", {}).items() if column in columns}
    beliefs = _celled(managers, where, columns, "managers")
    found = knowledge_gap(answers, beliefs, **_design(study, level), **_options(spec))
    return Evidence(why=found.missing) if found.missing else _of_gap(found.frame, found.unit)


def _outcome(study: Study, spec: Mapping[str, Any], window: Window, level: float) -> Evidence:
    if absent(study.responses):
        return Evidence(why="the study has no survey")
    answers = _survey(study, spec, window)
    if isinstance(answers, str):
        return Evidence(why=answers)
    asked = {"outcome": spec["column"], "low": spec["low"], "high": spec["high"]}
    found = csat(answers, **asked, **_design(study, level))
    if found.missing:
        return Evidence(why=found.missing)
    rows = found.frame[found.frame[CELL].astype(str) == _IN]
    if len(rows) != 1 or not float(rows["n"].iloc[0]) > 0:
        return Evidence(0.0, unit="points", why=NOTHING)
    names = ("n", "mean", "mean_std_error", "mean_df", "mean_low", "mean_high")
    n, mean, std_error, df, low, high = (float(rows.iloc[0][name]) for name in names)
    return Evidence(n, mean, std_error, df, low, high, "points")


def _events(study: Study, spec: Mapping[str, Any], window: Window) -> Any:
    """Return the events begun within the window, as they were known at its end; or why not."""
    if absent(study.events):
        return "the study has no events"
    events = nw.from_native(study.events)
    columns = events.collect_schema().names()
    if "ordered_at" not in columns:
        return "the events have no time at which they began (`ordered_at`), so that nobody can tell which count"
    keep = nw.col("ordered_at") < window.end
    if window.start is not None:
        keep = keep & (nw.col("ordered_at") >= window.start)
    where = spec.get("where", {})
    if lacking := [column for column in where if column not in columns]:
        return f"`events` has no column {lacking[0]!r}, which the target's `where` names"
    for column, values in where.items():
        keep = keep & nw.col(column).cast(nw.String).is_in(list(values))
    came = events.filter(keep)
    return NOTHING if _empty(came) else came


def _as_known(events: Any, end: datetime) -> Any:
    """Make blank what was not known before `end`, and what is told of it."""
    columns = events.collect_schema().names()
    later = nw.lit(False)
    facts = [name for name in ("delivered_at", "cancelled_at") if name in columns]
    for fact in facts:
        later = later | (nw.col(fact) >= end).fill_null(False)
    told = [name for name in ("status", "cause") if name in columns]
    made = [nw.when(~later).then(nw.col(name)).alias(name) for name in told]
    made += [nw.when(nw.col(name) < end).then(nw.col(name)).alias(name) for name in facts]
    return events.with_columns(*made)


def _promised(study: Study, spec: Mapping[str, Any], window: Window, level: float, basis: str) -> Any:
    events = _events(study, spec, window)
    if isinstance(events, str):
        return events
    known = _as_known(events, window.end)
    numbers = {"delivered", "promised", "open", "cancelled", "unit", "metric", "direction"}
    columns = [name for name in known.collect_schema().names() if name not in numbers]
    promises = study.promises
    if not isinstance(promises, Absent):
        promises = nw.from_native(promises).filter(nw.col("made_at") < window.end).to_native()
    day = (window.end - timedelta(microseconds=1)).isoformat()
    options = {**_options(spec), "zone": study.zone, "as_of": day, "conf_level": level, "basis": basis, "by": ""}
    return communication_gap(known.select(columns).to_native(), promises, **options)


def _communication(study: Study, spec: Mapping[str, Any], window: Window, level: float) -> Evidence:
    found = _promised(study, spec, window, level, spec.get("basis", "physical"))
    if isinstance(found, str) or found.missing:
        return Evidence(why=found if isinstance(found, str) else found.missing)
    return _of_gap(found.frame, found.unit, "customers")


def _late(study: Study, spec: Mapping[str, Any], window: Window, level: float) -> Evidence:
    found = _promised(study, spec, window, level, "physical")
    if isinstance(found, str) or found.missing:
        return Evidence(why=found if isinstance(found, str) else found.missing)
    row = found.frame.iloc[0]
    if not float(row["n"]) > 0:
        return Evidence(0.0, unit="share", why=NOTHING)
    people, late, low, high = (float(row[name]) for name in ("customers", "late", "late_low", "late_high"))
    return Evidence(people, late, math.nan, people - 1, low, high, "share")


def _delivery(study: Study, spec: Mapping[str, Any], window: Window, level: float) -> Evidence:
    if absent(study.standards):
        return Evidence(why="the study has no standards")
    events = _events(study, spec, window)
    if isinstance(events, str):
        return Evidence(why=events)
    metric = spec.get("metric", "")
    if metric:
        events = events.filter(nw.col("metric").cast(nw.String) == metric)
    native = events.to_native()
    frame = native if isinstance(native, pd.DataFrame) else nw.from_native(native).lazy().collect().to_pandas()
    options = {**_options(spec), "conf_level": level, "basis": spec.get("basis", "physical"), "by": ""}
    found = delivery_gap(_as_it_stood(frame, study, window.end), study.standards, **options)
    if found.missing:
        return Evidence(why=found.missing)
    rows = found.frame[found.frame["n"].fillna(0) > 0]
    if metric:
        rows = rows[rows["metric"].astype(str) == metric]
    return _of_gap(rows, str(rows["unit"].iloc[0]) if len(rows) else "", "customers")


def _as_it_stood(events: pd.DataFrame, study: Study, end: datetime) -> pd.DataFrame:
    """Take what lasted from one time to another back to `end`: what ended later was still open then."""
    events = events.copy()
    for row in study.metrics.to_dict("records"):
        source = row.get("delivered")
        source = source.split(" to ") if isinstance(source, str) and " to " in source else source
        if not isinstance(source, list | tuple) or len(source) != 2 or not set(source) <= set(events.columns):
            continue
        started, ended = (pd.to_datetime(events[name], utc=True) for name in source)
        mine = (events["metric"].astype(str) == row["metric"]).to_numpy(bool)
        later = mine & started.notna().to_numpy(bool) & ~(ended < end).to_numpy(bool)
        gone = pd.to_datetime(events["cancelled_at"], utc=True) if "cancelled_at" in events else pd.Series(pd.NaT, events.index)
        cancelled = events["cancelled"].to_numpy(bool) & ~(gone >= end).to_numpy(bool)
        so_far = ((pd.Timestamp(end) - started).dt.total_seconds() / UNITS_OF_TIME[row["unit"]]).to_numpy(float)
        events["delivered"] = np.where(later, so_far, events["delivered"].to_numpy(float))
        events["open"] = np.where(mine, later & ~cancelled, events["open"].to_numpy(bool))
        events["cancelled"] = np.where(mine, cancelled, events["cancelled"].to_numpy(bool))
    return events


_MEASURES = {
    "customer": _customer,
    "knowledge": _knowledge,
    "outcome": _outcome,
    "communication": _communication,
    "late": _late,
    "delivery": _delivery,
}


def spec_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a row of `study.targets` declares."""
    spec: dict[str, Any] = json.loads(row["spec"])
    return spec
