"""What a reader sees of entities compared at one mix of customers: who differs, the ranks that each could have, and how."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from cxgap.gaps.scoreboard import interval_of
from cxgap.result import Table
from cxgap.stats.shrinkage import FEWEST_CELLS
from cxgap.vocabulary import NOT_SHOWN, NOTES, counted, percent, plain, signed

SLUG: Final = "case_mix"
WORSE, ALIKE, ABOVE = "worse than the mean", "like the mean", "better than the mean"
_NAMED = 3  # entities named in a title


def what_of(of: str) -> str:
    """Name what is compared."""
    return "the gap" if of == "gap" else of.replace("_", " ")


def written(
    frame: pd.DataFrame, between: str, adjusters: Sequence[str], of: str, margin: float | None, min_n: int, conf_level: float
) -> Table:
    """Write what a reader sees."""

    def write(value: float) -> str:
        return signed(value, 2) if of == "gap" else plain(value, 2)

    rows = frame.to_dict("records")
    ranked = int(frame["rank"].notna().sum())
    shown = frame.assign(
        _span=[interval_of(row["conf_low"], row["conf_high"], write) for row in rows],
        _ranks=["" if pd.isna(row["rank"]) else _ranks_text(row["rank_low"], row["rank_high"]) for row in rows],
        _notes=[", ".join(NOTES[flag] for flag in row["flags"].split("|") if flag in NOTES) for row in rows],
    )
    columns: dict[str, tuple[str, Any]] = {
        between: (between.replace("_", " "), str),
        "n": ("respondents", "{:,.0f}".format),
        "raw": ("as it is", write),
        "estimate": ("adjusted", write),
        "_span": (f"{percent(conf_level)} interval", str),
        "shrunk": ("shrunken", write),
        "_ranks": (f"ranks it could have, of {ranked}", str),
        "finding": ("finding", str),
        "_notes": ("notes", str),
    }
    made = Table.of(
        shown, slug=SLUG, title=_title(frame, between, adjusters, of, 1 - conf_level), columns=columns, keys=1,
        notes=_notes(frame, between, adjusters, of, margin, min_n, conf_level),
    )  # fmt: skip
    return Table(frame, made.slug, made.title, made.heads, made.cells, made.keys, made.notes)


def _ranks_text(low: float, high: float) -> str:
    return f"{low:.0f}" if low == high else f"{low:.0f} to {high:.0f}"


def _title(frame: pd.DataFrame, between: str, adjusters: Sequence[str], of: str, alpha: float) -> str:
    """Name who differs from the mean, or say that nobody does by more than chance."""
    noun, what = between.replace("_", " "), what_of(of)
    sides = []
    for finding, word in ((WORSE, "worse"), (ABOVE, "better")):
        names = list(frame.loc[frame["finding"] == finding, between].astype(str))
        if len(names) > _NAMED:
            sides.append(f"{len(names)} of {counted(len(frame), noun)} are {word} than the mean")
        elif names:
            named = _listed([f"{noun} {name}" for name in names])
            sides.append(f"{named} {'is' if len(names) == 1 else 'are'} {word} than the mean")
    if sides:
        text = "; ".join(sides)
        return f"{text[:1].upper()}{text[1:]}{', with the same mix of customers' if adjusters else ''}"
    if frame["f_p"].max() <= alpha:
        return f"{what[:1].upper()}{what[1:]} differs by {noun}, but no single one is shown to differ from the mean"
    return f"No {noun} differs from the mean by more than chance"


def _notes(
    frame: pd.DataFrame, between: str, adjusters: Sequence[str], of: str, margin: float | None, min_n: int, conf_level: float
) -> list[str]:
    noun, what = between.replace("_", " "), what_of(of)
    one = frame.dropna(subset=["f_df1"]).iloc[0]
    with_ = f"adjusted for {' and '.join(adjusters)}" if adjusters else "not adjusted for anything"
    explain = "explain" if len(adjusters) > 1 else "explains"
    if adjusters:
        with_ += f", which {explain} {_percent(one['r2_adjusters'])} of the variance between respondents beyond it"
    every = f"what each {noun} would have with the mix of all respondents"
    notes = [f"{what[:1].upper()}{what[1:]}, {with_}. Adjusted: {every}."]
    if np.isfinite(one["f_p"]):
        notes.append(
            f"Test that no {noun} differs: F = {one['f']:.2f} on {one['f_df1']:.0f} and {one['f_df2']:.0f} degrees of freedom, "
            f"p {_p_text(one['f_p'])}. One by one p-values are Holm's; a difference is found only where both tests find it."
        )
    worst = frame.loc[frame["may_be_worst"] == 1, between].astype(str).tolist()
    best = frame.loc[frame["may_be_best"] == 1, between].astype(str).tolist()
    if worst:
        ends = f"the worst is {_among(worst, frame)}, the best {_among(best, frame)}"
        notes.append(f"With {percent(conf_level)} confidence {ends}.")
    if frame["shrunk"].notna().any():
        notes.append("Shrunken: pulled towards the mean as far as its own error tells; the best guess of a small group.")
    else:
        notes.append(f"Not shrunken: that takes {FEWEST_CELLS} of them.")
    if margin:
        notes.append(f"Like the mean: surely within {margin:g} of it.")
    hidden = int((frame["finding"] == NOT_SHOWN).sum())
    if hidden:
        few = f"fewer than {min_n} respondents" if min_n > 1 else "one respondent"
        notes.append(
            f"{counted(hidden, noun)} with {few}, or hidden to protect one, {'takes' if hidden == 1 else 'take'} no part."
        )
    return notes


def _among(names: Sequence[str], frame: pd.DataFrame) -> str:
    ranked = int(frame["rank"].notna().sum())
    if len(names) == 1:
        return names[0]
    if len(names) == ranked:
        return f"any of the {ranked}"
    return f"one of {', '.join(names)}" if len(names) <= 2 * _NAMED else f"one of {len(names)} of {ranked}"


def _listed(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]


def _percent(share: float) -> str:
    return f"{share * 100:.1f} %"


def _p_text(p: float) -> str:
    return "below 0.001" if p < 0.001 else f"= {p:.3f}"
