"""In a worker that was forked: its kernel is forked too, from a seed that the worker set aside before it had threads."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, NoReturn

from cxgap.report.fleet.forking import become, live


def sow() -> None:
    """Set a seed aside, and let the next kernel that this process starts grow from it; any further one is spawned."""
    from jupyter_client.provisioning.factory import KernelProvisionerFactory
    from jupyter_client.provisioning.local_provisioner import LocalProvisioner
    from jupyter_client.provisioning.provisioner_base import KernelProvisionerBase

    seeds = [_Seed()]

    class FromSeed(LocalProvisioner):
        async def launch_kernel(self, cmd: list[str], **options: Any) -> Any:
            if not seeds:
                return await super().launch_kernel(cmd, **options)
            seed: Any = seeds.pop()
            seed.grow(cmd, options)
            self.process, self.pid, self.pgid = seed, seed.pid, seed.pid
            return self.connection_info

    class Factory(KernelProvisionerFactory):
        def create_provisioner_instance(self, kernel_id: str, kernel_spec: Any, parent: Any) -> KernelProvisionerBase:
            return FromSeed(kernel_id=kernel_id, kernel_spec=kernel_spec, parent=parent)

    KernelProvisionerFactory.clear_instance()
    Factory.instance()  # from now on the one that jupyter_client asks


class _Seed:
    """A process that waits to be told to be a kernel; it has of `subprocess.Popen` what a kernel manager looks at."""

    stdin = stdout = stderr = None

    def __init__(self) -> None:
        self.returncode: int | None = None
        self._line, waiting = socket.socketpair()
        self.pid = os.fork()
        if not self.pid:
            self._line.close()
            _wait(waiting)
        waiting.close()

    def grow(self, command: Sequence[str], options: dict[str, Any]) -> None:
        """Make it the kernel that `command` would start."""
        request = {
            "arguments": command[command.index("-f") :],
            "environment": dict(options.get("env") or os.environ),
            "folder": options.get("cwd") or os.getcwd(),
            "log": getattr(options.get("stdout"), "name", os.devnull),
        }
        self._line.sendall(json.dumps(request).encode() + b"\n")

    def poll(self) -> int | None:
        """Return how it ended, or None."""
        if self.returncode is None:
            with suppress(ChildProcessError):
                pid, status = os.waitpid(self.pid, os.WNOHANG)
                self.returncode = os.waitstatus_to_exitcode(status) if pid else None
        return self.returncode

    def wait(self, timeout: float | None = None) -> int | None:
        """Wait for its end."""
        until = time.monotonic() + (60 if timeout is None else timeout)
        while self.poll() is None and time.monotonic() < until:
            time.sleep(0.01)
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)


def _wait(line: socket.socket) -> NoReturn:
    """In the seed: wait for the request, and be a kernel; without one, end."""

    def work() -> int:
        with line.makefile("rb") as stream:
            said = stream.readline()
        line.close()
        if not said:
            return 0
        request = json.loads(said)
        become(request["environment"], request["folder"], request["log"])
        from ipykernel.kernelapp import IPKernelApp

        sys.argv = ["ipykernel", *request["arguments"]]
        IPKernelApp.launch_instance()
        return 0

    live(work)
