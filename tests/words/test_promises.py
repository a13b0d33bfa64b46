"""What delays go with, and which promise can be kept, said of tables with known numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from promised_orders import DAY, shop_orders

import cxgap as cx
from cxgap.words.promises import _further

START = pd.Timestamp("2026-03-02 10:00", tz="UTC")


def told(late: float, each: float, early: float, size: int = 40, noise: float = 0.4) -> cx.Prose:
    """Describe a response of so many orders a day from 3 early to 4 late."""
    rng = np.random.default_rng(1)
    delay = np.repeat(np.arange(-3.0, 5), size)
    score = 6 + late * (delay > 0) + each * np.maximum(delay, 0) + early * np.maximum(-delay, 0)
    score += rng.normal(0, noise, len(delay)) if noise else 0
    made = pd.DataFrame({"ordered_at": START, "promised_first": START + 3 * DAY, "score": score})
    made["delivered_at"] = made["promised_first"] + pd.to_timedelta(delay, unit="D")
    return cx.describe(cx.promise_response(made, outcome="score"))


def said(prose: cx.Prose) -> str:
    return " ".join(sentence.text for part in (prose.lead, prose.details, prose.limits) for sentence in part)


def test_a_cliff_and_a_gain_are_said_with_their_intervals():
    prose = told(-1, -0.2, 0.3, noise=0.05)
    assert prose.headline.startswith("One day late goes with 1.2 points less (1.")
    assert "; a day early goes with 0.3 points more (0." in prose.headline
    lead = [sentence.text for sentence in prose.lead]
    assert lead[0].startswith("Orders that came late are judged 1.9")
    assert "a day late alone goes with 1." in lead[0]
    assert lead[1].startswith("The promise is a cliff: the line falls by ")
    assert "each further day late goes with 0." in lead[1]
    assert lead[2].startswith("A day early goes with 0.")
    assert lead[2].endswith("higher.")
    assert lead[3].startswith("Late weighs more than early: a day of each together goes with 0.")
    assert "times as much as" in lead[3]
    assert "weighs at least" in lead[3]
    assert "and not what would happen to one of them" in said(prose)


def test_no_benefit_of_early_and_no_cliff_are_said_so():
    prose = told(0, -0.8, 0)
    assert prose.headline.endswith("; no benefit of early was found")
    assert any(each.text.startswith("No cliff is shown at the promise; each day late goes with 0.8") for each in prose.lead)
    assert any(each.text.startswith("No benefit of early was found: a day early goes with between ") for each in prose.lead)
    none = told(0, 0, 0, size=20, noise=2)
    assert none.headline == "What a late order goes with cannot be told"
    assert "so that we cannot tell" in none.lead[0].text


def test_cells_are_spoken_of_one_by_one_and_hidden_ones_tell_nothing():
    made = shop_orders(600)
    made["state"] = np.where(np.arange(600) < 5, "AC", made["state"].replace("MG", "RJ"))
    prose = cx.describe(cx.promise_response(made, outcome="review_score", by="state", min_n=10))
    details = {sentence.text.split(":")[0]: sentence.text for sentence in prose.details}
    assert details["AC"] == "AC: not shown."
    assert any(": orders that came late are judged 1." in text for text in details.values())


def test_a_promise_is_said_with_its_confidence_and_beside_what_is_promised_today():
    frame = pd.DataFrame({"delivered": np.repeat([1.0, 2, 3, 4, 9], [200, 200, 150, 40, 10]), "open": False, "promised": 2.0})
    table = cx.promise_plan(frame, reliability=(0.9, 0.95))
    prose = cx.describe(table)
    assert table.title == "A promise of 4 days is kept at least 95 % of the time; today's, of 2, is kept 67 %"
    assert prose.headline == table.title
    assert prose.lead[0].text == (
        "Promise 4 days: with 95 % confidence it is kept at least 95 % of the time; today's promise, of 2 days, "
        "is kept 67 % (63 to 70 %)."
    )
    shorter = "Promise 4 days: with 95 % confidence it is kept at least 90 % of the time (by the data alone, 3 days)."
    assert prose.details[0].text == shorter
    assert "What it costs in orders that are then not placed is not known here." in said(prose)
    few = cx.describe(cx.promise_plan(frame.iloc[::60], reliability=0.95))
    assert "no promise is surely kept 95 % of the time" in said(few).replace("No promise", "no promise")
    open_ = frame.assign(open=np.arange(600) % 3 == 0)
    late = said(cx.describe(cx.promise_plan(open_, reliability=0.8)))
    assert "Delivered orders alone would say" in late or "still open" in late


@pytest.mark.parametrize(
    ("points", "said"),
    [
        ((0.26, -0.01, 0.53), "between 0.01 points lower and 0.53 higher than"),
        ((-0.30, -0.40, -0.20), "0.30 points (0.20 to 0.40) lower than"),
        ((0.30, 0.20, 0.40), "0.30 points (0.20 to 0.40) higher than"),
        ((0.30, np.nan, np.nan), "0.30 points higher than"),
    ],
)
def test_what_the_delays_of_a_promise_go_with_is_said_with_its_side_or_that_nobody_can_tell(points, said):
    row = dict(zip(("points", "points_low", "points_high"), points, strict=True))
    (text,) = _further({**row, "open": 0, "closed_only": np.nan, "shortest": 4.0, "unit": "days"})
    end = ", so that we cannot tell" if said.startswith("between") else ""
    assert text == f"Delays under such a promise go with judgements {said} those of orders that all come as promised{end}."


def test_whom_to_cite_and_what_was_done_are_known():
    tables = [cx.promise_response(shop_orders(80), outcome="review_score"), cx.promise_plan(shop_orders(80))]
    assert {"MacKinnon", "Fieller", "Aalen", "Brookmeyer"} <= {
        name for name in ("MacKinnon", "Fieller", "Aalen", "Brookmeyer") if name in str(cx.cite(*tables))
    }
    assert "by leaving each customer out" in str(cx.methods(*tables))
    missing = cx.describe(cx.promise_plan(pd.DataFrame({"at": [1]})))
    assert missing.headline == "Which promise can be kept: not measured"


@pytest.mark.parametrize("verb", ["drives", "causes", "leads to"])
def test_no_sentence_claims_a_cause(verb):
    assert verb not in said(told(-1, -0.2, 0.3))
