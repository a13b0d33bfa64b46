"""Nothing that comes from data can do anything on a page, or read otherwise than it is."""

from __future__ import annotations

import json
import unicodedata
from html import unescape
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from report.hostile import TEXTS

from cxgap.markup import LONGEST, escape, prose, script_json, table_html, visible

LAW = settings(max_examples=60, deadline=None, derandomize=True)

# Classes of texts that hide, turn, delete or end what stands around them.
HIDDEN = {
    "controls": "a\x00\x07\x08\x1b[31m\x7f\x85\x9bz",
    "directions": "\u202egnp.exe\u202c \u2066x\u2069 \u200f\u061c",
    "no width": "a\u200b\u200c\u200d\u2060\ufeff\xad\u180e\u034fz",
    "fillers": "\u115f\u1160\u3164\uffa0",
    "separators": "a\u2028b\u2029c",
    "tags": "flag\U000e0067\U000e007f",
    "no characters": "\ufff9\ufffe\uffff",
    "surrogates": "\ud800 \udfff",
}
ANY = st.text(st.characters(codec=None))


class Reader(HTMLParser):
    """Collect what a browser would see in a page."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data):
        self.text += data

    def handle_comment(self, data):
        self.tags.append("comment")


def hides(text: str) -> set[str]:
    """Return the characters of `text` that a reader cannot see."""
    return {mark for mark in text if unicodedata.category(mark) in ("Cc", "Cf", "Cs", "Zl", "Zp")}


@pytest.mark.parametrize("text", [*TEXTS, *HIDDEN.values()], ids=ascii)
@pytest.mark.parametrize("write", [escape, prose])
def test_a_hostile_text_is_shown_and_does_nothing(write, text):
    written = write(text)
    element, attribute = Reader(f"<p>{written}</p>"), Reader(f"<p title=\"{written}\"></p><p title='{written}'></p>")
    assert element.tags == ["p"]
    assert [name for name, _ in attribute.attributes] == ["title", "title"]
    assert hides(element.text) == set()
    written.encode("utf-8")


@pytest.mark.parametrize("text", HIDDEN.values(), ids=HIDDEN)
def test_what_hides_is_spelled_out(text):
    for mark in hides(text):
        shown = visible(mark)
        assert shown in (chr(0x2400 + ord(mark)), "\N{SYMBOL FOR DELETE}", f"[U+{ord(mark):04X}]")
    assert visible(text) != text


def test_spaces_of_a_line_stay_spaces():
    assert visible("a\tb\nc\r\nd") == "a b c  d"


@pytest.mark.parametrize("text", ["Café 0012", "日本語", "−0.30 ▼", "a\xa0b", "👍", "عربي"])
def test_plain_text_in_any_script_is_left_alone(text):
    assert visible(text) == text


def test_long_text_is_cut_at_200_characters():
    assert visible("x" * LONGEST) == "x" * LONGEST
    assert visible("x" * (LONGEST + 1)) == "x" * (LONGEST - 1) + "…"
    assert len(visible("x" * 1_000_000)) == LONGEST == 200


def test_a_sentence_of_our_own_is_not_cut():
    assert prose("x" * 5000) == "x" * 5000


def test_what_is_no_text_is_written_as_one():
    assert (escape(0.5), escape(None)) == ("0.5", "None")


@LAW
@given(ANY)
def test_escaped_text_reads_as_the_visible_text(text):
    assert unescape(escape(text)) == visible(text)
    assert Reader(escape(text)).tags == []


@pytest.mark.parametrize(
    ("text", "strong", "written"),
    [
        ("Buy falls short.", ["Buy"], "<strong>Buy</strong> falls short."),
        ("Buy, then Buy.", ["Buy"], "<strong>Buy</strong>, then Buy."),
        ("R & D: amp", ["amp"], "R &amp; D: <strong>amp</strong>"),
        ("a strong brand", ["a", "strong"], "<strong>a</strong> <strong>strong</strong> brand"),
        ("<b>", ["<b>"], "<strong>&lt;b&gt;</strong>"),
        ("short", ["short", "ort", "or"], "<strong>short</strong>"),
        ("to to", ["to", "to"], "<strong>to</strong> <strong>to</strong>"),
        ("x", ["y", "longer than it is", ""], "x"),
        ("a\u202eb", ["\u202e"], "a<strong>[U+202E]</strong>b"),
    ],
)
def test_bold_parts_are_found_in_the_text_and_not_in_its_markup(text, strong, written):
    assert prose(text, strong) == written


@LAW
@given(ANY, st.lists(ANY, max_size=4))
def test_bold_parts_add_nothing_but_bold(text, strong):
    page = Reader(prose(text, strong))
    assert set(page.tags) <= {"strong"}
    assert page.text == unescape(prose(text))


@pytest.mark.parametrize("text", [*TEXTS, *HIDDEN.values()], ids=ascii)
def test_json_cannot_close_its_script(text):
    written = script_json({text: [text]})
    assert not {"<", ">", "&"} & set(written)
    assert written.isascii()
    assert written.isprintable()
    assert json.loads(written) == {text: [text]}


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@LAW
@given(VALUES)
def test_json_reads_back_as_it_was(value):
    assert json.loads(script_json(value)) == value


def test_a_number_that_json_does_not_know_is_refused():
    for value in (float("nan"), float("inf")):
        with pytest.raises(ValueError, match="not JSON compliant"):
            script_json({"x": value})


def test_a_table_has_a_caption_and_heads_for_columns_and_rows():
    page = table_html(["touchpoint", "n"], [["Buy", "120"], ["Use", "80"]], "Customer gap")
    assert page == (
        '<table><caption>Customer gap</caption><thead><tr><th scope="col">touchpoint</th><th scope="col">n</th></tr></thead>'
        '<tbody><tr><th scope="row">Buy</th><td>120</td></tr><tr><th scope="row">Use</th><td>80</td></tr></tbody></table>'
    )


@pytest.mark.parametrize(("heads", "row_heads"), [(0, 0), (1, 1), (2, 2)])
def test_the_first_cells_of_a_row_name_it(heads, row_heads):
    page = Reader(table_html(["a", "b", "c"], [["1", "2", "3"]], "x", heads=heads))
    assert page.attributes.count(("scope", "row")) == row_heads
    assert page.attributes.count(("scope", "col")) == 3


@pytest.mark.parametrize("text", [*TEXTS, *HIDDEN.values()], ids=ascii)
def test_no_cell_head_or_caption_gets_out_of_its_table(text):
    page = Reader(table_html([text, text], [[text, text]], text))
    assert page.tags == ["table", "caption", "thead", "tr", "th", "th", "tbody", "tr", "th", "td"]
    assert set(page.attributes) == {("scope", "col"), ("scope", "row")}
    assert hides(page.text) == set()
