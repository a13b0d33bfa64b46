"""Pages that were brought out, and the records that they belong to, wherever their folder lies now."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cxgap.errors import ArgumentError
from cxgap.report.manifest import MANIFEST
from cxgap.report.publish import REPORT
from cxgap.report.record import RECORD
from cxgap.report.schemas import read_schema

MOST_RECORDS = 100_000  # that are looked through for the record of a page


@dataclass(frozen=True, slots=True, eq=False)
class Published:
    """A page and its record.

    Attributes
    ----------
    page : as it was named
    folder : of the record; the page and its tables lie there, or did
    record : of the newest schema
    manifest : of the run, or nothing where there is none
    damaged : what is not as the record says: files that changed or are gone, each in words
    """

    page: Path
    folder: Path
    record: Mapping[str, Any]
    manifest: Mapping[str, Any]
    damaged: tuple[str, ...]

    @property
    def name(self) -> str:
        """The report's folder and run, or as much of it as is known."""
        run = self.manifest.get("run_id")
        return f"{self.record.get('slug', self.page.stem)}{f' ({run})' if run else ''}"


def find_pages(place: Path) -> list[Path]:
    """Return the pages that are meant by a page, the folder of a report or of a run of it, or a folder of reports.

    Raises
    ------
    ArgumentError : there is none.
    """
    if place.is_file():
        return [place]
    if (place / REPORT).is_file():
        return [place / REPORT]
    pages = sorted(place.glob(f"*/{REPORT}"))
    if pages:
        return pages
    raise ArgumentError(f"{str(place)!r} must be a page, or a folder that holds {REPORT} or folders of reports; it is neither.")


def find_published(page: Path, *, output: Path | None = None) -> Published:
    """Find the record of a page by the page's hash, among all runs that are kept; else the record beside it.

    Parameters
    ----------
    page : an existing file
    output : the folder of reports to look in, where the page was copied elsewhere

    Raises
    ------
    ArgumentError : no record is of this page, and none lies beside it.
    """
    digest = hashlib.sha256(page.read_bytes()).hexdigest()
    beside: Published | None = None
    faults: list[str] = []
    for folder in dict.fromkeys(_folders(page, output)):
        try:
            record = read_schema((folder / RECORD).read_bytes(), "record", str(folder / RECORD))
            artefacts = [(str(file["name"]), str(file["sha256"])) for file in record["artefacts"]]
            manifest = _manifest(folder)
            _whole(record)
        except (OSError, LookupError, TypeError, AttributeError, ArgumentError) as error:
            if (folder / RECORD).is_file():
                faults.append(str(error) if isinstance(error, ArgumentError) else f"{folder / RECORD} is damaged: {error!r}")
            continue
        found = Published(
            page, folder, record, manifest, (*faults, *_damaged(folder, page, [*artefacts, *_own(manifest, digest)]))
        )
        if (REPORT, digest) in artefacts:
            return found
        beside = beside or (found if folder.resolve() == page.parent.resolve() else None)
    if beside:
        return beside
    if faults:
        raise ArgumentError(f"the record of {page} cannot be read: {faults[0]}")
    raise ArgumentError(
        f"no record is of {str(page)!r}: none beside it says its hash, {digest[:12]}. If it was copied, name its "
        "folder of reports with --output."
    )


def _whole(record: Mapping[str, Any]) -> None:
    """Raise LookupError or TypeError if a part of the record is not there."""
    for name, kind in (("study", dict), ("parameters", dict), ("notebook", dict), ("versions", dict), ("tables", list)):
        if not isinstance(record[name], kind):
            raise TypeError(name)
    if not (record["study"]["rows"] and record["notebook"]["sha256"] and isinstance(record["prose"], list)):
        raise LookupError("study")


def _folders(page: Path, output: Path | None) -> Iterator[Path]:
    """Return the folders that may hold the page's record, the likeliest first."""
    here = page.parent
    slugs = [here, here.parent.parent] if here.parent.name == "runs" else [here]
    yield here
    for slug in slugs:
        yield slug
        yield from sorted((slug / "runs").glob("*"), reverse=True)
    if output is not None:
        yield from (path.parent for path, _ in zip(output.glob(f"**/{RECORD}"), range(MOST_RECORDS), strict=False))


def _manifest(folder: Path) -> Mapping[str, Any]:
    for place in (folder / MANIFEST, folder / "current" / MANIFEST):
        try:
            return read_schema(place.read_bytes(), "manifest", place.name)
        except (OSError, ArgumentError):
            continue
    return {}


def _own(manifest: Mapping[str, Any], digest: str) -> list[tuple[str, str]]:
    """Return what the manifest of the page's run says of the record itself."""
    files = {str(file.get("name")): str(file.get("sha256")) for file in manifest.get("artefacts", ())}
    return [(RECORD, files[RECORD])] if RECORD in files and files.get(REPORT) == digest else []


def _damaged(folder: Path, page: Path, artefacts: list[tuple[str, str]]) -> Iterator[str]:
    """Say which files of a report are not as its record says."""
    for name, digest in artefacts:
        place = page if name == REPORT else folder / name
        try:
            found = hashlib.sha256(place.read_bytes()).hexdigest()
        except OSError:
            yield f"{name} is gone"
            continue
        if found != digest:
            yield f"the bytes of {name} are not those that were published"


def json_text(value: object) -> str:
    """Return a value as JSON in ASCII, for a program."""
    return json.dumps(value, indent=1, default=list)
