"""The process of a kernel: ipykernel, which ends with the worker that started it."""

from __future__ import annotations

import sys
from pathlib import Path

from cxgap.report.lifeline import die_with_parent


def launch() -> None:
    """Start the kernel as `python -m ipykernel_launcher` does."""
    die_with_parent()
    if sys.path and Path(sys.path[0] or ".").resolve() == Path.cwd():
        del sys.path[0]  # files of the working folder must not stand in for modules while the kernel starts
    from ipykernel.kernelapp import launch_new_instance

    launch_new_instance()


if __name__ == "__main__":
    launch()
