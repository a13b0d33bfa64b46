"""Which predictor tells more than another, whatever else is known: Azen & Budescu (2003), Psychological Methods 8(2)."""

from __future__ import annotations

import numpy as np
import pandas as pd

import cxgap as cx


def survey(slopes: tuple[float, ...], people: int = 300, halo: float = 0.5) -> pd.DataFrame:
    random = np.random.default_rng(1)
    x = random.normal(size=(people, len(slopes))) + halo * random.normal(size=(people, 1))
    return pd.DataFrame(x, columns=list("abcdef")[: len(slopes)]).assign(joy=x @ slopes + random.normal(size=people))


def test_a_strong_predictor_dominates_and_two_alike_do_not():
    table = cx.dominance(survey((1.0, 0.3, 0.3)), outcome="joy", predictors=["a", "b", "c"], replicates=299)
    rows = table.frame.set_index(["predictor", "over"])
    assert len(rows) == 3
    first = rows.xs("a", level="predictor")
    assert (first["complete"] == 1).all()
    assert (first["reproduced"] > 0.95).all()
    assert set(first["finding"]) == {"always tells more"}
    (other,) = [row for pair, row in rows.iterrows() if pair[0] != "a"]
    assert other["finding"] == "cannot tell"
    assert other["reproduced"] < 0.95
    assert table.title == "Of 3 pairs of predictors of joy, in 2 one always tells more than the other"
    said = cx.describe(table)
    assert "tells more than" in said.details[0].text
    assert said.lead[0].text.startswith("Of 1 pair we cannot tell")


def test_a_pair_is_compared_in_every_model_of_the_others():
    """Arithmetic: R squared of all subsets by least squares."""
    frame = survey((0.6, 0.5, 0.2))
    table = cx.dominance(frame, outcome="joy", predictors=["a", "b", "c"], replicates=0)

    def r2(names: list[str]) -> float:
        x = np.column_stack([np.ones(len(frame)), frame[names]])
        left = frame["joy"] - x @ np.linalg.lstsq(x, frame["joy"], rcond=None)[0]
        return 1 - left.var(ddof=0) / frame["joy"].var(ddof=0)

    for row in table.frame.itertuples():
        (third,) = {"a", "b", "c"} - {row.predictor, row.over}
        more = [r2([row.predictor, *rest]) > r2([row.over, *rest]) for rest in ([], [third])]
        assert row.models == np.mean(more)
        assert row.complete == (1 if all(more) else 0 if not any(more) else 0.5)
    assert table.frame["reproduced"].isna().all()


def test_too_many_or_one_are_not_compared_and_a_page_goes_on():
    one = cx.dominance(survey((1.0, 0.3)), outcome="joy", predictors=["a"])
    assert one.missing.startswith("one predictor alone has none to be compared with; declare the dimension")
    wide = pd.DataFrame(np.random.default_rng(0).normal(size=(90, 14)), columns=[f"x{k}" for k in range(14)])
    many = cx.dominance(wide, outcome="x13", predictors=list(wide)[:13])
    assert many.missing.startswith("13 predictors have too many subsets to compare in; name at most 12")
    assert not cx.drivers(wide, outcome="x13", predictors=list(wide)[:13], replicates=9).missing
