"""The front page of a folder of reports: what each one found, and which of them is not from its latest run."""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from cxgap import markup
from cxgap.errors import RunError
from cxgap.report.document import html_page
from cxgap.report.gate import problems
from cxgap.report.harvest import StudyRecord
from cxgap.report.publish import REPORT, locked, publish
from cxgap.report.record import RECORD
from cxgap.report.script import Scripts, policy
from cxgap.report.sections import time_words, where_words
from cxgap.report.wording import many
from cxgap.vocabulary import VERDICT_MARKS

INDEX = "index.html"
STATUS = "status.json"
NO_BREAK = "\N{NO-BREAK SPACE}"
_HEADS = ("what it found", "report", "of", "when", "verdicts", "respondents", "size")


def read_status(output: Path) -> dict[str, Any]:
    """Return the state of the last run of each report; nothing if no run was noted."""
    try:
        status = json.loads((output / STATUS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {k: v for k, v in status.items() if isinstance(v, dict)} if isinstance(status, dict) else {}


def note_status(output: Path, slug: str, **state: object) -> None:
    """Note how the last run of a report ended, for one who holds the lock."""
    status = read_status(output) | {slug: state}
    publish(output, {STATUS: json.dumps(dict(sorted(status.items())), indent=1).encode()})


def write_index(output: str | os.PathLike[str]) -> Path:
    """Write `output`/index.html from the pages and records that lie there, and return its path.

    Raises
    ------
    RunError : the page did not pass the gate; the index that was there stays.
    """
    with locked(Path(output)):
        return renew_index(Path(output))


def renew_index(output: Path) -> Path:
    """Write the index as `write_index` does, for one who holds the lock."""
    status = read_status(output)
    slugs = sorted((path.parent.name for path in output.glob(f"*/{REPORT}")), key=lambda slug: _order(output / slug))
    rows = "".join(_row(output / slug) for slug in slugs)
    failed = "".join(_failed(slug, slug in slugs) for slug in sorted(status) if status[slug].get("state") == "failed")
    heads = "".join(f'<th scope="col">{head}</th>' for head in _HEADS)
    table = (
        '<div class="scroll list" role="region" tabindex="0" aria-label="Reports">'
        f"<table><caption>{many(len(slugs), 'report')}</caption><thead><tr>{heads}</tr></thead>"
        f"<tbody>{rows}</tbody></table></div>"
    )
    body = f"<header><h1>Gap reports</h1></header>\n<main>{failed}{table}</main>\n"
    body += '<footer id="end"><p>A negative gap is a shortfall for the customer.</p></footer>'
    page = html_page("Gap reports", body, Scripts(policy(), ""))
    if found := problems(page):
        raise RunError(f"The index did not pass the gate: {'; '.join(found)}.")
    publish(output, {INDEX: page.encode()})
    return output / INDEX


def _order(folder: Path) -> tuple[str, str]:
    """Order reports as their notebooks are numbered; one without a record that can be read comes last."""
    try:
        return str(json.loads((folder / RECORD).read_bytes())["notebook"]["name"]), folder.name
    except (OSError, LookupError, TypeError, ValueError):
        return "~", folder.name


def _row(folder: Path) -> str:
    """Write a report's row; of a page whose record is of another run, nothing is said but that it is there."""
    page = (folder / REPORT).read_bytes()
    try:
        record = json.loads((folder / RECORD).read_bytes())
        if not any(a["name"] == REPORT and a["sha256"] == hashlib.sha256(page).hexdigest() for a in record["artefacts"]):
            raise LookupError(RECORD)
        study = StudyRecord.model_validate(record["study"])
        finding, scope = str(record["title"]), f"{study.title}, {where_words(study)}"
        cells = [[scope], [time_words(study)], _verdicts(record), [f"{study.respondents:,}"]]
    except (OSError, LookupError, TypeError, ValueError, AttributeError):  # ValidationError is a ValueError
        finding, cells = folder.name, [[]] * 4
    link = f'<a href="{quote(folder.name)}/{REPORT}">{markup.prose(finding)}</a>'
    cells = [[folder.name], *cells, [f"{len(page) / 1000:,.0f} kB"]]
    text = "".join(f"<td>{'<br>'.join(map(markup.escape, lines))}</td>" for lines in cells)
    return f'<tr><th scope="row">{link}</th>{text}</tr>'


def _verdicts(record: Mapping[str, Any]) -> list[str]:
    """Count the verdicts of the first gap table, which is the one that the report is about; an index is no gap."""
    tables = [table for table in record["tables"] if table.get("basis") != "index"]
    if not tables:
        return []
    table = tables[0]
    if table.get("missing"):
        return ["not measured"]
    verdict, flags = (table["columns"].index(name) for name in ("verdict", "flags"))
    counts = Counter(row[verdict] for row in table["rows"] if row[flags] not in ("EMPTY", "NO_STANDARD"))
    said = [f"{mark} {counts[verdict]} {verdict}" for verdict, mark in VERDICT_MARKS.items() if counts[verdict]]
    return [text.replace(" ", NO_BREAK) for text in said]


def _failed(slug: str, page: bool) -> str:
    rest = "the page below is from the run before" if page else "there is no page of it yet"
    return f'<p class="alarm">The last run of {markup.escape(slug)} failed; {rest}.</p>'
