"""Whether the packages behind the numbers and the reports are here, and new enough.

Nothing is imported: a package that is broken or slow must not stop the look at the others.
"""

from __future__ import annotations

import platform
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import PackageNotFoundError, metadata, requires, version
from importlib.util import find_spec
from pathlib import Path
from typing import Final, NamedTuple

from cxgap.doctor.finding import Finding, fault, note, ok

_PYPROJECT = Path(__file__).resolve().parents[2] / "pyproject.toml"
_NEED = re.compile(r"([A-Za-z0-9._-]+)\s*(?:\[[^]]*\])?\s*(?:>=\s*([0-9A-Za-z.]+))?")
_EXTRA = re.compile(r"extra\s*==\s*['\"]([\w-]+)['\"]")

_PARTS = 6  # numbers of a version; all that there are have fewer

OPTIONAL: Final = {
    "export": "tables as Excel and Word files",
    "sql": "studies in a database other than DuckDB",
    "spark": "studies that one machine cannot hold",
}


class Needs(NamedTuple):
    """What cxgap asks for: of Python, of every installation (`core`), and of each extra; names with least versions."""

    python: str
    core: dict[str, str]
    extras: dict[str, dict[str, str]]


def declared_needs() -> Needs:
    """Return what pyproject.toml asks for, from the file itself in a checkout, whose installed metadata may be old."""
    project = tomllib.loads(_PYPROJECT.read_text(encoding="utf-8")).get("project", {}) if _PYPROJECT.is_file() else {}
    if project.get("name") == "cxgap":  # beside installed packages there may lie a pyproject.toml of another
        extras = {name: _parsed(lines) for name, lines in project["optional-dependencies"].items()}
        return Needs(project["requires-python"].lstrip(">= "), _parsed(project["dependencies"]), extras)
    lines = requires("cxgap") or []
    extras = {}
    for line in lines:
        extra = _EXTRA.search(line)
        if extra:
            extras.setdefault(extra[1], {}).update(_parsed([line]))
    core = _parsed(line for line in lines if not _EXTRA.search(line))
    return Needs(str(metadata("cxgap")["Requires-Python"] or "").lstrip(">= "), core, extras)


def _parsed(lines: Iterable[str]) -> dict[str, str]:
    needs = (match for line in lines if (match := _NEED.match(line)))
    return {need[1]: need[2] or "" for need in needs if need[1] != "cxgap"}


def look_at_packages(needs: Needs | None = None) -> Iterator[Finding]:
    """Compare what is installed with what cxgap asks for."""
    try:
        needs = needs or declared_needs()
    except PackageNotFoundError:
        yield fault("cxgap", "is not installed in this interpreter: pip install 'cxgap[report]'")
        return
    yield _python(needs.python)
    yield from _each(needs.core, "cxgap")
    yield from _each(needs.extras.get("report", {}), "cxgap[report]")
    yield from _lab(needs)
    for extra, purpose in OPTIONAL.items():
        yield _optional(extra, purpose, needs.extras.get(extra, {}))


def _python(least: str) -> Finding:
    found = platform.python_version()
    if release(found) < release(least):
        return fault("Python", f"{found}; at least {least} is needed: make an environment with a newer one")
    return ok("Python", f"{found} (at least {least})")


def _each(needs: Mapping[str, str], whole: str) -> Iterator[Finding]:
    for name, least in needs.items():
        found = installed(name)
        if found is None:
            yield fault(name, f"is not installed: pip install '{whole}'")
        elif release(found) < release(least):
            yield fault(name, f"{found}; at least {least} is needed: pip install --upgrade '{name}>={least}'")
        else:
            yield ok(name, f"{found} (at least {least})" if least else found)


def _lab(needs: Needs) -> Iterator[Finding]:
    if "report" in needs.extras and installed("jupyterlab"):
        yield note(
            "JupyterLab",
            "lies in the same environment and makes every kernel start seconds slower; "
            "give schedules an environment of their own with cxgap[report] alone",
        )


def _optional(extra: str, purpose: str, needs: Mapping[str, str]) -> Finding:
    about = f"cxgap[{extra}]"
    found = {name: installed(name) for name in needs}
    if None in found.values():
        return ok(about, f"not installed; only {purpose} need it: pip install '{about}'")
    old = [name for name, least in needs.items() if release(str(found[name])) < release(least)]
    if old:
        return note(about, f"{old[0]} {found[old[0]]} is too old for {purpose}: pip install --upgrade '{about}'")
    return ok(about, ", ".join(f"{name} {number}" for name, number in found.items()))


def installed(name: str) -> str | None:
    """Return the version of an installed package, or None."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def importable(module: str) -> bool:
    """Say whether a module is there, without running it."""
    try:
        return find_spec(module) is not None
    except (ImportError, ValueError):
        return False


def release(number: str) -> tuple[int, ...]:
    """Return the numbers of a version, to be compared; a version before its release sorts below it."""
    head = re.match(r"\d+(?:\.\d+)*", number)
    parts = [int(part) for part in head[0].split(".")] if head else []
    early = re.search(r"(?:a|b|rc|dev)\d", number[head.end() :] if head else "")
    return (*parts, *[0] * (_PARTS - len(parts)), -1 if early else 0)
