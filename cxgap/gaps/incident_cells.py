"""The rows of the table of incidents: its names, and the columns of one."""

from __future__ import annotations

from cxgap.gaps.happened import NAMES

SLUG, TITLE = "incidents", "Who was hit, and who said so"

ANY = "any of these"

PARTS = ("vocal", "recovery", "silent", "recent")

OWN = (
    "event_type", "n", "events", *PARTS, "watched", "complaint_rate", "conf_low", "conf_high",
    "multiplier", "multiplier_low", "multiplier_high", "value_silent", "vip_silent", "flags",
)  # fmt: skip


def name_of(kind: str) -> str:
    """Write a type of event as a reader knows it."""
    return NAMES.get(kind, kind)
