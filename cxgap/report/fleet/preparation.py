"""The reading pass before the jobs, in a process of its own, and what is remembered of it for a run that changes nothing."""

from __future__ import annotations

import hashlib
import json
import shutil
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, NamedTuple

from cxgap.disclosure.counted import Cell
from cxgap.errors import CxgapError, RunError
from cxgap.report import disk
from cxgap.report.code import code_hash
from cxgap.report.fleet.endings import FULL_WORDS, LEAST_ROOM, signal_name
from cxgap.report.fleet.family import Family
from cxgap.report.fleet.inputs import Hashes, basis_of, slice_of
from cxgap.report.fleet.keys import versions
from cxgap.report.fleet.processes import MARK, end, resident, snapshot
from cxgap.report.fleet.redact import redact
from cxgap.report.fleet.signals import Stop
from cxgap.report.fleet.starters import WORDS, start_module
from cxgap.report.folders import RUNS, NoRoomError, new_run, private_folder
from cxgap.report.job import Job
from cxgap.report.prepare import PREPARED, slice_key
from cxgap.report.private import write_private
from cxgap.report.wording import paragraph

REMEMBERED: Final = "minimums.json"
_REQUEST: Final = "request.json"
_TICK: Final = 0.02
_LOOK: Final = 0.25


class Prepared(NamedTuple):
    """What the reading pass made of a job's slice of its study.

    Attributes
    ----------
    minimum : respondents that its pages must have in a cell to show it; 0 raises nothing
    context : the file of which its kernel is told; None without a study
    cells : the file of the cells that its page shows, for the ledger
    problem : why the slice cannot be read, or ""
    nothing : whether the minimum leaves nothing to show
    masked : cells that the minimum hides, and the one that the study declares would not
    compared : whether earlier pages are a reason for the minimum
    """

    minimum: int = 0
    context: Path | None = None
    cells: Path | None = None
    problem: str = ""
    nothing: bool = False
    masked: frozenset[Cell] = frozenset()
    compared: bool = False


def sweep(output: Path) -> None:
    """Remove what runs that were killed kept of studies, for one who holds the lock: it holds respondents."""
    for place in (private_folder(output) / RUNS).glob(f"*/{_REQUEST}"):
        shutil.rmtree(place.parent, ignore_errors=True)


class Preparation:
    """The slices of a run; `jobs` are all of its plan, those too that are not run now, because readers have their pages.

    `read` reads the slices, `workers` at a time, and `close` removes what was kept of them.
    """

    def __init__(self, jobs: Sequence[Job], output: Path, hashes: Hashes, workers: int = 1) -> None:
        self._jobs, self._output, self._hashes, self._workers = jobs, output, hashes, workers
        self._slices = {slice_key(*part): part for job in jobs if (part := slice_of(job))}
        self._about: dict[str, dict[str, Any]] | None = None
        self._of: str | None = None  # what the inputs were when they were read
        self._folders: list[Path] = []
        self._place = private_folder(output) / REMEMBERED

    def remembered(self) -> bool:
        """Whether the minimums of these very slices, of inputs that have not changed, are known from the run before."""
        try:
            known = json.loads(self._place.read_bytes())
            minimums = {str(name): {"min_n": int(number)} for name, number in known["minimums"].items()}
            same = known["key"] == self._key()
        except (CxgapError, OSError, ValueError, LookupError, TypeError, AttributeError):
            return False
        if same:
            self._about = minimums
        return same

    def forget(self) -> None:
        """Let a run that does not come to its end leave nothing that the next one would rely on."""
        with suppress(OSError):
            self._place.unlink(missing_ok=True)

    def remember(self) -> None:
        """Note the minimums, once every page that they were decided for is out."""
        about = self._about or {}
        known = {name: said["min_n"] for name, said in about.items() if "min_n" in said}
        if len(known) == len(self._slices):
            with suppress(CxgapError, OSError, ValueError):
                write_private(self._place, json.dumps({"key": self._key(), "minimums": known}, indent=1))

    def read(self, stop: Stop, tell: Callable[[int, float], None]) -> None:
        """Read the slices in a process of its own; `tell` is called with how many they are, and the seconds it took so far.

        Raises
        ------
        RunError : it failed as a whole, and nobody can tell what must stay hidden.
        """
        self._about = {}
        if not self._slices:
            return
        self._of = self._known_key()
        for last in (False, True):
            killed = self._read(stop, tell)
            if killed and last:
                raise RunError(f"The studies could not be read before the reports: {killed}.")
            if not killed:
                return

    def _read(self, stop: Stop, tell: Callable[[int, float], None]) -> str:
        """Read the slices once; return by what the process was killed from outside, which may not happen again, or ""."""
        run_id, folder = new_run(self._output)
        self._folders.append(folder)
        request = {
            "output": str(self._output.absolute()),
            "folder": str(folder.absolute()),
            "workers": self._workers,
            "slices": [{"study": study, "where": where, "as_of": as_of} for study, where, as_of in self._slices.values()],
        }
        place = folder / _REQUEST
        write_private(place, json.dumps(request))
        environment = {MARK: run_id, "OPENBLAS_NUM_THREADS": "1", "PYTHONHASHSEED": "0"}
        process = start_module("cxgap.report.prepare", [place], folder, environment)
        family, clock, looked = Family(run_id, folder, process.pid), time.monotonic(), 0.0
        limit = max(job.limits.job for job in self._jobs) * len(self._slices)
        memory = max(job.limits.memory for job in self._jobs) * min(self._workers, len(self._slices))
        fault = ""
        while (code := process.poll()) is None:
            if time.monotonic() - looked >= _LOOK:
                looked, seen = time.monotonic(), snapshot()
                family.grow(seen)
                if resident(family.pids, seen, memory) > memory:
                    fault = (
                        f"more than {memory / 2**30:.3g} GiB of memory were needed; give more with limits.memory in the plan"
                    )
            if time.monotonic() - clock > limit:
                fault = f"it took longer than {limit} seconds; give more with limits.job in the plan"
            tell(len(self._slices), time.monotonic() - clock)
            if stop or fault:
                end(family.alive(), signal.SIGKILL)
            time.sleep(_TICK)
        family.bury()
        if stop:
            return ""
        if code < 0 and not fault:
            return f"the process that read them was ended by {signal_name(-code)}"
        if code and not fault and disk.free(self._output) < LEAST_ROOM:
            raise NoRoomError(FULL_WORDS)
        try:
            if code or fault:
                raise ValueError(fault or _last_words(folder) or f"its process ended with {code}")
            self._about = json.loads((folder / PREPARED).read_bytes())["slices"]
        except (OSError, ValueError, LookupError) as error:
            raise RunError(f"The studies could not be read before the reports: {redact(paragraph(error))}.") from error
        return ""

    def current(self) -> bool:
        """Whether the inputs are what they were when they were read, as far as anybody can tell."""
        return self._of is None or self._known_key() == self._of

    def of(self, job: Job) -> Prepared:
        """Return what is known of a job's slice."""
        part = slice_of(job)
        about = (self._about or {}).get(slice_key(*part), {}) if part else {}
        if "problem" in about:
            return Prepared(problem=str(about["problem"]))
        context, cells = (Path(about[name]) if name in about else None for name in ("context", "cells"))
        masked = frozenset(Cell(measure, kind, tuple(keys)) for measure, kind, keys in about.get("masked", []))
        more = bool(about.get("nothing")), masked, bool(about.get("compared"))
        return Prepared(int(about.get("min_n", 0)), context, cells, "", *more)

    def close(self) -> None:
        """Remove the kept studies, which hold respondents."""
        for folder in self._folders:
            shutil.rmtree(folder, ignore_errors=True)

    def _known_key(self) -> str:
        """Return the key, or "" where nobody can tell whether the inputs have changed."""
        try:
            return self._key()
        except (CxgapError, OSError, ValueError):
            return ""

    def _key(self) -> str:
        parts = []
        for job in self._jobs:
            if part := slice_of(job):
                basis = basis_of(job, self._hashes)
                if not basis.whole:
                    raise ValueError("of a study that may change unseen, nothing is remembered")
                parts.append([slice_key(*part), [[file.name, file.sha256] for file in basis.files]])
        text = json.dumps([sorted(parts), code_hash(), versions()])
        return hashlib.sha256(text.encode()).hexdigest()


def _last_words(folder: Path) -> str:
    try:
        lines = (folder / WORDS).read_text("utf-8", "replace").strip().splitlines()
    except OSError:
        return ""
    return lines[-1].removeprefix("cxgap: ").rstrip(".") if lines else ""
