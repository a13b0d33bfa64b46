"""G9: what was delivered against what was promised, of ten million orders in 100 groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmarks.suite.case import Case, Goal, Side, WrongAnswerError, near, same
from benchmarks.suite.data import orders
from benchmarks.suite.loop import Loop

if TYPE_CHECKING:
    import pandas as pd

SHARES = {"q50": 0.5, "q90": 0.9, "q95": 0.95, "q99": 0.99}
COLUMNS = ("n", "mean", "std_error", "late", "early", *SHARES)
LARGE = 10_000_000


def ours(data: pd.DataFrame, loop: Loop) -> pd.DataFrame:
    """Everything that `communication_gap` says: also intervals of the shares, tests, and what open promises would change."""
    import cxgap as cx

    found = cx.communication_gap(data, by="group", unit="days").frame.assign(mean=lambda gaps: -gaps["estimate"])
    return found.assign(group=found["group"].astype(str)).set_index("group")[list(COLUMNS)].astype(float)


def by_pandas(data: pd.DataFrame, loop: Loop) -> pd.DataFrame:
    """One group-by for moments and shares, one for quantiles."""
    late = data["delivered"] - data["promised"]
    table = data[["group"]].assign(mean=late, late=late > 0, early=late < 0)
    groups = table.groupby("group", observed=True)
    found = groups.agg(
        n=("mean", "size"), std_error=("mean", "sem"), mean=("mean", "mean"), late=("late", "mean"), early=("early", "mean")
    )
    quantiles = groups["mean"].quantile(list(SHARES.values()), interpolation="lower").to_numpy().reshape(-1, len(SHARES))
    found = found.assign(**dict(zip(SHARES, quantiles.T, strict=True)))
    found.index = found.index.astype(str)
    return found[list(COLUMNS)].astype(float)


def by_duckdb(data: pd.DataFrame, loop: Loop) -> pd.DataFrame:
    """One query over the same frame."""
    import duckdb

    quantiles = ", ".join(f"quantile_disc(late, {share}) AS {name}" for name, share in SHARES.items())
    found = duckdb.query(
        f"""SELECT "group", count(*) AS n, avg(late) AS mean, stddev_samp(late) / sqrt(count(*)) AS std_error,
        avg((late > 0)::INT) AS late, avg((late < 0)::INT) AS early, {quantiles}
        FROM (SELECT "group", delivered - promised AS late FROM data) GROUP BY "group" ORDER BY "group" """
    ).df()
    return found.assign(group=found["group"].astype(str)).set_index("group")[list(COLUMNS)].astype(float)


def by_polars(data: pd.DataFrame, loop: Loop) -> pd.DataFrame:
    """One group-by, from the same pandas frame."""
    import polars as pl

    late = pl.col("late")
    found = (
        pl.from_pandas(data)
        .lazy()
        .select("group", late=pl.col("delivered") - pl.col("promised"))
        .group_by("group")
        .agg(
            n=pl.len(),
            mean=late.mean(),
            std_error=late.std() / pl.len().sqrt(),
            late=(late > 0).mean(),
            early=(late < 0).mean(),
            **{name: late.quantile(share, "lower") for name, share in SHARES.items()},
        )
        .collect()
        .to_pandas()
    )
    found = found.assign(group=found["group"].astype(str)).set_index("group").sort_index()
    return found[list(COLUMNS)].astype(float)


def check(found: pd.DataFrame, peer: pd.DataFrame, who: str) -> None:
    """Moments and shares to 1e-10; a quantile may be the neighbouring order, which is nearly always the same day."""
    own = found.loc[peer.index]
    same(own["n"], peer["n"], "n")
    for name in ("mean", "late", "early"):
        near(own[name], peer[name], name, least=1e-13)
    near(own["std_error"], peer["std_error"], "standard error", rel=1e-9)
    for name in SHARES:
        off = np.abs(own[name] - peer[name]).to_numpy()
        if off.max() > 1 or (off > 0).mean() > 0.05:
            raise WrongAnswerError(
                f"{name}: {int((off > 0).sum())} of {len(off)} groups differ from {who}, by {off.max():g} days at most"
            )


_PANDAS = Side("pandas", by_pandas)
_DUCKDB = Side("duckdb, quantile_disc", by_duckdb, ("duckdb",))
CASES = (
    Case(
        "G9",
        "promise against delivery of 10M orders in 100 groups: count, mean, error, late, early, four quantiles",
        orders,
        (Side("cxgap", ours), _PANDAS, _DUCKDB, Side("polars", by_polars, ("polars", "pyarrow"))),
        check,
        (1_000_000, LARGE),
        tiny=10_000,
        goals=(Goal(LARGE, _PANDAS.name, 40), Goal(LARGE, _DUCKDB.name, 5)),
    ),
)
