"""Events that a table tells more than once, found where they lie."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import narwhals.stable.v2 as nw
from narwhals.stable.v2.typing import IntoFrame

from cxgap.engine import embedded
from cxgap.tally.classes import matching, summed_within

COPIES, SEVERAL = "_copies", "_several"
_ROWS: Final = "_rows"


def told_once(frame: IntoFrame, within: Sequence[str], parts: Sequence[str]) -> IntoFrame:
    """Leave one row of each event that is told more than once in the same way.

    Parameters
    ----------
    frame : many rows, or rows that lie with an engine
    within : the column of the event, whose null is no event, and others that tell events apart
    parts : columns of which rows are alike or not, those of `within` among them

    Returns
    -------
    Where some are told again: a lazy frame of `parts`, COPIES (rows left out beside a row) and SEVERAL (true where the event
    is told in more than one way, each of which is a row). Else the frame without those two.
    """
    table = nw.from_native(embedded(frame, list(parts)))
    if not isinstance(table, nw.LazyFrame):
        return frame
    schema = table.collect_schema()
    named = table.select(*parts, *matching({f"_within{place}": name for place, name in enumerate(within)}, schema))
    by = [f"_within{place}" for place in range(len(within))]
    counts = named.filter(~nw.col(within[0]).is_null()).group_by(*by).agg(nw.len().alias(_ROWS))
    again = counts.filter(nw.col(_ROWS) > 1).select(*by)
    if not len(again.head(1).collect()):
        return table.to_native()
    alike = named.join(again, on=by, how="semi").group_by(*parts, *by).agg(nw.len().alias(_ROWS))
    alike = summed_within(alike.with_columns(nw.lit(1).alias("_ways")), ["_ways"], by)
    rest = named.join(again, on=by, how="anti").with_columns(nw.lit(1).alias(_ROWS), nw.lit(1).alias("_ways"))
    kept = [
        rows.select(
            *parts, (nw.col(_ROWS).cast(nw.Int64) - 1).alias(COPIES), (nw.col("_ways").cast(nw.Int64) > 1).alias(SEVERAL)
        )
        for rows in (rest, alike)
    ]
    return nw.concat(kept).to_native()
