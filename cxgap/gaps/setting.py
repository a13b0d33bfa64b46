"""The standard-setting curve: which level would satisfy how many customers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap._check import check_choice, check_count, check_prob
from cxgap.errors import ArgumentError
from cxgap.gaps.asking import grouping
from cxgap.gaps.design import UNIT, design_columns, read_design
from cxgap.gaps.ladder import SIGNS
from cxgap.gaps.margins import Margins
from cxgap.gaps.spared import spared
from cxgap.result import Table
from cxgap.stats.intervals import interval
from cxgap.stats.means import Design, Floats, design_means, simple_means, sum_by
from cxgap.stats.privacy import too_few
from cxgap.stats.quantiles import ROUNDING, quantile_interval
from cxgap.tables.absent import absent
from cxgap.vocabulary import percent, plain

SLUG = "setting"
OWN_COLUMNS = (
    "metric", "level", "share", "share_low", "share_high", "chosen", "n", "chosen_level", "chosen_low", "chosen_high", "goal",
)  # fmt: skip
MOST_LEVELS = 60  # points of a curve; more are thinned to these


@spared
def setting_curve(
    responses: IntoFrame,
    *,
    level: str = "expectation",
    direction: str = "higher",
    goal: float = 0.8,
    by: str | Sequence[str] = "",
    unit: str = "scale points",
    metrics: pd.DataFrame | None = None,
    weight: str | None = None,
    stratum: str | None = None,
    psu: str | None = None,
    population: str | None = None,
    margins: Margins | None = None,
    min_n: int = 1,
    conf_level: float = 0.95,
    **design: Any,
) -> Table:
    """Say for each level which share of customers it would satisfy, and which level satisfies a stated share.

    A customer is satisfied by a level that is no worse than what they expect. A respondent's answers are averaged
    first. The chosen level is the least strict of the levels that customers expect of which the share reaches the goal.

    Parameters
    ----------
    responses : pandas, Polars, DuckDB, PyArrow or PySpark frame, one row an answer
        Has `respondent_id`, `level` and the columns in `by`.
    level : column of what customers expect, in `unit`
    direction : "higher" or "lower", whichever is better for the customer
    goal : share of customers to satisfy, in (0, 1)
    by : columns whose combinations make the curves; "" is all together
    metrics : a study's metrics: those whose expectation was asked make the curves, each in its unit and with a key
        `metric` where there are several; without any, the curves are those of `level`
    weight, stratum, psu, population, margins, min_n : as in `customer_gap`
    conf_level : two-sided, in (0, 1)
    design : the rest of a study's design, which sets no level

    Returns
    -------
    Table of slug "setting", one row a curve and level: `level`, `share` satisfied with `share_low` and `share_high`,
    `chosen` (whether the row is that of the level that satisfies the goal, which is `chosen_level` with `chosen_low` and
    `chosen_high`), `goal` and `n`.

    Raises
    ------
    ColumnError : `responses` lacks a column.
    ArgumentError : an argument is not what it must be, or weights or design columns are not usable.

    References
    ----------
    Woodruff (1952), Journal of the American Statistical Association 47(260), 635-646 (interval of the level).
    Korn & Graubard (1998), Survey Methodology 24(2), 193-201 (interval of the share).
    """
    unknown = sorted(set(design) - {"scale", "expectation_type", "margin", "confirmatory"})
    if unknown:
        raise ArgumentError(f"`setting_curve` must not be given {unknown[0]!r}; it knows of no such argument.")
    names = grouping(by, {UNIT, level, *OWN_COLUMNS})
    drawn_by: dict[str, Any] = {"weight": weight, "stratum": stratum, "psu": psu, "population": population, "margins": margins}
    asked = [] if metrics is None else [row for row in metrics.to_dict("records") if isinstance(row["expected"], str)]
    if asked and not absent(responses):
        tables = [
            setting_curve(
                responses,
                level=row["expected"],
                direction=row["direction"],
                unit=f"{row['unit']} of {row['metric']}",
                goal=goal,
                by=by,
                min_n=min_n,
                conf_level=conf_level,
                **drawn_by,
            )
            for row in asked
        ]
        return tables[0] if len(tables) == 1 else _of_each([row["metric"] for row in asked], tables, names)
    conf_level, goal = check_prob(conf_level, "conf_level"), check_prob(goal, "goal")
    sign, min_n = SIGNS[check_choice(direction, "direction", SIGNS)], check_count(min_n, "min_n")
    title = f"Share of customers whom a level would satisfy, in {unit}"
    if why := absent(responses):
        return Table.not_measured(SLUG, title, why)
    if level not in tally.columns_of(responses):
        return Table.not_measured(SLUG, title, f"the survey has no column {level!r}")
    keys = list(dict.fromkeys([*names, UNIT, *design_columns(stratum, psu, population, margins)]))
    sums = tally.tally_pairs(responses, level, level, keys=keys, weight=weight)
    respondent, sample = read_design(sums, **drawn_by)
    pairs = sums["pairs"].to_numpy(float)
    held = (pairs > 0) & (sample.weight[respondent] > 0)
    if not held.any():
        return Table.not_measured(SLUG, title, "nobody answered")
    sums, respondent = sums[held].reset_index(drop=True), respondent[held]
    value = sums["start"].to_numpy(float) / pairs[held]
    parts = sums.groupby(list(names), observed=True, dropna=False, sort=True) if names else None
    cell = parts.ngroup().to_numpy(np.int64) if parts is not None else np.zeros(len(sums), np.int64)
    cells = sums[list(names)].iloc[np.unique(cell, return_index=True)[1]].reset_index(drop=True)
    designed = any((weight, stratum, psu, population, margins))
    shown = np.flatnonzero(~too_few(sum_by(cell, len(cells)), min_n))
    if not len(shown):
        return Table.not_measured(SLUG, title, f"fewer than {min_n} customers answered")
    curves = []
    for one in shown:
        here = cell == one
        curve = _curve(value[here], respondent[here], sample, sign, goal, conf_level, designed)
        curves.append(curve.assign(**{name: str(cells[name].iloc[one]) for name in names}))
    frame = pd.concat(curves, ignore_index=True)
    frame = frame[[*names, *(name for name in frame if name not in names)]]
    return _table(frame, names, title, goal, unit, conf_level, len(cells) - len(shown))


def _curve(
    value: Floats, respondent: np.ndarray, design: Design, sign: float, goal: float, conf_level: float, designed: bool
) -> pd.DataFrame:
    weight, one = design.weight[respondent], np.zeros(len(value), np.int64)
    ladder = sign * value
    levels, place = np.unique(ladder, return_inverse=True)
    reached = np.cumsum(sum_by(place, len(levels), weight))
    wanted = float(levels[np.argmax(reached >= (goal - ROUNDING) * reached[-1])])
    if len(levels) > MOST_LEVELS:
        levels = np.unique(np.quantile(levels, np.linspace(0, 1, MOST_LEVELS)))
    levels = np.unique(np.append(levels, wanted))
    rows = np.tile(np.arange(len(value)), len(levels))
    cell = np.repeat(np.arange(len(levels)), len(value))
    satisfied = (ladder[rows] <= levels[cell] + 1e-9).astype(float)
    if designed:
        share = design_means(satisfied, cell, len(levels), respondent[rows], design)
    else:
        share = simple_means(satisfied, cell, len(levels))
    made = interval("share", share.mean, share.std_error, share.df, n=share.n, conf_level=conf_level, designed=designed)
    low, high = made.low, made.high
    at = int(np.searchsorted(levels, wanted))
    ends = quantile_interval(
        ladder, one, 1, goal, weight=weight, reached=share.mean[at : at + 1], std_error=share.std_error[at : at + 1],
        n=share.n[at : at + 1], df=share.df[at : at + 1], conf_level=conf_level,
    )  # fmt: skip
    chosen_low, chosen_high = (sign * float(end[0]) for end in (ends if sign > 0 else reversed(ends)))
    columns = {"level": sign * levels, "share": share.mean, "share_low": low, "share_high": high, "chosen": levels == wanted}
    frame = pd.DataFrame({**columns, "n": share.n}).assign(
        chosen_level=sign * wanted, chosen_low=chosen_low, chosen_high=chosen_high, goal=goal
    )
    return frame.sort_values("level", kind="stable")


def _of_each(metrics: Sequence[str], curves: Sequence[Table], names: Sequence[str]) -> Table:
    """Put the curves of several metrics into one table."""
    measured = [(name, curve) for name, curve in zip(metrics, curves, strict=True) if not curve.missing]
    if not measured:
        return curves[0]
    first = measured[0][1]
    frame = pd.concat([curve.frame.assign(metric=name) for name, curve in measured], ignore_index=True)
    frame = frame[["metric", *(name for name in frame if name != "metric")]]
    cells = tuple((name, *row) for name, curve in measured for row in curve.cells)
    notes = tuple(dict.fromkeys(note for _, curve in measured for note in curve.notes))
    title = "Share of customers whom a level would satisfy, each metric in its own unit"
    heads = ("metric", *(head.split(", ")[0] for head in first.heads))
    return Table(frame, SLUG, title, heads, cells, len(names) + 1, notes)


def _table(
    frame: pd.DataFrame, names: Sequence[str], title: str, goal: float, unit: str, conf_level: float, hidden: int
) -> Table:
    """Show the chosen level of each curve; the curve itself is in the frame, and in its picture."""
    chosen = frame[frame["chosen"]].drop_duplicates(list(names)) if names else frame[frame["chosen"]].head(1)

    def span(low: float, high: float) -> str:
        return f"{plain(low, 2)} to {plain(high, 2)}" if np.isfinite(low) and np.isfinite(high) else "too few to tell"

    rows = []
    for row in chosen.to_dict("records"):
        keys = [str(row[name]) for name in names] or ["all customers"]
        rows.append((*keys, f"{row['n']:,.0f}", plain(row["chosen_level"], 2), span(row["chosen_low"], row["chosen_high"])))
    heads = [*(name.replace("_", " ") for name in names)] or ["group"]
    notes = [f"A level satisfies a customer if it is no worse than what the customer expects; the goal is {percent(goal)}."]
    notes += [f"{hidden} of the curves are not shown: too few answered."] if hidden else []
    return Table(
        frame.reset_index(drop=True),
        SLUG,
        title,
        (*heads, "n", f"level that satisfies {percent(goal)}, {unit}", f"{percent(conf_level)} interval"),
        tuple(rows),
        len(heads),
        tuple(notes),
    )
