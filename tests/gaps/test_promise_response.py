"""What delays go with, against arithmetic, least squares and what was drawn."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from conftest import ENGINES
from pandas.testing import assert_frame_equal
from promised_orders import CLIFF, DAY, shop_orders
from samples import sample

import cxgap as cx
from cxgap.errors import ArgumentError, ColumnError
from cxgap.tables.absent import Absent
from tests.spans import spans

START = pd.Timestamp("2026-03-02 10:00", tz="UTC")
NUMBERS = ["estimate", "std_error", "df", "conf_low", "conf_high"]


def orders(delays: list[float], scores: list[float], customers: list[str] | None = None) -> pd.DataFrame:
    """Orders promised for the third day, by the hour."""
    return pd.DataFrame(
        {
            "event_id": [f"E{number:03d}" for number in range(len(delays))],
            "customer_id": customers or [f"C{number:03d}" for number in range(len(delays))],
            "ordered_at": START,
            "promised_first": START + 3 * DAY,
            "delivered_at": START + 3 * DAY + spans(delays),
            "score": [float(score) for score in scores],
        }
    )


def rows_of(table: cx.Table) -> pd.DataFrame:
    frame = table.frame[~table.frame["measure"].isin(["class", "fitted"])]
    return frame.set_index("measure")


def drawn(size: int = 160, seed: int = 3, cliff: float = -1.0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    delay = rng.choice(np.arange(-3, 6), size)
    score = 6 + cliff * (delay > 0) - 0.2 * np.maximum(delay, 0) + 0.3 * np.maximum(-delay, 0) + rng.normal(0, 0.5, size)
    made = orders([float(each) for each in delay], list(score), [f"C{number:03d}" for number in rng.integers(0, size, size)])
    return made.assign(region=rng.choice(["North", "South"], size), spend=rng.normal(size=size))


def test_classes_are_means_and_the_first_steps_their_differences():
    """Arithmetic; a delay of 0.2 days has begun a day late, and one of -0.9 days is no whole day early."""
    made = orders([-1.2, -1.0, -0.9, 0, 0, 0.2, 1.0, 1.5, 2.0, 3.1], [7, 6, 5, 5, 5, 3, 4, 2, 1, 1])
    table = cx.promise_response(made, outcome="score")
    classes = table.frame[table.frame["measure"] == "class"]
    assert list(zip(classes["delay_low"], classes["delay_high"], classes["answers"], strict=True)) == [
        (-1, 0, 2),
        (0, 0, 3),
        (0, 4, 5),
    ]
    assert classes["estimate"].tolist() == pytest.approx([6.5, 5, 2.2])
    rows = rows_of(table)
    assert rows.loc["on_promise", "estimate"] == 5
    assert rows.loc["late", "estimate"] == pytest.approx(2.2 - (13 + 15) / 5)
    assert rows.loc["early", "estimate"] == pytest.approx(1.5)
    assert np.isnan(rows.loc["first_late", "estimate"])  # its class was joined with later ones
    many = pd.concat(
        [made.assign(event_id=made["event_id"] + str(k), customer_id=made["customer_id"] + str(k)) for k in range(5)]
    )
    whole = cx.promise_response(many, outcome="score")
    assert rows_of(whole).loc["first_late", "estimate"] == pytest.approx(3.5 - 5)
    assert rows_of(whole).loc["first_early", "estimate"] == pytest.approx(1.5)
    assert rows_of(whole).loc["first_late", ["n", "answers"]].tolist() == [25, 25]
    assert whole.title.startswith("One day late goes with 1.5 points less (")
    exact = rows_of(cx.promise_response(many, outcome="score", step=0, tolerance=(1, 0)))
    assert exact.loc["late_slope", "estimate"] != rows_of(whole).loc["late_slope", "estimate"]


def test_the_line_is_that_of_least_squares_with_customers_left_out():
    """HC3 of statsmodels (MacKinnon & White, 1985) times (n - 1) / n is the jackknife of independent orders."""
    import statsmodels.api as sm

    made = drawn().assign(customer_id=[f"C{number}" for number in range(160)])
    late = np.round((made["delivered_at"] - made["promised_first"]) / DAY).to_numpy()
    columns = sm.add_constant(np.column_stack([late > 0, np.maximum(late, 0), np.maximum(-late, 0)]).astype(float))
    fit = sm.OLS(made["score"].to_numpy(), columns).fit(cov_type="HC3")
    table = cx.promise_response(made, outcome="score", cap=1)
    rows = rows_of(table).loc[["cliff", "late_slope", "early_slope"]]
    assert rows["estimate"].tolist() == pytest.approx(fit.params[1:])
    assert rows["std_error"].tolist() == pytest.approx(fit.bse[1:] * np.sqrt(159 / 160))
    both = rows_of(table)
    assert both.loc["asymmetry", "estimate"] == pytest.approx(fit.params[1] + fit.params[2] + fit.params[3])
    assert both.loc["loss_aversion", "estimate"] == pytest.approx(-fit.params[2] / fit.params[3])
    many = pd.concat(
        [made.assign(event_id=made["event_id"] + str(k), customer_id=made["customer_id"] + str(k)) for k in range(9)]
    )
    for each, surely in ((table, False), (cx.promise_response(many, outcome="score", cap=1), True)):
        ratio, early = rows_of(each).loc["loss_aversion"], rows_of(each).loc["early_slope"]
        assert (early["conf_low"] >= early["estimate"] / 2) == surely  # early is only just shown to be better, or clearly
        assert ratio["conf_low"] < ratio["estimate"]
        assert (ratio["conf_high"] > ratio["estimate"]) == surely == np.isfinite(ratio["conf_high"])
        told = next(row for row in each.cells if row[0] == "late slope over early slope")
        assert told[4].startswith("at least ") != surely
    fitted = table.frame[table.frame["measure"] == "fitted"]
    at_promise = fitted[fitted["delay"] == 0]["estimate"].tolist()
    assert at_promise == pytest.approx([fit.params[0], fit.params[0] + fit.params[1]])
    weighed = cx.promise_response(made.assign(weight=2.5), outcome="score", cap=1, weight="weight")
    assert_frame_equal(weighed.frame[NUMBERS], table.frame[NUMBERS], rtol=1e-9)
    again = rows_of(
        cx.promise_response(pd.concat([made, made.assign(event_id=made["event_id"] + "x")]), outcome="score", cap=1)
    )
    assert again.loc["cliff", "std_error"] == pytest.approx(rows.loc["cliff", "std_error"])  # a customer's orders are no news


@pytest.mark.parametrize("engine", ["pandas", "polars", "duckdb"])
def test_every_engine_and_order_of_rows_gives_one_table(engine):
    made = drawn()
    answers, events = made[["event_id", "customer_id", "score", "region"]], made.drop(columns=["score", "customer_id"])
    how = {"outcome": "score", "by": "region", "covariates": ["spend"], "min_n": 3}
    whole = cx.promise_response(answers.sample(frac=1, random_state=1), events, **how).frame
    found = cx.promise_response(ENGINES[engine](answers), ENGINES[engine](events), **how).frame
    assert_frame_equal(found, whole, check_dtype=False, rtol=1e-8, atol=1e-10)
    alone = cx.promise_response(ENGINES[engine](made), None, **how).frame
    assert_frame_equal(alone, whole, check_dtype=False, rtol=1e-8, atol=1e-10)


def test_a_score_in_the_orders_themselves_needs_no_key():
    made = shop_orders(700)
    alone = cx.promise_response(made, outcome="review_score", min_n=10)
    for other in (
        cx.promise_response(made, made, outcome="review_score", min_n=10),
        cx.promise_response(made.drop(columns="event_id"), outcome="review_score", min_n=10),
    ):
        assert_frame_equal(other.frame, alone.frame)
    rows = rows_of(alone)
    assert rows.loc["cliff", "conf_low"] < CLIFF < rows.loc["cliff", "conf_high"]
    assert (rows.loc["cliff", "verdict"], rows.loc["cliff_bent", "verdict"]) == ("lower", "lower")
    assert any("about an order that was cancelled" in note and "had not come" in note for note in alone.notes)
    told = " ".join(str(cell) for row in alone.cells for cell in row)
    assert not any(name in told for name in made["event_id"])


def test_several_reviews_of_an_order_count_as_their_mean():
    made = drawn(90)
    reviews = made[["event_id", "customer_id", "score"]]
    apart = pd.concat([reviews.assign(score=reviews["score"] - 1), reviews.assign(score=reviews["score"] + 1)])
    one, two = (cx.promise_response(each, made.drop(columns="score"), outcome="score") for each in (reviews, apart))
    assert_frame_equal(one.frame, two.frame, rtol=1e-9)


def test_answers_that_name_no_customer_are_those_of_the_customer_of_their_order():
    """Two orders a customer: whoever the survey leaves out, the orders name; a respondent about two customers is neither."""
    made = drawn(90).assign(customer_id=[f"C{number // 2}" for number in range(90)])
    reviews = made[["event_id", "customer_id", "score"]]
    events = made.drop(columns="score")
    named = cx.promise_response(reviews, events, outcome="score")
    for other in (
        reviews.drop(columns="customer_id"),
        reviews.assign(customer_id=reviews["customer_id"].where(made.index > 9)),
    ):
        found = cx.promise_response(other.assign(respondent_id=range(90)), events, outcome="score")
        assert_frame_equal(found.frame, named.frame)
    two = reviews.drop(columns="customer_id").assign(respondent_id=[f"R{(number + 1) // 2}" for number in range(90)])
    assert "90 answers of 46 customers" in cx.promise_response(two, events, outcome="score").notes[0]


def test_an_answer_given_before_the_order_came_knows_only_how_late_it_was_by_then():
    made = orders([5.0] * 6 + [-1.0] * 6 + [0.0] * 6, [1] * 6 + [5] * 12)
    made["at"] = made["promised_first"] + 2 * DAY - pd.Timedelta(hours=1)  # 4 days before the late ones came
    table = cx.promise_response(made, outcome="score")
    assert table.frame[table.frame["measure"] == "class"]["delay"].tolist() == [-1, 0, 2]
    assert (
        "6 answers were given while the order was late and had not come; they count as late as it was by then." in table.notes
    )
    early = cx.promise_response(made.assign(at=made["promised_first"] - DAY / 2), outcome="score")
    assert "Answers left out: 12 about an order that had not come, nor was known to be late." in early.notes
    never = made.assign(delivered_at=made["delivered_at"].where(made.index >= 6), at=made["at"] + 9 * DAY)
    assert rows_of(cx.promise_response(never, outcome="score")).loc["late", "estimate"] == pytest.approx(-4)


def test_the_latest_order_before_the_answer_is_meant_where_that_is_asked_for():
    made = drawn(60).assign(customer_id=[f"C{number}" for number in range(60)])
    older = made.assign(event_id=made["event_id"] + "x", **{
        name: made[name] - 20 * DAY for name in ("ordered_at", "promised_first")
    }, delivered_at=made["delivered_at"] - 19 * DAY)  # fmt: skip
    answers = made[["customer_id", "score"]].assign(at=made["delivered_at"] + 2 * DAY, respondent_id=made["customer_id"])
    events = pd.concat([made, older]).drop(columns="score")
    found = cx.promise_response(answers, events, outcome="score", link="latest")
    assert_frame_equal(found.frame, cx.promise_response(made, outcome="score").frame, rtol=1e-9)
    assert "events" not in found.missing
    lost = cx.promise_response(answers, events, outcome="score", link="latest", within=1)
    assert "no answer is about an order whose delay is known. Answers left out: 60 about no order" in lost.missing


def test_a_date_that_was_promised_is_held_against_days_of_the_calendar():
    """Numbers from a calendar; that clocks change on 29 March 2026 in Berlin moves no day."""
    zone = "Europe/Berlin"
    ordered = pd.Timestamp("2026-03-20 10:00", tz=zone)
    came = [
        "2026-03-26 23:50",
        "2026-03-27 23:50",
        "2026-03-28 00:10",
        "2026-03-28 23:50",
        "2026-03-29 23:50",
        "2026-03-30 00:10",
    ]
    made = pd.DataFrame(
        {
            "event_id": [f"E{number:02d}" for number in range(60)],
            "ordered_at": ordered,
            "promised_first": pd.Timestamp("2026-03-28", tz=zone),
            "delivered_at": pd.DatetimeIndex(came * 10, tz=zone),
            "score": np.tile([5.0, 5, 4, 4, 2, 1], 10) + np.repeat([0.1, -0.1], 30),
        }
    )
    for frame in (
        made,
        made.assign(promised_first=made["promised_first"] + DAY - pd.Timedelta(microseconds=1)),  # as a study reads a date
        made.assign(delivered_at=made["delivered_at"].dt.normalize()),
    ):
        classes = cx.promise_response(frame, outcome="score", zone=zone).frame.query("measure == 'class'")
        assert classes["delay"].tolist() == [-2, -1, 0, 1, 2]
        assert classes["answers"].tolist() == [10, 10, 20, 10, 10]
        assert classes["estimate"].tolist() == pytest.approx([5, 5, 4, 2, 1])


@pytest.mark.parametrize("aware", [False, True])
def test_a_day_that_begins_at_one_is_a_day(aware):
    """Clocks of Sao Paulo skipped midnight on 15 October 2017: the promise of that day is no time of day."""
    zone = "America/Sao_Paulo"
    made = shop_orders(120).drop(columns=["customer_id", "status"]).dropna(subset=["delivered_at", "review_score"])
    moved = pd.Timestamp("2017-10-15") - made["promised_first"].median().normalize()
    times = ["ordered_at", "promised_first", "delivered_at"]
    made[times] = made[times] + moved
    assert (made["promised_first"] == pd.Timestamp("2017-10-15")).any()
    utc = cx.promise_response(made, outcome="review_score")
    local = (
        made.assign(**{name: made[name].dt.tz_localize(zone, nonexistent="shift_forward") for name in times}) if aware else made
    )
    found = cx.promise_response(local, outcome="review_score", zone=zone)
    assert_frame_equal(found.frame, utc.frame)
    one, two = cx.promise_plan(made), cx.promise_plan(local, zone=zone)
    assert_frame_equal(two.frame[two.frame["kind"] != "curve"], one.frame[one.frame["kind"] != "curve"])


def test_what_was_promised_before_it_was_ordered_is_no_promise():
    made = drawn(60)
    odd = made.assign(promised_first=made["promised_first"].where(made.index > 9, made["ordered_at"] - DAY))
    table = cx.promise_response(odd, outcome="score")
    assert "Answers left out: 10 about an order whose times cannot be true." in table.notes
    today = cx.promise_plan(odd).frame.query("kind == 'current'").iloc[0]
    assert (today["n"], today["length_low"]) == (50, 3)


def test_orders_without_ids_that_share_their_column_are_told_what_to_do():
    with pytest.raises(ArgumentError, match="'event_id' in every row, as nothing else says whose answer it is"):
        cx.promise_response(drawn(20).assign(event_id=None), outcome="score")


@pytest.mark.parametrize("engine", ENGINES)
def test_numbers_that_stand_as_text_are_read_and_words_are_refused(engine):
    made = drawn(120).assign(price=np.linspace(1, 9, 120), area=np.where(np.arange(120) == 7, "far", "near"))
    scores = made["score"].map("{:.6f}".format)
    text = made.assign(score=scores.where(made.index > 1, "NA"), price=made["price"].map(" {:.3f}".format))
    plain = made.assign(score=made["score"].round(6).where(made.index > 1), price=made["price"].round(3))
    one, two = (cx.promise_response(ENGINES[engine](each), outcome="score", covariates=["price"]) for each in (text, plain))
    assert_frame_equal(one.frame, two.frame, rtol=1e-9)
    with pytest.raises(ArgumentError, match="numbers in 'score', not '5 stars'; write the number alone"):
        cx.promise_response(ENGINES[engine](made.assign(score="5 stars")), outcome="score")


def test_a_level_that_one_customer_has_takes_no_interval_from_the_others():
    """Without that customer the level could not be told: it is joined with others, as if it were none."""
    made = drawn(120)
    rare = made.assign(region=made["region"].where(made.index != 7, "Island"))
    joined = made.assign(region=made["region"].where(made.index != 7, made["region"].value_counts().index[-1]))
    one, two = (rows_of(cx.promise_response(each, outcome="score", covariates="region")) for each in (rare, joined))
    assert one.loc["cliff", "conf_low"] == pytest.approx(two.loc["cliff", "conf_low"])
    codes = made.assign(shop=[f"S{number}" for number in range(120)])
    with pytest.raises(ArgumentError, match="at most 100 levels; 'shop' has 120"):
        cx.promise_response(codes, outcome="score", covariates="shop")


def test_a_class_of_answers_that_are_all_alike_has_no_interval():
    made = orders([0.0] * 8 + [1.0] * 8 + [2.0] * 8, [5, 4] * 4 + [1] * 8 + [2, 1] * 4)
    table = cx.promise_response(made, outcome="score")
    alike = table.frame.query("measure == 'class' and delay == 1").iloc[0]
    assert (alike["estimate"], alike["std_error"], alike["flags"]) == (pytest.approx(1), 0, "UNSTABLE|ZERO_VAR")
    assert np.isnan(alike["conf_low"])
    assert ("1 day late", "8", "8", "1.00", "", "all alike") in table.cells
    constant = rows_of(cx.promise_response(made.assign(score=0.1), outcome="score"))
    assert set(constant["verdict"]) <= {"", "cannot tell"}


@pytest.mark.parametrize("timed", [True, False])
def test_only_what_was_known_on_a_past_day_counts(timed):
    made = orders([float(delay) for delay in range(-1, 9)] * 6, [5.0, 5, 4, 3, 3, 3, 2, 2, 1, 1] * 6)
    made["at"] = made["delivered_at"] + DAY
    made = made if timed else made.drop(columns="at")
    day = (START + 7 * DAY).date().isoformat()
    past = cx.promise_response(made, outcome="score", as_of=day)
    known = made[made["delivered_at"] + (DAY if timed else 0 * DAY) < START.normalize() + 8 * DAY]
    told = ["measure", "delay", "n", "answers", "estimate"]  # errors are those of a sample that has the others, too
    assert_frame_equal(past.frame[told], cx.promise_response(known, outcome="score").frame[told])
    assert (
        f"{60 - len(known)} {'given, or' if timed else 'about an order that had not come'}" in past.notes[-1] + past.notes[-2]
    )


def test_orders_that_tell_what_was_said_need_no_survey():
    made = drawn(60)
    alone = cx.promise_response(made, outcome="score")
    assert_frame_equal(cx.promise_response(Absent("responses"), made, outcome="score").frame, alone.frame)
    assert cx.promise_response(Absent("responses"), made).missing


def test_small_groups_are_joined_or_hidden_and_nothing_tells_them():
    made = drawn(120)
    table = cx.promise_response(made, outcome="score", min_n=15)
    shown = table.frame[(table.frame["measure"] == "class") & table.frame["estimate"].notna()]
    assert (shown["n"] >= 15).all()
    few = made[(made["delivered_at"] <= made["promised_first"]) | (np.arange(120) < 6)]
    hidden = cx.promise_response(few, outcome="score", min_n=15)
    rows = rows_of(hidden)
    assert rows.loc[["late", "cliff", "late_slope", "asymmetry", "first_late"], "estimate"].isna().all()
    assert not (hidden.frame["measure"] == "fitted").any()
    assert hidden.title.endswith("too few to show")
    cut = cx.promise_response(
        made.assign(region=np.where(np.arange(120) < 8, "West", made["region"])), outcome="score", by="region", min_n=15
    )
    west = cut.frame[cut.frame["region"] == "West"]
    assert west["estimate"].isna().all()
    assert (west["flags"] == "SUPPRESSED_PRIVACY").all()
    assert cut.frame["flags"].eq("SUPPRESSED_SECONDARY").any()


def test_no_cliff_is_not_told_as_one():
    """Drawn without a step, but with a late side that falls more and more slowly."""
    rng = np.random.default_rng(8)
    delay = rng.choice(np.arange(-3, 9), 700)
    score = 6 - 1.5 * (1 - np.exp(-np.maximum(delay, 0) / 1.5)) + rng.normal(0, 0.5, 700)
    table = cx.promise_response(orders(list(delay.astype(float)), list(score)), outcome="score")
    rows = rows_of(table)
    assert rows.loc["bend", "verdict"] == "higher"
    assert rows.loc["cliff_bent", "estimate"] > rows.loc["cliff", "estimate"] + 0.2
    none = rows_of(cx.promise_response(drawn(300, cliff=0.2), outcome="score"))  # a day late is as the promise, on average
    assert none.loc["first_late", "verdict"] == "cannot tell"


def test_what_is_absent_is_not_measured_and_a_wrong_argument_is_misuse():
    made = drawn(40)
    assert "no table 'events'" in cx.promise_response(made, Absent("events"), outcome="score").missing
    assert "answers do not name the order" in cx.promise_response(made.drop(columns="event_id"), made, outcome="score").missing
    assert "no promise" in cx.promise_response(made.drop(columns="promised_first"), outcome="score").missing
    assert "no perception" in cx.promise_response(made).missing
    assert "no answer is about" in cx.promise_response(made.assign(score=np.nan), outcome="score").missing
    others = made.assign(event_id="other")
    assert (
        "40 about an order that events"
        in cx.promise_response(others.assign(respondent_id=made["event_id"]), made, outcome="score").missing
    )
    nameless = made.assign(event_id=None, respondent_id=made["event_id"], at=made["delivered_at"])
    assert "40 about no order" in cx.promise_response(nameless, made, outcome="score").missing
    with pytest.raises(ColumnError, match="must have a column 'sore'"):
        cx.promise_response(made, outcome="sore")
    with pytest.raises(ColumnError, match="must have a column 'city'"):
        cx.promise_response(made, outcome="score", by="city")
    for wrong in (
        {"shape": "square"},
        {"cap": 2},
        {"step": -1},
        {"link": "first"},
        {"by": "customer_id"},
        {"by": "estimate"},
        {"covariates": "customer_id"},
        {"tolerance": 3},
        {"conf_level": 95},
        {"within": True},
    ):
        with pytest.raises(ArgumentError):
            cx.promise_response(made, outcome="score", **wrong)
    with pytest.raises(ArgumentError, match="numbers in 'score'"):
        cx.promise_response(made.assign(score="good"), outcome="score")
    alike = rows_of(cx.promise_response(made.assign(score=4.0), outcome="score"))
    assert alike.loc["cliff", "estimate"] == pytest.approx(0, abs=1e-12)
    one = cx.promise_response(made.iloc[:1], outcome="score")
    assert rows_of(one)["conf_low"].isna().all()
    assert "cannot be told" in one.title


def test_the_sample_study_has_the_response_that_was_drawn():
    """A step of -1.1 at the promise (company.DELAY_EFFECT), a little less where answers were careless."""
    study = sample()
    table = cx.promise_response(study.responses, study.events, study.promises, zone=study.zone, **study.design)
    rows = rows_of(table)
    assert rows.loc["first_late", "conf_low"] < -1.07 < rows.loc["first_late", "conf_high"]
    assert rows.loc[["cliff", "late_slope", "asymmetry"], "verdict"].tolist() == ["lower"] * 3
    assert rows.loc["on_promise", "n"] > 100


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_intervals_cover_what_was_drawn():
    """Drawn 200 times, with customers of several orders; a rate of 0.95 lies between 0.91 and 0.985."""
    truth = {"cliff": -1.0, "late_slope": -0.2, "early_slope": 0.3, "first_late": -1.2, "first_early": 0.3, "asymmetry": -0.9}
    held = {name: 0 for name in truth}
    for seed in range(200):
        rows = rows_of(cx.promise_response(drawn(220, seed=seed), outcome="score"))
        for name, value in truth.items():
            held[name] += rows.loc[name, "conf_low"] <= value <= rows.loc[name, "conf_high"]
    assert all(0.91 <= count / 200 <= 0.985 for count in held.values()), held


@pytest.mark.slow
def test_the_response_on_pyspark_is_that_of_pandas(spark):
    made = drawn(80)
    answers, events = made[["event_id", "customer_id", "score", "region"]], made.drop(columns=["score", "customer_id"])
    whole = cx.promise_response(answers, events, outcome="score", by="region").frame
    found = cx.promise_response(spark(answers), spark(events), outcome="score", by="region").frame
    assert_frame_equal(found, whole, check_dtype=False, rtol=1e-8, atol=1e-10)
