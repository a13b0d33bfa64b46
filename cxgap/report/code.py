"""Which code of cxgap a report is made by: a version alone does not tell, while it is being changed."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

import cxgap


@cache
def code_hash() -> str:
    """Return the hash of every file of the package, so that a page made by other code is never taken for the same."""
    root = Path(cxgap.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*")):
        if path.is_file() and path.suffix != ".pyc" and "_shipped" not in path.relative_to(root).parts:
            digest.update(f"{path.relative_to(root).as_posix()}\0{path.stat().st_size}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()
