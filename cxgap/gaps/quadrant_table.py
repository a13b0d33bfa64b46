"""Points of an importance-performance map as a reader sees them: their quadrants, and how sure these are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from cxgap.gaps.mattering import DERIVED, LMG, SLOPE, WEIGHTS
from cxgap.result import Table
from cxgap.stats.bootstrap import expanded_percentiles
from cxgap.stats.means import Floats
from cxgap.stats.quadrants import line_distance, quadrant_chances, sides
from cxgap.vocabulary import counted, percent, plain, signed

SLUG, TITLE = "importance_performance", "Importance and performance"
CROSSHAIRS = ("means", "medians", "midpoint", "target")
FEWEST_DRAWN = 4  # items; fewer make no map
SURE = 0.8  # share of replicates from which a quadrant is named
QUADRANTS = ("concentrate here", "keep up", "low priority", "possible overkill")
ON_LINE, UNDETERMINED = "on line", "undetermined"
CHANCES = ("p_concentrate", "p_keep_up", "p_low_priority", "p_overkill")
OWN = (
    "n", "n_importance", *(f"{name}{end}" for name in ("performance", "importance") for end in ("", "_low", "_high", "_se")),
    "correlation", "importance_source", "crosshair", "performance_line", "importance_line", "quadrant", "p_quadrant", *CHANCES,
    "quadrant_estimate", "gap_line_distance", "gap_line_distance_low", "gap_line_distance_high",
)  # fmt: skip
_CROSSED = {
    "means": "The lines are the means of all {count}, so that some must lie on the bad side however good they are.",
    "medians": "The lines are the medians of all {count}, so that half lie on the bad side however good they are.",
    "midpoint": "The lines are the middles of the scales.",
    "target": "The lines are the targets that were set.",
}
_SOURCES = {
    "rating": "Importance is the mean of what customers stated.",
    "points": "Importance is the mean share of the points that customers gave.",
    SLOPE: "Importance is derived from {outcome}: how much it differs with a point of the rating, as a share of the sum.",
    LMG: "Importance is derived: each one's share of what the ratings together explain of {outcome} (LMG).",
    WEIGHTS: "Importance is derived: each one's share of what the ratings together explain of {outcome} (relative weights).",
}


class Placed(NamedTuple):
    """What is known of each item; arrays have shape (items,), but for the chances, (items, 4).

    Attributes
    ----------
    n, n_importance : respondents who rated each, of those who said how important, or of pairs with the outcome
    performance, importance : estimate, and ends of the interval
    errors : bootstrap standard errors of both
    correlation : of the two errors
    lines : where the two lines lie, of performance and importance
    chances, estimate : of the quadrants, and that of the estimates alone, -1 on a line
    distance : from the line on which the two are equal, with the ends of its interval
    source : how importance was found
    """

    n: Floats
    n_importance: Floats
    performance: tuple[Floats, ...]
    importance: tuple[Floats, ...]
    errors: tuple[Floats, Floats]
    correlation: Floats
    lines: tuple[float, float]
    chances: Floats
    estimate: np.ndarray
    distance: tuple[Floats, ...]
    source: str

    @classmethod
    def of(
        cls,
        performs: Floats,
        performs_again: Floats,
        important: Floats,
        important_again: Floats,
        lines: Sequence[tuple[Floats, Floats]],
        n: Floats,
        n_importance: Floats,
        source: str,
        pomp: tuple[tuple[float, float], tuple[float, float]] | None,
        *,
        df: Floats,
        conf_level: float,
    ) -> Placed:
        """Make it from estimates and replicates, shape (replicates, items), and the lines of each.

        Parameters
        ----------
        pomp : the scales of performance and importance, by which the two can be compared; None where they cannot
        """
        (across, across_again), (up, up_again) = lines
        high, well = sides(important, np.asarray(up)), sides(performs, np.asarray(across))
        chances = quadrant_chances(sides(important_again, up_again), sides(performs_again, across_again))
        alone = quadrant_chances(high[None], well[None])
        errors = np.nanstd(performs_again, axis=0, ddof=1), np.nanstd(important_again, axis=0, ddof=1)
        away = tuple(np.nan_to_num(again - np.nanmean(again, axis=0)) for again in (performs_again, important_again))
        with np.errstate(divide="ignore", invalid="ignore"):
            shared = (away[0] * away[1]).mean(axis=0) / np.sqrt((away[0] ** 2).mean(axis=0) * (away[1] ** 2).mean(axis=0))
        ends = [
            (value, *expanded_percentiles(again, df, conf_level=conf_level))
            for value, again in ((performs, performs_again), (important, important_again))
        ]
        unknown = np.full(len(performs), np.nan)
        distance: tuple[Floats, ...] = (unknown, unknown, unknown)
        if pomp is not None:
            scaled = [
                [100 * (part - low) / (high_end - low) for part in parts]
                for parts, (low, high_end) in zip(((performs, performs_again), (important, important_again)), pomp, strict=True)
            ]
            value, again = (line_distance(i, p) for p, i in zip(*scaled, strict=True))
            distance = (value, *expanded_percentiles(again, df, conf_level=conf_level))
        return cls(
            n, n_importance, ends[0], ends[1], errors, np.nan_to_num(shared), (float(across), float(up)), chances,
            np.where((high == 0.5) | (well == 0.5), -1, alone.argmax(axis=1)), distance, source,
        )  # fmt: skip


def quadrant_table(
    placed: Placed,
    cells: pd.DataFrame,
    names: Sequence[str],
    *,
    questions: Sequence[str] | None = None,
    crosshair: str,
    performance: str,
    kind: str,
    outcome: str | None,
    conf_level: float,
    hidden: int,
) -> Table:
    """Write the table of a map: first those on which to concentrate, then by how sure that is.

    Parameters
    ----------
    placed, cells, names : the items, one row each, and their keys
    questions : how each item was worded, where it is shown beside its number
    kind : "rating", "points" or "derived"
    hidden : items that too few rated
    the rest : as in `importance_performance`
    """
    frame = _frame(placed, cells, names, crosshair)
    if questions is not None:
        frame.insert(len(names), "question", list(questions))
    order = np.lexsort((np.arange(len(frame)), -frame["importance"].to_numpy(float), -frame["p_concentrate"].to_numpy(float)))
    frame = frame.iloc[order].reset_index(drop=True)
    labels = [" · ".join(row) for row in frame[list(names)].astype(str).to_numpy()]
    noun = names[0].replace("_", " ") if len(names) == 1 else "group"
    shares = kind != "rating"
    columns: dict[str, tuple[str, Callable[[Any], str]]] = {name: (name.replace("_", " "), str) for name in names}
    columns |= {"question": ("question", str)} if questions is not None else {}
    columns |= {
        "quadrant": ("quadrant", str),
        "_sure": ("how often there", str),
        "_importance": ("importance", str),
        "_performance": ("gap" if performance == "gap" else "performance", str),
        "n": ("n", "{:,.0f}".format),
    }
    if frame["gap_line_distance"].notna().any():
        columns["_distance"] = ("importance above performance, % of the scale", str)
    shown = frame.assign(
        _sure=[f"{_often(p)} {QUADRANTS[int(np.argmax(chances))]}" for p, chances in _chances(frame)],
        _importance=_written(frame, "importance", shares=shares),
        _performance=_written(frame, "performance", sign=performance == "gap"),
        _distance=_written(frame, "gap_line_distance", sign=True, digits=0),
    )
    level = percent(conf_level)
    at_performance, at_importance = (
        _number(value, shares=part) for value, part in zip(placed.lines, (False, shares), strict=True)
    )
    source = _SOURCES[placed.source if kind == DERIVED else kind].format(outcome=(outcome or "").replace("_", " "))
    if kind == DERIVED:
        source += " Both were asked in one survey, which makes everything go together; it is not what causes what."
    notes = [
        f"{_CROSSED[crosshair].format(count=counted(len(frame), noun))} They lie at {at_performance} of performance and "
        f"{at_importance} of importance (cross-hairs by {crosshair}); maps with other lines must not be mixed with this one.",
        source,
        f"A quadrant is named where at least {percent(SURE)} of the repetitions, lines and all, put the {noun} there; else it "
        "is undetermined.",
        f"Intervals are {level}, from drawing respondents again.",
    ]
    if "_distance" in columns:
        notes.append(
            "The last column is how far importance lies above performance, at right angles to the line on which the two are "
            "equal; it is no expectation gap, because importance is not what was expected."
        )
    if hidden:
        notes.append(f"{counted(hidden, noun)} with too few respondents, or hidden to protect one, took no part.")
    made = Table.of(shown, slug=SLUG, title=_title(frame, labels, noun), columns=columns, keys=len(names), notes=notes)
    return Table(made.frame[list(frame.columns)], made.slug, made.title, made.heads, made.cells, made.keys, made.notes)


def _often(chance: float) -> str:
    return "over 99 %" if 0.995 <= chance < 1 else f"{plain(100 * chance, 0)} %"


def _chances(frame: pd.DataFrame) -> list[tuple[float, Floats]]:
    return list(zip(frame["p_quadrant"], frame[list(CHANCES)].to_numpy(float), strict=True))


def _frame(placed: Placed, cells: pd.DataFrame, names: Sequence[str], crosshair: str) -> pd.DataFrame:
    numbers: dict[str, Any] = {"n": placed.n, "n_importance": placed.n_importance}
    for name, ends, error in zip(
        ("performance", "importance"), (placed.performance, placed.importance), placed.errors, strict=True
    ):
        numbers |= {f"{name}{end}": part for end, part in zip(("", "_low", "_high"), ends, strict=True)}
        numbers[f"{name}_se"] = error
    likeliest, best = placed.chances.argmax(axis=1), placed.chances.max(axis=1)
    named = [
        ON_LINE if alone < 0 else QUADRANTS[place] if chance >= SURE else UNDETERMINED
        for alone, place, chance in zip(placed.estimate, likeliest, best, strict=True)
    ]
    numbers |= {
        "correlation": placed.correlation,
        "importance_source": placed.source,
        "crosshair": crosshair,
        "performance_line": placed.lines[0],
        "importance_line": placed.lines[1],
        "quadrant": named,
        "p_quadrant": best,
        **{name: placed.chances[:, place] for place, name in enumerate(CHANCES)},
        "quadrant_estimate": [ON_LINE if place < 0 else QUADRANTS[place] for place in placed.estimate],
    }
    away = {f"gap_line_distance{end}": part for end, part in zip(("", "_low", "_high"), placed.distance, strict=True)}
    return cells[list(names)].assign(**numbers, **away)


def _written(frame: pd.DataFrame, name: str, *, shares: bool = False, sign: bool = False, digits: int = 2) -> list[str]:
    """Write numbers with their intervals; shares as per cent."""
    rows = zip(*(frame[f"{name}{end}"] for end in ("", "_low", "_high")), strict=True)
    return [
        ""
        if not np.isfinite(row[0])
        else "{} ({} to {})".format(
            *(
                _number(x, shares=shares, sign=sign, digits=digits).removesuffix("" if not place else " %")
                for place, x in enumerate(row)
            )
        )
        for row in rows
    ]


def _number(value: float, *, shares: bool = False, sign: bool = False, digits: int = 2) -> str:
    if shares:
        return f"{plain(100 * value, 1)} %"
    return (signed if sign else plain)(value, digits)


def _title(frame: pd.DataFrame, labels: Sequence[str], noun: str) -> str:
    """Name what to concentrate on, and count what the data leave open."""
    first = [label for label, where in zip(labels, frame["quadrant"], strict=True) if where == QUADRANTS[0]]
    rest = int(frame["quadrant"].isin((UNDETERMINED, ON_LINE)).sum())
    ends = f"; at {rest} of {len(frame)} the data cannot tell" if rest else ""
    if not first:
        return f"No {noun} is shown to be one to concentrate on{ends}"
    asked = "question" in frame and frame["question"].notna().all()
    if asked:
        first = [f"“{question}”" for question in frame.loc[frame["quadrant"] == QUADRANTS[0], "question"].astype(str)]
    most = 2 if asked else 5
    named = ", ".join(first[:most]) + (f" and {len(first) - most} more" if len(first) > most else "")
    return f"Concentrate on {named}{ends}"
