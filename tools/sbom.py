"""Write the bill of materials, CycloneDX 1.6, from requirements.lock: `python tools/sbom.py [FILE]`.

Every package of the lock is in it, with each hash that the lock allows, and what needs what. Licences are those that the
installed packages declare. The same lock and the same environments give the same bytes: no time (unless SOURCE_DATE_EPOCH
names one), no address, no random number.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tomllib
import uuid
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
_SPACE = uuid.uuid5(uuid.NAMESPACE_URL, "cxgap/sbom")
_LONGEST = 100  # characters; some packages put the whole text of their licence where its name belongs


class Pin(NamedTuple):
    """One pin of the lock: what it is, when it applies, which files are meant, and which packages asked for it."""

    name: str
    version: str
    marker: str
    hashes: tuple[str, ...]
    via: tuple[str, ...]

    @property
    def ref(self) -> str:
        """The package's address in the words of package URLs, which name no host."""
        return f"pkg:pypi/{self.name}@{self.version}"


def pins(lock: str) -> list[Pin]:
    """Read the lock."""
    blocks = re.split(r"^(?=[A-Za-z0-9])", lock, flags=re.MULTILINE)
    return [_pin(block) for block in blocks if "==" in block.split("\n", 1)[0]]


def _pin(block: str) -> Pin:
    head = re.match(r"([A-Za-z0-9._-]+)==([^\s;\\]+)\s*(?:;\s*([^\\\n]*?))?\s*(?:\\|$)", block, flags=re.MULTILINE)
    if head is None:
        raise ValueError(f"requirements.lock has a line that is no pin: {block.splitlines()[0]}")
    via = re.search(r"^    # via(.*(?:\n    #   .*)*)", block, flags=re.MULTILINE)
    names = [re.split(r"[\s(\[]", line.strip())[0] for line in (via[1] if via else "").replace("#", "").splitlines()]
    hashes = sorted(set(re.findall(r"--hash=sha256:([0-9a-f]{64})", block)))
    return Pin(head[1], head[2], (head[3] or "").strip(), tuple(hashes), tuple(sorted({name for name in names if name})))


def bill(lock: str, project: Mapping[str, Any], installed: Mapping[tuple[str, str], Distribution]) -> dict[str, Any]:
    """Return the bill of materials of what `lock` pins for `project`."""
    found = pins(lock)
    own = f"pkg:pypi/{project['name']}@{project['version']}"
    whole: dict[str, Any] = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(_SPACE, own + lock)}",
        "version": 1,
        "metadata": _metadata(project, own),
        "components": [_component(pin, installed.get((pin.name, pin.version))) for pin in found],
        "dependencies": list(_dependencies(found, project["name"], own)),
    }
    return whole


def _metadata(project: Mapping[str, Any], own: str) -> dict[str, Any]:
    subject = {
        "type": "library",
        "bom-ref": own,
        "name": project["name"],
        "version": project["version"],
        "description": project["description"],
        "licenses": [{"license": {"id": project["license"]}}],
        "purl": own,
    }
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    when = {"timestamp": f"{datetime.fromtimestamp(int(epoch), UTC):%Y-%m-%dT%H:%M:%SZ}"} if epoch else {}
    return when | {"lifecycles": [{"phase": "pre-build"}], "component": subject}


def _component(pin: Pin, installed: Distribution | None) -> dict[str, Any]:
    component: dict[str, Any] = {
        "type": "library",
        "bom-ref": pin.ref,
        "name": pin.name,
        "version": pin.version,
        "scope": "required" if not pin.marker else "optional",
        "hashes": [{"alg": "SHA-256", "content": content} for content in pin.hashes],
    }
    licences = _licences(installed) if installed else []
    if licences:
        component["licenses"] = licences
    component["purl"] = pin.ref
    if pin.marker:
        component["properties"] = [{"name": "cxgap:marker", "value": pin.marker}]
    return component


def _licences(installed: Distribution) -> list[dict[str, Any]]:
    """Return the licence that a package declares: an expression, else its classifiers, else a short name."""
    metadata = installed.metadata
    expression = metadata.get("License-Expression")
    if expression:
        return [{"expression": expression}]
    classifiers = sorted(value for value in metadata.get_all("Classifier") or [] if value.startswith("License ::"))
    names = [value.rpartition(" :: ")[2] for value in classifiers if value != "License :: OSI Approved"]
    short = (metadata.get("License") or "").strip()
    if not names and short and "\n" not in short and len(short) <= _LONGEST:
        names = [short]
    return [{"license": {"name": name}} for name in names]


def _dependencies(found: Iterable[Pin], name: str, own: str) -> Iterator[dict[str, Any]]:
    """Say what needs what; the lock says it the other way round."""
    found = list(found)
    refs: dict[str, list[str]] = {name: [own]}
    for pin in found:
        refs.setdefault(pin.name, []).append(pin.ref)
    needs: dict[str, set[str]] = {ref: set() for every in refs.values() for ref in every}
    for pin in found:
        for parent in pin.via:
            for ref in refs.get(parent, []):
                needs[ref].add(pin.ref)
    for ref in sorted(needs):
        yield {"ref": ref, "dependsOn": sorted(needs[ref] - {ref})}


def installed_packages(root: Path) -> dict[tuple[str, str], Distribution]:
    """Return what is installed in the environments of the project, by name and version."""
    folders = sorted(root.glob(".venv*/lib/python*/site-packages")) + sorted(root.glob(".venv*/Lib/site-packages"))
    found = distributions(path=[str(folder) for folder in folders])
    return {(re.sub(r"[-_.]+", "-", each.metadata["Name"]).lower(), each.version): each for each in found}


def text(root: Path = ROOT) -> str:
    """Return the file's text."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lock = (root / "requirements.lock").read_text(encoding="utf-8")
    return json.dumps(bill(lock, project, installed_packages(root)), indent=2, ensure_ascii=True) + "\n"


if __name__ == "__main__":
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "dist" / "cxgap.cdx.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    written = text()
    path.write_text(written, encoding="utf-8", newline="\n")
    components = json.loads(written)["components"]
    licensed = sum("licenses" in component for component in components)
    print(path)
    print(f"{len(components)} packages, {licensed} with a licence that is known here", file=sys.stderr)
