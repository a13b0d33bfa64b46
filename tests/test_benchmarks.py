"""The harness of the benchmarks: no time without the same answer, and what was not run is said and reckoned as it says."""

from __future__ import annotations

import importlib
import json
import re
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[1]
CASE = """
from benchmarks.suite.case import Case, Goal, Side, near


def spent(data, loop):
    if data == "tiny":
        return 4.0
    bytearray(64 << 20)
    return 4.0


def peer(data, loop):
    return sum(1.0 for _ in loop.some(range(40), 4, of="turns")) if data != "tiny" else 4.0


def wrong(data, loop):
    return 4.0 + 1e-6


def make(size, seed):
    return "tiny" if size == 1 else size


def check(found, expected, who):
    near(found, expected, "count")


RIGHT = Case("counted:RIGHT", "counting", make, (Side("cxgap", spent), Side("loop", peer), Side("none", peer, ("no_such",))),
             check, (100,), tiny=1, goals=(Goal(100, "loop", 1e9), Goal(100, of="memory", most=1000)))
WRONG = Case("counted:WRONG", "counting", make, (Side("cxgap", spent), Side("other", wrong)), check, (100,), tiny=1)
"""


@pytest.fixture(scope="module")
def suite() -> dict[str, ModuleType]:
    if not (ROOT / "benchmarks" / "suite").is_dir():
        pytest.skip("the benchmarks are not beside the tests")
    sys.path.insert(0, str(ROOT))
    names = ("case", "harness", "loop", "page", "ratios", "machine", "measure", "registry", "__main__", "data")
    yield {name: importlib.import_module(f"benchmarks.suite.{name}") for name in names}
    sys.path.remove(str(ROOT))


@pytest.fixture(scope="module")
def counted(suite, tmp_path_factory) -> ModuleType:
    folder = tmp_path_factory.mktemp("cases")
    (folder / "counted.py").write_text(CASE, encoding="utf-8")
    sys.path.insert(0, str(folder))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(folder))
        yield importlib.import_module("counted")
    sys.path.remove(str(folder))


def test_a_fast_wrong_answer_has_no_time(suite, counted):
    """The answer is off by a millionth, and may be by 1e-10: nothing of what was measured is kept or printed."""
    found = suite["harness"].compare(counted.WRONG, 100, reps=2)
    assert found.sides == ()
    assert "count: 4.0 must be 4.000001" in found.wrong
    (line,) = suite["page"].lines_of(found)
    assert line[-1].startswith("WRONG, so no times: cxgap against other: ")
    assert set(line[2:-1]) == {""}
    assert suite["ratios"].outcomes([found], [counted.WRONG]) == []


def test_sides_run_in_turn_and_what_is_not_installed_is_named(suite, counted):
    said: list[str] = []
    found = suite["harness"].compare(counted.RIGHT, 100, reps=2, tell=said.append)
    assert [line.split(": ")[1].split(",")[0] for line in said] == ["cxgap", "loop", "cxgap", "loop"]
    ours, loop, absent = found.sides
    assert (len(ours.costs), len(loop.costs), absent.costs, absent.absent) == (2, 2, (), "no_such not installed")
    assert loop.costs[0].said == ("extrapolated from 4 of 40 turns",)
    assert all(63 < cost.memory < 80 for cost in ours.costs)  # 64 MiB were filled with zeros and let go
    missed, kept = suite["ratios"].outcomes([found], [counted.RIGHT])
    assert (missed.met, kept.met) == (False, True)

    text = suite["page"].as_json([found], [counted.RIGHT], {"processor": "one"}, "2026-11-22")
    assert "\n" in text
    again = json.loads(text)
    assert again["goals"][0]["goal"]["peer"] == "loop"


def test_what_was_measured_is_read_again_and_not_measured_again(suite, counted, tmp_path):
    cost = suite["measure"].Cost(1.0, 0.9, 3.0, 100.0, 0.2, ("extrapolated from 1 of 2 turns",))
    side = suite["harness"].Measured("cxgap", (cost,))
    kept = suite["harness"].Compared("counted:RIGHT", 100, (side,))
    wrong = suite["harness"].Compared("counted:WRONG", 100, (), "differs")
    path = tmp_path / "measured.json"
    cases = [counted.RIGHT, counted.WRONG]
    path.write_text(suite["page"].as_json([kept, wrong], cases, {}, "2026-11-22"), encoding="utf-8")
    done = suite["page"].read_json(path)
    assert done == {("counted:RIGHT", 100): kept}
    assert list(suite["harness"].run([counted.RIGHT], [], reps=1, done=done)) == [kept]


def test_a_loop_in_part_reckons_the_rest_by_strata(suite, monkeypatch):
    """Ten turns of 1 s and six of 10 s, two of each are run: 8 x 1 + 4 x 10 seconds are reckoned, in any order."""
    clock = [0.0]
    for name in ("perf_counter", "process_time"):
        monkeypatch.setattr(suite["loop"], name, lambda: clock[0])
    for items in ([1.0] * 10 + [10.0] * 6, [10.0] * 6 + [1.0] * 10):
        loop = suite["loop"].Loop()
        for seconds in loop.some(items, 2, stratum=lambda value: value, of="groups"):
            clock[0] += seconds
        assert (loop.wall, loop.cpu) == (pytest.approx(48.0), pytest.approx(48.0))
        assert loop.said == ["extrapolated from 4 of 16 groups"]


def test_a_loop_that_runs_all_reckons_nothing(suite):
    loop = suite["loop"].Loop()
    assert list(loop.some("abc", 3)) == ["a", "b", "c"]
    assert (loop.wall, loop.cpu, loop.said) == (0.0, 0.0, [])


def test_groups_of_a_stratum_differ_by_less_than_half(suite):
    sizes = np.arange(2, 3000)
    classes = np.array([suite["loop"].size_class(int(size)) for size in sizes])
    ratios = [sizes[classes == one].max() / sizes[classes == one].min() for one in np.unique(classes)]
    assert max(ratios) < 1.5


def test_ratios_are_of_medians_and_their_spread_of_pairs(suite):
    cost = suite["measure"].Cost
    theirs = [cost(wall, 1.0, 0, 0, 0, ()) for wall in (10.0, 30.0, 20.0)]
    ours = [cost(wall, 1.0, 0, 0, 0, ()) for wall in (1.0, 2.0, 4.0)]
    assert suite["ratios"].ratio(theirs, ours) == (10.0, 5.0, 15.0)
    assert suite["ratios"].ratio(theirs[:1], ours) == (5.0, 2.5, 10.0)


@pytest.mark.parametrize("power", [0.0, 0.5, 1.0, 2.0])
def test_exponents_are_those_of_the_power(suite, power):
    sizes = [1e4, 1e5, 1e6]
    assert suite["ratios"].exponent(sizes, [3 * size**power for size in sizes]) == pytest.approx(power, abs=1e-12)


@pytest.mark.parametrize(
    ("found", "expected", "rel"),
    [([1.0, np.nan], [1.0, 2.0], 1e-10), ([1.0], [1.0 + 1e-9], 1e-10), ([], [], 0.0), ([1.0], [1, 2], 0.0)],
)
def test_answers_that_differ_or_say_nothing_are_wrong(suite, found, expected, rel):
    with pytest.raises(suite["case"].WrongAnswerError):
        suite["case"].near(found, expected, "value", rel=rel)


def test_every_goal_has_cases_whose_sides_and_sizes_are_there(suite):
    cases = suite["registry"].all_cases()
    assert {f"G{number}" for number in range(1, 13)} <= set(cases)
    for case in cases.values():
        assert case.axis in suite["case"].AXES
        assert case.sides[0].name.startswith("cxgap")
        for goal in case.goals:
            names = {side.name for side in case.sides}
            assert {goal.peer, goal.side} - {""} <= names
            assert goal.size in case.sizes


def test_surveys_hang_on_the_seed_alone_and_have_the_shape_they_say(suite):
    """A touchpoint is skipped by 10 in 100, and 5 in 100 of the rest are blank: 0.9 x 0.95 = 0.855 are there."""
    first, again, other = (suite["data"].survey(20_000, seed) for seed in (1, 1, 2))
    assert first.equals(again)
    assert not first.equals(other)
    assert len(first) / (88 * suite["data"].respondents_of(20_000)) == pytest.approx(0.855, abs=0.02)
    assert first["expectation"].between(1, 7).all()
    assert first["respondent_id"].is_monotonic_increasing


def test_the_page_of_results_is_as_the_harness_writes_it(suite):
    page = ROOT / "benchmarks" / "RESULTS.md"
    if not page.exists():
        pytest.skip("nothing was measured yet")
    text = page.read_text(encoding="utf-8")
    assert text.startswith(suite["page"].INTRODUCTION)
    assert re.search(r"^\d+ of \d+ are met\.$", text, re.MULTILINE)
    assert "WRONG" not in text
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    assert len({line.count("|") for line in rows}) <= 3
    head = f"| {' | '.join(suite['page'].HEADS[1:])} |"
    assert text.count(head) == text.count("\n### ")
    machine = text.split("## Machine\n", 1)[1].split("\n## ", 1)[0]
    assert all(name in machine for name in ("processor ", "cores ", "memory ", "numpy ", "pandas "))


def test_sizes_are_read_as_people_write_them(suite):
    number = suite["__main__"].number
    assert [number(size) for size in ("100k", "1M", "85.5M", "40")] == [100_000, 1_000_000, 85_500_000, 40]
    with pytest.raises(SystemExit, match="must be numbers such as"):
        number("many")
