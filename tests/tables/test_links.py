"""Links: who finds whom, that no row is lost or doubled, and that what is left alone is counted on both sides."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from study_files import WIDE

from cxgap.errors import ColumnError, StudyError
from cxgap.tables.issues import Issues
from cxgap.tables.links import Placed, link_tables
from cxgap.tables.spec import StudyFile

# R1 has two orders before the answer of 1 March and one after, R2 one on the very day, R4 one after; R5 has no id, R6 another.
SURVEY = WIDE.replace("region", "customer_id").replace("NA", "C1", 1).replace("007", "C2", 1).replace("north", "C3", 1)
SURVEY = SURVEY.replace("NA", "C4").replace("007", "").replace("north", "C9")
EVENTS = """event_id,customer_id,ordered_at,channel
E1,C1,2026-02-01,Web
E2,C1,2026-02-20,Shop
E3,C1,2026-03-09,Phone
E4,C2,2026-03-02,Web
E5,C4,2026-03-05,Shop
E6,C7,2026-01-05,Web
"""
ORDER = {"to": "events", "key": "customer_id", "rule": "latest_before", "columns": ["event_id", "channel"]}


def linked(study, /, survey: str = SURVEY, text: str = EVENTS, table: str = "events", **link):
    return study(survey, {"t.csv": text}, tables={table: "t.csv"}, **{"links.order": {**ORDER, **link}})


def brought(read, column: str = "event_id") -> list[str]:
    return read.responses.drop_duplicates("respondent_id")[column].astype(object).fillna("").tolist()


@pytest.mark.parametrize(
    ("rule", "taken"),
    [
        ("latest_before", ["E2", "E4", "", "", "", ""]),
        ("earliest_after", ["E3", "E4", "", "E5", "", ""]),
        ("nearest", ["E3", "E4", "", "E5", "", ""]),
        ("latest", ["E3", "E4", "", "E5", "", ""]),
    ],
)
def test_a_rule_takes_one_of_several_by_their_times(study, rule, taken):
    """The words of the rule are the authority; an order of the very moment is both before and after."""
    assert brought(linked(study, rule=rule)) == taken


def test_rows_are_conserved_and_every_answer_of_a_row_has_the_same(study):
    plain, read = study(SURVEY), linked(study)
    assert len(read.responses) == len(plain.responses) == 12
    assert read.rows == plain.rows
    assert len(read.responses[["respondent_id", "event_id"]].drop_duplicates()) == 6
    pd.testing.assert_frame_equal(read.responses[plain.responses.columns], plain.responses)


def test_the_account_counts_rows_of_the_files_on_both_sides(study):
    (link,) = linked(study).links.to_dict("records")
    assert {name: link[name] for name in ("link", "table", "to", "key", "rule")} == {
        "link": "order", "table": "responses", "to": "events", "key": "customer_id", "rule": "latest_before",
    }  # fmt: skip
    assert [link[name] for name in ("rows", "matched", "multiple", "ties", "unmatched", "blank")] == [6, 2, 1, 0, 3, 1]
    assert link["match_rate"] == pytest.approx(2 / 6)
    assert (link["to_rows"], link["to_unmatched"]) == (6, 1)  # of the keys C1, C2, C4 and C7 nobody asked for the last
    assert link["to_match_rate"] == pytest.approx(3 / 4)


def test_what_found_none_or_several_is_said_with_its_first_row(study):
    found = {issue["check"]: issue for issue in linked(study).issues if issue["check"] in ("unmatched_keys", "several_matches")}
    lost, several = found["unmatched_keys"], found["several_matches"]
    assert (lost["rows"], lost["row"], lost["value"], lost["column"]) == (3, 4, "C3", "customer_id")
    assert "[links.order] matched 40.0% of the rows that have a key" in lost["fix"]
    assert (several["rows"], several["row"], several["value"]) == (1, 2, "C1")


def test_a_study_shows_its_links_and_records_them(study):
    read = linked(study)
    line = "link order: of 6 rows of responses, 2 matched one of events, 1 of them by the rule 'latest_before' out of several"
    assert any(shown.startswith(line) for shown in repr(read).splitlines())
    record = json.loads(json.dumps(read.record(), allow_nan=False))["links"]
    assert [record[0][name] for name in ("rows", "matched", "unmatched", "blank")] == [6, 2, 3, 1]
    assert study().record()["links"] == []


def test_of_two_of_one_time_the_one_whose_id_comes_first_is_taken_whatever_their_order(study):
    lines = EVENTS.replace("E1,C1,2026-02-01", "E0,C1,2026-02-20").splitlines()
    for body in (lines[1:], lines[:0:-1]):
        read = linked(study, text="\n".join([lines[0], *body]))
        assert brought(read)[0] == "E0"
        assert read.links["ties"].tolist() == [1]


def test_one_row_a_key_is_claimed_unless_a_rule_is_given(study):
    with pytest.raises(
        StudyError,
        match=r"\[links.order\]: one row of `events` may have a customer_id, and 'C1' stands in rows \[2, 3, 4\].*= .many.",
    ):
        linked(study, rule=None)
    read = linked(study, text=EVENTS.replace("E2,C1", "E2,C5").replace("E3,C1", "E3,C6"), rule=None)
    assert brought(read) == ["E1", "E4", "", "E5", "", ""]


@pytest.mark.parametrize(("survey", "orders"), [("7", "007"), ("007", "7"), ("c1", "C1"), ("12", "12.0")])
def test_keys_that_differ_in_zeros_or_capitals_alone_do_not_match_and_it_is_said(study, survey, orders):
    """A code 007 is no 7 (policy 5.1): nothing is matched by a guess, and the warning says what it looks like."""
    read = linked(study, SURVEY.replace("C1", survey).replace("C4", survey), EVENTS.replace("C1", orders), rule="latest")
    (lost,) = [issue for issue in read.issues if issue["check"] == "unmatched_keys"]
    assert brought(read)[0] == ""
    assert ("leading zeros, a decimal or capitals" in lost["fix"]) == (lost["rows"] > 2)


def test_spaces_around_a_key_are_none_of_it(study):
    assert brought(linked(study, SURVEY.replace("C1", " C1 ")))[0] == "E2"


def test_a_key_may_have_another_name_on_the_other_side_and_a_time_of_its_own(study):
    text = EVENTS.replace("customer_id", "customer_id,buyer,delivered_at", 1).replace("ordered_at", "ordered_at", 1)
    text = "\n".join(
        line if place == 0 else line.replace(",C", ",X,C", 1).replace(",2026", ",2026-03-01,2026", 1)
        for place, line in enumerate(text.splitlines())
    )
    read = linked(study, text=text, to_key="buyer", at="delivered_at", rule="latest_before")
    assert read.links["matched"].tolist() == [3]
    assert read.links["ties"].tolist() == [1]  # the three orders of C1 came on one day


def test_a_link_may_start_from_another_table_and_follow_one_before_it(study):
    customers = "customer_id,since,value\nC1,2020-01-01,40\nC2,2021-01-01,9\n"
    read = study(
        SURVEY,
        {"e.csv": EVENTS, "c.csv": customers},
        tables={"events": "e.csv", "customers": "c.csv"},
        **{
            "links.who": {"table": "events", "to": "customers", "key": "customer_id", "columns": ["value"]},
            "links.order": {**ORDER, "columns": ["event_id", "value"]},
        },
    )
    assert read.events["value"].fillna(-1).tolist() == [40, 40, 40, 9, -1, -1]
    assert read.responses.drop_duplicates("respondent_id")["value"].fillna(-1).tolist() == [40, 9, -1, -1, -1, -1]


def test_rows_of_the_file_are_counted_where_a_table_has_one_for_each_metric(study):
    """An order of two metrics is one order: it is told once, and has no tie with itself."""
    text = EVENTS.replace("channel", "took,back").replace("Web", "1,5").replace("Shop", "2,6").replace("Phone", "3,7")
    told = {"touchpoint": "Use", "unit": "days", "direction": "lower"}
    metrics = {"metrics": {"out": {**told, "delivered": "took"}, "home": {**told, "delivered": "back"}}}
    words = {"tables": {"events": "t.csv"}, **metrics}
    read = study(SURVEY, {"t.csv": text}, **words, **{"links.order": {**ORDER, "columns": ["event_id"]}})
    assert len(read.events) == 12
    assert read.links[["to_rows", "multiple", "ties", "matched"]].to_numpy().tolist() == [[6, 1, 0, 2]]
    with pytest.raises(
        StudyError, match=r"brings the column 'delivered' of `events`, of which one row of the file has several"
    ):
        study(SURVEY, {"t.csv": text}, **words, **{"links.order": {**ORDER, "columns": ["delivered"]}})


@pytest.mark.parametrize(
    ("link", "message"),
    [
        ({"to": "orders"}, r"\[links.order\] `to` must be a table of the study, and 'orders' is none"),
        ({"columns": ["chanel"]}, r"brings the column 'chanel', and `events` has none. Did you mean 'channel'\?"),
        ({"columns": ["customer_id"]}, r"'customer_id', and `responses` has one of that name; rename one of them"),
        ({"at": "channel"}, r"rule = .latest_before. needs a time of each row of `events`, and its column 'channel' is none"),
        ({"to": "responses"}, r"must lead from one table to another"),
        ({"rule": None, "at": "ordered_at"}, r"must have a rule where it has at = 'ordered_at'"),
        ({"rule": None, "cardinality": "many"}, r"must have a rule such as"),
        ({"rule": "newest"}, r"must be 'latest_before'"),
    ],
)
def test_a_link_that_cannot_be_followed_says_what_to_write(study, link, message):
    with pytest.raises(StudyError, match=message):
        linked(study, **link)


def test_a_key_that_a_table_lacks_is_named(study):
    with pytest.raises(ColumnError, match=r"`responses` must have a column 'client_id'"):
        linked(study, key="client_id")


def test_a_survey_without_times_cannot_be_placed_before_or_after(study):
    with pytest.raises(StudyError, match=r"needs a time of each row of `responses`, and its column 'at' is none"):
        linked(study, SURVEY.replace(",at,", ",day,"))


MOMENTS = st.one_of(st.none(), st.integers(0, 6))
ROWS = st.lists(st.tuples(st.sampled_from(["a", "b", "c", None]), MOMENTS), max_size=12)


@settings(max_examples=30, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(here=ROWS, there=ROWS, rule=st.sampled_from(["latest_before", "earliest_after", "nearest", "latest"]))
def test_a_link_finds_what_a_search_row_by_row_finds(here, there, rule):
    """The authority is the rule, said once more as a search through all rows."""

    def frame(rows, key, at):
        times = pd.to_datetime(
            pd.Series(
                [pd.NaT if t is None else pd.Timestamp("2026-03-01") + pd.Timedelta(t, "D") for _, t in rows],
                dtype="datetime64[us]",
            )
        )
        ids = np.array([f"{key}{place:02d}" for place in range(len(rows))], dtype=object)
        return pd.DataFrame(
            {key: ids, "customer_id": pd.array([k for k, _ in rows], dtype=object), at: times.dt.tz_localize("UTC").to_numpy()}
        ).assign(**{at: times.dt.tz_localize("UTC")})

    def search(key, own):
        able = [(t, place) for place, (k, t) in enumerate(there) if key is not None and k == key and t is not None]
        if rule != "latest" and own is None:
            return -1
        if rule == "latest_before":
            able = [(-t, place) for t, place in able if t <= own]
        elif rule == "earliest_after":
            able = [(t, place) for t, place in able if t >= own]
        elif rule == "nearest":
            able = [((abs(t - own), t), place) for t, place in able]
        else:
            able = [(-t, place) for t, place in able]
        return min(able)[1] if able else -1

    spec = StudyFile.model_validate(
        {
            "study": {"title": "x"},
            "responses": {"file": "r", "layout": "long"},
            "tables": {"events": "e"},
            "links": {"order": {**ORDER, "rule": rule, "columns": ["event_id"]}},
        }
    )
    tables = {"responses": frame(here, "respondent_id", "at"), "events": frame(there, "event_id", "ordered_at")}
    placed = {name: Placed(table, np.arange(len(table))) for name, table in tables.items()}
    made, account = link_tables(spec, placed, Issues())
    wanted = [search(key, own) for key, own in here]
    assert made["responses"]["event_id"].astype(object).fillna("").tolist() == [
        f"event_id{row:02d}" if row >= 0 else "" for row in wanted
    ]
    (link,) = account.to_dict("records")
    assert link["rows"] == len(here) == link["matched"] + link["unmatched"] + link["blank"]
    assert link["blank"] == sum(key is None for key, _ in here)
