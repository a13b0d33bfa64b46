"""The command: lines that a person and a program can read, an exit code, two seconds, and nothing left behind."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from cxgap.doctor import engines, examination, kernel, study
from cxgap.doctor.finding import fault, note, ok

ROOT = Path(__file__).resolve().parents[2]


def doctor(*words: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "cxgap", "doctor", *map(str, words)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, encoding="utf-8", check=False)


def test_a_schedulers_bare_environment_is_enough_and_nothing_is_left(tmp_path):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = doctor("--output", tmp_path / "reports")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert (done.returncode, list(tmp_path.iterdir())) == (0, [])
    assert {line.split()[0] for line in done.stdout.splitlines()} <= {"ok", "note"}
    assert done.stderr.startswith("cxgap: 0 faults")
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 2


def test_a_fault_ends_with_1(tmp_path):
    (tmp_path / "reports").write_text("", encoding="utf-8")
    done = doctor("--output", tmp_path / "reports", LC_ALL="C.UTF-8")
    assert done.returncode == 1
    assert "fault  output folder" in done.stdout
    assert done.stderr.startswith("cxgap: 1 fault,")


def test_a_name_cannot_forge_a_line(tmp_path):
    done = doctor("--output", tmp_path / "a\nfault  x\x1b[2J", LC_ALL="C.UTF-8")
    assert done.returncode == 0
    assert "\nfault" not in done.stdout
    assert "\x1b" not in done.stdout


def test_looking_loads_nothing_heavy(tmp_path):
    code = "import sys\nfrom pathlib import Path\nfrom cxgap.doctor.examination import examine\n"
    code += "list(examine(None, Path(sys.argv[1])))\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code, tmp_path], capture_output=True, text=True, check=True)
    assert not set(done.stdout.split()) & {"pandas", "numpy", "papermill", "nbconvert", "plotly", "duckdb", "pydantic", "zmq"}


def test_all_looks_are_taken_even_after_a_fault(tmp_path, monkeypatch):
    monkeypatch.setattr(examination, "look_at_packages", lambda: iter([fault("numpy", "is not installed")]))
    abouts = [finding.about for finding in examination.examine("no such study", tmp_path)]
    assert abouts[0] == "numpy"
    assert {"lock", "running", "study"} <= set(abouts)


def test_the_files_of_a_study_are_looked_for(tmp_path):
    (tmp_path / "answers.csv").write_text("", encoding="utf-8")
    text = (ROOT / "data" / "sample" / "study.toml").read_text(encoding="utf-8")
    (tmp_path / "study.toml").write_text(text.replace('"responses.csv"', '"answers.csv"'), encoding="utf-8")
    found = list(study.look_at_study(str(tmp_path)))
    assert {finding.state for finding in found[:-1]} == {"fault"}
    assert f"{tmp_path / 'items.csv'} is not there" in found[0].text or any("items.csv" in finding.text for finding in found)
    assert not any("answers.csv" in finding.text for finding in found)
    assert next(study.look_at_study("sample")).state == "ok"
    assert [finding.state for finding in study.look_at_study(str(tmp_path / "gone"))] == ["fault"]


def test_no_interpreter_no_port_and_no_ipykernel_are_faults(monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(sys, "executable", "")
        assert [finding.state for finding in kernel.look_at_kernel(start=False)] == ["fault"]
    with monkeypatch.context() as patch:
        patch.setattr(kernel.socket.socket, "bind", lambda *_: (_ for _ in ()).throw(PermissionError(1, "not permitted")))
        assert [finding.state for finding in kernel.look_at_kernel(start=False)] == ["fault", "ok"]
    monkeypatch.setattr(kernel, "importable", lambda _: False)
    assert [finding.text for finding in kernel.look_at_kernel(start=False)] == [
        "ipykernel is not installed: pip install 'cxgap[report]'"
    ]


@pytest.mark.slow
def test_a_kernel_is_started_and_is_this_interpreter(tmp_path):
    done = doctor("--kernel", "--output", tmp_path / "reports", PATH=os.defpath)
    assert done.returncode == 0
    (line,) = [line for line in done.stdout.splitlines() if line[7:].startswith("kernel ")]
    assert f"{sys.executable} was started and loaded all in" in line


def test_java_is_asked_for_where_pyspark_is_and_read_without_starting_it(tmp_path, monkeypatch):
    home = tmp_path / "jdk"
    (home / "bin").mkdir(parents=True)
    program = home / "bin" / "java"
    program.write_text("#!/bin/sh\nexit 9\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setattr(engines, "importable", lambda _: True)
    monkeypatch.setenv("JAVA_HOME", str(home))

    def java() -> str:
        return next(finding.state for finding in engines.look_at_engines() if finding.about == "Java")

    (home / "release").write_text('JAVA_VERSION="11.0.2"\n', encoding="utf-8")
    assert java() == "note"
    (home / "release").write_text('IMPLEMENTOR="x"\nJAVA_VERSION="21.0.1"\n', encoding="utf-8")
    assert java() == "ok"
    program.unlink()
    assert java() == "note"


def test_a_finding_is_one_line():
    assert str(ok("a", "b")) == "ok     a                b"
    assert str(note("a", "b\nc")).count("\n") == 0
