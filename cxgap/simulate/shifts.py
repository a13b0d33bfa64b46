"""Who was there for customers, hour by hour, in the assisted channels."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from numpy.random import Generator

from cxgap.simulate.text import instants

FIRST_MONDAY, WEEKS, OPEN_DAYS = np.datetime64("2026-01-05", "D"), 12, 6  # Monday to Saturday, all of it winter time
OPENS_UTC, HOURS = 7, 12  # 8:00 to 20:00 in Berlin
PLANNED: Final = {"Phone": (8, 10), "Shop": (4, 4)}  # people, Monday to Friday and on Saturday
SATURDAY: Final = 0.5
TEAMS: Final = {"Phone": "Call centre", "Shop": "Shop staff"}
PRESENT, PRESENT_MONDAY = 0.96, 0.70  # chance that one who is planned is there; on Monday mornings
WEAK_HOURS: Final = 4  # of Monday, from the opening
SHUT, SHUT_MONDAY = 0.01, 0.35  # chance that an hour is shut in part, for 5 to 40 minutes, evenly


def staffing_table(rng: Generator) -> pd.DataFrame:
    """The last twelve weeks: one row an hour of opening and channel, with a weak Monday morning."""
    day, hour = (axis.ravel() for axis in np.meshgrid(np.arange(WEEKS * 7), np.arange(HOURS), indexing="ij"))
    kept = day % 7 < OPEN_DAYS
    day, hour = day[kept], hour[kept]
    at = (FIRST_MONDAY + day).astype("datetime64[s]") + (OPENS_UTC + hour) * 3600
    weak, saturday = (day % 7 == 0) & (hour < WEAK_HOURS), day % 7 == OPEN_DAYS - 1
    parts = []
    for channel, (least, most) in PLANNED.items():
        planned = np.where((hour >= 2) & (hour < 8), most, least)
        planned = np.where(saturday, np.rint(planned * SATURDAY), planned).astype(int)
        agents = rng.binomial(planned, np.where(weak, PRESENT_MONDAY, PRESENT))
        shut = rng.random(len(at)) < np.where(weak, SHUT_MONDAY, SHUT)
        minutes = np.where(shut, 60 - rng.integers(5, 41, len(at)), 60)
        columns = {"at": instants(at), "channel": channel, "team": TEAMS[channel], "agents": agents, "planned": planned}
        parts.append(pd.DataFrame({**columns, "open_minutes": minutes}))
    return pd.concat(parts).sort_values(["at", "channel"], kind="stable").reset_index(drop=True)
