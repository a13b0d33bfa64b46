"""Each item by itself and against the rest of its dimension: what was skipped, what all rate alike, what does not belong."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap._check import as_names, check_count, check_scale
from cxgap.gaps.batteries import Batteries, read_batteries
from cxgap.gaps.consistency import BATTERIES, covariance_of, each_cell, matrix_of, respondents_behind
from cxgap.gaps.scores import OCCASIONS
from cxgap.gaps.spared import spared_answers
from cxgap.result import Table
from cxgap.stats.covariance import complete
from cxgap.stats.means import Floats, std_devs
from cxgap.stats.privacy import hide_also, too_few
from cxgap.stats.reliability import alpha, alpha_if_deleted, item_rest
from cxgap.tables.absent import absent
from cxgap.vocabulary import counted, percent, plain

SLUG, TITLE = "item-analysis", "Items"
WEAK = 0.3  # correlation with the rest below which an item says little of what the others say
CROWDED = 0.5  # share at the end of the scale from which it cannot tell the good from the best
SAME = 1e-9  # of two alphas: what is nearer is rounding


@spared_answers
def item_analysis(
    responses: IntoFrame,
    *,
    by: str | Sequence[str] = "",
    weight: str | None = None,
    stratum: str | None = None,
    psu: str | None = None,
    population: str | None = None,
    margins: Mapping[str, Mapping[str, float]] | None = None,
    scale: Sequence[float] | None = None,
    expectation_type: str | None = None,
    margin: float | None = None,
    min_n: int = 1,
    conf_level: float = 0.95,
    confirmatory: str | Collection[str] = (),
) -> Table:
    """Describe each item of both batteries, and of the gap, and say how it goes with the rest of its dimension.

    Parameters
    ----------
    responses : as in `customer_gap`; it must have a column `item`
    by : columns that cut visits, such as touchpoint; "" is all together
    weight, stratum, psu, population, margins : as in `customer_gap`; only weights matter here
    scale : lowest and highest answer; without it the lowest and highest that anybody gave
    min_n : items that fewer respondents answered are blanked, and cells from which they could be told by subtraction; `r_drop`
        and the alphas also where fewer answered all items of the dimension
    expectation_type, margin, conf_level, confirmatory : accepted with the rest of a study's design

    Returns
    -------
    Table "item-analysis" with one row an item and battery: `n` answers and `respondents` behind them; `missing`, the share
    of visits that were asked it and did not answer; `mean` and `sd`; `r_drop`, the correlation with the sum of the others
    of its dimension, and `alpha_if_deleted`, the alpha of those, among visits that have them all (NaN for an item that
    does not count in scores); `alpha` of the dimension; `floor` and `ceiling`, the shares at the ends of the scale (NaN
    for the gap). Shares, mean and sd are weighted.

    Raises
    ------
    ColumnError : `responses` lacks a column.
    ArgumentError : an argument is not what it must be.

    References
    ----------
    Nunnally & Bernstein (1994), Psychometric Theory, 3rd ed., McGraw-Hill, chapter 8.
    """
    cuts, limits, min_n = as_names(by), check_scale(scale), check_count(min_n, "min_n")
    if why := absent(responses):
        return Table.not_measured(SLUG, TITLE, why)
    batteries = read_batteries(
        responses, by=cuts, weight=weight, stratum=stratum, psu=psu, population=population, margins=margins
    )
    ends, asked = limits or _ends(batteries), _asked(batteries)
    matrices = {name: matrix_of(batteries, name) for name in BATTERIES}
    rows = []
    for cell, keys in each_cell(batteries):
        rests = {name: _with_rest(batteries, cell, x, min_n) for name, x in matrices.items()}
        rows += [
            {**keys, **row}
            for item in range(len(batteries.items))
            for name, x in matrices.items()
            if (row := _row(batteries, cell, item, name, x, asked[:, item], rests[name][item], ends)) is not None
        ]
    frame = _hidden(pd.DataFrame(rows), min_n, apart=_shared(batteries) < min_n)
    columns: dict[str, tuple[str, Callable[[Any], str]]] = {
        **{name: (name.replace("_", " "), str) for name in cuts},
        "item": ("item", str),
        "dimension": ("dimension", str),
        "battery": ("battery", str),
        "n": ("n", lambda count: f"{count:,.0f}"),
        "missing": ("missing", _share),
        "mean": ("mean", lambda value: plain(value, 2)),
        "sd": ("spread (sd)", lambda value: plain(value, 2)),
        "r_drop": ("with the rest", lambda value: plain(value, 2)),
        "alpha_if_deleted": ("alpha without it", lambda value: plain(value, 2)),
        "floor": ("lowest answer", _share),
        "ceiling": ("highest answer", _share),
    }
    table = Table.of(
        frame.assign(dimension=frame["dimension"].where(frame["retained"], "(not in scores)")),
        slug=SLUG,
        title=_title(frame),
        columns=columns,
        keys=len(cuts) + 3,
        notes=_notes(frame, given=limits is not None),
    )
    return replace(table, frame=frame)


def _row(
    batteries: Batteries,
    cell: int,
    item: int,
    name: str,
    x: Floats,
    asked: np.ndarray,
    rest: dict[str, float],
    ends: tuple[float, float],
) -> dict[str, Any] | None:
    """Return the row of an item, or None where nobody of the cell was asked it."""
    weight = batteries.weight
    inside = asked & (batteries.cell == cell) & (weight > 0)
    if not inside.any():
        return None
    answered = inside & np.isfinite(x[:, item])
    respondents = respondents_behind(batteries, answered)[0]
    own: dict[str, Any] = {"item": batteries.items[item], "dimension": batteries.dimensions[item], "battery": name}
    own["retained"] = bool(batteries.retained[item])
    values, shares = x[answered, item], weight[answered]
    total = shares.sum()
    mean = float((shares * values).sum() / total) if total > 0 else np.nan
    spread = float(std_devs(values, np.zeros(len(values), np.int64), 1, shares)[0])

    def at(end: float) -> float:
        return float(shares[values == end].sum() / total) if total > 0 and name != "gap" else np.nan

    found = {
        "n": int(answered.sum()),
        "respondents": respondents,
        "missing": float(1 - total / weight[inside].sum()),
        "mean": mean,
        "sd": spread,
        **rest,
        "floor": at(ends[0]),
        "ceiling": at(ends[1]),
    }
    marks = {
        "EMPTY": not len(values),
        "N1": len(values) == 1,
        "CONSTANT_ITEM": spread == 0,
        "CHECK_CODING": found["r_drop"] < 0,
    }
    return {**own, **found, "flags": "|".join(sorted(flag for flag, mark in marks.items() if mark))}


def _shared(batteries: Batteries) -> int:
    """Count how often a respondent stands in one more cell; where many do, cells do not add up to a known whole."""
    people = len(batteries.design.weight)
    return len(np.unique(batteries.cell * people + batteries.respondent)) - len(np.unique(batteries.respondent))


def _hidden(frame: pd.DataFrame, min_n: int, *, apart: bool) -> pd.DataFrame:
    """Blank what fewer respondents answered, and where cells are `apart` what would give it away by subtraction."""
    people = frame["respondents"].to_numpy(float)
    few = too_few(people, min_n)
    lines = frame.groupby(["item", "dimension", "battery"], sort=False).indices.values()
    also = hide_also(few, people, [np.asarray(line) for line in lines if apart and len(line) > 1], min_n)
    numbers = list(frame.columns[frame.columns.get_loc("n") : frame.columns.get_loc("flags")])
    flags = np.select([few, also], ["SUPPRESSED_PRIVACY", "SUPPRESSED_SECONDARY"], frame["flags"].to_numpy(object))
    return frame.assign(flags=flags, **{name: frame[name].astype(float).mask(few | also) for name in numbers})


def _with_rest(batteries: Batteries, cell: int, x: Floats, min_n: int) -> list[dict[str, float]]:
    """Return how each item goes with the others of its dimension; NaN where fewer than `min_n` answered them all."""
    inside = (batteries.cell == cell) & (batteries.weight > 0)
    counts = batteries.retained & np.isfinite(x[inside]).any(axis=0)
    named = np.array(batteries.dimensions, dtype=object)
    found = [{"r_drop": np.nan, "alpha_if_deleted": np.nan, "alpha": np.nan} for _ in batteries.items]
    for dimension in dict.fromkeys(batteries.dimensions):
        columns = np.flatnonzero(counts & (named == dimension))
        part = x[:, columns]
        used = inside & complete(part)
        used &= respondents_behind(batteries, used)[0] >= min_n
        matrix = covariance_of(batteries, part, used)
        rest, deleted, whole = item_rest(matrix), alpha_if_deleted(matrix), float(alpha(matrix))
        for place, item in enumerate(columns):
            found[item] = {"r_drop": float(rest[place]), "alpha_if_deleted": float(deleted[place]), "alpha": whole}
    return found


def _asked(batteries: Batteries) -> np.ndarray:
    """Say at which visits each item was asked, shape (visits, items): where and when anybody answered it."""
    answered = np.isfinite(batteries.expectation) | np.isfinite(batteries.perception)
    occasions = [name for name in OCCASIONS if name in batteries.visits]
    if not occasions:
        return np.ones(answered.shape, bool)
    place = batteries.visits.groupby(occasions, observed=True, dropna=False).ngroup().to_numpy(np.int64)
    return np.column_stack([np.bincount(place, column)[place] > 0 for column in answered.T])


def _ends(batteries: Batteries) -> tuple[float, float]:
    given = np.concatenate([batteries.expectation.ravel(), batteries.perception.ravel()])
    given = given[np.isfinite(given)]
    return (float(given.min()), float(given.max())) if len(given) else (np.nan, np.nan)


def _share(share: float) -> str:
    return "under 1 %" if 0 < share < 0.005 else percent(round(share, 2))


def _title(frame: pd.DataFrame) -> str:
    """Name what is wrong with most items: crowded at the top, or not of their dimension."""
    weak = _weak(frame)
    crowded = frame.loc[(frame["battery"] == "expectation") & (frame["ceiling"] >= CROWDED), "item"].nunique()
    if weak:
        return f"{TITLE}: {counted(len(weak), 'item')} {'says' if len(weak) == 1 else 'say'} little of what the rest says"
    if crowded:
        return f"{TITLE}: of {counted(crowded, 'item')} most customers expect the highest answer"
    if frame["r_drop"].isna().all():
        return f"{TITLE}: how they go together is not known"
    return f"{TITLE}: all go with the rest of their dimension"


def _weak(frame: pd.DataFrame) -> list[str]:
    rows = frame[(frame["r_drop"] < WEAK) & (frame["battery"] != "gap")]
    return list(dict.fromkeys(rows["item"]))


def _notes(frame: pd.DataFrame, *, given: bool) -> list[str]:
    notes = [
        "With the rest: correlation of the item with the sum of the others of its dimension, among visits that answered them "
        f"all; below {WEAK} it says little of what they say.",
    ]
    weak, better = _weak(frame), frame[frame["alpha_if_deleted"] > frame["alpha"] + SAME]
    notes += [f"Below {WEAK}: {', '.join(weak)}."] if weak else []
    named = [f"{row.item} ({row.battery})" for row in better.itertuples() if row.battery != "gap"]
    notes += [f"The alpha of the dimension is higher without: {', '.join(dict.fromkeys(named))}."] if named else []
    against = list(dict.fromkeys(frame.loc[frame["flags"].str.contains("CHECK_CODING"), "item"]))
    notes += [f"Check whether the wording is reversed: {', '.join(against)}."] if against else []
    notes += [] if given else ["No scale was given: the lowest and highest answers are those that anybody gave."]
    return notes
