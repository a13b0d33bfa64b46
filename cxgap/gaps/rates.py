"""How many issues there are per 100 customers, or events, that could have led to one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap.gaps.contact_log import CUSTOMER, Log
from cxgap.stats.ended import ratio_of
from cxgap.stats.means import Codes, Floats, sum_by, t_interval

PER = 100


class Rates(NamedTuple):
    """Issues, and what they could have come from, in each cell and of each customer.

    Attributes
    ----------
    measure : the name of the rate
    cell, customer : of each entry, shape (entries,)
    issues, exposed : how many of either the entry stands for
    strangers : issues of customers that the table does not have, which no entry counts
    """

    measure: str
    cell: Codes
    customer: Codes
    issues: Floats
    exposed: Floats
    strangers: int = 0

    def row(self, place: int, conf_level: float) -> dict[str, float]:
        """Estimate the rate of one cell; customers are the independent units, those without an issue too."""
        here = self.cell == place
        found = ratio_of(PER * self.issues[here], self.exposed[here], self.customer[here])
        low, high = t_interval(*(np.array([part]) for part in found), conf_level=conf_level)
        exposed = here & (self.exposed > 0)
        return {
            "n": float(len(np.unique(self.customer[exposed]))),
            "issues": float(self.issues[here].sum()),
            "open": 0.0,
            "estimate": found.mean,
            "std_error": found.std_error,
            "df": found.df,
            "conf_low": float(np.maximum(low[0], 0.0)),
            "conf_high": float(high[0]),
            "total": np.nan,
        }


def rates_of(log: Log, cell: Codes, cells: pd.DataFrame, names: Sequence[str], measure: str, table: IntoFrame) -> Rates:
    """Set issues against the rows of a table; of the columns that make cells, those that the table has part it, too.

    Parameters
    ----------
    log : the issues
    cell, cells : of each issue, and the keys of each cell
    names : the columns that make cells
    measure : the name of the rate
    table : one row a customer, or an event with its customer
    """
    shared = [name for name in names if name in tally.columns_of(table)]
    rows = tally.tally_times(table, keys=[CUSTOMER, *shared], table="customers" if measure == "per_customer" else "events")
    rows = rows.dropna(subset=[CUSTOMER]).reset_index(drop=True)
    ids, place = pd.factorize(rows[CUSTOMER].astype(object))[::-1]
    own = log.rows[CUSTOMER].iloc[log.chains.first].astype(object)
    known = pd.Index(ids).get_indexer(own)
    told = known >= 0
    texts = _texts(rows, shared)
    entries = [np.flatnonzero(texts == text) for text in _texts(cells, shared)]
    count = rows["rows"].to_numpy(float) if measure == "per_event" else np.ones(len(rows))
    of_table = np.concatenate(entries) if entries else np.zeros(0, np.int64)
    of_cell = np.repeat(np.arange(len(cells)), [len(each) for each in entries])
    nothing = np.zeros(int(told.sum()))
    found = pd.DataFrame(
        {
            "cell": np.concatenate([cell[told], of_cell]),
            "customer": np.concatenate([known[told], place[of_table]]),
            "issues": np.concatenate([nothing + 1, np.zeros(len(of_table))]),
            "exposed": np.concatenate([nothing, count[of_table]]),
        }
    )
    pairs, where = np.unique(found["cell"] * max(len(ids), 1) + found["customer"], return_inverse=True)
    issues, exposed = (sum_by(where.reshape(-1), len(pairs), found[name].to_numpy()) for name in ("issues", "exposed"))
    return Rates(measure, pairs // max(len(ids), 1), pairs % max(len(ids), 1), issues, exposed, int((~told).sum()))


def _texts(rows: pd.DataFrame, names: Sequence[str]) -> np.ndarray:
    """Write the keys of each row as one text."""
    if not names:
        return np.full(len(rows), "", dtype=object)
    texts = [rows[name].astype(object).where(rows[name].notna(), "\x00").astype(str) for name in names]
    return np.array(["\x1f".join(parts) for parts in zip(*texts, strict=True)], dtype=object)
