"""Gap tables of our own making, for tests of what is drawn, said and published."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType

import numpy as np
import pandas as pd

from cxgap.result import COLUMNS, GapTable

# name, expected, perceived, low, high, n, verdict: in the order of a journey
JOURNEY = (
    ("Choose a service", 5.9, 5.8, -0.22, 0.02, 398, "met"),
    ("Order and pay", 6.2, 6.1, -0.19, -0.01, 405, "met"),
    ("Follow the parcel", 6.0, 5.5, -0.66, -0.34, 391, "short"),
    ("Receive the parcel", 6.5, 5.7, -0.97, -0.63, 412, "short"),
    ("Get help", 5.6, 5.4, -0.46, 0.06, 118, "cannot tell"),
    ("Return a parcel", 5.2, 5.6, 0.19, 0.61, 164, "exceeded"),
    ("Claim damage", np.nan, np.nan, np.nan, np.nan, np.nan, "not shown"),
)


def gap_table(
    rows: Sequence[tuple] = JOURNEY,
    *,
    by: Sequence[str] = ("touchpoint",),
    flags: dict[str, str] | None = None,
    margin: float | None = 0.3,
    scale: tuple[float, float] | None = (1.0, 7.0),
    **changes: object,
) -> GapTable:
    """Make a table from (label or labels, start, end, low, high, n, verdict)."""
    labels = [row[0] if isinstance(row[0], tuple) else (row[0],) for row in rows]
    frame = pd.DataFrame(labels, columns=list(by)) if by else pd.DataFrame(index=range(len(rows)))
    start, end, low, high, n = (np.array([row[place] for row in rows], float) for place in range(1, 6))
    frame["n"] = frame["n_eff"] = n
    frame["start"], frame["end"], frame["estimate"] = start, end, end - start
    frame["std_error"], frame["df"] = (high - low) / 3.92, n - 1
    frame["conf_low"], frame["conf_high"] = low, high
    frame["p_value"] = frame["p_adjusted"] = np.where(np.isfinite(low), 0.5, np.nan)
    frame["effect"] = (end - start) / 1.3
    frame["verdict"] = [row[6] for row in rows]
    named = flags or {}
    usual = ["SUPPRESSED_PRIVACY" if row[6] == "not shown" else "" for row in rows]
    frame["flags"] = [named.get(key[0] if key else "", flag) for key, flag in zip(labels, usual, strict=True)]
    order = {key: tuple(dict.fromkeys(label[place] for label in labels)) for place, key in enumerate(by)}
    settings: dict[str, object] = {
        "unit": "scale points",
        "conf_level": 0.95,
        "expectation_type": "should",
        "score": "mean of dimension means",
        "adjustment": "Benjamini & Hochberg, exploratory",
        "min_n": 10,
    }
    return GapTable(
        frame[[*by, *COLUMNS]],
        gap="customer",
        by=tuple(by),
        margin=margin,
        scale=scale,
        order=MappingProxyType(order),
        **(settings | changes),
    )
