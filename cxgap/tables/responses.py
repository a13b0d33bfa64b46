"""The survey: text becomes answers, each used, incomplete or rejected, and none is lost."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from cxgap.errors import ArgumentError, StudyError
from cxgap.tables.answers import KEYS, arrange
from cxgap.tables.catalog import RESPONSES
from cxgap.tables.codebook import RATINGS, columns_of, items_in, rating_columns
from cxgap.tables.columns import typed
from cxgap.tables.damage import damaged_ids, repeated_body, second_header
from cxgap.tables.faults import Faults
from cxgap.tables.formats import read_file
from cxgap.tables.formats.raw import RawTable
from cxgap.tables.header import leave_unread, require_columns, settle_header
from cxgap.tables.issues import CHECKS, Issues
from cxgap.tables.keys import known_keys, made_keys, set_aside, with_keys
from cxgap.tables.metrics import survey_columns
from cxgap.tables.outcomes import check_outcomes, outcome_columns
from cxgap.tables.questions import Known, codebook_table
from cxgap.tables.ratings import read_ratings
from cxgap.tables.rejects import NO_ANSWERS, Rejects
from cxgap.tables.repeats import without_repeats
from cxgap.tables.restrict import Scope
from cxgap.tables.rounds import note_rounds, without_unasked
from cxgap.tables.scales import check_scales
from cxgap.tables.schema import stripped
from cxgap.tables.sections import Item
from cxgap.tables.segments import by_segment
from cxgap.tables.silence import codes_of, hush, note_silence
from cxgap.tables.source import Source
from cxgap.tables.spec import StudyFile
from cxgap.tables.strays import refuse_strays
from cxgap.tables.times import REASONS as NO_TIMES
from cxgap.tables.times import fault_of, note_twice, refuse_faults, settle_times
from cxgap.tables.zones import note_zone


class Responses(NamedTuple):
    """What became of the survey file.

    Attributes
    ----------
    answers : one row an answer that is used or incomplete; ratings are floats, NaN where not given
    rejects : of `Rejects.frame`
    rows : counts of answers: read, left_out, in, used, incomplete, rejected
    file : name, rows and hash of the file
    segments : of `by_segment`, answers and refusals in each group of customers
    touchpoints : all that the file speaks of, those that `where` and `as_of` leave out too
    places : the row in the file of each answer
    codebook : of `codebook_table`; None where there is no survey
    """

    answers: pd.DataFrame
    rejects: pd.DataFrame
    rows: dict[str, int]
    file: dict[str, object]
    segments: pd.DataFrame
    touchpoints: frozenset[str]
    places: np.ndarray
    codebook: pd.DataFrame | None = None


def read_responses(spec: StudyFile, folder: Path, items: Mapping[str, Item], scope: Scope, issues: Issues) -> Responses:
    """Read, arrange, restrict and check the survey; see docs/columns.md for its columns.

    Raises
    ------
    StudyError, ColumnError : the file as a whole cannot be used.
    ArgumentError : `where` or `as_of` asks for what the file does not have.
    """
    raw = read_file(folder, spec.responses, RESPONSES.required)
    named, source = spec.responses, spec.responses.settled(raw.sheet)
    spec = spec.model_copy(update={"responses": source})
    rejects, faults = Rejects("responses", source), Faults()
    frame, asked, known = headed(raw, spec, items, issues)
    if raw.weight and not spec.design.weight:
        issues.add("weight_offered", "warning", table="responses", column=raw.weight, rows=len(frame))
    faults.add(damaged_ids(frame, source))
    own = frame.drop(columns=made_keys(source))
    faults.add(repeated_body(own, source, named="respondent_id" in own))
    faults.add(second_header(frame, columns_of(asked), source))
    faults.settle()
    note_zone(raw.zone, [name for name in ("at",) if name in frame], spec.study.zone, "responses", issues)
    frame, silent = hush(frame, known.codes, source)
    answers = without_unasked(arrange(frame, asked, spec, items), spec, items)
    faults.add(check_scales(answers, spec, items))
    rejects.unread(raw.unread, answers=len(asked))
    read = len(answers) + len(asked) * len(raw.unread)

    touchpoints = frozenset(answers["touchpoint"].unique())
    kept = answers[scope.within(answers, "responses") if len(answers) else np.ones(0, dtype=bool)]
    outside = answers.index.nunique() - kept.index.nunique()
    left_out = len(answers) - len(kept)
    kept = set_aside(kept, raw.aside, source, rejects)
    kept = refuse_strays(kept, own, columns_of(asked), spec, rejects)
    with faults.gathered():
        kept, late = _in_time(kept, scope, spec, rejects, issues)
        outside, left_out = outside + late.index.nunique(), left_out + len(late)
    if left_out:
        issues.add("left_out", "note", table="responses", rows=outside)
        if left_out == len(answers):
            raise ArgumentError(f"`where` and `as_of` must leave answers to read; they leave none of {len(answers):,}.")
    came = kept
    kept = known_keys(kept, spec, items, rejects)
    kept = without_repeats(kept, spec, rejects)
    kept = read_ratings(kept, asked, spec, items, rejects, issues, faults)
    note_silence(silent, kept, items_in(asked), source, issues)
    note_rounds(kept, spec, items, issues)
    paired = answered(kept, asked, outcome_columns(spec))
    refused = rejects.frame
    rows = {"read": read, "left_out": left_out, "in": read - left_out}
    rows |= {"used": int(paired.sum()), "incomplete": int((~paired).sum()), "rejected": int(refused["answers"].sum())}
    segments = by_segment(came, kept, KEYS)
    if rows["used"]:
        kept = typed(kept, asked, spec, items, rejects, faults)
    faults.settle()
    judge_rejects(refused, rows, spec)
    rejects.note(issues)
    places, kept = kept.index.to_numpy(), kept.reset_index(drop=True)
    found = list(map(str, kept["item"].cat.categories)) if "item" in kept else []
    waves = list(map(str, kept["wave"].cat.categories)) if "wave" in kept and rows["used"] else []
    codebook = codebook_table(spec, items, asked, known, found, waves)
    return Responses(kept, rejects.frame, rows, raw.about("responses", named), segments, touchpoints, places, codebook)


def headed(
    raw: RawTable, spec: StudyFile, items: Mapping[str, Item], issues: Issues
) -> tuple[pd.DataFrame, pd.DataFrame, Known]:
    """Return the survey under the names that it is known by, where its ratings stand, and what the file says of them.

    Raises
    ------
    StudyError, ColumnError : its columns are not what they must be.
    """
    source = spec.responses
    measured = _measured(spec)
    read_frame = with_keys(leave_unread(raw, source, "responses", issues), source)
    header = [source.rename.get(name, name) for name in read_frame.columns]
    asked = rating_columns(spec, items, [name for name in header if name not in measured], issues)
    ratings = columns_of(asked)
    known = dict.fromkeys([*RESPONSES.names, *spec.drawn_columns, *ratings, *measured])
    frame = settle_header(read_frame, source, table="responses", known=known, issues=issues)
    needed = [*RESPONSES.required, *spec.drawn_columns, *measured, *ratings]
    if items and source.layout == "long":
        needed.append("item")
    require_columns(frame, needed, table="responses", used=known, place=source.place)
    kinds = {
        "[design] must name columns that say how respondents were drawn": spec.design.columns,
        "[margins] must name columns of categories of respondents": spec.margin_columns,
        "[metrics] must name columns of numbers in a unit": survey_columns(spec),
    }
    rated = set(ratings)
    faults = [f"{must}, and {name!r} holds ratings." for must, names in kinds.items() for name in names if name in rated]
    if faults:
        raise StudyError("\n".join(faults))
    check_outcomes(spec, ratings)
    names = dict(zip(read_frame.columns, frame.columns, strict=True))
    places: dict[str, list[str | None]] = {**items_in(asked), **{name: [] for name in measured}}
    return frame, asked, Known.of(raw, names, codes_of(raw, names, places, items, source.missing))


def _measured(spec: StudyFile) -> list[str]:
    """Name the columns of numbers beside the ratings: metrics and outcomes."""
    return [*survey_columns(spec), *outcome_columns(spec)]


def no_survey() -> Responses:
    """Return what a study has that has no survey: no answers, and none lost."""
    rows = dict.fromkeys(("read", "left_out", "in", "used", "incomplete", "rejected"), 0)
    none = pd.DataFrame()
    refused = Rejects("responses", Source(file="")).frame
    return Responses(none, refused, rows, {}, by_segment(none, none, KEYS), frozenset(), np.array([], dtype=np.int64))


def answered(answers: pd.DataFrame, asked: pd.DataFrame, outcomes: Collection[str]) -> pd.Series:
    """Return which answers are whole: all ratings that were asked; where none was, any overall judgement."""
    rated = [rating for rating in RATINGS if asked[rating].notna().any()]
    if rated:
        return answers[rated].notna().all(axis=1)
    given = [stripped(answers[name]) != "" for name in outcomes]
    return pd.concat(given, axis=1).any(axis=1) if given else pd.Series(True, index=answers.index)


def _in_time(
    answers: pd.DataFrame, scope: Scope, spec: StudyFile, rejects: Rejects, issues: Issues
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the answers that `as_of` keeps, and those that it leaves out; one whose date cannot be read is refused."""
    if "at" not in answers:
        if scope.cutoff is not None:
            raise ArgumentError(
                "`as_of` needs the date of the answer in a column 'at' of `responses`; if another has it, rename it."
            )
        return answers, answers[:0]
    source, zone = spec.responses, spec.study.zone
    refuse_faults([fault_of(answers["at"], source, "at", "responses")])
    times, wrong = settle_times(answers["at"], source, zone, horizon=scope.horizon)
    note_twice(answers["at"], times, source, zone, "responses", issues)
    times = times[~wrong.astype(bool)]
    for reason in NO_TIMES:
        bad = wrong == reason
        answers, wrong = rejects.rows(answers, bad, "at", reason), wrong[~bad]
    answers = answers.assign(at=times.array)
    stays = scope.in_time(answers["at"], source, "responses", issues)
    return answers[stays], answers[~stays]


def judge_rejects(rejects: pd.DataFrame, rows: Mapping[str, int], spec: StudyFile) -> None:
    """Raise where too much was refused, or where nothing is left."""
    rejects = rejects[~rejects["reason"].isin([*NO_ANSWERS, "summary_row"])]
    share = rejects["answers"].sum() / rows["in"] if rows["in"] else 0.0
    if share > spec.study.max_rejected:
        reasons = rejects.groupby("reason")["answers"].sum().sort_values(ascending=False)
        first = rejects[rejects["reason"] == reasons.index[0]].iloc[0]
        sheet = f"sheet {first['sheet']!r}, " if first["sheet"] else ""
        column = f", column {first['column']!r}" if first["column"] else ""
        value = f": {str(first['value'])[:80]!r}" if first["column"] not in ("", "respondent_id") else ""
        fix = "delete the repeated rows" if reasons.index[0] == "duplicate" else CHECKS[str(reasons.index[0])][1]
        raise StudyError(
            f"{spec.responses.place}: {share:.1%} of the answers had to be rejected, and `max_rejected` is "
            f"{spec.study.max_rejected:.1%}; most often {reasons.index[0]} ({reasons.iloc[0]:,}), first in {sheet}row "
            f"{first['row']}{column}{value}; {fix}."
        )
    if not rows["used"]:
        raise StudyError(
            f"{spec.responses.place} must hold at least one answer with both ratings; it holds none. Look whether "
            "`expectation` and `perception` under [responses] name the columns of the two."
        )
