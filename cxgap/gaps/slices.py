"""Two cuts through a response surface: along agreement of perception and expectation, and across it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap._check import check_prob
from cxgap.gaps.margins import Margins
from cxgap.gaps.shapes import Fitted, asked, fitted
from cxgap.gaps.spared import spared_answers
from cxgap.gaps.visits import NO_OUTCOME, NO_SCALE
from cxgap.result import Table
from cxgap.stats import surface as shape
from cxgap.stats.hull import convex_hull, inside
from cxgap.stats.means import Floats, t_interval
from cxgap.stats.regression import combined
from cxgap.tables.absent import absent
from cxgap.vocabulary import percent, plain, signed

SLUG = "surface-slices"
ALONG, ACROSS = "perceived equals expected", "perceived less expected"
POINTS = 41  # of each line


@spared_answers
def surface_slices(
    responses: IntoFrame,
    *,
    outcome: str | None = None,
    score: str = "dimensions",
    weight: str | None = None,
    stratum: str | None = None,
    psu: str | None = None,
    population: str | None = None,
    margins: Margins | None = None,
    scale: Sequence[float] | None = None,
    expectation_type: str | None = None,
    margin: float | None = None,
    min_n: int = 1,
    confirmatory: str | Collection[str] = (),
    conf_level: float = 0.95,
) -> Table:
    """Cut the response surface along agreement and across it, where there are data and beyond.

    Along agreement perception equals expectation, at every level of the scale. Across it perception is above or below
    expectation by so much, and the two add up to twice the midpoint of the scale.

    Parameters
    ----------
    responses, outcome, score, weight, stratum, psu, population, margins, scale, min_n : as in `response_surface`
    expectation_type, margin, confirmatory : accepted with the rest of a study's design
    conf_level : of the bands, two-sided

    Returns
    -------
    Table "surface-slices" with one row a line and level: `line`, `at` (the level, or the gap), `estimate` of the outcome by
    the smallest model that was not rejected, `conf_low`, `conf_high`, `inside` (whether the level lies within the convex
    hull of the answers) and `visits`, whose answers lie nearest to the level, on the line or off it;
    of the whole the name of the `outcome`, and whether it is `shown` to go with either.

    Raises
    ------
    ColumnError : `responses` lacks a column.
    ArgumentError : an argument is not what it must be.
    """
    names, limits, min_n = asked("", outcome, score, scale, min_n, expectation_type)
    conf_level = check_prob(conf_level, "conf_level")
    title = "The overall judgement along agreement of perception and expectation, and across it"
    if why := absent(responses) or ("" if outcome else NO_OUTCOME) or ("" if limits else NO_SCALE):
        return Table.not_measured(SLUG, title, why)
    design: dict[str, Any] = {"weight": weight, "stratum": stratum, "psu": psu, "population": population, "margins": margins}
    (cell,) = fitted(responses, outcome, names, score, limits, min_n, conf_level, design)
    assert limits is not None
    if not cell.chosen or cell.part.people < shape.FEWEST:
        why = f"it takes {shape.FEWEST} respondents whose answers differ, and here are {cell.part.people}"
        return Table.not_measured(SLUG, title, why if cell.known else "too few respondents to show a result")
    half = (limits[1] - limits[0]) / 2
    frame = pd.concat(
        [
            _slice(cell, ALONG, np.linspace(-half, half, POINTS), (1.0, 1.0), conf_level, min_n, (limits[0] + limits[1]) / 2),
            _slice(cell, ACROSS, np.linspace(-2 * half, 2 * half, POINTS), (-0.5, 0.5), conf_level, min_n, 0.0),
        ],
        ignore_index=True,
    ).assign(outcome=(outcome or "").replace("_", " "), shown=bool(cell.whole.p_value < 1 - conf_level))
    return Table(
        frame,
        slug=SLUG,
        title=title,
        heads=("line", "at", "overall judgement", f"{percent(conf_level)} interval", "visits near"),
        cells=tuple(_written(row) for row in frame[frame["inside"]].iloc[::5].to_dict("records")),
        keys=2,
        notes=("Levels beyond those that customers gave are left out of this table.",),
    )


def _slice(
    cell: Fitted, line: str, at: Floats, step: tuple[float, float], conf_level: float, min_n: int, shift: float
) -> pd.DataFrame:
    """Estimate the outcome along one line through the midpoint of the scale."""
    fit = cell.robust(cell.chosen)
    x, y = at * step[0], at * step[1]
    columns = np.column_stack([np.ones(len(at)), shape.columns_of(cell.chosen, x, y)])
    estimate, errors = combined(fit, columns)
    low, high = t_interval(estimate, errors, np.full(len(at), fit.df), conf_level=conf_level)
    used = cell.part.weight > 0
    hull = convex_hull(cell.x[used], cell.y[used])
    first, last = inside(hull, (0.0, 0.0), step)
    own = (cell.x + cell.y) / 2 if step[0] == step[1] else cell.y - cell.x
    wide = at[1] - at[0]
    place = np.clip(np.floor((own[used] - at[0]) / wide + 0.5), 0, len(at) - 1).astype(np.int64)
    visits = np.bincount(place, minlength=len(at)).astype(float)
    return pd.DataFrame(
        {
            "line": line,
            "at": at + shift,
            "estimate": estimate,
            "conf_low": low,
            "conf_high": high,
            "inside": (at >= first - 1e-9) & (at <= last + 1e-9),
            "visits": np.where((visits > 0) & (visits < min_n), np.nan, visits),
        }
    )


def _written(row: dict[str, Any]) -> tuple[str, ...]:
    at = plain(row["at"], 1) if row["line"] == ALONG else signed(row["at"], 1)
    span = f"{plain(row['conf_low'], 2)} to {plain(row['conf_high'], 2)}"
    visits = "few" if np.isnan(row["visits"]) else f"{row['visits']:,.0f}"
    return row["line"], at, plain(row["estimate"], 2), span, visits
