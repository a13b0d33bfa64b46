"""What kind of requirement each feature is: taken for granted, better the more of it, a delight, or none."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap._check import as_names, check_count, check_prob
from cxgap.errors import ArgumentError, TooManyError
from cxgap.gaps.asking import grouping
from cxgap.gaps.design import UNIT, design_columns
from cxgap.gaps.kano_answers import CATEGORY, read_answers
from cxgap.gaps.margins import Margins
from cxgap.gaps.outcomes import Outcomes, People, read_outcomes
from cxgap.gaps.scoreboard import COUNTS, percent_of, rows_of, two
from cxgap.result import Table
from cxgap.stats.bootstrap import Source
from cxgap.stats.intervals import interval
from cxgap.stats.kano import CATEGORIES, A, I, M, O, Q, better_and_worse, chance_of_leading, leading
from cxgap.stats.means import Floats, design_means, ratio, simple_means, strata_of, sum_by
from cxgap.tables.absent import absent
from cxgap.vocabulary import NOT_SHOWN, NOTES, counted, percent

SLUG, TITLE = "kano", "What kind of requirement each feature is"
KINDS: Final = {"A": "delight", "O": "performance", "M": "must-be", "I": "indifferent", "R": "reverse", "Q": "questionable"}
MIXED: Final = "mixed"
WORDING = 0.10  # share of pairs that contradict themselves, beyond which the question is to be looked at
# Two groups of which one wants what the other takes for granted, or would rather not have.
OPPOSITE: Final = ({"A", "R"}, {"O", "R"}, {"M", "R"}, {"A", "M"})
SHARES: Final = tuple(f"share_{letter}" for letter in CATEGORIES)
ENDS: Final = ("better", "better_low", "better_high", "worse", "worse_low", "worse_high")
OWN: Final = (
    *COUNTS, *CATEGORIES, *SHARES, *ENDS, "category", "second", "strength", "total_strength", "fong_difference",
    "fong_threshold", "fong", "p_mode", "kind", "opposite", "flags",
)  # fmt: skip


def kano(
    answers: IntoFrame,
    *,
    by: str | Sequence[str] = "feature",
    functional: str = "functional",
    dysfunctional: str = "dysfunctional",
    respondent: str = UNIT,
    coded: Mapping[object, str | None] | Sequence[object] | None = None,
    segments: str | None = None,
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
    conf_level: float = 0.95,
    seed: int = 0,
    replicates: int = 1999,
) -> Table:
    """Sort features by what people say of having them and of not having them.

    Parameters
    ----------
    answers : pandas, Polars, DuckDB or PySpark frame, one row a respondent and feature
        A row that lacks one of its two answers is left out.
    by : columns whose combinations make the cells, such as "feature" or "feature,segment"
    functional, dysfunctional : columns of the answers to "How would you feel if ... were there?" and "... were not there?":
        "like", "must-be", "neutral", "live-with", "dislike", or codes for them
    respondent : column of the respondents; where there is no such column each row is a person of its own
    coded : what codes mean: the five codes in the order above, or a mapping from codes to answers (None for no answer)
    segments : column of groups that may want the opposite, of which all together tell nothing; it is then said which do.
        Answers that lack it are not cut
    weight, stratum, psu, population, margins : columns of `answers`, as in `customer_gap`
    scale, expectation_type, margin, confirmatory : accepted with the rest of a study's design
    min_n : cells of fewer respondents are blanked, and others where they could be told by subtraction
    conf_level : of the intervals, and of the word for the kind
    seed, replicates : of the bootstrap of sampling units

    Returns
    -------
    Table "kano" with one row a cell: `n`, `n_eff`; how many answers fall into each category (`A` attractive, `O`
    one-dimensional, `M` must-be, `I` indifferent, `R` reverse, `Q` questionable) and their weighted shares (`share_A`, ...);
    `better` (0 to 1) and `worse` (-1 to 0) with the ends of their intervals; `category`, the most frequent (of a tie M before
    O, A and I), and the `second`; `strength`, by what share the first leads, and `total_strength`, the share of A, O and M;
    `fong_difference`, `fong_threshold` and `fong`, the category or, within the threshold, both; `p_mode`, the chance that the
    category leads when respondents are drawn again; `kind`, its word ("must-be", "performance", "delight", "indifferent",
    "reverse", "questionable") where p_mode reaches (1 + conf_level) / 2, so that of a true tie one is called the first with a
    chance of at most 1 - conf_level, else "mixed"; `opposite`, which segments want the opposite; and `flags`.

    Raises
    ------
    ColumnError : `answers` lacks a column.
    ArgumentError : an answer is none of the five, or an argument is not what it must be.

    References
    ----------
    Kano, Seraku, Takahashi & Tsuji (1984), Hinshitsu 14(2), 39-48.
    Berger et al. (1993), Center for Quality Management Journal 2(4), 3-36.
    Fong (1996), Center for Quality Management Journal 5(3), 21-24.
    """
    names = grouping(by, {UNIT, respondent, functional, dysfunctional, CATEGORY, *OWN})
    across = as_names(segments, "segments")
    if len(across) > 1 or set(across) & set(names):
        raise ArgumentError(f"`segments` must name one column that is not in `by`, not {segments!r}.")
    min_n, conf_level = check_count(min_n, "min_n"), check_prob(conf_level, "conf_level")
    replicates = check_count(replicates, "replicates")
    if why := absent(answers):
        return Table.not_measured(SLUG, TITLE, why)
    across = tuple(name for name in across if name in tally.columns_of(answers))
    drawn = design_columns(stratum, psu, population, margins)
    design: dict[str, Any] = {
        "weight": weight, "stratum": stratum, "psu": psu, "population": population, "margins": margins,
    }  # fmt: skip
    try:
        frame, lacking = read_answers(
            answers, by=names, functional=functional, dysfunctional=dysfunctional, respondent=respondent, coded=coded,
            beside=[*across, *drawn, *([weight] if weight else [])],
        )  # fmt: skip
    except TooManyError as error:
        return Table.not_measured(SLUG, TITLE, str(error).rstrip("."))
    if frame.empty:
        return Table.not_measured(SLUG, TITLE, "nobody answered both questions of a feature")
    asked: dict[str, Any] = {"min_n": min_n, "conf_level": conf_level, "seed": seed, "replicates": replicates}
    rows = _rows(frame, names, design, **asked)
    rows["opposite"] = _opposite(rows, frame, names, across[0], design, asked) if across else ""
    apart = rows["opposite"] != ""
    rows["flags"] = [_joined(flags, "OPPOSITE_SEGMENTS" * bool(one)) for flags, one in zip(rows["flags"], apart, strict=True)]
    return _table(rows[[*names, *OWN]], names, lacking, min_n, conf_level, replicates)


def _rows(
    frame: pd.DataFrame,
    names: Sequence[str],
    design: Mapping[str, Any],
    *,
    min_n: int,
    conf_level: float,
    seed: int,
    replicates: int,
) -> pd.DataFrame:
    """Estimate each cell, and blank what must not be shown."""
    inner = {name: f"_key{place}" for place, name in enumerate(names)}
    read = read_outcomes(
        frame[[*names, UNIT, CATEGORY, *{name for name in frame if name not in {*names, UNIT, CATEGORY}}]].assign(
            **{key: frame[name] for name, key in inner.items()}
        ),
        CATEGORY,
        by=tuple(inner.values()),
        **design,
    )
    read = read._replace(cells=read.cells.rename(columns={key: name for name, key in inner.items()}))
    cells, used = len(read.cells), read.design.weight[read.respondent] > 0
    category, cell, respondent = read.value[used].astype(np.int64), read.cell[used], read.respondent[used]
    weight = read.design.weight[respondent]
    wide = len(CATEGORIES)
    place = cell * wide + category
    counts = sum_by(place, cells * wide).reshape(cells, wide)
    mass = sum_by(place, cells * wide, weight).reshape(cells, wide)
    share = mass / np.where(mass.sum(axis=1) > 0, mass.sum(axis=1), np.nan)[:, None]
    n = counts.sum(axis=1)
    n_eff = np.nan_to_num(ratio(mass.sum(axis=1) ** 2, sum_by(cell, cells, weight**2)))
    first = leading(share, n_eff)
    better, worse = _ends(read, category, cell, respondent, share, conf_level)
    stratum = strata_of(read.design)
    source = Source(SLUG, stratum, sum_by(stratum, len(read.design.population)) / read.design.population)
    chance = chance_of_leading(
        category, cell, read.design.psu[respondent], weight, cells, source, replicates=replicates, seed=seed
    )
    row = np.arange(cells)
    p_mode = np.where(n > 1, chance[row, first.category], np.nan)
    values: dict[str, Floats] = {"n": n, "n_eff": n_eff, "df": np.full(cells, np.nan)}
    values |= dict(zip(CATEGORIES, counts.T, strict=True)) | dict(zip(SHARES, share.T, strict=True))
    values |= dict(zip(ENDS, (*better, *worse), strict=True))
    values |= {
        "strength": first.strength, "total_strength": first.total, "fong_difference": first.difference,
        "fong_threshold": first.threshold, "p_mode": p_mode,
    }  # fmt: skip
    people = People(cell, respondent, ())
    made = rows_of(read, people, names, values, np.zeros(cells, bool), np.zeros(cells, bool), min_n)
    told = np.isfinite(made["share_A"].to_numpy(float))
    letter = np.array(CATEGORIES, object)
    one, other = letter[first.category], letter[first.second]
    both = [f"{a}/{b}" for a, b in zip(one, other, strict=True)]
    fong = np.where(first.difference > first.threshold, one, both)
    kind = np.where(p_mode >= (1 + conf_level) / 2, [KINDS[a] for a in one], MIXED)
    for name, text in {"category": one, "second": other, "fong": fong, "kind": kind}.items():
        made[name] = np.where(told, text, NOT_SHOWN if name == "kind" else "")
    vague = told & (share[:, Q] > WORDING)
    made["flags"] = [_joined(flags, "QUESTION_WORDING" * bool(one)) for flags, one in zip(made["flags"], vague, strict=True)]
    return made


def _ends(
    read: Outcomes, category: np.ndarray, cell: np.ndarray, respondent: np.ndarray, share: Floats, conf_level: float
) -> tuple[tuple[Floats, Floats, Floats], tuple[Floats, Floats, Floats]]:
    """Return better and worse, each with both ends: shares of those who neither turn the question round nor contradict."""
    asked = np.isin(category, (A, O, M, I))
    category, cell, respondent, cells = category[asked], cell[asked], respondent[asked], len(share)
    ends = []
    for among in ((A, O), (O, M)):
        y = np.isin(category, among).astype(float)
        found = design_means(y, cell, cells, respondent, read.design) if read.designed else simple_means(y, cell, cells)
        made = interval(
            "share", found.mean, found.std_error, found.df, n=found.n, conf_level=conf_level, designed=read.designed
        )
        ends.append((made.low, made.high))
    better, worse = better_and_worse(share)
    (low, high), (lack_low, lack_high) = ends
    return (better, low, high), (worse, -lack_high, -lack_low)


def _opposite(
    rows: pd.DataFrame, frame: pd.DataFrame, names: Sequence[str], across: str, design: Mapping[str, Any], asked: dict[str, Any]
) -> list[str]:
    """Say of each cell which segments want the opposite, whatever all together say."""
    # No number of a group is told, only its kind, so that nothing can be subtracted: the small are left out, and no others.
    parts = _rows(frame, (*names, across), design, **{**asked, "min_n": 1})
    parts = parts[~parts["kind"].isin((MIXED, NOT_SHOWN)) & (parts["n"] >= asked["min_n"])]
    keys = parts[list(names)].itertuples(index=False, name=None) if names else [()] * len(parts)
    said: dict[tuple[Any, ...], list[tuple[str, str]]] = {}
    for key, segment, letter in zip(keys, parts[across], parts["category"], strict=True):
        said.setdefault(key, []).append((str(segment), str(letter)))
    found = []
    own = rows[list(names)].itertuples(index=False, name=None) if names else [()] * len(rows)
    for key, kind in zip(own, rows["kind"], strict=True):
        groups = said.get(key, []) if kind != NOT_SHOWN else []
        letters = {letter for _, letter in groups}
        opposed = any(pair <= letters for pair in OPPOSITE)
        found.append("; ".join(f"{segment}: {KINDS[letter]}" for segment, letter in groups) if opposed else "")
    return found


def _joined(flags: str, more: str) -> str:
    return "|".join(sorted(filter(None, [*flags.split("|"), more])))


def _table(frame: pd.DataFrame, names: Sequence[str], lacking: int, min_n: int, conf_level: float, replicates: int) -> Table:
    """Write what a reader sees."""
    level = percent(conf_level)
    heads = (
        *(name.replace("_", " ") for name in names), "kind", "most named", "having it pleases (better)", f"{level} interval",
        "its lack displeases (worse)", f"{level} interval", "respondents", "note",
    )  # fmt: skip
    labels = [" · ".join(str(row[name]) for name in names) or "all" for row in frame.to_dict("records")]
    wording = [label for label, flags in zip(labels, frame["flags"], strict=True) if "QUESTION_WORDING" in flags]
    notes = [
        "Better is the share of those who would be pleased to have the feature, worse the share who would be displeased by its "
        "lack, both of all who neither contradict themselves nor would rather be without it.",
        f"A kind is named where it leads in at least {percent((1 + conf_level) / 2)} of {replicates:,} samples drawn again, so "
        f"that two that are named equally often are told apart by mistake in at most {percent(round(1 - conf_level, 9))} of "
        "surveys; else it is mixed. Fong's rule of thumb stands beside it in the full table.",
        *(
            f"{label}: for all together it reads {row.kind}, but groups want the opposite ({row.opposite}); read them apart."
            for label, row in zip(labels, frame.itertuples(), strict=True)
            if row.opposite
        ),
        *(
            [f"{'; '.join(wording)}: more than a tenth contradict themselves, so look at how the question is put."]
            * bool(wording)
        ),
        *([f"{counted(lacking, 'row')} without both answers took no part."] if lacking else []),
        *([f"Cells of fewer than {min_n} respondents are not shown."] if min_n > 1 else []),
    ]
    cells = tuple(_written(row, names) for row in frame.to_dict("records"))
    return Table(frame.reset_index(drop=True), SLUG, _title(frame, labels), heads, cells, len(names) or 1, tuple(notes))


def _written(row: Mapping[str, Any], names: Sequence[str]) -> tuple[str, ...]:
    key = tuple(str(row[name]) for name in names)
    flags = "; ".join(NOTES[flag] for flag in str(row["flags"]).split("|") if flag in NOTES)
    if row["kind"] == NOT_SHOWN:
        return (*key, NOT_SHOWN, "", "", "", "", "", "", flags)
    kind = f"mixed: {KINDS[row['category']]} or {KINDS[row['second']]}" if row["kind"] == MIXED else str(row["kind"])
    most = [
        f"{KINDS[row[name]]} {percent_of(share)}" for name in ("category", "second") if (share := row["share_" + row[name]]) > 0
    ]
    numbers: list[str] = []
    for name in ("better", "worse"):
        low, high = row[f"{name}_low"], row[f"{name}_high"]
        numbers += ["" if np.isnan(row[name]) else two(row[name]), "" if np.isnan(low) else f"{two(low)} to {two(high)}"]
    return (*key, kind, ", ".join(most), *numbers, f"{row['n']:,.0f}", flags)


def _title(frame: pd.DataFrame, labels: Sequence[str]) -> str:
    """Name the features whose kind is settled, and count the rest."""
    said = []
    for kind, words in (("must-be", "must be there"), ("performance", "the more the better"), ("delight", "delights")):
        held = [label for label, row in zip(labels, frame.itertuples(), strict=True) if row.kind == kind and not row.opposite]
        if held:
            said.append(f"{words}: {', '.join(held) if len(held) < 3 else f'{len(held)} of {len(labels)}'}")
    split = [label for label, opposite in zip(labels, frame["opposite"], strict=True) if opposite]
    if split:
        said.append(f"groups want the opposite: {', '.join(split) if len(split) < 3 else f'{len(split)} of {len(labels)}'}")
    mixed = int(((frame["kind"] == MIXED) & (frame["opposite"] == "")).sum())
    if not (frame["kind"] != NOT_SHOWN).any():
        return f"{TITLE}: too few respondents to show"
    if not said:
        return f"{TITLE}: none is shown to please or to be missed" if not mixed else f"{TITLE}: the data cannot tell of {mixed}"
    text = "; ".join([*said, *([f"mixed: {mixed}"] if mixed else [])])
    return text[0].upper() + text[1:]
