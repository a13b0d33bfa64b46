"""The small written tables: the codebook of the items, the journey's touchpoints, and the standards in force."""

from __future__ import annotations

import pandas as pd

from cxgap.simulate import company
from cxgap.vocabulary import DIMENSIONS

DEPARTMENTS = ("Sales", "Sales", "Digital", "Delivery", "Service", "Delivery", "Service")  # by touchpoint
OWNERS = (
    "Head of Products",
    "Head of Online Sales",
    "Head of Digital",
    "Head of Last Mile",
    "Head of Contact Centre",
    "Head of Returns",
    "Head of Claims",
)
STAGES = ("before", "before", "during", "during", "after", "after", "after")
MET_BY = (  # the channels by which a customer meets each touchpoint
    "App; Web; Phone; Shop",
    "App; Web; Shop",
    "App; Web; Phone",
    "Doorstep; Shop",
    "App; Web; Phone; Shop",
    "App; Web; Shop",
    "Web; Phone; Shop",
)

# Causes of lateness: who can do something about them, who owns them, and when that was last looked at.
CONTROL = {
    "carrier": ("controllable", "Head of Last Mile", "2026-01-15"),
    "weather": ("uncontrollable", "Head of Last Mile", "2026-01-15"),
    "address": ("shared", "Head of Online Sales", "2025-09-30"),
    "warehouse": ("controllable", "Head of Warehouses", "2026-01-15"),
    "customs": ("uncontrollable", "Head of Customs", "2025-09-30"),
    "unknown": ("unknown", None, None),
}
ASSISTED = {"App": ("no", 0.3), "Web": ("no", 0.4), "Phone": ("yes", 6.5), "Shop": ("yes", 4.8)}  # and the cost of a contact

# Wordings of our own; they follow the five dimensions but are not those of any published instrument.
LABELS = (
    "Vans, shops and screens look up to date",
    "Shops and lockers are clean and inviting",
    "Staff look the part",
    "Labels, letters and messages are easy on the eye",
    "Things are done when they said they would be",
    "A problem is taken up and seen through",
    "The job is right at the first attempt",
    "The parcel comes on the day that was named",
    "Tracking and bills are free of mistakes",
    "I am told what will happen and when",
    "Staff act without delay",
    "Staff are glad to help",
    "I get an answer without asking twice",
    "I trust the people who handle my parcel",
    "I feel safe paying and handing things over",
    "Staff are polite every time",
    "Staff know what they are talking about",
    "I am treated as a person, not as a number",
    "Opening and delivery hours fit my day",
    "Someone takes the time for my case",
    "They take my side when something goes wrong",
    "They understand what this parcel is for",
)
ITEMS = tuple(f"{number:02d}" for number in range(1, len(LABELS) + 1))

# touchpoint, metric, unit, direction, standard, basis, review
_STANDARDS = (
    (0, "quote shown", "minutes", "lower", "0.5", "physical", "2026-09-30"),
    (0, "level of service", "scale points", "higher", "5.7", "survey", "2026-09-30"),
    (1, "orders without error", "share", "higher", "0.985", "physical", "2026-06-30"),
    (1, "level of service", "scale points", "higher", "6", "survey", "2026-06-30"),
    (2, "tracking update", "minutes", "lower", "120", "physical", "2025-12-31"),
    (2, "level of service", "scale points", "higher", "5.7", "survey", "2025-12-31"),
    (3, "delivery time", "days", "lower", "3", "physical", "2025-06-30"),
    (3, "on-time share", "share", "higher", "0.95", "physical", "2025-06-30"),
    (3, "level of service", "scale points", "higher", "5.8", "survey", "2025-06-30"),
    (4, "first response", "minutes", "lower", "240", "physical", "2026-12-31"),
    (4, "resolved at first contact", "share", "higher", "0.8", "physical", None),
    (4, "level of service", "scale points", "higher", "5.6", "survey", "2026-12-31"),
    (5, "refund time", "days", "lower", "7", "physical", "2026-08-31"),
    (5, "level of service", "scale points", "higher", "5.4", "survey", None),
    (6, None, None, None, None, None, None),
)


def items_table() -> pd.DataFrame:
    """The codebook: one row an item."""
    return pd.DataFrame(
        {
            "item": ITEMS,
            "dimension": [DIMENSIONS[place] for place in company.ITEM_DIMENSION],
            "label": LABELS,
            "retained": "true",
            "reversed": "false",
        }
    )


def touchpoints_table() -> pd.DataFrame:
    """The touchpoints in journey order."""
    named = {"touchpoint": company.TOUCHPOINTS, "stage": STAGES, "owner": OWNERS, "department": DEPARTMENTS}
    return pd.DataFrame({**named, "channels": MET_BY})


def causes_table() -> pd.DataFrame:
    """The causes that orders name, and whether the company can do something about them."""
    return pd.DataFrame([(cause, *told) for cause, told in CONTROL.items()], columns=["cause", "control", "owner", "reviewed"])


def channels_table() -> pd.DataFrame:
    """The channels by which customers ask for help: whether somebody answers in person, and the cost of a contact."""
    return pd.DataFrame([(channel, *told) for channel, told in ASSISTED.items()], columns=["channel", "assisted", "cost"])


def standards_table() -> pd.DataFrame:
    """The standards in force: one row a touchpoint and metric; `exists` = no where there is none, as at Claim damage.

    `standard` is in `unit`; `direction` says which side of it is better for the customer; some reviews are overdue, some
    have no date.
    """
    columns = ("touchpoint", "metric", "unit", "direction", "standard", "basis", "review")
    frame = pd.DataFrame(_STANDARDS, columns=columns)
    place = frame["touchpoint"]
    return pd.DataFrame(
        {
            "touchpoint": place.map(dict(enumerate(company.TOUCHPOINTS))),
            "exists": frame["metric"].notna().map({True: "yes", False: "no"}),
            **frame[["metric", "unit", "direction"]],
            "standard": pd.to_numeric(frame["standard"]),
            "basis": frame["basis"],
            "owner": place.map(dict(enumerate(OWNERS))),
            "review": frame["review"],
        }
    )
