"""What a difference of gaps says: its flags, its finding in words, and the table that a reader sees."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

import numpy as np
import pandas as pd

from cxgap._check import as_names
from cxgap.errors import ArgumentError
from cxgap.gaps.scores import Scores
from cxgap.result import Table
from cxgap.stats.means import Codes, Floats, design_means, t_interval
from cxgap.stats.multiplicity import LARGEST_CONFIRMATORY, benjamini_hochberg, holm
from cxgap.vocabulary import counted, percent, signed

SLUG = "gap_differences"
SIDES = {"gap": "", "expectation": "expectation_", "perception": "perception_"}
NUMBERS = ("estimate", "std_error", "df", "conf_low", "conf_high", "p_value")
OWN_COLUMNS = (
    "level", "against", "n", "n_against", "n_both", "gap", "gap_against",
    *NUMBERS[:-1], "p_value", "p_adjusted",
    *(f"{side}{name}" for side in ("expectation_", "perception_") for name in NUMBERS),
    "finding", "flags",
)  # fmt: skip
LOWER, RISING = "GAP_CLOSED_BY_LOWER_EXPECTATIONS", "RISING_BAR"


def flags(frame: pd.DataFrame, scores: Scores, plus: Codes, minus: Codes, *, drift: bool) -> list[set[str]]:
    """Return what a reader must know of each difference, as words of `vocabulary.FLAGS`.

    Parameters
    ----------
    frame : the estimates, one row a difference
    scores : of the respondents
    plus, minus : the two cells of each difference
    drift : whether the second cell came before the first, so that rising and falling have a meaning
    """
    known = np.isfinite(scores.gap)
    means = design_means(scores.gap[known], scores.cell[known], len(scores.cells), scores.respondent[known], scores.design)
    fewest, size = np.minimum(means.n[plus], means.n[minus]), np.fmin(means.n_eff[plus], means.n_eff[minus])
    low, high = (frame[f"perception_{end}"] for end in ("conf_low", "conf_high"))
    marks = {
        "EMPTY": fewest == 0,
        "N1": fewest == 1,
        "ZERO_VAR": (frame["std_error"] == 0).to_numpy(),
        "UNSTABLE": (fewest > 1) & (size < 30),
        "LOW_DF": (frame["df"] < 8).to_numpy(),
        "LONELY_PSU": means.lonely[plus] | means.lonely[minus],
        LOWER: drift & ((frame["estimate"] > 0) & (low <= 0) & (frame["expectation_estimate"] < 0)).to_numpy(),
        RISING: drift & ((frame["expectation_conf_low"] > 0) & (low <= 0) & (high >= 0)).to_numpy(),
    }
    return [{flag for flag, mark in marks.items() if mark[row]} for row in range(len(frame))]


def findings(frame: pd.DataFrame, margin: float | None, conf_level: float) -> list[str]:
    """Say in words what moved, by the intervals that are shown."""
    inner = t_interval(
        *(frame[name].to_numpy(float) for name in ("estimate", "std_error", "df")), conf_level=max(2 * conf_level - 1, 0.01)
    )
    said = []
    for row, low, high in zip(frame.to_dict("records"), *inner, strict=True):
        moved = {side: _moved(row[f"{name}conf_low"], row[f"{name}conf_high"]) for side, name in SIDES.items()}
        if LOWER in row["flags"] and moved["gap"] and moved["expectation"]:
            said.append("better because less was expected")
        elif moved["gap"]:
            cause = [f"{side} {moved[side]}" for side in ("perception", "expectation") if moved[side]]
            better = "better" if moved["gap"] == "higher" else "worse"
            said.append(f"{better}: {' and '.join(cause)}" if cause else f"{better}, by both sides together")
        elif not np.isfinite(row["conf_low"]):
            said.append("cannot tell")
        elif margin is not None and -margin < low and high < margin:
            said.append("no change that matters")
        elif RISING in row["flags"]:
            said.append("cannot tell; more was expected")
        else:
            said.append("cannot tell")
    return said


def _moved(low: float, high: float) -> str:
    return "higher" if low > 0 else "lower" if high < 0 else ""


def finished(
    frame: pd.DataFrame,
    few: np.ndarray,
    protects: np.ndarray,
    names: Sequence[str],
    between: str,
    conf_level: float,
    confirmatory: str | Collection[str],
) -> Table:
    """Hide what must be hidden, adjust the p-values of the rest, and write the table."""
    covered = few | protects
    kept = {*names, "level", "against", "finding", "flags"}
    words = [
        {"SUPPRESSED_PRIVACY"} if few[row] else {"SUPPRESSED_SECONDARY"} if protects[row] else found
        for row, found in enumerate(frame["flags"])
    ]
    frame = frame.assign(**{name: frame[name].where(~covered) for name in frame if name not in kept})
    frame["finding"] = np.where(covered, "not shown", frame["finding"])
    frame["flags"] = ["|".join(sorted(found)) for found in words]
    frame["p_adjusted"], how = _adjusted(frame["p_value"].to_numpy(float), (*names, between), confirmatory)
    clear = int((frame["p_adjusted"] < 1 - conf_level).sum())
    shown = int((~covered).sum())
    title = (
        f"{clear} of {counted(shown, 'difference')} of the gap by {between.replace('_', ' ')} are more than chance would give"
    )
    if clear == 1:
        title = title.replace(" are ", " is ")
    if not clear:
        title = f"No difference of the gap by {between.replace('_', ' ')} is more than chance would give"
    if not shown:
        title = f"How the gap differs by {between.replace('_', ' ')}: too few to show"
    notes = [
        "Each is the first value less the second; negative says that the gap is worse, or that less was expected or perceived.",
        "The change of the gap is that of perception less that of expectation, over the same answers.",
        f"Intervals are {percent(conf_level)} each, not all at once; p-values are adjusted for the table ({how}).",
    ]
    if frame["flags"].str.contains(LOWER).any():
        notes.append(
            "Flagged rows: the gap is smaller, less was expected, and perception did not clearly rise; that does not show "
            "better service."
        )
    if (frame["n_both"] > 0).any():
        notes.append("People who answered on both sides are counted once: their answers are compared with their own.")
    if covered.any():
        notes.append(
            f"Not shown: {counted(int(covered.sum()), 'difference')} with too few people on a side, or to protect them."
        )
    table = frame.assign(**{f"_{side}": _intervals(frame, name) for side, name in SIDES.items()})
    columns: dict[str, tuple[str, Callable[[Any], str]]] = {
        **{name: (name.replace("_", " "), str) for name in names},
        "level": (between.replace("_", " "), str),
        "against": ("against", str),
        **{f"_{side}": (f"{side}, difference and interval", str) for side in SIDES},
        "p_adjusted": ("adjusted p", lambda p: "<0.001" if p < 0.001 else f"{p:.3f}"),
        "finding": ("finding", str),
    }
    made = Table.of(table, slug=SLUG, title=title, columns=columns, keys=len(names) + 2, notes=notes)
    order = [*names, *OWN_COLUMNS]
    return Table(made.frame[order], made.slug, made.title, made.heads, made.cells, made.keys, made.notes)


def _adjusted(p: Floats, keys: Sequence[str], confirmatory: str | Collection[str]) -> tuple[Floats, str]:
    cuts = [confirmatory] if isinstance(confirmatory, str) else confirmatory
    if not any(set(as_names(cut, "confirmatory")) == set(keys) for cut in cuts):
        return benjamini_hochberg(p), "Benjamini & Hochberg, exploratory"
    tests = int(np.isfinite(p).sum())
    if tests > LARGEST_CONFIRMATORY:
        raise ArgumentError(
            f"a cut in `confirmatory` must make at most {LARGEST_CONFIRMATORY} tests, and {','.join(keys)!r} makes {tests}; "
            "take it out, and its p-values are adjusted as exploratory ones."
        )
    return holm(p), "Holm, declared beforehand"


def _intervals(frame: pd.DataFrame, side: str) -> list[str | None]:
    """Write each difference with its interval; None where it is not known."""
    rows = zip(*(frame[f"{side}{name}"] for name in ("estimate", "conf_low", "conf_high")), strict=True)
    return [
        None
        if np.isnan(value)
        else f"{signed(value, 2)}" + ("" if np.isnan(low) else f" ({signed(low, 2)} to {signed(high, 2)})")
        for value, low, high in rows
    ]
