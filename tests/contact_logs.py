"""Contacts small enough to count by hand, and drawn ones of any size."""

from __future__ import annotations

import numpy as np
import pandas as pd

START = pd.Timestamp("2025-01-01T00:00:00Z")
DAY = pd.Timedelta(days=1)
END = "2025-03-31"

# id, customer, event, day, channel, team, reason, minutes, resolved, abandoned
_ROWS = [
    ("K01", "A", "E1", 0.0, "App", "x", "late", 5.0, False, False),
    ("K02", "A", "E1", 1.0, "Phone", "y", "late", 7.0, True, True),
    ("K03", "A", "E1", 9.0, "App", "x", "late", 2.0, True, False),  # eight days later: another issue
    ("K04", "B", "E2", 2.0, "Phone", "y", "late", 4.0, True, False),
    ("K05", "B", "E3", 3.0, "Web", "x", "late", 3.0, False, False),
    ("K06", "B", "E4", 4.0, "Web", "x", "late", 6.0, True, False),  # two issues of one customer, interleaved
    ("K07", "B", "E3", 5.0, "Phone", "x", "late", 9.0, True, False),
    ("K08", "B", "E4", 6.0, "Web", "x", "late", 1.0, True, False),
    ("K09", "C", None, 0.0, "App", "x", "invoice", 2.0, False, False),
    ("K10", "C", None, 7.0, "App", "x", "invoice", 3.0, True, False),  # exactly seven days: the same
]
_NAMES = ["contact_id", "customer_id", "event_id", "at", "channel", "team", "reason", "minutes", "resolved", "abandoned"]

CHANNELS = pd.DataFrame({"channel": ["App", "Web", "Phone"], "assisted": [False, False, True], "cost": [0.5, 0.5, 6.0]})
CUSTOMERS = pd.DataFrame({"customer_id": list("ABCD"), "segment": ["Private", "Private", "Firm", "Firm"]})
EVENTS = pd.DataFrame({"event_id": ["E1", "E2", "E3", "E4", "E5"], "customer_id": ["A", "B", "B", "B", "D"]})


def contact_log() -> pd.DataFrame:
    """Ten contacts of three customers about six issues."""
    frame = pd.DataFrame(_ROWS, columns=_NAMES)
    return frame.assign(at=(START + pd.to_timedelta(frame["at"], unit="D")).dt.as_unit("us"))


def drawn_log(seed: int, customers: int = 60, *, days: float = 60.0) -> pd.DataFrame:
    """Contacts of customers who come again half of the time, within four days, by whatever channel."""
    random = np.random.default_rng(seed)
    rows: list[tuple[object, ...]] = []
    for customer in range(customers):
        for issue in range(random.integers(1, 4)):
            at = random.random() * days
            while at < days:
                waits, answer = random.exponential(8), random.exponential(5)
                channel = str(random.choice(["App", "Web", "Phone"]))
                told = (channel, "xy"[random.integers(2)], random.random() < 0.6, round(min(waits, answer), 1), waits < answer)
                rows.append((f"C{customer}", f"E{customer}-{issue}", at, *told))
                if random.random() < 0.5:
                    break
                at += 4 * random.random()
    names = ["customer_id", "event_id", "at", "channel", "team", "resolved", "waited", "abandoned"]
    frame = pd.DataFrame(rows, columns=names)
    at = START + pd.to_timedelta((frame["at"] * 86_400).round(), unit="s")
    frame = frame.assign(at=pd.Series(at).dt.as_unit("us"), contact_id=[f"K{row:05}" for row in range(len(frame))])
    return frame.assign(touchpoint=np.where(frame["customer_id"].str[-1] < "5", "Pay", "Receive"))
