"""From a latent normal answer to a rating of 1 to 7, exactly, and back to the latent mean that gives a wanted rating.

A latent answer is a fixed part plus independent normal effects, so that it is normal with their summed variance. It becomes
a rating by rounding to the nearest whole number and clipping to 1 and 7, hence
    mean rating = 1 + sum over k = 1..6 of P(latent >= k + 0.5).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cxgap.simulate import company
from cxgap.vocabulary import DIMENSIONS

Floats = NDArray[np.float64]
CUTS = np.arange(1.5, 7)


@dataclass(frozen=True, eq=False)
class LatentMeans:
    """Latent means of attentive customers' answers at shift 0, and their standard deviations."""

    expected: Floats  # by touchpoint and item; (7, 22)
    perceived: Floats  # the same; the row of Receive the parcel is not used
    received: Floats  # perception at Receive the parcel, by delay and item; (13, 22)
    expected_sd: Floats  # by touchpoint; (7,)
    perceived_sd: Floats


def rounded_mean(mean: ArrayLike, sd: ArrayLike) -> Floats:
    """Mean of normal variables after rounding to whole numbers and clipping to 1..7."""
    from scipy.special import ndtr

    return 1 + ndtr((np.asarray(mean)[..., None] - CUTS) / np.asarray(sd)[..., None]).sum(axis=-1)


def latent_mean(target: Floats, shift: Floats, share: Floats, sd: Floats) -> Floats:
    """Solve for the latent means at which mixtures of rounded normals have the wanted means.

    Parameters
    ----------
    target, sd : wanted mean rating, strictly between 1 and 7, and latent standard deviation; shape (cells,)
    shift, share : shift and share (summing to 1) of each part of a cell's mixture; shape (cells, parts)

    Returns
    -------
    Shape (cells,); by bisection, to 1e-12.
    """
    low, high = np.full(target.shape, -5.0), np.full(target.shape, 15.0)
    for _ in range(45):
        middle = (low + high) / 2
        above = (share * rounded_mean(middle[:, None] + shift, sd[:, None])).sum(axis=1) > target
        low, high = np.where(above, low, middle), np.where(above, middle, high)
    return (low + high) / 2


def item_means(target: Floats, shift: Floats, share: Floats, sd: Floats, item_shift: Floats) -> Floats:
    """Solve for the latent mean of every item such that each dimension has its wanted mean.

    Parameters
    ----------
    target : wanted mean rating by row (a touchpoint, or a delay) and dimension; shape (rows, 5)
    shift : latent shift of each part of a row's mixture; shape (rows, ...)
    share : share of each part, broadcast against `shift`
    sd : latent standard deviation; shape (rows,)
    item_shift : how an item differs from its dimension, latent; shape (22,)

    Returns
    -------
    Shape (rows, 22), at shift 0.
    """
    rows, solved = len(target), np.empty((len(target), len(item_shift)))
    share = np.broadcast_to(share, shift.shape).reshape(rows, -1, 1)
    shift = shift.reshape(rows, -1, 1)
    for dimension in range(len(DIMENSIONS)):
        member = np.equal(company.ITEM_DIMENSION, dimension)
        items = item_shift[member]
        parts = np.broadcast_to(share / len(items), (rows, share.shape[1], len(items))).reshape(rows, -1)
        centre = latent_mean(target[:, dimension], (shift + items).reshape(rows, -1), parts, sd)
        solved[:, member] = centre[:, None] + items
    return solved


def delay_share() -> Floats:
    """Share of each delay by product, region and wave; shape (2, 4, 4, 13). No parcel arrives on the day of its order."""
    tilt = company.PRODUCT_TILT[:, None, None] + company.REGION_TILT[:, None] + company.WAVE_TILT
    share = company.DELAY_SHARE * np.exp(tilt[..., None] * company.DELAYS)
    share = share * (company.PROMISED_DAYS[:, None, None, None] + company.DELAYS >= 1)
    return share / share.sum(axis=-1, keepdims=True)


def population_share() -> Floats:
    """Share of customers by segment, region and wave; shape (3, 4, 4)."""
    return company.SEGMENT_SHARE[:, None, None] * company.REGION_SHARE[:, None] * company.WAVE_SHARE


def expected_shift() -> Floats:
    """Latent shift of expectation by segment, region and wave; shape (3, 4, 4)."""
    return np.broadcast_to(company.SEGMENT_EXPECTS[:, None, None] + company.WAVE_EXPECTS, (3, 4, 4))


def perceived_shift() -> Floats:
    """Latent shift of perception by touchpoint, segment, region and wave; shape (7, 3, 4, 4)."""
    person = company.SEGMENT_PERCEIVES[:, None, None] + company.REGION_PERCEIVES[:, None]
    return person + company.WAVE_PERCEIVES[:, None, None, :]


@cache
def latent_means() -> LatentMeans:
    """Solve for the latent means that give the declared expectations, gaps and effects of delay in the whole population."""
    expected_sd, perceived_sd = _total_sd(company.EXPECTS_SD), _total_sd(company.PERCEIVES_SD)
    share, perceived = population_share(), company.EXPECTED + company.GAP
    received_share = share[..., None] * np.tensordot(company.PRODUCT_SHARE, delay_share(), 1)  # (3, 4, 4, 13)
    share_of_delay = received_share.sum(axis=(0, 1, 2))
    given_delay = np.moveaxis(received_share / share_of_delay, -1, 0)
    effect = company.DELAY_EFFECT - share_of_delay @ company.DELAY_EFFECT
    received = perceived[company.RECEIVE] + company.DELAY_FACTOR * effect[:, None]
    shift = perceived_shift()
    shift_expected = np.broadcast_to(expected_shift(), shift.shape)
    received_sd = np.full(13, perceived_sd[company.RECEIVE])
    received_shift = np.broadcast_to(shift[company.RECEIVE], (13, 3, 4, 4))
    return LatentMeans(
        expected=item_means(company.EXPECTED, shift_expected, share, expected_sd, company.ITEM_EXPECTS),
        perceived=item_means(perceived, shift, share, perceived_sd, company.ITEM_PERCEIVES),
        received=item_means(received, received_shift, given_delay, received_sd, company.ITEM_PERCEIVES),
        expected_sd=expected_sd,
        perceived_sd=perceived_sd,
    )


def dimension_means(by_item: Floats) -> Floats:
    """Average the last axis, the 22 items, into the five dimensions."""
    member = company.ITEM_DIMENSION[:, None] == np.arange(5)
    return by_item @ (member / member.sum(axis=0))


def _total_sd(spread: company.Spread) -> Floats:
    """Latent standard deviation at each touchpoint: the parts are independent, so their variances add."""
    return np.sqrt(company.STYLE**2 + spread.respondent**2 + spread.touchpoint**2 + spread.dimension**2 + spread.answer**2)
