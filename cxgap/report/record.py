"""A report as data: what was asked, what came out, and with which versions; harvested from the notebook's own outputs.

The same inputs give the same bytes: what is of one run alone, such as its time, is in the run's manifest.
"""

from __future__ import annotations

import hashlib
import json
import math
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from importlib.metadata import version
from pathlib import Path, PureWindowsPath  # the latter splits at both kinds of slash
from typing import Any, Final

from cxgap.export.names import name_of
from cxgap.export.text import csv_bytes
from cxgap.report.code import code_hash
from cxgap.report.figures import figure_words
from cxgap.report.folders import RECORD as RECORD
from cxgap.report.folders import REPORT
from cxgap.report.folders import TABLES as TABLES
from cxgap.report.harvest import Harvest
from cxgap.result import GapTable, Prose, Table

RECORD_SCHEMA: Final = "cxgap.record/2"
_OF_THE_RUN: Final = frozenset({"page", "run_id", "seconds"})
CODE_DIGITS: Final = 12  # of the hash of the code
PACKAGES: Final = ("cxgap", "numpy", "pandas", "scipy", "plotly", "narwhals", "papermill", "nbconvert")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class RunRecord:
    """One executed report.

    Attributes
    ----------
    slug : the name of its folder
    title : the finding
    notebook : its name and sha256
    parameters : all values that it ran with
    study, tables, facts, prose, figures : what it showed, floats exact; `tables` are of gaps, `facts` are the others
    artefacts : name, bytes and sha256 of the page and of each table's CSV
    versions : of Python and of the packages behind the numbers; `code` is the hash of cxgap's own files
    page, run_id, seconds : where the report lies, and which run this was; not in the record file
    """

    slug: str
    title: str
    notebook: Mapping[str, str]
    parameters: Mapping[str, object]
    study: Mapping[str, Any]
    tables: Sequence[Mapping[str, Any]]
    facts: Sequence[Mapping[str, Any]]
    prose: Sequence[Mapping[str, Any]]
    figures: Sequence[Mapping[str, Any]]
    artefacts: Sequence[Mapping[str, Any]]
    versions: Mapping[str, str]
    schema: str = RECORD_SCHEMA
    page: Path = Path(REPORT)
    run_id: str = ""
    seconds: float = 0.0

    def placed(self, page: Path, run_id: str, seconds: float) -> RunRecord:
        """Return the record of a report that was brought out."""
        return replace(self, page=page, run_id=run_id, seconds=seconds)

    def to_json(self) -> bytes:
        """Return the record file; it says nothing of where the report or its study lie, nor of when it was made."""
        own = {field.name: getattr(self, field.name) for field in fields(self) if field.name not in _OF_THE_RUN}
        if "study" in self.parameters:
            own["parameters"] = {**self.parameters, "study": PureWindowsPath(str(self.parameters["study"])).name}
        return json.dumps(_finite(own), indent=1, allow_nan=False).encode()

    def __repr__(self) -> str:
        return f"{self.slug}: {self.title} ({self.page})"


def record_run(harvest: Harvest, artefacts: Mapping[str, bytes], *, slug: str, notebook: Mapping[str, str]) -> RunRecord:
    """Make the record of a report from what its notebook showed.

    Parameters
    ----------
    harvest : what the notebook showed
    artefacts : the page and the tables, by name
    slug : the name of the report's folder
    notebook : its name and sha256
    """
    return RunRecord(
        slug=slug,
        notebook=notebook,
        title=harvest.headline,
        parameters=harvest.parameters,
        study=harvest.study,
        tables=[table.record() for table in harvest.all(GapTable)],
        facts=[table.record() for table in harvest.all(Table)],
        prose=[prose.record() for prose in harvest.all(Prose)],
        figures=[figure_words(figure) for figure in harvest.all(dict)],
        artefacts=[
            {"name": name, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            for name, content in artefacts.items()
        ],
        versions={"python": platform.python_version(), "code": code_hash()[:CODE_DIGITS]} | package_versions(),
    )


def package_versions() -> dict[str, str]:
    """Return the versions of the packages behind the numbers."""
    return {package: version(package) for package in PACKAGES}


def _finite(value: Any) -> Any:
    """Return `value` with None for what JSON has no number for."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _finite(item) for key, item in value.items()}
    return [_finite(item) for item in value] if isinstance(value, list | tuple) else value


def table_files(tables: Sequence[GapTable | Table]) -> dict[str, bytes]:
    """Return each table as a CSV file with a name of its own, such as tables/1-customer-touchpoint.csv.

    A table that nobody could measure keeps its number and has no file.
    """
    return {f"{TABLES}/{n}-{name_of(t)}.csv": csv_bytes(t) for n, t in enumerate(tables, start=1) if not t.missing}
