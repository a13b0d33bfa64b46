"""How an attempt at a job ended, in words that say what to do, and whether another attempt may end better."""

from __future__ import annotations

import json
import random
import signal
from pathlib import Path
from typing import Final, NamedTuple

from cxgap.report import disk
from cxgap.report.fleet.redact import redact
from cxgap.report.fleet.starters import WORDS
from cxgap.report.job import Limits
from cxgap.report.wording import paragraph
from cxgap.report.worker import CELL, RESULT

TRIES: Final = 3
DELAYS: Final = (2.0, 10.0)  # seconds before the second and the third
AGAIN: Final = frozenset({"kernel_start", "start_timeout", "input_changed"})  # what may be over by then; nothing else is
FULL_WORDS: Final = "The disk of the reports is full. Make room, for example with `cxgap prune`, and run again."
LEAST_ROOM: Final = 1_000_000  # bytes; a disk with less is full for whoever wrote nothing


class Ending(NamedTuple):
    """How an attempt ended; `state` is "done", "failed", "timed_out" or "killed", and `public` says no value of the data."""

    state: str
    message: str
    public: str
    code: str = ""


def delay_before(attempt: int) -> float:
    """Return the seconds to wait before the next attempt; never the same, so that several do not come at once."""
    return DELAYS[attempt - 1] * random.uniform(0.8, 1.2)


def over(limit: str, limits: Limits, state: str = "timed_out") -> Ending:
    """Return the ending of an attempt that went over a limit."""
    words = {
        "start": f"The kernel did not start within {limits.start} seconds. Run again when the machine is less busy, or give it "
        "more with limits.start in the plan.",
        "cell": f"A cell took longer than {limits.cell} seconds. Give it more with limits.cell in the plan.",
        "job": f"The report took longer than {limits.job} seconds in all. Give it more with limits.job in the plan.",
        "memory": f"The report took more than {limits.memory / 2**30:.3g} GiB of memory. Give it more with limits.memory in "
        "the plan, or run fewer jobs at a time.",
    }[limit]
    return Ending(state, words, words, {"memory": "memory"}.get(limit, f"{limit}_timeout"))


def stopped(name: str) -> Ending:
    """Return the ending of an attempt that a signal to the supervisor cut off."""
    words = f"The run was stopped ({name}) before the report was done. Run it again."
    return Ending("killed", words, words, "killed")


def ending_of(folder: Path, exit_code: int) -> Ending:
    """Return how a process ended by itself, from what it left in its run folder."""
    try:
        result = json.loads((folder / RESULT).read_bytes())
        state, message, public = (str(result[name]) for name in ("state", "message", "public"))
    except (OSError, ValueError, LookupError, TypeError):
        return _without_result(folder, exit_code)
    if state == "done" and exit_code == 0:
        return Ending("done", message, public)
    code = str(result.get("code") or "crashed")
    if state == "done":
        message = public = f"The worker wrote a report and then ended with {exit_code}. Run it again."
        code = "crashed"
    return Ending("timed_out" if code.endswith("_timeout") else "failed", redact(message), redact(public), code)


def _without_result(folder: Path, exit_code: int) -> Ending:
    if not folder.is_dir():
        words = "The folder of the run was removed while it ran. The notebook must not touch it."
        return Ending("failed", words, words, "folder_removed")
    if disk.free(folder) < LEAST_ROOM:
        return Ending("failed", FULL_WORDS, FULL_WORDS, "space")
    if exit_code < 0:
        name = signal_name(-exit_code)
        words = f"The worker was ended by {name}; somebody ended it, or the machine had no memory left. Run it again."
        return Ending("failed", words, words, "worker_killed" if (folder / CELL).exists() else "kernel_start")
    public = f"The worker ended with {exit_code} and left no result. Its last words are in the log of the run."
    return Ending("failed", redact(paragraph(f"{public} {_last_line(folder / WORDS)}")), public, "crashed")


def signal_name(number: int) -> str:
    """Return the name of a signal that ended a process."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _last_line(path: Path) -> str:
    try:
        lines = path.read_bytes()[-4000:].decode("utf-8", "replace").strip().splitlines()
    except OSError:
        return ""
    return lines[-1] if lines else ""
