"""Estimates become a GapTable: intervals, verdicts, adjusted p-values, and what must be hidden."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from cxgap._check import as_names
from cxgap.errors import ArgumentError
from cxgap.gaps.columns import beside
from cxgap.gaps.judge import refuse_names
from cxgap.result import COLUMNS, MDG, GapTable
from cxgap.stats.means import t_interval, t_p_value
from cxgap.stats.multiplicity import LARGEST_CONFIRMATORY, benjamini_hochberg, holm
from cxgap.stats.planning import detectable
from cxgap.stats.privacy import hide_also, hide_told, too_few
from cxgap.stats.verdict import judged
from cxgap.vocabulary import NOT_SHOWN

INNER = ("inner_low", "inner_high")
# The levels that are means of customers' answers; the others are of few who act for the company, or of documents.
_OF_CUSTOMERS = {"customer": ("start", "end"), "tolerance": ("start", "end"), "knowledge": ("start",), "company": ("end",)}
# What a row without a number is still known by: facts of documents, not of people.
_FACTS = ("unit", "margin", "metric", "direction", "owner", "review")


def finish(
    cells: pd.DataFrame,
    flags: Sequence[set[str]],
    *,
    gap: str,
    by: Sequence[str],
    unit: str,
    conf_level: float,
    margin: float | None = None,
    scale: tuple[float, float] | None = None,
    min_n: int = 1,
    hidden: np.ndarray | None = None,
    also: np.ndarray | None = None,
    confirmatory: str | Collection[str] = (),
    lines: Sequence[np.ndarray] = (),
    basis: str = "rating",
    counts: str = "customer",
    expectation_type: str | None = None,
    score: str = "",
) -> GapTable:
    """Judge estimated cells, hide what must be hidden, and wrap them.

    Parameters
    ----------
    cells : one row a cell: the keys, in the order of display where they are ordered; `n`, `n_eff`, `start`, `end`,
        `estimate`, `std_error`, `df`; `effect`, `unit` and `margin` where rows have them; and the method's own columns.
        Where an interval is not Student's, it stands in `conf_low` and `conf_high`, its p-value in `p_value`, and the
        interval of level 2 x conf_level - 1, by which an expectation is called met, in `inner_low` and `inner_high`
    flags : words of `vocabulary.FLAGS`, a set for each cell
    hidden : cells to hide beside those of fewer than `min_n`, such as those of fewer than five managers
    also : cells to hide so that no other can be told by subtraction, beside those that `lines` ask for
    lines : positions of the cells of each line in which one could be told from the rest by subtraction
    gap, by, unit, margin, scale, min_n, basis, counts, expectation_type, score : as in GapTable
    conf_level : two-sided
    confirmatory : cuts declared before the data were seen, adjusted by Holm; all others by Benjamini & Hochberg

    Returns
    -------
    GapTable; after the method's own columns stands `mdg`, the smallest gap that the cell's standard error would let us find
    in 4 of 5 samples (power 0.8, at `conf_level`).

    Raises
    ------
    ArgumentError : a declared cut makes more tests than may be called confirmatory.
    """
    estimate, std_error, df = (cells[name].to_numpy(float) for name in ("estimate", "std_error", "df"))
    made: dict[str, Any] = {}
    if "conf_low" not in cells:
        made["conf_low"], made["conf_high"] = t_interval(estimate, std_error, df, conf_level=conf_level)
    if "p_value" not in cells:
        made["p_value"] = t_p_value(estimate, std_error, df)
    if "effect" not in cells:
        made["effect"] = np.nan
    frame = beside(cells, made)
    margins = frame["margin"].to_numpy(float) if "margin" in frame else margin
    if INNER[0] in frame:
        inner = frame[INNER[0]].to_numpy(float), frame[INNER[1]].to_numpy(float)
    else:
        inner = t_interval(estimate, std_error, df, conf_level=2 * conf_level - 1) if conf_level > 0.5 else (estimate, estimate)
    outer = frame["conf_low"].to_numpy(float), frame["conf_high"].to_numpy(float)
    said = judged(*outer, *inner, margin=margins if conf_level > 0.5 else None)

    refuse_names(frame, by, frame["n"].to_numpy(float), min_n)
    few = too_few(frame["n"].to_numpy(float), min_n)
    few |= np.zeros(len(frame), bool) if hidden is None else hidden
    answered = _OF_CUSTOMERS.get(gap, ()) if basis == "rating" and scale and min_n > 1 else ()
    alike = _alike(frame, answered, scale or (0, 1), few)
    few |= np.array([bool(found) for found in alike], bool)
    protects = hide_also(few, frame["n"].to_numpy(float), lines, min_n)
    protects |= np.zeros(len(frame), bool) if also is None else also & ~few
    if answered and scale:
        levels = [frame[name].to_numpy(float) for name in answered]
        protects |= hide_told(few | protects, frame["n"].to_numpy(float), levels, lines, min_n, scale) & ~few
    covered = few | protects
    words = [
        alike[cell] or ({"SUPPRESSED_PRIVACY"} if few[cell] else {"SUPPRESSED_SECONDARY"} if protects[cell] else found)
        for cell, found in enumerate(flags)
    ]
    kept = {*by, *_FACTS}
    if covered.any():
        frame = beside(frame, {name: frame[name].where(~covered) for name in frame.columns if name not in kept})
    least = detectable(frame["std_error"].to_numpy(float), frame["df"].to_numpy(float), alpha=1 - conf_level)
    adjusted, adjustment = _adjust(frame, tuple(by), confirmatory)
    said[covered] = NOT_SHOWN
    keys, order = _keys(frame, by)
    texts = {"verdict": said, "flags": ["|".join(sorted(found)) for found in words]}
    frame = beside(frame, {MDG: least, "p_adjusted": adjusted, **texts, **keys})
    own = [name for name in frame.columns if name not in {*by, *COLUMNS, *INNER}]
    return GapTable(
        frame[[*by, *COLUMNS, *own]].reset_index(drop=True),
        gap=gap,
        by=tuple(by),
        unit=unit,
        conf_level=conf_level,
        margin=None if "margin" in cells else margin,
        scale=scale,
        expectation_type=expectation_type,
        score=score,
        adjustment=adjustment,
        min_n=min_n,
        order=MappingProxyType(order),
        basis=basis,
        counts=counts,
    )


def _alike(frame: pd.DataFrame, answered: Sequence[str], scale: tuple[float, float], hidden: np.ndarray) -> list[set[str]]:
    """Say for each cell at which end of the scale everybody expected, or perceived: such a mean is everybody's answer."""
    found: list[set[str]] = [set() for _ in range(len(frame))]
    for name in answered:
        for side, end in zip(("LOWEST", "HIGHEST"), scale, strict=True):
            for cell in np.flatnonzero((np.abs(frame[name].to_numpy(float) - end) < 1e-9) & ~hidden):
                found[cell].add(f"SUPPRESSED_{name.upper()}_{side}")
    return found


def not_measured(gap: str, by: Sequence[str], why: str, *, unit: str, conf_level: float, **fields: Any) -> GapTable:
    """Make the table of no rows that says why nothing was measured."""
    frame = pd.DataFrame({name: pd.Series(dtype=object) for name in (*by, *COLUMNS)})
    numbers = {name: float for name in COLUMNS if name not in {"verdict", "flags"}}
    return GapTable(frame.astype(numbers), gap, tuple(by), unit, conf_level, missing=why, **fields)


def _keys(frame: pd.DataFrame, by: Sequence[str]) -> tuple[dict[str, pd.Series], dict[str, tuple[str, ...]]]:
    """Return the keys as texts, and the order in which their values are shown."""
    order = {}
    for name in by:
        levels = frame[name].cat.categories if isinstance(frame[name].dtype, pd.CategoricalDtype) else frame[name].dropna()
        order[name] = tuple(dict.fromkeys(map(str, levels)))
    keys = {name: frame[name].astype(object).where(frame[name].notna(), "(blank)").astype(str) for name in by}
    return keys, order


def _adjust(frame: pd.DataFrame, by: tuple[str, ...], confirmatory: str | Collection[str]) -> tuple[np.ndarray, str]:
    """Adjust the p-values of each family: the table, or each wave of it; hidden cells are in none."""
    cuts = [confirmatory] if isinstance(confirmatory, str) else confirmatory
    declared = any(set(as_names(cut, "confirmatory")) == set(by) for cut in cuts)
    family = np.zeros(len(frame), int)
    if "wave" in by:
        family = frame.groupby("wave", observed=True, dropna=False).ngroup().to_numpy()
    adjusted, p = np.full(len(frame), np.nan), frame["p_value"].to_numpy(float)
    for number in np.unique(family):
        inside = family == number
        tests = int(np.isfinite(p[inside]).sum())
        if declared and tests > LARGEST_CONFIRMATORY:
            raise ArgumentError(
                f"a cut in `confirmatory` must make at most {LARGEST_CONFIRMATORY} tests, and {','.join(by)!r} makes {tests}; "
                "take it out, and its p-values are adjusted as exploratory ones."
            )
        adjusted[inside] = (holm if declared else benjamini_hochberg)(p[inside])
    return adjusted, "Holm, declared beforehand" if declared else "Benjamini & Hochberg, exploratory"
