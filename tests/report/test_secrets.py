"""A password in an address, in the environment or in a plan is in no file, message or list of processes."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell
from report.making import PARAMETERS, notebook
from report.runs import real
from study_files import AS_LONG, LONG, write

from cxgap.errors import ArgumentError
from cxgap.report.fleet.redact import clean, redact, without_environment
from cxgap.report.parameters import Parameter, check_parameters, parse_parameters

CANARY = 'Kanarie"n\\vogel-7391'
ADDRESS_CANARY = "address-canary-5520"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("study", "postgresql://reader:hunter2@db/x"),
        ("sources", ["a", "mysql://u:p%40@h/"]),
        ("db_password", "hunter2"),
        ("connection", {"api_key": "hunter2"}),
        ("where", {"region": "postgresql://reader:hunter2@db/x"}),
    ],
)
def test_a_parameter_that_holds_a_secret_is_refused_and_not_repeated(name, value):
    """What a notebook is given is written into its manifest, its executed copy and the page."""
    kind = type(value).__name__
    declared = {name: Parameter(name, kind, kind, "")}
    with pytest.raises(ArgumentError, match="must not hold a password or key") as refused:
        check_parameters(declared, {name: value}, "mine")
    assert "hunter2" not in str(refused.value)
    if kind == "str":
        with pytest.raises(ArgumentError, match="must not hold a password or key"):
            parse_parameters(declared, {name: value}, "mine")


def test_what_only_sounds_like_a_secret_is_accepted():
    where = {"token": "x", "topic": "Password: reset", "link": "http://example.com/a@b"}
    declared = {name: Parameter(name, "dict" if name == "where" else "str", {}, "") for name in ("where", "study", "password")}
    given = {"where": where, "study": "postgresql://reader:${PASSWORD}@db/x", "password": ""}
    assert check_parameters(declared, given, "mine") == given


def test_values_that_the_environment_names_as_secrets_are_taken_out(monkeypatch, tmp_path):
    monkeypatch.setenv("WAREHOUSE_PASSWORD", CANARY)
    monkeypatch.setenv("WAREHOUSE", "sqlite://me:word@/x.sqlite")
    monkeypatch.setenv("MY_TOKEN", "abc")
    monkeypatch.setenv("CITY", "Utrecht")
    assert without_environment(f"{CANARY} of Utrecht, abc: sqlite://me:word@/x.sqlite") == "... of Utrecht, abc: ..."
    assert redact("mysql://me:secret@host/x?password=1") == "mysql://...@host/x?password=..."
    path = tmp_path / "notebook.ipynb"
    nbformat.write(notebook([new_code_cell(f"x = {CANARY!r}")]), path)
    clean(path)
    assert "Kanarie" not in path.read_text()
    assert nbformat.read(path, as_version=4).cells


def database(folder: Path) -> Path:
    """Write a study whose survey is a database of which the environment alone knows the name."""
    import io

    with sqlite3.connect(folder / f"{ADDRESS_CANARY}.sqlite") as made:
        survey = pd.concat([pd.read_csv(io.StringIO(LONG), dtype=str, keep_default_na=False)] * 1)
        survey.to_sql("answers", made, index=False)
    made.close()
    about = {"file": "${CXGAP_SURVEY_ADDRESS}", "table": "answers", **AS_LONG}
    path = write(folder, "", responses=about | {"file": "responses.csv"})
    path.write_text(path.read_text().replace('"responses.csv"', '"${CXGAP_SURVEY_ADDRESS}"'))
    return path


PLAN = """version = 1
output = "out"
[[report]]
name = "good"
notebook = "good.ipynb"
study = "study.toml"
[[report]]
name = "bad"
notebook = "bad.ipynb"
study = "study.toml"
"""


@pytest.mark.slow
def test_no_byte_below_the_output_folder_holds_a_password(tmp_path):
    """Canaries in the environment, in an address, and in what a driver says; every file, word and command line is looked at."""
    database(tmp_path)
    (tmp_path / "far").mkdir()
    far = write(tmp_path / "far", "", responses={"table": "answers", **AS_LONG})
    address = "postgresql+psycopg://reader:${WAREHOUSE_PASSWORD}@127.0.0.1:9/survey"
    far.write_text(far.read_text().replace('"responses.csv"', f'"{address}"'))
    real(tmp_path / "good.ipynb")
    raising = 'import os\nraise ValueError(os.environ["WAREHOUSE_PASSWORD"])'
    cells = [
        new_markdown_cell("# Bad\n\nWhat?"),
        new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]}),
        new_code_cell('import os, sys\nprint(os.environ["WAREHOUSE_PASSWORD"], file=sys.stderr)'),
        new_code_cell(raising),
    ]
    nbformat.write(notebook(cells), tmp_path / "bad.ipynb")
    (tmp_path / "plan.toml").write_text(PLAN)
    secret = f"sqlite:///{ADDRESS_CANARY}.sqlite"
    environment = {**os.environ, "WAREHOUSE_PASSWORD": CANARY, "CXGAP_SURVEY_ADDRESS": secret, "AWS_SECRET_ACCESS_KEY": CANARY}
    command = [sys.executable, "-m", "cxgap", "run", "--plan", str(tmp_path / "plan.toml"), "--jobs", "2"]
    lines: set[bytes] = set()
    over = threading.Event()

    def look() -> None:
        while not over.wait(0.05):
            for path in Path("/proc").glob("[0-9]*/cmdline"):
                with contextlib.suppress(OSError):
                    lines.add(path.read_bytes())

    watcher = threading.Thread(target=look)
    watcher.start()
    run = subprocess.run(command, env=environment, capture_output=True, timeout=280, cwd=tmp_path)
    over.set()
    watcher.join()
    said = run.stdout + run.stderr
    for words in (
        ["check", str(far)],
        ["report", "study", "--study", str(far)],
        ["doctor", str(far)],
        ["inspect", str(tmp_path)],
    ):
        other = subprocess.run([*command[:3], *words], env=environment, capture_output=True, timeout=100, cwd=tmp_path / "far")
        said += other.stdout + other.stderr
    print(said.decode())
    files = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    told = [str(path.relative_to(tmp_path)) for path in files if any(canary in path.read_bytes() for canary in BYTES)]
    named = [str(path) for path in files if ADDRESS_CANARY in str(path)]
    print(f"{len(files)} files of {sum(path.stat().st_size for path in files):,} bytes: {len(told)} with a password")
    assert (told, named) == ([], [])
    assert not any(canary in said for canary in BYTES)
    assert not any(canary in line for line in lines for canary in BYTES)
    assert any(b"cxgap.report" in line for line in lines)  # the processes were seen
    assert (tmp_path / "out/good/report.html").is_file()
    assert run.returncode == 1
    assert (tmp_path / "out/bad/failure.html").is_file()


BYTES = (b"Kanarie", b"vogel-7391", ADDRESS_CANARY.encode())
