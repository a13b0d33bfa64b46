"""The study file: what it may say, and what is said when it does not. docs/study.md explains each key."""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError, field_validator, model_validator

from cxgap.errors import StudyError, nearest
from cxgap.tables.section import Section
from cxgap.tables.sections import About, Days, Drawn, Factors, Item, Kano, KnownMargin, Link, Metric, Outcome, Range, Scale
from cxgap.tables.source import Responses, Source, TableSource
from cxgap.vocabulary import EXPECTATION_TYPES

VERSION = 1  # of the form of study files; a later one is refused, because what it says would be guessed at


class StudyFile(Section):
    """The whole study file."""

    version: int = VERSION  # of the form of the file
    study: About
    scale: Scale = Scale(low=0, high=1)  # must be given where anything was rated
    responses: Responses = Responses(file="", layout="long")  # must be given where the study has a survey
    design: Drawn = Drawn()
    margins: dict[str, KnownMargin] = {}
    items: dict[str, Item] = {}
    codebook: Source | None = None
    tables: dict[str, TableSource] = {}
    calendars: dict[str, Days] = {}
    metrics: dict[str, Metric] = {}
    outcomes: dict[str, Outcome] = {}
    links: dict[str, Link] = {}
    factors: Factors = Factors()
    kano: Kano = Kano()

    @model_validator(mode="before")
    @classmethod
    def _outcomes_on_the_scale(cls, contents: object) -> object:
        """Give an outcome that names no lowest and highest answer those of the ratings, or of its kind."""
        outcomes = contents.get("outcomes") if isinstance(contents, Mapping) else None
        if not isinstance(contents, Mapping) or not isinstance(outcomes, Mapping):
            return contents
        made = {}
        for name, outcome in outcomes.items():
            made[name] = outcome
            if isinstance(outcome, Mapping) and not {"low", "high"} & set(outcome):
                usual = {"low": 0, "high": 10} if outcome.get("kind") == "recommend" else contents.get("scale")
                known = {key: usual[key] for key in ("low", "high") if key in usual} if isinstance(usual, Mapping) else {}
                made[name] = {**known, **outcome}
        return {**contents, "outcomes": made}

    @field_validator("tables", mode="before")
    @classmethod
    def _sources(cls, tables: object) -> object:
        """Take a file name for a section that names the file."""
        if not isinstance(tables, Mapping):
            return tables
        return {name: {"file": source} if isinstance(source, str) else source for name, source in tables.items()}

    @field_validator("calendars")
    @classmethod
    def _sometimes(cls, calendars: dict[str, Days]) -> dict[str, Days]:
        for name in calendars:
            if name != name.strip() or not name:
                raise ValueError(f"must have names without spaces around them, and not {name!r}")
        return calendars

    @field_validator("version")
    @classmethod
    def _known_form(cls, version: int) -> int:
        if not 1 <= version <= VERSION:
            raise ValueError(f"must be from 1 to {VERSION}, and {version} is of a later cxgap; update cxgap to read the file")
        return version

    @property
    def rated(self) -> bool:
        """Whether anything is rated on the study's scale, which is declared then."""
        return "scale" in self.model_fields_set

    @property
    def surveyed(self) -> bool:
        """Whether the study has a survey."""
        return bool(self.responses.file)

    @property
    def margin_columns(self) -> list[str]:
        """Names of the columns of the survey that margins speak of, each once; commas cross columns."""
        columns = [margin.column or name for name, margin in self.margins.items()]
        return list(dict.fromkeys(part.strip() for column in columns for part in column.split(",") if part.strip()))

    @property
    def drawn_columns(self) -> list[str]:
        """Names of the columns that say how respondents were drawn, and whom they stand for."""
        return list(dict.fromkeys([*self.design.columns, *self.margin_columns]))

    @model_validator(mode="after")
    def _declared(self) -> StudyFile:
        asked = [self.responses.adequate, *(item.adequate for item in self.items.values())]
        if any(asked) and self.study.expectation_type == "adequate":
            raise ValueError(
                '[responses] adequate is a third rating, and expectation_type = "adequate" says that the expectation is that '
                "already; name the desired level as the expectation, or leave `adequate` out"
            )
        if "responses" in self.model_fields_set and not self.responses.file.strip():
            raise ValueError("[responses] must name its file, found from the folder of the study file, and `file` is blank")
        if "kano" in self.model_fields_set and "kano" not in self.tables:
            raise ValueError('[kano] says how a table is written, and there is none; add kano = "kano.csv" under [tables]')
        if any((self.factors.controllable, self.factors.uncontrollable)) and not self.surveyed:
            raise ValueError("[factors] must name columns of the survey, and the study has none; drop the section")
        for name, source in self.tables.items():
            if source.calendar is not None and name != "events":
                raise ValueError(f"[tables] may name a calendar for events alone, and names one for {name}; drop it")
            if source.calendar is not None and source.calendar not in self.calendars:
                near = nearest(source.calendar, self.calendars)
                raise ValueError(f"[tables] names the calendar {source.calendar!r}; declare it under [calendars].{near}")
        return self


# What to type where a section or key that has no default is missing: nobody may guess these.
_KINDS = "\n".join(f'  "{kind}": {meaning}' for kind, meaning in EXPECTATION_TYPES.items())
_NEEDED = {
    "study": f'Add [study] with title = "..." and expectation_type = "...", one of:\n{_KINDS}',
    "study.title": 'Add title = "..." under [study].',
    "study.expectation_type": (
        'Add expectation_type = "..." under [study], or expectation = "" under [responses] where none was asked. '
        f"It is one of:\n{_KINDS}"
    ),
    "scale": "Add [scale] with low = 1 and high = 7, or whatever the lowest and highest answer of the question are.",
    "scale.low": "Add low = 1 under [scale], or whatever the lowest answer of the question is.",
    "scale.high": "Add high = 7 under [scale], or whatever the highest answer of the question is.",
    "responses": 'Add [responses] with file = "..." and layout = "wide" or "long".',
    "responses.file": 'Add file = "..." under [responses], relative to the study file.',
    "responses.layout": 'Add layout = "wide" (a column a question) or "long" (a row an answer) under [responses].',
}
_OF_A_METRIC = {
    "touchpoint": 'touchpoint = "Receive the parcel"',
    "unit": 'unit = "days", "hours", "minutes", "share" or any other word',
    "direction": 'direction = "lower" or "higher", whichever is better for the customer',
}
_OF_A_MARGIN = {
    "totals": 'totals = { "18-34" = 410, "35+" = 590 }, in people or shares of the population',
    "source": 'source = "customer file, all accounts", the table of the population that the totals are from',
    "date": "date = 2026-01-01, the day that the source speaks of",
}
_OF_AN_OUTCOME = {
    "kind": 'kind = "satisfaction", "recommend", "effort", "disconfirmation" or "emotion"',
    "low": "low = 1, or whatever the lowest answer of the question is",
    "high": "high = 7, or whatever the highest answer of the question is",
}
DATA_FILES = frozenset(  # endings of files that no study file has
    ".csv .tsv .tab .txt .psv .dat .xlsx .xlsm .xlsb .xls .ods .sav .zsav .por .parquet .feather .db .sqlite .duckdb .json "
    ".gz .zip".split()
)
UNANSWERED = "?"
_QUESTION = re.compile(r"""\s*(?P<key>[^#=]+?)\s*=\s*(\[\s*)?["']\?["'][\s\],]*(#\s*(?P<remark>.*))?$""")
_NAMES = {"study.expectation_type": "the expectation type", "scale": "the scale"}


def load_spec(path: Path) -> tuple[StudyFile, bytes]:
    """Read a study file.

    Returns
    -------
    The checked contents, and the bytes they came from.

    Raises
    ------
    StudyError : the file cannot be read, is not TOML, or does not say what it must; every problem is one line.
    """
    try:
        raw = path.read_bytes()
        contents = tomllib.loads(raw.decode("utf-8-sig"))
    except OSError as error:
        raise StudyError(f"the study file {path} must be a file that can be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        _refuse_data(path, raw)
        raise StudyError(f"{path.name} must be UTF-8, and byte {error.start + 1} is not; save it as UTF-8.") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        _refuse_data(path, raw)
        raise StudyError(f"{path.name} must be TOML, and is not: {error}.") from error
    faults = [*_unanswered(path.name, raw.decode("utf-8-sig")), *_undeclared(path.name, contents)]
    try:
        spec = StudyFile.model_validate(contents)
    except ValidationError as error:
        problems = [problem for problem in error.errors() if problem["input"] != UNANSWERED]
        faults += [_sentence(path.name, problem["loc"], problem) for problem in problems]
        if not faults:  # a question within a list or table of one line
            asked = {".".join(map(str, problem["loc"])): None for problem in error.errors()}
            faults = [f'{path.name}: `{place}` waits for an answer in place of "?".' for place in asked]
    if faults:
        raise StudyError("\n".join(faults))
    return spec, raw


def _refuse_data(path: Path, raw: bytes) -> None:
    """Raise where data are given in place of a study file, which is text in TOML."""
    if path.suffix.casefold() in DATA_FILES or (path.suffix.casefold() != ".toml" and b"=" not in raw[:4096]):
        raise StudyError(
            f"{path.name} must be a study file, and is a data file; type `cxgap inspect {shlex.quote(path.name)}` for a study "
            "file that reads it."
        )


def _unanswered(file: str, text: str) -> list[str]:
    """Ask what `inspect` left open: a line each, with the remark that stands behind it."""
    asked = []
    for place, line in enumerate(text.splitlines(), start=1):
        if (match := _QUESTION.match(line)) and match["key"].strip() != "missing":  # where "?" may be a code for no answer
            key, remark = match["key"].strip(), (match["remark"] or "").strip()
            asked.append(f'{file}, line {place}: `{key}` waits for an answer in place of "?"{f": {remark}" if remark else "."}')
    return asked


def _undeclared(file: str, contents: Mapping[str, Any]) -> list[str]:
    """Name what a study must say for what it holds, and does not."""
    lacking, survey, tables = [], contents.get("responses"), contents.get("tables")
    study, scale = contents.get("study"), contents.get("scale")
    alone = survey is None and not tables
    if alone:
        lacking.append("responses")
    asked = [survey.get(rating, rating) for rating in ("expectation", "perception")] if isinstance(survey, Mapping) else [alone]
    if isinstance(study, Mapping) and "expectation_type" not in study and any(asked[:1]):
        lacking.append("study.expectation_type")
    if scale is None and (any(asked) or (isinstance(tables, Mapping) and {"managers", "employees"} & set(tables))):
        lacking.append("scale")
    return [_must_declare(file, place) for place in lacking]


def _must_declare(file: str, place: str) -> str:
    return f"{file} must declare {_NAMES.get(place, f'`{place}`')}, and does not. {_NEEDED.get(place, f'Add {place}.')}"


def _sentence(file: str, loc: tuple[int | str, ...], problem: Mapping[str, Any]) -> str:
    place, kind, message = ".".join(map(str, loc)), problem["type"], str(problem["msg"])
    if kind == "missing" and loc[0] in ("metrics", "outcomes", "margins"):
        examples = {"metrics": _OF_A_METRIC, "outcomes": _OF_AN_OUTCOME, "margins": _OF_A_MARGIN}
        wanted = examples[str(loc[0])][str(loc[-1])]
        return f"{file}: `{'.'.join(map(str, loc[:-1]))}` must have a {loc[-1]}, such as {wanted}."
    if kind == "missing":
        return _must_declare(file, place)
    if kind == "extra_forbidden":
        keys = sorted(_section(loc[:-1]).model_fields)
        where = f"[{'.'.join(map(str, loc[:-1]))}]" if loc[1:] else "the file"
        return f"{file}: {where} has no key {loc[-1]!r}; it has {keys}.{nearest(str(loc[-1]), keys)}"
    if kind == "value_error":
        sentence = f"{file}: {f'`{place}` ' if place else ''}{message.removeprefix('Value error, ')}"
        return sentence if sentence.endswith((".", "?")) else f"{sentence}."
    value, ending = repr(problem["input"])[:80], "."
    if kind == "literal_error":
        ending = "." + nearest(str(problem["input"]), re.findall("'([^']*)'", message))
        ending += f" These are:\n{_KINDS}" if place == "study.expectation_type" else ""
    elif kind == "string_type":
        message = "Input should be text, in quotes"
    elif kind in ("model_type", "dict_type"):
        message = "Input should be a section"
    return f"{file}: `{place}` {message.replace('Input should', 'must')}, not {value}{ending}"


def _section(loc: tuple[int | str, ...]) -> type[BaseModel]:
    """Return the model of the section that `loc` leads to."""
    known: dict[str, type[BaseModel]] = {"study": About, "scale": Scale, "design": Drawn, "responses": Responses}
    known |= {"codebook": Source, "tables": TableSource, "items": Item, "metrics": Metric, "calendars": Days}
    known |= {"outcomes": Outcome, "margins": KnownMargin, "links": Link, "factors": Factors, "kano": Kano}
    return (Range if str(loc[0]) == "scale" and loc[1:] else known[str(loc[0])]) if loc else StudyFile
