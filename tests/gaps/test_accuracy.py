"""How right managers are, against Cronbach's parts on every engine, with few people, few items and mere noise."""

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
from cxgap.gaps.accuracy import knowledge_accuracy
from cxgap.tables.absent import Absent

FULL = {"weight": "weight", "stratum": "stratum", "psu": "psu", "population": "population", "scale": (1, 7)}

# Methods O-1.3: five items, what customers expect of each and what managers believe.
EXPECTED, BELIEVED = [6.5, 6.2, 5.8, 6.0, 5.0], [5.5, 6.4, 6.0, 6.1, 6.2]


def panel(seed: int, managers: int = 8, missing: float = 0.2) -> pd.DataFrame:
    """Managers who rate the items and touchpoints of `survey`."""
    random = np.random.default_rng(seed)
    asked = survey(1, people=30)[["touchpoint", "item", "dimension", "retained"]].drop_duplicates()
    who = pd.DataFrame({"manager_id": [f"m{number:02d}" for number in random.permutation(managers)]})
    frame = who.merge(asked, "cross")
    believed = random.integers(1, 8, len(frame)).astype(float)
    return frame.assign(believed=np.where(random.random(len(frame)) < missing, np.nan, believed))


def judged(expected: list[float], believed: list[float], people: int = 6) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Let customers and managers differ about each item, with the given means."""
    apart = np.tile([-0.5, 0.5], people // 2)
    rows = [(who, f"i{item:02d}", mean + apart[who]) for item, mean in enumerate(expected) for who in range(people)]
    customers = pd.DataFrame(rows, columns=["respondent_id", "item", "expectation"])
    rows = [(who, f"i{item:02d}", mean + apart[who]) for item, mean in enumerate(believed) for who in range(people)]
    return customers, pd.DataFrame(rows, columns=["manager_id", "item", "believed"])


@pytest.mark.parametrize("engine", ENGINES)
def test_a_small_mean_gap_can_hide_a_wrong_order(engine):
    """Methods O-1.3; the noise by arithmetic: variance .3 over 6 on either side of every item."""
    customers, managers = (ENGINES[engine](frame) for frame in judged(EXPECTED, BELIEVED))
    table = knowledge_accuracy(customers, managers, scale=(1, 7))
    (row,) = table.frame.itertuples()
    assert (row.n, row.n_managers, row.n_items) == (6, 6, 5)
    assert (row.mse, row.elevation, row.mean_gap) == pytest.approx((0.506, 0.0196, 0.14), abs=1e-12)
    assert (row.spread, row.ordering) == pytest.approx((0.0421474733, 0.4442525267), abs=5e-11)
    assert row.r == pytest.approx(-0.4601440834, abs=1e-10)
    assert row.elevation_share + row.spread_share + row.ordering_share == pytest.approx(1, abs=1e-12)
    assert row.noise_var == pytest.approx(2 * 0.3 / 6, rel=1e-9)
    assert row.mse_corrected == pytest.approx(0.406, rel=1e-9)
    assert np.isnan([row.r_low, row.rho_low]).all()
    assert row.flags == "FEW_RATERS"
    assert table.cells[0][:-2] == ("0.71", "0.64", "+0.14", "4 %", "8 %", "88 %", "−0.46")
    assert table.cells[0][-1] == "Managers are right on average and wrong in order"
    assert table.notes[-1] == "Managers are right on average and wrong in order."


@pytest.mark.parametrize(
    ("believed", "finding", "flags"),
    [
        ([value - 1 for value in EXPECTED], "Managers judge the items too low overall", set()),
        ([5.9 + 3 * (value - 5.9) for value in EXPECTED], "Managers see the items as too far apart", set()),
        ([5.9 + (value - 5.9) / 9 for value in EXPECTED], "Managers see the items as too much alike", set()),
        ([value + 0.1 for value in EXPECTED], "Managers are near what customers expect", {"NOISE_DOMINATED"}),
        ([6.0] * 5, "Managers gave all items the same", {"NO_DISCRIMINATION"}),
    ],
)
def test_the_finding_names_where_the_error_lies(believed, finding, flags):
    """By construction: one part of the error at a time."""
    table = knowledge_accuracy(*judged(EXPECTED, believed), margin=0.2)
    assert table.frame["finding"].tolist() == [finding]
    assert set(table.frame["flags"][0].split("|")) == {"FEW_RATERS", *flags}


def test_an_error_no_larger_than_noise_is_not_called_one():
    (row,) = knowledge_accuracy(*judged(EXPECTED, [value + 0.1 for value in EXPECTED])).frame.itertuples()
    assert row.mse_corrected == 0
    assert row.finding == "Managers' error is no larger than sampling noise"


def test_items_of_few_people_are_left_out_and_rows_of_none_are_blank():
    """Methods 0.5 and 1.3: fewer than 5 managers are never shown, and two items are no order."""
    customers, managers = judged(EXPECTED, BELIEVED)
    fewer = managers[(managers["item"] != "i00") | (managers["manager_id"] < 4)]
    assert knowledge_accuracy(customers, fewer).frame["n_items"].tolist() == [4]
    table = knowledge_accuracy(customers, managers[managers["manager_id"] < 4])
    assert table.frame["flags"].tolist() == ["SUPPRESSED_PRIVACY"]
    assert table.frame.drop(columns=["n_items", "finding", "flags"]).isna().all(axis=None)
    assert set(table.cells[0][:-1]) == {""}
    assert knowledge_accuracy(customers, managers, min_n=7).frame["flags"].tolist() == ["SUPPRESSED_PRIVACY"]
    two = knowledge_accuracy(customers[customers["item"] < "i02"], managers)
    assert two.frame["flags"].tolist() == ["FEW_ITEMS|FEW_RATERS"]
    assert two.frame["finding"].tolist() == ["Fewer than 3 items to compare"]


def test_an_item_of_one_customer_leaves_the_noise_unknown_and_no_cell_says_nan():
    customers, managers = judged(EXPECTED, BELIEVED)
    table = knowledge_accuracy(customers[(customers["item"] != "i00") | (customers["respondent_id"] == 0)], managers)
    assert np.isnan(table.frame["mse_corrected"][0])
    assert np.isfinite(table.frame["mse"][0])
    assert table.cells[0][1] == ""


def test_correlations_have_intervals_from_eight_items_up_that_only_the_seed_moves():
    random = np.random.default_rng(3)
    customers, managers = judged(random.uniform(3, 6, 9).tolist(), random.uniform(3, 6, 9).tolist())
    first, again, other = (
        knowledge_accuracy(customers, managers.iloc[::step], seed=seed).frame for step, seed in ((1, 1), (-1, 1), (1, 2))
    )
    assert_frame_equal(first, again, check_exact=True)
    assert first["r_low"][0] < first["r"][0] < first["r_high"][0]
    assert first["r_low"][0] != other["r_low"][0]


@pytest.mark.parametrize("engine", ENGINES)
def test_importance_is_compared_as_points(engine):
    """Arithmetic: customers give 50, 30, 20 in both visits, managers 20, 30, 50; sums far from 100 count for nobody."""
    dimensions = ["access", "billing", "care"]
    given = pd.DataFrame({"dimension": dimensions, "importance": [50.0, 30, 20]})
    customers = pd.DataFrame({"respondent_id": range(8), "weight": 1.5}).merge(
        pd.DataFrame({"touchpoint": ["web", "shop"]}), "cross"
    )
    customers = customers.merge(given, "cross")
    customers.loc[customers["respondent_id"] == 7, "importance"] = 90.0
    managers = pd.DataFrame({"manager_id": range(6)}).merge(given.assign(importance=[20.0, 30, 50]), "cross")
    table = knowledge_accuracy(
        ENGINES[engine](customers), ENGINES[engine](managers), of="importance", weight="weight", scale=(1, 7), margin=0.3
    )
    (row,) = table.frame.itertuples()
    assert (row.n, row.n_managers, row.n_items) == (7, 6, 3)
    assert row.mse == pytest.approx(600)
    assert (row.elevation, row.spread) == pytest.approx((0, 0), abs=1e-9)
    assert row.r == pytest.approx(np.corrcoef([50, 30, 20], [20, 30, 50])[0, 1])
    assert row.finding == "Managers are right on average and wrong in order"


@pytest.mark.parametrize("engine", ENGINES)
def test_every_engine_gives_the_same_bits(engine):
    customers, managers = survey(4, people=20), panel(4)
    table = knowledge_accuracy(ENGINES[engine](customers), ENGINES[engine](managers), by="touchpoint", **FULL)
    assert_frame_equal(table.frame, knowledge_accuracy(customers, managers, by="touchpoint", **FULL).frame, check_exact=True)


def test_the_accuracy_of_the_sample_study_is_shown_and_recorded():
    study = sample()
    table = knowledge_accuracy(study.responses, study.managers, by="touchpoint", **study.design)
    record = json.loads(json.dumps(table.record(), allow_nan=False))
    assert len(record["cells"]) == 7
    assert {len(row) for row in table.cells} == {len(table.heads)}
    assert "nan" not in str(table.cells)


def test_what_is_judged_is_no_group_and_a_table_that_is_not_there_is_named():
    assert "managers.csv" in knowledge_accuracy(survey(1), Absent("managers")).missing
    with pytest.raises(ArgumentError, match="`by` must not name 'item', which is what is judged"):
        knowledge_accuracy(survey(1), panel(1), by="item")
    with pytest.raises(ArgumentError, match="`by` must not name 'dimension', which is what is judged"):
        knowledge_accuracy(survey(1), panel(1), by="dimension", of="importance")
