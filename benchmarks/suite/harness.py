"""Run cases: data once, then every side in turn, again and again; answers are compared before a time is looked at."""

from __future__ import annotations

import importlib.util
import json
import os
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

from benchmarks.suite.case import Case, Side, WrongAnswerError
from benchmarks.suite.measure import Cost

ROOT = Path(__file__).resolve().parents[2]
SEED = 20_260
PATIENCE = 90.0  # seconds that were really spent, beyond which a side is not repeated
KEPT = "CXGAP_BENCH_DATA"  # the environment's word for where large files are kept from run to run
LIMIT = 3600.0  # seconds, after which a side is ended
# Two threads on small matrices are many times slower than one; what has threads of its own (DuckDB, Polars) keeps them.
THREADS = {name: "1" for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")}


class Measured(NamedTuple):
    """One side of a case at one size.

    Attributes
    ----------
    costs : one a repetition; empty where `absent` says why there is none
    """

    side: str
    costs: tuple[Cost, ...]
    absent: str = ""


class Compared(NamedTuple):
    """A case at one size: every side, cxgap's first; `wrong` says how answers differ, and then no times are kept."""

    case: str
    size: int
    sides: tuple[Measured, ...]
    wrong: str = ""


def compare(case: Case, size: int, *, reps: int, tell: Callable[[str], None] = lambda _: None) -> Compared:
    """Run all sides of a case at one size, `reps` times in turn: A B C, A B C.

    After the first turn the answers are checked; where one is wrong, no time is kept and nothing is repeated.
    """
    with tempfile.TemporaryDirectory(prefix="cxgap-bench-") as temporary:
        data = Path(temporary) / "data"
        _child([case.name, "--make", str(size), str(SEED), str(data)], data.parent)
        absent = {side.name: _absent(side, size) for side in case.sides}
        costs: dict[str, list[Cost]] = {side.name: [] for side in case.sides}
        spent: dict[str, float] = {}
        ours: Any = None
        for turn in range(reps):
            for side in case.sides:
                if absent[side.name] or (turn and (side.once or spent[side.name] > PATIENCE)):
                    continue
                tell(f"{case.name} {size:,}: {side.name}, {turn + 1} of {reps}")
                clock = perf_counter()
                cost, answer, why = _once(case.name, side.name, data)
                spent[side.name] = perf_counter() - clock
                if cost is None:
                    absent[side.name] = why
                    if side is case.sides[0]:
                        return Compared(case.name, size, (), f"{side.name} failed: {why}")
                    continue
                costs[side.name].append(cost)
                if side is case.sides[0]:
                    ours = answer
                elif turn == 0:
                    try:
                        case.check(ours, answer, side.name)
                    except WrongAnswerError as wrong:
                        return Compared(case.name, size, (), f"{case.sides[0].name} against {side.name}: {wrong}")
                del answer
    return Compared(case.name, size, tuple(Measured(name, tuple(costs[name]), absent[name]) for name in costs))


def run(
    cases: Sequence[Case],
    sizes: Sequence[int],
    *,
    reps: int,
    done: dict[tuple[str, int], Compared],
    tell: Callable[[str], None] = lambda _: None,
) -> Iterator[Compared]:
    """Yield every case at every size; those in `done` as they are.

    Parameters
    ----------
    sizes : of those that a case has, only these; one that has none of them is left out if it counts rows, and else has its
        own. All where empty
    """
    for case in cases:
        wanted = [size for size in case.sizes if size in sizes]
        for size in wanted if wanted or (sizes and case.axis == "rows") else case.sizes:
            yield done.get((case.name, size)) or compare(case, size, reps=reps, tell=tell)


def _absent(side: Side, size: int) -> str:
    if side.sizes and size not in side.sizes:
        return "not at this size"
    missing = [name for name in side.needs if importlib.util.find_spec(name) is None]
    return f"{', '.join(missing)} not installed" if missing else ""


def _once(case: str, side: str, data: Path) -> tuple[Cost | None, Any, str]:
    """Run a side once; without a cost, say why there is none."""
    out = data.with_name("answer")
    report = out.with_suffix(".json")
    report.unlink(missing_ok=True)
    try:
        _child([case, side, str(data), str(out)], data.parent)
    except subprocess.TimeoutExpired:
        return None, None, f"not done after {LIMIT:,.0f} s"
    except subprocess.CalledProcessError as error:
        if error.returncode < 0:
            return None, None, f"ended by signal {-error.returncode}, as when memory runs out"
        return None, None, (error.stderr.strip().splitlines() or ["it failed"])[-1]
    found = json.loads(report.read_text(encoding="utf-8"))
    if "failed" in found:
        return None, None, found["failed"]
    with out.open("rb") as file:
        answer = pickle.load(file)
    return Cost(**(found | {"said": tuple(found["said"])})), answer, ""


def _child(arguments: list[str], folder: Path) -> None:
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
    subprocess.run(
        [sys.executable, "-m", "benchmarks.suite.measure", *arguments],
        env={KEPT: str(folder)} | os.environ | THREADS | {"PYTHONPATH": path},
        check=True,
        capture_output=True,
        text=True,
        timeout=LIMIT,
    )
