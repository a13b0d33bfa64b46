"""What customers say matters: points they spread, or ratings of each question, as shares of one respondent by respondent."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap._check import check_choice, check_count, check_prob, check_scale
from cxgap.errors import ArgumentError
from cxgap.gaps.asking import check_expectation_type
from cxgap.gaps.customer import IMPORTANCE_KINDS
from cxgap.gaps.design import UNIT, design_columns, read_design
from cxgap.gaps.importance import shares_of_points
from cxgap.gaps.margins import Margins
from cxgap.gaps.no_answer import Codes, answers_only, refuse_codes
from cxgap.gaps.scores import OCCASIONS
from cxgap.gaps.spared import spared
from cxgap.result import Table
from cxgap.stats.linear import cell_covariance
from cxgap.stats.means import Codes as Places
from cxgap.stats.means import Design, Floats, design_means, ratio, simple_means, sum_by, t_interval
from cxgap.stats.privacy import too_few
from cxgap.stats.ranking import rank_sets
from cxgap.tables.absent import absent
from cxgap.vocabulary import percent

SLUG = "stated_importance"
TITLE = "What customers say matters"
PARTS = ("dimension", "item")
NO_IMPORTANCE = (
    "the study does not ask what matters; name its column as `importance` in the study file, or give it here with "
    "`importance_kind`"
)
_PART, _VALUE = "_part", "_importance"


class Stated(NamedTuple):
    """Shares of what matters, one entry a respondent and part, and how the respondents were drawn.

    Attributes
    ----------
    names : of the parts, in the order of display
    share, value : of each entry: the share, and the points or rating behind it
    part, respondent : codes of each entry
    design, designed : as in Model
    """

    names: tuple[str, ...]
    share: Floats
    value: Floats
    part: Places
    respondent: Places
    design: Design
    designed: bool

    @property
    def mean(self) -> Floats:
        """Mean share of each part, shape (parts,)."""
        weight = self.design.weight[self.respondent]
        return ratio(self._sum(weight * self.share), self._sum(weight))

    @property
    def mean_value(self) -> Floats:
        """Mean of the points or ratings of each part, shape (parts,)."""
        weight = self.design.weight[self.respondent]
        return ratio(self._sum(weight * self.value), self._sum(weight))

    def _sum(self, values: Floats) -> Floats:
        return sum_by(self.part, len(self.names), values)


@spared
def stated_importance(
    responses: IntoFrame,
    *,
    by: str = "dimension",
    importance: str | Sequence[str] | None = None,
    importance_kind: str = "points",
    missing: Codes = (),
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
) -> Table:
    """Average what each customer says matters, as shares of one.

    Points are shares as they were spread; those that sum to 95 to 105 are rescaled, others left out. Ratings are divided by
    the sum of the respondent's own, so that who finds everything important weighs no more than others; respondents who
    rated all parts count.

    Parameters
    ----------
    responses : answers, or a frame of one row a person
    by : "dimension" or "item"; not used where `importance` names several columns
    importance : column with points or ratings, or columns of a wide frame, one a part
    importance_kind : "points" (100 of them, spread over dimensions) or "rating"
    missing : numbers that are no answers, such as (98, 99); None if every number is one
    weight, stratum, psu, population, margins : as in `customer_gap`
    min_n : with fewer respondents nothing is shown
    scale, expectation_type, margin, confirmatory : accepted with the rest of a study's design
    conf_level : of each interval, two-sided, and of all ranks together
    seed : of the draws behind the ranks

    Returns
    -------
    Table "stated_importance" with one row a part, in their order: `n`, `mean` (points or rating), `share` with `std_error`,
    `conf_low` and `conf_high`, and `rank` (1 matters most), `rank_low` and `rank_high`.

    Raises
    ------
    ColumnError : a column is missing.
    ArgumentError : an argument is not what it must be, or a column holds what it must not.

    References
    ----------
    Parasuraman, Zeithaml & Berry (1988), Journal of Retailing 64(1), 12-40 (100 points).
    Mogstad, Romano, Shaikh & Wilhelm (2024), Review of Economic Studies 91(1), 476-518 (ranks).
    """
    check_choice(by, "by", PARTS)
    check_choice(importance_kind, "importance_kind", IMPORTANCE_KINDS)
    check_expectation_type(expectation_type)
    check_scale(scale)
    min_n, conf_level = check_count(min_n, "min_n"), check_prob(conf_level, "conf_level")
    if why := absent(responses) or ("" if importance else NO_IMPORTANCE):
        return Table.not_measured(SLUG, TITLE, why)
    drawn: dict[str, Any] = {
        "weight": weight, "stratum": stratum, "psu": psu, "population": population, "margins": margins,
    }  # fmt: skip
    stated = read_stated(
        responses, by=by, importance=importance or "", importance_kind=importance_kind, missing=missing, **drawn
    )
    people = len(np.unique(stated.respondent))
    if people == 0 or too_few(np.array([float(people)]), min_n)[0]:
        few = "nobody did" if people == 0 else f"fewer than {min_n} did, too few to be shown"
        return Table.not_measured(SLUG, TITLE, f"customers must say what matters in a way that sums up, and {few}")
    return _table(stated, people, importance_kind, conf_level, seed)


def read_stated(
    responses: IntoFrame, *, by: str, importance: str | Sequence[str], importance_kind: str, missing: Codes = (), **design: Any
) -> Stated:
    """Read shares of what matters; of several visits of a respondent the mean is taken.

    Parameters
    ----------
    responses, by, importance, importance_kind, missing : as in `stated_importance`
    design : weight, stratum, psu, population and margins
    """
    columns = [importance] if isinstance(importance, str) else list(importance)
    frame = answers_only(responses, columns, missing)
    if importance_kind == "rating":
        refuse_codes(frame, columns, scale=None, missing=missing)
    if len(columns) > 1:
        frame, by = _melted(frame, columns, design), _PART
        columns = [_VALUE]
    present = tally.columns_of(frame)
    tally.require(frame, [by, UNIT], "responses")
    if "retained" in present and by == "dimension":
        frame = tally.keep_true(frame, "retained")
    drawn = design_columns(design["stratum"], design["psu"], design["population"], design["margins"])
    occasions = [name for name in OCCASIONS if name in present]
    weight = design["weight"]
    keys = list(dict.fromkeys([UNIT, *occasions, by, *drawn]))
    sums = tally.tally_pairs(frame, columns[0], columns[0], keys=keys, weight=weight)
    if sums.empty:
        raise ArgumentError("`responses` must hold at least one answer; it has no rows.")
    respondent, sample = read_design(sums, **design)
    value = ratio(sums["end_all"].to_numpy(float), sums["ends"].to_numpy(float))
    code = sums[by].cat.codes.to_numpy(np.int64)
    met = np.unique(code[(code >= 0) & np.isfinite(value)])
    visit = sums.groupby([UNIT, *occasions], observed=True, dropna=False, sort=False).ngroup().to_numpy(np.int64)
    visits = int(visit.max()) + 1
    inside = np.isin(code, met)
    value = np.where(inside, value, np.nan)
    if importance_kind == "points":
        share, _ = shares_of_points(value, visit, visits)
        total = sum_by(visit, visits, np.nan_to_num(share))
        share = np.where(np.isfinite(share), share / np.where(total > 0, total, 1.0)[visit], np.nan)
    else:
        value = np.where(value >= 0, value, np.nan)
        held = _asked(sums, occasions, code, inside, visit)
        full = (sum_by(visit, visits, np.isfinite(value)) == held) & (held > 1)
        share = np.where(full[visit], ratio(value, sum_by(visit, visits, np.nan_to_num(value))[visit]), np.nan)
    known = np.isfinite(share) & (sample.weight[respondent] > 0)
    part = np.searchsorted(met, code[known])
    pair, place = np.unique(part * len(sample.weight) + respondent[known], return_inverse=True)
    times = sum_by(place, len(pair))
    return Stated(
        names=tuple(str(sums[by].cat.categories[one]) for one in met),
        share=sum_by(place, len(pair), share[known]) / times,
        value=sum_by(place, len(pair), value[known]) / times,
        part=pair // len(sample.weight),
        respondent=pair % len(sample.weight),
        design=sample,
        designed=any((weight, *drawn)),
    )


def _asked(sums: pd.DataFrame, occasions: Sequence[str], code: Places, inside: np.ndarray, visit: Places) -> Floats:
    """Count the parts that are asked at each visit: those that anybody rated at its touchpoint and wave."""
    where = np.zeros(len(sums), np.int64)
    if occasions:
        where = sums.groupby(list(occasions), observed=True, dropna=False, sort=False).ngroup().to_numpy(np.int64)
    rated = inside & (sums["ends"].to_numpy(float) > 0)
    pairs = np.unique(np.column_stack([where[rated], code[rated]]), axis=0)
    count = sum_by(pairs[:, 0], int(where.max(initial=0)) + 1)
    first = np.unique(visit, return_index=True)[1]
    return count[where[first]]


def _melted(frame: IntoFrame, columns: Sequence[str], design: Any) -> pd.DataFrame:
    """Turn columns of a wide frame into rows, one a person and part."""
    drawn = design_columns(design["stratum"], design["psu"], design["population"], design["margins"])
    named = [UNIT] if UNIT in tally.columns_of(frame) else []
    kept = list(dict.fromkeys([*named, *drawn, *([design["weight"]] if design["weight"] else [])]))
    tally.require(frame, [*columns, *kept], "responses")
    rows = tally.rows_of(nw.from_native(frame).select(*columns, *kept).to_native()).reset_index(drop=True)
    if not named:
        rows[UNIT], kept = np.arange(len(rows)), [UNIT, *kept]
    long = rows.melt(id_vars=kept, value_vars=list(columns), var_name=_PART, value_name=_VALUE)
    return long.assign(**{_PART: pd.Categorical(long[_PART], categories=list(columns), ordered=True)})


def _table(stated: Stated, people: int, kind: str, conf_level: float, seed: int) -> Table:
    parts = len(stated.names)
    if stated.designed:
        means = design_means(stated.share, stated.part, parts, stated.respondent, stated.design)
    else:
        means = simple_means(stated.share, stated.part, parts)
    low, high = t_interval(means.mean, means.std_error, means.df, conf_level=conf_level)
    frame = pd.DataFrame({"part": stated.names, "n": means.n, "mean": stated.mean_value, "share": means.mean})
    frame = frame.assign(std_error=means.std_error, df=means.df, conf_low=low, conf_high=high)
    known = np.isfinite(means.std_error)
    rank = np.full((3, parts), np.nan)
    if known.all() and parts > 1:
        covariance = cell_covariance(stated.share, stated.part, parts, stated.respondent, stated.design)
        found = rank_sets(-means.mean, covariance, conf_level=conf_level, seed=seed, name=SLUG)
        rank = np.array([found.rank, found.low, found.high], float)
    frame = frame.assign(rank=rank[0], rank_low=rank[1], rank_high=rank[2])
    level = percent(conf_level)
    head = "points of 100" if kind == "points" else "mean rating"
    shown = frame.assign(
        _span=[_span(row.conf_low, row.conf_high) for row in frame.itertuples()],
        _could=[could_be(row.rank_low, row.rank_high) for row in frame.itertuples()],
    )
    columns: dict[str, tuple[str, Any]] = {
        "part": ("what is asked about", str),
        "share": ("share of what matters", lambda value: f"{value * 100:.1f} %"),
        "_span": (f"{level} interval", str),
        "rank": ("rank", "{:.0f}".format),
        "_could": ("could be", str),
        "mean": (head, "{:.1f}".format),
        "n": ("people", "{:,.0f}".format),
    }
    notes = (
        f"Each customer's shares of what matters add up to one; alike for all {parts} would be {100 / parts:.1f} %.",
        "What they say is not what goes with their judgement; compare both.",
        f"All ranks hold at once with {level} confidence.",
    )
    made = Table.of(shown, slug=SLUG, title=_title(frame), columns=columns, keys=1, notes=notes)
    return Table(frame, made.slug, made.title, made.heads, made.cells, 1, made.notes)


def could_be(low: float, high: float) -> str:
    """Write the ranks that there could be."""
    if not np.isfinite(low):
        return ""
    return f"{low:.0f} to {high:.0f}" if high > low else f"{low:.0f}"


def _span(low: float, high: float) -> str:
    return f"{low * 100:.1f} to {high * 100:.1f} %" if np.isfinite(low) else ""


def _title(frame: pd.DataFrame) -> str:
    first = list(frame.loc[frame["rank_low"] <= 1, "part"])
    if len(first) == 1:
        return f"Customers say that {first[0]} matters most"
    if len(first) == 2:
        return f"Customers say that {first[0]} or {first[1]} matters most; which of them cannot be told"
    if len(first) == len(frame) or not first:
        return "Customers do not say that one thing matters more than the others"
    return f"Customers say that one of {len(first)} matters most; which of them cannot be told"
