"""How each respondent was drawn, checked and counted where the answers lie."""

from __future__ import annotations

from collections.abc import Sequence

import narwhals.stable.v2 as nw
import pandas as pd

from cxgap.tally.frames import collected, finite, one


def tally_people(
    table: nw.LazyFrame, person: str, *, weight: str | None, named: Sequence[str]
) -> tuple[nw.LazyFrame, pd.DataFrame]:
    """Take the design columns of each respondent together, and find those whose rows disagree.

    Parameters
    ----------
    table : rows of answers
    person : column of the respondents
    weight : column of their weights, or None
    named : other columns that must be known, and the same in all rows of a respondent

    Returns
    -------
    A lazy frame, one row a respondent: the person, `named` and `weight`; and the respondents that are not usable, one row
    each: the person, and whether it is `nameless`, whether rows `changed` or lack (`unknown_NAME`) a column of `named`, and
    whether the weight is `unusable` (no number of 0 or more) or `differs`.
    """
    made: dict[str, nw.Expr] = {}
    sums: list[nw.Expr] = []
    for name in named:
        made |= {f"_{name}_lacks": one(nw.col(name).is_null())}
        sums += [nw.col(f"_{name}_lacks").sum(), nw.col(name).min().alias(f"_{name}_low"), nw.col(name).max().alias(name)]
    if weight:
        number = nw.when(finite(weight)).then(nw.col(weight).cast(nw.Float64))
        made |= {"_weight": number, "_weight_lacks": one(~finite(weight))}
        sums += [nw.col("_weight_lacks").sum(), nw.col("_weight").min().alias("_weight_low"), nw.col("_weight").max()]
    sums.append(nw.len().alias("_rows"))
    each = table.select(person, *named, *(what.alias(name) for name, what in made.items())).group_by(person).agg(*sums)
    marks = {f"unknown_{name}": nw.col(f"_{name}_lacks") > 0 for name in named}
    changed = [
        (nw.col(name) != nw.col(f"_{name}_low"))
        | ((nw.col(f"_{name}_lacks") > 0) & (nw.col(f"_{name}_lacks") < nw.col("_rows")))
        for name in named
    ]
    marks["changed"] = nw.any_horizontal(*changed, ignore_nulls=True) if changed else nw.lit(False)
    nameless = nw.col(person).is_null()
    if table.collect_schema()[person].is_float():
        nameless = nameless | nw.col(person).is_nan()
    marks["nameless"] = nameless
    low = nw.col("_weight_low")
    marks["unusable"] = ((nw.col("_weight_lacks") > 0) | ~(low >= 0).fill_null(False)) if weight else nw.lit(False)
    marks["differs"] = (nw.col("_weight") != low).fill_null(False) if weight else nw.lit(False)
    judged = each.select(person, *(what.alias(name) for name, what in marks.items()))
    wrong = judged.filter(nw.any_horizontal(*(nw.col(name) for name in marks), ignore_nulls=True))
    kept = each.select(person, *named, *([nw.col("_weight").alias(weight)] if weight else []))
    return kept, collected(wrong, lazy=True)


def tally_units(
    people: nw.LazyFrame, person: str, *, keys: Sequence[str], population: str | None, weight: str | None
) -> pd.DataFrame:
    """Count the respondents of each stratum and sampling unit, and read the size of its population.

    Returns
    -------
    DataFrame: the keys, `people`, `low` and `high` (least and greatest size given; NaN without `population`) and `heaviest`
    (the greatest weight, 1 without).
    """
    size = nw.col(population).cast(nw.Float64) if population else nw.lit(float("nan"))
    heavy = nw.col(weight) if weight else nw.lit(1.0)
    wide = people.select(person, *keys, size.alias("_size"), heavy.alias("_heavy"))
    sums = [
        nw.len().alias("people"), nw.col("_size").min().alias("low"), nw.col("_size").max().alias("high"),
        nw.col("_heavy").max().alias("heaviest"),
    ]  # fmt: skip
    return collected(wide.group_by(*keys).agg(*sums) if keys else wide.select(*sums), lazy=True)
