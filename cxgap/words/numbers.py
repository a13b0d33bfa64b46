"""Numbers and lists as a sentence says them."""

from __future__ import annotations

from collections.abc import Sequence

from cxgap.vocabulary import PERCENTAGE_POINTS, plain
from cxgap.words.rows import Row

_UNITS = {"scale points": "points"}
_WHOLE = 0.005  # half an interval of a share, from which whole per cents are enough


def size(value: float, row: Row) -> str:
    """Write a number with the digits that the row's interval supports."""
    return plain(value, row.digits)


def measured(value: float, row: Row) -> str:
    """Write a distance, without its sign, with its unit: "0.8 points", "1.0 point"."""
    text = size(abs(value), row)
    return f"{text} {unit_of(row, float(text))}"


def unit_of(row: Row, value: float) -> str:
    """Return the row's unit as it is said beside a number: "points", "point"."""
    unit = _UNITS.get(row.unit, row.unit)
    return unit.removesuffix("s") if value == 1 else unit


def level(value: float, row: Row) -> str:
    """Write a level with its unit: "3.9 days", "87.3 per cent"."""
    if row.unit == PERCENTAGE_POINTS:
        return f"{size(value, row)} per cent"
    return measured(value, row) if value >= 0 else f"{size(value, row)} {unit_of(row, value)}"


def exact(value: float) -> str:
    """Write a number that somebody set, as it was set: "3", "0.25"."""
    return plain(value, 6).rstrip("0").rstrip(".")


def is_none(value: float, row: Row) -> bool:
    """Tell whether a distance is none at the digits that are shown."""
    return not float(size(abs(value), row))


def sided(value: float, row: Row, worse: str, better: str) -> str:
    """Write a distance with the word for its side: "0.2 short", "0.1 above", "none"."""
    text = size(abs(value), row)
    if not float(text) and row.cells.conf_low * row.cells.conf_high > 0:  # an interval without none must not end in it
        text = plain(abs(value), row.digits + 1)
    return f"{text} {worse if value < 0 else better}" if float(text) else "none"


def share(value: float, low: float, high: float) -> tuple[str, str]:
    """Write a share, and its interval, as per cent: "29 %" and "27 to 31 %"."""
    digits = 0 if high - low >= 2 * _WHOLE or not high > low else 1
    return f"{plain(value * 100, digits)} %", f"{plain(low * 100, digits)} to {plain(high * 100, digits)} %"


def some(names: Sequence[str]) -> list[str]:
    """Name the first three and count the rest."""
    return [*names[:3], *([f"{len(names) - 3} more"] if len(names) > 3 else [])]


def listed(names: Sequence[str]) -> str:
    """Join words as "a, b and c"."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else ""


def capital(text: str) -> str:
    """Begin with a capital letter."""
    return text[:1].upper() + text[1:]
