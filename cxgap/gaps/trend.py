"""Are we getting better? The gap over time, each change split into what was perceived and what was expected."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final, NamedTuple

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap._check import as_names, check_choice, check_count, check_prob, check_scale, check_zone
from cxgap.errors import ArgumentError, listed
from cxgap.gaps.asking import SCORES, check_expectation_type, grouping, margin_of
from cxgap.gaps.changes import findings, flags
from cxgap.gaps.composition import change_decomposition
from cxgap.gaps.design import UNIT
from cxgap.gaps.instrument import asked_in, begun, broken, changed_items, ends_of, placed, unchanged
from cxgap.gaps.judge import exposed_lines, refuse_names
from cxgap.gaps.margins import Margins
from cxgap.gaps.periods import distances, levels_in_time, turned
from cxgap.gaps.scores import Scores, respondent_scores
from cxgap.gaps.spared import spared
from cxgap.gaps.trended import OWN, SLUG, TITLE, written
from cxgap.result import Table
from cxgap.stats.linear import Estimates, contrasts
from cxgap.stats.means import design_means, sum_by, t_interval, t_p_value
from cxgap.stats.privacy import hide_also, too_few
from cxgap.stats.trend import combined, slope_factors
from cxgap.tables.absent import absent

PERIODS: Final = ("", "month", "quarter")
SIDES: Final = {"": "gap", "expectation_": "start", "perception_": "end"}
WHAT_ITEMS: Final = ("all", "same")
LEAST_PERIODS: Final = 3  # for a slope
_MADE: Final = "_period"


class _Line(NamedTuple):
    """The cells of one group in the order of time, and the segment of each."""

    group: int
    cells: list[int]
    segments: list[int]
    reasons: list[str]


@spared
def gap_trend(
    responses: IntoFrame,
    *,
    between: str = "wave",
    period: str = "",
    by: str | Sequence[str] = "",
    codebook: IntoFrame | None = None,
    actions: IntoFrame | None = None,
    breaks: str | Sequence[str] = (),
    items: str = "all",
    mix: str | Sequence[str] = "",
    zone: str = "UTC",
    score: str = "dimensions",
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
    """Follow the gap over time, and say whether a change is one of perception or of expectation.

    Each change of the gap is that of perception less that of expectation, exactly, over the same answers; each is one
    linearised variable, so that people who return, as in a panel, are one person. The slope is that of a straight line
    through the periods, each weighing the same. Where questions became others the series is broken: no change and no slope
    runs across.

    Parameters
    ----------
    responses : pandas, Polars, DuckDB, PyArrow or PySpark frame, one row an answer; as for `customer_gap`
    between : column of the periods, in its declared order
    period : "month" or "quarter" of the column `at` instead of `between`
    by : columns whose combinations have a series each; "" is all together
    codebook : one row an item, with `changed`, the periods from which on it was worded or scaled otherwise, as in
        "2025-Q2; 2025-Q3"
    actions : one row a thing done, with `action`, `done_at` and perhaps `touchpoint`; each is placed at its period
    breaks : periods from which on the series is not comparable with what was before, such as after another scale
    items : "all" breaks the series where others are asked; "same" keeps to the items that were asked alike throughout
    mix : columns that make groups of respondents; how much of each change is who answered stands beside it
    zone : by whose calendar months and quarters begin
    score, weight, stratum, psu, population, margins, scale, expectation_type : as in `customer_gap`
    margin : a change whose interval lies within it is called none; 5 % of the scale's range if `scale` is given
    min_n : periods with fewer respondents are blanked, and nothing is compared with them
    conf_level : two-sided, in (0, 1)
    confirmatory : cuts declared before the data were seen, such as "wave"; their p-values are adjusted by Holm, others by
        Benjamini & Hochberg

    Returns
    -------
    Table "trend" with one row a combination and period: the keys, `period`, `segment` (1, 2, ... between breaks), `broken` (why
    the series is broken before the period), `n`; `gap`, `std_error`, `conf_low`, `conf_high`, and the same of `expectation`
    and `perception` (`expectation_std_error`, ...); `change` against the period before, with `change_low` and
    `change_high`, of which `expectation_change` and `perception_change` (each with ends) are the two parts; `n_both`, people in
    both; `since`, the same against the first of the segment; `slope` a period, in the segment; `mix`, the part of the change
    that is who answered; `p_value` and `p_adjusted` of the change; `finding`; `actions`; and `flags`.

    Raises
    ------
    ColumnError : `responses` lacks a column.
    ArgumentError : an argument is not what it must be, or weights or design columns are not usable.

    References
    ----------
    Binder (1983), International Statistical Review 51(3), 279-292. Lumley (2004), Journal of Statistical Software 9(8).
    Benjamini & Hochberg (1995), Journal of the Royal Statistical Society B 57(1), 289-300. Kitagawa (1955), Journal of the
    American Statistical Association 50(272), 1168-1194.
    """
    check_choice(period, "period", PERIODS)
    named = as_names(between, "between")
    if len(named) != 1:
        raise ArgumentError(f"`between` must name one column, that of the periods, not {between!r}.")
    between = _MADE if period else named[0]
    names = grouping(by, {UNIT, between, "expectation", "perception", *OWN})
    check_choice(score, "score", SCORES)
    check_choice(items, "items", WHAT_ITEMS)
    check_zone(zone, "zone")
    check_expectation_type(expectation_type)
    conf_level, min_n = check_prob(conf_level, "conf_level"), check_count(min_n, "min_n")
    margin = margin_of(margin, check_scale(scale))
    groups = as_names(mix, "mix")
    if why := absent(responses):
        return Table.not_measured(SLUG, TITLE, why)
    present = tally.columns_of(responses)
    needed = "at" if period else between
    for column in [needed, *groups]:
        if column not in present:
            return Table.not_measured(SLUG, TITLE, f"the survey has no column {column!r}")
    labels: list[str] = []
    if period:
        responses, labels = _dated(responses, period, zone)
        if not labels:
            return Table.not_measured(SLUG, TITLE, "no answer has a date")
    changed, kept = changed_items(codebook), None
    if period and changed:
        changed = begun(responses, changed, period, zone)
    if items == "same" and "item" in present:
        responses, *kept = unchanged(responses, between, changed)
        if not kept[0]:
            return Table.not_measured(SLUG, TITLE, "no item was asked alike in all periods")
        changed = {}
    options: dict[str, Any] = {"weight": weight, "stratum": stratum, "psu": psu, "population": population, "margins": margins}
    scores = respondent_scores(
        responses, start="expectation", end="perception", by=[*names, between], score=score, importance=None,
        importance_kind="points", **options,
    )  # fmt: skip
    column = scores.cells[between]
    levels = [level for level in column.cat.categories if (column == level).any()]
    ends = ends_of(responses, between, [str(level) for level in levels])
    levels = levels if period else levels_in_time(responses, between, levels, ends)
    if len(levels) < 2:
        return Table.not_measured(SLUG, TITLE, f"{needed!r} must have two periods to compare, and has {listed(levels)}")
    texts = {level: labels[int(level)] if period else str(level) for level in levels}
    declared = set(as_names(breaks, "breaks"))
    if strange := sorted(declared - set(texts.values())):
        raise ArgumentError(f"`breaks` must name periods of {needed!r}, {listed(texts.values())}, not {strange[0]!r}.")
    frame = _followed(scores, names, between, levels, responses, changed, declared, texts, margin, min_n, conf_level)
    if groups:
        split = change_decomposition(
            responses,
            between=between,
            mix=groups,
            of="gap",
            by=names,
            score=score,
            min_n=min_n,
            conf_level=conf_level,
            **options,
        )
        frame = _mixed(frame, split, names, texts)
    done, after = placed(actions, spans := {texts[level]: ends[str(level)] for level in levels if str(level) in ends})
    frame["actions"] = [
        " | ".join(done.loc[(done["period"] == row["period"]) & _about(done, row), "action"])
        for row in frame.to_dict("records")
    ]
    return written(
        frame,
        names,
        "period" if period else between,
        period,
        conf_level,
        min_n,
        confirmatory,
        kept,
        after,
        bool(groups),
        turned(list(spans), spans),
    )


def _dated(responses: IntoFrame, period: str, zone: str) -> tuple[IntoFrame, list[str]]:
    """Number the month or quarter of each answer, by the calendar of `zone`; answers without a date are left out.

    Returns
    -------
    The frame with the number, and the names of the periods in order.
    """
    native = nw.from_native(responses)
    dtype = native.collect_schema()["at"]
    if not dtype.is_temporal():
        raise ArgumentError("`responses` must hold times in 'at'; read the file with read_study.")
    at = nw.col("at")
    ends = native.lazy().filter(~at.is_null()).select(at.min().alias("first"), at.max().alias("last")).collect().to_pandas()
    if ends.isna().any(axis=None) or ends.empty:
        return native.head(0).to_native(), []
    zoned = isinstance(dtype, nw.Datetime) and dtype.time_zone is not None
    first, last = (pd.Timestamp(ends[name].iloc[0]) for name in ("first", "last"))
    if zoned:
        first, last = (
            (each if each.tzinfo else each.tz_localize("UTC")).tz_convert(zone).tz_localize(None) for each in (first, last)
        )
    code = {"month": "M", "quarter": "Q"}[period]
    spans = pd.period_range(pd.Period(first, code), pd.Period(last, code), freq=code)
    starts: list[Any] = [span.start_time for span in spans]
    if zoned:
        starts = [start.tz_localize(zone, ambiguous=True, nonexistent="shift_forward").tz_convert("UTC") for start in starts]
    literals = [start.to_pydatetime().date() if dtype == nw.Date else start.to_pydatetime() for start in starts]
    number = nw.sum_horizontal(*((at >= nw.lit(start)).cast(nw.Int64) for start in literals)) - 1
    labels = [f"{span.year}-Q{span.quarter}" if period == "quarter" else f"{span.year}-{span.month:02d}" for span in spans]
    return native.filter(~at.is_null()).with_columns(number.alias(_MADE)).to_native(), labels


def _about(done: pd.DataFrame, row: dict[str, Any]) -> np.ndarray:
    """Say which actions are about the row: those at its touchpoint, and those everywhere."""
    if "touchpoint" not in row:
        return np.ones(len(done), bool)
    return np.asarray(done["touchpoint"].isin(["", row["touchpoint"]]))


def _followed(
    scores: Scores,
    names: Sequence[str],
    between: str,
    levels: Sequence[Any],
    responses: IntoFrame,
    changed: dict[str, set[str]],
    declared: set[str],
    texts: dict[Any, str],
    margin: float | None,
    min_n: int,
    conf_level: float,
) -> pd.DataFrame:
    """Estimate levels, changes and slopes of every group."""
    known = np.isfinite(scores.gap) & (scores.design.weight[scores.respondent] > 0)
    cells, design = len(scores.cells), scores.design
    cell, respondent = scores.cell[known], scores.respondent[known]
    n = sum_by(cell, cells)
    refuse_names(scores.cells, names, n, min_n)
    few = too_few(n, min_n) & (n > 0)
    also = hide_also(few, n, exposed_lines(scores, [*names, between], min_n), min_n)
    hidden = few | also | (n == 0)
    lines = _lines(scores, names, between, levels, responses, changed, declared, texts, hidden)
    order = [one for line in lines for one in line.cells]
    keys = scores.cells[list(names)].iloc[order].reset_index(drop=True)
    frame = pd.DataFrame({name: keys[name].astype(object).where(keys[name].notna(), "(blank)").astype(str) for name in names})
    at = [levels.index(scores.cells[between].iloc[one]) for one in order]
    along = distances([texts[level] for level in levels])
    frame = frame.assign(
        period=[texts[levels[each]] for each in at], segment=[each for line in lines for each in line.segments],
        broken=[each for line in lines for each in line.reasons], n=n[order],
    )  # fmt: skip
    before, first = _compared_with(lines, hidden)
    slopes = _slopes(lines, hidden, {one: along[each] for one, each in zip(order, at, strict=True)})
    for side, value in SIDES.items():
        y = getattr(scores, value)[known]
        means = design_means(y, cell, cells, respondent, design)
        ends = t_interval(means.mean, means.std_error, means.df, conf_level=conf_level)
        level = {"gap": "gap", "start": "expectation", "end": "perception"}[value]
        frame[level] = means.mean[order]
        for name, each in (("std_error", means.std_error), ("conf_low", ends[0]), ("conf_high", ends[1])):
            frame[f"{side}{name}"] = each[order]
        for name, other in (("change", before), ("since", first)):
            found = _contrasts(y, cell, cells, respondent, design, order, other)
            low, high = t_interval(*found, conf_level=conf_level)
            frame[f"{side}{name}"], frame[f"{side}{name}_low"], frame[f"{side}{name}_high"] = found.estimate, low, high
            if name == "change":
                for part, each in zip(
                    ("estimate", "std_error", "df", "conf_low", "conf_high"), (*found, low, high), strict=True
                ):
                    frame[f"_{side}{part}"] = each
        frame = _sloped(frame, side, slopes, lines, (y, cell, cells, respondent, design), conf_level)
    frame["p_value"] = t_p_value(*(frame[f"_{part}"].to_numpy(float) for part in ("estimate", "std_error", "df")))
    people = {code: set(respondent[cell == code].tolist()) for code in order}
    frame["n_both"] = [
        float(len(people[one] & people[other])) if other >= 0 else np.nan for one, other in zip(order, before, strict=True)
    ]
    return _judged(frame, scores, np.array(order), before, few[order], also[order], margin, conf_level)


def _lines(
    scores: Scores,
    names: Sequence[str],
    between: str,
    levels: Sequence[Any],
    responses: IntoFrame,
    changed: dict[str, set[str]],
    declared: set[str],
    texts: dict[Any, str],
    hidden: np.ndarray,
) -> list[_Line]:
    """Put the cells of each group in the order of time, and break the line where what was asked became another."""
    keys, asked = asked_in(responses, names, between)
    table = scores.cells
    group = table.groupby(list(names), observed=True, dropna=False).ngroup().to_numpy() if names else np.zeros(len(table), int)
    rank = table[between].map({level: number for number, level in enumerate(levels)}).to_numpy(float)
    told = table[keys].astype(str).to_numpy() if keys else np.zeros((len(table), 0), str)
    lines = []
    for number in dict.fromkeys(group):
        cells = [int(one) for one in np.flatnonzero((group == number) & np.isfinite(rank))]
        cells.sort(key=lambda one: rank[one])
        items = asked.get(tuple(told[cells[0]]), {})
        segments, reasons, segment = [], [], 1
        for before, one in zip([None, *cells], cells, strict=False):
            level = table[between].iloc[one]
            why = ""
            if before is not None:
                earlier = items.get(str(table[between].iloc[before]), set())
                why = broken(earlier, items.get(str(level), set()), texts[level], changed, declared)
                passed = [texts[each] for each in levels[int(rank[before]) + 1 : int(rank[one])]]  # periods without an answer
                if not why and any(each in declared for each in passed):
                    why = "declared"
            segment += bool(why)
            segments.append(segment)
            reasons.append(why)
        lines.append(_Line(int(number), cells, segments, reasons))
    return lines


def _compared_with(lines: Sequence[_Line], hidden: np.ndarray) -> tuple[list[int], list[int]]:
    """Return the cells that each is compared with: the one before, and the first of its segment; -1 where there is none."""
    before, first = [], []
    for line in lines:
        start: dict[int, int] = {}
        last: dict[int, int] = {}
        for one, segment in zip(line.cells, line.segments, strict=True):
            before.append(-1 if hidden[one] else last.get(segment, -1))
            first.append(-1 if hidden[one] else start.get(segment, -1))
            if not hidden[one]:
                start.setdefault(segment, one)
                last[segment] = one
    return before, first


def _contrasts(
    y: Any, cell: Any, cells: int, respondent: Any, design: Any, order: Sequence[int], other: Sequence[int]
) -> Estimates:
    """Subtract from each cell the other, NaN where there is none."""
    rows = [number for number, against in enumerate(other) if against >= 0]
    plus, minus = np.array([order[row] for row in rows], np.int64), np.array([other[row] for row in rows], np.int64)
    found = contrasts(y, cell, cells, respondent, design, np.arange(len(rows)), plus, minus)
    whole = []
    for part in found:
        values = np.full(len(order), np.nan)
        values[rows] = part
        whole.append(values)
    return Estimates(*whole)


def _slopes(
    lines: Sequence[_Line], hidden: np.ndarray, at: dict[int, int]
) -> list[tuple[tuple[int, int], list[int], np.ndarray]]:
    """List the segments that are long enough for a slope: which, their cells, and by what the mean of each is multiplied."""
    made = []
    for number, line in enumerate(lines):
        for segment in dict.fromkeys(line.segments):
            own = [one for one, each in zip(line.cells, line.segments, strict=True) if each == segment and not hidden[one]]
            if len(own) >= LEAST_PERIODS:
                made.append(((number, segment), own, slope_factors(np.array([at[one] for one in own], float))))
    return made


def _sloped(frame: pd.DataFrame, side: str, slopes: Any, lines: Sequence[_Line], data: Any, conf_level: float) -> pd.DataFrame:
    """Put the slope of its segment beside each row."""
    of = np.repeat(np.arange(len(slopes)), [len(own) for _, own, _ in slopes]).astype(np.int64)
    member = np.array([one for _, own, _ in slopes for one in own], np.int64)
    factor = np.concatenate([each for _, _, each in slopes]) if slopes else np.zeros(0)
    places = [(number, segment) for number, line in enumerate(lines) for segment in line.segments]
    columns = np.full((3, len(frame)), np.nan)
    if slopes:
        y, cell, cells, respondent, design = data
        found = combined(y, cell, cells, respondent, design, of, member, factor)
        low, high = t_interval(*found, conf_level=conf_level)
        for number, (place, _, _) in enumerate(slopes):
            mine = [row for row, each in enumerate(places) if each == place]
            columns[:, mine] = np.array([[found.estimate[number]], [low[number]], [high[number]]])
    return frame.assign(**{f"{side}slope{end}": each for end, each in zip(("", "_low", "_high"), columns, strict=True)})


def _judged(
    frame: pd.DataFrame, scores: Scores, order: np.ndarray, before: Sequence[int], few: np.ndarray, also: np.ndarray,
    margin: float | None, conf_level: float,
) -> pd.DataFrame:  # fmt: skip
    """Say what moved, flag what a reader must know, and blank what is hidden."""
    rows = np.flatnonzero(np.array(before) >= 0)
    parts = [f"{side}{part}" for side in SIDES for part in ("estimate", "std_error", "df", "conf_low", "conf_high")]
    moved = frame.loc[rows, [f"_{part}" for part in parts]].rename(columns=lambda name: name[1:]).reset_index(drop=True)
    moved["flags"] = flags(moved, scores, order[rows], np.array(before, np.int64)[rows], drift=True)
    said = pd.Series("", frame.index, dtype=object)
    marks = pd.Series([set() for _ in range(len(frame))], frame.index, dtype=object)
    for row, text, found in zip(rows, findings(moved, margin, conf_level), moved["flags"], strict=True):
        said[row], marks[row] = text, found
    first = np.array(before) < 0
    said[first] = np.where(frame["broken"][first] != "", "not comparable with before", "first period")
    covered = few | also
    numbers = [name for name in frame if frame[name].dtype.kind == "f" and "slope" not in name]
    frame[numbers] = frame[numbers].mask(np.repeat(covered[:, None], len(numbers), axis=1))
    said[frame["n"] == 0] = "nobody answered"
    said[covered] = "not shown"
    words = [
        "SUPPRESSED_PRIVACY" if few[row] else "SUPPRESSED_SECONDARY" if also[row] else "|".join(sorted(marks[row]))
        for row in range(len(frame))
    ]
    return frame.drop(columns=[f"_{part}" for part in parts]).assign(finding=said, flags=words)


def _mixed(frame: pd.DataFrame, split: Table, names: Sequence[str], texts: dict[Any, str]) -> pd.DataFrame:
    """Put beside each change what of it is who answered, where it was split between the same two periods."""
    if split.missing:
        return frame
    rows = split.frame[(split.frame["side"] == "gap") & (split.frame["group"] == "")]
    own = {str(level): text for level, text in texts.items()}
    previous = frame.groupby(list(names), sort=False)["period"].shift() if names else frame["period"].shift()
    found = {
        (*(row[name] for name in names), own.get(row["level"]), own.get(row["against"])): (
            row["mix"],
            row["mix_low"],
            row["mix_high"],
        )
        for row in rows.to_dict("records")
    }
    for end, column in enumerate(("mix", "mix_low", "mix_high")):
        frame[column] = [
            found.get((*key, now, then), (np.nan,) * 3)[end] if np.isfinite(change) else np.nan
            for key, now, then, change in zip(
                frame[list(names)].itertuples(index=False, name=None) if names else [()] * len(frame),
                frame["period"], previous, frame["change"], strict=True,
            )
        ]  # fmt: skip
    return frame
