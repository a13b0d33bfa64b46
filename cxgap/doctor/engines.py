"""Engines that can hold the rows, and the programs beside Python that some of them or some tests use."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from cxgap.doctor.finding import Finding, note, ok
from cxgap.doctor.packages import importable, installed

_ENGINES = {"pandas": "pandas", "Polars": "polars", "DuckDB": "duckdb", "PyArrow": "pyarrow", "PySpark": "pyspark"}
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge")
_JAVA = 17  # what PySpark 4 needs


def look_at_engines() -> Iterator[Finding]:
    """Look at which engines are here, for Java where PySpark is, and for a browser."""
    here = [f"{name} {installed(module)}" for name, module in _ENGINES.items() if importable(module)]
    absent = [name for name, module in _ENGINES.items() if not importable(module)]
    yield ok("engines", ", ".join(here) + (f"; not here, and not needed: {', '.join(absent)}" if absent else ""))
    if importable("pyspark"):
        yield _java()
    yield _browser()


def _java() -> Finding:
    home = os.environ.get("JAVA_HOME")
    program = shutil.which("java", path=str(Path(home) / "bin")) if home else shutil.which("java")
    if program is None:
        place = f"in JAVA_HOME={home}" if home else "on PATH"
        return note(
            "Java", f"is not {place}, and PySpark needs it; the other engines do not: install a JRE of {_JAVA} or newer"
        )
    number = _java_version(program)
    if number is not None and number < _JAVA:
        return note("Java", f"{number}; PySpark needs {_JAVA} or newer: set JAVA_HOME to one")
    return ok("Java", f"{number or program}")


def _java_version(program: str) -> int | None:
    """Read the file that every JDK since 9 has beside it; starting Java would take longer than all the rest."""
    release = Path(os.path.realpath(program)).parents[1] / "release"
    try:
        line = next(line for line in release.read_text(encoding="utf-8").splitlines() if line.startswith("JAVA_VERSION="))
        first = line.partition("=")[2].strip('"').split(".")
        return int(first[1] if first[0] == "1" else first[0])
    except (OSError, StopIteration, ValueError, IndexError):
        return None


def _browser() -> Finding:
    found = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if found is None:
        return ok("browser", "none here; only the project's own tests and printing to PDF by a program need one")
    if shutil.which("fc-list") and not _fonts():
        return note("browser", f"{found}, and no font for it to print with: install one, such as fonts-liberation")
    return ok("browser", f"{found}; pages ask for the reader's own fonts and bring none")


def _fonts() -> bool:
    try:
        done = subprocess.run(["fc-list", ":", "family"], capture_output=True, timeout=5, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return True
    return bool(done.stdout.strip())
