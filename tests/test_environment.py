"""environment.yml (for people: ranges) and requirements.lock (for machines: hashes) say what pyproject.toml says.

Conda's channels are not reached from the machines that run these tests, so nothing here solves environment.yml: it is
only shown to be generated, to be readable by conda's own parser, and to ask for the same names and bounds.
"""

from __future__ import annotations

import re
import runpy
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from rattler import MatchSpec

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
ENVIRONMENT = (ROOT / "environment.yml").read_text(encoding="utf-8")
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
ON_CONDA = {"duckdb": "python-duckdb"}


def asked(*extras: str) -> dict[str, SpecifierSet]:
    """Return name and bounds of the dependencies and of `extras`, with the extras that those name."""
    lines = [*PROJECT["dependencies"], *(line for extra in extras for line in PROJECT["optional-dependencies"][extra])]
    needs = {}
    for need in map(Requirement, lines):
        needs |= asked(*need.extras) if need.name == PROJECT["name"] else {need.name: need.specifier}
    return needs


def conda_specs() -> list[MatchSpec]:
    return [MatchSpec(spec) for spec in yaml.safe_load(ENVIRONMENT)["dependencies"] if isinstance(spec, str)]


def pins() -> list[tuple[str, str, str]]:
    """Return name, version and the rest of each pin of the lock."""
    return re.findall(r"^([a-z0-9.-]+)==(\S+)(.*(?:\n .*)*)", LOCK, flags=re.MULTILINE)


def test_environment_is_what_make_environment_writes():
    assert runpy.run_path(str(ROOT / "tools" / "environment.py"))["environment"]() == ENVIRONMENT


def test_environment_asks_conda_for_the_names_and_bounds_of_pyproject():
    wanted = {ON_CONDA.get(name, name): bounds for name, bounds in asked("report", "lab").items()}
    wanted |= {"python": SpecifierSet(PROJECT["requires-python"])}
    found = {spec.name.normalized: SpecifierSet(str(spec.version or "")) for spec in conda_specs()}
    assert found == wanted | {"pip": SpecifierSet()}


def test_environment_installs_the_project_itself_last():
    environment = yaml.safe_load(ENVIRONMENT)
    assert (environment["name"], environment["channels"]) == ("cxgap", ["conda-forge"])
    assert environment["dependencies"][-1] == {"pip": ["-e ."]}


@pytest.mark.parametrize(("name", "bounds"), asked(*PROJECT["optional-dependencies"]).items())
def test_lock_pins_what_pyproject_asks_for(name, bounds):
    versions = [version for pinned, version, _ in pins() if pinned == name]
    assert versions, f"{name} is not in requirements.lock: make lock"
    assert all(version in bounds for version in versions), f"{name} is locked at {versions}, outside {bounds}: make lock"


def test_every_pin_has_a_hash():
    assert [name for name, _, rest in pins() if "--hash=sha256:" not in rest] == []
    assert len(pins()) == len(re.findall(r"^[^#\s]", LOCK, flags=re.MULTILINE))


@pytest.mark.parametrize("path", ["requirements.lock", "environment.yml", "Makefile", ".ci/run"])
def test_no_file_of_the_set_up_names_an_address(path):
    assert "://" not in (ROOT / path).read_text(encoding="utf-8")


def test_pyproject_names_no_registry():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    project["project"].pop("urls", None)
    assert "://" not in str(project)
