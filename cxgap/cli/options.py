"""What the commands share: their exit codes, and options of the form NAME=VALUE."""

from __future__ import annotations

from typing import Final

from cxgap.errors import ArgumentError

FAILED: Final = 1
MISUSED: Final = 2
BUSY: Final = 75  # another run holds the output folder
STOPPED: Final = 130
TERMINATED: Final = 143


def pairs(texts: tuple[str, ...], option: str) -> dict[str, str]:
    """Read options that were given as NAME=VALUE; ArgumentError if one was not, or was given twice."""
    found = {}
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign or not name:
            raise ArgumentError(f"{option} must be NAME=VALUE, not {text!r}.")
        if name in found:
            raise ArgumentError(f"{option} {name} must be given once, and is given twice.")
        found[name] = value
    return found
