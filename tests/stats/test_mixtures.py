"""Mixtures of normal distributions, how clear and how stable their classes are, and when there are none."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from cxgap.stats.bootstrap import Source
from cxgap.stats.mixtures import (
    MODELS,
    Mixture,
    adjusted_rand,
    drawn,
    entropy,
    memberships,
    mixture,
    parameters_of,
    standardised,
)
from cxgap.stats.stability import find_segments


def apart(people=400, seed=0, far=5.0):
    """Two classes of 30 and 70 % that lie `far` standard deviations apart."""
    random = np.random.default_rng(seed)
    kind = (np.arange(people) < 0.3 * people).astype(int)
    return random.normal(size=(people, 3)) + far * kind[:, None] * np.array([1.0, 0.0, 0.0]), kind


def looked(x, **given):
    people = len(x)
    settings = {"most": 4, "draws": 99, "resamples": 20, "alpha": 0.05, "seed": 3} | given
    weight = settings.pop("weight", np.ones(people))
    return find_segments(
        standardised(x, weight), weight=weight, unit=np.arange(people), source=Source.simple("s", people), columns=x, **settings
    )


def test_the_likelihood_is_that_of_normal_densities():
    """Arithmetic: the log of the sum of shares times scipy's densities, weights counting as observations."""
    x, _ = apart(people=60)
    x, weight = standardised(x, np.ones(60)), np.random.default_rng(1).uniform(0.5, 2, 60)
    for model in MODELS:
        fitted = mixture(x, 2, model, weight=weight, generator=np.random.default_rng(0))
        parts = zip(fitted.share, fitted.mean, fitted.covariance, strict=True)
        each = np.array([share * multivariate_normal(mean, spread).pdf(x) for share, mean, spread in parts])
        assert fitted.likelihood == pytest.approx(float(weight @ np.log(each.sum(axis=0))), rel=1e-9)
        assert memberships(fitted, x) == pytest.approx((each / each.sum(axis=0)).T, abs=1e-9)


def test_one_class_has_the_moments_of_the_sample_and_parameters_are_counted():
    """Scrucca et al. (2016), table 3: EII has 1, VVI k d and EEE d (d + 1) / 2 numbers for the covariances."""
    x, _ = apart()
    x = standardised(x, np.ones(len(x)))
    whole = mixture(x, 1, "EEE", weight=np.ones(len(x)), generator=np.random.default_rng(0))
    assert whole.covariance[0] == pytest.approx(np.cov(x.T, ddof=0), abs=1e-9)
    assert [parameters_of(3, 4, model) for model in ("EII", "VVI", "EEE")] == [15, 26, 24]


def test_weights_stand_for_people():
    x, _ = apart(people=80)
    x, times = standardised(x, np.ones(80)), np.random.default_rng(0).integers(1, 4, 80)
    start = np.random.default_rng
    one = mixture(x, 2, "EII", weight=times.astype(float), generator=start(0), starts=10)
    other = mixture(np.repeat(x, times, axis=0), 2, "EII", weight=np.ones(times.sum()), generator=start(0), starts=10)
    assert one.likelihood == pytest.approx(other.likelihood, rel=1e-4)
    assert one.share == pytest.approx(other.share, abs=0.01)


def test_classes_of_people_who_are_all_alike_have_no_endless_density():
    x = np.repeat(np.array([[-1.0, 0.5], [1.0, -0.5]]), 40, axis=0)
    fitted = mixture(x, 2, "VVI", weight=np.ones(80), generator=np.random.default_rng(0))
    assert np.isfinite(fitted.likelihood)
    assert np.einsum("kii->ki", fitted.covariance).min() > 0.01


def test_two_classifications_are_compared_as_hubert_and_arabie_do():
    """Hubert & Arabie (1985): 1 for the same under other names; for 6 people by counting pairs."""
    one, other = np.array([0, 0, 0, 1, 1, 1]), np.array([1, 1, 1, 0, 0, 0])
    even = np.ones(6)
    assert adjusted_rand(one, other, even) == 1
    moved = np.array([0, 0, 1, 1, 1, 1])
    both, first, second = 1 + 3, 6, 1 + 6
    chance = first * second / 15
    assert adjusted_rand(one, moved, even) == pytest.approx((both - chance) / ((first + second) / 2 - chance))
    random = np.random.default_rng(0)
    by_chance = [adjusted_rand(random.integers(0, 3, 200), random.integers(0, 3, 200), np.ones(200)) for _ in range(100)]
    assert abs(np.mean(by_chance)) < 0.005


def test_clearness_runs_from_nothing_to_one():
    sure, unsure, weight = np.eye(2)[[0, 1, 0]], np.full((3, 2), 0.5), np.ones(3)
    assert entropy(sure, weight) == pytest.approx(1)
    assert entropy(unsure, weight) == pytest.approx(0)


def test_people_drawn_from_a_mixture_have_its_moments():
    spread = np.array([[[1.0, 0.5], [0.5, 2.0]], [[0.5, 0.0], [0.0, 0.5]]])
    mixed = Mixture(np.array([0.25, 0.75]), np.array([[0.0, 4.0], [1.0, 0.0]]), spread, 0.0, 9, "EEE")
    made = drawn(mixed, 40_000, np.random.default_rng(2))
    assert made.mean(axis=0) == pytest.approx([0.75, 1.0], abs=0.04)


@pytest.mark.slow
def test_two_classes_far_apart_are_found_with_their_sizes_and_again():
    x, kind = apart()
    found = looked(x)
    assert found.failed(0.05) == ""
    assert len(found.fitted.share) == 2
    assert found.fitted.share == pytest.approx([0.7, 0.3], abs=0.02)
    assert adjusted_rand(found.posterior.argmax(axis=1), kind, np.ones(len(x))) > 0.95
    assert found.p_value == pytest.approx(0.01)
    assert found.shares.mean(axis=0) == pytest.approx([0.7, 0.3], abs=0.02)
    assert (found.shares.std(axis=0) > 0.005).all()


def test_one_population_has_no_segments_at_the_rate_that_is_promised():
    """Of 8 samples of one normal population, of any shape, at most one may seem to fall into classes."""
    random = np.random.default_rng(8)
    wrong = 0
    for _ in range(8):
        root = random.normal(size=(4, 4))
        wrong += looked(random.normal(size=(300, 4)) @ root, most=3).failed(0.05) == ""
    assert wrong <= 1
