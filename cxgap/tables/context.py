"""What a run of reports tells `read_study` in a kernel: the least number of respondents to show, and the study already read.

The environment variable CXGAP_CONTEXT names a private JSON file that the run wrote. Without it a study is read as declared.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cxgap.errors import StudyError

CONTEXT: Final = "CXGAP_CONTEXT"


class Kept(BaseModel):
    """A study that was read and kept on disk, and of which reading it is the result."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: Path
    sha256: str
    study: Path
    where: dict[str, list[str]]
    as_of: str
    today: str
    files: list[tuple[Path, int, int]]  # path, bytes and time of change in ns, of every file that was read


class Context(BaseModel):
    """What a run tells `read_study`: a minimum above the declared one (0 raises nothing), and a study that was kept.

    Of the lock of targets: to read it as it was when it had so many `lock_lines`, and what it had when a page was last
    published (`lock_known`: `lines` and `head`), so that one that was cut is seen.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    min_n: int = Field(default=0, ge=0)
    kept: Kept | None = None
    lock_lines: int | None = Field(default=None, ge=0)
    lock_known: dict[str, int | str] | None = None


def context() -> Context:
    """Return what the run told, or that it told nothing.

    Raises
    ------
    StudyError : the file that the environment names cannot be read as a context.
    """
    place = os.environ.get(CONTEXT)
    if not place:
        return Context()
    try:
        return Context.model_validate_json(Path(place).read_bytes())
    except (OSError, ValueError, ValidationError) as error:
        raise StudyError(
            f"{CONTEXT} must name a file that a run of cxgap wrote, and {place!r} is none; unset it to read a study by itself."
        ) from error
