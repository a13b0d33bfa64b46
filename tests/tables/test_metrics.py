"""Metrics: numbers in units of their own, beside the ratings; what is not yet known at `as_of` is open, never delivered."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from study_files import AS_LONG, LONG, WIDE

from cxgap.errors import ColumnError, StudyError
from cxgap.tables.metrics import CANCELLED

TIMES = {"delivered": ["ordered_at", "delivered_at"], "promised": ["ordered_at", "promised_first"]}
TIME = {"touchpoint": "Use", "unit": "days", "direction": "lower"}
EVENTS = """event_id,customer_id,region,ordered_at,promised_first,delivered_at,cancelled_at,status,cause
E1,C1,NA,2026-03-01T00:00:00Z,2026-03-04T00:00:00Z,2026-03-03T12:00:00Z,,delivered,
E2,C2,007,2026-03-02T00:00:00Z,2026-03-03T00:00:00Z,2026-03-10T00:00:00Z,,delivered,snow
E3,C3,007,2026-03-03T00:00:00Z,2026-03-05T00:00:00Z,,2026-03-06T00:00:00Z,cancelled,
E4,C4,NA,2026-03-05T00:00:00Z,2026-03-07T00:00:00Z,,,open,
"""


def events(study, /, text: str = EVENTS, metric: dict | None = None, **options) -> pd.DataFrame:
    return measured(study, text, metric, **options).events


def measured(study, /, text: str = EVENTS, metric: dict | None = None, **options):
    metrics = {"time": {**TIME, **(TIMES if metric is None else metric)}}
    return study(WIDE, {"events.csv": text}, **{"tables": {"events": "events.csv"}, "metrics": metrics, **options})


def rows(frame: pd.DataFrame, *columns: str) -> list[tuple]:
    return list(frame[["event_id", *columns]].itertuples(index=False, name=None))


def checks(read, table: str = "events") -> dict[str, int]:
    return {issue["check"]: issue["rows"] for issue in read.issues if issue["table"] == table}


def test_a_pair_of_times_is_a_duration_and_what_is_open_lasts_until_the_last_recorded_time(study):
    """Arithmetic: the last thing recorded is E2's delivery on 10 March, five days after E4 was ordered."""
    table = events(study)
    assert rows(table, "promised", "open", "cancelled") == [
        ("E1", 3, False, False),
        ("E2", 1, False, False),
        ("E3", 2, False, True),
        ("E4", 2, True, False),
    ]
    assert table["delivered"].fillna(-1).tolist() == [2.5, 8, -1, 5]
    assert table[["touchpoint", "metric", "unit", "direction"]].drop_duplicates().to_numpy().tolist() == [
        ["Use", "time", "days", "lower"]
    ]


def test_what_is_open_lasts_until_the_last_recorded_time_whichever_column_records_it(study):
    """A table without its own clock: the last thing recorded is the second delivery, 4 days after the third order left."""
    text = "event_id,customer_id,ordered_at,left_at,delivered_at\n"
    text += "E1,C1,,2026-03-01,2026-03-02\nE2,C2,,2026-03-02,2026-03-08\nE3,C3,,2026-03-04,\nE4,C4,,,\n"
    table = events(study, text, {"delivered": ["left_at", "delivered_at"]})
    assert table["delivered"].fillna(-1).tolist() == [1, 6, 4, -1]
    assert table["open"].tolist() == [False, False, True, False]


@pytest.mark.parametrize(("unit", "a_day"), [("days", 1), ("hours", 24), ("minutes", 1440)])
def test_the_unit_scales_durations_and_nothing_else(study, unit, a_day):
    table, days = events(study, metric={**TIMES, "unit": unit}), events(study)
    for column in ("delivered", "promised"):
        assert table[column].to_numpy() == pytest.approx(a_day * days[column].to_numpy(), rel=1e-15, nan_ok=True)


def test_a_day_in_which_clocks_change_is_as_long_as_it_was(study):
    """Europe/Berlin, 29 March 2026: noon to noon across the change are 23 hours."""
    text = "event_id,customer_id,ordered_at,delivered_at\nE1,C1,2026-03-28T12:00,2026-03-29T12:00\n"
    table = events(study, text, {"delivered": TIMES["delivered"]}, study={"zone": "Europe/Berlin"})
    assert table["delivered"].tolist() == [23 / 24]


def test_as_of_hides_what_happened_later_and_what_is_told_of_it(study):
    """On 5 March E2 was on its way and E3 not yet cancelled; their amounts are the days until the last moment of that day."""
    read = measured(study, as_of="2026-03-05")
    table = read.events
    assert rows(table, "open", "cancelled") == [
        ("E1", False, False),
        ("E2", True, False),
        ("E3", True, False),
        ("E4", True, False),
    ]
    assert table["delivered"].tolist() == pytest.approx([2.5, 4, 3, 1], abs=1e-10)
    assert table[["delivered_at", "cancelled_at"]].notna().sum().tolist() == [1, 0]
    assert table["status"].fillna("").tolist() == ["delivered", "", "", "open"]
    assert table["cause"].isna().all()
    assert [(issue["column"], issue["rows"]) for issue in read.issues if issue["check"] == "not_yet"] == [
        ("delivered_at", 1),
        ("cancelled_at", 1),
    ]


def test_as_of_a_moment_counts_to_that_moment(study):
    """A delivery at that very moment is known."""
    table = events(study, as_of="2026-03-03T12:00:00Z")
    assert table["delivered"].tolist() == [2.5, 1.5, 0.5]
    assert table["open"].tolist() == [False, True, True]
    assert events(study, as_of="2026-03-03T11:59:59Z")["open"].tolist() == [True, True, True]


def test_reading_as_of_the_end_is_reading_all(study):
    table, whole = events(study, as_of="2026-03-10T00:00:00Z"), events(study)
    pd.testing.assert_frame_equal(table, whole)


def test_later_facts_are_hidden_without_metrics_too(study):
    text = "customer_id,since,churned_at\nC1,2020-01-01,2026-03-02\nC2,2020-01-01,2026-03-20\n"
    files = {"events.csv": EVENTS, "customers.csv": text}
    read = study(WIDE, files, tables={name.removesuffix(".csv"): name for name in files}, as_of="2026-03-05")
    assert read.customers["churned_at"].notna().tolist() == [True, False]
    assert read.events["delivered_at"].notna().tolist() == [True, False, False, False]
    assert "metric" not in read.events


def test_what_was_made_good_later_takes_nothing_else_with_it(study):
    text = "event_id,customer_id,ordered_at,delivered_at,recovery_at,status,failed\n"
    text += "E1,C1,2026-03-01,2026-03-03,2026-03-20,delivered,yes\n"
    (row,) = events(study, text, {"delivered": TIMES["delivered"]}, as_of="2026-03-05").itertuples()
    assert (row.status, bool(row.failed), row.recovery_at is pd.NaT) == ("delivered", True, True)


def test_where_does_not_move_the_moment_until_which_open_rows_last(study):
    whole, part = (events(study, where=where).drop(columns="cause") for where in (None, {"region": "NA"}))
    pd.testing.assert_frame_equal(part, whole[whole["region"] == "NA"].reset_index(drop=True))


def test_where_the_touchpoint_is_asked_for_only_its_metrics_stay(study):
    assert len(events(study, where={"touchpoint": "Use"})) == 4
    table = events(study, where={"touchpoint": "Buy"})
    assert (len(table), table["delivered"].dtype) == (0, float)


def test_a_cancelled_status_is_enough(study):
    text = "event_id,customer_id,ordered_at,delivered_at,status\nE1,C1,2026-03-01,,Cancelled\nE2,C2,2026-03-02,,\n"
    table = events(study, text, {"delivered": TIMES["delivered"]})
    assert rows(table, "open", "cancelled") == [("E1", False, True), ("E2", True, False)]


@pytest.mark.parametrize(
    "word",
    [
        "STORNIERT",
        "abgebrochen",
        "annulée",
        "annule\u0301",
        "Cancelado",
        "anulada",
        "annullato",
        "Geannuleerd",
        "취소됨",
        "キャンセル",
    ],
)
def test_cancelled_is_known_in_several_languages_and_every_word_is_in_the_docs(word, study):
    docs = Path(__file__).parents[2] / "docs" / "formats" / "orders.md"
    assert all(known in docs.read_text(encoding="utf-8") for known in CANCELLED)
    text = f"event_id,customer_id,ordered_at,delivered_at,status\nE1,C1,2026-03-01,,{word} \nE2,C2,2026-03-02,,not {word}\n"
    table = events(study, text, {"delivered": TIMES["delivered"]})
    assert rows(table, "open", "cancelled") == [("E1", False, True), ("E2", True, False)]


def test_a_time_before_its_beginning_is_no_amount_and_is_reported(study):
    read = measured(study, EVENTS.replace("2026-03-03T12", "2026-02-03T12"))
    assert read.events["delivered"].fillna(-1).tolist() == [-1, 8, -1, 5]
    assert not read.events["open"].iloc[0]
    (reject,) = read.rejects.itertuples()
    assert (reject.row, reject.column, reject.reason) == (2, "delivered_at", "negative_duration")


def test_one_column_may_hold_the_number(study):
    text = "event_id,customer_id,took,said\nE1,C1,4.5,3\nE2,C2,NA,3\nE3,C3,soon,\n"
    read = measured(study, text, {"unit": "stops", "delivered": "took", "promised": "said"})
    assert read.events["delivered"].fillna(-1).tolist() == [4.5, -1, -1]
    assert read.events["promised"].fillna(-1).tolist() == [3, 3, -1]
    assert not read.events["open"].any()
    assert checks(read) == {"not_a_number": 1}


def test_a_share_may_be_told_by_yes_and_no(study):
    text = "event_id,customer_id,whole\nE1,C1,yes\nE2,C2,No\nE3,C3,0.5\nE4,C4,\nE5,C5,perhaps\n"
    read = measured(study, text, {"unit": "share", "direction": "higher", "delivered": "whole"})
    assert read.events["delivered"].fillna(-1).tolist() == [1, 0, 0.5, -1, -1]
    assert checks(read) == {"not_a_number": 1}


def test_contacts_may_hold_a_metric_and_events_stay_as_they_are(study):
    contacts = "contact_id,customer_id,at,minutes,resolved\nK1,C1,2026-03-01,4,yes\nK2,C2,2026-03-02,6,no\n"
    metrics = {
        "wait": {**TIME, "unit": "minutes", "delivered": "minutes", "table": "contacts"},
        "solved": {**TIME, "unit": "share", "direction": "higher", "delivered": "resolved", "table": "contacts"},
    }
    files = {"contacts.csv": contacts, "events.csv": EVENTS}
    read = study(WIDE, files, tables={name.removesuffix(".csv"): name for name in files}, metrics=metrics)
    assert list(read.contacts[["contact_id", "metric", "unit", "delivered"]].itertuples(index=False, name=None)) == [
        ("K1", "wait", "minutes", 4),
        ("K2", "wait", "minutes", 6),
        ("K1", "solved", "share", 1),
        ("K2", "solved", "share", 0),
    ]
    assert "metric" not in read.events


def test_a_table_with_touchpoints_gives_each_metric_its_own_rows(study):
    text = "event_id,customer_id,touchpoint,took\nE1,C1,Use,1\nE2,C2,Buy,2\nE3,C3,Pay,3\nE4,C4,,4\n"
    metrics = {place: {**TIME, "touchpoint": place, "delivered": "took"} for place in ("Buy", "Use")}
    read = measured(study, text, metrics=metrics, study={"touchpoints": ["Use", "Buy"]})
    assert rows(read.events, "touchpoint", "metric") == [("E2", "Buy", "Buy"), ("E1", "Use", "Use")]
    assert read.events["touchpoint"].cat.categories.tolist() == ["Use", "Buy"]
    assert checks(read)["no_metric"] == 2
    many = "event_id,customer_id,touchpoint,took\n" + "".join(f"E{row},C{row},Noise,1\n" for row in range(20))
    with pytest.raises(
        StudyError, match=r"must hold one of a metric's, which are \['Buy', 'Use'\], and holds 'Noise'; correct"
    ):
        measured(study, many, metrics=metrics, study={"touchpoints": ["Use", "Buy"]})


SURVEY = WIDE.replace("e1,p1", "e_days,p_days,e1,p1").replace("01,7", "01,3,4.5,7").replace("02,6", "02,,soon,6")
SURVEY = SURVEY.replace("03,5", "03,NA,2,5").replace("04,7", "04,1,1,7").replace("05,6", "05,1,1,6").replace("06,4", "06,1,1,4")
ASKED = {"time": {**TIME, "expected": "e_days", "perceived": "p_days"}}


def test_numbers_of_the_survey_stand_beside_every_answer_of_their_row_and_are_no_ratings(study):
    """The patterns e{item} and p{item} fit e_days and p_days too; what a metric names is none of theirs."""
    read, plain = study(SURVEY, metrics=ASKED), study()
    table = read.responses
    assert table["e_days"].fillna(-1).tolist() == [3, 3, -1, -1, -1, -1, 1, 1, 1, 1, 1, 1]
    assert table["p_days"].fillna(-1).tolist() == [4.5, 4.5, -1, -1, 2, 2, 1, 1, 1, 1, 1, 1]
    assert read.rejects[["row", "column", "reason", "answers"]].to_numpy().tolist() == [[3, "p_days", "not_a_number", 0]]
    assert read.rows == plain.rows
    pd.testing.assert_frame_equal(table.drop(columns=["e_days", "p_days"]), plain.responses)


def test_codes_for_no_answer_hold_for_numbers_that_people_were_asked_and_for_no_others(study):
    """A code is compared as a number, in the survey as among the managers; how long something took is no answer."""
    survey = "respondent_id,touchpoint,seconds,e_days,p_days,e1,p1\nR1,Use,99,99,99.0,7,5\nR2,Use,98,1,soon,6,6\n"
    believed = "manager_id,touchpoint,item,believed_days\nM1,Use,1,99\nM2,Use,1,9\n"
    took = "event_id,customer_id,took\nE1,C1,99\n"
    metric = {**TIME, "expected": "e_days", "perceived": "p_days", "believed": "believed_days", "delivered": "took"}
    files = {"managers.csv": believed, "events.csv": took}
    tables = {name.removesuffix(".csv"): name for name in files}
    read = study(survey, files, tables=tables, metrics={"time": metric}, responses={"missing": ["99"]})
    assert read.responses["seconds"].tolist() == [99, 98]
    assert read.responses["e_days"].fillna(-1).tolist() == [-1, 1]
    assert read.managers["believed_days"].fillna(-1).tolist() == [-1, 9]
    assert read.events["delivered"].tolist() == [99]
    assert [(reject.row, reject.column) for reject in read.rejects.itertuples()] == [(3, "p_days")]


STANDARDS = """touchpoint,metric,unit,direction,standard,basis
Buy,time,hours,higher,3,physical
Use,time,scale points,higher,6,survey
Use,time,days,lower,3,physical
"""


def with_standards(study, text: str = STANDARDS, **options):
    files = {"events.csv": EVENTS, "standards.csv": text}
    tables = {name.removesuffix(".csv"): name for name in files}
    return study(WIDE, files, tables=tables, metrics={"time": {**TIME, **TIMES}}, **options)


def test_a_standard_of_its_metric_agrees_and_others_are_their_own(study):
    """Another touchpoint has another metric, and a standard on the scale of the survey is none of what is measured."""
    assert len(with_standards(study).standards) == 3
    assert len(with_standards(study, "touchpoint,metric,unit,direction,exists\nUse,time,,,no\n").standards) == 1


@pytest.mark.parametrize(
    ("cell", "said", "words"),
    [
        ("Use,time,hours,lower", "hours", "write 'days' there with the standard in days, or correct `unit` under"),
        ("Use,time,days,higher", "higher", "write 'lower' there, or correct `direction` under"),
        ("Use,time,days,Lower", "Lower", "write 'lower' there, or correct `direction` under"),
    ],
)
def test_a_standard_that_contradicts_its_metric_stops_the_reading_with_the_row(study, cell, said, words):
    with pytest.raises(StudyError) as caught:
        with_standards(study, STANDARDS.replace("Use,time,days,lower", cell), where={"region": "NA"})
    key = "unit" if said == "hours" else "direction"
    assert str(caught.value).startswith(f"standards.csv, row 4: the {key} of 'time' at 'Use' must be ")
    assert f'not {said!r}; {words} [metrics."time"].' in str(caught.value)


def test_numbers_of_a_long_survey_are_read_too(study):
    lines = LONG.splitlines()
    text = "\n".join([lines[0] + ",days", *(f"{line},{place}" for place, line in enumerate(lines[1:]))]) + "\n"
    read = study(text, responses=AS_LONG, metrics={"time": {**TIME, "perceived": "days"}})
    assert read.responses["days"].tolist() == list(range(12))


def test_what_managers_believe_may_stand_in_a_few_of_their_rows(study):
    text = "manager_id,touchpoint,item,believed,believed_days\nM1,Use,1,7,3.5\nM1,Use,2,6,\nM2,Use,1,5,x\n"
    read = study(
        WIDE,
        {"managers.csv": text},
        tables={"managers": "managers.csv"},
        metrics={"time": {**TIME, "believed": "believed_days"}},
    )
    assert read.managers["believed_days"].fillna(-1).tolist() == [3.5, -1, -1]
    assert checks(read, "managers") == {"not_a_number": 1}


def test_what_is_declared_is_shown_as_a_table(study):
    read = measured(study, metric={"delivered": TIMES["delivered"]})
    assert read.metrics.to_dict("records") == [
        {
            "metric": "time",
            **TIME,
            **dict.fromkeys(["expected", "perceived", "believed", "promised"]),
            "delivered": "ordered_at to delivered_at",
            "table": "events",
        }
    ]
    assert list(study().metrics.columns) == list(read.metrics.columns)
    assert len(study().metrics) == 0


@pytest.mark.parametrize(
    ("metric", "words"),
    [
        ({"touchpoint": None}, '`metrics.time` must have a touchpoint, such as touchpoint = "Receive the parcel".'),
        ({"unit": None}, "`metrics.time` must have a unit, such as"),
        ({"direction": "up"}, "`metrics.time.direction` must be 'lower' or 'higher', not 'up'."),
        (
            {"touchpoint": "use"},
            "under [metrics.\"time\"] must be one of `touchpoints` under [study], not 'use'. Did you mean 'Use'?",
        ),
        ({"unit": "day"}, "must have a unit of ['days', 'hours', 'minutes'], because two times give it, not 'day'. Did you"),
        ({"delivered": ["ordered_at"]}, "must be a column, or two columns of times such as"),
        ({"delivered": 7}, "must be a column, or two columns of times such as"),
        ({"delivered": None, "promised": None}, "must name a column that holds it, such as"),
        ({"table": "event"}, "`metrics.time.table` must be 'events' or 'contacts', not 'event'. Did you mean 'events'?"),
        ({"delivered": "ordered_at"}, "must name numbers, and the column 'ordered_at' of `events` holds a time"),
        ({"delivered": ["ordered_at", "customer_id"]}, "must name times, and the column 'customer_id' of `events` holds a key"),
        ({"expected": "touchpoint"}, "must name columns of numbers in the survey, and 'touchpoint' holds others"),
        ({"expected": "e1"}, "[metrics] must name columns of numbers in a unit, and 'e1' holds ratings"),
        ({"sold": "x"}, "[metrics.time] has no key 'sold'"),
    ],
)
def test_what_cannot_be_measured_is_said_with_the_key(study, metric, words):
    metrics = {"time": drop({**TIME, **TIMES, **metric})}
    with pytest.raises(StudyError) as caught:
        measured(study, metrics=metrics, study={"touchpoints": ["Buy", "Use"]}, items={"1": {}, "2": {}})
    assert words in str(caught.value)


def drop(section: dict) -> dict:
    return {key: value for key, value in section.items() if value is not None}


@pytest.mark.parametrize(
    ("metric", "words"),
    [
        ({"delivered": "tooks"}, r"`events` must have a column 'tooks'.* Did you mean 'took'. If 'took' holds it"),
        ({"delivered": ["ordered_at", "took"], "promised": "took"}, r"holds a time; name another"),
    ],
)
def test_a_column_that_is_not_there_or_is_two_things_is_named(study, metric, words):
    text = "event_id,customer_id,ordered_at,took\nE1,C1,2026-03-01,2026-03-02\n"
    with pytest.raises((StudyError, ColumnError), match=words):
        events(study, text, metric)


@pytest.mark.parametrize("column", ["metric", "unit", "direction", "delivered", "promised", "open", "cancelled"])
def test_a_table_with_a_metric_cannot_bring_a_column_that_cxgap_makes(study, column):
    text = EVENTS.replace("cause", column)
    with pytest.raises(StudyError, match=f'add rename = \\{{ {column} = "other_{column}" \\}} to events under'):
        events(study, text)


def test_the_order_of_the_rows_moves_no_amount(study):
    head, *lines = EVENTS.splitlines()
    table, turned = events(study), events(study, "\n".join([head, *lines[::-1]]) + "\n")
    assert np.array_equal(table["delivered"], turned["delivered"][::-1], equal_nan=True)


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        (["two days", "three days"] * 6, "export the column as plain numbers"),
        (['"2,5"', '"3,5"'] * 6, 'set decimal = "," under [responses]'),
    ],
)
def test_a_metric_of_the_survey_of_which_more_than_a_fifth_is_refused_is_misread(study, answers, words):
    rows = [f"R{who},Use,7,5,6,6,2,{answer}" for who, answer in enumerate(answers)]
    text = "\n".join(["respondent_id,touchpoint,e1,p1,e2,p2,e_days,p_days", *rows])
    with pytest.raises(StudyError) as caught:
        study(text, metrics=ASKED)
    (line,) = str(caught.value).splitlines()
    assert line.startswith("responses.csv, row 2, column 'p_days': 12 of 12 answers cannot be read, such as ")
    assert words in line
