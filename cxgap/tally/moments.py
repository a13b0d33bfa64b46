"""Sums over scored respondents: what means, their errors, spreads and shares of any number of people are made of."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import Any, Final

import narwhals.stable.v2 as nw
import pandas as pd

from cxgap.tally.exact import Bounds, bins, exponent, joined, on_grid
from cxgap.tally.frames import collected, finite, one
from cxgap.tally.scored import MEASURES

# Sums over people of positive weight w of a measure y: their number, then of w and its square, of w y and w y squared, and
# of both with w once more. Where all weigh the same, the first and the two of y say it all; start and end need no errors.
SUMS: Final = {
    False: {"gap": ("n", "wy", "wyy"), "start": ("wy", "wyy"), "end": ("wy", "wyy"), "performance": ("n", "wy", "wyy")},
    True: {
        "gap": ("n", "w", "ww", "wy", "wyy", "wwy", "wwyy"),
        "start": ("wy", "wyy"),
        "end": ("wy", "wyy"),
        "performance": ("n", "w", "ww", "wy", "wyy", "wwy", "wwyy"),
    },
}
_SQUARES: Final = 16  # powers of two that squares may lie below their bound
_FINENESS: Final = -32  # power of two of the grid on which two scores that are the same but for rounding fall together

_views = count()


def tally_bounds(table: nw.LazyFrame, ratings: Sequence[str], weight: str | None) -> tuple[Bounds, bool]:
    """Return what bounds ratings and weights, and whether all ratings are whole or eighths, so that sums of a few are exact."""
    numbers = {name: nw.col(name).cast(nw.Float64) for name in (*ratings, *([weight] if weight else []))}
    made = {f"_{name}_most": nw.when(finite(name)).then(value.abs()).max() for name, value in numbers.items()}
    for name in ratings:
        made[f"_{name}_off"] = nw.when(finite(name)).then((numbers[name] - on_grid(numbers[name], -3)).abs()).max()
    if weight:
        made["_least"] = nw.when(finite(weight) & (numbers[weight] > 0)).then(numbers[weight]).min()
    found = collected(table.select(*(what.alias(name) for name, what in made.items())), lazy=True)
    told = {name: float(found[name].iloc[0]) if found[name].notna().any() else 0.0 for name in made}
    heavy = exponent(told[f"_{weight}_most"]) if weight else 0
    spread = heavy - exponent(told["_least"]) + 1 if weight else 0
    value = max(exponent(told[f"_{name}_most"]) for name in ratings) + 1
    return Bounds(value, heavy, spread), not any(told[f"_{name}_off"] for name in ratings)


def tally_moments(
    scores: nw.LazyFrame,
    *,
    keys: Sequence[str],
    weight: str | None,
    bounds: Bounds,
    middle: float,
    even: float,
) -> pd.DataFrame:
    """Sum the scores of respondents in each combination of `keys`; the order in which they come does not change a digit.

    Parameters
    ----------
    scores : as `scored` gives them
    keys : cells, and where units of a design are to be told apart, its columns
    weight : column of the respondents' weights; None where all weigh the same
    bounds : of ratings (and their distances from `middle`), and of weights
    middle : what `start`, `end` and `performance` are counted from, so that squares stay small; the gap from 0
    even : how near to 0 a gap is none

    Returns
    -------
    DataFrame, one row a combination: the keys; `_NAME_SUM` for each of SUMS; `_below` and `_above` (sums of weights of people
    whose gap is), `_least` and `_most` (gap), `_partial` (people whose gap stands on fewer dimensions) and `_pairs` (answers).
    """
    value, heavy, spread = bounds
    inside = {name: ~nw.col(f"_{name}").is_null() & (nw.col(weight) > 0 if weight else nw.lit(True)) for name in MEASURES}
    w = nw.col(weight) if weight else nw.lit(1.0)
    counted: dict[str, nw.Expr] = {}
    binned: dict[str, tuple[nw.Expr, int, int]] = {}
    for name in MEASURES:
        y = nw.col(f"_{name}") if name == "gap" else nw.col(f"_{name}") - middle
        parts = {
            "w": (w, heavy, spread),
            "ww": (w * w, 2 * heavy, 2 * spread),
            "wy": (w * y, heavy + value, spread),
            "wyy": (w * y * y, heavy + 2 * value, spread + _SQUARES),
            "wwy": (w * w * y, 2 * heavy + value, 2 * spread),
            "wwyy": (w * w * y * y, 2 * (heavy + value), 2 * spread + _SQUARES),
        }
        for part in SUMS[weight is not None][name]:
            if part == "n":
                counted[f"_{name}_n"] = one(inside[name])
            else:
                what, bound, below = parts[part]
                binned[f"_{name}_{part}"] = (nw.when(inside[name]).then(what).otherwise(0.0), bound, below)
    gap, known = nw.col("_gap"), inside["gap"]
    binned["_below"] = (nw.when(known & (gap < -even)).then(w).otherwise(0.0), heavy, spread)
    binned["_above"] = (nw.when(known & (gap > even)).then(w).otherwise(0.0), heavy, spread)
    counted["_partial"] = nw.when(known).then(nw.col("_partial")).otherwise(0.0)
    counted["_pairs"] = nw.col("_pairs")
    made = counted | bins(binned)
    wide = scores.select(*keys, *(what.alias(name) for name, what in made.items()), nw.when(known).then(gap).alias("_gap"))
    sums = [nw.col(name).sum() for name in made]
    sums += [nw.col("_gap").min().alias("_least"), nw.col("_gap").max().alias("_most")]
    found = collected(wide.group_by(*keys).agg(*sums) if keys else wide.select(*sums), lazy=True)
    return joined(found, list(binned))


def tally_scores(scores: nw.LazyFrame, *, keys: Sequence[str], measures: Sequence[str]) -> pd.DataFrame:
    """Count the respondents of each score that occurs in each combination of `keys`, among those who have a gap.

    Parameters
    ----------
    scores : as `scored` gives them
    measures : "gap", "start" or "end"; the respondents are scored once for all of them

    Returns
    -------
    DataFrame: the keys, `_measure`, `_score` and `_times`. Scores that differ by rounding alone are one.
    """
    known = scores.filter(~nw.col("_gap").is_null()).select(*keys, *(nw.col(f"_{name}").alias(name) for name in measures))
    long = _unpivoted(known, keys, measures)
    placed = long.with_columns(on_grid(nw.col("_score"), _FINENESS).alias("_place"))
    counts = placed.group_by(*keys, "_measure", "_place").agg(nw.col("_score").min(), nw.len().alias("_times"))
    return collected(counts.drop("_place"), lazy=True).astype({"_score": float, "_times": float})


def _unpivoted(scores: nw.LazyFrame, keys: Sequence[str], measures: Sequence[str]) -> nw.LazyFrame:
    """Put measures below each other: the keys, `_measure` and `_score`."""
    if scores.implementation is not nw.Implementation.DUCKDB:
        return scores.unpivot(on=list(measures), index=list(keys), variable_name="_measure", value_name="_score")
    # The library's own way asks DuckDB's first connection, and these rows lie on another.
    native: Any = scores.to_native()
    view, names = f"cxgap_scores_{next(_views)}", ", ".join(f'"{name}"' for name in measures)
    return nw.from_native(native.query(view, f"select * from (unpivot {view} on {names} into name _measure value _score)"))


def tally_repeats(scores: nw.LazyFrame, *, line: Sequence[str], person: str) -> pd.DataFrame:
    """Count, in each combination of `line`, the gaps beyond the first of each person.

    Returns
    -------
    DataFrame: `line`, and `repeats`.
    """
    known = scores.filter(~nw.col("_gap").is_null())
    people = known.group_by(*line, person).agg(nw.len().alias("scores"))
    extra = people.with_columns((nw.col("scores") - 1).alias("repeats"))
    summed = extra.group_by(*line).agg(nw.col("repeats").sum()) if line else extra.select(nw.col("repeats").sum())
    return collected(summed, lazy=True).astype({"repeats": float})
