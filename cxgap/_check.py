"""Every argument check in the library."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from numbers import Real

from cxgap.errors import ArgumentError, nearest


def check_prob(value: float, name: str) -> float:
    """Return `value` if it is a number strictly between 0 and 1."""
    number = _finite(value)
    if not 0 < number < 1:
        hint = f" Did you mean {number / 100:g}?" if 1 < number < 100 else ""
        raise ArgumentError(f"`{name}` must be a number between 0 and 1, not {value!r}.{hint}")
    return number


def check_choice(value: str, name: str, options: Collection[str]) -> str:
    """Return `value` if it is one of `options`."""
    if not isinstance(value, str) or value not in options:
        raise ArgumentError.choice(name, value, options)
    return value


def check_positive(value: float | None, name: str) -> float | None:
    """Return `value` if it is None or a finite number above 0."""
    if value is None:
        return None
    number = _finite(value)
    if not number > 0:
        raise ArgumentError(f"`{name}` must be a number above 0, not {value!r}.")
    return number


def check_positives(value: Sequence[float] | float, name: str) -> tuple[float, ...]:
    """Return `value` as numbers above 0, of which there is at least one; a number alone is one."""
    several: Iterable[object] = value if isinstance(value, Iterable) and not isinstance(value, str) else (value,)
    numbers = tuple(_finite(each) for each in several)
    if not numbers or not all(number > 0 for number in numbers):
        raise ArgumentError(f"`{name}` must hold numbers above 0, such as (2, 7, 30), not {value!r}.")
    return numbers


def check_count(value: int, name: str) -> int:
    """Return `value` if it is a whole number of at least 1."""
    number = _finite(value)
    if not (number >= 1 and number.is_integer()):
        raise ArgumentError(f"`{name}` must be a whole number of at least 1, not {value!r}.")
    return int(value)


def check_scale(value: Sequence[float] | None, name: str = "scale") -> tuple[float, float] | None:
    """Return `value` as (low, high) if it is None or two finite numbers in rising order."""
    if value is None:
        return None
    ends = [_finite(end) for end in value] if isinstance(value, Sequence) or hasattr(value, "__array__") else []
    if len(ends) != 2 or not ends[0] < ends[1]:
        raise ArgumentError(f"`{name}` must be the question's lowest and highest answer, such as (1, 7), not {value!r}.")
    return ends[0], ends[1]


def is_number(value: object) -> bool:
    """Say whether `value` is a finite number; True and False are none."""
    return math.isfinite(_finite(value))


def check_seed(value: int | None, name: str) -> int | None:
    """Return `value` if it is None or a whole number of at least 0."""
    if value is None:
        return None
    number = _finite(value)
    if not (number >= 0 and number.is_integer()):
        raise ArgumentError(f"`{name}` must be a whole number of at least 0, not {value!r}.")
    return int(value)


def check_zone(value: str, name: str) -> str:
    """Return `value` if it is the name of a time zone."""
    from zoneinfo import ZoneInfo, available_timezones

    try:
        return ZoneInfo(value).key
    except (TypeError, ValueError, KeyError, OSError):  # no text, no name of a zone, none that is known, or a folder of them
        near = nearest(str(value), available_timezones())
        raise ArgumentError(f'`{name}` must be a time zone such as "Europe/Berlin", not {value!r}.{near}') from None


def as_names(value: str | Sequence[str] | None, name: str = "by") -> tuple[str, ...]:
    """Read column names: a sequence, or one text in which commas cross columns; "" and None are none."""
    try:
        parts = value.split(",") if isinstance(value, str) else list(() if value is None else value)
    except TypeError:
        raise ArgumentError(f"`{name}` must hold column names, not {value!r}.") from None
    if not all(isinstance(part, str) for part in parts):
        raise ArgumentError(f"`{name}` must hold column names, not {value!r}.")
    names = tuple(part.strip() for part in parts if part.strip())
    if len(set(names)) < len(names):
        raise ArgumentError(f"`{name}` must name each column once, not {list(names)}.")
    return names


def _finite(value: object) -> float:
    """Return `value` as a float, or NaN where it is no finite number; True and False are none."""
    if isinstance(value, bool) or not isinstance(value, Real):
        return math.nan
    try:
        number = float(value)
    except OverflowError:
        return math.nan
    return number if math.isfinite(number) else math.nan
