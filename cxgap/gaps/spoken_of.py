"""What customers said, and whether it was of what had gone wrong."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap.gaps.called_on import AT
from cxgap.gaps.contact_log import DAY
from cxgap.gaps.moments import CUSTOMER, EVENT
from cxgap.tables.absent import absent

TOUCHPOINT = "touchpoint"


def contact_rows(
    contacts: IntoFrame | None, answers: IntoFrame | None, outcome: str, negative: float | None, zone: str
) -> pd.DataFrame:
    """Return one row a contact, and one a bad answer: who, when, about which event and touchpoint."""
    found = []
    if contacts is not None and not absent(contacts):
        tally.require(contacts, [CUSTOMER, AT], "contacts")
        present = tally.columns_of(contacts, "contacts")
        keys = [name for name in (CUSTOMER, "contact_id", EVENT, TOUCHPOINT) if name in present]
        found.append(tally.tally_times(contacts, keys=keys, times=[AT], zone=zone, table="contacts"))
    if negative is not None and answers is not None and not absent(answers):
        tally.require(answers, [CUSTOMER, AT, outcome], "responses")
        keys = [name for name in (CUSTOMER, EVENT, TOUCHPOINT) if name in tally.columns_of(answers)]
        told = tally.tally_times(answers, keys=keys, times=[AT], numbers=[outcome], zone=zone, table="responses")
        found.append(told[told[outcome] <= negative].drop(columns=outcome))
    names = [CUSTOMER, EVENT, TOUCHPOINT]
    if not found:
        return pd.DataFrame({**{name: pd.Series(dtype=object) for name in names}, AT: pd.Series(dtype=float)})
    rows = pd.concat(
        [part.assign(**{name: part[name].astype(object) if name in part else None for name in names}) for part in found],
        ignore_index=True,
    )
    rows = rows[rows[CUSTOMER].notna() & rows[AT].notna()]
    return rows[[*names, AT]].reset_index(drop=True)


def linked(
    hits: pd.DataFrame, spoken: pd.DataFrame, reached: pd.DataFrame, about: Sequence[str], window: float, end: float
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Say of each hit whether its customer spoke of it within the window, and whether the company came first."""
    hits = hits.assign(hit_=np.arange(len(hits)))
    if "about_" not in hits:
        hits["about_"] = None
    if EVENT not in hits:
        hits[EVENT] = None
    spoken = spoken.assign(said_=np.arange(len(spoken)))
    own = hits[["hit_", CUSTOMER, EVENT, "from", "about_"]].rename(columns={EVENT: "own_"})
    pairs = own.merge(spoken, on=CUSTOMER, how="inner")
    inside = (pairs[AT] >= pairs["from"]) & (pairs[AT] <= pairs["from"] + window * DAY)
    named = pairs[EVENT].notna()
    fits = pairs[TOUCHPOINT].isna() | pd.Series(
        [not (mine or about) or there in ([mine] if mine else about)
         for mine, there in zip(pairs["about_"].where(pairs["about_"].notna(), ""), pairs[TOUCHPOINT], strict=True)],
        index=pairs.index, dtype=bool,
    )  # fmt: skip
    linked = pairs[inside & np.where(named, pairs[EVENT] == pairs["own_"], fits)]
    first = linked.groupby("hit_")[AT].min().reindex(hits["hit_"]).to_numpy(float)
    helped = own.merge(reached.rename(columns={EVENT: "of_", AT: "reached_"}), on=CUSTOMER, how="inner")
    ours = (helped["of_"] == helped["own_"]) | (helped["of_"].isna() & (helped["reached_"] >= helped["from"]))
    written = helped[ours].groupby("hit_")["reached_"].min().reindex(hits["hit_"]).to_numpy(float)
    recovery = np.fmin(np.where(hits["recovery"] <= end, hits["recovery"], np.nan).astype(float), written)
    over = hits["from"].to_numpy() + window * DAY
    spoken = spoken.assign(linked=spoken["said_"].isin(linked["said_"]), hit=spoken[CUSTOMER].isin(hits[CUSTOMER]))
    vocal = np.isfinite(first)
    return (
        hits.assign(vocal=vocal, recovery=np.isfinite(recovery), over=over <= end, watched=over <= end),
        spoken,
    )


def how_linked(hits: pd.DataFrame, spoken: pd.DataFrame, window: float, min_n: int) -> list[str]:
    """Say how contacts were linked, and how many could not be."""
    apart = spoken[spoken["hit"] & ~spoken["linked"]]
    unnamed = apart[EVENT].isna()
    nameless, people = int(unnamed.sum()), (apart[CUSTOMER][unnamed].nunique(), apart[CUSTOMER][~unnamed].nunique())
    said = [
        f"A contact counts as about what happened if it names the event or, where it names none, comes from the same customer "
        f"(about the same touchpoint, where both say one), from the moment it went wrong until {window:g} "
        f"day{'' if window == 1 else 's'} later."
    ]
    if 0 < apart[CUSTOMER].nunique() < min_n:
        said.append(f"Contacts of fewer than {min_n} of the customers who were hit could not be linked to what happened.")
    elif len(apart):
        several = nameless and not any(0 < many < min_n for many in people)
        said.append(
            f"Of the contacts of customers who were hit, {len(apart):,} could not be linked to what happened"
            + (f", {nameless:,} of them because they name no event and came at another time." if several else ".")
        )
    return said
