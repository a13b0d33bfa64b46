"""The machine that measured, without its name."""

from __future__ import annotations

import hashlib
import os
import platform
import sys
from importlib import metadata
from pathlib import Path

PACKAGES = (
    "cxgap", "numpy", "scipy", "pandas", "pyarrow", "duckdb", "polars", "narwhals", "pingouin", "statsmodels", "scikit-learn",
    "relativeImp", "papermill", "nbconvert", "plotly",
)  # fmt: skip


def code() -> str:
    """Return a hash of cxgap's and the suite's own source, by which a run that is taken up again knows what it measured."""
    found = hashlib.sha256()
    root = Path(__file__).resolve().parents[2]
    for folder in ("cxgap", "benchmarks/suite"):
        for path in sorted((root / folder).rglob("*.py")):
            found.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return found.hexdigest()


def describe() -> dict[str, str]:
    """Return processor, cores, memory, system and versions; nothing that tells one machine of a kind from another."""
    return {
        "processor": _processor(),
        "cores": str(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()),
        "memory": _memory(),
        "system": f"{platform.system()} {platform.machine()}",
        "Python": platform.python_version(),
        **{name: version for name in PACKAGES if (version := _version(name))},
    }


def _processor() -> str:
    path = Path("/proc/cpuinfo")
    if path.exists():
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.lower().startswith(("model name", "hardware")):
                return line.split(":", 1)[1].strip()
    return platform.processor() or "unknown"


def _memory() -> str:
    if sys.platform == "win32":
        return "unknown"
    return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB"


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""
