"""A loop of which only a part is run: a few of every size, and the rest is reckoned from these."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from time import perf_counter, process_time
from typing import TypeVar

import numpy as np

T = TypeVar("T")


class Loop:
    """Run loops in part, and add up what the parts left out would have taken.

    Attributes
    ----------
    wall, cpu : seconds that were not run, by the mean of those of the same stratum that were
    said : what was left out, in words; empty where nothing was
    """

    def __init__(self) -> None:
        self.wall, self.cpu = 0.0, 0.0
        self.said: list[str] = []

    def some(
        self, items: Iterable[T], most: int, *, stratum: Callable[[T], Hashable] | None = None, of: str = "turns"
    ) -> Iterator[T]:
        """Yield at most `most` items of each stratum, chosen at random but always alike, and time the loop's body.

        Parameters
        ----------
        items : all that the loop should have run over
        most : of each stratum
        stratum : of an item; what takes as long as another is in the same, such as groups of one size
        of : what the items are called
        """
        strata: dict[Hashable, list[T]] = {}
        for item in items:
            strata.setdefault(stratum(item) if stratum else None, []).append(item)
        ran = total = 0
        for kept in strata.values():
            places = sorted(np.random.default_rng(len(kept)).permutation(len(kept))[:most].tolist())
            wall = cpu = 0.0
            for place in places:
                clock, processor = perf_counter(), process_time()
                yield kept[place]
                wall, cpu = wall + perf_counter() - clock, cpu + process_time() - processor
            ran, total = ran + len(places), total + len(kept)
            left = len(kept) - len(places)
            self.wall += left * wall / max(len(places), 1)
            self.cpu += left * cpu / max(len(places), 1)
        if ran < total:
            self.said.append(f"extrapolated from {ran:,} of {total:,} {of}")


def size_class(count: int) -> int:
    """Return the stratum of a group of `count`: those of a class differ by less than half of the smaller."""
    return round(2 * np.log2(max(count, 1)))
