"""Jobs and workers that need no kernel: a script of a few milliseconds leaves what a worker leaves, or fails as asked."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from cxgap.report.fleet.starters import WORDS
from cxgap.report.job import Job, Limits

SCRIPT = Path(__file__).with_name("worker_script.py")


class Script:
    """Starts the script in place of a worker; counts what it started."""

    def __init__(self, template: Path) -> None:
        self.template = template
        self.started: list[str] = []

    def start(self, run_folder, staged, environment):
        self.started.append(json.loads((run_folder / "job.json").read_text())["slug"])
        with open(run_folder / WORDS, "wb") as words:
            return subprocess.Popen(
                [sys.executable, "-S", "-E", str(SCRIPT), str(run_folder), str(staged), str(self.template)],
                env={"PATH": "/usr/bin:/bin"} | dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=words,
                stderr=words,
                start_new_session=True,
            )

    def close(self):
        pass


def job(slug: str, notebook: Path, study: Path, do: str = "good", limits: Limits | None = None, **more: object) -> Job:
    """Make a job of which the script does what `do` says."""
    return Job(slug, slug, notebook, {"study": str(study), "do": do} | more, limits=limits or Limits())
