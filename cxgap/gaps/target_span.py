"""When the evidence of a target began, and the last day on which any came in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from cxgap.tables.absent import absent
from cxgap.tables.study import Study

_OF_EVENTS = ("delivery", "communication", "late")


def last_day(study: Study, spec: Mapping[str, Any]) -> date | None:
    """Return the last day, in the study's zone, on which something of a target's table came in."""
    return _end(study, spec, first=False)


def first_day(study: Study, spec: Mapping[str, Any]) -> date | None:
    """Return the day from which evidence of a target counts: `since`, else the first day of its table or wave."""
    if spec.get("since") and not spec.get("waves"):
        return date.fromisoformat(str(spec["since"]))
    return _end(study, spec, first=True)


def _end(study: Study, spec: Mapping[str, Any], *, first: bool) -> date | None:
    events = spec["measure"] in _OF_EVENTS
    table, column = (study.events, "ordered_at") if events else (study.responses, "at")
    if absent(table):
        return None
    frame = nw.from_native(table).lazy()
    names = frame.collect_schema().names()
    if column not in names:
        return None
    if first and spec.get("waves") and "wave" in names:
        frame = frame.filter(nw.col("wave").cast(nw.String).is_in(list(spec["waves"])))
    ends = [nw.col(column).min() if first else nw.col(column).max()]
    if events and not first and "delivered_at" in names:
        ends.append(nw.col("delivered_at").max())
    found = frame.select(*(end.alias(f"end {place}") for place, end in enumerate(ends))).collect().to_pandas().iloc[0]
    times = [pd.Timestamp(moment) for moment in found if not pd.isna(moment)]
    times = [moment.tz_localize("UTC") if moment.tzinfo is None else moment for moment in times]
    day: date = max(times).tz_convert(study.zone).date() if times else None  # type: ignore[assignment]
    return day
