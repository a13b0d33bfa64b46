"""Names in braces, such as "{month}-{region}", filled in: nothing is evaluated, and nothing is filled in twice."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Final

from cxgap.errors import nearest

_PART: Final = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_ONE: Final = re.compile(r"\{([^{}]+)\}")


def fill(text: str, values: Mapping[str, object]) -> str:
    """Put values in the place of their names; two braces are one.

    Raises
    ------
    ValueError : a name is not in `values`, or a brace stands alone; the text of the error is a sentence on it.
    """

    def put(match: re.Match[str]) -> str:
        if match[0] in ("{{", "}}"):
            return match[0][0]
        if match[1] is None:
            raise ValueError(f"each brace of {text!r} must have its other; two, such as {{{{, stand for one.")
        if match[1] not in values:
            raise ValueError(f"braces must hold one of {', '.join(values)}, not {match[0]}.{nearest(match[1], values)}")
        return words_of(values[match[1]])

    return _PART.sub(put, text)


def alone(value: object, names: Collection[str]) -> str | None:
    """Return the name that `value` is in braces, if it is nothing else and one of `names`."""
    match = _ONE.fullmatch(value) if isinstance(value, str) else None
    return match[1] if match and match[1] in names else None


def words_of(value: object) -> str:
    """Write a value as part of a name."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "+".join(map(words_of, value)) if isinstance(value, list | tuple) else str(value)
