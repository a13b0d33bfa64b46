"""The batteries of each dimension and what their covariances say: how far items go together, and gaps can be trusted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from cxgap.gaps.batteries import UNDIVIDED, Batteries
from cxgap.gaps.design import UNIT
from cxgap.stats.consistency import Answers, Battery, Ends, bootstrap_ends, source_of, streamed_ends, streams
from cxgap.stats.covariance import correlations, covariances, unit_moments
from cxgap.stats.extraction import extract
from cxgap.stats.identity import Hashes, hashes
from cxgap.stats.means import Codes, Design, Floats, ratio, sum_by
from cxgap.stats.onefactor import (
    FEWEST_ITEMS,
    average_variance,
    composite_reliability,
    heywood,
    likeliest,
    omega_of,
    omega_of_loadings,
)
from cxgap.stats.reliability import (
    alpha,
    alpha_standardised,
    average_r,
    difference_reliability,
    difference_reliability_alike,
    feldt,
    item_rest,
    lambda6,
)
from cxgap.stats.streamed import in_full

BATTERIES = ("expectation", "perception", "gap")
LOW, ENOUGH = 0.5, 0.7  # Peter, Churchill & Brown (1993) ask of a difference what Nunnally (1978) asks of any score
INDIVIDUALS, GROUPS, FINE = "do not rank individuals or small groups on this gap", "group level only", "fine"
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
FEWEST = 30  # effective respondents, below which an estimate is unstable


class Scale(NamedTuple):
    """Items that make one score, at the visits of one cell: its place in `cells`, its name, and the items' columns."""

    cell: int
    dimension: str
    columns: np.ndarray


def scales(batteries: Batteries, *, divided: bool) -> list[Scale]:
    """List the dimensions of each cell and after them all items; only items that count in scores and were asked there."""
    listed = []
    for cell in range(len(batteries.cells)):
        inside = batteries.cell == cell
        asked = np.isfinite(batteries.expectation[inside]).any(axis=0) | np.isfinite(batteries.perception[inside]).any(axis=0)
        used = asked & batteries.retained
        named = np.array(batteries.dimensions, dtype=object)
        names = [name for name in dict.fromkeys(batteries.dimensions) if name != UNDIVIDED] if divided else []
        listed += [
            Scale(cell, name, np.flatnonzero(used & (named == name))) for name in names if (used & (named == name)).any()
        ]
        listed.append(Scale(cell, UNDIVIDED, np.flatnonzero(used)))
    return listed


def use_of(reliability: float) -> str:
    """Say what a gap of this reliability is fit for; "" where it is not known."""
    if np.isnan(reliability):
        return ""
    return INDIVIDUALS if reliability < LOW else GROUPS if reliability <= ENOUGH else FINE


def consistency(
    batteries: Batteries, asked: Sequence[Scale], *, conf_level: float, replicates: int, seed: int, min_n: int
) -> list[dict[str, Any]]:
    """Return one row a scale and battery, in the order of `asked`.

    Parameters
    ----------
    batteries, asked : the answers, and which of them make a score
    conf_level, replicates, seed : of the intervals
    min_n : a row of fewer respondents is blanked
    """
    rows, resampled = [], []
    counted = np.flatnonzero(batteries.weight > 0)
    by_cell = counted[np.argsort(batteries.cell[counted], kind="stable")]
    bounds = np.searchsorted(batteries.cell[by_cell], np.arange(len(batteries.cells) + 1))
    inside = [np.sort(by_cell[slice(*ends)]) for ends in pairwise(bounds)]
    part, matrices = batteries, {}
    for place, scale in enumerate(asked):
        known = []
        if not place or scale.cell != asked[place - 1].cell:
            part = _those(batteries, inside[scale.cell])
            matrices = {name: matrix_of(part, name) for name in BATTERIES}
        for name in BATTERIES:
            row, answers = _row(part, matrices[name], scale, name, conf_level)
            hidden = min_n > 1 and row["n"] < min_n
            known.append(row if not hidden else _blank(row))
            resampled.append(None if hidden else answers)
        rows += known
        if "SUPPRESSED_PRIVACY" not in known[-1]["flags"]:
            _difference(part, scale, known[-1])
    names = _names(batteries) if streams(batteries.design) else None
    for cell in dict.fromkeys(scale.cell for scale in asked):
        places = [
            place
            for place, answers in enumerate(resampled)
            if asked[place // len(BATTERIES)].cell == cell and answers is not None
        ]
        found = _ends(
            batteries.design,
            batteries.respondent[inside[cell]],
            names,
            [answers for place in places if (answers := resampled[place]) is not None],
            conf_level=conf_level,
            replicates=replicates,
            seed=seed,
        )
        for each, place in enumerate(places):
            row = rows[place]
            row["omega_low"], row["omega_high"] = float(found.omega_low[each]), float(found.omega_high[each])
            if row["interval"] == "bootstrap":
                row["alpha_low"], row["alpha_high"] = float(found.alpha_low[each]), float(found.alpha_high[each])
    return rows


def matrix_of(batteries: Batteries, name: str) -> Floats:
    """Return the answers of a battery, shape (visits, items)."""
    return {"expectation": batteries.expectation, "perception": batteries.perception}.get(name, batteries.gap)


def respondents_behind(batteries: Batteries, used: np.ndarray) -> tuple[int, float, bool]:
    """Count the respondents behind some visits, in heads and by Kish's effective number; and whether one came twice."""
    times = sum_by(batteries.respondent[used], len(batteries.design.weight))
    weight = batteries.design.weight[times > 0]
    weight = weight[weight > 0]
    effective = float(ratio(weight.sum() ** 2, (weight**2).sum())) if len(weight) else 0.0
    return len(weight), effective, bool((times > 1).any())


def covariance_of(batteries: Batteries, x: Floats, inside: np.ndarray) -> Floats:
    """Return the covariances of complete rows of `x` among the visits `inside`."""
    visits = x[inside]
    return covariances(visits, np.zeros(len(visits), np.int64), 1, batteries.weight[inside]).matrix[0]


def _those(batteries: Batteries, chosen: np.ndarray) -> Batteries:
    """Keep some visits, without their names."""
    expectation, perception = batteries.expectation[chosen], batteries.perception[chosen]
    respondent, cell = batteries.respondent[chosen], batteries.cell[chosen]
    return batteries._replace(expectation=expectation, perception=perception, respondent=respondent, cell=cell)


def _row(
    batteries: Batteries, answers: Floats, scale: Scale, name: str, conf_level: float
) -> tuple[dict[str, Any], Answers | None]:
    """Describe one battery by the `answers` of the visits of one cell, and return what is to be drawn again."""
    columns = _answered(answers, scale)
    x = answers[:, columns]
    used = in_full(x) & (len(columns) > 0)
    n, effective, again = respondents_behind(batteries, used)
    matrix = covariance_of(batteries, x, used)
    kept = np.diag(matrix) > 0
    k, feldt_fits = int(kept.sum()), not (again or batteries.designed)
    value, (total, loading), rest = float(alpha(matrix)), omega_of(matrix), item_rest(matrix)
    low, high = feldt(np.array(value), np.array(n), np.array(k), conf_level=conf_level)
    weakest = int(np.nanargmin(rest)) if np.isfinite(rest).any() else None
    spread = np.sqrt(np.diag(matrix)[kept])
    ave, cr = _convergent(correlations(matrix[np.ix_(kept, kept)]), loading[kept], int(used.sum()))
    row: dict[str, Any] = {
        "dimension": scale.dimension,
        "battery": name,
        "k": k,
        "n": n,
        "n_eff": effective,
        "visits": int(used.sum()),
        "left_out": int(np.isfinite(x[~used]).any(axis=1).sum()),
        "alpha": value,
        "alpha_low": float(low) if feldt_fits else np.nan,
        "alpha_high": float(high) if feldt_fits else np.nan,
        "interval": "Feldt" if feldt_fits else "bootstrap",
        "alpha_std": float(alpha_standardised(matrix)),
        "spearman_brown": float(alpha_standardised(matrix)) if k == 2 else np.nan,
        "omega": float(total),
        "omega_low": np.nan,
        "omega_high": np.nan,
        "omega_raw": float(omega_of_loadings(loading[kept] * spread, (1 - loading[kept] ** 2) * spread**2)),
        "lambda6": float(lambda6(matrix)),
        "r_average": float(average_r(matrix)),
        "r_drop_min": float(rest[weakest]) if weakest is not None else np.nan,
        "weakest_item": batteries.items[columns[weakest]] if weakest is not None else "",
        "ave": ave,
        "cr": cr,
        "r_between": np.nan,
        "r_dd": np.nan,
        "r_dd_alike": np.nan,
        "advice": "",
        "flags": "",
    }
    marks = {
        "EMPTY": n == 0,
        "N1": n == 1,
        "UNSTABLE": n > 1 and effective < FEWEST,
        "CONSTANT_ITEM": n > 1 and not kept.all(),
        "CHECK_CODING": value < 0 or bool((rest < 0).any()),
        "HEYWOOD": bool(heywood(loading)),
        "ONE_ITEM": k == 1,
    }
    row["flags"] = "|".join(sorted(flag for flag, mark in marks.items() if mark))
    if k < 2:
        return row, None
    fit = loading[kept] if np.isfinite(total) else np.full(k, np.nan)
    return row, Answers(np.where(used[:, None], x if kept.all() else x[:, kept], np.nan), fit)


def _ends(
    design: Design,
    respondent: Codes,
    names: Hashes | None,
    answers: Sequence[Answers],
    *,
    conf_level: float,
    replicates: int,
    seed: int,
) -> Ends:
    """Return where alpha and omega of the batteries of one cell lie; `names` are hashed where the weight stream fits."""
    if names is not None:
        return streamed_ends(answers, names[respondent], conf_level=conf_level, count=replicates, seed=seed)
    weight, unit, units = design.weight[respondent], design.psu[respondent], int(design.psu.max(initial=-1)) + 1
    drawn = [Battery(unit_moments(each.x, weight, unit, units), each.loading) for each in answers]
    return bootstrap_ends(drawn, source_of("reliability", design), conf_level=conf_level, count=replicates, seed=seed)


def _names(batteries: Batteries) -> Hashes:
    """Hash the name of each respondent of the design."""
    _, first = np.unique(batteries.respondent, return_index=True)
    return hashes(batteries.visits[UNIT].iloc[first].astype(object).to_numpy())


def _convergent(r: Floats, near: Floats, n: int) -> tuple[float, float]:
    """Return AVE and CR of one factor by maximum likelihood; NaN where it cannot be had, and for a Heywood case."""
    if len(r) < FEWEST_ITEMS or n <= len(r) or not np.isfinite(r).all() or np.linalg.matrix_rank(r) < len(r):
        return np.nan, np.nan
    loading = likeliest(r, near) if np.isfinite(near).all() else None
    if loading is None:
        found = extract(r, 1, method="ml", start=1 - near**2 if np.isfinite(near).all() else None)
        if found.heywood or not found.settled:
            return np.nan, np.nan
        loading = found.loading[:, 0]
    return float(average_variance(loading)), float(composite_reliability(loading))


def _answered(x: Floats, scale: Scale) -> np.ndarray:
    """Return the columns of a scale that anybody answered in a battery: one without an answer is not of it."""
    return scale.columns[np.isfinite(x[:, scale.columns]).any(axis=0)]


def _difference(batteries: Batteries, scale: Scale, row: dict[str, Any]) -> None:
    """Write into the row of the gap how reliable the difference between the two scores is, among visits that have both."""
    first, second = (_answered(x, scale) for x in (batteries.expectation, batteries.perception))
    if np.isin(first, second).any():  # else batteries of different questions, which have no pair at all
        first = second = first[np.isin(first, second)]
    k, more = len(first), len(second)
    if not (k and more):
        return
    both = np.concatenate([batteries.expectation[:, first], batteries.perception[:, second]], axis=1)
    matrix = covariance_of(batteries, both, np.ones(len(both), bool))
    start, end, across = matrix[:k, :k], matrix[k:, k:], matrix[:k, k:].sum() / (k * more)
    var_start, var_end = start.sum() / k**2, end.sum() / more**2
    r = float(across / np.sqrt(var_start * var_end)) if var_start > 0 and var_end > 0 else np.nan
    row["r_between"] = r
    row["r_dd"] = float(difference_reliability(var_start, var_end, np.array(r), alpha(start), alpha(end)))
    row["r_dd_alike"] = float(difference_reliability_alike(np.array(r), alpha(start), alpha(end)))
    row["advice"] = use_of(row["r_dd"])
    if row["r_dd"] < 0:
        row["flags"] = "|".join(sorted(filter(None, [*row["flags"].split("|"), "INADMISSIBLE"])))


def _blank(row: dict[str, Any]) -> dict[str, Any]:
    kept = {name: row[name] for name in ("dimension", "battery", "k")}
    texts = {"weakest_item": "", "interval": "", "advice": "not shown", "flags": "SUPPRESSED_PRIVACY"}
    return {name: kept.get(name, texts.get(name, np.nan)) for name in row}


def each_cell(batteries: Batteries) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield each cell with its keys."""
    records = batteries.cells.to_dict("records") or [{}]  # old pandas has no record of a row without columns
    for place, keys in enumerate(records):
        yield place, {str(name): value for name, value in keys.items()}


def in_words(count: int) -> str:
    """Write a small count as a word."""
    return _NUMBERS[count] if count < len(_NUMBERS) else str(count)
