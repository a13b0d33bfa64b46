"""A report comes out whole or not at all: real kernels, and every way we know for a run to fail."""

import hashlib
import io
import json
import os
import shutil
import stat
import sys

import nbformat
import pytest
from gap_tables import gap_table
from report.hostile import TEXTS
from report.making import METHOD, PARAMETERS, TITLE, executed, prose, study, usual, write
from report.schemas import check_schema

from cxgap.errors import ArgumentError, RunError
from cxgap.progress import Progress
from cxgap.report import attempt as attempt_module
from cxgap.report import run as run_module
from cxgap.report.folders import current_run
from cxgap.report.kernel import EXECUTED
from cxgap.report.run import run_report


@pytest.fixture
def output(good, tmp_path):
    """A copy of a folder with one good report."""
    shutil.copytree(good.page.parent.parent, tmp_path / "reports", symlinks=True)
    return tmp_path / "reports"


def status(output):
    return json.loads((output / "status.json").read_text())


def test_a_good_run_leaves_a_page_a_record_tables_and_an_index(good):
    folder = good.page.parent
    run = folder / "runs" / good.run_id
    assert current_run(folder) == run
    own = ["manifest.json", "record.json", "report.html", "tables", "tables/1-customer-touchpoint.csv"]
    assert sorted(str(path.relative_to(run)) for path in run.rglob("*")) == own
    assert sorted(path.name for path in folder.iterdir()) == ["current", "record.json", "report.html", "runs", "tables"]
    record = json.loads((folder / "record.json").read_text())
    for artefact in record["artefacts"]:
        content = (folder / artefact["name"]).read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (artefact["bytes"], artefact["sha256"])
        assert (run / artefact["name"]).read_bytes() == content
    assert record["parameters"]["by"] == "touchpoint"
    output = folder.parent
    assert sorted(path.name for path in output.iterdir()) == [
        "assets",
        "customer",
        "index.html",
        "metrics.prom",
        "private",
        "status.json",
    ]
    assert "customer/report.html" in (output / "index.html").read_text()
    assert str(good) == f"customer: Receiving a parcel falls short of what customers expect ({good.page})"


def test_the_manifest_tells_of_the_run_and_the_record_does_not(good):
    text = (good.page.parent / "current/manifest.json").read_text()
    manifest, record = json.loads(text), (good.page.parent / "record.json").read_bytes()
    check_schema("manifest", manifest)
    check_schema("record", json.loads(record))
    assert (manifest["run_id"], manifest["job"], manifest["slug"], manifest["status"]) == (
        good.run_id,
        "05_customer",
        "customer",
        "delivered",
    )
    assert manifest["inputs"][0] == {"table": "responses", "file": "responses.csv", "rows": 2400, "sha256": "4f1c09ab" * 8}
    assert manifest["rows"] == study()["rows"]
    assert manifest["period"] == ["2026-03-01", "2026-03-31"]
    assert manifest["warnings"] == [{"code": "many_missing", "n": 1}, {"code": "out_of_scale", "n": 1}]
    assert manifest["suppressed"] == {"cells": 1, "reasons": {"SUPPRESSED_PRIVACY": 1}}
    assert {"python", "platform", "blas", "numpy", "pandas", "plotly", "papermill"} <= set(manifest["versions"])
    artefacts = {artefact["name"]: artefact["sha256"] for artefact in manifest["artefacts"]}
    assert artefacts["record.json"] == hashlib.sha256(record).hexdigest()
    assert set(artefacts) == {"record.json", "report.html", "tables/1-customer-touchpoint.csv"}
    for private in (good.run_id, manifest["host"], manifest["started"], str(good.page.parent.parent)):
        assert private.encode() not in record


def test_the_status_and_the_metrics_tell_of_the_run_in_counts(good):
    output = good.page.parent.parent
    own = status(output)
    check_schema("status", own)
    entry = own["customer"]
    assert (entry["state"], entry["run_id"], entry["message"]) == ("ok", good.run_id, "")
    assert entry["rows"] == {"in": 2137, "used": 1902, "incomplete": 204, "rejected": 31}
    assert entry["verdicts"] == {"short": 2, "met": 2, "exceeded": 1, "cannot tell": 1, "not shown": 1}
    assert entry["page"]["sha256"] == hashlib.sha256(good.page.read_bytes()).hexdigest()
    assert "parcel" not in json.dumps(own).casefold()
    lines = (output / "metrics.prom").read_text().splitlines()
    assert 'cxgap_run_ok{report="customer"} 1' in lines
    assert 'cxgap_rows{report="customer",kind="rejected"} 31' in lines


def test_the_run_itself_is_private(good):
    private = good.page.parent.parent / "private"
    (folder,) = (private / "runs").iterdir()
    assert folder.name == good.run_id
    assert sorted(path.name for path in folder.iterdir()) == ["job.json", "log.txt", "notebook.ipynb"]
    for path in (private, private / "runs", folder):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0
    for path in folder.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_run_again_gives_the_same_bytes_and_a_failing_one_changes_none(output, tmp_path):
    page = (output / "customer/report.html").read_bytes()
    again = run_report(write(tmp_path / "05_customer.ipynb"), output=output)
    assert again.page.read_bytes() == page

    failing = write(tmp_path / "05_customer.ipynb", code=["rows = [1]", "rows[len('jane@example.org')]"])
    stream = io.StringIO()
    with pytest.raises(RunError) as caught:
        run_report(failing, output=output, progress=Progress(stream))
    text = str(caught.value)
    assert text.startswith(
        "05_customer did not become a page. code cell 7 (`rows[len('jane@example.org')]`) raised IndexError: list"
    )
    assert "\n" not in text
    assert str(output / "private/runs") in text
    assert stream.getvalue() == "customer: failed\n"
    assert (output / "customer/report.html").read_bytes() == page
    state = status(output)["customer"]
    assert (state["state"], state["message"]) == ("failed", "code cell 7 raised IndexError.")
    index = (output / "index.html").read_text()
    assert "The last run of customer failed; the page below is from the run before, of " in index
    assert 'href="customer/failure.html"' in index
    page = (output / "customer/failure.html").read_text()
    assert "code cell 7 raised IndexError." in page
    assert 'href="report.html"' in page
    for private in ("jane", "rows", "Traceback", str(output)):
        assert private not in page.partition("<body>")[2]
    assert list((output / "private/staging").iterdir()) == []
    manifest = json.loads((output / "private/runs" / state["run_id"] / "manifest.json").read_text())
    check_schema("manifest", manifest)
    assert manifest["error"] == {"code": "unfinished", "message": "code cell 7 raised IndexError."}

    run_report(write(tmp_path / "05_customer.ipynb"), output=output)
    assert not (output / "customer/failure.html").exists()
    assert "failed" not in (output / "index.html").read_text().partition("<body>")[2]


def test_an_error_of_ours_comes_through_as_its_one_sentence(tmp_path):
    raising = [
        "from cxgap.errors import ArgumentError",
        "raise ArgumentError.choice('by', 'touchpiont', ['touchpoint', 'channel'])",
    ]
    with pytest.raises(
        RunError, match=r"`\): `by` must be one of \['channel', 'touchpoint'\], not 'touchpiont'\. Did you mean 'touchpoint'\?"
    ):
        run_report(write(tmp_path / "x.ipynb", code=raising), output=tmp_path / "reports")
    assert "Did you mean 'touchpoint'?" in status(tmp_path / "reports")["x"]["message"]
    assert [path.name for path in (tmp_path / "reports/x").iterdir()] == ["failure.html"]


@pytest.mark.parametrize(
    ("code", "timeout", "message"),
    [
        ("import sys\nsys.exit(0)", 60, r"code cell 3 \(`import sys`\) ended the run with sys\.exit"),
        ("import time\ntime.sleep(60)", 1, r"code cell 3 \(`import time`\) took longer than 1 seconds"),
        ("import os\nos.kill(os.getpid(), 9)", 60, r"code cell 3 \(`import os`\) ended with its kernel dead"),
    ],
    ids=["exit", "timeout", "killed"],
)
def test_a_run_that_breaks_off_is_no_success(tmp_path, code, timeout, message):
    path = write(tmp_path / "x.ipynb", [TITLE, study()], code=[code, "print('after')"])
    with pytest.raises(RunError, match=message):
        run_report(path, output=tmp_path / "reports", timeout=timeout)
    assert status(tmp_path / "reports")["x"]["state"] == "failed"


def test_it_runs_wherever_and_on_whatever_the_machine_offers(tmp_path, monkeypatch, recwarn):
    """No home, braces in every path, a kernel called python3 that is another program, and odd values for parameters."""
    kernels = tmp_path / "jupyter/kernels/python3"
    kernels.mkdir(parents=True)
    spec = {"argv": ["/bin/false", "{connection_file}"], "display_name": "x", "language": "python"}
    (kernels / "kernel.json").write_text(json.dumps(spec))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    monkeypatch.setenv("HOME", "/nonexistent")
    monkeypatch.setenv("PLOTLY_RENDERER", "browser")
    folder = tmp_path / "{x.__class__} $HOME {"
    folder.mkdir()
    monkeypatch.chdir(folder)
    values = [text for text in TEXTS if "\ud800" not in text]
    echo = (
        "import json, os, sys\nfrom IPython.display import display\n"
        "seen = [values, number, os.getcwd(), sys.executable]\n"
        "seen += [os.environ['PYTHONHASHSEED'], os.environ['OPENBLAS_NUM_THREADS']]\n"
        f"display({{'application/vnd.cxgap.study+json': {study()!r} | {{'title': json.dumps(seen)}}}}, raw=True)"
    )
    cell = PARAMETERS + "values: list = []\nnumber: float = 1.0\n"
    path = write(folder / "{0} s3.ipynb", [TITLE, gap_table(), prose(), METHOD], code=[echo], parameters=cell)
    record = run_report(path, output=folder / "{out}", parameters={"values": values}, number=3, name="odd", single_file=True)
    seen = json.loads(record.study["title"])
    assert seen == [values, 3.0, str(folder), sys.executable, "0", "1"]
    assert record.parameters["values"] == values
    assert record.page == folder / "{out}/odd/report.html"
    assert "assets" not in {path.name for path in (folder / "{out}").iterdir()}
    assert [str(warning.message) for warning in recwarn] == []


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"bye": "channel"}, r"x has no parameter 'bye'\. Did you mean 'by'\?"),
        ({"conf_level": "0.9"}, r"`conf_level` of x must be a number \(float\), not '0\.9'"),
        ({"x=1;import os": 1}, "has no parameter"),
    ],
)
def test_misuse_is_found_before_anything_runs(tmp_path, given, message):
    with pytest.raises(ArgumentError, match=message):
        run_report(write(tmp_path / "x.ipynb"), output=tmp_path / "reports", parameters=given)
    assert not (tmp_path / "reports").exists()


def test_a_notebook_without_parameters_is_refused(tmp_path):
    with pytest.raises(ArgumentError, match="exactly one cell tagged 'parameters'"):
        run_report(write(tmp_path / "x.ipynb", parameters=""), output=tmp_path / "reports")


def test_without_the_extra_it_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr(run_module, "find_spec", lambda name: None if name == "nbconvert" else name)
    with pytest.raises(
        ArgumentError, match=r"Reports need papermill, nbconvert and ipykernel: pip install 'cxgap\[report\]'\."
    ):
        run_report(tmp_path / "x.ipynb")


@pytest.fixture
def canned(monkeypatch):
    """Let `run_report` find executed notebooks where kernels would have made them."""

    def with_outputs(shows):
        def execute(notebook, folder, *args, **options):
            nbformat.write(executed(shows), folder / EXECUTED)

        monkeypatch.setattr(attempt_module, "execute", execute)

    return with_outputs


def test_a_report_under_another_name_stands_beside(output, canned, tmp_path):
    canned(usual())
    record = run_report(write(tmp_path / "05_customer.ipynb"), output=output, name="north")
    assert record.page == output / "north/report.html"
    assert record.page.read_bytes() == (output / "customer/report.html").read_bytes()
    assert set(status(output)) == {"schema", "customer", "north"}


def test_tables_of_the_run_before_do_not_stay(output, canned, tmp_path):
    canned([TITLE, study(), METHOD])
    run_report(write(tmp_path / "05_customer.ipynb"), output=output)
    assert list((output / "customer/tables").iterdir()) == []


def test_a_page_that_fails_the_gate_is_not_brought_out(output, canned, tmp_path, monkeypatch):
    before = (output / "customer/report.html").read_bytes()
    canned([TITLE, study(), "x" * 400_000])
    with pytest.raises(RunError, match=r"did not pass the gate: .* bytes, more than 300,000"):
        run_report(write(tmp_path / "05_customer.ipynb"), output=output)
    assert (output / "customer/report.html").read_bytes() == before


def test_a_full_disk_is_a_failed_run(output, canned, tmp_path, monkeypatch):
    before = (output / "customer/report.html").read_bytes()
    canned([TITLE, study(), METHOD])

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(RunError, match=r"The disk of the reports is full: .* are missing\. Make room, "):
        run_report(write(tmp_path / "05_customer.ipynb"), output=output)
    assert (output / "customer/report.html").read_bytes() == before


def test_a_damaged_shared_script_is_mended(output, canned, tmp_path):
    (script,) = (output / "assets").iterdir()
    whole = script.read_bytes()
    script.write_bytes(whole[:1000])
    canned(usual())
    run_report(write(tmp_path / "05_customer.ipynb"), output=output)
    assert script.read_bytes() == whole
