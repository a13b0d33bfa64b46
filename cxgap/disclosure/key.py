"""The secret of an output folder, and what stands for a person under it: without the key nobody can tell who it is."""

from __future__ import annotations

import hmac
import os
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cxgap.errors import RunError

KEY: Final = "key"
BYTES: Final = 32
KEPT: Final = 8  # bytes of a person's hash: among a million people two fall together once in 37 million studies

People = NDArray[np.uint64]


def read_key(private: Path) -> bytes:
    """Return the key of the folder `private`, made at first use and readable by its owner alone.

    Raises
    ------
    RunError : the file of the key holds something else.
    """
    path = private / KEY
    if not path.exists():
        private.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = path.with_name(f"{KEY}.{secrets.token_hex(8)}")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(BYTES))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(fresh, path)  # the first of two that begin at once wins, and the file is whole when it appears
        except FileExistsError:
            pass
        except OSError:  # a disk without hard links
            if not path.exists():
                os.replace(fresh, path)
        fresh.unlink(missing_ok=True)
    key = path.read_bytes()
    if len(key) != BYTES:
        raise RunError(
            f"{path} must hold the {BYTES} bytes by which people are known from run to run, and holds {len(key)}; put it back "
            f"from a copy, or remove it together with {private / 'ledger'}, which is worth nothing without it."
        )
    return key


def hashed(ids: Iterable[str], *, key: bytes, survey: str, role: str = "respondent") -> People:
    """Return what stands for each person: the same under the same key, survey and role."""
    start = f"{survey}\0{role}\0".encode("utf-8", "backslashreplace")
    digests = [hmac.digest(key, start + name.encode("utf-8", "backslashreplace"), "sha256")[:KEPT] for name in ids]
    return np.frombuffer(b"".join(digests), dtype=">u8").astype(np.uint64)
