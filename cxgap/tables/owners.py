"""`where` in tables that name whom they are about and not where these live: their rows follow their owners."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from cxgap.tables.absent import SURVEY
from cxgap.tables.company import Read
from cxgap.tables.issues import Issues
from cxgap.tables.restrict import Scope

OWNERS: Final = {
    "contacts": ("customers", "customer_id"),
    "outreach": ("customers", "customer_id"),
    "kano": (SURVEY, "respondent_id"),
}
MET: Final = ("touchpoint", "item", "dimension")  # what an owner met says nothing of the owner


def follow_owners(read: Mapping[str, Read], answers: Any, scope: Scope, issues: Issues) -> dict[str, Read]:
    """Leave out what is of customers or respondents whom `where` leaves out, by columns that only their table has.

    Else the contacts of all regions would be set against the customers of one. A row that names no owner cannot be placed and
    is left out, too.

    Parameters
    ----------
    read : the tables beside the survey that are in memory, restricted by the columns that they have
    answers : those of the survey, restricted, wherever they lie; None where there are none
    """
    made = dict(read)
    for name, (owner, key) in OWNERS.items():
        owners = answers if owner == SURVEY else read[owner].table if owner in read else None
        if not scope.where or name not in read or owners is None:
            continue
        table, known = read[name], nw.from_native(owners).lazy().collect_schema().names()
        if any(column in known and column not in table.table and column not in MET for column in scope.where):
            made[name] = _kept(table, _owned(table.table[key], owners, key))
            if gone := made[name].rows["left_out"] - table.rows["left_out"]:
                issues.add("left_out", "note", table=name, rows=gone)
    return made


def _owned(owner: pd.Series, owners: Any, key: str) -> np.ndarray:
    """Say which rows are of an owner that is there; a frame of the engine may have keys as numbers."""
    named = (
        nw.from_native(owners)
        .lazy()
        .select(nw.col(key).cast(nw.String))
        .filter(nw.col(key).is_in(list(owner.dropna().unique())))
        .group_by(key)
        .agg(nw.len().alias("rows"))  # each once; `unique` needs a younger DuckDB
    )
    return owner.isin(named.collect()[key].to_list()).to_numpy(bool)


def _kept(read: Read, stays: np.ndarray) -> Read:
    """Keep some rows, and count the others as left out."""
    gone = len(np.unique(read.places[~stays]))
    rows = read.rows | {"kept": read.rows["kept"] - gone, "left_out": read.rows["left_out"] + gone}
    return read._replace(table=read.table[stays].reset_index(drop=True), rows=rows, places=read.places[stays])
