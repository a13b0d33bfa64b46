"""How early or late the order of each answer was, as far as it was known when the answer was given."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap.errors import ColumnError
from cxgap.gaps.clocks import end_of, local_times
from cxgap.gaps.moments import EVENT, FIRST, LAST, are_dates
from cxgap.gaps.promises import MEASURED, read_promises
from cxgap.stats.means import Floats
from cxgap.stats.survival import CANCELLED, FULFILLED

TIMES: Final = ("ordered_at", "delivered_at", "cancelled_at", "promised_from", FIRST, LAST)
PLACE: Final = "_answer"
DAY: Final = 86_400_000_000  # microseconds


def delays(
    here: pd.DataFrame, promises: IntoFrame | None, *, step: float, zone: str, unit: str | None, **asked: Any
) -> tuple[Floats, np.ndarray, str]:
    """Return the delay of each answer, why it is left out ("" where it is not), and the unit; marks `so_far_` in `here`."""
    number = np.arange(len(here))
    kind, delay = np.full(len(here), "unknown", dtype=object), np.full(len(here), np.nan)
    here["so_far_"] = False
    if not len(here):
        return delay, kind, unit or "days"
    kept = [name for name in (*MEASURED, "status", "unit", "direction") if name in here]
    if context := asked["context"]:
        if context not in here:
            raise ColumnError.missing(context, "events", [name for name in here if not name.endswith("_")])
        kept.append(context)
    rows = here[list(dict.fromkeys(kept))].assign(**{EVENT: number})
    undone = np.zeros(len(here), bool)
    if "delivered_at" in rows:
        gone = rows["cancelled_at"].notna().to_numpy() if "cancelled_at" in rows else np.zeros(len(rows), bool)
        at = here["at_"].to_numpy(float)
        came = rows["delivered_at"].to_numpy(float)
        undone = ~gone & np.isfinite(at) & ~(came <= at)
        here["so_far_"] = undone
        rows["delivered_at"] = np.where(undone, at, came)
        times = [name for name in TIMES if name in rows]
        rows = rows.assign(**{name: pd.to_datetime(rows[name], unit="us", utc=True) for name in times})
        if "cancelled" in rows:
            rows = rows.assign(status=np.where(rows.pop("cancelled").to_numpy(bool), "cancelled", ""))
    ledger = _ledger(promises, here)
    read = read_promises(rows, ledger, by=[EVENT], unit=unit, zone=zone, known=True, **asked)
    event = read.cells[EVENT].astype(np.int64).to_numpy()
    aside = sum(read.set_aside.values()) if read.set_aside else np.zeros(len(event))
    kind[event[np.asarray(aside) > 0]] = "impossible"
    if asked["as_of"]:
        kind[event[np.asarray(read.set_aside["future"]) > 0]] = "later"
    place = event[read.rows["cell"].to_numpy(np.int64)]
    state, delta, early, late = (read.rows[name].to_numpy() for name in ("state", "delta", "early", "late"))
    kind[place] = np.where(state == FULFILLED, "", np.where(state == CANCELLED, "cancelled", "waiting"))
    on_time = (delta >= -early) & (delta <= late)
    whole = delta
    if step:
        days = _days(read.rows, here, zone) if read.units[0] == "days" and float(step).is_integer() else delta
        whole = np.ceil(np.where(delta == 0, 0.0, days) / step - 1e-9) * step
    delay[place] = np.where(on_time, 0.0, whole) + 0.0
    kind = np.where(undone & (kind == "") & ~(delay > 0), "waiting", kind)
    if asked["as_of"]:
        kind = np.where(here["at_"].to_numpy(float) > end_of(asked["as_of"], zone), "later", kind)
    return delay, kind, read.units[0]


def _days(rows: pd.DataFrame, here: pd.DataFrame, zone: str) -> Floats:
    """Return delays; where dates were promised and came at a time of day, in days of the calendar, whatever their hours."""
    if "delivered_at" not in here:
        return rows["delta"].to_numpy(float)
    delta, residual, due = (rows[name].to_numpy(float) for name in ("delta", "residual", "due"))
    # A study ends a day with its last microsecond, and promises read here with its last second, unless all are dates.
    dated = are_dates(due + 1e6, zone) and not are_dates(here["delivered_at"].to_numpy(float), zone)
    if not (dated or are_dates(due + 1, zone)):
        return delta
    width = np.where(delta < 0, delta - residual, 0.0)  # of the window; what comes before it is early against its beginning
    ended = due + np.where(np.isfinite(residual), residual, 0.0) * DAY
    ends, limits = (local_times(np.round(each), zone).dt.normalize() for each in (ended, due - width * DAY))
    return ((ends - limits) / pd.Timedelta(days=1)).to_numpy(float)


def _ledger(promises: IntoFrame | None, here: pd.DataFrame) -> pd.DataFrame | None:
    """Return the promises of the orders that are answered about, by the number of the answer."""
    if promises is None:
        return None
    rows = tally.rows_of(promises)
    tally.require(rows, [EVENT], "promises")
    number = pd.DataFrame({EVENT: here[EVENT].astype(str), PLACE: np.arange(len(here))})
    told = rows.assign(**{EVENT: rows[EVENT].astype(str)}).merge(number, on=EVENT)
    return told.drop(columns=EVENT).rename(columns={PLACE: EVENT})
