"""Files brought out so that a reader sees the old ones or the new ones, whole, whenever the machine stops.

Public files are written and synced in `private/staging` on the same disk, and only then take their places.
"""

from __future__ import annotations

import os
import secrets
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from cxgap.errors import BusyError
from cxgap.report.script import ASSETS, plotly_text, shared_name

if sys.platform != "win32":
    import fcntl

PRIVATE = "private"
REPORT = "report.html"


def new_run(output: Path) -> tuple[str, Path]:
    """Return a run id that was never used, and its own new folder, which nobody else can open."""
    run_id = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"
    folder = private_folder(output) / "runs" / run_id
    folder.parent.mkdir(mode=0o700, exist_ok=True)
    folder.mkdir(mode=0o700)
    return run_id, folder


def private_folder(output: Path) -> Path:
    """Return `output`/private, made and closed to others."""
    folder = output / PRIVATE
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    return folder


@contextmanager
def locked(output: Path) -> Iterator[None]:
    """Hold the output folder for a run; the system drops the lock of a process that dies.

    Raises
    ------
    BusyError : another run holds it.
    """
    descriptor = os.open(private_folder(output) / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "r+") as lock:
        if sys.platform != "win32":
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise BusyError(f"{output} is held by another run: {lock.read().strip() or 'it has just begun'}.") from error
        lock.truncate(0)
        lock.write(f"process {os.getpid()}, since {datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}")
        lock.flush()
        yield


def new_staging(output: Path, run_id: str) -> Path:
    """Return an empty folder, on the disk of the reports, for what a run will bring out."""
    staged = private_folder(output) / "staging" / run_id
    staged.mkdir(mode=0o700, parents=True)
    return staged


def bring_out(output: Path, slug: str, run_id: str, staged: Path) -> None:
    """Publish what a run left in `staged`, the page last, for one who holds the lock."""
    names = sorted((path.relative_to(staged).as_posix() for path in staged.rglob("*") if path.is_file()), key=_page_last)
    publish(output, {f"{slug}/{name}": (staged / name).read_bytes() for name in names})
    remove_others(output / slug / "tables", {Path(name).name for name in names})
    shutil.rmtree(staged)


def _page_last(name: str) -> tuple[bool, str]:
    return name == REPORT, name


def share_plotly(output: Path) -> None:
    """Put plotly.js beside the reports, unless it lies there whole."""
    place, content = output / ASSETS / shared_name(), plotly_text().encode()
    if not (place.is_file() and place.read_bytes() == content):
        publish(output, {f"{ASSETS}/{shared_name()}": content})


def publish(output: Path, files: Mapping[str, bytes]) -> None:
    """Put `files` in their places below `output`, in the order given, for one who holds the lock.

    Keys of `files` are relative paths with forward slashes.
    """
    staging = private_folder(output) / "staging" / "files"
    shutil.rmtree(staging, ignore_errors=True)  # what a killed run left
    staging.mkdir(mode=0o700, parents=True)
    try:
        staged = {name: staging / str(position) for position, name in enumerate(files)}
        for name, path in staged.items():
            _write(path, files[name])
        for name, path in staged.items():
            place = output / name
            place.parent.mkdir(parents=True, exist_ok=True)
            path.replace(place)
            _sync(place.parent)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def remove_others(folder: Path, names: set[str]) -> None:
    """Remove the files of an earlier run that the newest one did not write."""
    for path in folder.glob("*.csv"):
        if path.name not in names:
            path.unlink()


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:  # the mode that the umask gives: these files are for readers
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    if sys.platform != "win32":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
