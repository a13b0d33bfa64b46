"""The card of the data says what became of the rows of every table, and how tables belong together."""

from __future__ import annotations

from cxgap.report.harvest import StudyRecord
from cxgap.report.sections import account_words, scope_words, study_html

ROWS = {"read": 10, "left_out": 1, "in": 9, "used": 6, "incomplete": 2, "rejected": 1}
NONE = dict.fromkeys(ROWS, 0)
SURVEY = {"table": "responses", "file": "r.csv", "rows": 5, "sha256": "a" * 64}
EVENTS = {"table": "events", "file": "e.csv", "rows": 1200, "sha256": "b" * 64, "left_out": 100, "kept": 1090, "rejected": 10}
LINK = {"link": "orders", "table": "responses", "to": "events", "rows": 2828, "matched": 2000, "multiple": 64, "unmatched": 800}
LINK |= {"blank": 28, "match_rate": 0.7143, "to_match_rate": None}
ABOUT = {"title": "Kiosk", "seed": 1, "respondents": 5, "touchpoints": 2, "fingerprint": "f" * 64}


def test_rows_of_every_table_are_accounted_for():
    page = study_html(StudyRecord(**ABOUT, rows=ROWS, tables=[SURVEY, EVENTS]), "")
    assert "Rows in 9 = used 6 + incomplete 2 + rejected 1." in page
    assert "1,090" in page
    assert page.count("–") == 3  # the rows of the survey are counted in answers


def test_links_say_how_many_found_each_other():
    page = study_html(StudyRecord(**ABOUT, rows=ROWS, tables=[SURVEY, EVENTS], links=[LINK]), "")
    for words in ("responses to events", "2,828", "2,000", "64", "800", "28", "71.4%"):
        assert words in page


def test_a_study_without_a_survey_does_not_speak_of_answers():
    study = StudyRecord(**ABOUT | {"respondents": 0, "touchpoints": 0}, rows=NONE, tables=[EVENTS])
    assert account_words(study) == "Rows in 1,200 = kept 1,090 + left out 100 + rejected 10."
    assert scope_words(study) == "Kiosk · the whole study · no survey"
    assert "answers were read" not in study_html(study, "")


def test_a_raised_minimum_is_said_with_its_reason():
    words = "Here the minimum is 13, because smaller groups could be worked out from other pages."
    assert words in study_html(StudyRecord(**ABOUT, rows=ROWS, min_n=13, min_n_declared=10), "")
    assert "Here the minimum" not in study_html(StudyRecord(**ABOUT, rows=ROWS, min_n=10, min_n_declared=10), "")
    assert "Here the minimum" not in study_html(StudyRecord(**ABOUT, rows=ROWS), "")
