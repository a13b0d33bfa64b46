"""Moments as the clocks of a place show them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cxgap.stats.means import Floats


def local(moments: Floats, zone: str) -> Floats:
    """Return moments (microseconds since 1970 in UTC) as the clocks of a zone show them, microseconds since 1970 there."""
    stamps = pd.DatetimeIndex(pd.to_datetime(np.round(moments).astype("int64"), unit="us", utc=True)).tz_convert(zone)
    return np.asarray((stamps.tz_localize(None) - pd.Timestamp(0)) / pd.Timedelta(microseconds=1), np.float64)
