"""What a forked process must do before it is one of its own, and after its work is done."""

from __future__ import annotations

import atexit
import os
import random
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import NoReturn

from cxgap.report.lifeline import die_with


def become(parent: int, environment: Mapping[str, str], folder: str, files: Sequence[int]) -> None:
    """Take an environment, a working folder and standard streams in place of those that were inherited, and lead a session.

    Environment variables that are read when Python starts, such as PYTHONHASHSEED, stay what the parent was started with.

    Parameters
    ----------
    parent : the process that forked this one, with which it ends
    environment : all of it
    folder : the working folder
    files : open descriptors for stdin, stdout and stderr
    """
    os.setsid()
    die_with(parent)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    os.chdir(folder)
    sys.stdout.flush()
    sys.stderr.flush()
    for place, descriptor in enumerate(files):
        os.dup2(descriptor, place)
    for descriptor in set(files) - {0, 1, 2}:
        os.close(descriptor)
    signal.set_wakeup_fd(-1)
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


def settle() -> None:
    """Do what an interpreter does before it ends: wait for its threads, and call what was registered for this moment."""
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join()
    atexit._run_exitfuncs()


def _reseed() -> None:
    """Draw anew what a fork would otherwise repeat in every child."""
    random.seed()
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed()
