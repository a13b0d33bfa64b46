"""The kernel `cxgap`, as Jupyter finds it: this interpreter, forked from a warm parent."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from cxgap.errors import ArgumentError

KERNEL: Final = "cxgap"
PROVISIONER: Final = "cxgap-warm"


def kernelspec() -> dict[str, Any]:
    """Return what kernel.json says.

    BLAS has one thread in these kernels, warm or not: a forked process cannot have the others, and small matrices are many
    times slower with several on a busy machine.
    """
    from ipykernel.kernelspec import get_kernel_dict

    known = get_kernel_dict()
    return known | {
        "display_name": "Python 3 (cxgap, warm)",
        "env": {"OPENBLAS_NUM_THREADS": "1"},
        "metadata": {**known.get("metadata", {}), "kernel_provisioner": {"provisioner_name": PROVISIONER}},
    }


def install(*, user: bool = False, prefix: str | None = None) -> Path:
    """Let Jupyter find the kernel `cxgap`, and return the folder that says what it is; one that was there is replaced.

    Parameters
    ----------
    user : for this user, whatever environment Jupyter runs in
    prefix : for the environment in this folder

    Raises
    ------
    ArgumentError : ipykernel is not installed, or the folder cannot be written.
    """
    if not find_spec("ipykernel"):
        raise ArgumentError("A kernel needs ipykernel: pip install 'cxgap[report]'.")
    from jupyter_client.kernelspec import KernelSpecManager

    with TemporaryDirectory() as folder:
        (Path(folder) / "kernel.json").write_text(json.dumps(kernelspec(), indent=1), encoding="utf-8")
        try:
            return Path(KernelSpecManager().install_kernel_spec(folder, KERNEL, user=user, prefix=prefix))
        except OSError as error:
            where = error.filename or prefix
            raise ArgumentError(f"{where} must be a folder that you may write ({error.strerror}). Try --user.") from error
