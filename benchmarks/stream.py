"""Time what is drawn again by the weight stream, and the exact shares of 22 predictors: alpha, relative weights, LMG."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from statistics import median
from time import perf_counter, process_time
from typing import Any

import numpy as np

from cxgap.stats.lmg import lmg
from cxgap.stats.relative_weights import relative_weights
from cxgap.stats.streamed_intervals import alpha_intervals, omega_intervals, share_intervals

DIMENSIONS = (4, 5, 4, 4, 5)  # items of each, at each touchpoint
TOUCHPOINTS, REPLICATES = 4, 2000


def answers(people: int, items: int, seed: int) -> np.ndarray:
    """Make answers from 1 to 7 that go together, shape (people, items)."""
    random = np.random.default_rng(seed)
    common = random.normal(size=(people, 1))
    return np.clip(np.round(4.5 + common + 0.9 * random.normal(size=(people, items))), 1, 7)


def timed(what: str, goal: float, work: Callable[[], Any], repeats: int) -> None:
    """Print how long a piece of work takes by the clock and on the processor, medians, and the goal."""
    clock, processor = [], []
    for _ in range(repeats):
        start, before = perf_counter(), process_time()
        work()
        clock.append(perf_counter() - start)
        processor.append(process_time() - before)
    print(f"{what}: {median(clock):.4f} s, least {min(clock):.4f}; processor {median(processor):.4f} s (goal {goal} s)")


def main() -> None:
    """Print the seconds of each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=11_364)
    parser.add_argument("--repeats", type=int, default=5)
    asked = parser.parse_args()
    people, repeats = asked.people, asked.repeats
    names = np.array([f"p{who:07d}" for who in range(people)])
    batteries = []
    for touchpoint in range(TOUCHPOINTS):
        batteries += [answers(people, items, 10 * touchpoint + place) for place, items in enumerate(DIMENSIONS)]
    batteries = [
        np.where(np.random.default_rng(place).random((people, 1)) < 0.1, np.nan, x) for place, x in enumerate(batteries)
    ]
    timed("alpha of 20 cells", 0.3, lambda: alpha_intervals(batteries, names, replicates=REPLICATES), repeats)
    timed("omega of 20 cells", 1.0, lambda: omega_intervals(batteries, names, replicates=REPLICATES), min(repeats, 3))
    items = answers(people, 23, 99)
    x, outcome = items[:, :22], items[:, 22]
    timed("relative weights of 22 predictors", 0.45, lambda: share_intervals(x, outcome, names, replicates=REPLICATES), repeats)
    matrix = np.cov(items.T)
    timed("relative weights, one matrix", 0.001, lambda: relative_weights(matrix), repeats)
    for predictors, goal in ((10, 0.002), (16, 0.01), (22, 0.5)):
        part = matrix[-1 - predictors :, -1 - predictors :]
        timed(f"LMG of {predictors} predictors", goal, lambda part=part: lmg(part), repeats)


if __name__ == "__main__":
    main()
