"""The share of deliveries that would meet each level, were it the standard."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap._check import check_choice, check_count, check_prob
from cxgap.errors import ArgumentError
from cxgap.gaps.deliveries import CUSTOMER, EVENT, shares
from cxgap.gaps.untold import undelivered
from cxgap.gaps.yardstick import Measured, exposed_lines, groups, measure
from cxgap.result import Table
from cxgap.stats.means import Floats
from cxgap.stats.privacy import hide_also, too_few
from cxgap.tables.absent import absent
from cxgap.vocabulary import percent, plain

MOST_LEVELS = 20  # distinct values that are levels themselves
STEPS = 12  # about so many round levels otherwise


def attainment_curve(
    events: IntoFrame,
    standards: IntoFrame,
    *,
    by: str | Sequence[str] = "touchpoint",
    levels: Sequence[float] | None = None,
    weight_by: str = CUSTOMER,
    min_n: int = 1,
    conf_level: float = 0.95,
    as_of: Any = None,
    seed: int | None = None,
) -> Table:
    """Show the share of deliveries that would meet each level, were it the standard.

    Parameters
    ----------
    events, standards, by, weight_by, min_n, conf_level : as in `delivery_gap`
    levels : in the metric's unit; if not given, the distinct values delivered, or round numbers where they are many
    as_of, seed : not used; taken so that both functions may be given the same

    Returns
    -------
    Table with one row for each cell, metric and level: `attained` with its interval, and whether the level is today's
    standard. Cells without events, and those that `delivery_gap` would hide, have no rows.
    """
    names, conf_level, min_n = groups(by), check_prob(conf_level, "conf_level"), check_count(min_n, "min_n")
    check_choice(weight_by, "weight_by", (CUSTOMER, EVENT))
    levels = None if levels is None else _levels(levels)
    title = "Share of deliveries that are no worse than a level"
    if why := absent(events, standards) or undelivered(events, names):
        return Table.not_measured("attainment", title, why)
    found = measure(events, standards, by=names, weight_by=weight_by)
    n = found.given.units
    few = too_few(n, min_n)
    hidden = few | hide_also(few, n, exposed_lines(found, names, min_n), min_n)
    shown = np.flatnonzero(~hidden & (n > 0) & (found.cells["direction"] != "").to_numpy(bool))
    grids = {int(cell): _grid(found, int(cell), levels) for cell in shown}
    rows = []
    for place in range(max(map(len, grids.values()), default=0)):
        level = np.full(found.given.cells, np.nan)
        for cell, grid in grids.items():
            level[cell] = grid[place] if place < len(grid) else np.nan
        at = shares(found.given, level, found.lower, conf_level=conf_level)
        low, high = at.interval(conf_level)
        part = found.cells[[*names, "metric", "metric_unit", "direction"]].assign(level=level, n=n)
        part = part.assign(attained=at.share, attained_low=low, attained_high=high, is_standard=level == found.standard)
        rows.append(part[np.isfinite(level)].assign(_cell=np.flatnonzero(np.isfinite(level))))
    curve = pd.concat(rows) if rows else found.cells.iloc[:0].assign(level=0.0, _cell=0)
    curve = curve.sort_values(["_cell", "level"], kind="stable").drop(columns="_cell").reset_index(drop=True)
    curve = curve.astype({name: str for name in (*names, "metric")})
    columns: dict[str, tuple[str, Callable[[Any], str]]] = {
        **{name: (name.replace("_", " "), str) for name in (*names, "metric")},
        "level": ("level", _number),
        "metric_unit": ("unit", str),
        "attained": ("share no worse", _share_text),
        "attained_low": ("from", _share_text),
        "attained_high": ("to", _share_text),
        "is_standard": ("standard today", lambda value: "yes" if value else ""),
    }
    notes = [f"{percent(conf_level)} intervals; each {weight_by} weighs 1."]
    if len(shown) < int((n > 0).sum()):
        notes.append(
            f"Cells of fewer than {min_n} {found.counts}s, or that would tell of one, or without direction, are left out."
        )
    columns = {name: shown_as for name, shown_as in columns.items() if len(curve)}
    return Table.of(curve, slug="attainment", title=title, columns=columns, keys=len(names) + 2, notes=notes)


def _grid(found: Measured, cell: int, levels: Sequence[float] | None) -> Floats:
    """Return the levels of one cell, today's standard among them."""
    standard = found.standard[[cell]]
    if levels is None:
        values = np.unique(found.given.value[found.given.cell == cell])
        grid = values if len(values) <= MOST_LEVELS else _round_levels(*np.quantile(values, [0.01, 0.99]))
    else:
        grid = np.asarray(levels, np.float64)
    return np.unique(np.concatenate([grid, standard[np.isfinite(standard)]]))


def _levels(levels: Sequence[float]) -> Sequence[float]:
    try:
        grid = np.asarray(None if isinstance(levels, str) else levels, np.float64)
    except (TypeError, ValueError):
        grid = np.array(np.nan)
    if grid.ndim != 1 or not np.isfinite(grid).all():
        raise ArgumentError(f"`levels` must be finite numbers in the metric's unit, not {levels!r}.")
    return levels


def _round_levels(low: float, high: float) -> Floats:
    """Return multiples of 1, 2 or 5 times a power of ten that span from `low` to `high`."""
    rough = (high - low) / STEPS
    power = 10.0 ** np.floor(np.log10(rough))
    step = power * next(factor for factor in (1, 2, 5, 10) if factor * power >= rough)
    return np.round(np.arange(np.floor(low / step), np.ceil(high / step) + 1) * step, 12)


def _number(value: float) -> str:
    return plain(value, 4).rstrip("0").rstrip(".")


def _share_text(value: float) -> str:
    return percent(round(value, 3))
