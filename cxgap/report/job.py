"""One report to make: a notebook with checked parameters, under a name, within limits."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from cxgap.report.schemas import read_schema

JOB_SCHEMA: Final = "cxgap.job/1"


class Limits(NamedTuple):
    """What one job may take: seconds for the start of its kernel, for a cell and in all; bytes of resident memory."""

    start: int = 60
    cell: int = 300
    job: int = 900
    memory: int = 4 * 2**30


DEFAULT: Final = Limits()


@dataclass(frozen=True, slots=True)
class Job:
    """One report to make.

    Attributes
    ----------
    name : as people call it; shown, never a path
    slug : the folder of the report below the output folder
    notebook : an existing file
    parameters : checked values, such as `check_parameters` returns
    single_file : whether the page carries plotly.js inside
    limits : what it may take
    """

    name: str
    slug: str
    notebook: Path
    parameters: Mapping[str, object]
    single_file: bool = False
    limits: Limits = DEFAULT

    def to_json(self) -> bytes:
        """Return the job as a file that `from_json` reads."""
        own = {
            "schema": JOB_SCHEMA,
            "name": self.name,
            "slug": self.slug,
            "notebook": str(self.notebook),
            "parameters": dict(self.parameters),
            "single_file": self.single_file,
            "limits": self.limits._asdict(),
        }
        return json.dumps(own, indent=1, allow_nan=False).encode()

    @classmethod
    def from_json(cls, text: bytes) -> Job:
        """Read a job that `to_json` wrote; ArgumentError, which is a ValueError, if it is not one."""
        own = read_schema(text, "job", "job.json")
        del own["schema"]
        return cls(**own | {"notebook": Path(own["notebook"]), "limits": Limits(**own["limits"])})
