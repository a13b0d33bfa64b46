"""The answers of a large survey, drawn ten thousand respondents at a time, and the gaps that they have on average.

A rating is a latent normal answer, rounded and clipped to 1..7 (cxgap/simulate/latent.py), so that every mean is known
exactly. What is left out is left out at random, and moves no mean.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from cxgap.simulate import company
from cxgap.simulate.documents import ITEMS
from cxgap.simulate.latent import rounded_mean
from cxgap.vocabulary import DIMENSIONS

PEOPLE: Final = 10_000  # of a block, which has a generator of its own: however the blocks are written, they hold the same
TOUCHPOINTS: Final = ("Order and pay", "Follow the parcel", "Receive the parcel", "Get help")
SKIPPED: Final = 0.10  # of touchpoints, which a respondent did not use
BLANK: Final = 0.05  # of ratings
NONE: Final = -1  # in place of a rating that was not given

_EXPECTED: Final = np.array([6.0, 5.8, 6.3, 5.5])[:, None] + np.array([-0.20, 0.12, 0.04, 0.08, -0.04])
_GAP: Final = np.array([-0.10, -0.45, -0.80, 0.15])[:, None] + np.array([0.20, -0.25, -0.05, 0.05, 0.10])
_SEGMENT_EXPECTS: Final = np.array([-0.06, 0.08, 0.26])
_SEGMENT_PERCEIVES: Final = np.array([0.05, -0.06, -0.23])
_PERSON, _STYLE, _EXPECTS, _PERCEIVES = 0.45, 0.30, 0.80, 1.05  # standard deviations of the latent parts


class Block(NamedTuple):
    """Answers as codes, one entry an answer, sorted by respondent, touchpoint and item; -1 is no rating."""

    respondent: np.ndarray
    touchpoint: np.ndarray
    item: np.ndarray
    segment: np.ndarray
    region: np.ndarray
    expectation: np.ndarray
    perception: np.ndarray

    def take(self, rows: slice) -> Block:
        """Return some of the answers."""
        return Block(*(part[rows] for part in self))


def draw_block(seed: int, number: int) -> Block:
    """Draw the answers of the respondents number * PEOPLE + 1 to (number + 1) * PEOPLE."""
    rng = generator(seed, "answers", number)
    shape = (PEOPLE, len(TOUCHPOINTS), len(ITEMS))
    segment = rng.choice(len(company.SEGMENTS), PEOPLE, p=company.SEGMENT_SHARE).astype(np.int8)
    region = rng.choice(len(company.REGIONS), PEOPLE, p=company.REGION_SHARE).astype(np.int8)
    used = rng.random((PEOPLE, len(TOUCHPOINTS)), dtype=np.float32) >= SKIPPED
    style = rng.standard_normal(PEOPLE, dtype=np.float32) * np.float32(_STYLE)
    ratings = []
    for mean, shift, noise in (
        (_EXPECTED, _SEGMENT_EXPECTS, _EXPECTS),
        (_EXPECTED + _GAP, _SEGMENT_PERCEIVES, _PERCEIVES),
    ):
        person = rng.standard_normal(PEOPLE, dtype=np.float32) * np.float32(_PERSON) + style + shift[segment].astype(np.float32)
        latent = rng.standard_normal(shape, dtype=np.float32)
        latent *= np.float32(noise)
        latent += mean[:, company.ITEM_DIMENSION].astype(np.float32)
        latent += person[:, None, None]
        rating = np.clip(np.rint(latent, out=latent), 1, 7).astype(np.int8)
        rating[rng.random(shape, dtype=np.float32) < BLANK] = NONE
        ratings.append(rating[used].reshape(-1))
    person, touchpoint = np.nonzero(used)
    count = len(ITEMS)
    return Block(
        np.repeat((number * PEOPLE + 1 + person).astype(np.int32), count),
        np.repeat(touchpoint.astype(np.int8), count),
        np.tile(np.arange(count, dtype=np.int8), len(person)),
        np.repeat(segment[person], count),
        np.repeat(region[person], count),
        *ratings,
    )


def generator(seed: int, name: str, number: int) -> np.random.Generator:
    """Return the generator of one block, independent of all others of this seed."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(number, *name.encode())))


def true_gaps() -> dict[str, dict[str, float]]:
    """Return the mean gap of the population by touchpoint and dimension, and in "all" the mean over the dimensions."""
    spread = np.hypot(_PERSON, _STYLE)
    sides = [
        rounded_mean(mean[..., None] + shift, np.hypot(spread, noise)) @ company.SEGMENT_SHARE
        for mean, shift, noise in ((_EXPECTED, _SEGMENT_EXPECTS, _EXPECTS), (_EXPECTED + _GAP, _SEGMENT_PERCEIVES, _PERCEIVES))
    ]
    gap = sides[1] - sides[0]
    return {
        name: {**dict(zip(DIMENSIONS, map(float, row), strict=True)), "all": float(row.mean())}
        for name, row in zip(TOUCHPOINTS, gap, strict=True)
    }
