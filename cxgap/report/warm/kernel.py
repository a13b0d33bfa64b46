"""What a forked process does to be a kernel."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any, Final

from cxgap.report.warm.forking import become, settle

LAUNCHER: Final = "ipykernel_launcher"


def arguments_of(command: Sequence[str]) -> tuple[list[str], list[str]] | None:
    """Return how `command` starts Python and what it tells the kernel; None if it starts something else."""
    place = command.index("-m") if "-m" in command else len(command)
    if list(command[place + 1 : place + 2]) != [LAUNCHER]:
        return None
    return list(command[:place]), list(command[place + 2 :])


def be_kernel(parent: int, request: dict[str, Any], files: Sequence[int]) -> int:
    """Be the kernel that was asked for, until it is shut down.

    Parameters
    ----------
    parent : the process that forked this one
    request : `arguments` of ipykernel, `environment` and `folder`
    files : stdin, stdout and stderr
    """
    become(parent, {**request["environment"], "JPY_PARENT_PID": str(parent)}, request["folder"], files)
    from ipykernel.kernelapp import IPKernelApp

    found = find_spec(LAUNCHER)
    sys.argv = [found.origin if found and found.origin else LAUNCHER, *request["arguments"]]
    # ipykernel reads JPY_PARENT_PID when it is imported, which was long ago.
    try:
        IPKernelApp.launch_instance(parent_handle=parent)
    finally:
        settle()
    return 0
