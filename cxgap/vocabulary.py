"""The field's words, defined once: nodes, gaps, dimensions, verdicts, flags."""

from __future__ import annotations

from typing import Final, NamedTuple


class Gap(NamedTuple):
    """One gap of the model: `end` minus `start`, turned so that negative is a shortfall for the customer."""

    number: str
    title: str
    start: str
    end: str


GAPS: Final = {
    "knowledge": Gap("1", "Knowledge gap", "expected", "believed"),
    "standards": Gap("2", "Standards gap", "believed", "standard"),
    "delivery": Gap("3", "Delivery gap", "standard", "delivered"),
    "communication": Gap("4", "Communication gap", "promised", "delivered"),
    "customer": Gap("5", "Customer gap", "expected", "perceived"),
    "company": Gap("0", "Company gap", "company's own rating", "customers' rating"),
}

# Parasuraman, Zeithaml & Berry (1988), Journal of Retailing 64(1), 12-40, in the authors' order.
DIMENSIONS: Final = ("tangibles", "reliability", "responsiveness", "assurance", "empathy")

# What the respondents were asked to expect; there is no default, because the kinds differ in level and in meaning.
EXPECTATION_TYPES: Final = {
    "desired": "what an excellent company will offer (Parasuraman, Zeithaml & Berry 1991)",
    "should": "what a company should offer (Parasuraman, Zeithaml & Berry 1988)",
    "adequate": "the least that is acceptable (Zeithaml, Berry & Parasuraman 1993)",
    "predicted": "what the company will offer (Boulding et al. 1993)",
    "ideal_point": "the ideal amount, of which more can be too much (Teas 1993)",
    "promised": "what was promised",
}

SHORT, MET, EXCEEDED, CANNOT_TELL, NOT_SHOWN = "short", "met", "exceeded", "cannot tell", "not shown"

# A verdict has a shape as well as a word and a colour, so that it survives grey paper and every kind of eye.
VERDICT_MARKS: Final = {SHORT: "▼", MET: "●", EXCEEDED: "▲", CANNOT_TELL: "○", NOT_SHOWN: "–"}

FLAGS: Final = {
    "EMPTY": "no complete pair of answers",
    "LONELY_PSU": "a stratum has a single sampling unit, which was centred at the overall mean",
    "LOW_DF": "fewer than 8 degrees of freedom",
    "N1": "a single respondent, so no interval",
    "PARTIAL": "some respondents are scored without all dimensions",
    "RENORM": "some importance points did not sum to 100 and were rescaled",
    "SUPPRESSED_PRIVACY": "fewer respondents than the minimum",
    "SUPPRESSED_SECONDARY": "hidden to protect another cell",
    "UNSTABLE": "effective sample below 30",
    "ZERO_VAR": "every respondent has the same gap",
}

# The flags that a reader of a short table must see; the full statistics name them all.
NOTES: Final = {
    "EMPTY": "no answers",
    "LOW_DF": "few sampling units",
    "N1": "one respondent",
    "SUPPRESSED_PRIVACY": "too few",
    "SUPPRESSED_SECONDARY": "hidden to protect another cell",
    "UNSTABLE": "small sample",
    "ZERO_VAR": "all alike",
}

# Where nobody sets a margin, a rating's is a twentieth of its scale's range: 5 %, or 0.3 points from 1 to 7.
MARGIN_PART: Final = 20

MINUS: Final = "\N{MINUS SIGN}"


def signed(value: float, decimals: int) -> str:
    """Write a gap with its sign and a true minus; a rounded zero has none."""
    text = f"{abs(value):.{decimals}f}"
    return text if not float(text) else (MINUS if value < 0 else "+") + text


def plain(value: float, decimals: int) -> str:
    """Write a number with a true minus and no plus."""
    text = f"{abs(value):.{decimals}f}"
    return MINUS + text if value < 0 and float(text) else text


def percent(level: float) -> str:
    """Write a probability or share as a percentage without false digits: 0.95 is "95 %", 0.999 is "99.9 %"."""
    return f"{level * 100:.6g} %"


def counted(count: int, noun: str) -> str:
    """Write a count with its noun: 1 touchpoint, 7 touchpoints, 1,902 customers."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")
