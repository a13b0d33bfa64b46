"""Whether the dimensions that a questionnaire was written for appear in its answers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap._check import check_choice, check_count
from cxgap.errors import ArgumentError
from cxgap.gaps.batteries import UNDIVIDED, Batteries, read_batteries
from cxgap.gaps.consistency import BATTERIES, covariance_of, in_words, matrix_of, respondents_behind
from cxgap.gaps.spared import spared_answers
from cxgap.result import Table
from cxgap.stats.covariance import complete, correlations
from cxgap.stats.extraction import METHODS, Factors, extract, oblimin
from cxgap.stats.factors import KINDS, PERMUTATIONS, QUANTILE, Parallel, bartlett, kmo, minimum_partial, parallel_analysis
from cxgap.stats.means import Floats
from cxgap.tables.absent import absent
from cxgap.vocabulary import counted, percent, plain

SLUG, TITLE = "factors", "How many dimensions the answers show"
LOADINGS, LOADINGS_TITLE = "loadings", "Which items go together"
EACH, FEWEST = 5, 100  # respondents an item, and in all, below which factors are not looked for
SALIENT, NEAR = 0.4, 0.2  # a loading that counts, and the distance within which a second one does too
FORMATIVE = "Report items and the whole; the dimensions are labels for groups of questions, not things that were found."


class Answers(NamedTuple):
    """Complete answers to one battery: the items that vary, their correlations, and who is behind them."""

    items: tuple[str, ...]
    dimensions: tuple[str, ...]
    x: Floats
    weight: Floats
    r: Floats
    n: int
    n_eff: float
    left_out: int
    again: bool

    @property
    def declared(self) -> int:
        """Dimensions that the questionnaire names."""
        return len(set(self.dimensions) - {UNDIVIDED})


@spared_answers
def factors(
    responses: IntoFrame,
    *,
    of: str = "perception",
    kind: str = "components",
    weight: str | None = None,
    stratum: str | None = None,
    psu: str | None = None,
    population: str | None = None,
    margins: Mapping[str, Mapping[str, float]] | None = None,
    scale: Sequence[float] | None = None,
    expectation_type: str | None = None,
    margin: float | None = None,
    min_n: int = 1,
    conf_level: float = 0.95,
    confirmatory: str | Collection[str] = (),
    permutations: int = PERMUTATIONS,
    seed: int = 0,
) -> Table:
    """Count the dimensions that the answers show, by Horn's parallel analysis.

    Eigenvalues of the items' correlations are compared with those of the same answers shuffled item by item; the leading
    ones above the 95th percentile of these are retained, up to the first that is not.

    Parameters
    ----------
    responses : as in `customer_gap`; it must have a column `item`
    of : the battery: "expectation", "perception" or "gap"
    kind : eigenvalues of "components", or of "factors" (with common variance alone), which finds more
    weight, stratum, psu, population, margins : as in `customer_gap`; only weights matter here
    min_n : the least number of respondents, where it is more than 100 or 5 an item
    scale, expectation_type, margin, conf_level, confirmatory : accepted with the rest of a study's design
    permutations, seed : of the reference

    Returns
    -------
    Table "factors" with one row an eigenvalue: `number`, `eigenvalue`, `reference`, `retained`, `share` (of all variance);
    and in each row `n` respondents, `items`, `declared` (dimensions of the questionnaire), `found`, `kmo`, `bartlett`,
    `bartlett_df`, `bartlett_p`, `map` (components by Velicer's minimum average partial). Where fewer than 100 respondents,
    or 5 an item, answered everything, nothing is measured.

    Raises
    ------
    ColumnError : `responses` lacks a column.
    ArgumentError : an argument is not what it must be.

    References
    ----------
    Horn (1965), Psychometrika 30(2), 179-185.
    Kaiser (1974), Psychometrika 39(1), 31-36. Bartlett (1950), British Journal of Statistical Psychology 3(2), 77-85.
    Velicer (1976), Psychometrika 41(3), 321-327.
    """
    check_choice(of, "of", BATTERIES)
    check_choice(kind, "kind", KINDS)
    permutations = check_count(permutations, "permutations")
    if why := absent(responses):
        return Table.not_measured(SLUG, TITLE, why)
    batteries = read_batteries(responses, weight=weight, stratum=stratum, psu=psu, population=population, margins=margins)
    answers = read_answers(batteries, of)
    if why := too_few(answers, min_n):
        return Table.not_measured(SLUG, TITLE, why)
    found = parallel_analysis(answers.x, answers.weight, of=kind, permutations=permutations, seed=seed)
    adequacy, sphericity, partial = kmo(answers.r), bartlett(answers.r, answers.n_eff), minimum_partial(answers.r)
    frame = pd.DataFrame(
        {
            "number": np.arange(1, len(answers.items) + 1),
            "eigenvalue": found.eigenvalue,
            "reference": found.reference,
            "retained": np.arange(len(answers.items)) < found.retained,
            "share": found.eigenvalue / len(answers.items),
            "n": answers.n,
            "items": len(answers.items),
            "declared": answers.declared,
            "found": found.retained,
            "kmo": adequacy.overall,
            "bartlett": sphericity.chi2,
            "bartlett_df": sphericity.df,
            "bartlett_p": sphericity.p_value,
            "map": np.nan if np.isnan(partial).all() else int(np.nanargmin(partial)) + 1,
        }
    )
    columns: dict[str, tuple[str, Callable[[Any], str]]] = {
        "number": ("number", str),
        "eigenvalue": ("eigenvalue", lambda value: plain(value, 2)),
        "reference": ("by chance alone", lambda value: plain(value, 2)),
        "retained": ("stands out", lambda value: "yes" if value else "no"),
        "share": ("share of spread", lambda value: percent(round(value, 2))),
    }
    return Table.of(frame, slug=SLUG, title=_finding(answers, found), columns=columns, notes=_notes(frame, answers, of, kind))


@spared_answers
def loadings(
    responses: IntoFrame,
    *,
    of: str = "perception",
    count: int | None = None,
    method: str = "minres",
    weight: str | None = None,
    stratum: str | None = None,
    psu: str | None = None,
    population: str | None = None,
    margins: Mapping[str, Mapping[str, float]] | None = None,
    scale: Sequence[float] | None = None,
    expectation_type: str | None = None,
    margin: float | None = None,
    min_n: int = 1,
    conf_level: float = 0.95,
    confirmatory: str | Collection[str] = (),
    permutations: int = PERMUTATIONS,
    seed: int = 0,
) -> Table:
    """Show which items load on which factor, rotated so that factors may correlate (oblimin).

    Parameters
    ----------
    responses, of : as in `factors`
    count : factors to extract; by default as many as parallel analysis retains
    method : "minres" or "ml"
    weight, stratum, psu, population, margins, scale, expectation_type, margin, min_n, conf_level, confirmatory : as in
        `factors`
    permutations, seed : of the parallel analysis

    Returns
    -------
    Table "loadings" with one row an item: `item`, `dimension`, `factor_1` and so on, `communality`, `uniqueness`,
    `factor` (the number of the one with the largest loading, 0 where none reaches .40) and `near` (the number of
    another within .20 of it, else 0). The title says whether the dimensions appear: each with items of its own on a
    factor of its own.

    Raises
    ------
    ColumnError : `responses` lacks a column.
    ArgumentError : an argument is not what it must be, or there are more factors than items can tell apart.

    References
    ----------
    Harman & Jones (1966), Psychometrika 31(3), 351-368 (minres).
    Jennrich & Sampson (1966), Psychometrika 31(3), 313-323 (oblimin).
    """
    check_choice(of, "of", BATTERIES)
    check_choice(method, "method", METHODS)
    count = None if count is None else check_count(count, "count")
    if why := absent(responses):
        return Table.not_measured(LOADINGS, LOADINGS_TITLE, why)
    batteries = read_batteries(responses, weight=weight, stratum=stratum, psu=psu, population=population, margins=margins)
    answers = read_answers(batteries, of)
    if why := too_few(answers, min_n):
        return Table.not_measured(LOADINGS, LOADINGS_TITLE, why)
    if np.linalg.matrix_rank(answers.r) < len(answers.r):
        why = "some items are sums of others, so that their factors cannot be told apart"
        return Table.not_measured(LOADINGS, LOADINGS_TITLE, why)
    if count is None:
        permutations = check_count(permutations, "permutations")
        count = parallel_analysis(answers.x, answers.weight, permutations=permutations, seed=seed).retained
        if not count:
            return Table.not_measured(LOADINGS, LOADINGS_TITLE, "no dimension stands out from chance")
    most = _most(len(answers.items))
    if count > most:
        raise ArgumentError(f"`count` must be at most {most} for {counted(len(answers.items), 'item')}, not {count}.")
    found = oblimin(extract(answers.r, count, method=method))
    own, near = _places(found.loading)
    frame = pd.DataFrame(
        {
            "item": answers.items,
            "dimension": answers.dimensions,
            **{f"factor_{number + 1}": found.loading[:, number] for number in range(count)},
            "communality": found.communality,
            "uniqueness": 1 - found.communality,
            "factor": own,
            "near": near,
        }
    )
    columns: dict[str, tuple[str, Callable[[Any], str]]] = {
        "item": ("item", str),
        "dimension": ("dimension", str),
        **{f"factor_{number + 1}": (f"factor {number + 1}", _shown) for number in range(count)},
        "communality": ("explained", lambda value: percent(round(value, 2))),
    }
    appear = _appear(answers, own, count)
    return Table.of(
        frame,
        slug=LOADINGS,
        title=_verdict(answers, count, appear),
        columns=columns,
        keys=2,
        notes=_loading_notes(frame, found, appear),
    )


def read_answers(batteries: Batteries, of: str) -> Answers:
    """Return the complete answers to the items of a battery that anybody answered, that count in scores and vary."""
    x, there = matrix_of(batteries, of), batteries.weight > 0
    columns = np.flatnonzero(batteries.retained & np.isfinite(x[there]).any(axis=0))
    used = there & complete(x[:, columns])
    matrix = covariance_of(batteries, x[:, columns], used)
    kept = columns[np.diag(matrix) > 0]
    varies = np.diag(matrix) > 0
    n, effective, again = respondents_behind(batteries, used)
    return Answers(
        items=tuple(batteries.items[item] for item in kept),
        dimensions=tuple(batteries.dimensions[item] for item in kept),
        x=x[used][:, kept],
        weight=batteries.weight[used],
        r=correlations(matrix[np.ix_(varies, varies)]),
        n=n,
        n_eff=effective,
        left_out=int((there & ~used & np.isfinite(x[:, columns]).any(axis=1)).sum()),
        again=again,
    )


def too_few(answers: Answers, min_n: int) -> str:
    """Say why factors are not looked for; "" where they are."""
    items = len(answers.items)
    if items < 3:
        return f"only {counted(items, 'item')} {'was' if items == 1 else 'were'} answered in full and not all alike"
    least = max(FEWEST, EACH * items, check_count(min_n, "min_n"))
    if answers.n < min_n:
        return f"too few respondents answered all {items} items; {least:,} are needed ({EACH} an item, and at least {FEWEST})"
    if answers.n < least:
        answered = counted(answers.n, "respondent")
        return f"{answered} answered all {items} items, and {least:,} are needed ({EACH} an item, and at least {FEWEST})"
    return ""


def _finding(answers: Answers, found: Parallel) -> str:
    said = in_words(found.retained) if found.retained else "none"
    if not answers.declared:
        return f"How many dimensions are there? The answers show {said}."
    are = "Is there one dimension" if answers.declared == 1 else f"Are there {in_words(answers.declared)} dimensions"
    return f"{are}? The answers show {said}."


def _notes(frame: pd.DataFrame, answers: Answers, of: str, kind: str) -> list[str]:
    first = frame.iloc[0]
    fit = "well" if first["kmo"] >= 0.8 else "fairly" if first["kmo"] >= 0.6 else "badly"
    p = "below 0.001" if first["bartlett_p"] < 0.001 else plain(first["bartlett_p"], 3)
    notes = [
        f"Of the {kind} of the {of}s of {counted(answers.n, 'respondent')}, those count that stand out from chance: above the "
        f"{QUANTILE * 100:.0f}th percentile of the same answers shuffled.",
        f"The items lend themselves {fit} to grouping (KMO {plain(first['kmo'], 2)}); that they do not go together at all is "
        f"{'ruled out' if first['bartlett_p'] < 0.05 else 'not ruled out'} (Bartlett's test, p {p}).",
    ]
    if np.isfinite(first["map"]):
        notes.append(f"Another rule, the smallest average partial correlation, says {in_words(int(first['map']))}.")
    if answers.left_out:
        notes.append(f"Left out: {counted(answers.left_out, 'visit')} with only some of the items answered.")
    if answers.again:
        notes.append("Some respondents came several times, and their visits are taken as if they were of different people.")
    if answers.declared and first["found"] != answers.declared:
        notes.append(FORMATIVE)
    return notes


def _most(items: int) -> int:
    """Return how many factors so many items can tell apart: as long as there are no fewer correlations than loadings."""
    return max(1, int((2 * items + 1 - np.sqrt(8 * items + 1)) / 2))


def _places(loading: Floats) -> tuple[np.ndarray, np.ndarray]:
    """Return the number of each item's largest loading, 0 where it is small, and of another near it, else 0."""
    size = np.abs(loading)
    order = np.argsort(-size, axis=1, kind="stable")
    first = np.take_along_axis(size, order[:, :1], 1)[:, 0]
    own = np.where(first >= SALIENT, order[:, 0] + 1, 0)
    if loading.shape[1] == 1:
        return own, np.zeros(len(own), np.int64)
    second = np.take_along_axis(size, order[:, 1:2], 1)[:, 0]
    return own, np.where((own > 0) & (first - second < NEAR), order[:, 1] + 1, 0)


def _appear(answers: Answers, own: np.ndarray, count: int) -> bool | None:
    """Whether each dimension has a factor of its own; None where the questionnaire names no dimensions."""
    if not answers.declared:
        return None
    homes: dict[str, set[int]] = {}
    for dimension, factor in zip(answers.dimensions, own, strict=True):
        homes.setdefault(dimension, set()).add(int(factor))
    alone = all(len(home) == 1 and 0 not in home for home in homes.values())
    return alone and count == len(homes) == len(set.union(*homes.values()))


def _verdict(answers: Answers, count: int, appear: bool | None) -> str:
    made = f"the items form {counted(count, 'group')}".replace(f"{count:,}", in_words(count), 1)
    if appear is None:
        return f"{made[0].upper()}{made[1:]}"
    named = "dimension" if answers.declared == 1 else f"{in_words(answers.declared)} dimensions"
    does = "Does" if answers.declared == 1 else "Do"
    if appear:
        return f"{does} the {named} appear? Yes: each has items of its own."
    return f"{does} the {named} appear? No: {made}" + ("." if count != answers.declared else ", and not along the dimensions.")


def _loading_notes(frame: pd.DataFrame, found: Factors, appear: bool | None) -> list[str]:
    notes = [f"Loadings of {SALIENT:.1f} and more are shown: how far an item goes with a factor, the others held still."]
    near = frame[frame["near"] > 0]
    if len(near):
        named = ", ".join(
            f"{row.item} (factors {min(row.factor, row.near)} and {max(row.factor, row.near)})" for row in near.itertuples()
        )
        notes.append(f"On two factors within {NEAR:.1f} of each other: {named}.")
    nowhere = list(frame.loc[frame["factor"] == 0, "item"])
    notes += [f"On no factor: {', '.join(nowhere)}."] if nowhere else []
    pairs = zip(*np.triu_indices(len(found.r), 1), strict=True)
    between = ", ".join(f"{one + 1} and {other + 1} {plain(found.r[one, other], 2)}" for one, other in pairs)
    notes += [f"Correlations of the factors: {between}."] if between else []
    notes += ["A factor explains all of an item (a Heywood case): take fewer factors."] if found.heywood else []
    notes += ["The search for the loadings did not settle; do not rely on them."] if not found.settled else []
    notes += [FORMATIVE] if appear is False else []
    return notes


def _shown(loading: float) -> str:
    return plain(loading, 2) if abs(loading) >= SALIENT else ""
