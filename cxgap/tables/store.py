"""A study that was read once for all reports of a run, kept on disk until the run ends.

A kept study holds respondents, so its folder is open to its owner alone. It is a pickle, because a frame must come back
to the bit (categories, zones, text types), and only bytes whose hash the run itself noted are ever unpickled.
"""

from __future__ import annotations

import hashlib
import os
import pickle
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from types import MappingProxyType
from typing import Any

from cxgap.tables.context import Kept
from cxgap.tables.restrict import Scope
from cxgap.tables.study import Study


def keep_study(study: Study, path: Path, scope: Scope, inputs: list[Path], folder: Path) -> Kept:
    """Write what reading `path` within `scope` gave into `folder`, and return what `kept_study` needs to trust it.

    Parameters
    ----------
    study : as `read_study` returned it
    path : the study file
    scope : the part of the study that was read
    inputs : every file that was read, the study file among them
    folder : an existing private folder
    """
    content = pickle.dumps({field.name: _plain(getattr(study, field.name)) for field in fields(Study)}, protocol=5)
    digest = hashlib.sha256(content).hexdigest()
    place = folder / f"{digest[:32]}.study"
    try:
        with open(place, "wb", opener=lambda name, flags: os.open(name, flags, mode=0o600)) as file:
            file.write(content)
    except OSError:
        place.unlink(missing_ok=True)
        raise
    return Kept(path=place.absolute(), sha256=digest, study=path.absolute(), files=_stamps(inputs), **_scope(scope))


def kept_study(kept: Kept | None, path: Path, scope: Scope) -> Study | None:
    """Return the kept study if it is the result of reading `path` within `scope`, and no file has changed since; else None."""
    if kept is None or kept.study != path.absolute() or {name: getattr(kept, name) for name in _scope(scope)} != _scope(scope):
        return None
    try:
        if _stamps([name for name, _, _ in kept.files]) != kept.files:
            return None
        content = kept.path.read_bytes()
    except OSError:
        return None
    if hashlib.sha256(content).hexdigest() != kept.sha256:
        return None
    return Study(**{name: _read_only(value) for name, value in pickle.loads(content).items()})


def _scope(scope: Scope) -> dict[str, Any]:
    where = {name: list(values) for name, values in scope.where.items()}
    return {"where": where, "as_of": scope.as_of, "today": str(scope.horizon)}


def _stamps(paths: list[Path]) -> list[tuple[Path, int, int]]:
    found = [(path.absolute(), path.stat()) for path in paths]
    return sorted((path, stat.st_size, stat.st_mtime_ns) for path, stat in found)


def _plain(value: Any) -> Any:
    """Return `value` with dicts for read-only mappings, which cannot be pickled."""
    return {name: _plain(item) for name, item in value.items()} if isinstance(value, MappingProxyType) else value


def _read_only(value: Any) -> Any:
    return MappingProxyType(value) if isinstance(value, Mapping) else value
