"""What the table of channels says of each contact: whether somebody answers in person, and what it costs."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap.errors import ArgumentError
from cxgap.folding import fold
from cxgap.gaps.contact_log import CHANNEL, Log, known_flags
from cxgap.gaps.dates import joined
from cxgap.stats.means import Floats
from cxgap.tables.absent import absent


def channel_table(channels: IntoFrame | None) -> pd.DataFrame | None:
    """Return the table of channels: `channel`, `assisted` and `cost`, NaN where not known; None where there is none.

    Raises
    ------
    ColumnError : it lacks `channel`.
    ArgumentError : it tells of a channel in two ways, or a cost is below 0.
    """
    if channels is None or absent(channels):
        return None
    tally.require(channels, [CHANNEL], "channels")
    rows = tally.rows_of(channels)
    names = rows[CHANNEL].astype(object)
    if names.duplicated().any():
        raise ArgumentError(f"`channels` must have one row a channel, and {names[names.duplicated()].iloc[0]!r} has several.")
    try:
        cost = pd.to_numeric(rows["cost"], errors="raise").to_numpy(float, na_value=np.nan) if "cost" in rows else np.nan
    except (TypeError, ValueError) as error:
        raise ArgumentError("`channels` must hold numbers in 'cost', the cost of a contact.") from error
    if (np.asarray(cost) < 0).any():
        raise ArgumentError("`channels` must have a `cost` of 0 or more, the cost of a contact; one is below 0.")
    assisted = known_flags(rows["assisted"], "assisted", "channels") if "assisted" in rows else np.nan
    return pd.DataFrame({CHANNEL: names.astype(str).to_numpy(), "assisted": assisted, "cost": cost})


def of_channel(log: Log, channels: pd.DataFrame | None, name: str) -> Floats:
    """Return what the table of channels says of the channel of each contact, NaN where it says nothing."""
    if channels is None:
        return np.full(len(log.rows), np.nan)
    told = dict(zip(channels[CHANNEL], channels[name], strict=True))
    levels = np.array([told.get(str(level), np.nan) for level in log.rows[CHANNEL].cat.categories] + [np.nan], float)
    return levels[log.codes(CHANNEL)]


def strange_channels(log: Log, channels: pd.DataFrame | None) -> list[str]:
    """Say which channels of contacts the table of channels does not have, and which of its rows are written almost alike."""
    if channels is None:
        return []
    codes = log.codes(CHANNEL)
    met = {str(log.rows[CHANNEL].cat.categories[code]) for code in np.unique(codes[codes >= 0])}
    strange, listed = sorted(met - set(channels[CHANNEL])), {fold(name): name for name in channels[CHANNEL]}
    if not strange:
        return []
    names = [*strange[:MOST], *([f"{len(strange) - MOST} more"] if len(strange) > MOST else [])]
    near = next(((name, listed[fold(name)]) for name in strange if fold(name) in listed), None)
    hint = f"; is {near[0]!r} the {near[1]!r} of the table?" if near else ""
    said = (
        f"The table of channels does not have {joined(names)}: whether somebody answers there, and at what cost, is not known"
    )
    return [f"{said}{hint or '.'}"]


MOST: Final = 3  # names in a note
