"""Files brought out so that a reader sees the old ones or the new ones, whole, whenever the machine stops.

All that a run brings out is made in `private/staging`, on the same disk, and synced before any of it takes its place.
What is then left to do are a few renames, which need no room and are listed in staging: if the run is killed among them,
the next one that takes the lock does the rest.
"""

from __future__ import annotations

import errno
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from cxgap.report import disk
from cxgap.report.folders import (
    CURRENT,
    FAILURE,
    MANIFEST,
    POINTER,
    RUNS,
    TABLES,
    current_run,
    discard,
    room,
    size_of,
    staging_folder,
)
from cxgap.report.folders import PRIVATE as PRIVATE  # names that callers know from here, as those below
from cxgap.report.folders import REPORT as REPORT
from cxgap.report.folders import new_run as new_run
from cxgap.report.folders import new_staging as new_staging
from cxgap.report.folders import private_folder as private_folder
from cxgap.report.lock import held
from cxgap.report.script import ASSETS, plotly_text, shared_name

_READY: Final = ".ready"  # ends the name of the folder of what waits for its place
_TODO: Final = "todo.json"
_REPLACED: Final = "replaced"
# What an account or a disk says that has no links; EINVAL is Windows without the right to make them.
_NO_LINKS: Final = {errno.EACCES, errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL}


@contextmanager
def locked(output: Path) -> Iterator[None]:
    """Hold the output folder for a run, and settle first what a run before it was killed over.

    Raises
    ------
    BusyError : another run holds it.
    ArgumentError : nothing can be written there.
    """
    with held(output):
        settle(output)
        yield


def bring_out(output: Path, slug: str, run_id: str, staged: Path) -> None:
    """Publish what a run left in `staged`, the page last, for one who holds the lock.

    Raises
    ------
    RunError : the disk is full; what was published stays.
    OSError : the disk failed. What was published stays, or, if the new run had begun to take its place, the rest follows
        when the lock is taken next.
    """
    if slug in {"", ".", "..", PRIVATE, ASSETS} or Path(slug).name != slug:
        raise ValueError(f"the folder of a report must be a plain name, not {slug!r}")
    folder, ready = output / slug, staging_folder(output) / f"{run_id}{_READY}"
    try:
        with room(output, 2 * size_of(staged)):
            _prepare(output, folder, staged, ready)
            disk.rename(staged, folder / RUNS / run_id)
            disk.sync(folder / RUNS)
            _take_places(folder, ready)
    except BaseException as error:
        if isinstance(error, Exception):  # not a signal: there is time to clean up
            _take_back(folder, run_id, ready)
            discard(staged)
        raise


def _prepare(output: Path, folder: Path, staged: Path, ready: Path) -> None:
    """Do all that needs room: the run's own files, and beside them what will take a place in `folder`."""
    if not (staged / TABLES).is_dir():
        disk.make(staged / TABLES)
    _sync_all(staged)
    _make_all(folder / RUNS)
    disk.make(ready)
    links = _linked(folder, staged, ready)
    for path in _copied(staged):
        disk.write(ready / path.name, path.read_bytes())
    disk.write(ready / _TODO, json.dumps({"folder": folder.name, "links": links}).encode())
    disk.sync(ready)
    disk.sync(ready.parent)
    _link_assets(output, folder / RUNS, ready)


def _copied(staged: Path) -> list[Path]:
    """Return the files of a run that stand in the folder of the report too, the page last."""
    files = [path for path in staged.iterdir() if path.is_file() and path.name != MANIFEST]
    return sorted(files, key=lambda path: (path.name == REPORT, path.name))


def _linked(folder: Path, staged: Path, ready: Path) -> bool:
    """Make the links to the run; where there are none, a pointer to it and copies of its tables."""
    try:
        disk.symlink(f"{RUNS}/{staged.name}", ready / CURRENT)
        disk.symlink(f"{CURRENT}/{TABLES}", ready / TABLES)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
    else:
        return True
    disk.remove(ready / CURRENT)
    disk.write(ready / POINTER, json.dumps({"run_id": staged.name, "folder": f"{RUNS}/{staged.name}"}).encode())
    disk.make(ready / TABLES)
    for path in sorted((staged / TABLES).iterdir()):
        disk.write(ready / TABLES / path.name, path.read_bytes())
    disk.sync(ready / TABLES)
    return False


def _link_assets(output: Path, runs: Path, ready: Path) -> None:
    """Let the pages of old runs find the shared script, one folder up from their own."""
    place, assets = runs / ASSETS, output / ASSETS
    if place.is_symlink() or not assets.is_dir():
        return
    if not place.is_dir():
        try:
            disk.symlink(f"../../{ASSETS}", place)
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            disk.make(place)
        else:
            return
    for path in sorted(assets.iterdir()):
        if not (place / path.name).exists():
            try:
                disk.link(path, place / path.name)
            except OSError:
                disk.write(ready / path.name, path.read_bytes())
                disk.replace(ready / path.name, place / path.name)


def _take_places(folder: Path, ready: Path) -> None:
    """Put what waits in `ready` into `folder`, the page last; as often as it takes, whatever was done of it before."""
    todo = json.loads((ready / _TODO).read_bytes())
    run_id = ready.name.removesuffix(_READY)
    waiting = [path for path in ready.iterdir() if path.name != _TODO and not path.name.startswith(_REPLACED)]
    order = [CURRENT, POINTER, TABLES]
    for path in sorted(waiting, key=lambda path: (path.name == REPORT, path.name not in order, path.name)):
        place = folder / path.name
        if path.name == REPORT:
            disk.sync(folder)  # the page says nothing that is not there
        if _is_folder(path) and _is_folder(place):
            _take_files(path, place, {file.name for file in (folder / RUNS / run_id / path.name).iterdir()})
        else:
            if _is_folder(place) or (_is_folder(path) and place.is_symlink()):  # a link and a folder change places in two steps
                disk.rename(place, ready / f"{_REPLACED}-{path.name}")
            disk.replace(path, place)
        if path.name in (CURRENT, POINTER):
            _remove(folder / (POINTER if todo["links"] else CURRENT))
    _remove(folder / (POINTER if todo["links"] else CURRENT))
    disk.remove(folder / FAILURE)
    disk.sync(folder)
    disk.clear(ready)


def _take_files(ready: Path, place: Path, names: set[str]) -> None:
    """Put copies of tables into a folder without links, one by one: each file is whole, and all of them soon are of one run."""
    for path in sorted(ready.iterdir()):
        disk.replace(path, place / path.name)
    for path in sorted(place.iterdir()):
        if path.name not in names:
            _remove(path)
    disk.sync(place)


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _remove(path: Path) -> None:
    if _is_folder(path):
        disk.clear(path)
    else:
        disk.remove(path)


def _take_back(folder: Path, run_id: str, ready: Path) -> None:
    """Leave nothing of a publication that failed before it showed; one that has begun to show is finished later."""
    now = current_run(folder)
    if now is not None and now.name == run_id:
        return
    with suppress(OSError):
        disk.clear(ready)  # first: what is listed there would be finished
        disk.clear(folder / RUNS / run_id)


def settle(output: Path) -> None:
    """Finish what a killed run had begun to publish, and sweep what it had not, for one who holds the lock."""
    for path in sorted(staging_folder(output).iterdir()):
        with suppress(OSError, ValueError, LookupError, TypeError):  # what cannot be settled now waits for the next time
            run_id = path.name.removesuffix(_READY)
            folder = _folder_of(output, path)
            if folder is not None and (folder / RUNS / run_id).is_dir():
                _take_places(folder, path)
            else:
                _remove(path)


def _folder_of(output: Path, ready: Path) -> Path | None:
    """Return the folder of the report that `ready` was made for; None if it was never made to the end."""
    if not ready.name.endswith(_READY):
        return None
    try:
        return output / Path(str(json.loads((ready / _TODO).read_bytes())["folder"])).name
    except (OSError, ValueError, LookupError, TypeError):
        return None


def share_plotly(output: Path) -> None:
    """Put plotly.js beside the reports, unless it lies there whole.

    Raises
    ------
    RunError : the disk is full.
    """
    place, content = output / ASSETS / shared_name(), plotly_text().encode()
    if not (place.is_file() and place.read_bytes() == content):
        with room(output, len(content)):
            publish(output, {f"{ASSETS}/{shared_name()}": content})


def publish(output: Path, files: Mapping[str, bytes]) -> None:
    """Put `files` in their places below `output`, in the order given, for one who holds the lock.

    Keys of `files` are relative paths with forward slashes.
    """
    staging = staging_folder(output) / "files"
    disk.clear(staging)  # what a killed run left
    disk.make(staging, 0o700)
    try:
        staged = {name: staging / str(position) for position, name in enumerate(files)}
        for name, path in staged.items():
            disk.write(path, files[name])
        for name, path in staged.items():
            place = output / name
            _make_all(place.parent)
            disk.replace(path, place)
            disk.sync(place.parent)
    finally:
        discard(staging)


def _make_all(folder: Path) -> None:
    """Make a folder, and those above it that are not there."""
    if not folder.is_dir():
        _make_all(folder.parent)
        disk.make(folder)
        disk.sync(folder.parent)


def _sync_all(folder: Path) -> None:
    """Bring a folder to the disk, what is in it first."""
    for path in sorted(folder.rglob("*"), key=lambda path: (-len(path.parts), path.name)):
        disk.sync(path)
    disk.sync(folder)
