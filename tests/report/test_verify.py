"""A published page is made again from its record; whatever differs is said, the first cause first."""

from __future__ import annotations

import json
import os
import shutil
from functools import cache

import pytest
from report.hostile import CELLS
from report.making import usual
from report.runs import RUN, files, publish, real, shifted

import cxgap as cx
from cxgap.errors import ArgumentError, RunError
from cxgap.report import recompute as recompute_module
from cxgap.report.notebooks import find_notebook
from cxgap.report.published import find_published
from cxgap.report.run import run_report
from cxgap.report.verify import verify
from cxgap.shipped import shipped
from cxgap.tables.context import CONTEXT, context

THIS = find_notebook("customer").read_bytes()


@cache
def plain():
    """Return the files of one good report."""
    return files(notebook=THIS)


@pytest.fixture
def made_again(monkeypatch):
    """Let an attempt leave files where a kernel would have made them, and note what it was asked."""
    asked = []

    def leave(content):
        def attempt(job, folder, staged):
            asked.append((job, context().min_n, os.environ.get(CONTEXT)))
            for name, text in content.items():
                (staged / name).parent.mkdir(exist_ok=True)
                (staged / name).write_bytes(text)
            return type("Made", (), {"to_json": staticmethod(lambda: content["record.json"])})()

        monkeypatch.setattr(recompute_module, "attempt", attempt)
        return asked

    return leave


def said(page, **more):
    verdict = verify(page, **more)
    assert verdict.equal is not bool(verdict.problems)
    return list(verdict.problems)


def test_a_page_that_comes_out_the_same_is_equal(tmp_path, made_again):
    asked = made_again(plain())
    assert said(publish(tmp_path, plain())) == []
    ((job, least, told),) = asked
    assert (job.parameters["by"], job.notebook.name, least, told) == ("touchpoint", "05_customer.ipynb", 0, None)
    assert verify(tmp_path / "customer/report.html").lines() == [f"{tmp_path}/customer/report.html: equal; customer ({RUN})"]


def test_a_page_of_an_older_run_has_its_own_record(tmp_path, made_again):
    """It is known by its bytes, wherever it was copied to."""
    publish(tmp_path / "out", plain())
    newer = files(shifted(0.5), notebook=THIS)
    newer |= {"report.html": newer["report.html"].replace(b"</html>", b"</html>\n")}
    record = json.loads(newer["record.json"])
    publish(tmp_path / "out", newer | {"record.json": json.dumps(record).encode()}, run="20260501T000500Z-0badc0de")
    copy = tmp_path / "mail.html"
    copy.write_bytes(plain()["report.html"])
    with pytest.raises(ArgumentError, match=r"no record is of .*mail.html.*name its folder of reports with --output"):
        find_published(copy)
    assert find_published(copy, output=tmp_path / "out").manifest["run_id"] == RUN
    made_again(plain())
    assert said(copy, output=tmp_path / "out") == []


@pytest.mark.parametrize("name", ["report.html", "tables/1-customer-touchpoint.csv"])
def test_damaged_files_are_named_first(tmp_path, made_again, name):
    made_again(plain())
    page = publish(tmp_path, plain())
    place = tmp_path / "customer" / name
    place.write_bytes(place.read_bytes()[:-1])
    assert said(page) == [f"damaged: the bytes of {name} are not those that were published"]
    if name != "report.html":
        place.unlink()
        assert said(page) == [f"damaged: {name} is gone"]


def test_a_record_that_was_changed_is_found_out(tmp_path, made_again):
    """A number in the record is not what its own inputs give, and the manifest knows the record's hash."""
    made_again(plain())
    page = publish(tmp_path, plain())
    record = json.loads(plain()["record.json"])
    place = record["tables"][0]["columns"].index("estimate")
    was = record["tables"][0]["rows"][3][place]
    record["tables"][0]["rows"][3][place] = 0.25
    for folder in (tmp_path / "customer", tmp_path / "customer/runs" / RUN):
        (folder / "record.json").write_text(json.dumps(record))
    assert said(page) == [
        "damaged: the bytes of record.json are not those that were published",
        f"table customer by touchpoint, row Receive the parcel, column estimate: was 0.25, is {was}",
    ]


def test_a_record_that_is_no_json_falls_back_to_the_runs_own(tmp_path, made_again):
    made_again(plain())
    page = publish(tmp_path, plain())
    (tmp_path / "customer/record.json").write_text("{")
    (problem,) = said(page)
    assert problem.startswith(f"damaged: {tmp_path}/customer/record.json must be JSON, and is not whole")
    (tmp_path / "customer/runs" / RUN / "record.json").write_text('{"schema": "cxgap.record/2"}')
    with pytest.raises(ArgumentError, match="cannot be read"):
        verify(page)


def test_causes_are_said_before_what_they_did(tmp_path, made_again):
    page = publish(tmp_path, plain())
    tables = [{"table": "responses", "file": "responses.csv", "rows": 2500, "sha256": "1" * 64}]
    versions = json.loads(plain()["record.json"])["versions"] | {"scipy": "99.0"}
    made_again(files(shifted(0.5, tables=tables), notebook=THIS + b" ", versions=versions))
    data, definition, code, number = said(page)
    assert data == "input changed: responses.csv (responses) changed from 2,400 rows to 2,500"
    assert definition == "definition changed: the notebook 05_customer.ipynb changed"
    assert code.endswith("99.0")
    assert number.startswith("table customer by touchpoint, row Receive the parcel, column estimate: was -0.7999")


def test_numbers_may_differ_in_their_last_digits_between_versions_alone(tmp_path, made_again):
    page = publish(tmp_path, plain())
    record = json.loads(plain()["record.json"])
    place = record["tables"][0]["columns"].index("estimate")
    record["tables"][0]["rows"][3][place] *= 1 + 1e-13
    made_again(plain() | {"record.json": json.dumps(record).encode()})
    assert len(said(page)) == 2
    record["versions"]["numpy"] = "99.0"
    made_again(plain() | {"record.json": json.dumps(record).encode()})
    verdict = verify(page)
    assert verdict.equal
    assert verdict.notes[-1] == "no number moved by more than 1e-9 of itself"


def test_a_page_whose_bytes_alone_differ_is_not_equal(tmp_path, made_again):
    page = publish(tmp_path, plain())
    made_again(plain() | {"report.html": plain()["report.html"] + b"\n"})
    assert said(page)[-1].startswith("report.html comes out with other bytes")


def test_the_minimum_that_was_in_force_is_applied_again(tmp_path, made_again):
    """A mask hid groups that other pages would have given away: made again alone, the page must hide them too."""
    shows = usual()
    shows[1] |= {"min_n": 13, "min_n_declared": 10}
    content = files(shows, notebook=THIS)
    asked = made_again(content)
    before = os.environ.get(CONTEXT)
    assert said(publish(tmp_path, content)) == []
    assert asked[0][1] == 13
    assert os.environ.get(CONTEXT) == before


def test_what_cannot_be_made_again_is_not_called_equal(tmp_path, made_again, monkeypatch):
    page = publish(tmp_path, plain(), parameters={"study": "/nowhere/study.toml"})
    record = json.loads(plain()["record.json"])
    record["parameters"]["study"] = "study.toml"
    publish(tmp_path, plain() | {"record.json": json.dumps(record).encode()}, parameters={"study": "/nowhere/study.toml"})
    made_again(plain())
    monkeypatch.chdir(tmp_path)
    assert said(page)[-1].startswith("not made again: the study '/nowhere/study.toml' of customer")

    def fail(job, folder, staged):
        raise RunError("code cell 3 raised ValueError.")

    monkeypatch.setattr(recompute_module, "attempt", fail)
    assert said(page, study="sample")[-1] == "not made again: customer cannot be made again: code cell 3 raised ValueError."


@pytest.mark.parametrize("text", CELLS, ids=range(len(CELLS)))
def test_hostile_names_cannot_take_over_a_terminal(tmp_path, made_again, text):
    page = publish(tmp_path, plain())
    record = json.loads(plain()["record.json"])
    record["tables"][0]["rows"][0][0] = text
    record["prose"][0]["headline"] = text
    made_again(plain() | {"record.json": json.dumps(record).encode()})
    lines = verify(page).lines()
    assert len(lines) > 2
    assert all(line.isprintable() for line in lines)


def test_a_real_report_is_found_equal_after_all_of_it_moved_and_not_after_its_data_changed(tmp_path, monkeypatch):
    """With nothing but the folder: study and notebook are found from it, and its name for the study is the page's."""
    old = tmp_path / "old"
    cx.simulate_study(200, seed=1).write(old / "data/sample")
    shutil.copy(shipped("sample") / "study.toml", old / "data/sample")
    monkeypatch.chdir(old)
    run_report(real(old / "gap.ipynb"), output="reports", study=str(old / "data/sample"))
    record = json.loads((old / "reports/gap/record.json").read_text())
    assert record["parameters"]["study"] == "sample"
    new = tmp_path / "new"
    old.rename(new)
    monkeypatch.chdir(tmp_path)
    before = {path: path.read_bytes() for path in sorted((new / "reports/gap").rglob("*")) if path.is_file()}
    assert said(new / "reports/gap/report.html") == []
    responses = new / "data/sample/responses.csv"
    head, *rows = responses.read_text().splitlines(keepends=True)
    responses.write_text("".join([head, *rows[1:]]))
    problems = said(new / "reports/gap/report.html")
    assert problems[0] == f"input changed: responses.csv (responses) changed from {len(rows)} rows to {len(rows) - 1}"
    assert any(problem.startswith("table customer by touchpoint, row ") for problem in problems)
    assert {path: path.read_bytes() for path in before} == before
