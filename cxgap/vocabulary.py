"""The field's words, defined once: nodes, gaps, dimensions, verdicts, flags."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple


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
    "chain": Gap("1-3, 5", "Gap chain", "from", "to"),
    "tolerance": Gap("5", "Zone of tolerance", "asked", "perceived"),
}

# The levels that the gaps lie between, each said by somebody else.
NODES: Final = ("expected", "believed", "standard", "delivered", "promised", "perceived")

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

# What each verdict says of each gap, as a clause.
FINDINGS: Final = {
    "customer": {
        SHORT: "customers got less than they expected",
        MET: "customers got what they expected",
        EXCEEDED: "customers got more than they expected",
        CANNOT_TELL: "we cannot tell whether customers got what they expected",
    },
    "knowledge": {
        SHORT: "managers believe that customers expect less than they do",
        MET: "managers know what customers expect",
        EXCEEDED: "managers believe that customers expect more than they do",
        CANNOT_TELL: "we cannot tell whether managers know what customers expect",
    },
    "standards": {
        SHORT: "the standard asks for less than managers believe customers expect",
        MET: "the standard asks for what managers believe customers expect",
        EXCEEDED: "the standard asks for more than managers believe customers expect",
        CANNOT_TELL: "we cannot tell whether the standard asks for what managers believe customers expect",
    },
    "delivery": {
        SHORT: "delivery misses the standard",
        MET: "delivery is at the standard",
        EXCEEDED: "delivery is better than the standard",
        CANNOT_TELL: "we cannot tell whether delivery meets the standard",
    },
    "communication": {
        SHORT: "delivery misses what was promised",
        MET: "delivery is what was promised",
        EXCEEDED: "delivery is better than what was promised",
        CANNOT_TELL: "we cannot tell whether promises are kept",
    },
    "company": {
        SHORT: "the company rates itself higher than its customers do",
        MET: "the company sees itself as its customers do",
        EXCEEDED: "the company rates itself lower than its customers do",
        CANNOT_TELL: "we cannot tell whether the company sees itself as its customers do",
    },
    "chain": {
        SHORT: "the level falls on the way from what is expected to what is perceived",
        MET: "the level holds from what is expected to what is perceived",
        EXCEEDED: "the level rises on the way from what is expected to what is perceived",
        CANNOT_TELL: "we cannot tell where the level falls",
    },
    "tolerance": {
        SHORT: "perception lies below the level asked for",
        MET: "perception lies at the level asked for",
        EXCEEDED: "perception lies above the level asked for",
        CANNOT_TELL: "we cannot tell on which side of the level asked for perception lies",
    },
}

# A verdict has a shape as well as a word and a colour, so that it survives grey paper and every kind of eye.
VERDICT_MARKS: Final = {SHORT: "▼", MET: "●", EXCEEDED: "▲", CANNOT_TELL: "○", NOT_SHOWN: "–"}

# Where everybody gave the same answer at an end of the scale, a mean is everybody's answer.
ALIKE: Final = "all answered at one end"

FLAGS: Final = {
    "ASSUMED_CALENDAR": "a promise in days names no calendar, so calendar days were counted",
    "BINARY_OUTCOME": "the judgement has two values, so slopes are differences in the chance of the higher one",
    "BORROWED_IMPORTANCE": "too few pairs to derive importance, so it is the mean of the others",
    "CENSUS": "every manager was asked, so their answers carry no sampling error",
    "CHECK_CODING": "items go against each other: is one of them reversed?",
    "CI_FALLBACK": "the interval that was asked for cannot be trusted here, and another stands in for it",
    "COLLINEAR": "columns that make each other up, so nothing was fitted",
    "CONSTANT_ITEM": "an item that everybody answered alike was left out",
    "DATA_CHANGED": "data behind a frozen verdict changed, and the verdict stays",
    "ELSEWHERE": "of more than the part of the study that was read",
    "EMPTY": "nothing to compare",
    "EXTRAPOLATED": "levels outside the range of the reference were read at its end",
    "FEW_ITEMS": "fewer than 3 items to compare",
    "FEW_LEVELS": "fewer than 20 customers, or than a twentieth, at one of three levels",
    "FEW_CAME": "nobody came in most hours, so look whether the log of contacts is whole",
    "FEW_RATERS": "5 to 14 raters, so no p-value",
    "FEW_RESPONDENTS": "fewer respondents than the method needs",
    "GAP_CLOSED_BY_LOWER_EXPECTATIONS": "the gap closed because less was expected, and perception did not clearly rise",
    "HEYWOOD": "one item would explain more than all of itself",
    "INADMISSIBLE": "the errors of both ratings go together, so the formula gives what cannot be",
    "INSUFFICIENT": "fewer than the target asks for, so not judged",
    "INVERSION": "answers whose adequate level lies above the desired one were left out",
    "LOCK_BROKEN": "the lock of targets was touched, so no verdict is said",
    "LONELY_PSU": "a stratum has a single sampling unit, which was centred at the overall mean",
    "LOW_DF": "fewer than 8 degrees of freedom",
    "MERGED": "a level between was not measured, so that two links are one",
    "N1": "a single one, so no interval",
    "NEAR_COLLINEAR": "mostly told by the others, so that its slope is loose and its share is split with them",
    "NEGATIVE_SLOPE": "a better perception goes with a worse outcome, which counts as no importance",
    "NOISE_DOMINATED": "the error is no larger than sampling noise",
    "NOT_IDENTIFIED": "too few were followed long enough to tell",
    "NO_AXIS": "where the surface is highest or lowest cannot be told",
    "NO_DISCRIMINATION": "the raters gave every item the same",
    "NO_STANDARD": "no standard exists",
    "NO_VARIATION": "everybody answered alike, so nothing can go with it",
    "ONE_ITEM": "a single item has no reliability of its own",
    "ONE_PERIOD": "a group answered in one period only, so that its share counts as mix",
    "ONE_SIDED": "fewer than a tenth on one side of agreement",
    "OPEN": "some are still open, and count by the curve of those watched longer",
    "OPPOSITE_SEGMENTS": "groups want the opposite, so that all together tell of neither",
    "PARTIAL": "some respondents are scored without all dimensions",
    "QUESTION_WORDING": "more than a tenth contradict themselves, so look at how the question is put",
    "RENORM": "some importance points did not sum to 100 and were rescaled",
    "RESCALED": "two scales were brought to one, as per cent of their range",
    "RETROSPECTIVE": "all was rated at one time, after the journey, so that the end may colour the rest",
    "RISING_BAR": "more was expected, and perception did not clearly move",
    "SCALE_DEPENDENT": "means and order point different ways",
    "STRAIGHT_LINE": "a straight line tells as much: one level only lies further from the middle than the other",
    "SIGN_TURNS": "with the others alike, it goes the other way than by itself",
    "SUPPRESSED_END_HIGHEST": "everybody gave the highest answer, so only a bound of the answer is shown",
    "SUPPRESSED_END_LOWEST": "everybody gave the lowest answer, so only a bound of the answer is shown",
    "SUPPRESSED_PRIVACY": "fewer than the minimum",
    "SUPPRESSED_SECONDARY": "hidden to protect another cell",
    "SUPPRESSED_START_HIGHEST": "everybody gave the highest answer, so only a bound of what was expected is shown",
    "SUPPRESSED_START_LOWEST": "everybody gave the lowest answer, so only a bound of what was expected is shown",
    "SYNTHETIC": "nobody answered, so the shrunken value is what the other cells suggest",
    "TARGET_EDITED": "edited after it was frozen; what was set first counts",
    "TARGET_RENAMED": "frozen under another name; what was frozen first counts",
    "TARGET_REMOVED": "no longer among the targets; what was frozen stays",
    "TENTATIVE": "the estimate alone is at the target or beyond, its bound is not",
    "UNSTABLE": "effective sample below 30",
    "WRONG_SIGN": "less goes with a better judgement, or more with a worse one; that side counts as none",
    "ZERO_VAR": "the gap is the same in all",
}

# The flags that a reader of a short table must see; the full statistics name them all.
NOTES: Final = {
    "ASSUMED_CALENDAR": "calendar days assumed",
    "CI_FALLBACK": "another interval",
    "EMPTY": "nothing to compare",
    "EXTRAPOLATED": "outside the reference",
    "FEW_CAME": "nobody came in most hours",
    "FEW_LEVELS": "too few at one level",
    "FEW_RATERS": "few raters",
    "INVERSION": "inverted answers left out",
    "LOW_DF": "few sampling units",
    "MERGED": "a level between is not measured",
    "N1": "a single one",
    "NOT_IDENTIFIED": "not followed long enough",
    "NO_STANDARD": "no standard exists",
    "NO_VARIATION": "all alike",
    "OPEN": "open ones counted",
    "OPPOSITE_SEGMENTS": "groups want the opposite",
    "QUESTION_WORDING": "look at the wording",
    "RETROSPECTIVE": "rated afterwards",
    "SCALE_DEPENDENT": "means and order disagree",
    "STRAIGHT_LINE": "a straight line does as well",
    "SUPPRESSED_END_HIGHEST": ALIKE,
    "SUPPRESSED_END_LOWEST": ALIKE,
    "SUPPRESSED_PRIVACY": "too few",
    "SUPPRESSED_SECONDARY": "hidden to protect another cell",
    "SUPPRESSED_START_HIGHEST": ALIKE,
    "SUPPRESSED_START_LOWEST": ALIKE,
    "UNSTABLE": "small sample",
    "WRONG_SIGN": "a side has the wrong sign",
    "ZERO_VAR": "all alike",
}

# Where nobody sets a margin, a rating's is a twentieth of its scale's range: 5 %, or 0.3 points from 1 to 7.
MARGIN_PART: Final = 20

# Columns that cxgap knows or makes: whoever lacks another one must not be told to rename one of these.
COLUMN_WORDS: Final = frozenset(
    "respondent_id customer_id manager_id employee_id event_id touchpoint stage channel dimension item question retained wave "
    "expectation perception adequate desired importance weight stratum psu population metric unit direction standard delivered "
    "promised believed rating open cancelled ordered_at promised_first promised_last delivered_at cancelled_at made_at at "
    "owner review exists basis margin target".split()
)

# Units that need care: a share is shown as per cent, and rows may each have a unit of their own.
SHARE, PERCENTAGE_POINTS, MIXED = "share", "percentage points", "mixed units"

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


UNPRICED: Final = "the unit of the value column"  # of amounts whose currency no study declares


def currency_of(row: Mapping[Any, Any]) -> str:
    """Return the currency of a row of a table, "" where none is declared, or the table is from before there was one."""
    found = row.get("currency", "")
    return found if isinstance(found, str) else ""


def priced(amount: str, currency: str) -> str:
    """Write an amount with its currency: a code stands before it ("EUR −5"), a sign at it ("−€5"); without one it is bare."""
    if not currency or not amount:
        return amount
    if currency.isalpha():
        return f"{currency} {amount}"
    return f"{MINUS}{currency}{amount[1:]}" if amount.startswith(MINUS) else f"{currency}{amount}"


def counted(count: int, noun: str) -> str:
    """Write a count with its noun: 1 touchpoint, 7 touchpoints, 1,902 customers."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")
