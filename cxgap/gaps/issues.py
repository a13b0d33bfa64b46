"""What an issue of several contacts is measured by: how often, how long, by which ways, at what cost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from cxgap.gaps.channels import of_channel
from cxgap.gaps.contact_log import CHANNEL, DAY, TEAM, Log
from cxgap.stats.means import Floats


class Measure(NamedTuple):
    """What is measured of issues: its name in a table, its unit, and why it is not there where nothing tells."""

    name: str
    unit: str
    lacks: str = ""


DAYS, SHARE, MONEY = "days", "share", "currency"
NO_TABLE, ASSISTED, COST = "there is no table of channels", "assisted", "cost"
MEASURES: Final = {
    "contacts": Measure("contacts an issue", "contacts"),
    "repeat": Measure("needed another contact", SHARE),
    "first_contact": Measure("settled at the first contact", SHARE, "contacts do not say it in a column 'resolved'"),
    "switched": Measure("changed channel", SHARE, "contacts do not say it in a column 'channel'"),
    "forced": Measure("forced from self-service to people", SHARE, ASSISTED),
    "handoffs": Measure("changes of team an issue", "changes", "contacts do not say it in a column 'team'"),
    "abandoned": Measure("gave up waiting at least once", SHARE, "contacts do not say it in a column 'abandoned'"),
    "elapsed": Measure("days from first to last contact, mean", DAYS),
    "elapsed_median": Measure("days from first to last contact, median", DAYS),
    "elapsed_several": Measure("days from first to last of several contacts, median", DAYS),
    "minutes": Measure("minutes of work an issue", "minutes", "contacts do not say it in a column 'minutes'"),
    "cost": Measure("cost of an issue", MONEY, COST),
    "switch_cost": Measure("cost of contacts after a change of channel, an issue", MONEY, COST),
    "forced_cost": Measure("cost of contacts that were forced, an issue", MONEY, COST),
    "per_customer": Measure("issues per 100 customers", "issues"),
    "per_event": Measure("issues per 100 events", "issues"),
}


def values_of(log: Log, channels: pd.DataFrame | None) -> dict[str, Floats]:
    """Return each measure of each issue; NaN where the log does not tell."""
    chains, rows = log.chains, log.rows
    contacts = np.bincount(chains.chain, minlength=log.issues).astype(float)
    at = rows["at"].to_numpy()
    elapsed = (at[chains.last] - at[chains.first]) / DAY
    cost, forced = of_channel(log, channels, "cost"), forced_of(log, channels)
    changed, several = changed_of(log, CHANNEL), contacts > 1
    resolved = rows["resolved"].to_numpy(float)[chains.first]
    return {
        "contacts": contacts,
        "repeat": several.astype(float),
        "first_contact": np.where(several & np.isfinite(resolved), 0.0, resolved),
        "switched": _any(log, changed),
        "forced": _any(log, forced),
        "handoffs": log.total(changed_of(log, TEAM)),
        "abandoned": _any(log, rows["abandoned"].to_numpy(float)),
        "elapsed": elapsed,
        "elapsed_median": elapsed,
        "elapsed_several": np.where(several, elapsed, np.nan),
        "minutes": log.total(rows["minutes"].to_numpy(float)),
        "cost": log.total(cost),
        "switch_cost": log.total(_cost_of(changed, cost)),
        "forced_cost": log.total(_cost_of(forced, cost)),
    }


def _cost_of(marked: Floats, cost: Floats) -> Floats:
    """Return the cost of the marked contacts, 0 of the others; NaN where a mark, or its cost, is not known."""
    if not np.isfinite(cost).any():
        return np.full(len(cost), np.nan)
    return np.where(marked == 0, 0.0, cost * marked)


def changed_of(log: Log, name: str) -> Floats:
    """Say of each contact whether a column has another value than at the contact before it in the issue.

    1 and 0; 0 at a first contact, NaN where either is not known.
    """
    codes, follows = log.codes(name), log.chains.follows
    changed = np.where(codes < 0, np.nan, 0.0)
    before, now = codes[follows - 1], codes[follows]
    changed[follows] = np.where((before < 0) | (now < 0), np.nan, before != now)
    return changed


def forced_of(log: Log, channels: pd.DataFrame | None) -> Floats:
    """Say of each contact whether it came by an assisted channel after one by an unassisted, as `changed_of` does."""
    assisted, follows = of_channel(log, channels, "assisted"), log.chains.follows
    forced = np.where(np.isnan(assisted), np.nan, 0.0)
    before, now = assisted[follows - 1], assisted[follows]
    forced[follows] = np.where(np.isnan(before) | np.isnan(now), np.nan, (before == 0) & (now == 1))
    return forced


def _any(log: Log, marked: Floats) -> Floats:
    """Say of each issue whether any contact is marked; NaN where one is not known, and none is marked."""
    some = log.total((marked == 1).astype(float)) > 0
    unknown = log.total(np.isnan(marked).astype(float)) > 0
    return np.where(some, 1.0, np.where(unknown, np.nan, 0.0))


def lacking_of(values: Mapping[str, Floats], channels: pd.DataFrame | None) -> dict[str, list[str]]:
    """Name the measures that are not there, by the reason."""
    found: dict[str, list[str]] = {}
    for measure, value in values.items():
        why = MEASURES[measure].lacks
        if why and not np.isfinite(value).any():
            if why in (ASSISTED, COST):
                column = why if channels is None or channels[why].isna().all() else ASSISTED
                why = f"the table of channels does not say it in a column {column!r}"
                if channels is None:
                    why = NO_TABLE
                elif channels[column].notna().any():
                    why = f"the table of channels does not say it in a column {column!r} of the channels of contacts"
            found.setdefault(why, []).append(MEASURES[measure].name)
    return found
