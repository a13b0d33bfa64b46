"""What was published of whom: for each page that is out, who stood in which cell, as keyed hashes.

`private/ledger/ledger.json` names, for each page, the files of cells beside it, the newest first. A page keeps its
newest MOST_KEPT; what is older is dropped, and so is a file that no page names. A file is written whole under a new
name before the list names it, and the list is replaced in one step; a run that is killed between the two leaves a file
that the next one removes.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationError

from cxgap.disclosure.counted import Counted
from cxgap.disclosure.key import hashed, read_key
from cxgap.errors import RunError

FOLDER: Final = "ledger"
LIST: Final = "ledger.json"
LEDGER_SCHEMA: Final = "cxgap.ledger/1"
MOST_KEPT: Final = 24  # different contents of one page: two years of a page a month
PRIVATE: Final = "private"


class _Pages(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    pages: dict[str, list[str]]  # by slug, the names of files of cells, the newest first


def note(output: Path, slug: str, cells: Counted | Path) -> None:
    """Remember that the page `slug` shows these cells, once it is really out; for one who holds the lock.

    Parameters
    ----------
    output : the folder of all reports
    slug : of the page
    cells : the cells that are shown, or the file that `prepare` left of them

    Raises
    ------
    RunError : the ledger, or the file of cells, is not what it must be.
    """
    content = cells.read_bytes() if isinstance(cells, Path) else cells.to_bytes()
    name = f"{Counted.from_bytes(content).digest}.npz"
    folder = _folder(output)
    pages = _read(folder)
    if not (folder / name).is_file():
        _write(folder / name, content)
    known = pages.get(slug, [])
    pages[slug] = [name, *(other for other in known if other != name)][:MOST_KEPT]
    _save(folder, pages)


def published(output: Path, surveys: Sequence[str] | None = None) -> list[Counted]:
    """Return what pages show, or showed, of some surveys (of all, without): each once, the newest of each page first.

    Raises
    ------
    RunError : the ledger is not what it must be.
    """
    folder = output / PRIVATE / FOLDER
    pages = _read(folder)
    depth = max(map(len, pages.values()), default=0)
    names = dict.fromkeys(files[age] for age in range(depth) for _, files in sorted(pages.items()) if age < len(files))
    found = (Counted.from_bytes(_bytes(folder / name)) for name in names)
    return [part for part in found if surveys is None or part.survey in surveys]


def newest(output: Path, slug: str) -> Counted | None:
    """Return what the newest content of a page shows; None if the ledger knows no such page.

    Raises
    ------
    RunError : the ledger is not what it must be.
    """
    folder = output / PRIVATE / FOLDER
    names = _read(folder).get(slug)
    return Counted.from_bytes(_bytes(folder / names[0])) if names else None


def pages_of(output: Path) -> dict[str, list[str]]:
    """Return for each page the names of its files of cells, the newest first."""
    return _read(output / PRIVATE / FOLDER)


def forget(output: Path, respondent: str) -> list[str]:
    """Take a respondent out of every cell, and return the pages whose newest content they stood in.

    Raises
    ------
    RunError : the ledger is not what it must be.
    """
    folder = output / PRIVATE / FOLDER
    pages, touched = _read(folder), set()
    if not pages:
        return []
    key = read_key(output / PRIVATE)
    for name in sorted({name for names in pages.values() for name in names}):
        part = Counted.from_bytes(_bytes(folder / name))
        left = part.without(hashed([respondent], key=key, survey=part.survey))
        if len(left.people) < len(part.people):
            _write(folder / name, left.to_bytes())  # under the old name: names are only names
            touched.add(name)
    return sorted(slug for slug, names in pages.items() if names and names[0] in touched)


def _folder(output: Path) -> Path:
    folder = output / PRIVATE / FOLDER
    for closed in (folder.parent, folder):
        closed.mkdir(mode=0o700, parents=True, exist_ok=True)
        closed.chmod(0o700)
    return folder


def _read(folder: Path) -> dict[str, list[str]]:
    path = folder / LIST
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return {}
    try:
        said = json.loads(content)
        if said.pop("schema") != LEDGER_SCHEMA:
            raise ValueError(f"its schema must be {LEDGER_SCHEMA!r}")
        return _Pages(**said).pages
    except (LookupError, ValueError, TypeError, AttributeError, ValidationError) as error:
        raise RunError(
            f"{path} must be the list of what was published, and cannot be read ({type(error).__name__}); put it back from a "
            "copy. Without it nothing is made, because nobody can tell what must stay hidden."
        ) from error


def _save(folder: Path, pages: Mapping[str, list[str]]) -> None:
    text = json.dumps({"schema": LEDGER_SCHEMA, "pages": dict(sorted(pages.items()))}, indent=1)
    _write(folder / LIST, text.encode())
    named = {name for names in pages.values() for name in names}
    for path in _leavings(folder):
        if path.name not in named:
            path.unlink(missing_ok=True)


def _leavings(folder: Path) -> Iterator[Path]:
    """Return the files of cells, and what a killed run began to write."""
    yield from folder.glob("*.npz")
    yield from folder.glob(".*.new")


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise RunError(f"{path} is named by the ledger and is not there; put it back from a copy.") from error


def _write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, for its owner alone."""
    fresh = path.with_name(f".{secrets.token_hex(8)}.new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
    _sync(path.parent)


def _sync(folder: Path) -> None:
    if os.name != "nt":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
