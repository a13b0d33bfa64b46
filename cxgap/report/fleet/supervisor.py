"""Jobs run by several workers at once, each in a process of its own; what they make is published here alone, one by one."""

from __future__ import annotations

import os
import secrets
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final, TextIO

from cxgap.disclosure.ledger import note
from cxgap.errors import ArgumentError, CxgapError, RunError
from cxgap.report.fleet import endings, hook
from cxgap.report.fleet.attempts import Attempt
from cxgap.report.fleet.board import Board, Line
from cxgap.report.fleet.delivery import Made, ending_of_start, outcome_of, worded
from cxgap.report.fleet.endings import Ending
from cxgap.report.fleet.events import Events, now
from cxgap.report.fleet.family import end_leftovers
from cxgap.report.fleet.inputs import Basis, Hashes, changed, slice_of
from cxgap.report.fleet.notices import Notices
from cxgap.report.fleet.outcome import FleetResult, Outcome
from cxgap.report.fleet.preparation import Preparation, Prepared, sweep
from cxgap.report.fleet.processes import adopt_orphans, bury, end, orphans, snapshot
from cxgap.report.fleet.signals import Stop, heeded
from cxgap.report.fleet.sorting import Sorted, sort_out
from cxgap.report.fleet.standing import title_and_warnings
from cxgap.report.fleet.starters import MODES, Starter, starter_of
from cxgap.report.job import Job
from cxgap.report.publish import locked, new_run, new_staging, share_plotly
from cxgap.report.retention import prune
from cxgap.report.run import EXTRA
from cxgap.report.targets import Freezer
from cxgap.report.wording import many, paragraph

_TICK: Final = 0.02  # seconds between two looks at the workers
_LOOK: Final = 0.25  # seconds between two looks at what they take
_LAST_WAIT: Final = 1.0  # seconds for the last that a run has left to be gone
_STOPPED_HOOK: Final = 4.0  # seconds for --on-failure where the run was stopped


def run_fleet(
    jobs: Sequence[Job],
    *,
    output: str | os.PathLike[str] = "reports",
    workers: int | None = None,
    force: bool = False,
    fail_fast: bool = False,
    strict: bool = False,
    on_failure: str | None = None,
    mode: str = "auto",
    stream: TextIO | None = None,
    starter: Starter | None = None,
    beside: Sequence[Job] = (),
) -> FleetResult:
    """Make the reports of `jobs`, several at a time, and bring out those that are whole.

    A job that fails harms no other, and the report that it had stays. A job whose report stands whole, and was made of the
    same inputs, parameters, code and versions, is not run.

    Parameters
    ----------
    jobs : what to make; each with a slug of its own
    output : the folder of all reports
    workers : how many at a time, by default as many as there are processors for this process
    force : run what is unchanged too
    fail_fast : start nothing more once a job has failed
    strict : count a report that warns of its data as a failure, in the exit code alone
    on_failure : a command that is run once at the end, without a shell, if not all went well; a JSON summary is its standard
        input, and the file that CXGAP_SUMMARY names
    mode : "spawn", a new interpreter a job, or "fork" from a warm one; "auto" forks where there are many jobs, on Linux
    stream : where to show how far it is; stderr by default
    starter : starts processes in its own way, in place of `mode`
    beside : jobs of the same plan that are not run now; their pages count where small groups must stay hidden

    Returns
    -------
    FleetResult, whose `exit_code` is that of the command

    Raises
    ------
    ArgumentError : two jobs have the same slug, or an argument is not what it must be; nothing was run.
    BusyError : another run holds the output folder; nothing was run.
    """
    _check(jobs, workers, mode)
    command = hook.words_of(on_failure) if on_failure is not None else []
    folder, clock = Path(output), time.monotonic()
    board = Board(len(jobs), stream)
    with heeded() as stop, locked(folder), _orphans_adopted(), ExitStack() as kept:
        events = Events(folder, f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}")
        events.note("fleet_started", jobs=len(jobs), workers=workers or _processors(), mode=mode, process=os.getpid())
        for run_id in end_leftovers(folder):
            events.note("leftovers_ended", run_id=run_id)
        sweep(folder)
        kept.callback(board.close)

        @cache
        def ready() -> Starter:
            made = starter or starter_of(mode, len(jobs))
            kept.callback(made.close)
            return made

        fleet = _Fleet(folder, workers or _processors(), fail_fast, ready, stop, board, events)
        outcomes = fleet.run(jobs, beside, force)
        result = FleetResult(tuple(outcomes), folder, time.monotonic() - clock, stop.exit_code, strict, tuple(fleet.faults))
        events.note("fleet_ended", exit_code=result.exit_code, seconds=round(result.seconds, 1), counts=result.counts)
    if command and result.exit_code:
        fault = hook.tell(command, result, seconds=_STOPPED_HOOK if result.stopped else hook.SECONDS)
        if fault:
            board.say(fault)
    return result


def _check(jobs: Sequence[Job], workers: int | None, mode: str) -> None:
    if not all(map(find_spec, EXTRA)):
        raise ArgumentError("Reports need papermill, nbconvert and ipykernel: pip install 'cxgap[report]'.")
    if mode not in MODES:
        raise ArgumentError.choice("mode", mode, MODES)
    if workers is not None and workers < 1:
        raise ArgumentError(f"`workers` must be 1 or more, not {workers}.")
    seen: dict[str, Job] = {}
    for job in jobs:
        twin = seen.setdefault(job.slug.casefold(), job)
        if twin is not job:
            raise ArgumentError(
                f"two reports must not have one folder, and {twin.name!r} and {job.name!r} are both {job.slug!r}."
            )


def _processors() -> int:
    usable = getattr(os, "sched_getaffinity", None)
    return len(usable(0)) if usable else os.cpu_count() or 1


@contextmanager
def _orphans_adopted() -> Iterator[None]:
    before = orphans()
    adopt_orphans(True)
    try:
        yield
    finally:
        until = time.monotonic() + _LAST_WAIT
        while (left := orphans() - before) and time.monotonic() < until:  # daemons that hid from their attempts
            end(left, signal.SIGKILL)
            bury(left)
            time.sleep(_TICK)
        adopt_orphans(False)


@dataclass(slots=True)
class _Task:
    """A job that waits for its next attempt, or is at it."""

    job: Job
    place: int
    prepared: Prepared
    basis: Basis
    key: str
    attempt: int = 1
    due: float = 0.0
    started: str = ""
    last: str = ""


class _Fleet:
    """One run of many jobs, for one who holds the lock."""

    def __init__(
        self,
        output: Path,
        workers: int,
        fail_fast: bool,
        ready: Callable[[], Starter],
        stop: Stop,
        board: Board,
        events: Events,
    ) -> None:
        self._output, self._workers, self._fail_fast = output, workers, fail_fast
        self._ready, self._stop, self._board, self._events = ready, stop, board, events
        self._notices = Notices(output)
        self._hashes = Hashes()
        self._outcomes: dict[int, Outcome] = {}
        self._waiting: list[_Task] = []
        self._running: dict[Attempt, _Task] = {}
        self._halted = ""  # why nothing more is started
        self._looked = 0.0
        self._shared = False  # whether plotly.js lies whole beside the reports
        self._freezer = Freezer(output, events.note, board.say)

    @property
    def faults(self) -> list[str]:
        """What went wrong beside the jobs."""
        return self._freezer.faults

    def run(self, jobs: Sequence[Job], beside: Sequence[Job], force: bool) -> list[Outcome]:
        """Run what is not unchanged, and return how each job ended."""
        with closing(Preparation([*jobs, *beside], self._output, self._hashes, self._workers)) as self._preparation:
            return self._run(jobs, force)

    def _run(self, jobs: Sequence[Job], force: bool) -> list[Outcome]:
        with suppress(OSError, CxgapError):  # the pages in place need it too; on a full disk each job says so
            self._share()
        for found in self._sorted(jobs, force):
            self._take(found)
        self._notices.index()
        try:
            while self._waiting or self._running:
                self._heed()
                self._start()
                self._watch()
                self._show()
                if self._running or self._waiting:
                    time.sleep(_TICK)
        finally:  # whatever goes wrong here, no worker outlives its supervisor
            for attempt in self._running:
                attempt.kill()
        if not self._stop:
            self._preparation.remember()
            with suppress(OSError, CxgapError):
                prune(self._output)
        return [self._outcomes[place] for place in range(len(jobs))]

    def _sorted(self, jobs: Sequence[Job], force: bool) -> list[Sorted]:
        """Look at every job; studies are only read if something must be run."""
        preparation = self._preparation

        def look() -> list[Sorted]:
            # Once the run is to stop, nothing is hashed any more.
            return [
                Sorted(job, place, Prepared(), Basis((), False), "")
                if self._stop
                else sort_out(job, place, self._output, self._hashes, preparation.of(job), force=force)
                for place, job in enumerate(jobs)
            ]

        if not force and preparation.remembered():
            known = look()
            if all(found.standing for found in known):
                return known
        preparation.forget()
        clock = time.monotonic()
        self._ready()  # a nursery becomes warm while the studies are read
        try:
            for _ in range(endings.TRIES):
                preparation.read(self._stop, self._show_reading)
                found = look()
                if self._stop or preparation.current():  # else pages of new data would be hidden by the numbers of the old
                    break
            else:
                raise RunError("The inputs change while they are read. Run again when nobody writes them.")
        except (CxgapError, OSError) as error:
            words = paragraph(error if isinstance(error, CxgapError) else error.strerror or error)
            fault = Ending("failed", words, words, getattr(error, "code", "prepare"))
            return [Sorted(job, place, Prepared(), Basis((), False), "", fault=fault) for place, job in enumerate(jobs)]
        self._events.note("studies_read", seconds=round(time.monotonic() - clock, 1))
        for one in found:
            if one.standing and one.prepared.cells:  # of a run that was killed before it could note it
                with suppress(OSError, CxgapError):
                    note(self._output, one.job.slug, one.prepared.cells)
        return found

    def _take(self, found: Sorted) -> None:
        """Put a job in the queue, or note that it needs no run, or cannot have one."""
        job = found.job
        if found.standing is not None:
            title, warnings = title_and_warnings(self._output / job.slug)
            own = found.standing
            seconds = float(own.get("seconds") or 0)
            self._end(Outcome(job, "unchanged", title, title, "", str(own["run_id"]), 0, seconds, warnings), found.place)
            self._notices.unchanged(self._outcomes[found.place], str(own.get("ended", "")))
            self._freeze(job)  # of a run that was killed before it could
        elif (outcome := found.kept) is not None:
            self._end(outcome, found.place)
        elif found.fault is not None:
            self._end(outcome_of(job, found.fault, "", 0, 0.0), found.place, found.fault.state)
        else:
            self._waiting.append(_Task(job, found.place, found.prepared, found.basis, found.key))

    def _heed(self) -> None:
        """Do what was asked: start nothing more, and end what runs if the run is to stop."""
        if self._stop and not self._halted:
            self._halted = f"The run was stopped ({self._stop.name}) before this report was begun. Run it again."
            self._events.note("fleet_stopped", signal=self._stop.name)
            for attempt in self._running:
                attempt.stop(endings.stopped(self._stop.name))
        if self._halted:
            for task in self._waiting:
                self._end(
                    Outcome(task.job, "skipped", self._halted, self._halted, "skipped", task.last, task.attempt - 1), task.place
                )
            self._waiting.clear()

    def _start(self) -> None:
        for task in [task for task in self._waiting if task.due <= time.monotonic()]:
            if len(self._running) >= self._workers or self._stop:
                return
            self._waiting.remove(task)
            self._begin(task)

    def _begin(self, task: _Task) -> None:
        """Start an attempt; one that cannot start has ended."""
        job, clock, run_id = task.job, time.monotonic(), ""
        try:
            run_id, folder = new_run(self._output)
            staged = new_staging(self._output, run_id, slug=job.slug)
            task.started, task.last = now(), run_id
            attempt = Attempt(job, run_id, folder, staged, self._ready(), task.prepared.context)
        except (CxgapError, OSError) as error:
            self._fail(task, ending_of_start(error), run_id, time.monotonic() - clock)
            return
        self._running[attempt] = task
        self._events.note("job_started", slug=job.slug, run_id=run_id, attempt=task.attempt)

    def _watch(self) -> None:
        if time.monotonic() - self._looked >= _LOOK:
            seen = snapshot()
            self._looked = time.monotonic()
            for attempt in self._running:
                attempt.watch(seen)
        for attempt, task in list(self._running.items()):
            try:
                ending = attempt.poll()
            except OSError as error:  # whatever a notebook did to its run folder, it is the trouble of that job alone
                attempt.kill()
                ending = ending_of_start(error)
            if ending is not None:
                del self._running[attempt]
                self._settle(attempt, task, ending)

    def _settle(self, attempt: Attempt, task: _Task, ending: Ending) -> None:
        """Bring out what an attempt has made; of one that failed, note why, or try again."""
        made = Made(
            task.job,
            attempt.run_id,
            attempt.folder,
            attempt.staged,
            started=task.started,
            ended=now(),
            seconds=round(attempt.seconds, 1),
            attempt=task.attempt,
            key=task.key,
        )
        if ending.state in ("done", "failed") and (names := changed(task.basis, self._hashes)):
            words = f"An input changed while it was read: {', '.join(names)}. Run it again when nobody writes it."
            ending = Ending("failed", words, words, "input_changed")
        faults: list[Ending] = []
        if ending.state == "done":
            with worded(faults):
                if not task.job.single_file and not self._shared:
                    self._share()
                if task.prepared.cells:  # first: what is out is known, whatever happens in between
                    note(self._output, task.job.slug, task.prepared.cells)
                made.bring_out(self._output, task.basis)
        if ending.state == "done" and not faults:
            title, warnings = title_and_warnings(self._output / task.job.slug)
            own = (attempt.run_id, task.attempt, round(attempt.seconds, 1), warnings)
            self._end(Outcome(task.job, "delivered", title, title, "", *own), task.place)
            self._freeze(task.job)
            return
        ending = faults[0] if faults else ending
        made.give_up(ending)
        self._fail(task, ending, attempt.run_id, attempt.seconds)

    def _freeze(self, job: Job) -> None:
        """Write what a page in place says of targets into the lock beside its study."""
        if (part := slice_of(job)) is not None:
            self._freezer.page(job.slug, part[0], part[1])

    def _share(self) -> None:
        share_plotly(self._output)
        self._shared = True

    def _fail(self, task: _Task, ending: Ending, run_id: str, seconds: float) -> None:
        if ending.code in endings.AGAIN and task.attempt < endings.TRIES and not self._halted and not self._stop:
            wait = endings.delay_before(task.attempt)
            self._events.note(
                "job_retried", slug=task.job.slug, run_id=run_id, attempt=task.attempt, code=ending.code,
                message=ending.message, wait=round(wait, 1),
            )  # fmt: skip
            fault = self._read_again(task) if ending.code == "input_changed" else None
            again = sort_out(task.job, task.place, self._output, self._hashes, task.prepared, force=True)
            if again.kept is not None:
                self._end(again.kept, task.place)
                return
            if (fault := fault or again.fault) is None:
                task.basis, task.key = again.basis, again.key
                task.attempt, task.due = task.attempt + 1, time.monotonic() + wait
                self._waiting.append(task)
                return
            ending = fault
        self._end(outcome_of(task.job, ending, run_id, task.attempt, seconds), task.place, ending.state)

    def _read_again(self, task: _Task) -> Ending | None:
        """Decide anew what must stay hidden, if the inputs are no longer what it was decided for; return what went wrong."""
        try:
            if not self._preparation.current():
                self._preparation.read(self._stop, self._show_reading)
                for other in self._waiting:
                    found = sort_out(
                        other.job, other.place, self._output, self._hashes, self._preparation.of(other.job), force=True
                    )
                    if found.fault is None:
                        other.prepared, other.basis, other.key = found.prepared, found.basis, found.key
        except (CxgapError, OSError) as error:
            words = paragraph(error if isinstance(error, CxgapError) else error.strerror or error)
            return Ending("failed", words, words, getattr(error, "code", "prepare"))
        task.prepared = self._preparation.of(task.job)
        return None

    def _end(self, outcome: Outcome, place: int, state: str = "") -> None:
        """Note how a job has ended, wherever that is noted."""
        self._outcomes[place] = outcome
        self._events.note(
            f"job_{outcome.state}", slug=outcome.job.slug, run_id=outcome.run_id, attempt=outcome.attempt, code=outcome.code,
            seconds=outcome.seconds, message=outcome.message,
        )  # fmt: skip
        if outcome.state == "delivered":
            self._notices.delivered(outcome)
        elif outcome.state == "kept":
            self._notices.kept(outcome)
        elif outcome.state in ("failed", "killed"):
            self._notices.failed(outcome, state)
            if self._fail_fast:
                self._halted = self._halted or f"Not begun, because {outcome.job.slug} failed and --fail-fast was asked for."
        self._board.ended(outcome)

    def _show_reading(self, slices: int, seconds: float) -> None:
        self._board.show([Line("studies", "reading", seconds, many(slices, "slice"))])

    def _show(self) -> None:
        lines = [
            Line(task.job.slug, "ending" if self._stop else "running", attempt.seconds, attempt.cell or "starts")
            for attempt, task in self._running.items()
        ]
        lines += [
            Line(task.job.slug, "waits", max(0.0, task.due - time.monotonic()), f"for attempt {task.attempt}")
            for task in self._waiting
            if task.attempt > 1
        ]
        self._board.show(lines)
