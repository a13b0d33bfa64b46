"""Text as the files hold it: codes, identifiers, days and instants, with blanks for what is missing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def codes(names: Sequence[str] | NDArray, positions: NDArray) -> NDArray:
    """The name at each position; a blank at position -1."""
    return np.array([*names, None], dtype=object)[positions]


def identifiers(letter: str, size: int, digits: int = 5) -> NDArray:
    """`size` names such as R00001, of at least that many digits, and of equal length so that they sort as they count."""
    width = max(digits, len(str(size)))
    return np.char.mod(f"{letter}%0{width}d", np.arange(1, size + 1)).astype(object)


def days(values: NDArray) -> NDArray:
    """ISO dates such as 2026-03-31; a blank for NaT."""
    return _blank_if_missing(np.datetime_as_string(values, unit="D"), values)


def instants(values: NDArray) -> NDArray:
    """ISO instants with their offset, such as 2026-03-31T23:59:59Z; a blank for NaT."""
    return _blank_if_missing(np.datetime_as_string(values, unit="s", timezone="UTC"), values)


def _blank_if_missing(text: NDArray, values: NDArray) -> NDArray:
    written = text.astype(object)
    written[np.isnat(values)] = None
    return written
