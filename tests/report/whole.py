"""What every published page must be, whatever is on it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path


def hold_whole(page: Path, browse: Callable, figures: int) -> None:
    """Hold a page to be drawn in a browser that has no network, with each figure and a table of its numbers."""
    opened = browse(page)
    assert opened.root("data-figures") == f"{figures}/{figures}"
    assert (opened.console, opened.requests) == ([], [])
    assert len(re.findall("<h1[ >]", opened.dom)) == 1
    tables = re.findall(r"<table.*?</table>", opened.dom, re.S)
    assert len(tables) >= figures
    assert all("<caption" in table and 'scope="col"' in table and 'scope="row"' in table for table in tables)


def hold_silent(output: Path) -> None:
    """Hold what is published to name no respondent and no customer of a simulated study."""
    published = [path for path in output.rglob("*") if path.is_file() and "private" not in path.parts]
    texts = [path for path in published if path.suffix in (".html", ".json", ".csv")]
    assert texts
    for path in texts:
        assert not re.search(r"\b[RC]0\d{4}\b", path.read_text(encoding="utf-8")), path.name
