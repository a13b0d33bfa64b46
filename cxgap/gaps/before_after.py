"""Before and after, against a comparison: how far what changed for some went beyond what changed for all."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap._check import as_names, check_choice, check_count, check_positive, check_prob, check_scale, check_zone
from cxgap.errors import ArgumentError, ColumnError
from cxgap.gaps.asking import SCORES, check_expectation_type
from cxgap.gaps.before_after_rows import measured
from cxgap.gaps.before_after_table import OWN, SLUG, TITLE, written
from cxgap.gaps.before_rows import DURATIONS, PERIODS, SIDES, Rows, log_rows, survey_rows
from cxgap.gaps.design import UNIT
from cxgap.gaps.judge import line_of, refuse_names
from cxgap.gaps.margins import Margins
from cxgap.gaps.spared import spared
from cxgap.gaps.treatment import Treatment, of_action, read_treatment
from cxgap.result import Table
from cxgap.stats.privacy import hide_also, too_few
from cxgap.tables.absent import absent

BETTER: Final = ("", "high", "low")


@spared
def before_after(
    frame: IntoFrame,
    *,
    of: str = "gap",
    value: str | Sequence[str] | None = None,
    since: str | None = None,
    treated: str | Mapping[str, Any] | None = None,
    period: str | None = None,
    unit: str = "",
    clock: str = "",
    duration: str = "hours",
    horizon: float | None = None,
    better: str | None = None,
    actions: IntoFrame | None = None,
    action: str = "",
    customers: IntoFrame | None = None,
    by: str | Sequence[str] = "",
    score: str = "dimensions",
    weight: str | None = None,
    stratum: str | None = None,
    psu: str | None = None,
    population: str | None = None,
    margins: Margins | None = None,
    scale: Sequence[float] | None = None,
    expectation_type: str | None = None,
    margin: float | None = None,
    as_of: str | None = None,
    zone: str = "UTC",
    min_n: int = 1,
    conf_level: float = 0.95,
    confirmatory: str | Collection[str] = (),
    seed: int = 0,
) -> Table:
    """Compare before with after, where something was done, against the same where it was not.

    What changed for the treated less what changed for the comparison in the same periods is the difference in differences.
    It is an effect only if both would have moved alike had nothing been done; periods before show whether they did. Of a
    survey it is told for perception, expectation and gap apart, because a gap can close by lower expectations.

    Parameters
    ----------
    frame : pandas, Polars, DuckDB, PyArrow or PySpark frame: a survey as for `customer_gap`, or with `value` any log of rows
        with a time, such as contacts or events; its independent units are customers, where it has `customer_id`
    of : "gap", which tells perception and expectation as well, "perception" or "expectation"; without `value`
    value : a column of numbers or of true and false, or two of times, such as ("at", "resolved_at"), for how long it lasted;
        what is not over is watched until the end of the data
    since : the date, such as "2025-10-01", or the wave, with which the time after begins
    treated : whom it reached: "region = 007; 0012", the name of a column of true and false, {"region": ["007", "0012"]}, or a
        date for each group where it came step by step, {"region": {"007": "2025-10-01", "0012": "2026-01-01"}}; without it
        everybody, and there is no comparison
    period : a column such as "wave", or "month" (of `at`); of a log "week", "month" or "quarter"
    unit : column of what is independent, such as region or customer_id; if left out the groups of `treated`, where there are at
        least 6, else customers
    clock : column of times by which rows are before or after, if not `at` or the first of `value`
    duration : unit in which durations are told: "minutes", "hours" or "days"
    horizon : durations count up to so many, and what began later than that before the end of the data is left out; if left out
        and some are not over, what 99 of 100 that are over stay within
    better : "high", "low", or "" where neither is; of a survey "high", of durations "low", of other columns ""
    actions, action : the register of actions, and the id of one of them, which say `since` when and whom it reached, in place
        of both; without an id, the first that is done and says whom
    customers : one row a customer; gives columns that a log does not have
    by : columns whose combinations make the cells
    score, weight, stratum, psu, population, margins : of a survey, as in `customer_gap`
    scale, expectation_type, margin, confirmatory : accepted with the rest of a study's design
    as_of : leave out what came later, such as "2026-03-31"; logs only
    zone : of dates and times without an offset
    min_n : least number of people on each of the four sides; smaller ones are hidden
    conf_level : two-sided, in (0, 1)
    seed : of the bootstrap where groups are few

    Returns
    -------
    Table "before_after", one row each of: `part` "change" of each `group` (treated, comparison), "difference" (in
    differences), "level" of each group and `period`, and "lead" of each period (how much further apart the groups are than
    in the last period before). Columns: the keys, `measure`, `part`, `group`, `period` and its `side`, `n` people, `rows`,
    `before`, `after`, `estimate`, `std_error`, `df`, `conf_low`, `conf_high`, `p_value`, `method`, `groups` (by which
    treatment was given), `pretrend_p`, `grade` (B with a comparison that moved alike before, C where that is not shown, D
    without comparison; A is for what chance decided), `finding`, `unit`, `flags`.

    Raises
    ------
    ColumnError : a frame lacks a column.
    ArgumentError : an argument is not what it must be.

    References
    ----------
    Bertrand, Duflo & Mullainathan (2004), Quarterly Journal of Economics 119(1), 249-275. Cameron, Gelbach & Miller (2008),
    Review of Economics and Statistics 90(3), 414-427. Callaway & Sant'Anna (2021), Journal of Econometrics 225(2), 200-230.
    Binder (1983), International Statistical Review 51(3), 279-292.
    """
    names, min_n, conf_level = as_names(by), check_count(min_n, "min_n"), check_prob(conf_level, "conf_level")
    check_choice(score, "score", SCORES)
    check_choice(of, "of", SIDES)
    check_choice(duration, "duration", DURATIONS)
    check_expectation_type(expectation_type)
    check_scale(scale)
    check_zone(zone, "zone")
    check_positive(horizon, "horizon")
    if better is not None:
        check_choice(better, "better", BETTER)
    if why := absent(frame):
        return Table.not_measured(SLUG, TITLE, why)
    if actions is not None:
        if since or treated:
            raise ArgumentError("`since` and `treated` must be left out where `actions` say them.")
        if why := absent(actions):
            return Table.not_measured(SLUG, TITLE, why)
        told = of_action(actions, action, zone)
        if isinstance(told, str):
            return Table.not_measured(SLUG, TITLE, told)
        since, treated = told
    present = tally.columns_of(frame, "responses" if value is None else "frame")
    try:
        treatment = read_treatment(treated, since, present if customers is None or absent(customers) else [
            *present, *tally.columns_of(customers, "customers")
        ], "responses" if value is None else "frame")._replace(of_action=actions is not None)  # fmt: skip
    except (ArgumentError, ColumnError) as error:
        if actions is None:
            raise
        return Table.not_measured(SLUG, TITLE, f"whom the action reached cannot be told here: {str(error).rstrip('.')}")
    if clash := sorted({*OWN, UNIT} & set(names)):
        raise ArgumentError(f"`by` must name columns that make groups, and none of the table's own, not {clash[0]!r}.")
    if value is None:
        tally.require(frame, [UNIT, *names, *([unit] if unit else [])], "responses")
        found = survey_rows(
            frame, treatment, by=names, period=period or ("wave" if "wave" in present else "month"), unit=unit, score=score,
            zone=zone,
            design={"weight": weight, "stratum": stratum, "psu": psu, "population": population, "margins": margins},
        )  # fmt: skip
        direction = "high" if better is None else better
    else:
        found = log_rows(
            frame, treatment, value=value, by=names, period=check_choice(period or "month", "period", PERIODS), unit=unit,
            clock=clock, duration=duration, horizon=horizon, customers=customers, as_of=as_of, zone=zone,
        )  # fmt: skip
        direction = ("" if isinstance(value, str) else "low") if better is None else better
    if isinstance(found, str):
        return Table.not_measured(SLUG, TITLE, found)
    if why := _lacking(found, treatment):
        return Table.not_measured(SLUG, TITLE, why)
    if value is None and of != "gap":
        found = found._replace(values={of: found.values[of]})
    rows = _every(found, treatment, names, min_n, conf_level, seed, direction)
    return written(rows, found, treatment, names, unit, min_n, conf_level)


def _lacking(rows: Rows, treatment: Treatment) -> str:
    """Return why there is nothing to compare."""
    after = rows.after[rows.period]
    for arm, who in ((rows.arm > 0, "the treated" if treatment.column else "anybody"), (rows.arm == 0, "the comparison")):
        if who == "the comparison" and not treatment.column:
            continue
        if not arm.any():
            return f"there is nobody in {who}" if who == "the comparison" else "nobody was treated"
        for side, word in ((0, "before"), (1, "after")):
            if not (arm & (after == side)).any():
                return f"there is nothing of {who} {word} the date"
    return ""


def _every(
    rows: Rows,
    treatment: Treatment,
    names: Sequence[str],
    min_n: int,
    conf_level: float,
    seed: int,
    better: str,
) -> pd.DataFrame:
    """Estimate each cell and measure, and blank what must not be shown."""
    cells = len(rows.cells)
    people = _people(rows, treatment, cells)
    refuse_names(rows.cells, names, people, min_n)
    few = too_few(people, min_n)
    lines = []
    for name in names:
        line = line_of(rows.cells, [other for other in names if other != name])
        lines += [np.flatnonzero(line == number) for number in np.unique(line)]
    also = hide_also(few, people, lines, min_n) if names else np.zeros(cells, bool)
    parts = []
    for place in range(cells):
        keys = {
            name: "(blank)" if pd.isna(rows.cells[name].iloc[place]) else str(rows.cells[name].iloc[place]) for name in names
        }
        if few[place] or also[place]:
            hidden = "SUPPRESSED_PRIVACY" if few[place] else "SUPPRESSED_SECONDARY"
            told = [
                {"measure": measure, "part": "difference", "finding": "not shown", "unit": rows.unit_of, "flags": hidden}
                for measure in rows.values
            ]
        else:
            here = rows.only(rows.cell == place)
            told = [
                row for measure in rows.values for row in measured(here, measure, treatment, min_n, conf_level, seed, better)
            ]
        parts.append(pd.DataFrame([{**keys, **row} for row in told]))
    frame = pd.concat(parts, ignore_index=True).reindex(columns=[*names, *OWN])
    numbers = [
        name
        for name in OWN
        if name not in ("measure", "part", "group", "period", "side", "method", "grade", "finding", "unit", "flags")
    ]
    frame[numbers] = frame[numbers].astype(float)
    texts = [name for name in OWN if name not in numbers]
    frame[texts] = frame[texts].astype(object).where(frame[texts].notna(), "")
    return frame


def _people(rows: Rows, treatment: Treatment, cells: int) -> np.ndarray:
    """Return the fewest people on any of the sides of each cell of `by`."""
    after = rows.after[rows.period]
    fewest = np.full(cells, np.inf)
    most = int(rows.unit.max(initial=0)) + 1
    for arm in ((rows.arm > 0), (rows.arm == 0)) if treatment.column else ((rows.arm > 0),):
        for side in (0, 1):
            inside = arm & (after == side)
            pairs = np.unique(rows.cell[inside] * most + rows.unit[inside])
            fewest = np.minimum(fewest, np.bincount(pairs // most, minlength=cells))
    return fewest
