"""A process that ends with the one that started it, whatever it does at that moment; Linux alone has such a bond."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from typing import Final

PARENT: Final = "CXGAP_PARENT"  # in the environment: the process whose end is the end of this one
_PR_SET_PDEATHSIG: Final = 1


def die_with_parent() -> None:
    """End this process as soon as its parent ends, even in the midst of a computation; at once if that has ended already."""
    parent = os.environ.get(PARENT, "")
    die_with(int(parent) if parent.isdecimal() else os.getppid())


def die_with(parent: int) -> None:
    """End this process as soon as `parent`, which started it, ends."""
    prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if sys.platform == "linux" and os.getppid() != parent:
        os._exit(1)  # it ended between starting this process and the line above


def prctl(option: int, value: int) -> None:
    """Set a property of this process; nothing happens outside Linux."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, ctypes.c_ulong(value), 0, 0, 0)
