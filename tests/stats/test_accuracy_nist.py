"""Right digits against certified values and rational arithmetic: what docs/accuracy.md says is so, and stays so."""

from __future__ import annotations

import importlib.util
import sys
from fractions import Fraction
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def accuracy() -> ModuleType:
    """The benchmark, which is no part of the package."""
    path = ROOT / "benchmarks" / "accuracy.py"
    if not path.is_file():
        pytest.skip("the benchmarks are not beside the tests")
    spec = importlib.util.spec_from_file_location("accuracy_benchmark", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def held(lines) -> None:
    lines = list(lines)
    assert lines
    missed = [f"{line.statistic} of {line.data}: {line.digits:.1f} of {line.goal}" for line in lines if line.digits < line.goal]
    assert not missed


def test_digits_are_counted_as_the_log_of_the_relative_error(accuracy):
    """McCullough (1998), The American Statistician 52(4), 358-366: LRE, and LAR where the certified value is zero."""
    assert accuracy.digits_right(1.001, 1.0) == pytest.approx(3)
    assert accuracy.digits_right(-2.00002, -2.0) == pytest.approx(5)
    assert accuracy.digits_right(1e-7, 0.0) == pytest.approx(7)
    assert (accuracy.digits_right(4.0, 4.0), accuracy.digits_right(9.0, 4.0)) == (15, 0)
    assert accuracy.digits_right(np.nan, 4.0) == accuracy.digits_right(np.inf, 4.0) == 0


def test_means_and_standard_deviations_have_the_certified_digits(accuracy):
    """NIST Statistical Reference Datasets, univariate: NumAcc1 to 4, by their formulas."""
    held(accuracy.univariate())


def test_the_difficult_numbers_are_those_that_nist_made(accuracy):
    """NIST: NumAcc2 to 4 have 1,001 values that share up to 9 leading digits; their mean and deviation are exact fractions."""
    for _, values, mean, std_dev, _ in accuracy.NUMBERS.values():
        y = [Fraction(str(value)) for value in values()]
        centre = sum(y) / len(y)
        assert centre == Fraction(str(mean))
        assert sum((value - centre) ** 2 for value in y) / (len(y) - 1) == Fraction(str(std_dev)) ** 2


def test_analysis_of_variance_has_the_certified_digits(accuracy):
    """NIST Statistical Reference Datasets, one-way ANOVA, as scipy carries them for its own tests."""
    found = list(accuracy.groups())
    lines = [one for one in found if isinstance(one, accuracy.Line)]
    if not lines:
        pytest.skip(found[0].why)
    held(lines)


def test_least_squares_have_the_certified_digits(accuracy):
    """NIST Statistical Reference Datasets, linear regression: Norris, Longley, Wampler1 and 2."""
    held(one for one in accuracy.regressions() if isinstance(one, accuracy.Line))


def test_small_tables_agree_with_rational_arithmetic(accuracy):
    """Nothing is rounded in fractions before the last step."""
    held(accuracy.exact())


def test_the_page_has_a_row_for_every_line_and_names_what_is_missing(accuracy):
    lines = [accuracy.Line("A", "lower", "mean", 14.97, 15), accuracy.Line("B", "higher", "F", 4.19, 4)]
    text = accuracy.page(lines, [accuracy.Missing("C", "it is not installed")])
    assert "| A | lower | mean | 14.9 | 15 |\n| B | higher | F | 4.1 | 4 |\n" in text
    assert "Goals that are not met: mean of A." in text
    assert "- C: it is not installed." in text
    assert "Every goal is met." in accuracy.page(lines[1:], [])


def test_the_page_in_the_documentation_names_every_data_set(accuracy):
    """It is written by `python benchmarks/accuracy.py --write`; its digits may differ by machine, its rows may not."""
    text = (ROOT / "docs" / "accuracy.md").read_text(encoding="utf-8")
    for name in [*accuracy.NUMBERS, *accuracy.GROUPS, "Norris", "Longley", "Wampler1", "Wampler2"]:
        assert f"| {name} |" in text
    assert "Every goal is met." in text
