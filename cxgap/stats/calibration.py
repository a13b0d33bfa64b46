"""What a delivered level is worth on the rating scale: monotone regression of perception on delivery.

Ayer, Brunk, Ewing, Reid & Silverman (1955), Annals of Mathematical Statistics 26(4), 641-647 (pool adjacent violators).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cxgap.stats.levels import Values, Weights
from cxgap.stats.means import Floats, ratio, sum_by

LEAST_PAIRS, LEAST_LEVELS = 100, 5  # of the reference; with fewer there is no curve to speak of


class Reference(NamedTuple):
    """Pairs of what was delivered and how it was perceived, from which the curve is fitted; one entry a pair.

    Attributes
    ----------
    source : name of the sample
    delivered : on a ladder where higher is better
    perceived : ratings
    weight : above 0
    unit : sampling unit, a position in the sample's units
    """

    source: str
    delivered: Floats
    perceived: Floats
    weight: Floats
    unit: np.ndarray


class Curve:
    """What levels are worth, fitted to the reference; the fits of one set of replicates are kept for every level that asks."""

    def __init__(self, reference: Reference) -> None:
        self.reference = reference
        self.levels, self._place = np.unique(reference.delivered, return_inverse=True)
        self._asked: Floats | None = None
        self._fits: list[tuple[Floats, Floats]] = []

    def fits(self, drawn: Floats) -> list[tuple[Floats, Floats]]:
        """Return the knots of the curve, delivered levels and what each is worth, for each row of unit weights."""
        if drawn is not self._asked:
            self._asked, self._fits = drawn, [self._fit(row) for row in drawn]
        return self._fits

    def _fit(self, drawn: Floats) -> tuple[Floats, Floats]:
        from scipy.optimize import isotonic_regression

        weight = self.reference.weight * drawn[self.reference.unit]
        mass = sum_by(self._place, len(self.levels), weight)
        mean = ratio(sum_by(self._place, len(self.levels), weight * self.reference.perceived), mass)
        seen = mass > 0
        return self.levels[seen], isotonic_regression(mean[seen], weights=mass[seen], increasing=True).x


class Calibrated(NamedTuple):
    """The mean worth of a sample's levels, read from the curve; flat beyond the reference, and between its knots linear."""

    values: Values
    curve: Curve
    cells: int

    @property
    def said(self) -> Values | None:
        """The values of people; a level that somebody set is of nobody."""
        return self.values if self.values.source else None

    @property
    def sources(self) -> tuple[str, ...]:
        """Those of both samples; a level that somebody set has none of its own."""
        return tuple(name for name in dict.fromkeys((self.values.source, self.curve.reference.source)) if name)

    def at(self, weights: Weights) -> Floats:
        """Return the worth of each cell; the curve is fitted again in every replicate."""
        source, cell, value, weight, unit, *_ = self.values
        rows = []
        for number, knots in enumerate(self.curve.fits(weights[self.curve.reference.source])):
            worthy = np.interp(value, *knots)
            mass = weight * weights[source][number, unit] if source else weight
            rows.append(ratio(sum_by(cell, self.cells, mass * worthy), sum_by(cell, self.cells, mass)))
        return np.array(rows)

    def extrapolated(self) -> Floats:
        """Return the share of each cell that lies outside the reference."""
        low, high = self.curve.levels[0], self.curve.levels[-1]
        outside = (self.values.value < low) | (self.values.value > high)
        return ratio(
            sum_by(self.values.cell, self.cells, self.values.weight * outside),
            sum_by(self.values.cell, self.cells, self.values.weight),
        )
