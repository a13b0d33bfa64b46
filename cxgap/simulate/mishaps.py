"""What went wrong with parcels beside lateness: damage, lots, incidents, and when the company began to make good."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from numpy.random import Generator
from numpy.typing import NDArray

from cxgap.simulate import company
from cxgap.simulate.design import Design
from cxgap.simulate.orders import AS_OF, Orders
from cxgap.simulate.text import codes, instants

DAMAGED_SHARE: Final = 0.015  # of the delivered orders, outside the damaged lot
DAMAGED_IN_LOT: Final = 0.80  # of the delivered orders of the damaged lot
LOTS_FROM: Final = np.datetime64("2025-01-06", "D")  # a Monday
DAMAGED_LOT: Final = "007-L45"  # ordered in the week from Monday 10 November 2025
TOLD_SHARE: Final = 0.70  # of the damaged parcels of that lot, those of which the incident is noted
MADE_GOOD_SHARE: Final = 0.15  # of the orders that were late or damaged
MADE_GOOD_DAYS: Final = (0.5, 6.0)  # after the promise was missed, or the parcel came damaged; evenly

# incident, kind, touchpoint, from, to, lot, severity, region, channel; blank is everywhere
_INCIDENTS = (
    ("I01", "damaged batch", 3, "2025-11-11T05:30:00Z", "2025-11-24T18:00:00Z", DAMAGED_LOT, 0.9, "007", None),
    ("I02", "outage of the tracking app", 2, "2025-12-08T06:00:00Z", "2025-12-11T17:30:00Z", None, 0.4, None, "App"),
    ("I03", "stock-out of packaging", 1, "2026-02-02T07:00:00Z", "2026-02-13T18:00:00Z", None, 0.3, "0034", None),
)
_COLUMNS = ("incident_id", "kind", "touchpoint", "started_at", "ended_at", "batch", "severity", "region", "channel")


def with_mishaps(rng: Generator, design: Design, orders: Orders, events: pd.DataFrame) -> pd.DataFrame:
    """Add `failed`, `batch`, `incident_id` and `recovery_at` at the end of the orders.

    A lot is what is ordered in one region and week. Delivered parcels come damaged with DAMAGED_SHARE, in the
    damaged lot with DAMAGED_IN_LOT, whatever their delay; of the latter TOLD_SHARE name the incident. Of the orders that miss
    their promise or come damaged, MADE_GOOD_SHARE are made good within days.
    """
    level, told, helped, wait = rng.random((4, len(orders.customer)))
    lot = _lots(design, orders)
    delivered = ~np.isnat(orders.delivered)
    hit = lot == DAMAGED_LOT
    failed = delivered & (level < np.where(hit, DAMAGED_IN_LOT, DAMAGED_SHARE))
    begin = np.where(orders.late, orders.promised, orders.delivered)
    low, high = MADE_GOOD_DAYS
    recovery = begin + np.floor((low + (high - low) * wait) * 86400).astype("timedelta64[s]")
    wrong = (orders.late | failed) & (helped < MADE_GOOD_SHARE) & (recovery <= AS_OF)
    return events.assign(
        failed=codes(("no", "yes"), np.where(delivered, failed.astype(int), -1)),
        batch=lot,
        incident_id=codes(("I01",), np.where(failed & hit & (told < TOLD_SHARE), 0, -1)),
        recovery_at=instants(np.where(wrong, recovery, np.datetime64("NaT", "s"))),
    )


def incidents_table() -> pd.DataFrame:
    """The incidents of the year; `region` and `channel` say whom they hit, everybody where they are blank."""
    frame = pd.DataFrame(_INCIDENTS, columns=list(_COLUMNS))
    return frame.assign(touchpoint=frame["touchpoint"].map(dict(enumerate(company.TOUCHPOINTS))))


def _lots(design: Design, orders: Orders) -> NDArray:
    """Name of each order's lot: its region, and the number of the week since LOTS_FROM."""
    week = (orders.ordered.astype("datetime64[D]") - LOTS_FROM).astype(np.int64) // 7 + 1
    return np.array(company.REGIONS, dtype=object)[design.region[orders.customer]] + np.char.mod("-L%02d", week).astype(object)
