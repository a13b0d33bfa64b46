"""Which gaps can be trusted: tables against arithmetic and numpy on every engine, and the laws that they keep."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from answers import survey
from conftest import ENGINES
from pandas.testing import assert_frame_equal

from cxgap.errors import ArgumentError, ColumnError
from cxgap.gaps.consistency import FINE, GROUPS, INDIVIDUALS, use_of
from cxgap.gaps.factors import factors, loadings
from cxgap.gaps.item_analysis import item_analysis
from cxgap.gaps.reliability import reliability
from cxgap.tables.absent import Absent

FULL = {"weight": "weight", "stratum": "stratum", "psu": "psu", "population": "population", "scale": (1, 7)}
ESTIMATES = [
    "alpha",
    "alpha_std",
    "omega",
    "omega_raw",
    "lambda6",
    "r_average",
    "r_drop_min",
    "r_dd",
    "r_dd_alike",
    "r_between",
]


def battery(seed: int, people: int = 150, *, dimensions: int = 3, items: int = 4, own: float = 0.9) -> pd.DataFrame:
    """One visit each: dimensions of `items` items, whose perceptions share `own` and a little of one common thing."""
    random = np.random.default_rng(seed)
    common, rows = random.normal(size=people), []
    for dimension in range(dimensions):
        trait = own * random.normal(size=people) + 0.3 * common
        hoped = 0.5 * random.normal(size=people)
        for item in range(items):
            perceived = np.clip(np.round(4.5 + trait + 0.6 * random.normal(size=people)), 1, 7)
            expected = np.clip(np.round(6 + hoped + 0.5 * random.normal(size=people)), 1, 7)
            named = {"respondent_id": [f"p{who:03d}" for who in range(people)], "item": f"{dimension}{item}"}
            rows.append(pd.DataFrame({**named, "dimension": f"d{dimension}", "expectation": expected, "perception": perceived}))
    return pd.concat(rows, ignore_index=True)


def wide(frame: pd.DataFrame, values: str) -> np.ndarray:
    return frame.pivot_table(index="respondent_id", columns="item", values=values, dropna=False).to_numpy(float)


def cronbach(x: np.ndarray) -> float:
    c = np.cov(x.T)
    return len(c) / (len(c) - 1) * (1 - np.trace(c) / c.sum())


def rows_of(table: object, **keys: str) -> pd.Series:
    frame = table.frame
    for name, value in keys.items():
        frame = frame[frame[name] == value]
    (row,) = frame.itertuples()
    return row


TABLES = {
    "reliability": lambda given: reliability(given, replicates=5, **FULL),
    "items": lambda given: item_analysis(given, by="segment", **FULL),
}


@pytest.fixture(scope="module")
def on_pandas() -> dict[str, object]:
    """The tables that every engine must give, computed once."""
    return {name: table(survey(3, people=40, missing=0.03)) for name, table in TABLES.items()}


@pytest.mark.parametrize("engine", [name for name in ENGINES if name != "pandas"])
def test_every_engine_gives_the_same(engine, on_pandas):
    frame = survey(3, people=40, missing=0.03)
    for name, table in TABLES.items():
        found, wanted = table(ENGINES[engine](frame)), on_pandas[name]
        assert_frame_equal(found.frame, wanted.frame, check_dtype=False, check_categorical=False, rtol=1e-9)
        assert found.cells == wanted.cells
        assert found.title == wanted.title


def test_alpha_and_the_gaps_reliability_by_numpy():
    """Cronbach (1951) and Lord (1963), from numpy's variances."""
    frame = battery(1)
    table = reliability(frame, replicates=20)
    for dimension, part in frame.groupby("dimension"):
        start, end = wide(part, "expectation"), wide(part, "perception")
        for name, x in (("expectation", start), ("perception", end), ("gap", end - start)):
            row = rows_of(table, dimension=dimension, battery=name)
            assert (row.k, row.n, row.left_out) == (4, 150, 0)
            assert row.alpha == pytest.approx(cronbach(x), rel=1e-10)
        first, second = start.mean(axis=1), end.mean(axis=1)
        v, r = (first.var(ddof=1), second.var(ddof=1)), np.corrcoef(first, second)[0, 1]
        common = 2 * r * np.sqrt(v[0] * v[1])
        wanted = (v[0] * cronbach(start) + v[1] * cronbach(end) - common) / (v[0] + v[1] - common)
        assert row.r_dd == pytest.approx(wanted, rel=1e-9)
        assert row.r_between == pytest.approx(r, rel=1e-9)
    assert table.title == "All three dimensions have a gap reliable enough to compare single customers"
    assert table.frame["dimension"].tolist()[-1] == "all items"


def test_only_complete_visits_count_and_the_others_are_counted():
    frame = battery(2)
    frame.loc[(frame["respondent_id"] < "p020") & (frame["item"] == "00"), "perception"] = np.nan
    frame.loc[frame["respondent_id"] == "p149", ["expectation", "perception"]] = np.nan
    part = frame[(frame["dimension"] == "d0") & (frame["respondent_id"] >= "p020") & (frame["respondent_id"] < "p149")]
    table = reliability(frame, replicates=20)
    row = rows_of(table, dimension="d0", battery="perception")
    assert (row.n, row.left_out) == (129, 20)
    assert row.alpha == pytest.approx(cronbach(wide(part, "perception")), rel=1e-10)
    assert rows_of(table, dimension="d0", battery="expectation").n == 149
    assert "20 visits" in table.notes[-1]


def test_feldt_for_single_visits_and_bootstrap_for_the_rest():
    """Visits of one respondent are not independent, nor are respondents drawn by design."""
    frame = battery(3)
    assert set(reliability(frame, replicates=20).frame["interval"]) == {"Feldt"}
    twice = pd.concat([frame.assign(wave="1"), frame.assign(wave="2")])
    assert set(reliability(twice, replicates=20).frame["interval"]) == {"bootstrap"}
    weighted = frame.assign(weight=1.0)
    assert set(reliability(weighted, weight="weight", replicates=20).frame["interval"]) == {"bootstrap"}


def test_a_second_visit_with_the_same_answers_tells_nothing_new():
    """The interval stays that of the respondents; as visits of strangers it would shrink by a factor of 1.4."""
    frame = battery(4)
    once = reliability(frame.assign(weight=1.0), weight="weight").frame
    twice = reliability(pd.concat([frame.assign(wave="1"), frame.assign(wave="2")])).frame
    assert twice["n"].tolist() == once["n"].tolist()
    assert twice["visits"].tolist() == [2 * n for n in once["visits"]]
    for end in ("alpha_low", "alpha_high", "omega_low", "omega_high"):
        assert twice[end].to_numpy() == pytest.approx(once[end].to_numpy(), abs=2e-3)


def test_the_order_of_rows_and_the_unit_of_weights_do_not_matter():
    frame = survey(5, people=40, missing=0.03)
    one = reliability(frame, replicates=20, **FULL)
    other = frame.sample(frac=1, random_state=1).assign(weight=lambda rows: 10 * rows["weight"])
    assert_frame_equal(reliability(other, replicates=20, **FULL).frame, one.frame, rtol=1e-8)
    items = item_analysis(frame, **FULL)
    assert_frame_equal(item_analysis(other, **FULL).frame, items.frame, rtol=1e-8)


def test_a_respondent_of_weight_two_is_two_respondents():
    """Of estimates, not of intervals: Kish (1965), a weight is how many a respondent stands for."""
    frame = battery(6).assign(weight=lambda rows: np.where(rows["respondent_id"] < "p050", 2.0, 1.0))
    again = frame[frame["weight"] == 2].assign(respondent_id=lambda rows: "again " + rows["respondent_id"])
    one, other = (reliability(each, replicates=20, **given).frame for each, given in (
        (frame, {"weight": "weight"}), (pd.concat([frame, again]), {})))  # fmt: skip
    assert one[ESTIMATES].to_numpy(float) == pytest.approx(other[ESTIMATES].to_numpy(float), rel=1e-6, nan_ok=True)


def test_another_touchpoint_does_not_change_the_rows_of_this_one():
    frame = battery(7).assign(touchpoint="call")
    more = pd.concat(
        [frame, battery(8, people=40).assign(touchpoint="web", respondent_id=lambda rows: "w" + rows["respondent_id"])]
    )
    one = reliability(frame, by=["touchpoint", "dimension"], replicates=20).frame
    both = reliability(more, by=["touchpoint", "dimension"], replicates=20).frame
    same = both[both["touchpoint"] == "call"].reset_index(drop=True)
    assert same[ESTIMATES].to_numpy(float) == pytest.approx(one[ESTIMATES].to_numpy(float), rel=1e-10, nan_ok=True)


def test_ends_of_a_simple_sample_hang_on_names_alone():
    """Not on the order of rows, nor on who else answered elsewhere: to the last digit, from 100 respondents on."""
    frame = battery(7, people=120).assign(touchpoint="call")
    twice = pd.concat([frame.assign(wave="1"), frame.assign(wave="2")])
    away = battery(8, people=40).assign(touchpoint="web", wave="1", respondent_id=lambda rows: "w" + rows["respondent_id"])
    ends = ["alpha_low", "alpha_high", "omega_low", "omega_high"]
    asked = {"by": ["touchpoint", "dimension"], "replicates": 99}
    one = reliability(twice, **asked).frame
    both = reliability(pd.concat([away, twice]).sample(frac=1, random_state=1), **asked).frame
    same = both[both["touchpoint"] == "call"].reset_index(drop=True)
    assert np.isfinite(one[ends].to_numpy()).all()
    assert_frame_equal(same[ends], one[ends], check_exact=True)


def test_few_respondents_are_not_shown():
    frame = battery(9, people=8)
    table = reliability(frame, min_n=10, replicates=20)
    assert set(table.frame["flags"]) == {"SUPPRESSED_PRIVACY"}
    numbers = table.frame.drop(columns=["dimension", "battery", "k", "weakest_item", "interval", "advice", "flags"])
    assert numbers.isna().all(axis=None)
    assert {row[-1] for row in table.cells} == {"not shown"}
    hidden = item_analysis(frame, min_n=10).frame
    assert hidden[["n", "missing", "mean", "sd", "r_drop", "ceiling"]].isna().all(axis=None)


@pytest.mark.parametrize(
    ("reliability", "advice"),
    [(-0.2, INDIVIDUALS), (0.499, INDIVIDUALS), (0.5, GROUPS), (0.7, GROUPS), (0.701, FINE), (np.nan, "")],
)
def test_advice(reliability, advice):
    """Methods 2.7: below .5, .5 to .7, above .7."""
    assert use_of(reliability) == advice


def test_a_reversed_item_a_constant_item_and_a_perfect_copy_are_told():
    frame = battery(10)
    first, second, third = (frame["item"] == name for name in ("00", "10", "21"))
    frame.loc[first, "perception"] = 8 - frame.loc[first, "perception"]
    frame.loc[second, "expectation"] = 7.0
    table = reliability(frame, replicates=20)
    assert "CHECK_CODING" in rows_of(table, dimension="d0", battery="perception").flags
    row = rows_of(table, dimension="d1", battery="expectation")
    assert (row.k, row.flags) == (3, "CONSTANT_ITEM")
    assert any("reversed: perception of d0" in note for note in table.notes)
    assert any("expectation of d1" in note for note in table.notes)
    frame.loc[third, "expectation"] = frame.loc[third, "perception"] = 4.0
    assert rows_of(reliability(frame, replicates=20), dimension="d2", battery="gap").k == 3


def test_a_heywood_case_has_an_alpha_and_no_omega():
    """One item goes closely with two that hardly go together: r12 r13 / r23 is above 1."""
    random = np.random.default_rng(1)
    one, other = random.normal(size=(2, 300))
    x = np.column_stack([one + other, one + 0.4 * random.normal(size=300), other + 0.4 * random.normal(size=300)])
    people = [f"p{who:03d}" for who in range(300)]
    frame = pd.concat(
        pd.DataFrame({"respondent_id": people, "item": f"i{item}", "expectation": x[:, item], "perception": x[::-1, item]})
        for item in range(3)
    )
    row = rows_of(reliability(frame, by="", replicates=50), battery="expectation")
    assert "HEYWOOD" in row.flags
    assert np.isfinite(row.alpha)
    assert np.isnan([row.omega, row.omega_low, row.ave]).all()


def test_a_gap_whose_errors_go_together_is_inadmissible():
    """Expectation and perception nearly copied: what differs is error alone, and errors of both are shared."""
    frame = battery(11, own=0.2)
    noise = np.random.default_rng(3).integers(-1, 2, len(frame))
    frame["expectation"] = frame["perception"] + noise
    table = reliability(frame, replicates=20)
    rows = table.frame[(table.frame["battery"] == "gap") & (table.frame["r_dd"] < 0)]
    assert len(rows)
    assert rows["flags"].str.contains("INADMISSIBLE").all()
    assert set(rows["advice"]) == {INDIVIDUALS}


def test_two_items_have_spearman_brown_and_one_has_nothing():
    table = reliability(battery(12, items=2), replicates=20)
    row = rows_of(table, dimension="d0", battery="gap")
    assert row.spearman_brown == row.alpha_std
    assert np.isnan(row.omega)
    single = rows_of(reliability(battery(12, items=1), replicates=20), dimension="d0", battery="gap")
    assert np.isnan([single.alpha, single.r_dd, single.alpha_low]).all()
    assert single.flags == "ONE_ITEM"


def test_items_by_arithmetic():
    """Four visits, one answer missing: shares of 4 asked, of 3 answered."""
    frame = pd.DataFrame(
        {
            "respondent_id": list("abcd"),
            "item": "i1",
            "dimension": "d",
            "expectation": [7, 7, 6, 5],
            "perception": [1, 7, 4, np.nan],
        }
    )
    table = item_analysis(frame, scale=(1, 7))
    row = rows_of(table, battery="perception")
    assert (row.n, row.missing, row.mean, row.sd) == pytest.approx((3, 0.25, 4, 3))
    assert (row.floor, row.ceiling) == pytest.approx((1 / 3, 1 / 3))
    assert rows_of(table, battery="expectation").ceiling == 0.5
    gap = rows_of(table, battery="gap")
    assert (gap.mean, gap.missing) == pytest.approx((-8 / 3, 0.25))
    assert np.isnan(gap.ceiling)
    assert table.title == "Items: of 1 item most customers expect the highest answer"


def test_an_item_is_missing_only_where_it_was_asked():
    frame = pd.concat([battery(13, people=20).assign(touchpoint="call"), battery(14, people=20).assign(touchpoint="web")])
    frame = frame[(frame["touchpoint"] == "call") | (frame["item"] != "00")]
    row = rows_of(item_analysis(frame), item="00", battery="perception")
    assert (row.n, row.missing) == (20, 0)


def test_an_item_outside_the_scores_has_a_mean_and_no_rest():
    frame = battery(15).assign(retained=lambda rows: rows["item"] != "00")
    row = rows_of(item_analysis(frame), item="00", battery="perception")
    assert np.isfinite(row.mean)
    assert np.isnan(row.r_drop)
    assert rows_of(reliability(frame, replicates=20), dimension="d0", battery="gap").k == 3


@pytest.mark.parametrize("engine", ENGINES)
def test_dimensions_that_are_there_are_found(engine):
    frame = ENGINES[engine](battery(16, people=400))
    table = factors(frame, scale=(1, 7), margin=0.3)
    assert table.title == "Are there three dimensions? The answers show three."
    assert table.frame["retained"].tolist() == [True] * 3 + [False] * 9
    assert table.frame["eigenvalue"].sum() == pytest.approx(12, rel=1e-9)
    found = loadings(frame)
    assert found.title == "Do the three dimensions appear? Yes: each has items of its own."
    homes = found.frame.groupby("dimension")["factor"].unique()
    assert sorted(int(home[0]) for home in homes if len(home) == 1) == [1, 2, 3]


def test_dimensions_that_are_not_there_are_labels():
    frame = battery(17, people=300, own=0.0)
    frame["perception"] = frame["perception"] + frame["respondent_id"].map(
        dict(zip(sorted(frame["respondent_id"].unique()), np.random.default_rng(1).normal(size=300), strict=True))
    )
    assert factors(frame).title == "Are there three dimensions? The answers show one."
    table = loadings(frame)
    assert table.title == "Do the three dimensions appear? No: the items form one group."
    assert "labels" in table.notes[-1]
    three = loadings(frame, count=3)
    assert three.title.startswith("Do the three dimensions appear? No")


def test_few_respondents_have_no_factors():
    """Methods 4.3: at least 5 respondents an item, and 100."""
    table = factors(battery(18, people=99))
    assert table.missing.startswith("99 respondents answered all 12 items, and 100 are needed")
    assert loadings(battery(18, people=99)).missing == table.missing
    assert not factors(battery(18, people=100)).missing
    assert factors(battery(18, people=110, dimensions=6)).missing.startswith("110 respondents answered all 24 items, and 120")


def test_too_many_factors_are_refused():
    with pytest.raises(ArgumentError, match="at most 7 for 12 items"):
        loadings(battery(19), count=8)
    with pytest.raises(ArgumentError, match="perception"):
        factors(battery(19), of="importance")


def test_the_table_that_is_not_there_and_the_column_that_is_not():
    for method in (reliability, item_analysis, factors, loadings):
        assert "no survey" in method(Absent("responses")).missing
        with pytest.raises(ColumnError, match="item"):
            method(battery(20).drop(columns="item"))
