"""What one look found: well, worth a word, or in the way of every report."""

from __future__ import annotations

from typing import Literal, NamedTuple

from cxgap.markup import visible


class Finding(NamedTuple):
    """One line of the doctor's: its `state`, what it is `about`, and in `text` what is and what to type."""

    state: Literal["ok", "note", "fault"]
    about: str
    text: str

    def __str__(self) -> str:
        return f"{self.state:<6} {self.about:<16} {visible(self.text)}"


def ok(about: str, text: str) -> Finding:
    """Say that it is as it must be."""
    return Finding("ok", about, text)


def note(about: str, text: str) -> Finding:
    """Say what may surprise, though reports can be made."""
    return Finding("note", about, text)


def fault(about: str, text: str) -> Finding:
    """Say why reports cannot be made."""
    return Finding("fault", about, text)
