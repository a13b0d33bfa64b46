"""A published report made again from its record, beside the one that was published: nothing is replaced."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, NamedTuple

from cxgap.errors import ArgumentError, CxgapError, RunError
from cxgap.report.attempt import attempt
from cxgap.report.gate import SHARED_BUDGET
from cxgap.report.job import Job
from cxgap.report.notebooks import read_notebook, shipped_notebooks
from cxgap.report.parameters import read_parameters
from cxgap.report.publish import REPORT
from cxgap.report.published import Published
from cxgap.tables.context import CONTEXT
from cxgap.tables.read import find_study

_DEEP: Final = 12  # folders above a page in which its study and its notebook are looked for


class Again(NamedTuple):
    """A report that was made again: its record, and its files by name with their hashes."""

    record: Mapping[str, Any]
    hashes: Mapping[str, str]


def recompute(published: Published, *, study: str | None = None, notebook: Path | None = None) -> Again:
    """Make a report again with the notebook, parameters, inputs and minimum of its record, in a folder that is then removed.

    Parameters
    ----------
    published : the page and its record
    study : the study file, where it lies elsewhere now
    notebook : the notebook, where it lies elsewhere now

    Raises
    ------
    ArgumentError : its notebook or its study is not found, or the notebook has other parameters now.
    RunError : the notebook fails now.
    """
    record = published.record
    path = notebook or _notebook(published)
    declared = read_parameters(read_notebook(path), path.stem)
    given = dict(record["parameters"])
    lacking = [name for name in given if name not in declared]
    if lacking:
        raise ArgumentError(f"{path.name} has no parameter {lacking[0]!r} any more; name the notebook as it was by --notebook.")
    embed = any(file["name"] == REPORT and file["bytes"] > SHARED_BUDGET for file in record["artefacts"])
    with TemporaryDirectory(prefix="cxgap-") as folder, _told(Path(folder), record["study"]):
        if "study" in given:
            given["study"] = _called(_study(published, study), str(given["study"]), Path(folder) / "named")
        job = Job(str(record["slug"]), str(record["slug"]), path, given, single_file=embed)
        private, staged = Path(folder) / "run", Path(folder) / "staged"
        private.mkdir(mode=0o700)
        staged.mkdir(mode=0o700)
        try:
            made = attempt(job, private, staged)
        except CxgapError as error:
            raise RunError(f"{job.slug} cannot be made again: {error}") from error
        names = [file for file in staged.rglob("*") if file.is_file()]
        hashes = {file.relative_to(staged).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest() for file in names}
        return Again(json.loads(made.to_json()), hashes)


def _called(study: str | Path, name: str, folder: Path) -> str:
    """Return the study under the name that it had, because a page shows that."""
    if not isinstance(study, Path):
        return study
    as_file = name.endswith(".toml")
    if as_file or study.parent.name == name:
        return str(study if as_file else study.parent)
    with suppress(OSError):  # a disk without links: then the page shows the name that it has
        folder.mkdir()
        (folder / name).symlink_to(study.parent, target_is_directory=True)
        return str(folder / name)
    return str(study.parent)


@contextmanager
def _told(folder: Path, study: Mapping[str, Any]) -> Iterator[None]:
    """Tell `read_study` in the kernel of the minimum that was in force, how long the lock of targets was, and no more."""
    before = os.environ.pop(CONTEXT, None)
    least = study.get("min_n") or 0
    told = {"min_n": least} if least > (study.get("min_n_declared") or least) else {}
    told |= {"lock_lines": study["targets"]["locked"]} if isinstance(study.get("targets"), dict) else {}
    if told:
        place = folder / "context.json"
        place.write_text(json.dumps(told), encoding="utf-8")
        os.environ[CONTEXT] = str(place)
    try:
        yield
    finally:
        os.environ.pop(CONTEXT, None)
        if before is not None:
            os.environ[CONTEXT] = before


def _above(page: Path) -> list[Path]:
    """Return the folders in which something that a report was made from may lie, the nearest first."""
    return [*list(page.absolute().parents)[:_DEEP], Path.cwd()]


def _notebook(published: Published) -> Path:
    """Return the notebook of a record, the very one if it is still there, else one of its name."""
    name, digest = published.record["notebook"]["name"], published.record["notebook"]["sha256"]
    near = [folder / part / name for folder in _above(published.page) for part in ("", "notebooks", "reports")]
    found = [path for path in [*(p for p in shipped_notebooks() if p.name == name), *near] if path.is_file()]
    for path in found:
        if hashlib.sha256(path.read_bytes()).hexdigest() == digest:
            return path
    if not found:
        raise ArgumentError(f"the notebook {name!r} of {published.name} is not found; name it by --notebook.")
    return found[0]


def _study(published: Published, named: str | None) -> str | Path:
    """Return the study of a record: where it lay, or below the folders above the page if all of them moved together."""
    said = str(published.manifest.get("parameters", {}).get("study") or published.record["parameters"]["study"])
    if (named or said) == "sample":
        return "sample"
    if named:
        return find_study(named).absolute()
    parts = [part for part in Path(said).parts if part not in ("..", Path(said).anchor)]
    tails = [Path(*parts[place:]) for place in range(len(parts))]
    wanted = published.record["study"].get("definition")
    found = []
    for place in [Path(said), *(folder / tail for tail in tails for folder in _above(published.page))]:
        try:
            found.append(find_study(place).absolute())
        except (CxgapError, OSError):
            continue
        raw = found[-1].read_bytes()
        if not wanted or hashlib.sha256(raw).hexdigest() == wanted:
            return found[-1]
    if not found:
        raise ArgumentError(f"the study {said!r} of {published.name} is not found; name it by --study.")
    return found[0]
