"""Answers become one score a respondent and cell, because respondents, not answers, are the independent units.

Parasuraman, Zeithaml & Berry (1988), Journal of Retailing 64(1), 12-40: items are averaged to dimensions, and
dimensions, not items, to the whole, so that a dimension of five items weighs no more than one of four.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap.errors import ArgumentError, nearest
from cxgap.gaps.design import UNIT, design_columns, read_design
from cxgap.gaps.importance import product_of_means, shares_of_points
from cxgap.gaps.margins import Margins
from cxgap.stats.means import Codes, Design, Floats, ratio, sum_by

OCCASIONS = ("wave", "touchpoint")  # a respondent answers the same items once on each
ITEMS = frozenset({"item", "question"})  # columns that show items one by one
LEVELS = (*OCCASIONS, "dimension")  # what is asked may differ between them
PAIRED = ("gap", "start", "end")  # measures of the same answers
MISSING = ("half", "pairwise", "listwise")  # how many of its parts a score needs


class Scores(NamedTuple):
    """Scores of respondents in cells.

    Attributes
    ----------
    cells : one row a cell, the `by` keys in the order of display
    cell, respondent : codes, one entry a score
    gap, start, end : means over the same answered pairs, NaN where too few were answered
    performance : mean of all end ratings, with or without a start (SERVPERF), NaN as above
    partial : whether the score stands on fewer dimensions than there are
    importance_gap : the gap weighted by importance, NaN without
    rescaled : whether importance points had to be rescaled to 100
    pairs : answered pairs behind each cell, shape (cells,)
    product_of_means : mean importance times mean gap, summed over dimensions, shape (cells,)
    design : how the respondents were drawn
    designed : whether a weight, stratum, sampling unit, population or margin was given
    dimensional : whether items were averaged to dimensions before anything else
    """

    cells: pd.DataFrame
    cell: Codes
    respondent: Codes
    gap: Floats
    start: Floats
    end: Floats
    performance: Floats
    partial: np.ndarray
    importance_gap: Floats
    rescaled: np.ndarray
    pairs: Floats
    product_of_means: Floats
    design: Design
    designed: bool
    dimensional: bool


class Layers(NamedTuple):
    """What a score in the cells of a cut is averaged over.

    Attributes
    ----------
    single : whether items are shown one by one
    retained : whether only items that are retained count
    occasions : columns that, with the cell and the respondent, make a visit
    dimensional : whether items are averaged to dimensions before anything else
    parts : columns that tell what was asked
    """

    single: bool
    retained: bool
    occasions: tuple[str, ...]
    dimensional: bool
    parts: list[str]


def layers_of(present: Sequence[str], by: Sequence[str], score: str) -> Layers:
    """Say what scores are averaged over, by the columns that the answers have, the cut, and `score` as in `customer_gap`."""
    single = not ITEMS.isdisjoint(by)
    return Layers(
        single=single,
        retained="retained" in present and not single,
        occasions=tuple(name for name in OCCASIONS if name in present and name not in by),
        dimensional=score == "dimensions" and "dimension" in present and "dimension" not in by and not single,
        parts=[name for name in (*LEVELS, "item") if name in present],
    )


def respondent_scores(
    frame: IntoFrame,
    *,
    start: str,
    end: str,
    by: Sequence[str],
    score: str,
    weight: str | None,
    stratum: str | None,
    psu: str | None,
    population: str | None,
    margins: Margins | None = None,
    importance: str | None,
    importance_kind: str,
    missing: str = "half",
) -> Scores:
    """Score each respondent in each cell.

    With `score="dimensions"` items are averaged to dimensions within a touchpoint, dimensions to the touchpoint, and
    touchpoints (and waves) that the respondent used to the cell; a mean is taken where at least half of its parts have
    a score. With `score="items"` all items of a touchpoint are averaged at once, and each answer weighs the
    same. Levels that the frame has no column for are skipped. Items with `retained` false stay out, unless `by` shows
    items one by one. With `missing="pairwise"` one part is enough for a mean; with "listwise" a visit counts where all
    that was asked at it was answered, and nowhere else.
    """
    present = tally.columns_of(frame)
    refuse_unknown(by, present, (start, end))
    design_keys = design_columns(stratum, psu, population, margins)
    wanted = [name for name in (start, end, UNIT, *by, weight, importance) if name] + design_keys
    tally.require(frame, list(dict.fromkeys(wanted)), "responses")
    single, retained, occasions, dimensional, parts = layers_of(present, by, score)
    if retained:
        frame = tally.keep_true(frame, "retained")

    # One row of the sums is a part: a dimension, or all items, of one visit; a visit is one respondent at one
    # touchpoint in one wave.
    visit_keys = [*by, UNIT, *occasions]
    keys = list(dict.fromkeys([*visit_keys, *(["dimension"] if dimensional else []), *design_keys]))
    sums = tally.tally_pairs(frame, start, end, keys=keys, weight=weight, importance=importance)
    if sums.empty:
        raise ArgumentError("`responses` must hold at least one answer; it has no rows.")

    respondent, design = read_design(sums, weight=weight, stratum=stratum, psu=psu, population=population, margins=margins)
    # The sums are sorted by their keys, so that a cell, and a visit, is a run of rows.
    cell, visit = _runs(sums, by), _runs(sums, visit_keys)
    first = _firsts(visit)
    visits = len(first)
    cells = sums[list(by)].iloc[_firsts(cell)] if by else pd.DataFrame(index=[0])

    asked = tally.tally_distinct(frame, parts) if parts else pd.DataFrame()
    items = np.ones(len(sums)) if single else _count_parts("item", asked, sums, keys)
    least = _least(items, missing)
    sum_of = {name: sums[name].to_numpy(float) for name in ("pairs", "ends", "gap", "start", "end", "end_all")}
    part = _divided({name: sum_of[name] for name in PAIRED}, sum_of["pairs"], sum_of["pairs"] >= least)
    part |= _divided({"performance": sum_of["end_all"]}, sum_of["ends"], sum_of["ends"] >= least)
    if missing == "listwise":
        every = [name for name in OCCASIONS if name in present]
        case = tally.numbered(*_coded(sums, [UNIT, *every]), len(sums))[0]
        paired = tally.tally_pairs(frame, start, end, keys=parts)  # what nobody answered is no reason to leave everybody out
        full = _count_parts("item", paired[paired["pairs"] > 0], sums, every)
        whole_case = sum_by(case, int(case.max()) + 1, sum_of["pairs"])[case] >= full
        part = {name: np.where(whole_case, values, np.nan) for name, values in part.items()}

    dimensions = _count_parts("dimension", asked, sums, visit_keys)[first] if dimensional else np.ones(visits)
    whole = _means(part, visit, visits, _least(dimensions, missing))
    partial = np.isfinite(whole["gap"]) & (sum_by(visit[np.isfinite(part["gap"])], visits) < dimensions)

    answers = {"pairs": sum_by(visit, visits, sum_of["pairs"]), "performance": sum_by(visit, visits, sum_of["ends"])}
    rescaled = np.zeros(visits, bool)
    product = np.full(len(cells), np.nan)
    if importance and importance_kind == "rating":
        rateable = np.ones(visits) if single else _count_parts("item", asked, sums, visit_keys)[first]
        rated, total, weighted = (
            sum_by(visit, visits, sums[f"importance_{name}"].to_numpy(float)) for name in ("pairs", "sum", "gap")
        )
        whole["importance_gap"] = np.where(rated >= np.ceil(rateable / 2), ratio(weighted, total), np.nan)
        answers["importance_gap"] = total
    elif importance and dimensional:
        share, rescaled = shares_of_points(sums["importance_max"].to_numpy(float, na_value=np.nan), visit, visits)
        share = np.where(np.isfinite(part["gap"]) & np.isfinite(whole["gap"])[visit], share, np.nan)
        share = ratio(share, sum_by(visit, visits, np.nan_to_num(share))[visit])
        known = np.isfinite(share)
        total = sum_by(visit[known], visits, (share * part["gap"])[known])
        whole["importance_gap"] = np.where(sum_by(visit[known], visits) > 0, total, np.nan)
        code = sums["dimension"].cat.codes.to_numpy(np.int64)
        code = np.where(code < 0, code.max() + 1, code)
        product = product_of_means(share, part["gap"], cell, len(cells), code, respondent, design.weight)

    place = _runs(sums, [*by, UNIT])[first]
    entry = first[_firsts(place)]
    used = _least(sum_by(place, len(entry), answers["performance"] > 0), missing)
    mean = _means(whole, place, len(entry), used, answers if score == "items" else {})
    return Scores(
        cells=cells.reset_index(drop=True),
        cell=cell[entry],
        respondent=respondent[entry],
        **{"importance_gap": np.full(len(entry), np.nan), **mean},
        partial=sum_by(place, len(entry), partial) > 0,
        rescaled=sum_by(place, len(entry), rescaled) > 0,
        pairs=sum_by(cell, len(cells), sum_of["pairs"]),
        product_of_means=product,
        design=design,
        designed=any((weight, stratum, psu, population, margins)),
        dimensional=dimensional,
    )


def refuse_unknown(by: Sequence[str], present: Sequence[str], ratings: Sequence[str]) -> None:
    """Raise ArgumentError for the first of `by` that is no column of the answers."""
    for name in by:
        if name not in present:
            spare = sorted(set(present) - {*ratings, UNIT})
            raise ArgumentError(f"`by` must name columns of `responses`, not {name!r}; it has {spare}.{nearest(name, spare)}")


def _count_parts(name: str, asked: pd.DataFrame, sums: pd.DataFrame, keys: Sequence[str]) -> Floats:
    """Count, for each row of the sums, the items or dimensions that were asked at those of its `keys` that are levels."""
    if name not in asked:
        return np.ones(len(sums))
    levels = [level for level in LEVELS if level in keys and level != name]
    codes, sizes = _coded(asked, [*levels, name])
    seen, shape = tally.numbered(codes, sizes, len(asked))[1], tuple(sizes[:-1])
    if not levels:
        return np.full(len(sums), float(len(seen[0])))
    counts = sum_by(np.ravel_multi_index(tuple(seen[:-1]), shape), int(np.prod(shape)))
    met, _ = _coded(sums, levels)
    return np.where(counts > 0, counts, np.nan)[np.ravel_multi_index(tuple(met), shape)]


def _least(parts: Floats, missing: str) -> Floats:
    """Return how many of its parts a mean needs; what listwise leaves has all of them."""
    return np.ceil(parts / 2) if missing == "half" else np.minimum(parts, 1.0)


def _coded(sums: pd.DataFrame, keys: Sequence[str]) -> tuple[list[Codes], list[int]]:
    """Return the codes of keys, null the last, and how many each has."""
    codes = [sums[key].cat.codes.to_numpy() for key in keys]
    sizes = [len(sums[key].cat.categories) for key in keys]
    return [np.where(code < 0, size, code) for code, size in zip(codes, sizes, strict=True)], [size + 1 for size in sizes]


def _runs(sums: pd.DataFrame, keys: Sequence[str]) -> Codes:
    """Number the runs of rows that have the same `keys`, by the first of which the rows are sorted."""
    begins = np.zeros(len(sums), bool)
    for key in dict.fromkeys(keys):
        code = sums[key].cat.codes.to_numpy()
        begins[1:] |= code[1:] != code[:-1]
    return np.cumsum(begins)


def _firsts(run: Codes) -> Codes:
    """Return where each run begins."""
    return np.flatnonzero(np.diff(run, prepend=-1))


def _means(
    parts: Mapping[str, Floats], place: Codes, size: int, least: float | Floats, answers: Mapping[str, Floats] | None = None
) -> dict[str, Floats]:
    """Average the known parts of each place, where at least `least` are known.

    Parameters
    ----------
    parts : of each measure, NaN where not known; those of PAIRED are known together
    place : of each part, 0 .. size - 1, in rising order
    answers : by which the parts of a measure are weighed, those of PAIRED by "pairs"; all alike if not given
    """
    found: dict[str, Floats] = {}
    if size == len(place) and not answers and np.all(least <= 1):  # one part each
        return dict(parts)
    for kind in (PAIRED, *((name,) for name in parts if name not in PAIRED)):
        known, weight = np.isfinite(parts[kind[0]]), (answers or {}).get("pairs" if kind is PAIRED else kind[0])
        rows = slice(None) if known.all() else known
        at, each = place[rows], None if weight is None else weight[rows]
        count = sum_by(at, size)
        total = count if each is None else sum_by(at, size, each)
        values = {name: parts[name][rows] if each is None else each * parts[name][rows] for name in kind}
        found |= _divided({name: sum_by(at, size, value) for name, value in values.items()}, total, count >= least)
    return found


def _divided(sums: Mapping[str, Floats], count: Floats, enough: np.ndarray) -> dict[str, Floats]:
    """Divide sums by how many they are of, where these are `enough`, and NaN elsewhere."""
    enough = enough & (count > 0)
    return {name: np.divide(total, count, out=np.full(len(count), np.nan), where=enough) for name, total in sums.items()}
