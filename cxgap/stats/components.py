"""What answers vary by: the parts of their variance that belong to customers, touchpoints, questions, visits and the rest.

The parts follow from sums of squares that are set equal to what they are on average, whatever the numbers of answers are:
method I of Henderson (1953), Biometrics 9(2), 226-252; Searle, Casella & McCulloch (1992), Variance Components, Wiley,
chapter 5. Nothing is assumed of the shape of the distributions, and of a balanced table the parts are those of the analysis of
variance. A part can come out below 0, and is left as it is.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cxgap.stats.bootstrap import Source, replicate_weights
from cxgap.stats.covariance import blocks
from cxgap.stats.means import Codes, Floats, ratio, sum_by
from cxgap.stats.threads import one_thread

CUSTOMER, TOUCHPOINT, ITEM, VISIT, RESIDUAL = "customer", "touchpoint", "item", "visit", "residual"
_CONDITION = 1e9  # of the equations, beyond which two parts cannot be told apart


class Components(NamedTuple):
    """Parts of a variance, and of each replicate of the sample.

    Attributes
    ----------
    names : of the parts, "residual" last
    variance : shape (parts,)
    redrawn : shape (replicates, parts)
    levels : how many customers, touchpoints, questions, visits and answers there are, shape (parts,)
    """

    names: tuple[str, ...]
    variance: Floats
    redrawn: Floats
    levels: Floats


class _Places(NamedTuple):
    """Which columns of the sums hold what, and the touchpoint and the question of each pair of them that occurs."""

    of: dict[str, slice]
    touchpoint: Codes
    item: Codes


@one_thread
def components(
    y: Floats,
    customer: Codes,
    touchpoint: Codes,
    item: Codes,
    *,
    weight: Floats,
    unit: Codes,
    source: Source,
    replicates: int,
    seed: int,
) -> Components:
    """Split the variance of answers.

    Parameters
    ----------
    y : answers, shape (rows,), finite
    customer, touchpoint, item : codes of each answer; a factor of one level is left out, and so are visits (a customer at a
        touchpoint) where each customer has one, or one answer at each
    weight : of each answer, that of its customer; positive, units do not matter
    unit : the sampling unit of each answer, a position in `source.stratum`
    source, replicates, seed : of the bootstrap: units are drawn again, and a customer drawn twice counts as two. Touchpoints
        and questions stay what they are

    Returns
    -------
    Components; NaN where the parts cannot be told apart.
    """
    weight = weight / weight.mean()
    codes = {CUSTOMER: customer, TOUCHPOINT: touchpoint, ITEM: item}
    codes = {name: np.unique(code, return_inverse=True)[1] for name, code in codes.items()}
    codes = {name: code for name, code in codes.items() if name == CUSTOMER or code.max(initial=0) > 0}
    visit = np.unique(customer * (int(touchpoint.max(initial=0)) + 1) + touchpoint, return_inverse=True)[1]
    visits = int(visit.max(initial=-1)) + 1
    if TOUCHPOINT in codes and len(np.unique(customer)) < visits < len(y):
        codes[VISIT] = visit
    shift = float(np.average(y, weights=weight))
    units = len(source.stratum)
    while True:
        names = (*codes, RESIDUAL)
        flat, places = _by_unit(y - shift, codes, weight, unit, units)
        found, condition = _solved(flat.sum(axis=0)[None, :], places, codes)
        if condition[0] < _CONDITION or VISIT not in codes:
            break
        del codes[VISIT]
    drawn = [_solved(times @ flat, places, codes)[0] for times in replicate_weights(source, replicates, seed=seed)]
    levels = np.array([*(float(code.max() + 1) for code in codes.values()), float(len(y))])
    return Components(names, found[0], np.concatenate(drawn) if drawn else np.zeros((0, len(names))), levels)


def _by_unit(y: Floats, codes: dict[str, Codes], weight: Floats, unit: Codes, units: int) -> tuple[Floats, _Places]:
    """Add up in each unit what the equations are linear in, shape (units, columns), and say which columns hold what.

    What belongs to one customer (also visits and answers) is never shared by two units, so that its squares add up over
    units; those of touchpoints and questions are of sums over all units, so that the sums themselves are kept.
    """
    parts: dict[str, Floats] = {}
    nested = [name for name in (CUSTOMER, VISIT) if name in codes]
    crossed = [name for name in (TOUCHPOINT, ITEM) if name in codes]

    def scalar(values: Floats, at: Codes) -> Floats:
        return sum_by(at, units, values)[:, None]

    def table(values: Floats, at: Codes, column: Codes, columns: int) -> Floats:
        return sum_by(at * columns + column, units * columns, values).reshape(units, columns)

    size = {name: int(codes[name].max()) + 1 for name in codes}
    parts["w"], parts["wy"] = scalar(weight, unit), scalar(weight * y, unit)
    parts["wyy"], parts["ww"] = scalar(weight * y**2, unit), scalar(weight**2, unit)
    within = {name: sum_by(codes[name], size[name], weight) for name in nested}
    unit_of = {}
    for name in nested:
        unit_of[name] = np.zeros(size[name], np.int64)
        unit_of[name][codes[name]] = unit
        total = within[name]
        parts[f"T {name}"] = scalar(ratio(sum_by(codes[name], size[name], weight * y) ** 2, total), unit_of[name])
        parts[f"{name} in all"] = scalar(total**2, unit_of[name])
        parts[f"{RESIDUAL} in {name}"] = scalar(weight**2 / total[codes[name]], unit)
        for other in (*crossed, *(each for each in nested if each != name)):
            square, mine, column = _squares(codes[name], codes[other], size[other], weight)
            parts[f"{other} in {name}"] = scalar(square / total[mine], unit_of[name][mine])
            if other in crossed:
                parts[f"{name} in {other}"] = table(square, unit_of[name][mine], column, size[other])
    for name in crossed:
        parts[f"w {name}"] = table(weight, unit, codes[name], size[name])
        parts[f"wy {name}"] = table(weight * y, unit, codes[name], size[name])
        parts[f"{RESIDUAL} in {name}"] = table(weight**2, unit, codes[name], size[name])
    if len(crossed) == 2:
        pair, column = np.unique(codes[TOUCHPOINT] * size[ITEM] + codes[ITEM], return_inverse=True)
        parts["w pair"] = table(weight, unit, column, len(pair))
        pairs = np.divmod(pair, size[ITEM])
    else:
        pairs = (np.zeros(0, np.int64), np.zeros(0, np.int64))
    places = dict(zip(parts, blocks([values.shape[1] for values in parts.values()]), strict=True))
    return np.concatenate(list(parts.values()), axis=1), _Places(places, *pairs)


def _squares(one: Codes, other: Codes, size: int, weight: Floats) -> tuple[Floats, Codes, Codes]:
    """Return the squared weight of every pair of levels that occurs, and the two levels."""
    pair, place = np.unique(one * size + other, return_inverse=True)
    return sum_by(place, len(pair), weight) ** 2, pair // size, pair % size


def _solved(flat: Floats, places: _Places, codes: dict[str, Codes]) -> tuple[Floats, Floats]:
    """Set the sums of squares equal to their averages, for many samples at once.

    Returns
    -------
    The parts, shape (samples, parts), and how near to singular the equations are, shape (samples,).
    """

    def held(name: str) -> Floats:
        return flat[:, places.of[name]]

    names = [*codes, RESIDUAL]
    many, total = len(flat), held("w")[:, 0]
    left, right = [], []

    def share(inside: str, name: str) -> Floats:
        """Return how often the part `inside` is counted in the squares of `name`."""
        if inside == name:
            return total
        if {inside, name} == {CUSTOMER, VISIT}:
            return total if name == VISIT else held(f"{VISIT} in {CUSTOMER}")[:, 0]
        if name in (CUSTOMER, VISIT):
            return total if (inside, name) == (TOUCHPOINT, VISIT) else held(f"{inside} in {name}")[:, 0]
        if inside in (TOUCHPOINT, ITEM):
            which = places.touchpoint if name == TOUCHPOINT else places.item
            return ratio(held("w pair") ** 2, held(f"w {name}")[:, which]).sum(axis=1)
        return np.nansum(ratio(held(f"{inside} in {name}"), held(f"w {name}")), axis=1)

    in_all = {}
    for name in names:
        if name == RESIDUAL:
            in_all[name] = held("ww")[:, 0]
        elif name in (CUSTOMER, VISIT):
            in_all[name] = held(f"{name} in all")[:, 0]
        else:
            in_all[name] = (held(f"w {name}") ** 2).sum(axis=1)
    constant = held("wy")[:, 0] ** 2 / total
    for name in codes:
        if name in (CUSTOMER, VISIT):
            square = held(f"T {name}")[:, 0]
        else:
            square = np.nansum(ratio(held(f"wy {name}") ** 2, held(f"w {name}")), axis=1)
        left.append(np.column_stack([share(inside, name) - in_all[inside] / total for inside in names]))
        right.append(square - constant)
    left.append(np.column_stack([total - in_all[inside] / total for inside in names]))
    right.append(held("wyy")[:, 0] - constant)
    matrix, values = np.stack(left, axis=1) / total[:, None, None], np.column_stack(right) / total[:, None]
    known = np.asarray(np.isfinite(matrix).all(axis=(1, 2)) & np.isfinite(values).all(axis=1))
    matrix = np.where(known[:, None, None], matrix, np.eye(len(names)))
    condition = np.where(known, np.linalg.cond(matrix), np.inf)
    usable = np.asarray(condition < _CONDITION)
    matrix = np.where(usable[:, None, None], matrix, np.eye(len(names)))
    parts = np.linalg.solve(matrix, values[:, :, None])[:, :, 0]
    return np.where(usable[:, None], parts, np.nan).reshape(many, len(names)), condition
