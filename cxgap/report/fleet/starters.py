"""How the process of a job is started; whoever starts it, the supervisor sees the same few things."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, Protocol

import cxgap
from cxgap.report.lifeline import PARENT

MODES: Final = ("auto", "spawn", "fork")
MANY: Final = 4  # jobs, from which warming a parent costs less than it saves
WORDS: Final = "stderr.txt"  # what the process itself says, in the run folder


class Process(Protocol):
    """A process that was started. It leads a session of its own and dies with the supervisor."""

    @property
    def pid(self) -> int:
        """Its process id."""

    def poll(self) -> int | None:
        """Return its exit code, negative for a signal; None while it runs."""


class Starter(Protocol):
    """Starts the process of a job."""

    def start(self, run_folder: Path, staged: Path, environment: Mapping[str, str]) -> Process:
        """Start the job of `run_folder`/job.json, with `environment` over the supervisor's own; OSError if it cannot."""

    def close(self) -> None:
        """End what is kept to start processes from."""


class Spawn:
    """Starts a new interpreter for each job: slower than a fork, and the reference for it."""

    def start(self, run_folder: Path, staged: Path, environment: Mapping[str, str]) -> Process:
        """Start `python -m cxgap.report.worker` on the two folders."""
        return start_module("cxgap.report.worker", [run_folder, staged], run_folder, environment)

    def close(self) -> None:
        """Nothing is kept."""


def start_module(module: str, paths: Sequence[Path], run_folder: Path, environment: Mapping[str, str]) -> Process:
    """Start a module of this package in a new interpreter; what it says goes to `run_folder`."""
    # -P: files of the working folder must not stand in for modules.
    command = [sys.executable, "-P", "-m", module, *(str(path.absolute()) for path in paths)]
    with open(run_folder / WORDS, "wb", opener=_private) as words:
        return subprocess.Popen(
            command,
            env={**os.environ, **_import_path(), PARENT: str(os.getpid()), **environment},
            stdin=subprocess.DEVNULL,
            stdout=words,
            stderr=words,
            start_new_session=True,
        )


def starter_of(mode: str, jobs: int) -> Starter:
    """Return what starts processes in one of MODES; "auto" forks many jobs on Linux, where orphans are found."""
    if mode == "fork" or (mode == "auto" and jobs >= MANY and sys.platform == "linux"):
        from cxgap.report.fleet.nursery import Nursery

        with suppress(OSError):  # where it cannot start, each job says why it cannot either
            return Nursery()
    return Spawn()


def _import_path() -> dict[str, str]:
    """Return what a new interpreter needs to find this package where it was run from its folder, without being installed."""
    root = str(Path(cxgap.__file__).parents[1])
    if sys.path[0] not in (root, "") or root != str(Path.cwd()):
        return {}
    return {"PYTHONPATH": os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH", "")]))}


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, mode=0o600)
