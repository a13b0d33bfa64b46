"""The study file that is proposed for what was found: everything that is settled, and a "?" for what must be asked."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from cxgap.inspection.midnights import midnights_of
from cxgap.inspection.places import ranges_by_wave, standard_of, touchpoints_of
from cxgap.inspection.profile import Profile
from cxgap.inspection.proposed import RATINGS, THRESHOLD, OutcomeProposal, Pair, Proposal, ScaleProposal
from cxgap.inspection.respondents import asked_of
from cxgap.inspection.sampling import sampling_of
from cxgap.inspection.toml import ASK, Line, Section, key_of, text_of, value_of
from cxgap.inspection.words import said
from cxgap.tables.catalog import TABLES
from cxgap.tables.source import Source
from cxgap.vocabulary import EXPECTATION_TYPES, counted

WHOLE_SURVEY = "Whole survey"  # the touchpoint of a survey that names none
TIMES = {"delivered": ("ordered_at", "delivered_at"), "promised": ("ordered_at", "promised_first")}
DELIVERY = re.compile("deliver|liefer|zustell|livraison|entrega|consegna|bezorg|배송|配送|配達|送达")
KINDS = " or ".join([", ".join([*EXPECTATION_TYPES][:-1]), [*EXPECTATION_TYPES][-1]])
LOOSE = "nothing says which of the ratings"  # begins the question about ratings that are no pairs
OPEN = "not settled: "  # begins the remark of what no key waits for
_WHO = (
    "does {column!r} say who answered? Then delete this line, and drop the mark before its line under [responses.rename]; "
    'where every row is another person, type "row"'
)
LONGER = 1.3  # times as high, and it is another scale


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
    sections = [_study(survey, found, timed=bool(tables))]
    if survey is not None:
        sections += _survey(survey, folder, declared=codebook is not None)
    if codebook is not None:
        sections.append(Section(("codebook",), _source(codebook, folder)))
    for one in tables:
        sections += _table(one, folder)
        if one.proposal.table == "events":
            sections += _delivery(one, found)
    return text_of(sections, opening)


def _study(survey: Found | None, found: Sequence[Found], *, timed: bool) -> Section:
    lines = [Line("title", (survey or found[0]).profile.path.stem.replace("_", " ").strip() or "Study", "heads every page")]
    proposal = survey.proposal if survey else Proposal()
    if any(pair.expectation for pair in proposal.pairs) or proposal.layout == "long":
        kind, why = proposal.expectation_kind, proposal.expectation_evidence
        remark = why if kind else f"what were customers asked to expect? {KINDS}"
        lines.append(Line("expectation_type", kind or ASK, remark))
    for name, why in (("touchpoint", "in the order in which a customer meets them"), ("wave", "in the order of time")):
        levels = _levels(survey, name) if survey else []
        if len(levels) > 1:
            lines.append(Line("", None, f"Put the {name}s {why}, and drop the mark before the next line."))
            lines.append(Line("", None, f"{name}s = {json.dumps(levels, ensure_ascii=False)}"))
    if timed:
        lines.append(
            Line("", None, "Times without an offset are taken for UTC; where they are not, drop the mark and correct this:")
        )
        lines.append(Line("", None, 'zone = "America/New_York"'))
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
    parted = declared or any(pair.dimension for pair in proposal.pairs)
    lines += _ratings(proposal, parted=parted)
    doubted = "" if "respondent_id" in named else asked_of(profile, proposal)
    if doubted:
        lines.append(Line("respondent", ASK, _WHO.format(column=doubted)))
    elif "respondent_id" not in named:
        lines.append(Line("respondent", "row", "the file names no respondents: every row is one"))
    if "touchpoint" not in named and not any(entry.touchpoint for entry in proposal.entries):
        lines.append(Line("touchpoint", WHOLE_SURVEY, "what the survey is about; the file has no column of touchpoints"))
    if proposal.importance_kind and (parted or "{dimension}" not in proposal.patterns.get("importance", "")):
        lines.append(Line("importance_kind", proposal.importance_kind))
    if proposal.missing:
        whys = [*dict.fromkeys(filter(None, proposal.missing_evidence.values()))]
        why = whys[0] + (f"; {counted(len(whys) - 1, 'other')} alike" if whys[1:] else "") if whys else ""
        codes = dict(proposal.missing) if any(proposal.missing.values()) else list(proposal.missing)
        lines.append(Line("missing", codes, f"codes for no answer: {why}" if why else "codes for no answer"))
    lines += [Line("", None, f"{OPEN}{question}") for question in (*profile.uncertain, *_other_scales(survey))]
    lines += _open(proposal)
    renames = _renames(("responses",), {name: new for name, new in proposal.rename.items() if name != doubted}, doubted)
    sections = [*_scale(proposal.scale, rated), Section(("responses",), lines), *renames]
    if profile.waves:
        waves = [Line(sheet, wave) for sheet, wave in profile.waves.items()]
        sections.append(Section(("responses", "waves"), waves, "sheet of the workbook = wave"))
    if proposal.design:
        sampling = sampling_of(profile, proposal.design)
        drawn = [Line(name, column) for name, column in sampling.columns.items()]
        sections.append(Section(("design",), [*drawn, *(Line("", None, remark) for remark in sampling.remarks)]))
    sections += _items(proposal, declared=declared)
    for outcome in proposal.outcomes:
        sections += _outcome(outcome, proposal.scale if rated else ScaleProposal())
    for metric in proposal.metrics:
        lines = [
            Line("touchpoint", *_touchpoint_of(survey, [metric.expected, metric.perceived])),
            Line("unit", metric.unit or ASK, metric.evidence or metric.question),
            Line("direction", metric.direction or ASK, "whichever is better for the customer: lower or higher"),
            *(Line(name, column) for name in ("expected", "perceived") if (column := getattr(metric, name))),
        ]
        sections.append(Section(("metrics", metric.name), lines))
    return sections


def _open(proposal: Proposal) -> list[Line]:
    """Say what is not settled and waits in no key: nothing is read otherwise for it."""
    waits = {proposal.scale.question, *(pair.question for pair in proposal.pairs)} - {""}
    waits |= {outcome.question for outcome in proposal.outcomes if outcome.question}
    if not (proposal.pairs or proposal.outcomes or proposal.metrics):
        waits.add(LOOSE)
    left = [question for question in proposal.questions if not any(question.startswith(known) for known in waits)]
    return [Line("", None, f"{OPEN}{question}") for question in left]


def _touchpoint_of(survey: Found, asked: Sequence[str]) -> tuple[str, str]:
    """Name the touchpoint at which columns are filled, and say how that is known."""
    levels = _levels(survey, "touchpoint")
    if len(levels) < 2:
        return (levels or [WHOLE_SURVEY])[0], "where it is measured"
    column = next((old for old, new in survey.proposal.rename.items() if new == "touchpoint"), "touchpoint")
    filled = touchpoints_of(survey.profile, column, [name for name in asked if name])
    return (filled[0], "the only one at which it was asked") if len(filled) == 1 else (ASK, "where it is measured")


def _ratings(proposal: Proposal, *, parted: bool) -> list[Line]:
    """Say where the ratings stand: by patterns, or that they were not asked."""
    lines: list[Line] = []
    if proposal.candidates:  # two matrices, of which nobody says which is which
        either = " or ".join(value_of(pattern) for pattern in proposal.candidates.values())
        why = next((pair.question for pair in proposal.pairs if pair.question), "")
        return [Line(rating, ASK, f"{either}: {why}") for rating in proposal.candidates]
    for rating in RATINGS:
        pattern = proposal.patterns.get(rating)
        asked = any(getattr(pair, rating) or pair.question for pair in proposal.pairs)
        if pattern and "{dimension}" in pattern and not parted:
            then = f"{rating} = {value_of(pattern)}"
            lines.append(Line("", None, f"once items have a dimension, in a codebook or under [items], add here: {then}"))
        elif pattern:
            why = next((pair.evidence for pair in proposal.pairs if pair.evidence), "") if not lines else ""
            lines.append(Line(rating, pattern, why))
        elif rating in ("expectation", "perception") and not asked and proposal.layout != "long":
            lines.append(_unasked(rating, proposal))
    return lines


def _unasked(rating: str, proposal: Proposal) -> Line:
    """Say that a rating was not asked, or ask where a file that holds nothing else may have it."""
    if proposal.pairs or proposal.outcomes or proposal.metrics:
        return Line(rating, "", "nothing in the file says that it was asked")
    doubt = next((f"; {question}" for question in proposal.questions if question.startswith(LOOSE)), "")
    return Line(rating, ASK, f'the columns that hold the {rating}, as a pattern such as "q{{item}}"; "" where none does{doubt}')


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
    plain, _, more = scale.question.partition("; ")
    if more := (more if plain.startswith("what are the lowest") else scale.question):
        lines[0] = Line("low", ASK, f"{lines[0].remark}; {more}")
    known = {word: number for word, number in scale.labels.items() if word not in scale.unsettled}
    labels = [Line(word, number) for word, number in sorted(known.items(), key=lambda pair: pair[1])]
    labels += [Line(word, ASK, "its number; the higher, the better") for word in scale.unsettled]
    return [Section(("scale",), lines), Section(("scale", "labels"), labels, "answers in words")]


def _other_scales(survey: Found) -> list[str]:
    """Ask about the scale of a wave whose highest answer is far from that of another."""
    profile, proposal = survey
    column = next((old for old, new in proposal.rename.items() if new == "wave"), "wave")
    column = column if any(one.name == column for one in profile.columns) else ""
    rated = [name for pair in proposal.pairs for name in (pair.expectation, pair.perception) if name]
    if not (column or profile.waves) or not rated or proposal.layout == "long" or proposal.scale.labels:
        return []
    ends = ranges_by_wave(profile, column, rated, proposal.missing)
    tops = {wave: high for wave, (_, high) in ends.items()}
    if not tops or max(tops.values()) < LONGER * min(tops.values()):
        return []
    told = ", ".join(f"{wave} from {low:g} to {high:g}" for wave, (low, high) in sorted(ends.items()))
    return [f"the answers go in {told}: are the waves on one scale? If not, declare the others under [scale.waves]"]


def _items(proposal: Proposal, *, declared: bool) -> list[Section]:
    """Name the columns of each item where no pattern leads to them, and say its question and dimension where they are known."""
    if declared:
        return []
    worded = {entry.column: entry.wording for entry in proposal.entries}
    known = {entry.column: entry for entry in proposal.entries}
    asked = {pair.item for pair in proposal.pairs} if proposal.candidates else set(_patterned(proposal))
    every = any(_of_item(pair, worded, known) for pair in proposal.pairs) or any(
        pair.item not in asked for pair in proposal.pairs
    )
    return [
        Section(
            ("items", pair.item),
            [*([] if proposal.candidates else _columns(pair, pair.item in asked)), *_of_item(pair, worded, known)]
            or [Line("label", pair.item)],
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
    lines: list[Line] = []
    for rating in RATINGS:
        column = getattr(pair, rating)
        unsure = rating in ("expectation", "perception") and bool(pair.question)
        if column or unsure:
            remark = (
                f"{pair.question} (perhaps {column!r})" if unsure and column else pair.question if unsure else pair.evidence
            )
            remark = remark if unsure or not lines else ""
            lines.append(Line(rating, ASK if unsure else column, remark))
    return lines


def _of_item(pair: Pair, worded: Mapping[str, str], known: Mapping[str, Any]) -> list[Line]:
    wording = next((worded[column] for column in (pair.perception, pair.expectation) if worded.get(column)), "")
    wording = said(wording).topic or wording
    entries = [known[column] for column in (pair.expectation, pair.perception) if column in known]
    touchpoint = next((entry.touchpoint for entry in entries if entry.touchpoint), "")
    facts = {"dimension": pair.dimension, "touchpoint": touchpoint, "label": wording if wording != pair.item else ""}
    return [Line(name, value) for name, value in facts.items() if value]


def _outcome(outcome: OutcomeProposal, scale: ScaleProposal) -> list[Section]:
    unsure = bool(outcome.question)
    ends = (outcome.low, outcome.high)
    alike = unsure and outcome.kind != "recommend" and None not in ends and ends == (scale.low, scale.high)
    lines = [Line("kind", outcome.kind, outcome.evidence)]
    if outcome.column != outcome.name:
        lines.append(Line("column", outcome.column))
    if alike:
        lines.append(
            Line("", None, "low and high are those of the ratings, as far as the answers show; say so here if they are others")
        )
    for name in () if alike else ("low", "high"):
        value = getattr(outcome, name)
        remark = outcome.question or f"the {name}est answer that the question offered"
        lines.append(Line(name, ASK if unsure or value is None else value, remark if unsure or value is None else ""))
    if outcome.kind == "effort":
        lines.append(Line("better", outcome.better or ASK, "" if outcome.better else "high or low, whichever answer is better"))
    labels = [Line(word, number) for word, number in sorted(outcome.labels.items(), key=lambda pair: pair[1])]
    return [Section(("outcomes", outcome.name), lines), Section(("outcomes", outcome.name, "labels"), labels)]


def _table(found: Found, folder: Path) -> list[Section]:
    """Write a table beside the survey."""
    proposal, name = found.proposal, found.proposal.table
    place = ("tables", name)
    columns = {proposal.rename.get(column.name, column.name) for column in found.profile.columns}
    lines = _source(found, folder)
    if TABLES[name].required[0] not in columns:
        lines.append(Line("id", "row", f"the file has no {TABLES[name].required[0]}: every row is another"))
    keyed = f"no column is the {TABLES[name].required[0]} "  # then every row is another
    lines += [Line("", None, f"{OPEN}{question}") for question in proposal.questions if not question.startswith(keyed)]
    if name == "events" and not any(line.key == "date_format" for line in lines):
        lines += [Line("", None, text) for text in midnights_of(found.profile.columns, proposal.rename)]
    return [Section(place, lines), *_renames(place, proposal.rename)]


def _delivery(events: Found, found: Sequence[Found]) -> list[Section]:
    """Measure how long deliveries took, where the events say it: at the touchpoint whose standard speaks of it."""
    columns = {events.proposal.rename.get(column.name, column.name) for column in events.profile.columns}
    measured = {what: list(times) for what, times in TIMES.items() if set(times) <= columns}
    if not measured:
        return []
    name, where = "delivery time", Line("touchpoint", "Delivery", "where it is measured")
    survey = next((one for one in found if one.proposal.table == "responses"), None)
    if survey is not None and len(_levels(survey, "touchpoint")) > 1:
        where = Line("touchpoint", ASK, "where it is measured")
    for standards in (one for one in found if one.proposal.table == "standards"):
        touchpoint, metric = standard_of(standards.profile, standards.proposal.rename, DELIVERY, "days")
        if touchpoint and metric:
            name, where = metric, Line("touchpoint", touchpoint, f"{standards.profile.path.name} has the standard for it there")
    lines = [
        where,
        Line("unit", "days"),
        Line("direction", "lower", "the fewer the better"),
        *(Line(what, times) for what, times in measured.items()),
    ]
    return [Section(("metrics", name), lines)]


def _renames(place: tuple[str, ...], rename: Mapping[str, str], doubted: str = "") -> list[Section]:
    """Write the names that columns get, and the one that the column `doubted` gets if it says who answered."""
    lines = [Line(old, new) for old, new in rename.items() if old != new]
    if doubted:
        lines.append(Line("", None, f'{key_of(doubted)} = "respondent_id"'))
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
