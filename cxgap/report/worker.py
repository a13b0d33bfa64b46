"""The process of one job: `python -m cxgap.report.worker RUN_FOLDER STAGED` makes the report of RUN_FOLDER/job.json."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Final

from cxgap.errors import CxgapError
from cxgap.report.attempt import attempt
from cxgap.report.harvest import UnfinishedError
from cxgap.report.job import Job
from cxgap.report.wording import paragraph

JOB: Final = "job.json"
RESULT: Final = "result.json"


def work(folder: Path, staged: Path) -> int:
    """Make the report and write how it ended into RESULT; the exit code is 0 if there is a report, else 1."""
    job = Job.from_json((folder / JOB).read_bytes())
    clock = time.monotonic()
    try:
        record = attempt(job, folder, staged)
        result = {"state": "done", "message": record.title, "public": record.title}
    except (CxgapError, OSError) as error:
        code = error.code if isinstance(error, UnfinishedError) else type(error).__name__
        result = {"state": "failed", "code": code, "message": paragraph(error), "public": public(error)}
    result["seconds"] = f"{time.monotonic() - clock:.1f}"
    with open(folder / RESULT, "x", encoding="utf-8", opener=lambda path, flags: os.open(path, flags, mode=0o600)) as file:
        json.dump(result, file)
    return 0 if result["state"] == "done" else 1


def public(error: CxgapError | OSError) -> str:
    """Say what went wrong without a path or a value that came from the data."""
    if isinstance(error, UnfinishedError):
        return error.public
    return paragraph(error) if isinstance(error, CxgapError) else error.strerror or type(error).__name__


if __name__ == "__main__":
    sys.exit(work(Path(sys.argv[1]), Path(sys.argv[2])))
