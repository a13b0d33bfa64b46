"""Promises of a big table that were made after the delivery."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from cxgap import engine
from cxgap.tables.big.sight import ROW, Seen, pandas_of
from cxgap.tables.big.tallied import shortened
from cxgap.tables.big.words import name
from cxgap.tables.company import Read
from cxgap.tables.issues import Issues
from cxgap.tables.rejects import Rejects
from cxgap.tables.source import Source

REASON: Final = "promise_after_delivery"
_numbers = count()


def without_late_promises(promises: Read, events: Any, source: Source, issues: Issues) -> tuple[Read, pd.DataFrame]:
    """Set aside promises that were made after the delivery, and return them as of `Rejects.frame`; see `company`."""
    if "delivered_at" not in events.columns:
        return promises, Rejects("promises", source).frame
    placed: Any = promises.on_disk[0]
    seen: Seen = promises.on_disk[1]
    done = events.filter("event_id IS NOT NULL AND delivered_at IS NOT NULL").aggregate(
        "CAST(event_id AS VARCHAR) AS cxgap_event, min(delivered_at) AS cxgap_done", "event_id"
    )
    made = placed.select(f"{ROW}, made_at, CAST(event_id AS VARCHAR) AS cxgap_promised")
    late = made.join(done, "cxgap_promised = cxgap_event").filter("made_at > cxgap_done")
    found = pandas_of(late.select(f"{ROW}, made_at")).sort_values(ROW, ignore_index=True)
    if not len(found):
        return promises, Rejects("promises", source).frame
    table = f"cxgap_late_{next(_numbers)}"
    con = engine.connection()
    con.register(f"{table}_frame", found[[ROW]])
    con.execute(f"CREATE TEMP TABLE {table} AS SELECT {ROW} AS place FROM {table}_frame")
    con.unregister(f"{table}_frame")
    kept = placed.filter(f"{ROW} NOT IN (SELECT place FROM {table})")
    lines = pd.DataFrame({"table": "promises", "file": Path(source.shown).name, "sheet": "", "column": "made_at"}, found.index)
    lines["row"] = seen.row_in_file(found[ROW].to_numpy(np.int64))
    lines["value"] = found["made_at"].to_numpy(object).astype(str)
    lines = lines.assign(reason=REASON, answers=0).astype({"row": "int64", "value": object, "answers": "int64"})
    first = lines.iloc[0]
    where = {"table": "promises", "column": "made_at", "value": str(first["value"])}
    issues.add(REASON, "rejected", **where, rows=len(lines), row=int(first["row"]))
    rows = promises.rows | {"kept": promises.rows["kept"] - len(lines), "rejected": promises.rows["rejected"] + len(lines)}
    left = kept.select(*(name(column) for column in kept.columns if column != ROW))
    return promises._replace(table=left, rows=rows, on_disk=(kept, seen)), shortened(lines)
