"""The models of an outcome by expectation and perception, fitted to the visits of each cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame
from numpy.typing import NDArray

from cxgap._check import check_choice, check_count, check_scale
from cxgap.gaps.asking import SCORES, check_expectation_type, grouping
from cxgap.gaps.crossed import count_crossed
from cxgap.gaps.design import UNIT
from cxgap.gaps.visits import Visits, read_visits
from cxgap.stats import surface as shape
from cxgap.stats.means import Floats, sum_by
from cxgap.stats.privacy import too_few
from cxgap.stats.regression import Fit, FTest, wald_test
from cxgap.stats.surfaces import FTests, Models, Pairs, fit_surfaces, nested_tests, paired

OWN = (
    "term", "estimate", "std_error", "t", "df", "conf_low", "conf_high", "p_value", "model", "chosen", "r2", "adj_r2", "aic",
    "bic", "against", "f", "df1", "df2", "p_test", "n", "flags",
)  # fmt: skip


class Surfaces(NamedTuple):
    """All models of all cells, their tests and the one chosen.

    Attributes
    ----------
    keys : of each cell, as texts
    people : respondents behind each cell, shape (cells,)
    known : whether a cell is shown at all
    models : fitted, with the errors that hold where residuals are not alike; each array has one entry a cell
    tests : of the smaller against the larger model, by their names
    whole : of the curved surface against nothing at all
    chosen : the smallest model that no test rejects, "" where they cannot be made
    flags : of each cell
    """

    keys: list[dict[str, str]]
    people: Floats
    known: NDArray[np.bool_]
    models: dict[str, Models]
    tests: dict[tuple[str, str], FTests]
    whole: FTests
    chosen: list[str]
    flags: list[tuple[str, ...]]


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """One cell: its visits, X and Y about the scale's midpoint, whether it is shown, and what `Surfaces` says of it."""

    keys: dict[str, str]
    part: Visits
    x: Floats
    y: Floats
    known: bool
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


def surfaces(
    responses: IntoFrame,
    outcome: str,
    names: Sequence[str],
    score: str,
    limits: tuple[float, float],
    min_n: int,
    conf_level: float,
    design: Mapping[str, Any],
) -> Surfaces:
    """Fit all models of each cell; where a visit is one answer to an item, without its visits being made."""
    centre = (limits[0] + limits[1]) / 2
    crossed = None if any(design.values()) else count_crossed(responses, names, outcome, centre)
    if crossed is None:
        return _of_visits(_read(responses, outcome, names, score, design), names, centre, min_n, 1 - conf_level)
    keys, pairs = keys_of(crossed.cells, names), crossed.pairs
    sides = [sum_by(pairs.cell, len(keys), pairs.times * side) for side in (pairs.y < pairs.x, pairs.y > pairs.x)]
    people = sum_by(pairs.cell, len(keys), pairs.times)
    return _together(keys, people, people, pairs, np.ones(len(keys), bool), sides, min_n, 1 - conf_level)


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
    """Fit all models of each cell, and keep its visits."""
    assert limits is not None
    assert outcome is not None
    centre = (limits[0] + limits[1]) / 2
    visits = _read(responses, outcome, names, score, design)
    found = _of_visits(visits, names, centre, min_n, 1 - conf_level)
    return [
        Fitted(
            found.keys[place],
            part,
            part.expectation - centre,
            part.perception - centre,
            bool(found.known[place]),
            FTest(*(float(values[place]) for values in found.whole)),
            found.chosen[place],
            found.flags[place],
        )
        for place, part in enumerate(visits.parts())
    ]


def keys_of(cells: pd.DataFrame, names: Sequence[str]) -> list[dict[str, str]]:
    """Return the keys of each cell as texts; a column that the answers lack is "all items"."""
    columns = {
        name: cells[name].astype(object).where(cells[name].notna(), "(blank)").astype(str).tolist()
        if name in cells
        else ["all items"] * len(cells)
        for name in names
    }
    return [{name: values[row] for name, values in columns.items()} for row in range(len(cells))]


def _read(responses: IntoFrame, outcome: str, names: Sequence[str], score: str, design: Mapping[str, Any]) -> Visits:
    visits = read_visits(responses, by=names, outcome=outcome, score=score, **design)
    return visits.part(np.isfinite(visits.outcome))


def _of_visits(visits: Visits, names: Sequence[str], centre: float, min_n: int, level: float) -> Surfaces:
    cells, people = len(visits.cells), len(visits.design.weight)
    x, y, weight = visits.expectation - centre, visits.perception - centre, visits.weight
    met = np.unique((visits.cell * people + visits.respondent)[weight > 0])
    heads = sum_by(met // people, cells)
    alike = np.zeros(cells, bool) if visits.designed else heads == sum_by(visits.cell, cells)
    rows = alike[visits.cell]
    pairs = paired(visits.cell[rows], x[rows], y[rows], visits.outcome[rows], cells)
    total = sum_by(visits.cell, cells, weight)
    sides = [sum_by(visits.cell, cells, weight * side) for side in (visits.gap < 0, visits.gap > 0)]
    found = _together(keys_of(visits.cells, names), heads, total, pairs, alike, sides, min_n, level)
    if alike.all():
        return found
    for place, part in enumerate(visits.parts()):
        if found.known[place] and not alike[place]:
            _clustered(found, place, part, part.expectation - centre, part.perception - centre, level)
    return found


def _together(
    keys: list[dict[str, str]],
    people: Floats,
    total: Floats,
    pairs: Pairs,
    alike: NDArray[np.bool_],
    sides: Sequence[Floats],
    min_n: int,
    level: float,
) -> Surfaces:
    """Fit all cells at once; those whose visits are not `alike` have yet to be fitted."""
    known = (people > 0) & ~too_few(people, min_n)
    models = fit_surfaces(pairs, len(keys))
    tests = {(small, large): nested_tests(models[small], models[large]) for small, large in shape.CONSTRAINTS}
    lonely = np.where(total > 0, np.minimum(*sides) < shape.BOTH_SIDES * total, True)
    flags: list[tuple[str, ...]] = []
    for place, n in enumerate(people):
        marks = {
            "FEW_RESPONDENTS": n < shape.FEWEST,
            "ONE_SIDED": lonely[place],
            "COLLINEAR": models["quadratic"].collinear[place],
        }
        hidden = ("EMPTY",) if n == 0 else ("SUPPRESSED_PRIVACY",)
        flags.append(tuple(name for name, mark in marks.items() if mark) if known[place] else hidden)
    found = Surfaces(keys, people, known, models, tests, nested_tests(None, models["quadratic"]), [""] * len(keys), flags)
    for place in map(int, np.flatnonzero(known & alike)):
        found.chosen[place] = _chosen(found, place, level)
    return found


def _clustered(found: Surfaces, place: int, part: Visits, x: Floats, y: Floats, level: float) -> None:
    """Write a cell whose visits are not independent, or not equally likely, into its place."""
    fits = shape.fit_models(x, y, part.outcome, weight=part.weight)
    robust = {model: part.fit(shape.columns_of(model, x, y), part.outcome) for model in shape.MODELS}
    for model, fit in robust.items():
        into, as_it_is = found.models[model], fits[model]
        into.coefficients[place], into.covariance[place], into.df[place] = fit.coefficients, fit.covariance, fit.df
        into.r2[place], into.adj_r2[place] = as_it_is.r2, as_it_is.adj_r2
        into.aic[place], into.bic[place] = as_it_is.aic, as_it_is.bic
        into.collinear[place] = bool(fit.collinear)
    for (small, large), tests in found.tests.items():
        _write(tests, place, wald_test(robust[large], shape.CONSTRAINTS[small, large]))
    # The largest model first: were the chosen one tested, its choice would have used the same chance once more.
    _write(found.whole, place, wald_test(robust["quadratic"], np.eye(6)[1:]))
    found.chosen[place] = _chosen(found, place, level)
    if robust["quadratic"].collinear:
        found.flags[place] = (*(flag for flag in found.flags[place] if flag != "COLLINEAR"), "COLLINEAR")


def _write(tests: FTests, place: int, test: FTest) -> None:
    for values, value in zip(tests, test, strict=True):
        values[place] = value


def _chosen(found: Surfaces, place: int, level: float) -> str:
    return shape.choose(
        {pair: FTest(*(float(values[place]) for values in tests)) for pair, tests in found.tests.items()}, level=level
    )
