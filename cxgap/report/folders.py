"""Where things lie below the output folder, and how much room there is for more."""

from __future__ import annotations

import errno
import json
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from cxgap.errors import RunError
from cxgap.report import disk

PRIVATE: Final = "private"
REPORT: Final = "report.html"
RECORD: Final = "record.json"
MANIFEST: Final = "manifest.json"
TABLES: Final = "tables"
RUNS: Final = "runs"
CURRENT: Final = "current"
POINTER: Final = "current.json"  # says what CURRENT says, where there are no links
FAILURE: Final = "failure.html"
RUN_ID: Final = re.compile(r"[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}")
FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
FIRST_SIZE: Final = 300_000  # bytes of a report that was never made
SPARE: Final = 3  # times the last size must be free before a run


class NoRoomError(RunError):
    """The disk of the reports is full; what was published stays."""

    code = "space"


def private_folder(output: Path) -> Path:
    """Return `output`/private, made and closed to others."""
    folder = output / PRIVATE
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    return folder


def new_run(output: Path) -> tuple[str, Path]:
    """Return a run id that was never used, and its own new folder, which nobody else can open."""
    run_id = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"
    folder = private_folder(output) / RUNS / run_id
    folder.parent.mkdir(mode=0o700, exist_ok=True)
    folder.parent.chmod(0o700)
    folder.mkdir(mode=0o700)
    return run_id, folder


def new_staging(output: Path, run_id: str, *, slug: str = "") -> Path:
    """Return an empty folder, on the disk of the reports, for what a run will bring out.

    Its mode is that of public files, because it will become one of them; the folder around it is closed. With a `slug`,
    there must be room for three times what its last run brought out.

    Raises
    ------
    NoRoomError : there is not.
    """
    staging = staging_folder(output)
    if slug:
        check_room(output, slug)
    staged = staging / run_id
    staged.mkdir()
    return staged


def staging_folder(output: Path) -> Path:
    """Return the closed folder in which public files are made."""
    staging = private_folder(output) / "staging"
    staging.mkdir(mode=0o700, exist_ok=True)
    staging.chmod(0o700)
    return staging


def discard(staged: Path) -> None:
    """Remove what a run that failed left in staging."""
    shutil.rmtree(staged, ignore_errors=True)


def runs_of(folder: Path) -> list[Path]:
    """Return the folders of a report's runs, the oldest first."""
    if not (folder / RUNS).is_dir():
        return []
    return sorted(path for path in (folder / RUNS).iterdir() if RUN_ID.fullmatch(path.name) and path.is_dir())


def current_run(folder: Path) -> Path | None:
    """Return the folder of the run whose report is in place in `folder`, or None if there is none.

    All that is in it is of one run. Readers ask once, then open what they need.
    """
    try:
        name = str(json.loads((folder / POINTER).read_bytes())["run_id"])
    except (OSError, ValueError, LookupError, TypeError):
        link = folder / CURRENT
        name = link.readlink().name if link.is_symlink() else ""
    found = folder / RUNS / name
    return found if RUN_ID.fullmatch(name) and found.is_dir() else None


def size_of(folder: Path) -> int:
    """Return the bytes of the files in a folder; what vanishes meanwhile has none."""
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.lstat().st_size if path.is_file() and not path.is_symlink() else 0
        except OSError:
            continue
    return total


def check_room(output: Path, slug: str) -> None:
    """Refuse to begin a run that the disk has no room for.

    Raises
    ------
    NoRoomError : less than three times the size of the report's last run is free; the text says how much is missing.
    """
    last = current_run(output / slug)
    needed = SPARE * (size_of(last) if last else FIRST_SIZE)
    free = disk.free(output)
    if free < needed:
        raise _full(needed, free)


@contextmanager
def room(output: Path, needed: int) -> Iterator[None]:
    """Word the error of a disk that became full while `needed` bytes were written below `output`."""
    try:
        yield
    except OSError as error:
        if error.errno not in FULL:
            raise
        raise _full(needed, min(disk.free(output), needed)) from error


def _full(needed: int, free: int) -> NoRoomError:
    kilo = [f"{-(-number // 1000):,} kB" for number in (needed, free, max(needed - free, 1))]
    return NoRoomError(
        f"The disk of the reports is full: {kilo[0]} are needed, {kilo[1]} are free, {kilo[2]} are missing. "
        "Make room, for example with `cxgap prune`, and run again."
    )
