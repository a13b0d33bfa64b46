"""The engines that hold the rows, so that a law can be shown on each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any
from zlib import crc32

import duckdb
import pandas as pd
import polars as pl
import polars.selectors as cs
import pyarrow as pa
import pytest
from hypothesis import settings

# No test is timed: on a busy machine an example may take any time. Laws that do not say how many examples they need take
# 40, the same in every run.
settings.register_profile("steady", deadline=None, max_examples=40, derandomize=True)
settings.load_profile("steady")


def _polars(frame: pd.DataFrame) -> pl.DataFrame:
    made = pl.from_pandas(_as_texts(frame))
    return made.with_columns(pl.col(name).cast(pl.Enum(levels)) for name, levels in _orders(frame).items())


def _polars_with_nan(frame: pd.DataFrame) -> pl.DataFrame:
    return _polars(frame).with_columns(cs.float().fill_null(float("nan")))


def _as_texts(frame: pd.DataFrame) -> pd.DataFrame:
    texts = {name: frame[name].astype(object).where(frame[name].notna(), None) for name in _orders(frame)}
    return frame.assign(**texts)


def _orders(frame: pd.DataFrame) -> dict[str, list[str]]:
    types = {name: frame[name].dtype for name in frame.columns}
    return {name: list(t.categories) for name, t in types.items() if isinstance(t, pd.CategoricalDtype)}


def _arrow(frame: pd.DataFrame) -> pa.Table:
    return pa.Table.from_pandas(frame, preserve_index=False)


# A missing number is NaN on pandas, Polars and DuckDB, and null on the other two. Ordered categories stay ordered where
# narwhals knows of it: PyArrow's are sorted by value.
ENGINES: dict[str, Callable[[pd.DataFrame], Any]] = {
    "pandas": lambda frame: frame,
    "polars": _polars_with_nan,
    "polars lazy": lambda frame: _polars(frame).lazy(),
    "duckdb": duckdb.from_df,
    "pyarrow": _arrow,
}
IN_TURN = ("polars", "polars lazy", "pyarrow")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Show a law of all engines on pandas, DuckDB and one of the three in turn, chosen by its name; the others are slow.

    All three hand their rows over as Arrow does; the laws together are shown on each of them in every run. Where a file also
    shows that engines give the same, on DuckDB, its other laws are shown on pandas and one of all four in turn.
    """
    cases = [item for item in items if isinstance(item, pytest.Function) and hasattr(item, "callspec")]
    compared = {item.path for item in cases if _compares(item) and "duckdb" in item.callspec.id.split("-")}
    shown = defaultdict(list)
    for item in cases:
        parts = item.callspec.id.split("-")
        turn = ("duckdb", *IN_TURN) if item.path in compared and not _compares(item) else IN_TURN
        for place, part in enumerate(parts):
            if part in turn:
                law = (
                    f"{item.parent.nodeid if item.parent else ''}::{item.originalname}[{[*parts[:place], *parts[place + 1 :]]}]"
                )
                shown[law].append(item)
    for law, same in shown.items():
        for place, item in enumerate(same):
            if place != crc32(law.encode()) % len(same):
                item.add_marker(pytest.mark.slow)


def _compares(item: pytest.Function) -> bool:
    """Whether a law is the one that engines give the same; its name says so."""
    return "engine" in item.originalname


@pytest.fixture(scope="session")
def spark() -> Iterator[Callable[[pd.DataFrame], Any]]:
    """One PySpark session for all slow tests: a function that hands it a frame."""
    sql = pytest.importorskip("pyspark.sql", reason="PySpark is not installed: pip install cxgap[spark]")
    session = (
        sql.SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "4")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.ui.showConsoleProgress", "false")
        .getOrCreate()
    )
    yield lambda frame: session.createDataFrame(_arrow(_as_texts(frame)))
    session.stop()
