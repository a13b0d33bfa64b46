"""Targets of promises and standards, measured on the events that had begun by a day and as they were known then."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from cxgap.gaps.communication import communication_gap
from cxgap.gaps.delivery import delivery_gap
from cxgap.gaps.target_window import NOTHING, Evidence, Window, empty, of_gap, options_of
from cxgap.stats.proportions import clopper_pearson
from cxgap.tables.absent import Absent, absent
from cxgap.tables.sections import UNITS_OF_TIME
from cxgap.tables.study import Study


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
    return NOTHING if empty(came) else came


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
    options = {**options_of(spec), "zone": study.zone, "as_of": day, "conf_level": level, "basis": basis, "by": ""}
    return communication_gap(known.select(columns).to_native(), promises, **options)


def communication_target(study: Study, spec: Mapping[str, Any], window: Window, level: float) -> Evidence:
    """Measure the gap of a promise."""
    found = _promised(study, spec, window, level, spec.get("basis", "physical"))
    if isinstance(found, str) or found.missing:
        return Evidence(why=found if isinstance(found, str) else found.missing)
    told = of_gap(found.frame, found.unit, "customers")
    return _attained(found.frame, told, level) if spec.get("basis") == "attainment" else told


def late_target(study: Study, spec: Mapping[str, Any], window: Window, level: float) -> Evidence:
    """Measure the share of promises that were not kept in time."""
    found = _promised(study, spec, window, level, "physical")
    if isinstance(found, str) or found.missing:
        return Evidence(why=found if isinstance(found, str) else found.missing)
    row = found.frame.iloc[0]
    if not float(row["n"]) > 0:
        return Evidence(0.0, unit="share", why=NOTHING)
    people, late, low, high = (float(row[name]) for name in ("customers", "late", "late_low", "late_high"))
    return _exact(row, Evidence(people, late, math.nan, people - 1, low, high, "share"), late, level)


def _attained(rows: pd.DataFrame, found: Evidence, level: float) -> Evidence:
    """Give the share that was attained, less the one that should be, exact bounds."""
    if len(rows) != 1 or not math.isfinite(found.low):
        return found
    row = rows.iloc[0]
    should, share = float(row["start"]), float(row["end"])
    told = _exact(row, found, share, level)
    return found if told is found else told._replace(low=told.low - should, high=told.high - should)


def _exact(row: pd.Series, found: Evidence, share: float, level: float) -> Evidence:
    """Give a share of what is independent, and all known, its exact bounds.

    The score interval of the methods errs as often as it says on the average over shares, and at some of them up to four times
    as often on one side; a verdict must err no more often at any.
    """
    if float(row["n"]) != float(row["customers"]) or float(row["open"]) > 0 or not math.isfinite(found.low):
        return found
    low, high = clopper_pearson(share * float(row["n"]), float(row["n"]), conf_level=level)
    return found._replace(low=float(low), high=float(high))


def delivery_target(study: Study, spec: Mapping[str, Any], window: Window, level: float) -> Evidence:
    """Measure the gap of a standard."""
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
    options = {**options_of(spec), "conf_level": level, "basis": spec.get("basis", "physical"), "by": ""}
    found = delivery_gap(_as_it_stood(frame, study, window.end), study.standards, **options)
    if found.missing:
        return Evidence(why=found.missing)
    rows = found.frame[found.frame["n"].fillna(0) > 0]
    if metric:
        rows = rows[rows["metric"].astype(str) == metric]
    told = of_gap(rows, str(rows["unit"].iloc[0]) if len(rows) else "", "customers")
    return _attained(rows, told, level) if spec.get("basis") == "attainment" else told


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
