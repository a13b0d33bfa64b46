"""Surveys and orders to measure on: the same for a seed, whatever the machine."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

TOUCHPOINTS = ("discover", "buy", "deliver", "support")
DIMENSIONS = ("tangibles", "reliability", "responsiveness", "assurance", "empathy")
ITEM_DIMENSION = np.repeat(np.arange(5), [4, 5, 4, 4, 5])
ITEMS = len(ITEM_DIMENSION)
ANSWERS = len(TOUCHPOINTS) * ITEMS  # that a respondent could give
MISSING, SKIPPED = 0.05, 0.10  # of answers, and of touchpoints
CHUNK = 20_000  # respondents made at once


def respondents_of(answers: int) -> int:
    """Return how many respondents could give that many answers: 1,137 for 100,000."""
    return -(-answers // ANSWERS)


def survey(answers: int, seed: int, *, segments: int = 4) -> pd.DataFrame:
    """Make a survey as people hold it: a pandas frame, one row an answer, names as categories.

    Parameters
    ----------
    answers : that could be given, by respondents x 4 touchpoints x 22 items; 14 in 100 are missing
    segments : of respondents, all of about one size

    Returns
    -------
    Frame with `respondent_id`, `touchpoint`, `dimension`, `item`, `segment`, `expectation`, `perception` (1 to 7), `weight`
    and `satisfaction` (0 to 10, of the visit). Rows are sorted by respondent.
    """
    import pandas as pd

    parts = list(chunks(respondents_of(answers), seed, segments=segments))
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    del parts
    return pd.DataFrame(named(columns, segments))


def named(columns: dict[str, np.ndarray], segments: int) -> dict[str, object]:
    """Give the codes of a chunk their names, as categories."""
    import pandas as pd

    names = {
        "touchpoint": list(TOUCHPOINTS),
        "dimension": list(DIMENSIONS),
        "item": [f"q{item:02}" for item in range(1, ITEMS + 1)],
        "segment": [f"s{segment:03}" for segment in range(segments)],
    }
    return {
        name: pd.Categorical.from_codes(values, names[name]) if name in names else values for name, values in columns.items()
    }


def chunks(respondents: int, seed: int, *, segments: int = 4) -> Iterator[dict[str, np.ndarray]]:
    """Yield the columns of `survey`, names as codes, of CHUNK respondents at a time."""
    touchpoints = len(TOUCHPOINTS)
    ease = np.linspace(-0.3, 0.2, touchpoints, dtype=np.float32)
    for number, first in enumerate(range(0, respondents, CHUNK)):
        many = min(CHUNK, respondents - first)
        random = np.random.Generator(np.random.SFC64([seed, number]))

        def normal(*shape: int, random: np.random.Generator = random) -> np.ndarray:
            return random.standard_normal(shape, dtype=np.float32)

        segment = random.integers(0, segments, many, dtype=np.int16)
        person, visit = normal(many, 1, 1), normal(many, touchpoints, 1)
        expected, perceived = normal(many, 1, 5)[..., ITEM_DIMENSION], normal(many, touchpoints, 5)[..., ITEM_DIMENSION]
        shape = (many, touchpoints, ITEMS)
        expectation = np.clip(np.rint(5.6 + 0.45 * person + 0.35 * expected + 0.8 * normal(*shape)), 1, 7)
        slow = 0.15 * (segment == 1)[:, None, None]
        quality = 4.9 + 0.55 * person + 0.5 * visit + 0.5 * perceived + ease[:, None] - slow
        perception = np.clip(np.rint(quality + 0.9 * normal(*shape)), 1, 7)
        pleased = 6.5 + 1.1 * (perception.mean(2) - 4.9) - 0.35 * (expectation.mean(2) - 5.6) + 0.9 * normal(many, touchpoints)
        weight = np.exp(0.4 * random.standard_normal(many))
        given = (random.random(shape, dtype=np.float32) >= MISSING) & (random.random((many, touchpoints, 1)) >= SKIPPED)
        place = np.flatnonzero(given.ravel())
        who, where, item = place // ANSWERS, place // ITEMS % touchpoints, place % ITEMS
        yield {
            "respondent_id": first + who,
            "touchpoint": where.astype(np.int8),
            "dimension": ITEM_DIMENSION[item].astype(np.int8),
            "item": item.astype(np.int8),
            "segment": segment[who],
            "expectation": expectation.ravel()[place].astype(np.int8),
            "perception": perception.ravel()[place].astype(np.int8),
            "weight": weight[who],
            "satisfaction": np.clip(np.rint(pleased), 0, 10).astype(np.int8)[who, where],
        }


def orders(count: int, seed: int, *, groups: int = 100) -> pd.DataFrame:
    """Make orders with a promise and what came of it, in whole days: `group`, `promised`, `delivered`."""
    import pandas as pd

    random = np.random.Generator(np.random.SFC64(seed))
    group = random.integers(0, groups, count, dtype=np.int16)
    promised = random.integers(2, 15, count, dtype=np.int16)
    late = np.clip(np.rint(random.gamma(2.0, 1.6, count) - 3.0 + (group % 7) / 5), -2, 60).astype(np.int16)
    names = [f"g{one:03}" for one in range(groups)]
    return pd.DataFrame(
        {"group": pd.Categorical.from_codes(group, names), "promised": promised, "delivered": np.maximum(promised + late, 0)}
    )
