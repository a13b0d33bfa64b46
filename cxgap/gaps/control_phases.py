"""Which periods tell what is usual, which are judged by it, and which are hidden."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from cxgap._check import check_choice
from cxgap.errors import ArgumentError, listed
from cxgap.gaps.control_series import BASELINE, MONITORED, PERIODS, Series
from cxgap.gaps.judge import refuse_names
from cxgap.gaps.kept import lines_of
from cxgap.result import Table
from cxgap.stats.privacy import hide_also, too_few

SIDES: Final = {"gap": "", "expectation": "expectation_", "perception": "perception_"}


def of_trend(table: Table, of: str) -> tuple[Series, tuple[str, ...]]:
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


def phases_of(series: Series, until: str) -> pd.DataFrame:
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
        ends = rows["start"].dt.to_period(PERIODS[series.period]).dt.end_time.dt.normalize()
        inside = (ends <= last).to_numpy()  # one that is not over by then holds what came after
    else:
        known = list(dict.fromkeys(rows["period"]))
        if until not in known:
            raise ArgumentError(f"`baseline_until` must be one of the periods, {listed(known[:12])}, not {until!r}.")
        inside = rows["period"].map(known.index).to_numpy() <= known.index(until)
    ready = (rows["ready"] == "").to_numpy()
    return rows.assign(phase=np.where(ready, np.where(inside, BASELINE, MONITORED), rows["ready"]), usual=inside & ready)


def hidden_of(rows: pd.DataFrame, names: Sequence[str], min_n: int) -> np.ndarray:
    """Return why each period is hidden, "" where it is not."""
    people = rows["people"].to_numpy(float)
    few = too_few(people, min_n)
    if not names or min_n == 1:
        return np.where(few, "SUPPRESSED_PRIVACY", "")
    refuse_names(rows, names, np.where(np.isfinite(people), people, 0), min_n)
    keys = rows[[*names, "period"]]
    also = hide_also(few, np.where(np.isfinite(people), people, 1e9), lines_of(keys, [*names, "period"]), min_n)
    return np.where(few, "SUPPRESSED_PRIVACY", np.where(also, "SUPPRESSED_SECONDARY", ""))


def groups_of(rows: pd.DataFrame, names: Sequence[str]) -> list[tuple[str, pd.DataFrame]]:
    """Split the rows by group, in the order in which they come."""
    if not names:
        return [("", rows)]
    keys = rows[list(names)].astype(object).where(rows[list(names)].notna(), "(blank)").astype(str).agg(" · ".join, axis=1)
    return [(str(label), rows[keys == label]) for label in dict.fromkeys(keys)]
