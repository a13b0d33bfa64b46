"""A table that the study does not have: it may be handed on, and whoever looks into it is told what to add."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NoReturn

from cxgap.errors import StudyError

NOT_GIVEN = "no table was given"
SURVEY = "responses"


class AbsentError(StudyError, AttributeError):
    """A table that the study does not have was looked into."""


@dataclass(frozen=True, slots=True, repr=False)
class Absent:
    """What stands for a table that the study does not have; any use of it but by `absent` raises AbsentError."""

    name: str
    why: str = ""

    @property
    def reason(self) -> str:
        """Why there is no table, or none that can be used, and what to do."""
        if self.why:
            return self.why
        if self.name == SURVEY:
            return "the study has no survey; add [responses] to the study file"
        return f'the study has no table {self.name!r}; add {self.name} = "{self.name}.csv" under [tables] in the study file'

    def _refuse(self) -> NoReturn:
        raise AbsentError(f"{self.reason}.")

    def __getattr__(self, name: str) -> NoReturn:
        self._refuse()

    def __getitem__(self, key: object) -> NoReturn:
        self._refuse()

    def __iter__(self) -> Iterator[NoReturn]:
        self._refuse()

    def __len__(self) -> int:
        self._refuse()

    def __contains__(self, key: object) -> bool:
        self._refuse()

    def __repr__(self) -> str:
        return f"{self.reason}."


def absent(*tables: object) -> str:
    """Return why the first of the tables that is absent is so, or "" where all are there; None is absent too."""
    for table in tables:
        if table is None:
            return NOT_GIVEN
        if isinstance(table, Absent):
            return table.reason
    return ""
