"""A result shows itself, records itself exactly, and shows nothing that is hidden."""

from __future__ import annotations

import json
import math
from dataclasses import FrozenInstanceError, replace
from types import MappingProxyType

import numpy as np
import pandas as pd
import pytest
from answers import gaps_of, survey
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

import cxgap as cx
from cxgap.result import COLUMNS, GAPS_MIME, GAPS_SCHEMA, PROSE_MIME, GapTable, Prose, Sentence
from cxgap.vocabulary import NOT_SHOWN, VERDICT_MARKS

LAW = settings(max_examples=40, deadline=None, derandomize=True)
HOSTILE = "</td><script>alert('x')</script>&\"\u202e"


@pytest.fixture(scope="module")
def gaps() -> GapTable:
    options = {"weight": "weight", "importance": "points", "scale": (1, 7), "expectation_type": "desired", "min_n": 8}
    return cx.customer_gap(survey(11, people=40), by="touchpoint,segment", **options)


def table(**columns: object) -> GapTable:
    """Make a table of one row; columns that are not given are NaN."""
    row = {"touchpoint": "Desk", **dict.fromkeys(COLUMNS, math.nan), "verdict": "cannot tell", "flags": ""} | columns
    return GapTable(pd.DataFrame([row]), gap="customer", by=("touchpoint",), unit="scale points", conf_level=0.95)


def test_columns_of_a_table_are_the_keys_the_common_ones_and_the_methods_own(gaps):
    assert tuple(gaps.frame.columns[:16]) == ("touchpoint", "segment", *COLUMNS)
    assert {"pairs", "servperf", "importance_gap", "heterogeneity"} <= set(gaps.frame.columns[16:])


def test_a_table_is_frozen_and_equal_only_to_itself(gaps):
    with pytest.raises(FrozenInstanceError):
        gaps.margin = 1.0
    assert [gaps].index(gaps) == 0
    assert gaps != replace(gaps)
    assert len({gaps, gaps}) == 1


def test_text_is_the_caption_and_the_rows(gaps):
    lines = repr(gaps).split("\n")
    assert lines[0] == gaps.caption
    assert len(lines) == 2 + len(gaps.frame)
    assert [word for word in lines[1].split() if word != "95"][:5] == ["touchpoint", "segment", "n", "expected", "perceived"]


def test_display_has_a_true_minus_a_sign_and_as_many_digits_as_the_interval_bears():
    found = table(n=1234.0, start=6.0, end=5.5, estimate=-0.5, conf_low=-0.62, conf_high=-0.38, verdict="short", flags="A|B")
    heads, (row,) = found.display()
    assert heads == ["touchpoint", "n", "expected", "perceived", "gap", "95 % interval", "verdict", "notes"]
    assert row[:7] == ["Desk", "1,234", "6.00", "5.50", "−0.50", "−0.62 to −0.38", "▼ short"]
    assert found.decimals == 1
    assert table(conf_low=-0.5012, conf_high=-0.4988).decimals == 3
    assert table(conf_low=-1.0, conf_high=-1.0).decimals == 1
    assert table().decimals == 1


def test_a_hidden_row_shows_its_name_its_verdict_and_why(gaps):
    heads, rows = gaps.display()
    away = [row for row, verdict in zip(rows, gaps.frame["verdict"], strict=True) if verdict == NOT_SHOWN]
    assert away
    for row in away:
        named = dict(zip(heads, row, strict=True))
        assert named["verdict"] == f"{VERDICT_MARKS[NOT_SHOWN]} not shown"
        assert named["notes"]
        assert {named[name] for name in ("n", "expected", "perceived", "gap", "95 % interval")} == {""}


def test_a_notebook_gets_text_a_page_and_the_record(gaps):
    bundle = gaps._repr_mimebundle_()
    assert list(bundle) == ["text/plain", "text/html", GAPS_MIME]
    assert bundle["text/plain"] == repr(gaps)
    assert bundle[GAPS_MIME]["schema"] == GAPS_SCHEMA
    assert bundle["text/html"].startswith("<table><caption>Customer gap by touchpoint, segment in scale points")
    assert bundle["text/html"].count("<tr>") == 1 + len(gaps.frame)
    assert gaps._repr_mimebundle_(include=None, exclude=None) == bundle


def test_labels_from_data_can_do_nothing_on_a_page():
    found = cx.customer_gap(gaps_of(-1, 0, touchpoint=[HOSTILE, HOSTILE]).rename(columns={"touchpoint": "<b>"}), by="<b>")
    page = found._repr_mimebundle_()["text/html"]
    assert "<script" not in page
    assert "<b>" not in page
    assert "\u202e" not in page
    assert "&lt;/td&gt;&lt;script&gt;" in page
    assert found.frame["<b>"].tolist() == [HOSTILE]
    assert found.record()["rows"][0][0] == HOSTILE


def test_a_record_goes_through_json_and_comes_back_to_the_bit(gaps):
    """House, section 11: exact floats, NaN as null."""
    text = json.dumps(gaps.record(), allow_nan=False)
    assert "NaN" not in text
    back = GapTable.from_record(json.loads(text))
    assert_frame_equal(back.frame, gaps.frame, check_exact=True, check_dtype=False, check_column_type=False)
    for name in GapTable.__dataclass_fields__:
        if name != "frame":
            assert getattr(back, name) == getattr(gaps, name), name
    assert isinstance(back.order, MappingProxyType)
    assert json.dumps(back.record()) == text
    assert repr(back) == repr(gaps)


@LAW
@given(value=st.floats(allow_nan=True, allow_infinity=False), level=st.floats(0.01, 0.99), name=st.text(max_size=20))
def test_any_float_and_any_text_survive_the_record(value, level, name):
    found = replace(table(touchpoint=name, estimate=value), conf_level=level, margin=level)
    back = GapTable.from_record(json.loads(json.dumps(found.record(), allow_nan=False)))
    old, new = found.frame["estimate"].to_numpy(float), back.frame["estimate"].to_numpy(float)
    assert np.isnan(old) == np.isnan(new)
    assert np.isnan(old) or old.tobytes() == new.tobytes()
    assert (back.conf_level, back.margin, back.frame["touchpoint"][0]) == (level, level, name)


def test_a_record_tells_all_that_the_table_knows_in_plain_values(gaps):
    record = gaps.record()
    names = (
        "schema gap by unit conf_level margin scale expectation_type score adjustment min_n order basis counts missing "
        "columns rows"
    )
    assert sorted(record) == sorted(names.split())
    assert (record["by"], record["conf_level"], record["min_n"]) == (["touchpoint", "segment"], 0.95, 8)
    assert record["order"] == {"touchpoint": ["call", "shop", "web"], "segment": ["new", "old"]}
    assert {type(value) for row in record["rows"] for value in row} == {str, float, type(None)}


def test_a_methods_own_columns_of_text_survive_the_record():
    found = replace(table(), frame=table().frame.assign(link=["delivery"], use=[None]))
    back = GapTable.from_record(json.loads(json.dumps(found.record())))
    assert back.frame["link"].tolist() == ["delivery"]
    assert back.frame["use"].isna().all()


@pytest.mark.parametrize(
    ("options", "caption"),
    [
        ({}, "Customer gap by touchpoint in scale points, 95 % intervals, no margin set; negative is a shortfall"),
        ({"by": ()}, "Customer gap by all together in scale points, 95 % intervals, no margin set; negative is a shortfall"),
        (
            {"conf_level": 0.999, "margin": 0.3, "score": "single items", "expectation_type": "should"},
            "Customer gap by touchpoint in scale points, 99.9 % intervals, margin ±0.3, expectation asked as 'should'; "
            "single items; negative is a shortfall",
        ),
    ],
)
def test_captions(options, caption):
    assert replace(table(), **options).caption == caption


@pytest.mark.parametrize(
    ("verdict", "finding"),
    [
        ("short", "Customers got less than they expected."),
        ("met", "Customers got what they expected."),
        ("exceeded", "Customers got more than they expected."),
        ("cannot tell", "We cannot tell whether customers got what they expected."),
        ("not shown", "Too few answered to show a result."),
    ],
)
def test_the_finding_of_a_single_row_is_a_sentence(verdict, finding):
    assert table(verdict=verdict).finding == finding


def test_the_finding_of_several_rows_counts_them():
    one = table().frame
    frame = pd.concat([one.assign(verdict=v) for v in ("met", "short", "short", "not shown")], ignore_index=True)
    assert replace(table(), frame=frame).finding == "Of 4: 2 short, 1 met, 1 not shown."


def test_rows_are_named_by_their_keys(gaps):
    assert gaps.labels()[0] == "call · new"
    assert replace(table(), by=()).labels() == ["All customers"]


def test_prose_survives_the_record_and_is_escaped_in_html():
    said = Prose(
        "Desk falls short",
        lead=(Sentence(f"{HOSTILE} is 1 point short.", 0, ("1 point",)),),
        details=(Sentence("Desk: 1 point short.", 0), Sentence("Web: as expected.", 1)),
        limits=(Sentence("No margin is set."),),
    )
    bundle = said._repr_mimebundle_()
    assert list(bundle) == ["text/plain", "text/html", PROSE_MIME]
    assert Prose.from_record(json.loads(json.dumps(bundle[PROSE_MIME]))) == said
    assert "<script" not in bundle["text/html"]
    assert "<strong>1 point</strong>" in bundle["text/html"]
    assert bundle["text/html"].count("<li>") == 2
    assert bundle["text/plain"].startswith("Desk falls short\n\n")
