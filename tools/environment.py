"""Write environment.yml, what pyproject.toml asks for in conda's words: `python tools/environment.py`."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ON_CONDA = {"duckdb": "python-duckdb"}  # every other package has the same name on conda-forge


def environment() -> str:
    """Return the file's text: the dependencies, those of reports and of JupyterLab, and the project itself."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    needs = [need for need in [*project["dependencies"], *extras["report"], *extras["lab"]] if "cxgap[" not in need]
    specs = sorted(re.sub(r"^[\w.-]+", lambda name: ON_CONDA.get(name[0], name[0]), need) for need in needs)
    lines = [f"python{project['requires-python']}", *specs, "pip"]
    listed = "".join(f"  - {line}\n" for line in lines)
    return (
        "# For people who use conda; `make environment` writes it from pyproject.toml.\n"
        f"name: cxgap\nchannels:\n  - conda-forge\ndependencies:\n{listed}  - pip:\n      - -e .\n"
    )


if __name__ == "__main__":
    (ROOT / "environment.yml").write_text(environment(), encoding="utf-8", newline="\n")
