"""What differs between two records of a report: why, as far as records tell, and then number by number."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

DATA, DEFINITION, CODE = "data", "definition", "code"
_VERDICTS: Final = ("verdict", "target_verdict")
_NO_KEYS: Final = frozenset({*_VERDICTS, "flags", "unit"})
_OWN_CODE: Final = "the files of cxgap, by their hash"
_DECLARED: Final = ("title", "mission", "expectation_type", "scale", "margin", "seed", "design", "raked")

Row = Mapping[str, Any]


class Cause(NamedTuple):
    """Something that can move numbers: its kind (data, definition or code), and what became of it in words."""

    kind: str
    text: str


class RowChange(NamedTuple):
    """One row of one table: the cells that changed, as what they were and are; a row that is new or gone has no cells."""

    table: str
    row: str
    what: str  # changed, new or gone
    cells: Mapping[str, tuple[Any, Any]]

    @property
    def size(self) -> tuple[bool, float]:
        """How much it matters: whether a verdict changed or a row came or went, then by how much the estimate did."""
        was, now = self.cells.get("estimate", (0.0, 0.0))
        moved = abs(now - was) if isinstance(was, int | float) and isinstance(now, int | float) else 0.0
        return self.what != "changed" or any(name in self.cells for name in _VERDICTS), moved


@dataclass(slots=True)
class Differences:
    """All that differs between two records.

    Attributes
    ----------
    causes : what can have moved numbers, data first, then definition, then code
    counts : of rows, respondents, figures and so on: what was, what is
    rows : changes of tables, in the order of the tables, the largest of each first
    sentences : those that went, marked "-", and those that came, marked "+"
    """

    causes: list[Cause] = field(default_factory=list)
    counts: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    rows: list[RowChange] = field(default_factory=list)
    sentences: list[str] = field(default_factory=list)

    @property
    def kinds(self) -> list[str]:
        """Kinds of cause that were found, each once."""
        return list(dict.fromkeys(cause.kind for cause in self.causes))

    @property
    def shown(self) -> bool:
        """Whether anything that a reader sees differs."""
        return bool(self.counts or self.rows or self.sentences)


def compare_records(was: Row, now: Row, *, tolerance: float = 0.0) -> Differences:
    """Compare two records of the newest schema.

    Parameters
    ----------
    was, now : the contents of two record files
    tolerance : relative difference up to which numbers are equal; 0 asks for the same bits
    """
    found = Differences([*_data(was["study"], now["study"]), *_definition(was, now), *_code(was, now)])
    found.counts = {name: pair for name, pair in _counts(was, now) if pair[0] != pair[1]}
    for name, before, after in _pairs(_tables(was), _tables(now)):
        changes = _rows(name, before, after, tolerance)
        found.rows += sorted(changes, key=lambda change: change.size, reverse=True)
    before, after = Counter(_sentences(was)), Counter(_sentences(now))
    found.sentences = [f"- {text}" for text in before - after] + [f"+ {text}" for text in after - before]
    return found


def _data(was: Row, now: Row) -> Iterator[Cause]:
    before, after = ({(t["table"], t["file"]): t for t in study.get("tables", [])} for study in (was, now))
    for key in dict.fromkeys([*before, *after]):
        table, file = key
        if key not in after:
            yield Cause(DATA, f"{file} ({table}) is no longer read")
        elif key not in before:
            yield Cause(DATA, f"{file} ({table}) is read now and was not")
        elif before[key]["sha256"] != after[key]["sha256"]:
            rows = before[key]["rows"], after[key]["rows"]
            said = f"from {rows[0]:,} rows to {rows[1]:,}" if rows[0] != rows[1] else f"in its {rows[0]:,} rows"
            yield Cause(DATA, f"{file} ({table}) changed {said}")


def _definition(was: Row, now: Row) -> Iterator[Cause]:
    one, other = was["study"], now["study"]
    declared = [name for name in _DECLARED if one.get(name) != other.get(name)]
    if "definition" in one and "definition" in other:
        changed = one["definition"] != other["definition"]
    else:  # a record that does not hold it: the fingerprint is of all inputs, and tells where no other changed
        same_inputs = not any(_data(one, other)) and all(one.get(k) == other.get(k) for k in ("where", "as_of"))
        changed = bool(declared) or (same_inputs and one.get("fingerprint") != other.get("fingerprint"))
    if changed:
        said = f": {', '.join(f'{name} {one.get(name)!r} became {other.get(name)!r}' for name in declared)}" if declared else ""
        yield Cause(DEFINITION, f"the study file changed{said}")
    for name in dict.fromkeys([*was["parameters"], *now["parameters"]]):
        values = was["parameters"].get(name), now["parameters"].get(name)
        if values[0] != values[1] and name != "study":  # where it lies is no matter, and what it says has its own hash
            yield Cause(DEFINITION, f"parameter {name} {values[0]!r} became {values[1]!r}")
    least = one.get("min_n"), other.get("min_n")
    if least[0] != least[1]:
        yield Cause(DEFINITION, f"the least number of respondents to show, {least[0]}, became {least[1]}")
    notebooks = was["notebook"], now["notebook"]
    if notebooks[0]["sha256"] != notebooks[1]["sha256"]:
        yield Cause(DEFINITION, f"the notebook {' became '.join(dict.fromkeys(n['name'] for n in notebooks))} changed")


def _code(was: Row, now: Row) -> Iterator[Cause]:
    for name in dict.fromkeys([*was["versions"], *now["versions"]]):
        versions = was["versions"].get(name, "none"), now["versions"].get(name, "none")
        if versions[0] != versions[1]:
            yield Cause(CODE, f"{_OWN_CODE if name == 'code' else name} {versions[0]} became {versions[1]}")


def _counts(was: Row, now: Row) -> Iterator[tuple[str, tuple[Any, Any]]]:
    for name in dict.fromkeys([*was["study"]["rows"], *now["study"]["rows"]]):
        yield f"answers {name.replace('_', ' ')}", (was["study"]["rows"].get(name, 0), now["study"]["rows"].get(name, 0))
    for name in ("respondents", "touchpoints", "period"):
        yield name, (was["study"].get(name), now["study"].get(name))
    for name in ("tables", "facts", "figures"):
        yield name, (len(was.get(name, [])), len(now.get(name, [])))
    for name in ("title", "slug"):
        yield name, (was.get(name), now.get(name))


def _tables(record: Row) -> dict[str, Row]:
    """Return the tables of a record by a name that tells them apart."""
    named: dict[str, Row] = {}
    gaps = [(f"{table['gap']} by {', '.join(table['by']) or 'all'}", table) for table in record["tables"]]
    for name, table in [*gaps, *((str(table["slug"]), table) for table in record.get("facts", []))]:
        number = sum(known == name or known.startswith(f"{name} #") for known in named)
        named[f"{name} #{number + 1}" if number else name] = table
    return named


def _pairs(was: Mapping[str, Row], now: Mapping[str, Row]) -> Iterator[tuple[str, Row, Row]]:
    none: Row = {"columns": [], "rows": []}
    for name in dict.fromkeys([*was, *now]):
        yield name, was.get(name, none), now.get(name, none)


def _rows(name: str, was: Row, now: Row, tolerance: float) -> Iterator[RowChange]:
    keys = _keys(was, now)
    before, after = _keyed(was, keys), _keyed(now, keys)
    for key in dict.fromkeys([*before, *after]):
        words = ", ".join(map(str, key[:-1])) + (f" (#{key[-1] + 1})" if key[-1] else "") or "all"
        if key not in after:
            yield RowChange(name, words, "gone", {})
        elif key not in before:
            yield RowChange(name, words, "new", {})
        else:
            one, other = before[key], after[key]
            columns = dict.fromkeys([*one, *other])
            cells = {column: (one.get(column), other.get(column)) for column in columns}
            changed = {column: pair for column, pair in cells.items() if not equal(*pair, tolerance)}
            if changed:
                yield RowChange(name, words, "changed", changed)


def _keys(was: Row, now: Row) -> list[str]:
    """Return the columns that tell rows apart: those the table is by, and as many texts more as it needs."""
    columns = [name for name in was["columns"] or now["columns"]]
    table = was if was["columns"] else now
    keys = [*table["by"]] if "by" in table else columns[: table.get("keys", 1)]
    for name in columns:
        if all(_told_apart(table, keys) for table in (was, now)):
            break
        place = columns.index(name)
        if name not in keys and name not in _NO_KEYS and all(isinstance(row[place], str) for row in table["rows"]):
            keys.append(name)
    return keys


def _told_apart(table: Row, keys: Sequence[str]) -> bool:
    places = [table["columns"].index(name) for name in keys if name in table["columns"]]
    found = [tuple(str(row[place]) for place in places) for row in table["rows"]]
    return len(set(found)) == len(found)


def _keyed(table: Row, keys: Sequence[str]) -> dict[tuple[Any, ...], dict[str, Any]]:
    """Return the rows by their keys, and by how many before them had the same."""
    seen: Counter[tuple[str, ...]] = Counter()
    rows = {}
    for values in table["rows"]:
        row = dict(zip(table["columns"], values, strict=True))
        key = tuple(str(row.get(name)) for name in keys)
        rows[(*key, seen[key])] = row
        seen[key] += 1
    return rows


def equal(one: Any, other: Any, tolerance: float) -> bool:
    """Say whether two values are the same; numbers up to a relative difference."""
    numbers = all(isinstance(value, int | float) and not isinstance(value, bool) for value in (one, other))
    if numbers and tolerance:
        return math.isclose(one, other, rel_tol=tolerance, abs_tol=tolerance)
    return bool(one == other)


def _sentences(record: Row) -> Iterator[str]:
    for prose in record["prose"]:
        if "headline" in prose:
            yield str(prose["headline"])
        for part in ("lead", "details", "limits"):
            yield from (str(sentence["text"]) for sentence in prose.get(part, []))
