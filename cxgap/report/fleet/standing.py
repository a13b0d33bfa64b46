"""The report that stands in the output folder: which run it is of, and whether it is still whole."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from cxgap.report.fleet.inputs import Hashes
from cxgap.report.folders import current_run
from cxgap.report.manifest import MANIFEST
from cxgap.report.publish import REPORT
from cxgap.report.record import RECORD


def standing(folder: Path, key: str) -> dict[str, Any] | None:
    """Return the manifest of the report in `folder` if it was made with `key` and nothing of it is damaged; else None."""
    run = current_run(folder)
    manifest = _read(run / MANIFEST) if run else {}
    artefacts = manifest.get("artefacts")
    if not run or not key or manifest.get("key") != key or manifest.get("status") != "delivered":
        return None
    if not isinstance(artefacts, list) or not {REPORT, RECORD} <= {_name(artefact) for artefact in artefacts}:
        return None
    hashes = Hashes()  # of its own: what lies there is looked at, whatever was known of it
    if not all(_whole(place, artefact, hashes) for artefact in artefacts for place in (run, folder)):
        return None
    return manifest if _same_day(manifest, _read(run / RECORD)) else None


def standing_run(folder: Path) -> dict[str, Any]:
    """Return the manifest of the run whose report is in place in `folder`; nothing if there is none."""
    run = current_run(folder)
    return _read(run / MANIFEST) if run else {}


def title_and_warnings(folder: Path) -> tuple[str, int]:
    """Return the finding of the report in `folder`, and how many warnings of its data it shows."""
    run = current_run(folder)
    record = _read(run / RECORD) if run else {}
    issues = record.get("study", {}).get("issues", [])
    return str(record.get("title", "")), sum(issue.get("severity") == "warning" for issue in issues)


def _whole(folder: Path, artefact: Any, hashes: Hashes) -> bool:
    name = PurePosixPath(_name(artefact))
    if name.is_absolute() or ".." in name.parts:
        return False
    try:
        return hashes.of(folder / name) == (artefact["bytes"], artefact["sha256"])
    except (OSError, LookupError, TypeError):
        return False


def _name(artefact: Any) -> str:
    return str(artefact.get("name", "")) if isinstance(artefact, dict) else ""


def _same_day(manifest: dict[str, Any], record: dict[str, Any]) -> bool:
    """Whether no day has begun that lets in rows which were refused because they lay in the future."""
    study = record.get("study", {})
    ahead = "future_date" in study.get("rejected", {}) or any(i.get("check") == "future_date" for i in study.get("issues", []))
    if not ahead or study.get("as_of"):
        return True
    try:
        return date.fromisoformat(str(manifest.get("ended", ""))[:10]) == datetime.now(UTC).date()
    except ValueError:
        return False


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
