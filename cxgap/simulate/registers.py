"""The written registers: what is promised where, the knowledge base, what is in stock, and what was done."""

from __future__ import annotations

from typing import Final

import pandas as pd

from cxgap.simulate import company
from cxgap.simulate.documents import OWNERS

# message, touchpoint, channel, metric, level, unit, reliability, wording, from, to, reviewed, owner, exposed, region, product.
# The advertisement says less than the checkout page; nobody looked at M06 for two years; M07 is over; M05 is hard to read;
# nothing is said about Claim damage.
_MESSAGES = (
    ("M01", 3, "checkout page", "delivery time", 5, "days", None, "Standard: with you in 5 days.",
     "2025-01-01", None, "2026-01-20", OWNERS[1], 900, None, "Standard"),
    ("M02", 3, "advertisement", "delivery time", 3, "days", None, "Standard parcels: three days, door to door.",
     "2025-06-01", None, "2025-11-05", "Head of Brand", 2500, None, "Standard"),
    ("M03", 3, "checkout page", "delivery time", 2, "days", 0.95, "Express: 95 of 100 parcels come within 2 days.",
     "2025-01-01", None, "2026-01-20", OWNERS[1], 400, None, "Express"),
    ("M04", 3, "App", "delivery time", 2, "days", None, "Express is there in 2 days.",
     "2025-01-01", None, "2025-10-10", OWNERS[2], 650, None, "Express"),
    ("M05", 3, "terms and conditions", "delivery time", 5, "days", None,
     "Notwithstanding any indication to the contrary, the consignment shall, subject to operational availability, be tendered "
     "at the designated premises no later than the expiration of the fifth day subsequent to acceptance thereof.",
     "2025-01-01", None, "2025-09-01", "Head of Legal", 30, None, "Standard"),
    ("M06", 3, "order e-mail", "delivery time", 4, "days", None, "Your Standard parcel usually arrives in 4 days.",
     "2023-05-01", None, "2024-02-14", OWNERS[3], 820, None, "Standard"),
    ("M07", 3, "Shop", "delivery time", 1, "days", None, "Christmas Express: here tomorrow!",
     "2025-11-15", "2025-12-20", "2025-11-10", None, 300, None, "Express"),
    ("M08", 3, "checkout page", "delivery time", 7, "days", 0.9, "To the mountains Standard takes up to 7 days.",
     "2025-01-01", None, "2026-01-20", OWNERS[1], 60, "NA", "Standard"),
    ("M09", 0, "Web", "quote shown", 0.5, "minutes", None, "Your price in half a minute.",
     "2025-01-01", None, "2025-12-01", OWNERS[0], 1400, None, None),
    ("M10", 1, "checkout page", None, None, None, None, "Pay safely with any card.",
     "2025-01-01", None, "2026-01-20", OWNERS[1], 1300, None, None),
    ("M11", 2, "App", "tracking update", 60, "minutes", None, "See where your parcel is, fresh every hour.",
     "2025-04-01", None, "2025-12-01", OWNERS[2], 1100, None, None),
    ("M12", 4, "Web", "first response", 240, "minutes", 0.9, "We answer within 4 hours.",
     "2025-01-01", None, "2025-10-15", OWNERS[4], 200, None, None),
    ("M13", 5, "return label", "refund time", 7, "days", None, "Your money is back within 7 days.",
     "2025-01-01", None, "2025-08-31", OWNERS[5], 90, None, None),
)  # fmt: skip
_MESSAGE_COLUMNS = (
    "message_id", "touchpoint", "channel", "metric", "level", "unit", "reliability", "wording", "valid_from", "valid_to",
    "reviewed", "owner", "exposed", "region", "product",
)  # fmt: skip

# article, reason, touchpoint, reviewed, owner; damaged parcels have none, that on invoices is old
_ARTICLES = (
    ("B01", "where is my parcel", 2, "2026-01-12", OWNERS[2]),
    ("B02", "where is my parcel", 2, "2025-07-03", OWNERS[2]),
    ("B03", "late parcel", 3, "2025-11-20", OWNERS[3]),
    ("B04", "change of address", 1, "2025-10-02", OWNERS[1]),
    ("B05", "invoice", 1, "2023-03-15", OWNERS[1]),
    ("B06", "other", 4, "2025-12-08", OWNERS[4]),
)

# product, available, replaces, region
_INVENTORY = (
    ("Standard", 900, None, None),
    ("Express", 60, "Standard", "007"),
    ("Express", 25, "Standard", "0012"),
    ("Express", 0, "Standard", "0034"),
    ("Express", 8, "Standard", "NA"),
    ("Locker", 40, "Standard; Express", None),
)

# action, what, touchpoint, link, owner, said, raised, decided, due, done, cost, target, treated, basis, kind
_ACTIONS = (
    ("A01", "More people who settle cases", 4, "delivery", OWNERS[4], "It took days until my case was settled.",
     "2025-06-20", "2025-08-15", "2025-10-01", "2025-10-01", 42000, None, "region = 007; 0012", "operations", "people"),
    ("A02", "Name the day at checkout that we keep", 3, "communication", OWNERS[1], "It was promised for another day.",
     "2025-07-15", "2025-11-03", "2026-03-01", None, 8000, "Parcels arrive as expected", None, "survey", "promise"),
    ("A03", "Two more vans for the mountains", 3, "delivery", OWNERS[3], "In winter nothing comes on its day.",
     "2025-08-10", "2025-09-22", "2025-12-01", "2026-01-12", 65000, None, "region = NA", "operations", "process"),
    ("A04", "Send a message before a parcel is late", 2, "communication", OWNERS[2], "I had to ask where it was.",
     "2025-09-05", "2025-12-10", "2026-02-28", None, 30000, None, None, "survey", "technology"),
    ("A05", "New uniforms for drivers", 3, "customer", "Head of Brand", None,
     "2025-05-12", "2025-05-20", "2025-09-30", "2025-09-12", 55000, None, None, "opinion", "people"),
    ("A06", "Ask managers once a year what customers expect", 3, "knowledge", "Head of Research",
     "Nobody asks us what matters.", "2025-10-18", "2026-01-15", "2026-06-30", None, 4000, None, None, "survey", "process"),
    ("A07", "A standard for claims", 6, "standards", OWNERS[6], "For weeks nobody told me what happens with my claim.",
     "2025-06-01", "2026-02-02", "2026-03-15", None, 2500, None, None, "survey", "process"),
    ("A08", "Call customers whose parcel was late", 3, "delivery", OWNERS[4], "Nobody said sorry.",
     "2025-07-30", "2025-08-25", "2025-09-15", "2025-09-15", 9000, None, None, "survey", "people"),
)  # fmt: skip
_ACTION_COLUMNS = (
    "action_id", "action", "touchpoint", "link", "owner", "said", "raised_at", "decided_at", "due_at", "done_at", "cost",
    "target", "treated", "basis", "kind",
)  # fmt: skip
NOT_PROMISED: Final = "Claim damage"


def messages_table() -> pd.DataFrame:
    """What customers are promised, by where it is said; a blank region or product is all of them."""
    return _named(_MESSAGES, _MESSAGE_COLUMNS)


def articles_table() -> pd.DataFrame:
    """The knowledge base: one row an article, by the reason for contact that it answers."""
    return _named(_ARTICLES, ("article_id", "reason", "touchpoint", "reviewed", "owner"))


def inventory_table() -> pd.DataFrame:
    """What is in stock on the last day, and what it may stand in for."""
    frame = pd.DataFrame(_INVENTORY, columns=["product", "available", "replaces", "region"])
    return frame.assign(at=str(company.LAST_DAY))


def actions_table() -> pd.DataFrame:
    """What was done, or is to be; A01 is the change of settled.py, A08 the campaigns of campaigns.py."""
    return _named(_ACTIONS, _ACTION_COLUMNS)


def _named(rows: tuple[tuple, ...], columns: tuple[str, ...]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=list(columns))
    return frame.assign(touchpoint=frame["touchpoint"].map(dict(enumerate(company.TOUCHPOINTS))))
