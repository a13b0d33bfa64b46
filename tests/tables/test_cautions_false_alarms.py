"""Warnings of how answers look are for what is wrong: on honest data they stay silent."""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from drawn import drawn, text
from samples import sample

import cxgap as cx
from cxgap.tables.cautions.survey import Survey
from cxgap.tables.cautions.swapped import BEYOND, _crossing

SCREENS = {
    "swapped_ratings",
    "flipped_scale",
    "scale_drift",
    "copied_ratings",
    "reverse_suspected",
    "near_duplicate",
    "reject_bias",
}
SIMULATED = [range(8), pytest.param(range(8, 30), marks=pytest.mark.slow)]


def warnings(read):
    return {issue["check"] for issue in read.issues if issue["severity"] == "warning"}


@pytest.mark.parametrize("seeds", SIMULATED, ids=["first", "others"])
def test_simulated_studies_meet_no_screen(study, seeds):
    """People and touchpoints of a kind, four waves, gaps of either sign: of 30 studies none may meet a screen."""
    met: Counter[str] = Counter()
    for seed in seeds:
        tables = cx.simulate_study(100, seed=seed).tables
        responses = tables["responses"].filter(regex="^(respondent|touch|wave|region|[ep][0-9])")
        items = {f"items.{row.item}": {"dimension": row.dimension} for row in tables["items"].itertuples()}
        words = {"study": {"expectation_type": "should"}, "responses": {"missing": ["99"]}}
        met.update(warnings(study(responses.to_csv(index=False), **words, **items)) & SCREENS)
    assert met == {}


@pytest.mark.parametrize("seed", [pytest.param(n, marks=pytest.mark.slow if n % 2 else []) for n in range(12)])
def test_surveys_drawn_at_random_meet_no_warning(study, seed):
    frame = drawn(90 + 30 * seed, 5 + seed % 6, waves=("Q1", "Q2", "Q3"), seed=seed)
    assert warnings(study(text(frame))) == set()


def test_the_sample_meets_what_it_always_met():
    assert warnings(sample()) <= {"small_sample", "open_events"}


def test_one_feeling_behind_both_ratings_is_the_worst_case_for_an_exchange():
    """Where expectation and perception say the same of a person, nothing tells them apart: 900 items, none near the line."""
    furthest = []
    for seed in range(150):
        draw = np.random.default_rng(seed)
        people, items = 120, 6
        feeling = draw.normal(0, 1, (people, 1))
        ratings = {
            name: np.clip(np.round(level + feeling + draw.normal(0, 1, (people, items))), 1, 7).ravel()
            for name, level in (("expectation", 5.5), ("perception", 4.8))
        }
        keys = {
            "respondent_id": np.repeat(np.arange(people), items),
            "touchpoint": pd.Categorical(["Buy"] * people * items),
            "item": pd.Categorical(np.tile(list("123456"), people)),
        }
        spec = SimpleNamespace(scale=SimpleNamespace(low=1, high=7))
        crossing, error = _crossing(Survey.of(pd.DataFrame({**keys, **ratings}), spec, {}))
        furthest.append((crossing / error).max())
    assert max(furthest) < BEYOND / 1.5
