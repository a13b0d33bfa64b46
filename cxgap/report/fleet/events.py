"""What happened, one line of JSON each, in `private/log.jsonl`: for machines, and for the one who asks what went on at five."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from cxgap.report.fleet.redact import redact
from cxgap.report.publish import private_folder
from cxgap.report.wording import paragraph

LOG: Final = "log.jsonl"
MOST_BYTES: Final = 4_000_000
KEPT: Final = 4  # older logs, log.1.jsonl being the newest of them


class Events:
    """The log of an output folder, for one who holds its lock; a line that cannot be written stops no run.

    Parameters
    ----------
    output : the folder of the reports
    fleet : an id that every line of this run carries
    """

    def __init__(self, output: Path, fleet: str) -> None:
        self._place = private_folder(output) / LOG
        self._fleet = fleet

    def note(self, event: str, **about: object) -> None:
        """Write one line; texts are made visible and lose their passwords."""
        told = {"time": now(), "event": event, "fleet": self._fleet} | {name: _told(value) for name, value in about.items()}
        line = json.dumps(told, allow_nan=False) + "\n"
        try:
            self._turn(len(line))
            descriptor = os.open(self._place, os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0), 0o600)
            with open(descriptor, "a", encoding="utf-8") as file:
                file.write(line)
        except OSError:  # a full disk is told by the job that it fails
            return

    def _turn(self, coming: int) -> None:
        """Begin a new log where this one would become too long."""
        try:
            if self._place.stat().st_size + coming <= MOST_BYTES:
                return
        except FileNotFoundError:
            return
        for number in range(KEPT, 0, -1):
            newer = self._place if number == 1 else _older(self._place, number - 1)
            if newer.exists():
                newer.replace(_older(self._place, number))


def now() -> str:
    """Return the time as every file of a run writes it."""
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _older(place: Path, number: int) -> Path:
    return place.with_name(f"{place.stem}.{number}{place.suffix}")


def _told(value: object) -> object:
    if isinstance(value, bool | int | float) or value is None:
        return value
    if isinstance(value, dict):
        return {str(name): _told(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_told(item) for item in value]
    return redact(paragraph(value))
