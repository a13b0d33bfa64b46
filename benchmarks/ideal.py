"""Time the bootstrap without drawing, and show how near it and 2,000 replicates come to 200,000; all cells at once."""

from __future__ import annotations

from collections.abc import Callable
from time import process_time
from typing import Any

import numpy as np

from cxgap.stats.ideal import Ideal, ideal_design, ideal_simple
from cxgap.stats.means import Design, Floats
from cxgap.stats.redrawn import design_replicates
from cxgap.stats.resample import percentile_interval

CELLS, PEOPLE, CLUSTERS = 24, 1137, 11_364
TAILS = np.array([[0.025], [0.975]])


def timed(work: Callable[[], Any], times: int = 5) -> tuple[float, Any]:
    """Return the median CPU seconds of a piece of work, and what it gave last."""
    seconds = []
    for _ in range(times):
        start = process_time()
        found = work()
        seconds.append(process_time() - start)
    return float(np.median(seconds)), found


def weighted(people: int) -> tuple[Floats, np.ndarray, int, np.ndarray, Design]:
    """Make the scores of people with survey weights, nine in ten of whom are in each cell."""
    random = np.random.default_rng(0)
    there = random.random((CELLS, people)) < 0.9
    cell, respondent = np.nonzero(there)
    design = Design(np.exp(0.4 * random.normal(size=people)), np.zeros(people, int), np.arange(people), np.array([np.inf]))
    return random.integers(-24, 8, len(cell)) / 4, cell, CELLS, respondent, design


def ends(found: Ideal) -> Floats:
    """Return both ends of the percentile interval of all cells."""
    return found.quantiles(np.broadcast_to(TAILS, (2, len(found.estimate))))


def main() -> None:
    """Print seconds, ratios and errors."""
    random = np.random.default_rng(1)
    print("CPU milliseconds a cell, both ends and BCa's z0 and acceleration, independent respondents in classes:")
    for people in (20, 80, 200, 1000, 1_000_000):
        values = np.unique(np.add.outer(np.arange(-24, 9) / 4, [0, 1 / 12]))
        times = random.multinomial(people, np.full(len(values), 1 / len(values)), CELLS * 5).astype(float)
        cell, place = np.nonzero(times)
        seconds, _ = timed(lambda rows=(values[place], times[cell, place], cell): ends(ideal_simple(*rows, CELLS * 5)))
        print(f"  {people:>9,} respondents: {1000 * seconds / CELLS / 5:.3f}")
    for people in (PEOPLE, CLUSTERS):
        parts = weighted(people)
        ideal, exact = timed(lambda rows=parts: ends(ideal_design(*rows)))
        drawn, found = timed(lambda rows=parts: design_replicates(*rows, "few", count=2000), 1)
        print(f"{CELLS} cells of {people:,} weighted respondents: {ideal:.3f} s; 2,000 replicates {drawn:.2f} s, "
              f"ratio {drawn / ideal:.0f}")  # fmt: skip
        if people == PEOPLE:
            best = design_replicates(*parts, "best", count=200_000)
            error, near = best.values.std(axis=0), np.array(percentile_interval(best.values, conf_level=0.95))
            few = np.array(percentile_interval(found.values, conf_level=0.95))
            off, others = (np.abs(one - near) / error for one in (exact, few))
            print(f"standard errors from 200,000 replicates: mean {off.mean():.4f}, most {off.max():.4f}; of 2,000 replicates "
                  f"mean {others.mean():.4f}; ratio {others.mean() / off.mean():.1f}")  # fmt: skip


if __name__ == "__main__":
    main()
