"""Which files a study is made of, known from its study file alone."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from cxgap.tables.spec import StudyFile
from cxgap.tables.targets import targets_path


class Inputs(NamedTuple):
    """The study file and every file that it names; `addressed` says that it also reads a database by an address."""

    files: tuple[Path, ...]
    addressed: bool


def inputs_of(path: Path, spec: StudyFile) -> Inputs:
    """Return the inputs of the study file at `path`, each once, in the order of the study file; none need be there."""
    named = [spec.responses if spec.surveyed else None, spec.codebook, *spec.tables.values()]
    sources = [source for source in named if source]
    files = [path, *(path.parent / source.file for source in sources if not source.address)]
    if (targets := targets_path(path, spec.study)) is not None:
        files.append(targets)
    return Inputs(tuple(dict.fromkeys(file.absolute() for file in files)), any(source.address for source in sources))
