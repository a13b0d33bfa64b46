"""How far managers agree, against Shrout & Fleiss on every engine."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from answers import survey
from conftest import ENGINES
from pandas.testing import assert_frame_equal
from samples import sample

from cxgap.errors import ArgumentError
from cxgap.gaps.agreement import manager_agreement

# Shrout & Fleiss (1979), Psychological Bulletin 86(2), 420-428: four judges, six targets.
JUDGES = [[9, 6, 8, 7, 10, 6], [2, 1, 4, 1, 5, 2], [5, 3, 6, 2, 6, 4], [8, 2, 8, 6, 9, 7]]


def panel(seed: int, managers: int = 8, missing: float = 0.2) -> pd.DataFrame:
    """Managers who rate the items and touchpoints of `survey`."""
    random = np.random.default_rng(seed)
    asked = survey(1, people=30)[["touchpoint", "item", "dimension", "retained"]].drop_duplicates()
    who = pd.DataFrame({"manager_id": [f"m{number:02d}" for number in random.permutation(managers)]})
    frame = who.merge(asked, "cross")
    believed = random.integers(1, 8, len(frame)).astype(float)
    return frame.assign(believed=np.where(random.random(len(frame)) < missing, np.nan, believed))


@pytest.mark.parametrize("engine", ENGINES)
def test_published_judges_agree_as_published(engine):
    """Shrout & Fleiss (1979): ICC(2,1) .29, ICC(2,4) .62; R psych::ICC for the intervals."""
    rows = [(judge, f"t{target}", float(value)) for judge, line in enumerate(JUDGES) for target, value in enumerate(line)]
    managers = pd.DataFrame(rows, columns=["manager_id", "item", "believed"])
    table = manager_agreement(ENGINES[engine](managers), by="", min_managers=2)
    (row,) = table.frame.itertuples()
    assert (row.n_managers, row.n_items) == (4, 6)
    assert (row.icc, row.icc_low, row.icc_high) == pytest.approx((0.2898, 0.0188, 0.7611), abs=5e-5)
    assert (row.icc_mean, row.icc_mean_low, row.icc_mean_high) == pytest.approx((0.6201, 0.0711, 0.9272), abs=5e-5)
    assert table.cells == (("6", "4", "2.50", "0.29 (0.02 to 0.76)", "0.62 (0.07 to 0.93)", "Managers agree poorly"),)
    hidden = manager_agreement(managers, by="")
    assert hidden.frame["flags"].tolist() == ["SUPPRESSED_PRIVACY"]
    assert hidden.frame[["n_managers", "icc", "icc_mean", "std_dev"]].isna().all(axis=None)
    assert hidden.cells == (("", "", "", "", "", "Too few people to show"),)


def test_a_manager_who_left_an_item_out_is_not_in_the_agreement():
    """Two-way: every rater rates every item (McGraw & Wong 1996)."""
    managers = panel(3, managers=12, missing=0)
    some = managers.copy()
    some.loc[some.index[some["manager_id"] == "m03"][0], "believed"] = np.nan
    place = some.loc[some["believed"].isna(), "touchpoint"].iloc[0]
    counts = manager_agreement(some).frame.set_index("touchpoint")["n_managers"]
    assert counts[place] == 11
    assert counts.drop(place).tolist() == [12, 12]
    assert manager_agreement(some[some["manager_id"] != "m03"]).frame["icc"].notna().all()


@pytest.mark.parametrize("engine", ENGINES)
def test_every_engine_gives_the_same_bits(engine):
    managers = panel(4)
    table = manager_agreement(ENGINES[engine](managers), by="dimension")
    assert_frame_equal(table.frame, manager_agreement(managers, by="dimension").frame, check_exact=True)


def test_the_agreement_of_the_sample_study_is_shown_and_recorded():
    table = manager_agreement(sample().managers)
    record = json.loads(json.dumps(table.record(), allow_nan=False))
    assert len(record["cells"]) == 7
    assert {len(row) for row in table.cells} == {len(table.heads)}
    assert "nan" not in str(table.cells)


def test_what_is_judged_is_no_group_and_a_table_that_is_not_there_is_named():
    assert manager_agreement(None).missing == "no table was given"
    with pytest.raises(ArgumentError, match="`level` must be one of"):
        manager_agreement(panel(1), level="items")
    with pytest.raises(ArgumentError, match="`by` must not name 'item', which is what is judged"):
        manager_agreement(panel(1), by="item")
