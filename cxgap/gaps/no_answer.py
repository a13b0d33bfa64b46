"""Numbers that stand for no answer: taken out where they are named, and asked about where they look like it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from numbers import Real
from typing import Final

import narwhals.stable.v2 as nw
import numpy as np
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap.errors import ArgumentError
from cxgap.stats.means import Floats

Codes = Sequence[float] | Mapping[str, Sequence[float]] | None

_SHOWN: Final = 4  # codes, and columns, in one message
_FEW_VALUES: Final = 11  # distinct answers of a rating scale, from 0 to 10
_FAR: Final = 2.0  # scale ranges beyond which a number is no answer on a scale of few values, whatever it is
_LONG: Final = frozenset(code for code in (66, 77, 88, *range(95, 100), 888, *range(995, 1000), *range(9995, 10000)))
_LEAST_BELOW: Final = -7  # a code beside answers from 0 on
_SHORT: Final = frozenset({7.0, 8.0, 9.0})  # codes beside scales from 1 to 4 or more


def answers_only(frame: IntoFrame, columns: Sequence[str], missing: Codes) -> IntoFrame:
    """Return the frame, on its own engine, with numbers for true and false, and blanks for what is no answer.

    Parameters
    ----------
    frame : any supported frame
    columns : those to look at
    missing : the numbers that are no answers, for all `columns` or by column

    Raises
    ------
    ColumnError : the frame lacks a column.
    ArgumentError : a column does not hold numbers, or `missing` does not.
    """
    named = list(dict.fromkeys(columns))
    tally.require(frame, named, "responses")
    table = nw.from_native(frame)
    schema = table.collect_schema()
    made = []
    for name in named:
        if not (schema[name].is_numeric() or schema[name] == nw.Boolean):
            raise ArgumentError(
                f"{name!r} must hold numbers; it holds {str(schema[name]).lower()}. Read the file with read_study, or turn the "
                f'column into numbers first, such as with pandas.to_numeric(frame["{name}"]).'
            )
        value = nw.col(name).cast(nw.Float64) if schema[name] == nw.Boolean else nw.col(name)
        codes = codes_of(missing, name)
        if codes:
            value = nw.when(~nw.col(name).cast(nw.Float64).is_in(codes)).then(value)
        if codes or schema[name] == nw.Boolean:
            made.append(value.alias(name))
    return table.with_columns(*made).to_native() if made else frame


def codes_of(missing: Codes, column: str) -> list[float]:
    """Return the numbers that are no answers in a column.

    Raises
    ------
    ArgumentError : `missing` holds anything but numbers.
    """
    found = (missing.get(column, ()) if isinstance(missing, Mapping) else missing) or ()
    if isinstance(found, str) or not isinstance(found, Sequence | set | frozenset | np.ndarray):
        found = (found,)
    if not all(isinstance(code, Real) and not isinstance(code, bool) for code in found):
        raise ArgumentError(f"`missing` must hold the numbers that are no answers, such as (98, 99), not {missing!r}.")
    return [float(code) for code in found]


def named_before(missing: Codes) -> list[float]:
    """Return all numbers that were named as no answers, of whatever column."""
    if isinstance(missing, Mapping):
        return [code for name in missing for code in codes_of(missing, name)]
    return codes_of(missing, "")


def refuse_codes(frame: IntoFrame, columns: Sequence[str], *, scale: tuple[float, float] | None, missing: Codes) -> None:
    """Raise ArgumentError where columns hold numbers off their scale, or such as look like codes for no answer.

    Parameters
    ----------
    frame : without the codes that are named
    columns : of numbers
    scale : lowest and highest answer, or None where not known
    missing : None if every number is an answer
    """
    if missing is None and scale is None:
        return
    found: dict[str, Floats] = {}
    for name in columns:
        values = tally.tally_distinct(frame, [name])[name].dropna().to_numpy(float)
        values = np.sort(values[np.isfinite(values)])
        wrong = suspicious(values) if scale is None else values[(values < scale[0]) | (values > scale[1])]
        if len(wrong):
            found[name] = wrong
    if not found:
        return
    named = [f"{name!r} holds {', '.join(f'{code:g}' for code in codes[:_SHOWN])}" for name, codes in found.items()]
    more = f", and {len(named) - _SHOWN} more columns such" if len(named) > _SHOWN else ""
    holds = f"{'; '.join(named[:_SHOWN])}{more}"
    codes = sorted({*named_before(missing), *(float(code) for each in found.values() for code in each[:_SHOWN])})
    told = f"({', '.join(f'{code:g}' for code in codes)}{',' if len(codes) == 1 else ''})"
    if scale is None:
        raise ArgumentError(
            f"columns must hold answers alone, and some hold what looks like a code for no answer: {holds}. If that is no "
            f"answer, type missing={told}; if every number is an answer, missing=None."
        )
    raise ArgumentError(
        f"ratings must lie between {scale[0]:g} and {scale[1]:g}: {holds}. If that is no answer, type missing={told}; if it is "
        "on another scale, give that one as `scale`, or leave `scale` out."
    )


def suspicious(values: Floats) -> Floats:
    """Return which of the distinct `values`, in rising order, look like codes for no answer beside the others.

    Ratings have few values, whole and next to each other. A number far beyond them is no answer; nor is one of the numbers
    that questionnaires use for "don't know" or "not applicable", such as 99, where it stands as far off as the others reach.
    """
    if len(values) < 3 or not (values == np.rint(values)).all():
        return values[:0]
    below, rest = _below(values), list(values)
    if len(rest) - len(below) > 1:
        rest = rest[len(below) :]
    else:
        below = []
    above: list[float] = []
    while len(rest) > 2 and _is_code(rest[-1], rest[:-1]):
        above.append(rest.pop())
    # Two codes side by side, such as 98 and 99, hide each other: look again with all that are far off taken together.
    if not above and len(rest) > 3:
        split = 1 + int(np.argmax(np.diff(rest)))
        answers, codes = rest[:split], rest[split:]
        if split > 1 and len(codes) <= _SHOWN and (_short(answers, codes) or _far(codes[0] - answers[-1], answers, codes)):
            above = codes
    return np.array([*below, *sorted(above)], float)


def _below(values: Floats) -> list[float]:
    """Return the negative numbers that stand off from answers of which none is negative.

    A scale may run from -3 to 3, with or without 0; it reaches no further below 0 than twice as far as above.
    """
    negative, answers = values[values < 0], values[values >= 0]
    if not len(negative) or not 1 < len(answers) <= _FEW_VALUES:
        return []
    chain = [value for place, value in enumerate(negative[::-1], 1) if value == -place]
    if chain and (answers[0] == 0 or (answers[0] == 1 and answers[-1] <= -2 * chain[-1])):
        negative = negative[negative < -2 * answers[-1]]
    elif answers[0] == 0:
        negative = negative[negative <= _LEAST_BELOW]
    return [float(value) for value in negative]


def _far(distance: float, answers: Sequence[float], codes: Sequence[float]) -> bool:
    reach = answers[-1] - answers[0]
    known = all(code in _LONG for code in codes)
    return (known and distance >= reach) or (len(answers) <= _FEW_VALUES and distance > _FAR * reach and distance > _FAR)


def _short(answers: Sequence[float], codes: Sequence[float]) -> bool:
    """Say whether numbers of one digit stand off from a scale that begins at 1 and has all its answers.

    A single 7 may be the end of a scale of which nobody gave the answer before.
    """
    first, last = answers[0], answers[-1]
    whole = first == 1 and 4 <= last <= 7 and len(answers) == last
    return whole and _SHORT.issuperset(codes) and codes[0] - last >= 2 and (codes[0] > 7 or len(codes) > 1)


def _is_code(value: float, others: Sequence[float]) -> bool:
    return _short(others, [value]) or _far(value - others[-1], others, [value])
