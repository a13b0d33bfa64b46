"""Every step by which a publication changes the disk, a plain function each.

Nothing that is published is written in any other way, so tests can count the steps and let each of them fail.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Final

STEPS: Final = ("make", "write", "sync", "rename", "replace", "symlink", "link", "remove", "clear")


def make(folder: Path, mode: int = 0o777) -> None:
    """Make a folder that is not there; the umask takes from `mode`."""
    folder.mkdir(mode=mode)


def write(path: Path, content: bytes) -> None:
    """Write a file, with the mode that the umask gives, and bring it to the disk."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def sync(path: Path) -> None:
    """Bring a file, or the names in a folder, to the disk."""
    if sys.platform != "win32":
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def rename(source: Path, place: Path) -> None:
    """Move a file or folder to a place where nothing is."""
    source.rename(place)


def replace(source: Path, place: Path) -> None:
    """Move a file or link to a place, over what is there: a reader finds the one or the other."""
    source.replace(place)


def symlink(target: str, place: Path) -> None:
    """Make a link."""
    place.symlink_to(target)


def link(source: Path, place: Path) -> None:
    """Give a file a second name."""
    place.hardlink_to(source)


def remove(path: Path) -> None:
    """Remove a file or link, if it is there."""
    path.unlink(missing_ok=True)


def clear(folder: Path) -> None:
    """Remove a folder and all that is in it, if it is there."""
    if folder.exists():
        shutil.rmtree(folder)


def free(folder: Path) -> int:
    """Return the bytes that may still be written below an existing folder."""
    return shutil.disk_usage(folder).free
