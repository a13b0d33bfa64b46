"""The customer survey: what respondents expected and perceived, wide, as survey tools export it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.random import Generator
from numpy.typing import NDArray

from cxgap.simulate import company
from cxgap.simulate.design import ATTENTIVE, RANDOM_CLICKER, STRAIGHT_LINER, Design, choose
from cxgap.simulate.latent import dimension_means, expected_shift, latent_means, perceived_shift
from cxgap.simulate.orders import Orders
from cxgap.simulate.text import codes, days, identifiers
from cxgap.vocabulary import DIMENSIONS

ITEMS = len(company.ITEM_DIMENSION)
SATISFACTION_BLANK = 0.02
_BLANK = -1


@dataclass(frozen=True, eq=False)
class Answers:
    """What respondents have in mind before anything goes wrong in the file: one row a respondent and touchpoint used."""

    respondent: NDArray  # position of the respondent
    touchpoint: NDArray
    order: NDArray  # position of the order that is asked about, else -1
    level: NDArray  # latent expectation of the attentive, shape (rows, 22)
    person: NDArray  # the part of it that all answers of a respondent have in common, by respondent: normal, mean 0
    ratings: NDArray  # expected and perceived, 1 to 7, shape (2, rows, 22)
    disposition: NDArray  # the part of all perceptions, and of no expectation, that belongs to the respondent: standard normal


def draw_answers(rng: Generator, design: Design, orders: Orders) -> Answers:
    """Draw the answers of all respondents, careless ones too, in journey order."""
    respondent, touchpoint = np.nonzero(design.used)
    order = np.full(len(design.asked), -1)
    order[orders.respondent[orders.respondent >= 0]] = np.flatnonzero(orders.respondent >= 0)
    order = np.where(touchpoint == company.RECEIVE, order[respondent], -1)
    delay = np.where(order >= 0, orders.delay[order] - company.DELAYS[0], -1)
    level, person, disposition, ratings = _attentive_answers(rng, design, respondent, touchpoint, delay)
    _answer_carelessly(rng, design.care, respondent, ratings)
    return Answers(respondent, touchpoint, order, level, person, ratings, disposition)


def responses_table(rng: Generator, design: Design, answers: Answers, customer_id: NDArray, event_id: NDArray) -> pd.DataFrame:
    """Write the answers down: one row a respondent and touchpoint used.

    Ratings are `e01`..`e22` and `p01`..`p22`, whole numbers of 1 to 7; 99 is not applicable, and a few cells hold numbers that
    are not on the scale. `seconds` is the time taken over the row. Satisfaction (1 to 7) follows what was perceived, weighted
    by the dimensions' importance; `recommend` (0 to 10) follows the respondent's mean satisfaction.
    """
    respondent, ratings = answers.respondent, answers.ratings.copy()
    satisfaction = dimension_means(ratings[1].astype(np.float32)) @ company.IMPORTANCE
    satisfaction = np.clip(np.rint(satisfaction + rng.normal(0, 0.6, len(satisfaction))), 1, 7)
    mean_satisfaction = np.bincount(respondent, satisfaction) / design.used.sum(axis=1)
    recommend = np.clip(np.rint(1.7 * mean_satisfaction - 2.0 + rng.normal(0, 1.2, len(mean_satisfaction))), 0, 10)
    _spoil(rng, ratings, round(company.IMPOSSIBLE_PER_RESPONDENT * len(design.asked)))

    customer, care = design.asked[respondent], design.care[respondent]
    points, has_points = _importance(rng, len(design.asked))
    seconds = np.where(care == ATTENTIVE, 290, 52) * np.exp(rng.normal(0, 0.3, len(respondent)))
    columns = {
        "respondent_id": identifiers("R", len(design.asked))[respondent],
        "customer_id": customer_id[customer],
        "wave": codes(company.WAVES, design.wave[respondent]),
        "region": codes(company.REGIONS, design.region[customer]),
        "segment": codes(company.SEGMENTS, design.segment[customer]),
        "channel": codes(company.CHANNELS, design.channel[customer]),
        "at": days(design.answered)[respondent],
        "weight": design.weight[respondent],
        "seconds": np.rint(seconds).astype(np.int64),
        "touchpoint": codes(company.TOUCHPOINTS, answers.touchpoint),
        "event_id": codes(event_id, answers.order),
        **{f"e{item + 1:02d}": _whole(ratings[0, :, item]) for item in range(ITEMS)},
        **{f"p{item + 1:02d}": _whole(ratings[1, :, item]) for item in range(ITEMS)},
        **{
            f"importance_{name}": _whole(np.where(has_points, points[:, place], _BLANK)[respondent])
            for place, name in enumerate(DIMENSIONS)
        },
        "satisfaction": _whole(np.where(rng.random(len(respondent)) < SATISFACTION_BLANK, _BLANK, satisfaction)),
        "recommend": _whole(recommend[respondent]),
    }
    return pd.DataFrame(columns)


def _whole(values: NDArray) -> pd.arrays.IntegerArray:
    """Whole numbers with blanks."""
    return pd.arrays.IntegerArray(values.astype(np.int16), values == _BLANK)


def _attentive_answers(
    rng: Generator, design: Design, respondent: NDArray, touchpoint: NDArray, delay: NDArray
) -> tuple[NDArray, NDArray, NDArray, NDArray]:
    """Draw latent answers as latent.py describes them, round and clip.

    Returns
    -------
    The latent expectation, shape (rows, 22); the part of it that a respondent's answers have in common beside segment and wave,
    shape (respondents,); the respondent's own part of the perceptions, standardised, of that shape too; and the ratings,
    expected and perceived, shape (2, rows, 22).
    """
    means, customer = latent_means(), design.asked[respondent]
    cell = design.segment[customer], design.region[customer], design.wave[respondent]
    style = rng.normal(0, company.STYLE, len(design.asked))
    row = np.where(delay >= 0, len(company.TOUCHPOINTS) + delay, touchpoint)
    perceived = np.concatenate([means.perceived, means.received])
    ratings = np.empty((2, len(row), ITEMS), dtype=np.int8)
    levels, persons = [], []
    for side, mean, shift, sd in (
        (0, means.expected[touchpoint], expected_shift()[cell], company.EXPECTS_SD),
        (1, perceived[row], perceived_shift()[(touchpoint, *cell)], company.PERCEIVES_SD),
    ):
        person = rng.normal(0, sd.respondent, len(design.asked))
        moment = rng.normal(0, 1, len(row)) * sd.touchpoint[touchpoint]
        dimension = rng.standard_normal((len(design.asked), 5), dtype=np.float32) * np.float32(sd.dimension)
        answer = rng.standard_normal((len(row), ITEMS), dtype=np.float32)
        answer *= np.float32(sd.answer)
        answer += mean
        answer += (shift + style[respondent] + person[respondent] + moment)[:, None]
        answer += dimension[respondent][:, company.ITEM_DIMENSION]
        ratings[side] = np.clip(np.rint(answer), 1, 7)
        levels.append(answer)
        persons.append(person)
    return levels[0], style + persons[0], persons[1] / company.PERCEIVES_SD.respondent, ratings


def _answer_carelessly(rng: Generator, care: NDArray, respondent: NDArray, ratings: NDArray) -> None:
    """Overwrite the rows of careless respondents, in place; a straight-liner keeps to one number at every touchpoint."""
    number = company.STRAIGHT_ANSWERS[choose(rng, len(care), company.STRAIGHT_SHARE)][respondent]
    straight, clicked = np.flatnonzero(care[respondent] == STRAIGHT_LINER), np.flatnonzero(care[respondent] == RANDOM_CLICKER)
    ratings[:, straight] = number[straight][:, None]
    ratings[:, clicked] = rng.integers(1, 8, (2, len(clicked), ITEMS))


def _spoil(rng: Generator, ratings: NDArray, impossible: int) -> None:
    """Leave answers out, mark some as not applicable, and put impossible numbers into a few cells, in place."""
    for side, blank in zip(ratings, (company.EXPECTS_BLANK, company.PERCEIVES_BLANK), strict=True):
        level = rng.random(side.shape, dtype=np.float32)
        side[level < blank + company.NOT_APPLICABLE_SHARE] = company.NOT_APPLICABLE
        side[level < blank] = _BLANK
    cells = rng.choice(ratings.size, impossible, replace=False, shuffle=False)
    ratings.flat[cells] = rng.choice(company.IMPOSSIBLE, impossible)


def _importance(rng: Generator, size: int) -> tuple[NDArray, NDArray]:
    """Points over the five dimensions, shape (size, 5), and who gave any.

    They sum to 100, but for a few who miscount their largest by 1 to 4 points, and a few who misread the question and
    rate each dimension from 1 to 8.
    """
    points = 5 * rng.multinomial(20, company.IMPORTANCE, size)
    level = rng.random(size)
    near = np.flatnonzero(level < company.IMPORTANCE_NEAR)
    points[near, points[near].argmax(axis=1)] += rng.integers(1, 5, len(near)) * rng.choice([-1, 1], len(near))
    far = (level >= company.IMPORTANCE_NEAR) & (level < company.IMPORTANCE_NEAR + company.IMPORTANCE_FAR)
    points[far] = rng.integers(1, 9, (far.sum(), 5))
    return points, level < 1 - company.IMPORTANCE_BLANK
