"""Respondents in groups that are drawn again instead of them, where they are too many to come home one by one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import narwhals.stable.v2 as nw
import pandas as pd

from cxgap.tally.exact import Bounds, bins, joined
from cxgap.tally.frames import collected

SHARD: Final = "shard"  # a column of whole numbers that a file may have for it
_PRIME, _FACTOR = 2_147_483_647, 48_271  # a step of Park & Miller (1988), Communications of the ACM 31(10), 1192-1201


def with_shards(table: nw.LazyFrame, person: str, count: int) -> nw.LazyFrame | None:
    """Put each respondent into one of `count` groups, the same on every engine, as column "_shard".

    Whole numbers are mixed by arithmetic that all engines have, texts by MD5, which DuckDB and Spark have; and a column
    `shard` of whole numbers goes before either. None where an engine has nothing for it.
    """
    schema = table.collect_schema()
    named = SHARD if SHARD in schema and schema[SHARD].is_integer() else person
    if schema[named].is_integer():
        number = nw.col(named).cast(nw.Int64)
    else:
        hashed = _hashed(table.to_native(), named)
        if hashed is None:
            return None
        table, number = nw.from_native(hashed), nw.col("_hashed")
    mixed = ((((number % _PRIME) + _PRIME) % _PRIME) * _FACTOR) % _PRIME
    return table.with_columns((mixed % count).alias("_shard"))


def tally_shards(scores: nw.LazyFrame, *, keys: Sequence[str], weight: str | None, bounds: Bounds) -> pd.DataFrame:
    """Sum the scores of the respondents of each group in each combination of `keys`.

    Parameters
    ----------
    scores : as `scored` gives them, with "_shard" among the keys
    weight, bounds : as in `tally_moments`

    Returns
    -------
    DataFrame, one row a combination: the keys; `_n`, respondents of positive weight who have a gap; and sums of their
    weights, `_w`, of the squares of those, `_ww`, and of weights times start and end, `_start` and `_end`.
    """
    value, heavy, spread = bounds
    w = nw.col(weight) if weight else nw.lit(1.0)
    known = scores.filter(~nw.col("_gap").is_null() & (w > 0))
    sums = {
        "_w": (w, heavy, spread),
        "_ww": (w * w, 2 * heavy, 2 * spread),
        "_start": (w * nw.col("_start"), heavy + value, spread),
        "_end": (w * nw.col("_end"), heavy + value, spread),
    }
    made = bins(sums)
    wide = known.select(*keys, *(what.alias(f"_of{name}") for name, what in made.items()))
    found = wide.group_by(*keys).agg(nw.len().alias("_n"), *(nw.col(f"_of{name}").sum().alias(name) for name in made))
    return joined(collected(found, lazy=True), list(sums))


def _hashed(native: Any, name: str) -> Any:
    """Add a whole number that hangs on a text alone, as column "_hashed"."""
    if type(native).__module__.startswith(("duckdb", "_duckdb")):
        text = f"""CAST("{name.replace('"', '""')}" AS VARCHAR)"""
        return native.project(f"*, CAST(concat('0x', substr(md5({text}), 1, 8)) AS BIGINT) AS _hashed")
    if type(native).__module__.startswith("pyspark."):
        from pyspark.sql import functions as sql

        text = sql.substring(sql.md5(sql.col(name).cast("string").cast("binary")), 1, 8)
        return native.withColumn("_hashed", sql.conv(text, 16, 10).cast("bigint"))
    return None
