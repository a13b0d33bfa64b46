"""A notebook run under papermill, in a kernel of this very interpreter, with everything it writes in one private folder."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from cxgap.report.lifeline import PARENT

if TYPE_CHECKING:
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import AsyncKernelManager

EXECUTED = "notebook.ipynb"
LOG = "log.txt"


class Trouble(NamedTuple):
    """What ended a run and left no trace in the notebook: words that follow the name of the cell, and a code for machines."""

    words: str
    code: str


def execute(
    notebook: Path,
    folder: Path,
    parameters: Mapping[str, object],
    *,
    timeout: int,
    on_cell: Callable[..., None],
    start: int = 60,
) -> Trouble | None:
    """Run `notebook` and leave it, executed, as EXECUTED in `folder`; the kernel works in the caller's folder.

    A cell that raises ends the run and is found in the executed notebook. What leaves no trace there is returned in words.

    Parameters
    ----------
    notebook : an existing file
    folder : an existing private folder; what the kernel and the machinery say goes to LOG there
    parameters : checked values
    timeout : seconds a cell may take
    on_cell : called with `cell` and `cell_index` before each cell
    start : seconds that the kernel may take to answer
    """
    import papermill
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    begun = False

    def on_cell_start(**about: Any) -> None:
        nonlocal begun
        begun = True
        on_cell(**about)

    executed = folder / EXECUTED
    executed.touch(mode=0o600)  # papermill keeps the mode of a file that is there
    with open(folder / LOG, "w", encoding="utf-8", opener=_private) as log, _logging_to(log):
        try:
            papermill.execute_notebook(
                _literal(notebook),
                _literal(executed),
                parameters=dict(parameters),
                kernel_name="python3",
                language="python",
                progress_bar=False,
                execution_timeout=timeout,
                start_timeout=start,
                kernel_manager_class=_kernel_manager(folder, log),
                on_cell_start=on_cell_start,
                record_timing=False,
            )
        except PapermillExecutionError:
            return None
        except CellTimeoutError:
            return Trouble(f"took longer than {timeout} seconds", "cell_timeout")
        except DeadKernelError:
            words = "ended with its kernel dead; most often the machine had no memory left"
            return Trouble(words, "kernel_died" if begun else "kernel_start")
        except RuntimeError as error:  # of a kernel that ends at once, or does not answer in time
            return Trouble(f"could not be run: {error}".rstrip("."), "machinery" if begun else "kernel_start")
        except Exception as error:  # the machinery's own: whatever it is, the run is no success
            return Trouble(f"could not be run: {type(error).__name__}: {error}", "machinery")
        finally:
            shutil.rmtree(folder / "ipython", ignore_errors=True)
    return None


def _literal(path: Path) -> str:
    """Return `path` so that papermill, which formats paths with `str.format`, ends up with `path` itself.

    It is absolute, so papermill finds no scheme such as s3:// in it.
    """
    return str(path.absolute()).replace("{", "{{").replace("}", "}}")


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, mode=0o600)


def _kernel_manager(folder: Path, log: IO[str]) -> type[AsyncKernelManager]:
    """Return the class of a kernel manager for one run.

    Whatever kernels are installed on the machine, it starts this interpreter. The connection, the user's IPython start-up
    files and their history stay out of it: all of that is in `folder`, which nobody else can open.
    """
    from ipykernel.kernelspec import RESOURCES, get_kernel_dict
    from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
    from jupyter_client.manager import AsyncKernelManager

    environment = os.environ | {
        "IPYTHONDIR": str(folder / "ipython"),
        "JUPYTER_RUNTIME_DIR": str(folder),
        "OPENBLAS_NUM_THREADS": "1",
        PARENT: str(os.getpid()),
        "PLOTLY_RENDERER": "plotly_mimetype",
        "PYTHONHASHSEED": "0",
    }

    class ThisInterpreter(KernelSpecManager):
        def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
            known = get_kernel_dict()
            argv = ["cxgap.report.launcher" if word == "ipykernel_launcher" else word for word in known["argv"]]
            return KernelSpec(resource_dir=RESOURCES, **known | {"argv": argv})

    class PrivateKernel(AsyncKernelManager):
        def __init__(self, **options: Any) -> None:
            own = {"connection_file": str(folder / "connection.json"), "shutdown_wait_time": 2.0}
            if self.has_trait("transport_encryption"):  # jupyter_client 8.10
                own["transport_encryption"] = "auto"
            super().__init__(**options | own, kernel_spec_manager=ThisInterpreter())

        async def start_kernel(self, **options: Any) -> None:  # type: ignore[override]
            await super().start_kernel(**options, env=environment, stdout=log, stderr=log)

    return PrivateKernel


@contextmanager
def _logging_to(log: IO[str]) -> Iterator[None]:
    """Send what papermill and Jupyter log to `log` alone."""
    handler = logging.StreamHandler(log)
    loggers = [logging.getLogger(name) for name in ("papermill", "papermill.translators", "traitlets")]
    before = [(logger.handlers, logger.propagate, logger.level) for logger in loggers]
    for logger in loggers:
        logger.handlers, logger.propagate = [handler], False
        logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        for logger, (handlers, propagate, level) in zip(loggers, before, strict=True):
            logger.handlers, logger.propagate = handlers, propagate
            logger.setLevel(level)
