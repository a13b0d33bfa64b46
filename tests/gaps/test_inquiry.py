"""Promises that an engine counts and squares for itself are kept as they are where every row is looked at."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import ENGINES

from cxgap import communication_gap, engine, lateness

WAYS: list[dict[str, Any]] = [
    {"by": "channel", "severe": 3, "min_n": 5},
    {"by": ["channel", "region"], "weight_by": "event", "basis": "attainment", "target": 0.9, "tolerance": (1, 1)},
]


def numbers(rows: int = 1500, seed: int = 5) -> pd.DataFrame:
    """Orders with lead times in days: of customers with one to many, of nobody known, told twice, told in two ways."""
    rng = np.random.default_rng(seed)
    delivered, promised = rng.integers(1, 15, rows).astype(float), rng.integers(2, 9, rows).astype(float)
    made = pd.DataFrame(
        {
            "event_id": [f"e{number}" for number in range(rows)],
            "customer_id": rng.choice([*(f"c{number}" for number in range(rows // 5)), None], rows),
            "channel": rng.choice(["app", "shop", "web"], rows, p=[0.1, 0.3, 0.6]),
            "region": rng.choice(["N", "S", None], rows),
            "delivered": np.where(rng.random(rows) < 0.02, np.nan, delivered),
            "promised": np.where(rng.random(rows) < 0.05, np.nan, promised),
            "open": rng.random(rows) < 0.08,
            "cancelled": rng.random(rows) < 0.05,
        }
    )
    made.loc[::97, "event_id"] = None
    told_otherwise = made.iloc[40:60].assign(delivered=30.0)
    return pd.concat([made, made.iloc[5:25], told_otherwise], ignore_index=True)


def moments(rows: int = 1200, seed: int = 7) -> pd.DataFrame:
    """Orders with times to the hour, some promised again."""
    rng = np.random.default_rng(seed)
    start = pd.Timestamp("2026-03-02 08:00", tz="UTC")
    ordered = start + pd.to_timedelta(rng.integers(0, 400, rows), unit="h")
    first = ordered + pd.to_timedelta(rng.integers(24, 96, rows), unit="h")
    delivered = pd.Series(ordered + pd.to_timedelta(rng.integers(12, 160, rows), unit="h"))
    return pd.DataFrame(
        {
            "customer_id": rng.choice([f"c{number}" for number in range(rows // 3)], rows),
            "channel": rng.choice(["shop", "web"], rows),
            "ordered_at": ordered,
            "promised_first": first,
            "promised_last": first + pd.to_timedelta(rng.choice([0, 0, 24], rows), unit="h"),
            "delivered_at": delivered.where(rng.random(rows) > 0.1),
        }
    )


def same(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(found, expected, check_exact=False, rtol=1e-12, atol=1e-12, check_categorical=False)


@pytest.fixture
def many(monkeypatch):
    """Frames of these tests count as ones of many rows from now on."""
    return lambda: monkeypatch.setattr(engine, "MANY_ROWS", 100)


@pytest.mark.parametrize(("holder", "way"), [("duckdb", WAYS[0]), ("duckdb", WAYS[1]), ("pandas", WAYS[0])], ids=str)
def test_numbers_that_an_engine_holds_are_promises_as_those_in_memory(holder, way, many):
    """Law: shares, means, their errors and what is hidden do not depend on who adds up."""
    frame = numbers()
    expected = communication_gap(frame, **way).frame
    many()
    same(communication_gap(ENGINES[holder](frame), **way).frame, expected)


@pytest.mark.parametrize("holder", ["polars lazy", "duckdb"])
def test_times_that_an_engine_holds_are_promises_as_those_in_memory(holder, many):
    frame = moments()
    expected = communication_gap(frame, against="last").frame
    many()
    same(communication_gap(ENGINES[holder](frame), against="last").frame, expected)


def test_classes_of_lateness_are_joined_alike_wherever_the_promises_lie(many):
    frame = numbers(600)
    expected = lateness(frame, min_n=12).frame
    many()
    same(lateness(ENGINES["polars lazy"](frame), min_n=12).frame, expected)


def test_whole_numbers_in_memory_are_counted_in_their_places(many):
    """Law: the way of counting changes no number; without customers each promise is one."""
    frame = numbers()[["region", "delivered", "promised"]].dropna()
    frame = frame.assign(region=(frame["region"] == "N").astype("int16"), delivered=frame["delivered"].astype("int8"))
    frame = frame.assign(promised=frame["promised"].astype("int64"))
    expected = communication_gap(frame, by="region").frame
    many()
    same(communication_gap(frame, by="region").frame, expected)


@pytest.mark.slow
def test_pyspark_adds_up_for_itself(spark, many):
    frame = numbers()
    expected = communication_gap(frame, **WAYS[0]).frame
    many()
    same(communication_gap(spark(frame), **WAYS[0]).frame, expected)
