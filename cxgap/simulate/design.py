"""Who the customers are, which of them are asked, when, and about what."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike, NDArray

from cxgap.simulate import company

ATTENTIVE, STRAIGHT_LINER, RANDOM_CLICKER = 0, 1, 2


@dataclass(frozen=True, eq=False)
class Design:
    """The customers and the sample of them. Codes are positions in the names of company.py."""

    segment: NDArray  # by customer, as are region and channel
    region: NDArray
    channel: NDArray
    asked: NDArray  # by respondent, as is all that follows: the position of the customer
    weight: NDArray  # population share of the stratum over its sample share; mean 1
    wave: NDArray
    answered: NDArray  # day of the answer
    used: NDArray  # by respondent and touchpoint: whether the respondent used it
    care: NDArray  # ATTENTIVE, STRAIGHT_LINER or RANDOM_CLICKER


def draw_design(rng: Generator, respondents: int) -> Design:
    """Draw two customers for each respondent, and sample the respondents within segment x region.

    Customers fall into segments and regions in their population shares; the sample takes some strata more often
    than others. Numbers per stratum, wave, journey and kind of carelessness are fixed to the nearest whole person,
    in random order and independent of one another.
    """
    strata = len(company.SEGMENTS) * len(company.REGIONS)
    population = np.outer(company.SEGMENT_SHARE, company.REGION_SHARE).ravel()
    oversampling = np.outer(company.SEGMENT_OVERSAMPLING, company.REGION_OVERSAMPLING).ravel()
    asked_count = whole_counts(respondents, population * oversampling)
    count = np.maximum(whole_counts(2 * respondents, population), asked_count)
    stratum = rng.permutation(np.repeat(np.arange(strata), count))
    segment, region = np.divmod(stratum, len(company.REGIONS))

    # Customers are in random order already, so that the first few of a stratum are a random few.
    order = np.argsort(stratum, kind="stable")
    place = np.empty_like(order)
    place[order] = np.arange(len(order)) - np.repeat(np.cumsum(count) - count, count)
    asked = np.flatnonzero(place < asked_count[stratum])
    sampled = np.maximum(asked_count, 1) / respondents
    weight = (population / sampled)[stratum[asked]]

    wave = spread(rng, respondents, company.WAVE_SHARE)
    length = np.diff(company.WAVE_STARTS).astype(int)
    journey = spread(rng, respondents, company.JOURNEY_SHARE)
    uses = np.array([[touchpoint in journey for touchpoint in range(7)] for journey in company.JOURNEYS])
    careless = company.CARELESS_SHARE / 2
    return Design(
        segment=segment,
        region=region,
        channel=choose(rng, len(stratum), company.CHANNEL_SHARE),
        asked=asked,
        weight=np.round(weight / weight.mean(), 4),
        wave=wave,
        answered=company.WAVE_STARTS[wave] + np.floor(rng.random(respondents) * length[wave]).astype(int),
        used=uses[journey],
        care=spread(rng, respondents, [1 - 2 * careless, careless, careless]),
    )


def whole_counts(total: int, share: ArrayLike) -> NDArray:
    """Split `total` into whole counts in proportion to `share`, by largest remainder."""
    exact = total * np.asarray(share) / np.sum(share)
    count = np.floor(exact + 1e-9).astype(np.int64)
    count[np.argsort(count - exact, kind="stable")[: total - count.sum()]] += 1
    return count


def spread(rng: Generator, total: int, share: ArrayLike) -> NDArray:
    """`total` codes in proportion to `share`, to the nearest whole number, in random order."""
    count = whole_counts(total, share)
    return rng.permutation(np.repeat(np.arange(len(count)), count))


def choose(rng: Generator, total: int, share: ArrayLike) -> NDArray:
    """`total` independent codes with probabilities `share`."""
    return np.minimum(np.searchsorted(np.cumsum(share), rng.random(total), side="right"), len(np.asarray(share)) - 1)
