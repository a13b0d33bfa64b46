"""Remove each guard in turn, in a copy of the project, and see that a test then fails; print which, and how many were missed.

    python benchmarks/guards.py             # all of them, minutes
    python benchmarks/guards.py lock gate   # these

A guard whose removal no test notices is not guarded itself.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
PARTS = ("cxgap", "tests", "notebooks", "data", "reports/plan.toml", "docs", "pyproject.toml", "README.md", "requirements.lock")


class Guard(NamedTuple):
    """A line that keeps something, what stands there without it, and the tests that must notice."""

    file: str
    line: str
    without: str
    tests: tuple[str, ...]


GUARDS = {
    "lock": Guard(
        "cxgap/report/lock.py",
        "fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)",
        "pass",
        ("tests/report/test_publish.py",),
    ),
    "sync": Guard("cxgap/report/disk.py", "        os.fsync(file.fileno())\n", "", ("tests/report/test_publish.py",)),
    "gate": Guard(
        "cxgap/report/render.py", "    if found:\n", "    if not found and found:\n", ("tests/report/test_render.py",)
    ),
    "escape": Guard(
        "cxgap/markup.py",
        "return html.escape(visible(text), quote=True)",
        "return visible(text)",
        ("tests/test_markup.py",),
    ),
    "hidden marks": Guard(
        "cxgap/markup.py",
        "return html.escape(visible(text), quote=True)",
        "return html.escape(str(text), quote=True)",
        ("tests/test_markup.py",),
    ),
    "accounting": Guard(
        "cxgap/report/harvest.py", "            _add_up(study.rows, cell)\n", "", ("tests/report/test_harvest.py",)
    ),
    "every cell ran": Guard(
        "cxgap/report/harvest.py", "cell.execution_count is None", "False", ("tests/report/test_harvest.py",)
    ),
    "suppression": Guard(
        "cxgap/stats/privacy.py",
        "return n < min_n if min_n > 1 else np.zeros(len(n), bool)",
        "return np.zeros(len(n), bool)",
        ("tests/stats/test_privacy.py", "tests/gaps/test_customer.py"),
    ),
    "secondary suppression": Guard(
        "cxgap/stats/privacy.py", "    while min_n > 1:\n", "    while False:\n", ("tests/stats/test_privacy.py",)
    ),
    "policy": Guard(
        "cxgap/report/gate.py", "if self._policy != policy(*self._sources):", "if False:", ("tests/report/test_gate.py",)
    ),
    "what is kept": Guard(
        "cxgap/tables/store.py",
        "if hashlib.sha256(content).hexdigest() != kept.sha256:",
        "if False:",
        ("tests/tables/test_store.py",),
    ),
    "parameter names": Guard(
        "cxgap/report/parameters.py", "    if name not in declared:\n", "    if False:\n", ("tests/report/test_parameters.py",)
    ),
    "damage": Guard(
        "cxgap/report/fleet/standing.py", "    if not all(_whole(", "    if not any(_whole(", ("tests/report/fleet",)
    ),
}


def copied(folder: Path) -> Path:
    """Copy what the tests need."""
    for part in PARTS:
        place = folder / part
        place.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, place, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / part, place)
    return folder


def failed(folder: Path, tests: tuple[str, ...]) -> str:
    """Run tests on the copy, and return the first that failed, or ""."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", *tests]
    environment = os.environ | {"PYTHONPATH": str(folder), "OPENBLAS_NUM_THREADS": "1"}
    run = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if run.returncode not in (0, 1):
        raise SystemExit(run.stdout[-2000:] + run.stderr[-2000:])
    return next((line for line in run.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))), "")


def main() -> None:
    """Try the guards that are named, or all, and end with 1 if the removal of any was not noticed."""
    missed = []
    names = sys.argv[1:] or list(GUARDS)
    with tempfile.TemporaryDirectory() as temporary:
        folder = copied(Path(temporary))
        for name in names:
            guard = GUARDS[name]
            text = (folder / guard.file).read_text(encoding="utf-8")
            if guard.line not in text:
                raise SystemExit(f"{name}: {guard.file} has no line {guard.line!r}")
            (folder / guard.file).write_text(text.replace(guard.line, guard.without, 1), encoding="utf-8")
            noticed = failed(folder, guard.tests)
            (folder / guard.file).write_text(text, encoding="utf-8")
            missed += [] if noticed else [name]
            print(f"{name:24} {noticed or 'NOT NOTICED'}", flush=True)
    print(f"{len(names) - len(missed)} of {len(names)} guards: their removal makes a test fail")
    sys.exit(bool(missed))


if __name__ == "__main__":
    main()
