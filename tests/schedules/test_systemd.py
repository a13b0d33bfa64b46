"""The units: systemd's own reading of them, and the service's command under what the unit forbids."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from configparser import ConfigParser
from pathlib import Path

import pytest
from schedules.recipes import ROOT, placed, recipe, service

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

UNITS = ("cxgap.service", "cxgap.timer", "cxgap-alert.service")
MOST_EXPOSED = 3.0  # systemd's own scale, 0 to 10; it calls up to 4 "OK", and a unit without hardening is at 9.6

# A read-only system with an empty /tmp, nobody on the network but itself, and no right to gain rights.
INSIDE = """
ip link set lo up
mount --make-rprivate /
mount --bind "$1" "$1"
mount -o remount,ro,bind /
mount -t tmpfs tmpfs /tmp -o mode=1777 2>/dev/null || true
touch "$2/written" 2>/dev/null && exit 99
exec setpriv --no-new-privs --bounding-set=-all --inh-caps=-all env -i sh -c "cd / && umask 022 && $3"
"""


@pytest.fixture
def units(tmp_path) -> Path:
    folder = tmp_path / "units"
    folder.mkdir()
    service(tmp_path)
    for name in UNITS:
        text = placed(recipe(f"/etc/systemd/system/{name}"), tmp_path)
        # Neither the user nor the mail program of the recipe need be on this machine.
        text = text.replace("User=cxgap\n", "").replace("/usr/sbin/sendmail", "/bin/true")
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze on the path")
def test_systemd_reads_the_units_without_a_word(units):
    command = ["systemd-analyze", "verify", "--man=no", *(str(units / name) for name in UNITS)]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env=os.environ | {"SYSTEMD_UNIT_PATH": f"{units}:"}
    )
    ours = [line for line in done.stderr.splitlines() if "cxgap" in line]
    assert (done.returncode, ours) == (0, [])
    broken = units / "broken.service"
    broken.write_text("[Service]\nType=oneshot\nExecStart=/no/such/program\nProtectSytem=strict\n", encoding="utf-8")
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", str(broken)], capture_output=True, text=True, check=False)
    assert "ProtectSytem" in done.stderr


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze on the path")
def test_systemd_calls_the_service_well_closed(units):
    command = ["systemd-analyze", "security", "--offline=yes", "--no-pager", str(units / "cxgap.service")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    overall = re.search(r"exposure level for \S+: ([0-9.]+)", done.stdout)
    assert overall, done.stdout + done.stderr
    print(f"exposure {overall[1]}")
    assert float(overall[1]) <= MOST_EXPOSED


def test_the_time_of_the_timer_is_told_in_the_zone_of_the_study(units):
    timer = ConfigParser(strict=False)
    timer.read(units / "cxgap.timer")
    when = timer["Timer"]["OnCalendar"]
    assert when.endswith("Europe/Berlin")
    if shutil.which("systemd-analyze"):
        done = subprocess.run(
            ["systemd-analyze", "calendar", "--iterations=3", when], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can close a system for a test")
def test_the_command_of_the_service_needs_nothing_that_the_unit_forbids(tmp_path):
    if not all(map(shutil.which, ("unshare", "setpriv", "ip", "mount"))):
        pytest.skip("needs unshare, setpriv, ip and mount")
    away = Path("/var/tmp") / f"cxgap-{tmp_path.name}-{os.getpid()}"  # /tmp is emptied for the service
    reports = service(away)
    try:
        text = placed(recipe("/etc/systemd/system/cxgap.service"), away)
        command = next(line.removeprefix("ExecStart=") for line in text.splitlines() if line.startswith("ExecStart="))
        inside = ["unshare", "--mount", "--net", "sh", "-ec", INSIDE, "sh", str(reports), str(ROOT), command]
        done = subprocess.run(inside, capture_output=True, text=True, timeout=500, check=False)
        if "unshare" in done.stderr:
            pytest.skip(f"this machine lets nobody close anything: {done.stderr.strip()}")
        assert done.returncode == 0, done.stdout + done.stderr
        assert (reports / "customer" / "report.html").is_file()
    finally:
        shutil.rmtree(away)
