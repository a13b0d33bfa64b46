"""One run at a time in an output folder. The system drops the lock of a process that dies, so no lock is ever stale."""

from __future__ import annotations

import errno
import os
import platform
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from cxgap.errors import ArgumentError, BusyError, RunError
from cxgap.report.folders import private_folder
from cxgap.report.wording import paragraph

if sys.platform != "win32":
    import fcntl

_LONGEST: Final = 200  # bytes of the holder's name; whatever else is in the file is rubbish
_NO_WRITING: Final = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST, errno.EISDIR, errno.ELOOP}
_NO_LINK: Final = getattr(os, "O_NOFOLLOW", 0)
_held: set[int] = set()  # descriptors


@contextmanager
def held(output: Path) -> Iterator[None]:
    """Hold the output folder.

    Raises
    ------
    BusyError : another run holds it; the text says which one, and since when.
    ArgumentError : nothing may be written there.
    RunError : nothing can be written there, as on a full disk.
    """
    try:
        descriptor = os.open(private_folder(output) / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | _NO_LINK, 0o600)
    except OSError as error:
        why = error.strerror or "it cannot be used"
        if error.errno not in _NO_WRITING:
            raise RunError(f"The output folder {paragraph(output)} cannot be used: {why}.") from error
        raise ArgumentError(
            f"The output folder {paragraph(output)} must be one that you can write to, and is not: {why}. "
            "Name another with --output."
        ) from error
    try:
        _take(descriptor, output)
    except BaseException:
        os.close(descriptor)
        raise
    _held.add(descriptor)
    try:
        with suppress(OSError):  # on a full disk the lock holds without the name of its holder
            os.ftruncate(descriptor, 0)
            since = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
            os.write(descriptor, f"process {os.getpid()} on {platform.node()}, since {since}".encode())
        yield
    finally:
        if descriptor in _held:  # a forked child has let go of it already
            _held.discard(descriptor)
            os.close(descriptor)


def _take(descriptor: int, output: Path) -> None:
    if sys.platform == "win32":
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        said = _holder(descriptor)
        raise BusyError(f"{paragraph(output)} is held by another run: {said or 'it has just begun'}.") from error


def _holder(descriptor: int) -> str:
    """Return what the holder says of itself; one that has just begun is given a moment to say it."""
    said = b""
    for _ in range(10):
        time.sleep(0.05)
        os.lseek(descriptor, 0, os.SEEK_SET)
        if said := os.read(descriptor, _LONGEST).strip():
            break
    return paragraph(said.decode("utf-8", "replace"))


def _let_go() -> None:
    """Close the lock in a forked child, which would hold it for as long as it lives, even after its parent died."""
    for descriptor in _held:
        with suppress(OSError):
            os.close(descriptor)
    _held.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_let_go)
