"""The kernel provisioner `cxgap-warm`: any Jupyter client gets a kernel forked from a warm parent, and knows nothing of it.

A kernel that cannot be forked as asked for is started as `LocalProvisioner` starts it: on a system without fork, with another
Python or with other variables that Python and its libraries read when they start, with a pipe for its output, or once the
warm parent has ended.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, NamedTuple

from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from cxgap.report.warm.forked import Forked
from cxgap.report.warm.kernel import arguments_of
from cxgap.report.warm.parent import WarmParent
from cxgap.report.warm.requests import Streams

# Variables that are read once, by the interpreter or by a library when it is imported: a fork cannot have its own.
_EARLY: Final = (
    "ARROW_", "BLIS_", "DEBUGPY_", "DYLD_", "GLIBC_", "GOMP_", "GOTO_", "KMP_", "LC_", "LD_", "MALLOC_", "MKL_", "NARWHALS_",
    "NPY_", "NUMBA_", "NUMEXPR_", "NUMPY_", "OMP_", "OPENBLAS_", "PANDAS_", "PLOTLY_", "PYDEVD_", "PYTHON", "SCIPY_", "VECLIB_",
)  # fmt: skip
_EARLY_NAMES: Final = frozenset({"LANG", "LANGUAGE"})
_UNDERSTOOD: Final = frozenset({"cwd", "env", "extra_arguments", "independent", "kernel_id", "stdin", "stdout", "stderr"})


class _Start(NamedTuple):
    """What kernels must have in common to be forked from one parent; `client` is the process that both belong to."""

    client: int
    interpreter: tuple[str, ...]
    early: tuple[tuple[str, str], ...]


class _Warm:
    """The warm parent of this client; one whose imports are no longer those on the disk is followed by another."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._start: _Start | None = None
        self._parents: list[WarmParent] = []

    def parent(self, start: _Start, environment: Mapping[str, str]) -> WarmParent | None:
        """Return the parent for kernels that start so, which is started on first use; None if there can be none."""
        with self._lock:
            if self._start is None or self._start.client != start.client:  # of a client that was forked itself
                self._start, self._parents = start, []
            if start != self._start:
                return None
            if not self._parents or self._parents[-1].outdated:
                self._parents.append(WarmParent("kernel", start.interpreter, environment))
            return self._parents[-1]

    def close(self) -> None:
        """End all parents that this process has started, and their kernels."""
        with self._lock:
            if self._start and self._start.client == os.getpid():
                for parent in self._parents:
                    parent.close()
            self._start, self._parents = None, []


WARM: Final = _Warm()
atexit.register(WARM.close)


class WarmProvisioner(LocalProvisioner):
    """Starts a kernel by forking it from the warm parent of this client, or else as `LocalProvisioner` does."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Start the kernel that `cmd` would start."""
        forked: Any
        forked, why = await asyncio.to_thread(_fork, cmd, kwargs)  # the first waits for imports, and a client has more to do
        if forked is None:
            self.log.info("A kernel is started without a warm parent: %s", why)
            return await super().launch_kernel(cmd, **kwargs)
        self.process, self.pid, self.pgid = forked, forked.pid, forked.pid
        self.cwd = kwargs.get("cwd") or Path.cwd()
        return self.connection_info


def _fork(command: list[str], options: dict[str, Any]) -> tuple[Forked | None, str]:
    """Return the kernel that `command` would start with `options`, forked, or why it cannot be."""
    if not hasattr(os, "fork"):
        return None, "this system cannot fork"
    split = arguments_of(command)
    if split is None or options.get("independent") or not set(options) <= _UNDERSTOOD:
        return None, "it is not started as ipykernel is"
    interpreter, arguments = split
    environment = dict(os.environ if options.get("env") is None else options["env"])
    start = _Start(os.getpid(), tuple(map(os.path.expanduser, interpreter)), _early(environment))
    request = {
        "arguments": [os.path.expanduser(argument) for argument in arguments],
        "environment": environment,
        "folder": str(options.get("cwd") or Path.cwd()),
    }
    with suppress(OSError, ValueError), Streams(options.get("stdin"), options.get("stdout"), options.get("stderr")) as streams:
        parent = WARM.parent(start, environment)
        if parent is None:
            return None, "its interpreter or its environment is not that of the warm parent"
        forked = parent.fork(request, streams.files)
        if forked is None and parent.outdated:
            parent = WARM.parent(start, environment)
            forked = parent.fork(request, streams.files) if parent else None
        return forked, parent.why if parent else ""
    return None, "the warm parent or the streams of the kernel cannot be opened"


def _early(environment: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(item for item in environment.items() if item[0].startswith(_EARLY) or item[0] in _EARLY_NAMES))
