"""targets.toml says what was promised, or says in words what is wrong with it; its lock shows whoever touched it."""

from __future__ import annotations

import json
import os
import pickle
import sys

import pytest
from targeted import target, write

import cxgap as cx
from cxgap.errors import StudyError
from cxgap.tables.inputs import inputs_of
from cxgap.tables.spec import load_spec
from cxgap.tables.target_lock import BEGIN, LOCK, lock_path, parse_lock, read_lock, sealed
from cxgap.tables.targets import canonical, spec_hash

GOOD = target("Gap", -0.55, more='owner = "Ms Last"\nset_on = 2025-06-30\nlooks = [2025-09-30]')


def fault(tmp_path, text):
    with pytest.raises(StudyError) as found:
        cx.read_study(write(tmp_path, text))
    return str(found.value)


def test_targets_are_read_beside_the_study(tmp_path):
    path = write(tmp_path, GOOD)
    study = cx.read_study(path)
    (row,) = study.targets.to_dict("records")
    assert (row["name"], row["measure"], row["value"], row["better"], row["cut_off"]) == (
        "Gap",
        "customer",
        -0.55,
        "high",
        "2025-12-31",
    )
    assert (row["where"], row["waves"], row["looks"], row["owner"]) == (
        "touchpoint = Receive",
        "2025-H2",
        "2025-09-30",
        "Ms Last",
    )
    assert study.files[-1]["table"] == "targets"
    assert path.parent / "targets.toml" in inputs_of(path, load_spec(path)[0]).files
    assert study.record()["targets"] == {"declared": 1, "locked": 0, "head": BEGIN, "fault": ""}


def test_a_study_without_targets_has_none(tmp_path):
    study = cx.read_study(write(tmp_path))
    assert study.targets.empty
    assert "targets" not in study.record()


def test_a_moved_target_is_another_input_and_a_reworded_one_is_the_same_target(tmp_path):
    prints, hashes = set(), []
    for text in (GOOD, GOOD.replace("-0.55", "-0.60"), GOOD.replace("Ms Last", "Mr Last")):
        study = cx.read_study(write(tmp_path, text))
        prints.add(study.fingerprint)
        hashes.append(study.targets["spec_hash"].iloc[0])
    assert len(prints) == 3
    assert hashes[0] == hashes[2] != hashes[1]


def test_the_file_may_lie_elsewhere(tmp_path):
    path = write(tmp_path, None)
    path.write_text(path.read_text().replace('title = "Kiosk"', 'title = "Kiosk"\ntargets = "promises.toml"'))
    with pytest.raises(StudyError, match=r"there is none at 'promises\.toml'; drop the key, or write the file"):
        cx.read_study(path)
    (tmp_path / "promises.toml").write_text(GOOD)
    assert len(cx.read_study(path).targets) == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (GOOD.replace("value", "valeu"), "the target 'Gap' has no key 'valeu'; it has "),
        (GOOD.replace("value = -0.55\n", ""), "the target 'Gap' must have a value, such as value = -0.3"),
        (GOOD.replace("name", "nom"), "target 1 must have a name, such as name = "),
        (GOOD.replace('"customer"', '"custmer"'), "not 'custmer'. Did you mean 'customer'?"),
        (GOOD.replace("-0.55", '"low"'), "the target 'Gap', `value`, must be a valid number"),
        (GOOD.replace("-0.55", "nan"), "`value`, must be a finite number"),
        (GOOD.replace("2025-12-31", '"soon"'), "`cut_off`, must be a day such as 2026-06-30, without quotes, not 'soon'"),
        (GOOD + GOOD.replace('"Gap"', '"gap"'), "two targets are named 'gap', and a name is for good"),
        (GOOD.replace('"2025-H2"', '"2025-H3"'), "must have since = a wave of ['2025-H1', '2025-H2'] or a day"),
        (GOOD.replace("[2025-09-30]", "[2026-01-31]"), "must have looks in order, each once and before the cut-off"),
        (GOOD.replace('"Receive"', "7"), "must give 'touchpoint' as text, or a list of texts, in quotes, not 7"),
        (GOOD.replace("2025-06-30", "2026-06-30"), "must be set before its cut-off"),
        (GOOD + 'outcome = "recommend"\n', 'must have an outcome only where measure = "outcome"'),
        (GOOD.replace('"customer"', '"outcome"'), 'must name what is measured, such as outcome = "satisfaction"'),
        (GOOD.replace('"customer"', '"outcome"') + 'outcome = "joy"\n', "must have an outcome of [], not 'joy'"),
        (GOOD.replace('"customer"', '"late"').replace("-0.55", "5"), "must have a share from 0 to 1 for its value"),
        (GOOD.replace('"customer"', '"late"').replace("-0.55", "0.05"), "must have since = a day, because events have"),
        (GOOD + "options = { tolerance = [0, 1] }\n", "must not have the option 'tolerance' where measure = \"customer\""),
        (GOOD + "options = { scroe = 1 }\n", "not 'scroe'. Did you mean 'score'?"),
        (GOOD + "alpha = 0.5\n", "`alpha`, must be less than or equal to 0.2"),
        ("[target]\nname = 'x'\n", "must be a section [[target]], with two brackets"),
        ("[[targets]]\nname = 'x'\n", "nothing else, not 'targets'. Did you mean 'target'?"),
        ("[[target]\n", "targets.toml must be TOML, and is not"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_what_to_type(tmp_path, text, said):
    assert said in fault(tmp_path, text)


def test_every_problem_is_a_line_of_the_message(tmp_path):
    assert len(fault(tmp_path, GOOD.replace("value", "valeu")).splitlines()) == 2


# The lock


def line(number: int, prev: str, **changes) -> dict:
    spec = {"name": f"T{number}", "measure": "customer", "value": -0.5, "cut_off": "2025-12-31", "better": "high"}
    own = {
        "kind": "final", "name": f"T{number}", "spec": spec, "spec_hash": spec_hash(spec), "verdict": "met",
        "unit": "scale points",
        "level": 0.9, "look": 1, "cut_off": "2025-12-31", "until": "2025-12-31", "flags": [], "fingerprint": "f" * 64,
        "version": "0.1.0", "frozen_at": "2026-01-02T05:00:00Z", "n": 240.0, "estimate": -0.38, "std_error": 0.08, "low": -0.5,
        "high": -0.2,
    }  # fmt: skip
    return sealed(own | changes, prev)


@pytest.fixture(scope="module")
def chain():
    lines, head = [], BEGIN
    for number in range(1, 5):
        lines.append(line(number, head))
        head = lines[-1]["hash"]
    return lines


def text_of(lines) -> bytes:
    return b"".join(canonical(one).encode() + b"\n" for one in lines)


def test_a_whole_chain_is_read_and_comes_back_from_a_pickle(chain):
    lock = parse_lock(text_of(chain))
    assert (len(lock.entries), lock.problem, lock.head) == (4, "", chain[-1]["hash"])
    assert pickle.loads(pickle.dumps(lock)) == lock
    assert lock.of("t2", "final") == [chain[1]]
    assert parse_lock(b"") == ((), "", BEGIN)


def test_the_lock_as_it_was_before(chain):
    lock = parse_lock(text_of(chain), lines=2)
    assert (len(lock.entries), lock.head, lock.problem) == (2, chain[1]["hash"], "")


def test_whoever_touches_a_line_is_seen(chain):
    better = {**chain[2], "verdict": "met", "estimate": -0.1}
    resealed = sealed(
        {name: value for name, value in better.items() if name not in ("hash", "prev", "schema")}, chain[1]["hash"]
    )
    raw = text_of(chain)
    said = {
        parse_lock(text_of([*chain[:2], better, chain[3]])).problem: "line 3 was changed after it was written",
        parse_lock(text_of([*chain[:2], resealed, chain[3]])).problem: "line 4 does not follow line 3",
        parse_lock(text_of([*chain[:2], chain[3]])).problem: "line 3 does not follow line 2",
        parse_lock(text_of([chain[1], chain[0]])).problem: "line 1 does not follow the beginning: lines before it are gone",
        parse_lock(raw[:-40]).problem: "line 4 is cut short",
        parse_lock(raw + b"{}\n").problem: "line 5 is of 'None', and this cxgap reads 'cxgap.target/1'",
        parse_lock(raw + b"\xff\n").problem: "line 5 is not JSON",
        parse_lock(raw + b"[" * 100_000 + b"\n").problem: "line 5 is not JSON",
    }
    assert all(found == wanted for found, wanted in said.items())
    moved = {**chain[0], "spec": {**chain[0]["spec"], "value": -9}}
    assert parse_lock(text_of([moved])).problem == "line 1 has a target that is not the one it was sealed with"
    bare = json.dumps(sealed({"kind": "final"}, BEGIN)).encode() + b"\n"
    assert parse_lock(bare).problem == "line 1 lacks what a line must have"


def test_lines_cut_off_the_end_are_missed_by_who_saw_them(chain):
    """A chain alone cannot tell: the output folder knows how far it had come."""
    known = {"lines": 4, "head": chain[-1]["hash"]}
    assert parse_lock(text_of(chain), known=known).problem == ""
    cut = parse_lock(text_of(chain[:3]), known=known).problem
    assert cut == "it had 4 lines when a page was last published, and has 3"
    other = [*chain[:3], line(9, chain[2]["hash"])]
    assert parse_lock(text_of(other), known=known).problem == "its first 4 lines are not those that were published"
    assert parse_lock(b"", known=known).problem == "it had 4 lines when a page was last published, and has 0"


@pytest.mark.parametrize(
    "change",
    [
        {"level": None}, {"level": 2}, {"look": "x"}, {"until": "x"}, {"frozen_at": "x"}, {"verdict": "great"}, {"flags": 3},
        {"n": 10**400}, {"spec": {"name": "T1"}}, {"unit": 3},
    ],
)  # fmt: skip
def test_a_line_that_was_sealed_anew_with_what_no_line_has_is_refused_in_words(change):
    """Whoever seals a line of his own may write anything into it; nothing of it may be read as what it is not."""
    own = line(1, BEGIN, **change)
    own = {name: value for name, value in own.items() if name not in ("hash", "prev", "schema")}
    forged = sealed(own | {"spec_hash": spec_hash(own["spec"])}, BEGIN)
    assert parse_lock(text_of([forged])).problem == "line 1 lacks what a line must have"


def test_what_editors_and_merges_leave(chain):
    """Line ends of Windows and a byte order mark change nothing; what JSON does not have, and marks of a merge, are said."""
    raw = text_of(chain)
    for harmless in (raw.replace(b"\n", b"\r\n"), b"\xef\xbb\xbf" + raw):
        assert parse_lock(harmless).head == chain[-1]["hash"]
    assert parse_lock(raw.replace(b'"high":-0.2', b'"high":NaN', 1)).problem == "line 1 is not JSON"
    merged = b"<<<<<<< ours\n" + raw + b"=======\n" + raw + b">>>>>>> theirs\n"
    assert parse_lock(merged).problem == "line 1 is a mark that a merge left"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pipes in folders, and links only for some")
def test_a_lock_that_is_no_file_is_said_at_once_and_a_link_is_followed(chain, tmp_path):
    """Of a pipe one would wait for ever; a study that is reached by links has one lock, not one for each way."""
    os.mkfifo(tmp_path / LOCK)
    assert read_lock(tmp_path / LOCK).problem == "targets.lock.jsonl is no file"
    (tmp_path / LOCK).unlink()
    (tmp_path / LOCK).symlink_to(LOCK)
    assert read_lock(lock_path(tmp_path / "study.toml")).problem == "targets.lock.jsonl is no file"
    real, ways = tmp_path / "real", tmp_path / "ways"
    real.mkdir()
    ways.mkdir()
    (real / "study.toml").touch()
    (ways / "study.toml").symlink_to(real / "study.toml")
    assert lock_path(ways / "study.toml") == ways / LOCK  # a store of files by their content gets none
    (real / LOCK).write_bytes(text_of(chain))
    assert lock_path(ways / "study.toml") == real.resolve() / LOCK
    (ways / "study.toml").unlink()
    (ways / "study.toml").touch()
    (ways / LOCK).symlink_to(real / LOCK)
    assert lock_path(ways / "study.toml") == real.resolve() / LOCK
