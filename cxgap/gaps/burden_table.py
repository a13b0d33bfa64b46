"""A burden as a reader sees it: the factors side by side, the ranks, and what each of them stands on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from cxgap.gaps.alike import not_told_apart
from cxgap.gaps.mattering import EQUAL, GIVEN, LMG, SLOPE, STATED, WEIGHTS
from cxgap.result import Table
from cxgap.stats.means import Floats
from cxgap.vocabulary import counted, percent, plain, signed

if TYPE_CHECKING:
    from cxgap.gaps.weighing import Weighed

SLUG, TITLE = "burden", "What carries the burden"
MOMENT, CANDIDATE = "moment", "candidate"
WITH_ENDS = ("reach", "importance", "shortfall", "shortfall_reliable", "prevalence", "volume", "burden", "burden_share")
OWN = (
    "n", "n_eff", "estimate", *(f"{name}{end}" for name in WITH_ENDS for end in ("", "_low", "_high")),
    "importance_lower", "importance_upper", "importance_source", "shortfall_points", "shortfall_normal", "prevalence_normal",
    "prevalence_reliable", "r_dd", "burden_reliable_share", "rank_reliable", "rank", "rank_low", "rank_high", "may_be_worst",
    "moment_that_matters", "flags",
)  # fmt: skip
ROUNDING = 1e-9  # of a share: an interval that is no wider is none
UNRELATED = 0.05  # by how much reliabilities may differ before raw shortfalls are not to be compared

_SOURCES = {
    GIVEN: "Importance was given, and has no interval.",
    EQUAL: "Importance was not measured: every {noun} counts alike, and none can be called a moment that matters.",
    STATED: "Importance is what customers stated.",
    SLOPE: (
        "Importance is derived: by how much {outcome} differs with a point of perception among those who met the {noun}, as a "
        "share of the sum. Both were asked in one survey, which makes everything go together; it is not what causes what."
    ),
    LMG: (
        "Importance is derived: each {noun}'s share of what perceptions together explain of {outcome} (LMG). Both were asked "
        "in one survey, which makes everything go together; it is not what causes what."
    ),
}
_SOURCES[WEIGHTS] = _SOURCES[LMG].replace("LMG", "relative weights")


def burden_table(
    found: Weighed,
    cells: pd.DataFrame,
    names: Sequence[str],
    *,
    hidden: int,
    alone: int,
    conf_level: float,
    limits: tuple[float, float] | None,
    outcome: str | None,
    tolerance: float,
    customers: int | None,
    reach_given: bool,
    derived: bool,
) -> Table:
    """Write the table of what was weighed, the heaviest first.

    Parameters
    ----------
    found, cells, names : the cells that took part, and their keys
    hidden, alone : cells that did not: of too few respondents, and of a single one
    the rest : as in `burden`
    """
    frame = _frame(found, cells, names, customers)
    frame = frame.sort_values(["rank", *names], kind="stable").reset_index(drop=True)
    labels = [" · ".join(row) for row in frame[list(names)].astype(str).to_numpy()]
    noun = names[0].replace("_", " ") if len(names) == 1 else "group"
    level = percent(conf_level)
    columns: dict[str, tuple[str, Callable[[Any], str]]] = {name: (name.replace("_", " "), str) for name in names}
    columns |= {
        "rank": ("rank", str),
        "_could": ("could be", str),
        "_reach": ("reach", str),
        "_importance": ("importance", str),
        "_shortfall": ("mean shortfall", str),
        "_prevalence": ("got less than expected", str),
        "_share": ("share of the burden", str),
        "estimate": ("gap", lambda value: signed(value, 2)),
        "n": ("n", "{:,.0f}".format),
        "moment_that_matters": ("moment that matters", str),
    }
    if frame["shortfall_reliable"].notna().any():
        columns["_left"] = ("left without errors of measurement, normal gaps", str)
    points = (limits[1] - limits[0]) / 100 if limits else 1.0
    shown = frame.assign(
        _could=[f"{row.rank_low} to {row.rank_high}" for row in frame.itertuples()],
        _reach=_percents(frame, "reach"),
        _importance=_percents(frame, "importance"),
        _shortfall=[
            f"{plain(row.shortfall * points, 2)} ({plain(row.shortfall_low * points, 2)} to "
            f"{plain(row.shortfall_high * points, 2)})"
            for row in frame.itertuples()
        ],
        _share=_percents(frame, "burden_share"),
        _left=[_left(row, points) for row in frame.to_dict("records")],
        _prevalence=_percents(frame, "prevalence"),
    )
    told = (outcome or "").replace("_", " ")
    source = _SOURCES[found.source].format(noun=noun, outcome=told)
    if derived and found.source == EQUAL:
        source = f"Nowhere did 30 people give both a perception and {told}. {source}"
    notes = [
        f"Burden is reach times importance times mean shortfall; of {counted(len(frame), noun)}, rank 1 carries the most.",
        "Reach is the share of active customers, as it was given."
        if reach_given
        else f"Reach is the share of respondents who rated the {noun}; where the survey set how many are asked of each, give "
        "the company's own counts instead.",
        *not_told_apart(frame, labels),
        source,
        _shortfall_words(frame, labels, tolerance, points),
        f"Intervals are {level}, from drawing respondents again through the whole product; with {level} confidence all ranks "
        "lie in theirs at once.",
    ]
    if not found.told:
        whole = f"{told[:1].upper()}{told[1:]}"
        notes.append(f"{whole} is not shown to go with any {noun}, so that importance, and any order by it, is open.")
    if (frame["moment_that_matters"] != "").any():
        notes.append(
            f"A moment that matters is surely more important than 1/{len(frame)} and surely among the heaviest third; a "
            "candidate may be both."
        )
    if hidden:
        notes.append(f"{counted(hidden, 'group')} with too few respondents, or hidden to protect one, took no part.")
    if alone:
        notes.append(f"{counted(alone, 'group')} without an interval took no part.")
    for flag, text in _FLAGGED.items():
        where = [label for label, flags in zip(labels, frame["flags"], strict=True) if flag in flags.split("|")]
        if where:
            notes.append(text.format(", ".join(where)))
    made = Table.of(shown, slug=SLUG, title=_title(frame, labels), columns=columns, keys=len(names), notes=notes)
    return Table(made.frame[list(frame.columns)], made.slug, made.title, made.heads, made.cells, made.keys, made.notes)


_FLAGGED = {
    "BORROWED_IMPORTANCE": "Too few gave both a perception and the outcome, so that importance is the mean of the others: {}.",
    "NEGATIVE_SLOPE": "A better perception goes with a worse outcome, which counts as no importance: {}.",
    "UNSTABLE": "Fewer than 30 effective respondents: {}.",
}


def _frame(found: Weighed, cells: pd.DataFrame, names: Sequence[str], customers: int | None) -> pd.DataFrame:
    k = len(cells)
    numbers: dict[str, Any] = {"n": found.n, "n_eff": found.n_eff, "estimate": found.mean}
    for name in WITH_ENDS:
        times = (customers or 100) if name == "volume" else 1
        numbers |= {f"{name}{end}": times * part for end, part in zip(("", "_low", "_high"), found.ends[name], strict=True)}
    ranks = found.ranks
    return cells[list(names)].assign(
        **numbers,
        importance_lower=found.importance_lower,
        importance_upper=found.importance_upper,
        importance_source=found.source,
        shortfall_points=found.points,
        shortfall_normal=found.normal,
        prevalence_normal=found.prevalence_normal,
        prevalence_reliable=found.prevalence_reliable,
        r_dd=found.r_dd,
        burden_reliable_share=found.reliable_share,
        rank_reliable=found.reliable_rank,
        rank=ranks.rank,
        rank_low=ranks.low,
        rank_high=ranks.high,
        may_be_worst=ranks.first(1),
        moment_that_matters=_moments(found, k),
        flags=found.flags,
    )


def _moments(found: Weighed, k: int) -> list[str]:
    """Name what surely matters more than the average and is surely among the heaviest third, and what may be both.

    Where every cell counts alike nothing is known of importance, so that it can speak neither for a cell nor against it.
    """
    third, even = max(1, k // 3), 1 / k + 1e-12
    unknown = found.source == EQUAL
    heavy = found.ends["burden"][0] > 0
    sure = heavy & (found.importance_lower > even) & (found.ranks.high <= third) & (not unknown)
    may = heavy & ((found.importance_upper > even) | unknown) & (found.ranks.low <= third)
    return [MOMENT if one else CANDIDATE if other else "" for one, other in zip(sure, may, strict=True)]


def _percents(frame: pd.DataFrame, name: str) -> list[str]:
    """Write shares in whole per cent with their intervals; one known exactly has none."""
    rows = zip(*(frame[f"{name}{end}"] for end in ("", "_low", "_high")), strict=True)
    return [_percent(*row) for row in rows]


def _percent(value: float, low: float, high: float) -> str:
    if not np.isfinite(value):
        return ""
    digits = 1 if 0 < value < 0.0095 or 0.9905 < value < 1 else 0
    text = f"{plain(100 * value, digits)} %"
    return f"{text} ({plain(100 * low, digits)} to {plain(100 * high, digits)})" if high - low > ROUNDING else text


def _shortfall_words(frame: pd.DataFrame, labels: Sequence[str], tolerance: float, points: float) -> str:
    """Say what a shortfall is, and what is left of it without errors of measurement."""
    beyond = f" by more than {tolerance:g} points" if tolerance else ""
    what = f"A shortfall is what a customer misses, in scale points, 0 for those who miss nothing{beyond}."
    r_dd = frame["r_dd"].to_numpy(float)
    if not (r_dd > 0).any():
        return f"{what} Errors of measurement make some of it; how much cannot be told from these answers."
    place = int(np.flatnonzero(r_dd > 0)[0])
    row = frame.iloc[place]
    text = (
        f"{what} Errors of measurement make some of it: at {labels[place]}, {_less(row)} of it "
        f"(gaps taken as normal; reliability {plain(row['r_dd'], 2)})."
    )
    known: Floats = r_dd[r_dd > 0]
    if known.max() - known.min() > UNRELATED:
        text += (
            f" Reliabilities differ, from {plain(known.min(), 2)} to {plain(known.max(), 2)}: compare shortfalls without the "
            "errors."
        )
    if (r_dd > 0).all() and (frame["rank_reliable"] != frame["rank"]).any():
        moved = [label for label, one, other in zip(labels, frame["rank"], frame["rank_reliable"], strict=True) if one != other]
        text += f" Without them the order differs at {', '.join(moved)}."
    return text


def _less(row: Mapping[str, Any]) -> str:
    """Write which part of a shortfall errors of measurement make."""
    part = 1 - row["shortfall_reliable"] / row["shortfall_normal"] if row["shortfall_normal"] > 0 else 0.0
    return f"{plain(100 * part, 0)} %" if part >= 0.01 else "less than 1 %"


def _left(row: Mapping[str, Any], points: float) -> str:
    """Write shortfall and prevalence without errors of measurement, and of what."""
    if not np.isfinite(row["shortfall_reliable"]):
        return ""
    shortfall = f"{plain(row['shortfall_reliable'] * points, 2)} of {plain(row['shortfall_normal'] * points, 2)}"
    return f"{shortfall}; {plain(100 * row['prevalence_reliable'], 0)} of {plain(100 * row['prevalence_normal'], 0)} %"


def _title(frame: pd.DataFrame, labels: Sequence[str]) -> str:
    """Name what carries the most, or what may."""
    first = [label for label, may in zip(labels, frame["may_be_worst"], strict=True) if may]
    row = frame.iloc[0]
    if not float(frame["burden"].max()) > 0:
        return "Nothing is a burden: nobody got less than expected where it matters"
    if len(first) == 1:
        share = _percent(row["burden_share"], row["burden_share_low"], row["burden_share_high"])
        return f"{first[0]} carries the most: {share} of the burden"
    if len(first) == 2:
        return f"{first[0]} or {first[1]} carries the most of the burden; the data cannot tell which"
    return f"Any of {len(first)} of {len(frame)} may carry the most of the burden"
