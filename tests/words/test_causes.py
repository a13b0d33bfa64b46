"""Causes and changes in sentences: what is within control, what cannot be told, and which part moved."""

from __future__ import annotations

import numpy as np
import pandas as pd

import cxgap as cx

CONTROL = pd.DataFrame({"cause": ["carrier", "weather", "address"], "control": ["controllable", "uncontrollable", "shared"]})


def late(causes: list[object], **columns: object) -> pd.DataFrame:
    kept = 100 - len(causes)
    delivered = [4.0] * kept + [7.0] * len(causes)
    return pd.DataFrame({"promised": 5.0, "delivered": delivered, "cause": [None] * kept + causes, **columns})


def texts(prose: cx.Prose) -> list[str]:
    return [sentence.text for sentence in (*prose.lead, *prose.details)]


def test_bounds_are_said_with_what_leaves_them_open():
    prose = cx.describe(cx.causes(late(["carrier"] * 20 + ["weather"] * 15 + ["address"] * 5 + [None] * 10), CONTROL))
    assert prose.headline == "Between 40 and 70 % of lateness is within our control"
    bounds, felt, largest = texts(prose)
    assert bounds.startswith("Of 50 late promises, between 40 % and 70 % are within our control (both bounds lie in ")
    assert bounds.endswith("what cannot be told is the 20 % without a known cause and the 10 % that are shared with others.")
    assert felt.startswith("50 % were on time or early (")
    assert felt.endswith("but for what is beyond our control it would be 59 %, yet customers feel the 50 %.")
    assert "which of carrier, weather and what is unknown is the largest is not settled" in largest


def test_where_everything_is_known_there_is_one_share_and_nothing_is_excused():
    prose = cx.describe(cx.causes(late(["carrier"] * 40), CONTROL))
    assert prose.headline == "100 % of lateness is within our control"
    assert "what cannot be told" not in " ".join(texts(prose))
    assert "customers feel" not in " ".join(texts(prose))
    none = cx.describe(cx.causes(late([]), CONTROL))
    assert texts(none)[0] == "No promise of 100 was broken."


def test_a_rival_beyond_those_that_are_named_is_counted():
    """Seven causes of ten each: three are named, and none of the seven is settled to be the largest."""
    kinds = [f"cause {number}" for number in range(7)]
    prose = cx.describe(cx.causes(late([kind for kind in kinds for _ in range(10)]), CONTROL))
    assert texts(prose)[-1].endswith("; which of the first 7 is the largest is not settled.")


def test_cells_are_spoken_of_one_by_one():
    frame = late(["carrier"] * 20 + ["weather"] * 20, region=["N", "S"] * 50)
    prose = cx.describe(cx.causes(frame, CONTROL, by="region"))
    assert prose.headline == "50 % of lateness is within our control in every region"
    assert sum(text.startswith("N: ") for text in texts(prose)) == 3


def test_a_change_is_said_with_its_parts_and_no_arrow_on_noise():
    random, parts = np.random.default_rng(2), []
    for wave, home, lift in (("May", 0.7, 0.0), ("June", 0.4, 0.2)):
        at_home = random.random(3000) < home
        gap = np.where(at_home, -0.2, -1.0) + lift + random.normal(0, 0.3, 3000)
        ids = [f"{wave}{number}" for number in range(3000)]
        segment = np.where(at_home, "Home", "Firm")
        parts.append(pd.DataFrame({"respondent_id": ids, "wave": wave, "segment": segment, "perception": 5 + gap}))
    frame = pd.concat(parts).assign(
        expectation=5.0, wave=lambda made: pd.Categorical(made["wave"], ["May", "June"], ordered=True)
    )
    prose = cx.describe(cx.change_decomposition(frame))
    assert prose.headline == "The gap moved within groups in 1 of 1 step by wave, and by who answered in 1"
    assert texts(prose)[0].startswith("May to June, the gap moved by ")
    assert "better within groups, worse by who answered" in texts(prose)[0]
    quiet = cx.describe(
        cx.change_decomposition(frame.groupby("wave", observed=True).head(40).assign(perception=frame["perception"].mean()))
    )
    assert quiet.headline.startswith("No clear change of the gap by wave")
