"""Studies written from a few words, so that a test shows only what is wrong with its own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

# Six respondents at two touchpoints, two items; every row is whole.
WIDE = """respondent_id,touchpoint,region,at,e1,p1,e2,p2
R1,Buy,NA,2026-03-01,7,5,6,6
R2,Buy,007,2026-03-02,6,6,5,4
R3,Buy,north,2026-03-03,5,4,4,4
R4,Use,NA,2026-03-04,7,6,7,5
R5,Use,007,2026-03-05,6,3,6,4
R6,Use,north,2026-03-06,4,4,5,6
"""

# The same answers, one a row.
LONG = "respondent_id,touchpoint,region,at,item,expectation,perception\n" + "".join(
    f"{who},{touchpoint},{region},{at},{item},{asked},{got}\n"
    for who, touchpoint, region, at, *ratings in (line.split(",") for line in WIDE.splitlines()[1:])
    for item, asked, got in (("1", *ratings[:2]), ("2", *ratings[2:]))
)


def wide(respondents: int) -> str:
    """Write a wide file in which everybody expects 5 and 6, and perceives 4 and 3."""
    return WIDE.splitlines()[0] + "\n" + "".join(f"R{who},Buy,NA,2026-03-01,5,4,6,3\n" for who in range(respondents))


DECLARED: Mapping[str, Mapping[str, Any]] = {
    "study": {"title": "Kiosk", "expectation_type": "should", "min_n": 5, "max_rejected": 1},
    "scale": {"low": 1, "high": 7},
    "responses": {"file": "responses.csv", "layout": "wide", "expectation": "e{item}", "perception": "p{item}"},
}
AS_LONG = {"layout": "long", "expectation": "expectation", "perception": "perception"}


def toml(sections: Mapping[str, Any]) -> str:
    """Write sections of plain values, one key a line; a key of None is left out."""
    lines = []
    for name, section in sections.items():
        lines.append(f"[{name}]")
        lines += [f"{json.dumps(key)} = {_value(value)}" for key, value in section.items() if value is not None]
    return "\n".join(lines) + "\n"


def _value(value: object) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{json.dumps(key)} = {_value(item)}" for key, item in value.items()) + " }"
    return json.dumps(value)


def write(
    folder: Path, survey: str | bytes | pd.DataFrame = WIDE, files: Mapping[str, Any] | None = None, /, **sections: Any
) -> Path:
    """Write a study file and its tables; `sections` change what DECLARED says."""
    declared = {name: {**DECLARED.get(name, {}), **sections.get(name, {})} for name in {**DECLARED, **sections}}
    for name, contents in {declared["responses"]["file"]: survey, **(files or {})}.items():
        path = folder / name
        if isinstance(contents, pd.DataFrame):
            contents.to_parquet(path, index=False)
        else:
            path.write_bytes(contents if isinstance(contents, bytes) else contents.encode())
    (folder / "study.toml").write_text(toml(declared), encoding="utf-8")
    return folder / "study.toml"
