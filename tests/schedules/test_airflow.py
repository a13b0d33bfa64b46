"""The DAG, run whole by `airflow dags test`: the fleet, and a notebook that becomes a page."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from schedules.recipes import BIN, ROOT, placed, recipe, service

AIRFLOW = ROOT / ".venv-airflow" / "bin" / "airflow"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(1200),
    pytest.mark.skipif(not AIRFLOW.is_file(), reason="no Airflow: make .venv-airflow/.airflow"),
]


@pytest.fixture(scope="module")
def done(tmp_path_factory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    folder = tmp_path_factory.mktemp("airflow")
    service(folder)
    (folder / "dags").mkdir()
    (folder / "dags" / "cxgap_reports.py").write_text(placed(recipe("dags/cxgap_reports.py"), folder), encoding="utf-8")
    kernel = [BIN / "python", "-m", "ipykernel", "install", "--prefix", folder, "--name", "cxgap"]
    subprocess.run(kernel, check=True, capture_output=True, env={"HOME": str(folder)})
    environment = {
        "PATH": os.defpath,
        "HOME": str(folder),
        "AIRFLOW_HOME": str(folder),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT": "300",  # 30 seconds are not enough for its own imports on a busy machine
        "JUPYTER_PATH": str(folder / "share" / "jupyter"),
        "OPENBLAS_NUM_THREADS": "1",
    }
    subprocess.run([AIRFLOW, "db", "migrate"], env=environment, check=True, capture_output=True, timeout=300)
    command = [AIRFLOW, "dags", "test", "cxgap_reports"]
    return folder, subprocess.run(command, env=environment, capture_output=True, text=True, timeout=800, check=False)


def test_all_three_tasks_succeed(done):
    _, run = done
    log = run.stdout + run.stderr
    assert run.returncode == 0, log[-5000:]
    for task in ("fleet", "notebook", "page"):
        assert f"end task task_id={task} " in log


def test_the_fleet_brought_out_its_reports(done):
    assert (done[0] / "srv" / "reports" / "customer" / "report.html").is_file()


def test_the_notebook_became_a_page_of_the_day_before(done):
    pages = done[0] / "srv" / "pages"
    assert sorted(path.name for path in pages.iterdir()) == ["customer.html", "customer.ipynb"]
    assert "as_of = " in (pages / "customer.ipynb").read_text(encoding="utf-8")
