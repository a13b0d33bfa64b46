"""A place with a notebook, a study and a template, and fleets of scripts in it."""

from __future__ import annotations

import io

import pytest
from report.fleet import making, scripts
from report.making import write

from cxgap.report.fleet.preparation import Preparation
from cxgap.report.fleet.supervisor import run_fleet


class Place:
    """Makes jobs and runs them."""

    def __init__(self, folder, template):
        self.folder, self.output = folder, folder / "reports"
        self.notebook = write(folder / "05_customer.ipynb")
        self.study = making.write_study(folder / "study")
        self.starter = scripts.Script(template)
        self.said = io.StringIO()

    def job(self, slug, do="good", **more):
        return scripts.job(slug, self.notebook, more.pop("study", self.study), do, more.pop("limits", None), **more)

    def run(self, *jobs, **options):
        """Run, and return the result; the starter then knows what was started in this run."""
        self.starter.started.clear()
        usual = {"output": self.output, "workers": 2, "starter": self.starter, "stream": self.said}
        return run_fleet(jobs, **usual | options)

    def published(self, slug):
        """Return every public byte of a report but those of the failure page."""
        folder = self.output / slug
        found = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        return {name: content for name, content in found.items() if name != "failure.html"}


@pytest.fixture(scope="session")
def template(tmp_path_factory):
    return making.write_template(tmp_path_factory.mktemp("template"))


@pytest.fixture
def place(tmp_path, template, monkeypatch):
    """A place where no study is read before the jobs: the scripts look at none."""
    monkeypatch.setattr(Preparation, "read", lambda self, stop, tell: None)
    return Place(tmp_path, template)
