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
    """Let one process at a time change the public files; the system drops the lock of a process that dies."""
    with (private_folder(output) / "lock").open("w") as lock:
        if sys.platform != "win32":
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def publish(output: Path, files: Mapping[str, bytes]) -> None:
    """Put `files` in their places below `output`, in the order given, for one who holds the lock.

    Keys of `files` are relative paths with forward slashes.
    """
    staging = private_folder(output) / "staging"
    shutil.rmtree(staging, ignore_errors=True)  # what a killed run left
    staging.mkdir(mode=0o700)
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
