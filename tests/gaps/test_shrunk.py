"""Customer gaps that borrowed strength: the numbers, and what may not be told of hidden cells."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from conftest import ENGINES
from pandas.testing import assert_frame_equal

import cxgap as cx
from cxgap.gaps.shrunk import SHRUNK_COLUMNS, shrunk_columns
from cxgap.stats.planning import detectable
from cxgap.stats.shrinkage import shrink, smooth_variances

KEYS = ("touchpoint", "segment")


def people(seed: int = 1, *, each: int = 40, touchpoints: str = "ABCD", segments: str = "xyz", spread: float = 0.6):
    """Make respondents of one answer each; their touchpoint moves the gap."""
    random = np.random.default_rng(seed)
    cells = [(one, other) for one in touchpoints for other in segments]
    rows = []
    for place, (one, other) in enumerate(cells):
        n = each + 3 * place
        gap = random.normal(0, spread) + random.normal(0, 1, n)
        rows.append(pd.DataFrame({"touchpoint": one, "segment": other, "expectation": 5.0, "perception": 5 + gap}))
    return pd.concat(rows, ignore_index=True).assign(respondent_id=lambda made: range(len(made)))


@pytest.mark.parametrize("engine", ENGINES)
def test_one_key_has_one_mean(engine):
    """The six cells of metafor (see tests/stats): each touchpoint has one cell, so the mean is the table's."""
    frame = cx.customer_gap(ENGINES[engine](people(touchpoints="ABCDEF", segments="x"))).frame
    found = shrink(frame["estimate"].to_numpy(), frame["std_error"].to_numpy() ** 2, prasad_rao=True)
    assert frame["shrunk"].to_numpy() == pytest.approx(found.estimate, abs=1e-9)
    assert frame["shrinkage"].to_numpy() == pytest.approx(found.shrinkage, abs=1e-9)
    half = 1.959963985 * found.std_error
    assert frame["shrunk_high"].to_numpy() == pytest.approx(found.estimate + half, abs=1e-8)
    assert frame["tau"].to_numpy() == pytest.approx(found.tau2**0.5)


def test_two_keys_have_a_mean_for_each_value_that_has_three_cells():
    """Fay & Herriot (1979) with dummies of another coding: the mean of a cell does not depend on it."""
    frame = cx.customer_gap(people(), by=KEYS).frame
    dummies = pd.get_dummies(frame[list(KEYS)], drop_first=True).to_numpy(float)
    x = np.column_stack([np.ones(len(frame)), dummies])
    found = shrink(frame["estimate"].to_numpy(), frame["std_error"].to_numpy() ** 2, x, prasad_rao=True)
    assert frame["shrunk"].to_numpy() == pytest.approx(found.estimate, abs=1e-8)
    few = cx.customer_gap(people(segments="xy"), by=KEYS).frame
    found = shrink(few["estimate"].to_numpy(), few["std_error"].to_numpy() ** 2, prasad_rao=True)
    assert few["shrunk"].to_numpy() == pytest.approx(found.estimate, abs=1e-8)


def test_small_cells_are_weighed_by_the_variance_of_the_table():
    frame = cx.customer_gap(people(each=2, segments="x", touchpoints="ABCDEF")).frame
    n = frame["n"].to_numpy()
    smooth = smooth_variances(frame["std_error"].to_numpy() ** 2, n, n)
    assert smooth[0] * n[0] == pytest.approx(smooth[1] * n[1])
    assert frame["shrunk"].to_numpy() == pytest.approx(shrink(frame["estimate"].to_numpy(), smooth, prasad_rao=True).estimate)


@pytest.mark.parametrize("order", [1, 2])
def test_rows_and_weight_units_change_nothing(order):
    frame = people().assign(weight=np.random.default_rng(5).gamma(3, 1, len(people())))
    mixed = frame.sample(frac=1, random_state=order).assign(weight=lambda made: 7 * made["weight"])
    one, other = (cx.customer_gap(made, by=KEYS, weight="weight").frame for made in (frame, mixed))
    assert_frame_equal(one[[*KEYS, *SHRUNK_COLUMNS, "mdg"]], other[[*KEYS, *SHRUNK_COLUMNS, "mdg"]], rtol=1e-9)


def test_an_empty_cell_gets_the_mean_and_changes_no_other():
    frame = people()
    empty = pd.DataFrame({"touchpoint": ["A"], "segment": ["w"], "expectation": [np.nan], "perception": [4.0]})
    more = cx.customer_gap(pd.concat([frame, empty.assign(respondent_id=-1)]), by=KEYS).frame
    old = cx.customer_gap(frame, by=KEYS).frame
    new = more["segment"] == "w"
    assert_frame_equal(more[~new].reset_index(drop=True)[list(SHRUNK_COLUMNS)], old[list(SHRUNK_COLUMNS)])
    row = more[new].iloc[0]
    assert row["flags"] == "EMPTY|SYNTHETIC"
    assert row["shrinkage"] == 1
    assert row["shrunk_low"] < row["shrunk"] < row["shrunk_high"]
    assert np.isnan(row["estimate"])


def test_a_cell_of_one_respondent_is_pulled_and_not_left_out():
    one = pd.DataFrame(
        {"touchpoint": ["E"], "segment": ["x"], "expectation": [7.0], "perception": [1.0], "respondent_id": [-1]}
    )
    row = cx.customer_gap(pd.concat([people(segments="x"), one])).frame.iloc[-1]
    assert (row["n"], row["estimate"]) == (1, -6)
    assert -6 < row["shrunk"] < 0
    assert np.isnan(row["mdg"])


def test_hidden_cells_take_no_part():
    """What is shown must be the same whatever a hidden cell holds."""
    frame = people()
    lone = pd.DataFrame({"touchpoint": "E", "segment": "x", "expectation": 5.0, "perception": 5.0, "respondent_id": [-1, -2]})
    first = cx.customer_gap(pd.concat([frame, lone]), min_n=10).frame
    other = cx.customer_gap(pd.concat([frame, lone.assign(perception=[1.0, 2.0])]), min_n=10).frame
    assert_frame_equal(first, other)
    hidden = first["verdict"] == "not shown"
    assert hidden.any()
    assert first.loc[hidden, [*SHRUNK_COLUMNS, "mdg"]].isna().all(axis=None)
    shown = first[~hidden]
    again = shrunk_columns(shown.drop(columns=list(SHRUNK_COLUMNS)), ["touchpoint"], conf_level=0.95)
    assert_frame_equal(again[list(SHRUNK_COLUMNS)], shown[list(SHRUNK_COLUMNS)])


def test_cells_that_do_not_differ_say_so_in_words():
    alike = pd.concat([people(seed=2, touchpoints="A", segments="x").assign(touchpoint=name) for name in "ABCDE"])
    alike["respondent_id"] = range(len(alike))
    gaps = cx.customer_gap(alike)
    assert (gaps.frame["tau"] == 0).all()
    assert gaps.frame["shrunk"].nunique() <= 2
    said = " ".join(sentence.text for sentence in cx.describe(gaps).limits)
    assert "no detectable differences between the touchpoints" in said
    differ = " ".join(sentence.text for sentence in cx.describe(cx.customer_gap(people(segments="x"))).limits)
    assert "no detectable differences" not in differ


def test_the_smallest_gap_that_would_be_found_is_in_the_table_and_in_words():
    gaps = cx.customer_gap(people(segments="x"), conf_level=0.9)
    frame = gaps.frame
    assert frame["mdg"].to_numpy() == pytest.approx(detectable(frame["std_error"], frame["df"], alpha=0.1), rel=1e-12)
    (said,) = [s.text for s in cx.describe(gaps).limits if "missed" in s.text]
    assert said.startswith(f"A true gap smaller than {frame['mdg'].min():.2f} points (")
    assert f"({frame['mdg'].max():.2f} at " in said
