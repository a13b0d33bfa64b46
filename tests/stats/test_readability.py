"""LIX by hand, and what so few words can tell."""

from __future__ import annotations

import numpy as np
import pytest

from cxgap.stats.proportions import wilson
from cxgap.stats.readability import lix


@pytest.mark.parametrize(
    ("text", "words", "sentences", "long"),
    [
        ("Delivered within three days.", 4, 1, 1),
        ("We come. We call first!", 5, 2, 0),
        ("Lieferung binnen drei Werktagen; danach erstatten wir.", 7, 1, 3),
        ("It comes at 3.30 or later.", 6, 1, 0),
        ("Don't wait: we're there", 4, 2, 0),
        ("Levering inden for tre dage\nellers pengene tilbage", 8, 2, 3),
    ],
)
def test_lix_is_words_a_sentence_and_per_cent_of_words_of_more_than_six_letters(text, words, sentences, long):
    """Bjoernsson (1983): words / sentences + 100 x long words / words, by hand."""
    found = lix(text, conf_level=0.95)
    assert (found.words, found.sentences, found.long) == (words, sentences, long)
    assert found.lix == pytest.approx(words / sentences + 100 * long / words)
    low, high = wilson([long], [words], conf_level=0.95)
    assert (found.low, found.high) == pytest.approx((words / sentences + 100 * low[0], words / sentences + 100 * high[0]))


@pytest.mark.parametrize("text", ["", "  ", "3 - 5", "三日以内にお届けします", "จัดส่งภายในสามวัน", "التسليم خلال ثلاثة أيام"])
def test_a_script_that_it_was_not_made_for_is_not_measured(text):
    found = lix(text, conf_level=0.95)
    assert found.words == 0
    assert np.isnan(found.lix)
