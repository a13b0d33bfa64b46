"""One run of a report: when, where, how long, on what, and how it ended; what the page says is in its record."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

MANIFEST: Final = "manifest.json"
MANIFEST_SCHEMA: Final = "cxgap.manifest/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """One run of a report.

    Attributes
    ----------
    run_id, job, slug : which run of which report
    status : delivered or failed
    attempt : which try it was, from 1
    key : hash of all that the page rests on; empty where that cannot be told
    started, ended : ISO 8601 in UTC
    seconds : by a clock that is never set
    parameters : what it was asked for
    inputs : path, bytes and sha256 of every file that it read, as they were at the start
    artefacts : name, bytes and sha256 of every file of the report
    versions, code : of Python and the packages; of cxgap and the notebook
    figures, tables : how many the page shows
    previous_run_id : of the run whose page this one replaced
    error : code and message, of a failed run
    """

    run_id: str
    job: str
    slug: str
    status: str
    started: str
    ended: str
    seconds: float
    attempt: int = 1
    key: str = ""
    parameters: Mapping[str, object] = field(default_factory=dict)
    inputs: Sequence[Mapping[str, Any]] = ()
    artefacts: Sequence[Mapping[str, Any]] = ()
    versions: Mapping[str, str] = field(default_factory=dict)
    code: Mapping[str, str] = field(default_factory=dict)
    figures: int = 0
    tables: int = 0
    previous_run_id: str = ""
    error: Mapping[str, Any] | None = None
    host: str = field(default_factory=platform.node)
    schema: str = MANIFEST_SCHEMA

    def to_json(self) -> bytes:
        """Return the manifest's file."""
        return json.dumps(asdict(self), indent=1, allow_nan=False).encode()
