"""How long runs are kept: a few of each report for readers, a month of logs for who runs them, and never a growing disk."""

from __future__ import annotations

import json
import shutil
from collections import defaultdict
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

from cxgap.report import disk
from cxgap.report.folders import PRIVATE, RUN_ID, RUNS, current_run, runs_of, size_of
from cxgap.report.publish import settle

_JOB: Final = "job.json"
_TIME: Final = "%Y%m%dT%H%M%SZ"


class Keep(NamedTuple):
    """What is kept.

    Attributes
    ----------
    runs : published runs of each report, the one in place always among them
    days : of private runs; the newest of each report, and those whose report is in place, are kept however old they are
    private_runs : most private runs of each report, for one that runs every hour
    cache_days, cache_bytes : of the cache of studies that were read
    """

    runs: int = 12
    days: int = 30
    private_runs: int = 60
    cache_days: int = 7
    cache_bytes: int = 2 * 2**30


class Pruned(NamedTuple):
    """What was removed: published runs, private runs, files of the cache, and bytes in all."""

    runs: int
    private_runs: int
    cached: int
    bytes: int


KEEP: Final = Keep()


def prune(output: Path, keep: Keep = KEEP, *, now: datetime | None = None) -> Pruned:
    """Remove what is older than `keep` says, for one who holds the lock; what cannot be removed stays until the next time.

    Parameters
    ----------
    output : the folder of all reports
    keep : what is kept
    now : the time that ages are counted to
    """
    settle(output)
    now = now or datetime.now(UTC)
    reports = [path.parent for path in output.glob(f"*/{RUNS}") if path.parent.name != PRIVATE and not path.parent.is_symlink()]
    in_place = {run.name for report in reports if (run := current_run(report))}
    old = [path for report in reports for path in _old_runs(report, keep)]
    own = _old_private(output / PRIVATE / RUNS, keep, now, in_place)
    cached = _old_cache(output / PRIVATE / "cache", keep, now)
    freed = sum(map(_removed, [*old, *own, *cached]))
    return Pruned(len(old), len(own), len(cached), freed)


def _old_runs(report: Path, keep: Keep) -> list[Path]:
    """Return the published runs that are too many, the oldest first, and never the one in place."""
    current = current_run(report)
    others = [path for path in runs_of(report) if current is None or path.name != current.name]
    return others[: max(0, len(others) - (keep.runs - (current is not None)))]


def _old_private(runs: Path, keep: Keep, now: datetime, in_place: set[str]) -> list[Path]:
    """Return the private runs that are too old or too many."""
    newest_first: dict[str, list[Path]] = defaultdict(list)
    for path in sorted(runs.glob("*"), key=lambda path: path.name, reverse=True):
        if RUN_ID.fullmatch(path.name):
            newest_first[_slug_of(path)].append(path)
    old = []
    for paths in newest_first.values():
        for number, path in enumerate(paths):
            late = now - _begun(path) > timedelta(days=keep.days)
            if number > 0 and path.name not in in_place and (late or number >= keep.private_runs):
                old.append(path)
    return old


def _slug_of(run: Path) -> str:
    try:
        return str(json.loads((run / _JOB).read_bytes())["slug"])
    except (OSError, LookupError, TypeError, ValueError):
        return ""


def _begun(run: Path) -> datetime:
    return datetime.strptime(run.name.partition("-")[0], _TIME).replace(tzinfo=UTC)


def _old_cache(cache: Path, keep: Keep, now: datetime) -> list[Path]:
    """Return the files of the cache that are too old, and the oldest of those that are too much in all."""
    found = []
    for path in cache.rglob("*"):
        with suppress(OSError):
            if path.is_file() and not path.is_symlink():
                status = path.stat()
                found.append((status.st_mtime, status.st_size, path))
    old, total = [], 0
    for written, size, path in sorted(found, reverse=True):
        total += size
        if now.timestamp() - written > keep.cache_days * 86400 or total > keep.cache_bytes:
            old.append(path)
    return old


def _removed(path: Path) -> int:
    """Remove a file or a folder and return the bytes it had."""
    if not path.is_dir():
        size = path.lstat().st_size if path.exists() else 0
        with suppress(OSError):
            disk.remove(path)
        return size
    size = size_of(path)
    shutil.rmtree(path, ignore_errors=True)
    return size
