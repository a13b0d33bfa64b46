"""The process of one job: `python -m cxgap.report.worker RUN_FOLDER STAGED` makes the report of RUN_FOLDER/job.json."""

from __future__ import annotations

import json
import os
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

from cxgap.errors import CxgapError
from cxgap.report.attempt import attempt
from cxgap.report.fleet.redact import redact
from cxgap.report.harvest import UnfinishedError
from cxgap.report.job import Job
from cxgap.report.lifeline import die_with_parent
from cxgap.report.wording import paragraph

JOB: Final = "job.json"
RESULT: Final = "result.json"
CELL: Final = "cell.txt"  # "2 13": the code cell that runs now, and how many there are


def work(folder: Path, staged: Path) -> int:
    """Make the report and write how it ended into RESULT; the exit code is 0 if there is a report, else 1."""
    job = Job.from_json((folder / JOB).read_bytes())
    clock = time.monotonic()
    try:
        record = attempt(job, folder, staged, on_cell=lambda number, total: tell(folder, number, total))
        result = {"state": "done", "message": record.title, "public": record.title}
    except (CxgapError, OSError) as error:
        code = error.code if isinstance(error, UnfinishedError) else type(error).__name__
        result = {"state": "failed", "code": code, "message": redact(paragraph(error)), "public": public(error)}
    result["seconds"] = f"{time.monotonic() - clock:.1f}"
    with open(folder / RESULT, "x", encoding="utf-8", opener=lambda path, flags: os.open(path, flags, mode=0o600)) as file:
        json.dump(result, file)
    return 0 if result["state"] == "done" else 1


def tell(folder: Path, number: int, total: int) -> None:
    """Note which cell runs now, for those who watch from outside."""
    with suppress(OSError):  # a full disk ends the run by itself, where it loses something
        descriptor = os.open(folder / CELL, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "w") as file:
            file.write(f"{number} {total}")


def public(error: CxgapError | OSError) -> str:
    """Say what went wrong without a path or a value that came from the data."""
    if isinstance(error, UnfinishedError):
        return redact(error.public)
    return redact(paragraph(error)) if isinstance(error, CxgapError) else error.strerror or type(error).__name__


if __name__ == "__main__":
    die_with_parent()
    sys.exit(work(Path(sys.argv[1]), Path(sys.argv[2])))
