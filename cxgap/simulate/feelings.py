"""What a visit cost in effort and how it felt, asked as two more judgements beside satisfaction."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.random import Generator

from cxgap.simulate import company
from cxgap.simulate.latent import dimension_means
from cxgap.simulate.survey import Answers


def asked_feelings(rng: Generator, answers: Answers, responses: pd.DataFrame) -> pd.DataFrame:
    """Add `effort` and `emotion` at the end of the answers, whole numbers of 1 to 7 with blanks.

    Effort depends on the touchpoint and falls with what was perceived there, weighted by the dimensions' importance; more is
    worse. Emotion follows the visit's own gap, perceived minus expected, weighted alike; more is better. Both have independent
    normal noise, are rounded and clipped, and are left out at random.
    """
    expected, perceived = (dimension_means(side.astype(np.float32)) @ company.IMPORTANCE for side in answers.ratings)
    usual = ((company.EXPECTED + company.GAP) @ company.IMPORTANCE)[answers.touchpoint]
    noise = rng.standard_normal((2, len(perceived)))
    effort = company.EFFORT[answers.touchpoint] + company.EFFORT_SLOPE * (perceived - usual) + company.EFFORT_SD * noise[0]
    emotion = company.EMOTION_MET + company.EMOTION_SLOPE * (perceived - expected) + company.EMOTION_SD * noise[1]
    blank = rng.random((2, len(perceived))) < company.FEELINGS_BLANK
    columns = {
        name: pd.arrays.IntegerArray(np.clip(np.rint(level), 1, 7).astype(np.int16), left_out)
        for name, level, left_out in zip(("effort", "emotion"), (effort, emotion), blank, strict=True)
    }
    return responses.assign(**columns)
