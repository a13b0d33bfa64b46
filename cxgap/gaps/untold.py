"""What a table of events does not tell, so that a gap of it is not measured: why, and what to declare."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import narwhals.stable.v2 as nw
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally

TOUCHPOINT: Final = "touchpoint"
_METRICS: Final = "; add [metrics] to the study file"
_PROMISED: Final = ("promised", "promised_high", "promised_first", "promised_last")


def untold(events: IntoFrame, by: Sequence[str]) -> str:
    """Return why nothing can be measured of events, "" where something can.

    What only [metrics] can say of the events of a study: at which touchpoint they were, and what their numbers are. A
    column that somebody asks for by another name is misuse, and no reason.
    """
    tally.columns_of(events, "events")
    schema = nw.from_native(events).collect_schema()
    if TOUCHPOINT in by and TOUCHPOINT not in schema:
        return f"events do not say at which touchpoint they were{_METRICS}"
    if "delivered" in schema and schema["delivered"] == nw.String:
        return f"no metric is declared, so nothing says what the numbers of events are{_METRICS}"
    return ""


def undelivered(events: IntoFrame, by: Sequence[str]) -> str:
    """Return the same of what was delivered, as a number that a standard can be held against."""
    if why := untold(events, by):
        return why
    if "delivered" in nw.from_native(events).collect_schema():
        return ""
    return f"no metric is declared, so nothing says what was delivered{_METRICS}"


def unpromised(events: IntoFrame, by: Sequence[str], *, ledger: bool) -> str:
    """Return the same of promises; `ledger` says that a table of promises stands beside the events."""
    if why := untold(events, by):
        return why
    schema = nw.from_native(events).collect_schema()
    if not {"delivered", "delivered_at"} & set(schema):
        return f"no metric is declared, so nothing says what was delivered{_METRICS}"
    return "" if ledger or set(_PROMISED) & set(schema) else "events hold no promise, and there is no table of promises"
