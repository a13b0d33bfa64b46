"""Penalties and rewards of each cell: an overall judgement fitted by marks for a low and for a high level."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd

from cxgap.gaps.scores import ITEMS
from cxgap.gaps.visits import Visits
from cxgap.stats.asymmetry import BASIC, CANNOT_TELL, EXCITEMENT, asymmetry, kind_of, thirds
from cxgap.stats.bootstrap import expanded_percentiles
from cxgap.stats.explained import crossed_by_unit, redrawn
from cxgap.stats.means import Floats, strata_of, t_interval
from cxgap.stats.regression import combined, wald_test

PARTS: Final = ("dimension", *sorted(ITEMS))  # all of a visit, so that they are fitted together
FEWEST, LEAST_SHARE = 20, 0.05  # customers at a level, below which it tells nothing
INDICES: Final = ("pi", "ri", "riocs", "sgp", "dgp", "ia")
ENDS: Final = tuple(f"{name}_{end}" for name in INDICES for end in ("low", "high"))
TEST: Final = ("f", "df1", "df2", "p_value")
STRAIGHT: Final = "STRAIGHT_LINE"
_SLUG, _ROUNDING, _CONDITION = "penalty_reward", 1e-9, 1e12


class Model(NamedTuple):
    """Cells that are fitted together.

    Attributes
    ----------
    members : their numbers
    part : one entry a visit
    marks : the level of each visit in each cell: -1, 0 or 1, shape (visits, cells)
    level : what the level was made of, in scale points, likewise
    """

    members: list[int]
    part: Visits
    marks: Floats
    level: Floats


def fitted_cells(
    visits: Visits,
    cell: np.ndarray,
    cells: pd.DataFrame,
    names: Sequence[str],
    *,
    levels: str,
    tolerance: float,
    conf_level: float,
    seed: int,
    replicates: int,
) -> list[dict[str, Any]]:
    """Fit the cells that belong together, and draw the sample again once for all of them.

    Parameters
    ----------
    visits : entries with an outcome
    cell, cells : the cell of each entry, and one row a cell
    names : of the columns that make the cells
    levels, tolerance, conf_level, seed, replicates : as in `penalty_reward`

    Returns
    -------
    One dict a cell: the columns of `penalty_reward` after the keys, `ia_linear` among them.
    """
    rows: list[dict[str, Any]] = [{"n": 0.0} for _ in range(len(cells))]
    for number in np.unique(cell):
        rows[number]["n"] = float(len(np.unique(visits.respondent[cell == number])))
    crosses, waiting = [], []
    for model in _models(visits, cell, cells, names, levels, tolerance):
        columns = _dummies(model.marks)
        varying = np.ptp(columns, axis=0) > 0 if len(columns) else np.zeros(columns.shape[1], bool)
        for number, found in zip(model.members, _fitted(model, columns, varying, conf_level), strict=True):
            rows[number] |= found
        if any(rows[number]["riocs_low"] > 0 for number in model.members):
            table = np.column_stack([columns[:, varying], model.level, model.part.outcome])
            unit = model.part.design.psu[model.part.respondent]
            crosses.append(crossed_by_unit(table, model.part.weight, unit, len(strata_of(model.part.design))))
            waiting.append((model.members, np.cumsum(varying) - 1, int(varying.sum())))
    drawn = redrawn(crosses, visits.source(_SLUG), replicates=replicates, seed=seed)
    for (members, position, marks), (matrix, again) in zip(waiting, drawn, strict=True):
        slope, slopes = _slopes(matrix[None], marks)[0], _slopes(again, marks)
        for place, number in enumerate(members):
            if rows[number]["riocs_low"] > 0:
                low, high = position[2 * place], position[2 * place + 1]
                own = slopes[:, [low, high]][..., [place, -1]]
                rows[number] |= _shared(rows[number], slope[[low, high]][:, [place, -1]], own, conf_level)
    return rows


def _models(
    visits: Visits, cell: np.ndarray, cells: pd.DataFrame, names: Sequence[str], levels: str, tolerance: float
) -> Iterator[Model]:
    """Yield the cells that are fitted together."""
    level = visits.perception if levels == "tertiles" else visits.gap
    step = (
        np.zeros(len(cell)) if levels == "tertiles" else np.sign(np.where(np.abs(level) <= tolerance + _ROUNDING, 0.0, level))
    )
    for number in np.unique(cell) if levels == "tertiles" else ():
        here = cell == number
        step[here] = thirds(level[here], visits.weight[here])
    rest = [name for name in names if name not in PARTS]
    if len(rest) == len(names):
        for number in range(len(cells)):
            here = cell == number
            yield Model([number], visits.part(here), step[here][:, None], level[here][:, None])
        return
    group = _grouped(cells, rest)
    visit = _grouped(visits.cells, [name for name in visits.cells if name not in PARTS])[visits.cell]
    visit = visit * len(visits.design.weight) + visits.respondent
    for number in np.unique(group):
        members = np.flatnonzero(group == number)
        inside = np.flatnonzero(np.isin(cell, members))
        code, first, place = np.unique(visit[inside], return_index=True, return_inverse=True)
        where = (place, np.searchsorted(members, cell[inside]))
        marks, of = np.full((len(code), len(members)), np.nan), np.full((len(code), len(members)), np.nan)
        marks[where], of[where] = step[inside], level[inside]
        full = np.isfinite(marks).all(axis=1)
        yield Model(members.tolist(), visits.part(inside[first][full]), marks[full], of[full])


def _grouped(cells: pd.DataFrame, keys: Sequence[str]) -> np.ndarray:
    """Number the groups of cells that have the same keys."""
    if not keys:
        return np.zeros(len(cells), np.int64)
    return cells.groupby(list(keys), observed=True, dropna=False, sort=False).ngroup().to_numpy(np.int64)


def _dummies(marks: Floats) -> Floats:
    """Return two columns for each cell: whether its level is low, and whether it is high."""
    columns = np.empty((len(marks), 2 * marks.shape[1]))
    columns[:, 0::2], columns[:, 1::2] = marks == -1, marks == 1
    return columns


def _fitted(model: Model, columns: Floats, varying: np.ndarray, conf_level: float) -> list[dict[str, Any]]:
    """Estimate penalty and reward of the cells of a model, with intervals, and test that they are of one size."""
    part, position = model.part, np.cumsum(varying)  # the constant comes first
    fit = part.fit(columns[:, varying], part.outcome) if varying.any() else None
    least = max(FEWEST, LEAST_SHARE * part.people)
    found = []
    for place in range(len(model.members)):
        people = [len(np.unique(part.respondent[model.marks[:, place] == side])) for side in (-1, 0, 1)]
        row: dict[str, Any] = dict.fromkeys((*INDICES, *ENDS, "ia_linear", *TEST, "_df"), np.nan)
        row |= {"n_low": people[0], "n_middle": people[1], "n_high": people[2], "class": CANNOT_TELL}
        enough = [count >= least for count in people]
        flags = {"EMPTY"} if not len(columns) else set() if all(enough) else {"FEW_LEVELS"}
        known = [enough[1] and enough[2 * side] and bool(varying[2 * place + side]) for side in (0, 1)]
        if fit is not None and np.isfinite(fit.coefficients).all():
            weights = np.zeros((3, len(fit.coefficients)))
            for side in np.flatnonzero(known):
                weights[side, position[2 * place + side]] = 1.0
            weights[2] = weights[1] - weights[0]
            estimate, error = combined(fit, weights)
            low, high = t_interval(estimate, error, np.full(3, fit.df), conf_level=conf_level)
            for number, name in enumerate(("pi", "ri", "riocs")):
                if all(known) or (number < 2 and known[number]):
                    row |= {name: estimate[number], f"{name}_low": low[number], f"{name}_high": high[number]}
            if all(known):
                test = wald_test(fit, weights[0] + weights[1])
                row |= dict(zip(TEST, test, strict=True)) | {
                    "df1": test.df1,
                    "df2": test.df2,
                    "p_value": test.p_value,
                    "_df": fit.df,
                }
        elif fit is not None:
            flags |= {"COLLINEAR"}
        if row["pi"] > 0 or row["ri"] < 0:
            flags |= {"WRONG_SIGN"}
        found.append({**row, "flags": "|".join(sorted(flags))})
    return found


def _slopes(matrix: Floats, marks: int) -> Floats:
    """Return the slopes of the columns after the first `marks` on these, shape (..., marks, columns); NaN if undetermined."""
    among, beside = matrix[:, :marks, :marks], matrix[:, :marks, marks:]
    usable = np.asarray(np.isfinite(matrix).all(axis=(1, 2)))
    safe = np.where(usable[:, None, None], among, np.eye(marks))
    usable &= np.linalg.cond(safe) < _CONDITION
    safe = np.where(usable[:, None, None], safe, np.eye(marks))
    return np.where(usable[:, None, None], np.linalg.solve(safe, beside), np.nan)


def _shared(row: Mapping[str, Any], slope: Floats, slopes: Floats, conf_level: float) -> dict[str, Any]:
    """Return the shares of penalty and reward and their index, with intervals, and the index that a straight line would have.

    Parameters
    ----------
    row : what `_fitted` found
    slope, slopes : of what the level was made of and of the outcome, on low and on high, shape (2, 2), and of each replicate
    """
    found, drawn = asymmetry(slope[0], slope[1]), asymmetry(slopes[:, 0], slopes[:, 1])
    values = np.column_stack([drawn.satisfying[:, 1], drawn.dissatisfying[:, 1], drawn.lean[:, 1]])
    apart = drawn.lean[:, 1] - drawn.lean[:, 0]
    low, high = expanded_percentiles(np.column_stack([values, apart]), np.full(4, row["_df"]), conf_level=conf_level)
    estimates = (found.satisfying[1], found.dissatisfying[1], found.lean[1])
    made: dict[str, Any] = {"ia_linear": float(found.lean[0])}
    for place, name in enumerate(("sgp", "dgp", "ia")):
        made |= {name: float(estimates[place]), f"{name}_low": low[place], f"{name}_high": high[place]}
    kind = kind_of(made["ia_low"], made["ia_high"])
    straight = kind in (BASIC, EXCITEMENT) and low[3] <= 0 <= high[3]
    flags = sorted({*filter(None, str(row["flags"]).split("|")), *([STRAIGHT] if straight else [])})
    return {**made, "class": kind, "flags": "|".join(flags)}
