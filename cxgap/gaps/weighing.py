"""The factors of a burden, their product and their ranks: each with what it would be if the sample were drawn again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from cxgap import tally
from cxgap.errors import ArgumentError, ColumnError, nearest
from cxgap.gaps.cells import EVEN
from cxgap.gaps.mattering import (
    DERIVED,
    EQUAL,
    FEWEST,
    GIVEN,
    SLOPE,
    STATED,
    Asked,
    Stated,
    derived_importance,
    given_importance,
    together,
)
from cxgap.gaps.ranks import SETTLED
from cxgap.gaps.scores import OCCASIONS
from cxgap.stats.bootstrap import Source, expanded_percentiles
from cxgap.stats.burden import (
    Factors,
    drawn_again,
    factors,
    gap_parts,
    normalised,
    pair_parts,
    shares,
    simultaneous,
    unit_sums,
)
from cxgap.stats.means import Codes, Design, Floats, ratio, sum_by
from cxgap.stats.noise import normal_shortfall, reliable_shortfall
from cxgap.stats.ranking import Ranks, rank_sets

Ends = tuple[Floats, Floats, Floats]  # an estimate and the ends of its interval


class People(NamedTuple):
    """Means over a respondent's visits in a cell, one entry a respondent and cell; codes as in Visits."""

    cell: Codes
    respondent: Codes
    gap: Floats
    perception: Floats
    outcome: Floats

    def part(self, chosen: np.ndarray) -> People:
        """Return some of the entries."""
        each: dict[str, Any] = {name: getattr(self, name)[chosen] for name in self._fields}
        return self._replace(**each)

    def of_cells(self, shown: Codes, cells: int) -> People:
        """Return the entries of some of so many cells, and number these anew."""
        place = np.full(cells, -1)
        place[shown] = np.arange(len(shown))
        kept = self.part(place[self.cell] >= 0)
        return kept._replace(cell=place[kept.cell])


class Weighed(NamedTuple):
    """What is known of each cell; arrays have shape (cells,).

    Attributes
    ----------
    n, n_eff : respondents, and Kish's effective number
    mean : of the gap, in scale points
    ends : by name, the estimate and the ends of its interval; shortfalls in `unit`
    importance_lower, importance_upper : bounds that each hold for all cells at once
    source : how importance was found: "given", "equal", "stated", "slope", "LMG" or "relative weights"
    points, normal, reliable : mean shortfall in scale points; of normal gaps, in `unit`; and the share below, of both kinds
    r_dd : reliability of the gap
    reliable_share : burden without errors of measurement, as shares
    ranks, reliable_rank : of the burden, 1 the heaviest
    flags : words of each cell
    told : False where importance is derived from an outcome that is not shown to go with any cell; all ranks are then open
    """

    n: Floats
    n_eff: Floats
    mean: Floats
    ends: Mapping[str, Ends]
    importance_lower: Floats
    importance_upper: Floats
    source: str
    points: Floats
    normal: Floats
    prevalence_normal: Floats
    prevalence_reliable: Floats
    r_dd: Floats
    reliable_share: Floats
    ranks: Ranks
    reliable_rank: Floats
    flags: list[str]
    told: bool


def known_reach(reach: Any, cells: pd.DataFrame, names: Sequence[str]) -> Floats | None:
    """Look up the share of customers who met each cell, in a mapping or a frame; None where it is not given.

    Raises
    ------
    ArgumentError : a cell has no share, or one is not between 0 and 1.
    """
    if reach is None:
        return None
    labels = [" · ".join(row) for row in cells[list(names)].astype(str).to_numpy()]
    if isinstance(reach, Mapping):
        given = {str(name): value for name, value in reach.items()}
    else:
        rows = tally.rows_of(reach)
        for name in (*names, "reach"):
            if name not in rows:
                raise ColumnError.missing(name, "reach", [str(column) for column in rows.columns if column not in names])
        keys = (" · ".join(row) for row in rows[list(names)].astype(str).to_numpy())
        given = dict(zip(keys, rows["reach"], strict=True))
    lacking = [label for label in labels if label not in given]
    if lacking:
        raise ArgumentError(f"`reach` must have a share for {lacking[0]!r}; it has {list(given)}.{nearest(lacking[0], given)}")
    share = np.array([given[label] for label in labels], float)
    if not ((share >= 0) & (share <= 1)).all():
        wrong = labels[int(np.argmax(~((share >= 0) & (share <= 1))))]
        raise ArgumentError(f"`reach` must be a share of customers from 0 to 1; {wrong!r} has {given[wrong]!r}.")
    return share


def weigh(
    people: People,
    cells: pd.DataFrame,
    names: Sequence[str],
    *,
    design: Design,
    source: Source,
    asked: Asked,
    stated: Stated | None,
    reach: Floats | None,
    tolerance: float,
    limits: tuple[float, float] | None,
    conf_level: float,
    replicates: int,
    seed: int,
    trusted: Callable[[Floats], Floats],
) -> Weighed:
    """Estimate the factors and their product, and draw the sample again through all of them.

    Parameters
    ----------
    people : who has a gap in which cell
    cells, names : one row a cell, and its keys
    design, source : how respondents were drawn, and the same for the bootstrap
    asked, stated : which importance is meant, and what was stated
    reach : where it is known and not estimated
    tolerance, limits : in scale points
    trusted : returns the reliability of gaps of these standard deviations
    """
    k, units = len(cells), len(source.stratum)
    weight, unit = design.weight[people.respondent], design.psu[people.respondent]
    n = sum_by(people.cell, k)
    n_eff = ratio(sum_by(people.cell, k, weight) ** 2, sum_by(people.cell, k, weight**2))
    parts = gap_parts(people.gap, tolerance, EVEN)
    paired = np.zeros(k)
    if np.isfinite(people.outcome).any():
        parts |= pair_parts(people.perception, people.outcome, people.cell, k)
        paired = sum_by(people.cell, k, parts["paired"])
    sums = unit_sums(parts, weight, people.cell, k, unit, units)
    if stated is not None:
        own = {"told": np.ones(len(stated.value)), "stated": stated.value}
        each = design.weight[stated.respondent], stated.cell, k, design.psu[stated.respondent], units
        sums |= unit_sums(own, *each)
    everybody = sum_by(design.psu, units, design.weight)
    *again, all_again = drawn_again([*sums.values(), everybody], source, replicates=replicates, seed=seed)
    drawn = dict(zip(sums, again, strict=True))
    total = {name: part.sum(axis=0) for name, part in sums.items()}
    found, redone = factors(total, everybody.sum(), n), factors(drawn, all_again, n)

    few = paired < FEWEST
    drawing = {"source": source, "replicates": replicates, "seed": seed}
    important, important_again, how = _importance(
        people, cells, names, asked, few, total, drawn, found, redone, design, drawing
    )
    to_unit = 100 / (limits[1] - limits[0]) if limits else 1.0
    r_dd = trusted(found.std_dev)
    value = _values(found, reach, important, tolerance, to_unit, r_dd)
    again_values = _values(redone, reach, important_again, tolerance, to_unit, r_dd)
    df = np.minimum(n - 1, source.df)
    ends = {}
    for name in ("reach", "importance", "shortfall", "shortfall_reliable", "prevalence", "volume", "burden", "burden_share"):
        spread = np.broadcast_to(again_values[name], (replicates, k))
        ends[name] = (np.broadcast_to(value[name], k), *expanded_percentiles(spread, df, conf_level=conf_level))
    ranks = rank_sets(
        -value["burden"], np.cov(again_values["burden"].T), conf_level=conf_level,
        df=np.where(df < SETTLED, df, np.inf), seed=seed, name=",".join(names),
    )  # fmt: skip
    told = asked.kind != DERIVED or how == EQUAL or _goes_with_any(found.slope, redone.slope, few, conf_level)
    if not told:  # shares of nothing are no order
        ranks = ranks._replace(low=np.ones_like(ranks.low), high=np.full_like(ranks.high, k))
    normal = normal_shortfall(to_unit * (found.mean + tolerance), to_unit * found.std_dev)
    reliable = reliable_shortfall(to_unit * (found.mean + tolerance), to_unit * found.std_dev, r_dd)
    lower, upper = simultaneous(important, np.broadcast_to(important_again, (replicates, k)), conf_level=conf_level)
    marks = {
        "BORROWED_IMPORTANCE": few & (how == SLOPE),
        "NEGATIVE_SLOPE": (found.slope < 0) & ~few & (how == SLOPE),
        "UNSTABLE": n_eff < FEWEST,
    }
    best = value["burden_reliable"]
    return Weighed(
        n=n,
        n_eff=n_eff,
        mean=found.mean,
        ends=ends,
        importance_lower=lower,
        importance_upper=upper,
        source=how,
        points=found.shortfall,
        normal=normal.mean,
        prevalence_normal=normal.prevalence,
        prevalence_reliable=reliable.prevalence,
        r_dd=r_dd,
        reliable_share=shares(best),
        ranks=ranks,
        reliable_rank=np.where(np.isfinite(best).all(), 1.0 + (best[None, :] > best[:, None]).sum(axis=1), np.nan),
        flags=["|".join(flag for flag, mark in marks.items() if mark[cell]) for cell in range(k)],
        told=told,
    )


def _goes_with_any(slope: Floats, again: Floats, few: np.ndarray, conf_level: float) -> bool:
    """Tell whether the outcome is shown to rise with the perception of any cell, by bounds that hold for all of them."""
    own = ~few & np.isfinite(slope)
    if not own.any():
        return False
    drawn = np.where(np.isfinite(again), again, slope)[:, own]
    return bool((simultaneous(slope[own], drawn, conf_level=conf_level)[0] > 0).any())


def _values(
    found: Factors, reach: Floats | None, important: Floats, tolerance: float, to_unit: float, r_dd: Floats
) -> dict[str, Floats]:
    """Multiply the factors; where nobody of a cell was drawn, nobody there misses anything."""
    met = found.reach if reach is None else np.broadcast_to(reach, found.reach.shape)
    reliable = reliable_shortfall(to_unit * (found.mean + tolerance), to_unit * found.std_dev, r_dd).mean
    heavy = met * important * np.nan_to_num(found.shortfall) * to_unit
    return {
        "reach": met,
        "importance": important,
        "shortfall": found.shortfall * to_unit,
        "shortfall_reliable": reliable,
        "prevalence": found.prevalence,
        "volume": met * np.nan_to_num(found.shortfall),
        "burden": heavy,
        "burden_share": shares(heavy),
        "burden_reliable": met * important * reliable,
    }


def _importance(
    people: People,
    cells: pd.DataFrame,
    names: Sequence[str],
    asked: Asked,
    few: np.ndarray,
    total: Mapping[str, Floats],
    drawn: Mapping[str, Floats],
    found: Factors,
    redone: Factors,
    design: Design,
    drawing: Mapping[str, Any],
) -> tuple[Floats, Floats, str]:
    """Return the importance of each cell, in each replicate too, and how it was found.

    Where most people rated all cells and judged the whole once, what their perceptions explain of the judgement is shared out
    among the cells; else each cell has the slope of the outcome on its own perception, among those who met it.
    """
    k = len(cells)
    if asked.given is not None:
        value = given_importance(asked.given, [" · ".join(row) for row in cells[list(names)].astype(str).to_numpy()])
        return value, value, GIVEN
    if asked.kind == STATED:
        return (*(normalised(ratio(sums["stated"], sums["told"])) for sums in (total, drawn)), STATED)  # type: ignore[return-value]
    if asked.kind == EQUAL or few.all():
        even = np.full(k, 1 / k)
        return even, even, EQUAL
    once = set(names).isdisjoint(OCCASIONS) or _judged_once(people)
    wide = together(people.cell, people.respondent, people.perception, people.outcome, k) if once else None
    return derived_importance(wide, (found.slope, redone.slope), few, design=design, **drawing)


def _judged_once(people: People) -> bool:
    """Tell whether everybody has the same outcome in all cells, so that it is no judgement of a visit."""
    known = np.isfinite(people.outcome)
    who, value = people.respondent[known], people.outcome[known]
    order = np.lexsort((value, who))
    who, value = who[order], value[order]
    return bool((np.abs(np.diff(value))[who[1:] == who[:-1]] <= EVEN).all())
