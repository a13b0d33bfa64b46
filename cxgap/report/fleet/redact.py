"""Texts without passwords: what an address of a database says of who reads it is never written down."""

from __future__ import annotations

import json
import os
import re
from contextlib import suppress
from pathlib import Path
from typing import Final

LEAST: Final = 6  # characters of a value that is looked for; a shorter one stands in words that mean nothing
_HOLDER: Final = re.compile(r"://[^\s/'\"]*@")
_PASSWORD: Final = re.compile(r"://[^\s/:@]*:[^\s/@]+@")
_NAMED: Final = re.compile(r"passw|passphrase|pwd|secret|token|credential|(api|access|private)_?key", re.IGNORECASE)
_FOLDERS: Final = frozenset({"PWD", "OLDPWD"})  # where a shell stands and stood: named like a password, and none
_SECRET: Final = re.compile(
    r"""((?:password|passwd|passphrase|pwd|secret|token|api_?key|access_?key|private_?key|authorization)["']?\s*[=:]\s*)"""
    r"""("[^"]*"|'[^']*'|(?:Bearer\s+)?[^\s&;,"'()]+)""",
    re.IGNORECASE,
)


def redact(text: str) -> str:
    """Return `text` with "..." for users and passwords of addresses, and for values that are named as secrets."""
    return _SECRET.sub(r"\1...", _HOLDER.sub("://...@", without_environment(text)))


def without_environment(text: str) -> str:
    """Return `text` with "..." for what the environment keeps secret, by name or as an address with a password."""
    for value in _kept():
        text = text.replace(value, "...")
    return text


def clean(path: Path) -> None:
    """Take what the environment keeps secret out of a private file, also as Python and JSON write it."""
    with suppress(OSError):
        before = path.read_bytes()
        after = before
        for written in _written(_kept()):
            after = after.replace(written.encode("utf-8", "surrogateescape"), b"...")
        if after != before:
            path.write_bytes(after)


def _written(values: list[str]) -> list[str]:
    plain = {form for value in values for form in (value, repr(value)[1:-1])}
    forms = plain | {json.dumps(text, ensure_ascii=ascii)[1:-1] for text in plain for ascii in (True, False)}
    return sorted(forms, key=len, reverse=True)


def _kept() -> list[str]:
    """Return the secret values of the environment, the longest first."""
    found = {
        value for name, value in os.environ.items() if (_NAMED.search(name) and name not in _FOLDERS) or _PASSWORD.search(value)
    }
    return sorted((value for value in found if len(value) >= LEAST), key=len, reverse=True)
