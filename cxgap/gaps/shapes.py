"""The models of an outcome by expectation and perception, fitted to the visits of each cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap._check import check_choice, check_count, check_scale
from cxgap.gaps.asking import SCORES, check_expectation_type, grouping
from cxgap.gaps.design import UNIT
from cxgap.gaps.visits import Visits, read_visits
from cxgap.stats import surface as shape
from cxgap.stats.means import Floats
from cxgap.stats.privacy import too_few
from cxgap.stats.regression import Fit, FTest, least_squares, nested_test, wald_test

OWN = (
    "term", "estimate", "std_error", "t", "df", "conf_low", "conf_high", "p_value", "model", "chosen", "r2", "adj_r2", "aic",
    "bic", "against", "f", "df1", "df2", "p_test", "n", "flags",
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """One cell: its visits, X and Y about the scale's midpoint, all models, their tests and the one chosen."""

    keys: dict[str, str]
    part: Visits
    x: Floats
    y: Floats
    fits: dict[str, Fit]
    tests: dict[tuple[str, str], FTest]
    whole: FTest
    chosen: str
    flags: tuple[str, ...]

    def robust(self, model: str) -> Fit:
        """Return a model with the standard errors that hold where residuals are not alike."""
        return self.part.fit(shape.columns_of(model, self.x, self.y), self.part.outcome)


def asked(
    by: str | Sequence[str], outcome: str | None, score: str, scale: Sequence[float] | None, min_n: int, kind: str | None
) -> tuple[tuple[str, ...], tuple[float, float] | None, int]:
    """Check what all functions of a surface are asked; return the keys, the scale and the minimum."""
    check_choice(score, "score", SCORES)
    check_expectation_type(kind)
    names = grouping(by, {UNIT, "expectation", "perception", outcome, *OWN})
    return names, check_scale(scale), check_count(min_n, "min_n")


def fitted(
    responses: IntoFrame,
    outcome: str | None,
    names: Sequence[str],
    score: str,
    limits: tuple[float, float] | None,
    min_n: int,
    conf_level: float,
    design: Mapping[str, Any],
) -> list[Fitted]:
    """Fit all models of each cell."""
    assert limits is not None
    visits = read_visits(responses, by=names, outcome=outcome, score=score, **design)
    visits = visits.part(np.isfinite(visits.outcome))
    centre = (limits[0] + limits[1]) / 2
    found = []
    for keys, part in zip(keys_of(visits.cells, names), visits.parts(), strict=True):
        found.append(_fit(keys, part, part.expectation - centre, part.perception - centre, min_n, 1 - conf_level))
    return found


def keys_of(cells: pd.DataFrame, names: Sequence[str]) -> list[dict[str, str]]:
    """Return the keys of each cell as texts; a column that the answers lack is "all items"."""
    columns = {
        name: cells[name].astype(object).where(cells[name].notna(), "(blank)").astype(str) if name in cells else None
        for name in names
    }
    return [
        {name: "all items" if values is None else values.iloc[row] for name, values in columns.items()}
        for row in range(len(cells))
    ]


def _fit(keys: dict[str, str], part: Visits, x: Floats, y: Floats, min_n: int, level: float) -> Fitted:
    n = part.people
    if n == 0 or too_few(np.array([float(n)]), min_n)[0]:
        flag = "EMPTY" if n == 0 else "SUPPRESSED_PRIVACY"
        return Fitted(keys, part, x, y, {}, {}, FTest(np.nan, np.nan, np.nan, np.nan), "", (flag,))
    fits = shape.fit_models(x, y, part.outcome, weight=part.weight)
    robust = {
        model: fits[model] if part.plain else part.fit(shape.columns_of(model, x, y), part.outcome) for model in shape.NESTED
    }

    def test(small: str, large: str) -> FTest:
        if part.plain:
            return nested_test(fits[small], fits[large])
        return wald_test(robust[large], shape.CONSTRAINTS[small, large])

    tests = shape.compare_models(test)
    chosen = shape.choose(tests, level=level)
    # The largest model first: were the chosen one tested, its choice would have used the same chance once more.
    none = least_squares(np.empty((len(x), 0)), part.outcome, weight=part.weight)
    whole = nested_test(none, fits["quadratic"]) if part.plain else wald_test(robust["quadratic"], np.eye(6)[1:])
    flags = {
        "FEW_RESPONDENTS": n < shape.FEWEST,
        "ONE_SIDED": shape.one_sided(part.gap, part.weight),
        "COLLINEAR": bool(fits["quadratic"].collinear),
    }
    return Fitted(keys, part, x, y, fits, tests, whole, chosen, tuple(name for name, set_ in flags.items() if set_))
