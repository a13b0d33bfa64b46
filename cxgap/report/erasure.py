"""Take respondents out of everything private that is kept beside the reports, and say which pages still rest on them.

What names a person goes: their hashes from the ledger, and every private file with their id in it. What cannot be told
by id goes whole: studies that were kept, which hold everybody, and rejects, which are cells of somebody's row.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from cxgap.disclosure.ledger import FOLDER as LEDGER
from cxgap.disclosure.ledger import forget, pages_of
from cxgap.errors import ArgumentError
from cxgap.report.folders import PRIVATE, REPORT
from cxgap.report.lock import held

WHOLE: Final = ("cache", "staging")  # folders of `private` that go whole
REJECTS: Final = "rejects"
KEPT: Final = (".study", ".npz")  # of a run: studies that were read, and cells that were counted
STAYS: Final = frozenset({"key", "lock"})
_EDGE: Final = b"[0-9A-Za-z_]"  # what may not stand beside an id


class Erased(NamedTuple):
    """What was done.

    Attributes
    ----------
    removed : what is no longer there, as paths below the output folder
    forgotten : respondents whose hashes were in the ledger, or whose names were in a file
    again : pages whose numbers rest on one of them, or of which nobody can tell
    """

    removed: tuple[str, ...]
    forgotten: tuple[str, ...]
    again: tuple[str, ...]


def erase(output: Path, respondents: Sequence[str]) -> Erased:
    """Erase respondents from the private folder of `output`; the study's own files are not touched.

    Parameters
    ----------
    output : the folder of all reports
    respondents : ids, as they stand in the study

    Raises
    ------
    ArgumentError : there are no reports in `output`, or an id is blank.
    BusyError : a run holds the folder.
    RunError : the ledger cannot be read.
    """
    private = output / PRIVATE
    if not private.is_dir():
        raise ArgumentError(f"{output} must be a folder of reports, and has no folder {PRIVATE!r}; name another with --output.")
    names = [name.strip() for name in respondents]
    if not names or not all(names):
        raise ArgumentError("a respondent must be named by an id, such as R0012, and one is blank.")
    with held(output):
        again, forgotten = set(_unknown(output)), set()
        for name in names:
            touched = forget(output, name)
            again.update(touched)
            forgotten.update({name} if touched else set())
        removed = []
        for path in [*_kept_whole(private), *_naming(private, names, forgotten)]:
            removed.append(path.relative_to(output).as_posix())
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
        again.update(page.parent.name for page in output.glob(f"*/{REPORT}") if _names(page, names))
    return Erased(tuple(sorted(removed)), tuple(name for name in names if name in forgotten), tuple(sorted(again)))


def _unknown(output: Path) -> Iterator[str]:
    """Return the pages of which the ledger knows nothing."""
    known = pages_of(output)
    for page in sorted(output.glob(f"*/{REPORT}")):
        if page.parent.name not in known:
            yield page.parent.name


def _kept_whole(private: Path) -> Iterator[Path]:
    """Return what goes whoever is erased."""
    yield from (private / name for name in WHOLE if (private / name).is_dir())
    for path in sorted((private / "runs").glob("*/*")):
        if path.name == REJECTS or path.suffix in KEPT:
            yield path


def _naming(private: Path, names: Sequence[str], found: set[str]) -> Iterator[Path]:
    """Return the other files that name somebody, and note who is named."""
    for path in sorted(private.rglob("*")):
        own = path.relative_to(private).parts
        if path.is_symlink() or not path.is_file() or own[0] in {LEDGER, *WHOLE, *STAYS}:
            continue
        if REJECTS in own[:-1] or path.suffix in KEPT:
            continue
        named = _names(path, names)
        found.update(named)
        if named:
            yield path


def _names(path: Path, names: Sequence[str]) -> list[str]:
    """Return those of the ids that stand in a file as words of their own, as text or as JSON writes them."""
    content = path.read_bytes()
    return [name for name in names if any(re.search(_word(form), content) for form in {name, json.dumps(name)[1:-1]})]


def _word(text: str) -> bytes:
    return b"(?<!%b)%b(?!%b)" % (_EDGE, re.escape(text.encode("utf-8", "backslashreplace")), _EDGE)
