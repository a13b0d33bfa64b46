"""Every check that is listed can be met, and says which row, which column and which value."""

from __future__ import annotations

import io

import pandas as pd
import pytest
from drawn import drawn, spoilt
from drawn import text as as_csv
from exports import QUALTRICS, as_qualtrics
from spss_files import as_spss
from study_files import AS_LONG, LONG, WIDE
from workbooks import as_workbook, hide_column, hide_row, merge_down

from cxgap.tables.issues import CHECKS, severity_of

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
    "control_character": (WIDE.replace("R3,Buy", "R3,B\x07uy"), {}, (4, "touchpoint", "B\x07uy")),
    "summary_row": (WIDE + "Total,,,,35,28,33,29\n", {}, (8, "respondent_id", "Total")),
    "rescaled": (WIDE, {"items": {"1": {"high": 10}, "2": {}}}, (None, "item 1", "1 to 10")),
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

ROUNDS = {"waves": ["1", "north"]}
MET["no_answer"] = (WIDE.replace("7,5,6,6", "7,98,6,6"), {"responses": {"missing": {"98": "refused"}}}, (2, "p1", "refused"))
WEIGHED = pd.read_csv(io.StringIO(ZERO), dtype={"w": float})
MET["weight_offered"] = (as_spss(WEIGHED, weight=3), {}, (None, "w", ""))
MET["unasked_wave"] = (WAVES, {"study": ROUNDS, "items": {"1": {"last_wave": "1"}, "2": {}}}, (4, "item 1", ""))
MET["item_changed"] = (
    WAVES,
    {"study": ROUNDS, "items": {"1": {"changed": ["north"]}, "2": {}}},
    (None, "item 1, wave north", "north"),
)
TAKEN = {"touchpoint": "Use", "unit": "days", "direction": "lower", "delivered": ["ordered_at", "delivered_at"]}
MET["metric_without_table"] = (WIDE, {"metrics": {"time": TAKEN}}, (None, "metric time", ""))
JOY = {"outcomes": {"joy": {"kind": "satisfaction", "low": 1, "high": 7}}, "responses": AS_LONG}
JOYS = LONG.replace("region", "joy").replace("NA", "6").replace("007", "5").replace("north", "4")
MET["several_outcomes"] = (JOYS.replace("R2,Buy,5", "R2,Buy,2", 1), JOY, (4, "joy", "2"))
TOLD = TAKEN | {"delivered": "days"}
DAYS = "event_id,customer_id,ordered_at,promised_days,promised_calendar\nE1,C1,2026-03-20,"
BACK = "event_id,customer_id,ordered_at,delivered_at\nE1,C1,2026-03-02,2026-03-01\n"

# Exports of platforms: what is no customer's answer, and what no study is to hold.
FRAME = pd.read_csv(io.StringIO(WIDE), dtype=str, keep_default_na=False)
EXPORTED = {"responses": {"platform": "qualtrics", "rename": QUALTRICS}, "study": {"zone": "Europe/Berlin"}}
MET |= {why: (as_qualtrics(FRAME, aside={1: why}), EXPORTED, (5, "", "")) for why in ("preview", "spam", "unfinished")}
PERSONAL = "IPAddress, RecipientLastName, RecipientFirstName, RecipientEmail, LocationLatitude, LocationLongitude"
MET["personal_unread"] = (as_qualtrics(FRAME), EXPORTED, (None, PERSONAL, ""))
MET["other_zone"] = (as_qualtrics(FRAME, zone="America/Denver"), EXPORTED, (None, "at", "America/Denver"))
TWICE = "\n".join(f"{line},{line.split(',')[2]}" for line in WIDE.splitlines())
MET["repeated_column"] = (TWICE, {"responses": {"platform": "google_forms"}}, (1, "region (2)", "region"))

# Sheets and files as spreadsheets write them.
MET |= {
    "unnamed_column": (WIDE.replace("\n", ",\n"), {}, (1, "9", "")),
    "row_limit": (WIDE + "\n" * (65_536 - 7), {}, (65_536, "", "65536")),
    "hidden_rows": (as_workbook(WIDE, hide_row), {}, (3, "", "")),
    "hidden_columns": (as_workbook(WIDE, hide_column), {}, (None, "region", "")),
    "merged_cells": (as_workbook(WIDE, merge_down), {}, (2, "region", "NA")),
}

# Answers that look wrong as a whole: drawn at random, and one thing in them spoilt.
MET |= {check: (survey, words, (None, column, "")) for check, (survey, words, column) in spoilt().items()}

# check: the table, its text, further words of `study`, then as above
BESIDE = {
    "not_a_flag": ("contacts", "contact_id,customer_id,resolved\nK1,C1,perhaps\n", {}, (2, "resolved", "perhaps")),
    "unknown_control": ("causes", "cause,control\nweather,nobody\n", {}, (2, "control", "nobody")),
    "unknown_kano": (
        "kano",
        "respondent_id,feature,functional,dysfunctional\nR1,lid,6,dislike\n",
        {},
        (2, "functional", "6"),
    ),
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

# Times and rows that cannot be true of an order, those that look odd, and rows of one table that look for those of another.
IN_BERLIN = {"study": {"zone": "Europe/Berlin"}}
CAME = "event_id,customer_id,ordered_at,delivered_at,cancelled_at\n"
AT_MIDNIGHT = "".join(f"E{n},C{n},2026-03-0{n}T10:00,2026-03-1{n}T00:00,\n" for n in range(1, 5))
PEOPLE = {"links.who": {"table": "contacts", "to": "responses", "key": "customer_id", "to_key": "respondent_id"}}
SOME = {"links.who": {**PEOPLE["links.who"], "to_key": "region", "rule": "latest"}}
MET["nonexistent_time"] = (WIDE.replace("2026-03-02", "2026-03-29T02:30"), IN_BERLIN, (3, "at", "2026-03-29T02:30"))
MET["ambiguous_time"] = (WIDE.replace("2026-03-02", "2026-10-25T02:30"), IN_BERLIN, (3, "at", ""))
MET["default_date"] = (WIDE.replace("2026-03-02", "1970-01-01"), {}, (3, "at", "1970-01-01"))
MET["future_date"] = (WIDE.replace("2026-03-02", "2199-03-02"), {}, (3, "at", "2199-03-02"))
BESIDE |= {
    "open_events": ("events", CAME + "E1,C1,2026-03-02,,\n", {}, (2, "delivered_at", "")),
    "cancelled_and_delivered": ("events", CAME + "E1,C1,2026-03-02,2026-03-04,2026-03-03\n", {}, (2, "cancelled_at", "")),
    "no_customers": ("events", "event_id,ordered_at\nE1,2026-03-02\n", {}, (None, "customer_id", "")),
    "suspected_midnight": ("events", CAME + AT_MIDNIGHT, {}, (2, "delivered_at", "")),
    "unit_mix": ("contacts", "contact_id,customer_id,minutes,unit\nK1,C1,3,minutes\nK2,C2,1,hours\n", {}, (3, "unit", "")),
    "currency_mix": ("customers", "customer_id,value,currency\nC1,3,EUR\nC2,1,USD\n", {}, (3, "currency", "")),
    "unmatched_keys": ("contacts", "contact_id,customer_id\nK1,R9\n", PEOPLE, (2, "customer_id", "R9")),
    "several_matches": ("contacts", "contact_id,customer_id\nK1,NA\n", SOME, (2, "customer_id", "NA")),
}


@pytest.mark.parametrize("check", MET)
def test_a_check_says_where_it_failed(study, check):
    survey, words, (row, column, value) = MET[check]
    (first, *_) = [issue for issue in study(survey, **words).issues if issue["check"] == check]
    assert (first["row"], first["column"], first["value"]) == (row, column, value)
    assert first["severity"] == severity_of(check)
    what, fix = CHECKS[check]
    own = {
        "rescaled": "answers on 1 to 10 were converted to 1 to 7 by range; compare with care",
        "unpaired_column": "there is no column 'pmail', so its answers are not counted.",
        "other_zone": 'set zone = "America/Denver" under [study] if all its times are of it, or export the file in '
        "Europe/Berlin",
        "no_answer": '"refused": 1 answer in 1 column; nothing to do: they count as no answer',
    }
    assert (first["what"], first["fix"]) == (what, own.get(check, fix))


@pytest.mark.parametrize("check", BESIDE)
def test_a_check_of_a_table_beside_the_survey_says_where_it_failed(study, check):
    table, text, words, (row, column, value) = BESIDE[check]
    read = study(WIDE, {"table.csv": text}, tables={table: "table.csv"}, **words)
    (issue,) = [issue for issue in read.issues if issue["table"] == table]
    assert (issue["check"], issue["row"], issue["column"], issue["value"]) == (check, row, column, value)
    what, fix = CHECKS[check]
    own = {
        "unmatched_keys": f"[links.who] matched 0.0% of the rows that have a key; {fix}",
        "several_matches": 'nothing to do: [links.who] takes the one that rule = "latest" says',
    }
    assert (issue["what"], issue["fix"]) == (what, own.get(check, fix))


def test_a_promise_after_the_delivery_says_where_it_stands(study):
    """It takes two tables to tell."""
    promises = "event_id,made_at,promised\nE1,2026-03-05,2026-03-09\n"
    files = {"e.csv": CAME + "E1,C1,2026-03-02,2026-03-04,\n", "p.csv": promises}
    read = study(WIDE, files, tables={"events": "e.csv", "promises": "p.csv"})
    (issue,) = [issue for issue in read.issues if issue["table"] == "promises"]
    assert (issue["check"], issue["row"], issue["column"]) == ("promise_after_delivery", 2, "made_at")
    assert (issue["what"], issue["fix"]) == CHECKS["promise_after_delivery"]


def test_every_check_is_met_here():
    on_disk = {"looked_at_some", "not_looked_for"}  # of tests/tables/big
    assert {*MET, *BESIDE, "promise_after_delivery"} | on_disk == set(CHECKS)


def test_a_clean_file_meets_none(study):
    assert len(study(as_csv(drawn())).issues) == 0


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
