"""A job of JupyterLab's scheduler, through its own Scheduler and ExecutionManager, in an environment of its own."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import nbformat
import pytest
from schedules.recipes import ROOT, recipe

PYTHON = ROOT / ".venv-scheduler" / "bin" / "python"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.skipif(not PYTHON.is_file(), reason="no jupyter-scheduler: make .venv-scheduler/.scheduler"),
]


def job(folder: Path, parameters: dict[str, str], formats: list[str]) -> dict[str, Any]:
    """Run the customer notebook as a job, and return what its scheduler says of it."""
    shutil.copy(ROOT / "notebooks" / "05_customer.ipynb", folder)
    config = folder / "jupyter_server_config.py"
    config.write_text(recipe("jupyter_server_config.py"), encoding="utf-8")
    script = Path(__file__).with_name("jupyter_job.py")
    command = [PYTHON, script, folder, config, json.dumps(parameters), json.dumps(formats)]
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=500, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_a_job_with_parameters_becomes_a_notebook_and_a_report(tmp_path):
    where = '{"region": "0012"}'
    done = job(tmp_path, {"study": '"sample"', "by": '"channel"', "where": where}, ["ipynb", "cxgap"])
    assert (done["status"], done["message"]) == ("COMPLETED", None)
    assert done["offered"] == ["ipynb", "html", "cxgap"]
    assert done["listed"] == ["Notebook", "CX gap report", "Input"]
    page = Path(done["files"]["cxgap"])
    assert page.name.endswith(".cxgap.html")
    assert "0012" in page.read_text(encoding="utf-8")
    executed = nbformat.read(done["files"]["ipynb"], as_version=4)
    assert any("injected-parameters" in cell.metadata.get("tags", []) for cell in executed.cells)


def test_a_misspelt_parameter_makes_a_failed_job_and_no_page(tmp_path):
    """jupyter-scheduler itself pastes any name into the notebook and runs it."""
    done = job(tmp_path, {"study": '"sample"', "regoin": '"0012"'}, ["cxgap"])
    assert (done["status"], "cxgap" in done["files"]) == ("FAILED", False)
    assert "'regoin'" in done["message"]
