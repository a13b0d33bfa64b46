"""What schedulers leave out or set wrongly, each in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from cxgap.doctor.clock import compare_zones, look_at_clock

LOOK = """
import sys, time
from pathlib import Path
from cxgap.doctor.surroundings import look_at_surroundings
from cxgap.doctor.clock import look_at_clock
time.tzset()
for finding in [*look_at_surroundings(), *look_at_clock(Path("no such folder"))]:
    print(finding.state, finding.about, finding.text, sep="|")
"""


def look(umask: int = 0o022, **environment: str) -> dict[str, tuple[str, str]]:
    """Look in a process that was given nothing but `environment`."""
    done = subprocess.run([sys.executable, "-c", LOOK], env=environment, capture_output=True, check=True, umask=umask)
    lines = (line.split("|", 2) for line in done.stdout.decode("utf-8", "replace").splitlines())
    return {about: (state, text) for state, about, text in lines}


def test_no_home_and_no_locale_at_all_are_no_fault():
    found = look()
    assert {state for state, _ in found.values()} <= {"ok", "note"}
    assert (found["home"][0], found["locale"][0]) == ("ok", "ok")


def test_a_locale_that_is_not_utf8_is_noted():
    found = look(LC_ALL="C", PYTHONCOERCECLOCALE="0", PYTHONUTF8="0")
    assert (found["locale"][0], "LC_ALL=C.UTF-8" in found["locale"][1]) == ("note", True)
    assert look(LC_ALL="C")["locale"][0] == "ok"


def test_a_zone_that_the_system_would_take_for_utc_is_noted():
    """POSIX: what TZ holds and is no zone means UTC, without a word."""
    assert look(TZ="Europe/Berlinn")["clock"][0] == "note"
    assert [look(TZ=zone)["clock"][0] for zone in ("Europe/Berlin", "CET-1CEST", "UTC")] == ["ok"] * 3


def test_a_temporary_folder_that_is_not_there_is_noted(tmp_path):
    found = look(TMPDIR=str(tmp_path / "gone"))
    assert (found["temporary files"][0], "mkdir -p" in found["temporary files"][1]) == ("note", True)
    assert look(TMPDIR=str(tmp_path))["temporary files"][0] == "ok"


def test_what_changes_python_itself_is_noted(tmp_path):
    assert look(PYTHONPATH=str(tmp_path))["environment"][0] == "note"
    assert look(PYTHONOPTIMIZE="1")["environment"][0] == "note"


def test_pages_that_no_reader_could_open_are_noted():
    assert (look(umask=0o077)["umask"][0], look(umask=0o027)["umask"][0], look()["umask"][0]) == ("note", "note", "ok")


def test_a_clock_that_went_backwards_is_noted(tmp_path):
    status = tmp_path / "status.json"
    status.write_text("{}", encoding="utf-8")
    assert [finding.state for finding in look_at_clock(tmp_path)][-1] == "ok"
    os.utime(status, (4_000_000_000, 4_000_000_000))
    assert [finding.state for finding in look_at_clock(tmp_path)][-1] == "note"


def test_a_study_in_another_zone_says_where_its_day_is_told():
    """Kiritimati is 14 hours ahead of UTC, Niue 11 behind: never both as here."""
    found = [compare_zones("Pacific/Kiritimati"), compare_zones("Pacific/Niue")]
    assert "note" in {finding.state for finding in found}
    assert all('month = "last_month"' in finding.text for finding in found if finding.state == "note")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can become somebody else")
def test_a_user_that_the_system_does_not_know_is_no_fault():
    """As in a container that is started with a number for a user."""
    code = LOOK.replace("time.tzset()", "import os; os.setuid(54321)")
    done = subprocess.run([sys.executable, "-c", code], env={}, capture_output=True, text=True, check=True)
    assert "note|home|HOME is not set" in done.stdout
    assert "fault|" not in done.stdout
