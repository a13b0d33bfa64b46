"""The machine's clock and zone, and the study's: "last month" is not the same in both."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cxgap.doctor.finding import Finding, fault, note, ok

STATUS = "status.json"
_ALLOWED = 120.0  # seconds by which a file server's clock may differ


def look_at_clock(output: Path) -> Iterator[Finding]:
    """Look at the zones there are, the one this process is in, and whether time went backwards."""
    try:
        ZoneInfo("Europe/Berlin")
        yield ok("time zones", "known")
    except (ZoneInfoNotFoundError, OSError):
        yield fault("time zones", "are not on this machine, and studies name one: pip install tzdata")
    yield _zone()
    yield _order(output)


def _zone() -> Finding:
    asked = os.environ.get("TZ")
    now = f"{datetime.now():%Y-%m-%d %H:%M}"
    if asked and not _known(asked):
        return note(
            "clock", f"TZ={asked} is no zone, and the system takes UTC without a word: unset it, or set TZ=Europe/Berlin"
        )
    offset = time.strftime("%z")
    return ok("clock", f"{now} here (UTC{offset[:3]}:{offset[3:]}); a study's dates are in the study's own zone")


def _known(zone: str) -> bool:
    name = zone.removeprefix(":")
    try:
        ZoneInfo(name)
    except (ValueError, ZoneInfoNotFoundError, OSError):
        # POSIX's own form, such as CET-1CEST, is right too; a name that it cannot be is taken for UTC.
        return any(sign.isdigit() for sign in name) or (name.startswith("/") and Path(name).is_file())
    return True


def _order(output: Path) -> Finding:
    """A clock that was set back makes the newest run look older than the one before."""
    try:
        written = (output / STATUS).stat().st_mtime
    except OSError:
        return ok("order of runs", "nothing was brought out here yet")
    last = f"{datetime.fromtimestamp(written, UTC):%Y-%m-%dT%H:%M:%SZ}"
    if written > time.time() + _ALLOWED:
        return note(
            "order of runs", f"the last run ended at {last}, which is still to come: set the clock right before the next"
        )
    return ok("order of runs", f"the last run ended at {last}")


def compare_zones(zone: str) -> Finding:
    """Say what the study's zone means for a schedule on this machine."""
    there = datetime.now(ZoneInfo(zone))
    here = datetime.now().astimezone()
    if there.utcoffset() == here.utcoffset():
        return ok("study's zone", f"{zone}, now {there:%Y-%m-%d %H:%M}, as on this machine")
    return note(
        "study's zone",
        f"{zone}, now {there:%Y-%m-%d %H:%M}, and here it is {here:%Y-%m-%d %H:%M}: name periods in the plan, as month = "
        f'"last_month", which is told in the study\'s zone, or take the day from: TZ={zone} date +%F',
    )
