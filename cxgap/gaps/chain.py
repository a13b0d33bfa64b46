"""The chain of gaps 1, 2, 3 and 5: where the level falls on the way from what is expected to what is perceived."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap._check import check_choice, check_count, check_positive, check_prob, check_scale
from cxgap.gaps.asking import grouping, margin_of
from cxgap.gaps.finish import finish, not_measured
from cxgap.gaps.links import FEW_PEOPLE, OWN_COLUMNS, PROTECTS, estimated, flags_of, links_of, shown_levels
from cxgap.gaps.nodes import frame_ladder, study_ladder
from cxgap.result import COLUMNS, GapTable
from cxgap.tables.study import Study
from cxgap.vocabulary import MIXED

BASES = ("rating", "physical", "attainment", "value")


def gap_chain(
    study: Study | IntoFrame,
    *,
    by: str | Sequence[str] = "touchpoint",
    basis: str = "rating",
    metric: str | None = None,
    statistic: str | float = "mean",
    target: float = 1.0,
    reference: Mapping[str, object] | IntoFrame | None = None,
    weight_by: str = "customer",
    managers_population: float | None = None,
    min_managers: int = 5,
    unit: str | None = None,
    direction: str | None = None,
    scale: Sequence[float] | None = None,
    margin: float | None = None,
    min_n: int | None = None,
    replicates: int = 1999,
    seed: int | None = None,
    conf_level: float = 0.95,
    confirmatory: str | Collection[str] = (),
) -> GapTable:
    """Follow the shortfall from what customers expect, through belief, standard and delivery, to what they perceive.

    Each link is the difference of two neighbouring levels, turned so that negative is a shortfall; along the path they
    add up to the customer gap, exactly. That is bookkeeping and no cause: it says where the level falls, not what it
    would take to lift it. What was promised is a side branch. A level that was not measured merges its two links into
    one. In each bootstrap replicate every sample is drawn again once and all levels are taken from it, so that links
    which share a level, or people, have the interval that they should have.

    Parameters
    ----------
    study : a Study, or a frame of any supported engine with a row a person and level
        The frame has `node` (expected, believed, standard, delivered, promised or perceived), `value`, `person` (null
        for a level that somebody set), the columns in `by`, and where it has them `weight`, `source` (people of one
        source are drawn together; managers are one of their own), `basis` and `unit`, of which there may be one only.
    by : columns whose combinations make the cells; of a study, the touchpoint must be one
    basis : the ladder of all levels. "rating": scale points. "physical": the unit of `metric`. "attainment": the share
        of deliveries that each level would let pass, so that touchpoints can be compared. "value": what each physical
        level is worth in perception, which needs `reference`
    metric : of the study's [metrics], for all bases but "rating"; None or "" takes all, and where there are several,
        `metric` is one of the keys
    statistic : "mean", or a quantile such as 0.9, of every level alike; for the physical basis
    target : share of deliveries that should meet the standard, for "attainment"
    reference : for "value": the part of the study in which perception is related to delivery, such as
        {"wave": "2025-Q2"}, and which then takes no part in the chain; or a frame with `delivered` and `perception`.
        There is no default: on the sample that the curve is fitted to, the perception link is zero by construction
    weight_by : "customer", each weighs 1 in a cell, or "event"
    managers_population : how many managers there are, if they are a large part of them
    min_managers : with fewer managers in a cell, what they believe is not shown, and its two links are one
    unit, direction, scale : of a frame; `direction` is "higher" or "lower", whichever is better
    margin : largest gap that still counts as met; by default that of the study, or a twentieth of a rating scale
    min_n : likewise for other people; by default that of the study, or 1
    replicates : of the bootstrap
    seed : by default the study's, or 0
    conf_level : two-sided, in (0, 1)
    confirmatory : cuts declared before the data were seen

    Returns
    -------
    GapTable with one row a cell and `link`: along the path (merged links are joined by "+"), then "customer", the
    whole, then "positioning" and "communication", where there is a promise. `n` is the smaller number of people of a
    link's two levels; `start` and `end` are in native units. After them: `link_from` and `link_to`, `p_largest` (share
    of the replicates in which the link is the largest shortfall of the path), `net` and `gross` (sum of the links, and
    of their sizes), `unmeasured` (levels that are not known), `why` they are not, and `n_managers`.

    Raises
    ------
    ArgumentError : levels are not on one basis, or of one unit, so that they cannot be subtracted; or an argument is
        not what it must be.

    References
    ----------
    Parasuraman, Zeithaml & Berry (1985), Journal of Marketing 49(4), 41-50.
    Rao, Wu & Yue (1992), Survey Methodology 18(2), 209-217 (bootstrap).
    Hesterberg (2015), The American Statistician 69(4), 371-386 (expanded percentile interval).
    """
    if isinstance(study, Study) and basis != "rating" and not metric and len(study.metrics) > 1:
        asked = {name: value for name, value in locals().items() if name not in ("study", "metric")}
        return _of_each([(name, gap_chain(study, metric=name, **asked)) for name in study.metrics["metric"]])
    names = grouping(by, {"link", "node", "value", "person", *COLUMNS, *OWN_COLUMNS})
    conf_level, margin = check_prob(conf_level, "conf_level"), check_positive(margin, "margin")
    check_choice(basis, "basis", BASES)
    count, least = check_count(replicates, "replicates"), check_count(min_managers, "min_managers")
    level = statistic if statistic == "mean" else check_prob(statistic, "statistic")  # type: ignore[arg-type]
    given: dict[str, Any] = {"by": names, "basis": basis, "statistic": level}
    if isinstance(study, Study):
        limits = study.design["scale"] if basis in ("rating", "value") else None
        margin = margin or (study.design["margin"] if limits else None)
        min_n = study.design["min_n"] if min_n is None else check_count(min_n, "min_n")
        seed = study.seed if seed is None else seed
        confirmatory = confirmatory or study.design["confirmatory"]
        given |= {"metric": metric or None, "target": check_share(target), "reference": reference, "weight_by": weight_by}
        ladder = study_ladder(study, **given, managers_population=managers_population)
    else:
        limits = check_scale(scale)
        margin = margin_of(margin, limits)
        min_n, seed = check_count(1 if min_n is None else min_n, "min_n"), seed or 0
        ladder = frame_ladder(study, **given, unit=unit, direction=direction, managers_population=managers_population)
    if not isinstance(ladder, str) and ladder.cells.empty:
        ladder = "; ".join(f"{node}: {reason}" for node, reason in ladder.why.items()) or "no level has a value"
    if isinstance(ladder, str):
        return not_measured("chain", (*names, "link"), ladder, unit="", conf_level=conf_level, basis=basis)
    shown = shown_levels(ladder, names, min_n=min_n, min_managers=least)
    links, moved = links_of(ladder, shown, min_n=min_n, replicates=count, seed=int(seed))
    withheld = links["flags"].isin((FEW_PEOPLE, PROTECTS)).to_numpy()
    if links["estimate"].isna().all() and not withheld.any():
        why = "; ".join(f"{node}: {reason}" for node, reason in ladder.why.items()) or "no cell has two levels"
        return not_measured("chain", (*names, "link"), why, unit=ladder.unit, conf_level=conf_level, basis=basis)
    cells = estimated(links, moved, conf_level=conf_level)
    gaps = finish(
        cells,
        flags_of(links, cells),
        gap="chain",
        by=[*names, "link"],
        unit=ladder.unit,
        conf_level=conf_level,
        margin=margin,
        scale=limits,
        hidden=(links["flags"] == FEW_PEOPLE).to_numpy(),
        also=(links["flags"] == PROTECTS).to_numpy(),
        confirmatory=confirmatory,
        basis=basis,
        counts="person",
        score=ladder.score,
    )
    return replace(gaps, min_n=min_n)


def _of_each(chains: Sequence[tuple[str, GapTable]]) -> GapTable:
    """Put the chains of several metrics into one table, each row in its own unit."""
    measured = [(name, chain) for name, chain in chains if not chain.missing]
    if not measured:
        return chains[0][1]
    first = measured[0][1]
    *keys, link = first.by
    by = (*keys, "metric", link)
    frame = pd.concat([chain.frame.assign(metric=name, unit=chain.unit) for name, chain in measured], ignore_index=True)
    units = {chain.unit for _, chain in measured}
    order = {**first.order, "metric": tuple(name for name, _ in measured)}
    order[link] = tuple(dict.fromkeys(one for _, chain in measured for one in chain.order[link]))
    columns = [*by, *(name for name in frame if name not in by)]
    unit = units.pop() if len(units) == 1 else MIXED
    return replace(
        first, frame=frame[columns], by=by, unit=unit, order=MappingProxyType(order), score=first.score.split(" of ")[0]
    )


def check_share(value: float) -> float:
    """Return `value` if it is above 0 and at most 1."""
    return 1.0 if value == 1 else check_prob(value, "target")
