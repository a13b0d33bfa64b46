"""Which ranks cannot be told apart, in sentences."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

MOST_RUNS, MOST_NAMES = 3, 6  # that are said; the table has all ranks


def not_told_apart(frame: pd.DataFrame, names: Sequence[str]) -> list[str]:
    """Say which ranks cannot be told apart: a run goes on as long as no two in it can be.

    Two can be told apart where the rank of one lies outside the interval of the other.

    Parameters
    ----------
    frame : `rank`, `rank_low` and `rank_high`, in the order of the ranks
    names : of its rows
    """
    rank, low, high = (frame[name].to_numpy(int) for name in ("rank", "rank_low", "rank_high"))
    alike = (rank[:, None] >= low[None, :]) & (rank[:, None] <= high[None, :])
    alike &= alike.T
    runs: list[tuple[int, int]] = []
    for first in range(len(frame)):
        last = first
        while last + 1 < len(frame) and alike[first : last + 2, first : last + 2].all():
            last += 1
        if last > first and (not runs or last > runs[-1][1]):
            runs.append((first, last))
    said = []
    for first, last in runs[:MOST_RUNS]:
        start, end = rank[first], rank[last]
        run = list(names[first : last + 1])
        run = run if len(run) <= MOST_NAMES else [*run[: MOST_NAMES - 1], f"{len(run) - MOST_NAMES + 1} more"]
        which = f"Ranks {start} {'and' if end - start == 1 else 'to'} {end} cannot be told apart"
        said.append(f"{which}: {and_listed(run)}." if start < end else f"{and_listed(run)} share rank {start}.")
    if len(runs) > MOST_RUNS:
        said.append(
            f"From rank {rank[runs[MOST_RUNS][0]]} on, too, {len(runs) - MOST_RUNS} runs of ranks cannot be told apart."
        )
    return said


def and_listed(names: Sequence[str]) -> str:
    """Join names as "a, b and c"."""
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
