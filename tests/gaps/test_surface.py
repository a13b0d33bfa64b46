"""The surface from answers to words: shapes that are known are told, and noise is not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from answers import survey
from conftest import ENGINES
from pandas.testing import assert_frame_equal
from samples import sample

import cxgap as cx
from cxgap.errors import ArgumentError
from cxgap.stats.regression import least_squares, linearised

SCALE = (1, 7)


def judged(shape, seed: int = 0, people: int = 400, noise: float = 0.5) -> pd.DataFrame:
    """One answer a respondent; the outcome is a shape of expectation and perception about the midpoint, and noise."""
    random = np.random.default_rng(seed)
    x, y = random.uniform(-3, 3, (2, people))
    z = shape(x, y) + noise * random.normal(size=people)
    return pd.DataFrame({"respondent_id": range(people), "item": "i", "expectation": x + 4, "perception": y + 4, "joy": z})


def surface(frame: object, **settings: object) -> cx.Table:
    return cx.response_surface(frame, **{"outcome": "joy", "scale": SCALE, "replicates": 199, **settings})


def said(table: cx.Table) -> str:
    return " ".join([f"{table.title}.", *table.notes])


@pytest.mark.parametrize(
    ("shape", "finding"),
    [
        (lambda x, y: y - x, "Joy rises with what is perceived less what is expected, whatever their level"),
        (lambda x, y: y, "for a point of perception); that it goes with what they expected is not shown"),
        (lambda x, y: y - 0.2 * x, "far more than with what they expected"),
        (lambda x, y: y - 0.8 * x, "and is higher where both are high: the gap says a part of it"),
        (lambda x, y: x + y, "with the level of expectation and perception together, not with the gap"),
        (lambda x, y: x - y, "Joy falls as perception rises above expectation"),
        (lambda x, y: -((x - y) ** 2) - 0.1 * (x + y) ** 2, "Joy is highest where customers get just what they expected."),
        (lambda x, y: -((x - y) ** 2), "Joy is lower the further perception and expectation lie apart, whichever is higher."),
        (lambda x, y: np.where(y < x, 2.0, 0.0) * (y - x) + 0.5 * y, "A shortfall weighs more than a surplus"),
    ],
)
def test_a_known_shape_is_told(shape, finding):
    """Methods 2.9, the readings of a1, a3, a4 and of Humberg's conditions, on data made to hold them."""
    assert finding in said(surface(judged(shape)))


def test_met_expectations_are_not_called_enough_unless_they_are():
    for shape in (lambda x, y: y - x, lambda x, y: y, lambda x, y: -((x - y - 2) ** 2)):
        assert "It is not shown that to meet expectations is enough, and to exceed them no better." in said(
            surface(judged(shape))
        )


def test_noise_is_not_read_as_an_effect():
    """The level of the first test: of 30 samples without any effect about one in twenty may be told as one."""
    titles = [surface(judged(lambda x, y: 0 * x, seed, people=160), replicates=20).title for seed in range(30)]
    claims = [title for title in titles if "is not shown to go with expectation, perception or the gap" not in title]
    assert len(claims) <= 5


def test_where_nothing_is_shown_nothing_else_is_said():
    table = surface(judged(lambda x, y: 0 * x, 3))
    assert table.notes == ()
    models = cx.surface_models(judged(lambda x, y: 0 * x, 3), outcome="joy", scale=SCALE)
    assert models.title == "The overall judgement is not shown to go with expectation, perception or the gap"


@pytest.mark.parametrize("people", [1, 2, 5, 7, 40, 149])
def test_few_respondents_have_numbers_and_no_reading(people):
    """Methods 2.9: n of 150 or more; methods 0.5: small data never raise."""
    frame = judged(lambda x, y: y - x, people=people)
    table = surface(frame)
    assert "cannot be told" in table.title
    assert table.frame["flags"].str.contains("FEW_RESPONDENTS").all()
    assert cx.surface_slices(frame, outcome="joy", scale=SCALE).missing
    cx.surface_models(frame, outcome="joy", scale=SCALE)


def test_answers_all_alike_are_collinear():
    frame = judged(lambda x, y: y, people=200).assign(expectation=7.0)
    table = surface(frame)
    assert "too much alike" in table.title
    assert table.frame["flags"].str.contains("COLLINEAR").all()
    assert cx.surface_slices(frame, outcome="joy", scale=SCALE).missing


def test_one_side_is_flagged():
    """Methods 2.9: fewer than a tenth perceived more than they expected."""
    frame = judged(lambda x, y: y - x)
    frame["expectation"] = np.maximum(frame["expectation"], frame["perception"])
    table = surface(frame)
    assert table.frame["flags"].str.contains("ONE_SIDED").all()
    assert "Fewer than one visit in ten lies on one side" in said(table)


def test_too_few_to_be_shown_show_no_number():
    table = surface(judged(lambda x, y: y - x, people=8), min_n=10)
    assert table.frame[["estimate", "std_error", "n"]].isna().all(axis=None)
    assert table.cells == ()
    models = cx.surface_models(judged(lambda x, y: y - x, people=8), outcome="joy", scale=SCALE, min_n=10)
    assert models.frame[["estimate", "r2", "n"]].isna().all(axis=None)


@pytest.mark.parametrize(("missing", "why"), [("outcome", "judgement"), ("scale", "scale")])
@pytest.mark.parametrize("function", [cx.response_surface, cx.surface_models, cx.surface_slices])
def test_what_is_missing_is_asked_for(function, missing, why):
    table = function(judged(lambda x, y: y), **{"outcome": "joy", "scale": SCALE, missing: None})
    assert why in table.missing


def test_visits_of_a_respondent_are_clustered():
    """R's survey::svyglm by linearisation with the respondent as unit; here by `linearised` itself, on the same visits."""
    frame = pd.concat([judged(lambda x, y: y - x, seed).assign(touchpoint=f"t{seed}") for seed in (1, 2)])
    table = cx.surface_models(frame, outcome="joy", scale=SCALE).frame
    linear = table[table["model"] == "linear"]
    design_df = 400 - 1 + 1 - 3
    assert set(linear["df"]) == {design_df}
    part = cx.gaps.visits.read_visits(
        frame, by=(), outcome="joy", weight=None, stratum=None, psu=None, population=None, margins=None
    )
    fit = least_squares(np.column_stack([part.expectation, part.perception]) - 4, part.outcome, weight=part.weight)
    expected = linearised(fit, part.respondent, part.design)
    assert linear["std_error"].to_numpy() == pytest.approx(expected.std_error)


def test_slices_lie_on_the_surface_and_stop_where_answers_do():
    """Arithmetic: with z = y - x, agreement is level, and across it the outcome is the gap; X and Y run from -3 to 3."""
    table = cx.surface_slices(judged(lambda x, y: y - x, noise=0.01), outcome="joy", scale=SCALE)
    frame = table.frame
    along, across = (part for _, part in frame.groupby("line", sort=False))
    assert along["estimate"].to_numpy() == pytest.approx(np.zeros(41), abs=0.01)
    assert across["estimate"].to_numpy() == pytest.approx(across["at"].to_numpy(), abs=0.01)
    assert (along["at"].iloc[[0, -1]].tolist(), across["at"].iloc[[0, -1]].tolist()) == ([1, 7], [-6, 6])
    assert along["inside"].sum() > 30
    assert not across["inside"].iloc[[0, -1]].any()
    assert across["visits"].sum() == along["visits"].sum() == 400
    assert frame["shown"].all()


FUNCTIONS = (cx.response_surface, cx.surface_models, cx.surface_slices, cx.gap_validity)
ASKED = {"weight": "weight", "stratum": "stratum", "psu": "psu", "population": "population", "outcome": "joy", "scale": SCALE}


@pytest.fixture(scope="module")
def on_pandas():
    """A survey with a judgement and a design, and its tables, once for all engines."""
    frame = survey(5, people=120)
    frame["joy"] = frame.groupby(["respondent_id", "wave", "touchpoint"], observed=True)["perception"].transform("mean").round()
    return frame, [function(frame, **ASKED).frame for function in FUNCTIONS]


@pytest.mark.parametrize("engine", [name for name in ENGINES if name != "pandas"])
def test_the_same_on_every_engine(engine, on_pandas):
    frame, tables = on_pandas
    for function, one in zip(FUNCTIONS, tables, strict=True):
        assert_frame_equal(function(ENGINES[engine](frame), **ASKED).frame, one, rtol=1e-6)


def items_judged(people: int = 150) -> pd.DataFrame:
    """Answers to several items at several touchpoints, one a visit and item, with holes; whole numbers all over."""
    random = np.random.default_rng(4)
    keys = [("t1", "a"), ("t1", "b"), ("t2", "a"), ("t2", "c")]
    frame = pd.concat(
        [
            pd.DataFrame(
                {
                    "respondent_id": [f"r{one:03}" for one in range(people)],
                    "touchpoint": touchpoint,
                    "item": item,
                    "dimension": "d",
                    "expectation": random.integers(1, 8, people).astype(float),
                    "perception": random.integers(1, 8, people).astype(float),
                }
            )
            for touchpoint, item in keys
        ],
        ignore_index=True,
    )
    frame["joy"] = np.rint(frame["perception"] - 0.4 * frame["expectation"] + random.normal(size=len(frame)))
    for name, share in (("expectation", 0.05), ("perception", 0.05), ("joy", 0.02)):
        frame.loc[random.random(len(frame)) < share, name] = np.nan
    frame.loc[frame["item"] == "c", "joy"] = np.nan  # a cell of which nothing is known
    return frame


def test_answers_counted_at_once_are_what_their_visits_are(monkeypatch):
    """A visit to one item is one answer: counted without being scored, it must give what scores give."""
    frame = items_judged()
    asked = {"outcome": "joy", "by": ["touchpoint", "item"], "scale": SCALE}
    counted = cx.surface_models(frame, **asked)
    monkeypatch.setattr("cxgap.gaps.shapes.count_crossed", lambda *_: None)
    scored = cx.surface_models(frame, **asked)
    assert_frame_equal(counted.frame, scored.frame, rtol=1e-9)
    assert (counted.cells, counted.notes) == (scored.cells, scored.notes)
    assert counted.frame.loc[counted.frame["item"] == "c", "flags"].eq("EMPTY").all()


@pytest.mark.parametrize(
    "change",
    [
        lambda frame: pd.concat([frame, frame.head(5)]),  # answers given twice are averaged, not counted twice
        lambda frame: frame.assign(respondent_id=frame["respondent_id"].str[:3]),
        lambda frame: frame.drop(columns="touchpoint"),
    ],
)
def test_answers_that_are_not_visits_are_scored_first(change):
    """Respondents with several answers in a cell: their number is that of people, not of answers."""
    frame = change(items_judged().dropna())
    table = cx.surface_models(frame, outcome="joy", by=["item"], scale=SCALE).frame
    people = frame.groupby("item")["respondent_id"].nunique()
    assert table.groupby("item")["n"].first().loc[people.index].tolist() == people.tolist()


def test_order_of_rows_and_unit_of_weights_change_nothing():
    frame = judged(lambda x, y: -((x - y) ** 2) - 0.2 * (x + y) ** 2).assign(
        weight=lambda table: 1.0 + table["respondent_id"] % 4
    )
    moved = frame.sample(frac=1, random_state=1).assign(weight=lambda table: table["weight"] * 9)
    one, other = (surface(table, weight="weight").frame for table in (frame, moved))
    assert one["conf_low"].notna().sum() > 10
    assert_frame_equal(other, one, rtol=1e-6)


def test_a_cell_does_not_depend_on_the_others():
    frame = judged(lambda x, y: y).assign(region=lambda table: np.where(table["respondent_id"] < 200, "north", "south"))
    whole = surface(frame, by="region").frame
    north = surface(frame[frame["region"] == "north"]).frame
    lines = ["a1", "a2", "a3", "a4", "a5", "above", "below"]
    part = whole[(whole["region"] == "north") & whole["term"].isin(lines)]
    assert part["estimate"].to_numpy() == pytest.approx(north.loc[north["term"].isin(lines), "estimate"].to_numpy())
    assert part["std_error"].to_numpy() == pytest.approx(north.loc[north["term"].isin(lines), "std_error"].to_numpy())


def test_the_sample_study_end_to_end():
    study = sample()
    table = cx.response_surface(study.responses, **study.outcome, **study.design)
    assert table.title.startswith("Satisfaction goes with what customers perceive")
    assert cx.Table.from_record(table.record()).cells == table.cells
    figure = cx.plot.surface(cx.surface_slices(study.responses, **study.outcome, **study.design))
    assert figure.layout.meta["cxgap"]["finding"].startswith("Satisfaction runs from")


def test_misuse_is_told():
    frame = judged(lambda x, y: y)
    with pytest.raises(ArgumentError, match="replicates"):
        surface(frame, replicates=0)
    with pytest.raises(ArgumentError, match="conf_level"):
        surface(frame, conf_level=95)
    with pytest.raises(ArgumentError, match="term"):
        surface(frame.assign(term=1), by="term")
