"""Time `cxgap run` against papermill and nbconvert one after the other, over the same notebooks and parameters, in one run.

    python benchmarks/fleet.py            # 40 reports
    python benchmarks/fleet.py 8          # the first 8 of them

Both get the same two processors. The peer is the shell loop that people write: `papermill`, then `jupyter nbconvert`.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
from itertools import product
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.suite.cases.reports import NOTEBOOKS, REGIONS, hand_commands, run_command

GOAL = 3.0


class Cost(NamedTuple):
    """What a way of making reports took: seconds of the clock, of the processors, and bytes of pages."""

    wall: float
    cpu: float
    size: int


def measured(commands: list[list[str]], folder: Path, pages: str) -> Cost:
    """Run commands one after the other; all must succeed."""
    before, clock = resource.getrusage(resource.RUSAGE_CHILDREN), perf_counter()
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1", "PLOTLY_RENDERER": "notebook"}
    for command in commands:
        subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)
    after, wall = resource.getrusage(resource.RUSAGE_CHILDREN), perf_counter() - clock
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(wall, cpu, sum(page.stat().st_size for page in folder.glob(pages)))


def loop(reports: list[tuple[str, str]], folder: Path) -> Cost:
    """Make the reports as the stock tools do."""
    commands = [command for report in reports for command in hand_commands(*report)]
    return measured(commands, folder, "*.html")


def fleet(reports: list[tuple[str, str]], folder: Path, mode: str) -> Cost:
    """Make the same reports from a plan."""
    cost = measured([[*run_command(reports, folder), "--mode", mode]], folder, "reports/*/report.html")
    assets = sum(asset.stat().st_size for asset in folder.glob("reports/assets/*"))
    return cost._replace(size=cost.size + assets)


def main() -> None:
    """Print both, and their ratios."""
    reports = list(product(NOTEBOOKS, REGIONS))[: int(sys.argv[1]) if len(sys.argv) > 1 else None]
    costs = {}
    for name in ("fork", "spawn", "papermill and nbconvert"):
        with tempfile.TemporaryDirectory() as folder:
            costs[name] = fleet(reports, Path(folder), name) if name in ("fork", "spawn") else loop(reports, Path(folder))
        wall, cpu, size = costs[name]
        print(f"{name:24} {len(reports)} reports: {wall:6.1f} s, {cpu:6.1f} s of processor, {size / 1e6:6.1f} MB", flush=True)
    ours, peer = costs["fork"], costs["papermill and nbconvert"]
    print(f"wall {peer.wall / ours.wall:.1f} times, processor {peer.cpu / ours.cpu:.1f}, size {peer.size / ours.size:.1f}")
    sys.exit(peer.wall / ours.wall < GOAL)


if __name__ == "__main__":
    main()
