"""What can go wrong, worded once: what must be, what is, and what to type next."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from difflib import get_close_matches


def nearest(name: str, options: Iterable[str]) -> str:
    """Return " Did you mean 'x'?" for the closest option, or nothing."""
    near = get_close_matches(str(name), [str(option) for option in options], n=1)
    return f" Did you mean {near[0]!r}?" if near else ""


class CxgapError(Exception):
    """Any error that cxgap words itself; its text is one paragraph for the person who made the call."""


class ArgumentError(CxgapError, ValueError):
    """An argument or option is not what it must be: misuse, nothing was computed."""

    @classmethod
    def choice(cls, name: str, value: object, options: Collection[str]) -> ArgumentError:
        """Name the options, and the nearest one."""
        return cls(f"`{name}` must be one of {sorted(options)}, not {value!r}.{nearest(str(value), options)}")


class ColumnError(CxgapError, LookupError):
    """A table lacks a column that a method needs."""

    @classmethod
    def missing(cls, name: str, table: str, spare: Collection[str]) -> ColumnError:
        """Name the unused columns, and the rename that would help if one of them looks like `name`."""
        near = get_close_matches(name, spare, n=1)
        hint = f' If {near[0]!r} holds it, set rename = {{ {near[0]} = "{name}" }} in the study file.' if near else ""
        return cls(f"`{table}` must have a column {name!r}; its unused columns are {sorted(spare)}.{hint}")


class StudyError(CxgapError, ValueError):
    """The study file, or a file that it names, cannot be used; every problem found is a line of the text."""


class RunError(CxgapError, RuntimeError):
    """A notebook did not become a page; the last good page was left as it was."""
