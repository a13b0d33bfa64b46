"""What each gap calls being short, met and exceeded, for the headline and the lead."""

from __future__ import annotations

from typing import Final, NamedTuple

from cxgap.result import GapTable
from cxgap.vocabulary import CANNOT_TELL, EXCEEDED, FINDINGS, MET, SHORT, counted


class Phrases(NamedTuple):
    """Templates of one gap; `{0}` is the name of a row, `{1}` that of another or how many others there are."""

    one: str
    worst: str
    several: str
    none: str
    above_one: str
    above_many: str
    all_met: str
    few: str
    subject: str
    short: str
    met: str
    more: str


_CUSTOMER: Final = Phrases(
    one="{0} falls short of what customers expect",
    worst="{0} falls furthest short of what customers expect",
    several="{0} and {1} fall short of what customers expect",
    none="No {0} is shown to fall short",
    above_one="{0} exceeds what customers expect",
    above_many="{0} exceed what customers expect",
    all_met="Customers got what they expected at {0}",
    few="Too few customers answered to show a result",
    subject="Customers got ",
    short="less than they expected at {0}",
    met="what they expected at {0}",
    more="more at {0}",
)

# How the lead goes on after "... at 2 of 7 touchpoints": met, exceeded.
_GOES_ON: Final = {
    "knowledge": ("as much at {0}", "more at {0}"),
    "standards": ("for as much at {0}", "for more at {0}"),
    "delivery": ("is at the standard at {0}", "is better at {0}"),
    "communication": ("is what was promised at {0}", "is better at {0}"),
    "company": ("as they do at {0}", "lower at {0}"),
    "index": ("close to it at {0}", "above it at {0}"),
}

# What staff rate, where they are asked directly.
RATED: Final = {
    "standards": "how far standards are set",
    "delivery": "how far standards are met",
    "communication": "how far promises are kept",
}


def clauses_of(gaps: GapTable) -> dict[str, str]:
    """Return what each verdict says of the gap, as a clause."""
    if gaps.basis != "index":
        return FINDINGS[gaps.gap]
    rated = RATED.get(gaps.gap, "how well it is done")
    return {
        SHORT: f"staff rate {rated} below the best answer",
        MET: f"staff rate {rated} close to the best answer",
        EXCEEDED: f"staff rate {rated} above the best answer",
        CANNOT_TELL: f"we cannot tell whether staff rate {rated} below the best answer",
    }


def phrases_of(gaps: GapTable) -> Phrases:
    """Return the templates of a table's gap."""
    if gaps.gap == "customer":
        return _CUSTOMER
    clauses = clauses_of(gaps)
    met, more = _GOES_ON["index" if gaps.basis == "index" else gaps.gap]
    short = f"{clauses[SHORT][0].upper()}{clauses[SHORT][1:]}"
    return Phrases(
        one=f"{short} at {{0}}",
        worst=f"{short}, most of all at {{0}}",
        several=f"{short} at {{0}} and {{1}}",
        none=f"At no {{0}} is it shown that {clauses[SHORT]}",
        above_one=f"{clauses[EXCEEDED]} at {{0}}",
        above_many=f"{clauses[EXCEEDED]} at {{0}}",
        all_met=f"{clauses[MET][0].upper()}{clauses[MET][1:]} at {{0}}",
        few=f"Too few {counted(2, gaps.counts).split()[1]} to show a result",
        subject="",
        short=f"{short} at {{0}}",
        met=met,
        more=more,
    )
