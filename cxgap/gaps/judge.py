"""What may be said of each cell, and shown of it: verdicts, adjusted p-values, and what must be hidden."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd

from cxgap._check import as_names
from cxgap.errors import ArgumentError
from cxgap.gaps.scores import Scores
from cxgap.stats.means import sum_by
from cxgap.stats.multiplicity import LARGEST_CONFIRMATORY, benjamini_hochberg, holm
from cxgap.stats.privacy import hide_also, too_few
from cxgap.stats.verdict import verdicts
from cxgap.vocabulary import NOT_SHOWN

SERVPERF = ("servperf", "servperf_low", "servperf_high", "servperf_n")
IMPORTANCE = (
    "importance_gap", "importance_gap_low", "importance_gap_high", "importance_gap_n", "product_of_means", "heterogeneity",
)  # fmt: skip


def judge(
    frame: pd.DataFrame,
    flags: list[set[str]],
    lines: Sequence[np.ndarray],
    *,
    by: Sequence[str],
    conf_level: float,
    margin: float | None,
    min_n: int,
    confirmatory: str | Collection[str],
) -> tuple[pd.DataFrame, str]:
    """Add `verdict`, `p_adjusted` and `flags` to estimated cells, and blank the cells that must be hidden.

    Parameters
    ----------
    frame : one row a cell: the keys and the estimates
    flags : words for each cell
    lines : positions of the cells of each line in which one could be told from the rest by subtraction
    by, conf_level, margin, min_n, confirmatory : as in the gap functions

    Returns
    -------
    The judged frame, and how the p-values were adjusted, in words.
    """
    n = frame["n"].to_numpy()
    estimate, std_error, df = (frame[name].to_numpy() for name in ("estimate", "std_error", "df"))
    said = verdicts(estimate, std_error, df, conf_level=conf_level, margin=margin)
    hidden = too_few(n, min_n)
    also = hide_also(hidden, n, lines, min_n)
    flags = [
        {"SUPPRESSED_PRIVACY"} if hidden[cell] else {"SUPPRESSED_SECONDARY"} if also[cell] else words
        for cell, words in enumerate(flags)
    ]
    numbers = [name for name in frame.columns if name not in by]
    judged = frame.assign(**{name: frame[name].where(~(hidden | also)) for name in numbers})
    thin = too_few(frame["importance_gap_n"].to_numpy(), min_n)
    judged = judged.assign(**{name: judged[name].where(~thin) for name in IMPORTANCE})
    # People who gave a perception alone are the difference between `servperf` and `end`: too few of them give themselves away.
    alone = frame["servperf_n"].to_numpy() - n
    told = (alone > 0) & too_few(alone, min_n)
    judged = judged.assign(**{name: judged[name].where(~told) for name in SERVPERF})
    adjusted, adjustment = _adjust(judged, tuple(by), confirmatory)
    said[hidden | also] = NOT_SHOWN
    words = ["|".join(sorted(cell)) for cell in flags]
    return judged.assign(p_adjusted=adjusted, verdict=said, flags=words), adjustment


def exposed_lines(scores: Scores, by: Sequence[str], min_n: int) -> list[np.ndarray]:
    """List the lines of the table in which a hidden cell could be told from the rest by subtraction.

    That is so where (nearly) every respondent stands in one cell of the line, as of regions. Where at least `min_n`
    stand in several, as of touchpoints, the cells do not add up to a known whole.
    """
    if min_n == 1:
        return []
    scored, people = np.isfinite(scores.gap), len(scores.design.weight)
    cell, respondent = scores.cell[scored], scores.respondent[scored]
    lines = []
    for name in by:
        rest = [other for other in by if other != name]
        keys = scores.cells.groupby(rest, observed=True, dropna=False) if rest else None
        line = keys.ngroup().to_numpy() if keys else np.zeros(len(scores.cells), int)
        scores_in = sum_by(line[cell], line.max() + 1)
        people_in = sum_by(np.unique(line[cell] * people + respondent) // people, line.max() + 1)
        lines += [np.flatnonzero(line == number) for number in np.flatnonzero(scores_in - people_in < min_n)]
    return lines


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
