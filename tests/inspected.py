"""A file goes the way of a person at the door: it is inspected, what only a person knows is answered, and the study is read."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd
import pytest

from cxgap.gaps.customer import customer_gap
from cxgap.inspection.inspection import Inspection, inspect
from cxgap.tables.read import read_study
from cxgap.tables.study import Study

KNOWN: Mapping[str, object] = {"[study] expectation_type": "should", "[scale] low": 1, "[scale] high": 7}


def answered(text: str, known: Mapping[str, object] = KNOWN) -> str:
    """Replace each "?" whose key is known, and nothing else; fail with those that are not."""
    lines, open_ones, section = [], [], ""
    for line in text.splitlines():
        section = line.partition("  #")[0] if line.startswith("[") else section
        if asked := re.match(r'(?P<key>.+?) = "\?"', line):
            key = f"{section} {asked['key']}"
            if key not in known:
                open_ones.append(f"{section} {line}")
            value = known.get(key, "?")
            line = line.replace('"?"', f'"{value}"' if isinstance(value, str) else str(value), 1)
        lines.append(line)
    if open_ones:
        pytest.fail("more is asked than a person should have to answer:\n" + "\n".join(open_ones))
    return "\n".join(lines) + "\n"


def door(
    path: Path | Sequence[Path], folder: Path, known: Mapping[str, object] = KNOWN, **which: str
) -> tuple[Inspection, Study]:
    """Inspect, write the study file, answer it, and read the study."""
    found = inspect(path, **which)
    file = found.write(folder / "study.toml")
    file.write_text(answered(file.read_text(encoding="utf-8"), known), encoding="utf-8")
    return found, read_study(file)


def gaps_of(study: Study, score: str = "items", by: str = "touchpoint") -> pd.DataFrame:
    """Score the customer gap with the design of the study, cells in order of their name."""
    frame = customer_gap(study.responses, by=by, score=score, **{**study.design, "min_n": 1}).frame
    return frame.assign(**{by: frame[by].astype(str)}).sort_values(by)[[by, "n", "start", "end", "estimate", "std_error"]]


def account(study: Study) -> tuple[int, int, int]:
    """Return the answers used, incomplete and rejected."""
    return study.rows["used"], study.rows["incomplete"], study.rows["rejected"]


def same(left: pd.DataFrame, right: pd.DataFrame) -> None:
    """Fail where two tables of gaps differ."""
    pd.testing.assert_frame_equal(
        left.reset_index(drop=True), right.reset_index(drop=True), rtol=0, atol=1e-9, check_dtype=False
    )
