"""What a forked process must do before it is one of its own."""

from __future__ import annotations

import os
import random
import signal
import sys
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import NoReturn

from cxgap.report.lifeline import PARENT, die_with_parent


def become(environment: Mapping[str, str], folder: str, log: str) -> None:
    """Take an environment, a working folder and a log in place of those that were inherited, and lead a session.

    Environment variables that are read when Python starts, such as PYTHONHASHSEED, stay what the parent was started with.
    """
    os.setsid()
    os.environ.clear()
    os.environ.update({**environment, PARENT: str(os.getppid())})
    die_with_parent()
    os.chdir(folder)
    sys.stdout.flush()
    sys.stderr.flush()
    written = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for descriptor, place in ((nothing, 0), (written, 1), (written, 2)):
        os.dup2(descriptor, place)
    for descriptor in {nothing, written} - {0, 1, 2}:
        os.close(descriptor)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
    _reseed()


def live(work: Callable[[], int]) -> NoReturn:
    """Do `work` and end; whatever happens, a forked process must never go on as its parent."""
    code = 1
    try:
        code = work()
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        with suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _reseed() -> None:
    """Draw anew what a fork would otherwise repeat in every child."""
    random.seed()
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed()
