"""Kernels as a Jupyter client starts them, from a folder of kernels that holds ours."""

from __future__ import annotations

import json
import time
from contextlib import contextmanager

from jupyter_client.manager import KernelManager

from cxgap.report.fleet.processes import snapshot


@contextmanager
def kernel(name="cxgap", **options):
    """A kernel that runs, and one who asks it."""
    manager = KernelManager(kernel_name=name, shutdown_wait_time=2.0)
    manager.start_kernel(**options)
    try:
        yield manager
    finally:
        manager.shutdown_kernel(now=True)


def asked(manager, code):
    """Return what the last line of `code` prints, as JSON; a name of an error where there is one."""
    client = manager.blocking_client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
        said = []
        reply = client.execute_interactive(code, timeout=60, output_hook=lambda message: said.append(message["content"]))
        if reply["content"]["status"] == "error":
            return reply["content"]["ename"]
        return json.loads("".join(content.get("text", "") for content in said) or "null")
    finally:
        client.stop_channels()


def forked(manager):
    """Whether a kernel was forked from a warm parent."""
    return type(manager.provisioner.process).__name__ == "Forked"


def gone(*pids):
    seen = snapshot()
    return not any(pid in seen for pid in pids)


def wait(condition, seconds=20):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not come to pass"
        time.sleep(0.02)
