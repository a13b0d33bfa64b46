"""The effect of calling as a reader sees it: its finding, its columns and its notes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from cxgap.gaps.outreach_arms import ADJUSTED, LEFT
from cxgap.gaps.outreach_privacy import FEW
from cxgap.vocabulary import CANNOT_TELL, NOT_SHOWN, counted, percent, plain

TITLE = "What calling on customers was worth"
MEASURES = {"left": "left", "outcome": "mean outcome", "qini": "worth of the ranking", "harmed": "tenths of the ranking harmed"}


def title_of(frame: pd.DataFrame, horizon: float) -> str:
    """State the finding."""
    row = frame[frame["measure"].isin(["left", "outcome"])].iloc[-1]
    adjusted = row["method"] == ADJUSTED
    if FEW in row["flags"]:
        end = ", which is only associated with it" if adjusted else ""
        return {
            "less": f"Fewer customers left of those called on{end}", "more": f"More customers left of those called on{end}",
        }.get(row["finding"], "We cannot tell whether calling on customers keeps them")  # fmt: skip
    if not np.isfinite(row["estimate"]):
        return TITLE
    if row["measure"] == "outcome":
        verb = {"less": "is lower", "more": "is higher"}.get(row["finding"])
        who = "among those contacted"
        if verb is None:
            return "We cannot tell whether calling on customers changed the outcome"
        return f"The outcome {verb} {who}{', which is only associated with it' if adjusted else ''}"
    pair = f"{plain(row['contacted'] * 100, 1)} % against {plain(row['held_out'] * 100, 1)} % within {horizon:g} days"
    if row["finding"] == CANNOT_TELL:
        return f"We cannot tell whether calling on customers keeps them: {pair}"
    verb = "Fewer" if row["finding"] == "less" else "More"
    end = ", associated only" if adjusted else ""
    return f"{verb} customers left {'among' if adjusted else 'of'} those called on: {pair}{end}"


def columns_of(frame: pd.DataFrame, names: Sequence[str]) -> dict[str, Any]:
    """Return the columns that a reader sees, and write the texts of some into the frame."""
    frame["shown"] = [_shown(row) for row in frame.to_dict("records")]
    for name in ("contacted", "held_out"):
        frame[f"shown_{name}"] = [_value(row, name) for row in frame.to_dict("records")]
    count = lambda value: f"{value:,.0f}"  # noqa: E731
    return {
        **{name: (name.replace("_", " "), str) for name in names},
        "measure": ("measure", MEASURES.__getitem__),
        "n_contacted": ("contacted", count),
        "n_held_out": ("not contacted" if (frame["method"] == ADJUSTED).all() else "held out", count),
        "shown_contacted": ("of the contacted", str),
        "shown_held_out": ("of the others", str),
        "shown": ("difference", str),
        "finding": ("finding", str),
    }


def _value(row: dict[Any, Any], name: str) -> str:
    if FEW in row["flags"] and row["measure"] == "left":
        return NOT_SHOWN
    if not np.isfinite(row[name]) or row["measure"] in ("qini", "harmed"):
        return ""
    return f"{plain(row[name] * 100, 1)} %" if row["measure"] == "left" else f"{row[name]:,.2f}"


def _shown(row: dict[Any, Any]) -> str:
    if "SUPPRESSED" in row["flags"] or FEW in row["flags"]:
        return NOT_SHOWN
    if not np.isfinite(row["estimate"]):
        return "too early to say"
    if row["measure"] == "harmed":
        return f"{percent(round(row['estimate'], 2))}, beyond chance {percent(round(row['contacted'], 2))}"
    times, digits, unit = (100, 1, " points") if row["measure"] == "left" else (1, 4 if row["measure"] == "qini" else 2, "")
    text = f"{plain(row['estimate'] * times, digits)}{unit}"
    if np.isfinite(row["conf_low"]):
        text += f" ({plain(row['conf_low'] * times, digits)} to {plain(row['conf_high'] * times, digits)})"
    return text


def notes_of(
    rows: pd.DataFrame, frame: pd.DataFrame, horizon: float, outcome: str, before: str, conf_level: float, min_n: int
) -> list[str]:
    """Say how it was compared, and what that allows to be said."""
    notes = []
    if (frame["method"] == ADJUSTED).any():
        notes.append(
            "Chance did not decide who was contacted. Those alike in value and tenure are compared (overlap weights); the "
            "difference is associated with contacting, and may be due to what else set them apart."
        )
        told = frame[frame["e_value"].notna()]
        if len(told):
            row = told.iloc[-1]
            notes.append(
                f"E-value {plain(row['e_value'], 2)} (end of the interval {plain(row['e_value_limit'], 2)}): so much, as a "
                "ratio of risks, something unmeasured would have to go with both contacting and leaving to explain it away."
            )
    else:
        notes.append(
            "Chance decided who was held out, so the difference is what calling did, to all who were to be called, whether "
            f"they were reached or not. Strata weigh by their numbers of both arms; intervals of {percent(conf_level)}."
        )
    early = int((~rows["whole"]).sum())
    if outcome == LEFT and early:
        who = f"{counted(early, 'customer')} {'has' if early == 1 else 'have'}"
        if any(0 < many < min_n for many in (early, len(rows) - early)):
            who = "Some customers have"
        notes.append(
            f"{who} not been watched for {horizon:g} days; shares "
            "are by Kaplan-Meier curves of all."
        )  # fmt: skip
    if before:
        notes.append(f"What {before!r} told before is taken out of the outcome.")
    if "qini" in set(frame["measure"]):
        notes.append(
            "Worth of the ranking: the area between the Qini curve and that of a random order; 0 is worth nothing. With no "
            "effect at all half of the tenths look harmed by chance: what counts is those beyond chance."
        )
    return notes
