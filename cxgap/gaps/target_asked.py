"""Which targets are to be judged: those declared, as they were first published, and those that only the lock still knows."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any, NamedTuple

from cxgap.gaps.target_evidence import spec_of
from cxgap.tables.study import Study
from cxgap.tables.target_lock import TargetLock
from cxgap.tables.targets import same_promise


class Asked(NamedTuple):
    """A target to judge: its name in the lock, what it is, its flags so far, what the lock has of it, and its name today."""

    name: str
    spec: Mapping[str, Any]
    flags: tuple[str, ...]
    lock: TargetLock
    called: str

    @property
    def cut_off(self) -> date:
        """The last day that counts."""
        return date.fromisoformat(self.spec["cut_off"])

    @property
    def looks(self) -> list[date]:
        """Days before it on which it is judged, too."""
        return [date.fromisoformat(day) for day in self.spec.get("looks", [])]

    @property
    def aim(self) -> float:
        """The value, with the margin taken off."""
        return float(self.spec["value"]) - float(self.spec.get("margin", 0.0)) * (1 if self.better == "high" else -1)

    @property
    def better(self) -> str:
        """Which side is better: "high" or "low"."""
        return str(self.spec["better"])


def asked(study: Study) -> list[Asked]:
    """Return the declared targets, then those that only the lock knows; what a name is counts from its first line on."""
    lock = study.target_lock
    if lock.problem:
        return [
            Asked(row["name"], spec_of(row), ("LOCK_BROKEN",), lock, row["name"]) for row in study.targets.to_dict("records")
        ]
    found, known = [], {name.casefold() for name in study.targets["name"]}
    for row in study.targets.to_dict("records"):
        first, spec = lock.first(row["name"]), spec_of(row)
        flags: tuple[str, ...] = ()
        if first is None and (first := _renamed(spec, lock, known)) is not None:
            known.add(first["name"].casefold())
            flags = ("TARGET_RENAMED",)
        elif first is not None and first["spec_hash"] != row["spec_hash"]:
            flags = ("TARGET_EDITED",)
        name, spec = (row["name"], spec) if first is None else (str(first["name"]), dict(first["spec"]) if flags else spec)
        found.append(Asked(name, spec, flags, lock, row["name"]))
    for entry in lock.entries:
        if entry["name"].casefold() not in known:
            known.add(entry["name"].casefold())
            found.append(Asked(entry["name"], dict(entry["spec"]), ("TARGET_REMOVED",), lock, entry["name"]))
    return found


def _renamed(spec: Mapping[str, Any], lock: TargetLock, known: Collection[str]) -> Mapping[str, Any] | None:
    """Return the first line of a target that promised the same under a name that is no longer declared."""
    return next(
        (line for line in lock.entries if line["name"].casefold() not in known and same_promise(line["spec"], spec)), None
    )
