"""The output folder: can everything that publishing does really be done there? It is tried, and what was tried is removed."""

from __future__ import annotations

import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from cxgap.doctor.finding import Finding, fault, note, ok
from cxgap.doctor.mounts import mounted
from cxgap.report import disk
from cxgap.report.folders import PRIVATE

if sys.platform != "win32":
    import fcntl

_LITTLE = 100 * 2**20  # bytes; forty pages, their runs and the cache of a large study fit many times into the next
_ENOUGH = 2**30
_REMOTE = ("nfs", "cifs", "smb", "9p", "fuse.sshfs", "afs", "ceph", "glusterfs", "lustre", "virtiofs")


def look_at_folder(output: Path) -> Iterator[Finding]:
    """Look at the output folder, or, where it is still to be made, at the one that it will be made in."""
    place = next((folder for folder in (output, *output.absolute().parents) if folder.exists()), output)
    if not place.is_dir():
        yield fault("output folder", f"{place} is a file: name another folder with --output")
        return
    yield _space(place)
    yield _mount(place)
    try:
        with tempfile.TemporaryDirectory(prefix=".cxgap-doctor-", dir=place) as tried:
            yield ok("output folder", f"{output} can be written" if place == output else f"{output} can be made in {place}")
            yield from _try_all(Path(tried))
    except OSError as error:
        yield fault(
            "output folder", f"{place} cannot be written ({error.strerror}): chown or chmod it, or name another with --output"
        )
    if place == output:
        yield _modes(output / PRIVATE)


def _space(place: Path) -> Finding:
    free = shutil.disk_usage(place).free
    words = f"{free / 2**30:.1f} GiB free" if free >= _ENOUGH else f"{free / 2**20:.0f} MiB free"
    files = os.statvfs(place).f_favail if hasattr(os, "statvfs") and os.statvfs(place).f_files else None
    if free < _LITTLE:
        return fault("space", f"{words}, and 100 MiB is the least for a run: make room")
    if files is not None and files < 10_000:
        return note("space", f"{words}, but only {files} more files can be made: make room")
    return (note if free < _ENOUGH else ok)("space", words)


def _mount(place: Path) -> Finding:
    kind, options = mounted(place)
    if kind is None:
        return ok("file system", "its kind is not known here")
    if kind.startswith(_REMOTE):
        return note(
            "file system",
            f"{kind}, over a network: one run at a time is only certain if all schedules run on one machine, and if locks "
            "are the server's (no nolock or local_lock): better make reports on a local disk and copy them",
        )
    if "ro" in options:
        return fault("file system", f"{kind}, mounted for reading only: name another folder with --output")
    if kind == "tmpfs":
        return note("file system", "tmpfs, which is empty after a restart: name a folder on a disk with --output")
    return ok("file system", kind)


def _try_all(folder: Path) -> Iterator[Finding]:
    """Try each thing that publishing rests on."""
    trials: tuple[tuple[str, Callable[[Path], None], Callable[[str, str], Finding], str], ...] = (
        ("fsync", _sync, fault, "a page could be lost with the power: name a folder on a local disk with --output"),
        ("rename", _rename, fault, "pages could not be replaced whole: name a folder on a local disk with --output"),
        ("links", _link, note, "`current` will be a copy"),
        ("modes", _mode, note, "private/ cannot be closed to others: name a folder on another file system with --output"),
        ("lock", _lock, fault, "two runs could mix their pages: name a folder on a local disk with --output"),
    )
    for about, trial, verdict, consequence in trials:
        try:
            trial(folder)
        except (OSError, AttributeError, NotImplementedError) as error:
            yield verdict(about, f"does not work here ({getattr(error, 'strerror', None) or error}); {consequence}")
        else:
            yield ok(about, "works here")


def _sync(folder: Path) -> None:
    disk.write(folder / "synced", b"?")
    disk.sync(folder)


def _rename(folder: Path) -> None:
    new, old = folder / "new", folder / "old"
    new.write_bytes(b"new")
    old.write_bytes(b"old")
    new.replace(old)
    if old.read_bytes() != b"new":
        raise OSError(0, "the old file is still there")


def _link(folder: Path) -> None:
    (folder / "runs").mkdir()
    for name in ("next", "current"):
        (folder / name).symlink_to("runs")
    (folder / "next").replace(folder / "current")
    if not (folder / "current").is_dir():
        raise OSError(0, "a link to a folder is no folder")


def _mode(folder: Path) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    closed.chmod(0o700)
    if os.name == "posix" and stat.S_IMODE(closed.stat().st_mode) != 0o700:
        raise OSError(0, f"asked for 0700, and got {stat.S_IMODE(closed.stat().st_mode):04o}")


def _lock(folder: Path) -> None:
    if sys.platform == "win32":
        raise NotImplementedError("this system has no flock")
    with (folder / "lock").open("w") as first, (folder / "lock").open("r+") as second:
        fcntl.flock(first, fcntl.LOCK_EX | fcntl.LOCK_NB)
        try:
            fcntl.flock(second, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
    raise OSError(0, "two can hold it at once")


def _modes(private: Path) -> Finding:
    if os.name != "posix" or not private.is_dir():
        return ok("private/", "still to be made, for its owner alone")
    mode, owner = stat.S_IMODE(private.stat().st_mode), private.stat().st_uid
    if owner != os.geteuid() and os.geteuid() != 0:
        return fault(
            "private/", f"belongs to user {owner}, and you are {os.geteuid()}: run as that user, or chown -R {private}"
        )
    if mode & 0o077:
        return note("private/", f"{mode:04o}, so that others can look in: chmod 700 {private}")
    return ok("private/", f"{mode:04o}")
