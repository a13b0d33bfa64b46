"""The customers of one row of the table of incidents, each in one of four parts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from cxgap.gaps.affected import Affected
from cxgap.gaps.incident_cells import ANY, joined_kinds
from cxgap.gaps.moments import CUSTOMER

LATELY = "LATEST_LEFT_OUT"
GROUPS = ("n", "watched", "spoke_", "vocal", "recovery", "silent", "recent", "valued_", "vip_silent")


def people_of(part: pd.DataFrame, value: pd.Series, line: float, min_n: int) -> tuple[pd.DataFrame, bool]:
    """Return the customers of one cell and type, in which groups each is, and whether the latest events are left out.

    Vocal, else helped, else silent; or else the window of one event still runs. Where such windows are of fewer than `min_n`
    customers, what is said of all beside what is said of those watched would tell what these few did; their events then wait
    until their windows have ended.

    Parameters
    ----------
    part : hits, with `customer_`, the codes of customers
    value : of customers
    line : the value from which one is a VIP, NaN where none is known
    min_n : least number of customers that may be told apart

    Returns
    -------
    One row a customer: a column of `GROUPS` each, `events`, `value` and `customer_`.
    """
    every = _grouped(part, value, line)
    size = every[list(GROUPS)].sum()
    apart = (size["n"] - size["watched"], size["vocal"] - size["spoke_"], size["recent"])
    if size["watched"] and any(0 < number < min_n for number in apart):
        return _grouped(part[part["watched"]], value, line), True
    return every, False


def _grouped(part: pd.DataFrame, value: pd.Series, line: float) -> pd.DataFrame:
    each = part.groupby(CUSTOMER, sort=False).agg(
        vocal=("vocal", "max"), recovery=("recovery", "max"), over=("over", "min"), watched=("watched", "max"),
        events=("kind", "size"), customer_=("customer_", "first"),
    )  # fmt: skip
    spoke = part[part["watched"] & part["vocal"]][CUSTOMER].unique()
    rest = ~each["vocal"] & ~each["recovery"]
    worth = value.reindex(each.index)
    silent = rest & each["over"]
    return each.assign(
        n=True, spoke_=each.index.isin(spoke), recovery=~each["vocal"] & each["recovery"], silent=silent,
        recent=rest & ~each["over"], value=worth, valued_=silent & worth.notna(), vip_silent=silent & (worth >= line),
    )  # fmt: skip


def with_any(hits: pd.DataFrame) -> pd.DataFrame:
    """Add rows of all types together: an event that was hit in two ways is hit once, and heard if in either."""
    how = {"vocal": "max", "recovery": "max", "over": "max", "watched": "max"}
    joined = hits.groupby("event_id_", sort=False).agg(how)
    first = hits.drop_duplicates("event_id_").set_index("event_id_")
    together = first.assign(kind=ANY, **{name: joined[name].reindex(first.index) for name in how}).reset_index()
    return pd.concat([hits, together], ignore_index=True)


def beside(found: Affected, min_n: int) -> list[set[Any]]:
    """Return the groups of customers whose numbers the table of incidents tells: of each type, those hit and the silent."""
    if min_n <= 1:
        return []
    hits = with_any(joined_kinds(found.hits, min_n))
    hits = hits.assign(customer_=pd.factorize(hits[CUSTOMER])[0])
    nothing = pd.Series(dtype=float)
    told = [people_of(part, nothing, np.nan, min_n)[0] for _, part in hits.groupby("kind", sort=True)]
    return [set(each.index[each[name]]) for each in told for name in ("n", "silent")]
