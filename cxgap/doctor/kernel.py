"""The kernel: it would be this interpreter, and, where asked, one is really started the way a report starts it."""

from __future__ import annotations

import os
import socket
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from cxgap.doctor.finding import Finding, fault, note, ok
from cxgap.doctor.packages import importable

_SLOW = 10.0  # seconds
_CELL = "import sys, cxgap\ncxgap.customer_gap, cxgap.read_study, cxgap.describe, cxgap.plot\nprint(sys.executable)"


def look_at_kernel(*, start: bool) -> Iterator[Finding]:
    """Look at what a kernel needs; with `start`, start one and let it load what reports load."""
    if not importable("ipykernel"):
        yield fault("kernel", "ipykernel is not installed: pip install 'cxgap[report]'")
        return
    if not (sys.executable and os.access(sys.executable, os.X_OK)):
        yield fault(
            "kernel", f"would be this interpreter, {sys.executable or 'whose path is not known'}, which cannot be started"
        )
        return
    yield _loopback()
    yield _started() if start else ok("kernel", f"would be {sys.executable}; cxgap doctor --kernel starts one")


def _loopback() -> Finding:
    """Kernels are talked to through ports of this machine's own."""
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as door:
            door.bind(("127.0.0.1", 0))
    except OSError as error:
        return fault(
            "loopback", f"no port of 127.0.0.1 can be had ({error.strerror}): allow it in the sandbox or the container"
        )
    return ok("loopback", "a port can be had")


def _started() -> Finding:
    import nbformat
    from nbformat.v4 import new_code_cell, new_notebook

    from cxgap.report.kernel import EXECUTED, execute

    clock = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="cxgap-doctor-") as name:
        folder = Path(name)
        notebook = folder / "trial.ipynb"
        kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
        nbformat.write(new_notebook(cells=[new_code_cell(_CELL)], metadata={"kernelspec": kernelspec}), notebook)
        trouble = execute(notebook, folder, {}, timeout=60, on_cell=lambda **_: None)
        outputs = [] if trouble else nbformat.read(folder / EXECUTED, as_version=4).cells[-1].outputs
    seconds = time.monotonic() - clock
    raised = [f"{output.ename}: {output.evalue}" for output in outputs if output.output_type == "error"]
    said = "".join(output.text for output in outputs if output.output_type == "stream").strip()
    if trouble or raised:
        return fault("kernel", f"one was started and {trouble or f'raised {raised[0]}'}: pip install 'cxgap[report]'")
    if Path(said) != Path(sys.executable):
        return fault("kernel", f"one was started, and it is {said or 'silent'}, not {sys.executable}")
    return (note if seconds > _SLOW else ok)("kernel", f"{sys.executable} was started and loaded all in {seconds:.1f} seconds")
