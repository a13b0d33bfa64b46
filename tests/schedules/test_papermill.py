"""Plain papermill and nbconvert, by the very lines of the page."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from schedules.recipes import BIN, ROOT, section

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

RUN, CONVERT = section("papermill and nbconvert").split("```sh\n")[1].split("```")[0].splitlines()


def shell(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": f"{BIN}:/usr/bin:/bin"}
    command = ["/bin/sh", "-c", line]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False)


@pytest.fixture
def folder(tmp_path) -> Path:
    shutil.copy(ROOT / "notebooks" / "05_customer.ipynb", tmp_path)
    return tmp_path


def test_the_two_lines_make_a_page(folder):
    assert shell(RUN, folder).returncode == 0
    done = shell(CONVERT, folder)
    assert done.returncode == 0, done.stderr
    assert sorted(path.suffix for path in folder.iterdir()) == [".html", ".ipynb", ".ipynb"]
    page = (folder / "customer.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>") or page.startswith("<!DOCTYPE html>")
    assert "0012" in page


def test_a_misspelt_parameter_leaves_the_page_that_was_there(folder):
    (folder / "customer.html").write_text("the last good page", encoding="utf-8")
    assert shell(RUN.replace("-p by channel", "-r buy channel"), folder).returncode == 0, "papermill only logs it"
    done = shell(CONVERT, folder)
    assert done.returncode != 0
    assert "'buy'" in done.stderr
    assert (folder / "customer.html").read_text(encoding="utf-8") == "the last good page"


def test_a_notebook_that_failed_leaves_the_page_that_was_there(folder):
    (folder / "customer.html").write_text("the last good page", encoding="utf-8")
    assert shell(f"{shlex.join(['papermill', '05_customer.ipynb', 'customer.ipynb'])} -p by nothing", folder).returncode != 0
    assert shell(CONVERT, folder).returncode != 0
    assert (folder / "customer.html").read_text(encoding="utf-8") == "the last good page"
