"""How far the lock of each study's targets had come when an output folder last saw it: a lock that was cut is shorter."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from cxgap.report.folders import private_folder
from cxgap.report.private import write_private
from cxgap.tables.target_lock import TargetLock

HEADS: Final = "target-locks.json"


def known_head(output: Path, study: Path) -> dict[str, Any] | None:
    """Return how far the lock of a study had come when this output folder last saw it: `lines` and `head`."""
    try:
        noted = json.loads((private_folder(output) / HEADS).read_bytes())
        found = noted.get(_key(study)) or noted[str(study.absolute())]
        return {"lines": int(found["lines"]), "head": str(found["head"])}
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return None


def remember_head(output: Path, study: Path, lock: TargetLock) -> None:
    """Note how far a lock has come; a note that cannot be written stops nothing."""
    place = private_folder(output) / HEADS
    try:
        known = json.loads(place.read_bytes())
    except (OSError, ValueError):
        known = {}
    own = {"lines": len(lock.entries), "head": lock.head}
    known = known if isinstance(known, dict) else {}
    if lock.entries and known.get(_key(study)) != own:
        with suppress(OSError):
            write_private(place, json.dumps({**known, _key(study): own}, indent=1))


def _key(study: Path) -> str:
    """Name a study in one way, whichever way it is reached."""
    return os.path.realpath(study)
