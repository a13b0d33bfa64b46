"""What goes with a respondent's expectations: the plan bought, a promise remembered, and what others told."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.random import Generator
from numpy.typing import NDArray

from cxgap.simulate import company
from cxgap.simulate.survey import Answers
from cxgap.simulate.text import codes

PERSON_SD = float(np.hypot(company.STYLE, company.EXPECTS_SD.respondent))


def asked_factors(rng: Generator, answers: Answers, responses: pd.DataFrame) -> pd.DataFrame:
    """Add `plan`, `promise_seen` and `heard_from_others` at the end of the answers, one word a respondent, some left out.

    Each is drawn from the part of the expectation that all answers of the respondent have in common, and given that part
    independently of the others, of segment and region and of everything else: the answers are what they were before.
    """
    said = draw_factors(rng, answers.person).astype(int)
    said[rng.random(said.shape) < company.FACTOR_BLANK] = -1
    columns = {
        name: codes(words, said[:, place])[answers.respondent]
        for place, (name, words) in enumerate(zip(company.FACTORS, company.FACTOR_ANSWERS, strict=True))
    }
    return responses.assign(**columns)


def draw_factors(rng: Generator, person: NDArray) -> NDArray:
    """Draw who says yes (or Plus) to each of FACTORS, given what a respondent's expectations have in common; (people, 3)."""
    from scipy.special import ndtri

    loading = company.FACTOR_LOADING
    noise = rng.standard_normal((len(person), len(loading)))
    said: NDArray = loading * person[:, None] / PERSON_SD + np.sqrt(1 - loading**2) * noise > ndtri(1 - company.FACTOR_SHARE)
    return said
