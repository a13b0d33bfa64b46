"""Time papermill with the warm kernel `cxgap` against papermill with the stock kernel, over the same notebooks, in one run.

    python benchmarks/warm_kernels.py                 # 12 small notebooks, one after the other in one process
    python benchmarks/warm_kernels.py 6 customer      # 6 runs of a notebook that came with cxgap, on the sample study

papermill is the same on both sides, and so is the process that calls it; only the name of the kernel differs. The time of the
warm parent is part of ours. What the notebooks show must be the same.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

import nbformat

from cxgap.report.notebooks import find_notebook
from cxgap.report.warm.kernelspec import install

COUNT = 12
GOAL = 2.5
CELLS = (
    "import numpy as np\nimport pandas as pd\nimport cxgap as cx",
    "chance = np.random.default_rng(1)\npeople = np.arange(4_000) // 4\n"
    "ratings = {name: chance.integers(1, 8, 4_000) for name in ('expectation', 'perception')}\n"
    "answers = pd.DataFrame({'respondent_id': people, 'touchpoint': list('abcd') * 1_000} | ratings)",
    "gaps = cx.customer_gap(answers, by='touchpoint', scale=(1, 7))\ngaps",
    "cx.plot.dumbbell(gaps)",
    "cx.describe(gaps)",
)
RUN = """
import sys, papermill
notebook, folder, kernel, count = sys.argv[1:]
for number in range(int(count)):
    papermill.execute_notebook(notebook, f"{folder}/{kernel}-{number}.ipynb", kernel_name=kernel, progress_bar=False)
"""


class Cost(NamedTuple):
    """Seconds of the clock and of the processors."""

    wall: float
    cpu: float


def measured(notebook: Path, folder: Path, kernel: str, count: int) -> Cost:
    """Run a notebook `count` times in one process of papermill."""
    before, clock = resource.getrusage(resource.RUSAGE_CHILDREN), perf_counter()
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1", "JUPYTER_PATH": str(folder / "share/jupyter")}
    command = [sys.executable, "-c", RUN, str(notebook), str(folder), kernel, str(count)]
    subprocess.run(command, env=environment, check=True, capture_output=True)
    after, wall = resource.getrusage(resource.RUSAGE_CHILDREN), perf_counter() - clock
    return Cost(wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def shown(path: Path) -> list:
    """Return the outputs of an executed notebook."""
    return [cell.get("outputs") for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]]


def main() -> None:
    """Print both, and their ratios."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else COUNT
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        install(prefix=name)
        if len(sys.argv) > 2:
            notebook = find_notebook(sys.argv[2])
        else:
            made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
            made.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
            nbformat.write(made, notebook := folder / "small.ipynb")
        costs = {kernel: measured(notebook, folder, kernel, count) for kernel in ("cxgap", "python3")}
        for number in range(count):
            if shown(folder / f"cxgap-{number}.ipynb") != shown(folder / f"python3-{number}.ipynb"):
                sys.exit(f"notebook {number} shows something else in a warm kernel")
    for kernel, cost in costs.items():
        print(f"{kernel:8} {count} notebooks: {cost.wall:6.1f} s, {cost.cpu:6.1f} s of processor")
    wall, cpu = (plain / warm for plain, warm in zip(costs["python3"], costs["cxgap"], strict=True))
    print(f"wall {wall:.1f} times, processor {cpu:.1f} times, goal {GOAL}")
    sys.exit(cpu < GOAL)


if __name__ == "__main__":
    main()
