"""targets.lock.jsonl: verdicts that were published, each line sealed to the one before; read here, written by the run layer.

A line is a JSON object with the hash of the line before it (`prev`) and its own (`hash`, SHA-256 of the object without it, in
canonical form). Whoever changes, drops or moves a line breaks the chain.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any, Final, NamedTuple

from cxgap.tables.targets import canonical, spec_hash

LOCK: Final = "targets.lock.jsonl"
LOCK_SCHEMA: Final = "cxgap.target/1"
LOOK, FINAL = "look", "final"
BEGIN: Final = "0" * 64  # what the first line follows
_MOST: Final = 20_000_000  # bytes; a lock has some hundred a target
_TEXTS: Final = (
    "kind",
    "name",
    "spec_hash",
    "verdict",
    "cut_off",
    "until",
    "fingerprint",
    "version",
    "frozen_at",
    "prev",
    "hash",
)
_NUMBERS: Final = ("estimate", "std_error", "low", "high", "n")
_VERDICTS: Final = ("met", "not met", "cannot tell")
_OF_SPEC: Final = ("name", "measure", "better", "cut_off")
_MERGED: Final = (b"<<<<<<<", b"=======", b">>>>>>>", b"|||||||")


class TargetLock(NamedTuple):
    """What a lock says: its lines, oldest first, and what is wrong with it; where anything is, none of it can be trusted.

    Attributes
    ----------
    entries : of a whole chain its lines; of a broken one those before the break, for whoever must mend it
    problem : "" where the chain is whole
    head : hash of the last line
    """

    entries: tuple[Mapping[str, Any], ...] = ()
    problem: str = ""
    head: str = BEGIN

    def of(self, name: str, kind: str) -> list[Mapping[str, Any]]:
        """Return the lines of a target; a name in other letters, large or small, is the same."""
        return [entry for entry in self.entries if _same(entry, name) and entry["kind"] == kind]

    def first(self, name: str) -> Mapping[str, Any] | None:
        """Return the first line of a target, which says what the target is from then on."""
        return next((entry for entry in self.entries if _same(entry, name)), None)


def _same(entry: Mapping[str, Any], name: str) -> bool:
    return str(entry["name"]).casefold() == name.casefold()


def lock_path(study: Path) -> Path:
    """Return where the lock of a study file lies: beside it, also where the targets are in another folder.

    A link is followed: a study that is reached in several ways has one lock.
    """
    real = Path(os.path.realpath(study)).parent / LOCK
    place = real if study.is_symlink() and os.path.lexists(real) else study.parent / LOCK
    return Path(os.path.realpath(place)) if place.is_symlink() else place


def read_lock(path: Path, *, lines: int | None = None, known: Mapping[str, Any] | None = None) -> TargetLock:
    """Read a lock and check every line.

    Parameters
    ----------
    path : the lock, which need not be there
    lines : read the lock as it was when it had so many
    known : how many `lines` it had at least, and the `head` it had then; a lock that lacks them was cut
    """
    raw, problem = raw_lock(path)
    return TargetLock(problem=problem) if problem else parse_lock(raw, lines=lines, known=known)


def raw_lock(path: Path) -> tuple[bytes, str]:
    """Return the content of a lock, none where there is no file, and why it cannot be read."""
    try:
        if not os.path.lexists(path):
            return b"", ""
        if not path.is_file():  # of a pipe one would wait for ever
            return b"", f"{path.name} is no file"
        if (size := path.stat().st_size) > _MOST:
            return b"", f"{path.name} has {size:,} bytes, which no run of cxgap wrote"
        return path.read_bytes(), ""
    except OSError as error:
        return b"", f"{path.name} cannot be read ({error.strerror or 'it is no file'})"


def parse_lock(raw: bytes, *, lines: int | None = None, known: Mapping[str, Any] | None = None) -> TargetLock:
    """Check the content of a lock; as `read_lock`."""
    entries: list[Mapping[str, Any]] = []
    head = BEGIN
    parts = raw.split(b"\n")
    if parts[-1]:
        broken = f"line {len(parts)} is cut short"
        parts = parts[:-1]
    else:
        broken = ""
        parts = parts[:-1]
    for number, part in enumerate(parts, start=1):
        entry, fault = _entry(part)
        if entry is None:
            return TargetLock(tuple(entries), f"line {number} {fault}", head)
        if entry["hash"] != own_hash(entry):
            return TargetLock(tuple(entries), f"line {number} was changed after it was written", head)
        if entry["prev"] != head:
            after = f"line {number - 1}" if number > 1 else "the beginning: lines before it are gone"
            return TargetLock(tuple(entries), f"line {number} does not follow {after}", head)
        entries.append(entry)
        head = str(entry["hash"])
    if broken:
        return TargetLock(tuple(entries), broken, head)
    least = int((known or {}).get("lines", 0))
    if least and (len(entries) < least or entries[least - 1]["hash"] != (known or {})["head"]):
        cut = f"it had {least} lines when a page was last published, and has {len(entries)}"
        same = f"its first {least} lines are not those that were published"
        return TargetLock(tuple(entries), cut if len(entries) < least else same, head)
    if lines is not None and lines < len(entries):
        entries = entries[:lines]
        head = str(entries[-1]["hash"]) if entries else BEGIN
    return TargetLock(tuple(entries), "", head)


def own_hash(entry: Mapping[str, Any]) -> str:
    """Return the hash of a line, over everything but the hash itself."""
    return hashlib.sha256(canonical({name: value for name, value in entry.items() if name != "hash"}).encode()).hexdigest()


def sealed(entry: Mapping[str, Any], prev: str) -> dict[str, Any]:
    """Return a line that follows the one whose hash is `prev`."""
    own = {"schema": LOCK_SCHEMA, **entry, "prev": prev}
    return {**own, "hash": own_hash(own)}


def _entry(part: bytes) -> tuple[dict[str, Any] | None, str]:
    """Return a line, or what is wrong with it."""
    if part.startswith(_MERGED):
        return None, "is a mark that a merge left"
    try:
        entry = json.loads(part, parse_constant=_no_number)
    except (ValueError, RecursionError):
        return None, "is not JSON"
    if not isinstance(entry, dict):
        return None, "is not a line of a lock"
    if entry.get("schema") != LOCK_SCHEMA:
        return None, f"is of {str(entry.get('schema'))[:40]!r}, and this cxgap reads {LOCK_SCHEMA!r}"
    if not _whole(entry):
        return None, "lacks what a line must have"
    if spec_hash(entry["spec"]) != entry["spec_hash"]:
        return None, "has a target that is not the one it was sealed with"
    return entry, ""


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no number of JSON")


def _whole(entry: Mapping[str, Any]) -> bool:
    """Whether a line has all that is read of it, each of its kind."""
    spec = entry.get("spec")
    if not (isinstance(spec, dict) and all(isinstance(entry.get(name), str) for name in _TEXTS)):
        return False
    numbers = [entry[name] for name in _NUMBERS if entry.get(name) is not None]
    if not all(name in entry for name in _NUMBERS):
        return False
    level, look = entry.get("level"), entry.get("look")
    kinds = entry["kind"] in (LOOK, FINAL) and entry["verdict"] in _VERDICTS and type(look) is int
    kinds = kinds and _is_number(level) and 0 < float(level or 0) < 1 and all(_is_number(number) for number in numbers)
    kinds = kinds and isinstance(entry.get("unit"), str) and isinstance(entry.get("flags", []), list)
    kinds = kinds and all(isinstance(spec.get(name), str) for name in _OF_SPEC) and _is_number(spec.get("value"))
    kinds = kinds and isinstance(spec.get("where", {}), dict) and isinstance(spec.get("looks", []), list)
    if not kinds:
        return False
    days = (entry["until"], entry["cut_off"], entry["frozen_at"][:10], spec["cut_off"], *spec.get("looks", []))
    return all(_is_day(day) for day in days)


def _is_number(value: object) -> bool:
    with suppress(OverflowError):
        return type(value) in (int, float) and math.isfinite(float(value))  # type: ignore[arg-type]
    return False


def _is_day(value: object) -> bool:
    try:
        return isinstance(value, str) and bool(date.fromisoformat(value))
    except ValueError:
        return False
