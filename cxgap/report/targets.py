"""Freeze verdicts: what a published page of a whole study says of targets is written into the lock beside the study, once.

The lock is only ever replaced by itself with more lines: read and checked, written anew beside it, brought to the disk and
moved into its place, while the study's folder is held against other runs, of this machine, that would do the same. A run
that is killed in between leaves the old lock, and the next run that finds the page standing does the rest.
"""

from __future__ import annotations

import errno
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from cxgap.errors import CxgapError, RunError
from cxgap.report import disk
from cxgap.report.folders import FULL, RECORD, current_run
from cxgap.report.target_heads import known_head, remember_head
from cxgap.shipped import shipped
from cxgap.tables.read import find_study
from cxgap.tables.spec import load_spec
from cxgap.tables.target_lock import FINAL, LOCK, TargetLock, lock_path, parse_lock, raw_lock, read_lock, sealed
from cxgap.tables.targets import canonical, read_targets

if sys.platform != "win32":
    import fcntl

SLUG: Final = "targets"
_WAIT: Final = 10.0  # seconds for another run to let go of the study's folder
_NO_WRITING: Final = {errno.EACCES, errno.EPERM, errno.EROFS}
BROKEN, UNWRITTEN, CLOSED = "broken", "unwritten", "closed"


class FreezeError(RunError):
    """Verdicts that were published could not be written into the lock; `kind` says why."""

    def __init__(self, text: str, kind: str) -> None:
        super().__init__(text)
        self.kind = kind


def freeze(output: Path, slug: str, study: str, where: Mapping[str, object]) -> list[str]:
    """Write into the lock what the page in place says of targets and the lock does not know yet.

    Parameters
    ----------
    output, slug : the folder of all reports, whose lock the caller holds, and the report
    study, where : as the page's notebook was given them

    Returns
    -------
    The names of the targets of which lines were written.

    Raises
    ------
    FreezeError : the lock is broken, or cannot be written; the page stays as it is.
    """
    if where:
        return []
    record = _record(output / slug)
    lines: list[Mapping[str, Any]] = []
    if not record.get("study", {}).get("where"):
        lines += _pending(record)
    shows = any(table.get("slug") == SLUG for table in record.get("facts", []))
    if not shows:
        return []
    path = find_study(study)
    if path.parent.resolve() == shipped("sample").resolve():
        if lines:
            raise FreezeError("The targets of the sample study are not frozen; copy it with `cxgap sample FOLDER`.", CLOSED)
        return []
    lock = read_lock(lock_path(path), known=known_head(output, path))
    if lock.problem:
        raise _broken(lock, path)
    if not lines:
        remember_head(output, path, lock)
        return []
    lines = _true(lines, path, record)
    new, lock = _append(path, lines, record["study"]["fingerprint"], known_head(output, path))
    remember_head(output, path, lock)
    return new


def _record(folder: Path) -> dict[str, Any]:
    run = current_run(folder)
    try:
        found = json.loads((run / RECORD).read_bytes()) if run else {}
    except (OSError, ValueError):
        found = {}
    return found if isinstance(found, dict) else {}


def _pending(record: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the lines that the tables of a record ask for; a record that says nothing of the kind asks for none."""
    lines: list[dict[str, Any]] = []
    for table in record.get("facts", []):
        if table.get("slug") != SLUG or "to_freeze" not in table.get("columns", []):
            continue
        place = table["columns"].index("to_freeze")
        for row in table["rows"]:
            with suppress(ValueError, TypeError):
                lines += json.loads(row[place]) if row[place] else []
    return lines


def _true(lines: Sequence[Mapping[str, Any]], path: Path, record: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Keep the lines of days that are over, of targets as they are declared now or as the lock has them."""
    spec = load_spec(path)[0]
    declared = read_targets(path, spec.study, spec.outcomes).table
    known = set(zip(declared["name"], declared["spec_hash"], strict=True))
    known |= {(entry["name"], entry["spec_hash"]) for entry in read_lock(lock_path(path)).entries}
    today = datetime.now(UTC).astimezone(ZoneInfo(spec.study.zone)).date()
    whole = "+" not in record["study"]["fingerprint"]
    return [
        line
        for line in lines
        if whole and (line["name"], line["spec_hash"]) in known and date.fromisoformat(line["until"]) < today
    ]


def _append(
    path: Path, lines: Sequence[Mapping[str, Any]], fingerprint: str, known: Mapping[str, Any] | None
) -> tuple[list[str], TargetLock]:
    """Add the lines that are of no target, or look, that has one; return whose they are, and the lock as it is then."""
    place = lock_path(path)
    fresh = place.with_name(f".{place.name}.{os.getpid()}")
    try:
        with _held(place.parent):
            raw, unread = raw_lock(place)
            lock = TargetLock(problem=unread) if unread else parse_lock(raw, known=known)
            if lock.problem:
                raise _broken(lock, path)
            names, added, head = [], [], lock.head
            taken = {_key(entry) for entry in lock.entries}
            for line in lines:
                if _key(line) in taken or (line["name"].casefold(), FINAL, 0) in taken:
                    continue
                now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
                own = {**line, "fingerprint": fingerprint, "version": version("cxgap"), "frozen_at": now}
                entry = sealed(own, head)
                head = entry["hash"]
                taken.add(_key(line))
                added.append(canonical(entry).encode() + b"\n")
                names.append(str(line["name"]))
            if not added:
                return [], lock
            content = raw + b"".join(added)
            after = parse_lock(content, known=known)
            if after.problem:  # a line that would break the chain is never written
                raise FreezeError(f"The verdicts of {path.name} cannot be frozen: {after.problem}.", UNWRITTEN)
            try:
                disk.write(fresh, content)
                disk.replace(fresh, place)
                disk.sync(place.parent)
            except OSError:
                with suppress(OSError):
                    fresh.unlink(missing_ok=True)
                raise
            return list(dict.fromkeys(names)), after
    except OSError as error:
        if error.errno in _NO_WRITING:
            text = f"The verdicts on targets are not frozen, because {place.parent.name} may not be written: {error.strerror}."
            raise FreezeError(text, CLOSED) from error
        full = "the disk is full" if error.errno in FULL else error.strerror or type(error).__name__
        text = f"The verdicts on targets could not be frozen: {full}. The page is in place; run again, and they will be."
        raise FreezeError(text, UNWRITTEN) from error


def _key(line: Mapping[str, Any]) -> tuple[str, str, int]:
    return str(line["name"]).casefold(), str(line["kind"]), 0 if line["kind"] == FINAL else int(line["look"])


def _broken(lock: TargetLock, path: Path) -> FreezeError:
    return FreezeError(
        f"The lock of targets {LOCK} cannot be trusted: {lock.problem}. Nothing was written into it. Bring it back from "
        f"a copy, such as the last one under version control, and type `cxgap targets {path.parent.name}` to check it.",
        BROKEN,
    )


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Hold a study's folder, for a moment, against other runs of this machine; the system lets go of what dies."""
    if sys.platform == "win32":
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC | getattr(os, "O_DIRECTORY", 0))
    try:
        until = time.monotonic() + _WAIT
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > until:
                    raise OSError(errno.EBUSY, "another run holds the study's folder") from None
                time.sleep(0.02)
        for left in folder.glob(f".{LOCK}.*"):  # of runs that were killed
            with suppress(OSError):
                left.unlink()
        yield
    finally:
        os.close(descriptor)


class Freezer:
    """Freezes the pages of one run, and says each fault once.

    Parameters
    ----------
    output : the folder of the reports, for one who holds its lock
    note : called with the name of an event and what is to be logged of it
    say : shows a line
    """

    def __init__(self, output: Path, note: Callable[..., None], say: Callable[[str], None]) -> None:
        self._output, self._note, self._say = output, note, say
        self._said: set[str] = set()
        self.faults: list[str] = []

    def page(self, slug: str, study: str, where: Mapping[str, object]) -> None:
        """Freeze what the page in place says; a fault never stops a run."""
        try:
            names = freeze(self._output, slug, study, where)
        except FreezeError as error:
            self._fault(str(error), error.kind, slug)
        except (CxgapError, OSError, ValueError, LookupError, TypeError) as error:
            self._fault(f"The verdicts on targets could not be frozen: {error}", UNWRITTEN, slug)
        else:
            if names:
                self._note("targets_frozen", slug=slug, names=names)

    def _fault(self, text: str, kind: str, slug: str) -> None:
        if text in self._said:
            return
        self._said.add(text)
        self._note("targets_not_frozen", slug=slug, kind=kind, message=text)
        if kind != CLOSED:
            self._say(text)
            self.faults.append(text)
