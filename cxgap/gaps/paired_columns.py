"""Pairs of columns become one row an answer: what a wide file holds of importance and performance of each item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap.errors import ArgumentError, ColumnError
from cxgap.gaps.design import UNIT

Columns = Mapping[str, str | tuple[str, str]]


def from_columns(
    responses: IntoFrame, items: Columns, *, importance: str, performance: str, beside: Sequence[str]
) -> pd.DataFrame:
    """Return one row a respondent and item.

    Parameters
    ----------
    responses : one row a respondent; without a column `respondent_id` each row is a person
    items : for each item its columns of importance and performance, or of performance alone
    importance, performance : what the two are called in the result
    beside : further columns to keep, such as the weight

    Raises
    ------
    ArgumentError : `items` is no such mapping.
    ColumnError : `responses` lacks a column.
    """
    if not isinstance(items, Mapping) or not items:
        raise ArgumentError('`items` must name the columns of each item, such as {"01": ("imp01", "sat01")}.')
    pairs = {str(name): (None, pair) if isinstance(pair, str) else tuple(pair) for name, pair in items.items()}
    if any(len(pair) != 2 for pair in pairs.values()):
        raise ArgumentError('`items` must name two columns an item, importance and performance: {"01": ("imp01", "sat01")}.')
    present = tally.columns_of(responses)
    wanted = list(dict.fromkeys([*beside, *(name for pair in pairs.values() for name in pair if name)]))
    for name in wanted:
        if name not in present:
            raise ColumnError.missing(name, "responses", sorted(set(present) - set(wanted)))
    keep = [*([UNIT] if UNIT in present else []), *(name for name in wanted if name != UNIT)]
    rows = tally.rows_of(nw.to_native(nw.from_native(responses).select(*keep)))
    person = rows[UNIT] if UNIT in rows else pd.Series([f"{place:09d}" for place in range(len(rows))], index=rows.index)
    if person.duplicated().any():
        raise ArgumentError(
            f"`responses` must have one row a respondent with `items`; {person[person.duplicated()].iloc[0]!r} has more."
        )
    known = {name: rows[name].to_numpy() for name in beside if name != UNIT}
    made = []
    for name, (stated, rated) in pairs.items():
        own: dict[str, Any] = {"item": name, performance: rows[rated].to_numpy()}
        own |= {importance: rows[stated].to_numpy()} if stated else {}
        made.append(pd.DataFrame({UNIT: person.to_numpy(), **own, **known}))
    long = pd.concat(made, ignore_index=True)
    return long.assign(item=pd.Categorical(long["item"], categories=list(pairs), ordered=True))


def without_codes(responses: IntoFrame, names: Sequence[str], codes: Sequence[float]) -> IntoFrame:
    """Return the answers with codes of no answer made missing in some columns."""
    if not codes:
        return responses
    table = nw.from_native(responses)
    there = [name for name in dict.fromkeys(names) if name in table.collect_schema().names()]
    blank = [nw.when(~nw.col(name).is_in(list(codes))).then(nw.col(name)).alias(name) for name in there]
    return nw.to_native(table.with_columns(*blank))
