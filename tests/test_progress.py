"""Long loops say how far they are to those who wait at a terminal, and to nobody else."""

from __future__ import annotations

import io
import re
import threading

import pytest

import cxgap as cx
from cxgap import progress
from cxgap.progress import PATIENCE, Steps, each


class Terminal(io.StringIO):
    def __init__(self, live=True):
        super().__init__()
        self.live = live

    def isatty(self):
        return self.live

    @property
    def seen(self):
        """What stands on the line in the end, and all that stood there before."""
        return [part.rstrip() for part in self.getvalue().split("\r") if part.strip()]


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


def run(terminal, seconds, total=4, what="reading the study: files"):
    clock = Clock()
    with Steps(what, total, stream=terminal, clock=clock) as steps:
        for number in range(total):
            steps.at(f"table {number}")
            clock.now += seconds
            steps.done()
    return terminal


def test_nothing_is_said_before_somebody_wonders():
    assert run(Terminal(), PATIENCE / 5).getvalue() == ""


def test_what_how_many_of_how_many_and_how_long_is_said():
    terminal = run(Terminal(), 1.5)
    assert terminal.seen[0] == "reading the study: files, 2 of 4, 3 s"
    assert "reading the study: files, 2 of 4, table 2, 3 s" not in terminal.seen  # as soon after the line before it
    assert terminal.seen[-1] == "reading the study: files, 4 of 4, 6 s"
    assert terminal.getvalue().endswith("\r")
    assert not terminal.getvalue().rpartition("\r")[0].rpartition("\r")[2].strip()  # the line is empty again


def test_a_line_is_drawn_at_most_so_often():
    clock, terminal = Clock(), Terminal()
    with Steps("x", 10_000, stream=terminal, clock=clock) as steps:
        for _ in range(10_000):
            clock.now += 0.001
            steps.done()
    assert 0 < len(terminal.seen) <= (10 - PATIENCE) / progress.EVERY + 1


def test_minutes_and_steps_that_nobody_counted():
    clock, terminal = Clock(), Terminal()
    with Steps("waiting", stream=terminal, clock=clock) as steps:
        clock.now += 125
        steps.done(1_234)
    assert terminal.seen == ["waiting, 1,234, 2 min 5 s"]


def test_off_a_terminal_and_in_a_kernel_nothing_is_written():
    from ipykernel.iostream import OutStream

    assert run(Terminal(live=False), 10).getvalue() == ""
    assert OutStream.isatty(type("Stream", (), {"_isatty": False})()) is False  # what stderr of a kernel says of itself


def test_the_outermost_loop_speaks_and_the_next_one_may_again():
    terminal, clock = Terminal(), Clock()
    with Steps("outer", 2, stream=terminal, clock=clock) as steps:
        run(terminal, 10, what="inner")
        assert terminal.getvalue() == ""
        clock.now += 10
        steps.done()
    assert terminal.seen == ["outer, 1 of 2, 10 s"]
    assert run(terminal, 10, what="next").seen[-1].startswith("next, 4 of 4")


def test_a_failure_leaves_the_line_free():
    terminal, clock = Terminal(), Clock()

    def fail():
        with Steps("x", stream=terminal, clock=clock) as steps:
            clock.now += 10
            steps.done()
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        fail()
    assert terminal.seen == ["x, 1, 10 s"]
    assert terminal.getvalue().endswith("\r")
    assert run(Terminal(), 10).seen


def test_other_threads_and_a_reader_who_went_away_change_nothing():
    terminal = Terminal()
    thread = threading.Thread(target=run, args=(terminal, 10))
    thread.start()
    thread.join()
    assert terminal.getvalue() == ""
    clock, closed = Clock(), Terminal()
    with Steps("x", stream=closed, clock=clock) as steps:
        closed.close()
        clock.now += 10
        steps.done()
        steps.done()
    assert run(Terminal(), 10).seen


def test_each_item_is_yielded_once_and_in_order():
    assert list(each("abc", "letters")) == ["a", "b", "c"]


def test_letters_that_move_the_cursor_are_made_visible():
    clock, terminal = Clock(), Terminal()
    with Steps("x", stream=terminal, clock=clock) as steps:
        clock.now += 10
        steps.at("a\x1b[2Jb")
    assert "\x1b" not in terminal.getvalue()


def test_reading_a_study_and_drawing_samples_say_how_far_they_are(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr(progress.sys, "stderr", terminal)
    monkeypatch.setattr(progress, "PATIENCE", 0.0)
    monkeypatch.setattr(progress, "EVERY", 0.0)
    study = cx.read_study("sample", where={"region": "0012"})
    assert any(re.fullmatch(r"reading the study: files, 1 of \d+, \w+, \d s", line) for line in terminal.seen)
    cx.customer_gap(study.responses, by="touchpoint", ci="percentile", replicates=200, **study.design)
    assert any(re.search(r"samples drawn again, 200 of 200", line) for line in terminal.seen)
