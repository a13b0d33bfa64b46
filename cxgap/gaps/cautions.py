"""What each guard rail says of a gap, in a sentence with its numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from cxgap.gaps.visits import Visits
from cxgap.stats.guards import (
    CANNOT_TELL,
    CEILING,
    FEWEST,
    NOT_TESTED,
    NOTHING,
    RELIABLE,
    TOO_NOISY,
    USE,
    WARN,
    Guard,
)
from cxgap.vocabulary import counted, plain, signed

_UNTESTED = {
    1: "How reliable the gap {of} is was not tested: it takes two or more items in each battery whose answers differ.",
    2: "Whether expectations {of} leave room above them was not tested: the scale is not known.",
    3: "Whether expectations {of} differ as much as ratings was not tested: nobody differs.",
    4: "Whether the gap {of} is moved by expectations was not tested: nobody differs.",
    5: "Whether expectation and perception weigh the same was not tested: {judgement}.",
    6: "Whether the gap {of} predicts the overall judgement was not tested: {judgement}.",
    7: "Whether ratings {of} crowd at an end of the scale was not tested: the scale is not known.",
    8: "Whether customers read the questions the same way when they expect and when they judge was not tested.",
}


def sentence(
    number: int, guard: Guard, label: str, part: Visits, scale: tuple[float, float] | None, outcome: str | None
) -> str:
    """Say what one guard found of the gap of `label`."""
    of = f"of {label}"
    if guard.verdict == NOT_TESTED:
        known = part.part(np.isfinite(part.outcome))
        few = f"fewer than {FEWEST} respondents have one" if known.people < FEWEST else "the answers are too much alike"
        return _UNTESTED[number].format(of=of, judgement=few if outcome else "no overall judgement is declared")
    judged = (outcome or "the outcome").replace("_", " ")
    warns = guard.verdict == WARN
    match number:
        case 1:
            return _reliable(guard, of)
        case 2:
            mean = float(np.average(part.expectation, weights=part.weight))
            return _room(guard, of, mean, scale[1] if scale else np.nan)
        case 3:
            return _spread(guard, of, warns)
        case 4:
            return _moved(guard, of, warns)
        case 5:
            return _weights(guard, judged, warns)
        case 6:
            return _predicts(guard, of, judged, warns)
        case _:
            return _ends(guard, of, warns)


def because(use: str, deciding: Sequence[int], guards: Mapping[int, Guard], n: int, flags: Sequence[str], outcome: str) -> str:
    """Say in a few words why the advice is what it is; `outcome` is what guards 5 and 6 are about."""
    if "EMPTY" in flags:
        return "nobody gave both ratings"
    if "SUPPRESSED_PRIVACY" in flags:
        return "too few respondents to show a result"
    if flags:
        return f"{counted(n, 'respondent')}; the checks need {FEWEST}"
    if use == USE:
        left = [
            name
            for number, name in ((1, "reliability"), (2, "room"), (6, "prediction"))
            if guards[number].verdict == NOT_TESTED
        ]
        rest = f"; {_listed(left)} not tested" if left else "; but nothing here goes with " + outcome if idle(guards[6]) else ""
        return f"no check that decides speaks against it{rest}"
    if use == CANNOT_TELL and deciding == (1,):
        return "neither the gap nor the perceived rating is reliable"
    if use == CANNOT_TELL:
        return "neither reliability nor prediction could be tested"
    return "; ".join(_reason(number, guards[number], outcome) for number in deciding)


def idle(prediction: Guard) -> bool:
    """Say whether neither perception nor gap goes with the overall judgement."""
    return max(prediction.beside, prediction.value + prediction.beside) < NOTHING


def _reason(number: int, guard: Guard, outcome: str) -> str:
    if number == 1:
        return f"over half of its spread is chance (reliability {plain(guard.value, 2)})"
    if number == 2:
        most = f"{_share(guard.value)} expect the highest mark"
        return most if guard.value > CEILING else f"expectations leave only {_down(guard.beside)} points of room"
    gap, end = _share(guard.value + guard.beside), _share(guard.beside)
    return f"the rating goes with {end} of the variance of {outcome}, the gap with {gap}"


def _down(room: float) -> str:
    """Write room that is less than a point, so that it never reads as a whole one."""
    return plain(np.floor(room * 100) / 100, 2)


def _share(value: float) -> str:
    text = f"{value * 100:.0f} %"
    return "under 1 %" if 0 < value < 0.005 else text


def _reliable(guard: Guard, of: str) -> str:
    numbers = f"reliability {plain(guard.value, 2)}, perceived rating alone {plain(guard.beside, 2)}"
    if guard.value < 0:
        return f"The gap {of} has no reliability that can be admitted ({numbers}): errors of both ratings go together."
    if guard.value < TOO_NOISY:
        chance = f"More than half of what sets the gaps {of} apart is chance ({numbers})"
        return f"{chance}: rank neither people nor small groups by it."
    if guard.value < RELIABLE:
        return f"The gap {of} is reliable enough for groups, not for single people ({numbers})."
    return f"The gap {of} is reliable ({numbers})."


def _room(guard: Guard, of: str, mean: float, top: float) -> str:
    if guard.value > CEILING:
        most = f"{_share(guard.value)} of customers give the highest mark for what they expect"
        return f"{most}, so the gap {of} is little more than the perceived rating less a constant."
    level = f"expectations {of} average {plain(mean, 1)} on a scale that ends at {top:g}"
    if guard.verdict == WARN:
        room = _down(guard.beside)
        return (
            f"There is room for a surplus of only {room} points, since {level}: the gap can hardly be anything but a shortfall."
        )
    return f"Room is left above: {level}, and {_share(guard.value)} of customers expect the most."


def _spread(guard: Guard, of: str, warns: bool) -> str:
    times = f"variance {plain(guard.value, 2)} times that of ratings"
    if not warns:
        return f"Expectations {of} differ between customers about as much as ratings do ({times})."
    if guard.value < 1:
        return f"Expectations {of} differ much less than ratings do ({times}): the gap mostly follows the rating."
    return f"Expectations {of} differ much more than ratings do ({times}): the gap mostly follows expectation."


def _moved(guard: Guard, of: str, warns: bool) -> str:
    r = f"correlation {signed(guard.value, 2)}"
    if warns and guard.value > 0:
        return f"Who expects more has the smaller shortfall {of} ({r}): what sets segments apart may be what they expect."
    if warns:
        return f"Who expects more has the larger shortfall {of} ({r}): what sets segments apart may be what they expect."
    return f"The gap {of} is not mainly moved by expectations ({r})."


def _weights(guard: Guard, judged: str, warns: bool) -> str:
    p = "p below 0.001" if guard.value < 0.001 else f"p {plain(guard.value, 3)}"
    if warns:
        return f"Expectation and perception do not weigh the same in {judged}, as a difference takes for granted ({p})."
    return f"That expectation and perception weigh the same in {judged}, with opposite signs, is not refuted ({p})."


def _predicts(guard: Guard, of: str, judged: str, warns: bool) -> str:
    gap, end = guard.value + guard.beside, guard.beside
    if max(gap, end) < NOTHING:
        numbers = f"{_share(gap)} and {_share(end)} of its variance"
        return f"Neither the gap {of} nor the perceived rating tells much of {judged} ({numbers})."
    rating = f"the perceived rating alone with {_share(end)}"
    numbers = f"The gap {of} goes with {_share(gap)} of the variance of {judged}, {rating}"
    return f"{numbers}: read the rating." if warns else f"{numbers}: little is lost."


def _ends(guard: Guard, of: str, warns: bool) -> str:
    low = guard.beside == guard.value
    what = f"{_share(guard.value)} of customers give the {'lowest' if low else 'highest'} mark for what they perceive {of}"
    return f"{what}: how far they differ there cannot be seen." if warns else f"Ratings {of} do not crowd at an end ({what})."


def _listed(names: Sequence[str]) -> str:
    """Join words as "a, b and c"."""
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
