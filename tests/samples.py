"""The sample study, read once a process: reading it takes seconds, and many tests look at it."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from cxgap.tables.read import read_study
from cxgap.tables.study import Study

_read = cache(read_study)


def sample() -> Study:
    """Return the sample study; its tables are copies, so that a test that adds a column adds it for itself alone."""
    study = _read("sample")
    tables = {name: table.copy(deep=False) for name, table in study.tables.items()}
    return replace(study, responses=study.responses.copy(deep=False), tables=type(study.tables)(tables))
