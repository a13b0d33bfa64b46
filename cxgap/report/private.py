"""Files that their owner alone can read."""

from __future__ import annotations

import os
from pathlib import Path


def write_private(place: Path, content: str | bytes) -> None:
    """Write a file, with mode 0600 if it is new."""
    with open(place, "wb", opener=lambda path, flags: os.open(path, flags, mode=0o600)) as file:
        file.write(content.encode() if isinstance(content, str) else content)
