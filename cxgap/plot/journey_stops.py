"""A touchpoint of the journey map as a picture needs it: its numbers, and what it says where there is none."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from cxgap.plot.lettering import safe
from cxgap.plot.theme import BLUE, MUTED, VERMILION
from cxgap.result import Table
from cxgap.vocabulary import NOT_SHOWN, plain, signed

_NUMBERS = {
    "gap": "estimate", "low": "conf_low", "high": "conf_high", "margin": "margin", "share": "share", "ease": "ease",
    "ease_low": "ease_low", "ease_high": "ease_high", "emotion": "emotion", "emotion_low": "emotion_low",
    "emotion_high": "emotion_high", "contacts": "contact_rate", "counted": "contacts", "change": "change",
}  # fmt: skip
_TURNS = {"gets worse": VERMILION, "gets better": BLUE}


class Stop(NamedTuple):
    """A touchpoint; numbers are NaN where there is none."""

    name: str
    stage: str
    department: str
    verdict: str
    gap: float
    low: float
    high: float
    margin: float
    share: float
    ease: float
    ease_low: float
    ease_high: float
    emotion: float
    emotion_low: float
    emotion_high: float
    contacts: float
    counted: float
    change: float
    contacts_hidden: bool
    handover: bool
    finding: str
    asked: tuple[str, ...]

    @property
    def clear(self) -> bool:
        """Whether the gap surely changes on the way to the next touchpoint."""
        return self.finding in _TURNS

    @property
    def change_text(self) -> str:
        """How the gap changes on the way to the next touchpoint."""
        if np.isnan(self.change):
            return self.finding
        return f"{self.finding} {signed(self.change, 2)}" if self.clear else self.finding

    @property
    def change_color(self) -> str:
        """The colour of that change."""
        return _TURNS.get(self.finding, MUTED)

    def why(self, lane: str) -> str:
        """Say why a lane that is known elsewhere has no mark here; "" where it has one."""
        if lane == "gap":
            return "" if np.isfinite(self.gap) else self.verdict
        if lane == "contacts":
            hidden = NOT_SHOWN if self.contacts_hidden else "none recorded"
            return "" if np.isfinite(self.contacts) else hidden
        value = self.share if lane == "used by" else getattr(self, lane)
        return "" if np.isfinite(value) else NOT_SHOWN

    @property
    def facts(self) -> list[str]:
        """What is known beside the gap, in words."""
        found = [f"used by {plain(self.share * 100, 0)} %"] if np.isfinite(self.share) else []
        found += [f"{name} {plain(getattr(self, name), 1)}" for name in ("ease", "emotion") if np.isfinite(getattr(self, name))]
        return found + ([f"contacts {self.contacts:,.1f}"] if np.isfinite(self.contacts) else [])

    @property
    def said(self) -> str:
        """The touchpoint in words, for who cannot see the picture."""
        gap = self.verdict
        if np.isfinite(self.gap):
            span = f" ({signed(self.low, 2)} to {signed(self.high, 2)})" if np.isfinite(self.low) else ""
            gap = f"gap {signed(self.gap, 2)}{span}, {self.verdict}"
        return ", ".join([f"{self.name}: {gap}", *self.facts])

    @property
    def hover(self) -> str:
        """The same, safe, line by line."""
        return "<br>".join(safe(part) for part in self.said.replace(": ", ", ", 1).split(", "))


def stops_of(table: Table) -> list[Stop]:
    """Return the touchpoints of what `journey` returned, in its order."""
    asked = tuple(name for name in ("ease", "emotion") if table.frame[f"{name}_least"].notna().any())
    return [_stop(row, asked) for row in table.frame.to_dict("records")]


def _stop(row: dict[str, Any], asked: tuple[str, ...]) -> Stop:
    told: dict[str, Any] = {name: float(row[column]) for name, column in _NUMBERS.items()}
    told |= {name: str(row[name] or "") for name in ("stage", "department", "verdict")}
    told |= {"name": str(row["touchpoint"]), "finding": str(row["change_finding"] or ""), "asked": asked}
    return Stop(**told, contacts_hidden=bool(row["contacts_hidden"]), handover=bool(row["handover"]))
