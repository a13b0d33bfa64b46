"""How the newest run of each report ended: status.json for people's programs, metrics.prom for Prometheus.

Neither holds anything from the data but counts.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from cxgap.report.outline import NOT_MEASURED, read_outline
from cxgap.report.publish import publish

STATUS: Final = "status.json"
METRICS: Final = "metrics.prom"
STATUS_SCHEMA: Final = "cxgap.status/1"
BAD: Final = frozenset({"failed", "timed_out", "killed", "gated_out"})
GOOD: Final = frozenset({"ok", "delivered", "unchanged"})
_ROWS: Final = ("in", "used", "incomplete", "rejected")


def read_status(output: Path) -> dict[str, dict[str, Any]]:
    """Return the state of the newest run of each report; nothing if no run was noted."""
    try:
        status = json.loads((output / STATUS).read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return {k: v for k, v in status.items() if isinstance(v, dict)} if isinstance(status, dict) else {}


def note_status(output: Path, slug: str, **state: object) -> None:
    """Note how the newest run of a report ended, for one who holds the lock.

    What the page in place rests on is added from its record, and the newest run that went well is remembered.

    Parameters
    ----------
    output : the folder of all reports
    slug : the report
    state : `state` and `message`, `run_id`, `seconds`, `finished`, or what else is to be told of the run
    """
    status = read_status(output)
    entry: dict[str, Any] = {**state, **_of_page(output / slug)}
    if state.get("state") in GOOD:
        entry["message"] = ""  # a finding names what was found in the data
        entry["good"] = {"run_id": state.get("run_id", ""), "finished": state.get("finished", "")}
    elif good := status.get(slug, {}).get("good"):
        entry["good"] = good
    entries = dict(sorted((status | {slug: entry}).items()))
    text = json.dumps({"schema": STATUS_SCHEMA} | entries, indent=1, allow_nan=False).encode()
    publish(output, {STATUS: text, METRICS: metrics(entries, time.time()).encode("utf-8", "replace")})


def _of_page(folder: Path) -> dict[str, Any]:
    outline = read_outline(folder)
    if outline is None:
        return {"page": None}
    rows = outline.study.rows
    return {
        "page": {"bytes": outline.bytes, "sha256": outline.sha256},
        "rows": dict(zip(_ROWS, (rows.came_in, rows.used, rows.incomplete, rows.rejected), strict=True)),
        "warnings": sum(issue.severity == "warning" for issue in outline.study.issues),
        "verdicts": {word: n for word, n in outline.verdicts.items() if word != NOT_MEASURED},
    }


def metrics(status: Mapping[str, Mapping[str, Any]], now: float) -> str:
    """Write the states as Prometheus reads them; a report that was never made has no page and no rows."""
    lines: list[str] = []
    for name, words, values in _METRICS:
        samples = [sample for slug, entry in status.items() for sample in _samples(name, slug, values, entry)]
        lines += [f"# HELP {name} {words}", f"# TYPE {name} gauge", *samples] if samples else []
    pages = sum(entry.get("page") is not None for entry in status.values())
    lines += ["# HELP cxgap_pages Reports that have a whole page.", "# TYPE cxgap_pages gauge", f"cxgap_pages {pages}"]
    lines += [
        "# HELP cxgap_written_timestamp_seconds When this file was written.",
        "# TYPE cxgap_written_timestamp_seconds gauge",
    ]
    return "\n".join([*lines, f"cxgap_written_timestamp_seconds {now:.0f}", ""])


def _samples(
    name: str, slug: str, values: Callable[[Mapping[str, Any]], Mapping[str, object]], entry: Mapping[str, Any]
) -> Iterator[str]:
    """Write the samples of one report; `values` maps further labels, as they are written, to numbers."""
    report = slug.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
    for label, number in values(entry).items():
        if isinstance(number, int | float) and not isinstance(number, bool):
            yield f'{name}{{report="{report}"{label}}} {number}'


def _moment(text: object) -> float | None:
    """Return the seconds since 1970 of a time in ISO 8601; None if it is none."""
    try:
        return datetime.fromisoformat(str(text)).timestamp()
    except ValueError:
        return None


def _of(entry: Mapping[str, Any], part: str, name: str) -> Any:
    own = entry.get(part)
    return own.get(name) if isinstance(own, dict) else None


_METRICS: Final[tuple[tuple[str, str, Callable[[Mapping[str, Any]], Mapping[str, object]]], ...]] = (
    ("cxgap_run_ok", "1 if the newest run went well, 0 if it failed.", lambda e: {"": int(e.get("state") not in BAD)}),
    ("cxgap_run_seconds", "How long the newest run took.", lambda e: {"": e.get("seconds")}),
    ("cxgap_run_finished_timestamp_seconds", "When the newest run ended.", lambda e: {"": _moment(e.get("finished"))}),
    ("cxgap_good_timestamp_seconds", "When a run last went well.", lambda e: {"": _moment(_of(e, "good", "finished"))}),
    ("cxgap_page_bytes", "Size of the page in place.", lambda e: {"": _of(e, "page", "bytes")}),
    ("cxgap_rows", "Answers behind the page in place.", lambda e: {f',kind="{k}"': _of(e, "rows", k) for k in _ROWS}),
    ("cxgap_warnings", "Warnings about the data of the page in place.", lambda e: {"": e.get("warnings")}),
)
