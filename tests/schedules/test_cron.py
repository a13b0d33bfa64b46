"""The line of the crontab, as cron runs it: by sh, from /, with nothing in its environment."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path

import pytest
from schedules.recipes import PLAN, placed, recipe, service

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def line(folder: Path) -> str:
    """Return the command of the crontab, without its time and its user."""
    return placed(recipe("/etc/cron.d/cxgap").splitlines()[-1], folder).split(maxsplit=6)[6]


def start(folder: Path) -> subprocess.Popen[str]:
    command = ["/bin/sh", "-c", line(folder)]
    return subprocess.Popen(command, cwd="/", env={}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def test_the_time_of_the_crontab_is_five_fields_and_a_user():
    fields = recipe("/etc/cron.d/cxgap").splitlines()[-1].split()
    assert fields[:6] == ["10", "5", "*", "*", "*", "cxgap"]
    assert "%" not in " ".join(fields)


def test_two_at_once_make_each_page_once_and_mail_nothing(tmp_path):
    """Cron mails what is printed; one run does the work, and 75 of the other is no reason for a mail."""
    reports = service(tmp_path)
    first = start(tmp_path)
    deadline = time.monotonic() + 60
    while not (reports / "private" / "lock").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    second = start(tmp_path)
    assert second.communicate(timeout=120) == ("", None)
    assert first.poll() is None, "the second came too late to meet the first"
    assert first.communicate(timeout=400) == ("", None)
    assert (first.returncode, second.returncode) == (0, 0)
    assert (reports / "customer" / "report.html").is_file()
    assert len(list((reports / "customer" / "runs").glob("*/manifest.json"))) == 1


def test_a_report_that_fails_is_mailed_and_harms_no_other(tmp_path):
    nowhere = '\n[[report]]\nnotebook = "customer"\nname = "empty"\nas_of = "1990-01-01"\n'
    reports = service(tmp_path, PLAN + nowhere)
    run = start(tmp_path)
    mailed, _ = run.communicate(timeout=500)
    assert "empty" in mailed
    assert (reports / "customer" / "report.html").is_file()
    assert (reports / "empty" / "failure.html").is_file()
    status = json.loads((reports / "status.json").read_text(encoding="utf-8"))
    assert (status["customer"]["state"], status["empty"]["state"]) == ("ok", "failed")


def test_a_wrong_plan_is_mailed_and_nothing_runs(tmp_path):
    reports = service(tmp_path, PLAN + 'colour = "red"\n')
    mailed, _ = start(tmp_path).communicate(timeout=120)
    assert "colour" in mailed
    assert list(reports.glob("*/report.html")) == []
