"""Moments, which are microseconds since 1970 in UTC, and what the clocks of a place show at them."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Final

import numpy as np
import pandas as pd

from cxgap.stats.means import Floats
from cxgap.tables.restrict import Scope

_START: Final = pd.Timestamp(0, tz="UTC")
_MICROSECOND: Final = pd.Timedelta(microseconds=1)


def moment(time: pd.Timestamp) -> float:
    """Return a time that knows its zone as a moment."""
    return float((time - _START) / _MICROSECOND)


def moments(times: pd.Series | pd.DatetimeIndex) -> Floats:
    """Return times that know their zone as moments; NaN where there is none."""
    return np.asarray((times - _START) / _MICROSECOND, np.float64)


def end_of(as_of: str | datetime | None, zone: str, otherwise: float = math.inf) -> float:
    """Return the last moment of a reading `as_of` a time or a date, which counts as a whole; `otherwise` without one."""
    text = as_of.isoformat() if isinstance(as_of, datetime) else as_of or ""
    cutoff = Scope.of(None, text, zone).cutoff
    return otherwise if cutoff is None else moment(cutoff) - 1


def local_times(at: Floats, zone: str) -> pd.Series:
    """Return moments as times that the clocks of a zone show, without it."""
    return pd.to_datetime(pd.Series(at), unit="us", utc=True).dt.tz_convert(zone).dt.tz_localize(None)


def local(at: Floats, zone: str) -> Floats:
    """Return known moments as the clocks of a zone show them, in microseconds since 1970 there."""
    stamps = pd.DatetimeIndex(pd.to_datetime(np.round(at).astype("int64"), unit="us", utc=True)).tz_convert(zone)
    return np.asarray((stamps.tz_localize(None) - pd.Timestamp(0)) / _MICROSECOND, np.float64)
