"""Run the benchmarks: `python -m benchmarks.suite --suite core --sizes 100k,1M,10M --reps 3 --only G2`."""

from __future__ import annotations

import argparse
import re
import sys
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.suite.case import Case, named
from benchmarks.suite.harness import Compared, run
from benchmarks.suite.machine import code, describe
from benchmarks.suite.page import as_json, goals_table, growth_table, lines_of, page, read_json, text
from benchmarks.suite.ratios import growth, outcomes
from benchmarks.suite.registry import all_cases

RESULTS = Path(__file__).resolve().parents[1] / "RESULTS.md"
SUITES = {
    "quick": "each but G2, G3, G10 and G11 at its smallest size",
    "core": "all but G10 and G11",
    "all": "all, with 85.5 million rows and 40 reports",
}
LONG = ("G10", "G10s", "G11")  # what is left out of `core`
LARGE = ("G2", "G3", *LONG)  # what is left out of `quick`: G1 at other sizes, too


def main() -> None:
    """Run, print and write; end with 1 where an answer was wrong."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.suite", description=__doc__)
    parser.add_argument("--suite", choices=SUITES, default="core", help="; ".join(f"{k}: {v}" for k, v in SUITES.items()))
    parser.add_argument("--sizes", default="", help="such as 100k,1M,10M; of cases that count rows")
    parser.add_argument("--reps", type=int, default=3, help="repetitions of each side")
    parser.add_argument("--only", default="", help="such as G2,G7")
    parser.add_argument("--json", type=Path, default=None, help="where to keep what was measured, case by case")
    parser.add_argument(
        "--resume", action="store_true", help="keep what is in --json if it is of the same code, and measure the rest"
    )
    parser.add_argument("--resume-any", action="store_true", help="keep what is in --json, whatever code it is of")
    parser.add_argument("--write", action="store_true", help="write RESULTS.md")
    asked = parser.parse_args()
    cases, sizes = chosen(asked.suite, asked.only), [number(size) for size in asked.sizes.split(",") if size]
    source = code()
    resumed = (asked.resume or asked.resume_any) and asked.json and asked.json.exists()
    done = read_json(asked.json, "" if asked.resume_any else source) if resumed else {}
    machine, day = describe(), datetime.now(UTC).date().isoformat()
    compared: list[Compared] = []
    shown: list[tuple[str, ...]] = []
    for one in run(cases, sizes, reps=asked.reps, done=done, tell=_tell):
        compared.append(one)
        rows = list(lines_of(one))
        shown += rows
        print(text(rows), end="\n\n", flush=True)
        if asked.json:
            kept = [*compared, *(old for place, old in done.items() if place not in {(c.case, c.size) for c in compared})]
            asked.json.write_text(as_json(kept, cases, machine, day, source), encoding="utf-8")
    if not compared:
        raise SystemExit(f"no case has one of these sizes: {asked.sizes}")
    reached, grown = outcomes(compared, cases), growth(compared, cases)
    print(*filter(None, [goals_table(reached) if reached else "", growth_table(grown) if grown else ""]), sep="\n")
    if asked.write:
        RESULTS.write_text(page(compared, cases, machine, day), encoding="utf-8")
    sys.exit(any(one.wrong for one in compared))


def chosen(suite: str, only: str) -> list[Case]:
    """Return the cases of a suite, or those that are named."""
    if only:
        return named(all_cases(), only.split(","))
    cases = list(all_cases().values())
    if suite == "quick":
        return [case._replace(sizes=case.sizes[:1]) for case in cases if case.name not in LARGE]
    return cases if suite == "all" else [case for case in cases if case.name not in LONG]


def number(size: str) -> int:
    """Read 10k, 1M or 85.5M.

    Raises
    ------
    SystemExit : it is none of these.
    """
    found = re.fullmatch(r"([\d.]+)([kM]?)", size.strip())
    if not found:
        raise SystemExit(f"--sizes must be numbers such as 100k or 1M, not {size!r}")
    return round(float(found[1]) * {"": 1, "k": 1_000, "M": 1_000_000}[found[2]])


def _tell(said: str) -> None:
    print(said, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
