"""Before the jobs of a run: read every slice of its studies once, and decide how many respondents each may show at least.

`python -m cxgap.report.prepare REQUEST.json` does it in a process of its own, which ends with all that it read. The
request is {"output": ..., "folder": ..., "workers": N, "slices": [{"study": ..., "where": {...}, "as_of": ...}, ...]}; the
answer is written into the folder as PREPARED.
"""

from __future__ import annotations

import errno
import hashlib
import json
import multiprocessing
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple

from cxgap.disclosure.counted import Counted
from cxgap.disclosure.counts import count_people
from cxgap.disclosure.key import read_key
from cxgap.disclosure.ledger import published
from cxgap.disclosure.minimums import BEFORE, Minimum, minimums
from cxgap.errors import CxgapError, RunError
from cxgap.report import disk
from cxgap.report.folders import FULL, private_folder
from cxgap.report.lifeline import die_with, die_with_parent
from cxgap.report.private import write_private
from cxgap.report.target_heads import known_head
from cxgap.tables.context import CONTEXT, Context, Kept
from cxgap.tables.inputs import inputs_of
from cxgap.tables.read import find_study, read_study
from cxgap.tables.restrict import Scope
from cxgap.tables.spec import load_spec
from cxgap.tables.store import keep_study
from cxgap.tables.study import Study
from cxgap.tables.target_lock import lock_path, read_lock

PREPARED: Final = "prepared.json"
PREPARED_SCHEMA: Final = "cxgap.prepared/1"
_LEFT: Final = 5_000_000  # bytes that kept studies leave to the reports
_NO_ROOM: Final = FULL | {errno.EFBIG}  # EFBIG: `ulimit -f`

Slice = tuple[str, Mapping[str, object], str]  # study, where, as_of, as a notebook is given them


class _Read(NamedTuple):
    """A slice that was read: its people, the kept study, what a manifest says of its inputs, and how far its lock had come."""

    counted: Counted
    kept: Kept | None
    about: dict[str, Any]
    known: dict[str, Any] | None = None


def slice_key(study: str, where: Mapping[str, object], as_of: str) -> str:
    """Return the name of a slice in what `prepare` returns: equal for slices that are read alike."""
    said = {name: [value] if isinstance(value, str) else value for name, value in where.items()}
    return json.dumps([study, said, as_of], sort_keys=True, default=str)


def prepare(
    output: str | os.PathLike[str], slices: Iterable[Slice], folder: str | os.PathLike[str], *, workers: int = 1
) -> dict[str, Any]:
    """Read slices, count their people, and decide the minimum of each.

    Parameters
    ----------
    output : the folder of all reports, whose ledger says what is published
    slices : of the whole plan; each is read once
    folder : an existing private folder, for the contexts, the kept studies and the counted cells
    workers : processes that read; more than one are forked, so this one must not have begun to compute

    Returns
    -------
    {"schema": ..., "slices": {slice_key: about}}. Of a slice that was read, `about` has `context` (the path that
    CXGAP_CONTEXT must hold in its kernels), `cells` (what `ledger.note` takes once a page of it is out), `min_n`,
    `min_n_declared`, `reasons`, `nothing` (whether the minimum leaves nothing to show), `masked` (the cells that it hides and
    the declared one would not), `compared` (whether earlier pages are a reason for it), `fingerprint`, `rows` and
    `inputs`; of one that was not, `problem`.

    Raises
    ------
    RunError : the key or the ledger cannot be read, so that nobody can tell what must stay hidden.
    """
    output, folder = Path(output), Path(folder)
    asked = {slice_key(*one): one for one in slices}
    key = read_key(private_folder(output))
    read: dict[str, _Read] = {}
    problems: dict[str, str] = {}
    for name, found in zip(asked, _read_all(list(asked.values()), key, folder, workers, output), strict=True):
        if isinstance(found, str):
            problems[name] = found
        else:
            read[name] = found
    whole = _totals({name: asked[name] for name in read}, asked, key, problems)
    kept = [name for name in read if name not in problems]
    counted = [read[name].counted for name in kept]
    known = published(output, sorted({part.survey for part in counted}))
    decided = dict(zip(kept, minimums(counted, whole=whole, published=known), strict=True))
    about = {
        name: {"problem": problems[name]} if name in problems else _said(read[name], decided[name], folder) for name in asked
    }
    return {"schema": PREPARED_SCHEMA, "slices": about}


def _read_all(asked: Sequence[Slice], key: bytes, folder: Path, workers: int, output: Path) -> list[_Read | str]:
    """Read slices, several at a time where the system can fork."""
    read = partial(_read_or_say, key=key, folder=folder, output=output)
    if min(workers, len(asked)) < 2 or not hasattr(os, "fork"):
        return list(map(read, asked))
    fork = multiprocessing.get_context("fork")
    with (
        suppress(BrokenProcessPool),  # one of them was killed, as for want of memory: one at a time then
        ProcessPoolExecutor(min(workers, len(asked)), fork, initializer=die_with, initargs=(os.getpid(),)) as pool,
    ):
        return list(pool.map(read, asked))
    return list(map(read, asked))


def _read_or_say(one: Slice, key: bytes, folder: Path, output: Path) -> _Read | str:
    """Read a slice, or say in words why it cannot be read."""
    try:
        return _read(one, key, folder, output)
    except (CxgapError, OSError) as error:
        return _words(error)


def _read(one: Slice, key: bytes, folder: Path | None, output: Path | None = None) -> _Read:
    """Read a slice and count its people; with a folder, keep what was read there. `output` knows how far locks had come."""
    study, where, as_of = one
    path = find_study(study)
    spec, raw = load_spec(path)
    if CONTEXT in os.environ:
        raise RunError(f"{CONTEXT} must not be set where a run is prepared; unset it.")
    read = read_study(path, where=where, as_of=as_of)
    known = known_head(output, path) if output is not None else None
    if known:
        read = replace(read, target_lock=read_lock(lock_path(path), known=known))
    kept = None
    if folder is not None and read.facts is None:  # what stays on disk needs no keeping, and its engine cannot be kept
        scope = Scope.of(where, as_of, spec.study.zone)
        kept = _keep(read, path, scope, list(inputs_of(path, spec).files), folder)
    survey = f"{spec.study.title}\n{path.absolute().parent}"
    about = {
        "fingerprint": read.fingerprint,
        "rows": dict(read.rows),
        "inputs": [{"table": "study", "file": path.name, "sha256": hashlib.sha256(raw).hexdigest()}, *map(dict, read.files)],
    }
    return _Read(count_people(read, key=key, survey=survey), kept, about, known)


def _keep(study: Study, path: Path, scope: Scope, inputs: list[Path], folder: Path) -> Kept | None:
    """Keep a study for the kernels, unless the disk is too full: then each reads it again, and the reports have the room."""
    try:
        kept = keep_study(study, path, scope, inputs, folder)
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        return None
    if disk.free(folder) < _LEFT:
        kept.path.unlink()
        return None
    return kept


def _totals(read: Mapping[str, Slice], plan: Mapping[str, Slice], key: bytes, problems: dict[str, str]) -> list[Counted]:
    """Count the whole study behind each restricted slice, where it is not in the plan; without it a slice is a problem."""
    found: dict[str, Counted] = {}
    for name, (study, where, as_of) in read.items():
        whole = slice_key(study, {}, as_of)
        if not where or (whole in plan and whole not in problems):
            continue
        try:
            found.setdefault(whole, found[whole] if whole in found else _read((study, {}, as_of), key, None).counted)
        except (CxgapError, OSError) as error:
            problems[name] = f"The whole study must be readable, or nobody can tell what must stay hidden. {_words(error)}"
    return list(found.values())


def _said(read: _Read, minimum: Minimum, folder: Path) -> dict[str, Any]:
    """Write the context and the cells of a slice, and say what was decided."""
    counted = read.counted
    content = counted.only(counted.shown(minimum.min_n)).to_bytes()
    masked = counted.shown(counted.min_n) & ~counted.shown(minimum.min_n)
    name = hashlib.sha256(f"{counted.survey}\n{counted.label}".encode("utf-8", "backslashreplace")).hexdigest()[:16]
    context = Context(min_n=minimum.min_n, kept=read.kept, lock_known=read.known)
    own = {"min_n", "kept", *(["lock_known"] if read.known else [])}
    return {
        "context": str(_write(folder / f"context-{name}.json", context.model_dump_json(include=own).encode())),
        "cells": str(_write(folder / f"cells-{name}.npz", content)),
        "min_n": minimum.min_n,
        "min_n_declared": counted.min_n,
        "reasons": list(minimum.reasons),
        "nothing": minimum.nothing,
        "masked": [cell for cell, hidden in zip(counted.cells, masked, strict=True) if hidden],
        "compared": any(BEFORE in reason for reason in minimum.reasons),
        **read.about,
    }


def _words(error: CxgapError | OSError) -> str:
    """Say what went wrong, for the person who runs the plan."""
    if isinstance(error, CxgapError):
        return str(error)
    return ": ".join(map(str, filter(None, [error.strerror or type(error).__name__, error.filename])))


def _write(path: Path, content: bytes) -> Path:
    write_private(path, content)
    return path.absolute()


def main(arguments: Sequence[str]) -> int:
    """Prepare what the request file asks for, and write the answer beside it."""
    request = json.loads(Path(arguments[0]).read_bytes())
    slices = [(one["study"], one["where"], one["as_of"]) for one in request["slices"]]
    folder = Path(request["folder"])
    try:
        answer = prepare(request["output"], slices, folder, workers=request.get("workers", 1))
    except (CxgapError, OSError) as error:
        print(f"cxgap: {_words(error)}", file=sys.stderr)
        return 1
    fresh = _write(folder / f"{PREPARED}.new", json.dumps(answer, indent=1).encode())
    fresh.replace(folder / PREPARED)
    return 0


if __name__ == "__main__":
    die_with_parent()
    sys.exit(main(sys.argv[1:]))
