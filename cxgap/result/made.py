"""What this session has made, for whoever has to say which methods were used."""

from __future__ import annotations

from typing import Any

_MADE: dict[str, Any] = {}  # the latest result of each slug


def note(slug: str, result: object) -> None:
    """Remember the latest result of a slug."""
    _MADE.pop(slug, None)
    _MADE[slug] = result


def made() -> list[Any]:
    """Return the latest result of each slug, in the order in which they were made."""
    return list(_MADE.values())
