"""What to fix first: the worst gaps by rank, with the ranks that they could have, and which cannot be told apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from cxgap._check import check_count
from cxgap.errors import ArgumentError
from cxgap.gaps.ranks import SLUG as RANKS
from cxgap.result import GapTable, Table
from cxgap.vocabulary import CANNOT_TELL, SHORT, VERDICT_MARKS, percent, signed

SLUG, TITLE = "priorities", "What to fix first"


def priorities(gaps: GapTable, ranks: Table, *, most: int = 5) -> Table:
    """List what to fix first: gaps that are short or in doubt, by rank, at most `most` of them.

    Nothing is computed anew: sizes and verdicts are those of `gaps`, ranks those of `ranks`. Where nothing is short or in
    doubt, the gaps nearest to it are listed with their verdicts.

    Parameters
    ----------
    gaps : what `customer_gap` returned
    ranks : what `gap_ranks` returned of the same answers, cut alike
    most : rows at most

    Returns
    -------
    Table "priorities", the worst first: the keys, `rank`, `rank_low`, `rank_high`, `of` (how many were ranked),
    `may_be_worst`, and of the gap `n`, `estimate`, `conf_low`, `conf_high` and `verdict`.

    Raises
    ------
    ArgumentError : the tables are others, or not cut alike.
    """
    most = check_count(most, "most")
    if not isinstance(gaps, GapTable) or gaps.gap != "customer":
        raise ArgumentError("`gaps` must be what `customer_gap` returned.")
    if not isinstance(ranks, Table) or ranks.slug != RANKS:
        raise ArgumentError("`ranks` must be what `gap_ranks` returned.")
    if why := gaps.missing or ranks.missing:
        return Table.not_measured(SLUG, TITLE, why)
    by = list(gaps.by)
    if by != list(ranks.frame.columns[: ranks.keys]):
        raise ArgumentError(f"`ranks` must be cut by {by}, as the gaps are, not by {list(ranks.frame.columns[: ranks.keys])}.")
    own = ["n", "estimate", "conf_low", "conf_high", "verdict"]
    placed = ranks.frame[[*by, "rank", "rank_low", "rank_high", "may_be_worst"]].assign(of=len(ranks.frame))
    frame = placed.astype(dict.fromkeys(by, str)).merge(gaps.frame[[*by, *own]].astype(dict.fromkeys(by, str)), on=by)
    open_ = frame["verdict"].isin((SHORT, CANNOT_TELL))
    every = frame[open_ if open_.any() else open_ | True].reset_index(drop=True)
    frame = every.head(most)
    names = list(frame[by].agg(" · ".join, axis=1))
    digits = max(2, gaps.decimals)
    columns: dict[str, tuple[str, Any]] = {name: (name.replace("_", " "), str) for name in by}
    columns |= {
        "rank": ("rank", str),
        "_could": ("could be", str),
        "estimate": ("gap", lambda value: signed(value, digits)),
        "_span": ("interval", str),
        "n": ("n", "{:,.0f}".format),
        "verdict": ("verdict", lambda verdict: f"{VERDICT_MARKS[verdict]} {verdict}"),
    }
    shown = frame.assign(
        _could=[f"{row.rank_low} to {row.rank_high}" for row in frame.itertuples()],
        _span=[f"{signed(row.conf_low, digits)} to {signed(row.conf_high, digits)}" for row in frame.itertuples()],
    )
    sure = f"All ranks hold at once with {percent(gaps.conf_level)} confidence."
    notes = [*_alike(frame, names), sure]
    title = _title(every, list(every[by].agg(" · ".join, axis=1)), most)
    made = Table.of(shown, slug=SLUG, title=title, columns=columns, keys=len(by), notes=notes)
    return Table(made.frame[list(frame.columns)], made.slug, made.title, made.heads, made.cells, made.keys, made.notes)


def _title(frame: pd.DataFrame, names: Sequence[str], most: int) -> str:
    """Name what comes first, or what may, also where it is not among the `most` that are listed."""
    short = (frame["verdict"] == SHORT).to_numpy()
    if not short.any():
        return "Nothing is shown to fall short, so nothing comes first"
    first = [name for name, may in zip(names, frame["may_be_worst"] & short, strict=True) if may] or [names[short.argmax()]]
    row = frame.iloc[names.index(first[0])]
    if len(first) > 2:
        listed = f", of which {most} are listed" if len(first) > most else ""
        return f"Fix first one of {len(first)}{listed}: the data cannot tell which is the worst"
    if len(first) == 2:
        return f"Fix first: {' or '.join(first)}; the data cannot tell which is the worse"
    could = f"could be {row['rank_low']} to {row['rank_high']}" if row["rank_low"] < row["rank_high"] else "no other is as bad"
    return f"Fix first: {first[0]} (rank {row['rank']} of {row['of']}, {could})"


def _alike(frame: pd.DataFrame, names: Sequence[str]) -> list[str]:
    """Say which runs of ranks cannot be told apart: all their intervals have a rank in common."""
    runs: list[list[int]] = []
    for place in range(len(frame)):
        run = [*runs[-1], place] if runs else [place]
        together = frame.iloc[run]
        if runs and together["rank_low"].max() <= together["rank_high"].min():
            runs[-1] = run
        else:
            runs.append([place])
    return [
        f"{' and '.join([', '.join(names[place] for place in run[:-1]), names[run[-1]]])} cannot be told apart by rank."
        for run in runs
        if len(run) > 1
    ]
