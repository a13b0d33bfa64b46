"""The journey as a whole beside its touchpoints: each can be met, and the journey not."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap._check import check_choice, check_count, check_prob, check_scale
from cxgap.errors import ArgumentError
from cxgap.gaps.asking import check_expectation_type, margin_of
from cxgap.gaps.case_mix import BETTER
from cxgap.gaps.journeys import OTHER, Journeys, read_journeys, with_others
from cxgap.gaps.margins import Margins
from cxgap.gaps.outcomes import scale_of
from cxgap.gaps.scoreboard import STABLE, interval_of
from cxgap.gaps.spared import spared
from cxgap.result import Table
from cxgap.stats.means import Floats, Means, design_means, simple_means, sum_by, t_interval, t_p_value
from cxgap.stats.multiplicity import benjamini_hochberg
from cxgap.stats.privacy import hide_also, too_few
from cxgap.stats.proportions import korn_graubard, wilson
from cxgap.tables.absent import absent
from cxgap.vocabulary import CANNOT_TELL, MARGIN_PART, NOT_SHOWN, counted, percent, plain, signed

SLUG, TITLE = "journey_score", "The journey beside its touchpoints"
EVERY = "all journeys"
HIDES, HIDES_NONE = "touchpoints hide poor journeys", "hardly any is hidden"
FORGIVES, FORGIVES_NONE = "short touchpoints are forgiven", "hardly any is forgiven"
NOT_ASKED = "not asked"
RARE: Final = 1 / MARGIN_PART  # of journeys: where fewer disagree, touchpoints tell enough
_USUAL, _USUAL_SCALE = "recommend", (0.0, 10.0)


@spared
def journey_score(
    responses: IntoFrame,
    *,
    outcome: str | None = None,
    outcomes: pd.DataFrame | None = None,
    low: float | None = None,
    high: float | None = None,
    better: str = "high",
    most: int = 8,
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
    """Score whole journeys, and say where they and their touchpoints disagree.

    A journey is what a respondent used in one wave, if that were two touchpoints or more; who made several alike counts once,
    with their mean. A touchpoint is met where its gap is
    no more than `margin` below zero; a journey was judged well where its judgement lies in the upper third of its scale.

    Parameters
    ----------
    responses, weight, stratum, psu, population, margins : as in `customer_gap`
    outcome : numeric column with a judgement of the whole journey; if not given, what `outcomes` declares of it, else
        "recommend" where the answers have it
    outcomes : what the study declares, as `study.outcomes`: one with of = "journey" is taken, else the first recommendation
    low, high, better : the ends of its scale, and which end is good; from `outcomes` where that has it
    most : kinds of journeys that are named at most; the others are put together
    scale, margin : shortfall of a touchpoint that still counts as met; 5 % of the scale's range; none without both
    min_n : kinds of journeys that fewer respondents made are put together
    expectation_type, confirmatory : accepted with the rest of a study's design
    conf_level : two-sided, in (0, 1)

    Returns
    -------
    Table "journey_score", first all journeys, then one row a kind (the touchpoints used, in the order of the journey): `n`
    respondents, `n_eff`, `touchpoints` on average; the mean of touchpoint gaps as `estimate`, `std_error`, `df`, `conf_low`,
    `conf_high`; the mean of each journey's `worst` and `last` gap; the share in which every touchpoint was met (`all_met`) and
    in which at least one was not (`any_short`). Of those with a judgement (`n_judged`) its mean as `judgement`, the share
    judged well (`judged_well`), every touchpoint met and the journey not judged well (`hidden`), a touchpoint short and the
    journey judged well (`forgiven`), and the one less the other as `disagreement` with `p_value` and `p_adjusted` (Benjamini &
    Hochberg); each with `_low` and `_high`. Last `verdict`, whether touchpoints surely hide more than 1 in 20
    journeys, `reverse`, whether as many short ones are surely forgiven, and `flags`.

    Raises
    ------
    ColumnError : `responses` lacks a column.
    ArgumentError : an argument is not what it must be, or a judgement is off its scale.

    References
    ----------
    Rawson, Duncan & Jones (2013), Harvard Business Review 91(9), 90-98.
    McNemar (1947), Psychometrika 12(2), 153-157.
    Korn & Graubard (1998), Survey Methodology 24(2), 193-201.
    """
    min_n, most = check_count(min_n, "min_n"), check_count(most, "most")
    conf_level = check_prob(conf_level, "conf_level")
    check_choice(better, "better", BETTER)
    check_expectation_type(expectation_type)
    if why := absent(responses):
        return Table.not_measured(SLUG, TITLE, why)
    if "touchpoint" not in tally.columns_of(responses):
        return Table.not_measured(SLUG, TITLE, "the survey has no column 'touchpoint'")
    limit = margin_of(margin, check_scale(scale)) or 0.0
    column, ends, better = _judgement(responses, outcome, outcomes, low, high, better)
    found = read_journeys(
        responses, outcome=column, margin=limit, weight=weight, stratum=stratum, psu=psu, population=population, margins=margins
    )
    people = len(np.unique(found.respondent))
    if people < max(min_n, 2):
        whole = f"at least {max(min_n, 2)} respondents must have rated two touchpoints"
        return Table.not_measured(SLUG, TITLE, f"{whole}, and {people if min_n == 1 else 'fewer'} did")
    _refuse_off(found.judgement, column, ends)
    found = with_others(found, least=max(min_n, 2), most=most)
    well = np.full(len(found.kind), np.nan)
    if column is not None and ends:
        turned = found.judgement if better == "high" else ends[0] + ends[1] - found.judgement
        cut = ends[0] + (ends[1] - ends[0]) * 2 / 3
        well = np.where(np.isfinite(turned), turned >= cut - 1e-9, np.nan)
    frame = _frame(found, well, min_n, conf_level)
    return _written(frame, found, column, ends, better, limit, min_n, conf_level)


def _judgement(
    responses: IntoFrame, outcome: str | None, outcomes: pd.DataFrame | None, low: float | None, high: float | None, better: str
) -> tuple[str | None, tuple[float, float] | None, str]:
    """Return the column that judges the journey, its scale and which end is good; None where nobody asked."""
    declared = pd.DataFrame(columns=["column", "kind"]) if outcomes is None else outcomes
    if not (isinstance(declared, pd.DataFrame) and {"column", "kind"} <= set(declared.columns)):
        raise ArgumentError(f"`outcomes` must be what the study declares, as in study.outcomes, not {type(outcomes).__name__}.")
    if outcome is not None:
        tally.require(responses, [outcome], "responses")
    chosen = declared[declared["column"] == outcome] if outcome is not None else declared.iloc[:0]
    if outcome is None:
        whole = declared[declared["of"] == "journey"] if "of" in declared else declared.iloc[:0]
        chosen = whole if len(whole) else declared[declared["kind"] == _USUAL]
        schema = nw.from_native(responses).collect_schema()
        usual = _USUAL in schema and schema[_USUAL].is_numeric()
        outcome = str(chosen["column"].iloc[0]) if len(chosen) else _USUAL if usual else None
    if outcome is None or outcome not in tally.columns_of(responses):
        return None, None, better
    if len(chosen):
        row = chosen.iloc[0]
        low, high = (float(row[name]) if given is None else given for name, given in (("low", low), ("high", high)))
        better = row["better"] if isinstance(row.get("better"), str) else better
    return outcome, scale_of(low, high, _USUAL_SCALE if outcome == _USUAL else None, outcome), better


def _refuse_off(value: Floats, column: str | None, ends: tuple[float, float] | None) -> None:
    if column is None or not ends:
        return
    off = value[np.isfinite(value) & ((value < ends[0]) | (value > ends[1]))]
    if len(off):
        raise ArgumentError(
            f"{column!r} must lie between {ends[0]:g} and {ends[1]:g}; it holds {off[0]:g}. Say what the question's scale is "
            "with `low` and `high`, or correct the answers."
        )


def _frame(found: Journeys, well: Floats, min_n: int, conf_level: float) -> pd.DataFrame:
    """Estimate all journeys together and each kind."""
    kinds = len(found.names)
    cell = np.concatenate([np.zeros(len(found.kind), np.int64), found.kind + 1])
    entry = np.tile(np.arange(len(found.kind)), 2)
    cells = kinds + 1

    size = len(found.design.weight)

    def mean(values: Floats) -> Means:
        known = np.isfinite(values[entry])
        pair, place = np.unique(cell[known] * size + found.respondent[entry[known]], return_inverse=True)
        own = sum_by(place, len(pair), values[entry[known]]) / sum_by(place, len(pair))  # who made several journeys counts once
        if found.designed:
            return design_means(own, pair // size, cells, pair % size, found.design)
        return simple_means(own, pair // size, cells)

    def people(values: Floats) -> Floats:
        known = np.isfinite(values[entry])
        return sum_by(np.unique(cell[known] * size + found.respondent[entry[known]]) // size, cells)

    gap = mean(found.mean)
    low, high = t_interval(gap.mean, gap.std_error, gap.df, conf_level=conf_level)
    values: dict[str, Any] = {"n": people(found.mean), "n_eff": gap.n_eff, "touchpoints": mean(found.touchpoints).mean}
    values |= {"estimate": gap.mean, "std_error": gap.std_error, "df": gap.df, "conf_low": low, "conf_high": high}
    for name, part in (("worst", found.worst), ("last", found.last)):
        values |= _with_t(name, mean(part), conf_level)
    repeated = len(np.unique(found.respondent)) < len(found.respondent)
    for name, part in (("all_met", found.met), ("any_short", 1 - found.met)):
        values |= _with_share(name, mean(part), found.designed or repeated, conf_level)
    judgement = np.where(np.isfinite(well), found.judgement, np.nan)
    judged = {"n_judged": people(well), **_with_t("judgement", mean(judgement), conf_level)}
    parts = {"judged_well": well, "hidden": found.met * (1 - well), "forgiven": (1 - found.met) * well}
    for name, part in parts.items():
        judged |= _with_share(name, mean(part), found.designed or repeated, conf_level)
    apart = mean(found.met - well)
    judged |= _with_t("disagreement", apart, conf_level)
    thin = too_few(judged["n_judged"], min_n) | ~(judged["n_judged"] > 0)
    thin[1:] |= hide_also(thin[1:], judged["n_judged"][1:], [np.arange(kinds)], min_n)
    p_value = np.where(thin, np.nan, t_p_value(apart.mean, apart.std_error, apart.df))
    adjusted = np.concatenate([p_value[:1], benjamini_hochberg(p_value[1:])])  # all together is a question of its own
    blanked = {name: np.where(thin, np.nan, part) for name, part in judged.items()}
    unknown = NOT_SHOWN if np.isfinite(well).any() else NOT_ASKED
    frame = pd.DataFrame({"journey": [EVERY, *found.names], **values, **blanked, "p_value": p_value, "p_adjusted": adjusted})
    for verdict, name, many, few in (
        ("verdict", "hidden", HIDES, HIDES_NONE),
        ("reverse", "forgiven", FORGIVES, FORGIVES_NONE),
    ):
        said = np.where(judged[f"{name}_low"] > RARE, many, np.where(judged[f"{name}_high"] < RARE, few, CANNOT_TELL))
        frame[verdict] = np.where(thin, unknown, said)
    frame["flags"] = np.where(gap.n_eff < STABLE, "UNSTABLE", "")
    return frame.iloc[: 1 if kinds == 1 else None]


def _with_t(name: str, means: Means, conf_level: float) -> dict[str, Floats]:
    low, high = t_interval(means.mean, means.std_error, means.df, conf_level=conf_level)
    return {name: means.mean, f"{name}_low": low, f"{name}_high": high}


def _with_share(name: str, share: Means, designed: bool, conf_level: float) -> dict[str, Floats]:
    if designed:
        low, high = korn_graubard(share.mean, share.std_error, share.n, share.df, conf_level=conf_level)
    else:
        low, high = wilson(np.rint(share.mean * share.n), share.n, conf_level=conf_level)
    return {name: share.mean, f"{name}_low": low, f"{name}_high": high}


def _written(
    frame: pd.DataFrame, found: Journeys, column: str | None, ends: tuple[float, float] | None, better: str, margin: float,
    min_n: int, conf_level: float,
) -> Table:  # fmt: skip
    """Write what a reader sees."""

    def gap(value: float) -> str:
        return signed(value, 2)

    def share(value: float) -> str:
        return f"{plain(value * 100, 0)} %"

    rows = frame.to_dict("records")
    shown = frame.assign(
        _gap=[
            f"{gap(row['estimate'])} ({interval_of(row['conf_low'], row['conf_high'], gap) or 'no interval'})" for row in rows
        ],
        _met=[_spanned(row, "all_met", share) for row in rows],
        _well=[_spanned(row, "judged_well", share) for row in rows],
        _hidden=[_spanned(row, "hidden", share) for row in rows],
        _forgiven=[_spanned(row, "forgiven", share) for row in rows],
    )
    columns: dict[str, tuple[str, Any]] = {
        "journey": ("journey", str),
        "n": ("respondents", "{:,.0f}".format),
        "_gap": (f"mean of touchpoint gaps ({percent(conf_level)} interval)", str),
        "worst": ("worst gap", gap),
        "last": ("last gap", gap),
        "_met": ("every touchpoint met", str),
    }
    if column is not None:
        columns |= {
            "_well": ("journey judged well", str),
            "_hidden": ("touchpoints met, journey not", str),
            "_forgiven": ("a touchpoint short, journey well", str),
            "verdict": ("do touchpoints hide it?", str),
        }
    made = Table.of(
        shown, slug=SLUG, title=_title(frame, column), columns=columns, keys=1,
        notes=_notes(frame, found, column, ends, better, margin),
    )  # fmt: skip
    return Table(frame.reset_index(drop=True), made.slug, made.title, made.heads, made.cells, made.keys, made.notes)


def _spanned(row: dict[str, Any], name: str, write: Any) -> str:
    """Write a share with its interval."""
    if np.isnan(row[name]):
        return ""
    low, high = (plain(row[f"{name}_{end}"] * 100, 0) for end in ("low", "high"))
    return f"{write(row[name])} ({low} to {high})"


def _title(frame: pd.DataFrame, column: str | None) -> str:
    row = frame.iloc[0]
    met = f"In {plain(row['all_met'] * 100, 0)} % of journeys every touchpoint was met"
    if column is None:
        return f"{met}; nobody was asked about the journey as a whole"
    if np.isnan(row["hidden"]):
        return met
    hidden = _spanned(row, "hidden", lambda value: f"{plain(value * 100, 0)} %")
    return f"{met}; in {hidden} every touchpoint was met and yet the journey was not judged well"


def _notes(
    frame: pd.DataFrame, found: Journeys, column: str | None, ends: tuple[float, float] | None, better: str, margin: float
) -> list[str]:
    within = f"no more than {margin:g} below what was expected" if margin else "not below what was expected; no margin is set"
    notes = [
        "A journey is what a respondent used in one wave: two touchpoints or more. "
        f"{counted(found.alone, 'respondent')} with a single one {'is' if found.alone == 1 else 'are'} not among them.",
        f"Met: {within}. A single customer's gap carries error, so that of longer journeys more have one short.",
    ]
    if column is not None and ends:
        cut = ends[0] + (ends[1] - ends[0]) * 2 / 3
        whole = all(end == int(end) for end in ends)
        cut = float(np.ceil(cut - 1e-9)) if whole else cut
        level = f"{cut:.3g} or more" if better == "high" else f"{ends[0] + ends[1] - cut:.3g} or less"
        notes.append(
            f"Judged well: {level} in {column!r}, which is the best third of its scale from {ends[0]:g} to {ends[1]:g}."
        )
        notes.append(
            f"Touchpoints hide poor journeys where surely more than {percent(RARE)} are met throughout and not judged well."
        )
    if OTHER in set(frame["journey"]):
        notes.append("Other journeys: those that few made, together.")
    return notes
