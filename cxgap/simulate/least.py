"""The least acceptable level, asked as a third rating of every item."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.random import Generator

from cxgap.simulate import company
from cxgap.simulate.design import RANDOM_CLICKER, STRAIGHT_LINER, Design
from cxgap.simulate.survey import ITEMS, Answers


def asked_least(rng: Generator, design: Design, answers: Answers, responses: pd.DataFrame) -> pd.DataFrame:
    """Add `a01`..`a22` at the end of the answers, whole numbers of 1 to 7 with blanks: the least that would do.

    A latent adequate level is the latent expectation of that very answer, less the touchpoint's width, plus independent
    noise; so a few answers are inverted. Straight-liners repeat their number, random clickers draw each answer evenly.
    Answers are left out at random.
    """
    width = company.ZONE_WIDTH[answers.touchpoint, None].astype(np.float32)
    noise = rng.standard_normal(answers.level.shape, dtype=np.float32) * np.float32(company.ZONE_SD)
    least = np.clip(np.rint(answers.level - width + noise), 1, 7).astype(np.int16)
    care = design.care[answers.respondent]
    straight, clicked = np.flatnonzero(care == STRAIGHT_LINER), np.flatnonzero(care == RANDOM_CLICKER)
    least[straight] = answers.ratings[0, straight]
    least[clicked] = rng.integers(1, 8, (len(clicked), ITEMS))
    blank = rng.random(least.shape, dtype=np.float32) < company.ADEQUATE_BLANK
    columns = {f"a{item + 1:02d}": pd.arrays.IntegerArray(least[:, item], blank[:, item]) for item in range(ITEMS)}
    return responses.assign(**columns)
