"""What of the effect of calling must not be shown, so that nobody can work out which few customers left, or stayed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from cxgap.gaps.judge import refuse_names
from cxgap.stats.privacy import hide_also, too_few
from cxgap.vocabulary import NOT_SHOWN

ALL = "all lists"
FEW = "FEW_LEFT"
OWN = (
    "measure", "method", "n_contacted", "n_held_out", "contacted", "held_out", "estimate", "std_error", "conf_low", "conf_high",
    "e_value", "e_value_limit", "finding", "flags",
)  # fmt: skip
FEWEST = ("fewest_contacted_", "fewest_others_")  # of each arm: who left, or who stayed, whichever are fewer


def fewest_of(part: pd.DataFrame) -> list[float]:
    """Return how many of each arm left, or stayed, whichever are fewer."""
    chance = bool((part["arm"] == "held out").any())
    part = part[part["arm"].isin(["contacted", "held out"] if chance else ["contacted", "not contacted"])]
    left = [part["left"][part["side"] == side].sum() for side in (True, False)]
    return [float(min(one, (part["side"] == side).sum() - one)) for one, side in zip(left, (True, False), strict=True)]


def hide_few(frame: pd.DataFrame, names: Sequence[str], min_n: int) -> pd.DataFrame:
    """Blank rows in which an arm is too small, and what would give them away beside all lists together.

    So is a mean that is nearly one customer's outcome; the column `one_` says where.
    """
    if names:
        refuse_names(frame, names, frame[["n_contacted", "n_held_out"]].min(axis=1).to_numpy(float), min_n)
    smallest = frame[["n_contacted", "n_held_out"]].min(axis=1).to_numpy(float)
    few = too_few(smallest, min_n) | (frame.pop("one_").to_numpy(bool) & (min_n > 1))
    also = np.zeros(len(frame), bool)
    for measure in frame["measure"].unique():
        part = np.flatnonzero((frame["measure"] == measure) & ((frame[names[0]] != ALL) if names else True))
        if len(part) > 1:
            also[part] |= hide_also(few[part], smallest[part], [np.arange(len(part))], min_n)
    blank = [name for name in OWN if name not in ("measure", "method", "finding", "flags")]
    frame.loc[few | also, blank] = np.nan
    frame.loc[few | also, "finding"] = NOT_SHOWN
    frame.loc[few, "flags"], frame.loc[also, "flags"] = "SUPPRESSED_PRIVACY", "SUPPRESSED_SECONDARY"
    return frame


def hide_left(frame: pd.DataFrame, names: Sequence[str], min_n: int) -> pd.DataFrame:
    """Blank shares that would tell how few of an arm left or stayed, and those that would tell it beside all lists."""
    shown = frame["n_contacted"].notna().to_numpy()
    fewest = frame[list(FEWEST)].to_numpy(float)
    small = too_few(fewest.min(axis=1), min_n)
    for measure in frame["measure"].unique():
        part = np.flatnonzero((frame["measure"] == measure) & shown & ((frame[names[0]] != ALL) if names else True))
        if len(part) > 1:
            for arm in fewest[part].T:
                small[part] |= hide_also(small[part], arm, [np.arange(len(part))], min_n)
    hidden = small & shown & frame["estimate"].notna().to_numpy()
    numbers = ["contacted", "held_out", "estimate", "std_error", "conf_low", "conf_high", "e_value", "e_value_limit"]
    frame.loc[hidden, numbers] = np.nan
    frame.loc[hidden, "flags"] = [FEW if not flags else f"{FEW}|{flags}" for flags in frame.loc[hidden, "flags"]]
    return frame.drop(columns=list(FEWEST))


def untold(frame: pd.DataFrame, min_n: int) -> list[str]:
    """Say that shares are hidden, where some are."""
    if not frame["flags"].str.contains(FEW).any():
        return []
    return [f"Where fewer than {min_n} of an arm left, or stayed, shares are not shown, nor what would tell them."]
