"""The log of whom the company wrote to, and whom it held out: one row a customer and list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap.errors import ArgumentError
from cxgap.gaps.moments import CUSTOMER, EVENT
from cxgap.tables.absent import absent

AT = "at"
CONTACTED, HELD_OUT = "contacted", "held out"


def outreach_rows(
    outreach: IntoFrame | None, zone: str, columns: Sequence[str] = (), numbers: Sequence[str] = ()
) -> pd.DataFrame:
    """Return the log of whom the company wrote to or held out: one row a customer and list.

    Raises
    ------
    ArgumentError : an arm is of no known kind.
    """
    names = [CUSTOMER, EVENT, "campaign", "stratum", *columns]
    if outreach is None or absent(outreach):
        made: dict[str, Any] = {name: pd.Series(dtype=object) for name in names}
        return pd.DataFrame(
            {**made, AT: pd.Series(dtype=float), "arm": pd.Series(dtype=object), "contacted": pd.Series(dtype=bool)}
        )
    tally.require(outreach, [CUSTOMER, AT, "arm"], "outreach")
    present = tally.columns_of(outreach, "outreach")
    keys = [name for name in dict.fromkeys([*names, "arm"]) if name in present]
    told = [name for name in numbers if name in present]
    rows = tally.tally_times(outreach, keys=keys, times=[AT], numbers=told, zone=zone, table="outreach")
    rows = rows.assign(**{name: rows[name].astype(object) if name in rows else None for name in names})
    rows = rows[rows[CUSTOMER].notna() & rows[AT].notna() & rows["arm"].notna()].reset_index(drop=True)
    arm = rows["arm"].astype(str).str.strip().str.lower().str.replace("_", " ").str.replace("-", " ")
    arm = arm.replace({"holdout": HELD_OUT, "hold out": HELD_OUT, "control": HELD_OUT, "treated": CONTACTED})
    strange = sorted(set(arm) - {CONTACTED, HELD_OUT, "not contacted"})
    if strange:
        raise ArgumentError(
            f"`outreach` must say in 'arm' {CONTACTED!r}, {HELD_OUT!r} or, where no chance decided, 'not contacted', "
            f"not {strange[0][:40]!r}."
        )
    return rows.assign(arm=arm, contacted=(arm == CONTACTED).to_numpy(bool))


def contacted_rows(outreach: IntoFrame | None, zone: str) -> pd.DataFrame:
    """Return whom the company had written to, when, and about which event."""
    rows = outreach_rows(outreach, zone)
    return rows[rows["contacted"].astype(bool)][[CUSTOMER, EVENT, AT]]
