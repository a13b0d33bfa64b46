"""A published report in a few numbers, for those who list it; nothing is said of a page that is not whole."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from cxgap.report.document import END
from cxgap.report.folders import REPORT
from cxgap.report.harvest import StudyRecord
from cxgap.report.record import RECORD
from cxgap.vocabulary import VERDICT_MARKS

NOT_MEASURED: Final = "not measured"
_MOST_KNOWN: Final = 500  # reports that one process remembers
_NO_VERDICT: Final = {"EMPTY", "NO_STANDARD"}


class Outline(NamedTuple):
    """What stands in a report's folder.

    Attributes
    ----------
    title : the finding
    notebook : the name of the notebook
    study : the record of its study
    verdicts : how many cells of the first gap table have which verdict; NOT_MEASURED alone if it has no cell
    bytes, sha256 : of the page
    """

    title: str
    notebook: str
    study: StudyRecord
    verdicts: Mapping[str, int]
    bytes: int
    sha256: str


def read_outline(folder: Path) -> Outline | None:
    """Return the outline of the report in `folder`, or None if its page is not whole, or not the one its record describes."""
    try:
        return _outlined(folder, _stamp(folder / REPORT), _stamp(folder / RECORD))
    except (OSError, LookupError, TypeError, ValueError, AttributeError, RecursionError):  # ValidationError is a ValueError
        return None


def _stamp(path: Path) -> tuple[int, ...]:
    """Return what changes when a file does."""
    status = path.stat()
    return status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


@lru_cache(_MOST_KNOWN)  # a fleet writes the index after each of its jobs
def _outlined(folder: Path, page_stamp: tuple[int, ...], record_stamp: tuple[int, ...]) -> Outline | None:
    page = (folder / REPORT).read_bytes()
    record = json.loads((folder / RECORD).read_bytes())
    digest = hashlib.sha256(page).hexdigest()
    described = any(file["name"] == REPORT and file["sha256"] == digest for file in record["artefacts"])
    if not described or not page.endswith(END.encode()):
        return None
    return Outline(
        title=str(record["title"]),
        notebook=str(record["notebook"]["name"]),
        study=StudyRecord.model_validate(record["study"]),
        verdicts=_verdicts(record),
        bytes=len(page),
        sha256=digest,
    )


def _verdicts(record: Mapping[str, Any]) -> dict[str, int]:
    """Count the verdicts of the first gap table, which is the one that the report is about; an index is no gap."""
    tables = [table for table in record["tables"] if table.get("basis") != "index"]
    if not tables:
        return {}
    if tables[0].get("missing"):
        return {NOT_MEASURED: 1}
    verdict, flags = (tables[0]["columns"].index(name) for name in ("verdict", "flags"))
    counts = Counter(row[verdict] for row in tables[0]["rows"] if row[flags] not in _NO_VERDICT)
    return {word: counts[word] for word in VERDICT_MARKS if counts[word]}
