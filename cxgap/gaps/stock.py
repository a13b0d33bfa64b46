"""What could be sent in place of what failed: products in stock that may stand in, where the customer is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap.tables.absent import absent


@dataclass
class Shelf:
    """What lies in one place: a product, what it may stand in for, the region ("" is everywhere), and how many are left."""

    product: str
    replaces: set[str]
    region: str
    left: float


def alternatives(rows: pd.DataFrame, inventory: IntoFrame | None, end: float, zone: str) -> list[str | None]:
    """Return for each row, in their order, a product in stock that replaces its own; each use takes one away.

    Parameters
    ----------
    rows : in the order of the list, with `product`, `region` where events have them, and `arm`
    inventory : one row a product and region: `product`, `available`, `replaces`; a blank region is everywhere
    end : the last moment of the data; what was counted later is left out
    zone : of times without an offset
    """
    nothing: list[str | None] = [None] * len(rows)
    if inventory is None or absent(inventory) or "product" not in rows:
        return nothing
    present = tally.columns_of(inventory, "inventory")
    tally.require(inventory, ["product", "available"], "inventory")
    if "replaces" not in present:
        return nothing
    keys = [name for name in ("product", "replaces", "region") if name in present]
    times = [name for name in ("at",) if name in present]
    table = tally.tally_times(inventory, keys=keys, times=times, numbers=["available"], zone=zone, table="inventory")
    table = table.astype(dict.fromkeys(keys, object))
    if times:
        table = table[~(table["at"] > end)].sort_values("at", kind="stable")
    table = table.drop_duplicates([name for name in keys if name != "replaces"], keep="last")
    region = table["region"] if "region" in table else pd.Series(None, table.index, dtype=object)
    shelves = [
        Shelf(
            str(product), {part.strip() for part in str(replaces).split(";")}, "" if pd.isna(where) else str(where), float(left)
        )
        for product, replaces, where, left in zip(table["product"], table["replaces"], region, table["available"], strict=True)
        if not pd.isna(replaces) and np.isfinite(left)
    ]
    shelves.sort(key=lambda shelf: (not shelf.region, shelf.product))  # what lies in the region goes before what is sent there
    places = rows["region"] if "region" in rows else pd.Series(None, rows.index, dtype=object)
    found: list[str | None] = []
    for product, where, arm in zip(rows["product"], places, rows["arm"], strict=True):
        at = "" if pd.isna(where) else str(where)
        fitting = [
            shelf
            for shelf in shelves
            if not pd.isna(product) and str(product) in shelf.replaces and shelf.left >= 1 and shelf.region in ("", at)
        ]
        if fitting and arm == "contacted":
            fitting[0].left -= 1
        found.append(fitting[0].product if fitting else None)
    return found
