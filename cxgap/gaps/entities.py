"""Who is compared, and what is known of their people: scores of respondents by region, team or department, and their mix."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap.errors import ArgumentError
from cxgap.gaps.design import UNIT
from cxgap.gaps.judge import line_of
from cxgap.gaps.scores import ITEMS, Scores, respondent_scores
from cxgap.stats.means import Codes, Design, Floats, sum_by
from cxgap.tables.absent import absent

BLANK = "(blank)"
RATINGS = ("gap", "perception")
_APART = frozenset({*ITEMS, "dimension"})  # tell items apart, not people


class Entities(NamedTuple):
    """Scores by entity, one entry a respondent, entity and combination of what is adjusted for.

    Attributes
    ----------
    names : of the entities, in the order of display
    group, respondent : codes of each entry; those of respondents are positions in the arrays of `design`
    value : the score
    mix : what is adjusted for: of each adjuster its columns, shape (entries, columns)
    weight : the respondent's, shared among the entries that the respondent has in an entity
    design, designed : as in Scores
    """

    names: tuple[str, ...]
    group: Codes
    respondent: Codes
    value: Floats
    mix: dict[str, Floats]
    weight: Floats
    design: Design
    designed: bool

    @property
    def people(self) -> Floats:
        """Respondents of positive weight in each entity."""
        return sum_by(np.unique(self.group * len(self.design.weight) + self.respondent) // len(self.design.weight), self.size)

    @property
    def size(self) -> int:
        """How many entities there are."""
        return len(self.names)

    def columns(self) -> Floats:
        """Return the columns of all adjusters side by side."""
        return np.hstack([np.zeros((len(self.value), 0)), *self.mix.values()])

    def part(self, kept: np.ndarray) -> Entities:
        """Return some of the entities, numbered anew."""
        inside, place = kept[self.group], np.cumsum(kept) - 1
        return self._replace(
            names=tuple(name for name, keep in zip(self.names, kept, strict=True) if keep),
            group=place[self.group[inside]],
            respondent=self.respondent[inside],
            value=self.value[inside],
            mix={name: columns[inside] for name, columns in self.mix.items()},
            weight=self.weight[inside],
        )


def lacking(responses: IntoFrame, between: str, adjust: Sequence[str], of: str, registry: IntoFrame | None) -> str:
    """Say which column is missing, so that nothing can be compared; "" where none is."""
    present = tally.columns_of(responses)
    if between not in present and not _by_registry(present, between, registry):
        told = "" if registry is None else ", nor has the table of touchpoints"
        return f"the survey has no column {between!r} to compare by{told}"
    if missing := [name for name in adjust if name not in present]:
        return f"the survey has no column {missing[0]!r} to adjust for; name others in `adjust`, or none with adjust=[]"
    needed = {"gap": ("expectation", "perception"), "perception": ("perception",)}.get(of, (of,))
    if missing := [name for name in needed if name not in present]:
        return f"the survey has no column {missing[0]!r}"
    return ""


def read_entities(
    responses: IntoFrame, *, between: str, adjust: Sequence[str], of: str, registry: IntoFrame | None, **design: Any
) -> Entities:
    """Score each respondent in each entity.

    Parameters
    ----------
    responses : as in `customer_gap`; without a `respondent_id` each row is somebody
    between, adjust, of, registry : as in `case_mix`
    design : weight, stratum, psu, population and margins, as in `customer_gap`

    Raises
    ------
    ArgumentError : a column tells items apart, or is there twice.
    """
    for name in (between, *adjust):
        if name in _APART or name == UNIT:
            raise ArgumentError(f"`between` and `adjust` must name what respondents are known by, not {name!r}.")
    if between in adjust:
        raise ArgumentError(f"`adjust` must not hold {between!r}, which is compared; leave it out.")
    present = tally.columns_of(responses)
    if UNIT not in present:
        held = tally.rows_of(responses)
        responses = held.assign(**{UNIT: np.arange(len(held))})
    told = between not in present
    keys = list(dict.fromkeys(["touchpoint" if told else between, *adjust]))
    scores, value = _scores(responses, of, keys, design)
    names, place = _named(scores.cells, between, registry if told else None)
    known = np.isfinite(value) & (scores.design.weight[scores.respondent] > 0) & (place[scores.cell] >= 0)
    cell, respondent = scores.cell[known], scores.respondent[known]
    group = place[cell]
    schema = nw.from_native(responses).collect_schema()
    numbers = {name for name in adjust if schema[name].is_numeric()}
    used = np.bincount(cell, minlength=len(scores.cells)) > 0
    mix = {name: _columns(scores.cells[name], used, number=name in numbers)[cell] for name in adjust}
    pair = group * len(scores.design.weight) + respondent
    _, entry, times = np.unique(pair, return_inverse=True, return_counts=True)
    weight = scores.design.weight[respondent] / times[entry]
    found = Entities(names, group, respondent, value[known], mix, weight, scores.design, scores.designed)
    return found.part(np.bincount(group, minlength=len(names)) > 0)


def _scores(responses: IntoFrame, of: str, keys: Sequence[str], design: dict[str, Any]) -> tuple[Scores, Floats]:
    """Return scores, and what of them is compared."""
    given: dict[str, Any] = {"by": keys, "score": "dimensions", "importance": None, "importance_kind": "points", **design}
    if of == "gap":
        scores = respondent_scores(responses, start="expectation", end="perception", **given)
        return scores, scores.gap
    column = "perception" if of in RATINGS else of
    missing = "half" if of in RATINGS else "pairwise"
    scores = respondent_scores(responses, start=column, end=column, **given, missing=missing)
    return scores, scores.performance


def _by_registry(present: Sequence[str], between: str, registry: IntoFrame | None) -> bool:
    if registry is None or absent(registry) or "touchpoint" not in present:
        return False
    return {"touchpoint", between} <= set(tally.columns_of(registry))


def _named(cells: pd.DataFrame, between: str, registry: IntoFrame | None) -> tuple[tuple[str, ...], Codes]:
    """Return the names of the entities and the entity of each cell; -1 where the registry knows of none."""
    if registry is None:
        column = cells[between]
        order = [*column.cat.categories, None]
        texts = column.astype(object).where(column.notna(), None)
        levels = [level for level in order if level in set(texts)]
        return tuple(BLANK if level is None else str(level) for level in levels), np.array([levels.index(t) for t in texts])
    table = tally.rows_of(registry)[["touchpoint", between]].astype(object)
    table = table[table[between].notna()]
    home = dict(zip(table["touchpoint"].astype(str), table[between].astype(str), strict=True))
    names = list(dict.fromkeys(home.values()))
    found = [home.get(str(name)) for name in cells["touchpoint"]]
    return tuple(names), np.array([names.index(name) if name is not None else -1 for name in found], np.int64)


def _columns(column: pd.Series, used: np.ndarray, *, number: bool) -> Floats:
    """Return an adjuster as columns: a line of numbers, or a mark of each value but the first; what is not known is a mark."""
    if number:
        values = pd.to_numeric(column.astype(object), errors="coerce").to_numpy(float, na_value=np.nan)
        blank = ~np.isfinite(values)
        fill = values[~blank & used].mean() if (~blank & used).any() else 0.0
        made = np.column_stack([np.where(blank, fill, values), blank.astype(float)])
        return made if (blank & used).any() else made[:, :1]
    code = line_of(pd.DataFrame({"value": column}), ["value"])
    levels = np.unique(code[used])
    return (code[:, None] == levels[1:][None, :]).astype(float)
