"""Factors as columns, one row a respondent, beside what the respondent expects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap.gaps.design import UNIT
from cxgap.gaps.expected import read_expected
from cxgap.gaps.scores import OCCASIONS
from cxgap.stats.bootstrap import Source
from cxgap.stats.means import Codes, Design, Floats, ratio, strata_of, sum_by
from cxgap.vocabulary import counted

NOT_SAID = "(not said)"
OTHERS = "(others)"
MOST_LEVELS = 12  # groups that a factor makes; the smallest of more join


class Factors(NamedTuple):
    """What is needed to hold expectations against factors; one row a respondent of positive weight.

    Attributes
    ----------
    names : of the factors
    columns : positions in `x` of each factor's columns
    x : numbers as they are, and a column for each group but the largest, shape (people, columns)
    y : what each person expects, against the mean of all at the touchpoints that they met
    who : of each row, a position in the arrays of `design`
    design, designed : how respondents were drawn, and whether anything was said of it
    notes : what was left out or merged
    """

    names: tuple[str, ...]
    columns: tuple[tuple[int, ...], ...]
    x: Floats
    y: Floats
    who: Codes
    design: Design
    designed: bool
    notes: tuple[str, ...]

    @property
    def weight(self) -> Floats:
        """Sampling weight of each person."""
        return self.design.weight[self.who]

    @property
    def unit(self) -> Codes:
        """The sampling unit of each person."""
        return self.design.psu[self.who]

    def source(self, name: str) -> Source:
        """Describe the sample for a bootstrap."""
        stratum = strata_of(self.design)
        return Source(name, stratum, sum_by(stratum, len(self.design.population)) / self.design.population)


def read_factors(responses: IntoFrame, names: Sequence[str], *, of: str, score: str, fewest: int, **design: Any) -> Factors:
    """Read factors and expectations of each respondent.

    Parameters
    ----------
    responses, of, score, design : as in `read_expected`
    names : columns of the factors
    fewest : people that a group of a factor has at the least; smaller ones join
    """
    present = tally.columns_of(responses)
    tally.require(responses, list(names), "responses")
    by = tuple(name for name in ("touchpoint",) if name in present)
    found = read_expected(responses, of=of, by=by, score=score, **design)
    cells, weight = len(found.cells), found.weight
    mean = ratio(sum_by(found.cell, cells, weight * found.score), sum_by(found.cell, cells, weight))
    who, row = np.unique(found.respondent, return_inverse=True)
    y = ratio(sum_by(row, len(who), found.score - mean[found.cell]), sum_by(row, len(who)))
    people = _people(responses)
    occasions = [name for name in OCCASIONS if name in present and name not in names]
    schema = nw.from_native(responses).collect_schema()
    made: list[Floats] = []
    columns: list[tuple[int, ...]] = []
    notes: list[str] = []
    for name in names:
        seen = tally.tally_distinct(responses, list(dict.fromkeys([UNIT, *occasions, name])))
        place = people.get_indexer(pd.Index(seen[UNIT].astype(object)))
        seen, place = seen[place >= 0], place[place >= 0]
        if schema[name].is_numeric():
            own = [_averaged(place, seen[name].astype(object).astype(float).to_numpy(), len(people))[who]]
        else:
            own, merged = _groups(place, seen[name], who, len(people), fewest)
            notes += (
                [f"{counted(merged, 'value')} of {name.replace('_', ' ')} with fewer than {fewest} people joined."]
                if merged
                else []
            )
        columns.append(tuple(range(len(made), len(made) + len(own))))
        made += own
    x = np.column_stack(made) if made else np.zeros((len(who), 0))
    known = np.isfinite(x).all(axis=1)
    if not known.all():
        notes.append(
            f"{counted(int((~known).sum()), 'person').replace('persons', 'people')} without one of the numbers took no part."
        )
    return Factors(tuple(names), tuple(columns), x[known], y[known], who[known], found.design, found.designed, tuple(notes))


def _people(responses: IntoFrame) -> pd.Index:
    """Return every respondent in the order in which `read_design` numbers them: of the answers that count in scores."""
    counting = tally.keep_true(responses, "retained") if "retained" in tally.columns_of(responses) else responses
    seen = tally.tally_distinct(counting, [UNIT])[UNIT]
    return pd.Index(seen.cat.categories[np.unique(seen.cat.codes)].astype(object))


def _averaged(place: Codes, values: Floats, people: int) -> Floats:
    known = np.isfinite(values)
    return ratio(sum_by(place[known], people, values[known]), sum_by(place[known], people))


def _groups(place: Codes, values: pd.Series, who: Codes, people: int, fewest: int) -> tuple[list[Floats], int]:
    """Return a column a group but the largest, each the share of a person's visits; and how many values joined."""
    texts = values.astype(object).where(values.notna(), NOT_SAID).astype(str).to_numpy(dtype=object)
    visits = sum_by(place, people)
    levels, code = np.unique(texts, return_inverse=True)
    share = sum_by(place * len(levels) + code, people * len(levels)).reshape(people, len(levels))
    share = (share / np.maximum(visits, 1)[:, None])[who]
    size = (share > 0).sum(axis=0)
    order = np.lexsort((levels, -size))
    large = [number for number in order[: MOST_LEVELS - 1] if size[number] >= fewest]
    small = [number for number in order if number not in large]
    columns = [share[:, number] for number in large] + ([share[:, small].sum(axis=1)] if small else [])
    own = columns[1:] if len(columns) > 1 else []
    return own, len(small) if len(small) > 1 else 0
