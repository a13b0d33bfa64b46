"""A run of real workers in a process of its own: `python real_driver.py OUTPUT MODE JOB.json...`."""

from __future__ import annotations

import sys
from pathlib import Path

from cxgap.report.fleet.supervisor import run_fleet
from cxgap.report.job import Job

result = run_fleet(
    [Job.from_json(Path(name).read_bytes()) for name in sys.argv[3:]], output=sys.argv[1], workers=2, mode=sys.argv[2]
)
print(result)
sys.exit(result.exit_code)
