"""Whether a page that is out is kept, because what may be shown in its place would be an emptied one.

A page of the same part of a study gains a few people from week to week. Where these are too few, the difference between the
two pages would tell of them, and the minimum of the new one is raised until most of it, or all, is hidden. Readers then keep
the page that they have, until enough people have come.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any, Final

from cxgap.disclosure.counted import Counted
from cxgap.disclosure.ledger import newest
from cxgap.errors import CxgapError
from cxgap.report.fleet.outcome import Outcome
from cxgap.report.fleet.preparation import Prepared
from cxgap.report.fleet.standing import standing_run, title_and_warnings
from cxgap.report.job import Job
from cxgap.report.outline import read_outline
from cxgap.report.wording import moment_words

KEPT: Final = "kept"


def kept(output: Path, job: Job, prepared: Prepared) -> Outcome | None:
    """Return the outcome of a job whose page must stay as it is; None if it may be made anew, or there is none.

    Raises
    ------
    RunError : the ledger cannot be read.
    """
    folder = output / job.slug
    if not (prepared.nothing or prepared.masked) or read_outline(folder) is None:
        return None
    if not (prepared.nothing or _emptied(output, job, prepared)):
        return None
    own = standing_run(folder)
    since = moment_words(str(own["ended"])) if own.get("ended") else "it was made"
    words = (
        f"not renewed: too few people were added since {since} to show the difference"
        if prepared.compared
        else f"not renewed: beside the other reports too little of it may be shown; the page is of {since}"
    )
    _, warnings = title_and_warnings(folder)
    seconds = float(own.get("seconds") or 0)
    return Outcome(job, KEPT, words, words, "few_people", str(own.get("run_id", "")), 0, seconds, warnings)


def _emptied(output: Path, job: Job, prepared: Prepared) -> bool:
    """Whether more than half of what the page in place shows of one kind (touchpoints, items) would be hidden."""
    before = newest(output, job.slug)
    if before is None or prepared.cells is None:
        return False
    try:
        coming = Counted.from_bytes(prepared.cells.read_bytes())
    except (CxgapError, OSError):
        return False
    if (before.survey, _where(before)) != (coming.survey, _where(coming)):
        return False  # the name is now that of another part
    masked = prepared.masked - set(coming.cells)
    shown = Counter((cell.measure, cell.kind) for cell in before.cells)
    lost = Counter((cell.measure, cell.kind) for cell in before.cells if cell in masked)
    return any(2 * number > shown[kind] for kind, number in lost.items())


def _where(part: Counted) -> Any:
    return json.loads(part.label)[0]
