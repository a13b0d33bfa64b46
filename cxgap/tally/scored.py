"""Respondents are scored where their answers lie, so that nothing comes back but sums over respondents.

The same averages of averages as `gaps.scores` takes in memory: items to dimensions, dimensions to the visit, visits to
the cell, each where enough of its parts are known.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from functools import reduce
from operator import or_
from typing import Final, NamedTuple

import narwhals.stable.v2 as nw

from cxgap.tally.exact import addable, exponent
from cxgap.tally.frames import finite, number, one

MEASURES = ("gap", "start", "end", "performance")


class Parts(NamedTuple):
    """How many parts a score has, by the levels that it may differ between.

    Attributes
    ----------
    levels : columns
    counts : number of parts of each combination of their values; of the empty one where there is no level
    """

    levels: tuple[str, ...]
    counts: Mapping[tuple[Hashable, ...], int]


class Asking(NamedTuple):
    """What is scored, and out of what.

    Attributes
    ----------
    start, end : columns of the two ratings
    by : columns that make the cells
    person : column of the respondents
    occasions : columns that, with the cell, make a visit
    dimension : column of the dimensions that are averaged before anything else; "" for none
    design : columns that are the same in all rows of a respondent
    items, dimensions : parts of a dimension's score (or of a visit's, where there are no dimensions), and of a visit's
    visits : the most visits that a respondent can have in a cell
    bound : power of two that no rating, and no difference of two, exceeds
    half : whether half of the parts are needed for a score, else one
    by_answers : whether each answer weighs the same in a respondent's mean over visits, else each visit
    exact : whether sums of a few ratings are exact as these are
    """

    start: str
    end: str
    by: tuple[str, ...]
    person: str
    occasions: tuple[str, ...]
    dimension: str
    design: tuple[str, ...]
    items: Parts
    dimensions: Parts
    visits: int
    bound: int
    half: bool
    by_answers: bool
    exact: bool


def scored(table: nw.LazyFrame, asking: Asking) -> nw.LazyFrame:
    """Score each respondent in each cell.

    Returns
    -------
    A lazy frame, one row a respondent and cell: `by`, the person and the design columns; `_gap`, `_start`, `_end` and
    `_performance` (null where too few parts are known), `_partial` (1 where a score stands on fewer dimensions than there
    are) and `_pairs` (answers).
    """
    whole = tuple(dict.fromkeys((*asking.by, asking.person, *asking.design)))
    visit = tuple(dict.fromkeys((*whole, *asking.occasions)))
    made = _of_answers(table, asking, (*visit, asking.dimension) if asking.dimension else visit)
    if asking.dimension:
        made = _of_dimensions(made, asking, visit)
    if len(visit) > len(whole):
        made = _of_visits(made, asking, whole)
    known = {name: nw.col(f"_{_KIND[name]}_known") > 0 for name in MEASURES}
    scores = (nw.when(known[name]).then(nw.col(f"_{name}")).alias(f"_{name}") for name in MEASURES)
    return made.select(*whole, *scores, "_partial", "_pairs")


_KIND: Final = {"gap": "gap", "start": "gap", "end": "gap", "performance": "performance"}  # what must be known for each
_KINDS: Final = ("gap", "performance")


def _of_answers(table: nw.LazyFrame, asking: Asking, part: Sequence[str]) -> nw.LazyFrame:
    """Average the answers of each part."""
    start, end = asking.start, asking.end
    paired = finite(start) & finite(end)
    gap = nw.col(end).cast(nw.Float64) - nw.col(start).cast(nw.Float64)
    answers = {
        "_pairs": one(paired),
        "_ends": one(finite(end)),
        "_gap": nw.when(paired).then(gap).fill_null(0.0),
        "_start": number(start, paired),
        "_end": number(end, paired),
        "_performance": number(end, finite(end)),
    }
    if not asking.exact:
        answers |= {name: addable(answers[name], asking.bound, _MOST_ANSWERS) for name in _VALUES}
    sums = _summed(table.select(*part, *(made.alias(name) for name, made in answers.items())), part, tuple(answers))
    counts = {"gap": nw.col("_pairs"), "performance": nw.col("_ends")}
    return _averaged(sums, _number_of(asking.items), asking, counts, counts).with_columns(nw.lit(0.0).alias("_partial"))


def _of_dimensions(made: nw.LazyFrame, asking: Asking, visit: Sequence[str]) -> nw.LazyFrame:
    """Average the dimensions of each visit."""
    most = max(asking.dimensions.counts.values())
    even = made.with_columns(*(addable(nw.col(name), asking.bound, most) for name in _VALUES))
    sums = _summed(even, visit, (*_VALUES, "_pairs", "_ends", *_KNOWN))
    parts, counts = _number_of(asking.dimensions), {name: nw.col(f"_{name}_known") for name in _KINDS}
    sums = sums.with_columns((parts - nw.col("_gap_known")).alias("_lacking"))
    whole = _averaged(sums, parts, asking, counts, counts)
    return whole.with_columns(one((nw.col("_gap_known") > 0) & (nw.col("_lacking") > 0)).alias("_partial"))


def _of_visits(made: nw.LazyFrame, asking: Asking, whole: Sequence[str]) -> nw.LazyFrame:
    """Average the visits of each respondent in each cell, where those with a score are enough of those that were used."""
    answers = {"gap": nw.col("_pairs"), "performance": nw.col("_ends")}
    each = {name: answers[name] if asking.by_answers else nw.lit(1.0) for name in _KINDS}
    weight = exponent(_MOST_ANSWERS) if asking.by_answers else 0
    weighed = made.with_columns(
        *(
            addable(nw.col(f"_{name}") * each[_KIND[name]], asking.bound + weight, asking.visits).alias(f"_{name}")
            for name in MEASURES
        ),
        *((nw.col(f"_{name}_known") * each[name]).alias(f"_{name}_weight") for name in _KINDS),
        one(nw.col("_ends") > 0).alias("_used"),
    )
    weights = tuple(f"_{name}_weight" for name in _KINDS)
    sums = _summed(weighed, whole, (*_VALUES, "_pairs", "_ends", *_KNOWN, *weights, "_used", "_partial"))
    counts = {name: nw.col(f"_{name}_known") for name in _KINDS}
    shares = {name: nw.col(f"_{name}_weight") for name in _KINDS}
    return _averaged(sums, nw.col("_used"), asking, counts, shares).with_columns(one(nw.col("_partial") > 0).alias("_partial"))


_MOST_ANSWERS: Final = 256  # of a respondent at a visit, for whom sums do not depend on the order of visits
_VALUES: Final = tuple(f"_{name}" for name in MEASURES)
_KNOWN: Final = tuple(f"_{name}_known" for name in _KINDS)


def _summed(table: nw.LazyFrame, keys: Sequence[str], names: Sequence[str]) -> nw.LazyFrame:
    return table.group_by(*keys).agg(*(nw.col(name).sum() for name in names))


def _averaged(
    sums: nw.LazyFrame, parts: nw.Expr, asking: Asking, counts: Mapping[str, nw.Expr], weights: Mapping[str, nw.Expr]
) -> nw.LazyFrame:
    """Divide sums by weights where enough of the parts are known, and mark where; elsewhere the mean is 0 and adds nothing."""
    enough = {name: weights[name] > 0 for name in _KINDS}
    if asking.half:
        enough = {name: (2 * counts[name] >= parts) & enough[name] for name in _KINDS}
    return sums.with_columns(
        *(
            nw.when(enough[_KIND[name]]).then(nw.col(f"_{name}") / weights[_KIND[name]]).otherwise(0.0).alias(f"_{name}")
            for name in MEASURES
        ),
        *(one(enough[name]).alias(f"_{name}_known") for name in _KINDS),
    )


def _number_of(parts: Parts) -> nw.Expr:
    """Write how many parts there are as an expression of the levels: the usual number, but where another is found."""
    counts = list(parts.counts.values())
    usual = max(sorted(set(counts)), key=counts.count)
    made = nw.lit(float(usual))
    for count in sorted(set(counts) - {usual}):
        levels = [level for level, number in parts.counts.items() if number == count]
        made = nw.when(_any_of(parts.levels, levels)).then(nw.lit(float(count))).otherwise(made)
    return made


def _any_of(names: Sequence[str], rows: Sequence[tuple[Hashable, ...]]) -> nw.Expr:
    """Tell where the columns `names` have one of the combinations of values in `rows`; None is null."""
    if len(names) == 1:
        return _one_of(names[0], [row[0] for row in rows])
    rest: dict[Hashable, list[tuple[Hashable, ...]]] = {}
    for row in rows:
        rest.setdefault(row[0], []).append(row[1:])
    alike: dict[frozenset[tuple[Hashable, ...]], list[Hashable]] = {}
    for first, further in rest.items():
        alike.setdefault(frozenset(further), []).append(first)
    ways = [_one_of(names[0], firsts) & _any_of(names[1:], sorted(further, key=str)) for further, firsts in alike.items()]
    return reduce(or_, ways)


def _one_of(name: str, values: Sequence[Hashable]) -> nw.Expr:
    known = [value for value in values if value is not None]
    inside = nw.col(name).is_in(known) if known else nw.col(name).is_null()
    return nw.when(nw.col(name).is_null()).then(nw.lit(None in values)).otherwise(inside)
