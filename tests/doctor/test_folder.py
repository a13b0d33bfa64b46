"""The output folder: what publishing rests on is really tried, and each thing that fails is said."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import sys
from collections import namedtuple
from pathlib import Path

import pytest

from cxgap.doctor import folder, mounts
from cxgap.doctor.finding import Finding
from cxgap.doctor.folder import look_at_folder
from cxgap.doctor.mounts import mounted

Usage = namedtuple("Usage", "total used free")


def look(output: Path) -> dict[str, Finding]:
    return {finding.about: finding for finding in look_at_folder(output)}


def refuse(*_: object, **__: object) -> None:
    raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))


def test_a_good_folder_has_no_fault_and_nothing_is_left_in_it(tmp_path):
    found = look(tmp_path)
    assert {about: finding.state for about, finding in found.items() if finding.state == "fault"} == {}
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_still_to_be_made_is_tried_where_it_will_be_made(tmp_path):
    found = look(tmp_path / "new" / "reports")
    assert (found["output folder"].state, str(tmp_path) in found["output folder"].text) == ("ok", True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("about", "target", "name", "state"),
    [
        ("fsync", os, "fsync", "fault"),
        ("rename", Path, "replace", "fault"),
        ("links", Path, "symlink_to", "note"),
        ("modes", Path, "chmod", "note"),
        ("lock", fcntl, "flock", "fault"),
    ],
)
def test_each_thing_that_does_not_work_is_said(tmp_path, monkeypatch, about, target, name, state):
    with monkeypatch.context() as patch:
        patch.setattr(target, name, refuse)
        found = look(tmp_path)
    assert found[about].state == state
    assert "Operation not supported" in found[about].text
    assert list(tmp_path.iterdir()) == []


def test_a_lock_that_two_can_hold_is_a_fault(tmp_path, monkeypatch):
    monkeypatch.setattr(fcntl, "flock", lambda *_: None)
    assert look(tmp_path)["lock"].state == "fault"


def test_modes_that_are_taken_but_not_kept_are_noted(tmp_path, monkeypatch):
    """As on a share mounted with fixed modes."""
    real = Path.chmod
    monkeypatch.setattr(Path, "chmod", lambda self, mode: real(self, 0o755))
    assert "asked for 0700, and got 0755" in look(tmp_path)["modes"].text


def test_a_file_in_the_place_of_the_folder_is_a_fault(tmp_path):
    (tmp_path / "reports").write_text("", encoding="utf-8")
    assert look(tmp_path / "reports")["output folder"].state == "fault"


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="needs a folder that not even root can write to")
def test_a_folder_that_cannot_be_written_is_a_fault():
    found = look(Path("/proc/cxgap"))["output folder"]
    assert found.state == "fault"
    assert "--output" in found.text


@pytest.mark.parametrize(("free", "state"), [(50 * 2**20, "fault"), (500 * 2**20, "note"), (5 * 2**30, "ok")])
def test_little_space_is_said_before_it_is_none(tmp_path, monkeypatch, free, state):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(2**40, 0, free))
    assert look(tmp_path)["space"].state == state


def test_a_private_folder_that_others_can_open_is_noted(tmp_path):
    private = tmp_path / "private"
    private.mkdir()
    private.chmod(0o750)
    assert (look(tmp_path)["private/"].state, f"chmod 700 {private}" in look(tmp_path)["private/"].text) == ("note", True)
    private.chmod(0o700)
    assert look(tmp_path)["private/"].state == "ok"


@pytest.mark.skipif(sys.platform != "linux", reason="the table of mounts is Linux's")
def test_the_kind_of_file_system_is_that_of_the_longest_and_last_mount(tmp_path, monkeypatch):
    blank = str(tmp_path / "two words").replace(" ", r"\040")
    table = tmp_path / "mounts"
    (tmp_path / "two words" / "in").mkdir(parents=True)
    lines = [
        "/dev/a / ext4 rw 0 0",
        f"host:/b {blank} xfs rw 0 0",
        f"host:/c {blank} nfs4 ro,nolock 0 0",
        "/dev/d /x tmpfs rw 0 0",
    ]
    table.write_text("\n".join(lines), encoding="utf-8")
    monkeypatch.setattr(mounts, "_TABLE", table)
    assert mounted(tmp_path / "two words" / "in") == ("nfs4", frozenset({"ro", "nolock"}))
    assert mounted(tmp_path) == ("ext4", frozenset({"rw"}))


@pytest.mark.parametrize(
    ("kind", "options", "state"),
    [
        ("nfs4", "rw", "note"),
        ("cifs", "rw", "note"),
        ("fuse.sshfs", "rw", "note"),
        ("tmpfs", "rw", "note"),
        ("ext4", "ro", "fault"),
    ],
)
def test_a_file_system_that_cannot_be_trusted_is_said(tmp_path, monkeypatch, kind, options, state):
    monkeypatch.setattr(folder, "mounted", lambda _: (kind, frozenset(options.split(","))))
    assert look(tmp_path)["file system"].state == state
