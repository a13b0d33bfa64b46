"""Where the notebooks and the sample study lie: in the package when installed, else in the project's own folders."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_FOLDERS = {"notebooks": Path("notebooks"), "sample": Path("data") / "sample"}


def shipped(what: str) -> Path:
    """Return the folder that holds the `notebooks` or the `sample` study that came with cxgap."""
    installed = _PACKAGE / "_shipped" / what
    return installed if installed.is_dir() else _PACKAGE.parent / _FOLDERS[what]
