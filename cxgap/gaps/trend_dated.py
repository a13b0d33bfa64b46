"""Months and quarters of the answers, by the calendar."""

from __future__ import annotations

from typing import Any, Final

import narwhals.stable.v2 as nw
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap.errors import ArgumentError

PERIODS: Final = ("", "month", "quarter")
MADE: Final = "_period"


def dated(responses: IntoFrame, period: str, zone: str) -> tuple[IntoFrame, list[str]]:
    """Number the month or quarter of each answer, by the calendar of `zone`; answers without a date are left out.

    Returns
    -------
    The frame with the number, and the names of the periods in order.
    """
    native = nw.from_native(responses)
    dtype = native.collect_schema()["at"]
    if not dtype.is_temporal():
        raise ArgumentError("`responses` must hold times in 'at'; read the file with read_study.")
    at = nw.col("at")
    ends = native.lazy().filter(~at.is_null()).select(at.min().alias("first"), at.max().alias("last")).collect().to_pandas()
    if ends.isna().any(axis=None) or ends.empty:
        return native.head(0).to_native(), []
    zoned = isinstance(dtype, nw.Datetime) and dtype.time_zone is not None
    first, last = (pd.Timestamp(ends[name].iloc[0]) for name in ("first", "last"))
    if zoned:
        first, last = (
            (each if each.tzinfo else each.tz_localize("UTC")).tz_convert(zone).tz_localize(None) for each in (first, last)
        )
    code = {"month": "M", "quarter": "Q"}[period]
    spans = pd.period_range(pd.Period(first, code), pd.Period(last, code), freq=code)
    starts: list[Any] = [span.start_time for span in spans]
    if zoned:
        starts = [start.tz_localize(zone, ambiguous=True, nonexistent="shift_forward").tz_convert("UTC") for start in starts]
    literals = [start.to_pydatetime().date() if dtype == nw.Date else start.to_pydatetime() for start in starts]
    number = nw.sum_horizontal(*((at >= nw.lit(start)).cast(nw.Int64) for start in literals)) - 1
    labels = [f"{span.year}-Q{span.quarter}" if period == "quarter" else f"{span.year}-{span.month:02d}" for span in spans]
    return native.filter(~at.is_null()).with_columns(number.alias(MADE)).to_native(), labels
