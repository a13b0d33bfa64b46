"""The command that a person named for a run that failed: it is run once, at the end, without a shell."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
from contextlib import suppress
from typing import Final

from cxgap.errors import ArgumentError
from cxgap.report.fleet.outcome import FleetResult
from cxgap.report.fleet.redact import redact
from cxgap.report.private import write_private
from cxgap.report.publish import private_folder

SUMMARY: Final = "CXGAP_SUMMARY"  # in the command's environment: a file with the same text as its standard input
SECONDS: Final = 60


def words_of(command: str) -> list[str]:
    """Return a command as a list of arguments.

    Raises
    ------
    ArgumentError : it is empty, or a quote in it is not closed.
    """
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise ArgumentError(f"--on-failure must be a command, and a quote is not closed in it: {command!r}.") from error
    if not words:
        raise ArgumentError("--on-failure must be a command, such as 'mail -s reports me@example.org', and is empty.")
    return words


def tell(words: list[str], result: FleetResult, *, seconds: float = SECONDS) -> str:
    """Run the command with the summary on its standard input, and return what went wrong with it, or ""."""
    summary = redact(json.dumps(result.to_plain(), indent=1, allow_nan=False)) + "\n"
    place = private_folder(result.output) / "summary.json"
    environment = dict(os.environ)
    with suppress(OSError):  # on a full disk it is told on standard input alone
        write_private(place, summary)
        environment[SUMMARY] = str(place.absolute())
    try:
        process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=2, env=environment, start_new_session=True)
    except OSError as error:
        return f"--on-failure could not run {words[0]!r}: {error.strerror or error}."
    try:
        process.communicate(summary.encode(), timeout=seconds)
    except subprocess.TimeoutExpired:
        with suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return f"--on-failure {words[0]!r} took longer than {seconds:g} seconds and was ended."
    return f"--on-failure {words[0]!r} ended with {process.returncode}." if process.returncode else ""
