"""The workflow: it is YAML of the form that GitHub reads, and its commands do what it says."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml
from schedules.recipes import BIN, PLAN, ROOT, recipe

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

WORKFLOW = yaml.safe_load(recipe(".github/workflows/reports.yml"))
STEPS = WORKFLOW["jobs"]["reports"]["steps"]
COMMANDS = [step["run"] for step in STEPS if "run" in step]


def test_the_workflow_has_what_github_needs():
    assert WORKFLOW[True] == {"schedule": [{"cron": "10 4 * * *"}], "workflow_dispatch": None}  # YAML 1.1 reads "on" as true
    assert WORKFLOW["permissions"] == {"contents": "read"}
    assert all(("run" in step) != ("uses" in step) for step in STEPS)
    assert all(re.fullmatch(r"actions/[a-z-]+@v\d+", step["uses"]) for step in STEPS if "uses" in step)


def test_nothing_private_is_uploaded():
    (upload,) = [step for step in STEPS if step.get("uses", "").startswith("actions/upload-artifact")]
    assert upload["with"]["path"].split() == ["reports", "!reports/private"]


def test_the_steps_run_in_their_order(tmp_path):
    """As on a runner: a shell that stops at the first error; `make setup` was done by whoever tests."""
    assert COMMANDS[0] == "make setup"
    assert re.search(r"^setup:", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    (tmp_path / ".venv").symlink_to(BIN.parent)
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "plan.toml").write_text(PLAN, encoding="utf-8")
    environment = {"PATH": os.defpath, "HOME": str(tmp_path), "CI": "true"}
    for command in COMMANDS[1:]:
        done = subprocess.run(
            ["bash", "-eo", "pipefail", "-c", command],
            cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    assert (tmp_path / "reports" / "customer" / "report.html").is_file()
    assert not Path(tmp_path / "reports" / "customer" / "failure.html").exists()
