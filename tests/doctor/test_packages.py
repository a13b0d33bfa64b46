"""What is installed against what pyproject.toml asks for."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest
from packaging.version import Version

from cxgap.doctor import packages
from cxgap.doctor.packages import Needs, declared_needs, look_at_packages, release

ROOT = Path(__file__).resolve().parents[2]


def states(needs: Needs) -> dict[str, tuple[str, str]]:
    return {finding.about: (finding.state, finding.text) for finding in look_at_packages(needs)}


def test_every_bound_of_pyproject_is_looked_at():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needs = declared_needs()
    lines = [*project["dependencies"], *project["optional-dependencies"]["report"]]
    assert {**needs.core, **needs.extras["report"]} == dict(line.split(">=") for line in lines)
    assert {finding.about for finding in look_at_packages()} >= {line.split(">=")[0] for line in lines}


def test_an_installed_copy_says_the_same_by_its_metadata(monkeypatch, tmp_path):
    """Even where another package left its pyproject.toml beside the installed ones."""
    lines = ["click>=8.1.7", 'papermill>=2.6.0; extra == "report"', 'cxgap[report]; extra == "lab"']
    other = tmp_path / "pyproject.toml"
    other.write_text('[project]\nname = "other"\n', encoding="utf-8")
    monkeypatch.setattr(packages, "_PYPROJECT", other)
    monkeypatch.setattr(packages, "requires", lambda name: lines)
    monkeypatch.setattr(packages, "metadata", lambda name: {"Requires-Python": ">=3.11"})
    assert declared_needs() == Needs("3.11", {"click": "8.1.7"}, {"report": {"papermill": "2.6.0"}, "lab": {}})


def test_what_is_absent_or_too_old_is_a_fault_that_says_what_to_type():
    found = states(Needs("3.11", {"click": "99", "no-such-package": "1.0"}, {"report": {"papermill": "99.1"}}))
    assert found["click"][0] == "fault"
    assert found["click"][1].endswith("at least 99 is needed: pip install --upgrade 'click>=99'")
    assert found["no-such-package"] == ("fault", "is not installed: pip install 'cxgap'")
    assert found["papermill"][0] == "fault"
    assert states(Needs("99.0", {}, {}))["Python"][0] == "fault"


def test_an_extra_that_reports_do_without_is_no_fault():
    assert states(Needs("3.11", {}, {"sql": {"no-such-package": "1"}}))["cxgap[sql]"][0] == "ok"
    assert states(Needs("3.11", {}, {"sql": {"click": "99"}}))["cxgap[sql]"][0] == "note"


def test_cxgap_that_was_never_installed_is_a_fault(monkeypatch):
    def absent(name: str) -> list[str]:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(packages, "_PYPROJECT", ROOT / "no such file")
    monkeypatch.setattr(packages, "requires", absent)
    assert [finding.state for finding in look_at_packages()] == ["fault"]


@pytest.mark.parametrize(
    ("lower", "higher"), [("9.9", "10.0"), ("2.2.0rc1", "2.2"), ("2.2", "2.2.1"), ("1.10.dev3", "1.10"), ("3.1.1", "3.11")]
)
def test_versions_sort_as_the_packaging_library_sorts_them(lower, higher):
    """The standard of Python's packaging (PEP 440), by its own library."""
    assert Version(lower) < Version(higher)
    assert release(lower) < release(higher)
    assert not release(higher) < release(lower)


def test_zeros_at_the_end_and_local_builds_change_nothing():
    assert release("2.0") == release("2.0.0") == release("2") == release("2.0.0+cpu")


def test_the_doctor_imports_no_package_that_it_looks_at():
    """A broken numpy must not keep the doctor from saying so."""
    sources = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "cxgap" / "doctor").glob("*.py"))
    eager = re.findall(r"^(?:import|from) (\w+)", sources, flags=re.MULTILINE)
    assert not set(eager) & {"numpy", "pandas", "duckdb", "pydantic", "papermill", "nbconvert", "ipykernel", "click"}
