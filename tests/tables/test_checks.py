"""Every check that is listed can be met, and says which row, which column and which value."""

from __future__ import annotations

import pytest
from study_files import AS_LONG, LONG, WIDE, wide

from cxgap.tables.issues import CHECKS, SEVERITIES

NAMED = {"touchpoints": ["Buy", "Use", "Return"]}
WAVES = WIDE.replace("region", "wave").replace("007", "1").replace("NA", "1")
EVENTS = "event_id,customer_id,resolved\n"
ZERO = WIDE.replace("region", "w").replace("NA", "0").replace("007", "1").replace("north", "1")
HUGE = ZERO.replace(",0,", ",1,").replace("R6,Use,1", "R6,Use,99")
WHOLE = {"totals": {"NA": 30, "007": 30, "north": 60}, "source": "customer file", "date": "2026-01-01"}

# check: survey, further words of `study`, then the row, column and value that are said first
MET = {
    "not_a_number": (WIDE.replace("7,5,6,6", "7,5,six,6"), {}, (2, "e2", "six")),
    "not_finite": (WIDE.replace("7,5,6,6", "7,inf,6,6"), {}, (2, "p1", "inf")),
    "out_of_scale": (WIDE.replace("4,4,5,6", "4,4,5,99"), {}, (7, "p2", "99")),
    "off_step": (WIDE.replace("4,4,5,6", "4,4,5,6.5"), {}, (7, "p2", "6.5")),
    "empty_key": (WIDE.replace("R3,Buy", "R3, "), {}, (4, "touchpoint", "")),
    "unknown_touchpoint": (WIDE.replace("R3,Buy", "R3,Bye"), {"study": NAMED}, (4, "touchpoint", "Bye")),
    "unknown_item": (LONG.replace(",2,6,6", ",9,6,6"), {"responses": AS_LONG, "items": {"1": {}, "2": {}}}, (3, "item", "9")),
    "unknown_wave": (WAVES, {"study": {"waves": ["1", "2"]}}, (4, "wave", "north")),
    "bad_date": (WIDE.replace("2026-03-02", "02.03.2026"), {}, (3, "at", "02.03.2026")),
    "too_many_fields": (WIDE.replace("R2,Buy", "R2,Buy,now"), {}, (3, "", "9")),
    "too_few_fields": (WIDE.replace("R2,Buy", "R2"), {}, (3, "", "7")),
    "duplicate": (WIDE + WIDE.splitlines()[1], {}, (8, "respondent_id", "R1")),
    "conflicting_duplicate": (WIDE + "R1,Buy,NA,2026-03-01,7,5,6,7\n", {}, (2, "respondent_id", "R1")),
    "header_normalised": (WIDE.replace("touchpoint", "Touchpoint"), {}, (1, "touchpoint", "Touchpoint")),
    "unpaired_column": (WIDE.replace("region", "email"), {}, (None, "email", "")),
    "many_missing": (WIDE.replace("7,5,6,6", "7,,6,6").replace("6,6,5,4", "6,,5,4"), {}, (None, "perception 1", "")),
    "no_data_touchpoint": (WIDE, {"study": NAMED}, (None, "touchpoint Return", "")),
    "small_sample": (WIDE, {}, (None, "touchpoint Buy", "")),
    "lookalike_names": (WIDE.replace("007", "North"), {}, (None, "region", "")),
    "zero_weight": (ZERO, {"design": {"weight": "w"}}, (None, "w", "")),
    "huge_weight": (HUGE, {"design": {"weight": "w"}}, (None, "w", "")),
    "undated": (WIDE.replace("2026-03-02", ""), {"as_of": "2026-03-31"}, (3, "at", "")),
    "left_out": (WIDE, {"as_of": "2026-03-05"}, (None, "", "")),
    "margins_unmatched": (
        WIDE,
        {"margins.region": WHOLE | {"totals": {**WHOLE["totals"], "moon": 3}}},
        (None, "region", "moon"),
    ),
    "margins_of_the_whole": (WIDE, {"where": {"region": "NA"}, "margins.region": WHOLE}, (None, "region", "")),
}

TAKEN = {"touchpoint": "Use", "unit": "days", "direction": "lower", "delivered": ["ordered_at", "delivered_at"]}
MET["metric_without_table"] = (WIDE, {"metrics": {"time": TAKEN}}, (None, "metric time", ""))
JOY = {"outcomes": {"joy": {"kind": "satisfaction", "low": 1, "high": 7}}, "responses": AS_LONG}
JOYS = LONG.replace("region", "joy").replace("NA", "6").replace("007", "5").replace("north", "4")
MET["several_outcomes"] = (JOYS.replace("R2,Buy,5", "R2,Buy,2", 1), JOY, (4, "joy", "2"))
TOLD = TAKEN | {"delivered": "days"}
DAYS = "event_id,customer_id,ordered_at,promised_days,promised_calendar\nE1,C1,2026-03-20,"
BACK = "event_id,customer_id,ordered_at,delivered_at\nE1,C1,2026-03-02,2026-03-01\n"

# check: the table, its text, further words of `study`, then as above
BESIDE = {
    "not_a_flag": ("contacts", "contact_id,customer_id,resolved\nK1,C1,perhaps\n", {}, (2, "resolved", "perhaps")),
    "not_yet": ("customers", "customer_id,churned_at\nC1,2026-04-02\n", {"as_of": "2026-03-31"}, (None, "churned_at", "")),
    "negative_duration": ("events", BACK, {"metrics": {"time": TAKEN}}, (2, "delivered_at", "2026-03-01")),
    "no_metric": (
        "events",
        "event_id,customer_id,touchpoint,days\nE1,C1,Buy,2\n",
        {"metrics": {"time": TOLD}},
        (2, "touchpoint", ""),
    ),
    "unknown_calendar": ("events", DAYS + "2,office\n", {}, (2, "promised_calendar", "office")),
    "not_whole_days": ("events", DAYS + "2.5,\n", {}, (2, "promised_days", "2.5")),
    "assumed_calendar": ("events", DAYS + "2,\n", {}, (2, "promised_days", "")),
}


@pytest.mark.parametrize("check", MET)
def test_a_check_says_where_it_failed(study, check):
    survey, words, (row, column, value) = MET[check]
    (first, *_) = [issue for issue in study(survey, **words).issues if issue["check"] == check]
    assert (first["row"], first["column"], first["value"]) == (row, column, value)
    assert first["severity"] in SEVERITIES
    what, fix = CHECKS[check]
    own = "there is no column 'pmail', so its answers are not counted."
    assert (first["what"], first["fix"]) == (what, own if check == "unpaired_column" else fix)


@pytest.mark.parametrize("check", BESIDE)
def test_a_check_of_a_table_beside_the_survey_says_where_it_failed(study, check):
    table, text, words, (row, column, value) = BESIDE[check]
    read = study(WIDE, {"table.csv": text}, tables={table: "table.csv"}, **words)
    (issue,) = [issue for issue in read.issues if issue["table"] == table]
    assert (issue["check"], issue["row"], issue["column"], issue["value"]) == (check, row, column, value)
    assert (issue["what"], issue["fix"]) == CHECKS[check]


def test_every_check_is_met_here():
    assert {*MET, *BESIDE} == set(CHECKS)


def test_a_clean_file_meets_none(study):
    assert len(study(wide(20)).issues) == 0


def test_rows_are_those_of_a_spreadsheet_whatever_a_cell_holds(study):
    lines = WIDE.replace("region", "comment").splitlines()
    lines[1] = lines[1].replace("NA", '"two\nlines,\n""quoted"""')
    lines[3] = lines[3].replace("5,4,4,4", "5,4,4,40")
    (reject,) = study("\n\n".join(lines)).rejects.itertuples()
    assert reject.row == 7  # the header is row 1, and every second row is blank


def test_many_missing_counts_the_blanks_of_its_own_question(study):
    read = study(WIDE.replace("7,5,6,6", "7,,6,").replace("6,6,5,4", "6,,5,4"))
    rows = {issue["column"]: issue["rows"] for issue in read.issues if issue["check"] == "many_missing"}
    assert rows == {"perception 1": 2}


@pytest.mark.parametrize("pair", [("Cafe\u0301", "Café"), ("nord-west", "Nord West"), ("ＡＢＣ", "abc")])  # noqa: RUF001
def test_names_that_a_reader_takes_for_one_are_reported(study, pair):
    read = study(WIDE.replace("NA", pair[0]).replace("007", pair[1]))
    assert [issue["rows"] for issue in read.issues if issue["check"] == "lookalike_names"] == [2]


def test_a_touchpoint_that_was_left_out_on_purpose_is_not_missed(study):
    checks = {issue["check"] for issue in study(study=NAMED, where={"touchpoint": "Buy"}).issues}
    assert "no_data_touchpoint" not in checks


@pytest.mark.parametrize("pair", [("10", "1.0"), ("1", "-1"), ("north", "south")])
def test_codes_and_different_names_are_no_lookalikes(study, pair):
    read = study(WIDE.replace("NA", pair[0]).replace("007", pair[1]))
    assert "lookalike_names" not in {issue["check"] for issue in read.issues}


def test_how_many_are_too_few_is_not_said(study):
    (first, *_) = [issue for issue in study().issues if issue["check"] == "small_sample"]
    assert first["rows"] == 1
