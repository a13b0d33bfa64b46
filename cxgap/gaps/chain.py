"""The chain of gaps 1, 2, 3 and 5: where the level falls on the way from what is expected to what is perceived."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap._check import as_names, check_choice, check_count, check_positive, check_prob
from cxgap.errors import ArgumentError
from cxgap.gaps.finish import INNER, finish, not_measured
from cxgap.gaps.ladder import Ladder
from cxgap.gaps.nodes import frame_ladder, study_ladder
from cxgap.result import COLUMNS, GapTable
from cxgap.stats.bootstrap import expanded_percentiles
from cxgap.stats.levels import levels_of, replicated
from cxgap.stats.means import ROUNDING, Floats, t_p_value
from cxgap.tables.study import Study
from cxgap.vocabulary import MARGIN_PART, MIXED

BASES = ("rating", "physical", "attainment", "value")
TOTAL = "customer"
OWN_COLUMNS = ("link_from", "link_to", "p_largest", "net", "gross", "unmeasured", "why", "n_managers")
FEW = 15  # managers below which there is no p-value
FEW_PEOPLE = "SUPPRESSED_PRIVACY"


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
    names, conf_level = as_names(by), check_prob(conf_level, "conf_level")
    check_choice(basis, "basis", BASES)
    count, least = check_count(replicates, "replicates"), check_count(min_managers, "min_managers")
    margin = check_positive(margin, "margin")
    forbidden = sorted({"link", "node", "value", "person", *COLUMNS, *OWN_COLUMNS} & set(names))
    if forbidden:
        raise ArgumentError(f"`by` must name columns that make groups, and none of the result's own, not {forbidden[0]!r}.")
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
        limits = tuple(map(float, scale)) if scale is not None else None
        margin = margin or ((limits[1] - limits[0]) / MARGIN_PART if limits else None)
        min_n, seed = check_count(1 if min_n is None else min_n, "min_n"), seed or 0
        ladder = frame_ladder(study, **given, unit=unit, direction=direction, managers_population=managers_population)
    if isinstance(ladder, str):
        return not_measured("chain", (*names, "link"), ladder, unit="", conf_level=conf_level, basis=basis)
    shown = _shown(ladder, min_n=min_n, min_managers=least)
    links, moved = _links(ladder, shown, replicates=count, seed=int(seed))
    if links["estimate"].isna().all() and not (links["flags"] == FEW_PEOPLE).any():
        why = "; ".join(f"{node}: {reason}" for node, reason in ladder.why.items()) or "no cell has two levels"
        return not_measured("chain", (*names, "link"), why, unit=ladder.unit, conf_level=conf_level, basis=basis)
    gaps = finish(
        _estimated(links, moved, conf_level=conf_level),
        [set(flags.split("|")) - {""} for flags in links["flags"]],
        gap="chain",
        by=[*names, "link"],
        unit=ladder.unit,
        conf_level=conf_level,
        margin=margin,
        scale=limits,
        hidden=(links["flags"] == FEW_PEOPLE).to_numpy(),
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


def _shown(ladder: Ladder, *, min_n: int, min_managers: int) -> dict[str, np.ndarray]:
    """Say of each level in which cells it is known, and of enough people to be shown."""
    point = levels_of(ladder.levels, ladder.sources, len(ladder.cells))
    return {
        node: np.isfinite(point[node]) & (ladder.people[node] >= (min_managers if node == "believed" else min_n))
        for node in ladder.levels
    }


def _links(ladder: Ladder, shown: Mapping[str, np.ndarray], *, replicates: int, seed: int) -> tuple[pd.DataFrame, Floats]:
    """Lay out the links of every cell.

    Returns
    -------
    One row a link, and the replicates of each, shape (replicates, links). Every cell has a row of the whole; where it is
    not known, it says why.
    """
    cells = len(ladder.cells)
    point = levels_of(ladder.levels, ladder.sources, cells)
    drawn = replicated(ladder.levels, ladder.sources, cells, count=replicates, seed=seed)
    first, last = ladder.path.nodes[0], ladder.path.nodes[-1]
    rows: list[dict[str, Any]] = []
    moved: list[Floats] = []
    for cell, sign in enumerate(ladder.sign):
        known = [node for node in ladder.path.nodes if node in shown and shown[node][cell]]
        path = [(_named(ladder, start, end), start, end) for start, end in pairwise(known)]
        beside = [(TOTAL, first, last), *ladder.path.side]
        measured = [link for link in beside if all(node in shown and shown[node][cell] for node in link[1:])]
        moves = [sign * (drawn[end][:, cell] - drawn[start][:, cell]) for _, start, end in [*path, *measured]]
        sizes = [sign * (point[end][cell] - point[start][cell]) for _, start, end in path]
        largest = _largest(np.array(moves[: len(path)]))
        for place, (link, start, end) in enumerate([*path, *measured]):
            merged = _between(ladder, start, end) if place < len(path) else ()
            rows.append(
                {
                    "cell": cell,
                    "link": link,
                    "link_from": start,
                    "link_to": end,
                    "start": point[start][cell],
                    "end": point[end][cell],
                    "estimate": sign * (point[end][cell] - point[start][cell]),
                    "n": min(ladder.people[start][cell], ladder.people[end][cell]),
                    "df": _df(ladder, start, end),
                    "p_largest": largest[place] if place < len(path) else np.nan,
                    "net": sum(sizes),
                    "gross": sum(map(abs, sizes)),
                    "unmeasured": ", ".join(merged),
                    "why": _why(ladder, merged, point, cell),
                    "n_managers": ladder.people["believed"][cell] if "believed" in (start, end) else np.nan,
                    "flags": "|".join(_flags(ladder, start, end, cell, merged=bool(merged))),
                }
            )
            moved.append(moves[place])
        if not (measured and measured[0][0] == TOTAL):
            ends = [node for node in (first, last) if node not in known]
            few = any(_too_few(ladder, point, node, cell) for node in ends)
            row = {"cell": cell, "link": TOTAL, "link_from": first, "link_to": last, "unmeasured": ", ".join(ends)}
            moved.insert(len(moved) - len(measured), np.full(replicates, np.nan))
            rows.insert(
                len(rows) - len(measured),
                row | {"why": _why(ladder, ends, point, cell), "flags": FEW_PEOPLE if few else "EMPTY"},
            )
    frame = pd.DataFrame(rows)
    order = sorted(set(frame["link"]), key=lambda link: _place(ladder, link))
    frame["link"] = pd.Categorical(frame["link"], categories=order, ordered=True)
    numbers = ["start", "end", "estimate", "n", "df", "p_largest", "net", "gross", "n_managers"]
    frame = frame.reindex(columns=[*dict.fromkeys([*frame.columns, *numbers])]).astype(dict.fromkeys(numbers, float))
    keys = ladder.cells.iloc[frame["cell"].to_numpy()].reset_index(drop=True)
    return pd.concat([keys, frame.drop(columns="cell")], axis=1), np.array(moved).T


def _estimated(links: pd.DataFrame, moved: Floats, *, conf_level: float) -> pd.DataFrame:
    """Add standard errors, intervals and p-values to the links; one between two levels that somebody set has no error."""
    estimate, df = links["estimate"].to_numpy(float), links["df"].to_numpy(float)
    certain = np.isposinf(df)
    df = np.where(certain, np.nan, df)
    std_error = np.where(certain, 0.0, np.where(df > 0, moved.std(axis=0, ddof=1), np.nan))
    std_error = np.where(std_error <= ROUNDING * np.fmax(1.0, np.abs(estimate)), 0.0, std_error)
    ends = {}
    for names, level in ((("conf_low", "conf_high"), conf_level), (INNER, max(2 * conf_level - 1, 0.01))):
        for name, end in zip(names, expanded_percentiles(moved, df, conf_level=level), strict=True):
            ends[name] = np.where(certain | (std_error == 0), estimate, np.where(df > 0, end, np.nan))
    n = links["n"].to_numpy(float)
    people = np.where(np.isinf(n), np.nan, n)
    few = links["n_managers"].to_numpy(float) < FEW
    p_value = np.where(few, np.nan, t_p_value(estimate, std_error, df))
    own = links[list(OWN_COLUMNS)]
    kept = links.drop(columns=[*OWN_COLUMNS, "flags"])
    return pd.concat([kept.assign(n=people, n_eff=people, std_error=std_error, df=df, p_value=p_value, **ends), own], axis=1)


def _between(ladder: Ladder, start: str, end: str) -> tuple[str, ...]:
    nodes = ladder.path.nodes
    return nodes[nodes.index(start) + 1 : nodes.index(end)]


def _named(ladder: Ladder, start: str, end: str) -> str:
    nodes, links = ladder.path.nodes, ladder.path.links
    return " + ".join(links[nodes.index(start) : nodes.index(end)])


def _place(ladder: Ladder, link: str) -> tuple[int, int]:
    """Order links by where they begin, merged ones by how far they reach; the whole comes after the path, then the side."""
    beside = [TOTAL, *(name for name, _, _ in ladder.path.side)]
    if link in beside:
        return len(ladder.path.links) + beside.index(link), 0
    parts = link.split(" + ")
    return ladder.path.links.index(parts[0]), len(parts)


def _largest(moves: Floats) -> Floats:
    """Return how often each link is the largest shortfall among all; where none is a shortfall, nobody is."""
    if not len(moves):
        return np.array([])
    worst = np.argmin(moves, axis=0)
    short = moves.min(axis=0) < 0
    return np.array([np.mean(short & (worst == link)) for link in range(len(moves))])


def _df(ladder: Ladder, *nodes: str) -> float:
    """Return the fewest degrees of freedom of the samples behind the nodes; infinity where there is none."""
    behind = {source for node in nodes for source in ladder.levels[node].sources}
    return min((source.df for source in ladder.sources if source.name in behind), default=np.inf)


def _flags(ladder: Ladder, start: str, end: str, cell: int, *, merged: bool) -> list[str]:
    words = {"MERGED"} if merged else set()
    for node in (start, end):
        words |= ladder.flags.get(node, [set()] * (cell + 1))[cell]
        people = ladder.people[node][cell]
        if node == "believed" and people < FEW:
            words.add("FEW_RATERS")
        elif node != "believed" and people < 30:
            words.add("UNSTABLE")
    return sorted(words)


def _why(ladder: Ladder, nodes: Sequence[str], point: Mapping[str, Floats], cell: int) -> str:
    """Say why levels are not known in a cell."""
    texts = []
    for node in nodes:
        few = "too few were asked" if _too_few(ladder, point, node, cell) else "nothing is known here"
        texts.append(f"{node}: {ladder.why.get(node, few)}")
    return "; ".join(texts)


def _too_few(ladder: Ladder, point: Mapping[str, Floats], node: str, cell: int) -> bool:
    return node in ladder.levels and bool(np.isfinite(point[node][cell]))


def check_share(value: float) -> float:
    """Return `value` if it is above 0 and at most 1."""
    return 1.0 if value == 1 else check_prob(value, "target")
