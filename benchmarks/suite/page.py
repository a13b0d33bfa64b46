"""The results as lines on a terminal, as JSON and as benchmarks/RESULTS.md."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.suite.case import Case, Goal
from benchmarks.suite.harness import Compared, Measured
from benchmarks.suite.measure import Cost
from benchmarks.suite.ratios import Growth, Outcome, Spread, growth, is_ours, outcomes, ratio

HEADS = (
    "case", "size", "side", "runs", "median s", "min s", "max s", "CPU s", "MB", "slower, wall", "paired", "slower, CPU",
    "note",
)  # fmt: skip
UNITS = {"wall": "s", "cpu": "s of processor", "memory": "MB above the data", "resident": "MB resident"}


def lines_of(compared: Compared) -> Iterator[tuple[str, ...]]:
    """Yield a row of HEADS for every side of a case at a size; one that says what is wrong where answers differ."""
    place = (compared.case, sized(compared.size))
    if compared.wrong:
        yield (*place, *[""] * (len(HEADS) - 3), f"WRONG, so no times: {compared.wrong}")
        return
    ours = compared.sides[0].costs
    for side in compared.sides:
        if not side.costs:
            yield (*place, side.side, *[""] * (len(HEADS) - 4), side.absent)
            continue
        wall, cpu, memory = (Spread.of(getattr(cost, of) for cost in side.costs) for of in ("wall", "cpu", "memory"))
        yield (
            *place,
            side.side,
            str(len(side.costs)),
            *(short(value) for value in (*wall, cpu.median)),
            f"{memory.median:,.0f}",
            *_ratios(side, ours),
            "; ".join([*side.costs[0].said, *([side.absent] if side.absent else [])]),
        )


def text(rows: Sequence[Sequence[str]]) -> str:
    """Lay out rows under HEADS for a terminal."""
    table = [HEADS, *rows]
    widths = [max(len(row[place]) for row in table) for place in range(len(HEADS))]
    left = {0, 2, len(HEADS) - 1}
    lines = []
    for row in table:
        cells = zip(row, widths, strict=True)
        lines.append(
            "  ".join(cell.ljust(w) if place in left else cell.rjust(w) for place, (cell, w) in enumerate(cells)).rstrip()
        )
    return "\n".join(lines)


def as_json(compared: Sequence[Compared], cases: Sequence[Case], machine: Mapping[str, str], day: str, code: str = "") -> str:
    """Return all that was measured, each repetition of it, and what it says of goals and growth."""
    content: dict[str, Any] = {
        "version": 1,
        "day": day,
        "code": code,
        "machine": dict(machine),
        "measured": [_packed(one) for one in compared],
        "goals": [found._asdict() | {"goal": found.goal._asdict()} for found in outcomes(compared, cases)],
        "growth": [found._asdict() for found in growth(compared, cases)],
    }
    return json.dumps(content, indent=1) + "\n"


def read_json(path: Path, code: str = "") -> dict[tuple[str, int], Compared]:
    """Read what an earlier run measured, by case and size; wrong answers, and all of other `code`, are to be tried again."""
    found = {}
    kept = json.loads(path.read_text(encoding="utf-8"))
    for one in kept["measured"] if code in ("", kept["code"]) else ():
        if not one["wrong"]:
            sides = tuple(Measured(side["side"], tuple(map(_cost, side["costs"])), side["absent"]) for side in one["sides"])
            found[one["case"], one["size"]] = Compared(one["case"], one["size"], sides)
    return found


def page(compared: Sequence[Compared], cases: Sequence[Case], machine: Mapping[str, str], day: str) -> str:
    """Write RESULTS.md."""
    parts = [INTRODUCTION, "## Machine\n", ", ".join(f"{name} {value}" for name, value in machine.items()) + f". {day}.\n"]
    reached = outcomes(compared, cases)
    if reached:
        missed = sum(not found.met for found in reached)
        parts += [f"## Goals\n\n{len(reached) - missed} of {len(reached)} are met.\n", goals_table(reached)]
    parts.append("## All measurements\n")
    for case in cases:
        own = [row for one in compared if one.case == case.name for row in lines_of(one)]
        if own:
            parts += [f"### {case.name}: {case.what}\n", *([case.setup + "\n"] if case.setup else []), _table(HEADS[1:], own)]
    grown = growth(compared, cases)
    if grown:
        parts += ["## Growth\n", GROWTH, growth_table(grown)]
    return "\n".join(parts).rstrip() + "\n"


def goals_table(reached: Sequence[Outcome]) -> str:
    """Lay out goals and what was reached."""
    rows = [
        (found.case, sized(found.goal.size), promised(found.goal), _reached(found), "met" if found.met else "missed")
        for found in reached
    ]
    return _table(("case", "size", "goal", "reached", ""), [("", *row) for row in rows])


def growth_table(grown: Sequence[Growth]) -> str:
    """Lay out exponents, wall and CPU side by side."""
    cpu = {(one.case, one.side): one.exponent for one in grown if one.of == "cpu"}
    rows = [
        ("", one.case, one.side, one.axis, f"{sized(one.least)} to {sized(one.most)}", f"{one.exponent:.2f}",
         f"{cpu[one.case, one.side]:.2f}" if (one.case, one.side) in cpu else "")
        for one in grown
        if one.of == "wall"
    ]  # fmt: skip
    return _table(("case", "side", "in", "from", "exponent, wall", "exponent, CPU"), rows)


def promised(goal: Goal) -> str:
    """Say a goal in words."""
    if goal.of == "agreement":
        return "the same numbers as the peers"
    whose = f"{goal.side}: " if goal.side else ""
    if not goal.peer:
        return f"{whose}at most {goal.most:g} {UNITS[goal.of]}"
    measure = "" if goal.of == "wall" else f", {goal.of}"
    return f"{whose}{goal.peer} at least {goal.least:g} times slower{measure}"


def sized(size: int) -> str:
    """Write a size as 10k, 1M or 85.5M."""
    for unit, letter in ((1_000_000, "M"), (1_000, "k")):
        if size >= unit:
            return f"{size / unit:.4g}{letter}"
    return str(size)


def short(seconds: float) -> str:
    """Write seconds with three digits."""
    return f"{seconds:,.0f}" if seconds >= 100 else f"{seconds:.3g}" if seconds >= 0.001 else f"{seconds:.1g}"


def _reached(found: Outcome) -> str:
    if found.goal.of == "agreement":
        return "they agree" if found.met else "they differ"
    return f"{times(found.reached)} times" if found.goal.peer else f"{short(found.reached)} {UNITS[found.goal.of]}"


def times(value: float) -> str:
    """Write a ratio with as many digits as it is worth."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def _ratios(side: Measured, ours: Sequence[Cost]) -> tuple[str, str, str]:
    if is_ours(side) and side.costs == tuple(ours):
        return "", "", ""
    wall = ratio(side.costs, ours)
    cpu = ratio(side.costs, ours, "cpu").median if all(cost.cpu > 0 for cost in ours) else float("nan")
    return times(wall.median), f"{times(wall.least)} to {times(wall.most)}", times(cpu)


def _cost(packed: Mapping[str, Any]) -> Cost:
    return Cost(**{**packed, "said": tuple(packed["said"])})


def _packed(compared: Compared) -> dict[str, Any]:
    sides = [
        {"side": side.side, "costs": [cost._asdict() for cost in side.costs], "absent": side.absent} for side in compared.sides
    ]
    return {"case": compared.case, "size": compared.size, "sides": sides, "wrong": compared.wrong}


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *([cell.replace("|", "/") for cell in row[1:]] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


INTRODUCTION = """# Results

The last run of `make bench`, written by it. What the cases are and how they are run is in [README.md](README.md). Times are of
one machine on one day, and mean little elsewhere; ratios travel better. *Slower* is the median time of a side divided by the
median of the first side's; *paired*, the least and the most of that ratio over repetitions that ran one after the other. MB is
the peak above what the process held before the call, data and imports included. *Extrapolated* means that only the part that is
named was run, some of every size of group, and the rest was reckoned from it.
"""

GROWTH = """The power of the size by which the time grows, fitted to logarithms: 1 is linear, 0 does not grow. Of
predictors, the power of the number of their subsets.
"""
