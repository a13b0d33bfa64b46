"""The ratings of each journey in the order of time, and what was said of the whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import narwhals.stable.v2 as nw
import numpy as np
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap.errors import ArgumentError
from cxgap.gaps.visits import Visits, read_visits
from cxgap.stats.means import Floats
from cxgap.stats.peaks import FEATURES, features

RATINGS: Final = 3  # of a journey, the least
_TIME = "_order"
_NOT_ONE = 1e-9


class Series(NamedTuple):
    """Journeys with enough ratings: their features, who made each, what was said of the whole, and how they were rated.

    Attributes
    ----------
    features : shape (journeys, 6)
    visits : one entry a journey
    afterwards : whether each was rated at one time, or when is not known
    """

    features: Floats
    visits: Visits
    afterwards: np.ndarray


def read_series(
    responses: IntoFrame, outcome: str, order: str | Sequence[str], *, score: str, **design: Any
) -> tuple[Series, bool]:
    """Read every journey of enough ratings.

    Parameters
    ----------
    responses, score, design : as in `customer_gap`
    outcome : numeric column with a judgement of the whole
    order : as in `peak_end`

    Returns
    -------
    Series, and whether the judgement differs within a journey.

    Raises
    ------
    ColumnError : `responses` lacks a column.
    ArgumentError : nothing tells in which order the ratings of a journey come.
    """
    present = tally.columns_of(responses)
    by = [name for name in ("wave", "touchpoint") if name in present]
    if not isinstance(order, str) and not (isinstance(order, Sequence) and all(isinstance(name, str) for name in order)):
        raise ArgumentError(f"`order` must be the name of a column, or those of all touchpoints in their order, not {order!r}.")
    timed = isinstance(order, str) and order in present
    if isinstance(order, str) and order != "at" and not timed:
        tally.require(responses, [order], "responses")
    frame = _with_times(responses, str(order)) if timed else responses
    tally.require(responses, [outcome], "responses")
    visits = read_visits(frame, by=by, outcome=outcome, direct=_TIME if timed else None, score=score, **design)
    known = np.isfinite(visits.perception) & np.isfinite(visits.outcome) & (visits.weight > 0)
    visits = visits.part(known & visits.cells["touchpoint"].notna().to_numpy()[visits.cell])
    step = _steps(responses, visits, order)
    wave = visits.cells["wave"].cat.codes.to_numpy(np.int64) + 1 if "wave" in by else np.zeros(len(visits.cells), np.int64)
    journey = visits.respondent * (int(wave.max(initial=0)) + 1) + wave[visits.cell]
    time = np.nan_to_num(visits.direct) if timed else np.zeros(len(journey))
    row = np.lexsort((step, time, journey))
    visits, journey, time, step = visits.part(row), journey[row], time[row], step[row]
    _, place, size = np.unique(journey, return_inverse=True, return_counts=True)
    enough = (size >= RATINGS)[place]
    visits, time, step = visits.part(enough), time[enough], step[enough]
    _, first, place = np.unique(journey[enough], return_index=True, return_inverse=True)
    count = len(first)
    if not count:
        return Series(np.zeros((0, len(FEATURES))), visits, np.zeros(0, bool)), False
    spread = np.maximum.reduceat(visits.outcome, first) - np.minimum.reduceat(visits.outcome, first)
    once = np.maximum.reduceat(time, first) == np.minimum.reduceat(time, first)
    if once.any() and np.isnan(step).any():
        raise ArgumentError(
            "`order` must tell in which order the ratings of a journey come, and some were made at one time; name the "
            'touchpoints in their order, as in order=["order", "delivery", "help"].'
        )
    return Series(features(visits.perception, place, count), visits.part(first), once), bool((spread > _NOT_ONE).any())


def _with_times(responses: IntoFrame, order: str) -> IntoFrame:
    """Put the times of the ratings beside them as numbers."""
    table = nw.from_native(responses)
    dtype = table.collect_schema()[order]
    column = nw.col(order)
    if isinstance(dtype, nw.Date | nw.Datetime):  # parts of a time, which every engine knows, in their order
        time = column.dt
        names = ("year", "month", "day", *(("hour", "minute", "second") if isinstance(dtype, nw.Datetime) else ()))
        parts = [getattr(time, name)().cast(nw.Float64) for name in names]  # seconds of a calendar outgrow short integers
        column = parts[0]
        for part, most in zip(parts[1:], (12, 31, 24, 60, 60), strict=False):
            column = column * most + part
    elif not dtype.is_numeric():
        raise ArgumentError(
            f"`order` must name a column of times or numbers, and {order!r} holds {dtype}; read the file with read_study."
        )
    return table.with_columns(column.cast(nw.Float64).alias(_TIME)).to_native()


def _steps(responses: IntoFrame, visits: Visits, order: str | Sequence[str]) -> Floats:
    """Return the place of each visit's touchpoint in the declared order; NaN where none is declared."""
    touchpoint = visits.cells["touchpoint"]
    if not isinstance(order, str):
        place = {str(name): float(number) for number, name in enumerate(order)}
        lacking = sorted({str(name) for name in touchpoint.dropna()} - set(place))
        if lacking:
            raise ArgumentError(f"`order` must name every touchpoint; it lacks {lacking[0]!r}.")
        return np.array([place.get(str(name), np.nan) for name in touchpoint])[visits.cell]
    if tally.declared_order(responses, "touchpoint") is None:
        return np.full(len(visits.cell), np.nan)
    return touchpoint.cat.codes.to_numpy(float)[visits.cell]
