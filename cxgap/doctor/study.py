"""The study of a schedule: its file can be read, and the files that it names are there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from cxgap.doctor.clock import compare_zones
from cxgap.doctor.finding import Finding, fault, ok
from cxgap.errors import CxgapError

if TYPE_CHECKING:
    from cxgap.tables.spec import StudyFile


def look_at_study(study: str) -> Iterator[Finding]:
    """Look at a study file and at whether its files can be opened; `cxgap check` reads what is in them."""
    try:
        from cxgap.tables.read import find_study
        from cxgap.tables.spec import load_spec

        path = find_study(study)
        spec, _ = load_spec(path)
    except ImportError as error:
        yield fault("study", f"cannot be looked at, because {error.name or error} cannot be imported: see above")
        return
    except CxgapError as error:
        yield fault("study", f"{' '.join(str(error).split())} Type cxgap check {study} for all of it.")
        return
    files = sorted(_files(spec))
    faults = [finding for file in files if (finding := _closed(path.parent / file))]
    yield from faults
    if not faults:
        yield ok("study", f"{path} and its {len(files)} files can be opened; cxgap check {study} reads them")
    yield compare_zones(spec.study.zone)


def _files(spec: StudyFile) -> set[str]:
    sources = [spec.responses, *filter(None, [spec.codebook]), *spec.tables.values()]
    return {source.file for source in sources if source.file and "://" not in source.file}


def _closed(file: Path) -> Finding | None:
    if not file.is_file():
        return fault("study", f"{file} is not there: mount it, or name another under file = in the study file")
    if not os.access(file, os.R_OK):
        return fault("study", f"{file} cannot be read by this user: chmod or chown it")
    return None
