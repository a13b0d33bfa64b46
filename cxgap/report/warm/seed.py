"""In a worker that was forked: its kernel is forked too, from a seed that the worker set aside before it had threads."""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from typing import Any, NoReturn

from cxgap.report.warm.forked import Forked
from cxgap.report.warm.forking import live
from cxgap.report.warm.kernel import be_kernel
from cxgap.report.warm.requests import Inbox, Streams, send


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


class _Seed(Forked):
    """A process that waits to be told to be a kernel."""

    def __init__(self) -> None:
        self._line, waiting = socket.socketpair()
        worker = os.getpid()
        pid = os.fork()
        if not pid:
            self._line.close()
            _wait(worker, waiting)
        waiting.close()
        super().__init__(pid, self._end)

    def grow(self, command: list[str], options: dict[str, Any]) -> None:
        """Make it the kernel that `command` would start."""
        request = {
            "arguments": command[command.index("-f") :],
            "environment": dict(options.get("env") or os.environ),
            "folder": options.get("cwd") or os.getcwd(),
        }
        with Streams(options.get("stdin"), options.get("stdout"), options.get("stderr")) as streams:
            send(self._line, request, streams.files)

    def _end(self) -> int | None:
        with suppress(ChildProcessError):
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            return os.waitstatus_to_exitcode(status) if pid else None
        return -9  # somebody else has seen its end


def _wait(worker: int, line: socket.socket) -> NoReturn:
    """In the seed: wait for the request, and be a kernel; without one, end."""

    def work() -> int:
        inbox = Inbox(line)
        while (requests := inbox.read()) is not None:
            for request, files in requests:
                line.close()
                return be_kernel(worker, request, files)
        return 0

    live(work)
