"""What a malformed file is made of: a clean one of known answers, and ways to damage it."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HEADER = ("respondent_id", "touchpoint", "region", "at", "e1", "p1", "e2", "p2")
REGIONS = ("north", "south", "NA")
TOUCHPOINTS = ("Buy", "Use")
PEOPLE = 60
RATINGS = HEADER[4:]

Row = list[str]


def clean(people: int = PEOPLE) -> list[Row]:
    """Make rows of known answers: sixty people, two touchpoints, two items, no two rows alike, no answer at fault."""
    rows = []
    for who in range(people):
        asked = (4 + who % 4, 5 + who % 3)
        got = (3 + (who * 5) % 4, 2 + (who * 7) % 5)
        day = f"2026-03-{1 + who % 28:02d}"
        answers = (asked[0], got[0], asked[1], got[1])
        rows.append([f"R{who:02d}", TOUCHPOINTS[who % 2], REGIONS[who % 3], day, *map(str, answers)])
    return rows


def text(rows: Sequence[Sequence[str]], header: Sequence[str] | None = HEADER, *, delimiter: str = ",", end: str = "\n") -> str:
    """Write rows as delimited text."""
    made = io.StringIO()
    writer = csv.writer(made, delimiter=delimiter, lineterminator=end)
    writer.writerows([header, *rows] if header else rows)
    return made.getvalue()


def gap(rows: Sequence[Sequence[str]]) -> float:
    """Compute the mean gap by its definition: the mean over respondents of the mean over the pairs that they answered."""
    people: dict[str, list[float]] = {}
    for row in rows:
        pairs = [(row[4], row[5]), (row[6], row[7])]
        people.setdefault(row[0], []).extend(float(p) - float(e) for e, p in pairs if e != "" and p != "")
    means = [sum(gaps) / len(gaps) for gaps in people.values() if gaps]
    return sum(means) / len(means)


@dataclass(frozen=True)
class Case:
    """One malformed (or odd, or sound) file, and what must become of it.

    Attributes
    ----------
    outcome : "error", "reject", "warn" or "fine"
    says : codes of the checks that must be found, or for an error the words that its text must hold
    rows : used, incomplete, rejected
    gap : of what is used
    files : name to contents, or a function that writes into a folder
    study : sections of the study file that differ from the usual ones
    """

    name: str
    outcome: str
    says: tuple[str, ...]
    files: Mapping[str, bytes] | Callable[[Path], None]
    study: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    rows: tuple[int, int, int] | None = None
    gap: float | None = None


def change(rows: list[Row], *edits: tuple[int, str, str]) -> list[Row]:
    """Change cells: place of the row from 0, column, text."""
    made = [list(row) for row in rows]
    for place, column, value in edits:
        made[place][HEADER.index(column)] = value
    return made


def one(contents: str | bytes, encoding: str = "utf-8") -> dict[str, bytes]:
    """Name the survey's file."""
    return {"responses.csv": contents if isinstance(contents, bytes) else contents.encode(encoding)}
