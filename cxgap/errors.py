"""What can go wrong, worded once: what must be, what is, and what to type next."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable
from difflib import get_close_matches

from cxgap.vocabulary import COLUMN_WORDS

MOST_LISTED = 20  # names in one message; a file may have hundreds of columns
LONGEST = 80  # characters of one; a damaged file may have a header of a megabyte


def nearest(name: str, options: Iterable[object]) -> str:
    """Return " Did you mean 'x'?" for the closest option, or nothing."""
    near = _closest(name, options)
    return f" Did you mean {near!r}?" if near else ""


def listed(names: Iterable[object]) -> str:
    """Write names in order, the first twenty of them."""
    shown = sorted(str(name)[:LONGEST] for name in names)
    return f"{shown[:MOST_LISTED]}" + (f" and {len(shown) - MOST_LISTED} more" if len(shown) > MOST_LISTED else "")


def _closest(name: str, options: Iterable[object]) -> str | None:
    folded = {str(option).casefold(): str(option) for option in options}
    near = get_close_matches(str(name).casefold(), folded, n=1)
    return folded[near[0]] if near else None


class CxgapError(Exception):
    """Any error that cxgap words itself; its text is one paragraph for the person who made the call."""


class ArgumentError(CxgapError, ValueError):
    """An argument or option is not what it must be: misuse, nothing was computed."""

    @classmethod
    def choice(cls, name: str, value: object, options: Collection[str]) -> ArgumentError:
        """Name the options, and the nearest one."""
        return cls(f"`{name}` must be one of {listed(options)}, not {value!r}.{nearest(str(value), options)}")


class ColumnError(CxgapError, LookupError):
    """A table lacks a column that a method needs."""

    @classmethod
    def missing(cls, name: str, table: str, spare: Collection[str]) -> ColumnError:
        """Name the unused columns, and the rename that would help if one of them looks like `name`."""
        near = _closest(name, [column for column in spare if column not in COLUMN_WORDS])
        hint = f' If {near!r} holds it, set rename = {{ {_key(near)} = "{name}" }} in the study file.' if near else ""
        if near and name not in COLUMN_WORDS:
            hint = f" Did you mean {near!r}?{hint}"
        return cls(f"`{table}` must have a column {name!r}; its unused columns are {listed(spare)}.{hint}")


def _key(name: str) -> str:
    """Write `name` as a key of TOML."""
    return name if re.fullmatch("[A-Za-z0-9_-]+", name) else json.dumps(name)


class StudyError(CxgapError, ValueError):
    """The study file, or a file that it names, cannot be used; every problem found is a line of the text."""


class RunError(CxgapError, RuntimeError):
    """A notebook did not become a page; the last good page was left as it was."""


class BusyError(CxgapError, RuntimeError):
    """Another run holds the output folder; nothing was done."""


class TooManyError(ArgumentError):
    """What was asked for needs more rows at once than an engine may hand over."""
