"""A run in a process of its own, for tests that end it: `python driver.py FOLDER TEMPLATE '[[slug, do, parameters], ...]'`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from report.fleet import scripts

from cxgap.report.fleet.preparation import Preparation
from cxgap.report.fleet.supervisor import run_fleet

folder, template = map(Path, sys.argv[1:3])
jobs = [scripts.job(slug, folder / "05_customer.ipynb", folder / "study/study.toml", do, **more) for slug, do, more in
        json.loads(sys.argv[3])]  # fmt: skip
Preparation.read = lambda self, stop, tell: None
result = run_fleet(jobs, output=folder / "reports", workers=3, starter=scripts.Script(template))
print(result)
sys.exit(result.exit_code)
