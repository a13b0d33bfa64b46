"""What a page depends on, in one hash: the same key gives the same bytes."""

from __future__ import annotations

import hashlib
import json
import platform
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Final

from cxgap.report.code import code_hash
from cxgap.report.fleet.inputs import Basis, Hashes, lock_of
from cxgap.report.job import Job
from cxgap.report.record import PACKAGES

KEY_SCHEMA: Final = "cxgap.key/1"
_ALSO: Final = ("duckdb", "ipykernel", "nbclient", "pyarrow", "pyreadstat", "python-calamine", "statsmodels")


def key_of(job: Job, basis: Basis, hashes: Hashes, minimum: int = 0) -> str:
    """Return the key of a job; "" where something outside the files may change what it finds.

    Parameters
    ----------
    job : what is to be made
    basis : the files that it reads, as they are
    hashes : of files, to take the notebook's from
    minimum : the least number of respondents that the run lets it show; 0 raises nothing
    """
    if not basis.whole:
        return ""
    parts = {
        "schema": KEY_SCHEMA,
        "notebook": hashes.of(job.notebook)[1],
        "slug": job.slug,
        "parameters": job.parameters,
        "single_file": job.single_file,
        "inputs": [[file.name, file.sha256] for file in basis.files],
        "minimum": minimum,
        "code": code_hash(),
        "versions": versions(),
    }
    if lock := lock_of(job, hashes):
        parts["targets"] = lock
    return hashlib.sha256(json.dumps(parts, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()).hexdigest()


@cache
def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that a number or a byte of a page may depend on."""
    return {"python": platform.python_version()} | {name: _version(name) for name in (*PACKAGES, *_ALSO)}


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
