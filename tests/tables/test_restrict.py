"""`where` and `as_of` read a part of a study; what is left out is counted, and what is not there is misuse."""

from __future__ import annotations

import pandas as pd
import pytest
from study_files import AS_LONG, LONG, WIDE

from cxgap.errors import ArgumentError


def left_out(read) -> dict[str, int]:
    return {issue["check"]: issue["rows"] for issue in read.issues if issue["check"] in ("left_out", "undated")}


def at(times: dict[str, str], zone: str = "Europe/Berlin") -> tuple[str, dict]:
    """Write one answer a respondent, by name and time."""
    lines = [f"{who},Buy,7,5,{time}" for who, time in times.items()]
    return "respondent_id,touchpoint,e1,p1,at\n" + "\n".join(lines) + "\n", {"study": {"zone": zone}}


def test_where_keeps_the_rows_that_were_asked_for_and_counts_the_rest(study):
    read = study(where={"region": "NA"})
    assert read.responses["respondent_id"].unique().tolist() == ["R1", "R4"]
    assert dict(read.rows) == {"read": 12, "left_out": 8, "in": 4, "used": 4, "incomplete": 0, "rejected": 0}
    assert left_out(read) == {"left_out": 4}
    assert read.where == {"region": ("NA",)}


def test_where_keeps_what_holds_everywhere(study):
    """A message without a region is for all of them; an order without one is not known to be of this."""
    messages = "message_id,touchpoint,channel,region\nall,Buy,Web,\nhere,Buy,Web,NA\nthere,Buy,Web,007\n"
    events = "event_id,customer_id,region\nE1,C1,\nE2,C1,NA\n"
    files = {"messages.csv": messages, "events.csv": events}
    read = study(WIDE, files, tables={"messages": "messages.csv", "events": "events.csv"}, where={"region": "NA"})
    assert read.messages["message_id"].tolist() == ["all", "here"]
    assert read.events["event_id"].tolist() == ["E2"]


def test_where_takes_a_list_and_several_columns(study):
    assert study(where={"region": ["NA", "007"], "touchpoint": "Use"}).responses["respondent_id"].unique().tolist() == [
        "R4",
        "R5",
    ]


@pytest.mark.parametrize(
    ("where", "people"),
    [({"item": "2"}, 6), ({"touchpoint": "Buy"}, 3), ({"dimension": "speed"}, 6), ({"region": ("007",)}, 2)],
)
def test_where_may_name_what_an_answer_gets_from_the_codebook(study, where, people):
    read = study(where=where, items={"1": {"dimension": "ease"}, "2": {"dimension": "speed"}})
    assert read.respondents == people
    assert read.rows["read"] == 12


def test_where_asks_the_same_of_a_long_file(study):
    wide, long = study(where={"region": "007"}), study(LONG, where={"region": "007"}, responses=AS_LONG)
    assert wide.rows == long.rows
    assert left_out(wide) != left_out(long)  # four rows of the one file, eight of the other


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ({"region": 7}, "`where` must give 'region' as text, or a list of texts, not 7; put codes in quotes."),
        ({"region": None}, "not None; put codes in quotes."),
        ({"region": []}, "as text, or a list of texts, not []"),
        ({"region": [7]}, "as text, or a list of texts, not [7]"),
        ({7: "x"}, "`where` must name columns as text, not 7."),
        ("region=NA", '`where` must map columns to values, such as {"region": "0012"}, not \'region=NA\'.'),
        ({"regoin": "NA"}, "`where` must name columns of `responses`, not 'regoin'; it has ["),
        ({"regoin": "NA"}, "Did you mean 'region'?"),
        (
            {"region": "nroth"},
            "`where` asks for region 'nroth', and `responses` has ['007', 'NA', 'north']. Did you mean 'north'?",
        ),
        ({"region": "7"}, "`where` asks for region '7', and `responses` has ['007', 'NA', 'north']."),
        ({"region": ["NA", "x"]}, "`where` asks for region 'x'"),
        ({"e1": "7"}, "`where` must name columns of `responses`, not 'e1'"),
    ],
)
def test_what_where_cannot_be_is_misuse(study, where, words):
    with pytest.raises(ArgumentError) as caught:
        study(where=where)
    assert words in str(caught.value)


def test_a_column_of_people_is_not_listed_in_a_message(study):
    lines = [WIDE.splitlines()[0], *(f"R{who},Buy,NA,2026-03-01,7,5,6,6" for who in range(51))]
    with pytest.raises(ArgumentError) as caught:
        study("\n".join(lines), where={"respondent_id": "R99"})
    assert str(caught.value) == "`where` asks for respondent_id 'R99', and `responses` has 51 others."


def test_where_finds_a_blank_by_a_blank(study):
    assert study(WIDE.replace("007", ""), where={"region": ""}).responses["respondent_id"].unique().tolist() == ["R2", "R5"]


def test_a_null_in_parquet_is_not_the_name_none(study):
    frame = pd.DataFrame({"respondent_id": ["R1", "R2"], "channel": [None, "None"], "touchpoint": "Buy", "e1": 7, "p1": 5})
    read = study(frame, where={"channel": "None"}, responses={"file": "r.parquet"})
    assert read.responses["respondent_id"].tolist() == ["R2"]


def test_values_that_no_row_has_together_are_misuse(study):
    with pytest.raises(ArgumentError, match="`where` and `as_of` must leave answers to read; they leave none of 12"):
        study(where={"region": "NA", "respondent_id": "R2"})


MIDNIGHTS = {
    "before": "2026-03-31T23:59:59.999999+02:00",
    "day": "2026-03-31",
    "after": "2026-04-01",
    "utc before": "2026-03-31T21:59:59Z",
    "utc after": "2026-03-31T22:00:00Z",
    "offset": "2026-04-01T01:00:00+05:00",
}


@pytest.mark.parametrize(
    ("as_of", "kept"),
    [
        ("2026-03-31", ["before", "day", "utc before", "offset"]),
        (" 2026-03-31 ", ["before", "day", "utc before", "offset"]),
        ("2026-03-30", []),
        ("2026-03-31T00:00", ["day"]),
        ("2026-03-31T21:59:59Z", ["day", "utc before", "offset"]),
        ("2026-04-01T00:00", ["before", "day", "after", "utc before", "utc after", "offset"]),
        ("9999-12-31", ["before", "day", "after", "utc before", "utc after", "offset"]),
        ("9999-12-31T23:59:59.999999", ["before", "day", "after", "utc before", "utc after", "offset"]),
    ],
)
def test_a_day_is_kept_whole_in_the_zone_of_the_study_and_a_moment_exactly(study, as_of, kept):
    survey, zone = at(MIDNIGHTS)
    if not kept:
        with pytest.raises(ArgumentError, match="they leave none of 6"):
            study(survey, as_of=as_of, **zone)
        return
    read = study(survey, as_of=as_of, **zone)
    assert sorted(read.responses["respondent_id"]) == sorted(kept)
    assert read.rows["left_out"] == 6 - len(kept)
    assert read.as_of == as_of.strip()


@pytest.mark.parametrize(
    ("day", "last", "next_one", "zone"),
    [
        ("2026-03-29", "2026-03-29T23:30", "2026-03-30T00:00", "Europe/Berlin"),  # 23 hours
        ("2026-10-25", "2026-10-25T23:30", "2026-10-26T00:00", "Europe/Berlin"),  # 25 hours
        ("2018-11-03", "2018-11-03T23:59:59", "2018-11-04T01:00", "America/Sao_Paulo"),  # no midnight follows
        ("2011-12-29", "2011-12-29T23:59:59", "2011-12-31T00:00", "Pacific/Apia"),  # no 30 December at all
    ],
)
def test_a_day_on_which_the_clocks_change_ends_at_its_own_midnight(study, day, last, next_one, zone):
    survey, declared = at({"last": last, "next": next_one}, zone)
    assert study(survey, as_of=day, **declared).responses["respondent_id"].tolist() == ["last"]


def test_an_answer_without_a_date_cannot_be_placed_and_is_left_out_and_said(study):
    survey, zone = at({"dated": "2026-03-01", "blank": "", "late": "2026-05-01"})
    read = study(survey, as_of="2026-03-31", **zone)
    assert read.responses["respondent_id"].tolist() == ["dated"]
    assert read.rows["left_out"] == 2
    assert left_out(read) == {"left_out": 2, "undated": 1}
    assert study(survey, **zone).rows["used"] == 3


def test_a_date_that_cannot_be_read_is_rejected_with_or_without_as_of(study):
    survey, zone = at({"good": "2026-03-01", "bad": "03/04/2026", "late": "2026-05-01"})
    for as_of in ("", "2026-03-31"):
        read = study(survey, as_of=as_of, **zone)
        assert read.rejects[["row", "column", "value", "reason"]].to_numpy().tolist() == [[3, "at", "03/04/2026", "bad_date"]]
        assert read.rows["rejected"] == 1


@pytest.mark.parametrize("as_of", ["31.03.2026", "2026-3-1", "2026-02-30", "yesterday", "2026-03"])
def test_what_as_of_cannot_be_is_misuse(study, as_of):
    with pytest.raises(ArgumentError, match='`as_of` must be an ISO 8601 date such as "2026-03-31", not '):
        study(as_of=as_of)


@pytest.mark.parametrize("as_of", [None, 20260331, pd.Timestamp("2026-03-31")])
def test_as_of_is_text(study, as_of):
    with pytest.raises(ArgumentError, match='`as_of` must be text such as "2026-03-31", not '):
        study(as_of=as_of)


def test_as_of_needs_the_date_of_the_answer(study):
    with pytest.raises(ArgumentError, match="`as_of` needs the date of the answer in a column 'at' of `responses`"):
        study(WIDE.replace(",at,", ",day,"), as_of="2026-03-31")


def test_the_period_is_shown_in_the_zone_of_the_study(study):
    survey, zone = at({"first": "2026-03-01", "last": "2026-03-31T23:30"})
    assert study(survey, **zone).period == ("2026-03-01", "2026-03-31")
    assert study(WIDE.replace(",at,", ",day,")).period is None
