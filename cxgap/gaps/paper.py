"""The tables that a SERVQUAL paper prints, in one call: items, dimensions, reliability and scores."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap.gaps.customer import customer_gap
from cxgap.gaps.margins import Margins
from cxgap.gaps.paired_tests import paired_tests
from cxgap.gaps.reliability import reliability
from cxgap.result import Table
from cxgap.vocabulary import percent, plain, signed

ITEMS, DIMENSIONS, SCORES = "paper-items", "paper-dimensions", "paper-scores"
_TESTED = {
    "mean_p": "end", "sd_p": "std_dev_end", "mean_e": "start", "sd_e": "std_dev_start", "gap": "estimate", "sd_gap": "std_dev",
    "t": "t", "df": "df", "p_value": "p_value", "p_adjusted": "p_adjusted", "wilcoxon_p": "wilcoxon_p", "d_z": "d_z",
}  # fmt: skip


class Paper(NamedTuple):
    """The tables of a SERVQUAL paper; hand the whole of it to `write_tables`."""

    items: Table
    dimensions: Table
    reliability: Table
    scores: Table


def servqual_paper(
    responses: IntoFrame,
    *,
    weight: str | None = None,
    stratum: str | None = None,
    psu: str | None = None,
    population: str | None = None,
    margins: Margins | None = None,
    importance: str | None = None,
    importance_kind: str = "points",
    missing: str = "half",
    scale: Sequence[float] | None = None,
    expectation_type: str | None = None,
    margin: float | None = None,
    min_n: int = 1,
    confirmatory: str | Collection[str] = (),
    conf_level: float = 0.95,
    seed: int = 0,
) -> Paper:
    """Make the tables that a SERVQUAL study reports.

    Parameters
    ----------
    responses, weight to missing, scale to conf_level : as in `customer_gap`
    seed : of bootstrap intervals of reliability

    Returns
    -------
    Paper of four Tables. `items`: one row an item with means and standard deviations of perception, expectation and gap,
    t, p, adjusted p, Wilcoxon's p and d_z. `dimensions`: the same for dimensions, with the items' number, alpha of both
    batteries and of the gap items, reliability of the difference, and mean importance. `reliability`: as the function of
    that name. `scores`: the overall scores, unweighted and weighted by importance, with intervals.

    Raises
    ------
    ColumnError : `responses` lacks a column.
    ArgumentError : an argument is not what it must be.

    References
    ----------
    Parasuraman, Zeithaml & Berry (1988), Journal of Retailing 64(1), 12-40.
    Cronin & Taylor (1992), Journal of Marketing 56(3), 55-68 (SERVPERF).
    """
    drawn: dict[str, Any] = {
        "weight": weight, "stratum": stratum, "psu": psu, "population": population, "margins": margins, "scale": scale,
        "expectation_type": expectation_type, "margin": margin, "min_n": min_n, "confirmatory": confirmatory,
    }  # fmt: skip
    present = tally.columns_of(responses)
    dimensional = "dimension" in present
    named = [name for name in ("dimension", "item", "question") if name in present]
    items = paired_tests(responses, by=named, missing=missing, conf_level=conf_level, **drawn)
    parts = paired_tests(responses, by="dimension" if dimensional else "", missing=missing, conf_level=conf_level, **drawn)
    trust = reliability(responses, by="dimension" if dimensional else "", conf_level=conf_level, seed=seed, **drawn)
    weighed: dict[str, Any] = {"importance": importance, "importance_kind": importance_kind} if importance else {}
    overall = customer_gap(responses, by="", missing=missing, conf_level=conf_level, **weighed, **drawn)
    points = _points(responses, importance, conf_level, drawn) if importance and dimensional else pd.Series(dtype=float)
    return Paper(
        _items(items.frame, named, scale),
        _dimensions(parts.frame, trust.frame, points, dimensional),
        trust,
        _scores(overall.frame.iloc[0], bool(importance), conf_level),
    )


def _points(responses: IntoFrame, importance: str, conf_level: float, drawn: Mapping[str, Any]) -> pd.Series:
    """Return the mean importance of each dimension, as it was given."""
    table = customer_gap(
        _as_ratings(responses, importance), by="dimension", missing="pairwise", conf_level=conf_level,
        **{**drawn, "scale": None, "margin": None, "confirmatory": ()},
    )  # fmt: skip
    return table.frame.set_index("dimension")["end"]


def _as_ratings(responses: IntoFrame, importance: str) -> Any:
    """Put the importance in the place of both ratings."""
    import narwhals.stable.v2 as nw

    frame = nw.from_native(responses)
    points = nw.col(importance).cast(nw.Float64)
    return frame.with_columns(points.alias("expectation"), points.alias("perception")).to_native()


def _items(tests: pd.DataFrame, named: Sequence[str], scale: Sequence[float] | None) -> Table:
    frame = _tested(tests, named)
    columns = {name: (name, str) for name in named} | _columns()
    notes = ["P is perception, E expectation; the gap is P minus E, and negative is a shortfall. SD in points of the scale."]
    return Table.of(frame, slug=ITEMS, title="Items", columns=columns, keys=len(named), notes=notes)


def _dimensions(tests: pd.DataFrame, trust: pd.DataFrame, points: pd.Series, dimensional: bool) -> Table:
    keys = ["dimension"] if dimensional else []
    frame = _tested(tests, keys)
    if not dimensional:
        frame.insert(0, "dimension", "all items")
    of = {name: rows.set_index("dimension").reindex(frame["dimension"]) for name, rows in trust.groupby("battery")}
    gap = of["gap"]
    frame = frame.assign(
        items=gap["k"].to_numpy(float),
        alpha_p=of["perception"]["alpha"].to_numpy(),
        alpha_e=of["expectation"]["alpha"].to_numpy(),
        alpha_gap=gap["alpha"].to_numpy(),
        r_dd=gap["r_dd"].to_numpy(),
        importance=points.reindex(frame["dimension"]).to_numpy() if len(points) else np.nan,
    )
    two = _number(2)
    columns: dict[str, tuple[str, Callable[[Any], str]]] = {
        "dimension": ("dimension", str), "items": ("items", _number(0)), "alpha_p": ("alpha P", two),
        "alpha_e": ("alpha E", two), "alpha_gap": ("alpha gap", two), "r_dd": ("reliability of the difference", two),
        **_columns(), **({"importance": ("importance", _number(1))} if len(points) else {}),
    }  # fmt: skip
    notes = [
        "Alpha of the gap items is usually higher than the reliability of the difference, since errors of the two ratings of "
        "an item go together; the second is the one to judge the gap by."
    ]
    return Table.of(frame, slug=DIMENSIONS, title="Dimensions", columns=columns, notes=notes)


def _scores(row: pd.Series, weighed: bool, conf_level: float) -> Table:
    scores = [("SERVQUAL, unweighted", "estimate", "conf_low", "conf_high", "n")]
    names = ["importance_gap", "servperf"] if weighed else ["servperf"]
    titles = {"importance_gap": "SERVQUAL, weighted by importance", "servperf": "SERVPERF, unweighted"}
    scores += [(titles[name], name, f"{name}_low", f"{name}_high", f"{name}_n") for name in names]
    frame = pd.DataFrame(
        [(title, *(row[name] for name in columns)) for title, *columns in scores],
        columns=["score", "estimate", "conf_low", "conf_high", "n"],
    )
    notes = []
    if weighed and np.isfinite(row["product_of_means"]):
        apart = signed(row["heterogeneity"], 3)
        differs = "equal to it here" if plain(abs(row["heterogeneity"]), 3) == "0.000" else f"which it misses by {apart}"
        notes.append(
            f"Mean importance times mean gap, summed over dimensions, is {signed(row['product_of_means'], 3)}. It is often "
            f"printed as the weighted score, {differs}: the score is the mean of what each customer weighs and got."
        )
    columns: dict[str, tuple[str, Callable[[Any], str]]] = {
        "score": ("score", str), "estimate": ("mean", _number(3)), "conf_low": (f"{percent(conf_level)} from", _number(3)),
        "conf_high": ("to", _number(3)), "n": ("n", _number(0)),
    }  # fmt: skip
    return Table.of(frame, slug=SCORES, title="Overall scores", columns=columns, notes=notes)


def _tested(tests: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    return tests[[*keys, "n", *_TESTED.values()]].set_axis([*keys, "n", *_TESTED], axis=1)


def _columns() -> dict[str, tuple[str, Callable[[Any], str]]]:
    two = _number(2)
    return {
        "n": ("n", _number(0)), "mean_p": ("P", two), "sd_p": ("SD P", two), "mean_e": ("E", two), "sd_e": ("SD E", two),
        "gap": ("gap", lambda value: signed(value, 2)), "sd_gap": ("SD gap", two), "t": ("t", two), "p_value": ("p", _chance),
        "p_adjusted": ("p adjusted", _chance), "d_z": ("d z", two),
    }  # fmt: skip


def _number(decimals: int) -> Callable[[Any], str]:
    return lambda value: f"{value:,.0f}" if decimals == 0 else plain(value, decimals)


def _chance(p: float) -> str:
    return "< .001" if p < 0.001 else f"{p:.3f}".removeprefix("0")
