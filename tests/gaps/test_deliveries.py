"""What an engine counts and squares for itself is what is counted row by row in memory."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import ENGINES

from cxgap import delivery_gap, engine

STANDARDS = pd.DataFrame(
    {"touchpoint": ["Delivery", "Repair"], "metric": ["days", "hours"], "unit": ["days", "hours"]}
    | {"direction": ["lower", "higher"], "standard": [4.0, 6.5], "target": [0.9, None]}
)
WAYS: list[dict[str, Any]] = [
    {},
    {"basis": "attainment", "weight_by": "event", "min_n": 40},
    {"statistic": 0.9},
    {"statistic": 0.5, "weight_by": "event", "by": "region"},
    {"by": "", "min_n": 12},
]


def events(open_share: float = 0.0, rows: int = 3000, seed: int = 3) -> pd.DataFrame:
    """Events of customers with one to many each, some of nobody known, some in no region, a few cancelled."""
    rng = np.random.default_rng(seed)
    at = rng.random(rows) < 0.6
    customer = rng.choice([*(f"c{number}" for number in range(rows // 4)), None], rows)
    return pd.DataFrame(
        {
            "touchpoint": np.where(at, "Delivery", "Repair"),
            "metric": np.where(at, "days", "hours"),
            "region": rng.choice(["N", "S", None], rows),
            "customer_id": customer,
            "delivered": np.where(rng.random(rows) < 0.02, np.nan, rng.integers(1, 40, rows) / 4),
            "open": rng.random(rows) < open_share,
            "cancelled": rng.random(rows) < 0.03,
        }
    )


def same(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    """Compare to 1e-12, and 1e-11 of quantiles: their window is one observation wide, and magnifies rounding by the number."""
    pd.testing.assert_frame_equal(found, expected, check_exact=False, rtol=1e-11, atol=1e-12, check_categorical=False)


@pytest.fixture
def many(monkeypatch):
    """Frames of these tests count as ones of many rows from now on."""
    return lambda: monkeypatch.setattr(engine, "MANY_ROWS", 100)


@pytest.mark.parametrize(("way", "open_share"), [*((way, 0.15) for way in WAYS), *((way, 0.0) for way in WAYS[:3])], ids=str)
def test_an_engine_that_is_asked_for_sums_gives_the_numbers_of_rows(way, open_share, many):
    """Law: means, shares and quantiles, their errors and what is hidden do not depend on who adds up."""
    frame = events(open_share)
    expected = delivery_gap(frame, STANDARDS, **way).frame
    many()
    same(delivery_gap(ENGINES["duckdb"](frame), STANDARDS, **way).frame, expected)


@pytest.mark.parametrize("holder", ["pandas", "polars lazy", "pyarrow"])
def test_a_big_frame_goes_the_way_of_an_engine_wherever_it_lies(holder, many):
    frame = events(0.1)
    expected = delivery_gap(frame, STANDARDS).frame
    many()
    same(delivery_gap(ENGINES[holder](frame), STANDARDS).frame, expected)


def test_without_customers_each_event_is_one_wherever_it_lies(many):
    frame = events(0.1).drop(columns="customer_id")
    expected = delivery_gap(frame, STANDARDS).frame
    many()
    same(delivery_gap(ENGINES["duckdb"](frame), STANDARDS).frame, expected)


@pytest.mark.slow
def test_pyspark_adds_up_for_itself(spark, many):
    frame = events(0.1)
    expected = delivery_gap(frame, STANDARDS).frame
    many()
    same(delivery_gap(spark(frame), STANDARDS).frame, expected)
