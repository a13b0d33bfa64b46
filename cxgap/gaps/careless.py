"""Who answered without reading, and what the gap would be without them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap._check import check_choice, check_count, check_prob
from cxgap.gaps.asking import SCORES
from cxgap.gaps.attention import FAMILIES, INDICES, LEAST_FAMILIES, Attention, attention
from cxgap.gaps.batteries import Batteries, read_batteries
from cxgap.gaps.design import UNIT
from cxgap.gaps.margins import Margins
from cxgap.gaps.scores import respondent_scores
from cxgap.gaps.spared import spared_answers
from cxgap.result import Table
from cxgap.stats.means import Means, t_interval, t_p_value
from cxgap.stats.subset import Shift, leave_out
from cxgap.tables.absent import absent
from cxgap.vocabulary import counted, percent, signed

RULE = "rule"
NO_BREAK = "\N{NO-BREAK SPACE}"
KEPT = ("gap_all", "gap_without", "gap_difference")
_WORDS = {"gap_all": "Gap of all respondents", "gap_without": "Gap without those", "gap_difference": "Difference"}


@spared_answers
def careless(
    responses: IntoFrame,
    *,
    score: str = "dimensions",
    weight: str | None = None,
    stratum: str | None = None,
    psu: str | None = None,
    population: str | None = None,
    margins: Margins | None = None,
    scale: Sequence[float] | None = None,
    expectation_type: str | None = None,
    margin: float | None = None,
    min_n: int = 1,
    conf_level: float = 0.95,
    confirmatory: str | Collection[str] = (),
) -> Table:
    """Count respondents who seem to have answered without reading, and show the gap with and without them.

    Nine indices of four kinds look at each visit: invariance (runs of the same answer, no spread, the second battery
    copied from the first), inconsistency, distance from everybody else, and haste. One kind alone is no proof: a straight
    line may be what a contented customer means. A visit is called careless where at least two kinds flag it, a
    respondent where at least half of the visits are. Nobody is left out of any gap by this; `flag_careless` gives
    the respondents to whoever wants to.

    Parameters
    ----------
    responses : as in `customer_gap`, with a column `item`; `dimension` serves the even-odd index, `seconds` (taken over the
        visit, repeated on its answers) that of haste
    score, weight, stratum, psu, population, margins : as in `customer_gap`, for the gap; respondents are counted unweighted
    scale, expectation_type, margin, confirmatory : accepted with the rest of a study's design
    min_n : the gap is not shown of fewer respondents, nor where fewer, but some, would be left out
    conf_level : of the intervals of the gaps, two-sided

    Returns
    -------
    Table "careless": a row for each index, one for the rule (`index` "rule"), then `gap_all`, `gap_without` and
    `gap_difference` (without less all; the same respondents, so its interval is that of a linearised difference).
    Columns: `index`, `family`, `looks_at`, `flags_where`, `n` (respondents of whom it can be told), `flagged`, `share`,
    `estimate`, `std_error`, `df`, `conf_low`, `conf_high`, `p_value`.

    Raises
    ------
    ColumnError : `responses` lacks a column.
    ArgumentError : an argument is not what it must be.

    References
    ----------
    Meade & Craig (2012), Psychological Methods 17(3), 437-455.
    Curran (2016), Journal of Experimental Social Psychology 66, 4-19.
    """
    check_choice(score, "score", SCORES)
    min_n, conf_level = check_count(min_n, "min_n"), check_prob(conf_level, "conf_level")
    if why := absent(responses):
        return Table.not_measured("careless", "Careless answers", why)
    drawn: dict[str, Any] = {"weight": weight, "stratum": stratum, "psu": psu, "population": population, "margins": margins}
    batteries = read_batteries(responses, **drawn)
    found = attention(batteries)
    scores = respondent_scores(
        responses,
        start="expectation",
        end="perception",
        by=(),
        score=score,
        **drawn,
        importance=None,
        importance_kind="points",
    )
    scored = np.isfinite(scores.gap)
    kept = ~_marks(batteries, found).reindex(_scored(responses)).to_numpy(bool)[scores.respondent[scored]]
    shift = leave_out(scores.gap[scored], kept, scores.respondent[scored], scores.design, designed=scores.designed)
    rows = [*_counts(found), *_gaps(shift, min_n, conf_level)]
    frame = pd.DataFrame(rows)
    people, left = len(found.careless), int(found.careless.sum())
    who = f"{left:,} of {counted(people, 'respondent')} ({_share(left / people)})" if left else f"No respondent of {people:,}"
    shown = frame.assign(
        what=frame["looks_at"].str[:1].str.upper() + frame["looks_at"].str[1:],
        seen=[_seen(row).replace(" (", f"{NO_BREAK}(").replace(" %", f"{NO_BREAK}%") for row in rows],
        gap=[_interval(row, 2).replace(" to ", f"{NO_BREAK}to{NO_BREAK}") for row in rows],
    )
    table = Table.of(
        shown[frame["index"] != KEPT[-1]],
        slug="careless",
        title=f"{who} answered carelessly by two kinds of evidence",
        columns={
            "what": ("what is looked at", str),
            "family": ("kind of evidence", str),
            "flags_where": ("flags", str),
            "n": ("respondents", lambda n: f"{n:,.0f}"),
            "seen": ("flagged", str),
            "gap": (f"gap ({percent(conf_level)} interval)", str),
        },
        notes=_notes(rows),
    )
    return replace(table, frame=frame)


def flag_careless(
    responses: IntoFrame,
    *,
    weight: str | None = None,
    stratum: str | None = None,
    psu: str | None = None,
    population: str | None = None,
    margins: Margins | None = None,
    scale: Sequence[float] | None = None,
    expectation_type: str | None = None,
    margin: float | None = None,
    min_n: int = 1,
    confirmatory: str | Collection[str] = (),
) -> pd.DataFrame:
    """Mark the respondents whom the rule of `careless` finds, for an analyst who wants to leave them out.

    Parameters
    ----------
    responses : as in `careless`
    weight, stratum, psu, population, margins, scale, expectation_type, margin, min_n, confirmatory : accepted with the
        rest of a study's design; carelessness does not depend on them

    Returns
    -------
    A copy of `responses` with a column `careless` of true and false, where it is a pandas frame; from any other engine
    a pandas frame of `respondent_id` and `careless`, one row a respondent, to join by.

    Raises
    ------
    ColumnError : `responses` lacks a column.
    """
    batteries = read_batteries(responses)
    found = attention(batteries)
    marks = _marks(batteries, found)
    if not isinstance(responses, pd.DataFrame):
        return marks.rename("careless").rename_axis(UNIT).reset_index()
    return responses.assign(careless=responses[UNIT].astype(object).map(marks).astype(bool).to_numpy())


def _marks(batteries: Batteries, found: Attention) -> pd.Series:
    """Return who is careless, by respondent."""
    who = batteries.visits[UNIT].astype(object)
    return pd.Series(found.careless[batteries.respondent], index=who, dtype=bool).groupby(level=0).first()


def _scored(responses: IntoFrame) -> pd.Series:
    """Return the respondents in the order in which scores number them: those with an item that is retained."""
    kept = tally.keep_true(responses, "retained") if "retained" in tally.columns_of(responses) else responses
    return tally.tally_distinct(kept, [UNIT])[UNIT].astype(object)


def _counts(found: Attention) -> list[dict[str, Any]]:
    rows = []
    for name, index in INDICES.items():
        known = int(found.index_known[name].sum())
        flagged = int(found.index_flagged[name].sum())
        rows.append({"index": name, **index._asdict(), "n": known, "flagged": flagged if known else np.nan})
    rule = {"family": "any", "looks_at": "two kinds of evidence at once", "flags_where": "in at least half of the visits"}
    rows.append({"index": RULE, **rule, "n": len(found.careless), "flagged": int(found.careless.sum())})
    return [{**row, "share": row["flagged"] / row["n"] if row["n"] else np.nan} for row in rows]


def _gaps(shift: Shift, min_n: int, conf_level: float) -> list[dict[str, Any]]:
    everybody, kept = int(shift.everybody.n[0]), int(shift.kept.n[0])
    shown = {
        "gap_all": everybody >= min_n,
        "gap_without": kept >= min_n and not 0 < everybody - kept < min_n,
    }
    shown["gap_difference"] = all(shown.values())
    rows = []
    for name, means in zip(KEPT, (shift.everybody, shift.kept, shift.difference), strict=True):
        row = {
            "index": name,
            "family": "",
            "looks_at": _WORDS[name],
            "flags_where": "",
            "n": means.n[0] if everybody >= min_n else np.nan,
        }
        rows.append({**row, **(_numbers(means, conf_level) if shown[name] else {})})
    return rows


def _numbers(means: Means, conf_level: float) -> dict[str, float]:
    low, high = t_interval(means.mean, means.std_error, means.df, conf_level=conf_level)
    p = t_p_value(means.mean, means.std_error, means.df)
    values = means.mean, means.std_error, means.df, low, high, p
    names = ("estimate", "std_error", "df", "conf_low", "conf_high", "p_value")
    return {name: float(value[0]) for name, value in zip(names, values, strict=True)}


def _seen(row: Mapping[str, Any]) -> str:
    if row["index"] in KEPT:
        return ""
    return f"{row['flagged']:,.0f} ({_share(row['share'])})" if row["n"] else "cannot be told"


def _share(share: float) -> str:
    return "under 0.1 %" if 0 < share < 0.001 else f"{share * 100:.1f} %"


def _interval(row: Mapping[str, Any], decimals: int) -> str:
    if row["index"] not in KEPT:
        return ""
    if "estimate" not in row:
        return "not shown"
    if not np.isfinite(row["estimate"]):
        return "nothing to compare"
    if not np.isfinite(row["conf_low"]):
        return signed(row["estimate"], decimals)
    low, high = signed(row["conf_low"], decimals), signed(row["conf_high"], decimals)
    return f"{signed(row['estimate'], decimals)} ({low} to {high})"


def _notes(listed: Sequence[Mapping[str, Any]]) -> list[str]:
    rows = {row["index"]: row for row in listed}
    people, left = int(rows[RULE]["n"]), int(rows[RULE]["flagged"])
    a, b = (float(rows[name].get("estimate", np.nan)) for name in KEPT[:2])
    if not left:
        first = "Nobody would be left out, so the gap stays as it is."
    elif np.isfinite(a) and np.isfinite(b):
        first = f"Leaving out {left:,} of {counted(people, 'respondent')} moves the gap from {signed(a, 2)} to {signed(b, 2)}."
        first += f" The difference is {_interval(rows[KEPT[2]], 3)}."
    else:
        first = f"Leaving out {left:,} of {counted(people, 'respondent')}: the gap without them cannot be shown."
    notes = [
        first,
        f"One kind of evidence alone is no proof; at least {LEAST_FAMILIES} of {len(FAMILIES)} must agree. Nobody is left out "
        "of any other gap.",
        "The cut-offs are conventions: each flags some who read every question. Straight lines are looked for in what was "
        "perceived, not in what was expected, where the top of the scale is an honest answer.",
    ]
    if not rows["seconds"]["n"]:
        notes.append(
            "The time taken is not known; so a straight line, which is one kind of evidence, is counted above but calls nobody "
            "careless."
        )
    if not rows["synonyms"]["n"]:
        notes.append(
            "Too few pairs of questions are answered alike, or too many, for the index of synonyms to tell anybody apart."
        )
    return notes
