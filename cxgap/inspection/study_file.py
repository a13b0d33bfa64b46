"""The study file that is proposed for what was found: everything that is settled, and a "?" for what must be asked."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from cxgap.inspection.profile import Profile
from cxgap.inspection.proposed import THRESHOLD, OutcomeProposal, Pair, Proposal, ScaleProposal
from cxgap.inspection.toml import ASK, Line, Section, text_of
from cxgap.tables.source import Source
from cxgap.vocabulary import EXPECTATION_TYPES

RATINGS = ("expectation", "perception", "adequate", "importance")
WHOLE_SURVEY = "Whole survey"  # the touchpoint of a survey that names none
TIMES = {"delivered": ("ordered_at", "delivered_at"), "promised": ("ordered_at", "promised_first")}
KINDS = " or ".join([", ".join([*EXPECTATION_TYPES][:-1]), [*EXPECTATION_TYPES][-1]])
MOST_WORDED = 60  # characters of a question's wording behind its key


class Found(NamedTuple):
    """One file: what it is, and what it is taken for."""

    profile: Profile
    proposal: Proposal


def study_file(found: Sequence[Found], folder: Path) -> str:
    """Write a study file for files that belong together.

    Parameters
    ----------
    found : at most one survey (`table` "responses"), at most one codebook, and tables beside them
    folder : of the study file, from which the files are named
    """
    survey = next((one for one in found if one.proposal.table == "responses"), None)
    codebook = next((one for one in found if one.proposal.table == "codebook"), None)
    tables = [one for one in found if one.proposal.table not in ("responses", "codebook")]
    names = ", ".join(one.profile.path.name for one in found)
    opening = (
        f"Proposed by `cxgap inspect` for {names}.\n"
        'Answer each "?" in its place, look at what stands behind the keys, then type `cxgap check` with the path of it.\n'
        "Nothing is guessed in reading: what this file does not say is not known. docs/study.md explains every key."
    )
    sections = [_study(survey, found)]
    if survey is not None:
        sections += _survey(survey, folder, declared=codebook is not None)
    if codebook is not None:
        sections.append(Section(("codebook",), _source(codebook, folder)))
    for one in tables:
        sections += _table(one, folder)
    return text_of(sections, opening)


def _study(survey: Found | None, found: Sequence[Found]) -> Section:
    lines = [Line("title", (survey or found[0]).profile.path.stem.replace("_", " ").strip() or "Study", "heads every page")]
    proposal = survey.proposal if survey else Proposal()
    if any(pair.expectation for pair in proposal.pairs) or proposal.layout == "long":
        kind, why = proposal.expectation_kind, proposal.expectation_evidence
        remark = why if kind else f"what were customers asked to expect? {KINDS}"
        lines.append(Line("expectation_type", kind or ASK, remark))
    for name, why in (("touchpoint", "in the order in which a customer meets them"), ("wave", "in the order of time")):
        levels = _levels(survey, name) if survey else []
        if len(levels) > 1:
            written = json.dumps(levels, ensure_ascii=False)
            lines.append(Line("", None, f"{name}s = {written}  put them {why}, and drop the mark before the line"))
    return Section(("study",), lines)


def _levels(survey: Found, name: str) -> list[str]:
    """Return the names that stand in the column that is taken for touchpoint or wave."""
    column = next((old for old, new in survey.proposal.rename.items() if new == name), name)
    return sorted(next((dict(one.values) for one in survey.profile.columns if one.name == column), {}))


def _survey(survey: Found, folder: Path, *, declared: bool) -> list[Section]:
    profile, proposal = survey
    rated = bool(proposal.pairs) or proposal.layout == "long"
    named = {"respondent_id", "touchpoint", "wave", "item"} & {
        *proposal.rename.values(),
        *(column.name for column in profile.columns),
    }
    lines = _source(survey, folder)
    if proposal.layout == "wide" or not rated:
        lines.append(Line("layout", "wide", "a row a respondent, a column a question"))
    else:
        lines.append(Line("layout", "long", "a row an answer"))
    lines += _ratings(proposal)
    if "respondent_id" not in named:
        lines.append(Line("respondent", "row", "the file names no respondents: every row is one"))
    if "touchpoint" not in named and not any(entry.touchpoint for entry in proposal.entries):
        lines.append(Line("touchpoint", WHOLE_SURVEY, "what the survey is about; the file has no column of touchpoints"))
    if proposal.importance_kind:
        lines.append(Line("importance_kind", proposal.importance_kind))
    if proposal.missing:
        why = "; ".join(dict.fromkeys(filter(None, proposal.missing_evidence.values())))
        lines.append(Line("missing", dict(proposal.missing), f"codes for no answer: {why}" if why else "codes for no answer"))
    sections = [*_scale(proposal.scale, rated), Section(("responses",), lines), *_renames(("responses",), proposal.rename)]
    if profile.waves:
        waves = [Line(sheet, wave) for sheet, wave in profile.waves.items()]
        sections.append(Section(("responses", "waves"), waves, "sheet of the workbook = wave"))
    if proposal.design:
        sections.append(Section(("design",), [Line(name, column) for name, column in proposal.design.items()]))
    sections += _items(proposal, declared=declared)
    for outcome in proposal.outcomes:
        sections += _outcome(outcome)
    for metric in proposal.metrics:
        lines = [
            Line("touchpoint", _touchpoint_of(survey), "where it is measured"),
            Line("unit", metric.unit or ASK, metric.evidence or metric.question),
            Line("direction", metric.direction or ASK, "whichever is better for the customer: lower or higher"),
            *(Line(name, column) for name in ("expected", "perceived") if (column := getattr(metric, name))),
        ]
        sections.append(Section(("metrics", metric.name), lines))
    return sections


def _touchpoint_of(survey: Found) -> str:
    levels = _levels(survey, "touchpoint")
    return WHOLE_SURVEY if not levels else levels[0] if len(levels) == 1 else ASK


def _ratings(proposal: Proposal) -> list[Line]:
    """Say where the ratings stand: by patterns, or that they were not asked."""
    lines = []
    for rating in RATINGS:
        pattern = proposal.patterns.get(rating)
        asked = any(getattr(pair, rating) or pair.question for pair in proposal.pairs)
        if pattern:
            lines.append(Line(rating, pattern, next((p.evidence for p in proposal.pairs if p.evidence), "")))
        elif rating in ("expectation", "perception") and not asked and proposal.layout != "long":
            lines.append(Line(rating, "", "was not asked"))
    return lines


def _scale(scale: ScaleProposal, rated: bool) -> list[Section]:
    if not rated:
        return []
    if scale.question or scale.low is None or scale.high is None:
        seen = "" if scale.low is None or scale.high is None else f"; the answers go from {scale.low:g} to {scale.high:g}"
        lines = [
            Line("low", ASK, f"the lowest answer that the question offered{seen}"),
            Line("high", ASK, f"the highest answer that the question offered{seen}"),
        ]
    else:
        lines = [Line("low", scale.low, scale.evidence), Line("high", scale.high)]
    if scale.step != 1:
        lines.append(Line("step", scale.step, "distance between answers; 0 where any number is one"))
    labels = [Line(word, number) for word, number in sorted(scale.labels.items(), key=lambda pair: pair[1])]
    return [Section(("scale",), lines), Section(("scale", "labels"), labels, "answers in words")]


def _items(proposal: Proposal, *, declared: bool) -> list[Section]:
    """Name the columns of each item where no pattern leads to them, and say its question and dimension where they are known."""
    if declared:
        return []
    worded = {entry.column: entry.wording for entry in proposal.entries}
    known = {entry.column: entry for entry in proposal.entries}
    asked = set(_patterned(proposal))
    every = any(_of_item(pair, worded, known) for pair in proposal.pairs) or any(
        pair.item not in asked for pair in proposal.pairs
    )
    return [
        Section(
            ("items", pair.item),
            [*_columns(pair, pair.item in asked), *_of_item(pair, worded, known)] or [Line("label", pair.item)],
        )
        for pair in (proposal.pairs if every else [])
    ]


def _patterned(proposal: Proposal) -> list[str]:
    """Return the items to whose columns the patterns lead."""
    return [
        pair.item
        for pair in proposal.pairs
        if proposal.patterns
        and all(
            (getattr(pair, rating) or "") == proposal.patterns.get(rating, "").replace("{item}", pair.item)
            for rating in ("expectation", "perception")
        )
    ]


def _columns(pair: Pair, patterned: bool) -> list[Line]:
    """Name the columns of an item; those of a pair that is not sure must be confirmed."""
    if patterned and pair.confidence >= THRESHOLD:
        return []
    lines = []
    for rating in RATINGS:
        column = getattr(pair, rating)
        unsure = rating in ("expectation", "perception") and bool(pair.question)
        if column or unsure:
            remark = (
                f"{pair.question} (perhaps {column!r})" if unsure and column else pair.question if unsure else pair.evidence
            )
            lines.append(Line(rating, ASK if unsure else column, remark))
    return lines


def _of_item(pair: Pair, worded: Mapping[str, str], known: Mapping[str, Any]) -> list[Line]:
    wording = next((worded[column] for column in (pair.perception, pair.expectation) if worded.get(column)), "")
    entries = [known[column] for column in (pair.expectation, pair.perception) if column in known]
    touchpoint = next((entry.touchpoint for entry in entries if entry.touchpoint), "")
    facts = {"dimension": pair.dimension, "touchpoint": touchpoint, "label": wording}
    return [Line(name, value) for name, value in facts.items() if value]


def _outcome(outcome: OutcomeProposal) -> list[Section]:
    unsure = bool(outcome.question)
    lines = [Line("kind", outcome.kind, outcome.evidence)]
    if outcome.column != outcome.name:
        lines.append(Line("column", outcome.column))
    for name in ("low", "high"):
        value = getattr(outcome, name)
        remark = outcome.question or f"the {name}est answer that the question offered"
        lines.append(Line(name, ASK if unsure or value is None else value, remark if unsure or value is None else ""))
    if outcome.kind == "effort":
        lines.append(Line("better", outcome.better or ASK, "" if outcome.better else "high or low, whichever answer is better"))
    labels = [Line(word, number) for word, number in sorted(outcome.labels.items(), key=lambda pair: pair[1])]
    return [Section(("outcomes", outcome.name), lines), Section(("outcomes", outcome.name, "labels"), labels)]


def _table(found: Found, folder: Path) -> list[Section]:
    """Write a table beside the survey, and what is measured by its times where it has them."""
    proposal, name = found.proposal, found.proposal.table
    place = ("tables", name)
    sections = [Section(place, _source(found, folder)), *_renames(place, proposal.rename)]
    columns = {proposal.rename.get(column.name, column.name) for column in found.profile.columns}
    measured = {what: list(times) for what, times in TIMES.items() if set(times) <= columns}
    if name == "events" and measured:
        lines = [
            Line("touchpoint", "Delivery", "where it is measured"),
            Line("unit", "days"),
            Line("direction", "lower", "the fewer the better"),
            *(Line(what, times) for what, times in measured.items()),
        ]
        sections.append(Section(("metrics", "delivery time"), lines))
    return sections


def _renames(place: tuple[str, ...], rename: Mapping[str, str]) -> list[Section]:
    lines = [Line(old, new) for old, new in rename.items() if old != new]
    return [Section((*place, "rename"), lines, "column of the file = name that cxgap knows it by")]


def _source(found: Found, folder: Path) -> list[Line]:
    """Write how the file is to be read: what differs from what is usual."""
    profile, source = found.profile, found.profile.source
    lines = [Line("file", _relative(profile.path, source, folder), profile.evidence)]
    usual = Source(file="")
    for key in ("platform", "header", "sheet", "table", "query", "encoding", "delimiter", "decimal", "date_format"):
        value = getattr(source, key)
        if value != getattr(usual, key) and not (key == "sheet" and profile.waves):
            lines.append(Line(key, value))
    personal = [entry.column for entry in found.proposal.entries if entry.role == "personal"]
    known = set(profile.personal) if source.platform else set()
    if left := [name for name in personal if name not in known and name not in found.proposal.rename]:
        lines.append(Line("personal", left, "left unread"))
    return lines


def _relative(path: Path, source: Source, folder: Path) -> str:
    if "://" in source.file:
        return source.file
    try:
        return path.resolve().relative_to(folder.resolve()).as_posix()
    except ValueError:
        return str(path.resolve())
