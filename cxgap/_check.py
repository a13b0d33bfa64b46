"""Every argument check in the library."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from numbers import Real

from cxgap.errors import ArgumentError


def check_prob(value: float, name: str) -> float:
    """Return `value` if it is a number strictly between 0 and 1."""
    if isinstance(value, bool) or not isinstance(value, Real) or not 0 < float(value) < 1:
        percentage = isinstance(value, Real) and not isinstance(value, bool) and 1 < float(value) < 100
        hint = f" Did you mean {float(value) / 100:g}?" if percentage else ""
        raise ArgumentError(f"`{name}` must be a number between 0 and 1, not {value!r}.{hint}")
    return float(value)


def check_choice(value: str, name: str, options: Collection[str]) -> str:
    """Return `value` if it is one of `options`."""
    if value not in options:
        raise ArgumentError.choice(name, value, options)
    return value


def check_positive(value: float | None, name: str) -> float | None:
    """Return `value` if it is None or a finite number above 0."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, Real) or not math.isfinite(value) or value <= 0:
        raise ArgumentError(f"`{name}` must be a number above 0, not {value!r}.")
    return float(value)


def check_count(value: int, name: str) -> int:
    """Return `value` if it is a whole number of at least 1."""
    if isinstance(value, bool) or not isinstance(value, Real) or value != int(value) or value < 1:
        raise ArgumentError(f"`{name}` must be a whole number of at least 1, not {value!r}.")
    return int(value)


def check_scale(value: Sequence[float] | None, name: str = "scale") -> tuple[float, float] | None:
    """Return `value` as (low, high) if it is None or two finite numbers in rising order."""
    if value is None:
        return None
    if len(value) != 2 or not all(isinstance(end, Real) and math.isfinite(end) for end in value) or value[0] >= value[1]:
        raise ArgumentError(f"`{name}` must be the question's lowest and highest answer, such as (1, 7), not {value!r}.")
    return float(value[0]), float(value[1])


def as_names(value: str | Sequence[str] | None, name: str = "by") -> tuple[str, ...]:
    """Read column names: a sequence, or one text in which commas cross columns; "" and None are none."""
    parts = value.split(",") if isinstance(value, str) else list(value or ())
    if not all(isinstance(part, str) for part in parts):
        raise ArgumentError(f"`{name}` must hold column names, not {value!r}.")
    names = tuple(part.strip() for part in parts if part.strip())
    if len(set(names)) < len(names):
        raise ArgumentError(f"`{name}` must name each column once, not {list(names)}.")
    return names
