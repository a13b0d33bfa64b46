"""What of the table of incidents must not be shown, so that nobody can read, or work out, what a few customers did."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from cxgap.gaps.incident_cells import ANY, OWN, PARTS
from cxgap.gaps.judge import lines_told, refuse_names
from cxgap.gaps.moments import CUSTOMER
from cxgap.stats.privacy import hide_also, too_few


def hide(
    frame: pd.DataFrame, hits: pd.DataFrame, names: Sequence[str], sets: Sequence[set[Any]], min_n: int
) -> tuple[pd.DataFrame, list[str]]:
    """Blank the rows of too few people, and values from which one person's could be worked out."""
    keys = [*names, "event_type"]
    told = hits.rename(columns={"kind": "event_type"})[[*keys, CUSTOMER]].drop_duplicates()
    place = {tuple(key): number for number, key in enumerate(frame[keys].to_numpy().tolist())}
    cell = np.array([place[tuple(key)] for key in told[keys].to_numpy().tolist()], np.int64)
    customer = pd.factorize(told[CUSTOMER])[0].astype(np.int64)
    people = frame["n"].to_numpy(float)
    refuse_names(frame, names, people, min_n)
    few = too_few(people, min_n)
    also = hide_also(few, people, lines_told(frame[keys], cell, customer, names, min_n), min_n)
    measured = [name for name in frame.columns if name not in (*keys, "flags")]
    frame[measured] = frame[measured].astype(float).mask(pd.Series(few | also, frame.index), axis=0)
    frame.loc[few, "flags"], frame.loc[also, "flags"] = "SUPPRESSED_PRIVACY", "SUPPRESSED_SECONDARY"
    _hide_parts(frame, names, min_n)
    # The value of a few silent people is theirs; so is what is left between two sums of nearly the same people.
    if min_n > 1:
        bare = np.array([0 < len(each) < min_n for each in sets])
        for one in range(len(sets)):
            for other in range(len(sets)):
                if (
                    one != other
                    and not bare[other]
                    and 0 < len(sets[other] - sets[one]) < min_n
                    and not sets[one] - sets[other]
                ):
                    bare[one] = True
                if one != other and not bare[other] and 0 < len(sets[one] ^ sets[other]) < min_n:
                    bare[one] = True
        frame.loc[bare, ["value_silent", "vip_silent"]] = np.nan
    partly = frame["n"].notna() & frame[list(PARTS)].isna().any(axis=1)
    note = f"Of a row's customers, parts of fewer than {min_n} are not shown, nor what would tell them."
    return frame[[*names, *OWN]], [note] if partly.any() else []


def _hide_parts(frame: pd.DataFrame, names: Sequence[str], min_n: int) -> None:
    """Blank parts of a row of too few people, what would tell them by subtraction, and what is worked out from them."""
    if min_n <= 1:
        return
    parts = frame[list(PARTS)].to_numpy(float)
    shown, single = np.isfinite(frame["n"].to_numpy(float)), (frame["event_type"] != ANY).to_numpy()
    small = (parts < min_n) | ~shown[:, None]
    whole = [np.flatnonzero(single)] if not names else [
        np.flatnonzero(single & (frame[name] == level).to_numpy()) for name in names for level in frame[name].unique()
    ]  # fmt: skip
    kinds = [np.flatnonzero((frame["event_type"] == kind).to_numpy()) for kind in frame["event_type"].unique()] if names else []
    lines = [line for line in [*whole, *kinds] if len(line) > 1]
    while True:
        # The parts of a row sum to its customers; types and cells nearly sum to what is told of all together.
        before = small.sum()
        for row in np.flatnonzero(shown):
            small[row] |= hide_also(small[row], parts[row], [np.arange(len(PARTS))], min_n)
        for line in lines:
            for part in range(len(PARTS)):
                inside = line[shown[line]]
                small[inside, part] |= hide_also(small[inside, part], parts[inside, part], [np.arange(len(inside))], min_n)
        if small.sum() == before:
            break
    # Where all that is hidden of a row is nobody, what is shown says so anyway.
    nobody = np.where(small, parts, 0.0).sum(axis=1) == 0
    small &= ~(nobody & shown)[:, None]
    rest = frame["watched"] - frame["spoke_"]
    spoke, silent = (each.between(0, min_n, inclusive="neither").to_numpy() for each in (frame["spoke_"], rest))
    bare = shown & (small[:, 0] | spoke | silent) & (frame["watched"] > 0).to_numpy()
    frame.loc[bare, ["complaint_rate", "conf_low", "conf_high", "multiplier", "multiplier_low", "multiplier_high"]] = np.nan
    frame.loc[bare, "flags"] = [_joined(text, "FEW_COMPLAINED") for text in frame.loc[bare, "flags"]]
    frame.loc[(frame["n"] - frame["watched"]).between(0, min_n, inclusive="neither") | (small[:, 3] & shown), "watched"] = (
        np.nan
    )
    vips = frame["vip_silent"]
    frame.loc[small[:, 2], ["value_silent", "vip_silent"]] = np.nan
    frame.loc[(vips < min_n) | (frame["silent"] - vips < min_n), "vip_silent"] = np.nan
    frame[list(PARTS)] = np.where(small, np.nan, parts)


def _joined(flags: str, flag: str) -> str:
    return "|".join(sorted({*filter(None, flags.split("|")), flag}))
