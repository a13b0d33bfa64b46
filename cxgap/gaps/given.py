"""What a public function is given: tables and paths are checked by what its own signature asks for, before it runs."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import wraps
from inspect import signature
from typing import Any, Final, TypeVar, cast

from cxgap.errors import ArgumentError

F = TypeVar("F", bound=Callable[..., Any])
FRAME, PANDAS, STUDY, PATH = "IntoFrame", "pd.DataFrame", "Study", "a path"
_PATHS: Final = ("str | Path", "str | os.PathLike[str]")
_TABLES: Final = {f"{kind}{none}": kind for kind in (FRAME, PANDAS, STUDY) for none in ("", " | None")}


def kinds_of(function: Callable[..., Any]) -> dict[str, str]:
    """Return which parameters are tables, studies or paths, by their annotations; a study to be read says its own message."""
    annotations = {name: str(each.annotation) for name, each in signature(function).parameters.items()}
    tables = {name: _TABLES[asked] for name, asked in annotations.items() if asked in _TABLES}
    return tables | {name: PATH for name, asked in annotations.items() if asked in _PATHS and name != "study"}


def given(function: F) -> F:
    """Let a public function refuse, in words, a table or a path that is none.

    Parameters
    ----------
    function : its parameters say by their annotation that they are an IntoFrame, a pd.DataFrame, a Study or a path

    Returns
    -------
    The same function, or one that checks first and is known by its public name. A table that the study lacks, and None, are
    the function's own matter.
    """
    kinds = kinds_of(function)
    if not kinds:
        return function
    asked = signature(function)

    @wraps(function)
    def checked(*args: Any, **named: Any) -> Any:
        try:
            found = asked.bind(*args, **named).arguments
        except TypeError:  # which the call itself says best
            return function(*args, **named)
        for name, kind in kinds.items():
            if name in found:
                _check(found[name], name, kind)
        return function(*args, **named)

    checked.__module__ = "cxgap"  # where whoever unpickles it finds it
    return cast("F", checked)


def _check(value: object, name: str, kind: str) -> None:
    if kind == PATH:
        if not isinstance(value, str | os.PathLike):
            raise ArgumentError(f"`{name}` must be a path, in quotes, not {type(value).__name__}.")
        return
    import pandas as pd

    from cxgap import tally
    from cxgap.tables.absent import Absent
    from cxgap.tables.study import Study

    if kind == STUDY:
        if not isinstance(value, Study):
            raise ArgumentError(f"`{name}` must be what `cx.read_study` returned, not {type(value).__name__}.")
    elif value is None or isinstance(value, pd.DataFrame | Absent):
        return
    elif kind == FRAME:
        tally.check_frame(value, name)
    else:
        raise ArgumentError(f"`{name}` must be a pandas DataFrame, as study.{name} is, not {type(value).__name__}.")
