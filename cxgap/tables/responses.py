"""The survey: text becomes answers, each used, incomplete or rejected, and none is lost."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from cxgap.errors import ArgumentError, StudyError
from cxgap.tables.answers import KEYS, arrange
from cxgap.tables.catalog import RESPONSES
from cxgap.tables.codebook import ON_SCALE, RATINGS, columns_of, rating_columns
from cxgap.tables.formats import read_file
from cxgap.tables.header import leave_unread, require_columns, settle_header
from cxgap.tables.issues import Issues
from cxgap.tables.metrics import survey_columns
from cxgap.tables.outcomes import check_outcomes, outcome_columns, read_outcome
from cxgap.tables.ratings import read_ratings
from cxgap.tables.rejects import NO_ANSWERS, Rejects
from cxgap.tables.restrict import Scope
from cxgap.tables.schema import read_numbers, read_text, read_times
from cxgap.tables.sections import Item
from cxgap.tables.source import Responses as ResponsesSource
from cxgap.tables.spec import StudyFile
from cxgap.tables.weights import read_weights


class Responses(NamedTuple):
    """What became of the survey file.

    Attributes
    ----------
    answers : one row an answer that is used or incomplete; ratings are floats, NaN where not given
    rejects : of `Rejects.frame`
    rows : counts of answers: read, left_out, in, used, incomplete, rejected
    file : name, rows and hash of the file
    """

    answers: pd.DataFrame
    rejects: pd.DataFrame
    rows: dict[str, int]
    file: dict[str, object]


def read_responses(spec: StudyFile, folder: Path, items: Mapping[str, Item], scope: Scope, issues: Issues) -> Responses:
    """Read, arrange, restrict and check the survey; see docs/columns.md for its columns.

    Raises
    ------
    StudyError, ColumnError : the file as a whole cannot be used.
    ArgumentError : `where` or `as_of` asks for what the file does not have.
    """
    source, rejects = spec.responses, Rejects("responses", spec.responses)
    raw = read_file(folder, source, RESPONSES.required)
    measured = [*survey_columns(spec), *outcome_columns(spec)]
    read_frame = _with_keys(leave_unread(raw, source, "responses", issues), source)
    header = [source.rename.get(name, name) for name in read_frame.columns]
    asked = rating_columns(spec, items, [name for name in header if name not in measured], issues)
    known = dict.fromkeys([*RESPONSES.names, *spec.drawn_columns, *columns_of(asked), *measured])
    frame = settle_header(read_frame, source, table="responses", known=known, issues=issues)
    require_columns(frame, [*RESPONSES.required, *spec.drawn_columns, *measured], table="responses", used=known)
    for name in columns_of(asked):
        if name in spec.design.columns:
            raise StudyError(f"[design] must name columns that say how respondents were drawn, and {name!r} holds ratings.")
        if name in spec.margin_columns:
            raise StudyError(f"[margins] must name columns of categories of respondents, and {name!r} holds ratings.")
        if name in survey_columns(spec):
            raise StudyError(f"[metrics] must name columns of numbers in a unit, and {name!r} holds ratings.")
    check_outcomes(spec, columns_of(asked))
    answers = arrange(frame, asked, spec, items)
    rejects.unread(raw.unread, answers=len(asked))
    read = len(answers) + len(asked) * len(raw.unread)

    answers, left_out = _restrict(answers, scope, spec, rejects, issues)
    answers = _answered(answers, raw.aside, source, rejects)
    answers = _known_keys(answers, spec, items, rejects)
    answers = _without_repeats(answers, spec, rejects)
    answers = read_ratings(answers, asked, spec, items, rejects)
    paired = answers[list(RATINGS)].notna().all(axis=1)
    refused = rejects.frame
    rows = {"read": read, "left_out": left_out, "in": read - left_out}
    rows |= {"used": int(paired.sum()), "incomplete": int((~paired).sum()), "rejected": int(refused["answers"].sum())}
    _judge(refused, rows, spec)
    answers = _finish(answers, asked, spec, items, rejects)
    rejects.note(issues)
    return Responses(answers, rejects.frame, rows, raw.about("responses", source))


def _restrict(
    answers: pd.DataFrame, scope: Scope, spec: StudyFile, rejects: Rejects, issues: Issues
) -> tuple[pd.DataFrame, int]:
    """Keep the answers that were asked for, and count those left out; one whose date cannot be read is refused."""
    asked_for = scope.within(answers, "responses") if len(answers) else np.ones(0, dtype=bool)
    kept, refused = answers[asked_for], answers[:0]
    if "at" in kept:
        times, wrong = read_times(kept["at"], spec.study.zone)
        bad = wrong.astype(bool)
        refused = kept[bad]
        kept = rejects.rows(kept, bad, "at", "bad_date").assign(at=times[~bad].array)
        kept = kept[scope.in_time(kept["at"], "responses", issues)]
    elif scope.cutoff is not None:
        raise ArgumentError(
            "`as_of` needs the date of the answer in a column 'at' of `responses`; if another has it, rename it."
        )
    left_out = len(answers) - len(refused) - len(kept)
    if left_out:
        rows = answers.index.nunique() - refused.index.nunique() - kept.index.nunique()
        issues.add("left_out", "note", table="responses", rows=rows)
        if left_out == len(answers):
            raise ArgumentError(f"`where` and `as_of` must leave answers to read; they leave none of {len(answers):,}.")
    return kept, left_out


def _with_keys(frame: pd.DataFrame, source: ResponsesSource) -> pd.DataFrame:
    """Add what the study file says of each row: the wave of its sheet, and that it is a respondent of its own."""
    made = {}
    if source.waves:
        made["wave"] = [source.waves[source.where(int(row))[0]] for row in frame.index]
    if source.respondent == "row":
        made["respondent_id"] = [" ".join(filter(None, (sheet, str(row)))) for sheet, row in map(source.where, frame.index)]
    for name in made:
        if name in frame:
            raise StudyError(
                f"{source.place}: `{name}` must be given once, and the file has a column of that name; drop "
                f"{'`waves`' if name == 'wave' else '`respondent`'} under [responses]."
            )
    return frame.assign(**{name: pd.Series(texts, index=frame.index, dtype=object) for name, texts in made.items()})


def _answered(answers: pd.DataFrame, aside: pd.Series | None, source: ResponsesSource, rejects: Rejects) -> pd.DataFrame:
    """Set aside the rows that a platform's export has and no customer's answer is."""
    if aside is None:
        return answers
    for reason in NO_ANSWERS:
        if reason == "unfinished" and source.partials == "keep":
            continue
        gone = aside.index[(aside == reason).to_numpy(bool)]
        answers = rejects.rows(answers, answers.index.isin(gone), "", reason)
    return answers


def _known_keys(answers: pd.DataFrame, spec: StudyFile, items: Mapping[str, Item], rejects: Rejects) -> pd.DataFrame:
    """Refuse answers whose keys are blank or unknown."""
    levels = {"touchpoint": spec.study.touchpoints, "wave": spec.study.waves, "item": tuple(items)}
    for name in KEYS:
        if name not in answers:
            continue
        answers = rejects.rows(answers, (answers[name] == "").to_numpy(bool), name, "empty_key")
        if levels.get(name):
            answers = rejects.rows(answers, ~answers[name].isin(levels[name]).to_numpy(bool), name, f"unknown_{name}")
    return answers


def _without_repeats(answers: pd.DataFrame, spec: StudyFile, rejects: Rejects) -> pd.DataFrame:
    """Refuse answers given twice: identical ones but for the first, and all of those that contradict each other.

    Rows of a wide file are compared as a whole: if two rows of one respondent differ in one answer, neither is kept.
    """
    keys = [name for name in KEYS if name in answers]
    again = answers.duplicated(keys, keep=False)
    if not again.any():
        return answers
    ratings = [name for name in (*ON_SCALE, "importance") if name in answers]
    several = answers[again].assign(**{name: _comparable(answers.loc[again, name], spec) for name in ratings})
    groups = several.groupby(keys, sort=False)
    apart = (groups[ratings].transform("nunique") > 1).any(axis=1)
    rows = groups.ngroup().groupby(level=0, sort=False).transform("first")
    apart = apart.groupby(rows.to_numpy()).transform("any")
    first = ~several.duplicated(keys)
    reason = np.full(len(answers), "", dtype=object)
    reason[again.to_numpy()] = np.where(apart, "conflicting_duplicate", np.where(first, "", "duplicate"))
    for check in ("duplicate", "conflicting_duplicate"):
        bad = reason == check
        answers, reason = rejects.rows(answers, bad, "respondent_id", check), reason[~bad]
    return answers


def _comparable(text: pd.Series, spec: StudyFile) -> np.ndarray:
    """Number the distinct answers in a column; 7 and 7.0 are the same."""
    source = spec.responses
    values, reasons = read_numbers(text, decimal=source.decimal, missing=source.missing)
    return pd.factorize(np.where(reasons.astype(bool), text.to_numpy(object), values.map(repr).to_numpy(object)))[0]


def _judge(rejects: pd.DataFrame, rows: Mapping[str, int], spec: StudyFile) -> None:
    """Raise where too much was refused, or where nothing is left."""
    rejects = rejects[~rejects["reason"].isin(NO_ANSWERS)]
    share = rejects["answers"].sum() / rows["in"] if rows["in"] else 0.0
    if share > spec.study.max_rejected:
        reasons = rejects.groupby("reason")["answers"].sum().sort_values(ascending=False)
        first = rejects[rejects["reason"] == reasons.index[0]].iloc[0]
        column = f", column {first['column']!r}" if first["column"] else ""
        value = f": {str(first['value'])[:80]!r}" if first["column"] not in ("", "respondent_id") else ""
        raise StudyError(
            f"{spec.responses.place}: {share:.1%} of the answers had to be rejected, and `max_rejected` is "
            f"{spec.study.max_rejected:.1%}; most often {reasons.index[0]} ({reasons.iloc[0]:,}), first in row {first['row']}"
            f"{column}{value}."
        )
    if not rows["used"]:
        raise StudyError(f"{spec.responses.file} must hold at least one answer with both ratings; it holds none.")


def _finish(
    answers: pd.DataFrame, asked: pd.DataFrame, spec: StudyFile, items: Mapping[str, Item], rejects: Rejects
) -> pd.DataFrame:
    """Give columns their types and orders."""
    source, measured, outcomes = spec.responses, survey_columns(spec), outcome_columns(spec)
    visits = answers.groupby([name for name in KEYS if name in answers and name != "item"], sort=False).ngroup().to_numpy()
    orders = {
        "touchpoint": spec.study.touchpoints,
        "wave": spec.study.waves,
        "item": tuple(asked["item"].dropna()) or tuple(items),
        "dimension": tuple(dict.fromkeys(item.dimension for item in items.values() if item.dimension)),
    }
    made: dict[str, Any] = {}
    if "item" in answers:
        made["retained"] = ~answers["item"].isin([name for name, item in items.items() if not item.retained])
        if any(item.label for item in items.values()) or "question" not in answers:
            names = orders["item"] or tuple(sorted(answers["item"].unique()))
            labels = {name: items[name].label or name if name in items else name for name in names}
            texts = answers["item"].map(labels)
            made["question"] = pd.Categorical(texts, categories=list(dict.fromkeys(labels.values())), ordered=True)
    for name in map(str, answers.columns):
        text = answers[name]
        if name in made or text.dtype.kind != "O":
            continue
        if name in (spec.design.weight, spec.design.population):
            made[name] = read_weights(text, answers["respondent_id"], source)
        elif name in orders:
            found = sorted(set(text.unique()) - {"", *orders[name]})
            made[name] = pd.Categorical(text.where(text != ""), categories=[*orders[name], *found], ordered=True)
        elif name in outcomes:
            made[name], wrong = read_outcome(text, outcomes[name], visits, decimal=source.decimal, missing=source.missing)
            rejects.cells(text, wrong, name)
        elif RESPONSES.kind(name) == "number" or name in measured:
            silent = source.missing if name in measured else ()
            made[name], wrong = read_numbers(text, decimal=source.decimal, missing=silent)
            rejects.cells(text, wrong, name)
        else:
            made[name] = read_text(text)
    answers = answers.assign(**made)
    first = [name for name in ("respondent_id", "touchpoint", "dimension", "item", "question", *ON_SCALE) if name in answers]
    return answers[[*first, *answers.columns.difference(first, sort=False)]].reset_index(drop=True)
