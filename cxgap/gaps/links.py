"""The links of a chain: which there are in each cell, how large they are, and how sure that is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

import numpy as np
import pandas as pd

from cxgap.gaps.finish import INNER
from cxgap.gaps.ladder import Ladder, exposed
from cxgap.gaps.raters import FEW
from cxgap.stats.bootstrap import expanded_percentiles
from cxgap.stats.levels import levels_of, replicated
from cxgap.stats.means import Floats, t_p_value
from cxgap.stats.sharded import sharded

TOTAL: Final = "customer"
FEW_PEOPLE, PROTECTS = "SUPPRESSED_PRIVACY", "SUPPRESSED_SECONDARY"
SETTLED: Final = 1e-9  # of the levels: differences no larger than this are rounding
OWN_COLUMNS: Final = ("link_from", "link_to", "p_largest", "net", "gross", "unmeasured", "why", "n_managers")


def shown_levels(ladder: Ladder, by: Sequence[str], *, min_n: int, min_managers: int) -> dict[str, np.ndarray]:
    """Say of each level in which cells it is known, and may be shown."""
    point = levels_of(ladder.levels, ladder.sources, len(ladder.cells))
    shown = {}
    for node, level in ladder.levels.items():
        least = min_managers if node == "believed" else min_n
        shown[node] = np.isfinite(point[node]) & (ladder.people[node] >= least)
        if level.said is not None:
            shown[node] &= ~exposed(level.said, ladder.cells, by, least, ladder.repeats)
    return shown


def links_of(
    ladder: Ladder, shown: Mapping[str, np.ndarray], *, min_n: int, replicates: int, seed: int
) -> tuple[pd.DataFrame, Floats]:
    """Lay out the links of every cell.

    Parameters
    ----------
    shown : of each level, in which cells it may be shown
    min_n : fewer people than this are hidden for themselves, others to protect them
    replicates, seed : of the bootstrap

    Returns
    -------
    One row a link, and the replicates of each, shape (replicates, links). Every cell has a row of the whole; where it is
    not known, it says why.
    """
    cells = len(ladder.cells)
    point = levels_of(ladder.levels, ladder.sources, cells)
    drawn = replicated(*sharded(ladder.levels, ladder.sources), cells, count=replicates, seed=seed)
    first, last = ladder.path.nodes[0], ladder.path.nodes[-1]
    effective = _effective(ladder)
    rows: list[dict[str, Any]] = []
    moved: list[Floats] = []
    for cell, sign in enumerate(ladder.sign):
        known = [node for node in ladder.path.nodes if node in shown and shown[node][cell]]
        path = [(_named(ladder, start, end), start, end) for start, end in pairwise(known)]
        beside = [(TOTAL, first, last), *ladder.path.side]
        measured = [link for link in beside if all(node in shown and shown[node][cell] for node in link[1:])]
        moves = [sign * (drawn[end][:, cell] - drawn[start][:, cell]) for _, start, end in [*path, *measured]]
        sizes = [sign * (point[end][cell] - point[start][cell]) for _, start, end in path]
        size = max((abs(point[node][cell]) for node in known), default=0.0)
        largest = _largest(np.array(moves[: len(path)]), SETTLED * size)
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
                    "n_eff": min(effective[start][cell], effective[end][cell]),
                    "df": min(_df(ladder, node, cell) for node in (start, end)),
                    "p_largest": largest[place] if place < len(path) else np.nan,
                    "net": sum(sizes),
                    "gross": sum(map(abs, sizes)),
                    "unmeasured": ", ".join(merged),
                    "why": _why(ladder, merged, point, cell),
                    "n_managers": ladder.people["believed"][cell] if "believed" in (start, end) else np.nan,
                    "flags": "|".join(_flags(ladder, start, end, cell, effective, merged=bool(merged))),
                }
            )
            moved.append(moves[place])
        if not (measured and measured[0][0] == TOTAL):
            ends = [node for node in (first, last) if node not in known]
            hidden = [ladder.people[node][cell] < min_n for node in ends if _withheld(ladder, point, node, cell)]
            flag = (FEW_PEOPLE if any(hidden) else PROTECTS) if hidden else "EMPTY"
            row = {"cell": cell, "link": TOTAL, "link_from": first, "link_to": last, "unmeasured": ", ".join(ends)}
            moved.insert(len(moved) - len(measured), np.full(replicates, np.nan))
            rows.insert(
                len(rows) - len(measured),
                row | {"why": _why(ladder, ends, point, cell), "flags": flag},
            )
    frame = pd.DataFrame(rows)
    order = sorted(set(frame["link"]), key=lambda link: _place(ladder, link))
    frame["link"] = pd.Categorical(frame["link"], categories=order, ordered=True)
    numbers = ["start", "end", "estimate", "n", "n_eff", "df", "p_largest", "net", "gross", "n_managers"]
    frame = frame.reindex(columns=[*dict.fromkeys([*frame.columns, *numbers])]).astype(dict.fromkeys(numbers, float))
    keys = ladder.cells.iloc[frame["cell"].to_numpy()].reset_index(drop=True)
    return pd.concat([keys, frame.drop(columns="cell")], axis=1), np.array(moved).T


def estimated(links: pd.DataFrame, moved: Floats, *, conf_level: float) -> pd.DataFrame:
    """Add standard errors, intervals and p-values to the links; one between two levels that somebody set has no error."""
    estimate, df = links["estimate"].to_numpy(float), links["df"].to_numpy(float)
    certain = np.isposinf(df)
    df = np.where(certain, np.nan, df)
    size = SETTLED * np.fmax(np.abs(links["start"].to_numpy(float)), np.abs(links["end"].to_numpy(float)))
    estimate = np.where(np.abs(estimate) <= size, 0.0, estimate)
    spread = np.full(len(links), np.nan)
    spread[df > 0] = np.nanstd(moved[:, df > 0], axis=0, ddof=1)
    std_error = np.where(certain | (spread <= size), 0.0, spread)
    ends = {}
    for names, level in ((("conf_low", "conf_high"), conf_level), (INNER, max(2 * conf_level - 1, 0.01))):
        for name, end in zip(names, expanded_percentiles(moved, df, conf_level=level), strict=True):
            end = np.where(np.abs(end) <= size, 0.0, end)
            ends[name] = np.where(certain | (std_error == 0), estimate, np.where(df > 0, end, np.nan))
    n, n_eff = (
        np.where(np.isinf(number), np.nan, number) for number in (links["n"].to_numpy(float), links["n_eff"].to_numpy(float))
    )
    few = links["n_managers"].to_numpy(float) < FEW
    p_value = np.where(few, np.nan, t_p_value(estimate, std_error, df))
    own = links[list(OWN_COLUMNS)]
    kept = links.drop(columns=[*OWN_COLUMNS, "flags"])
    made = kept.assign(n=n, n_eff=n_eff, estimate=estimate, std_error=std_error, df=df, p_value=p_value, **ends)
    return pd.concat([made, own], axis=1)


def flags_of(links: pd.DataFrame, cells: pd.DataFrame) -> list[set[str]]:
    """Return the flags of each link, with those that its estimate asks for."""
    found = [set(flags.split("|")) - {""} for flags in links["flags"]]
    one = (cells["n"] == 1).to_numpy()
    alike = ((cells["n"] > 1) & (cells["std_error"] == 0)).to_numpy()
    return [
        flags | ({"N1"} if one[row] else set()) | ({"ZERO_VAR"} if alike[row] and "CENSUS" not in flags else set())
        for row, flags in enumerate(found)
    ]


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


def _largest(moves: Floats, even: float) -> Floats:
    """Return how often each link is the largest shortfall among all; where none is a shortfall, nobody is.

    Of links that are `even` apart or less the first is taken, so that rounding decides nothing. Replicates in which
    nobody of the cell was drawn are left out.
    """
    if not len(moves):
        return np.array([])
    moves = moves[:, np.isfinite(moves).all(axis=0)]
    if not moves.shape[1]:
        return np.full(len(moves), np.nan)
    least = moves.min(axis=0)
    worst = np.argmax(moves <= least + even, axis=0)
    return np.array([np.mean((least < -even) & (worst == link)) for link in range(len(moves))])


def _effective(ladder: Ladder) -> dict[str, Floats]:
    """Return the effective number of people behind each level; infinity where somebody set it."""
    cells = len(ladder.cells)
    return {
        node: ladder.people[node] if level.said is None else level.said.effective(cells)
        for node, level in ladder.levels.items()
    }


def _df(ladder: Ladder, node: str, cell: int) -> float:
    """Return the degrees of freedom behind a level: of its samples, and no more than its units here allow."""
    behind, said = ladder.levels[node].sources, ladder.levels[node].said
    units = len(np.unique(said.unit[said.cell == cell])) if said is not None else np.inf
    whole = min((source.df for source in ladder.sources if source.name in behind), default=np.inf)
    return float(min(whole, units - 1))


def _flags(ladder: Ladder, start: str, end: str, cell: int, effective: Mapping[str, Floats], *, merged: bool) -> list[str]:
    words = {"MERGED"} if merged else set()
    for node in (start, end):
        words |= ladder.flags.get(node, [set()] * (cell + 1))[cell]
        people = ladder.people[node][cell]
        if node == "believed" and people < FEW:
            words.add("FEW_RATERS")
        elif node != "believed" and effective[node][cell] < 30:
            words.add("UNSTABLE")
    return sorted(words)


def _why(ladder: Ladder, nodes: Sequence[str], point: Mapping[str, Floats], cell: int) -> str:
    """Say why levels are not known in a cell."""
    texts = []
    for node in nodes:
        few = "not shown, to protect those who were asked" if _withheld(ladder, point, node, cell) else "nothing is known here"
        texts.append(f"{node}: {ladder.why.get(node, few)}")
    return "; ".join(texts)


def _withheld(ladder: Ladder, point: Mapping[str, Floats], node: str, cell: int) -> bool:
    return node in ladder.levels and bool(np.isfinite(point[node][cell]))
