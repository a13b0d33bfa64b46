"""Addresses of databases: what stands in the environment is put in, and what is secret is never said."""

from __future__ import annotations

import os
import re
from typing import NamedTuple
from urllib.parse import quote

from cxgap.errors import StudyError
from cxgap.tables.source import Source

_NAMED = re.compile(r"\$\{(\w+)\}")
_USERINFO = re.compile(r"://([^/]*)@")
_SECRET_KEY = re.compile(r"[?&;](?:password|pwd|passwd|token|secret|key)[^=&]*=([^&;]+)", re.IGNORECASE)


class Address(NamedTuple):
    """Where a database is.

    Attributes
    ----------
    scheme : "duckdb", "sqlite", "postgresql", ...; without its driver
    rest : what follows "://"
    url : the whole of it, never to be shown
    secrets : parts of it that a message of the driver may repeat
    """

    scheme: str
    rest: str
    url: str
    secrets: tuple[str, ...]

    def __repr__(self) -> str:
        return f"Address({self.scheme})"

    def told(self, error: BaseException) -> str:
        """Return the first line of what a driver says, without what is secret."""
        text = next(iter(str(error).strip().splitlines()), type(error).__name__)
        for secret in (self.url, *self.secrets):
            text = text.replace(secret, "...")
        return text.rstrip(".")


def resolve(source: Source) -> Address:
    """Put variables of the environment into an address; those before its @ may hold any character.

    Raises
    ------
    StudyError : a variable is not set, or what comes of it is no address.
    """
    template = source.file
    held, secrets = template.rfind("@"), []

    def value(match: re.Match[str]) -> str:
        name = match[1]
        if name not in os.environ:
            raise StudyError(
                f"{source.place}: the environment must have a variable {name!r}, which the address names, and has none; set it "
                "before the study is read."
            )
        word = os.environ[name]
        secrets.append(word)
        return quote(word, safe="") if "://" in template[: match.start()] and match.end() <= held else word

    url = _NAMED.sub(value, template)
    scheme, mark, rest = url.partition("://")
    if not mark:
        raise StudyError(
            f"{source.place} must be an address such as duckdb:///warehouse.duckdb, and what stands there is none."
        )
    for pattern in (_USERINFO, _SECRET_KEY):
        secrets += [part for found in pattern.findall(url) for part in (found, found.rpartition(":")[2])]
    known = {quote(secret, safe="") for secret in secrets} | set(secrets)
    return Address(scheme.split("+")[0].casefold(), rest, url, tuple(sorted(filter(None, known), key=len, reverse=True)))
