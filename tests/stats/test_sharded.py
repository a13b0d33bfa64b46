"""Groups of units have the level and the spread that the units have."""

from __future__ import annotations

import numpy as np
import pytest

from cxgap.stats.bootstrap import Source
from cxgap.stats.levels import Mean, Quantile, Values, levels_of, replicated
from cxgap.stats.sharded import groups, sharded

PEOPLE, CELLS = 6000, 40


def sample(rng: np.random.Generator) -> tuple[dict[str, Mean | Quantile], Source]:
    """Two levels of people who each speak in several cells; a person's values are alike."""
    unit = np.repeat(np.arange(PEOPLE), 3)
    cell = rng.integers(0, CELLS, len(unit))
    value = rng.normal(size=PEOPLE)[unit] + rng.normal(size=len(unit))
    values = Values("customers", cell, value, rng.uniform(0.5, 2, len(unit)), unit)
    return {"mean": Mean(values, CELLS), "median": Quantile(values, CELLS, 0.5)}, Source.simple("customers", PEOPLE)


def test_the_levels_are_those_of_the_units():
    levels, source = sample(np.random.default_rng(1))
    plain = levels_of(levels, [source], CELLS)
    fewer, samples = sharded(levels, [source], most=1000, count=256)
    found = levels_of(fewer, samples, CELLS)
    assert len(samples[0].stratum) == 256
    for name in levels:
        np.testing.assert_allclose(found[name], plain[name], rtol=1e-12, atol=1e-13)


def test_the_spread_of_replicates_is_that_of_the_units():
    """Shao & Tu (1995), The Jackknife and Bootstrap: random groups; the ratio of the two has noise 1/sqrt(2 x 256) a cell."""
    levels, source = sample(np.random.default_rng(2))
    levels = {"mean": levels["mean"]}
    how = {"count": 999, "seed": 3}
    of_units = replicated(levels, [source], CELLS, **how)["mean"].std(axis=0)
    of_groups = replicated(*sharded(levels, [source], most=1000, count=256), CELLS, **how)["mean"].std(axis=0)
    assert np.mean(of_groups / of_units) == pytest.approx(1, abs=4 * np.sqrt(1 / 512 + 1 / 999) / np.sqrt(CELLS))


def test_groups_stay_within_strata_and_few_units_are_left_alone():
    stratum = np.repeat([0, 1], [9000, 30])
    found = groups(stratum, 64)
    assert not set(found[:9000]) & set(found[9000:])
    assert len(np.unique(found[9000:])) == 2
    levels, source = sample(np.random.default_rng(1))
    assert sharded(levels, [source])[1] == (source,)
