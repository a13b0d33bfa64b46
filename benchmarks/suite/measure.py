"""One side of a case, once, in a process of its own: `python -m benchmarks.suite.measure CASE SIDE DATA OUT`.

Also makes the data: `python -m benchmarks.suite.measure CASE --make SIZE SEED DATA`. Data are made in another process than
they are used in, so that what it takes to make them is in nobody's memory.
"""

from __future__ import annotations

import gc
import json
import pickle
import resource
import sys
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

from benchmarks.suite import memory
from benchmarks.suite.loop import Loop
from benchmarks.suite.registry import find_case


class Cost(NamedTuple):
    """What one repetition took.

    Attributes
    ----------
    wall, cpu : seconds of the clock and of all processors, with what was extrapolated
    memory : MB at the peak above what the process held before, with its data and imports
    resident : MB at the peak of the whole process
    first : seconds of the first call, on tiny data: imports and what is made once
    said : what was left out of it, in words
    """

    wall: float
    cpu: float
    memory: float
    resident: float
    first: float
    said: tuple[str, ...]


def make(case: str, size: int, seed: int, path: Path) -> None:
    """Make the data of a case, and tiny ones beside them."""
    found = find_case(case)
    with path.open("wb") as file:
        pickle.dump(found.make(size, seed), file, protocol=5)
    with path.with_suffix(".tiny").open("wb") as file:
        pickle.dump(found.make(found.tiny, seed) if found.tiny else None, file, protocol=5)


def measure(case: str, side: str, path: Path) -> tuple[Cost, Any]:
    """Warm a side, time it, and return what it took and answered."""
    run = next(one for one in find_case(case).sides if one.name == side).run
    tiny, data = _load(path.with_suffix(".tiny")), _load(path)
    clock = perf_counter()
    if tiny is not None:
        run(tiny, Loop())
    first = perf_counter() - clock
    del tiny
    gc.collect()
    loop, before, processors = Loop(), memory.start_over(), _processors()
    clock = perf_counter()
    answer = run(data, loop)
    wall, cpu = perf_counter() - clock, _processors() - processors
    resident = max(memory.peak(), memory.children())
    return Cost(wall + loop.wall, cpu + loop.cpu, max(resident - before, 0.0), resident, first, tuple(loop.said)), answer


def _load(path: Path) -> Any:
    with path.open("rb") as file:
        return pickle.load(file)


def _processors() -> float:
    """Return the seconds of processor of this process and of those it waited for."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


def main(arguments: list[str]) -> None:
    """Make data, or measure."""
    if arguments[1] == "--make":
        make(arguments[0], int(arguments[2]), int(arguments[3]), Path(arguments[4]))
        return
    case, side, data, out = arguments
    try:
        cost, answer = measure(case, side, Path(data))
    except MemoryError as why:
        Path(out).with_suffix(".json").write_text(json.dumps({"failed": f"out of memory: {why}"}), encoding="utf-8")
        return
    with Path(out).open("wb") as file:
        pickle.dump(answer, file, protocol=5)
    Path(out).with_suffix(".json").write_text(json.dumps(cost._asdict()), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
