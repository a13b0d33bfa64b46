"""Customers as a company knows them, one row each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap.errors import ArgumentError, ColumnError
from cxgap.gaps.moments import CUSTOMER
from cxgap.tables.absent import absent


def customer_rows(
    customers: IntoFrame | None, columns: Sequence[str] = (), zone: str = "UTC", numbers: Sequence[str] = ("value",)
) -> pd.DataFrame:
    """Return one row a customer: `since` and `churned_at` in microseconds, numbers, and further columns, blank where absent.

    Raises
    ------
    ColumnError : there is no customer_id.
    ArgumentError : a customer is told of in two ways.
    """
    plain = [CUSTOMER, *columns]
    times = ["since", "churned_at"]
    if customers is None or absent(customers):
        return pd.DataFrame({**{name: pd.Series(dtype=object) for name in plain},
                             **{name: pd.Series(dtype=float) for name in [*times, *numbers]}})  # fmt: skip
    present = tally.columns_of(customers, "customers")
    if CUSTOMER not in present:
        raise ColumnError.missing(CUSTOMER, "customers", present)
    rows = tally.tally_times(
        customers, keys=[name for name in plain if name in present], times=[name for name in times if name in present],
        numbers=[name for name in numbers if name in present], zone=zone, table="customers",
    ).dropna(subset=[CUSTOMER])  # fmt: skip
    if rows[CUSTOMER].duplicated().any():
        raise ArgumentError("`customers` must have one row a customer, and some have several that differ; keep the latest.")
    made: Mapping[str, Any] = {name: np.nan for name in [*times, *numbers] if name not in rows}
    made = {**made, **{name: None for name in plain if name not in rows}}
    rows = rows.assign(**made).astype(dict.fromkeys(plain, object))
    return rows.reset_index(drop=True)
