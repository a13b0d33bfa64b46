"""The people of a cell are the `n` of the tables: by the same half rule, on the same answers."""

from __future__ import annotations

import numpy as np
import pytest
from study_files import LONG, WIDE, write

from cxgap.disclosure.counted import Cell, Counted
from cxgap.disclosure.counts import count_people
from cxgap.errors import RunError
from cxgap.gaps.customer import customer_gap
from cxgap.tables.read import read_study

KEY = b"k" * 32


def answers(seed: int) -> str:
    """Write a survey with holes: two touchpoints, three items, visits to both, ratings that are not there."""
    random, rows = np.random.default_rng(seed), ["respondent_id,touchpoint,region,e1,p1,e2,p2,e3,p3"]
    for who in range(60):
        for touchpoint in ("Buy", "Use")[: int(random.integers(1, 3))]:
            ratings = ["" if random.random() < 0.3 else str(random.integers(1, 8)) for _ in range(6)]
            rows.append(f"R{who},{touchpoint},{'NA' if who % 3 else '007'},{','.join(ratings)}")
    return "\n".join(rows) + "\n"


def counted(path, **scope) -> Counted:
    return count_people(read_study(path, **scope), key=KEY, survey="kiosk")


@pytest.mark.parametrize("seed", range(4))
def test_counts_are_the_n_of_the_tables(tmp_path, seed):
    items = {"1": {"dimension": "reliability"}, "2": {"dimension": "reliability"}, "3": {"dimension": "empathy"}}
    path = write(tmp_path, answers(seed), **{f"items.{name}": item for name, item in items.items()})
    study = read_study(path)
    n = dict(zip(counted(path).cells, counted(path).n, strict=True))
    for by, kind in (("", "all"), ("touchpoint", "touchpoint"), ("touchpoint,dimension", "dimension"), ("item", "item")):
        table = customer_gap(study.responses, by=by)
        for row in table.frame.to_dict("records"):
            keys = tuple(row[name] for name in table.by)
            assert n[Cell("gap", kind, keys)] == row["n"]
            if kind != "dimension":
                assert n[Cell("perception", kind, keys)] == row["servperf_n"]


def test_long_and_wide_files_give_the_same_people(tmp_path):
    (tmp_path / "wide").mkdir()
    (tmp_path / "long").mkdir()
    wide = counted(write(tmp_path / "wide", WIDE))
    long = counted(
        write(
            tmp_path / "long",
            LONG,
            responses={"layout": "long", "expectation": "expectation", "perception": "perception"},
        )
    )
    assert wide.digest == long.digest


def test_a_slice_holds_those_of_its_people_that_the_whole_holds(tmp_path):
    path = write(tmp_path, answers(1))
    whole, part = counted(path), counted(path, where={"region": "NA"})
    place = whole.cells.index(Cell("gap", "touchpoint", ("Buy",)))
    inside = part.people[part.held[:, part.cells.index(Cell("gap", "touchpoint", ("Buy",)))]]
    assert set(inside) < set(whole.people[whole.held[:, place]])
    assert part.label != whole.label


def test_managers_are_counted_apart_from_respondents(tmp_path):
    managers = "manager_id,touchpoint,item,believed\n" + "".join(f"R{who},Buy,1,5\n" for who in range(7))
    path = write(tmp_path, answers(1), {"managers.csv": managers}, tables={"managers": "managers.csv"})
    found = counted(path)
    n = dict(zip(found.cells, found.n, strict=True))
    assert n[Cell("managers", "touchpoint", ("Buy",))] == 7
    assert len(found.people) == len(np.unique(found.people)) > 60


def test_a_damaged_file_of_cells_is_refused(tmp_path):
    whole = counted(write(tmp_path, WIDE)).to_bytes()
    for content in (b"", b"PK\x03\x04", whole[:-30], whole.replace(b"held", b"hexd")):
        with pytest.raises(RunError, match="cannot be read"):
            Counted.from_bytes(content)
