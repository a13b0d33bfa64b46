"""The bill of materials: all of requirements.lock, by its hashes, the same each time, in CycloneDX's form."""

from __future__ import annotations

import json
import re
import runpy
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
SBOM = runpy.run_path(str(ROOT / "tools" / "sbom.py"))
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PROJECT = {"name": "cxgap", "version": "1.0", "description": "gaps", "license": "MIT"}
SMALL = """# made by a tool
alpha==1.0 ; sys_platform == 'win32' \\
    --hash=sha256:{a} \\
    --hash=sha256:{b}
    # via
    #   beta[extra]
    #   cxgap (pyproject.toml)
beta==2.0 \\
    --hash=sha256:{a}
    # via cxgap (pyproject.toml)
""".format(a="a" * 64, b="b" * 64)


@pytest.fixture(scope="module")
def whole() -> dict:
    return json.loads(SBOM["text"]())


def test_every_line_of_the_lock_is_a_component_with_each_of_its_hashes(whole):
    """The lock is read here in another way than the tool reads it: line by line."""
    locked: dict[tuple[str, str], set[str]] = {}
    for line in LOCK.splitlines():
        pin = re.match(r"([^\s#=]+)==([^\s;]+)", line)
        if pin:
            current = locked.setdefault((pin[1], pin[2]), set())
        elif "--hash=sha256:" in line:
            current.add(line.split("sha256:")[1].rstrip(" \\"))
    found = {(part["name"], part["version"]): {entry["content"] for entry in part["hashes"]} for part in whole["components"]}
    assert found == locked
    assert len(whole["components"]) == len(locked)
    assert all(found.values())


def test_the_form_is_that_of_cyclonedx(whole):
    """CycloneDX 1.6: bom-refs are unique, every reference leads somewhere, hashes are 64 hexadecimal digits."""
    assert (whole["bomFormat"], whole["specVersion"], whole["version"]) == ("CycloneDX", "1.6", 1)
    assert re.fullmatch(
        r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", whole["serialNumber"]
    )
    refs = [part["bom-ref"] for part in whole["components"]] + [whole["metadata"]["component"]["bom-ref"]]
    assert len(refs) == len(set(refs))
    assert [entry["ref"] for entry in whole["dependencies"]] == sorted(refs)
    assert {ref for entry in whole["dependencies"] for ref in entry["dependsOn"]} <= set(refs)
    assert all(re.fullmatch("[0-9a-f]{64}", entry["content"]) for part in whole["components"] for entry in part["hashes"])
    assert all(part["name"] == canonicalize_name(part["name"]) for part in whole["components"])


def test_what_pyproject_asks_for_is_what_the_project_depends_on(whole):
    (own,) = [entry for entry in whole["dependencies"] if entry["ref"] == whole["metadata"]["component"]["bom-ref"]]
    direct = {ref.removeprefix("pkg:pypi/").partition("@")[0] for ref in own["dependsOn"]}
    assert {"numpy", "pandas", "papermill", "click"} <= direct
    assert not direct & {"six", "pytz", "cxgap"}


def test_no_address_and_no_time_are_in_it(monkeypatch):
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    text = SBOM["text"]()
    assert re.findall(r"\w+://[^\"]*", text) == ["http://cyclonedx.org/schema/bom-1.6.schema.json"]
    assert "timestamp" not in text
    assert text == SBOM["text"]()


def test_a_release_may_say_its_time(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1774933200")
    assert SBOM["bill"](SMALL, PROJECT, {})["metadata"]["timestamp"] == "2026-03-31T05:00:00Z"


def test_markers_hashes_and_needs_are_read_from_the_lock():
    alpha, beta = SBOM["bill"](SMALL, PROJECT, {})["components"]
    assert alpha["properties"] == [{"name": "cxgap:marker", "value": "sys_platform == 'win32'"}]
    assert [entry["content"][0] for entry in alpha["hashes"]] == ["a", "b"]
    assert (alpha["scope"], beta["scope"], "properties" in beta) == ("optional", "required", False)
    needs = {entry["ref"]: entry["dependsOn"] for entry in SBOM["bill"](SMALL, PROJECT, {})["dependencies"]}
    assert needs == {
        "pkg:pypi/alpha@1.0": [],
        "pkg:pypi/beta@2.0": ["pkg:pypi/alpha@1.0"],
        "pkg:pypi/cxgap@1.0": ["pkg:pypi/alpha@1.0", "pkg:pypi/beta@2.0"],
    }


def test_another_lock_is_another_bill():
    serials = {SBOM["bill"](lock, PROJECT, {})["serialNumber"] for lock in (SMALL, SMALL.replace("2.0", "2.1"), SMALL)}
    assert len(serials) == 2


def test_a_line_that_is_no_pin_is_refused_and_not_left_out():
    with pytest.raises(ValueError, match="is no pin: gamma"):
        SBOM["pins"]("gamma==\n")


def test_licences_are_those_that_installed_packages_declare(whole):
    known = {part["name"]: part["licenses"] for part in whole["components"] if "licenses" in part}
    assert len(known) > 50
    assert known["click"] in ([{"expression": "BSD-3-Clause"}], [{"license": {"name": "BSD License"}}])
