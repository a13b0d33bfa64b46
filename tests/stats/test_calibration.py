"""The curve against pool-adjacent-violators done by hand, and what it must not claim."""

from __future__ import annotations

import numpy as np
import pytest

from cxgap.stats.bootstrap import Source
from cxgap.stats.calibration import Calibrated, Curve, Reference
from cxgap.stats.levels import Mean, Values, levels_of


def reference(delivered: list[float], perceived: list[float]) -> Reference:
    size = len(delivered)
    return Reference("reference", np.array(delivered, float), np.array(perceived, float), np.ones(size), np.arange(size))


def worth(at: list[float], pairs: Reference) -> float:
    given = Values("people", np.zeros(len(at), np.int64), np.array(at, float), np.ones(len(at)), np.arange(len(at)))
    sources = [Source.simple("people", len(at)), Source.simple("reference", len(pairs.delivered))]
    return float(levels_of({"u": Calibrated(given, Curve(pairs), 1)}, sources, 1)["u"][0])


def test_violators_are_pooled():
    """Ayer et al. (1955), by hand: 2, 4, 3, 5 at 1 .. 4 becomes 2, 3.5, 3.5, 5."""
    pairs = reference([1, 2, 3, 4], [2, 4, 3, 5])
    assert [worth([level], pairs) for level in (1, 2, 3, 4)] == pytest.approx([2, 3.5, 3.5, 5])


def test_the_curve_is_flat_beyond_the_reference_and_says_how_much_lies_there():
    pairs = reference([1, 2, 3, 4], [2, 4, 3, 5])
    assert [worth([level], pairs) for level in (-9, 99)] == pytest.approx([2, 5])
    given = Values("people", np.zeros(4, np.int64), np.array([0.0, 1, 2, 9]), np.ones(4), np.arange(4))
    assert Calibrated(given, Curve(pairs), 1).extrapolated()[0] == 0.5


def test_on_its_own_sample_the_mean_worth_is_the_mean_perception():
    """Least squares leaves no mean residual: so the perception link on the fitting sample is zero by construction."""
    rng = np.random.default_rng(5)
    delivered = rng.integers(0, 9, 200).astype(float)
    perceived = np.clip(np.rint(3 + 0.4 * delivered + rng.normal(0, 1, 200)), 1, 7)
    pairs = reference(list(delivered), list(perceived))
    own = Values("reference", np.zeros(200, np.int64), delivered, np.ones(200), np.arange(200))
    mean = Mean(own._replace(value=perceived), 1)
    levels = levels_of({"u": Calibrated(own, Curve(pairs), 1), "p": mean}, [Source.simple("reference", 200)], 1)
    assert levels["u"][0] == pytest.approx(levels["p"][0], abs=1e-12)
