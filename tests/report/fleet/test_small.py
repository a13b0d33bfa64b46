"""The parts of a run: what it says, what it logs, and whom it tells."""

from __future__ import annotations

import io
import json
import signal
import sys

import pytest

from cxgap.errors import ArgumentError
from cxgap.report.fleet import board, events, hook
from cxgap.report.fleet.board import Board, Line
from cxgap.report.fleet.events import Events
from cxgap.report.fleet.inputs import Hashes
from cxgap.report.fleet.outcome import FleetResult, Outcome
from cxgap.report.fleet.redact import redact
from cxgap.report.fleet.signals import heeded
from cxgap.report.job import Job


@pytest.fixture
def failed(tmp_path):
    job = Job("North \x1b[2J", "north", tmp_path / "x.ipynb", {})
    text = "no \x1b[2Jcolumn\nat postgresql://me:pw@db"
    outcome = Outcome(job, "failed", text, text, "unfinished", "20260101T000000Z-00000000", 1, 2.0)
    return FleetResult((outcome, Outcome(job, "delivered", "fine")), tmp_path, 3.0)


@pytest.mark.parametrize(("text", "safe"), [
    ("postgresql://me:p/w@host/db?sslmode=require", "postgresql://me:p/w@host/db?sslmode=require"),
    ("at postgresql+psycopg://me:hunter2@host/db.", "at postgresql+psycopg://...@host/db."),
    ("password=hunter2&x=1; Token: 'a b'", "password=...&x=1; Token: ..."),
    ("api_key = abc, secret=\"x y\" z", "api_key = ..., secret=... z"),
    ("Authorization: Bearer abc.def", "Authorization: ..."),
    ("me@example.org wrote to http://example.org/a@b", "me@example.org wrote to http://example.org/a@b"),
    ("the tokens of 5 passwords", "the tokens of 5 passwords"),
])  # fmt: skip
def test_what_looks_like_a_secret_is_not_told(text, safe):
    assert redact(text) == safe


def test_the_folder_of_a_shell_is_no_password(monkeypatch):
    """PWD and OLDPWD are named like one."""
    for name in ("PWD", "OLDPWD"):
        monkeypatch.setenv(name, "/srv/reports")
    monkeypatch.setenv("DB_PWD", "hunter2")
    assert redact("/srv/reports/a.csv of hunter2") == "/srv/reports/a.csv of ..."


def test_no_text_can_forge_a_line_of_the_log_or_a_terminal_code(tmp_path):
    log = Events(tmp_path, "f")
    hostile = 'x\n{"event": "forged"}\r\x1b[2J\x9b31m\u202e\u2028\x7f'
    log.note("job_failed", message=hostile, parts=[hostile, {"deep": hostile}], run_id=hostile)
    raw = (tmp_path / "private/log.jsonl").read_bytes()
    assert raw.count(b"\n") == 1
    assert all(32 <= byte < 127 for byte in raw.rstrip(b"\n"))
    (line,) = raw.splitlines()
    assert json.loads(line)["event"] == "job_failed"


def test_the_log_turns_and_keeps_a_few(tmp_path, monkeypatch):
    monkeypatch.setattr(events, "MOST_BYTES", 300)
    log = Events(tmp_path, "f")
    for number in range(60):
        log.note("job_started", number=number)
    names = sorted(path.name for path in (tmp_path / "private").iterdir())
    assert names == ["log.1.jsonl", "log.2.jsonl", "log.3.jsonl", "log.4.jsonl", "log.jsonl"]
    assert all((tmp_path / "private" / name).stat().st_size <= 300 for name in names)
    assert json.loads((tmp_path / "private/log.jsonl").read_text().splitlines()[-1])["number"] == 59


def test_a_log_that_cannot_be_written_stops_nothing(tmp_path):
    (tmp_path / "private/log.jsonl").mkdir(parents=True)
    Events(tmp_path, "f").note("fleet_started")


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self):
        return True


def test_off_a_terminal_a_job_is_a_line_without_codes(failed):
    stream = io.StringIO()
    shown = Board(2, stream)
    shown.show([Line("north", "running", 1.0, "cell 2 of 9")])
    for outcome in failed.outcomes:
        shown.ended(outcome)
    shown.close()
    assert stream.getvalue().splitlines() == [
        "failed     north     2.0 s  no ␛[2Jcolumn at postgresql://...@db",
        "delivered  north     0.0 s  fine",
    ]


def test_on_a_terminal_the_table_is_drawn_over_itself_and_failures_stay(failed, monkeypatch):
    monkeypatch.setattr(board, "EVERY", 0.0)
    stream = Terminal()
    shown = Board(2, stream)
    shown.show([Line("north", "running", 1.0, "cell 2 of 9"), Line("south", "waits", 2.0, "for attempt 2")])
    assert "running    north     1.0 s  cell 2 of 9" in stream.getvalue()
    shown.ended(failed.outcomes[0])
    assert "\x1b[3F\x1b[J" in stream.getvalue()
    assert stream.getvalue().endswith("no ␛[2Jcolumn at postgresql://...@db\n")
    shown.ended(failed.outcomes[1])
    shown.close()
    assert stream.getvalue().endswith("fine\n")


def test_a_terminal_of_letters_alone_and_one_that_is_gone_stop_no_run(failed):
    plain = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    Board(1, plain).ended(failed.outcomes[0])
    gone = io.StringIO()
    gone.close()
    gone.isatty = lambda: False
    Board(1, gone).ended(failed.outcomes[0])


def test_the_summary_is_the_input_of_the_command_and_in_its_environment(failed, tmp_path):
    place = tmp_path / "told.json"
    code = (
        "import json, os, sys; text = sys.stdin.read(); "
        "json.dump([sys.argv[1:], text, open(os.environ['CXGAP_SUMMARY']).read()], open(sys.argv[1], 'w'))"
    )
    assert hook.tell([sys.executable, "-c", code, str(place), "$HOME; rm x"], failed) == ""
    words, text, file = json.loads(place.read_text())
    assert words == [str(place), "$HOME; rm x"]
    assert text == file
    summary = json.loads(text)
    assert (summary["failed"], summary["counts"]) == (["north"], {"delivered": 1, "failed": 1})
    assert "pw" not in text
    assert (tmp_path / "private/summary.json").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(("code", "said"), [
    ("import sys; sys.exit(3)", "ended with 3"),
    ("import time; time.sleep(60)", "took longer than 0.5 seconds and was ended"),
])  # fmt: skip
def test_a_command_that_fails_is_told_of(failed, code, said):
    assert said in hook.tell([sys.executable, "-S", "-c", code], failed, seconds=0.5)


def test_a_command_that_is_not_there_is_told_of(failed):
    assert "could not run '/nonexistent'" in hook.tell(["/nonexistent"], failed)


@pytest.mark.parametrize("command", ["", "  ", "mail 'me"])
def test_a_command_must_be_one(command):
    with pytest.raises(ArgumentError, match="--on-failure must be a command"):
        hook.words_of(command)


def test_signals_are_kept_until_they_can_be_heeded_and_then_given_back():
    before = signal.getsignal(signal.SIGTERM)
    with heeded() as stop:
        assert not stop
        signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGINT)
        assert (bool(stop), stop.name, stop.exit_code) == (True, "SIGTERM", 143)
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_file_is_hashed_again_only_when_it_was_touched(tmp_path, monkeypatch):
    path = tmp_path / "x"
    path.write_bytes(b"one")
    hashes = Hashes()
    first = hashes.of(path)
    assert first == (3, "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed")  # sha256sum
    path.write_bytes(b"two")
    assert hashes.of(path) != first


def test_what_is_no_regular_file_has_no_hash_and_hangs_nobody(tmp_path):
    import os

    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="regular file"):
        Hashes().of(tmp_path / "pipe")


def test_a_run_says_in_one_sentence_how_it_went(failed):
    assert str(failed) == "2 reports: 1 delivered and 1 failed, in 3.0 s."
    assert failed.exit_code == 1
    assert FleetResult(failed.outcomes[1:], failed.output, 1.0).exit_code == 0
    assert FleetResult(failed.outcomes[1:], failed.output, 1.0, stopped=143).exit_code == 143
