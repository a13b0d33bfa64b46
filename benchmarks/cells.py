"""Time shrinkage and detectable gaps of thousands of cells, against a loop that takes them one by one."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any

import numpy as np
import pandas as pd

from cxgap.gaps.shrunk import shrunk_columns
from cxgap.stats.planning import detectable
from cxgap.stats.ranking import rank_sets

TOUCHPOINTS, SEGMENTS, SHARE = 100, 50, 20  # the loop takes one cell of SHARE, and is scaled up


def cells() -> pd.DataFrame:
    """Make estimated cells of a touchpoint and a segment each."""
    random = np.random.default_rng(0)
    names = [(f"t{one}", f"s{other}") for one in range(TOUCHPOINTS) for other in range(SEGMENTS)]
    n = random.integers(2, 400, len(names)).astype(float)
    made = {"n": n, "n_eff": n, "std_error": 1.4 / np.sqrt(n), "df": n - 1, "verdict": "cannot tell", "flags": ""}
    frame = pd.DataFrame(names, columns=["touchpoint", "segment"]).assign(**made)
    return frame.assign(estimate=random.normal(-0.5, 0.4, len(n)) + random.normal(0, 1, len(n)) * frame["std_error"])


def timed(what: str, work: Callable[[], Any]) -> float:
    """Print how long a piece of work takes."""
    start = perf_counter()
    work()
    seconds = perf_counter() - start
    print(f"{what}: {seconds:.2f} s")
    return seconds


def main() -> None:
    """Print the seconds of each, and the ratio to the loop."""
    frame = cells()
    std_error, df = frame["std_error"].to_numpy(), frame["df"].to_numpy()
    print(f"{len(frame):,} cells")
    timed(
        "shrinkage, touchpoint and segment effects", lambda: shrunk_columns(frame, ["touchpoint", "segment"], conf_level=0.95)
    )
    all_at_once = timed("detectable gaps", lambda: detectable(std_error, df))
    part = range(0, len(frame), SHARE)
    loop = timed(f"detectable gaps of every {SHARE}th, one by one", lambda: [detectable(std_error[i], df[i]) for i in part])
    print(f"ratio to the loop: {SHARE * loop / all_at_once:.0f}")
    timed("ranks of all, independent", lambda: rank_sets(frame["estimate"].to_numpy(), std_error**2))


if __name__ == "__main__":
    main()
