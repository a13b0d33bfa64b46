"""Names as numbers: by hand, letter for letter, and the same however they are held."""

from __future__ import annotations

import numpy as np
import pytest

from cxgap.stats.identity import SHARDS, hashes, mixed, shards

LIMIT = 2**64


def mixed_by_hand(number: int) -> int:
    """The finaliser of SplitMix64 in whole numbers: Steele, Lea & Flood (2014), figure 17."""
    number = (number + 0x9E3779B97F4A7C15) % LIMIT
    number = ((number ^ (number >> 30)) * 0xBF58476D1CE4E5B9) % LIMIT
    number = ((number ^ (number >> 27)) * 0x94D049BB133111EB) % LIMIT
    return number ^ (number >> 31)


def spelt_by_hand(name: str) -> int:
    found = 0x63786761702D7478
    for letter in name:
        found = mixed_by_hand(found ^ ord(letter))
    return found


def test_the_generator_is_splitmix64():
    """The first numbers of the generator from seed 1234567, as published with its reference code."""
    states = np.array([(1234567 + place * 0x9E3779B97F4A7C15) % LIMIT for place in range(3)], np.uint64)
    assert mixed(states).tolist() == [6457827717110365317, 3203168211198807973, 9817491932198370423]


@pytest.mark.parametrize("names", [["R0001", "r0001", "", "Zoë", "王芳", "a much longer name than the others"]])
def test_text_is_spelt_letter_by_letter(names):
    wanted = [spelt_by_hand(name) for name in names]
    assert hashes(np.array(names)).tolist() == wanted
    assert hashes(np.array(names, object)).tolist() == wanted
    assert [int(hashes(np.array([name]))[0]) for name in names] == wanted  # whatever the longest name beside it


def test_integers_are_one_name_however_wide_they_are():
    numbers = [0, 7, 120, -3]
    wanted = hashes(np.array(numbers)).tolist()
    for held in (np.array(numbers, np.int8), np.array(numbers, np.int32), np.array(numbers, object)):
        assert hashes(held).tolist() == wanted
    assert hashes(np.array([7]))[0] != hashes(np.array(["7"]))[0]
    assert hashes(np.array(["7"]))[0] != hashes(np.array(["07"]))[0]


def test_names_in_a_row_go_to_all_groups_alike():
    """Pearson's chi-squared of 1,024 groups lies within 5 standard deviations of its 1,023 degrees of freedom."""
    for names in (np.arange(100_000), np.array([f"R{number:06d}" for number in range(100_000)])):
        group = np.bincount(shards(hashes(names)), minlength=SHARDS)
        expected = 100_000 / SHARDS
        assert abs(((group - expected) ** 2).sum() / expected - (SHARDS - 1)) < 5 * np.sqrt(2 * (SHARDS - 1))
        assert len(np.unique(hashes(names))) == 100_000
