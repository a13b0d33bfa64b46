"""Gap 4: what was delivered against what was promised."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap._check import as_names, check_choice, check_count, check_positive, check_prob
from cxgap.errors import ArgumentError
from cxgap.gaps.finish import finish, not_measured
from cxgap.gaps.kept import SHARES, WEIGHT_BY, estimate, keep, lines_of, settled
from cxgap.gaps.lateness import lateness
from cxgap.gaps.promises import AGAINST, NO_PROMISES, REASONS, Promises, Tolerance, lacks_last, read_promises
from cxgap.gaps.untold import unpromised
from cxgap.result import COLUMNS, GapTable
from cxgap.stats.means import t_p_value
from cxgap.stats.privacy import too_few
from cxgap.stats.proportions import score_test
from cxgap.stats.quantiles import quantiles
from cxgap.stats.survival import FULFILLED
from cxgap.tables.absent import absent
from cxgap.vocabulary import MIXED, SHARE

__all__ = ["communication_gap", "lateness"]

BASES = ("physical", "attainment")
LEVELS = {"q50": 0.5, "q75": 0.75, "q90": 0.9, "q95": 0.95, "q99": 0.99}

# The columns that this method gives after those of every gap.
OWN_COLUMNS = (
    "promises", "customers", "open", "cancelled", "overdue", "unpromised", "set_aside", *REASONS,
    *(f"{name}{end}" for name in SHARES for end in ("", "_low", "_high")),
    "late_all", "late_closed", "cancelled_share", "mean_late", "severe", *LEVELS,
    "repromised", "delta_first", "delta_last", "first_minus_last",
)  # fmt: skip


def communication_gap(
    events: IntoFrame,
    promises: IntoFrame | None = None,
    *,
    by: str | Sequence[str] = "channel",
    against: str = "first",
    weight_by: str = "customer",
    basis: str = "physical",
    target: float | None = None,
    tolerance: Tolerance = (0, 0),
    context: str | None = None,
    severe: float | None = None,
    as_of: str | datetime | None = None,
    unit: str | None = None,
    zone: str = "UTC",
    margin: float | None = None,
    min_n: int = 1,
    conf_level: float = 0.95,
    confirmatory: str | Collection[str] = (),
) -> GapTable:
    """Score what was delivered against what was promised (gap 4), promise by promise.

    Delivered minus promised, turned so that negative is late. A promise that is still open is neither left out nor taken
    for kept: those that were kept stand in for it by the jumps of the Aalen-Johansen curve on the axis of residuals (end
    less promise), in which cancelling competes with delivering. What is open after all others have ended counts as late as
    it is by now. Where nothing is open this is the plain mean. The standard error is robust to several promises of a
    customer, and has the uncertainty of those jumps in it; the weights of customers are taken as known.

    Parameters
    ----------
    events : pandas, Polars, DuckDB, PyArrow or PySpark frame, one row an event, in one of two shapes
        Numbers: `delivered`, in the unit, and `promised`, or a window `promised_low` to `promised_high`, of which the
        lower may be null ("by"); where it has them, `open` (then `delivered` is the time that has passed so far),
        `cancelled`, `direction` ("higher" where more is better), `unit`, `metric`. A missing `delivered` is open.
        Times: `delivered_at` and `promised_first`, and where it has them `promised_last`, `promised_from` (start of a
        window), `ordered_at`, `cancelled_at`; null is not yet, or never. A `status` may say cancelled where no time does. A
        promised date without a time holds all that day.
        In both: `by`, and where it has them `customer_id` and `event_id`.
    promises : the promises of each event, where they are several: `event_id`, `made_at` and `promised`
    by : columns whose combinations make the cells; "" is all together; commas cross columns
    against : "first" promise, which the customer heard, or "last", which operations worked to; a first promise that was
        broken stays broken
    weight_by : "customer" (each weighs 1 in a cell) or "event"
    basis : "physical", in the unit, or "attainment", the share of promises kept (on time or early) less `target`
    target : share of promises that should be kept, with basis="attainment"; 1 if not given
    tolerance : how early and how late still counts as on time, in the unit; or for each value of `context` such a pair
    context : the column whose values `tolerance` names
    severe : beyond how many units late lateness is severe; twice the tolerance if not given, where there is one
    as_of : moment of the extract, for times; a date includes its day; the latest time on record if not given
    unit : by default that of `events`, else days; it cannot be another one than that of numbers. Of times "seconds",
        "minutes", "hours", "days" (of 24 hours) or "weeks"
    zone : of times without an offset, and of dates
    margin : largest gap that still counts as met, in the unit, or as a share
    min_n : cells with fewer promises, or customers, are blanked, and others where they could be told by subtraction; so is
        `mean_late` of fewer late customers
    conf_level : two-sided, in (0, 1)
    confirmatory : cuts declared before the data were seen, each as in `by`

    Returns
    -------
    GapTable with one row a cell: `n` promises that were not cancelled; `n_eff`, of customers; `start` and `end`, the mean
    lead time promised (its latest moment) and delivered, or target and share kept; `estimate` to `conf_high`. After them:
    counts (`promises`, `customers`, `open`, `cancelled`; `overdue`, open and past the promise; `unpromised`; `set_aside`,
    because `duplicate`, `impossible` or `future`); `early`, `on_time` and `late`, shares of promises not cancelled, with
    interval (`_low`, `_high`); `late_all`, neither delivered nor cancelled in time, of all; `late_closed`, of those
    delivered by now, which looks too good while others are open; `cancelled_share` of all; `mean_late`, units late of the
    late; `severe`, a share; `q50` to `q99` of delivered less promised, of those delivered; `repromised`, a share;
    `delta_first`, `delta_last` and `first_minus_last`, the mean units late by each promise, and how much of it a later
    promise hides. What needs longer following than the extract allows is NaN, flag NOT_IDENTIFIED.

    Raises
    ------
    ColumnError : a table lacks a column.
    ArgumentError : an argument or a column is not what it must be.

    References
    ----------
    Kaplan & Meier (1958), Journal of the American Statistical Association 53, 457-481.
    Aalen & Johansen (1978), Scandinavian Journal of Statistics 5, 141-150.
    Satten & Datta (2001), American Statistician 55(3), 207-210 (the curve as inverse probability weights).
    Korn & Graubard (1998), Survey Methodology 24(2), 193-201 (shares of clustered samples).
    """
    names, conf_level = _names(by), check_prob(conf_level, "conf_level")
    check_choice(basis, "basis", BASES)
    wanted = 1.0 if target is None or target == 1 else check_prob(target, "target")
    severe, margin, min_n = check_positive(severe, "severe"), check_positive(margin, "margin"), check_count(min_n, "min_n")
    promises = None if absent(promises) else promises
    read, why = None, absent(events)
    why = why or unpromised(events, names, ledger=promises is not None) or lacks_last(events, promises, against)
    if not why:
        read = read_promises(
            events, promises, by=names, against=against, tolerance=tolerance, context=context, as_of=as_of, unit=unit, zone=zone
        )
    if read is None or read.cells.index.empty:
        ladder = SHARE if basis == "attainment" else unit or "days"
        return not_measured(
            "communication", names, why or NO_PROMISES, unit=ladder, conf_level=conf_level, basis=basis, counts="promise"
        )
    cells = _estimates(read, severe, against, weight_by, conf_level)
    if min_n > 1:
        cells["mean_late"] = cells["mean_late"].mask(too_few(cells["late_people_"].to_numpy(float), min_n))
    flags = cells.pop("flags_").tolist()
    if basis == "attainment":
        cells, unit = _attained(cells, wanted, conf_level), SHARE
    elif len(set(read.units)) > 1:
        cells, unit = cells.assign(unit=read.units), MIXED
    else:
        unit = read.units[0]
    first = [name for name in cells if name not in OWN_COLUMNS and not name.endswith("_")]
    return finish(
        cells[[*first, *OWN_COLUMNS]],
        flags,
        gap="communication",
        by=names,
        unit=unit,
        conf_level=conf_level,
        margin=margin,
        min_n=min_n,
        hidden=too_few(cells["customers"].to_numpy(float), min_n),
        confirmatory=confirmatory,
        lines=lines_of(cells, names) if min_n > 1 else (),
        basis=basis,
        counts="promise",
        score=f"against {AGAINST[against]}, {WEIGHT_BY[weight_by]}",
    )


def _names(by: str | Sequence[str]) -> tuple[str, ...]:
    names = as_names(by)
    forbidden = sorted({*COLUMNS, *OWN_COLUMNS, "unit"} & set(names))
    if forbidden:
        raise ArgumentError(f"`by` must name columns that make groups, and none of the result's own, not {forbidden[0]!r}.")
    return names


def _estimates(read: Promises, severe: float | None, against: str, weight_by: str, conf_level: float) -> pd.DataFrame:
    """Estimate every cell; in `flags_` stand the words of `vocabulary.FLAGS` for it."""
    kept = keep(read, weight_by)
    how = {"severe": severe, "against": against, "weight_by": weight_by, "conf_level": conf_level}
    made = settled(kept, lambda: [estimate(cell, **how) for cell in kept])  # type: ignore[arg-type]
    cells = pd.concat([read.cells, pd.DataFrame(made, index=read.cells.index)], axis=1)
    delivered = (read.rows["state"] == FULFILLED).to_numpy()
    delta, cell, count = (read.rows[name].to_numpy()[delivered] for name in ("delta", "cell", "count"))
    for name, level in LEVELS.items():
        cells[name] = quantiles(delta, cell, len(cells), level, weight=np.ones(len(delta)), count=count)
    cells = cells.assign(unpromised=read.unpromised, set_aside=sum(read.set_aside.values()), **read.set_aside)
    several = cells["n"] > 1
    marks = {
        "EMPTY": cells["n"] == 0,
        "N1": cells["n"] == 1,
        "ZERO_VAR": several & (cells["std_error"] == 0),
        "UNSTABLE": several & (cells["n_eff"] < 30),
        "LOW_DF": several & ~(cells["df"] >= 8),
        "OPEN": cells["open"] > 0,
        "NOT_IDENTIFIED": (cells["n"] > 0) & (cells["identified_"] == 0),
    }
    return cells.assign(flags_=[{flag for flag, mark in marks.items() if mark[row]} for row in cells.index])


def _attained(cells: pd.DataFrame, target: float, conf_level: float) -> pd.DataFrame:
    """Put the share kept in place of the levels, and its distance from `target` in place of the gap."""
    kept, std_error = 1 - cells["late"], cells["late_se_"]
    independent = (cells["open"] == 0) & (cells["customers"] == cells["n"])
    scored = score_test(kept, cells["n"], target)
    scored = np.where(cells["customers"] > 1, scored, np.nan)
    p_value = np.where(independent, scored, t_p_value((kept - target).to_numpy(), std_error.to_numpy(), cells["df"].to_numpy()))
    return cells.assign(
        start=target,
        end=kept,
        estimate=kept - target,
        std_error=std_error,
        conf_low=1 - cells["late_high"] - target,
        conf_high=1 - cells["late_low"] - target,
        inner_low=1 - cells["inner_high_"] - target,
        inner_high=1 - cells["inner_low_"] - target,
        p_value=p_value if target < 1 else np.nan,
    )
