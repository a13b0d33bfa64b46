"""The rows of the table of incidents: its names, and the columns of one."""

from __future__ import annotations

import pandas as pd

from cxgap.gaps.happened import NAMES
from cxgap.gaps.moments import CUSTOMER

SLUG, TITLE = "incidents", "Who was hit, and who said so"

ANY = "any of these"
OTHERS = "other incidents"
PARTS = ("vocal", "recovery", "silent", "recent")
RATES = ("complaint_rate", "conf_low", "conf_high", "multiplier", "multiplier_low", "multiplier_high")
OWN = ("event_type", "n", "events", *PARTS, "watched", *RATES, "value_silent", "vip_silent", "flags")


def name_of(kind: str) -> str:
    """Write a type of event as a reader knows it."""
    return NAMES.get(kind, kind)


def joined_kinds(hits: pd.DataFrame, min_n: int) -> pd.DataFrame:
    """Join the kinds of incident that hit too few customers: what hit a single one may be named after them."""
    people = hits.groupby("kind")[CUSTOMER].nunique()
    few = [kind for kind, many in people.items() if many < min_n and kind not in NAMES]
    return hits.assign(kind=hits["kind"].where(~hits["kind"].isin(few), OTHERS)) if few and min_n > 1 else hits
