"""Rows of a big table that may be told twice: the hashes of their keys are sorted, a share of the keys at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from cxgap import engine
from cxgap.tables.big.sight import ROW, Seen
from cxgap.tables.big.words import SPACES, name

AT_ONCE: Final = 8_000_000  # keys that are sorted at once
HASHES: Final = "cxgap_hashes_again"


def told_again(seen: Seen, key: Sequence[str], most: int) -> np.ndarray:
    """Return the places of rows whose key another row has, and perhaps of a few others whose keys have the same hash.

    Parameters
    ----------
    key : columns by which a row is known; a row that lacks the first is known by nothing
    most : more are not looked for, and some of these are returned
    """
    import pyarrow as pa

    if not key:
        return np.array([], dtype=np.int64)
    con, passes = engine.connection(), -(-seen.rows // AT_ONCE)
    hashed = f"hash({', '.join(_bare(column, seen) for column in key)})"
    there = f"{_bare(key[0], seen)} IS NOT NULL"
    again: list[np.ndarray] = []
    for turn in range(passes):
        share = f" AND {hashed} % {passes} = {turn}" if passes > 1 else ""
        found = con.sql(f"SELECT {hashed} AS h FROM {seen.sql} WHERE {there}{share}").fetchnumpy()["h"]
        found = np.sort(np.asarray(found))
        again.append(np.unique(found[1:][found[1:] == found[:-1]])[: most + 1])
    hashes = np.concatenate(again)[: most + 1]
    if not len(hashes):
        return np.array([], dtype=np.int64)
    con.register(HASHES, pa.table({"h": pa.array(hashes, type=pa.uint64())}))
    rows = con.sql(
        f"SELECT {ROW} AS place FROM {seen.sql} WHERE {there} AND {hashed} IN (SELECT h FROM {HASHES}) LIMIT {most + 1}"
    )
    places = np.asarray(rows.fetchnumpy()["place"], dtype=np.int64)
    con.unregister(HASHES)
    return places


def _bare(column: str, seen: Seen) -> str:
    """Return a cell as repeats compare it: without spaces around it."""
    quoted = name(column)
    return f"nullif(trim({quoted}, {SPACES}), '')" if seen.types[column] == "VARCHAR" else quoted
