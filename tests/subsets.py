"""A small synthetic study that is read with any subset of the company's tables."""

from __future__ import annotations

import re
from functools import cache
from itertools import combinations
from pathlib import Path

import cxgap as cx
from cxgap.tables.study import Study

ROOT = Path(__file__).resolve().parents[1]
TABLES = ("touchpoints", "managers", "employees", "standards", "events")
SUBSETS = [subset for size in range(len(TABLES) + 1) for subset in combinations(TABLES, size)]
# None, all, and all but the one on which most gaps rest.
EDGES = [(), TABLES, tuple(name for name in TABLES if name != "standards")]


def written(folder: Path) -> Path:
    cx.simulate_study(160, seed=11).write(folder, format="parquet")
    return folder


def declared(folder: Path, tables: tuple[str, ...]) -> Path:
    """Write a study file with these tables alone; its metrics stay declared, whether or not their tables are there."""
    text = (ROOT / "data" / "sample" / "study.toml").read_text(encoding="utf-8").replace('.csv"', '.parquet"')
    start = text.index("[tables]")
    kept = [
        line for line in text[start:].splitlines() if not re.match(r"\w+ = \".*parquet\"", line) or line.split()[0] in tables
    ]
    path = folder / f"{'-'.join(tables) or 'alone'}.toml"
    path.write_text(text[:start] + "\n".join(kept) + "\n", encoding="utf-8")
    return path


@cache
def study_of(folder: Path, tables: tuple[str, ...]) -> Study:
    """Read the study with these tables, once a process."""
    return cx.read_study(declared(folder, tables))
