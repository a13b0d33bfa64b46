"""Which versions of its own files cxgap reads: an older one is brought up to date in memory, a newer one is refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from cxgap.errors import ArgumentError

NEWEST: Final = {"plan": 1, "job": 1, "record": 2, "manifest": 1, "status": 1}


def check_version(version: object, kind: str, place: str) -> int:
    """Return the version of a file of `kind`, if it is one that is read here.

    Parameters
    ----------
    version : as the file states it
    kind : a key of NEWEST
    place : the file, as the message names it

    Raises
    ------
    ArgumentError : it is no version, or a newer one.
    """
    newest = NEWEST[kind]
    if type(version) is not int or version < 1:
        raise ArgumentError(f"{place} must state its version as a whole number, such as version = {newest}, not {version!r}.")
    if version > newest:
        raise ArgumentError(
            f"{place} is a {kind} of version {version}, and this cxgap knows versions up to {newest}; update cxgap to read it."
        )
    return version


def read_schema(text: bytes, kind: str, place: str) -> dict[str, Any]:
    """Read a JSON file of cxgap's own as its newest version has it.

    Raises
    ------
    ArgumentError : it is not JSON, not of `kind`, or of a version that is not known here.
    """
    try:
        own = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ArgumentError(f"{place} must be JSON, and is not whole: {error}.") from error
    stated = own.get("schema") if isinstance(own, dict) else None
    name, slash, version = str(stated or "").partition("/")
    if name != f"cxgap.{kind}" or not slash or not version.isdecimal() or not version.isascii():
        raise ArgumentError(
            f"{place} must be a {kind} that cxgap wrote, with a schema such as 'cxgap.{kind}/1', not {stated!r}."
        )
    for older in range(check_version(int(version), kind, place), NEWEST[kind]):
        own = _MIGRATIONS[kind, older](own) | {"schema": f"cxgap.{kind}/{older + 1}"}
    return own


def _without_the_run(record: Mapping[str, Any]) -> dict[str, Any]:
    """Drop from a record of version 1 what a manifest tells of the run since version 2."""
    return {name: value for name, value in record.items() if name not in ("run_id", "started", "seconds", "status")}


_MIGRATIONS: Final[Mapping[tuple[str, int], Callable[[Mapping[str, Any]], dict[str, Any]]]] = {("record", 1): _without_the_run}
