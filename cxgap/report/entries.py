"""What a plan file says, entry by entry, before any of it is looked up; every problem is found, not the first alone."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from cxgap.errors import ArgumentError, nearest
from cxgap.report.job import DEFAULT, Limits
from cxgap.report.periods import PERIODS
from cxgap.report.schemas import NEWEST, check_version
from cxgap.report.wording import paragraph

MOST_BYTES: Final = 1 << 20  # of a plan that a person wrote
_TEXT, _TABLE, _TEXTS = "text, in quotes", "a table", "text in quotes, or a list of such texts"
_SHARED: Final = {
    "name": _TEXT,
    "study": _TEXT,
    "where": _TABLE,
    **dict.fromkeys(PERIODS, _TEXT),
    "parameters": _TABLE,
    "limits": _TABLE,
    "single_file": "true or false",
}
_TOP: Final = {"version": "a whole number", "output": _TEXT, "workers": "a whole number", **_SHARED, "report": "[[report]]"}
_ENTRY: Final = {
    "notebook": _TEXTS,
    **_SHARED,
    "matrix": _TABLE,
    "list": "a list of tables",
    "levels_of": _TEXTS,
    "exclude": _TABLE,
}
_SIZE: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?(GiB|MiB|GB|MB)")
_BYTES: Final = {"GiB": 2**30, "MiB": 2**20, "GB": 10**9, "MB": 10**6}
_HEAD: Final = re.compile(r"\s*\[(\[?)\s*([\w-]+)((?:\s*\.\s*[\w-]+)*)\s*\]")
_KEY: Final = re.compile(r"\s*[\"']?([\w-]+)[\"']?\s*[=.]")


class Problems:
    """What is wrong with a plan, a line each, with the line of the file where it is known."""

    def __init__(self, file: str, text: str) -> None:
        self.lines: list[str] = []
        self._file = file
        self._places = _places(text)

    def add(self, text: str, entry: int = 0, key: str = "") -> None:
        """Note a problem of `key` in the `entry`-th [[report]], 0 being the top of the file."""
        place = self._places.get((entry, key)) or self._places.get((entry, ""))
        line = paragraph(f"{self._file}{f', line {place}' if place else ''}: {text}")
        if line not in self.lines:  # the same for every job of an entry
            self.lines.append(line)

    def settle(self) -> None:
        """Raise ArgumentError if there is a problem."""
        if self.lines:
            raise ArgumentError("\n".join(self.lines))


@dataclass(slots=True)
class Entry:
    """One [[report]], over the defaults of the file; `number` counts from 1, and values are of the right kind."""

    number: int
    notebooks: list[str]
    name: str = ""
    study: str = "sample"
    where: dict[str, Any] = field(default_factory=dict)
    period: dict[str, str] = field(default_factory=dict)
    parameters: dict[str, Any] = field(default_factory=dict)
    limits: Limits = DEFAULT
    single_file: bool = False
    matrix: dict[str, list[Any]] = field(default_factory=dict)
    sets: list[dict[str, Any]] = field(default_factory=list)
    levels_of: list[str] = field(default_factory=list)
    exclude: dict[str, list[str]] = field(default_factory=dict)


@dataclass(slots=True)
class PlanFile:
    """The contents of a plan file."""

    output: str
    workers: int | None
    entries: list[Entry]
    problems: Problems


def read_entries(path: Path) -> PlanFile:
    """Read a plan file; what is wrong with an entry is noted in `problems`, and the entry has its default there.

    Raises
    ------
    ArgumentError : the file cannot be read, is not TOML, or is of a version that is not known here.
    """
    try:
        if not path.is_file():
            fault = "is no file" if path.exists() else "does not exist"
            raise ArgumentError(f"the plan must be a file such as reports/plan.toml, and {str(path)!r} {fault}.")
        if path.stat().st_size > MOST_BYTES:
            raise ArgumentError(f"{path.name} must be a plan, and is larger than any.")
        text = path.read_bytes().decode("utf-8-sig")
        own = tomllib.loads(text)
    except ArgumentError:
        raise
    except UnicodeDecodeError as error:
        raise ArgumentError(f"{path.name} must be UTF-8, and byte {error.start + 1} is not; save it as UTF-8.") from error
    except (OSError, ValueError, RecursionError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ArgumentError(f"{path.name} must be TOML that can be read: {paragraph(reason)}.") from error
    problems = Problems(path.name, text)
    if "version" in own:
        check_version(own["version"], "plan", path.name)
    else:
        problems.add(f"the plan must state the version of its form; add version = {NEWEST['plan']} at the top.")
    top = _checked(own, _TOP, problems, 0, "the plan")
    workers = top.get("workers")
    if workers is not None and not 1 <= workers <= 256:
        problems.add(f"`workers` must be from 1 to 256, not {workers}.", 0, "workers")
    reports = own.get("report")
    if not isinstance(reports, list) or not reports or not all(isinstance(entry, dict) for entry in reports):
        problems.add('the plan must have at least one [[report]] with notebook = "...", and has none.')
        reports = []
    entries = [_entry(number, own, top, entry, problems) for number, entry in enumerate(reports, start=1)]
    return PlanFile(top.get("output", "."), workers, entries, problems)


def _entry(number: int, own: Mapping[str, Any], top: dict[str, Any], entry: dict[str, Any], problems: Problems) -> Entry:
    said = _checked(entry, _ENTRY, problems, number, "[[report]]")
    if not said.get("notebook"):
        problems.add('[[report]] must have notebook = "customer", or whichever is meant.', number)
    period = {key: said[key] for key in PERIODS if key in said} or {key: top[key] for key in PERIODS if key in top}
    if len(period) > 1:
        problems.add(f"one of {' and '.join(period)} must go, because each says what the report is of.", number, [*period][-1])
    return Entry(
        number=number,
        notebooks=_texts(said.get("notebook", [])),
        name=said.get("name", top.get("name", "")),
        study=said.get("study", top.get("study", "sample")),
        where=top.get("where", {}) | said.get("where", {}),
        period=dict([*period.items()][:1]),
        parameters=top.get("parameters", {}) | said.get("parameters", {}),
        limits=_limits(own.get("limits"), entry.get("limits"), number, problems),
        single_file=said.get("single_file", top.get("single_file", False)),
        matrix=_lists(said.get("matrix", {}), "matrix", number, problems),
        sets=said.get("list", []),
        levels_of=_texts(said.get("levels_of", [])),
        exclude=_lists(said.get("exclude", {}), "exclude", number, problems),
    )


def _checked(own: Mapping[str, Any], keys: Mapping[str, str], problems: Problems, number: int, what: str) -> dict[str, Any]:
    """Return what is of the declared kind, and note everything that is not."""
    good = {}
    for key, value in own.items():
        if key not in keys:
            listing = ", ".join(name for name in keys)
            hint = f' "{key}" is a key of [[report]].' if key in _ENTRY else nearest(key, keys)
            problems.add(f"{what} has no key {key!r}; it has {listing}.{hint}", number, key)
            continue
        value = value.isoformat() if isinstance(value, date | datetime) and key == "as_of" else value
        kind = keys[key]
        if _is(kind, value):
            good[key] = value
        elif kind != "[[report]]":
            example = f"; write {key} = {_quoted(value)}" if kind == _TEXT and isinstance(value, int | float | date) else ""
            problems.add(f"`{key}` must be {kind}, not {value!r}{example}.", number, key)
    return good


def _is(kind: str, value: object) -> bool:
    if kind == _TEXTS:
        return isinstance(value, str) or (isinstance(value, list) and bool(value) and all(isinstance(v, str) for v in value))
    if kind == "a list of tables":
        return isinstance(value, list) and bool(value) and all(isinstance(v, dict) and v for v in value)
    plain = {_TEXT: str, _TABLE: dict, "true or false": bool, "a whole number": int, "[[report]]": list}[kind]
    return type(value) is plain


def _quoted(value: object) -> str:
    return f'"{str(value).lower() if isinstance(value, bool) else value}"'


def _texts(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def _lists(table: Mapping[str, Any], key: str, number: int, problems: Problems) -> dict[str, list[Any]]:
    """Return the lists of a table; each must hold something, and nothing twice."""
    good = {}
    for name, values in table.items():
        if not isinstance(values, list) or not values:
            problems.add(f'`{key}` must give {name!r} a list of values, such as ["0012", "NA"], not {values!r}.', number, key)
            continue
        twice = [value for place, value in enumerate(values) if value in values[:place]]
        if twice:
            problems.add(f"`{key}` must have each value once, and {name!r} has {twice[0]!r} twice.", number, key)
        good[name] = [value for place, value in enumerate(values) if value not in values[:place]]
    return good


def _limits(default: object, own: object, number: int, problems: Problems) -> Limits:
    """Return the limits of an entry, its own over those of the file."""
    made: dict[str, int] = {}
    for limits, entry in ((default, 0), (own, number)):
        for name, value in (limits if isinstance(limits, dict) else {}).items():
            size = _SIZE.fullmatch(value) if name == "memory" and isinstance(value, str) else None
            number_of = int(float(size[1]) * _BYTES[size[2]]) if size else value
            if name not in Limits._fields:
                problems.add(f"`limits` has no {name!r}; it has {', '.join(Limits._fields)}.{nearest(name, Limits._fields)}",
                             entry, "limits")  # fmt: skip
            elif type(number_of) is not int or number_of < 1:
                kind = 'a size such as "2 GiB"' if name == "memory" else "a whole number of seconds"
                problems.add(f"`limits` must give {name} as {kind}, not {value!r}.", entry, "limits")
            else:
                made[name] = number_of
    return DEFAULT._replace(**made)


def _places(text: str) -> dict[tuple[int, str], int]:
    """Return the line of each key, by the number of its [[report]] and the first part of its name."""
    places: dict[tuple[int, str], int] = {}
    entry, within = 0, ""
    for number, line in enumerate(text.splitlines(), start=1):
        if head := _HEAD.match(line):
            name, parts = head[2], [part.strip() for part in head[3].split(".") if part.strip()]
            entry += name == "report" and bool(head[1]) and not parts
            within = (parts[0] if parts else "") if name == "report" else name
            places.setdefault((entry if name == "report" else 0, within), number)
        elif (key := _KEY.match(line)) and not within:
            places.setdefault((entry, key[1]), number)
    return places


def names_in(entries: Iterable[Entry], study: str) -> set[str]:
    """Return every name that entries on `study` might mean a column by."""
    found: set[str] = set()
    for entry in entries:
        if entry.study == study:
            found |= {*entry.where, *entry.matrix, *entry.levels_of, *entry.exclude, *(n for one in entry.sets for n in one)}
    return found
