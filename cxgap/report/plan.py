"""A plan: which reports a schedule makes. reports/plan.toml becomes jobs, and all of it is checked before any of them runs."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pandas as pd

from cxgap.errors import ArgumentError, CxgapError
from cxgap.export.names import NUMBER
from cxgap.report.entries import Entry, Problems, names_in, read_entries
from cxgap.report.expansion import OWN, Expansion, FoundNotebook, FoundStudy
from cxgap.report.job import Job
from cxgap.report.notebooks import find_notebook, read_notebook
from cxgap.report.parameters import read_parameters
from cxgap.report.periods import day_in, utc_now
from cxgap.report.wording import paragraph
from cxgap.tables.levels import Levels, read_levels
from cxgap.tables.read import find_study
from cxgap.tables.spec import load_spec


@dataclass(frozen=True, slots=True)
class Plan:
    """The jobs of a plan file.

    Attributes
    ----------
    path : of the plan file
    output : the folder of the reports
    jobs : in the order of the file, each with its limits; no two have one name, one folder or one content
    workers : how many at a time, None where the plan leaves it open
    notes : what is wrong with the files of a study, whose reports will fail
    """

    path: Path
    output: Path
    jobs: tuple[Job, ...]
    workers: int | None = None
    notes: tuple[str, ...] = ()

    def to_json(self) -> str:
        """Return the jobs for a program to read."""
        return json.dumps([json.loads(job.to_json()) for job in self.jobs], indent=1)


def read_plan(path: str | os.PathLike[str], *, today: date | None = None, clock: Callable[[], datetime] = utc_now) -> Plan:
    """Read a plan file and check all of it; run nothing.

    Parameters
    ----------
    path : of the plan file; paths in it are found from its folder
    today : the day of the schedule, by which "last_month" is told
    clock : tells the moment; without `today`, the day is the one that it is in each study's own zone

    Returns
    -------
    Plan

    Raises
    ------
    ArgumentError : anything in it is not what it must be; every problem is a line of the text.
    """
    path = Path(path)
    file = read_entries(path)
    now = clock()
    studies = _Studies(path.parent, file.entries, file.problems)
    notebooks = _Notebooks(path.parent, file.problems)
    made: list[tuple[Entry, Job]] = []
    for entry in file.entries:
        study = studies.of(entry)
        found = [notebook for name in entry.notebooks if (notebook := notebooks.of(name, entry))]
        if study is not None and found:
            day = today or day_in(study.levels.zone, now)
            made += [(entry, job) for job in Expansion(entry, study, found, day, file.problems).jobs()]
    _distinct(made, file.problems)
    if not made and not file.problems.lines:
        file.problems.add("the plan must lead to at least one report, and leads to none.")
    file.problems.settle()
    output = Path(os.path.normpath(path.parent / file.output))
    return Plan(path, output, tuple(job for _, job in made), file.workers, tuple(studies.notes))


class _Studies:
    """Find each study once, and read which groups it has."""

    def __init__(self, folder: Path, entries: list[Entry], problems: Problems) -> None:
        self._folder, self._entries, self._problems = folder, entries, problems
        self._found: dict[str, FoundStudy | CxgapError] = {}
        self.notes: list[str] = []

    def of(self, entry: Entry) -> FoundStudy | None:
        name = entry.study
        if name not in self._found:
            try:
                given = "sample" if name == "sample" else str(self._find(name).absolute())
                spec, _ = load_spec(find_study(given))
                self._found[name] = FoundStudy(given, self._levels(given, spec.study.zone, names_in(self._entries, name)))
            except CxgapError as error:
                self._found[name] = error
        found = self._found[name]
        if isinstance(found, CxgapError):
            for line in str(found).splitlines():
                self._problems.add(line, entry.number, "study")
            return None
        return found

    def _levels(self, study: str, zone: str, names: Collection[str]) -> Levels:
        """Read the groups of a study; of one whose files cannot be read its own reports fail, and no other."""
        try:
            return read_levels(study, names)
        except CxgapError as error:
            self.notes.append(f"{study} cannot be read now, and its reports will fail: {paragraph(error)}")
            return Levels(frozenset(), pd.DataFrame(), {}, zone, str(error))

    def _find(self, name: str) -> Path:
        try:
            return find_study(self._folder / name) if name else find_study(name)
        except CxgapError:
            return find_study(name)


class _Notebooks:
    """Find each notebook once, and read its parameters."""

    def __init__(self, folder: Path, problems: Problems) -> None:
        self._folder, self._problems = folder, problems
        self._found: dict[str, FoundNotebook | CxgapError] = {}

    def of(self, name: str, entry: Entry) -> FoundNotebook | None:
        if name not in self._found:
            try:
                beside = self._folder / name
                path = find_notebook(beside if beside.suffix == ".ipynb" and beside.is_file() else name)
                called = NUMBER.sub("", path.stem)
                self._found[name] = FoundNotebook(called, path, read_parameters(read_notebook(path), called))
            except (CxgapError, ValueError, OSError) as error:
                self._found[name] = error if isinstance(error, CxgapError) else ArgumentError(f"{name!r}: {error}.")
        found = self._found[name]
        if isinstance(found, CxgapError):
            self._problems.add(str(found), entry.number, "notebook")
            return None
        return found


def _distinct(made: list[tuple[Entry, Job]], problems: Problems) -> None:
    """Say which jobs have one folder, or one content under two names."""
    folders: dict[str, Job] = {}
    contents: dict[str, Job] = {}
    for entry, job in made:
        twin = folders.setdefault(job.slug.casefold(), job)
        same = contents.setdefault(json.dumps([str(job.notebook), dict(job.parameters), job.single_file], sort_keys=True), job)
        if twin is not job:
            text = f"reports must have names of their own, and two are {job.name!r}; put what varies into `name`, such as "
            problems.add(text + 'name = "{notebook}-{region}".', entry.number, "name")
        elif same is not job:
            problems.add(f"{job.name!r} would be the same page as {same.name!r}; drop one of them.", entry.number, "name")


def job_cells(job: Job) -> list[str]:
    """Return what a line of a terminal says of a job: its folder, notebook, part of the study, time and parameters."""
    own = {name: value for name, value in job.parameters.items() if name not in OWN}
    where = job.parameters["where"]
    cells = [job.slug, job.notebook.stem, _json(where) if where else "the whole study"]
    cells += [f"as of {job.parameters['as_of']}" if job.parameters["as_of"] else "all time"]
    return [paragraph(cell) for cell in [*cells, " ".join(f"{name}={_json(value)}" for name, value in own.items())]]


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
