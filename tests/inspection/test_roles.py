"""Columns beside the ratings are known by their names in many languages, and by what stands in them."""

from __future__ import annotations

import pytest
from profiled import FIVE, SEVEN, column

from cxgap.inspection.operations import recognise
from cxgap.inspection.roles import claim

IDS = [f"R{number}" for number in range(40)]
TWICE = [f"R{number // 2}" for number in range(40)]
NUMBERS = [str(number) for number in range(40)]
TOLD = [f"This is what I have to say, at length, about visit {number} of mine" for number in range(40)]
DAYS = [f"2026-03-{1 + number % 28:02}" for number in range(40)]
ELEVEN = tuple(map(str, range(11))) * 4
WEIGHTS = [f"{0.5 + number / 40:.2f}" for number in range(40)]

# name, what stands in it, role
NAMED = [
    ("ResponseId", IDS, "respondent_id"),
    ("Respondent ID", NUMBERS, "respondent_id"),
    ("id", NUMBERS, "respondent_id"),
    ("token", IDS, "respondent_id"),
    ("resp_id", NUMBERS, "respondent_id"),
    ("respondent", TWICE, "respondent_id"),
    ("lfdn", NUMBERS, "respondent_id"),
    ("Teilnehmer-Nr.", TWICE, "respondent_id"),
    ("Befragtennummer", TWICE, "respondent_id"),
    ("Probanden-Nr", TWICE, "respondent_id"),
    ("Participant No", TWICE, "respondent_id"),
    ("Panelist ID", TWICE, "respondent_id"),
    ("Nº de encuestado", TWICE, "respondent_id"),
    ("Numéro de répondant", TWICE, "respondent_id"),
    ("응답자 번호", TWICE, "respondent_id"),
    ("Kunde", TWICE, "customer_id"),
    ("응답자ID", IDS, "respondent_id"),
    ("回答者ID", IDS, "respondent_id"),
    ("customer_id", TWICE, "customer_id"),
    ("Kundennummer", IDS, "customer_id"),
    ("order_id", IDS, "event_id"),
    ("touchpoint", ["Buy", "Use"] * 20, "touchpoint"),
    ("Kontaktpunkt", ["Kauf", "Hilfe"] * 20, "touchpoint"),
    ("접점", ["구매", "사용"] * 20, "touchpoint"),
    ("wave", ["1", "2"] * 20, "wave"),
    ("Welle", ["1", "2"] * 20, "wave"),
    ("item", ["q1", "q2"] * 20, "item"),
    ("dimension", ["tangibles", "empathy"] * 20, "dimension"),
    ("weight", WEIGHTS, "weight"),
    ("pw", WEIGHTS, "weight"),
    ("wt", WEIGHTS, "weight"),
    ("Gewicht", WEIGHTS, "weight"),
    ("가중치", WEIGHTS, "weight"),
    ("stratum", ["1", "2"] * 20, "stratum"),
    ("stype", ["E", "H"] * 20, "stratum"),
    ("psu", NUMBERS, "psu"),
    ("dnum", NUMBERS, "psu"),
    ("fpc", ["757"] * 40, "population"),
    ("at", DAYS, "time"),
    ("EndDate", DAYS, "time"),
    ("RecordedDate", DAYS, "time"),
    ("End Date", DAYS, "time"),
    ("submitdate", DAYS, "time"),
    ("Timestamp", DAYS, "time"),
    ("Zeitstempel", DAYS, "time"),
    ("타임스탬프", DAYS, "time"),
    ("Duration (in seconds)", NUMBERS, "duration"),
    ("interviewtime", NUMBERS, "duration"),
    ("seconds", NUMBERS, "duration"),
    ("Email Address", IDS, "personal"),
    ("IPAddress", IDS, "personal"),
    ("LocationLatitude", IDS, "personal"),
    ("Vorname", IDS, "personal"),
    ("nombre", IDS, "personal"),
    ("전화번호", IDS, "personal"),
    ("name", [f"Kim {number}" for number in range(40)], "personal"),
    ("contact", [f"a{number}@example.org" for number in range(40)], "personal"),
    ("source", [f"10.0.0.{number}" for number in range(40)], "personal"),
    ("call back", [f"+49 30 1234{number:03}" for number in range(40)], "personal"),
    ("region", ["N", "S"] * 20, "segment"),
    ("성별", ["남", "여"] * 20, "segment"),
    ("plan", ["Basic", "Plus"] * 20, "segment"),
    ("Any comments?", TOLD, "free text"),
    ("name", ["Basic", "Plus"] * 20, "segment"),
    ("weight", ["heavy", "light"] * 20, "unknown"),
    ("REC", ELEVEN, "outcome recommend"),
    ("NPS", ELEVEN, "outcome recommend"),
    ("How likely are you to recommend us to a friend?", ELEVEN, "outcome recommend"),
    ("Wie wahrscheinlich ist es, dass Sie uns weiterempfehlen?", ELEVEN, "outcome recommend"),
    ("추천 의향", ELEVEN, "outcome recommend"),
    ("overall_satisfaction", FIVE, "outcome satisfaction"),
    ("csat", FIVE, "outcome satisfaction"),
    ("Gesamtzufriedenheit", FIVE, "outcome satisfaction"),
    ("Wie zufrieden sind Sie insgesamt?", FIVE, "outcome satisfaction"),
    ("전반적 만족도", FIVE, "outcome satisfaction"),
    ("満足度", FIVE, "outcome satisfaction"),
    ("ces", SEVEN, "outcome effort"),
    ("How easy was it to get help?", SEVEN, "outcome effort"),
    ("Did we meet your expectations?", FIVE, "outcome disconfirmation"),
    ("all in all", ["Worse than expected", "As expected", "Better than expected"] * 12, "outcome disconfirmation"),
    ("How important is overall satisfaction to you?", FIVE, "unknown"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "texts", "role"), NAMED)
def test_a_name_and_what_stands_below_it_say_what_a_column_is(name, texts, role):
    assert claim(column(name, texts), 40).role == role


@pytest.mark.parametrize(
    ("wording", "role"),
    [
        ("Overall, how satisfied are you with us?", "outcome satisfaction"),
        ("How likely is it that you would recommend us?", "outcome recommend"),
        ("전반적으로 얼마나 만족하십니까?", "outcome satisfaction"),
    ],
)
def test_a_question_says_it_where_the_name_does_not(wording, role):
    assert claim(column("Q17", FIVE, wording=wording), 40).role == role


def test_what_the_platform_keeps_personal_is_personal():
    assert claim(column("Q_1", NUMBERS), 40, ["Q_1"]).role == "personal"


def test_rec_on_another_scale_than_ten_is_asked():
    assert claim(column("rec", FIVE), 40).question


def test_a_time_that_an_interview_took_is_asked_where_its_unit_is_not_said():
    assert claim(column("duration", NUMBERS), 40).question
    assert not claim(column("duration_sec", NUMBERS), 40).question


MANY = [str(number) for number in range(30)]
TABLES = {
    "events": ["order_id", "customer_id", "order_purchase_timestamp", "order_delivered_customer_date",
               "order_estimated_delivery_date"],
    "customers": ["customer_id", "segment", "since", "churn_date"],
    "contacts": ["ticket_id", "customer_id", "opened_at", "resolved"],
    "managers": ["manager_id", "touchpoint", "item", "believed"],
    "employees": ["employee_id", "touchpoint", "item", "standard", "delivered"],
    "standards": ["touchpoint", "metric", "unit", "direction", "target"],
    "promises": ["order_id", "made_at", "promised"],
    "touchpoints": ["touchpoint", "stage", "owner"],
    "codebook": ["variable", "dimension", "text_en"],
}  # fmt: skip
TIMES = ("date", "timestamp", "_at", "promised")


@pytest.mark.parametrize("table", TABLES)
def test_a_table_beside_the_survey_is_known_by_its_columns(table):
    cells = [
        column(name, DAYS[:30] if any(word in name for word in TIMES) else MANY, place)
        for place, name in enumerate(TABLES[table])
    ]
    found = recognise(cells, 30)
    assert found is not None
    assert (found.table, found.questions) == (table, [])


def test_an_order_table_in_the_public_shape_is_renamed():
    """The shape of a public set of orders: purchase, delivered to the customer, estimated."""
    cells = [column(name, MANY if name.endswith("_id") else DAYS[:30], place) for place, name in enumerate(TABLES["events"])]
    found = recognise(cells, 30)
    assert found is not None
    assert found.columns == {
        "order_id": "event_id",
        "customer_id": "customer_id",
        "order_purchase_timestamp": "ordered_at",
        "order_delivered_customer_date": "delivered_at",
        "order_estimated_delivery_date": "promised_first",
    }


@pytest.mark.parametrize(
    ("name", "words", "known"),
    [
        ("order_status", ["delivered", "canceled", "shipped"], True),
        ("Bestellstatus", ["zugestellt", "storniert", "offen"], True),
        ("state", ["done", "cancelled", "open"], True),
        ("state", ["SP", "RJ", "MG"], False),
    ],
)
def test_the_status_of_orders_is_renamed_and_a_state_of_the_country_is_not(name, words, known):
    """A cancelled order whose status is not read would pass for one that is still on its way."""
    cells = [column(each, MANY if each.endswith("_id") else DAYS[:30], place) for place, each in enumerate(TABLES["events"])]
    found = recognise([*cells, column(name, words * 10, len(cells))], 30)
    assert found is not None
    assert found.columns.get(name) == ("status" if known else None)


def test_a_customer_table_without_ids_asks_for_them():
    cells = [
        column(name, texts, place) for place, (name, texts) in enumerate([("churn", ["Yes", "No"] * 20), ("tenure", NUMBERS)])
    ]
    found = recognise(cells, 40)
    assert found is not None
    assert found.table == "customers"
    assert [question.split(":")[0] for question in found.questions] == [
        "no column is the customer_id of customers",
        "churn says whether a customer left, not when",
    ]


@pytest.mark.parametrize("names", [["e1", "p1", "e2", "p2"], ["customer_id", "region", "e1", "p1"], ["order_id", "e1", "p1"]])
def test_a_survey_is_no_such_table(names):
    assert recognise([column(name, SEVEN, place) for place, name in enumerate(names)], 42) is None
