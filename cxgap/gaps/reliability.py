"""Whether the scores and the gaps of a survey can be trusted: alpha, omega, and the reliability of the difference."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap._check import as_names, check_count, check_prob
from cxgap.gaps.batteries import UNDIVIDED, read_batteries
from cxgap.gaps.consistency import BATTERIES, ENOUGH, FINE, GROUPS, INDIVIDUALS, consistency, in_words, scales
from cxgap.gaps.spared import spared_answers
from cxgap.result import Table
from cxgap.stats.consistency import REPLICATES
from cxgap.tables.absent import absent
from cxgap.vocabulary import NOT_SHOWN, counted, percent, plain

SLUG, TITLE = "reliability", "Reliability of scores and gaps"


@spared_answers
def reliability(
    responses: IntoFrame,
    *,
    by: str | Sequence[str] = "dimension",
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
    replicates: int = REPLICATES,
    seed: int = 0,
) -> Table:
    """Estimate how reliable the scores of each dimension are, and how reliable the gap between them.

    A visit, one respondent at one touchpoint in one wave, is a row of answers, and counts where it has all of a battery.
    The gap of two reliable scores can be unreliable where they go together: what is the same in both is taken away, and
    the errors of both are kept.

    Parameters
    ----------
    responses : as in `customer_gap`; it must have a column `item`
    by : "dimension" for a row each and one for all items; other columns cut visits, such as touchpoint; "" is all items
    weight, stratum, psu, population, margins : as in `customer_gap`
    scale, expectation_type, margin, confirmatory : accepted with the rest of a study's design
    min_n : rows of fewer respondents are blanked
    conf_level : two-sided, in (0, 1)
    replicates, seed : of the bootstrap

    Returns
    -------
    Table "reliability" with one row a dimension and battery (expectation, perception, gap): `k` items that vary, `n`
    respondents and `visits` with all of them, `left_out` visits with only some; `alpha` (Cronbach's) with ends by Feldt
    (`interval`), or by bootstrap of sampling units where respondents came several times or were drawn by design;
    `alpha_std` (of standardised items), `spearman_brown` (of two items), `omega` (total, one factor, standardised items,
    against the variance observed) with ends by bootstrap, `omega_raw` (in the items' own units, as the loadings imply),
    `lambda6`, `r_average`, `r_drop_min` (the lowest correlation of an item with the rest) and `weakest_item`, `ave` and
    `cr` (one factor, maximum likelihood, standardised). In the rows of the gap: `r_between` (correlation of the two
    scores), `r_dd` (reliability of their difference, from alphas), `r_dd_alike` (the same for equal variances), and
    `advice` on its use. `flags`.

    Raises
    ------
    ColumnError : `responses` lacks a column.
    ArgumentError : an argument is not what it must be.

    References
    ----------
    Cronbach (1951), Psychometrika 16(3), 297-334.
    Feldt (1965), Psychometrika 30(3), 357-370.
    McDonald (1999), Test Theory: A Unified Treatment, Erlbaum.
    Lord (1963), in Harris (ed.), Problems in Measuring Change, 21-38.
    Peter, Churchill & Brown (1993), Journal of Consumer Research 19(4), 655-662.
    """
    names = as_names(by)
    min_n, conf_level = check_count(min_n, "min_n"), check_prob(conf_level, "conf_level")
    replicates = check_count(replicates, "replicates")
    if why := absent(responses):
        return Table.not_measured(SLUG, TITLE, why)
    cuts = [name for name in names if name != "dimension"]
    batteries = read_batteries(
        responses, by=cuts, weight=weight, stratum=stratum, psu=psu, population=population, margins=margins
    )
    asked = scales(batteries, divided="dimension" in names)
    rows = consistency(batteries, asked, conf_level=conf_level, replicates=replicates, seed=seed, min_n=min_n)
    keys = batteries.cells.to_dict("records")
    places = [keys[scale.cell] if cuts else {} for scale in asked for _ in BATTERIES]
    frame = pd.DataFrame([{**{str(name): key[name] for name in cuts}, **row} for key, row in zip(places, rows, strict=True)])
    texts = [(*(str(key[name]) for name in cuts), *_written(row)) for key, row in zip(places, rows, strict=True)]
    heads = ("dimension", "battery", "items", "n", "alpha", "omega", "weakest item", "gap's reliability", "so")
    return Table(
        frame,
        slug=SLUG,
        title=_title(rows),
        heads=(*(name.replace("_", " ") for name in cuts), *heads),
        cells=tuple(texts),
        keys=len(cuts) + 2,
        notes=tuple(_notes(rows, conf_level)),
    )


def _written(row: Mapping[str, Any]) -> tuple[str, ...]:
    def with_ends(name: str) -> str:
        value, low, high = row[name], row[f"{name}_low"], row[f"{name}_high"]
        interval = "" if np.isnan(low) or np.isnan(high) else f" ({plain(low, 2)} to {plain(high, 2)})"
        return "" if np.isnan(value) else plain(value, 2) + interval

    weakest = "" if np.isnan(row["r_drop_min"]) else f"{row['weakest_item']}: {plain(row['r_drop_min'], 2)}"
    gap = "" if np.isnan(row["r_dd"]) else plain(row["r_dd"], 2)
    count = "" if np.isnan(row["n"]) else f"{row['n']:,.0f}"
    own = row["dimension"], row["battery"], str(row["k"]), count, with_ends("alpha"), with_ends("omega")
    return (*own, weakest, gap, row["advice"])


def _title(rows: Sequence[Mapping[str, Any]]) -> str:
    """Say how many of the gaps are reliable."""
    known = [row for row in rows if row["battery"] == "gap" and not np.isnan(row["r_dd"])]
    gaps = [row for row in known if "UNSTABLE" not in row["flags"].split("|")]
    divided = [row for row in gaps if row["dimension"] != UNDIVIDED]
    among = divided or gaps
    if not among:
        return f"{TITLE}: {'too few respondents to judge' if known else 'not known'}"
    good = sum(row["r_dd"] > ENOUGH for row in among)
    if len(among) == 1:
        return f"The gap is {'reliable' if good else 'not reliable'} enough to compare single customers"
    verb = "has" if good == 1 else "have"
    what = f"{'dimensions' if divided else 'groups'} {verb} a gap reliable enough to compare single customers"
    if good == len(among) == 2:
        return f"Both {what}"
    many = "All" if good == len(among) else f"{in_words(good).capitalize() if good else 'None'} of"
    return f"{many} {in_words(len(among))} {what}"


def _notes(rows: Sequence[Mapping[str, Any]], conf_level: float) -> list[str]:
    flags = {flag for row in rows for flag in row["flags"].split("|") if flag}
    where = {
        flag: ", ".join(f"{row['battery']} of {row['dimension']}" for row in rows if flag in row["flags"].split("|"))
        for flag in flags
    }
    methods = {row["interval"] for row in rows if row["interval"]}
    how = "by Feldt's formula" if methods == {"Feldt"} else "by bootstrap of whole respondents or sampling units"
    notes = [
        "Alpha and omega say how far the answers of a battery go together, up to 1; where the two differ, decide on omega.",
        f"The reliability of the gap is the share of its spread between customers that is not error: below 0.5 {INDIVIDUALS}; "
        f"0.5 to 0.7 {GROUPS}; above 0.7 {FINE}. Means of large groups need none of this.",
        "The alpha of the gap's own items is usually higher, because errors of the two ratings of an item go together.",
        f"Intervals are {percent(conf_level)}: of alpha {how}, of omega by bootstrap.",
    ]
    left = max((row["left_out"] for row in rows if not np.isnan(row["left_out"])), default=0)
    if left:
        notes.append(f"Visits that lack an answer of a battery are left out of its row: {counted(int(left), 'visit')} at most.")
    sentences = {
        "CHECK_CODING": "An item speaks against the others; check whether its wording is reversed: {}.",
        "CONSTANT_ITEM": "Everybody gave an item the same answer, and it was left out: {}.",
        "EMPTY": "No visit has all answers: {}.",
        "HEYWOOD": "One factor explains more than all of an item, so that omega is not known: {}.",
        "INADMISSIBLE": "The reliability is below 0, so that errors of the two ratings must go together: {}.",
        "SUPPRESSED_PRIVACY": f"Fewer than the minimum, {NOT_SHOWN}: {{}}.",
        "UNSTABLE": "Fewer than 30 respondents: {}.",
    }
    return notes + [text.format(where[flag]) for flag, text in sentences.items() if flag in flags]
