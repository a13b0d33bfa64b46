"""The recipes of docs/schedules.md, taken from the page itself and pointed at folders of a test."""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "schedules.md"
BIN = Path(sys.executable).parent

PLAN = """version = 1
output = "."
study = "sample"
as_of = "2026-03-31"

[[report]]
notebook = "customer"
"""


def recipe(name: str) -> str:
    """Return the block whose first line names the file `name`."""
    blocks = re.findall(r"^```\w+\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    (found,) = [block for block in blocks if block.splitlines()[0].removeprefix("# ") == name]
    return found


def section(title: str) -> str:
    """Return the text below one heading."""
    return PAGE.read_text(encoding="utf-8").split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]


def placed(text: str, folder: Path) -> str:
    """Return `text` with its places below `folder`, and with the commands of this environment."""
    made = {"/srv/cxgap/notebooks": ROOT / "notebooks", "/opt/cxgap/bin": BIN, "/srv/": f"{folder}/srv/"}
    for said, meant in made.items():
        text = text.replace(said, str(meant))
    return text


def service(folder: Path, plan: str = PLAN) -> Path:
    """Make what the recipes take for granted below `folder`: the plan, and the folders to write to."""
    for name in ("cxgap", "reports", "pages"):
        (folder / "srv" / name).mkdir(parents=True)
    (folder / "srv" / "cxgap" / "plan.toml").write_text(plan, encoding="utf-8")
    return folder / "srv" / "reports"
