"""The files that a job rests on, their hashes, and whether they are still the same."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path
from typing import Any, Final, NamedTuple

from cxgap.report.job import Job
from cxgap.report.notebooks import read_notebook
from cxgap.report.parameters import read_parameters
from cxgap.tables.inputs import inputs_of
from cxgap.tables.read import find_study
from cxgap.tables.spec import load_spec
from cxgap.tables.target_lock import lock_path

_CHUNK: Final = 1 << 20
Stamp = tuple[int, int, int, int, int]


class Hashed(NamedTuple):
    """A file and what was in it; `name` is told to readers, and is relative to the study file."""

    path: Path
    name: str
    bytes: int
    sha256: str


class Basis(NamedTuple):
    """What a job reads; `whole` says that nothing else can change what it finds."""

    files: tuple[Hashed, ...]
    whole: bool


class Hashes:
    """Hashes of files, each taken anew only when the file has been touched since."""

    def __init__(self) -> None:
        self._known: dict[Path, tuple[Stamp, str]] = {}
        self._locks: dict[Path, str] = {}

    def of(self, path: Path) -> tuple[int, str]:
        """Return the size and SHA-256 of a regular file; OSError if it is none or cannot be read."""
        with open(path, "rb", opener=_at_once) as file:
            stamp = _stamp(file.fileno())
            known = self._known.get(path)
            if known is None or known[0] != stamp:
                digest = hashlib.sha256()
                while chunk := file.read(_CHUNK):
                    digest.update(chunk)
                known = (stamp, digest.hexdigest())
                if _stamp(file.fileno()) == stamp:
                    self._known[path] = known
        return stamp[2], known[1]

    def of_lock(self, path: Path) -> str:
        """Return the hash of a lock as it was first asked for; a run adds to it, and its pages show it as it was before."""
        if path not in self._locks:
            try:
                self._locks[path] = self.of(path)[1]
            except OSError:
                self._locks[path] = ""
        return self._locks[path]


def basis_of(job: Job, hashes: Hashes) -> Basis:
    """Return what a job reads.

    A study that reads a database by its address, a file that cannot be read, and a notebook without a `study` make it less
    than whole.

    Raises
    ------
    CxgapError : there is no such study, or its study file cannot be used.
    """
    part = slice_of(job)
    if part is None:
        return Basis((), False)
    path = find_study(part[0])
    named, addressed = inputs_of(path, load_spec(path)[0])
    files, whole = [], not addressed
    for file in named:
        try:
            size, digest = hashes.of(file)
        except OSError:
            whole = False  # the reader of the study says better what is wrong with it
        else:
            files.append(Hashed(file, Path(os.path.relpath(file, path.parent)).as_posix(), size, digest))
    return Basis(tuple(files), whole)


def lock_of(job: Job, hashes: Hashes) -> str:
    """Return the hash of the lock of targets that a job's page shows; "" where its notebook shows none, or there is none."""
    if b"target_status" not in job.notebook.read_bytes() or (part := slice_of(job)) is None:
        return ""
    return hashes.of_lock(lock_path(find_study(part[0])))


def slice_of(job: Job) -> tuple[str, dict[str, Any], str] | None:
    """Return the study, where and as_of of a job, with the notebook's defaults; None if its notebook asks for no study."""
    known = dict(job.parameters)
    if missing := [name for name in ("study", "where", "as_of") if name not in known]:
        declared = read_parameters(read_notebook(job.notebook), job.notebook.stem)
        known |= {name: declared[name].default for name in missing if name in declared}
    study, where, as_of = (known.get(name) for name in ("study", "where", "as_of"))
    if study is None:
        return None
    return str(study), dict(where) if isinstance(where, dict) else {}, str(as_of or "")


def changed(basis: Basis, hashes: Hashes) -> list[str]:
    """Return the names of the files that are not what they were."""
    found = []
    for file in basis.files:
        try:
            same = hashes.of(file.path) == (file.bytes, file.sha256)
        except OSError:
            same = False
        found += [] if same else [file.name]
    return found


def _at_once(path: str, flags: int) -> int:
    """Open without waiting for somebody to write into a pipe, and refuse what is no regular file."""
    descriptor = os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(f"{path} must be a regular file")
    return descriptor


def _stamp(descriptor: int) -> Stamp:
    found = os.fstat(descriptor)
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
