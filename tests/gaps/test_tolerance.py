"""The zone of tolerance against published rows, arithmetic and its own laws."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from conftest import ENGINES

import cxgap as cx
from cxgap.errors import ArgumentError, ColumnError

# Lehigh University, LibQUAL+ 2002 and 2003, item AS-3, 17 institutions: minimum, desired and perceived level on 1 to 9, and
# the published adequacy and superiority, which come from unrounded answers.
LIBQUAL = """
J 5.70 7.72 6.92 1.22 -.80
I 5.88 7.92 7.09 1.21 -.83
B 6.11 8.03 7.31 1.20 -.71
G 5.64 7.60 6.83 1.19 -.77
C 6.06 7.73 7.22 1.16 -.51
P 6.58 7.99 7.54 .96 -.45
A 6.11 8.00 7.01 .90 -1.00
O 6.22 7.92 7.11 .89 -.81
N 6.54 8.08 7.38 .84 -.70
Q 6.32 7.85 7.10 .78 -.75
E 6.26 8.08 6.92 .66 -1.16
M 6.81 8.17 7.42 .61 -.75
L 6.70 8.13 7.19 .49 -.94
H 6.04 7.88 6.40 .37 -1.48
D 5.87 7.89 6.23 .36 -1.66
K 6.81 7.90 6.85 .04 -1.05
F 6.30 7.88 6.27 -.02 -1.60
"""


def libqual() -> pd.DataFrame:
    rows = [line.split() for line in LIBQUAL.split("\n") if line]
    names = ["institution", "adequate", "desired", "perception", "msa", "mss"]
    frame = pd.DataFrame(rows, columns=names)
    return frame.astype(dict.fromkeys(names[1:], float)).assign(respondent_id=frame["institution"])


def answers(*triples: tuple[float, float, float], **columns: object) -> pd.DataFrame:
    """Make one respondent an answer, of (adequate, desired, perceived)."""
    frame = pd.DataFrame(triples, columns=["adequate", "desired", "perception"], dtype=float)
    return frame.assign(respondent_id=[f"R{number:04d}" for number in range(len(frame))], touchpoint="A", **columns)


def zone(gaps: cx.GapTable, measure: str = "adequacy") -> pd.Series:
    return gaps.frame[gaps.frame["measure"] == measure].iloc[0]


@pytest.mark.parametrize("engine", ENGINES)
def test_the_published_rows_of_libqual(engine):
    """Published adequacy and superiority of 17 institutions; from rounded means they agree within .011."""
    data = libqual()
    found = cx.tolerance_gap(ENGINES[engine](data), by="institution", scale=(1, 9)).frame
    for measure, published in ("adequacy", "msa"), ("superiority", "mss"):
        rows = found[found["measure"] == measure].set_index("institution")["estimate"]
        assert rows.reindex(data["institution"]).to_numpy() == pytest.approx(data[published].to_numpy(), abs=0.011)
    position = found.drop_duplicates("institution").set_index("institution")["group_position"]
    assert position["J"] == pytest.approx(0.604, abs=5e-4)
    assert position["F"] == pytest.approx(-0.019, abs=5e-4)


def test_the_mean_row_of_libqual():
    """Published: 6.23 7.93 6.99, adequacy .76, superiority -.94; the 17 institutions as 17 respondents."""
    row = zone(cx.tolerance_gap(libqual(), by="", scale=(1, 9)))
    assert row[["adequate", "desired", "perceived"]].to_list() == pytest.approx([6.2324, 7.9276, 6.9876], abs=1e-4)
    assert row["estimate"] == pytest.approx(0.7552, abs=0.011)
    assert row["share_in"] == pytest.approx(16 / 17)


def test_shares_and_positions_by_hand():
    """Arithmetic: below, on the lower edge, inside, on the upper edge, above; a zone without width has no position."""
    data = answers((4, 6, 3), (4, 6, 4), (4, 6, 5), (4, 6, 6), (4, 6, 7), (5, 5, 5))
    row = zone(cx.tolerance_gap(data, scale=(1, 7)))
    assert row[["share_below", "share_in", "share_above"]].to_list() == pytest.approx([1 / 6, 4 / 6, 1 / 6])
    assert row["median_position"] == pytest.approx(0.5)
    assert row["width"] == pytest.approx(10 / 6)
    assert (row["n"], row["inversions"]) == (6, 0)


def test_wilson_intervals_of_the_shares():
    """Wilson (1927) for 8 of 100: [.0410935, .1499811], as R and statsmodels have it."""
    data = answers(*[(4, 6, 3)] * 8, *[(4, 6, 5)] * 92)
    row = zone(cx.tolerance_gap(data, scale=(1, 7)))
    assert (row["share_below_low"], row["share_below_high"]) == pytest.approx((0.0410935, 0.1499811), abs=1e-6)


def test_an_inversion_is_left_out_and_counted():
    plain = answers((4, 6, 5), (3, 6, 5), (4, 5, 6))
    mixed = answers((4, 6, 5), (3, 6, 5), (4, 5, 6), (6, 4, 1))
    first, second = (zone(cx.tolerance_gap(data, scale=(1, 7))) for data in (plain, mixed))
    assert second["estimate"] == first["estimate"]
    assert (second["n"], second["triples"], second["inversions"], second["inversion_rate"]) == (3, 4, 1, 0.25)
    assert "INVERSION" in second["flags"]
    assert "INVERSION" not in first["flags"]


def test_an_answer_that_lacks_one_of_three_is_none():
    data = answers((4, 6, 5), (np.nan, 6, 5), (4, np.nan, 5), (4, 6, np.nan), (3, 6, 6))
    row = zone(cx.tolerance_gap(data, scale=(1, 7)))
    assert (row["n"], row["triples"]) == (2, 2)


def test_adequacy_less_superiority_is_the_width_for_any_weights():
    rng = np.random.default_rng(6)
    low = rng.integers(1, 5, 200)
    triples = np.column_stack([low, low + rng.integers(0, 3, 200), rng.integers(1, 8, 200)]).astype(float)
    data = answers(*map(tuple, triples), weight=rng.uniform(0.5, 2, 200))
    for weight in (None, "weight"):
        gaps = cx.tolerance_gap(data, scale=(1, 7), weight=weight)
        first, second = zone(gaps), zone(gaps, "superiority")
        assert first["estimate"] - second["estimate"] == pytest.approx(first["width"], abs=1e-12)
        assert first[["share_below", "share_in", "share_above"]].sum() == pytest.approx(1)
    scaled = cx.tolerance_gap(data.assign(weight=data["weight"] * 9), scale=(1, 7), weight="weight").frame
    pd.testing.assert_frame_equal(scaled, gaps.frame)
    shuffled = cx.tolerance_gap(data.sample(frac=1, random_state=1), scale=(1, 7), weight="weight").frame
    pd.testing.assert_frame_equal(shuffled, gaps.frame)


def test_a_zone_of_too_few_is_hidden_in_both_measures():
    data = pd.concat([answers(*[(4, 6, 5)] * 12), answers(*[(4, 6, 5)] * 3).assign(touchpoint="B", respondent_id=list("xyz"))])
    gaps = cx.tolerance_gap(data, scale=(1, 7), min_n=10).frame.set_index(["touchpoint", "measure"])
    hidden = gaps.loc["B"]
    assert (hidden["verdict"] == "not shown").all()
    assert hidden[["n", "start", "end", "adequate", "share_in", "inversions", "triples"]].isna().all(axis=None)


def test_a_survey_without_the_least_acceptable_level_says_so():
    gaps = cx.tolerance_gap(answers((4, 6, 5)).drop(columns="adequate"), scale=(1, 7))
    assert gaps.frame.empty
    assert "the least acceptable level was not asked" in gaps.missing
    with pytest.raises(ColumnError, match=r"desired|expectation"):
        cx.tolerance_gap(answers((4, 6, 5)).drop(columns="desired"), scale=(1, 7))


def test_a_median_position_of_too_few_is_blank():
    """By hand: of 12 customers two have a zone with a width; their positions, .5 and 0, would be the median of two."""
    data = answers((4, 6, 5), (4, 6, 4), *[(5, 5, 5)] * 10)
    row = zone(cx.tolerance_gap(data, scale=(1, 7), min_n=10))
    assert (row["n"], row["share_in"]) == (12, 1)
    assert np.isnan(row["median_position"])
    assert zone(cx.tolerance_gap(data, scale=(1, 7), min_n=2))["median_position"] == pytest.approx(0.25)
    ample = answers(*[(4, 6, 5)] * 10)
    assert zone(cx.tolerance_gap(ample, scale=(1, 7), min_n=10))["median_position"] == pytest.approx(0.5)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("text", ["3", "much"])
@pytest.mark.parametrize("name", ["adequate", "desired", "perception"])
def test_ratings_that_are_text_are_refused(engine, text, name):
    data = answers((4, 6, 5), (4, 6, 5)).astype({name: object}).assign(**{name: text})
    with pytest.raises(ArgumentError, match=f"^`responses` must hold numbers in '{name}', not String; read the file with"):
        cx.tolerance_gap(ENGINES[engine](data), scale=(1, 7))


@pytest.mark.slow
def test_pyspark_gives_the_same_bits(spark):
    data = libqual()
    plain, there = (cx.tolerance_gap(frame, by="institution", scale=(1, 9)).frame for frame in (data, spark(data)))
    pd.testing.assert_frame_equal(there, plain)
