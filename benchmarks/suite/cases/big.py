"""G10: a survey in Parquet that is larger than memory should be, sorted by respondent or in random order."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.suite.case import Case, Goal, Side, near, same
from benchmarks.suite.loop import Loop

if TYPE_CHECKING:
    import pandas as pd

BY = ("touchpoint", "dimension", "segment")
FULL = 100_000_000  # answers asked for; 85.5 million are left
COLUMNS = ("n", "estimate", "std_error")
KEYS = ("respondent_id", *BY)


def make(order: str) -> Any:
    """Return what writes a study of a size in an order; it is kept where CXGAP_BENCH_DATA says, which the harness sets."""

    def written(answers: int, seed: int) -> Path:
        from cxgap.simulate.large import simulate_large

        folder = Path(os.environ["CXGAP_BENCH_DATA"]) / f"cxgap-{order}-{answers}-{seed}"
        if not (folder / "study.toml").exists():
            simulate_large(folder, answers, order=order, seed=seed)
        return folder

    return written


def ours(folder: Path, loop: Loop) -> pd.DataFrame:
    """Read the study and score it, with BCa intervals."""
    import cxgap as cx

    study = cx.read_study(folder / "study.toml")
    found = cx.customer_gap(study.responses, by=list(BY), scale=(1, 7), ci="bca").frame
    return found.set_index([found[name].astype(str) for name in BY])[list(COLUMNS)].astype(float)


def by_pandas(folder: Path, loop: Loop) -> pd.DataFrame:
    """Read all and group twice: respondents' scores, then cells. No interval."""
    import pandas as pd

    rows = pd.read_parquet(folder / "responses.parquet", columns=[*KEYS, "item", "expectation", "perception"])
    rows = rows.dropna(subset=["expectation", "perception"])
    items = rows.groupby("dimension", observed=True)["item"].nunique()
    rows["gap"] = rows["perception"].astype("int64") - rows["expectation"].astype("int64")
    scores = rows.groupby(list(KEYS), observed=True)["gap"].agg(["mean", "count"]).reset_index()
    scores = scores[2 * scores["count"] >= scores["dimension"].map(items).astype(int)]
    found = scores.groupby(list(BY), observed=True)["mean"].agg(n="size", estimate="mean", std_error="sem").reset_index()
    return found.set_index([found[name].astype(str) for name in BY])[list(COLUMNS)].astype(float)


def by_polars(folder: Path, loop: Loop) -> pd.DataFrame:
    """The same by Polars' streaming engine. No interval."""
    import polars as pl

    rows = pl.scan_parquet(folder / "responses.parquet").drop_nulls(["expectation", "perception"])
    items = rows.group_by("dimension").agg(items=pl.col("item").n_unique())
    gap = pl.col("perception").cast(pl.Int32) - pl.col("expectation").cast(pl.Int32)
    scores = rows.group_by(KEYS).agg(mean=gap.mean(), count=pl.len()).join(items, on="dimension")
    cells = scores.filter(2 * pl.col("count") >= pl.col("items")).group_by(BY)
    mean = pl.col("mean")
    table = cells.agg(n=pl.len(), estimate=mean.mean(), std_error=mean.std() / pl.len().sqrt()).collect(engine="streaming")
    found = table.to_pandas()
    return found.set_index([found[name].astype(str) for name in BY])[list(COLUMNS)].astype(float).sort_index()


def by_duckdb(folder: Path, loop: Loop) -> pd.DataFrame:
    """The same in SQL, under the cap that cxgap sets itself. No interval."""
    import duckdb

    keys, by = ", ".join(KEYS), ", ".join(BY)
    found = (
        duckdb.connect(config={"memory_limit": "512MiB", "preserve_insertion_order": "false"})
        .sql(
            f"""WITH answers AS (
            SELECT * FROM '{folder / "responses.parquet"}' WHERE expectation IS NOT NULL AND perception IS NOT NULL),
        items AS (SELECT dimension, count(DISTINCT item) AS items FROM answers GROUP BY dimension),
        scores AS (
            SELECT {keys}, avg(perception::INT - expectation::INT) AS mean, count(*) AS many FROM answers GROUP BY {keys})
        SELECT {by}, count(*) AS n, avg(mean) AS estimate, stddev_samp(mean) / sqrt(count(*)) AS std_error
        FROM scores JOIN items USING (dimension) WHERE 2 * many >= items GROUP BY {by} ORDER BY {by}"""
        )
        .df()
    )
    return found.set_index([found[name].astype(str) for name in BY])[list(COLUMNS)].astype(float)


def check(found: pd.DataFrame, peer: pd.DataFrame, who: str) -> None:
    """To 1e-9 of what was summed in another order."""
    own = found.loc[peer.index]
    same(own["n"], peer["n"], "n")
    near(own["estimate"], peer["estimate"], "estimate", rel=1e-9, least=1e-12)
    near(own["std_error"], peer["std_error"], "standard error", rel=1e-9)
    same(np.isfinite(own["estimate"]).sum(), len(peer), "cells")


_PANDAS = Side("pandas, no interval", by_pandas, ("pyarrow",), once=True)
_SIDES = (
    Side("cxgap", ours),
    _PANDAS,
    Side("polars streaming, no interval", by_polars, ("polars",)),
    Side("duckdb, no interval", by_duckdb, ("duckdb",)),
)


def _case(name: str, order: str, most: float) -> Case:
    return Case(
        name,
        f"gaps of touchpoint x dimension x segment with BCa intervals from Parquet, {order} rows, read and all",
        make(order),
        _SIDES,
        check,
        (1_000_000, 10_000_000, FULL),
        tiny=10_000,
        goals=(Goal(FULL, _PANDAS.name, 8, of="cpu"), Goal(FULL, of="resident", most=most)),
        setup="MB is above what was held before; what the goals limit is the whole process, with its libraries.",
    )


CASES = (_case("G10", "sorted", 1024), _case("G10s", "shuffled", 1331))
