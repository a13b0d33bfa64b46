"""Levels, changes and slopes of every series, each split into what was perceived and what was expected."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap.gaps.changes import findings, flags
from cxgap.gaps.judge import exposed_lines, refuse_names
from cxgap.gaps.periods import distances
from cxgap.gaps.scores import Scores
from cxgap.gaps.trend_lines import compared_with, lines_of_time
from cxgap.gaps.trend_slopes import long_enough, with_slopes
from cxgap.result import Table
from cxgap.stats.linear import Estimates, contrasts
from cxgap.stats.means import design_means, sum_by, t_interval, t_p_value
from cxgap.stats.privacy import hide_also, too_few

SIDES: Final = {"": "gap", "expectation_": "start", "perception_": "end"}


def followed(
    scores: Scores,
    names: Sequence[str],
    between: str,
    levels: Sequence[Any],
    responses: IntoFrame,
    changed: dict[str, set[str]],
    declared: set[str],
    texts: dict[Any, str],
    margin: float | None,
    min_n: int,
    conf_level: float,
) -> pd.DataFrame:
    """Estimate levels, changes and slopes of every group."""
    known = np.isfinite(scores.gap) & (scores.design.weight[scores.respondent] > 0)
    cells, design = len(scores.cells), scores.design
    cell, respondent = scores.cell[known], scores.respondent[known]
    n = sum_by(cell, cells)
    refuse_names(scores.cells, names, n, min_n)
    few = too_few(n, min_n) & (n > 0)
    also = hide_also(few, n, exposed_lines(scores, [*names, between], min_n), min_n)
    hidden = few | also | (n == 0)
    lines = lines_of_time(scores, names, between, levels, responses, changed, declared, texts, hidden)
    order = [one for line in lines for one in line.cells]
    keys = scores.cells[list(names)].iloc[order].reset_index(drop=True)
    frame = pd.DataFrame({name: keys[name].astype(object).where(keys[name].notna(), "(blank)").astype(str) for name in names})
    at = [levels.index(scores.cells[between].iloc[one]) for one in order]
    along = distances([texts[level] for level in levels])
    frame = frame.assign(
        period=[texts[levels[each]] for each in at], segment=[each for line in lines for each in line.segments],
        broken=[each for line in lines for each in line.reasons], n=n[order],
    )  # fmt: skip
    before, first = compared_with(lines, hidden)
    slopes = long_enough(lines, hidden, {one: along[each] for one, each in zip(order, at, strict=True)})
    for side, value in SIDES.items():
        y = getattr(scores, value)[known]
        means = design_means(y, cell, cells, respondent, design)
        ends = t_interval(means.mean, means.std_error, means.df, conf_level=conf_level)
        level = {"gap": "gap", "start": "expectation", "end": "perception"}[value]
        frame[level] = means.mean[order]
        for name, each in (("std_error", means.std_error), ("conf_low", ends[0]), ("conf_high", ends[1])):
            frame[f"{side}{name}"] = each[order]
        for name, other in (("change", before), ("since", first)):
            found = _contrasts(y, cell, cells, respondent, design, order, other)
            low, high = t_interval(*found, conf_level=conf_level)
            frame[f"{side}{name}"], frame[f"{side}{name}_low"], frame[f"{side}{name}_high"] = found.estimate, low, high
            if name == "change":
                for part, each in zip(
                    ("estimate", "std_error", "df", "conf_low", "conf_high"), (*found, low, high), strict=True
                ):
                    frame[f"_{side}{part}"] = each
        frame = with_slopes(frame, side, slopes, lines, (y, cell, cells, respondent, design), conf_level)
    frame["p_value"] = t_p_value(*(frame[f"_{part}"].to_numpy(float) for part in ("estimate", "std_error", "df")))
    people = {code: set(respondent[cell == code].tolist()) for code in order}
    frame["n_both"] = [
        float(len(people[one] & people[other])) if other >= 0 else np.nan for one, other in zip(order, before, strict=True)
    ]
    return _judged(frame, scores, np.array(order), before, few[order], also[order], margin, conf_level)


def _contrasts(
    y: Any, cell: Any, cells: int, respondent: Any, design: Any, order: Sequence[int], other: Sequence[int]
) -> Estimates:
    """Subtract from each cell the other, NaN where there is none."""
    rows = [number for number, against in enumerate(other) if against >= 0]
    plus, minus = np.array([order[row] for row in rows], np.int64), np.array([other[row] for row in rows], np.int64)
    found = contrasts(y, cell, cells, respondent, design, np.arange(len(rows)), plus, minus)
    whole = []
    for part in found:
        values = np.full(len(order), np.nan)
        values[rows] = part
        whole.append(values)
    return Estimates(*whole)


def _judged(
    frame: pd.DataFrame, scores: Scores, order: np.ndarray, before: Sequence[int], few: np.ndarray, also: np.ndarray,
    margin: float | None, conf_level: float,
) -> pd.DataFrame:  # fmt: skip
    """Say what moved, flag what a reader must know, and blank what is hidden."""
    rows = np.flatnonzero(np.array(before) >= 0)
    parts = [f"{side}{part}" for side in SIDES for part in ("estimate", "std_error", "df", "conf_low", "conf_high")]
    moved = frame.loc[rows, [f"_{part}" for part in parts]].rename(columns=lambda name: name[1:]).reset_index(drop=True)
    moved["flags"] = flags(moved, scores, order[rows], np.array(before, np.int64)[rows], drift=True)
    said = pd.Series("", frame.index, dtype=object)
    marks = pd.Series([set() for _ in range(len(frame))], frame.index, dtype=object)
    for row, text, found in zip(rows, findings(moved, margin, conf_level), moved["flags"], strict=True):
        said[row], marks[row] = text, found
    first = np.array(before) < 0
    said[first] = np.where(frame["broken"][first] != "", "not comparable with before", "first period")
    covered = few | also
    numbers = [name for name in frame if frame[name].dtype.kind == "f" and "slope" not in name]
    frame[numbers] = frame[numbers].mask(np.repeat(covered[:, None], len(numbers), axis=1))
    said[frame["n"] == 0] = "nobody answered"
    said[covered] = "not shown"
    words = [
        "SUPPRESSED_PRIVACY" if few[row] else "SUPPRESSED_SECONDARY" if also[row] else "|".join(sorted(marks[row]))
        for row in range(len(frame))
    ]
    return frame.drop(columns=[f"_{part}" for part in parts]).assign(finding=said, flags=words)


def with_mix(frame: pd.DataFrame, split: Table, names: Sequence[str], texts: dict[Any, str]) -> pd.DataFrame:
    """Put beside each change what of it is who answered, where it was split between the same two periods."""
    if split.missing:
        return frame
    rows = split.frame[(split.frame["side"] == "gap") & (split.frame["group"] == "")]
    own = {str(level): text for level, text in texts.items()}
    previous = frame.groupby(list(names), sort=False)["period"].shift() if names else frame["period"].shift()
    found = {
        (*(row[name] for name in names), own.get(row["level"]), own.get(row["against"])): (
            row["mix"],
            row["mix_low"],
            row["mix_high"],
        )
        for row in rows.to_dict("records")
    }
    for end, column in enumerate(("mix", "mix_low", "mix_high")):
        frame[column] = [
            found.get((*key, now, then), (np.nan,) * 3)[end] if np.isfinite(change) else np.nan
            for key, now, then, change in zip(
                frame[list(names)].itertuples(index=False, name=None) if names else [()] * len(frame),
                frame["period"], previous, frame["change"], strict=True,
            )
        ]  # fmt: skip
    return frame
