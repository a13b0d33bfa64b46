"""A page that is out is never replaced by one in which most is hidden, because too few people came since."""

from __future__ import annotations

import json

import numpy as np
import pytest
from report.fleet.conftest import Place
from study_files import WIDE, write

from cxgap.disclosure import ledger
from cxgap.disclosure.counted import Cell, gathered
from cxgap.report.failure import write_failure
from cxgap.report.fleet.keeping import kept
from cxgap.report.fleet.preparation import Prepared

WHOLE = json.dumps([{}, ""])
TOUCHPOINTS = ["Ask", "Buy", "Use"]


def survey(respondents: int) -> str:
    return WIDE.splitlines()[0] + "\n" + "".join(f"R{who},Buy,NA,2026-03-01,5,4,6,3\n" for who in range(respondents))


@pytest.fixture
def real(tmp_path, template):
    """A place where the study is really read before the jobs."""
    return Place(tmp_path, template)


def grow(place, respondents):
    write(place.folder / "study", survey(respondents), study={"min_n": 10})


def test_a_page_that_gained_fewer_than_the_minimum_is_kept(real):
    """Policy, privacy.md: three more would be told by subtraction, twelve more would not."""
    (real.folder / "study").mkdir(exist_ok=True)
    grow(real, 40)
    job = real.job("a")
    assert real.run(job).counts == {"delivered": 1}
    before, good = real.published("a"), json.loads((real.output / "status.json").read_text())["a"]["good"]
    write_failure(real.output, "a", job="a", message="of the day before")

    grow(real, 43)
    result = real.run(job, force=True)
    assert (result.exit_code, result.counts, real.starter.started) == (0, {"kept": 1}, [])
    status = json.loads((real.output / "status.json").read_text())["a"]
    assert (status["state"], status["good"], status["page"] is not None) == ("kept", good, True)
    assert status["message"].startswith("not renewed: too few people were added since ")
    assert status["message"] in (real.output / "index.html").read_text()
    assert (real.published("a"), (real.output / "a/failure.html").exists()) == (before, False)
    assert "kept " in real.said.getvalue().splitlines()[-1]

    assert real.run(real.job("b")).counts == {"delivered": 1}  # without a page there is nothing to keep
    grow(real, 52)
    assert real.run(job).counts == {"delivered": 1}


def part(sizes, label=WHOLE):
    cells = [(Cell("gap", "touchpoint", (name,)), np.arange(n, dtype=np.uint64)) for name, n in sizes.items()]
    return gathered(cells, survey="s", label=label, min_n=10)


@pytest.mark.parametrize(
    ("masked", "label", "stays"),
    [
        (["Ask", "Buy"], WHOLE, True),  # of three, one would be left
        (["Ask"], WHOLE, False),  # one hidden cell empties no page
        (["Ask", "Buy"], json.dumps([{"region": ["007"]}, ""]), False),  # the name is now that of another part
        (["Ask", "Buy"], json.dumps([{}, "2026-03-31"]), True),  # the same part, a week later
    ],
)
def test_a_page_that_would_lose_most_of_what_it_shows_is_kept(place, masked, label, stays):
    place.run(place.job("a"))
    ledger.note(place.output, "a", part(dict.fromkeys(TOUCHPOINTS, 40), label))
    cells = place.folder / "cells.npz"
    cells.write_bytes(part({name: 44 for name in TOUCHPOINTS if name not in masked}).to_bytes())
    hidden = frozenset(Cell("gap", "touchpoint", (name,)) for name in masked)
    found = kept(place.output, place.job("a"), Prepared(45, None, cells, "", False, hidden, True))
    assert (found is not None) == stays


def test_a_page_that_is_not_whole_is_not_kept(place):
    place.run(place.job("a"))
    nothing = Prepared(45, nothing=True)
    assert kept(place.output, place.job("a"), nothing) is not None
    page = place.output / "a/report.html"
    page.write_bytes(page.read_bytes()[:-20])
    assert kept(place.output, place.job("a"), nothing) is None
