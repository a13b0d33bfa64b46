from __future__ import annotations

from html import unescape

from hypothesis import given
from hypothesis import strategies as st

from cxgap.markup import visible
from cxgap.plot.lettering import lines, safe


@given(st.text())
def test_safe_text_shows_what_is_visible_and_has_nothing_that_plotly_reads(text):
    shown = safe(text)
    assert unescape(shown) == visible(text) or "&" in text
    assert not {"<", ">", "{", "$"} & set(shown)


@given(st.text(alphabet="ab -é", max_size=120), st.integers(3, 40))
def test_lines_fit_and_keep_every_letter(text, width):
    broken = lines(text, width)
    assert all(len(line) <= width for line in broken)
    assert "".join(broken).translate({45: None, 32: None}) == text.translate({45: None, 32: None})


def test_a_word_longer_than_a_line_is_cut_in_even_pieces_with_hyphens():
    assert lines("responsiveness", 11) == ["respons-", "iveness"]
    assert lines("our responsiveness", 14) == ["our", "responsiveness"]
