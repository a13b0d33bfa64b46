"""Published questionnaires, as far as they are facts: how many items of which dimension, which are turned, on which scale."""

from __future__ import annotations

import pandas as pd
import pytest

import cxgap as cx
from cxgap.errors import ArgumentError
from cxgap.vocabulary import DIMENSIONS, EXPECTATION_TYPES


@pytest.mark.parametrize("instrument", [cx.instruments.servqual(), cx.instruments.servqual(1988), cx.instruments.servperf()])
def test_the_22_items_are_4_5_4_4_5_in_the_authors_order(instrument):
    """Parasuraman, Zeithaml & Berry (1988), Journal of Retailing 64(1), 12-40."""
    key = instrument.frame
    assert list(key["item"]) == [f"{number:02d}" for number in range(1, 23)]
    assert list(key["dimension"].unique()) == list(DIMENSIONS)
    assert list(key.groupby("dimension", sort=False).size()) == [4, 5, 4, 4, 5]
    assert key["label"].is_unique
    assert instrument.scale == (1, 7)


def test_the_edition_of_1988_asks_what_should_be_and_turns_responsiveness_and_empathy():
    """Parasuraman, Zeithaml & Berry (1988): items 10 to 13 and 18 to 22 were worded negatively."""
    turned = cx.instruments.servqual(1988).frame.query("reversed")["item"]
    assert list(turned) == ["10", "11", "12", "13", "18", "19", "20", "21", "22"]
    assert not cx.instruments.servqual(1991).frame["reversed"].any()
    assert cx.instruments.servqual(1988).expectation_type == "should"
    assert cx.instruments.servqual(1991).expectation_type == "desired"
    assert cx.instruments.servperf().expectation_type is None
    assert cx.instruments.three_column().scale == (1, 9)


@pytest.mark.parametrize(
    "instrument", [cx.instruments.servqual(), cx.instruments.servqual(1988), cx.instruments.three_column()]
)
def test_an_instrument_makes_a_study_that_reads(tmp_path, instrument):
    """The 1988 edition: an answer of 2 to an item that was worded negatively is a 6."""
    wide = {"respondent_id": ["1", "2"]}
    prefix = {"expectation": ("e", 6), "perception": ("p", 2), "adequate": ("a", 3)}
    for name in instrument.columns:
        letter, value = prefix[name]
        wide |= {f"{letter}{item}": [value, value] for item in instrument.frame["item"]}
    pd.DataFrame(wide).to_csv(tmp_path / "responses.csv", index=False)
    instrument.frame.to_csv(tmp_path / "items.csv", index=False)
    (tmp_path / "study.toml").write_text(instrument.study_toml(), encoding="utf-8")
    study = cx.read_study(tmp_path)
    low, high = instrument.scale
    means = study.responses.groupby("item", observed=True)["expectation"].mean()
    turned = instrument.frame.set_index("item")["reversed"]
    assert study.design["expectation_type"] == instrument.expectation_type in EXPECTATION_TYPES
    assert list(means) == [low + high - 6 if turned[item] else 6 for item in means.index]


def test_what_an_instrument_cannot_do_is_said():
    with pytest.raises(ArgumentError, match="must be 1988 or 1991, not 1985"):
        cx.instruments.servqual(1985)
    with pytest.raises(ArgumentError, match="asks for no expectation"):
        cx.instruments.servperf().study_toml()


def test_an_instrument_prints_its_key():
    shown = cx.instruments.servqual(1988)
    assert "10  responsiveness" in repr(shown)
    assert repr(shown).count("(reversed)") == 9
    assert shown._repr_mimebundle_()["text/html"].count("<tr>") == 23
