"""Tables beside the survey: declared kinds, a bad cell becomes null and is reported, and the survey is not touched."""

from __future__ import annotations

import pandas as pd
import pytest
from study_files import WIDE, write

from cxgap.errors import ColumnError, StudyError
from cxgap.tables.catalog import TABLES
from cxgap.tables.read import read_study

EVENTS = """event_id,customer_id,region,ordered_at,delivered_at,status
E1,C1,NA,2026-03-01T08:00:00Z,2026-03-03T08:00:00Z,delivered
E2,C2,007,2026-03-02T08:00:00Z,soon,delivered
E3,,north,2026-03-31T22:30:00Z,,open
E4,C4,NA,,,lost
"""


def with_table(study, /, name: str = "events", text: str = EVENTS, **sections):
    return study(WIDE, {f"{name}.csv": text}, tables={name: f"{name}.csv"}, **sections)


def found(read, table: str = "events") -> list[tuple]:
    rejects = read.rejects[read.rejects["table"] == table]
    return list(rejects[["row", "column", "value", "reason", "answers"]].itertuples(index=False, name=None))


def test_a_table_is_an_attribute_with_its_declared_kinds(study):
    events = with_table(study).events
    assert events["region"].tolist() == ["NA", "north", "NA"]
    assert events["ordered_at"].iloc[0] == pd.Timestamp("2026-03-01T08:00Z")
    assert events["delivered_at"].isna().tolist() == [False, True, True]


def test_a_bad_cell_is_reported_and_costs_the_row_where_it_would_make_an_order_look_open(study):
    """The policy of 5.3 sets the row aside: a delivery of which the time cannot be read is none that has not come."""
    read = with_table(study)
    assert found(read) == [(3, "delivered_at", "soon", "bad_date", 0), (4, "customer_id", "", "empty_key", 0)]
    assert read.events["event_id"].tolist() == ["E1", "E3", "E4"]
    assert read.events["customer_id"].isna().tolist() == [False, True, False]
    assert read.table_rows["events"] == {"read": 4, "left_out": 0, "kept": 3, "rejected": 1}
    assert read.rows["rejected"] == 0
    assert read.record()["rejected"] == {}
    assert [(issue["check"], issue["column"], issue["row"]) for issue in read.issues if issue["table"] == "events"] == [
        ("bad_date", "delivered_at", 3),
        ("empty_key", "customer_id", 4),
        ("open_events", "delivered_at", 4),
    ]


def test_a_row_that_does_not_match_the_header_is_reported(study):
    read = with_table(study, text=EVENTS + "E5,C5\n")
    assert found(read)[-1] == (6, "", "2", "too_few_fields", 0)
    assert read.files[1]["rows"] == 5


@pytest.mark.parametrize(
    ("name", "header", "row", "column", "value", "reason"),
    [
        ("contacts", "contact_id,customer_id,minutes", "K1,C1,long", "minutes", "long", "not_a_number"),
        ("contacts", "contact_id,customer_id,resolved", "K1,C1,perhaps", "resolved", "perhaps", "not_a_flag"),
        ("customers", "customer_id,value", "C1,inf", "value", "inf", "not_finite"),
        ("managers", "manager_id,touchpoint,item,believed", "M1,Buy,1,8", "believed", "8", "out_of_scale"),
        ("employees", "employee_id,touchpoint,item,promised", "S1,Buy,1,4.5", "promised", "4.5", "off_step"),
        ("standards", "touchpoint,metric,unit,direction,target", "Buy,time,days,lower,most", "target", "most", "not_a_number"),
        ("standards", "touchpoint,metric,unit,direction,margin", "Buy,time,days,lower,inf", "margin", "inf", "not_finite"),
        ("standards", "touchpoint,metric,unit,direction,review", "Buy,time,days,lower,soon", "review", "soon", "bad_date"),
        ("touchpoints", "touchpoint,stage", ",before", "touchpoint", "", "empty_key"),
    ],
)
def test_every_kind_is_checked(study, name, header, row, column, value, reason):
    read = with_table(study, name, f"{header}\n{row}\n")
    assert found(read, name) == [(2, column, value, reason, 0)]
    assert pd.isna(getattr(read, name)[column].iloc[0])


def test_codes_for_no_answer_hold_for_the_ratings_of_staff(study):
    text = "manager_id,touchpoint,item,believed\nM1,Buy,1,99\nM2,Buy,1,7\n"
    read = with_table(study, "managers", text, responses={"missing": ["99"]})
    assert found(read, "managers") == []
    assert read.managers["believed"].fillna(-1).tolist() == [-1, 7]


def test_where_and_as_of_hold_where_the_table_has_the_column(study):
    read = with_table(study, where={"region": "NA"})
    assert read.events["event_id"].tolist() == ["E1", "E4"]
    read = with_table(study, as_of="2026-03-31", study={"zone": "Europe/Berlin"})
    assert read.events["event_id"].tolist() == ["E1"]  # E3 was ordered on 1 April there, and E4 nobody knows when
    noted = {issue["check"]: issue["rows"] for issue in read.issues if issue["table"] == "events"}
    assert (noted["left_out"], noted["undated"]) == (2, 1)


def test_a_value_that_only_the_survey_has_leaves_none_of_the_table(study):
    assert len(with_table(study, where={"region": "north"}, text=EVENTS.replace("north", "NA")).events) == 0
    assert len(with_table(study, where={"touchpoint": "Buy"}).events) == 3


def test_a_touchpoint_or_item_that_the_study_does_not_know_is_kept_with_a_warning(study):
    text = "manager_id,touchpoint,item,believed\nM1,Buy,1,7\nM1,Bye,9,7\n"
    read = with_table(study, "managers", text, study={"touchpoints": ["Buy", "Use"]}, items={"1": {}, "2": {}})
    assert read.managers["touchpoint"].tolist() == ["Buy", "Bye"]
    noted = [(issue["check"], issue["severity"], issue["row"]) for issue in read.issues if issue["table"] == "managers"]
    assert noted == [("unknown_touchpoint", "warning", 3), ("unknown_item", "warning", 3)]


@pytest.mark.parametrize(
    ("name", "header", "row"),
    [
        ("managers", "touchpoint,manager_id,item", "M1,1"),
        ("employees", "touchpoint,employee_id,item", "S1,1"),
        ("standards", "touchpoint,metric,unit,direction", "time,days,lower"),
        ("touchpoints", "touchpoint,stage", "before"),
        ("contacts", "touchpoint,contact_id,customer_id", "K1,C1"),
    ],
)
def test_touchpoints_and_waves_are_in_the_declared_order_as_in_the_survey(study, name, header, row):
    """The study file is the authority for the order; what it does not know comes after it, and no row is lost."""
    text = header + ",wave\n" + "".join(f"{place},{row},{wave}\n" for place, wave in zip(TOLD, WAVES, strict=True))
    survey = WIDE.replace("touchpoint,", "touchpoint,wave,").replace("Buy,", "Buy,late,").replace("Use,", "Use,early,")
    declared = {"touchpoints": ["Use", "Pay", "Buy"], "waves": ["late", "early"]}
    read = study(survey, {f"{name}.csv": text}, tables={name: f"{name}.csv"}, study=declared)
    table = getattr(read, name)
    for column, told, known in ("touchpoint", TOLD, declared["touchpoints"]), ("wave", WAVES, declared["waves"]):
        assert table[column].tolist() == told
        assert table[column].cat.ordered
        assert table[column].cat.categories.tolist() == [*known, *sorted(set(told) - set(known))]
        assert read.responses[column].cat.categories.tolist() == known
    noted = {(issue["check"], issue["rows"], issue["row"]) for issue in read.issues if issue["table"] == name}
    assert {("unknown_touchpoint", 2, 3), ("unknown_wave", 1, 4)} <= noted


TOLD, WAVES = ["Buy", "Bye", "Use", "Adieu"], ["early", "late", "then", "late"]


def test_a_blank_touchpoint_of_a_declared_order_stays_and_is_reported(study):
    text = "touchpoint,metric,unit,direction,exists\n,,,,no\nUse,,,,no\n"
    read = with_table(study, "standards", text, study={"touchpoints": ["Buy", "Use"]})
    assert read.standards["touchpoint"].isna().tolist() == [True, False]
    assert found(read, "standards")[0] == (2, "touchpoint", "", "empty_key", 0)
    assert len(read.standards) == 2


def test_without_a_declared_order_touchpoints_are_plain_text(study):
    read = with_table(study, "touchpoints", "touchpoint\nUse\nBuy\n")
    assert not isinstance(read.touchpoints["touchpoint"].dtype, pd.CategoricalDtype)


@pytest.mark.parametrize(
    ("name", "key", "column"),
    [
        ("managers", "manager_id", "standard"),
        ("employees", "employee_id", "level_delivered"),
        ("employees", "employee_id", "level_promised"),
    ],
)
def test_levels_that_staff_give_are_ratings_on_the_scale_of_the_survey(study, name, key, column):
    text = f"{key},touchpoint,item,{column}\n" + "".join(
        f"P{who},Buy,1,{cell}\n" for who, cell in enumerate(["6", "8", "4.5", "99", ""])
    )
    read = with_table(study, name, text, responses={"missing": ["99"]})
    assert getattr(read, name)[column].fillna(-1).tolist() == [6, -1, -1, -1, -1]
    assert [(row, reason) for row, _, _, reason, _ in found(read, name)] == [(3, "out_of_scale"), (4, "off_step")]


def test_the_importance_that_managers_give_is_a_number_and_may_be_a_code_for_none(study):
    text = "manager_id,touchpoint,item,importance\nM1,Buy,1,35\nM2,Buy,1,999\nM3,Buy,1,much\n"
    read = with_table(study, "managers", text, responses={"missing": ["999"]})
    assert read.managers["importance"].fillna(-1).tolist() == [35, -1, -1]
    assert found(read, "managers") == [(4, "importance", "much", "not_a_number", 0)]


CODEBOOK = {"2": {"dimension": "speed", "retained": False}, "1": {"dimension": "ease"}}
STAFF = "manager_id,touchpoint,item,believed\nM1,Buy,1,7\nM1,Buy,2,6\nM2,Buy,9,5\n"


@pytest.mark.parametrize(
    ("name", "key"), [("managers", "manager_id"), ("employees", "employee_id"), ("contacts", "contact_id")]
)
def test_a_table_with_items_has_their_dimension_and_whether_they_are_kept(study, name, key):
    """The answers of the survey are the authority: an item has the same dimension, order and `retained` on both sides."""
    text = STAFF.replace("manager_id", key).replace("believed", "customer_id" if name == "contacts" else "other")
    read = with_table(study, name, text, items=CODEBOOK)
    table, survey = getattr(read, name), read.responses.drop_duplicates("item").set_index("item")
    assert table["dimension"].isna().tolist() == [False, False, True]  # item 9 is in no codebook
    known = table[table["item"] != "9"].set_index("item")
    assert known["dimension"].tolist() == survey.loc[known.index, "dimension"].tolist() == ["ease", "speed"]
    assert known["retained"].tolist() == survey.loc[known.index, "retained"].tolist() == [True, False]
    assert table["dimension"].dtype == survey["dimension"].dtype
    assert table["retained"].dtype == bool


def test_items_without_declared_dimensions_are_of_one_dimension_as_in_the_survey(study):
    read = with_table(study, "managers", STAFF)
    assert set(read.managers["dimension"]) == set(read.responses["dimension"]) == {"all items"}


def test_a_dimension_that_the_file_says_stands_where_the_codebook_has_none(study):
    text = "manager_id,touchpoint,item,dimension\nM1,Buy,1,ease\nM1,Buy,2,care\n"
    read = with_table(study, "managers", text, items={"1": {"dimension": "ease"}, "2": {}})
    assert read.managers["dimension"].tolist() == ["ease", "care"]
    with pytest.raises(
        StudyError, match=r"managers.csv, row 3: the dimension of item '2' is 'care', and the codebook says 'speed'"
    ):
        with_table(study, "managers", text, items=CODEBOOK)


def test_a_table_with_items_cannot_bring_a_column_that_cxgap_makes(study):
    with pytest.raises(
        StudyError, match=r'column .retained. must have another name.*rename = \{ retained = "other_retained" \}'
    ):
        with_table(study, "managers", STAFF.replace("believed", "retained"))


def test_an_attribute_that_no_study_has_is_named_with_the_nearest(study):
    with pytest.raises(AttributeError, match=r"a Study has no attribute 'event'. Did you mean 'events'\?"):
        _ = study().event


def test_a_table_that_no_study_has_is_named_with_the_nearest(study):
    with pytest.raises(StudyError) as caught:
        study(tables={"event": "events.csv"})
    assert f"[tables] has no table 'event'; it has {sorted(TABLES)}. Did you mean 'events'?" in str(caught.value)


def test_a_table_without_its_key_says_which(study):
    with pytest.raises(ColumnError, match=r"`events` must have a column 'event_id'.* If 'eventid' holds it"):
        with_table(study, text=EVENTS.replace("event_id", "eventid"))


def test_a_table_has_its_own_way_of_writing(study):
    text = "contact_id;customer_id;minutes\nK1;C1;4,5\nK2;C2;5.5\n".encode("cp1252")
    read = study(WIDE, {"c.txt": text}, tables={"contacts": {"file": "c.txt", "decimal": ",", "encoding": "cp1252"}})
    assert read.contacts["minutes"].fillna(-1).tolist() == [4.5, -1]
    assert found(read, "contacts") == [(3, "minutes", "5.5", "not_a_number", 0)]


def test_a_table_may_lie_outside_the_folder_of_the_study_file(tmp_path):
    (tmp_path / "inner").mkdir()
    (tmp_path / "events.csv").write_text(EVENTS)
    path = write(tmp_path / "inner", WIDE, tables={"events": "../events.csv"})
    assert len(read_study(path).events) == 3
    assert read_study(path).files[1]["file"] == "events.csv"
