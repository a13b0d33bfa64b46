"""Whether what customers perceived differs from what they expected: by means, by ranks and by signs, with sizes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap._check import as_names, check_choice, check_count, check_prob, check_scale
from cxgap.errors import ArgumentError
from cxgap.gaps.asking import SCORES, check_expectation_type, grouping, margin_of
from cxgap.gaps.cells import Figures, figures_of
from cxgap.gaps.columns import beside
from cxgap.gaps.counted import Counted, count_scores
from cxgap.gaps.design import UNIT
from cxgap.gaps.judge import exposed_lines
from cxgap.gaps.margins import Margins
from cxgap.gaps.paired_cells import independent, paired_cells
from cxgap.gaps.scores import MISSING, Scores, respondent_scores
from cxgap.gaps.summary import read_summary, summarises
from cxgap.result import Table
from cxgap.stats.means import t_interval
from cxgap.stats.multiplicity import ADJUSTMENTS, LARGEST_CONFIRMATORY, adjust_families, fcr_level
from cxgap.stats.privacy import hide_also, too_few
from cxgap.stats.signed_ranks import MOST_EXACT, ZEROS
from cxgap.stats.verdict import judged
from cxgap.tables.absent import absent
from cxgap.vocabulary import CANNOT_TELL, EXCEEDED, MET, NOT_SHOWN, SHORT, counted, percent, plain, signed

SLUG = "paired-tests"
INTERVALS = ("each", "fcr")
_TAKEN = frozenset(
    "n n_eff start end estimate std_error df t conf_low conf_high p_value p_adjusted below equal above agree verdict flags "
    "whole gap sides cliff reading".split()
)
_TOLD = (
    "estimate", "conf_low", "conf_high", "share_below", "share_equal", "share_above", "cliffs_delta", "cliffs_size", "agree",
    "verdict",
)  # fmt: skip
_READING = {
    SHORT: "less than expected",
    MET: "as expected",
    EXCEEDED: "more than expected",
    CANNOT_TELL: "cannot tell",
    NOT_SHOWN: "not shown",
}


def paired_tests(
    responses: IntoFrame,
    *,
    by: str | Sequence[str] = "dimension",
    score: str = "dimensions",
    zeros: str = "pratt",
    correction: bool = False,
    adjust: str | None = None,
    intervals: str = "each",
    weight: str | None = None,
    stratum: str | None = None,
    psu: str | None = None,
    population: str | None = None,
    margins: Margins | None = None,
    missing: str = "half",
    scale: Sequence[float] | None = None,
    expectation_type: str | None = None,
    margin: float | None = None,
    min_n: int = 1,
    confirmatory: str | Collection[str] = (),
    conf_level: float = 0.95,
    seed: int = 0,
) -> Table:
    """Test the customer gap of every cell by means, ranks and signs, and give its size in every usual unit.

    Student's t tests whether the mean gap is zero. Wilcoxon's signed ranks test whether the gaps lie symmetrically about
    zero, which is not whether their median is zero. The sign test asks whether as many got less as got more. Where
    respondents weigh differently or were drawn in clusters, ranks and signs are not tested: t is then design-based, and
    superiority with its linearised error speaks for the order.

    Parameters
    ----------
    responses, by, score, weight, stratum, psu, population, margins, missing, scale, margin : as in `customer_gap`
    zeros : what Wilcoxon's test does with answers that met the expectation exactly: "pratt" ranks them and leaves them
        out then, "wilcox" leaves them out first, "zsplit" shares their ranks
    correction : whether Wilcoxon's normal approximation (above 50 respondents) is corrected for continuity
    adjust : how `p_adjusted` is made of the p-values of t: "holm", "hochberg", "bonferroni", "bh", "by" or "none"; Holm
        in cuts declared in `confirmatory` and Benjamini & Hochberg in all others if not given
    intervals : "each" has each interval of the mean hold with `conf_level`; "fcr" widens them so that of those of the
        significant gaps no more miss on average
    expectation_type : accepted with the rest of a study's design
    min_n : cells with fewer respondents are blanked, and others where they could be told by subtraction
    confirmatory : cuts declared before the data were seen, each as in `by`
    conf_level : two-sided, in (0, 1)
    seed : of the bootstrap interval of d_z under weights or clusters

    Returns
    -------
    Table "paired-tests" with one row a cell. `n` to `p_value` as in `customer_gap`, with `t`; `p_adjusted`; `tost_p`
    (the larger of `tost_p_lower` and `tost_p_upper`: small where the gap is closed); `share_below`, `share_equal`,
    `share_above`, `share_met`; the counts `below`, `equal`, `above` with `sign_p`; `wilcoxon` (the sum of positive
    ranks), `wilcoxon_z`, `wilcoxon_p`, `wilcoxon_how` ("exact" up to 50 respondents, or "normal"); `hodges_lehmann` with
    ends, of those who differ; `net_share` (share above less share below), `superiority` (share above and half of the
    ties) with ends and p; standard deviations and `correlation`; `d_z` and `g_z` with ends, `d_av`, `d_rms`, `d_rm`,
    `g_av`; `cliffs_delta` with ends and `cliffs_size`; `rank_biserial` with ends; `top2_start` and `top2_end` (shares in
    the two highest answers); `dominates` (whose distribution lies above at every cut); `agree` ("no" where mean and order
    point different ways: flag SCALE_DEPENDENT); `verdict` and `flags`.

    Raises
    ------
    ColumnError : `responses` lacks a column.
    ArgumentError : an argument is not what it must be, or weights or design columns are not usable.

    References
    ----------
    Student (1908), Biometrika 6(1), 1-25. Wilcoxon (1945), Biometrics Bulletin 1(6), 80-83. Pratt (1959), Journal of the
    American Statistical Association 54, 655-667. Lakens (2013), Frontiers in Psychology 4, 863. Cliff (1993),
    Psychological Bulletin 114(3), 494-509. Schuirmann (1987), Journal of Pharmacokinetics and Biopharmaceutics 15(6).
    """
    names = grouping(by, {UNIT, "expectation", "perception", *_TAKEN})
    check_choice(score, "score", SCORES)
    check_choice(zeros, "zeros", ZEROS)
    check_choice(missing, "missing", MISSING)
    check_choice(intervals, "intervals", INTERVALS)
    check_expectation_type(expectation_type)
    limits, min_n, conf_level = check_scale(scale), check_count(min_n, "min_n"), check_prob(conf_level, "conf_level")
    margin = margin_of(margin, limits)
    method = _method(names, adjust, confirmatory)
    if why := absent(responses):
        return Table.not_measured(SLUG, "Tests of the customer gap", why)
    how: dict[str, Any] = {
        "start": "expectation", "end": "perception", "by": names, "score": score, "missing": missing,
        "weight": weight, "stratum": stratum, "psu": psu, "population": population,
    }  # fmt: skip
    figures, people, lines = _scored(responses, how, margins, limits, min_n)
    alone = isinstance(people, Counted)
    frame, flags = paired_cells(
        figures, people, zeros=zeros, correction=correction, margin=margin, scale=limits, conf_level=conf_level, seed=seed
    )
    few = too_few(frame["n"].to_numpy(), min_n)
    covered = few | hide_also(few, frame["n"].to_numpy(), lines, min_n)
    frame = _blanked(frame, names, covered)
    frame["p_adjusted"] = _adjusted(frame, names, method, declared=adjust is None and method == "holm")
    if intervals == "fcr":
        frame = _widened(frame, names, conf_level)
    said = _verdicts(frame, margin, conf_level)
    said[covered] = NOT_SHOWN
    words = [
        {"SUPPRESSED_PRIVACY"} if few[cell] else {"SUPPRESSED_SECONDARY"} if covered[cell] else found
        for cell, found in enumerate(flags)
    ]
    keys = {name: frame[name].astype(object).where(frame[name].notna(), "(blank)").astype(str) for name in names}
    frame = beside(frame, {**keys, "verdict": said, "flags": ["|".join(sorted(found)) for found in words]})
    place = list(frame.columns)
    place.insert(place.index("p_value") + 1, place.pop(place.index("p_adjusted")))
    fcr = intervals == "fcr"
    table = Table.of(
        _worded(frame),
        slug=SLUG,
        title=_title(frame, names, conf_level),
        columns=_columns(names, alone),
        keys=max(1, len(names)),
        notes=_notes(frame, alone=alone, zeros=zeros, method=method, conf_level=conf_level, margin=margin, fcr=fcr),
    )
    return replace(table, frame=frame[place].reset_index(drop=True))


def _scored(
    responses: IntoFrame, how: Mapping[str, Any], margins: Margins | None, scale: tuple[float, float] | None, min_n: int
) -> tuple[Figures, Counted | Scores, list[np.ndarray]]:
    """Estimate every cell, and score its respondents: counted where they are independent, on the engine where they are many.

    Returns
    -------
    The figures, the respondents, and the lines of the table in which a cell could be told by subtraction.
    """
    designed = any(how[name] for name in ("weight", "stratum", "psu", "population"))
    if summarises(responses, margins=margins, importance=None, missing=how["missing"], drawn=designed):
        summary = read_summary(responses, **how, scale=scale)
        if summary is not None:
            return summary.figures, summary.counted(), summary.lines(min_n, scale)
    scores = respondent_scores(responses, **how, margins=margins, importance=None, importance_kind="points")
    people = count_scores(scores) if independent(scores) else scores
    return figures_of(scores), people, exposed_lines(scores, how["by"], min_n)


def _method(names: Sequence[str], adjust: str | None, confirmatory: str | Collection[str]) -> str:
    if adjust is not None:
        return check_choice(adjust, "adjust", ADJUSTMENTS)
    cuts = [confirmatory] if isinstance(confirmatory, str) else confirmatory
    return "holm" if any(set(as_names(cut, "confirmatory")) == set(names) for cut in cuts) else "bh"


def _families(frame: pd.DataFrame, names: Sequence[str]) -> np.ndarray:
    """Return the family of each test: the table, or each wave of it."""
    if "wave" not in names:
        return np.zeros(len(frame), np.int64)
    return frame.groupby("wave", observed=True, dropna=False).ngroup().to_numpy()


def _adjusted(frame: pd.DataFrame, names: Sequence[str], method: str, *, declared: bool) -> np.ndarray:
    family, p = _families(frame, names), frame["p_value"].to_numpy(float)
    tests = max((int(np.isfinite(p[family == number]).sum()) for number in np.unique(family)), default=0)
    if declared and tests > LARGEST_CONFIRMATORY:
        raise ArgumentError(
            f"a cut in `confirmatory` must make at most {LARGEST_CONFIRMATORY} tests, and {','.join(names)!r} makes {tests}; "
            "take it out, and its p-values are adjusted as exploratory ones."
        )
    return adjust_families(p, method, family)


def _widened(frame: pd.DataFrame, names: Sequence[str], conf_level: float) -> pd.DataFrame:
    family = _families(frame, names)
    estimate, std_error, df = (frame[name].to_numpy(float) for name in ("estimate", "std_error", "df"))
    low, high = frame["conf_low"].to_numpy(float).copy(), frame["conf_high"].to_numpy(float).copy()
    for number in np.unique(family):
        inside = family == number
        level = fcr_level(frame["p_value"].to_numpy(float)[inside], conf_level=conf_level)
        low[inside], high[inside] = t_interval(estimate[inside], std_error[inside], df[inside], conf_level=level)
    return frame.assign(conf_low=low, conf_high=high)


def _verdicts(frame: pd.DataFrame, margin: float | None, conf_level: float) -> np.ndarray:
    estimate, std_error, df = (frame[name].to_numpy(float) for name in ("estimate", "std_error", "df"))
    low, high = frame["conf_low"].to_numpy(float), frame["conf_high"].to_numpy(float)
    if margin is None or conf_level <= 0.5:
        return judged(low, high, low, high, margin=None)
    return judged(low, high, *t_interval(estimate, std_error, df, conf_level=2 * conf_level - 1), margin=margin)


def _blanked(frame: pd.DataFrame, names: Sequence[str], covered: np.ndarray) -> pd.DataFrame:
    if not covered.any():
        return frame.copy()
    blank = {
        name: frame[name].where(~covered, np.nan if pd.api.types.is_numeric_dtype(frame[name].dtype) else "")
        for name in frame.columns
        if name not in names
    }
    return frame.assign(**blank)


def _title(frame: pd.DataFrame, names: Sequence[str], conf_level: float) -> str:
    shown = frame[frame["verdict"] != NOT_SHOWN]
    if not names or len(shown) == 0:
        said = shown["verdict"].iloc[0] if len(shown) else NOT_SHOWN
        return f"What customers got against what they expected: {_READING[said]}"
    behind = shown["verdict"] == SHORT
    short, sure = int(behind.sum()), int((behind & ~(shown["p_adjusted"] >= 1 - conf_level)).sum())
    noun = names[0].replace("_", " ") if len(names) == 1 else "cell"
    said = f"Customers got less than they expected in {short} of {counted(len(shown), noun)}"
    return said if sure == short else f"{said}, one by one; in {sure or 'none'} if account is taken of all tests"


def _columns(names: Sequence[str], alone: bool) -> dict[str, tuple[str, Callable[[Any], str]]]:
    order: dict[str, tuple[str, Callable[[Any], str]]] = {"sides": ("less / as / more than expected", str)}
    order |= {"wilcoxon_p": ("p by ranks", _chance)} if alone else {"superiority_p": ("p by order", _chance)}
    return {
        **{name: (name.replace("_", " "), str) for name in names or ("whole",)},
        "n": ("customers", lambda n: f"{n:,.0f}"),
        "gap": ("gap", str),
        "p_adjusted": ("p by means", _chance),
        **order,
        "cliff": ("size of the shift", str),
        "reading": ("reading", str),
    }


def _worded(frame: pd.DataFrame) -> pd.DataFrame:
    """Add the cells that are made of several values."""
    told = {name: frame[name].tolist() for name in _TOLD}
    rows = [dict(zip(told, values, strict=True)) for values in zip(*told.values(), strict=True)]
    words = {"gap": _gap, "sides": _sides, "cliff": _cliff, "reading": _read}
    return beside(frame, {"whole": "all together"} | {name: [say(row) for row in rows] for name, say in words.items()})


def _gap(row: dict[str, Any]) -> str:
    if np.isnan(row["estimate"]):
        return ""
    ends = "" if np.isnan(row["conf_low"]) else f" ({signed(row['conf_low'], 2)} to {signed(row['conf_high'], 2)})"
    return signed(row["estimate"], 2) + ends


def _sides(row: dict[str, Any]) -> str:
    shares = [row[f"share_{side}"] for side in ("below", "equal", "above")]
    return "" if np.isnan(shares).any() else " / ".join(percent(round(share, 2)) for share in shares)


def _cliff(row: dict[str, Any]) -> str:
    return "" if np.isnan(row["cliffs_delta"]) else f"{signed(row['cliffs_delta'], 2)}, {row['cliffs_size']}"


def _read(row: dict[str, Any]) -> str:
    split = "; but means and order point different ways" if row["agree"] == "no" else ""
    return _READING[row["verdict"]] + split


def _chance(p: float) -> str:
    return "< 0.001" if p < 0.001 else plain(p, 3)


def _notes(
    frame: pd.DataFrame, *, alone: bool, zeros: str, method: str, conf_level: float, margin: float | None, fcr: bool
) -> list[str]:
    split = frame.loc[frame["agree"] == "no"]
    adjusted = "are not adjusted for their number" if method == "none" else f"are adjusted by {ADJUSTMENTS[method][1]}"
    notes = [
        "Means and order point different ways in "
        f"{counted(len(split), 'row')}: what is said there depends on how the answers are numbered."
        if len(split)
        else "Means and order point the same way wherever either is told from zero.",
        f"The p-values by means (Student's t) {adjusted}; those by {'ranks' if alone else 'order'} are not.",
    ]
    if alone:
        how = {"exact", "normal"}.intersection(frame["wilcoxon_how"])
        made = {"exact": "exact", "normal": "by the normal curve"}
        limit = f" (exact up to {MOST_EXACT} customers)" if len(how) > 1 else ""
        said = f", {' or '.join(made[word] for word in sorted(how))}{limit}" if how else ""
        notes += [
            "Wilcoxon's test of ranks asks whether the gaps lie symmetrically about zero, not whether their median is zero; "
            f"gaps of zero are {ZEROS[zeros]}{said}.",
            "The Hodges-Lehmann shift in the exact values is that of the customers whose answers differ.",
        ]
    else:
        notes += [
            "Ranks and signs are not tested, because customers weigh differently or were drawn in groups: t follows the "
            "design, and so does the p by order (more against less than expected).",
        ]
    notes += [
        "The size of the shift is Cliff's delta: how much more often a perception lies above an expectation than below; "
        "its words are those of Romano et al. (2006).",
        f"As expected means that the gap lies within {plain(margin, 2)} of zero by two one-sided tests (TOST)."
        if margin is not None
        else "No margin is set, so that no gap can be called as expected.",
        f"Intervals hold with {percent(conf_level)} "
        + ("over the significant gaps together." if fcr else "each, not all at once."),
    ]
    return notes
