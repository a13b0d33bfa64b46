"""A survey with an overall judgement of every visit beside its ratings."""

from __future__ import annotations

import numpy as np
import pandas as pd
from answers import survey

DESIGN = {"weight": "weight", "stratum": "stratum", "psu": "psu", "population": "population"}


def recommended(seed: int = 5, people: int = 60) -> pd.DataFrame:
    """A survey in which every visit has an answer, or none."""
    frame = survey(seed, people)
    random = np.random.default_rng(seed)
    visit = frame.groupby(["respondent_id", "touchpoint", "wave"], observed=True).ngroup().to_numpy()
    answer = random.integers(0, 11, visit.max() + 1).astype(float)
    answer[random.random(len(answer)) < 0.1] = np.nan
    return frame.assign(recommend=answer[visit])
