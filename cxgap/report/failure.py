"""The page of a report whose newest run failed: what happened and what to do; nothing from the data, and no traceback."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from cxgap import markup
from cxgap.errors import RunError
from cxgap.report.document import html_page
from cxgap.report.folders import FAILURE, REPORT
from cxgap.report.gate import problems
from cxgap.report.outline import read_outline
from cxgap.report.publish import publish
from cxgap.report.script import Scripts, policy
from cxgap.report.sections import time_words
from cxgap.report.wording import moment_words, paragraph

_CORRECT: Final = "Correct what the message names and run it again."
_AGAIN: Final = "Run it again; if it fails again, `cxgap doctor` says what is wrong with the machine."
_STOPPED: Final = "It was stopped before its end; run it again."
_TIME: Final = "Run it again when the machine is less busy, or give it more time."
_MEMORY: Final = "Run it again with more memory, or with fewer jobs at a time."
_TO_DO: Final = {
    **dict.fromkeys(("cell_timeout", "job_timeout", "start_timeout"), _TIME),
    **dict.fromkeys(("kernel_died", "memory"), _MEMORY),
    **dict.fromkeys(("kernel_start", "worker_killed", "crashed", "machinery", "publishing"), _AGAIN),
    "input_changed": "Wait until nobody writes the study's files any more, and run it again.",
    "space": "Make room on the disk of the reports, for example with `cxgap prune`, and run it again.",
    "killed": _STOPPED,
}


def write_failure(
    output: Path, slug: str, *, job: str, message: str, run_id: str = "", finished: str = "", code: str = "", to_do: str = ""
) -> Path:
    """Write the page that says why a report was not renewed, for one who holds the lock; the next success removes it.

    Parameters
    ----------
    output, slug : where the report lies
    job : what people call it
    message : what went wrong, in words that readers may see (`cxgap.report.worker.public`)
    run_id : under which name the log of the run is kept
    finished : when, ISO 8601 in UTC
    code : the kind of fault
    to_do : what to do about it; by default what the kind of fault asks for
    """
    page = failure_page(
        job, message, finished=finished, run_id=run_id, to_do=to_do or _TO_DO.get(code, _CORRECT), good=_good(output / slug)
    )
    publish(output, {f"{slug}/{FAILURE}": page.encode()})
    return output / slug / FAILURE


def failure_page(job: str, message: str, *, finished: str, run_id: str, to_do: str, good: str) -> str:
    """Write the page; `good` says of which time the report is that stands beside it, "" if there is none.

    Raises
    ------
    RunError : the page does not pass the gate.
    """
    rest = (
        f'<a href="{REPORT}">The last good report</a>{markup.prose(good)} stays as it is.'
        if good
        else "There is no report yet."
    )
    log = f"The log is kept under the name {run_id}." if run_id else ""
    parts = {
        "What happened": markup.prose(paragraph(message)),
        "What to do": markup.prose(" ".join(filter(None, [to_do, log]))),
        "Until then": rest,
    }
    sections = "\n".join(
        f'<section><h2 id="part-{number}">{head}</h2><p>{text}</p></section>'
        for number, (head, text) in enumerate(parts.items(), start=1)
    )
    body = (
        f'<header><p class="scope">{markup.prose(paragraph(job))}</p>\n<h1>This report was not renewed</h1></header>\n'
        f'<main>{sections}</main>\n<footer id="end"><p>{markup.prose(moment_words(finished))}</p></footer>'
    )
    page = html_page(f"{paragraph(job)}: not renewed", body, Scripts(policy(), ""))
    if found := problems(page):
        raise RunError(f"The page of the failure did not pass the gate: {'; '.join(found)}.")
    return page


def _good(folder: Path) -> str:
    outline = read_outline(folder)
    if outline is None:
        return ""
    period = time_words(outline.study)
    return f" ({period})" if period else " "
