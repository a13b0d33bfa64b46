"""Methods that must see people one by one say so of a study of too many, as they say it of a table that is not there."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from inspect import signature
from typing import Any, TypeVar, cast

import narwhals.stable.v2 as nw

from cxgap import engine, tally
from cxgap.errors import TooManyError
from cxgap.tables.absent import SURVEY, Absent

F = TypeVar("F", bound=Callable[..., Any])


def spared(function: F) -> F:
    """Let a method of the survey be "not measured" where it would bring home more rows than an engine may hand over."""

    @wraps(function)
    def tried(*args: Any, **named: Any) -> Any:
        try:
            return function(*args, **named)
        except TooManyError as error:
            gone = Absent(SURVEY, str(error).rstrip("."))
            return function(gone, *args[1:], **named) if args else function(**{**named, _first(function): gone})

    return cast("F", tried)


def spared_answers(function: F) -> F:
    """Let a method that looks at every answer of every person be "not measured" where there are too many of them."""

    @wraps(function)
    def tried(*args: Any, **named: Any) -> Any:
        name = _first(function)
        if args:
            args = (_few(args[0]), *args[1:])
        elif name in named:
            named[name] = _few(named[name])
        return function(*args, **named)

    return cast("F", tried)


def _first(function: Callable[..., Any]) -> str:
    """Return the name of the table that `function` takes first, by which a caller may hand it over."""
    return next(iter(signature(function).parameters))


def _few(responses: Any) -> Any:
    """Return the answers, or what says that they are too many."""
    if responses is None or isinstance(responses, Absent):
        return responses
    tally.columns_of(responses)  # which refuses what is no frame
    if not engine.is_lazy(responses):
        return responses
    many = int(nw.from_native(responses).select(nw.len().alias("rows")).collect()["rows"][0])
    if many <= engine.MOST_ROWS:
        return responses
    why = (
        f"it looks at every answer of every person, and {many:,} are more than {engine.MOST_ROWS:,}; restrict the study with "
        "`where`, or draw a sample of people, such as every tenth"
    )
    return Absent(SURVEY, why)
