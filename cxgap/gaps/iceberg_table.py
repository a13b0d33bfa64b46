"""The rows of the table of how many were hit, what of them may be shown, and how a reader sees it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from cxgap.gaps.judge import refuse_names
from cxgap.stats.iceberg import chapman, hit_from_complaints
from cxgap.stats.overlaps import nearly_alike
from cxgap.stats.privacy import hide_also, too_few
from cxgap.vocabulary import CANNOT_TELL, NOT_SHOWN, plain

SLUG, TITLE = "complaint_iceberg", "How many had reason to complain, for those who did"
LISTS, COMPLAINTS = "two lists", "complaint rate"
AT_LEAST, ABOUT = "at least", "about"
LEAST_BOTH = 7  # Robson & Regier (1964): with fewer on both lists the estimator is biased downwards
OWN = ("method", "first", "second", "both", "estimate", "std_error", "conf_low", "conf_high", "finding", "flags")
_NUMBERS = ["first", "second", "both", "estimate", "std_error", "conf_low", "conf_high"]


def row_of(
    method: str, first: set[Any], second: set[Any], known: tuple[float, float] | None, only: bool, conf_level: float
) -> dict[str, Any]:
    """Estimate one row; `groups_` are who stands behind its numbers.

    Only where the first list holds complaints and nothing else is the number of two lists a lower bound.
    """
    both = first & second
    row: dict[str, Any] = {"method": method, "first": float(len(first)), "groups_": (first, second, both)}
    if known is not None:
        found, low, high = hit_from_complaints(len(first), *known, conf_level=conf_level)
        told = bool(np.isfinite(found))
        row |= {"second": np.nan, "both": np.nan, "std_error": np.nan, "flags": "" if told else "NOT_IDENTIFIED"}
    else:
        found, error, low, high = chapman(len(first), len(second), len(both), conf_level=conf_level)
        told = len(both) >= LEAST_BOTH
        row |= {"second": float(len(second)), "both": float(len(both)), "std_error": error if told else np.nan}
        row["flags"] = "|".join([*([] if told else ["FEW_IN_BOTH"]), "LOWER_BOUND" if only else "ANY_CONTACT"])
    numbers = (found, low, high) if told else (np.nan,) * 3
    finding = CANNOT_TELL if not told else AT_LEAST if known is None and only else ABOUT
    return {**row, **dict(zip(("estimate", "conf_low", "conf_high"), numbers, strict=True)), "finding": finding}


def hide(frame: pd.DataFrame, names: Sequence[str], min_n: int) -> pd.DataFrame:
    """Blank what is of too few people, or would tell of them by subtraction; an estimate tells how many are on both lists."""
    groups = list(frame.pop("groups_"))
    frame = frame[[*names, *OWN]].copy()
    if min_n <= 1:
        return frame
    fewest = frame[["first", "second"]].min(axis=1).to_numpy(float)
    refuse_names(frame, names, fewest, min_n)
    gone = too_few(fewest, min_n)
    for method in frame["method"].unique():
        line = np.flatnonzero((frame["method"] == method).to_numpy())
        gone[line] |= hide_also(gone[line], fewest[line], [np.arange(len(line))], min_n) if len(line) > 1 else False
    code = {each: place for place, each in enumerate(sorted(set().union(*(group for row in groups for group in row))))}
    told = [np.array([code[each] for each in group], np.int64) for row in groups for group in row]
    bare = frame["both"].to_numpy(float) < min_n  # no number at all is no few
    for one, other in nearly_alike(told, min_n):
        rows = (one // 3, other // 3)
        if rows[0] == rows[1]:
            bare[rows[0]] = True  # all but a few of a list are on the other
        elif not gone[list(rows)].any():
            gone[min(rows, key=lambda row: (fewest[row], -row))] = True
    frame.loc[bare, [name for name in _NUMBERS if name not in ("first", "second")]] = np.nan
    few = frame["flags"].str.contains("FEW_IN_BOTH") | (frame["method"] == COMPLAINTS)
    frame.loc[bare & ~few, "flags"] = "FEW_IN_BOTH|" + frame["flags"][bare & ~few]
    frame.loc[bare & (frame["method"] == LISTS), "finding"] = CANNOT_TELL
    frame.loc[gone, _NUMBERS] = np.nan
    frame.loc[gone, "finding"], frame.loc[gone, "flags"] = NOT_SHOWN, "SUPPRESSED_PRIVACY"
    return frame


def title_of(frame: pd.DataFrame, names: Sequence[str]) -> str:
    """State the finding."""
    told = frame[frame["estimate"].notna()]
    if names or frame["finding"].eq(NOT_SHOWN).all():
        return TITLE
    if told.empty:
        return "We cannot tell how many had reason to complain, for those who did"
    row = told.iloc[-1]
    return (
        f"{row['finding'].capitalize()} {row['estimate']:,.0f} customers had reason to complain, where {row['first']:,.0f} did"
    )


def columns_of(frame: pd.DataFrame, names: Sequence[str]) -> dict[str, Any]:
    """Return the columns that a reader sees, and write the texts of some into the frame."""
    count = lambda value: f"{value:,.0f}"  # noqa: E731
    frame["shown"] = [
        f"{row['estimate']:,.0f} ({row['conf_low']:,.0f} to {row['conf_high']:,.0f})" if np.isfinite(row["estimate"]) else ""
        for row in frame.to_dict("records")
    ]
    columns: dict[str, Any] = {name: (name.replace("_", " "), str) for name in names}
    columns |= {"method": ("by", str), "first": ("complained", count)}
    if frame["method"].eq(LISTS).any():
        columns |= {"second": ("answered badly", count), "both": ("both", count)}
    return columns | {"finding": ("finding", str), "shown": ("had reason to", str)}


def notes_of(
    frame: pd.DataFrame, span: tuple[float, float] | None, outcome: str, bad: str, only: bool, why: str,
    known: tuple[float, float] | None,
) -> list[str]:  # fmt: skip
    """Say what is taken for granted, and what that makes of the numbers."""
    notes = ["This is an estimate for where no events tell who was hit; where they do, the table of incidents measures it."]
    if not only:
        notes.append(
            "Every contact counts as a complaint, as no `reasons` say which are; those about other matters make the number too "
            "high."
        )
    if not why:
        when = ""
        if span is not None:
            first, last = (pd.Timestamp(each, unit="us", tz="UTC").date().isoformat() for each in span)
            when = f", from {first} to {last}, which both lists cover"
        notes += [
            f"Two lists: customers who complained, and customers whose {outcome.replace('_', ' ')} was {bad}{when} (Chapman's "
            "estimator).",
            "Who complains is likelier to answer badly, too, so that the lists go together and the number is "
            f"{'a lower bound' if only else 'in so far too low'}; nor does it count those who would do neither.",
        ]
    else:
        notes.append(f"Two lists are not compared: {why}.")
    if frame["flags"].str.contains("FEW_IN_BOTH").any():
        notes.append(f"Where fewer than {LEAST_BOTH}, or too few to be shown, are on both lists, the number cannot be told.")
    if known is not None:
        notes.append(
            f"Complaint rate: {plain(known[0] / known[1] * 100, 1)} % of those hit complained where both are known, as was "
            "given; it is true here only if what happened, and how one can complain, are the same."
        )
    return notes
