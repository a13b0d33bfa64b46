"""What kind of file system a folder lies on, as Linux tells it."""

from __future__ import annotations

from pathlib import Path

_TABLE = Path("/proc/self/mounts")


def mounted(folder: Path) -> tuple[str | None, frozenset[str]]:
    """Return the kind of file system that holds `folder` and how it is mounted; None where the system does not tell.

    Parameters
    ----------
    folder : an existing folder
    """
    try:
        lines = _TABLE.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return None, frozenset()
    place = folder.resolve()
    found: tuple[int, str | None, frozenset[str]] = (-1, None, frozenset())
    for line in lines:
        _, at, kind, options, *_ = line.split(" ")
        point = Path(_unescaped(at))
        # The last of two mounts on one place hides the first.
        if (point == place or point in place.parents) and len(point.parts) >= found[0]:
            found = len(point.parts), kind, frozenset(options.split(","))
    return found[1], found[2]


def _unescaped(text: str) -> str:
    """Return a path of the table, in which blanks are written as octal numbers."""
    for code in (r"\040", r"\011", r"\012", r"\134"):
        text = text.replace(code, chr(int(code[1:], 8)))
    return text
