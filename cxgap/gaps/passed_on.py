"""How much of a promise is passed on to what people expect, and how much to what they perceive."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap.gaps.factor_columns import Factors
from cxgap.gaps.visits import read_visits
from cxgap.stats.means import Floats, t_interval
from cxgap.stats.regression import least_squares

PROMISE: Final = "promise"
FEWEST = 30  # visits below which no slope is told


def passed_on(
    responses: IntoFrame, promise: str, factors: Factors, *, score: str, conf_level: float, **design: Any
) -> list[dict[str, Any]]:
    """Regress what was expected, what was perceived and the gap of a visit on what was promised at it.

    At equal touchpoints and equal factors; the gap's slope is perception's less expectation's, to the last digit, because all
    three are of the same visits. With promises that nobody drew by lot it is what goes together, and not yet an effect.

    Parameters
    ----------
    responses, score, design : as in `read_visits`
    promise : numeric column, one value a visit
    factors : of the respondents
    conf_level : two-sided

    Returns
    -------
    A row each for "expectation", "perception" and "gap" with `slope`, `conf_low` and `conf_high`; none of too few visits.
    """
    tally.require_numbers(responses, [promise], "responses")
    by = [name for name in ("touchpoint",) if name in tally.columns_of(responses)]
    visits = read_visits(responses, by=by, outcome=promise, score=score, **design)
    row = np.full(len(visits.design.weight), -1)
    row[factors.who] = np.arange(len(factors.who))
    used = np.isfinite(visits.outcome) & (row[visits.respondent] >= 0) & (visits.weight > 0)
    visits = visits.part(used)
    if visits.people < FEWEST or not np.ptp(visits.outcome) > 0:
        return []
    places = np.unique(visits.cell)
    at = (visits.cell[:, None] == places[1:]).astype(float)
    beside = [
        column for name, members in zip(factors.names, factors.columns, strict=True) if name != promise for column in members
    ]
    x = np.column_stack([visits.outcome, at, factors.x[row[visits.respondent]][:, beside]])
    x = x[:, [True, *_varying(x[:, 1:])]]
    fit = least_squares(x, visits.gap, weight=visits.weight)
    if fit.collinear:
        if 0 in fit.collinear:
            return []
        x = np.delete(x, list(fit.collinear), axis=1)
    rows = []
    for name, outcome in (("expectation", visits.expectation), ("perception", visits.perception), ("gap", visits.gap)):
        found = visits.fit(x, outcome)
        if not np.isfinite(found.std_error[1]):
            return []
        slope, error, df = (np.array([value]) for value in (found.coefficients[1], found.std_error[1], found.df))
        low, high = t_interval(slope, error, df, conf_level=conf_level)
        rows.append(
            {"part": PROMISE, "name": name, "slope": float(slope[0]), "conf_low": float(low[0]), "conf_high": float(high[0])}
        )
    return rows


def _varying(columns: Floats) -> list[bool]:
    return [bool(np.ptp(column) > 0) for column in columns.T]
