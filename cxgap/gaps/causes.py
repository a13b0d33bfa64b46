"""Why promises were broken, and how much of that is within the company's control: bounds, where causes are not known."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap._check import as_names, check_choice, check_count, check_prob
from cxgap.errors import ArgumentError
from cxgap.gaps.cause_codes import Controls, told_together
from cxgap.gaps.cause_rows import estimate, rows_of_cells
from cxgap.gaps.cause_shares import kept_of
from cxgap.gaps.cause_table import OWN_COLUMNS, SLUG, written
from cxgap.gaps.coding import coding_of
from cxgap.gaps.judge import IDS
from cxgap.gaps.kept import WEIGHT_BY
from cxgap.gaps.promises import AGAINST, NO_PROMISES, Promises, Tolerance, lacks_last, read_promises
from cxgap.gaps.spared import spared
from cxgap.gaps.untold import unpromised
from cxgap.result import Table
from cxgap.stats.means import Codes, sum_by
from cxgap.tables.absent import absent

CAUSE: Final = "cause"
TITLE: Final = "Why promises were broken"


@spared
def causes(
    events: IntoFrame,
    causes: IntoFrame | None = None,
    *,
    by: str | Sequence[str] = "",
    promises: IntoFrame | None = None,
    tolerance: Tolerance = (0.5, 0.0),
    context: str | None = None,
    against: str = "first",
    weight_by: str = "customer",
    minutes: str | None = None,
    coder: str | None = None,
    second: str | None = None,
    as_of: str | datetime | None = None,
    unit: str | None = None,
    zone: str = "UTC",
    min_n: int = 1,
    conf_level: float = 0.95,
) -> Table:
    """Split promises into those kept and those broken, by who can do something about the cause.

    All promises are on time, or late for a cause that is controllable, shared, uncontrollable or unknown. A cause that the
    reviewed table does not have, or that nobody gave, is unknown and stays so: the share of lateness within control lies
    between what is surely controllable and what is not surely uncontrollable. An event of several causes is shared out
    among them, never counted twice.

    Parameters
    ----------
    events, promises, against, weight_by, tolerance, context, as_of, unit, zone : as in `communication_gap`; `events` have a
        column `cause` beside: one cause, or several with semicolons between them
    causes : what can be done about each cause: `cause`, `control` ("controllable", "shared", "uncontrollable", "unknown"),
        and where it has them `owner` and `reviewed`. Without it, the causes are shown and the split is not measured
    by : columns whose combinations make the cells; "" is all together; commas cross columns
    minutes : column of the delay that each cause made, where an event has several rows; its causes then share it by these,
        else alike
    coder : column that tells who gave the cause, such as a team; the coders are compared
    second : column of a cause that somebody else gave to the same event; how far both agree is told of at least 100
    min_n : cells of fewer promises or customers are left out, and so are others that could be told by subtraction; causes
        of fewer customers are put together as "other causes"
    conf_level : two-sided, in (0, 1), of each interval

    Returns
    -------
    Table "causes" with, in each cell, rows of these `level`s: "kept" (on time or early), "excused" (the share on time were it
    not for what is uncontrollable), "control" (one a class), "bounds", "cause" (the largest first) and "coder". They have
    `cause`, `control`, `owner`; `n`, promises; `share` of all promises and `of_late`, of the late ones (of a coder: the share
    coded uncontrollable; of "bounds" the interval that holds both), with `_low` and `_high`. Beside them,
    the same in all rows of a cell: `promises`, `customers`, `late`, `open` (late by now), `waiting` (open and not yet due) and
    `cancelled`, which are both left out, `unpromised`, `set_aside`; `controllable_low` and `controllable_high`, the bounds of
    the controllable share of lateness, `conf_low` and `conf_high`, an interval that holds both; `unknown`, its share of
    lateness, and `bounds_only`, whether it is so large that classes are not shown; `kappa`, `kappa_low`, `kappa_high` and
    `kappa_n` of two codings.

    Raises
    ------
    ColumnError : a table lacks a column.
    ArgumentError : an argument or a column is not what it must be.

    References
    ----------
    Manski (1990), American Economic Review 80(2), 319-323 (bounds).
    Wilson (1927), Journal of the American Statistical Association 22(158), 209-212; Korn & Graubard (1998), Survey
    Methodology 24(2), 193-201 (intervals).
    Cohen (1960), Educational and Psychological Measurement 20(1), 37-46 (kappa).
    """
    names = _names(by)
    conf_level, min_n = check_prob(conf_level, "conf_level"), check_count(min_n, "min_n")
    check_choice(weight_by, "weight_by", WEIGHT_BY)
    if coder in IDS:
        raise ArgumentError(f"`coder` must name a column of teams, and {coder!r} holds single people.")
    promises = None if absent(promises) else promises
    why = absent(events) or unpromised(events, names, ledger=promises is not None)
    if why := why or lacks_last(events, promises, against):
        return Table.not_measured(SLUG, TITLE, why)
    if CAUSE not in tally.columns_of(events):
        return Table.not_measured(SLUG, TITLE, f"events do not say why they were late; they have no column {CAUSE!r}")
    controls = None if absent(causes) else Controls.read(causes, zone)  # type: ignore[arg-type]
    also = [name for name in (coder, second) if name]
    tally.require(events, [*also, *([minutes] if minutes else [])], "events")
    cut = list(dict.fromkeys([*names, CAUSE, *also]))
    told = told_together(events, minutes, names)
    read = read_promises(
        told, promises, by=cut, against=against, tolerance=tolerance, context=context, as_of=as_of,
        unit=unit, zone=zone,
    )  # fmt: skip
    if read.cells.index.empty:
        return Table.not_measured(SLUG, TITLE, NO_PROMISES)
    cell_of_kind, keys = _cells(read, names)
    kept, counts = kept_of(read, cell_of_kind, len(keys), weight_by)
    counts = counts.assign(
        unpromised=sum_by(cell_of_kind, len(keys), read.unpromised),
        set_aside=sum_by(cell_of_kind, len(keys), sum(read.set_aside.values(), np.zeros(len(read.cells)))),
    )
    if not len(kept.promises):
        return Table.not_measured(SLUG, TITLE, "no promise here was kept or broken by now")
    coding = coding_of(read, kept, coder, second, controls, conf_level)
    found = estimate(read, kept, controls, conf_level)
    frame, hidden = rows_of_cells(found, keys, counts, coding, min_n)
    how = f"Against {AGAINST[against]}; {WEIGHT_BY[weight_by]}"
    how += "; a promise that several causes broke is shared out among them" if found.divided else ""
    return written(frame, names, hidden, controls, found.unmapped(min_n), coding, how, conf_level)


def _names(by: str | Sequence[str]) -> tuple[str, ...]:
    names = as_names(by)
    if clash := sorted({*OWN_COLUMNS, "unit"} & set(names)):
        raise ArgumentError(f"`by` must name columns that make groups, and none of the table's own, not {clash[0]!r}.")
    return names


def _cells(read: Promises, names: Sequence[str]) -> tuple[Codes, pd.DataFrame]:
    """Return the cell of each row of `read.cells`, and the keys of the cells in the order of display."""
    if not names:
        return np.zeros(len(read.cells), np.int64), pd.DataFrame(index=[0])
    code = read.cells.groupby(list(names), observed=True, dropna=False, sort=True).ngroup().to_numpy(np.int64)
    first = np.unique(code, return_index=True)[1]
    return code, read.cells[list(names)].iloc[first].reset_index(drop=True)
